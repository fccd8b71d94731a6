"""Sheet 施設別年次計画: one row a facility, one coloured cell a year of works."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from fmtool.schedule.result import STATE_CODES
from fmtool.text import Lang, Text
from fmtool.views.labels import ACTION_MARKS, THOUSAND, is_missing, named, year_pair
from fmtool.views.palette import ACTION_COLOURS, ink_on
from fmtool.views.workbook_page import AREA, COUNT, GONE, HEAD_ROW, MONEY, TOTAL, Book, Page, cell, span, width_of
from fmtool.vocabulary import ACTIONS, USES

FIRST_ROW = HEAD_ROW + 1
TOTAL_ROW = HEAD_ROW - 1
LEFT = (
    Text("施設ID", "ID"),
    Text("施設名", "Name"),
    Text("用途", "Use"),
    Text("地区", "District"),
    Text("延床面積（m²）", "Floor area (m²)"),
    Text("建築年度", "Built"),
    Text("決定", "Decision"),
    Text("実施年度", "Year"),
    Text("統合先", "Host"),
    Text("合計", "Total"),
)
TOTAL_COLUMN = len(LEFT) - 1
FIRST_YEAR = len(LEFT)
_GONE = tuple(STATE_CODES.index(state) for state in ("merged", "sold", "demolished"))
_LET = {STATE_CODES.index("leased"): "lease", STATE_CODES.index("converted"): "convert"}


def write_facilities(book: Book) -> Page:
    """Write the yearly plan of every facility, with totals over and beside it."""
    result, say = book.result, book.lang
    page = book.page(
        "facilities",
        Text("施設別年次計画", "Yearly plan by facility"),
        [
            Text(
                f"着色したセルは工事・処分を行う年度、数字はその年度の支出（{book.unit}）、文字は施策の略号、灰色は処分後です。",
                f"A coloured cell is a year of works or disposal: its outlay ({book.unit}) and the action's mark; grey = disposed of.",
            )
        ],
    )
    facilities = result.facilities.reset_index(drop=True)
    last = FIRST_ROW + len(facilities) - 1
    reason_column = FIRST_YEAR + len(result.years)
    _legend(page)
    _heads(page, reason_column)
    _totals(page, last)
    hosts = dict(zip(facilities["facility_id"], facilities["name"], strict=True))
    for at, record in enumerate(facilities.to_dict("records")):
        _facts(page, FIRST_ROW + at, record, hosts, say)
        total = float(result.facility_outlay[at].sum())
        years = span(FIRST_ROW + at, FIRST_YEAR, FIRST_ROW + at, reason_column - 1)
        page.formula(FIRST_ROW + at, TOTAL_COLUMN, f"=SUM({years})", total / THOUSAND, bold=True, bg_color=TOTAL)
        page.text(
            FIRST_ROW + at,
            reason_column,
            record[f"reason_{say}" if record["is_costed"] else f"not_costed_reason_{say}"],
        )
    _bars(page, facilities)
    page.widths(
        [
            width_of(facilities["facility_id"].tolist(), 8, 16),
            width_of(facilities["name"].tolist(), 12, 34),
            width_of([USES[use].say(say) for use in USES if use in set(facilities["use"])], 8, 24),
            width_of(facilities["district"].tolist(), 6, 16),
            *(10, 8, 13, 8, 26, 13),
            *([8.5] * len(result.years)),
            60,
        ]
    )
    page.sheet.freeze_panes(FIRST_ROW, 2)
    page.sheet.autofilter(HEAD_ROW, 0, max(last, FIRST_ROW), TOTAL_COLUMN)
    lines = book.workbook.add_format({"border": 1, "border_color": "#DDE2E8"})
    page.sheet.conditional_format(
        FIRST_ROW, 0, last, reason_column, {"type": "formula", "criteria": "=TRUE", "format": lines}
    )
    page.set_up_print(last, reason_column, pages=(2 if len(result.years) > 20 else 1, 0))  # noqa: PLR2004  - twenty years a page stay readable
    page.sheet.repeat_columns(0, 1)
    return page


def _legend(page: Page) -> None:
    say, sheet = page.book.lang, page.sheet
    codes = [code for code in ACTIONS if code != "keep"]
    for order, code in enumerate(codes):
        row, first = 2 + order // 6, FIRST_YEAR + 2 * (order % 6)
        label = f"{ACTION_MARKS[code].say(say)}  {ACTIONS[code].say(say)}"
        colour = ACTION_COLOURS[code]
        look = page.book.look(
            bg_color=colour, font_color=ink_on(colour), align="center", border=1, border_color="#FFFFFF", shrink=True
        )
        sheet.merge_range(row, first, row, first + 1, "", look)
        sheet.write_string(row, first, label, look)


def _heads(page: Page, reason_column: int) -> None:
    say, years = page.book.lang, page.book.result.years
    labels = [label.say(say) for label in LEFT]
    pairs = [year_pair(year, say) for year in years]
    page.heads([*labels, *(f"{common}\n{era}" for common, era in pairs), Text("理由", "Reason").say(say)], height=34)
    page.sheet.set_column(reason_column, reason_column, 60)


def _totals(page: Page, last: int) -> None:
    """Write the sums over the rows that a filter leaves, above the header."""
    book, result = page.book, page.book.result
    looks: dict[str, Any] = {"bold": True, "bg_color": TOTAL, "top": 1}
    label = Text("合計（絞り込み時は表示行のみ）", "Total (of the rows shown)").say(book.lang)
    for column in range(FIRST_YEAR):
        page.text(TOTAL_ROW, column, label if column == 1 else "", **looks)
    area = float(result.facilities["floor_area_m2"].sum())
    page.formula(TOTAL_ROW, 4, f"=SUBTOTAL(9,{span(FIRST_ROW, 4, last, 4)})", area, AREA, **looks)
    sums = [float(result.facility_outlay.sum()), *result.facility_outlay.sum(axis=0).tolist()]
    for column, amount in enumerate(sums, start=TOTAL_COLUMN):
        formula = f"=SUBTOTAL(9,{span(FIRST_ROW, column, last, column)})"
        page.formula(TOTAL_ROW, column, formula, amount / THOUSAND, **looks, shrink=True)


def _facts(page: Page, row: int, record: dict[Hashable, Any], hosts: dict[str, str], lang: Lang) -> None:
    page.text(row, 0, record["facility_id"])
    page.text(row, 1, record["name"])
    page.text(row, 2, named(USES, record["use"], lang))
    page.text(row, 3, record["district"])
    page.number(row, 4, record["floor_area_m2"], "#,##0.##" if _has_fraction(record["floor_area_m2"]) else AREA)
    page.number(row, 5, record["built_year"], "0", align="center")
    if not record["is_costed"]:
        page.text(row, 6, Text("費用対象外", "Not costed").say(lang), font_color="#6B7785")
    elif record["decision"] == "keep":
        page.text(row, 6, ACTIONS["keep"].say(lang), align="center")
    else:
        colour = ACTION_COLOURS.get(str(record["decision"]), "#FFFFFF")
        word = named(ACTIONS, record["decision"], lang)
        page.text(row, 6, word, bg_color=colour, font_color=ink_on(colour), align="center")
    page.number(row, 7, record["decision_year"], "0", align="center")
    host = record["host_id"]
    page.text(row, 8, "" if is_missing(host) else f"{host} {hosts.get(str(host), '')}".strip())


def _has_fraction(value: object) -> bool:
    return not is_missing(value) and float(value) % 1 != 0  # type: ignore[arg-type]  # a cell of a frame


def actions_by_year(result_events: pd.DataFrame, ids: list[str], years: tuple[int, ...]) -> dict[tuple[int, int], str]:
    """Tell which action a facility is under in a year; of two at once, the one that began later.

    Returns
    -------
    dict
        (row of the facility, index of the year) to the action's code.
    """
    row_of = {name: row for row, name in enumerate(ids)}
    under: dict[tuple[int, int], str] = {}
    ordered = result_events.sort_values("start_year", kind="stable")
    for event in ordered.to_dict("records"):
        row = row_of.get(event["facility_id"])
        if row is None:
            continue
        first, last = int(event["start_year"]) - years[0], int(event["end_year"]) - years[0]
        for year in range(max(first, 0), min(last, len(years) - 1) + 1):
            under[row, year] = str(event["action"])
    return under


def _bars(page: Page, facilities: pd.DataFrame) -> None:
    """Write each year's cell: the outlay coloured by its action, a mark where nothing is paid, grey after disposal."""
    book, result = page.book, page.book.result
    under = actions_by_year(result.events, facilities["facility_id"].tolist(), result.years)
    outlay = result.facility_outlay
    gone = np.isin(result.state, _GONE)
    for row, year in np.argwhere((outlay != 0) | gone | np.isin(result.state, list(_LET))):
        under.setdefault((int(row), int(year)), "")
    for (row, year), action in sorted(under.items()):
        at = (FIRST_ROW + row, FIRST_YEAR + year)
        amount = float(outlay[row, year])
        if action:
            colour = ACTION_COLOURS[action]
            mark = ACTION_MARKS[action].say(book.lang)
            looks: dict[str, Any] = {"bg_color": colour, "font_color": ink_on(colour), "shrink": True}
            if amount:
                page.money(*at, amount, f'"{mark}" {COUNT}', **looks)
            else:
                page.text(*at, mark, align="center", **looks)
        elif amount:
            page.money(*at, amount, MONEY, shrink=True)
        elif gone[row, year]:
            page.text(*at, "", bg_color=GONE)
        else:
            kind = _LET[int(result.state[row, year])]
            page.text(*at, ACTION_MARKS[kind].say(book.lang), font_color="#6B7785", align="center")


def grand_total_range(page: Page) -> str:
    """Name the cells of the facilities' own totals, whatever filter is set."""
    last = FIRST_ROW + len(page.book.result.facilities) - 1
    return f"'{page.name}'!{cell(FIRST_ROW, TOTAL_COLUMN)}:{cell(last, TOTAL_COLUMN)}"
