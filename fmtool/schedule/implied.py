"""Rows that follow from the families for whole life plans, and that fractions overstep."""

from __future__ import annotations

import numpy as np

from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.moves import dated_moves
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
    merging = np.flatnonzero(hosting.host >= 0)
    if not merging.size:
        return None
    moves = dated_moves(inputs, hosting, merging, hosting.host[merging].astype(np.int64))
    (row, moved), (row_of_ready, ready) = moves.plans_moved(), moves.plans_ready()
    value = np.concatenate([hosting.moved_floor_m2[moved], -hosting.room_m2[moves.host[row_of_ready]]])
    shape = (moves.year.size, len(inputs.facility))
    plans = entries(np.concatenate([row, row_of_ready]), np.concatenate([moved, ready]), value, shape)
    names = tuple(
        f"site_by_year({facility_name(inputs, host)},{inputs.years[year]})"
        for host, year in zip(moves.host.tolist(), moves.year.tolist(), strict=True)
    )
    return Rows("site_by_year", names, plans, "<=", np.zeros(len(names)), group=moves.group)
