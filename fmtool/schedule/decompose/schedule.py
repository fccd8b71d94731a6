"""A schedule by decomposition: prices for what all facilities share, windows and parts for what neighbours share.

The dual is raised by turns: prices of the rows over many facilities with those among neighbours held, and the other way
round; each turn's bound is true. At the last prices parts of tied facilities are solved whole, which lifts the bound and
says who goes where; what they disagree on at their edges is mended, and the works are timed within the money.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fmtool.schedule.decompose.better import REGION, bettered
from fmtool.schedule.decompose.choices import Choices, Floats, Indices
from fmtool.schedule.decompose.dual import ascend
from fmtool.schedule.decompose.restricted import Plan
from fmtool.schedule.decompose.sample import sampled_prices
from fmtool.schedule.decompose.settle import SETTLED, fines_of, mended, priced_rows, timed
from fmtool.schedule.decompose.tied import LOCAL, MOST, tied, tied_bound
from fmtool.schedule.decompose.windows import local_prices
from fmtool.schedule.implied import site_by_year
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.money import money_columns
from fmtool.schedule.relaxation import lagrangian_bound
from fmtool.schedule.rows import Rows
from fmtool.workers import Workers

_TURNS = 2
_WINDOWS_SHARE, _PARTS_SHARE, _MENDING_SHARE = 0.25, 0.5, 0.3
_TIMING_SECONDS = 30.0
_IDLE = 0.1
"""Part of the gap asked for that a turn must lift the bound by, for another to follow."""
_FINE, _ALMOST = 0.25, 0.97
_KEPT = 1e-6
"""Part of the gap asked for that the timing of the works may leave."""

Note = Callable[[str, float | None, float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Decomposed:
    """The schedule found, if any, and what is proven."""

    plan: Plan | None
    bound: float
    blocks: list[Rows]
    """Rows of the case and those implied that have a price."""
    duals: list[Floats]
    above: Floats
    """(N,) reduced cost over the facility's least at these prices, whose own bound is ``priced``."""
    priced: float


def decomposed(
    inputs: ScheduleInputs, blocks: Sequence[Rows], *, gap: float, deadline: float, seed: int, workers: Workers, note: Note
) -> Decomposed:  # fmt: skip
    """Find a schedule and a bound by decomposition.

    Parameters
    ----------
    inputs
        The case, with the life plans that matter.
    blocks
        Its rows.
    gap
        Gap asked for: how finely works are timed.
    deadline
        When to end.
    seed
        Of samples.
    workers
        Who solves windows and parts.
    note
        Told each step, the cost of the schedule known and the bound.
    """
    by_year = site_by_year(inputs)
    rows = [*blocks, *([] if by_year is None else [by_year])]
    group = tied(inputs, rows, MOST)
    prices = sampled_prices(inputs, rows, seed=seed, deadline=deadline)
    note("sample", None, -np.inf)
    best = Priced(inputs)
    every, turn = rows, 0
    duals = prices
    while turn < _TURNS and time.perf_counter() < deadline:
        turn += 1
        reduced = _less(inputs, rows, prices, LOCAL | {"one_life"})
        until = time.perf_counter() + _WINDOWS_SHARE * (deadline - time.perf_counter())
        local, covers, cover_prices = local_prices(inputs, rows, reduced, group, workers, until)
        every = [*rows, *covers]
        duals = [*(a + b for a, b in zip(prices, local, strict=True)), *cover_prices]
        best.see(every, duals)
        windows = best.bound
        note("windows", None, windows)
        prices = _global_prices(inputs, rows, every, duals, seed, deadline)
        duals = [*(a + b for a, b in zip(prices, local, strict=True)), *cover_prices]
        best.see(every, duals)
        note("prices", None, best.bound)
        if best.bound <= windows + _IDLE * gap * abs(best.bound):
            break
    return concluded(
        inputs, rows, best, group, gap=gap, deadline=deadline, seed=seed, workers=workers, note=note
    )  # fmt: skip


