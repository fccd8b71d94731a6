"""Sheet 比較: replace, extend and this plan side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmtool.text import Text
from fmtool.views.labels import SERIES, SHORT_SERIES, THOUSAND
from fmtool.views.palette import SERIES_COLOURS
from fmtool.views.workbook_page import COUNT, LINE, RATE, TOTAL, Book, Page, cell, finish_chart, span
from fmtool.views.workbook_yearly import FIRST_ROW as YEARLY_FIRST_ROW
from fmtool.views.workbook_yearly import YearlyPlaces, pages_of

SUMMARY_ROW = 5
HEAD_ROW = 12
FIRST_ROW = HEAD_ROW + 1
_CODES = ("replace", "extend", "plan", "budget")
_COLUMN = {code: 2 + at for at, code in enumerate(_CODES)}
_CUMULATIVE = {code: 6 + at for at, code in enumerate(_CODES)}


def present_value(amounts: NDArray[np.float64], discount_rate: float) -> float:
    """Discount yearly amounts paid at the ends of years to the start of the first: what NPV computes in a sheet.

    sum over t of  amounts[t] / (1 + discount_rate) ** (t + 1)

    >>> round(present_value(np.array([102.0, 104.04]), 0.02), 6)
    200.0
    """
    return float(np.sum(amounts / (1 + discount_rate) ** np.arange(1, len(amounts) + 1)))


def write_comparison(book: Book, yearly: YearlyPlaces) -> None:
    """Write totals, peaks and present values of the three courses, and their years beneath."""
    result = book.result
    page = book.page(
        "comparison",
        Text("比較: 従来型・長寿命化型・本計画", "Comparison: replace, extend, this plan"),
        [
            Text(
                "工事費等だけの比較です（維持管理費を含みません）。現在価値は各年度末の支払いとして初年度期首に割り引いた額です。",
                "Works only, without running cost. Present values take each amount as paid at the end of its year, discounted to the start of the first.",
            )
        ],
    )
    amounts = {
        "replace": np.asarray(result.baselines["replace"], dtype=float),
        "extend": np.asarray(result.baselines["extend"], dtype=float),
        "plan": result.yearly["outlay"].to_numpy(float),
        "budget": result.yearly["budget"].to_numpy(float),
    }
    _summary(page, amounts)
    _years(page, amounts, yearly)
    _charts(page, len(result.years))
    last = FIRST_ROW + len(result.years)
    page.widths([17, 17, *([14] * 8), 2])
    page.sheet.freeze_panes(FIRST_ROW, 2)
    page.sheet.autofilter(HEAD_ROW, 0, last - 1, 9)
    page.set_up_print(max(last, SUMMARY_ROW + 44), 22, head_row=HEAD_ROW, pages=pages_of(len(result.years)))


def _summary(page: Page, amounts: dict[str, NDArray[np.float64]]) -> None:
    book, years = page.book, page.book.result.years
    say, rate = book.lang, book.result.discount_rate
    heads = [
        Text("", ""),
        Text("", ""),
        Text(f"合計（{book.unit}）", f"Total ({book.unit})"),
        Text("年平均", "Yearly mean"),
        Text("最大の年度の額", "Highest year"),
        Text("その年度", "In year"),
        Text("従来型との差", "Less replace"),
        Text("従来型比", "Of replace"),
        Text(f"現在価値（{rate:.1%}）", f"Present value ({rate:.1%})"),
        Text("割引率", "Discount rate"),
    ]
    page.heads([label.say(say) for label in heads], row=SUMMARY_ROW)
    first, last = FIRST_ROW, FIRST_ROW + len(years) - 1
    base = float(amounts["replace"].sum())
    for at, code in enumerate(_CODES[:3]):
        row = SUMMARY_ROW + 1 + at
        looks: dict[str, Any] = {"bg_color": "#E6F0F8", "bold": True} if code == "plan" else {}
        values, own = amounts[code], span(first, _COLUMN[code], last, _COLUMN[code])
        page.sheet.merge_range(row, 0, row, 1, "", book.look(**looks))
        page.text(row, 0, SERIES[code].say(say), **looks, shrink=True)
        total = float(values.sum())
        page.formula(row, 2, f"=SUM({own})", total / THOUSAND, **looks)
        page.formula(row, 3, f"=AVERAGE({own})", total / len(years) / THOUSAND, **looks)
        page.formula(row, 4, f"=MAX({own})", float(values.max()) / THOUSAND, **looks)
        peak = f"=INDEX({span(first, 0, last, 0)},MATCH({cell(row, 4)},{own},0))"
        page.formula(row, 5, peak, years[int(values.argmax())], "0", **looks, align="center")
        page.formula(row, 6, f"={cell(row, 2)}-{cell(SUMMARY_ROW + 1, 2)}", (total - base) / THOUSAND, **looks)
        ratio = total / base if base else 0.0
        base_cell = cell(SUMMARY_ROW + 1, 2)
        page.formula(row, 7, f"=IF({base_cell}=0,0,{cell(row, 2)}/{base_cell})", ratio, RATE, **looks)
        page.formula(row, 8, f"=NPV({cell(row, 9)},{own})", present_value(values, rate) / THOUSAND, **looks)
        page.number(row, 9, rate, "0.0%", **looks)


def _years(page: Page, amounts: dict[str, NDArray[np.float64]], yearly: YearlyPlaces) -> None:
    book, years = page.book, page.book.result.years
    say = book.lang
    page.group(0, 1, Text("年度", "Fiscal year").say(say), row=HEAD_ROW - 1)
    page.group(2, 5, Text(f"各年度（{book.unit}）", f"Each year ({book.unit})").say(say), row=HEAD_ROW - 1)
    page.group(6, 9, Text(f"累計（{book.unit}）", f"Cumulative ({book.unit})").say(say), row=HEAD_ROW - 1)
    names = [SHORT_SERIES[code].say(say) for code in _CODES]
    page.heads([Text("西暦", "Year").say(say), Text("和暦", "Era").say(say), *names, *names], row=HEAD_ROW)
    source = {"plan": yearly.total_column, "budget": yearly.budget_column}
    for at, year in enumerate(years):
        row = FIRST_ROW + at
        page.year(row, year)
        for code in _CODES:
            amount = float(amounts[code][at])
            if code in source:
                link = yearly.page.reference(YEARLY_FIRST_ROW + at, source[code])
                page.formula(row, _COLUMN[code], f"={link}", amount / THOUSAND, **LINE)
            else:
                page.money(row, _COLUMN[code], amount, **LINE)
            above = f"{cell(row - 1, _CUMULATIVE[code])}+" if at else ""
            total = float(amounts[code][: at + 1].sum())
            page.formula(row, _CUMULATIVE[code], f"={above}{cell(row, _COLUMN[code])}", total / THOUSAND, **LINE)
    row = FIRST_ROW + len(years)
    looks: dict[str, Any] = {"bold": True, "bg_color": TOTAL, "top": 1}
    for column in (0, 1, *_CUMULATIVE.values()):
        page.text(row, column, Text("合計", "Total").say(say) if column == 0 else "", **looks)
    for code in _CODES:
        own = span(FIRST_ROW, _COLUMN[code], row - 1, _COLUMN[code])
        page.formula(row, _COLUMN[code], f"=SUM({own})", float(amounts[code].sum()) / THOUSAND, **looks)


def _charts(page: Page, count: int) -> None:
    book, last = page.book, FIRST_ROW + count - 1
    dashes = {"replace": "dash", "extend": "long_dash_dot", "plan": "solid", "budget": "square_dot"}
    drawings = (
        (Text(f"各年度（{book.unit}）", f"Each year ({book.unit})"), _COLUMN),
        (Text(f"累計（{book.unit}）", f"Cumulative ({book.unit})"), _CUMULATIVE),
    )
    for order, (title, columns) in enumerate(drawings):
        chart = book.workbook.add_chart({"type": "line"})
        for code in _CODES:
            chart.add_series(
                {
                    "name": [page.name, HEAD_ROW, columns[code]],
                    "categories": [page.name, FIRST_ROW, 0, last, 0],
                    "values": [page.name, FIRST_ROW, columns[code], last, columns[code]],
                    "line": {"color": SERIES_COLOURS[code], "width": 2.25, "dash_type": dashes[code]},
                }
            )
        finish_chart(chart, title.say(book.lang), size=(760, 420), pattern=COUNT)
        page.sheet.insert_chart(SUMMARY_ROW + order * 22, 11, chart, {"description": title.say(book.lang)})
