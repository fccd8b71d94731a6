"""A multiple choice seen through prices: what each facility would take, and what that uses.

N life plans of F facilities, K rows of which a plan uses something. The rows' uses are dense (N, K) or
sparse with one row a plan; single precision is enough to hold them, sums are made in double precision.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Bools = NDArray[np.bool_]
Use = NDArray[np.floating] | sparse.csr_array

_CHUNK = 2_000_000
"""Plans priced at once: large enough for the arrays' speed, small enough to stay out of memory's way."""


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """One plan to be taken of each facility's, and what each uses of every row."""

    cost: NDArray[np.floating]
    """(N,)"""
    first: Indices
    """(F + 1,) where each facility's plans begin."""
    use: Use
    """(N, K) use of the rows by each plan."""

    @property
    def facilities(self) -> int:
        """Number of facilities."""
        return len(self.first) - 1

    @property
    def rows(self) -> int:
        """Number of rows that plans use."""
        return int(self.use.shape[1])

    def filled(self) -> float:
        """Return the part of the rows that a plan uses on average."""
        used = self.use.nnz if sparse.issparse(self.use) else np.count_nonzero(self.use)
        return float(used / max(len(self.cost) * self.rows, 1))

    def chunks(self) -> Iterator[slice]:
        """Yield runs of facilities whose plans are priced together."""
        begin = 0
        while begin < self.facilities:
            end = int(np.searchsorted(self.first, self.first[begin] + _CHUNK, "right")) - 1
            end = min(max(end, begin + 1), self.facilities)
            yield slice(begin, end)
            begin = end

    def reduced(self, prices: Floats, facilities: slice) -> Floats:
        """Return cost plus priced use of the plans of a run of facilities, in double precision."""
        plans = slice(int(self.first[facilities.start]), int(self.first[facilities.stop]))
        if isinstance(self.use, np.ndarray):
            # Row by row, where `@` groups rows: so a plan's sum is the same with whatever others it is priced.
            priced = np.einsum("nk,k->n", self.use[plans], prices)
        else:
            priced = _rows(self.use, plans) @ prices
        return np.asarray(self.cost[plans] + priced, dtype=float)

    def respond(self, prices: Floats) -> tuple[Floats, Indices]:
        """Return what each facility's cheapest plan costs at the prices, and which it is.

        least[f] = min over n of f of cost[n] + sum over k of prices[k] * use[n, k]

        >>> one = Choices(np.array([5.0, 3.0, 1.0]), np.array([0, 2, 3]), np.array([[0.0], [4.0], [1.0]]))
        >>> [each.tolist() for each in one.respond(np.array([1.0]))]
        [[5.0, 2.0], [0, 2]]
        """
        least, pick = np.empty(self.facilities), np.empty(self.facilities, dtype=np.int64)
        for run in self.chunks():
            reduced = self.reduced(prices, run)
            least[run], pick[run] = _cheapest(reduced, self.first[run.start : run.stop + 1])
        return least, pick

    def above(self, prices: Floats) -> Floats:
        """Return what each plan costs over its facility's cheapest at the prices, (N,)."""
        over = np.empty(len(self.cost))
        for run in self.chunks():
            reduced, first = self.reduced(prices, run), self.first[run.start : run.stop + 1]
            least, _ = _cheapest(reduced, first)
            over[first[0] : first[-1]] = reduced - np.repeat(least, np.diff(first))
        return over

    def near(self, prices: Floats, wide: float, most: int) -> Indices:
        """Return the plans worth a second look near the prices: those that cost little over the cheapest.

        Little is ``wide`` times what the facility's plans cost over its cheapest on average; at most about
        ``most`` plans a facility come back, by a narrower measure for all where there are more.
        """
        found, share = [], []
        for run in self.chunks():
            reduced, first = self.reduced(prices, run), self.first[run.start : run.stop + 1]
            count = np.diff(first)
            least, _ = _cheapest(reduced, first)
            over = reduced - np.repeat(least, count)
            mean = np.add.reduceat(over, first[:-1] - first[0]) / count
            part = over / np.repeat(np.maximum(mean, 1e-300), count)
            plans = np.flatnonzero(part <= wide)
            found.append(plans + first[0])
            share.append(part[plans].astype(np.float32))
        plans, part = np.concatenate(found), np.concatenate(share)
        limit = most * self.facilities
        if plans.size > limit:
            narrow = max(float(np.partition(part, limit)[limit]), 0.0)
            plans = plans[part <= narrow]
        return plans

    def used(self, pick: Indices) -> Floats:
        """Return the sum of the picked plans' use of each row, (K,)."""
        total = np.zeros(self.rows)
        for begin in range(0, len(pick), _CHUNK):
            total += np.asarray(self.use[pick[begin : begin + _CHUNK]].sum(axis=0, dtype=np.float64)).ravel()
        return total

    def take(self, plans: Indices) -> Choices:
        """Return the choice among some plans only, ascending, at least one for each facility."""
        use = self.use[plans] if isinstance(self.use, np.ndarray) else sparse.csr_array(self.use[plans])
        return Choices(self.cost[plans], np.searchsorted(plans, self.first), use)

    def of(self, facilities: Indices) -> Choices:
        """Return the choice of some facilities only."""
        plans = self.plans_of(facilities)
        count = np.diff(self.first)[facilities]
        return Choices(self.cost[plans], np.concatenate([[0], np.cumsum(count)]), self.use[plans])

    def plans_of(self, facilities: Indices) -> Indices:
        """Return the plans of some facilities, in order."""
        count = np.diff(self.first)[facilities]
        begin = np.repeat(self.first[facilities] - np.concatenate([[0], np.cumsum(count)[:-1]]), count)
        return np.asarray(begin + np.arange(int(count.sum())), dtype=np.int64)

    def owner(self) -> Indices:
        """Return the facility of each plan, (N,)."""
        return np.repeat(np.arange(self.facilities), np.diff(self.first))


def _rows(matrix: sparse.csr_array, rows: slice) -> sparse.csr_array:
    """Return a run of rows without copying what they hold."""
    begin, end = int(matrix.indptr[rows.start]), int(matrix.indptr[rows.stop])
    pointers = matrix.indptr[rows.start : rows.stop + 1] - begin
    part = (matrix.data[begin:end], matrix.indices[begin:end], pointers)
    return sparse.csr_array(part, shape=(rows.stop - rows.start, matrix.shape[1]))


def _cheapest(reduced: Floats, first: Indices) -> tuple[Floats, Indices]:
    """Return the least of each facility's values and the first plan that has it."""
    begin, count = first[:-1] - first[0], np.diff(first)
    if count.size and (count == count[0]).all():
        table = reduced.reshape(count.size, int(count[0]))
        place = table.argmin(axis=1)
        return table[np.arange(count.size), place], first[:-1] + place
    least = np.minimum.reduceat(reduced, begin)
    at = np.flatnonzero(reduced == np.repeat(least, count))
    return least, first[0] + at[np.searchsorted(at, begin)]
