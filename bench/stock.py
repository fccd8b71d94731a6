"""A made-up city's stock as the optimizer sees it, for measuring the solver at any size.

Buildings of the 1960s to 1990s, most of the 1970s; floor areas lognormal; six services in a square city whose
districts are cells; the life plans a Japanese city weighs; subsidies, bonds and the limits of an ordinance on debt.
Nothing in it is a real place or figure. Money and floor of a life plan are the facility's floor area times what its
template says per m2, so that ten thousand facilities take seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree
from stock_finances import OWN_SHARE_OF_SUBSIDISED, SUBSIDISED, fiscal, funding, paid_class

from fmtool.schedule.inputs import FundInputs, Hosting, ScheduleInputs, ServiceArea, Services

FIRST_YEAR = 2026
DISCOUNT_RATE = 0.02
BUDGET_SHARE, BUDGET_SHARE_WITH_BONDS = 0.6, 0.25
"""Of the mean yearly need of renovating at 30 and rebuilding at 60; with bonds less, so that money is as short."""
COST = {"repair": 0.06, "renovate": 0.22, "extend": 0.28, "rebuild": 0.42, "demolish": 0.03}
"""Millions per m2."""
DURATION = {"repair": 1, "renovate": 2, "extend": 2, "rebuild": 3}
RENEWED_YEARS = {"repair": 8, "renovate": 18, "extend": 28, "rebuild": 200}
LIFE_YEARS = {"repair": 12, "renovate": 25, "extend": 40, "rebuild": 60}
DATED = (("renovate", 2, 20, 48), ("extend", 1, 32, 60), ("rebuild", 2, 42, 120), ("smaller", 2, 42, 120))
"""Action, years between starts, youngest and oldest age at the start."""
NEXT_REBUILD_YEARS = 25
MERGED_SHARE, SMALLER_SHARE = 0.35, 0.8
SERVICES = 6
CAN_MERGE = (0, 1, 2, 3)
SOUND_TO_AGE = 65
REACH = 1.2
"""Sides of a district within which a site serves its centre."""


@dataclass
class _Template:
    """One life plan per m2 of floor area, for every facility of a fitting age."""

    outlay: np.ndarray
    works: np.ndarray
    floor: np.ndarray
    """Share of today's floor area held each year."""
    sale: np.ndarray
    paid: np.ndarray
    """(3, Y) outlay by the class of works that ``stock_finances`` gives it."""
    renewals: list[tuple[int, float]] = field(default_factory=list)
    """Year and years by which the building is younger from then on."""
    rank: int = -1
    """Which of the nearest hosts it moves to; -1 = none."""
    leave: int = -1
    sound_from: int = 0
    ages: tuple[int, int] = (0, 10_000)
    """Youngest and oldest age in the first year."""
    residual: float = 0.0
    lost_service: float = 0.0


def city(
    facilities: int = 150, years: int = 40, seed: int = 0, hosts: int = 3, *, finances: bool = True
) -> ScheduleInputs:
    """Make a city of ``facilities`` with about 80 life plans each.

    Parameters
    ----------
    facilities, years, seed
        Size, and what the random numbers start from.
    hosts
        Nearest facilities of the same service that one may merge into.
    finances
        Whether programmes pay for works and the ordinance limits debt; without, the budget is larger.
    """
    rng = np.random.default_rng(seed)
    area = np.clip(rng.lognormal(7.0, 0.95, facilities), 60, 30_000)
    built = np.clip(np.round(rng.normal(1976, 9, facilities)), 1958, 2012).astype(int)
    service = rng.integers(0, SERVICES, facilities)
    side = max(2, round(np.sqrt(facilities / 8)))
    place = rng.uniform(0, side, (facilities, 2))
    near = _hosts(place, service, hosts)
    templates = _templates(years, hosts)
    ages, at_age = np.unique(FIRST_YEAR - built, return_inverse=True)
    fits = np.array([[low <= age <= high for low, high in (each.ages for each in templates)] for age in ages])
    rank = np.array([each.rank for each in templates])
    facility, template = np.nonzero(fits[at_age] & (rank[None, :] < (near >= 0).sum(axis=1)[:, None]))
    stock = _Stock(area, service, place, side, near, at_age, facility.astype(np.int32), template)
    return _inputs(stock, templates, ages, years, rng.uniform(0.2, 0.8, facilities), has_finances=finances)


