"""The PuLP problem over chosen life plans and rows, and the one door through which it is solved."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import highspy
import numpy as np
import pulp

from fmtool.errors import SolverError
from fmtool.schedule.inputs import Bools, Floats, Ints, ScheduleInputs
from fmtool.schedule.money import money_columns
from fmtool.schedule.rows import Rows, facility_name
from fmtool.text import Text

INTEGRAL = 1e-6
"""How far from 0 or 1 a decision may be read and still be one."""


@dataclass(frozen=True, slots=True)
class SolveOptions:
    """How to solve: which solver, how close to the optimum, how long."""

    solver: str = "highs"
    gap: float = 0.005
    time_limit_s: float = 120.0
    threads: int = 2
    """Processes that work side by side, and threads of CBC."""
    seed: int = 0
    method: Literal["auto", "whole", "decompose"] = "auto"
    """Whether the schedule is one problem or falls apart into parts; ``auto`` decides by size."""


@dataclass(slots=True)
class Model:
    """A PuLP problem with the columns it was made from."""

    problem: pulp.LpProblem
    columns: Ints
    """Life plans that are columns, ascending."""
    plans: list[pulp.LpVariable]
    money: list[pulp.LpVariable]
    slack: list[pulp.LpVariable] = field(default_factory=list)
    rows: list[pulp.LpConstraint] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What one solve gave; values are None when the solver holds no solution that may be read."""

    status: pulp.LpSolveStatus
    objective: float | None = None
    best_bound: float | None = None
    plans: Floats | None = None
    """(N,) over all life plans of the inputs, zero where not a column."""
    money: Floats | None = None
    slack: Floats | None = None
    duals: Floats | None = None
    """One a row, in the order given."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Slack:
    """Columns by which rows may give way at a price, each for one row or for several at once."""

    names: tuple[str, ...]
    price: Floats
    is_whole: Bools
    """Whether it counts things that come whole."""
    column: list[Ints]
    """For each block (R,), the slack of each row; -1 = the row must be kept."""
    gain: list[Floats]
    """For each block (R,), what a unit of its slack adds to the row's right side."""


def build(
    inputs: ScheduleInputs,
    blocks: Sequence[Rows],
    columns: Ints | None = None,
    *,
    integer: bool = True,
    penalties: Sequence[Floats] | None = None,
    slack: Slack | None = None,
    name: str = "schedule",
) -> Model:
    """Make the PuLP problem of the given rows over the given life plans.

    Parameters
    ----------
    inputs
        The case.
    blocks
        Rows, in the order in which duals come back.
    columns
        Life plans that may be chosen; None = all.
    integer
        Whether a life plan is taken whole.
    penalties
        When given, one array a block: every row but ``one_life`` may be overstepped at this price per unit of the row.
    slack
        When given, the columns by which rows may give way; not together with ``penalties``.
    name
        Name in LP files.
    """
    columns = np.arange(len(inputs.facility), dtype=np.int32) if columns is None else columns
    problem = pulp.LpProblem(name, pulp.LpMinimize)
    category: Literal["Binary", "Continuous"] = "Binary" if integer else "Continuous"
    plans = [problem.add_variable(text, 0, 1, cat=category) for text in _column_names(inputs, columns)]
    beside = money_columns(inputs)
    money = [
        problem.add_variable(text, low, None if np.isinf(high) else high)
        for text, low, high in zip(beside.names, beside.lower.tolist(), beside.upper.tolist(), strict=True)
    ]
    model = Model(problem, columns, plans, money)
    terms = dict(zip(plans, inputs.objective[columns].tolist(), strict=True))
    terms |= {variable: cost for variable, cost in zip(money, beside.cost.tolist(), strict=True) if cost}
    if slack is not None:
        model.slack += [
            problem.add_variable(f"give({text})", 0, cat="Integer" if integer and whole else "Continuous")
            for text, whole in zip(slack.names, slack.is_whole.tolist(), strict=True)
        ]
        terms |= dict(zip(model.slack, slack.price.tolist(), strict=True))
    for number, block in enumerate(blocks):
        give = None if slack is None else (slack.column[number], slack.gain[number])
        _add_rows(model, block, None if penalties is None else penalties[number], give, terms)
    problem.setObjective(pulp.LpAffineExpression.from_dict(terms))
    return model


def _column_names(inputs: ScheduleInputs, columns: Ints) -> list[str]:
    if inputs.labels:
        return [f"x({inputs.labels[n]})" for n in columns]
    first = inputs.first_row
    return [
        f"x({facility_name(inputs, f)},{n - first[f]})" for n, f in zip(columns, inputs.facility[columns], strict=True)
    ]


