"""Sheet 年度別一覧, and what all tables by year share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmtool.schedule.result import SOURCES, PlanResult
from fmtool.text import Text
from fmtool.views.fiscal import SOURCE_COLOURS, is_given, sources_by_year, yearly_column
from fmtool.views.labels import SHORT_SERIES, THOUSAND
from fmtool.views.palette import ACTION_COLOURS, SERIES_COLOURS
from fmtool.views.workbook_page import (
    AMBER,
    HEAD_ROW,
    LINE,
    MONEY,
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
CHART_SIZE = (1100, 500)
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
    key: str = ""
    """Names the column for formulas and charts."""


@dataclass(frozen=True, slots=True)
class Group:
    """Columns under one heading."""

    title: Text
    columns: list[Column]


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
    """Write 年度別一覧: each year's cost by action, what pays for it, the budget and the fund."""
    page = book.page(
        "yearly",
        Text("年度別事業費一覧", "Cost by year"),
        [
            Text(
                "合計・財源計・残額は計算式です。残額＝予算額−一般財源−基金積立（使われない額）。黄色の予算額は、増やせば費用が減る年度です。",
                "Totals and left over are formulas. Left over = budget - general funds - paid into fund. Amber budget: more of it would lower the cost.",
            ),
            Text(
                "従来型・長寿命化型は、施設の選択（統合・売却など）をしない場合の更新費用です。実質負担＝工事費等−補助金−地方債＋その元利償還金−交付税措置−収入。",
                "Replace and Extend are the renewal need before any choice of facilities. Own burden = works - subsidies - bonds + debt service on them - tax grants - income.",
            ),
        ],
    )
    actions = paid_actions(book)
    places: dict[str, int] = {}
    groups = [_cost_group(book, actions, places), _source_group(book, places), *_money_groups(book, places)]
    foot = write_groups(page, groups, places)
    count = len(places)
    page.widths([7, 9, *([11.5] * count)])
    _cost_chart(page, actions, places, foot + 2)
    _source_chart(page, places, foot + 2)
    page.set_up_print(foot + 27, FIRST_COLUMN + count - 1, pages=pages_of(len(book.result.years)))
    return YearlyPlaces(page, places["total"], places["budget"])


def _cost_group(book: Book, actions: list[str], places: dict[str, int]) -> Group:
    result = book.result
    costs = [Column(ACTIONS[code], result.spend_by_action[code].to_numpy(float), key=code) for code in actions]
    total = Column(
        Text("合計", "Total"),
        result.yearly["outlay"].to_numpy(float),
        lambda row: f"=SUM({span(row, FIRST_COLUMN, row, places['total'] - 1)})",
        is_strong=True,
        key="total",
    )
    return Group(Text(f"工事費等（{book.unit}）", f"Works ({book.unit})"), [*costs, total])


def _source_group(book: Book, places: dict[str, int]) -> Group:
    table = sources_by_year(book.result)
    paid = [Column(label, table[name].to_numpy(float), key=name) for name, label in SOURCES.items()]
    first, last = next(iter(SOURCES)), next(reversed(SOURCES))
    total = Column(
        Text("財源計", "Sources"),
        table.sum(axis=1).to_numpy(float),
        lambda row: f"=SUM({span(row, places[first], row, places[last])})",
        is_strong=True,
        key="sources",
    )
    return Group(Text(f"財源内訳（{book.unit}）", f"What pays ({book.unit})"), [*paid, total])


def _money_groups(book: Book, places: dict[str, int]) -> list[Group]:
    """Return budget, what is left over, the fund, the baselines and the operation."""
    result = book.result
    frame = {str(name): values.to_numpy(float) for name, values in result.yearly.items()}
    general = sources_by_year(result)["general_funds"].to_numpy(float)

    def left(row: int) -> str:
        parts = (cell(row, places[key]) for key in ("budget", "general_funds", "deposit"))
        return f"=ROUND({'-'.join(parts)},3)"

    budget = [
        Column(Text("予算額", "Budget"), frame["budget"], met_years=bound_years(result, "budget"), key="budget"),
        Column(Text("基金積立", "Paid into fund"), frame["fund_deposit"], key="deposit"),
        Column(
            Text("残額", "Left over"),
            np.round(frame["budget"] - general - frame["fund_deposit"]) + 0.0,
            left,
            key="left",
        ),
        Column(Text("基金残高", "Fund balance"), frame["fund_balance"], is_summed=False, key="fund"),
    ]
    need = [
        Column(SHORT_SERIES[code], np.asarray(result.baselines[code], dtype=float), key=f"need_{code}")
        for code in ("replace", "extend")
    ]
    operation = [
        Column(Text("維持管理費", "Running cost"), frame["running"], key="running"),
        Column(Text("貸付・売却収入", "Lease and sale income"), frame["income"], key="income"),
    ]
    if is_given(result, "own_burden"):
        operation.append(Column(Text("実質負担", "Own burden"), yearly_column(result, "own_burden"), key="own_burden"))
    return [
        Group(Text(f"予算と基金（{book.unit}）", f"Budget and fund ({book.unit})"), budget),
        Group(Text("参考: 更新費用", "Renewal need"), need),
        Group(Text("運営と負担", "Operation, burden"), operation),
    ]