@dataclass
class _Stock:
    """Facilities (F,), and the facility and template of each life plan (N,), ascending."""

    area: np.ndarray
    service: np.ndarray
    place: np.ndarray
    side: int
    near: np.ndarray
    at_age: np.ndarray
    facility: np.ndarray
    template: np.ndarray


def _hosts(place: np.ndarray, service: np.ndarray, count: int) -> np.ndarray:
    """Return the nearest facilities of the same service, (F, count); -1 = none."""
    near = np.full((len(place), count), -1, dtype=np.int32)
    for each in CAN_MERGE if count else ():
        members = np.flatnonzero(service == each)
        found = min(count, len(members) - 1)
        if found > 0:
            _, order = cKDTree(place[members]).query(place[members], k=found + 1)
            near[members, :found] = members[order[:, 1:]]
    return near


def _start(years: int) -> _Template:
    return _Template(np.zeros(years), np.zeros(years, bool), np.ones(years), np.zeros(years), np.zeros((3, years)))


def _do(plan: _Template, action: str, year: int, share: float = 1.0) -> int:
    """Add works to a template; return the first year after them."""
    years, span = len(plan.outlay), DURATION[action]
    inside = slice(year, min(year + span, years))
    plan.outlay[inside] += COST[action] * share / span
    plan.works[inside] = True
    if (kind := paid_class(action)) is not None:
        plan.paid[kind, inside] += COST[action] * share / span
    done = year + span
    if done < years:
        plan.renewals.append((done, RENEWED_YEARS[action]))
    left = max(0.0, 1 - max(years - done, 0) / LIFE_YEARS[action])
    plan.residual += COST[action] * share * left * (1 if action in {"extend", "rebuild"} else 0.5)
    return done


def _templates(years: int, hosts: int) -> list[_Template]:
    keep = _start(years)
    _do(keep, "repair", min(10, years - 1))
    templates = [keep]
    for action, step, youngest, oldest in DATED:
        for year in range(0, years - 1, step):
            plan = _start(years)
            kind, share = ("rebuild", SMALLER_SHARE) if action == "smaller" else (action, 1.0)
            done = min(_do(plan, kind, year, share), years)
            plan.floor[done:] = share
            if kind != "rebuild" and done + NEXT_REBUILD_YEARS < years:
                _do(plan, "rebuild", done + NEXT_REBUILD_YEARS)
            plan.sound_from, plan.ages = done, (youngest - year, oldest - year)
            templates.append(plan)
    for year in range(2, years - 1, 4):
        templates += [_merge(years, year, rank) for rank in range(hosts)]
        templates.append(_close(years, year))
    return templates


def _merge(years: int, year: int, rank: int) -> _Template:
    plan = _start(years)
    plan.rank, plan.leave, plan.sound_from = rank, year + 1, years
    plan.outlay[year] += COST["rebuild"] * MERGED_SHARE
    plan.paid[paid_class("merge"), year] += COST["rebuild"] * MERGED_SHARE
    plan.outlay[min(year + 1, years - 1)] += COST["demolish"]
    plan.works[year : year + 2] = True
    plan.floor[plan.leave :] = MERGED_SHARE
    plan.renewals = [(plan.leave, np.inf)]
    plan.sale[min(year + 2, years - 1)] = 0.04
    return plan


def _close(years: int, year: int) -> _Template:
    plan = _start(years)
    plan.leave, plan.sound_from = year, years
    plan.outlay[year] += COST["demolish"]
    plan.works[year] = True
    plan.floor[year:] = 0.0
    plan.sale[min(year + 1, years - 1)] = 0.05
    plan.lost_service = 0.025 * float(((1 + DISCOUNT_RATE) ** -np.arange(year, years)).sum())
    return plan


