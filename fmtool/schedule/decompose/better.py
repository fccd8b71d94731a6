"""A schedule bettered region by region: neighbours of all services choose anew at once, all others hold still."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from fmtool.schedule.decompose.choices import Choices, Floats, Indices
from fmtool.schedule.decompose.coupling import Coupling
from fmtool.schedule.decompose.restricted import Plan, restricted
from fmtool.schedule.decompose.settle import SETTLED, priced_rows
from fmtool.schedule.decompose.tied import in_a_row
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.money import money_columns
from fmtool.schedule.rows import Rows

REGION = 500
"""Facilities of a region."""
_PLANS = 9
"""Plans open, a facility on average."""
_SECONDS = 25.0
_CLOSE = 5e-4
_DEARER, _MOST_RAISED = 4.0, 10
"""How many times dearer overstepping grows from pass to pass while any is left, and how often."""
_LITTLE = 1e-5
_KEPT = 1e-6
"""By how much, in millions or other units, a plan may overstep and still count as one that does not."""


def bettered(
    inputs: ScheduleInputs, blocks: Sequence[Rows], plan: Plan, lowered: Floats, fines: Mapping[str, float], *,
    enough: float, deadline: float, seed: int,
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
    step = size  # the first time regions stand side by side, then they overlap by half
    while time.perf_counter() < deadline:
        before = plan.objective
        for begin in _begins(len(order), size, step, rng):
            left = deadline - time.perf_counter()
            if left <= 0:
                break
            free = np.sort(order[begin : begin + size])
            plan = _chosen_anew(choices, coupling, plan, free, above, min(left, _SECONDS), seed)
            if not oversteps(plan, columns) and (best is None or plan.objective < best.objective):
                best = plan
                if best.objective <= enough:
                    return best
        step = size // 2
        if oversteps(plan, columns):
            raised += 1
            if raised > _MOST_RAISED:
                break
            cost = coupling.money_cost.copy()
            cost[columns:] *= _DEARER
            coupling = replace(coupling, money_cost=cost)
            plan = _fined(choices, coupling, plan.pick, plan.money[:columns])
        elif size == len(order) or before - plan.objective <= _LITTLE * abs(before):
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


def _begins(count: int, size: int, step: int, rng: np.random.Generator) -> list[int]:
    """Return where regions of so many facilities begin, in a random order and each time elsewhere."""
    if size >= count:
        return [0]
    inner = np.arange(int(rng.integers(0, step)), count - size, step)
    return [int(each) for each in rng.permutation(np.union1d(inner, [0, count - size]))]


def _chosen_anew(
    choices: Choices, coupling: Coupling, plan: Plan, free: Indices, above: Floats, seconds: float, seed: int
) -> Plan:
    """Choose anew for the free facilities among their plans that cost little above the cheapest."""
    plans = choices.plans_of(free)
    count = min(_PLANS * len(free), len(plans)) - 1
    few = plans[above[plans] <= np.partition(above[plans], count)[count]]
    few = np.union1d(few, plan.pick[free])
    held = np.delete(plan.pick, free)
    use = sparse.csr_array(choices.use[few])
    rows = np.zeros(len(coupling.limit), dtype=bool)
    rows[use.indices] = True
    money = sparse.csr_array(coupling.money)
    rows |= np.diff(money.indptr) > 0
    chosen = np.flatnonzero(rows)
    chosen = np.concatenate([chosen[chosen < choices.rows], chosen[chosen >= choices.rows]])
    using = int((chosen < choices.rows).sum())
    limit = coupling.less(choices.used(held)).limit[chosen]
    small = Coupling(
        limit, coupling.is_equal[chosen], sparse.csc_array(money[chosen]), coupling.money_cost, coupling.money_low,
        coupling.money_high,
    )  # fmt: skip
    owner = np.repeat(np.arange(choices.facilities), np.diff(choices.first))[few]
    part = Choices(choices.cost[few], np.searchsorted(owner, np.append(free, free[-1] + 1)), use[:, chosen[:using]])
    start = Plan(np.searchsorted(few, plan.pick[free]), plan.money, 0.0)
    spent = float(choices.cost[plan.pick[free]].sum())
    found = restricted(
        part, small, np.arange(len(few)), seconds=seconds, absolute_gap=_CLOSE * abs(spent), threads=1, seed=seed, start=start
    ).plan  # fmt: skip
    if found is None:
        return plan
    pick = plan.pick.copy()
    pick[free] = few[found.pick]
    objective = float(choices.cost[pick].sum() + coupling.money_cost @ found.money)
    return Plan(pick, found.money, objective) if objective < plan.objective else plan
