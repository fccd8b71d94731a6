"""Sheets by year: 年度別一覧 and 財政・指標."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmtool.schedule.result import PlanResult
from fmtool.text import Text
from fmtool.views.labels import SHORT_SERIES, THOUSAND
from fmtool.views.palette import ACTION_COLOURS, SERIES_COLOURS
from fmtool.views.workbook_page import (
    AMBER,
    AREA,
    COUNT,
    HEAD_ROW,
    LINE,
    MONEY,
    RATE,
    TOTAL,
    Book,
    Page,
    cell,
    finish_chart,
    span,
)
from fmtool.vocabulary import ACTIONS

FIRST_ROW = HEAD_ROW + 1
FIRST_COLUMN = 2
HALF = 0.5
"""A count of works within this of its limit has reached it; less of a currency unit is nothing."""
ONE_PAGE_YEARS = 40
"""So many rows and the charts still fit one sheet of A3."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table by year."""

    head: Text
    values: NDArray[np.float64]
    """Whole currency units, m² or a count; NaN = no value in that year."""
    formula: Callable[[int], str] | None = None
    """Row (from 0) to its live formula; None: the value itself stands in the cell."""
    pattern: str = MONEY
    divisor: float = THOUSAND
    is_summed: bool = True
    is_strong: bool = False
    met_years: frozenset[int] = frozenset()
    """Years in which the limit that this column shows is met exactly."""


@dataclass(frozen=True, slots=True)
class YearlyPlaces:
    """Where other sheets find the yearly totals."""

    page: Page
    total_column: int
    budget_column: int


def paid_actions(book: Book) -> list[str]:
    """Return the actions that cost something in this plan, in the order of legends."""
    spend = book.result.spend_by_action
    paid = [code for code in ACTIONS if code in spend and bool((spend[code] != 0).any())]
    return paid or [code for code in ACTIONS if code in spend][:1]


def write_yearly(book: Book) -> YearlyPlaces:
    """Write 年度別一覧: each year's cost by action, its total, the budget and the fund."""
    say, unit = book.lang, book.unit
    page = book.page(
        "yearly",
        Text("年度別事業費一覧", "Cost by year"),
        [
            Text(
                "合計・差額・残額は計算式です。差額＝予算額−合計、残額＝差額＋基金取崩−基金積立（使われない額）。黄色の予算額は、増やせば費用が減る年度です。",
                "Totals, difference and left over are formulas. Difference = budget - total; left over = difference + drawn from fund - paid into fund. Amber budget: more of it would lower the cost.",
            ),
            Text(
                "従来型・長寿命化型は、施設の選択（統合・売却など）をしない場合の更新費用です。",
                "Replace and Extend are the renewal need before any choice of facilities (no merging, no sale).",
            ),
        ],
    )
    actions = paid_actions(book)
    total = FIRST_COLUMN + len(actions)
    columns = _cost_columns(book, actions, total) + _money_columns(book, total)
    groups = (
        (0, 1, Text("年度", "Fiscal year")),
        (FIRST_COLUMN, total, Text(f"工事費等（{unit}）", f"Works ({unit})")),
        (total + 1, total + 6, Text(f"予算と基金（{unit}）", f"Budget and fund ({unit})")),
        (total + 7, total + 8, Text("参考: 更新費用", "Renewal need")),
        (total + 9, total + 10, Text("運営", "Operation")),
    )
    for first, last, label in groups:
        page.group(first, last, label.say(say))
    foot = write_year_table(page, columns)
    page.widths([7, 9, *([11.5] * len(actions)), 12.5, *([12] * 10)])
    _cost_chart(page, actions, total, foot + 2)
    page.set_up_print(foot + 27, total + 10, pages=pages_of(len(book.result.years)))
    return YearlyPlaces(page, total, total + 1)


