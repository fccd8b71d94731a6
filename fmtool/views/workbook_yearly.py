"""Sheets by year: 年度別一覧 and 財政・指標."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmtool.text import Text
from fmtool.views.labels import SHORT_SERIES, THOUSAND, named, year_pair
from fmtool.views.palette import ACTION_COLOURS, SERIES_COLOURS
from fmtool.views.workbook_page import AMBER, AREA, COUNT, HEAD_ROW, MONEY, RATE, TOTAL, Book, Page, cell, span
from fmtool.vocabulary import ACTIONS

FIRST_ROW = HEAD_ROW + 1


@dataclass(frozen=True, slots=True)
class YearlyPlaces:
    """Where other sheets find the yearly totals."""

    page: Page
    total_column: int
    budget_column: int
    total_row: int


def paid_actions(book: Book) -> list[str]:
    """Return the actions that cost something in this plan, in the order of legends."""
    spend = book.result.spend_by_action
    paid = [code for code in ACTIONS if code in spend and bool((spend[code] != 0).any())]
    return paid or [code for code in ACTIONS if code in spend][:1]


def write_yearly(book: Book) -> YearlyPlaces:
    """Write 年度別一覧: each year's cost by action, its total, the budget and the fund."""
    result, say = book.result, book.lang
    page = book.page(
        "yearly",
        Text("年度別事業費一覧", "Cost by year"),
        [
            Text(
                "合計・差額・残額は計算式です。差額＝予算額−合計、残額＝差額＋基金取崩−基金積立（使われない額）。",
                "Totals, difference and left over are formulas. Difference = budget - total; left over = difference + drawn from fund - paid into fund.",
            ),
            Text(
                "従来型・長寿命化型は、施設の選択（統合・売却など）をしない場合の更新費用です。",
                "Replace and Extend are the renewal need before any choice of facilities (no merging, no sale).",
            ),
        ],
    )
    actions = paid_actions(book)
    yearly, count = result.yearly, len(result.years)
    first_action, total = 2, 2 + len(actions)
    money: list[tuple[Text, NDArray[np.float64]]] = [
        (Text("予算額", "Budget"), yearly["budget"].to_numpy(float)),
        (Text("差額", "Difference"), (yearly["budget"] - yearly["outlay"]).to_numpy(float)),
        (Text("基金取崩", "Drawn from fund"), yearly["fund_draw"].to_numpy(float)),
        (Text("基金積立", "Paid into fund"), yearly["fund_deposit"].to_numpy(float)),
        (
            Text("残額", "Left over"),
            (yearly["budget"] - yearly["outlay"] + yearly["fund_draw"] - yearly["fund_deposit"]).to_numpy(float),
        ),
        (Text("基金残高", "Fund balance"), yearly["fund_balance"].to_numpy(float)),
        (SHORT_SERIES["replace"], result.baselines["replace"]),
        (SHORT_SERIES["extend"], result.baselines["extend"]),
        (Text("維持管理費", "Running cost"), yearly["running"].to_numpy(float)),
        (Text("貸付・売却収入", "Lease and sale income"), yearly["income"].to_numpy(float)),
    ]
    budget = total + 1
    unit = book.unit
    page.group(0, 1, Text("年度", "Fiscal year").say(say))
    page.group(first_action, total, Text(f"工事費等（{unit}）", f"Works ({unit})").say(say))
    page.group(budget, budget + 5, Text(f"予算と基金（{unit}）", f"Budget and fund ({unit})").say(say))
    page.group(budget + 6, budget + 7, Text("参考: 更新費用", "Renewal need").say(say))
    page.group(budget + 8, budget + 9, Text("運営", "Operation").say(say))
    heads = [
        Text("西暦", "Year").say(say),
        Text("和暦", "Era").say(say),
        *(named(ACTIONS, code, say) for code in actions),
    ]
    page.heads([*heads, Text("合計", "Total").say(say), *(label.say(say) for label, _ in money)])
    _year_cells(page, result.years)
    spend = result.spend_by_action
    for at in range(count):
        row = FIRST_ROW + at
        for offset, code in enumerate(actions):
            page.money(row, first_action + offset, float(spend[code].iloc[at]))
        page.formula(
            row,
            total,
            f"=SUM({span(row, first_action, row, total - 1)})",
            float(yearly["outlay"].iloc[at]) / THOUSAND,
            bold=True,
            bg_color=TOTAL,
        )
        for offset, (_, amounts) in enumerate(money):
            if offset == 1:
                formula = f"={cell(row, budget)}-{cell(row, total)}"
            elif offset == 4:  # noqa: PLR2004  - the column of what is left over
                formula = f"={cell(row, budget + 1)}+{cell(row, budget + 2)}-{cell(row, budget + 3)}"
            else:
                page.money(row, budget + offset, float(amounts[at]))
                continue
            page.formula(row, budget + offset, formula, float(amounts[at]) / THOUSAND)
    columns = [spend[code].to_numpy(float) for code in actions] + [yearly["outlay"].to_numpy(float)]
    columns += [amounts for _, amounts in money]
    last = _foot(page, columns, first_action, count, skip={budget + 5})
    page.widths([7, 9, *([10.5] * len(actions)), 12, *([11.5] * len(money))])
    page.sheet.freeze_panes(FIRST_ROW, 2)
    page.sheet.autofilter(HEAD_ROW, 0, FIRST_ROW + count - 1, budget + len(money) - 1)
    _cost_chart(page, actions, first_action, budget, count, last + 2)
    page.set_up_print(last + 26, budget + len(money) - 1, pages=(1, 1 if count <= 40 else 0))  # noqa: PLR2004  - forty rows and the chart fit one page
    return YearlyPlaces(page, total, budget, FIRST_ROW + count)


