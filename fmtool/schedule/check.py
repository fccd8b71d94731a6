"""The solver-free checker: re-adds every limit from the decisions, in whole currency units.

It takes the decisions as written, works their consequences out again (see ``timeline``) and compares
them with every limit of the case. A plan that it cannot confirm is not written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fmtool.alternatives.locks import parse_lock
from fmtool.alternatives.rules import convert_targets
from fmtool.errors import UncertifiedPlanError
from fmtool.schedule.book import Book, Breach
from fmtool.schedule.check_finance import check_level, check_payments, check_ratios, debt_of_plan
from fmtool.schedule.inputs import Floats, ServiceArea
from fmtool.schedule.payments import Payment
from fmtool.schedule.prepare import Case, floor_target_m2
from fmtool.schedule.pricing import price
from fmtool.schedule.timeline import Decision, Timeline, timeline
from fmtool.text import Text
from fmtool.units import MILLION, fiscal_year
from fmtool.vocabulary import ACTIONS

MONEY_TOLERANCE = 50.0
"""Currency units by which sums may differ: a solver's row tolerance in millions, and the yen of rounding."""
PRICE_TOLERANCE = 1.0
"""Currency units by which one cost may differ: it is written whole."""
SIZE_TOLERANCE = 1e-3
"""Square metres or units of capacity."""


@dataclass(frozen=True, slots=True, eq=False)
class MoneyYears:
    """The plan's money re-added, (Y,) each, in whole currency units."""

    outlay: Floats
    fund_draw: Floats
    fund_deposit: Floats
    fund_balance: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """The checker's findings."""

    checks: pd.DataFrame
    """As ``PlanResult.checks``."""
    timelines: list[Timeline]
    years: MoneyYears
    breaches: list[Breach]


def check_plan(
    case: Case, decisions: Sequence[Decision], condition: Floats, payments: Sequence[Payment] = ()
) -> Certificate:
    """Re-add every limit from the decisions.

    Parameters
    ----------
    case
        The workspace made ready.
    decisions
        All decisions, those of one facility together and in order of year.
    condition
        (F, Y) condition index at the end of each year under the decisions, for the soundness of hosts.
    payments
        What programmes pay of the decisions.
    """
    book = Book()
    of = _by_facility(decisions)
    lines = _timelines(case, of, book)
    check_payments(case, of, lines, payments, book)
    years = _check_budget(case, lines, payments, book)
    check_level(case, years.outlay, book)
    if case.city is not None:
        check_ratios(case, case.city, debt_of_plan(case, payments), years.fund_balance, book)
    _check_yearly_counts(case, lines, book)
    _check_hosts(case, lines, condition, book)
    _check_areas(case, lines, book)
    _check_floor(case, lines, book)
    _check_seismic(case, lines, book)
    return Certificate(book.table(), lines, years, book.breaches)


def certify(
    case: Case, decisions: Sequence[Decision], condition: Floats, payments: Sequence[Payment] = ()
) -> Certificate:
    """Check, and refuse a plan with any breach.

    Raises
    ------
    UncertifiedPlanError
        With every limit overstepped.
    """
    certificate = check_plan(case, decisions, condition, payments)
    if certificate.breaches:
        raise UncertifiedPlanError(
            Text(
                f"検算で{len(certificate.breaches)}件の制限違反が見つかったため、計画を書きませんでした",
                f"the plan was not written: re-adding it found {len(certificate.breaches)} limits overstepped",
            ),
            Text("`[solver]` の name を変えて、もう一度解いてください", "solve again with the other solver `name`"),
            [breach.text for breach in certificate.breaches],
        )
    return certificate


def _by_facility(decisions: Sequence[Decision]) -> dict[str, list[Decision]]:
    of: dict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        of[decision.facility_id].append(decision)
    return of


