"""Facilities tied to each other, and how they are parted where little is lost: along the cheapest of their common rows.

A group is halved by the second eigenvector of its Laplacian (Fiedler, 1973; Pothen, Simon and Liou, 1990): facilities
that share dear rows stand close in it, and the cut is made near its middle where the rows across are cheapest.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph, linalg

from fmtool.schedule.decompose.choices import Floats, Indices
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.rows import Rows

_LITTLE = 1e-3
"""Weight of all rows counted alike, beside that of their prices."""
_LEAST_PART = 0.4
"""Part of a group that either half has at least."""
_DENSE, _MOST_SPECTRAL = 48, 30_000
"""Facilities up to which a group is small enough for dense arrays, and from which it is too large for eigenvectors."""
_BESIDE = 120
"""Facilities that stand together in a row without being parted further."""
_SHIFT = 1e-4


def ties_of(inputs: ScheduleInputs, blocks: Sequence[Rows]) -> sparse.csr_array:
    """Return (F, F): how many rows two facilities share."""
    of_row = sparse.csr_array(sparse.vstack([_facilities_of(inputs, block) for block in blocks]))
    return sparse.csr_array(of_row.T @ of_row)


def strength_of(
    inputs: ScheduleInputs, blocks: Sequence[Rows], prices: Sequence[Floats] | None = None
) -> sparse.csr_array:
    """Return (F, F): how strongly two facilities are tied by the rows that they share, without themselves.

    A row weighs its price times its largest coefficient, dealt out to the pairs of its k facilities by 1 / (k - 1);
    all rows weigh a little beside that, and alike where there are no prices.
    """
    of_row = sparse.csr_array(sparse.vstack([_facilities_of(inputs, block) for block in blocks]))
    share = 1.0 / np.maximum(np.diff(of_row.indptr) - 1, 1)
    alike = _without_diagonal(sparse.csr_array(of_row.T @ (sparse.diags_array(share) @ of_row)))
    if prices is None:
        return alike
    price = np.concatenate([np.abs(np.minimum(each, 0.0)) for each in prices])
    dear = np.concatenate([abs(block.plans).max(axis=1).toarray().ravel() for block in blocks])
    priced = _without_diagonal(sparse.csr_array(of_row.T @ (sparse.diags_array(share * price * dear) @ of_row)))
    total = float(priced.sum())
    return alike if total <= 0 else sparse.csr_array(priced / total + _LITTLE / max(float(alike.sum()), 1.0) * alike)


def parted(strength: sparse.csr_array, most: int) -> list[Indices]:
    """Return groups of up to ``most`` facilities, each tied within; two groups beside each other are cut apart last.

    >>> pairs = np.array([[0, 1], [1, 2], [2, 3], [0, 3]]).T
    >>> weight = np.array([9.0, 1.0, 9.0, 1.0])
    >>> there = sparse.csr_array((weight, (pairs[0], pairs[1])), shape=(5, 5))
    >>> sorted(sorted(group.tolist()) for group in parted(there + there.T, most=2))
    [[0, 1], [2, 3], [4]]
    """
    _, label = csgraph.connected_components(strength, directed=False)
    order = np.argsort(label, kind="stable")
    waiting = np.split(order, np.cumsum(np.bincount(label))[:-1])[::-1]
    groups = []
    while waiting:
        members = waiting.pop()
        if len(members) <= most:
            groups.append(members)
        else:
            few = sparse.csr_array(strength[members][:, members])
            count, label = csgraph.connected_components(few, directed=False)
            halves = _cut(few) if count == 1 else [np.flatnonzero(label == each) for each in range(count)]
            waiting += [members[half] for half in reversed(halves)]
    return groups


def in_a_row(inputs: ScheduleInputs, blocks: Sequence[Rows], prices: Sequence[Floats] | None = None) -> Indices:
    """Return the facilities with those that are tied beside each other, and those without ties dealt out evenly among them."""
    count = len(inputs.facility_ids)
    if not blocks:
        return np.random.default_rng(0).permutation(count)
    groups = parted(strength_of(inputs, blocks, prices), _BESIDE)
    place = np.empty(count)
    for part in ([group for group in groups if len(group) > 1], [group for group in groups if len(group) == 1]):
        order = np.concatenate([np.zeros(0, dtype=np.int64), *part])
        place[order] = (np.arange(len(order)) + 0.5) / max(len(order), 1)
    return np.argsort(place, kind="stable")


def _facilities_of(inputs: ScheduleInputs, block: Rows) -> sparse.csr_array:
    """Return (R, F): which facilities each row names."""
    if not block.plans.has_sorted_indices:
        block.plans.sort_indices()
    row, facility = np.repeat(np.arange(len(block)), np.diff(block.plans.indptr)), inputs.facility[block.plans.indices]
    # Life plans are in order of facility, so that those of one in a row stand beside each other.
    is_new = np.append(True, (np.diff(row) != 0) | (np.diff(facility) != 0))[: row.size]
    begin = np.append(0, np.cumsum(np.bincount(row[is_new], minlength=len(block))))
    return sparse.csr_array(
        (np.ones(begin[-1]), facility[is_new], begin), shape=(len(block), len(inputs.facility_ids))
    )  # fmt: skip


def _without_diagonal(ties: sparse.csr_array) -> sparse.csr_array:
    there = ties.tocoo()
    row, column = there.coords
    apart = row != column
    return sparse.csr_array((there.data[apart], (row[apart], column[apart])), shape=there.shape)


def _cut(strength: sparse.csr_array) -> list[Indices]:
    """Halve a connected group where what ties the halves is least, each half no smaller than the least part."""
    count = strength.shape[0]
    order = np.argsort(_place(strength), kind="stable")
    rank = np.empty(count, dtype=np.int64)
    rank[order] = np.arange(count)
    pairs = sparse.coo_array(strength)
    low, high = rank[pairs.coords[0]], rank[pairs.coords[1]]
    ahead = low < high
    across = np.bincount(low[ahead] + 1, pairs.data[ahead], minlength=count + 1)
    across = np.cumsum(across - np.bincount(high[ahead] + 1, pairs.data[ahead], minlength=count + 1))
    begin = max(int(_LEAST_PART * count), 1)
    cut = begin + int(np.argmin(across[begin : count - begin + 1]))
    return [order[:cut], order[cut:]]


def _place(strength: sparse.csr_array) -> Floats:
    """Return a number for each facility; those tied strongly have numbers close to each other."""
    count = strength.shape[0]
    degree = np.asarray(strength.sum(axis=1)).ravel()
    if count <= _DENSE:
        return np.asarray(np.linalg.eigh(np.diag(degree) - strength.toarray())[1][:, 1])
    if count <= _MOST_SPECTRAL:
        laplacian = sparse.csc_array(sparse.diags_array(degree) - strength)
        start = 1.0 + np.arange(count) / count
        try:
            vectors = linalg.eigsh(laplacian, k=2, sigma=-_SHIFT * float(degree.mean()), v0=start)[1]
            return np.asarray(vectors[:, 1])
        except (linalg.ArpackError, RuntimeError):
            pass  # the order of a breadth-first walk parts well enough
    place = np.empty(count)
    place[csgraph.reverse_cuthill_mckee(strength, symmetric_mode=True)] = np.arange(count)
    return place