def _cost_columns(book: Book, actions: list[str], total: int) -> list[Column]:
    result = book.result
    costs = [Column(ACTIONS[code], result.spend_by_action[code].to_numpy(float)) for code in actions]
    return [
        *costs,
        Column(
            Text("合計", "Total"),
            result.yearly["outlay"].to_numpy(float),
            lambda row: f"=SUM({span(row, FIRST_COLUMN, row, total - 1)})",
            is_strong=True,
        ),
    ]


def _money_columns(book: Book, total: int) -> list[Column]:
    """Return budget, difference, fund, what is left over, the baselines and the operation."""
    frame = {str(name): values.to_numpy(float) for name, values in book.result.yearly.items()}
    budget, difference, drawn, paid = total + 1, total + 2, total + 3, total + 4
    over = frame["budget"] - frame["outlay"]
    return [
        Column(Text("予算額", "Budget"), frame["budget"], met_years=bound_years(book.result, "budget")),
        Column(Text("差額", "Difference"), over, lambda row: f"={cell(row, budget)}-{cell(row, total)}"),
        Column(Text("基金取崩", "Drawn from fund"), frame["fund_draw"]),
        Column(Text("基金積立", "Paid into fund"), frame["fund_deposit"]),
        Column(
            Text("残額", "Left over"),
            over + frame["fund_draw"] - frame["fund_deposit"],
            lambda row: f"={cell(row, difference)}+{cell(row, drawn)}-{cell(row, paid)}",
        ),
        Column(Text("基金残高", "Fund balance"), frame["fund_balance"], is_summed=False),
        Column(SHORT_SERIES["replace"], np.asarray(book.result.baselines["replace"], dtype=float)),
        Column(SHORT_SERIES["extend"], np.asarray(book.result.baselines["extend"], dtype=float)),
        Column(Text("維持管理費", "Running cost"), frame["running"]),
        Column(Text("貸付・売却収入", "Lease and sale income"), frame["income"]),
    ]


def bound_years(result: PlanResult, family: str) -> frozenset[int]:
    """Return the years in which limits of a family hold the plan back."""
    rows = [item for item in result.binding if item.get("family") == family]
    return frozenset(int(item["year"]) for item in rows if item.get("year") is not None)


def write_year_table(page: Page, columns: Sequence[Column]) -> int:
    """Write years, columns, totals and yearly means; return the last row."""
    say, years = page.book.lang, page.book.result.years
    last = FIRST_ROW + len(years) - 1
    heads = [Text("西暦", "Year"), Text("和暦", "Era"), *(column.head for column in columns)]
    page.heads([head.say(say) for head in heads])
    for at, year in enumerate(years):
        row = FIRST_ROW + at
        page.year(row, year)
        for place, column in enumerate(columns, start=FIRST_COLUMN):
            looks: dict[str, Any] = dict(LINE) | ({"bold": True, "bg_color": TOTAL} if column.is_strong else {})
            looks |= {"bg_color": AMBER} if year in column.met_years else {}
            value = float(column.values[at]) / column.divisor
            if column.formula is not None and np.isfinite(value):
                page.formula(row, place, column.formula(row), value, column.pattern, **looks)
            else:
                page.number(row, place, value, column.pattern, **looks)
    feet = (
        (last + 1, Text("合計", "Total"), "SUM", 1),
        (last + 2, Text("年平均", "Yearly mean"), "AVERAGE", len(years)),
    )
    for row, label, function, count in feet:
        strong: dict[str, Any] = {"bold": True, "bg_color": TOTAL, "top": 1}
        page.text(row, 0, label.say(say), **strong)
        page.text(row, 1, "", **strong)
        for place, column in enumerate(columns, start=FIRST_COLUMN):
            if column.is_summed:
                value = float(np.nansum(column.values)) / column.divisor / count
                formula = f"={function}({span(FIRST_ROW, place, last, place)})"
                page.formula(row, place, formula, value, column.pattern, **strong)
            else:
                page.text(row, place, "", **strong)
    page.sheet.freeze_panes(FIRST_ROW, FIRST_COLUMN)
    page.sheet.autofilter(HEAD_ROW, 0, last, FIRST_COLUMN + len(columns) - 1)
    return last + 2


