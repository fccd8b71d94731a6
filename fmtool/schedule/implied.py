"""Rows that follow from the families for whole life plans, and that fractions overstep."""

from __future__ import annotations

import numpy as np

from fmtool.schedule.inputs import Floats, Ints, ScheduleInputs
from fmtool.schedule.rows import Rows, entries, facility_name

ORIGIN = {"coverage_cover": "coverage", "site_cover": "site", "site_by_year": "site"}
"""Family of implied rows to the family that they sharpen."""


def site_by_year(inputs: ScheduleInputs) -> Rows | None:
    """Move into a host by a year no more than there is room for in hosts that are ready by then.

    For each host g and year y:  sum over n moving into g by y of moved[n] * x[n]
                                 <=  room[g] * sum over n of g open and sound from y on of x[n]

    It follows from ``host`` and ``site``: where the right side is zero nothing moves, else it is the host's room.
    Rows: ``site_by_year(g,y)``, m2. Of the years between which the right side does not grow only the last is a row.
    """
    hosting = inputs.hosting
    if hosting is None:
        return None
    first = inputs.first_row
    merging = np.flatnonzero(hosting.host >= 0)
    if not merging.size:
        return None
    merging = merging[np.lexsort((hosting.move_year[merging], hosting.host[merging]))]
    hosts, begin = np.unique(hosting.host[merging], return_index=True)
    row: list[Ints] = []
    column: list[Ints] = []
    value: list[Floats] = []
    names: list[str] = []
    group: list[int] = []
    for number, (g, members) in enumerate(zip(hosts.tolist(), np.split(merging, begin[1:]), strict=True)):
        ready = hosting.host_from[first[g] : first[g + 1]]
        for year in last_before_growth(np.unique(hosting.move_year[members]), ready):
            moved = members[hosting.move_year[members] <= year]
            staying = first[g] + np.flatnonzero(ready <= year)
            row.append(np.full(moved.size + staying.size, len(names)))
            column.append(np.concatenate([moved, staying]))
            value.append(np.concatenate([hosting.moved_floor_m2[moved], np.full(staying.size, -hosting.room_m2[g])]))
            names.append(f"site_by_year({facility_name(inputs, g)},{inputs.years[year]})")
            group.append(number)
    shape = (len(names), len(inputs.facility))
    plans = entries(np.concatenate(row), np.concatenate(column), np.concatenate(value), shape)
    return Rows(
        "site_by_year", tuple(names), plans, "<=", np.zeros(len(names)), group=np.array(group, dtype=np.int32)
    )  # fmt: skip


def last_before_growth(moves: Ints, ready: Ints) -> list[int]:
    """Return the years of moves after which, before the next, no more life plans of the host become ready.

    >>> last_before_growth(np.array([2, 5, 9]), np.array([0, 4]))
    [2, 9]
    """
    ready_by = np.searchsorted(np.sort(ready), moves, side="right")
    return [int(year) for year in moves[np.append(ready_by[1:] != ready_by[:-1], True)]]
