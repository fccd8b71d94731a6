"""Sheet 比較: replace, extend, this plan and the other scenarios side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmtool.text import Text
from fmtool.views.fiscal import LIMIT_OF, RATIOS
from fmtool.views.labels import SERIES, SHORT_SERIES, THOUSAND
from fmtool.views.palette import SERIES_COLOURS
from fmtool.views.scenarios import Scenario, scenario_look, scenario_of_result
from fmtool.views.workbook_fiscal import BURDEN, RATIO
from fmtool.views.workbook_page import AMBER, AREA, COUNT, LINE, RATE, TOTAL, Book, Page, cell, finish_chart, span
from fmtool.views.workbook_yearly import FIRST_ROW as YEARLY_FIRST_ROW
from fmtool.views.workbook_yearly import YearlyPlaces, pages_of

SUMMARY_ROW = 5
_DASHES = {"replace": "dash", "extend": "long_dash_dot", "plan": "solid", "budget": "square_dot"}
_CHARTS_HIGH = 24
"""Rows that the charts under the table take."""
_COLUMN_PIXELS = 96


@dataclass(frozen=True, slots=True)
class Course:
    """One way to go: its works by year, and the plan that it is of, where it is one."""

    code: str
    name: str
    short: str
    amounts: NDArray[np.float64]
    """By year of this workbook; NaN in years that the other plan does not have."""
    colour: str
    dash: str
    scenario: Scenario | None = None
    is_own: bool = False


def present_value(amounts: NDArray[np.float64], discount_rate: float) -> float:
    """Discount yearly amounts paid at the ends of years to the start of the first: what NPV computes in a sheet.

    sum over t of  amounts[t] / (1 + discount_rate) ** (t + 1)

    >>> round(present_value(np.array([102.0, 104.04]), 0.02), 6)
    200.0
    """
    return float(np.sum(amounts / (1 + discount_rate) ** np.arange(1, len(amounts) + 1)))


def write_comparison(book: Book, yearly: YearlyPlaces | None, others: Sequence[Scenario] = ()) -> None:
    """Write totals, peaks, present values, burden and ratios of every course, and their years beneath.

    Without ``yearly`` the plan's years stand in the cells themselves.
    """
    result = book.result
    title = Text("比較: 従来型・長寿命化型・本計画", "Comparison: replace, extend, this plan")
    if others:
        title = Text("比較: 従来型・長寿命化型・シナリオ", "Comparison: replace, extend, scenarios")
    page = book.page(
        "comparison",
        title,
        [
            Text(
                "年度の表は工事費等だけの比較です（維持管理費を含みません）。現在価値は各年度末の支払いとして、この計画の割引率で初年度期首に割り引いた額です。",
                "The years compare works only, without running cost. Present values take each amount as paid at the end of its year, discounted at this plan's rate to the start of the first.",
            ),
            Text(
                "目的関数値は、シナリオごとの割引率・価格による値です。黄色は上限を超える比率です。",
                "Objectives are at each scenario's own discount rate and prices. Amber: a ratio above its limit.",
            ),
        ],
    )
    courses = _courses(book, others)
    head_row = SUMMARY_ROW + len(courses) + 3
    _summary(page, [course for course in courses if course.code != "budget"], courses, head_row)
    _years(page, courses, head_row, yearly)
    columns = max(2 + 2 * len(courses), _summary_width(courses))
    last = head_row + 1 + len(result.years)
    _charts(page, courses, head_row, last + 2, columns)
    page.widths([17, 17, *([13] * (columns - 2))])
    page.sheet.freeze_panes(head_row + 1, 2)
    page.sheet.autofilter(head_row, 0, last - 1, 1 + 2 * len(courses))
    page.set_up_print(last + _CHARTS_HIGH, columns - 1, head_row=head_row, pages=pages_of(len(result.years)))


def _courses(book: Book, others: Sequence[Scenario]) -> list[Course]:
    result, say = book.result, book.lang
    own = scenario_of_result(result)
    courses = [
        Course(
            code, SERIES[code].say(say), SHORT_SERIES[code].say(say), np.asarray(result.baselines[code], dtype=float),
            SERIES_COLOURS[code], _DASHES[code],
        )
        for code in ("replace", "extend")
    ]  # fmt: skip
    name = SERIES["plan"].say(say) if not others else own.name
    courses.append(
        Course("plan", name, name if others else SHORT_SERIES["plan"].say(say), own.spend, SERIES_COLOURS["plan"], "solid", own, is_own=True)
    )  # fmt: skip
    place = {year: at for at, year in enumerate(result.years)}
    for order, other in enumerate(others, start=3):
        amounts = np.full(len(place), np.nan)
        for year, amount in zip(other.years, other.spend, strict=True):
            if year in place:
                amounts[place[year]] = amount
        colour, is_dashed = scenario_look(order)
        dash = "dash" if is_dashed else "solid"
        courses.append(Course(f"scenario {other.name}", other.name, other.name, amounts, colour, dash, other))
    budget = result.yearly["budget"].to_numpy(float)
    short = SHORT_SERIES["budget"].say(say)
    return [*courses, Course("budget", short, short, budget, SERIES_COLOURS["budget"], _DASHES["budget"])]


def _ratio_names(courses: Sequence[Course]) -> list[str]:
    return [name for name in RATIOS if any(course.scenario and name in course.scenario.ratios for course in courses)]


def _summary_width(courses: Sequence[Course]) -> int:
    return 14 + 2 * len(_ratio_names(courses))


def _summary(page: Page, shown: Sequence[Course], courses: Sequence[Course], head_row: int) -> None:
    book, years = page.book, page.book.result.years
    say, rate, first = book.lang, book.result.discount_rate, head_row + 1
    ratios = _ratio_names(courses)
    heads = [
        Text("", ""), Text("", ""), Text(f"合計（{book.unit}）", f"Total ({book.unit})"),
        Text("年平均", "Yearly mean"), Text("最大の年度の額", "Highest year"), Text("その年度", "In year"),
        Text("従来型との差", "Less replace"), Text("従来型比", "Of replace"),
        Text(f"現在価値（{rate:.1%}）", f"Present value ({rate:.1%})"), Text("割引率", "Discount rate"),
        Text("目的関数値", "Objective"), Text("実質負担", "Own burden"), Text("ギャップ", "Gap"),
        Text("最終年度の延床面積（m²）", "Floor area, last year (m²)"),
    ]  # fmt: skip
    for name in ratios:
        heads += [Text(f"{RATIOS[name].ja} 最大", f"{RATIOS[name].en}, highest"), Text("その年度", "In year")]
    page.heads([label.say(say) for label in heads], row=SUMMARY_ROW, height=46 if ratios else 32)
    base = float(shown[0].amounts.sum())
    for at, course in enumerate(shown):
        row = SUMMARY_ROW + 1 + at
        looks: dict[str, Any] = {"bg_color": "#E6F0F8", "bold": True} if course.is_own else {}
        column = 2 + courses.index(course)
        values, own = course.amounts, span(first, column, first + len(years) - 1, column)
        page.sheet.merge_range(row, 0, row, 1, "", book.look(**looks))
        page.text(row, 0, course.name, **looks, shrink=True)
        total, peak = float(np.nansum(values)), float(np.nanmax(values))
        page.formula(row, 2, f"=SUM({own})", total / THOUSAND, **looks)
        page.formula(row, 3, f"=AVERAGE({own})", float(np.nanmean(values)) / THOUSAND, **looks)
        page.formula(row, 4, f"=MAX({own})", peak / THOUSAND, **looks)
        when = f"=INDEX({span(first, 0, first + len(years) - 1, 0)},MATCH({cell(row, 4)},{own},0))"
        page.formula(row, 5, when, years[int(np.nanargmax(values))], "0", **looks, align="center")
        page.formula(row, 6, f"={cell(row, 2)}-{cell(SUMMARY_ROW + 1, 2)}", (total - base) / THOUSAND, **looks)
        base_cell = cell(SUMMARY_ROW + 1, 2)
        share = total / base if base else 0.0
        page.formula(row, 7, f"=IF({base_cell}=0,0,{cell(row, 2)}/{base_cell})", share, RATE, **looks)
        page.formula(row, 8, f"=NPV({cell(row, 9)},{own})", present_value(np.nan_to_num(values), rate) / THOUSAND, **looks)  # fmt: skip
        page.number(row, 9, rate, "0.0%", **looks)
        _plan_figures(page, row, course.scenario, ratios, looks)


def _plan_figures(
    page: Page, row: int, scenario: Scenario | None, ratios: Sequence[str], looks: dict[str, Any]
) -> None:
    """Write what only a plan has: objective, own burden, gap, floor area and its ratios in their worst years."""
    if scenario is None:
        for column in range(10, 14 + 2 * len(ratios)):
            page.text(row, column, "", **looks)
        return
    page.money(row, 10, scenario.objective, **looks)
    page.money(row, 11, scenario.own_burden, **looks)
    page.number(row, 12, scenario.gap, "0.00%", **looks)
    page.number(row, 13, scenario.floor_end_m2, AREA, **looks)
    for at, name in enumerate(ratios):
        value, year = scenario.ratios.get(name, (math.nan, None))
        limit = scenario.limits.get(LIMIT_OF[name])
        over = {"bg_color": AMBER} if limit is not None and value > limit + 1e-9 else {}
        pattern = BURDEN if name == "future_burden_ratio" else RATIO[page.book.lang]
        page.number(row, 14 + 2 * at, value, pattern, **(looks | over))
        page.number(row, 15 + 2 * at, year, "0", **looks, align="center")


def _years(page: Page, courses: Sequence[Course], head_row: int, yearly: YearlyPlaces | None) -> None:
    book, years = page.book, page.book.result.years
    say, count, first = book.lang, len(courses), head_row + 1
    page.group(0, 1, Text("年度", "Fiscal year").say(say), row=head_row - 1)
    page.group(2, 1 + count, Text(f"各年度（{book.unit}）", f"Each year ({book.unit})").say(say), row=head_row - 1)
    page.group(
        2 + count, 1 + 2 * count, Text(f"累計（{book.unit}）", f"Cumulative ({book.unit})").say(say), row=head_row - 1
    )
    names = [course.short for course in courses]
    page.heads([Text("西暦", "Year").say(say), Text("和暦", "Era").say(say), *names, *names], row=head_row)
    source = {} if yearly is None else {"plan": yearly.total_column, "budget": yearly.budget_column}
    for at, year in enumerate(years):
        row = first + at
        page.year(row, year)
        for place, course in enumerate(courses, start=2):
            amount = float(course.amounts[at])
            if yearly is not None and course.code in source:
                link = yearly.page.reference(YEARLY_FIRST_ROW + at, source[course.code])
                page.formula(row, place, f"={link}", amount / THOUSAND, **LINE)
            else:
                page.money(row, place, amount, **LINE)
            total = float(np.nansum(course.amounts[: at + 1]))
            formula = f"=SUM({span(first, place, row, place)})"
            page.formula(row, place + count, formula, total / THOUSAND, **LINE)
    row = first + len(years)
    looks: dict[str, Any] = {"bold": True, "bg_color": TOTAL, "top": 1}
    for column in (0, 1, *range(2 + count, 2 + 2 * count)):
        page.text(row, column, Text("合計", "Total").say(say) if column == 0 else "", **looks)
    for place, course in enumerate(courses, start=2):
        own = span(first, place, row - 1, place)
        page.formula(row, place, f"=SUM({own})", float(np.nansum(course.amounts)) / THOUSAND, **looks)


def _charts(page: Page, courses: Sequence[Course], head_row: int, row: int, columns: int) -> None:
    book, first, count = page.book, head_row + 1, len(courses)
    last = first + len(book.result.years) - 1
    drawings = (
        (Text(f"各年度（{book.unit}）", f"Each year ({book.unit})"), 2),
        (Text(f"累計（{book.unit}）", f"Cumulative ({book.unit})"), 2 + count),
    )
    for order, (title, start) in enumerate(drawings):
        chart = book.workbook.add_chart({"type": "line"})
        for place, course in enumerate(courses, start=start):
            chart.add_series(
                {
                    "name": [page.name, head_row, place],
                    "categories": [page.name, first, 0, last, 0],
                    "values": [page.name, first, place, last, place],
                    "line": {"color": course.colour, "width": 2.25, "dash_type": course.dash},
                }
            )
        finish_chart(chart, title.say(book.lang), size=(_COLUMN_PIXELS * columns // 2 - 20, 480), pattern=COUNT)
        options = {"x_offset": 4, "description": title.say(book.lang)}
        page.sheet.insert_chart(row, order * (columns // 2), chart, options)