def pages_of(years: int) -> tuple[int, int]:
    """Return how many pages wide and tall a table by year prints; 0 = as many as needed.

    >>> pages_of(40), pages_of(60)
    ((1, 1), (1, 0))
    """
    return (1, 1) if years <= ONE_PAGE_YEARS else (1, 0)


def _cost_chart(page: Page, actions: list[str], total: int, row: int) -> None:
    book = page.book
    last = FIRST_ROW + len(book.result.years) - 1
    years = [page.name, FIRST_ROW, 0, last, 0]
    chart = book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    for column, code in enumerate(actions, start=FIRST_COLUMN):
        chart.add_series(
            {
                "name": [page.name, HEAD_ROW, column],
                "categories": years,
                "values": [page.name, FIRST_ROW, column, last, column],
                "fill": {"color": ACTION_COLOURS[code]},
                "border": {"color": "#FFFFFF", "width": 0.25},
                "gap": 25,
            }
        )
    line = book.workbook.add_chart({"type": "line"})
    line.add_series(
        {
            "name": [page.name, HEAD_ROW, total + 1],
            "categories": years,
            "values": [page.name, FIRST_ROW, total + 1, last, total + 1],
            "line": {"color": SERIES_COLOURS["budget"], "width": 2, "dash_type": "dash"},
        }
    )
    chart.combine(line)
    title = Text(f"年度別事業費と予算額（{book.unit}）", f"Cost by year and the budget ({book.unit})").say(book.lang)
    finish_chart(chart, title, size=(87 * (total + 10), 500))
    page.sheet.insert_chart(row, 0, chart, {"x_offset": 4, "y_offset": 4, "description": title})


def write_indicators(book: Book) -> None:
    """Write 財政・指標: the fund, floor area against its target, works against the limit, running cost and risk."""
    say, unit = book.lang, book.unit
    page = book.page(
        "indicators",
        Text("財政・指標", "Finance and indicators"),
        [
            Text(
                "黄色のセルは、その年度に制約が効いている（上限に達している、または緩めれば費用が減る）ことを示します。",
                "An amber cell marks a year in which the limit holds the plan back: it is reached, or more room would lower the cost.",
            ),
            Text(
                "残高＝前年度の残高＋積立＋売却収入など−取崩。売却収入などには利子と、初年度は当初の残高を含みます。",
                "Balance = last year's + paid in + sales etc. - drawn. Sales etc. include interest and, in the first year, the opening balance.",
            ),
        ],
    )
    groups = (
        (0, 1, Text("年度", "Fiscal year")),
        (2, 5, Text(f"公共施設整備基金（{unit}）", f"Facilities fund ({unit})")),
        (6, 9, Text("延床面積（m²）", "Floor area (m²)")),
        (10, 12, Text("同時工事件数", "Works under way")),
        (13, 15, Text(f"運営と危険（{unit}）", f"Operation and risk ({unit})")),
    )
    for first, last, label in groups:
        page.group(first, last, label.say(say))
    foot = write_year_table(page, _indicator_columns(book))
    page.widths([7, 9, 12, 12, 12, 13, 12, 12, 12, 11, 10, 9, 9, 13, 13, 13, 2])
    _level_charts(page)
    page.set_up_print(max(foot, HEAD_ROW + 50), 29, pages=pages_of(len(book.result.years)))


