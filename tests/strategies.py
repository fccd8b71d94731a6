"""Strategies and references that several test files share."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import strategies as st

from fmtool.schedule.inputs import FundInputs, Hosting, ScheduleInputs, ServiceArea, Services


def enumerate_best(case: ScheduleInputs) -> float:
    """Try every combination of life plans; return the least objective, inf when none keeps all limits."""
    first = case.first_row
    ranges = [range(first[f], first[f + 1]) for f in range(len(case.facility_ids))]
    return min(
        (float(case.objective[list(c)].sum()) for c in itertools.product(*ranges) if keeps_all(case, c)), default=np.inf
    )


def keeps_all(case: ScheduleInputs, choice: tuple[int, ...]) -> bool:
    """Check one combination against every limit by its definition, year by year."""
    years = range(len(case.years))
    held = case.fund.opening if case.fund else 0.0
    for y in years:
        outlay = sum(case.outlay[n, y] for n in choice)
        if case.budget is not None:
            if case.fund is None:
                if outlay > case.budget[y] + 1e-9:
                    return False
            else:
                rest = case.budget[y] - outlay
                if -rest > case.fund.draw_limit + 1e-9:
                    return False
                sale = sum(case.sale_income[n, y] for n in choice) if case.sale_income is not None else 0.0
                held = held * (1 + case.fund.interest_rate) + min(rest, case.fund.deposit_limit) + sale
                if held < case.fund.floor - 1e-9:
                    return False
        if case.works_limit is not None and sum(case.works[n, y] for n in choice) > case.works_limit[y]:
            return False
        if (
            case.floor_target_m2 is not None
            and sum(case.floor_m2[n, y] for n in choice) > case.floor_target_m2[y] + 1e-9
        ):
            return False
    return keeps_services(case, choice) and keeps_closures(case, choice) and keeps_hosts(case, choice)


def keeps_closures(case: ScheduleInputs, choice: tuple[int, ...]) -> bool:
    """Check that in no year more services than the limit close, move or change."""
    s, limit = case.services, case.closures_limit
    if s is None or limit is None:
        return True
    ended = [0] * len(case.years)
    for f, n in enumerate(choice):
        goes_on = s.after_service[n] == s.service[f] and s.after_site[n] == f
        if s.leave_year[n] < len(case.years) and not goes_on:
            ended[s.leave_year[n]] += 1
    return max(ended) <= limit


def keeps_services(case: ScheduleInputs, choice: tuple[int, ...]) -> bool:
    """Check capacity and presence in every area and year."""
    s = case.services
    if s is None:
        return True
    for area in s.areas:
        for y in range(len(case.years)):
            capacity, present = 0.0, 0
            for f, n in enumerate(choice):
                has_left = s.leave_year[n] <= y
                service = s.after_service[n] if has_left else s.service[f]
                site = s.after_site[n] if has_left else f
                if service == area.service and site >= 0 and area.sites[site]:
                    capacity += s.after_capacity[n] if has_left else s.capacity[f]
                    present += 1
            if capacity < area.required[y] - 1e-9 or (area.keep_one and present < 1):
                return False
    return True


def keeps_hosts(case: ScheduleInputs, choice: tuple[int, ...]) -> bool:
    """Check that hosts are open and sound at the move, have room, and districts are not overrun."""
    h = case.hosting
    if h is None:
        return True
    taken = np.zeros(len(case.facility_ids))
    begun: dict[tuple[int, int], int] = {}
    for f, n in enumerate(choice):
        g = h.host[n]
        if g < 0:
            continue
        if h.host_from[choice[g]] > h.move_year[n]:
            return False
        taken[g] += h.moved_floor_m2[n]
        key = (int(case.district[f]), int(h.begin_year[n]))
        begun[key] = begun.get(key, 0) + 1
    return bool((taken <= h.room_m2 + 1e-9).all()) and (
        case.merges_limit is None or all(count <= case.merges_limit for (d, _), count in begun.items() if d >= 0)
    )


@st.composite
def cases(draw: st.DrawFn) -> ScheduleInputs:
    """Tiny cases with budget, fund, sales, services, mergers, works and a floor target, each sometimes absent."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    facilities, horizon = draw(st.integers(2, 4)), draw(st.integers(1, 4))
    counts = rng.integers(1, 6, facilities)
    facility = np.repeat(np.arange(facilities), counts).astype(np.int32)
    n, never = len(facility), horizon
    outlay = rng.integers(0, 8, (n, horizon)) * (rng.random((n, horizon)) < 0.6)
    sale = rng.integers(0, 5, (n, horizon)) * (rng.random((n, horizon)) < 0.15)
    leave = np.where(rng.random(n) < 0.5, rng.integers(0, horizon, n), never)
    host = np.where((leave < never) & (rng.random(n) < 0.6), rng.integers(0, facilities, n), -1)
    host = np.where(host == facility, -1, host)
    moved = host >= 0
    service = rng.integers(0, 2, facilities)
    capacity = rng.integers(1, 6, facilities).astype(float)
    after_service = np.where(
        moved, service[facility], np.where((leave < never) & (rng.random(n) < 0.3), rng.integers(0, 2, n), -1)
    )
    after_site = np.where(moved, host, np.where(after_service >= 0, facility, -1))
    has = {name: draw(st.booleans()) for name in ("fund", "works", "floor", "merges", "areas", "hosting", "closures")}
    if not has["hosting"]:
        host[:] = -1
    areas = tuple(
        ServiceArea(
            f"area{k}", int(rng.integers(0, 2)), rng.random(facilities) < 0.7,
            rng.integers(0, 5, horizon).astype(float) * (rng.random() < 0.7), bool(rng.random() < 0.4),
        )
        for k in range(draw(st.integers(0, 3)))
    )  # fmt: skip
    fund = FundInputs(
        opening=float(rng.integers(0, 5)), floor=float(rng.integers(0, 2)), interest_rate=float(rng.choice([0.0, 0.1])),
        deposit_limit=float(rng.choice([np.inf, 2.0])), draw_limit=float(rng.choice([np.inf, 3.0])),
    )  # fmt: skip
    floor = rng.integers(0, 10, (n, horizon)).astype(float)
    ints = np.int32
    return ScheduleInputs(
        years=tuple(range(2026, 2026 + horizon)),
        facility_ids=tuple(f"F{f}" for f in range(facilities)),
        facility=facility,
        objective=rng.integers(-20, 60, n).astype(float),
        outlay=outlay.astype(float),
        budget=rng.integers(2, 5 * facilities, horizon).astype(float),
        fund=fund if has["fund"] else None,
        sale_income=sale.astype(float) if has["fund"] else None,
        services=Services(
            service.astype(ints), capacity, leave.astype(ints), after_service.astype(ints), after_site.astype(ints),
            np.where(after_service >= 0, rng.integers(1, 6, n), 0).astype(float), areas,
        ) if has["areas"] else None,
        hosting=Hosting(
            host.astype(ints), np.where(host >= 0, leave, never).astype(ints), np.where(host >= 0, leave, never).astype(ints),
            np.where(host >= 0, rng.integers(1, 6, n), 0).astype(float),
            np.where((leave < never) | (rng.random(n) < 0.3), never, rng.integers(0, horizon, n)).astype(ints),
            rng.integers(0, 9, facilities).astype(float),
        ) if has["hosting"] else None,
        works=outlay > 0,
        works_limit=np.full(horizon, float(rng.integers(1, facilities + 1))) if has["works"] else None,
        district=rng.integers(-1, 2, facilities).astype(ints),
        merges_limit=int(rng.integers(0, 2)) if has["merges"] else None,
        closures_limit=int(rng.integers(0, 3)) if has["closures"] else None,
        floor_m2=floor,
        floor_target_m2=np.where(rng.random(horizon) < 0.5, 6.0 * facilities, np.inf) if has["floor"] else None,
    )  # fmt: skip
