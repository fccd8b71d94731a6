"""The checker's part on public finance: who may pay for what, how much, for how long, and both ratios."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from fmtool.finance.city import CityFinance
from fmtool.finance.programmes import Programme
from fmtool.lifecycle.stock import USE_CODES
from fmtool.schedule.book import Book
from fmtool.schedule.debt import Debt, debt_of, ratios_of
from fmtool.schedule.inputs import Floats
from fmtool.schedule.offers import LASTING_ELSEWHERE, NOTHING_LEFT, REPLACING, is_eligible, is_open, works_life_years
from fmtool.schedule.payments import Payment
from fmtool.schedule.prepare import Case
from fmtool.schedule.timeline import Decision, Timeline
from fmtool.text import Text
from fmtool.units import fiscal_year

PAYMENT_TOLERANCE = 2.0
"""Currency units by which one payment may differ: it is written whole."""
RATIO_TOLERANCE = 1e-7


def check_payments(
    case: Case, decisions: Mapping[str, Sequence[Decision]], lines: Sequence[Timeline], payments: Sequence[Payment],
    book: Book,
) -> None:  # fmt: skip
    """See for each payment that its programme is open and meant for the works, and pays and lends no more than it may."""
    programmes = {each.code: each for each in case.programmes}
    at = {name: number for number, name in enumerate(case.stock.facility_ids)}
    placed: dict[tuple[str, int, int], float] = defaultdict(float)
    for payment in payments:
        own, name = decisions[payment.facility_id], payment.facility_id
        label = Text(f"{name} {payment.year}年度", f"{name}, FY{payment.year}")
        programme = programmes.get(payment.programme)
        decision = own[payment.place]
        use = USE_CODES[int(case.stock.use[at[name]])]
        has_plan = case.workspace.config.finance.has_facility_plan
        fits = programme is not None and is_open(programme, payment.year)
        fits = fits and is_eligible(programme, decision.action, use, has_facility_plan=has_plan)  # type: ignore[arg-type]
        text = Text(
            f"{label.ja}: 事業「{payment.programme}」は対象外です",
            f"{label.en}: {payment.programme} does not pay for this",
        )
        book.note("funding", 0.0 if fits else -1.0, 0.0, text)
        if programme is None:
            continue
        placed[name, payment.place, payment.year] += payment.cost
        _check_amounts(label, payment, programme, book)
        life = remaining_life_years(case, at[name], own, payment.place)
        late = Text(
            f"{label.ja}: 起債の償還{payment.term_years}年が残る耐用年数{life:g}年を超えます",
            f"{label.en}: bond of {payment.term_years} years outlives the works' {life:g}",
        )
        if payment.bond:
            book.note("bond_share", min(programme.term_years, life) - payment.term_years, 0.0, late)
    for (name, place, year), cost in placed.items():
        spent = float(lines[at[name]].spend[place][year - case.plans.years[0]])
        text = Text(
            f"{name} {year}年度: 財源措置の対象が事業費を{cost - spent:,.0f}超えます",
            f"{name}, FY{year}: {cost - spent:,.0f} more is placed under programmes than is spent",
        )
        book.note("funding", spent - cost, PAYMENT_TOLERANCE, text)


def _check_amounts(label: Text, payment: Payment, programme: Programme, book: Book) -> None:
    rates = (
        (payment.national_subsidy, programme.subsidy_rate * payment.cost),
        (payment.prefectural_subsidy, programme.prefectural_subsidy_rate * payment.cost),
    )
    for got, most in rates:
        text = Text(
            f"{label.ja}: 補助金が率を{got - most:,.0f}超えます", f"{label.en}: subsidy {got - most:,.0f} over its rate"
        )
        book.note("funding", most - got, PAYMENT_TOLERANCE, text)
    most = programme.bond_share * (payment.cost - payment.subsidy)
    text = Text(
        f"{label.ja}: 起債が充当率を{payment.bond - most:,.0f}超えます",
        f"{label.en}: bond {payment.bond - most:,.0f} over its share",
    )
    book.note("bond_share", most - payment.bond, PAYMENT_TOLERANCE, text)


def remaining_life_years(case: Case, facility: int, own: Sequence[Decision], place: int) -> float:
    """Return the years from the end of works to the end of their life, or to what takes their place."""
    decision = own[place]
    life = works_life_years(decision.action, float(case.stock.design_life_years[facility]), case.workspace.figures)
    if decision.action in (*LASTING_ELSEWHERE, *NOTHING_LEFT) or decision.end_year is None:
        return life
    after = [each for each in own[place + 1 :] if each.action in REPLACING and each.start_year is not None]
    if not after:
        return life
    gone = after[0].end_year + 1 if after[0].action == "merge" else after[0].start_year  # type: ignore[operator]
    return min(life, float(gone - decision.end_year - 1))  # type: ignore[operator]


def check_ratios(case: Case, city: CityFinance, debt: Debt, fund_balance: Floats, book: Book) -> None:
    """Work both ratios and the bonds outstanding out from the payments, and hold them against the ordinance."""
    limits, ratios = case.workspace.config.limits, ratios_of(city, debt, fund_balance)
    for y, year in enumerate(case.plans.years):
        ja, en = fiscal_year(year, "ja"), fiscal_year(year, "en")
        for family, ratio, limit, name in (
            (
                "debt_service",
                ratios.debt_service[y],
                limits.debt_service_ratio,
                Text("実質公債費比率", "real debt service ratio"),
            ),
            (
                "future_burden",
                ratios.future_burden[y],
                limits.future_burden_ratio,
                Text("将来負担比率", "future burden ratio"),
            ),
            (
                "outstanding",
                ratios.outstanding[y] / city.budget_size[y],
                limits.outstanding_to_budget,
                Text("地方債残高／予算規模", "bonds outstanding over budget size"),
            ),
        ):
            if limit is None:
                continue
            text = Text(
                f"{ja}の{name.ja} {ratio:.2%}（上限{limit:.1%}）", f"{en}: {name.en} {ratio:.2%}, limit {limit:.1%}"
            )
            book.note(family, limit - ratio, RATIO_TOLERANCE, text)


def debt_of_plan(case: Case, payments: Sequence[Payment]) -> Debt:
    """Return the debt that a plan's payments make."""
    return debt_of(payments, {each.code: each for each in case.programmes}, case.plans.years)


def check_level(case: Case, outlay: Floats, book: Book) -> None:
    """Hold each year's works against the mean of the years around it."""
    limits = case.workspace.config.limits
    if limits.level_rate is None:
        return
    for y, year in enumerate(case.plans.years):
        first, last = y - (limits.level_window_years - 1) // 2, y + limits.level_window_years // 2
        mean = float(np.mean(outlay[max(first, 0) : last + 1]))
        apart = abs(float(outlay[y]) - mean) - limits.level_rate * mean
        text = Text(
            f"{fiscal_year(year, 'ja')}の事業費が平準化の幅を{apart:,.0f}超えます",
            f"{fiscal_year(year, 'en')}: works {apart:,.0f} outside the level",
        )
        book.note("level", -apart, 100.0, text)