def concluded(
    inputs: ScheduleInputs, rows: Sequence[Rows], best: Priced, group: Indices | None = None, *, gap: float,
    deadline: float, seed: int, workers: Workers, note: Note,
) -> Decomposed:  # fmt: skip
    """Go from prices to a schedule: parts solved whole, mended where they clash, works timed, regions chosen anew.

    Parameters
    ----------
    inputs, rows
        The case, and its rows without those that only sharpen the bound.
    best
        Prices of all rows.
    group
        (F,) part of each facility; None = as the rows tie them.
    gap, deadline, seed, workers, note
        As in :func:`decomposed`.
    """
    until = time.perf_counter() + _PARTS_SHARE * (deadline - time.perf_counter())
    found = tied_bound(inputs, best.blocks, best.duals, deadline=until, close=gap / 4, workers=workers, group=group)
    bound = max(best.bound, found.bound)
    note("parts", None, bound)
    fines = fines_of(inputs, best.blocks, best.duals)
    plan = _scheduled(inputs, rows, best, found.pick, fines, gap, deadline, seed, workers)
    note("timing", None if plan is None else plan.objective, bound)
    is_one = len(inputs.facility_ids) <= REGION
    if plan is not None and (not is_one or _oversteps(inputs, plan)):
        lowered = _less(inputs, best.blocks, best.duals, frozenset({"one_life"}))
        enough = bound + _ALMOST * gap * abs(plan.objective)
        plan = bettered(inputs, best.blocks, plan, lowered, fines, enough=enough, deadline=deadline, seed=seed)
        note("regions", plan.objective, bound)
    if plan is not None:
        plan = None if _oversteps(inputs, plan) else Plan(plan.pick, plan.money[: _columns(inputs)], plan.objective)
    return Decomposed(plan, bound, best.blocks, best.duals, best.above, best.bound)


class Priced:
    """The prices with the highest bound so far."""

    def __init__(self, inputs: ScheduleInputs) -> None:
        self.inputs, self.bound = inputs, -np.inf
        self.blocks: list[Rows] = []
        self.duals: list[Floats] = []
        self.above = np.zeros(0)

    def see(self, blocks: list[Rows], duals: list[Floats]) -> None:
        """Keep these prices if they prove more."""
        bound, above = lagrangian_bound(self.inputs, blocks, duals)
        if bound > self.bound:
            self.bound, self.blocks, self.duals, self.above = bound, blocks, duals, above


def _less(inputs: ScheduleInputs, blocks: Sequence[Rows], prices: Sequence[Floats], without: frozenset[str]) -> Floats:
    """Return each life plan's cost less its priced use of all rows but those of some families, (N,)."""
    cost = inputs.objective.astype(float).copy()
    for block, price in zip(blocks, prices, strict=True):
        if block.family not in without and price.any():
            cost -= block.plans.T @ (price if block.sense == "==" else np.minimum(price, 0.0))
    return cost


def _global_prices(
    inputs: ScheduleInputs, rows: Sequence[Rows], every: Sequence[Rows], duals: Sequence[Floats], seed: int, deadline: float
) -> list[Floats]:  # fmt: skip
    """Return the best prices of the rows over many facilities while those among neighbours, and of mergers, are held."""
    others = frozenset(block.family for block in rows) - LOCAL - {"merges"}
    held = _less(inputs, every, duals, others)
    coupled = [at for at, block in enumerate(rows) if block.family not in LOCAL | {"one_life", "merges"}]
    choices, coupling = priced_rows(inputs, [rows[at] for at in coupled], np.arange(len(held)))
    found = ascend(Choices(held, choices.first, choices.use), coupling, deadline=deadline, seed=seed)
    prices = [
        price if block.family == "merges" else np.zeros(len(price)) for block, price in zip(rows, duals, strict=False)
    ]
    place = 0
    # In the order in which priced_rows puts them.
    for at in sorted((at for at in coupled if len(rows[at])), key=lambda at: rows[at].plans.nnz == 0):
        prices[at] = -found.prices[place : place + len(rows[at])]
        place += len(rows[at])
    return prices


def _scheduled(
    inputs: ScheduleInputs, rows: Sequence[Rows], best: Priced, pick: Indices, fines: dict[str, float], gap: float,
    deadline: float, seed: int, workers: Workers,
) -> Plan | None:  # fmt: skip
    reduced = _less(inputs, best.blocks, best.duals, SETTLED | {"one_life"})
    lowered = _less(inputs, best.blocks, best.duals, frozenset({"one_life"}))
    until = time.perf_counter() + _MENDING_SHARE * (deadline - time.perf_counter())
    whole = mended(inputs, rows, reduced, lowered, pick, workers, until)
    if whole is None:
        return None
    return timed(
        inputs, rows, whole, fines, gap=_FINE * gap, deadline=until + _TIMING_SECONDS, threads=workers.count, seed=seed
    )


def _columns(inputs: ScheduleInputs) -> int:
    return len(money_columns(inputs).names)


def _oversteps(inputs: ScheduleInputs, plan: Plan) -> bool:
    """Tell whether a plan pays a fine: its last money columns say what is overstepped."""
    return bool(plan.money[_columns(inputs) :].sum() > _KEPT)