def _per_m2(templates: list[_Template], ages: np.ndarray, years: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return present value without residual (A, T), residual (T,) and the year from which it can host (A, T)."""
    factor = 1 / (1 + DISCOUNT_RATE) ** np.arange(1, years + 1)
    value = np.zeros((len(ages), len(templates)))
    ready = np.zeros((len(ages), len(templates)), dtype=np.int32)
    for t, plan in enumerate(templates):
        age = ages[:, None] + np.arange(years, dtype=float)
        for done, renewed in plan.renewals:
            age[:, done:] = np.maximum(age[:, done:] - renewed, np.arange(years - done))
        running = 0.012 * plan.floor * (1 + 0.015 * np.maximum(age - 30, 0))
        risk = COST["rebuild"] * plan.floor * 0.0004 * np.maximum(age - 35, 0) ** 1.5 / 5
        value[:, t] = (plan.outlay + running + risk - plan.sale) @ factor + plan.lost_service
        at_end = ages + years if t == 0 else age[:, -1]
        ready[:, t] = np.where(at_end <= SOUND_TO_AGE, plan.sound_from, years)
    return value, np.array([plan.residual for plan in templates]) * factor[-1], ready


def _inputs(
    stock: _Stock, templates: list[_Template], ages: np.ndarray, years: int, room: np.ndarray, *, has_finances: bool
) -> ScheduleInputs:
    facility, template, area = stock.facility, stock.template, stock.area
    size = area[facility][:, None]
    rank = np.array([plan.rank for plan in templates])[template]
    leave = np.array([plan.leave if plan.leave >= 0 else years for plan in templates], dtype=np.int32)[template]
    merged = rank >= 0
    host = np.where(merged, stock.near[facility, rank], -1).astype(np.int32)
    value, residual, ready = _per_m2(templates, ages, years)
    own_share = np.where(np.isin(stock.service, SUBSIDISED) & has_finances, OWN_SHARE_OF_SUBSIDISED, 1.0)
    objective = value[stock.at_age[facility], template] - residual[template] * own_share[facility]
    need = area.sum() * (COST["renovate"] + COST["rebuild"]) / 60
    budget = (BUDGET_SHARE_WITH_BONDS if has_finances else BUDGET_SHARE) * need
    cell = stock.place.astype(int)
    paid = sparse.csr_array(np.stack([plan.paid.ravel() for plan in templates]))

    def dense(name: str) -> np.ndarray:
        return np.stack([getattr(plan, name) for plan in templates])[template]

    return ScheduleInputs(
        years=tuple(range(FIRST_YEAR, FIRST_YEAR + years)),
        facility_ids=tuple(f"F{f:05d}" for f in range(len(area))),
        facility=facility,
        objective=objective * area[facility],
        outlay=dense("outlay") * size,
        budget=np.full(years, budget),
        fund=FundInputs(opening=budget, floor=0.1 * budget, interest_rate=0.001),
        sale_income=dense("sale") * size,
        services=Services(
            stock.service.astype(np.int32), area, leave,
            np.where(merged, stock.service[facility], -1).astype(np.int32), host,
            np.where(merged, 0.8 * area[facility], 0.0), _areas(stock, years),
        ),
        hosting=Hosting(
            host, np.where(merged, leave, years).astype(np.int32), np.where(merged, leave - 1, years).astype(np.int32),
            np.where(merged, MERGED_SHARE * area[facility], 0.0), ready[stock.at_age[facility], template], area * room,
        ),
        works=dense("works"),
        works_limit=np.full(years, max(4.0, np.ceil(len(area) / 12))),
        district=(cell[:, 0] * stock.side + cell[:, 1]).astype(np.int32),
        merges_limit=1,
        floor_m2=dense("floor") * size,
        floor_target_m2=np.where(np.arange(years) == years - 1, 0.85 * area.sum(), np.inf),
        funding=funding(paid[template], facility, stock.service, area, years, DISCOUNT_RATE) if has_finances else None,
        fiscal=fiscal(need, years) if has_finances else None,
    )  # fmt: skip


def _areas(stock: _Stock, years: int) -> tuple[ServiceArea, ...]:
    """Return the areas of the services that can merge: one around each district with a site, three quarters needed."""
    decline = 1 - 0.25 * np.arange(years) / years
    cell = stock.place.astype(int)
    districts = np.unique(cell[:, 0] * stock.side + cell[:, 1])
    within = cKDTree(stock.place).query_ball_point(
        np.stack([districts // stock.side, districts % stock.side], axis=1) + 0.5, REACH, return_sorted=True
    )
    areas = []
    for service in CAN_MERGE:
        for district, inside in zip(districts.tolist(), within, strict=True):
            members = np.array(inside, dtype=int)
            members = members[stock.service[members] == service]
            if members.size:
                sites = np.zeros(len(stock.area), dtype=bool)
                sites[members] = True
                need = 0.75 * stock.area[members].sum() * decline
                areas.append(
                    ServiceArea(f"service {service}, district {district}", service, sites, need, keep_one=True)
                )
    return tuple(areas)
