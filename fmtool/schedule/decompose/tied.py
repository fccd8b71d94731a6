"""Facilities tied to each other by hosts, room, coverage or reach, and the bound they give when solved whole.

Rows over many facilities (budget, fund, bonds, works, mergers a district, closures, floor) are priced; what is left falls
apart into groups of tied facilities. A group is a small problem of its own: solved with whole plans it bounds the
schedule from below more tightly than the linear relaxation, which lets half a school serve as half a host. Groups too
large to be solved are parted; the rows across their parts are priced too.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from scipy import sparse

from fmtool.schedule.decompose.choices import Bools, Choices, Floats, Indices
from fmtool.schedule.decompose.part import Answer, Part
from fmtool.schedule.decompose.parting import parted, strength_of
from fmtool.schedule.implied import ORIGIN
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.relaxation import fitted_prices, lagrangian_bound
from fmtool.schedule.rows import Rows, oversteppable
from fmtool.text import Text
from fmtool.workers import Here, Workers

LOCAL = frozenset({"host", "site", "coverage", "reach", *ORIGIN})
"""Families whose rows tie facilities near each other; all others are priced."""
MOST = 110
"""Facilities of a part at most."""
_ALONE = 5_000
"""Plans of all parts up to which starting a process costs more than it spares."""
_MOST_SHARES = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class TiedBound:
    """A lower bound of the schedule from parts solved whole, and what each part would take."""

    bound: float
    """Never below the bound of the prices alone."""
    linear: float
    """The bound of the prices alone."""
    pick: Indices
    """(F,) what the parts take at the prices; keeps every row inside a part where ``is_whole``."""
    is_whole: Bools
    """(G,) parts for which a choice was found that keeps their rows."""
    group: Indices
    """(F,) part of each facility."""


def tied(
    inputs: ScheduleInputs, blocks: Sequence[Rows], most: int | None = None, prices: Sequence[Floats] | None = None
) -> Indices:
    """Return a group for each facility: two that share a local row are in the same one, unless it is parted.

    Groups larger than ``most`` are parted where the rows across are cheapest, at their prices.

    >>> from fmtool.schedule.rows import entries
    >>> case = ScheduleInputs((1,), ("A", "B", "C"), np.arange(3, dtype=np.int32), np.zeros(3), np.zeros((3, 1)))
    >>> row = Rows("reach", ("reach(0)",), entries(np.array([0, 0]), np.array([0, 2]), 1.0, (1, 3)), "<=", np.ones(1))
    >>> tied(case, [row]).tolist()
    [0, 1, 0]
    >>> len(set(tied(case, [row], most=1).tolist()))
    3
    """
    facilities = len(inputs.facility_ids)
    local = [at for at, block in enumerate(blocks) if block.family in LOCAL and len(block)]
    group = np.arange(facilities, dtype=np.int64)
    if local:
        known = None if prices is None else [prices[at] for at in local]
        strength = strength_of(inputs, [blocks[at] for at in local], known)
        for number, members in enumerate(parted(strength, facilities if most is None else most)):
            group[members] = number
    return group


def tied_bound(
    inputs: ScheduleInputs,
    blocks: Sequence[Rows],
    duals: Sequence[Floats],
    *,
    deadline: float,
    close: float = 2e-4,
    workers: Workers | None = None,
    group: Indices | None = None,
) -> TiedBound:
    """Bound the schedule from below by solving each part of tied facilities whole at the prices of all other rows.

    bound = sum over priced rows r of price[r] * rhs[r] + the money columns' least
            + sum over parts of the least of reduced @ x within the part's own rows

    A part not solved to its end counts with the bound it reached, or with the prices of its own rows where
    that is more; so the bound is true at any prices and however early the deadline.
    """
    prices = [
        each if block.sense == "==" else np.minimum(each, 0.0)
        for block, each in zip(blocks, fitted_prices(inputs, blocks, duals), strict=True)
    ]
    group = tied(inputs, blocks, MOST, prices) if group is None else group
    inside = [_inside(inputs, block, group) for block in blocks]
    priced = [np.where(part >= 0, 0.0, each) for part, each in zip(inside, prices, strict=True)]
    whole, _ = lagrangian_bound(inputs, blocks, priced)
    first = inputs.first_row.astype(np.int64)
    reduced = inputs.objective.astype(float).copy()
    for block, each in zip(blocks, priced, strict=True):
        if block.family != "one_life":
            reduced -= block.plans.T @ each
    least = np.minimum.reduceat(reduced, first[:-1])
    constant = whole - float(least.sum())
    lowered, count = reduced.copy(), int(group.max()) + 1
    floor = np.zeros(count)
    for block, part, each in zip(blocks, inside, prices, strict=True):
        own = np.where(part >= 0, each, 0.0)
        if own.any():
            lowered -= block.plans.T @ own
            floor += np.bincount(part[part >= 0], (own * block.rhs)[part >= 0], minlength=count)
    floor += np.bincount(group, np.minimum.reduceat(lowered, first[:-1]), minlength=count)
    value, is_whole = np.bincount(group, least, minlength=count), np.ones(count, dtype=bool)
    pick = Choices(reduced, first, np.zeros((len(reduced), 0))).respond(np.zeros(0))[1]
    bound_rows = np.unique(np.concatenate([part[part >= 0] for part in inside]))
    value[bound_rows], is_whole[bound_rows] = floor[bound_rows], False
    parts = _parts(inputs, blocks, inside, group, bound_rows, reduced, lowered, floor)
    answers = _answers(parts, deadline - time.perf_counter(), close, workers or Here())
    for which, problem, (least_cost, taken) in zip(bound_rows, parts, answers, strict=True):
        value[which] = max(least_cost, floor[which])
        if taken is not None:
            is_whole[which], pick[np.flatnonzero(group == which)] = True, problem.plans[taken]
    linear = constant + float(np.where(np.isin(np.arange(count), bound_rows), floor, value).sum())
    return TiedBound(constant + float(value.sum()), linear, pick, is_whole, group)


def _answers(parts: Sequence[Part], seconds: float, close: float, workers: Workers) -> list[Answer]:
    """Have the parts answer, dealt out from the largest to the smallest, one lot a worker."""
    if sum(len(part.lowered) for part in parts) <= _ALONE:
        workers = Here()
    order = sorted(range(len(parts)), key=lambda at: -len(parts[at].lowered))
    lots = [order[start :: workers.count] for start in range(min(workers.count, len(parts)))]
    told = workers.map(
        _answered, [[parts[at] for at in lot] for lot in lots], repeat(time.time() + seconds), repeat(close),
        label=Text("つながる施設ごとに最善を求めています", "solving tied facilities part by part"),
    )  # fmt: skip
    answers = {at: answer for lot, each in zip(lots, told, strict=True) for at, answer in zip(lot, each, strict=True)}
    return [answers[at] for at in range(len(parts))]


def _answered(parts: Sequence[Part], until: float, close: float) -> list[Answer]:
    """Have a lot answer by a moment of the clock; each may take some times its share of the time left when its turn comes."""
    sizes = [len(part.lowered) for part in parts]
    answers = []
    for at, part in enumerate(parts):
        left = until - time.time()
        answers.append(part.answer(until, min(_MOST_SHARES * sizes[at] / max(sum(sizes[at:]), 1), 1.0) * left, close))
    return answers


def _inside(inputs: ScheduleInputs, block: Rows, group: Indices) -> Indices:
    """Return for each row the part that holds all of its facilities; -1 = priced."""
    part = np.full(len(block), -1, dtype=np.int64)
    named = np.diff(block.plans.indptr) > 0
    if block.family not in LOCAL or not named.any():
        return part
    of = group[inputs.facility[block.plans.indices]]
    begin = block.plans.indptr[:-1][named]
    low, high = np.minimum.reduceat(of, begin), np.maximum.reduceat(of, begin)
    part[named] = np.where(low == high, low, -1)
    return part


def _parts(
    inputs: ScheduleInputs, blocks: Sequence[Rows], inside: Sequence[Indices], group: Indices, wanted: Indices,
    reduced: Floats, lowered: Floats, floor: Floats,
) -> list[Part]:  # fmt: skip
    """Return the wanted parts as problems of their own: of plans that use a part's rows alike only the cheapest."""
    everyone = Choices(reduced, inputs.first_row.astype(np.int64), np.zeros((len(reduced), 0)))
    local = [(block, part >= 0) for block, part in zip(blocks, inside, strict=True) if (part >= 0).any()]
    if not local:
        return []
    rows = sparse.csr_array(sparse.vstack([block.plans[chosen] for block, chosen in local]))
    rhs = np.concatenate([block.rhs[chosen] for block, chosen in local])
    of = np.concatenate([part[part >= 0] for part in inside])
    order = np.argsort(of, kind="stable")
    begin, end = (np.searchsorted(of, wanted, side=side, sorter=order) for side in ("left", "right"))
    place = np.zeros(len(reduced), dtype=np.int32)
    parts = []
    for which, mine in zip(wanted, map(slice, begin, end), strict=True):
        members = np.flatnonzero(group == which)
        plans, count = everyone.plans_of(members), np.diff(everyone.first)[members]
        place[plans] = np.arange(len(plans))
        few, limit, owner = rows[order[mine]], rhs[order[mine]], np.repeat(np.arange(len(members)), count)
        few = sparse.csr_array((few.data, place[few.indices], few.indptr), shape=(len(limit), len(plans)))
        breakable = np.flatnonzero(oversteppable(few, limit, owner))
        use = sparse.csr_array(few[breakable].T)
        kept, _ = cheapest_alike(use, owner, reduced[plans])
        first = np.searchsorted(kept, np.append(0, np.cumsum(count)))
        choices = Choices(reduced[plans[kept]], first, sparse.csr_array(use[kept]))
        parts.append(Part(choices, limit[breakable], lowered[plans[kept]], float(floor[which]), plans[kept]))
    return parts


