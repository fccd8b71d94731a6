"""Facilities tied to each other by hosts, room, coverage or reach, and the bound they give when solved whole.

Rows over many facilities (budget, fund, bonds, works, closures, floor) are priced; what is left falls apart into
groups of tied facilities. A group is a small problem of its own: solved with whole plans it bounds the schedule from
below more tightly than the linear relaxation, which lets half a school serve as half a host.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from fmtool.schedule.decompose.choices import Bools, Choices, Floats, Indices
from fmtool.schedule.decompose.coupling import Coupling
from fmtool.schedule.decompose.restricted import restricted
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.relaxation import fitted_prices, lagrangian_bound
from fmtool.schedule.rows import Rows, can_be_overstepped

LOCAL = frozenset({"host", "site", "coverage", "reach", "merges", "rounded"})
"""Families whose rows tie few facilities; all others are priced."""
_FIRST_PLANS = 4.0
_FIRST_SHARE = 0.3
_EXACT = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class TiedBound:
    """A lower bound of the schedule from groups solved whole, and what each group would take."""

    bound: float
    """Never below the bound of the prices alone."""
    linear: float
    """The bound of the prices alone."""
    pick: Indices
    """(F,) what the groups take at the prices; keeps every local row where ``is_whole``."""
    is_whole: Bools
    """(G,) groups for which a choice was found that keeps their rows."""
    group: Indices
    """(F,)"""


def tied(inputs: ScheduleInputs, blocks: Sequence[Rows]) -> Indices:
    """Return a group for each facility: two that share a local row are in the same one.

    >>> from fmtool.schedule.rows import entries
    >>> case = ScheduleInputs((1,), ("A", "B", "C"), np.arange(3, dtype=np.int32), np.zeros(3), np.zeros((3, 1)))
    >>> row = Rows("reach", ("reach(0)",), entries(np.array([0, 0]), np.array([0, 2]), 1.0, (1, 3)), "<=", np.ones(1))
    >>> tied(case, [row]).tolist()
    [0, 1, 0]
    """
    facilities = len(inputs.facility_ids)
    parts = [block.plans.tocoo() for block in blocks if block.family in LOCAL and len(block)]
    if not parts:
        return np.arange(facilities, dtype=np.int64)
    rows, owners, begin = [], [], 0
    for part in parts:
        row, column = part.coords
        rows.append(row + begin)
        owners.append(inputs.facility[column])
        begin += part.shape[0]
    row, owner = np.concatenate(rows), np.concatenate(owners)
    graph = sparse.coo_array(
        (np.ones(len(row), dtype=bool), (owner, facilities + row)), shape=(facilities + begin,) * 2
    )
    _, label = csgraph.connected_components(graph, directed=False)
    _, group = np.unique(label[:facilities], return_inverse=True)
    return np.asarray(group.ravel(), dtype=np.int64)


def tied_bound(
    inputs: ScheduleInputs,
    blocks: Sequence[Rows],
    duals: Sequence[Floats],
    *,
    deadline: float,
    close: float = 1e-4,
    threads: int = 2,
) -> TiedBound:
    """Bound the schedule from below by solving each group of tied facilities whole at the prices of all other rows.

    bound = sum over priced rows r of price[r] * rhs[r] + the money columns' least
            + sum over groups of the least of reduced @ x within the group's own rows

    A group not solved to its end counts with the bound it reached, or with the prices of its own rows where
    that is more; so the bound is true at any prices and however early the deadline.
    """
    prices = [
        each if block.sense == "==" else np.minimum(each, 0.0)
        for block, each in zip(blocks, fitted_prices(inputs, blocks, duals), strict=True)
    ]
    local = [at for at, block in enumerate(blocks) if block.family in LOCAL]
    first = inputs.first_row.astype(np.int64)
    reduced = inputs.objective.astype(float).copy()
    for at, block in enumerate(blocks):
        if at not in local and block.family != "one_life":
            reduced -= block.plans.T @ prices[at]
    lowered = reduced.copy()
    for at in local:
        lowered -= blocks[at].plans.T @ prices[at]
    silent = [np.zeros(len(each)) if at in local else each for at, each in enumerate(prices)]
    least = np.minimum.reduceat(lowered, first[:-1])
    constant = lagrangian_bound(inputs, blocks, silent)[0] - float(np.minimum.reduceat(reduced, first[:-1]).sum())
    group = tied(inputs, blocks)
    count = int(group.max()) + 1
    floor = np.bincount(group, least, minlength=count)
    for at in local:
        floor += np.bincount(group[_owner(inputs, blocks[at])], prices[at] * blocks[at].rhs, minlength=count)
    value, is_whole = floor.copy(), np.zeros(count, dtype=bool)
    pick = Choices(lowered, first, np.zeros((len(lowered), 0))).respond(np.zeros(0))[1]
    size = np.bincount(group)
    order = np.argsort(size, kind="stable")
    members = np.split(np.argsort(group, kind="stable"), np.cumsum(size)[:-1])
    for place, which in enumerate(order):
        spare = deadline - time.perf_counter()
        part = _Group(inputs, [blocks[at] for at in local], members[which], reduced, lowered, float(floor[which]))
        if not part.rows:
            value[which], is_whole[which] = float(np.minimum.reduceat(reduced, first[:-1])[members[which]].sum()), True
        elif spare > 0:
            seconds = spare * size[which] / size[order[place:]].sum()
            value[which], found = part.solve(seconds, close, threads)
            is_whole[which] = found is not None
            if found is not None:
                pick[members[which]] = found
    return TiedBound(constant + float(value.sum()), constant + float(floor.sum()), pick, is_whole, group)


def _owner(inputs: ScheduleInputs, block: Rows) -> Indices:
    """Return one facility of each row; a row without plans is anyone's."""
    counts = np.diff(block.plans.indptr)
    place = np.minimum(block.plans.indptr[:-1], max(block.plans.nnz - 1, 0))
    column = block.plans.indices[place] if block.plans.nnz else np.zeros(len(block), dtype=np.int64)
    return np.where(counts > 0, inputs.facility[column], 0).astype(np.int64)


