"""What the decisions alone say: money, projects, floor area and service, year by year.

Nothing here reads the life plans' arrays: a decision is an action, its first year and its cost, and its
consequences are worked out again, one facility at a time, so that a fault in the arrays shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from fmtool.alternatives.steps import spend_profile
from fmtool.lifecycle.stock import Stock
from fmtool.schedule.inputs import Floats
from fmtool.vocabulary import ACTIONS
from fmtool.workspace import Workspace

_DEALS = ("lease", "sell")
_ENDING = ("lease", "sell", "demolish")
_SECURING = ("retrofit", "renovate", "extend", "rebuild", "rebuild_smaller", "convert")
RENEWING = ("repair", "renovate", "extend", "rebuild", "rebuild_smaller")


@dataclass(frozen=True, slots=True)
class Decision:
    """One dated action of the plan; cost in whole currency units."""

    facility_id: str
    action: str
    start_year: int | None
    """None for keeping a facility as it is."""
    end_year: int | None
    cost: float
    host_id: str | None = None


@dataclass(slots=True)
class Timeline:
    """One facility over the horizon, Y years; money in whole currency units."""

    facility: int
    spend: dict[int, Floats]
    """Place of the decision to its outlay (Y,)."""
    works: list[bool]
    floor_m2: list[float]
    capacity: list[float]
    """What it offers of its own service at its own place, until it leaves."""
    sale: list[float]
    offers: list[tuple[int, float] | None]
    """For a converted facility, service and capacity offered at its place; None = its own."""
    leave: int
    """First year index in which its service has ended or moved; Y = never."""
    safe_from: int
    """First year index from whose end no unretrofitted building stands open; Y = never."""
    renewed: list[int] = field(default_factory=list)
    """Year indices from which works on it are complete."""
    moves_to: int = -1
    moved_m2: float = 0.0


def first_year_after(decision: Decision, start_year: int) -> int:
    """Return the year index after a decision's last year."""
    return (decision.end_year or start_year - 1) - start_year + 1


def price_weights(decision: Decision, workspace: Workspace) -> list[float]:
    """Return, for each year of a decision, the share of its works times the price level of that year."""
    case = workspace.config.case
    name = "rebuild" if decision.action == "rebuild_smaller" else decision.action
    profile = [1.0] if decision.action in _DEALS else list(spend_profile(workspace.figures, name))
    first = (decision.start_year or case.start_year) - case.start_year
    return [part * (1 + case.construction_escalation_rate) ** (first + k) for k, part in enumerate(profile)]


def outlay_of(decision: Decision, workspace: Workspace) -> Floats:
    """Spread a decision's cost over the years of the plan, (Y,); what falls past the horizon is left out."""
    case = workspace.config.case
    outlay = np.zeros(case.horizon_years)
    if decision.start_year is None:
        return outlay
    weights = price_weights(decision, workspace)
    for k, weight in enumerate(weights):
        year = decision.start_year - case.start_year + k
        if year < case.horizon_years:
            outlay[year] += decision.cost * weight / sum(weights)
    return outlay


def timeline(
    facility: int, decisions: Sequence[Decision], stock: Stock, convert_to: int, workspace: Workspace
) -> Timeline:
    """Work out one facility's years from its decisions, in order."""
    case, figures = workspace.config.case, workspace.figures
    horizon = case.horizon_years
    floor, capacity = float(stock.floor_area_m2[facility]), float(stock.capacity[facility])
    line = Timeline(
        facility, {}, [False] * horizon, [floor] * horizon, [capacity] * horizon, [0.0] * horizon, [None] * horizon,
        horizon, horizon if stock.needs_retrofit[facility] else 0,
    )  # fmt: skip
    for place, decision in enumerate(decisions):
        if decision.action not in ACTIONS or decision.start_year is None:
            continue
        start, end = decision.start_year - case.start_year, first_year_after(decision, case.start_year)
        line.spend[place] = outlay_of(decision, workspace)
        if decision.action not in _DEALS:
            line.works[start:end] = [True] * (min(end, horizon) - start)
        if decision.action in _SECURING:
            line.safe_from = min(line.safe_from, end - 1)
        line.renewed += [end] if decision.action in RENEWING else []
        if decision.action == "sell" and start < horizon:
            line.sale[start] += _sale(stock, facility, workspace, is_cleared=line.moves_to >= 0)
        if decision.action == "merge":
            line.moves_to = stock.facility_ids.index(decision.host_id or "")
            line.moved_m2 = floor * (1 - figures.number("actions.merge.shared_space_saving"))
            _merge(line, end, horizon)
        elif decision.action == "rebuild_smaller":
            kept = 1 - figures.number("actions.rebuild_smaller.floor_cut")
            _from(line.floor_m2, end - 1, floor * kept)
            _from(line.capacity, end, capacity * kept)
        elif decision.action == "convert":
            line.leave = end
            offer = convert_to, floor * _capacity_per_m2(stock, convert_to)
            line.offers[end:] = [offer] * max(horizon - end, 0)
        elif decision.action in _ENDING and line.moves_to < 0:
            _end(line, start, keeps_building=decision.action == "lease")
    return line


def _end(line: Timeline, start: int, *, keeps_building: bool) -> None:
    line.leave = start
    if not keeps_building:
        _from(line.floor_m2, start, 0.0)
        line.safe_from = min(line.safe_from, start - 1)


def _merge(line: Timeline, end: int, horizon: int) -> None:
    line.leave = end
    line.safe_from = min(line.safe_from, end - 1)
    held = line.floor_m2[0]
    for year in range(end - 1, horizon):
        line.floor_m2[year] = line.moved_m2 + (held if year < end else 0.0)


def _sale(stock: Stock, facility: int, workspace: Workspace, *, is_cleared: bool) -> float:
    figures = workspace.figures
    price = float(stock.site_area_m2[facility] * stock.land_price_per_m2[facility]) * figures.number(
        "actions.sell.price_rate"
    )
    clearing = float(stock.floor_area_m2[facility] * stock.demolition_cost_per_m2[facility])
    clearing *= 1 + figures.number("actions.demolish.design_rate")
    return price if is_cleared else max(price - clearing, 0.0)


def _capacity_per_m2(stock: Stock, service: int) -> float:
    of_service = stock.service == service
    floor = float(stock.floor_area_m2[of_service].sum())
    return float(stock.capacity[of_service].sum()) / floor if floor > 0 else 1.0


def _from(values: list[float], start: int, value: float) -> None:
    for year in range(max(start, 0), len(values)):
        values[year] = value