def cheapest_alike(use: sparse.csr_array, owner: Indices, cost: Floats) -> tuple[Indices, Indices]:
    """Return the plans that no other of the same facility with the same use of every row undercuts, and who stands for whom.

    The first are in ascending order; of every plan the second gives the place among them of the one that stands for it.

    >>> use = sparse.csr_array(np.array([[1.0], [1.0], [0.0]]))
    >>> [each.tolist() for each in cheapest_alike(use, np.zeros(3, dtype=np.int64), np.array([5.0, 4.0, 9.0]))]
    [[1, 2], [0, 0, 1]]
    """
    sums = use @ np.random.default_rng(0).random((use.shape[1], 2))
    order = np.lexsort((cost, sums[:, 1], sums[:, 0], owner))
    same = (np.diff(owner[order]) == 0) & (np.diff(sums[order], axis=0) == 0).all(axis=1)
    head = order[np.maximum.accumulate(np.where(np.append(True, ~same), np.arange(len(order)), 0))]
    # Sums that agree by chance must cost no plan its place.
    differs = np.asarray(abs(use[order] - use[head]).sum(axis=1)).ravel() > 0
    head = np.where(differs, order, head)
    kept = np.unique(head)
    alike = np.empty(len(order), dtype=np.int64)
    alike[order] = np.searchsorted(kept, head)
    return kept, alike
