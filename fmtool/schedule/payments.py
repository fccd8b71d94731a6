"""Who pays for which works: the optimizer's use of each offer, shared out among the decisions.

Within a class and a year every decision takes the same part of each offer. Amounts are whole currency
units; subsidies and bonds are rounded down, so that rounding oversteps no share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fmtool.schedule.inputs import Floats, Ints, ScheduleInputs
from fmtool.schedule.money import money_columns
from fmtool.schedule.timeline import Decision
from fmtool.units import MILLION

_ROUNDING = 1e-3
"""Currency units a solver's tolerance may lie under a whole amount."""


@dataclass(frozen=True, slots=True)
class Payment:
    """What one programme pays of one year's works of one decision; whole currency units."""

    facility_id: str
    place: int
    """Position of the decision among its facility's."""
    year: int
    programme: str
    term_years: int
    cost: float
    """Cost placed under the programme."""
    national_subsidy: float
    prefectural_subsidy: float
    bond: float

    @property
    def subsidy(self) -> float:
        """Both subsidies."""
        return self.national_subsidy + self.prefectural_subsidy


def payments_of(inputs: ScheduleInputs, choice: Ints, money: Floats, decisions: Sequence[Decision]) -> list[Payment]:
    """Return what programmes pay for each decision.

    Parameters
    ----------
    inputs
        The case.
    choice
        (F,) rows of the chosen life plans.
    money
        (M,) money columns.
    decisions
        The choice as dated decisions, those of a facility together and in order of year.
    """
    given, columns = inputs.funding, money_columns(inputs)
    if given is None or "placed" not in columns.part:
        return []
    horizon, offers = inputs.horizon, given.offers
    placed, bond = money[columns.part["placed"]], money[columns.part["bond"]]
    chosen = given.outlay[choice].tocoo()
    facility, column = chosen.coords
    total = np.bincount(column, chosen.data, minlength=given.outlay.shape[1])
    of_column: dict[int, list[tuple[int, float]]] = {}
    for f, at, amount in zip(facility.tolist(), column.tolist(), chosen.data.tolist(), strict=True):
        of_column.setdefault(at, []).append((f, amount / total[at]))
    places = _places(inputs, decisions)
    found = []
    for pair, (k, y) in enumerate(zip(columns.pair_offer.tolist(), columns.pair_year.tolist(), strict=True)):
        if placed[pair] * MILLION < 1.0:
            continue
        for f, share in of_column.get(int(offers.of_class[k]) * horizon + y, []):
            name, year = inputs.facility_ids[f], inputs.years[y]
            cost = _whole(placed[pair] * share)
            national = _whole(cost / MILLION * offers.national_rate[k])
            prefectural = _whole(cost / MILLION * offers.prefectural_rate[k])
            most = _whole((cost - national - prefectural) / MILLION * offers.bond_share[k])
            owed = min(_whole(bond[pair] * share), most)
            if cost > 0 and (national or prefectural or owed):
                term = int(offers.term_years[k])
                place = places[name, year]
                found.append(Payment(name, place, year, offers.programme[k], term, cost, national, prefectural, owed))
    return found


def _whole(millions: float) -> float:
    return float(np.floor(millions * MILLION + _ROUNDING))


def _places(inputs: ScheduleInputs, decisions: Sequence[Decision]) -> dict[tuple[str, int], int]:
    """Return the position of the decision that spends in each facility's years."""
    seen: dict[str, int] = {}
    places: dict[tuple[str, int], int] = {}
    for decision in decisions:
        place = seen.get(decision.facility_id, -1) + 1
        seen[decision.facility_id] = place
        if decision.start_year is None or decision.end_year is None:
            continue
        for year in range(decision.start_year, min(decision.end_year, inputs.years[-1]) + 1):
            places[decision.facility_id, year] = place
    return places