def _timelines(case: Case, of: Mapping[str, list[Decision]], book: Book) -> list[Timeline]:
    targets = convert_targets(case.stock, case.services)
    lines = []
    for facility, name in enumerate(case.stock.facility_ids):
        own = of.get(name, [])
        book.note(
            "one_life",
            0.0 if own else -1.0,
            0.0,
            Text(f"{name}: 計画がありません", f"{name} has no plan"),
        )
        _check_lock(case, facility, own, book)
        _check_past(case, facility, own, book)
        _check_prices(case, facility, own, book)
        lines.append(timeline(facility, own, case.stock, int(targets[facility]), case.workspace))
    for name in sorted(set(of) - set(case.stock.facility_ids)):
        text = Text(f"{name}: 台帳にない施設です", f"{name} is not among the costed facilities")
        book.note("one_life", -1.0, 0.0, text)
    return lines


def _check_lock(case: Case, facility: int, own: Sequence[Decision], book: Book) -> None:
    lock = case.stock.locked[facility]
    if lock is None:
        return
    action, year = parse_lock(lock)
    kept = any(d.action == action and (year is None or d.start_year == year) for d in own)
    name = case.stock.facility_ids[facility]
    text = Text(f"{name}: 決定済みの「{lock}」に反します", f"{name}: against the locked decision `{lock}`")
    book.note("locked", 0.0 if kept else -1.0, 0.0, text)


def _check_past(case: Case, facility: int, own: Sequence[Decision], book: Book) -> None:
    """See that works done or approved are in the plan, and that nothing else begins before planning does."""
    years, name = case.plans.years, case.stock.facility_ids[facility]
    done = {(work.action, years[work.year]) for work in case.works if work.facility == facility}
    for action, year in sorted(done):
        kept = any(d.action == action and d.start_year == year for d in own)
        text = Text(
            f"{name}: {year}年度の「{ACTIONS[action].ja}」がありません", f"{name}: lacks the {action} of {year}"
        )
        book.note("past", 0.0 if kept else -1.0, 0.0, text)
    first = case.workspace.from_year
    for decision in own if first is not None else ():
        is_early = decision.start_year is not None and decision.start_year < first  # type: ignore[operator]
        is_new = is_early and (decision.action, decision.start_year) not in done
        text = Text(
            f"{name}: {decision.start_year}年度の「{ACTIONS[decision.action].ja}」は過去の年度です",
            f"{name}: {decision.action} of {decision.start_year} lies in the past",
        )
        book.note("past", -1.0 if is_new else 0.0, 0.0, text)


def _actual_cost(case: Case, facility: int, decision: Decision) -> float | None:
    """Return what a work done or approved really cost; None where it is priced by unit costs."""
    for work in case.works:
        is_it = work.facility == facility and work.action == decision.action
        if is_it and decision.start_year == case.plans.years[work.year] and work.cost is not None:
            return work.cost * MILLION
    return None


def _check_prices(case: Case, facility: int, own: Sequence[Decision], book: Book) -> None:
    for place, decision in enumerate(own):
        actual = _actual_cost(case, facility, decision)
        should = price(facility, own, place, case.stock, case.workspace) if actual is None else actual
        apart = abs(decision.cost - should)
        text = Text(
            f"{decision.facility_id}: {ACTIONS[decision.action].ja}の費用が単価からの計算と{apart:,.0f}違います",
            f"{decision.facility_id}: the cost of {decision.action} is {apart:,.0f} off the unit costs",
        )
        book.note("price", -apart, PRICE_TOLERANCE, text)