class _Group:
    """Tied facilities as a problem of their own."""

    def __init__(
        self,
        inputs: ScheduleInputs,
        blocks: Sequence[Rows],
        members: Indices,
        reduced: Floats,
        lowered: Floats,
        floor: float,
    ) -> None:
        everyone = Choices(reduced, inputs.first_row.astype(np.int64), np.zeros((len(reduced), 0)))
        self.plans = everyone.plans_of(members)
        inside = np.zeros(len(inputs.facility_ids), dtype=bool)
        inside[members] = True
        rows, limits = [], []
        for block in blocks:
            mine = np.flatnonzero(inside[_owner(inputs, block)]).astype(np.int32)
            if mine.size:
                part = block.take(mine)
                breakable = np.flatnonzero(can_be_overstepped(part, inputs, self.plans.astype(np.int32)))
                rows.append(part.plans[breakable][:, self.plans])
                limits.append(part.rhs[breakable])
        self.limit = np.concatenate(limits) if limits else np.zeros(0)
        self.rows = len(self.limit)
        use = sparse.csr_array(sparse.vstack(rows).T) if self.rows else np.zeros((len(self.plans), 0))
        self.choices = Choices(
            reduced[self.plans], np.concatenate([[0], np.cumsum(np.diff(everyone.first)[members])]), use
        )
        own = Choices(lowered[self.plans], self.choices.first, np.zeros((len(self.plans), 0)))
        self.above, self.floor = own.above(np.zeros(0)), floor

    def solve(self, seconds: float, close: float, threads: int) -> tuple[float, Indices | None]:
        """Return a lower bound of the group's cost, and what it takes where a choice was found."""
        none = np.zeros(0)
        coupling = Coupling(
            self.limit, np.zeros(self.rows, dtype=bool), sparse.csc_array((self.rows, 0)), none, none, none
        )
        began = time.perf_counter()
        slack = close * float(np.abs(self.floor)) + _EXACT
        count = min(int(_FIRST_PLANS * self.choices.facilities), len(self.above) - 1)
        few = np.flatnonzero(self.above <= np.partition(self.above, count)[count])
        core = restricted(
            self.choices, coupling, few, seconds=_FIRST_SHARE * seconds, absolute_gap=slack, threads=threads
        )
        best = core.plan
        needed = np.inf if best is None else best.objective - self.floor + _EXACT * max(1.0, abs(best.objective))
        useful = np.flatnonzero(self.above <= needed)
        if best is not None:
            useful = np.union1d(useful, best.pick)
        found = restricted(
            self.choices, coupling, useful, seconds=max(seconds - (time.perf_counter() - began), 0.1),
            absolute_gap=slack, threads=threads, start=best,
        )  # fmt: skip
        if found.plan is not None and (best is None or found.plan.objective < best.objective):
            best = found.plan
        bound = found.bound if best is None else min(found.bound, best.objective)
        return max(bound, self.floor), None if best is None else self.plans[best.pick]
