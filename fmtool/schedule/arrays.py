"""The schedule's solver for anyone's arrays: one plan for each facility, resources that recur, a proven gap.

Any multiple-choice problem fits: a facility is a group of which exactly one member is taken, a year is a
resource with a limit. With a fund, what one year leaves another may use.

    min  sum over n of cost[n] * x[n]   with, for each facility, exactly one of its plans taken, and for each year y
    sum over n of outlay[n, y] * x[n]  -  draw[y]  +  deposit[y]  <=  budget[y]
    fund[y]  =  (1 + i) * fund[y-1]  +  deposit[y]  -  draw[y]  >=  floor     (with a fund only)

Memory: a plan costs what its row of ``outlay`` costs. As a sparse matrix of single precision with four outlays a plan
that is 40 bytes with cost and facility; 300,000 facilities of 140 plans are 42 million rows and 1.3 GB.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from fmtool.errors import InfeasibleScheduleError, ScheduleInputsError, SolverError
from fmtool.schedule.decompose.choices import Choices, Floats, Indices
from fmtool.schedule.decompose.coupling import Coupling
from fmtool.schedule.decompose.elsewhere import held_by
from fmtool.schedule.decompose.linear import release
from fmtool.schedule.decompose.restricted import Plan
from fmtool.schedule.decompose.search import Outcome, Search
from fmtool.schedule.inputs import FundInputs
from fmtool.text import Text
from fmtool.workers import Workers

_EXACT = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class ArraySolution:
    """One plan for each facility, and how good the choice is proven to be."""

    choice: Indices
    """(F,) row of the chosen plan in the arrays given."""
    objective: float
    bound: float
    """No choice within the limits costs less."""
    duals: Floats
    """(Y,) what one more unit of each year's budget would save at the bound's prices."""
    draw: Floats
    """(Y,) taken from the fund; zeros without one."""
    deposit: Floats
    balance: Floats
    """(Y,) what the fund holds at the end of each year."""
    is_optimal: bool
    """Whether the gap asked for was reached."""
    seconds: float
    cpu_seconds: float
    log: list[dict[str, Any]] = field(default_factory=list)
    """One entry a step: objective and bound known after it, seconds since the start."""

    @property
    def gap(self) -> float:
        """(objective - bound) / |objective|, zero when they are equal."""
        apart = max(self.objective - self.bound, 0.0)
        return apart / abs(self.objective) if self.objective else (np.inf if apart else 0.0)


def solve_arrays(
    cost: ArrayLike, facility: ArrayLike, outlay: NDArray[np.floating] | sparse.sparray | sparse.spmatrix,
    budget: ArrayLike, *, fund: FundInputs | None = None, gap: float = 0.001, time_limit_s: float = 60.0,
    threads: int = 2, seed: int = 0, progress: Callable[[str, float | None, float], None] | None = None,
    workers: Workers | None = None,
) -> ArraySolution:  # fmt: skip
    """Choose one plan for each facility at the least cost within every year's budget.

    Two facilities that would each rather spend in the first year, of which only one may:

    >>> import numpy as np
    >>> outlay = np.array([[5.0, 0.0], [0.0, 5.0], [5.0, 0.0], [0.0, 5.0]])
    >>> found = solve_arrays([10.0, 14.0, 10.0, 13.0], [0, 0, 1, 1], outlay, [5.0, 5.0], gap=0.0)
    >>> found.choice.tolist(), found.objective, found.bound
    ([0, 3], 23.0, 23.0)

    Parameters
    ----------
    cost
        (N,) what each plan costs; a value to be made largest is given with its sign turned.
    facility
        (N,) facility 0 ... F-1 of each plan, in any order; ascending saves a copy.
    outlay
        (N, Y) what each plan uses in each year: dense, or sparse with one row a plan. Single precision is enough.
    budget
        (Y,) limits.
    fund
        Carries money from year to year; None = every year stands alone.
    gap
        Stop when (objective - bound) / |objective| is no larger.
    time_limit_s
        Seconds after which the best plan known is returned.
    threads
        How many work at once; with two or more, one proves while another searches.
    seed
        Of samples and neighbourhoods; given time enough to close the gap, one thread gives the same answer again.
    progress
        Told each step's name, the objective known (None = none yet) and the bound; by more than one thread.
    workers
        Who prices the facilities; with one thread the answer is the same, to the last bit, whoever they are.

    Raises ScheduleInputsError where the arrays do not fit each other or hold no numbers, InfeasibleScheduleError where
    no choice is proven to exist, SolverError where none was found in time.
    """
    started, cpu = time.perf_counter(), time.process_time()
    choices, coupling, order = _read(cost, facility, outlay, budget, fund)
    with held_by(workers, choices) as held:
        found = Search(
            held, coupling, gap=gap, deadline=started + time_limit_s, threads=threads, seed=seed, tell=progress
        ).run()
    release()
    if found.plan is None:
        _refuse_if_hopeless(choices, coupling)
        raise _nothing(found, time_limit_s)
    return _told(found, found.plan, order, choices.rows, gap, (started, cpu))


def _told(
    found: Outcome, plan: Plan, order: Indices | None, years: int, gap: float, since: tuple[float, float]
) -> ArraySolution:
    """Return the outcome in the caller's order, with what became of the fund."""
    money = plan.money if plan.money.size else np.zeros(3 * years)
    bound = min(found.bound, plan.objective)
    return ArraySolution(
        plan.pick if order is None else order[plan.pick],
        plan.objective,
        bound,
        found.prices[:years],
        money[:years],
        money[years : 2 * years],
        money[2 * years :],
        plan.objective - bound <= max(gap, _EXACT) * abs(plan.objective),
        time.perf_counter() - since[0],
        time.process_time() - since[1],
        found.log,
    )