def _indicator_columns(book: Book) -> list[Column]:
    frame = {str(name): values.to_numpy(float) for name, values in book.result.yearly.items()}
    floor, target = frame["floor_area_m2"], frame["floor_area_target_m2"]
    works, limit = frame["works_under_way"], frame["works_limit"]
    full_years = frozenset(np.asarray(book.result.years)[works >= limit - HALF].tolist())
    share = floor / floor[0] - 1 if floor[0] else np.zeros(len(floor))
    first_floor = f"$G${FIRST_ROW + 1}"

    result, balance = book.result, frame["fund_balance"]
    given = np.diff(balance, prepend=0.0) + frame["fund_draw"] - frame["fund_deposit"]
    given = np.where(np.abs(given) < HALF, 0.0, given)  # crumbs of adding

    def held(row: int) -> str:
        before = f"{cell(row - 1, 5)}+" if row > FIRST_ROW else ""
        return f"={before}{cell(row, 3)}+{cell(row, 4)}-{cell(row, 2)}"

    return [
        Column(Text("取崩", "Drawn"), frame["fund_draw"]),
        Column(Text("積立", "Paid in"), frame["fund_deposit"]),
        Column(Text("売却収入など", "Sales etc."), given),
        Column(Text("残高", "Balance"), balance, held, is_summed=False, met_years=bound_years(result, "fund")),
        Column(Text("延床面積", "Floor area"), floor, None, AREA, 1, is_summed=False),
        Column(
            Text("目標値", "Target"), target, None, AREA, 1, is_summed=False, met_years=bound_years(result, "floor")
        ),
        Column(
            Text("目標との差", "Over target"),
            floor - target,
            lambda row: f"={cell(row, 6)}-{cell(row, 7)}",
            AREA,
            1,
            is_summed=False,
        ),
        Column(
            Text("初年度比", "Since first year"),
            share,
            lambda row: f"=IF({first_floor}=0,0,{cell(row, 6)}/{first_floor}-1)",
            RATE,
            1,
            is_summed=False,
        ),
        Column(Text("工事中", "Under way"), works, None, COUNT, 1, is_summed=False),
        Column(
            Text("上限", "Limit"),
            limit,
            None,
            COUNT,
            1,
            is_summed=False,
            met_years=bound_years(result, "works") | full_years,
        ),
        Column(
            Text("余裕", "Spare"),
            limit - works,
            lambda row: f"={cell(row, 11)}-{cell(row, 10)}",
            COUNT,
            1,
            is_summed=False,
        ),
        Column(Text("維持管理費", "Running cost"), frame["running"]),
        Column(Text("貸付・売却収入", "Lease and sale income"), frame["income"]),
        Column(Text("故障・被害の期待値", "Expected cost of failure"), frame["risk"]),
    ]


def _level_charts(page: Page) -> None:
    book = page.book
    last = FIRST_ROW + len(book.result.years) - 1
    drawings = (
        (Text("延床面積と目標値（m²）", "Floor area and its target (m²)"), 6, 7),
        (Text("同時工事件数と上限", "Works under way and the limit"), 10, 11),
        (Text(f"基金残高（{book.unit}）", f"Fund balance ({book.unit})"), 5, None),
    )
    for order, (title, level, limit) in enumerate(drawings):
        chart = book.workbook.add_chart({"type": "column"})
        years = [page.name, FIRST_ROW, 0, last, 0]
        series = {"name": [page.name, HEAD_ROW, level], "categories": years, "fill": {"color": "#8FB8D8"}, "gap": 20}
        chart.add_series(series | {"values": [page.name, FIRST_ROW, level, last, level]})
        if limit is not None:
            colour = SERIES_COLOURS["replace"]
            series = {"name": [page.name, HEAD_ROW, limit], "categories": years, "line": {"color": colour, "width": 2}}
            series |= {"marker": {"type": "diamond", "size": 5, "fill": {"color": colour}, "border": {"color": colour}}}
            line = book.workbook.add_chart({"type": "line"})
            line.add_series(series | {"values": [page.name, FIRST_ROW, limit, last, limit]})
            chart.combine(line)
        finish_chart(chart, title.say(book.lang), size=(760, 320), pattern=COUNT)
        page.sheet.insert_chart(HEAD_ROW - 1 + order * 16, 17, chart, {"description": title.say(book.lang)})
