"""From the city's stock and its life plans to the optimizer's arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmtool.alternatives.generate import life_plans, objective, services_of
from fmtool.alternatives.history import Work
from fmtool.alternatives.hosts import room_m2
from fmtool.alternatives.lifeplans import ACTION_CODES, LifePlans
from fmtool.alternatives.works import read_works
from fmtool.finance.city import CityFinance, read_city_finance
from fmtool.finance.programmes import Programme, read_programmes
from fmtool.inventory import Inventory, read_inventory, read_services
from fmtool.lifecycle.costs import RenewalCosts, renewal_costs, yearly_budget
from fmtool.lifecycle.present_value import discount_factors
from fmtool.lifecycle.stock import Stock, build_stock
from fmtool.schedule.fiscal import Fiscal, Levelling
from fmtool.schedule.inputs import Floats, FundInputs, Hosting, ScheduleInputs, ServiceArea, Services
from fmtool.schedule.offers import funding_of, own_shares_of_rebuilding
from fmtool.units import MILLION
from fmtool.workspace import Workspace


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A workspace made ready: what it owns, what it may do, what the optimizer sees."""

    workspace: Workspace
    inventory: Inventory
    stock: Stock
    services: pd.DataFrame
    """Rows for the life plans' services, in their order."""
    costs: RenewalCosts
    budget: Floats
    """(Y,) currency units."""
    plans: LifePlans
    works: tuple[Work, ...]
    """Works done or approved, which every life plan of their facility holds."""
    programmes: tuple[Programme, ...]
    """Funding programmes; none where the city gives no finances."""
    city: CityFinance | None
    inputs: ScheduleInputs


def prepare(workspace: Workspace) -> Case:
    """Read a workspace and make everything the schedule needs of it."""
    inventory = read_inventory(workspace)
    stock = build_stock(inventory, workspace)
    services = services_of(stock, read_services(workspace))
    costs = renewal_costs(stock, workspace)
    city = read_city_finance(workspace, workspace.config.case.years)
    programmes = () if city is None else read_programmes(workspace)
    budget = yearly_budget(workspace.config, costs.replace_total)
    if city is not None and city.general_funds is not None:
        budget = city.general_funds
    works = read_works(workspace, stock)
    plans = life_plans(stock, read_services(workspace), workspace, works)
    inputs = schedule_inputs(plans, stock, services, inventory, workspace, budget)
    inputs = replace(inputs, **_finance_inputs(plans, stock, programmes, city, workspace))
    inputs = with_past_paid(inputs, workspace.from_year)
    return Case(
        workspace, inventory, stock, services, costs, inputs_budget(inputs), plans, works, programmes, city, inputs
    )


def inputs_budget(inputs: ScheduleInputs) -> Floats:
    """Return the budget in whole currency units, (Y,)."""
    return np.zeros(inputs.horizon) if inputs.budget is None else inputs.budget * MILLION


def with_past_paid(inputs: ScheduleInputs, from_year: int | None) -> ScheduleInputs:
    """Let no limit of money or staff be broken by years that are over: what was spent then was to be had."""
    if from_year is None or inputs.budget is None:
        return inputs
    past = np.arange(inputs.horizon) < from_year - inputs.years[0]
    first = inputs.first_row[:-1]
    spent = np.minimum.reduceat(inputs.outlay, first, axis=0).sum(axis=0)
    changes: dict[str, Any] = {"budget": np.where(past, np.maximum(inputs.budget, spent), inputs.budget)}
    if inputs.works is not None and inputs.works_limit is not None:
        busy = np.minimum.reduceat(inputs.works, first, axis=0).sum(axis=0)
        changes["works_limit"] = np.where(past, np.maximum(inputs.works_limit, busy), inputs.works_limit)
    return replace(inputs, **changes)


def _finance_inputs(
    plans: LifePlans, stock: Stock, programmes: Sequence[Programme], city: CityFinance | None, workspace: Workspace
) -> dict[str, Any]:
    """Return the inputs of public finance; what is left at the plan's end then counts at the city's own part of it."""
    config = workspace.config
    limits = config.limits
    levelling = Levelling(limits.level_rate, limits.level_window_years, limits.peak_weight)
    if city is None:
        return {"levelling": levelling}
    names = [field.name for field in fields(Fiscal) if not field.name.endswith("_limit")]
    fiscal = Fiscal(
        **{name: getattr(city, name) / MILLION for name in names},
        debt_service_limit=limits.debt_service_ratio,
        future_burden_limit=limits.future_burden_ratio,
        outstanding_limit=limits.outstanding_to_budget,
    )
    has_plan = config.finance.has_facility_plan
    rate = config.case.discount_rate
    funding = funding_of(plans, stock, programmes, workspace.figures, rate, has_facility_plan=has_plan)
    share = own_shares_of_rebuilding(stock, programmes, plans.years[-1], has_facility_plan=has_plan)
    last = discount_factors(rate, len(plans.years))[-1]
    cost = objective(plans, rate) + last * plans.residual * (1 - share[plans.facility])
    return {"levelling": levelling, "fiscal": fiscal, "funding": funding, "objective": cost}