def _add_rows(
    model: Model,
    block: Rows,
    penalty: Floats | None,
    give: tuple[Ints, Floats] | None,
    terms: dict[pulp.LpVariable, float],
) -> None:
    plans = block.plans[:, model.columns] if len(model.columns) < block.plans.shape[1] else block.plans
    for row, name in enumerate(block.names):
        part = slice(plans.indptr[row], plans.indptr[row + 1])
        left = {
            model.plans[n]: value
            for n, value in zip(plans.indices[part].tolist(), plans.data[part].tolist(), strict=True)
            if value
        }
        if block.money is not None:
            part = slice(block.money.indptr[row], block.money.indptr[row + 1])
            pairs = zip(block.money.indices[part].tolist(), block.money.data[part].tolist(), strict=True)
            left |= {model.money[column]: value for column, value in pairs if value}
        if penalty is not None and block.family != "one_life":
            for sign in (-1.0, 1.0) if block.sense == "==" else (-1.0,):
                relax = model.problem.add_variable(f"relax{'_up' if sign > 0 else ''}({name})", 0)
                model.slack.append(relax)
                left[relax] = sign
                terms[relax] = float(penalty[row])
        if give is not None and give[0][row] >= 0:
            left[model.slack[give[0][row]]] = -float(give[1][row])
        expression = pulp.LpAffineExpression.from_dict(left)
        rhs = float(block.rhs[row])
        constraint = expression == rhs if block.sense == "==" else expression <= rhs
        model.rows.append(model.problem.addConstraint(constraint, name=name) or model.problem.constraints()[-1])


def solve(
    model: Model,
    inputs: ScheduleInputs,
    options: SolveOptions,
    *,
    integer: bool = True,
    seconds: float,
    start: tuple[Ints, Floats] | None = None,
    is_vertex: bool = False,
) -> Answer:
    """Solve and read; nothing is read unless the solver holds a solution, and decisions must be whole.

    A choice and its money to ``start`` from, whose life plans are columns, spare HiGHS the search for a first
    schedule. ``is_vertex`` asks for a corner of a linear problem rather than a point inside. Where HiGHS calls a
    problem infeasible it looks again without its presolve, which has been wrong.

    Raises
    ------
    SolverError
        When the solver itself failed, or a name stands twice in the problem.
    """
    started = time.perf_counter()
    is_warm = start is not None and options.solver == "highs" and bool(np.isin(start[0], model.columns).all())
    if start is not None and is_warm:
        _set_start(model, *start)
    try:
        model.problem.checkDuplicateVars()
        model.problem.checkDuplicateConstraints()
        solver = _solver(
            options, integer=integer, seconds=seconds, is_warm=is_warm, is_inner=not (integer or is_vertex)
        )
        stats = model.problem.solve(solver)
        if options.solver == "highs" and integer and stats.status == pulp.LpSolveStatus.Infeasible:
            left = seconds - (time.perf_counter() - started)
            again = _solver(options, integer=True, seconds=left, is_warm=False, is_inner=False, presolve="off")
            stats = model.problem.solve(again)
    except pulp.PulpError as error:
        raise SolverError(
            Text(f"ソルバー {options.solver} が失敗しました（{error}）", f"solver {options.solver} failed ({error})"),
            Text("`[solver]` の name を変えて試してください", "try the other `name` under `[solver]`"),
        ) from error
    spent = time.perf_counter() - started
    if not stats.has_solution or stats.objective is None:
        return Answer(stats.status, best_bound=stats.best_bound, seconds=spent)
    plans = np.zeros(len(inputs.facility))
    plans[model.columns] = [variable.varValue or 0.0 for variable in model.plans]
    if integer:
        if np.abs(plans - np.round(plans)).max(initial=0.0) > INTEGRAL:
            # CBC at its time limit may hand back the relaxation's fractions as if they were a plan.
            return Answer(stats.status, best_bound=stats.best_bound, seconds=spent)
        plans = np.round(plans)
    duals = None if integer else np.array([row.pi if row.pi is not None else 0.0 for row in model.rows])
    return Answer(
        stats.status,
        float(stats.objective),
        stats.best_bound,
        plans,
        np.array([variable.varValue or 0.0 for variable in model.money]),
        np.array([variable.varValue or 0.0 for variable in model.slack]),
        duals,
        spent,
    )


def _set_start(model: Model, choice: Ints, money: Floats) -> None:
    chosen = np.isin(model.columns, choice).astype(float).tolist()
    for variable, value in zip([*model.plans, *model.money], [*chosen, *money.tolist()], strict=True):
        variable.setInitialValue(value, check=False)


def _solver(
    options: SolveOptions, *, integer: bool, seconds: float, is_warm: bool, is_inner: bool, presolve: str = "choose"
) -> pulp.LpSolver:
    limit = max(seconds, 0.1)
    if options.solver == "cbc":
        arguments = ["randomCbcSeed", str(options.seed + 1)] if integer else []
        return pulp.COIN_CMD(  # type: ignore[no-untyped-call]
            mip=integer, msg=False, timeLimit=limit, gapRel=options.gap, threads=options.threads, options=arguments
        )
    # HiGHS keeps one pool of threads a process and refuses a solve that asks for another number. Of its parallel
    # search it says itself that it is off for these problems; two threads only cost time.
    # An interior point's prices are central: they need fewer rounds of columns than a vertex's.
    inner: dict[str, Any] = {} if not is_inner else {"solver": "ipm", "run_crossover": "off"}
    highspy.Highs.resetGlobalScheduler(True)  # noqa: FBT003  - highspy takes it by position only
    return pulp.HiGHS(
        mip=integer,
        msg=False,
        output_flag=False,
        timeLimit=limit,
        gapRel=options.gap,
        gapAbs=0.0,
        threads=1,
        random_seed=options.seed,
        warmStart=is_warm,
        presolve=presolve,
        **inner,
    )
