"""Strategies and references that several test files share."""

from __future__ import annotations

import itertools
import os

import numpy as np
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from fmtool.schedule.fiscal import Fiscal, Funding, Levelling, Offers
from fmtool.schedule.inputs import FundInputs, Hosting, ScheduleInputs, ServiceArea, Services

LONG_RUN = "FMTOOL_LONG_TESTS=1 make test runs it too"
LONG = bool(os.environ.get("FMTOOL_LONG_TESTS"))


def enumerate_best(case: ScheduleInputs) -> float:
    """Try every combination of life plans; return the least objective, inf when none keeps all limits."""
    first = case.first_row
    ranges = [range(first[f], first[f + 1]) for f in range(len(case.facility_ids))]
    return min((cost_of(case, c) for c in itertools.product(*ranges)), default=np.inf)


def cost_of(case: ScheduleInputs, choice: tuple[int, ...]) -> float:
    """Return the objective of one combination, paid for at the least cost; inf when it breaks a limit."""
    if not keeps_all(case, choice):
        return np.inf
    own = float(case.objective[list(choice)].sum()) + level_cost(case, choice)
    return own if case.funding is None or np.isinf(own) else own + least_payment(case, choice)


def keeps_all(case: ScheduleInputs, choice: tuple[int, ...]) -> bool:
    """Check one combination against every limit by its definition, year by year.

    With programmes, money is left to ``least_payment``.
    """
    years = range(len(case.years))
    held = case.fund.opening if case.fund else 0.0
    for y in years:
        outlay = sum(case.outlay[n, y] for n in choice)
        if case.budget is not None and case.funding is None:
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


def least_payment(case: ScheduleInputs, choice: tuple[int, ...]) -> float:  # noqa: C901  - one row after another
    """Find the cheapest subsidies, bonds and fund movements for a combination with another solver; inf = none.

    Written from the definitions, cell by cell, and solved by SciPy.
    """
    years, given, fiscal = len(case.years), case.funding, case.fiscal
    pairs = (
        []
        if given is None
        else [(k, y) for k in range(len(given.offers.names)) for y in range(years) if given.offers.is_open[k, y]]
    )
    count = len(pairs)
    fund = 2 * count
    size = max(fund + (3 * years if case.fund is not None else 0), 1)
    cost, bounds = np.zeros(size), [(0.0, None)] * size
    upper, upper_rhs, equal, equal_rhs = [], [], [], []
    total = np.array([sum(case.outlay[n, y] for n in choice) for y in range(years)])

    def row(entries: dict[int, float], rhs: float, *, is_equal: bool = False) -> None:
        line = np.zeros(size)
        for column, value in entries.items():
            line[column] += value
        (equal if is_equal else upper).append(line)
        (equal_rhs if is_equal else upper_rhs).append(rhs)

    for at, (k, y) in enumerate(pairs):
        offers, rate = given.offers, given.discount_rate
        subsidy = offers.national_rate[k] + offers.prefectural_rate[k]
        cost[at] = -subsidy / (1 + rate) ** (y + 1)
        later = sum(
            offers.service[k, t] * (1 - offers.grant_rate[k]) / (1 + rate) ** (y + 1 + t)
            for t in range(offers.service.shape[1])
        )
        cost[count + at] = later - 1 / (1 + rate) ** (y + 1)
        row({count + at: 1.0, at: -offers.bond_share[k] * (1 - subsidy)}, 0.0)
    for c in range(0 if given is None else len(given.class_names)):
        for y in range(years):
            eligible = sum(given.outlay[[n]].toarray()[0, c * years + y] for n in choice)
            row({at: 1.0 for at, (k, z) in enumerate(pairs) if z == y and given.offers.of_class[k] == c}, eligible)
    for y in range(years):
        entries = {}
        for at, (k, z) in enumerate(pairs):
            if z == y:
                entries[at] = -(given.offers.national_rate[k] + given.offers.prefectural_rate[k])
                entries[count + at] = -1.0
        if case.fund is not None:
            draw, deposit, held = fund + y, fund + years + y, fund + 2 * years + y
            bounds[draw] = (0.0, None if np.isinf(case.fund.draw_limit) else case.fund.draw_limit)
            bounds[deposit] = (0.0, None if np.isinf(case.fund.deposit_limit) else case.fund.deposit_limit)
            bounds[held] = (case.fund.floor, None)
            entries |= {draw: -1.0, deposit: 1.0}
            grown = 1 + case.fund.interest_rate
            sale = sum(case.sale_income[n, y] for n in choice) if case.sale_income is not None else 0.0
            balance = {held: 1.0, draw: 1.0, deposit: -1.0}
            if y:
                balance[held - 1] = -grown
            row(balance, sale + (0.0 if y else grown * case.fund.opening), is_equal=True)
        row(entries, case.budget[y] - total[y])
        if fiscal is not None:
            _fiscal_rows(case, pairs, count, fund, y, row)
    found = linprog(
        cost, np.array(upper) if upper else None, upper_rhs or None,
        np.array(equal) if equal else None, equal_rhs or None, bounds,
    )  # fmt: skip
    return float(found.fun) if found.status == 0 else np.inf


