"""Sheet 面積・工事: floor area against its target, works against the limit, running cost and risk."""

from __future__ import annotations

import numpy as np

from fmtool.text import Text
from fmtool.views.palette import SERIES_COLOURS
from fmtool.views.workbook_page import AREA, COUNT, HEAD_ROW, RATE, Book, Page, cell, finish_chart
from fmtool.views.workbook_yearly import (
    FIRST_COLUMN,
    FIRST_ROW,
    Column,
    Group,
    bound_years,
    level_chart,
    line_chart,
    pages_of,
    write_groups,
)

HALF = 0.5
"""A count of works within this of its limit has reached it."""
_OVER = '+#,##0;-#,##0;"–"'
_CHARTS_WIDE = 12
"""Columns that a chart beside the table takes."""


def write_levels(book: Book) -> None:
    """Write 面積・工事."""
    page = book.page(
        "levels",
        Text("面積・工事・運営", "Floor area, works, operation"),
        [
            Text(
                "黄色のセルは、その年度に制約が効いている（上限に達している、または緩めれば費用が減る）ことを示します。",
                "An amber cell marks a year in which the limit holds the plan back: it is reached, or more room would lower the cost.",
            )
        ],
    )
    places: dict[str, int] = {}
    groups = [_floor(book, places), _works(book, places), _operation(book)]
    foot = write_groups(page, groups, places)
    chart_column = FIRST_COLUMN + len(places) + 1
    page.widths([7, 9, *([12] * len(places)), 2])
    _charts(page, places, chart_column)
    page.set_up_print(max(foot, HEAD_ROW + 36), chart_column + _CHARTS_WIDE, pages=pages_of(len(book.result.years)))


def _floor(book: Book, places: dict[str, int]) -> Group:
    result = book.result
    floor, target = (result.yearly[name].to_numpy(float) for name in ("floor_area_m2", "floor_area_target_m2"))
    share = floor / floor[0] - 1 if floor[0] else np.zeros(len(floor))

    def over(row: int) -> str:
        return f"={cell(row, places['floor'])}-{cell(row, places['target'])}"

    def since(row: int) -> str:
        first = cell(FIRST_ROW, places["floor"])
        return f"=IF({first}=0,0,{cell(row, places['floor'])}/{first}-1)"

    met = bound_years(result, "floor")
    columns = [
        Column(Text("延床面積", "Floor area"), floor, None, AREA, 1, is_summed=False, key="floor"),
        Column(Text("目標値", "Target"), target, None, AREA, 1, is_summed=False, met_years=met, key="target"),
        Column(Text("目標との差", "Over target"), floor - target, over, _OVER, 1, is_summed=False, key="over"),
        Column(Text("初年度比", "Since first year"), share, since, RATE, 1, is_summed=False, key="since"),
    ]
    return Group(Text("延床面積（m²）", "Floor area (m²)"), columns)


def _works(book: Book, places: dict[str, int]) -> Group:
    result = book.result
    works, limit = (result.yearly[name].to_numpy(float) for name in ("works_under_way", "works_limit"))
    full = bound_years(result, "works") | frozenset(np.asarray(result.years)[works >= limit - HALF].tolist())

    def spare(row: int) -> str:
        return f"={cell(row, places['limit'])}-{cell(row, places['works'])}"

    columns = [
        Column(Text("工事中", "Under way"), works, None, COUNT, 1, is_summed=False, key="works"),
        Column(Text("上限", "Limit"), limit, None, COUNT, 1, is_summed=False, met_years=full, key="limit"),
        Column(Text("余裕", "Spare"), limit - works, spare, COUNT, 1, is_summed=False, key="spare"),
    ]
    return Group(Text("同時工事件数", "Works under way"), columns)


def _operation(book: Book) -> Group:
    labels = {
        "running": Text("維持管理費", "Running cost"),
        "income": Text("貸付・売却収入", "Lease and sale income"),
        "risk": Text("故障・被害の期待値", "Expected cost of failure"),
    }
    columns = [Column(label, book.result.yearly[name].to_numpy(float), key=name) for name, label in labels.items()]
    return Group(Text(f"運営と危険（{book.unit}）", f"Operation and risk ({book.unit})"), columns)


def _charts(page: Page, places: dict[str, int], column: int) -> None:
    drawings = (
        (Text("延床面積と目標値（m²）", "Floor area and its target (m²)"), "floor", "target"),
        (Text("同時工事件数と上限", "Works under way and the limit"), "works", "limit"),
    )
    for order, (title, level, limit) in enumerate(drawings):
        chart = level_chart(page, places[level])
        chart.combine(line_chart(page, [(places[limit], SERIES_COLOURS["replace"], "dash")], is_marked=True))
        finish_chart(chart, title.say(page.book.lang), size=(760, 380), pattern=COUNT)
        page.sheet.insert_chart(HEAD_ROW - 1 + order * 18, column, chart, {"description": title.say(page.book.lang)})