def schedule_inputs(
    plans: LifePlans,
    stock: Stock,
    services: pd.DataFrame,
    inventory: Inventory,
    workspace: Workspace,
    budget: Floats,
) -> ScheduleInputs:
    """Put life plans and limits into the arrays of :class:`ScheduleInputs`, money in millions."""
    config = workspace.config
    horizon = len(plans.years)
    merging = plans.host >= 0
    begin = np.where(merging, plans.event_year[np.arange(len(plans)), _event_of(plans, "merge")], horizon)
    limits = config.limits
    fund = config.fund
    return ScheduleInputs(
        years=plans.years,
        facility_ids=plans.facility_ids,
        facility=plans.facility,
        objective=objective(plans, config.case.discount_rate),
        outlay=plans.outlay,
        budget=budget / MILLION,
        fund=None
        if fund is None
        else FundInputs(
            fund.opening / MILLION,
            fund.floor / MILLION,
            fund.interest_rate,
            np.inf if fund.deposit_limit is None else fund.deposit_limit / MILLION,
            np.inf if fund.draw_limit is None else fund.draw_limit / MILLION,
        ),
        sale_income=None if fund is None else plans.sale_income,
        services=Services(
            service=stock.service.astype(np.int32),
            capacity=stock.capacity,
            leave_year=plans.leave_year,
            after_service=plans.after_service,
            after_site=plans.after_site,
            after_capacity=plans.after_capacity,
            areas=service_areas(stock, services, inventory, plans.years, config.case.crs),
        ),
        hosting=Hosting(
            host=plans.host,
            move_year=np.where(merging, plans.leave_year, horizon).astype(np.int32),
            begin_year=begin.astype(np.int32),
            moved_floor_m2=plans.moved_floor_m2,
            host_from=plans.host_from,
            room_m2=room_m2(stock, workspace.figures),
        ),
        works=plans.works,
        works_limit=None if limits.works_under_way is None else np.full(horizon, float(limits.works_under_way)),
        district=stock.district.astype(np.int32),
        merges_limit=limits.merges_per_district,
        closures_limit=limits.closures_per_year,
        floor_m2=plans.floor_m2,
        floor_target_m2=floor_target_m2(stock, workspace),
    )


def floor_target_m2(stock: Stock, workspace: Workspace) -> Floats | None:
    """Return the floor area not to be exceeded in each year, (Y,); inf before the target year, None without target."""
    limits, years = workspace.config.limits, workspace.config.case.years
    if limits.floor_area_reduction_rate is None:
        return None
    first = years[-1] if limits.floor_area_target_year is None else limits.floor_area_target_year
    target = float(stock.floor_area_m2.sum()) * (1 - limits.floor_area_reduction_rate)
    return np.where(np.array(years) >= first, target, np.inf)


def service_areas(
    stock: Stock, services: pd.DataFrame, inventory: Inventory, years: tuple[int, ...], crs: str
) -> tuple[ServiceArea, ...]:
    """Return every service's areas: each district with the sites within reach, or the whole city.

    required[k, y] = rate * today's capacity in the area * population of the service in y / in the first year,
    never more than today's capacity; the rate is ``standard_rate`` in the whole city and ``local_rate`` within reach
    of each district. A district's people are taken to change as the city's do. Districts that the same sites serve
    are one area.
    """
    demand = _demand_ratio(inventory.population, years)
    places = _district_places(inventory.districts, crs)
    sites = np.column_stack([stock.x_m, stock.y_m])
    areas: list[ServiceArea] = []
    for service, name in enumerate(services.index):
        row = services.iloc[service]
        own = stock.service == service
        if row["demand"] == "none" or not own.any():
            continue
        ratio = demand.get(str(row["demand"]), np.ones(len(years)))
        reach = float(row["reach_m"])
        city = np.ones(len(stock), dtype=bool)
        needed = ratio * float(row["standard_rate"])
        areas.append(_area(str(name), service, city, own, stock, needed, keep_one=False))
        if np.isnan(reach):
            continue
        found: dict[bytes, tuple[list[str], NDArray[np.bool_]]] = {}
        for district, place in places.items():
            near = np.hypot(*(sites - place).T) <= reach
            if (near & own).any():
                found.setdefault(near.tobytes(), ([], near))[0].append(district)
        for districts, near in found.values():
            more = f"+{len(districts) - 1}" if len(districts) > 1 else ""
            label = f"{name}@{districts[0]}{more}"
            areas.append(_area(label, service, near, own, stock, ratio * float(row["local_rate"]), keep_one=True))
    return tuple(areas)


def _area(
    name: str,
    service: int,
    sites: NDArray[np.bool_],
    own: NDArray[np.bool_],
    stock: Stock,
    needed: Floats,
    *,
    keep_one: bool,
) -> ServiceArea:
    today = float(stock.capacity[own & sites].sum())
    required = today * np.minimum(needed, 1.0)
    return ServiceArea(name, service, sites, required, keep_one)


def _demand_ratio(population: pd.DataFrame | None, years: tuple[int, ...]) -> dict[str, Floats]:
    if population is None:
        return {}
    of_years = population.loc[list(years)]
    # A group that is empty in the first year tells nothing about its change: what is offered today is kept.
    return {
        str(group): (of_years[group] / first).to_numpy(dtype=float)
        if (first := of_years[group].iloc[0]) > 0
        else np.ones(len(years))
        for group in of_years.columns
    }


def _district_places(districts: gpd.GeoDataFrame | None, crs: str) -> dict[str, Floats]:
    """Return a point inside each district, projected to metres."""
    if districts is None:
        return {}
    points = districts.to_crs(crs).representative_point()
    return {str(name): np.array([point.x, point.y]) for name, point in zip(districts["name"], points, strict=True)}


def _event_of(plans: LifePlans, action: str) -> NDArray[np.intp]:
    """Return the column of each life plan's event of that kind; 0 where it has none."""
    return np.argmax(plans.event_action == ACTION_CODES.index(action), axis=1)
