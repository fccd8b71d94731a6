"""What one more million in a year really saves: the schedule solved again with it, beside the predicted saving."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from fmtool.errors import WorkspaceError
from fmtool.schedule.families import FAMILIES
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.prepare import prepare
from fmtool.schedule.problem import SolveOptions
from fmtool.schedule.relaxation import Relaxation, relax
from fmtool.schedule.solving import solve_schedule
from fmtool.schedule.tighten import tighten
from fmtool.text import Text
from fmtool.units import MILLION
from fmtool.workspace import Workspace

_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Verified:
    """Savings of present value by more money in one year; whole currency units."""

    year: int
    amount: float
    predicted: float
    """By the price of the budget in the relaxation."""
    relaxed: float
    """By solving the relaxation again with the amount."""
    scheduled: float
    """By solving the schedule again with the amount, from the schedule without it."""
    uncertainty: float
    """The two schedules' distance from their bounds: how far ``scheduled`` may lie from the true saving."""


def verify_year(
    workspace: Workspace, year: int, amount: float, progress: Callable[[Text], None] | None = None
) -> Verified:
    """Solve without and with ``amount`` more in the budget of ``year``.

    Raises
    ------
    WorkspaceError
        When the year is not planned.
    """
    tell = progress or (lambda _text: None)
    case = prepare(workspace)
    if year not in case.plans.years:
        first, last = case.plans.years[0], case.plans.years[-1]
        raise WorkspaceError(
            Text(
                f"{year}年度は計画の期間（{first}〜{last}）にありません",
                f"{year} is not within the plan, {first} to {last}",
            )
        )
    solver = workspace.config.solver
    options = SolveOptions(solver.name, solver.gap, solver.time_limit_s, solver.threads, solver.seed, solver.method)
    more = with_more(case.inputs, year, amount / MILLION)
    tell(Text("緩和問題を解き直しています", "solving the relaxation again"))
    without, price = relaxation_and_price(case.inputs, year)
    with_it, _ = relaxation_and_price(more, year)
    tell(Text("計画を解いています", "solving the schedule"))
    first_solution = solve_schedule(case.inputs, options, progress)
    tell(Text("予算を増やして解き直しています", "solving again with more"))
    second = solve_schedule(more, options, progress, start=first_solution.choice)
    return Verified(
        year,
        amount,
        -price * amount,
        (without.bound - with_it.bound) * MILLION,
        (first_solution.objective - second.objective) * MILLION,
        (first_solution.objective - first_solution.best_bound + second.objective - second.best_bound) * MILLION,
    )


def with_more(inputs: ScheduleInputs, year: int, millions: float) -> ScheduleInputs:
    """Return the case with more budget in one year.

    Raises
    ------
    WorkspaceError
        When the case has no budget.
    """
    if inputs.budget is None:
        raise WorkspaceError(Text("予算のない計画です", "the plan has no budget"))
    budget = inputs.budget.copy()
    budget[inputs.years.index(year)] += millions
    return replace(inputs, budget=budget)


def relaxation_and_price(inputs: ScheduleInputs, year: int, seconds: float = _SECONDS) -> tuple[Relaxation, float]:
    """Solve the tightened relaxation to its end; return it with the price of that year's budget (at most 0)."""
    keep = tighten(inputs, [rows for family in FAMILIES if (rows := family.rows(inputs)) is not None])
    small = inputs.take(keep)
    pairs = [(rows, family.is_lazy) for family in FAMILIES if (rows := family.rows(small)) is not None]
    blocks, lazy = [rows for rows, _ in pairs], [late for _, late in pairs]
    found = relax(small, blocks, lazy, SolveOptions(gap=0.0), time.perf_counter() + seconds)
    place = next(at for at, block in enumerate(blocks) if block.family == "budget")
    at = inputs.years.index(year)
    return found, float(np.minimum(found.duals[place], 0.0)[at])
