"""A schedule bettered region by region: neighbours of all services choose anew at once, all others hold still."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import batched, repeat

import numpy as np
from scipy import sparse

from fmtool.schedule.decompose.choices import Choices, Floats, Indices
from fmtool.schedule.decompose.coupling import Coupling
from fmtool.schedule.decompose.parting import in_a_row
from fmtool.schedule.decompose.restricted import Plan, restricted
from fmtool.schedule.decompose.settle import SETTLED, priced_rows
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.money import money_columns
from fmtool.schedule.rows import Rows, oversteppable
from fmtool.text import Text
from fmtool.workers import Workers

REGION = 500
"""Facilities of a region."""
_AT_ONCE = 2
"""Regions that choose at the same time, however many workers there are: so the schedule does not depend on them."""
_PIECES = 4
"""Pieces of the city that make up a region after the first time."""
_PLANS = 9
"""Plans open, a facility on average."""
_SECONDS = 25.0
_ROUGH, _CLOSE = 1e-3, 5e-4
"""How closely regions are solved the first time, and after it."""
_DEARER, _MOST_RAISED = 4.0, 10
"""How many times dearer overstepping grows from pass to pass while any is left, and how often."""
_LITTLE = 1e-5
_KEPT = 1e-6
"""By how much, in millions or other units, a plan may overstep and still count as one that does not."""


def bettered(
    inputs: ScheduleInputs, blocks: Sequence[Rows], plan: Plan, lowered: Floats, fines: Mapping[str, float], *,
    enough: float, deadline: float, seed: int, workers: Workers,
) -> Plan:  # fmt: skip
    """Return a schedule no dearer than the one given, fines counted, and without overstepping where that can be had.

    Parameters
    ----------
    inputs
        The case.
    blocks
        Its rows and those implied.
    plan
        A schedule that keeps them, or oversteps some at a fine.
    lowered
        (N,) cost of each life plan at the prices of all rows: what tells which matter.
    fines
        Families that may be overstepped, and the price of a unit.
    enough
        Cost at which to stop.
    deadline
        When to stop.
    seed
        Of the order of regions.
    workers
        Who chooses.
    """
    choices, coupling = priced_rows(inputs, blocks, np.arange(len(inputs.facility)), fines)
    above = Choices(lowered, choices.first, np.zeros((len(lowered), 0))).above(np.zeros(0))
    rows = [block for block in blocks if block.family in SETTLED - {"closures"} and len(block)]
    order, columns = in_a_row(inputs, rows), len(money_columns(inputs).names)
    plan = _fined(choices, coupling, plan.pick, plan.money[:columns])
    rng = np.random.default_rng(seed)
    size = min(REGION, len(order))
    best: Plan | None = None
    raised = 0
    # Neighbours first, roughly; then pieces of the city from here and there, that may trade money and years.
    piece, close = size, _ROUGH if size < len(order) else _CLOSE
    while time.perf_counter() < deadline:
        before = plan.objective
        waiting = _regions_of(order, size, piece, rng)
        while waiting:
            # What oversteps to the end of a pass is made good by one region at a time, for none may count on the others.
            count = 1 if raised and oversteps(plan, columns) else _AT_ONCE
            regions, waiting = waiting[:count], waiting[count:]
            left = deadline - time.perf_counter()
            if left <= 0:
                break
            parts = _openings(choices, coupling, plan, regions, above)
            told = workers.map(
                _Region.chosen, parts, repeat(time.time() + left), repeat(close), repeat(seed),
                label=Text("地区ごとに選び直しています", "choosing anew region by region"),
            )  # fmt: skip
            plan = _joined(choices, coupling, plan, parts, told)
            if not oversteps(plan, columns) and (best is None or plan.objective < best.objective):
                best = plan
                if best.objective <= enough:
                    return best
        is_first, piece, close = piece == size, max(size // _PIECES, 1), _CLOSE
        if oversteps(plan, columns):
            raised += 1
            if raised > _MOST_RAISED:
                break
            cost = coupling.money_cost.copy()
            cost[columns:] *= _DEARER
            coupling = replace(coupling, money_cost=cost)
            plan = _fined(choices, coupling, plan.pick, plan.money[:columns])
        elif size == len(order) or (not is_first and before - plan.objective <= _LITTLE * abs(before)):
            break
    return plan if best is None else best


def _fined(choices: Choices, coupling: Coupling, pick: Indices, money: Floats) -> Plan:
    """Return a choice and its money with the fines for what it oversteps."""
    used = np.zeros(len(coupling.limit))
    used[: choices.rows] = choices.used(pick)
    over = used + coupling.money[:, : len(money)] @ money - coupling.limit
    row_of_fine = sparse.csc_array(coupling.money[:, len(money) :]).indices
    paid = np.concatenate([money, np.maximum(over[row_of_fine], 0.0)])
    return Plan(pick, paid, float(choices.cost[pick].sum() + coupling.money_cost @ paid))


def oversteps(plan: Plan, columns: int) -> bool:
    """Tell whether a plan pays a fine: what stands after its money columns says how far it oversteps."""
    return bool(plan.money[columns:].sum() > _KEPT)


def _regions_of(order: Indices, size: int, piece: int, rng: np.random.Generator) -> list[Indices]:
    """Return regions of up to ``size`` facilities, made of pieces that stand together in ``order``, all in a random order."""
    turned = np.roll(order, int(rng.integers(0, piece)))
    pieces = [turned[begin : begin + piece] for begin in range(0, len(turned), piece)]
    dealt = [pieces[at] for at in rng.permutation(len(pieces))]
    return [np.sort(np.concatenate(each)) for each in batched(dealt, max(size // piece, 1))]


@dataclass(frozen=True, slots=True, eq=False)
class _Region:
    """Facilities that choose anew, in their share of what the schedule leaves of every row."""

    free: Indices
    few: Indices
    """Rows of the plans open, among those of the case."""
    choices: Choices
    coupling: Coupling
    """Its money columns are by how much those of the schedule change."""
    start: Plan

    def chosen(self, until: float, close: float, seed: int) -> Plan | None:
        """Return what it takes and how the money changes, by a moment of the clock; None where that is no better."""
        seconds = min(_SECONDS, until - time.time())
        if seconds <= 0:
            return None
        found = restricted(
            self.choices, self.coupling, np.arange(len(self.few)), seconds=seconds, threads=1, seed=seed, start=self.start,
            absolute_gap=close * abs(self.start.objective),
        ).plan  # fmt: skip
        return None if found is None or found.objective >= self.start.objective else found


def _openings(
    choices: Choices, coupling: Coupling, plan: Plan, regions: Sequence[Indices], above: Floats
) -> list[_Region]:
    """Return facilities that choose at once, each region with its plans that cost little above the cheapest.

    What is left of a row that money flows through is dealt out evenly, as is the room of the money columns: they are shared
    by all. What is left of any other row goes to the first region that can use it, since most count whole facilities.
    """
    money = sparse.csr_array(coupling.money)
    flows = np.diff(money.indptr) > 0
    left = coupling.limit - coupling.money @ plan.money
    left[: choices.rows] -= choices.used(plan.pick)
    left[flows] /= len(regions)
    low, high = ((bound - plan.money) / len(regions) for bound in (coupling.money_low, coupling.money_high))
    owner = np.repeat(np.arange(choices.facilities), np.diff(choices.first))
    is_taken = np.zeros(len(left), dtype=bool)
    made = []
    for free in regions:
        few = _open_plans(choices, above, plan.pick, free)
        use = sparse.csr_array(choices.use[few])
        is_near = flows.copy()
        is_near[use.indices] = True
        limit = np.where(is_taken & ~flows, 0.0, left)
        limit[: choices.rows] += choices.used(plan.pick[free])
        is_taken |= is_near
        bare = np.flatnonzero(is_near & ~flows & ~coupling.is_equal)
        is_near[bare] = oversteppable(sparse.csr_array(use.T)[bare], limit[bare], owner[few])
        rows = np.flatnonzero(is_near)
        using = int((rows < choices.rows).sum())
        small = Coupling(
            limit[rows], coupling.is_equal[rows], sparse.csc_array(money[rows]), coupling.money_cost, low, high
        )
        first = np.searchsorted(owner[few], np.append(free, free[-1] + 1))
        part = Choices(choices.cost[few], first, use[:, rows[:using]])
        pick = np.searchsorted(few, plan.pick[free])
        start = Plan(pick, np.zeros(len(plan.money)), float(part.cost[pick].sum()))
        made.append(_Region(free, few, part, small, start))
    return made


def _open_plans(choices: Choices, above: Floats, pick: Indices, free: Indices) -> Indices:
    """Return the plans of free facilities that cost little above the cheapest, and those they have."""
    plans = choices.plans_of(free)
    count = min(_PLANS * len(free), len(plans)) - 1
    return np.union1d(plans[above[plans] <= np.partition(above[plans], count)[count]], pick[free])


def _joined(
    choices: Choices, coupling: Coupling, plan: Plan, parts: Sequence[_Region], told: Sequence[Plan | None]
) -> Plan:
    """Return the schedule with what the regions chose."""
    pick, money = plan.pick.copy(), plan.money.copy()
    for part, found in zip(parts, told, strict=True):
        if found is not None:
            pick[part.free] = part.few[found.pick]
            money += found.money
    money = np.clip(money, coupling.money_low, coupling.money_high)
    return Plan(pick, money, float(choices.cost[pick].sum() + coupling.money_cost @ money))
