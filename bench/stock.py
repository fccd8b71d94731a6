"""A made-up city's stock as the optimizer sees it, for measuring the solver at any size.

Buildings of the 1960s to 1990s, most of the 1970s; floor areas lognormal; six services in a square city whose
districts are cells; the life plans a Japanese city weighs. Nothing in it is a real place or figure.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fmtool.schedule.inputs import FundInputs, Hosting, ScheduleInputs, ServiceArea, Services

FIRST_YEAR = 2026
DISCOUNT_RATE = 0.02
BUDGET_SHARE = 0.6
"""Of the mean yearly need of renovating at 30 and rebuilding at 60."""
COST = {"repair": 0.06, "renovate": 0.22, "extend": 0.28, "rebuild": 0.42, "demolish": 0.03}
"""Millions per m2."""
DURATION = {"repair": 1, "renovate": 2, "extend": 2, "rebuild": 3}
SERVICES = 6
CAN_MERGE = (0, 1, 2, 3)
SOUND_TO_AGE = 65


@dataclass
class _Plan:
    """One life plan while it is being put together."""

    facility: int
    outlay: np.ndarray
    works: np.ndarray
    floor: np.ndarray
    """Share of today's floor area held each year."""
    age: np.ndarray
    """Age in use each year, which running cost and risk follow."""
    host: int = -1
    leave: int = -1
    sale: np.ndarray | None = None
    host_from: int = 0
    residual: float = 0.0
    extra: dict[str, float] = field(default_factory=dict)


def city(facilities: int = 150, years: int = 40, seed: int = 0, hosts: int = 3) -> ScheduleInputs:
    """Make a city of ``facilities`` with about 90 life plans each."""
    rng = np.random.default_rng(seed)
    area = np.clip(rng.lognormal(7.0, 0.95, facilities), 60, 30_000)
    built = np.clip(np.round(rng.normal(1976, 9, facilities)), 1958, 2012).astype(int)
    service = rng.integers(0, SERVICES, facilities)
    side = max(2, round(np.sqrt(facilities / 8)))
    place = rng.uniform(0, side, (facilities, 2))
    district = (place[:, 0].astype(int) * side + place[:, 1].astype(int)).astype(np.int32)
    near = _hosts(place, service, hosts)
    plans = [plan for f in range(facilities) for plan in _plans(f, FIRST_YEAR - built[f], area[f], near[f], years)]
    return _inputs(plans, area, service, district, place, side, years, rng)


def _hosts(place: np.ndarray, service: np.ndarray, count: int) -> list[list[int]]:
    near = []
    for f in range(len(place)):
        others = np.flatnonzero((service == service[f]) & (np.arange(len(place)) != f))
        distance = np.linalg.norm(place[others] - place[f], axis=1)
        close = others[np.argsort(distance, kind="stable")][:count] if service[f] in CAN_MERGE else others[:0]
        near.append([int(g) for g in close])
    return near


def _plans(  # noqa: C901, PLR0915  - one block an action reads best in one place
    f: int, age: int, area: float, near: list[int], years: int
) -> list[_Plan]:
    """List what one facility may do; ``age`` is its age in the first year."""
    plans = []

    def start() -> _Plan:
        zero = np.zeros(years)
        return _Plan(f, zero.copy(), np.zeros(years, dtype=bool), np.ones(years), age + np.arange(years, dtype=float))

    def do(plan: _Plan, action: str, year: int, share: float = 1.0) -> None:
        span = DURATION[action]
        inside = slice(year, min(year + span, years))
        plan.outlay[inside] += COST[action] * area * share / span
        plan.works[inside] = True
        done = year + span
        renewed = {"repair": 8, "renovate": 18, "extend": 28, "rebuild": 200}[action]
        if done < years:
            plan.age[done:] = np.maximum(plan.age[done:] - renewed, np.arange(years - done))
        life = {"repair": 12, "renovate": 25, "extend": 40, "rebuild": 60}[action]
        left = max(0.0, 1 - max(years - done, 0) / life)
        plan.residual += COST[action] * area * share * left * (1 if action in {"extend", "rebuild"} else 0.5)

    keep = start()
    do(keep, "repair", min(10, years - 1))
    keep.host_from = 0 if age + years <= SOUND_TO_AGE else years
    plans.append(keep)
    for action, step, youngest, oldest in (
        ("renovate", 2, 20, 48), ("extend", 1, 32, 60), ("rebuild", 2, 42, 120), ("smaller", 2, 42, 120),
    ):  # fmt: skip
        for year in range(0, years - 1, step):
            if not youngest <= age + year <= oldest:
                continue
            plan = start()
            kind = "rebuild" if action == "smaller" else action
            share = 0.8 if action == "smaller" else 1.0
            do(plan, kind, year, share)
            done = min(year + DURATION[kind], years)
            if action == "smaller":
                plan.floor[done:] = share
            if kind != "rebuild" and done + 25 < years:
                do(plan, "rebuild", done + 25)
            plan.host_from = done if plan.age[-1] <= SOUND_TO_AGE else years
            plans.append(plan)
    for year in range(2, years - 1, 4):
        for g in near:
            plan = start()
            plan.host, plan.leave = g, year + 1
            plan.outlay[year] += COST["rebuild"] * area * 0.35
            plan.outlay[min(year + 1, years - 1)] += COST["demolish"] * area
            plan.works[year : year + 2] = True
            plan.floor[plan.leave :] = 0.35
            plan.age[plan.leave :] = np.arange(years - plan.leave)
            plan.sale = np.zeros(years)
            plan.sale[min(year + 2, years - 1)] = area * 0.04
            plans.append(plan)
        plan = start()
        plan.leave = year
        plan.outlay[year] += COST["demolish"] * area
        plan.works[year] = True
        plan.floor[year:] = 0.0
        plan.sale = np.zeros(years)
        plan.sale[min(year + 1, years - 1)] = area * 0.05
        plan.extra["lost_service"] = (
            area * 0.025 * float((1 + DISCOUNT_RATE) ** -np.arange(year, years) @ np.ones(years - year))
        )
        plans.append(plan)
    for plan in plans:
        if plan.leave >= 0:
            plan.host_from = years
    return plans


