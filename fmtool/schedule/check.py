"""The solver-free checker: re-adds every limit from the decisions, in whole currency units.

It takes the decisions as written, works their consequences out again (see ``timeline``) and compares
them with every limit of the case. A plan that it cannot confirm is not written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fmtool.alternatives.locks import parse_lock
from fmtool.alternatives.rules import convert_targets
from fmtool.errors import UncertifiedPlanError
from fmtool.schedule.families import FAMILIES
from fmtool.schedule.inputs import Floats, ServiceArea
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


@dataclass(frozen=True, slots=True)
class Breach:
    """One limit that the decisions overstep."""

    family: str
    text: Text


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """The checker's findings."""

    checks: pd.DataFrame
    """As ``PlanResult.checks``."""
    timelines: list[Timeline]
    breaches: list[Breach]


class _Book:
    """Collects, for every family, how many limits were looked at and the tightest of them."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = defaultdict(int)
        self.slack: dict[str, float] = defaultdict(lambda: np.inf)
        self.breaches: list[Breach] = []

    def note(self, family: str, slack: float, tolerance: float, text: Text) -> None:
        """Enter one limit; ``slack`` is the room left, negative when overstepped."""
        self.rows[family] += 1
        self.slack[family] = min(self.slack[family], slack)
        if slack < -tolerance or np.isnan(slack):
            self.breaches.append(Breach(family, text))


def check_plan(case: Case, decisions: Sequence[Decision], condition: Floats) -> Certificate:
    """Re-add every limit from the decisions.

    Parameters
    ----------
    case
        The workspace made ready.
    decisions
        All decisions, those of one facility together and in order of year.
    condition
        (F, Y) condition index at the end of each year under the decisions, for the soundness of hosts.
    """
    book = _Book()
    lines = _timelines(case, decisions, book)
    _check_budget(case, lines, book)
    _check_yearly_counts(case, lines, book)
    _check_hosts(case, lines, condition, book)
    _check_areas(case, lines, book)
    _check_floor(case, lines, book)
    _check_seismic(case, lines, book)
    return Certificate(_table(book), lines, book.breaches)


def certify(case: Case, decisions: Sequence[Decision], condition: Floats) -> Certificate:
    """Check, and refuse a plan with any breach.

    Raises
    ------
    UncertifiedPlanError
        With every limit overstepped.
    """
    certificate = check_plan(case, decisions, condition)
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


def _timelines(case: Case, decisions: Sequence[Decision], book: _Book) -> list[Timeline]:
    of: dict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        of[decision.facility_id].append(decision)
    targets = convert_targets(case.stock, case.services)
    lines = []
    for facility, name in enumerate(case.stock.facility_ids):
        own = of.pop(name, [])
        book.note(
            "one_life",
            0.0 if own else -1.0,
            0.0,
            Text(f"{name}: 計画がありません", f"{name} has no plan"),
        )
        _check_lock(case, facility, own, book)
        _check_prices(case, facility, own, book)
        lines.append(timeline(facility, own, case.stock, int(targets[facility]), case.workspace))
    for name in of:
        text = Text(f"{name}: 台帳にない施設です", f"{name} is not among the costed facilities")
        book.note("one_life", -1.0, 0.0, text)
    return lines


def _check_lock(case: Case, facility: int, own: Sequence[Decision], book: _Book) -> None:
    lock = case.stock.locked[facility]
    if lock is None:
        return
    action, year = parse_lock(lock)
    kept = any(d.action == action and (year is None or d.start_year == year) for d in own)
    name = case.stock.facility_ids[facility]
    text = Text(f"{name}: 決定済みの「{lock}」に反します", f"{name}: against the locked decision `{lock}`")
    book.note("locked", 0.0 if kept else -1.0, 0.0, text)


def _check_prices(case: Case, facility: int, own: Sequence[Decision], book: _Book) -> None:
    for place, decision in enumerate(own):
        apart = abs(decision.cost - price(facility, own, place, case.stock, case.workspace))
        text = Text(
            f"{decision.facility_id}: {ACTIONS[decision.action].ja}の費用が単価からの計算と{apart:,.0f}違います",
            f"{decision.facility_id}: the cost of {decision.action} is {apart:,.0f} off the unit costs",
        )
        book.note("price", -apart, PRICE_TOLERANCE, text)


def _check_budget(case: Case, lines: Sequence[Timeline], book: _Book) -> None:
    fund, years = case.workspace.config.fund, case.plans.years
    held = fund.opening if fund else 0.0
    for y, year in enumerate(years):
        outlay = sum(spend[y] for line in lines for spend in line.spend.values())
        rest = float(case.budget[y]) - outlay
        if fund is None:
            book.note("budget", rest, MONEY_TOLERANCE, _over("予算", "budget", year, -rest))
            continue
        draw = max(-rest, 0.0)
        most = np.inf if fund.draw_limit is None else fund.draw_limit
        book.note("budget", most - draw, MONEY_TOLERANCE, _over("基金取崩し", "fund draw", year, draw - most))
        put = min(max(rest, 0.0), np.inf if fund.deposit_limit is None else fund.deposit_limit)
        held = held * (1 + fund.interest_rate) + put - draw + sum(line.sale[y] for line in lines)
        slack = held - fund.floor
        # Errors of one year's tolerance may add up over the years.
        book.note("fund", slack, MONEY_TOLERANCE * (y + 1), _over("基金残高", "fund balance", year, -slack))


def _over(ja: str, en: str, year: int, amount: float) -> Text:
    return Text(
        f"{fiscal_year(year, 'ja')}の{ja}が{amount:,.0f}円不足します",
        f"{fiscal_year(year, 'en')}: {en} short by {amount:,.0f}",
    )


def _check_yearly_counts(case: Case, lines: Sequence[Timeline], book: _Book) -> None:
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


def _check_hosts(case: Case, lines: Sequence[Timeline], condition: Floats, book: _Book) -> None:
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


def _check_areas(case: Case, lines: Sequence[Timeline], book: _Book) -> None:
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


def _note_area(area: ServiceArea, year: int, required: float, near: list[tuple[int, float]], book: _Book) -> None:
    spare = sum(size for _, size in near) - required
    tolerance = SIZE_TOLERANCE + 1e-6 * required
    text = Text(f"{area.name} {year}年度: {-spare:,.0f}不足", f"{area.name}, FY{year}: short by {-spare:,.0f}")
    if required > 0:
        book.note("coverage", spare, tolerance, text)
    if area.keep_one:
        gone = Text(f"{area.name} {year}年度: 圏内に施設がありません", f"{area.name}, FY{year}: none within reach")
        book.note("reach", len(near) - 1.0, 0.0, gone)


def _check_floor(case: Case, lines: Sequence[Timeline], book: _Book) -> None:
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


def _check_seismic(case: Case, lines: Sequence[Timeline], book: _Book) -> None:
    deadline = case.workspace.config.limits.seismic_deadline_year
    if deadline is None or deadline >= case.plans.years[-1]:
        return
    last = deadline - case.plans.years[0]
    for line in lines:
        if case.stock.needs_retrofit[line.facility]:
            name = case.stock.facility_ids[line.facility]
            text = Text(f"{name}: {deadline}年度までに耐震化されません", f"{name}: not safe by FY{deadline}")
            book.note("seismic", 0.0 if line.safe_from <= last else -1.0, 0.0, text)


_SCALES = {"budget": MILLION, "fund": MILLION, "floor": 1000.0}
"""What the families' units are of those that the book is kept in."""

_OTHERS = {
    "locked": (Text("決定済みの方針", "Locked decisions"), Text("件", "decisions")),
    "price": (Text("単価からの費用", "Costs from unit costs"), Text("円", "currency")),
    "seismic": (Text("耐震化期限", "Seismic deadline"), Text("施設", "facilities")),
}


def _table(book: _Book) -> pd.DataFrame:
    known = {family.name: (family.title, family.unit) for family in FAMILIES} | _OTHERS
    broken = {breach.family for breach in book.breaches}
    rows = []
    for name, (title, unit) in known.items():
        if not book.rows[name]:
            continue
        slack = book.slack[name] / _SCALES.get(name, 1.0)
        rows.append(
            {
                "family": name,
                "title_ja": title.ja,
                "title_en": title.en,
                "rows": book.rows[name],
                "worst_slack": float(slack) if np.isfinite(slack) else np.nan,
                "unit": unit.en,
                "is_met": name not in broken,
            }
        )
    return pd.DataFrame(rows)