def _check_budget(case: Case, lines: Sequence[Timeline], payments: Sequence[Payment], book: Book) -> MoneyYears:
    fund, years = case.workspace.config.fund, case.plans.years
    paid = np.zeros(len(years))
    written = np.zeros(len(years))
    for payment in payments:
        paid[payment.year - years[0]] += payment.subsidy + payment.bond
        written[payment.year - years[0]] += 1
    outlay = np.sum([spend for line in lines for spend in line.spend.values()] or [np.zeros(len(years))], axis=0)
    # Subsidy and bond of every payment are rounded down.
    tolerance = MONEY_TOLERANCE + 3 * written
    draw, deposit, balance = np.zeros(len(years)), np.zeros(len(years)), np.zeros(len(years))
    held = fund.opening if fund else 0.0
    for y, year in enumerate(years):
        rest = float(case.budget[y] - outlay[y] + paid[y])
        if fund is None:
            book.note("budget", rest, tolerance[y], _over("予算", "budget", year, -rest))
            continue
        draw[y] = max(-rest, 0.0)
        most = np.inf if fund.draw_limit is None else fund.draw_limit
        book.note("budget", most - draw[y], tolerance[y], _over("基金取崩し", "fund draw", year, draw[y] - most))
        deposit[y] = min(max(rest, 0.0), np.inf if fund.deposit_limit is None else fund.deposit_limit)
        held = held * (1 + fund.interest_rate) + deposit[y] - draw[y] + sum(line.sale[y] for line in lines)
        balance[y] = held
        slack = held - fund.floor
        # Errors of one year's tolerance may add up over the years.
        book.note("fund", slack, float(tolerance[: y + 1].sum()), _over("基金残高", "fund balance", year, -slack))
    return MoneyYears(outlay, draw, deposit, balance)


def _over(ja: str, en: str, year: int, amount: float) -> Text:
    return Text(
        f"{fiscal_year(year, 'ja')}の{ja}が{amount:,.0f}円不足します",
        f"{fiscal_year(year, 'en')}: {en} short by {amount:,.0f}",
    )


def _check_yearly_counts(case: Case, lines: Sequence[Timeline], book: Book) -> None:
    limits, years, start = case.workspace.config.limits, case.plans.years, case.plans.years[0]
    closing: dict[int, int] = defaultdict(int)
    merging: dict[tuple[int, int], int] = defaultdict(int)
    for line in lines:
        closing[line.leave] += 1
        if line.moves_to >= 0:
            begins = next(y for y, busy in enumerate(line.works) if busy)
            merging[int(case.stock.district[line.facility]), begins] += 1
    for y, year in enumerate(years):
        label = Text(fiscal_year(year, "ja"), fiscal_year(year, "en"))
        if case.workspace.from_year is not None and year < case.workspace.from_year:
            continue
        busy = sum(line.works[y] for line in lines)
        for family, count, most in (
            ("works", busy, limits.works_under_way),
            ("closures", closing[y], limits.closures_per_year),
        ):
            if most is not None:
                text = Text(
                    f"{label.ja}: {family} {count}件（上限{most}）", f"{label.en}: {family} {count}, limit {most}"
                )
                book.note(family, most - count, 0.0, text)
    most = limits.merges_per_district
    for (district, y), count in merging.items():
        if most is not None and district >= 0:
            name = case.stock.districts[district]
            text = Text(
                f"{name} {start + y}年度: 統合{count}件（上限{most}）",
                f"{name}, FY{start + y}: {count} mergers, limit {most}",
            )
            book.note("merges", most - count, 0.0, text)