def level_cost(case: ScheduleInputs, choice: tuple[int, ...]) -> float:
    """Return what levelling adds to the objective of a combination; inf where a year is not level."""
    asked, years = case.levelling, range(len(case.years))
    if asked is None:
        return 0.0
    total = [sum(case.outlay[n, y] for n in choice) for y in years]
    for y in years if asked.rate is not None else ():
        near = [total[z] for z in years if -((asked.window_years - 1) // 2) <= z - y <= asked.window_years // 2]
        mean = sum(near) / len(near)
        if abs(total[y] - mean) > asked.rate * mean + 1e-9:
            return np.inf
    return asked.peak_weight * float(max(total))


def _fiscal_rows(case, pairs, count, fund, y, row) -> None:
    """Write the two ratios and the bonds outstanding of one year as they are defined, multiplied out."""
    fiscal, offers = case.fiscal, None if case.funding is None else case.funding.offers
    size = fiscal.standard_fiscal_size[y] - fiscal.grant_in_need[y]
    service, burden, owed = {}, {}, {}
    for at, (k, z) in enumerate(pairs):
        t = y - z
        if 0 <= t < offers.service.shape[1]:
            paid, left, grant = offers.service[k, t], offers.balance[k, t], offers.grant_rate[k]
            service[count + at] = paid - paid * grant + (fiscal.debt_service_limit or 0) * paid * grant
            burden[count + at] = left - left * grant + (fiscal.future_burden_limit or 0) * paid * grant
            owed[count + at] = left
    if fiscal.debt_service_limit is not None:
        own = fiscal.debt_service[y] - fiscal.specific_revenue[y] - fiscal.grant_in_need[y]
        row(service, fiscal.debt_service_limit * size - own)
    if fiscal.future_burden_limit is not None:
        if case.fund is not None:
            burden[fund + 2 * len(case.years) + y] = -1.0
        today = fiscal.outstanding[y] + fiscal.other_burden[y] - fiscal.other_funds[y]
        today -= fiscal.expected_specific_revenue[y] + fiscal.expected_grants[y]
        row(burden, fiscal.future_burden_limit * size - today)
    if fiscal.outstanding_limit is not None:
        row(owed, fiscal.outstanding_limit * fiscal.budget_size[y] - fiscal.outstanding[y])


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


def repayment(rate: float, term: int, grace: int) -> tuple[list[float], list[float]]:
    """Return debt service and balance of one unit by years since issue, added up year by year."""
    left = term - grace
    pay = 1 / left if rate == 0 else rate / (1 - (1 + rate) ** -left)
    service, balance = [0.0], [1.0]
    for year in range(1, term + 1):
        service.append(rate if year <= grace else pay)
        balance.append(balance[-1] * (1 + rate) - service[-1])
    return service, balance


def random_funding(rng: np.random.Generator, outlay: np.ndarray, facility: np.ndarray) -> Funding:
    """Return up to three offers for two classes of works; every plan's outlay is of one class or of none."""
    plans, years = outlay.shape
    classes, count = 2, int(rng.integers(1, 4))
    of_plan = rng.integers(-1, classes, plans)
    by_class = np.zeros((plans, classes * years))
    for n in range(plans):
        if of_plan[n] >= 0:
            by_class[n, of_plan[n] * years : (of_plan[n] + 1) * years] = outlay[n]
    most = np.maximum.reduceat(by_class, np.flatnonzero(np.diff(facility, prepend=-1)), axis=0).sum(axis=0)
    term = rng.integers(1, 4, count)
    grace = np.minimum(rng.integers(0, 2, count), term - 1)
    interest = rng.choice([0.0, 0.05], count)
    tables = [repayment(float(r), int(t), int(g)) for r, t, g in zip(interest, term, grace, strict=True)]
    pad = [tuple(np.pad(part, (0, 4 - len(part))) for part in table) for table in tables]
    offers = Offers(
        names=tuple(f"p{k}" for k in range(count)), programme=tuple(f"p{k}" for k in range(count)),
        of_class=rng.integers(0, classes, count).astype(np.int32), is_open=rng.random((count, years)) < 0.8,
        national_rate=rng.choice([0.0, 0.5], count), prefectural_rate=rng.choice([0.0, 0.25], count),
        bond_share=rng.choice([0.0, 0.5, 0.9, 1.0], count), grant_rate=rng.choice([0.0, 0.5, 0.7], count),
        interest_rate=interest, term_years=term.astype(np.int32), grace_years=grace.astype(np.int32),
        service=np.array([each[0] for each in pad]), balance=np.array([each[1] for each in pad]),
    )  # fmt: skip
    return Funding(
        ("c0", "c1"), sparse.csr_array(by_class), most.reshape(classes, years), offers, float(rng.choice([0.0, 0.04]))
    )


def random_fiscal(rng: np.random.Generator, years: int) -> Fiscal:
    """Return finances whose limits sometimes bind new bonds of a few units."""

    def some(low: int, high: int) -> np.ndarray:
        return rng.integers(low, high, years).astype(float)

    return Fiscal(
        standard_fiscal_size=some(40, 60), budget_size=some(20, 40), debt_service=some(2, 5), specific_revenue=some(0, 2),
        grant_in_need=some(0, 2), outstanding=some(10, 25), other_burden=some(0, 5), other_funds=some(0, 3),
        expected_specific_revenue=some(0, 2), expected_grants=some(0, 3),
        debt_service_limit=[None, 0.1, 0.2][rng.integers(0, 3)], future_burden_limit=[None, 0.5, 0.9][rng.integers(0, 3)],
        outstanding_limit=[None, 1.0][rng.integers(0, 2)],
    )  # fmt: skip


@st.composite
def cases(draw: st.DrawFn) -> ScheduleInputs:
    """Tiny cases with budget, fund, sales, services, mergers, works, a floor target, programmes, ratios and levelling, each sometimes absent."""
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
    has = {
        name: draw(st.booleans())
        for name in ("fund", "works", "floor", "merges", "areas", "hosting", "closures", "funding", "fiscal", "level")
    }
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
        funding=random_funding(rng, outlay.astype(float), facility) if has["funding"] else None,
        fiscal=random_fiscal(rng, horizon) if has["funding"] and has["fiscal"] else None,
        levelling=Levelling(
            [None, 0.5, 1.0][rng.integers(0, 3)], int(rng.integers(2, 4)), float(rng.choice([0.0, 0.5, 2.0]))
        ) if has["level"] else None,
    )  # fmt: skip
