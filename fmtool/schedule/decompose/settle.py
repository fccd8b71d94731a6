"""From what each part would take to one schedule: neighbours mended where parts clash, then works timed within the money."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import repeat

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from fmtool.schedule.decompose.choices import Bools, Choices, Floats, Indices
from fmtool.schedule.decompose.coupling import Coupling
from fmtool.schedule.decompose.part import Part
from fmtool.schedule.decompose.parting import ties_of
from fmtool.schedule.decompose.restricted import Plan
from fmtool.schedule.decompose.search import Search
from fmtool.schedule.decompose.tied import LOCAL, cheapest_alike
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.money import money_columns, most_money
from fmtool.schedule.rows import Rows
from fmtool.text import Text
from fmtool.workers import Workers

SETTLED = LOCAL | {"merges", "closures"}
"""Families settled before the works are timed: rows of who goes where and when."""
_ROUNDS = 5
_SECONDS, _MOST_FREED = 40.0, 500
_CLOSE = 5e-4
_TOLERANCE = 1e-6
FINED = frozenset({"budget", "works", "floor", "closures"})
"""Families that may be overstepped on the way to a schedule, at a fine."""
_FINE, _MOST_OVER = 4.0, 10.0


def mended(
    inputs: ScheduleInputs,
    blocks: Sequence[Rows],
    reduced: Floats,
    lowered: Floats,
    pick: Indices,
    workers: Workers,
    deadline: float,
) -> Indices | None:
    """Return a choice near ``pick`` that keeps every settled row; None where none was found.

    The facilities that add to overstepped rows are freed, neighbours held as they are; where that does not do
    their neighbours are freed too. What still clashes stands down: it takes its cheapest plan that asks nothing of others.

    Parameters
    ----------
    inputs
        The case.
    blocks
        Its rows.
    reduced
        (N,) cost at the prices of the rows over many facilities.
    lowered
        (N,) the same less the priced use of rows among neighbours: what tells which plans matter.
    pick
        (F,) rows of the life plans that the parts would take.
    workers
        Who solves what was freed.
    deadline
        When to give up.
    """
    settled = [block for block in blocks if block.family in SETTLED and len(block)]
    if not settled:
        return pick
    ties = ties_of(inputs, settled)
    free = np.zeros(len(inputs.facility_ids), dtype=bool)
    pick = pick.copy()
    for _ in range(_ROUNDS):
        clashing = np.unique(_clashes(inputs, settled, pick)[1])
        if not clashing.size:
            return pick
        if time.perf_counter() > deadline:
            break
        wide = np.zeros(len(free), dtype=bool)
        wide[clashing] = True
        # What was free before and clashes still has too little room: its neighbours come in.
        stuck = wide & free
        wide |= np.asarray(ties @ stuck.astype(float)) > 0
        free = wide
        if not _resolve(inputs, settled, (reduced, lowered), pick, free, ties, workers, deadline):
            break
    return _stood_down(inputs, settled, lowered, pick)


def _stood_down(inputs: ScheduleInputs, settled: Sequence[Rows], cost: Floats, pick: Indices) -> Indices | None:
    """Give those who clash their cheapest plan that adds to no settled row; None where some have none and clash still.

    Of each overstepped row the one stands down that loses the least by it, until none is overstepped.
    """
    asks = np.zeros(len(inputs.facility), dtype=bool)
    for block in settled:
        asks[block.plans.indices[block.plans.data > 0]] = True
    modest = np.where(asks, np.inf, cost)
    standing = np.lexsort((modest, inputs.facility))[inputs.first_row[:-1]]
    loss = modest[standing] - cost[pick]
    while True:
        row, facility = _clashes(inputs, settled, pick)
        if not row.size:
            return pick
        order = np.lexsort((loss[facility], row))
        least = order[np.flatnonzero(np.diff(row[order], prepend=-1))]
        least = np.unique(facility[least[np.isfinite(loss[facility[least]])]])
        if not least.size:
            return None
        pick[least] = standing[least]
        loss[least] = np.inf


def _clashes(inputs: ScheduleInputs, settled: Sequence[Rows], pick: Indices) -> tuple[Indices, Indices]:
    """Return the overstepped rows, numbered through all blocks, each with the facilities whose life plans add to it."""
    whole = np.zeros(len(inputs.facility))
    whole[pick] = 1.0
    rows, facilities, begin = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)], 0
    for block in settled:
        over = np.flatnonzero(block.excess(whole) > _TOLERANCE * np.maximum(1.0, np.abs(block.rhs)))
        few = block.plans[over].tocoo()
        adds = (few.data > 0) & (whole[few.col] > 0)
        rows.append(begin + over[few.row[adds]])
        facilities.append(inputs.facility[few.col[adds]].astype(np.int64))
        begin += len(block)
    return np.concatenate(rows), np.concatenate(facilities)


def _resolve(
    inputs: ScheduleInputs, settled: Sequence[Rows], costs: tuple[Floats, Floats], pick: Indices, free: Bools,
    ties: sparse.csr_array, workers: Workers, deadline: float,
) -> bool:  # fmt: skip
    """Choose anew for the free facilities, those that share a row together; ``pick`` is changed in place.

    Groups too large to be solved are left as they are. Tells whether anything changed.
    """
    members = np.flatnonzero(free)
    _, label = csgraph.connected_components(ties[members][:, members], directed=False)
    held = np.zeros(len(inputs.facility))
    held[pick[~free]] = 1.0
    room = [block.rhs - block.plans @ held for block in settled]
    groups = [members[label == each] for each in np.flatnonzero(np.bincount(label) <= _MOST_FREED)]
    parts = [_freed(inputs, settled, room, costs, group) for group in groups]
    seconds = min(_SECONDS, max(deadline - time.perf_counter(), 1.0))
    told = workers.map(
        Part.answer, parts, repeat(time.time() + max(deadline - time.perf_counter(), 1.0)), repeat(seconds), repeat(_CLOSE),
        label=Text("隣り合う施設の食い違いを直しています", "mending what neighbours disagree on"),
    )  # fmt: skip
    before = pick.copy()
    for group, part, (_, taken) in zip(groups, parts, told, strict=True):
        if taken is not None:
            pick[group] = part.plans[taken]
    return bool((pick != before).any())


def _freed(
    inputs: ScheduleInputs,
    settled: Sequence[Rows],
    room: Sequence[Floats],
    costs: tuple[Floats, Floats],
    members: Indices,
) -> Part:
    """Return free facilities as a problem of their own, in the room that the others leave."""
    reduced, lowered = costs
    everyone = Choices(reduced, inputs.first_row.astype(np.int64), np.zeros((len(reduced), 0)))
    plans = everyone.plans_of(members)
    rows, limits = [], []
    for block, left in zip(settled, room, strict=True):
        few = block.plans[:, plans]
        named = np.flatnonzero(np.diff(few.indptr))
        rows.append(few[named])
        limits.append(left[named])
    count = np.diff(everyone.first)[members]
    use = sparse.csr_array(sparse.vstack(rows).T)
    kept, _ = cheapest_alike(use, np.repeat(np.arange(len(members)), count), reduced[plans])
    first = np.searchsorted(kept, np.concatenate([[0], np.cumsum(count)]))
    cost = reduced[plans[kept]]
    floor = float(np.minimum.reduceat(cost, first[:-1]).sum())
    return Part(
        Choices(cost, first, sparse.csr_array(use[kept])), np.concatenate(limits), lowered[plans[kept]], floor, plans[kept],
        is_any=True,
    )  # fmt: skip


def timed(
    inputs: ScheduleInputs, blocks: Sequence[Rows], pick: Indices, fines: Mapping[str, float], *, gap: float,
    deadline: float, threads: int, seed: int,
) -> Plan | None:  # fmt: skip
    """Choose among the life plans that use every settled row as the picked ones do, at a fine for overstepping others.

    Returns the plan with rows of the case, the money columns and what oversteps; None where none was found.
    """
    settled = [block for block in blocks if block.family in SETTLED and len(block)]
    alike = _alike(inputs, settled, pick)
    plans = np.flatnonzero(alike)
    choices, coupling = priced_rows(inputs, [block for block in blocks if block.family not in SETTLED], plans, fines)
    found = Search(choices, coupling, gap=gap, deadline=deadline, threads=threads, seed=seed).run()
    return None if found.plan is None else Plan(plans[found.plan.pick], found.plan.money, found.plan.objective)


def _alike(inputs: ScheduleInputs, settled: Sequence[Rows], pick: Indices) -> Bools:
    """Tell which life plans use every settled row as the picked one of their facility does."""
    if not settled:
        return np.ones(len(inputs.facility), dtype=bool)
    use = sparse.csr_array(sparse.vstack([block.plans for block in settled]).T)
    sums = use @ np.random.default_rng(0).random((use.shape[1], 2))
    same = (sums == sums[pick[inputs.facility]]).all(axis=1)
    place = np.flatnonzero(same)
    differs = np.asarray(abs(use[place] - use[pick[inputs.facility[place]]]).sum(axis=1)).ravel() > 0
    same[place[differs]] = False
    return np.asarray(same)


def fines_of(inputs: ScheduleInputs, blocks: Sequence[Rows], duals: Sequence[Floats]) -> dict[str, float]:
    """Return, by family, what overstepping a row by one unit costs: several times its dearest price.

    And no less than what the dearest choice of a facility costs over its cheapest, for all that a plan uses of a row.
    """
    first = inputs.first_row[:-1]
    worth = float((np.maximum.reduceat(inputs.objective, first) - np.minimum.reduceat(inputs.objective, first)).max())
    fines = {}
    for block, price in zip(blocks, duals, strict=True):
        if block.family in FINED:
            use = float(np.abs(block.plans.data).max(initial=0.0)) or 1.0
            fines[block.family] = max(_FINE * float(-np.minimum(price, 0.0).min(initial=0.0)), (worth + 1.0) / use)
    return fines


def priced_rows(
    inputs: ScheduleInputs, blocks: Sequence[Rows], plans: Indices, fines: Mapping[str, float] | None = None
) -> tuple[Choices, Coupling]:
    """Return life plans (ascending) and the rows over many facilities as a multiple choice and what couples it.

    With fines there is, after the money columns, one for each row of the families fined: by how much it is overstepped.
    """
    rows = [block for block in blocks if block.family != "one_life" and len(block)]
    rows.sort(key=lambda block: block.plans.nnz == 0)
    beside = money_columns(inputs)
    using = [block.plans for block in rows if block.plans.nnz]
    use = (
        sparse.csr_array(_over(sparse.csr_array(sparse.vstack(using)), plans).T) if using else np.zeros((len(plans), 0))
    )
    limit = np.concatenate([np.zeros(0), *(block.rhs for block in rows)])
    money = [
        sparse.csr_array((len(block), len(beside.names))) if block.money is None else block.money for block in rows
    ]
    matrix = sparse.vstack([sparse.csr_array((0, len(beside.names))), *money])
    fine = np.concatenate(
        [np.zeros(0), *(np.broadcast_to((fines or {}).get(block.family, 0.0), len(block)) for block in rows)]
    )
    fined = np.flatnonzero(fine)
    over = sparse.csr_array((-np.ones(fined.size), (fined, np.arange(fined.size))), shape=(len(limit), fined.size))
    coupling = Coupling(
        limit,
        np.concatenate([np.zeros(0, dtype=bool), *(np.full(len(block), block.sense == "==") for block in rows)]),
        sparse.csc_array(sparse.hstack([matrix, over])),
        np.concatenate([beside.cost, fine[fined]]),
        np.concatenate([np.maximum(beside.lower, -1e12), np.zeros(fined.size)]),
        np.concatenate([most_money(inputs), _MOST_OVER * (np.abs(limit[fined]) + 1.0)]),
    )
    first = np.searchsorted(plans, inputs.first_row).astype(np.int64)
    return Choices(inputs.objective[plans].astype(float), first, use), coupling


def _over(rows: sparse.csr_array, plans: Indices) -> sparse.csr_array:
    """Return rows over some life plans (ascending)."""
    return rows if len(plans) == rows.shape[1] else rows[:, plans]
