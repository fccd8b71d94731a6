"""The costed facilities as arrays: what every formula of costs and life plans reads.

Row ``f`` of every array is facility ``facility_ids[f]``; only facilities that can be costed are in it, in
the order of the inventory. Amounts are whole currency units; costs per square metre are already
multiplied by the case's ``construction_price_factor``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmtool.vocabulary import USES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

USE_CODES: tuple[str, ...] = tuple(USES)
"""Index of a use in ``Stock.use``."""

PARTS: tuple[str, ...] = ("roof", "exterior", "interior", "electrical", "mechanical")
"""The five parts of the condition score, in the order of every array with a part axis."""

GRADES = "ABCD"
"""Grade 0 is A (sound), 3 is D (act soon)."""


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """The costed facilities, as arrays of one row each."""

    facility_ids: tuple[str, ...]
    services: tuple[str, ...]
    """The services that occur, sorted; ``service`` points into it."""
    districts: tuple[str, ...]
    """The districts that occur or are drawn; ``district`` points into it."""
    use: Ints
    """(F,) index into ``USE_CODES``."""
    service: Ints
    """(F,) index into ``services``."""
    district: Ints
    """(F,) index into ``districts``; -1 = not known."""
    built_year: Ints
    """(F,) fiscal year in which the building was completed."""
    age_years: Ints
    """(F,) first plan year less ``built_year``."""
    renewed_year: Ints
    """(F,) fiscal year of the last major works, else ``built_year``."""
    floor_area_m2: Floats
    renovation_cost_per_m2: Floats
    """(F,) major renovation (大規模改修), the ministry's unit cost of the use."""
    rebuild_cost_per_m2: Floats
    """(F,) rebuilding (建替え), the ministry's unit cost of the use; demolition, design and relocation are in it."""
    extension_cost_per_m2: Floats
    """(F,) long-life renovation (長寿命化改修)."""
    repair_cost_per_m2: Floats
    """(F,) mid-cycle repair (中規模修繕)."""
    demolition_cost_per_m2: Floats
    """(F,) taking down for good, by structure."""
    retrofit_cost_per_m2: Floats
    """(F,) seismic retrofit (耐震改修)."""
    design_life_years: Floats
    """(F,) years after which running cost begins to rise, by structure."""
    running_cost: Floats
    """(F,) yearly running cost at the start: the ledger's, else floor area times the use's default."""
    income: Floats
    """(F,) yearly income at the start; 0 where the ledger is blank."""
    capacity: Floats
    """(F,) what the facility offers; the floor area where the ledger is blank."""
    needs_retrofit: Flags
    """(F,) True for an unretrofitted building of the old seismic standard."""
    is_listed: Flags
    is_leased_in: Flags
    locked: tuple[str | None, ...]
    """(F,) decided already: action code, with ``:year`` where dated; None = free."""
    site_area_m2: Floats
    """(F,) land; estimated from the floor area where the ledger is blank (see ``guesses``)."""
    land_price_per_m2: Floats
    """(F,) the ledger's, else the workspace's default."""
    x_m: Floats
    """(F,) projected coordinate in metres (the case's ``crs``); NaN when the place is not known."""
    y_m: Floats
    """(F,) projected coordinate in metres; NaN when the place is not known."""
    grades: NDArray[np.int8]
    """(F, 5) grade 0-3 of each of ``PARTS``; -1 = not inspected."""
    guesses: pd.DataFrame
    """What was filled in here: facility_id, column, value, rule_ja, rule_en."""

    def __len__(self) -> int:
        """Count the facilities."""
        return len(self.facility_ids)

    def take(self, rows: Flags | Ints) -> Stock:
        """Return the chosen facilities, in order; ``services``, ``districts`` and ``guesses`` stay whole."""
        index = np.arange(len(self))[rows]
        chosen: dict[str, object] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray):
                chosen[item.name] = value[index]
            elif item.name in {"facility_ids", "locked"}:
                chosen[item.name] = tuple(value[row] for row in index)
            else:
                chosen[item.name] = value
        return Stock(**chosen)  # type: ignore[arg-type]
