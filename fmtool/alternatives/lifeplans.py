"""Life plans as arrays: every dated sequence of actions a facility could take over the horizon.

N life plans of F facilities over Y fiscal years. Money is in millions of the currency, real, at the
case's price year; a year is an index into ``years``; ``Y`` as a year index means "never".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmtool.text import Text
from fmtool.vocabulary import ACTIONS

ACTION_CODES: tuple[str, ...] = tuple(ACTIONS)
"""Index of an action in every integer array below."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What a facility may not do, and why."""

    facility: int
    action: str
    reason: Text
    host: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LifePlans:
    """All life plans of all costed facilities; rows of one facility are contiguous, facilities ascending."""

    facility_ids: tuple[str, ...]
    services: tuple[str, ...]
    years: tuple[int, ...]
    facility: Ints
    """(N,) index into ``facility_ids``."""
    kind: Ints
    """(N,) the life plan's leading action, index into ``ACTION_CODES``."""
    event_action: Ints
    """(N, E) dated works and disposals, index into ``ACTION_CODES``; -1 = none. Ordered by year."""
    event_year: Ints
    """(N, E) year index in which the event begins; -1 = none."""
    event_years: Ints
    """(N, E) duration in years (>= 1; a sale or lease has 1); the part past the horizon is not counted."""
    event_cost: Floats
    """(N, E) whole cost of the event, also what falls past the horizon."""
    host: Ints
    """(N,) facility that receives a merged one; -1 = none."""
    moved_floor_m2: Floats
    """(N,) floor area that the host must take in."""
    leave_year: Ints
    """(N,) first year index in which the facility no longer serves as before; Y = never."""
    after_service: Ints
    """(N,) service offered from ``leave_year`` on, index into ``services``; -1 = none."""
    after_site: Ints
    """(N,) facility at whose place it is offered (the host, or itself); -1 = none."""
    after_capacity: Floats
    """(N,) capacity offered there."""
    host_from: Ints
    """(N,) first year index from which the facility is open and sound to the end, so may be a host; Y = never."""
    outlay: Floats
    """(N, Y) works, design, relocation and demolition paid in the year."""
    running: Floats
    """(N, Y) running cost (維持管理費), with what a moved service costs at its host."""
    income: Floats
    """(N, Y) lease and sale income."""
    sale_income: Floats
    """(N, Y) the part of ``income`` that goes to the facilities fund."""
    risk: Floats
    """(N, Y) expected cost of failure."""
    residual: Floats
    """(N,) value left at the end of the horizon, undiscounted."""
    floor_m2: Floats
    """(N, Y) floor area the city holds at the end of the year, with what is added at a host."""
    works: NDArray[np.bool_]
    """(N, Y) True while a project is under way."""
    condition: NDArray[np.float32]
    """(N, Y) condition index 0-100 at the end of the year; NaN once disposed of."""
    exclusions: tuple[Exclusion, ...]

    def __len__(self) -> int:
        """Count the life plans."""
        return len(self.facility)

    def take(self, keep: NDArray[np.bool_] | Ints) -> LifePlans:
        """Return the chosen rows, in order."""
        shared = {"facility_ids", "services", "years", "exclusions"}
        fields = {name: getattr(self, name) for name in self.__slots__}
        return LifePlans(**{name: value if name in shared else value[keep] for name, value in fields.items()})

    def label(self, row: int) -> tuple[str, int | None, str | None]:
        """Return leading action, first year of that action and host id of one life plan."""
        action = int(self.kind[row])
        at = np.flatnonzero(self.event_action[row] == action)
        year = self.years[int(self.event_year[row, at[0]])] if at.size else None
        host = int(self.host[row])
        return ACTION_CODES[action], year, self.facility_ids[host] if host >= 0 else None
