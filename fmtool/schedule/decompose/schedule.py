"""From prices to a schedule and a sharper bound, part by part.

At the prices of all rows, parts of tied facilities are solved whole: that lifts the bound and says who goes where. What
parts disagree on at their edges is mended, the works are timed within the money, and region after region chooses anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fmtool.schedule.covers import FAMILY
from fmtool.schedule.decompose.better import REGION, bettered, oversteps
from fmtool.schedule.decompose.choices import Floats
from fmtool.schedule.decompose.restricted import Plan
from fmtool.schedule.decompose.settle import SETTLED, fines_of, mended, timed
from fmtool.schedule.decompose.tied import tied_bound
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.money import money_columns
from fmtool.schedule.rows import Rows
from fmtool.workers import Workers

_PARTS_SHARE, _MENDING_SHARE = 0.4, 0.5
_TIMING_SECONDS, _TIMING_SHARE = 30.0, 0.5
_FINE, _ALMOST, _CLOSE = 0.25, 0.97, 0.1

Note = Callable[[str, float | None, float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """The schedule found, if any, and what is proven."""

    plan: Plan | None
    bound: float


def settled(
    inputs: ScheduleInputs, blocks: Sequence[Rows], duals: Sequence[Floats], priced: float, *, gap: float,
    deadline: float, seed: int, workers: Workers, note: Note,
) -> Settled:  # fmt: skip
    """Find a schedule and a bound from the prices of all rows.

    Parameters
    ----------
    inputs
        The case, with the life plans that matter.
    blocks, duals
        Its rows and those that sharpen them, with their prices.
    priced
        The bound that these prices give.
    gap
        Gap asked for: how closely parts are solved and works timed.
    deadline
        When to end.
    seed
        Of what is tried in a random order.
    workers
        Who solves parts.
    note
        Told each step, the cost of the schedule known and the bound.
    """
    rows = [block for block in blocks if block.family not in FAMILY.values()]
    until = time.perf_counter() + _PARTS_SHARE * (deadline - time.perf_counter())
    found = tied_bound(inputs, blocks, duals, deadline=until, close=_CLOSE * gap, workers=workers)
    bound = max(priced, found.bound)
    note("parts", None, bound)
    lowered = _less(inputs, blocks, duals, frozenset({"one_life"}))
    until = time.perf_counter() + _MENDING_SHARE * (deadline - time.perf_counter())
    reduced = _less(inputs, blocks, duals, SETTLED | {"one_life"})
    whole = mended(inputs, rows, reduced, lowered, found.pick, workers, until)
    if whole is None:
        return Settled(None, bound)
    fines = fines_of(inputs, blocks, duals)
    now = time.perf_counter()
    until = now + min(_TIMING_SECONDS, _TIMING_SHARE * (deadline - now))
    plan = timed(inputs, rows, whole, fines, gap=_FINE * gap, deadline=until, threads=workers.count, seed=seed)
    if plan is None:
        return Settled(None, bound)
    note("timing", plan.objective, bound)
    columns = len(money_columns(inputs).names)
    if len(inputs.facility_ids) > REGION or oversteps(plan, columns):
        enough = bound + _ALMOST * gap * abs(plan.objective)
        plan = bettered(
            inputs, blocks, plan, lowered, fines, enough=enough, deadline=deadline, seed=seed, workers=workers
        )
        note("regions", plan.objective, bound)
    is_kept = not oversteps(plan, columns)
    return Settled(Plan(plan.pick, plan.money[:columns], plan.objective) if is_kept else None, bound)


def _less(inputs: ScheduleInputs, blocks: Sequence[Rows], prices: Sequence[Floats], without: frozenset[str]) -> Floats:
    """Return each life plan's cost less its priced use of all rows but those of some families, (N,)."""
    cost = inputs.objective.astype(float).copy()
    for block, price in zip(blocks, prices, strict=True):
        if block.family not in without and price.any():
            cost -= block.plans.T @ (price if block.sense == "==" else np.minimum(price, 0.0))
    return cost