def _year_cells(page: Page, years: tuple[int, ...]) -> None:
    for at, year in enumerate(years):
        _, era = year_pair(year, page.book.lang)
        page.number(FIRST_ROW + at, 0, year, "0", bold=True, align="center")
        page.text(FIRST_ROW + at, 1, era, align="center")


def _foot(
    page: Page, columns: list[NDArray[np.float64]], first: int, count: int, skip: set[int], divisor: float = THOUSAND
) -> int:
    """Write the rows of totals and yearly means under a table; return the last row."""
    say = page.book.lang
    last = FIRST_ROW + count - 1
    looks: dict[str, Any] = {"bold": True, "bg_color": TOTAL, "top": 1}
    for row, label, function in (
        (last + 1, Text("合計", "Total"), "SUM"),
        (last + 2, Text("年平均", "Yearly mean"), "AVERAGE"),
    ):
        page.text(row, 0, label.say(say), **looks)
        page.text(row, 1, "", **looks)
        for column, amounts in enumerate(columns, start=first):
            if column in skip:
                page.text(row, column, "", **looks)
                continue
            value = float(np.sum(amounts)) / divisor
            value = value / count if function == "AVERAGE" else value
            page.formula(row, column, f"={function}({span(FIRST_ROW, column, last, column)})", value, **looks)
    return last + 2


def _cost_chart(page: Page, actions: list[str], first: int, budget: int, count: int, row: int) -> None:
    book = page.book
    say, last = book.lang, FIRST_ROW + count - 1
    years = [page.name, FIRST_ROW, 0, last, 0]
    chart = book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    for offset, code in enumerate(actions):
        chart.add_series(
            {
                "name": [page.name, HEAD_ROW, first + offset],
                "categories": years,
                "values": [page.name, FIRST_ROW, first + offset, last, first + offset],
                "fill": {"color": ACTION_COLOURS[code]},
                "border": {"color": "#FFFFFF", "width": 0.25},
                "gap": 25,
            }
        )
    line = book.workbook.add_chart({"type": "line"})
    line.add_series(
        {
            "name": [page.name, HEAD_ROW, budget],
            "categories": years,
            "values": [page.name, FIRST_ROW, budget, last, budget],
            "line": {"color": SERIES_COLOURS["budget"], "width": 2, "dash_type": "dash"},
        }
    )
    chart.combine(line)
    title = Text(f"年度別事業費と予算額（{book.unit}）", f"Cost by year and the budget ({book.unit})").say(say)
    finish_chart(chart, title, size=(1500, 460))
    page.sheet.insert_chart(row, 0, chart, {"x_offset": 4, "y_offset": 4, "description": title})


def finish_chart(chart: Any, title: str, *, size: tuple[int, int], pattern: str = "#,##0") -> None:  # noqa: ANN401  - XlsxWriter's charts
    """Give a native chart the workbook's look."""
    chart.set_title({"name": title, "name_font": {"size": 12, "bold": True}, "overlay": False})
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis(
        {
            "num_format": pattern,
            "major_gridlines": {"visible": True, "line": {"color": "#D9DDE3"}},
            "line": {"none": True},
        }
    )
    chart.set_x_axis({"num_font": {"size": 9}, "interval_unit": 5, "interval_tick": 5})
    chart.set_size({"width": size[0], "height": size[1]})
    chart.show_na_as_empty_cell()


