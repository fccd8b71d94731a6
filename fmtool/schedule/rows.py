"""Rows of the model as sparse blocks, before any solver sees them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from fmtool.schedule.inputs import Floats, Ints, ScheduleInputs

Sense = Literal["<=", "=="]
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Named rows of one family: ``plans @ x + money @ m  (<= or ==)  rhs``."""

    family: str
    names: tuple[str, ...]
    plans: sparse.csr_array
    """(R, N) coefficients of the life plans."""
    sense: Sense
    rhs: Floats
    """(R,)"""
    money: sparse.csr_array | None = None
    """(R, 3Y) coefficients of draw, deposit and fund."""
    group: Ints | None = None
    """(R,) rows alike but for the year share a group; the worst of a group enters a lazy model first."""

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.names)

    def take(self, keep: NDArray[np.bool_] | Ints) -> Rows:
        """Return the chosen rows."""
        chosen = np.asarray(np.flatnonzero(keep) if keep.dtype == bool else keep, dtype=np.int64)
        return Rows(
            self.family,
            tuple(self.names[i] for i in chosen),
            self.plans[chosen],
            self.sense,
            self.rhs[chosen],
            None if self.money is None else self.money[chosen],
            None if self.group is None else self.group[chosen],
        )

    def over(self, keep: NDArray[np.bool_]) -> Rows:
        """Return the same rows over the chosen life plans only."""
        return replace(self, plans=sparse.csr_array(self.plans[:, np.flatnonzero(keep)]))

    def excess(self, plans: Floats, money: Floats | None = None) -> Floats:
        """Return by how much each row is overstepped; negative = room left, for ``==`` the distance."""
        left = self.plans @ plans
        if self.money is not None and money is not None:
            left = left + self.money @ money
        gap = left - self.rhs
        return np.abs(gap) if self.sense == "==" else np.asarray(gap)


def worst_of_group(rows: Rows, excess: Floats, tolerance: float, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Choose the overstepped rows to bring in: of each group the worst, and none that is in the model already."""
    over = (excess > tolerance * np.maximum(1.0, np.abs(rows.rhs))) & ~inside
    if rows.group is None or not over.any():
        return over
    found = np.flatnonzero(over)
    order = found[np.lexsort((-excess[found], rows.group[found]))]
    first = np.append(True, np.diff(rows.group[order]) != 0)
    chosen = np.zeros(len(over), dtype=bool)
    chosen[order[first]] = True
    return chosen


def can_be_overstepped(rows: Rows, inputs: ScheduleInputs, columns: Ints) -> NDArray[np.bool_]:
    """Tell which ``<=`` rows some choice of one of the given life plans (ascending) for each facility would overstep."""
    return oversteppable(rows.plans[:, columns], rows.rhs, inputs.facility[columns])


def oversteppable(plans: sparse.csr_array, rhs: Floats, owner: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Tell which rows ``plans @ x <= rhs`` some choice of one column for each owner (ascending) would overstep."""
    plans.sort_indices()
    if not plans.nnz:
        return np.asarray(rhs < 0)
    row, facility = np.repeat(np.arange(len(rhs)), np.diff(plans.indptr)), owner[plans.indices]
    # Columns are in order of their owner, so that those of one in a row stand beside each other.
    starts = np.flatnonzero(np.append(True, (np.diff(row) != 0) | (np.diff(facility) != 0)))
    most = np.maximum.reduceat(plans.data, starts)
    # A facility with a plan outside the row may add nothing to it.
    has_way_out = np.diff(starts, append=row.size) < np.bincount(owner)[facility[starts]]
    most = np.where(has_way_out, np.maximum(most, 0.0), most)
    total = np.bincount(row[starts], most, minlength=len(rhs))
    return np.asarray(total > rhs + 1e-9 * np.maximum(1.0, np.abs(rhs)))


def entries(
    row: NDArray[np.integer], column: NDArray[np.integer], value: Floats | float, shape: tuple[int, int]
) -> sparse.csr_array:
    """Make a sparse block from coordinates; values may be one number for all."""
    data = np.broadcast_to(np.asarray(value, dtype=float), np.shape(row))
    return sparse.csr_array(sparse.coo_array((data, (row, column)), shape=shape))


def by_year(table: Floats) -> sparse.csr_array:
    """Return a table (N, Y) as a sparse block (Y, N): one row a year."""
    return sparse.csr_array(sparse.csr_array(table).T)


def spans(begin: NDArray[np.integer], count: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the positions from each ``begin`` on, as many as its ``count``, one after the other.

    >>> spans(np.array([5, 0, 9]), np.array([2, 0, 3])).tolist()
    [5, 6, 9, 10, 11]
    """
    before = np.cumsum(count, dtype=np.int64) - count
    return np.repeat(np.asarray(begin, dtype=np.int64) - before, count) + np.arange(int(np.sum(count)))


def facility_name(inputs: ScheduleInputs, facility: int) -> str:
    """Return the facility's id where LP files can hold it, else its position after a dot, which no such id has."""
    name = inputs.facility_ids[facility]
    return (
        name if name.isascii() and name.replace("_", "").isalnum() and len(name) <= _LONGEST_NAME else f"no.{facility}"
    )