def _check_hosts(case: Case, lines: Sequence[Timeline], condition: Floats, book: Book) -> None:
    horizon, figures = len(case.plans.years), case.workspace.figures
    sound_at = figures.number("actions.host.sound_condition")
    room = case.inputs.hosting.room_m2 if case.inputs.hosting is not None else np.zeros(len(lines))
    taken: dict[int, float] = defaultdict(float)
    for line in lines:
        if line.moves_to < 0:
            continue
        host = lines[line.moves_to]
        taken[line.moves_to] += line.moved_m2
        names = case.stock.facility_ids[line.facility], case.stock.facility_ids[line.moves_to]
        is_open = host.leave == horizon
        begun_sound = bool(case.plans.condition[_kept_row(case, line.moves_to), 0] >= sound_at)
        renewed = any(end <= line.leave and condition[line.moves_to, end - 1] >= sound_at for end in host.renewed)
        is_safe = host.safe_from < max(line.leave, 1)
        text = Text(
            f"{names[0]}の統合先{names[1]}が存続・健全でありません",
            f"{names[0]}: host {names[1]} is not open and sound",
        )
        good = is_open and is_safe and (begun_sound or renewed)
        book.note("host", 0.0 if good else -1.0, 0.0, text)
    for host_at, moved in taken.items():
        name = case.stock.facility_ids[host_at]
        over = moved - float(room[host_at])
        text = Text(f"{name}の敷地に{over:,.0f}m²不足します", f"{name}: short of room by {over:,.0f} m2")
        book.note("site", -over, SIZE_TOLERANCE, text)


def _kept_row(case: Case, facility: int) -> int:
    """Return a life plan of the facility under which nothing is done in the first year."""
    first = case.inputs.first_row
    rows = np.arange(first[facility], first[facility + 1])
    idle = rows[~case.plans.works[rows, 0]]
    return int(idle[0] if idle.size else rows[0])


def _check_areas(case: Case, lines: Sequence[Timeline], book: Book) -> None:
    services = case.inputs.services
    if services is None:
        return
    offers: dict[int, dict[int, list[tuple[int, int, float]]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        own = int(case.stock.service[line.facility])
        for y in range(len(case.plans.years)):
            if y < line.leave:
                offers[own][y].append((line.facility, 1, line.capacity[y]))
            elif line.moves_to >= 0:
                offers[own][y].append((line.moves_to, 1, float(case.stock.capacity[line.facility])))
            elif (offer := line.offers[y]) is not None:
                offers[offer[0]][y].append((line.facility, 1, offer[1]))
    for area in services.areas:
        for y, year in enumerate(case.plans.years):
            near = [(count, size) for site, count, size in offers[area.service][y] if area.sites[site]]
            _note_area(area, year, float(area.required[y]), near, book)


def _note_area(area: ServiceArea, year: int, required: float, near: list[tuple[int, float]], book: Book) -> None:
    spare = sum(size for _, size in near) - required
    tolerance = SIZE_TOLERANCE + 1e-6 * required
    text = Text(f"{area.name} {year}年度: {-spare:,.0f}不足", f"{area.name}, FY{year}: short by {-spare:,.0f}")
    if required > 0:
        book.note("coverage", spare, tolerance, text)
    if area.keep_one:
        gone = Text(f"{area.name} {year}年度: 圏内に施設がありません", f"{area.name}, FY{year}: none within reach")
        book.note("reach", len(near) - 1.0, 0.0, gone)


def _check_floor(case: Case, lines: Sequence[Timeline], book: Book) -> None:
    target = floor_target_m2(case.stock, case.workspace)
    if target is None:
        return
    for y in np.flatnonzero(np.isfinite(target)):
        held = sum(line.floor_m2[y] for line in lines)
        over = held - float(target[y])
        year = case.plans.years[y]
        text = Text(
            f"{year}年度の延床面積が目標を{over:,.0f}m²超えます", f"FY{year}: floor area {over:,.0f} m2 over the target"
        )
        book.note("floor", -over, SIZE_TOLERANCE + 1e-6 * held, text)


def _check_seismic(case: Case, lines: Sequence[Timeline], book: Book) -> None:
    deadline = case.workspace.config.limits.seismic_deadline_year
    if deadline is None or deadline >= case.plans.years[-1]:
        return
    last = deadline - case.plans.years[0]
    for line in lines:
        if case.stock.needs_retrofit[line.facility]:
            name = case.stock.facility_ids[line.facility]
            text = Text(f"{name}: {deadline}年度までに耐震化されません", f"{name}: not safe by FY{deadline}")
            book.note("seismic", 0.0 if line.safe_from <= last else -1.0, 0.0, text)