def bound_years(result: PlanResult, family: str) -> frozenset[int]:
    """Return the years in which limits of a family hold the plan back."""
    rows = [item for item in result.binding if item.get("family") == family]
    return frozenset(int(item["year"]) for item in rows if item.get("year") is not None)


def write_groups(page: Page, groups: Sequence[Group], places: dict[str, int]) -> int:
    """Write a table by year with headings over its columns; return the last row.

    ``places`` is filled with the column of each key before any formula is asked for.
    """
    page.group(0, 1, Text("年度", "Fiscal year").say(page.book.lang))
    columns = [column for group in groups for column in group.columns]
    places.update({column.key: at for at, column in enumerate(columns, start=FIRST_COLUMN)})
    if len(places) != len(columns):
        raise ValueError(f"two columns of {page.name} have one key: {[column.key for column in columns]}")
    first = FIRST_COLUMN
    for group in groups:
        page.group(first, first + len(group.columns) - 1, group.title.say(page.book.lang))
        first += len(group.columns)
    return write_year_table(page, columns)


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


def _cost_chart(page: Page, actions: list[str], places: dict[str, int], row: int) -> None:
    title = Text(f"年度別事業費と予算額（{page.book.unit}）", f"Cost by year and the budget ({page.book.unit})")
    chart = stacked_chart(page, [(places[code], ACTION_COLOURS[code]) for code in actions])
    line = line_chart(page, [(places["budget"], SERIES_COLOURS["budget"], "dash")])
    chart.combine(line)
    finish_chart(chart, title.say(page.book.lang), size=CHART_SIZE)
    page.sheet.insert_chart(row, 0, chart, {"x_offset": 4, "y_offset": 4, "description": title.say(page.book.lang)})


def _source_chart(page: Page, places: dict[str, int], row: int) -> None:
    title = Text(f"財源内訳（{page.book.unit}）", f"What pays for the works ({page.book.unit})")
    table = sources_by_year(page.book.result)
    paid = [name for name in SOURCES if (table[name] != 0).any()] or ["general_funds"]
    chart = stacked_chart(page, [(places[name], SOURCE_COLOURS[name]) for name in paid])
    finish_chart(chart, title.say(page.book.lang), size=CHART_SIZE)
    half = FIRST_COLUMN + len(places) // 2
    page.sheet.insert_chart(row, half, chart, {"x_offset": 12, "y_offset": 4, "description": title.say(page.book.lang)})


def stacked_chart(page: Page, series: Sequence[tuple[int, str]]) -> Any:  # noqa: ANN401  - XlsxWriter's charts
    """Return stacked columns by year of the table's columns, each with its colour."""
    chart = page.book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    for column, colour in series:
        chart.add_series(
            _series(page, column)
            | {"fill": {"color": colour}, "border": {"color": "#FFFFFF", "width": 0.25}, "gap": 25}
        )
    return chart


def line_chart(page: Page, series: Sequence[tuple[int, str, str]], *, is_marked: bool = False) -> Any:  # noqa: ANN401  - XlsxWriter's charts
    """Return lines by year of the table's columns, each with its colour and dash; marks show single years."""
    chart = page.book.workbook.add_chart({"type": "line"})
    for column, colour, dash in series:
        marker = {"type": "diamond", "size": 4, "fill": {"color": colour}, "border": {"color": colour}}
        line = {"color": colour, "width": 2, "dash_type": dash}
        chart.add_series(_series(page, column) | {"line": line} | ({"marker": marker} if is_marked else {}))
    return chart


def level_chart(page: Page, column: int) -> Any:  # noqa: ANN401  - XlsxWriter's charts
    """Return columns by year of one of the table's columns."""
    chart = page.book.workbook.add_chart({"type": "column"})
    chart.add_series(_series(page, column) | {"fill": {"color": "#8FB8D8"}, "gap": 20})
    return chart


def _series(page: Page, column: int) -> dict[str, Any]:
    last = FIRST_ROW + len(page.book.result.years) - 1
    return {
        "name": [page.name, HEAD_ROW, column],
        "categories": [page.name, FIRST_ROW, 0, last, 0],
        "values": [page.name, FIRST_ROW, column, last, column],
    }
