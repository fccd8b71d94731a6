"""Moves into hosts, by date: who has moved by then, and which life plans of the host are ready for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmtool.schedule.inputs import Hosting, Ints, ScheduleInputs
from fmtool.schedule.rows import spans

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """One entry a group of moves and date; of the dates between which the host does not grow only the last."""

    group: Ints
    """Number of the group, in the order of the keys given."""
    key: Indices
    host: Ints
    year: Ints
    moved: Indices
    """How many life plans of the group have moved by the date ..."""
    ready: Indices
    """... and how many of the host are ready by then."""
    _moving: Indices
    """Life plans by group and date; those of an entry begin at ..."""
    _begin: Indices
    _in_order: Indices
    """Life plans by facility and the year from which they can host; those of an entry begin at ..."""
    _first: Ints

    def plans_moved(self) -> tuple[Indices, Indices]:
        """Return entry and life plan of all who have moved."""
        return np.repeat(np.arange(len(self.year)), self.moved), self._moving[spans(self._begin, self.moved)]

    def plans_ready(self) -> tuple[Indices, Indices]:
        """Return entry and life plan of all that are ready."""
        return np.repeat(np.arange(len(self.year)), self.ready), self._in_order[spans(self._first, self.ready)]

    def take(self, keep: NDArray[np.bool_]) -> Moves:
        """Return the chosen entries."""
        return Moves(
            self.group[keep], self.key[keep], self.host[keep], self.year[keep], self.moved[keep], self.ready[keep],
            self._moving, self._begin[keep], self._in_order, self._first[keep],
        )  # fmt: skip


def dated_moves(inputs: ScheduleInputs, hosting: Hosting, merging: Indices, key: Indices) -> Moves:
    """Put moves in order of group and date.

    Parameters
    ----------
    inputs, hosting
        The case.
    merging
        Life plans that move.
    key
        Group of each; a group has one host.
    """
    order = np.lexsort((hosting.move_year[merging], key))
    moving, key = merging[order], key[order]
    date = hosting.move_year[moving]
    is_new = np.append(True, np.diff(key) != 0)
    end = np.flatnonzero(np.append(is_new[1:] | (np.diff(date) != 0), True))
    begin, group = np.flatnonzero(is_new), np.cumsum(is_new) - 1
    host, year, of = hosting.host[moving[end]], date[end], group[end]
    far = int(max(date.max(initial=0), hosting.host_from.max(initial=0))) + 1
    in_order = np.lexsort((hosting.host_from, inputs.facility))
    ready_from = inputs.facility[in_order].astype(np.int64) * far + hosting.host_from[in_order]
    first = inputs.first_row[host]
    ready = np.searchsorted(ready_from, host.astype(np.int64) * far + year, side="right") - first
    found = Moves(
        of.astype(np.int32), key[end], host, year, end + 1 - begin[of], ready, moving, begin[of], in_order, first
    )
    return found.take(np.append((np.diff(of) != 0) | (np.diff(ready) != 0), True))