def _read(
    cost: ArrayLike,
    facility: ArrayLike,
    outlay: Any,  # noqa: ANN401  - dense or any sparse kind
    budget: ArrayLike,
    fund: FundInputs | None,
) -> tuple[Choices, Coupling, Indices | None]:
    costs, owner, limits = np.asarray(cost), np.asarray(facility), np.asarray(budget, dtype=float)
    use: Any = sparse.csr_array(outlay) if sparse.issparse(outlay) else np.asarray(outlay)  # type: ignore[call-overload]
    if costs.dtype not in (np.float32, np.float64):
        costs = costs.astype(float)
    if use.dtype not in (np.float32, np.float64):
        use = use.astype(float)
    faults = _faults(costs, owner, use, limits)
    if faults:
        raise ScheduleInputsError(
            Text("solve_arrays への入力に誤りがあります", "the arrays given to solve_arrays are faulty"), None, faults
        )
    order = None
    if owner.size and (np.diff(owner) < 0).any():
        order = np.argsort(owner, kind="stable")
        costs, owner, use = costs[order], owner[order], use[order]
    first = np.searchsorted(owner, np.arange(int(owner[-1]) + 2)).astype(np.int64)
    if (np.diff(first) == 0).any():
        bare = np.flatnonzero(np.diff(first) == 0)
        raise ScheduleInputsError(
            Text(
                f"選べる計画のない施設が{bare.size}件あります（最初は {bare[0]}）",
                f"{bare.size} facilities have no plan, the first is {bare[0]}",
            )
        )
    return Choices(costs, first, use), coupling_of(limits, fund), order


def _faults(cost: Any, owner: Any, use: Any, limits: Floats) -> list[Text]:  # noqa: ANN401  - what a caller may have given
    count, years = np.size(cost), np.size(limits)
    shapes = {
        "cost": (cost.shape, (count,)),
        "facility": (owner.shape, (count,)),
        "outlay": (use.shape, (count, years)),
        "budget": (limits.shape, (years,)),
    }
    faults = [
        Text(f"{name} の形が {want} ではなく {shape} です", f"{name} must have shape {want}, not {shape}")
        for name, (shape, want) in shapes.items()
        if shape != want
    ]
    numbers = {"cost": cost, "outlay": use.data if isinstance(use, sparse.csr_array) else use, "budget": limits}
    faults += [
        Text(f"{name} に有限の数でない値があります", f"{name} holds values that are not finite numbers")
        for name, values in numbers.items()
        if not np.isfinite(values if name != "budget" else np.where(np.isposinf(values), 0.0, values)).all()
    ]
    if not count:
        faults.append(Text("計画が一つもありません", "there is no plan"))
    elif not np.issubdtype(owner.dtype, np.integer) or owner.min() < 0:
        faults.append(Text("facility は 0 以上の整数です", "facility must be whole numbers from 0"))
    return faults


def coupling_of(budget: Floats, fund: FundInputs | None) -> Coupling:
    """Return the budget rows and, with a fund, the rows that carry it; columns draw, deposit and fund, a year each."""
    years = len(budget)
    if fund is None:
        none = np.zeros(0)
        return Coupling(budget, np.zeros(years, dtype=bool), sparse.csc_array((years, 0)), none, none, none)
    one = sparse.eye_array(years)
    rate = 1 + fund.interest_rate
    carried = one - rate * sparse.eye_array(years, k=-1)
    money = sparse.csc_array(sparse.vstack([sparse.hstack([-one, one, 0 * one]), sparse.hstack([one, -one, carried])]))
    opening = np.zeros(years)
    opening[0] = rate * fund.opening
    # More than all that ever comes in is never in the fund, put by or drawn.
    most = (fund.opening + float(np.maximum(budget[np.isfinite(budget)], 0).sum())) * max(rate, 1.0) ** years + 1.0
    high = np.concatenate(
        [
            np.full(years, min(fund.draw_limit, most)),
            np.full(years, min(fund.deposit_limit, most)),
            np.full(years, most),
        ]
    )
    low = np.concatenate([np.zeros(2 * years), np.full(years, fund.floor)])
    is_equal = np.arange(2 * years) >= years
    return Coupling(np.concatenate([budget, opening]), is_equal, money, np.zeros(3 * years), low, high)


def _refuse_if_hopeless(choices: Choices, coupling: Coupling) -> None:
    """Refuse what one year alone makes impossible: the least that all facilities use of it is over its limit."""
    if coupling.money.shape[1]:
        return
    for year in range(choices.rows):
        unit = np.zeros(choices.rows)
        unit[year] = 1.0
        least = _least_use(choices, unit)
        if least > coupling.limit[year] + 1e-6 * max(1.0, abs(coupling.limit[year])):
            raise InfeasibleScheduleError(
                Text(
                    f"{year}番の年は、すべての施設が最も少なく使っても {least:g} で、上限 {coupling.limit[year]:g} を超えます",
                    f"year {year}: even the least that all facilities use, {least:g}, is over the limit {coupling.limit[year]:g}",
                )
            )


def _least_use(choices: Choices, unit: Floats) -> float:
    bare = Choices(np.zeros(len(choices.cost), dtype=np.float32), choices.first, choices.use)
    return float(bare.respond(unit)[0].sum())


def _nothing(found: Outcome, seconds: float) -> Exception:
    if found.is_infeasible:
        return InfeasibleScheduleError(Text("すべての上限を守る選び方は存在しません", "no choice keeps every limit"))
    return SolverError(
        Text(
            f"制限時間{seconds:g}秒のうちに選び方が見つかりませんでした。存在しないとは限りません",
            f"no choice within the limits was found within {seconds:g} s; one may still exist",
        ),
        Text("time_limit_s を延ばしてください", "raise time_limit_s"),
    )