def _objective(plans: list[_Plan], area: np.ndarray, years: int) -> np.ndarray:
    """Present value of works + running + risk - sales - residual."""
    factor = 1 / (1 + DISCOUNT_RATE) ** np.arange(1, years + 1)
    values = []
    for plan in plans:
        size = area[plan.facility]
        running = 0.012 * size * plan.floor * (1 + 0.015 * np.maximum(plan.age - 30, 0))
        risk = COST["rebuild"] * size * plan.floor * 0.0004 * np.maximum(plan.age - 35, 0) ** 1.5 / 5
        sale = np.zeros(years) if plan.sale is None else plan.sale
        stream = plan.outlay + running + risk - sale
        values.append(float(stream @ factor) - plan.residual * factor[-1] + plan.extra.get("lost_service", 0.0))
    return np.array(values)


def _inputs(
    plans: list[_Plan],
    area: np.ndarray,
    service: np.ndarray,
    district: np.ndarray,
    place: np.ndarray,
    side: int,
    years: int,
    rng: np.random.Generator,
) -> ScheduleInputs:
    facility = np.array([plan.facility for plan in plans], dtype=np.int32)
    host = np.array([plan.host for plan in plans], dtype=np.int32)
    leave = np.array([plan.leave if plan.leave >= 0 else years for plan in plans], dtype=np.int32)
    merged = host >= 0
    moved = np.where(merged, 0.35 * area[facility], 0.0)
    floor = np.stack([plan.floor for plan in plans]) * area[facility][:, None]
    budget = BUDGET_SHARE * area.sum() * (COST["renovate"] + COST["rebuild"]) / 60
    sale = np.stack([np.zeros(years) if plan.sale is None else plan.sale for plan in plans])
    decline = 1 - 0.25 * np.arange(years) / years
    areas = []
    for s in CAN_MERGE:
        for d in np.unique(district):
            centre = np.array([d // side, d % side]) + 0.5
            sites = (service == s) & (np.linalg.norm(place - centre, axis=1) <= 1.2)
            if sites.any():
                need = 0.75 * area[sites].sum() * decline
                areas.append(ServiceArea(f"service {s}, district {d}", s, sites, need, keep_one=True))
    count = len(area)
    ints = np.int32
    return ScheduleInputs(
        years=tuple(range(FIRST_YEAR, FIRST_YEAR + years)),
        facility_ids=tuple(f"F{f:05d}" for f in range(count)),
        facility=facility,
        objective=_objective(plans, area, years),
        outlay=np.stack([plan.outlay for plan in plans]),
        budget=np.full(years, budget),
        fund=FundInputs(opening=budget, floor=0.1 * budget, interest_rate=0.001),
        sale_income=sale,
        services=Services(
            service.astype(ints), area, leave, np.where(merged, service[facility], -1).astype(ints), host,
            np.where(merged, 0.8 * area[facility], 0.0), tuple(areas),
        ),
        hosting=Hosting(
            host, np.where(merged, leave, years).astype(ints), np.where(merged, leave - 1, years).astype(ints), moved,
            np.array([plan.host_from for plan in plans], dtype=ints), area * rng.uniform(0.2, 0.8, count),
        ),
        works=np.stack([plan.works for plan in plans]),
        works_limit=np.full(years, max(4.0, np.ceil(count / 12))),
        district=district,
        merges_limit=1,
        floor_m2=floor,
        floor_target_m2=np.where(np.arange(years) == years - 1, 0.85 * area.sum(), np.inf),
    )  # fmt: skip
