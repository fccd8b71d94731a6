"""Prices of the rows among neighbours, found window by window at given prices of the rows over many facilities.

A window is a part and all facilities that share a row with it, so that every row of the part is whole in it. Its linear
problem, with the covers that sharpen it, prices the rows that the part owns; any prices give a true bound, so nothing
is lost but sharpness where windows disagree.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from scipy import sparse

from fmtool.schedule.decompose.choices import Choices, Floats, Indices
from fmtool.schedule.decompose.tied import LOCAL, cheapest_alike
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.problem import SolveOptions
from fmtool.schedule.relaxation import relax
from fmtool.schedule.rows import Rows
from fmtool.text import Text
from fmtool.workers import Workers

_LAZY_GAP = 0.004
_LONGEST = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """The linear problem of a part and its neighbours, plans that use the rows alike taken together."""

    inputs: ScheduleInputs
    """Cost at the prices of all other rows; no money, no services: the rows say it all."""
    blocks: list[Rows]

    def prices(self, seconds: float, gap: float) -> tuple[list[Floats], list[Rows], list[Floats]]:
        """Return the prices of the blocks' rows, the covers found, and their prices."""
        lazy = [block.family != "one_life" for block in self.blocks]
        found = relax(self.inputs, self.blocks, lazy, SolveOptions(gap=gap), time.perf_counter() + seconds)
        count = len(self.blocks)
        return found.duals[:count], found.cuts, found.duals[count:]


def local_prices(
    inputs: ScheduleInputs, blocks: Sequence[Rows], reduced: Floats, group: Indices, workers: Workers, deadline: float
) -> tuple[list[Floats], list[Rows], list[Floats]]:
    """Return prices of the blocks' local rows (zeros for the others), covers over all life plans, and their prices.

    Parameters
    ----------
    inputs
        The case.
    blocks
        Its rows, with those implied.
    reduced
        (N,) cost of each life plan at the prices of all rows that are not local.
    group
        (F,) part of each facility.
    workers
        Who solves the windows.
    deadline
        After it, windows not begun count nothing.
    """
    owners = [_owner(inputs, block, group) for block in blocks]
    parts = np.unique(np.concatenate([owner[owner >= 0] for owner in owners]))
    prices = [np.zeros(len(block)) for block in blocks]
    windows, places = [], []
    for part in parts.tolist():
        window, place = _window(inputs, blocks, owners, reduced, part)
        windows.append(window)
        places.append(place)
    seconds = min(_LONGEST, max(deadline - time.perf_counter(), 1.0) * workers.count / max(len(parts), 1) * 3)
    told = workers.map(
        Window.prices, windows, repeat(seconds), repeat(_LAZY_GAP),
        label=Text("近隣の施設ごとに価格を求めています", "pricing the rows among neighbours"),
    )  # fmt: skip
    covers: list[Rows] = []
    cover_prices: list[Floats] = []
    for part, (plans, alike, rows), (row_prices, cuts, cut_prices) in zip(parts.tolist(), places, told, strict=True):
        for at, price in zip(rows, row_prices[1:], strict=True):
            owned = owners[at[0]][at[1]] == part
            prices[at[0]][at[1][owned]] = price[owned]
        for cut, price in zip(cuts, cut_prices, strict=True):
            wide, kept = _widened(cut, price, plans, alike, len(inputs.facility))
            if kept.size:
                covers.append(wide)
                cover_prices.append(kept)
    return prices, *_joined(covers, cover_prices)


def _owner(inputs: ScheduleInputs, block: Rows, group: Indices) -> Indices:
    """Return the part that owns each local row: that of most of its entries; -1 = none."""
    owner = np.full(len(block), -1, dtype=np.int64)
    if block.family not in LOCAL or not block.plans.nnz:
        return owner
    row = np.repeat(np.arange(len(block)), np.diff(block.plans.indptr))
    parts = int(group.max()) + 1
    pair, count = np.unique(row * parts + group[inputs.facility[block.plans.indices]], return_counts=True)
    order = np.lexsort((-count, pair // parts))
    first = np.unique(pair[order] // parts, return_index=True)
    owner[first[0]] = (pair[order] % parts)[first[1]]
    return owner


def _window(
    inputs: ScheduleInputs, blocks: Sequence[Rows], owners: Sequence[Indices], reduced: Floats, part: int
) -> tuple[Window, tuple[Indices, Indices, list[tuple[int, Indices]]]]:
    """Return a part's window, its plans, which of its columns stands for each, and its rows' places in the case."""
    own = [(at, np.flatnonzero(owner == part)) for at, owner in enumerate(owners)]
    own = [(at, rows) for at, rows in own if rows.size]
    taken = {at: blocks[at].take(rows.astype(np.int32)) for at, rows in own}
    near = np.zeros(len(inputs.facility_ids), dtype=bool)
    for few in taken.values():
        near[inputs.facility[few.plans.indices]] = True
    members = np.flatnonzero(near)
    first = inputs.first_row.astype(np.int64)
    everyone = Choices(reduced, first, np.zeros((len(reduced), 0)))
    plans = everyone.plans_of(members)
    rows = [few.plans[:, plans] for few in taken.values()]
    owner = np.repeat(np.arange(len(members)), np.diff(first)[members])
    kept, alike = cheapest_alike(sparse.csr_array(sparse.vstack(rows).T), owner, reduced[plans])
    facility = owner[kept].astype(np.int32)
    one = sparse.csr_array(
        (np.ones(len(kept)), (facility, np.arange(len(kept)))), shape=(len(members), len(kept))
    )  # fmt: skip
    small = ScheduleInputs(
        (), tuple(str(each) for each in members), facility, reduced[plans[kept]], np.zeros((len(kept), 0))
    )
    lives = Rows("one_life", tuple(f"one_life({f})" for f in members), one, "==", np.ones(len(members)))
    local = [
        Rows(few.family, few.names, sparse.csr_array(matrix[:, kept]), "<=", few.rhs, group=few.group)
        for few, matrix in zip(taken.values(), rows, strict=True)
    ]
    return Window(small, [lives, *local]), (plans, alike, own)


def _widened(cut: Rows, price: Floats, plans: Indices, alike: Indices, count: int) -> tuple[Rows, Floats]:
    """Return the priced rows of a window over all life plans: plans alike use a cover alike."""
    used = np.flatnonzero(price < 0)
    narrow = sparse.csr_array(cut.plans[used][:, alike])
    wide = sparse.csr_array((narrow.data, plans[narrow.indices], narrow.indptr), shape=(len(used), count))
    return Rows(cut.family, tuple(cut.names[at] for at in used), wide, "<=", cut.rhs[used]), price[used]


def _joined(covers: Sequence[Rows], prices: Sequence[Floats]) -> tuple[list[Rows], list[Floats]]:
    """Join the covers of each family into one block."""
    blocks, joined = [], []
    for family in sorted({cover.family for cover in covers}):
        mine = [at for at, cover in enumerate(covers) if cover.family == family]
        names = tuple(f"{family}({number})" for number in range(sum(len(covers[at]) for at in mine)))
        matrix = sparse.csr_array(sparse.vstack([covers[at].plans for at in mine]))
        blocks.append(Rows(family, names, matrix, "<=", np.concatenate([covers[at].rhs for at in mine])))
        joined.append(np.concatenate([prices[at] for at in mine]))
    return blocks, joined