def write_indicators(book: Book) -> None:
    """Write 財政・指標: the fund, floor area against its target, works against the limit, running cost and risk."""
    result, say, yearly = book.result, book.lang, book.result.yearly
    page = book.page(
        "indicators",
        Text("財政・指標", "Finance and indicators"),
        [
            Text(
                "黄色のセルは、その年度に制約がちょうど上限（下限）に達していることを示します。",
                "An amber cell marks a year in which the limit is met exactly.",
            )
        ],
    )
    floor = yearly["floor_area_m2"].to_numpy(float)
    target = yearly["floor_area_target_m2"].to_numpy(float)
    works, limit = yearly["works_under_way"].to_numpy(float), yearly["works_limit"].to_numpy(float)
    count = len(result.years)
    unit = book.unit
    page.group(0, 1, Text("年度", "Fiscal year").say(say))
    page.group(2, 4, Text(f"公共施設整備基金（{unit}）", f"Facilities fund ({unit})").say(say))
    page.group(5, 8, Text("延床面積（m²）", "Floor area (m²)").say(say))
    page.group(9, 11, Text("同時工事件数", "Works under way").say(say))
    page.group(12, 14, Text(f"運営と危険（{unit}）", f"Operation and risk ({unit})").say(say))
    heads = [
        Text("西暦", "Year"),
        Text("和暦", "Era"),
        Text("取崩", "Drawn"),
        Text("積立", "Paid in"),
        Text("残高", "Balance"),
        Text("延床面積", "Floor area"),
        Text("目標値", "Target"),
        Text("目標との差", "Over target"),
        Text("初年度比", "Since first year"),
        Text("工事中", "Under way"),
        Text("上限", "Limit"),
        Text("余裕", "Spare"),
        Text("維持管理費", "Running cost"),
        Text("貸付・売却収入", "Lease and sale income"),
        Text("故障・被害の期待値", "Expected cost of failure"),
    ]
    page.heads([label.say(say) for label in heads])
    _year_cells(page, result.years)
    bound = {(str(item.get("family")), item.get("year")) for item in result.binding}
    for at, year in enumerate(result.years):
        row = FIRST_ROW + at
        for column, name in (
            (2, "fund_draw"),
            (3, "fund_deposit"),
            (4, "fund_balance"),
            (12, "running"),
            (13, "income"),
            (14, "risk"),
        ):
            met = {"bg_color": AMBER} if name == "fund_balance" and ("fund", year) in bound else {}
            page.money(row, column, float(yearly[name].iloc[at]), **met)
        page.number(row, 5, floor[at], AREA)
        page.number(row, 6, target[at], AREA, **({"bg_color": AMBER} if ("floor", year) in bound else {}))
        if np.isfinite(target[at]):
            page.formula(row, 7, f"={cell(row, 5)}-{cell(row, 6)}", floor[at] - target[at], AREA)
        share = floor[at] / floor[0] - 1 if floor[0] else 0.0
        page.formula(
            row,
            8,
            f"=IF({cell(FIRST_ROW, 5)}=0,0,{cell(row, 5)}/{cell(FIRST_ROW, 5)}-1)".replace(
                cell(FIRST_ROW, 5), "$F$" + str(FIRST_ROW + 1)
            ),
            share,
            RATE,
        )
        page.number(row, 9, works[at], COUNT)
        page.number(row, 10, limit[at], COUNT, **({"bg_color": AMBER} if ("works", year) in bound else {}))
        if np.isfinite(limit[at]):
            page.formula(row, 11, f"={cell(row, 10)}-{cell(row, 9)}", limit[at] - works[at], COUNT)
    columns = [yearly[name].to_numpy(float) for name in ("fund_draw", "fund_deposit", "fund_balance")]
    columns += [np.zeros(count)] * 7
    columns += [yearly[name].to_numpy(float) for name in ("running", "income", "risk")]
    last = _foot(page, columns, 2, count, skip={4, 5, 6, 7, 8, 9, 10, 11})
    page.widths([7, 9, 12, 12, 13, 12, 12, 12, 11, 10, 9, 9, 13, 13, 13])
    page.sheet.freeze_panes(FIRST_ROW, 2)
    page.sheet.autofilter(HEAD_ROW, 0, FIRST_ROW + count - 1, 14)
    _level_charts(page, count)
    page.set_up_print(last, 26, pages=(1, 1 if count <= 40 else 0))  # noqa: PLR2004  - forty rows fit one page


def _level_charts(page: Page, count: int) -> None:
    book = page.book
    last = FIRST_ROW + count - 1
    drawings = (
        (Text("延床面積と目標値（m²）", "Floor area and its target (m²)"), 5, 6),
        (Text("同時工事件数と上限", "Works under way and the limit"), 9, 10),
        (Text(f"基金残高（{book.unit}）", f"Fund balance ({book.unit})"), 4, None),
    )
    for order, (title, level, limit) in enumerate(drawings):
        chart = book.workbook.add_chart({"type": "column"})
        years = [page.name, FIRST_ROW, 0, last, 0]
        chart.add_series(
            {
                "name": [page.name, HEAD_ROW, level],
                "categories": years,
                "values": [page.name, FIRST_ROW, level, last, level],
                "fill": {"color": "#8FB8D8"},
                "gap": 20,
            }
        )
        if limit is not None:
            line = book.workbook.add_chart({"type": "line"})
            line.add_series(
                {
                    "name": [page.name, HEAD_ROW, limit],
                    "categories": years,
                    "values": [page.name, FIRST_ROW, limit, last, limit],
                    "line": {"color": SERIES_COLOURS["replace"], "width": 2},
                    "marker": {"type": "diamond", "size": 5, "fill": {"color": SERIES_COLOURS["replace"]}},
                }
            )
            chart.combine(line)
        finish_chart(chart, title.say(book.lang), size=(760, 300), pattern=MONEY)
        page.sheet.insert_chart(HEAD_ROW - 1 + order * 16, 16, chart, {"description": title.say(book.lang)})
