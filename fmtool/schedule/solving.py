"""From inputs to a schedule with a proven gap.

The relaxation gives row prices; at those prices a life plan that costs more above its facility's
cheapest than the gap between a known schedule and the bound is in no better schedule. So a small
integer problem over the few plans left gives a schedule, and, when nothing else could be in one, a bound.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fmtool.errors import SolverError
from fmtool.schedule.families import FAMILIES
from fmtool.schedule.infeasible import explain_infeasible, proven_infeasible
from fmtool.schedule.inputs import Bools, Floats, Ints, ScheduleInputs
from fmtool.schedule.problem import SolveOptions
from fmtool.schedule.search import Progress, Search, relative_gap
from fmtool.schedule.tighten import dominated, tighten
from fmtool.text import Text
from fmtool.workers import Workers

_EXACT = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """One life plan for each facility, and how good the schedule is proven to be; money in millions."""

    choice: Ints
    """(F,) row of the chosen life plan."""
    money: Floats
    """(M,) money columns, as ``money_columns`` lists them."""
    objective: float
    best_bound: float
    is_optimal: bool
    """Whether the gap asked for was reached before the time limit."""
    seconds: float
    duals: dict[str, float] = field(default_factory=dict)
    """Row name to its price in the relaxation: what one more unit on the right side saves (negative)."""
    at_prices: dict[str, Floats] = field(default_factory=dict)
    """Family to what each life plan (N,) uses of its rows, at their prices in the relaxation: what its use takes from
    others (positive) or brings (negative). NaN = removed before the search."""
    life_plans: int = 0
    life_plans_kept: int = 0
    columns: int = 0
    log: list[dict[str, Any]] = field(default_factory=list)
    """One entry a step: what was solved, its size, what it gave, seconds since the start."""

    @property
    def gap(self) -> float:
        """Distance between objective and bound over the objective's size."""
        return relative_gap(self.objective, self.best_bound)


def solve_schedule(
    inputs: ScheduleInputs,
    options: SolveOptions | None = None,
    progress: Progress | None = None,
    start: Ints | None = None,
    *,
    workers: Workers | None = None,
) -> Solution:
    """Choose one life plan for each facility at the least objective within every limit.

    Parameters
    ----------
    inputs
        The case.
    options
        Solver, gap and time limit.
    progress
        Is told each step.
    start
        (F,) rows of a schedule known, to begin from; where it breaks a limit it is left aside.
    workers
        Who solves the parts of a large case; None = processes of this machine, as many as ``options.threads``.

    Raises
    ------
    InfeasibleScheduleError
        When no schedule keeps every limit; names the families and years in conflict.
    SolverError
        When none was found in the time given.
    """
    options = options or SolveOptions()
    tell = progress or (lambda _text: None)
    started = time.perf_counter()
    deadline = started + options.time_limit_s
    blocks = [rows for family in FAMILIES if (rows := family.rows(inputs)) is not None]
    undominated = ~dominated(inputs)
    keep = tighten(inputs, blocks, undominated)
    if np.bincount(inputs.facility[keep], minlength=len(inputs.facility_ids)).min(initial=1) == 0:
        raise explain_infeasible(inputs, options, blocks, undominated)
    kept = np.flatnonzero(keep)
    small = inputs.take(keep)
    tell(
        Text(
            f"生涯計画 {len(keep):,}件から{len(kept):,}件に絞りました",
            f"{len(kept):,} of {len(keep):,} life plans left",
        )
    )
    search = Search(small, [block.over(keep) for block in blocks], options, deadline, tell, workers)
    if start is not None and keep[start].all():
        search.begin_from(np.searchsorted(kept, start).astype(np.int32))
    search.relax()
    # No mix of life plans keeps every row: proving it on the limits themselves spares a search that finds nothing.
    if search.relaxation.is_short and (error := proven_infeasible(inputs, options, blocks, undominated)) is not None:
        raise error
    search.run()
    if search.choice is None:
        if search.is_infeasible:
            raise explain_infeasible(inputs, options, blocks, undominated)
        raise _none_found(options)
    return Solution(
        kept[search.choice].astype(np.int32),
        search.money,
        search.objective,
        min(search.bound, search.objective),
        relative_gap(search.objective, search.bound) <= options.gap + _EXACT,
        time.perf_counter() - started,
        search.prices(),
        {family: _spread(values, keep) for family, values in search.at_prices().items()},
        len(keep),
        len(kept),
        search.columns,
        search.log,
    )


def _spread(values: Floats, keep: Bools) -> Floats:
    full = np.full(len(keep), np.nan)
    full[keep] = values
    return full


def _none_found(options: SolveOptions) -> SolverError:
    limit = f"{options.time_limit_s:g}"
    hint = Text("`[solver]` の time_limit_s を延ばしてください", "raise time_limit_s under `[solver]`")
    if options.solver != "highs":
        hint = Text(
            f'{hint.ja}。name = "highs" のほうが速く見つかります', f'{hint.en}; name = "highs" finds one sooner'
        )
    return SolverError(
        Text(
            f"制限時間{limit}秒のうちに計画が見つかりませんでした。計画が存在しないとは限りません",
            f"no schedule was found within {limit} s; one may still exist",
        ),
        hint,
    )
