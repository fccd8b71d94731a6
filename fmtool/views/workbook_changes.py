"""The workbook of a comparison: the scenarios' sheet 比較, and 決定の違い, facility by facility."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fmtool.text import Text
from fmtool.views.labels import named
from fmtool.views.palette import ACTION_COLOURS, ink_on
from fmtool.views.workbook_comparison import write_comparison
from fmtool.views.workbook_page import AMBER, HEAD_ROW, LINE, Book, Page, width_of
from fmtool.vocabulary import ACTIONS, USES
from fmtool.workspace import write_bytes

if TYPE_CHECKING:
    from fmtool.text import Lang
    from fmtool.views.compare import Change, Comparison

FIRST_ROW = HEAD_ROW + 1
_LEFT = 5
"""Columns before the scenarios' own."""


def write_comparison_book(comparison: Comparison, path: Path, lang: Lang) -> None:
    """Write the comparison as a workbook in one language; its base lines are the first scenario's."""
    book = Book(comparison.first, lang)
    write_comparison(book, None, comparison.scenarios[1:])
    _changes(book, comparison)
    write_bytes(path, book.close())


def _changes(book: Book, comparison: Comparison) -> None:
    say, names = book.lang, comparison.names
    years = len(comparison.changes) - comparison.other_actions
    page = book.page(
        "changes",
        Text("決定の違い", "Decisions that differ"),
        [
            Text(
                f"{comparison.facilities}施設のうち、対策か統合先が違うもの{comparison.other_actions}施設（黄色）、年度だけが違うもの{years}施設。同じ決定の施設は載せていません。",
                f"Of {comparison.facilities} facilities, {comparison.other_actions} meet another action or host (amber), {years} only another year. Facilities decided alike are left out.",
            )
        ],
    )
    heads = [
        Text("施設ID", "ID"), Text("施設名", "Name"), Text("用途", "Use"), Text("地区", "District"),
        Text("違い", "Differs in"),
    ]  # fmt: skip
    for name in names:
        heads += [Text(name, name), Text("年度", "Year"), Text("統合先", "Host")]
    page.heads([head.say(say) for head in heads], height=22)
    hosts = dict(zip(comparison.first.facilities["facility_id"], comparison.first.facilities["name"], strict=True))
    for row, change in enumerate(comparison.changes, start=FIRST_ROW):
        _row(page, row, change, hosts)
    changes = comparison.changes
    page.widths(
        [
            10,
            width_of([change.name for change in changes], 14, 34),
            width_of([named(USES, change.use, say) for change in changes], 10, 24),
            width_of([change.district for change in changes], 8, 16),
            12,
            *([15, 8, 18] * len(names)),
        ]
    )
    last, wide = max(FIRST_ROW + len(changes) - 1, FIRST_ROW), _LEFT + 3 * len(names) - 1
    page.sheet.freeze_panes(FIRST_ROW, 2)
    page.sheet.autofilter(HEAD_ROW, 0, last, wide)
    page.set_up_print(last, wide)


def _row(page: Page, row: int, change: Change, hosts: dict[str, str]) -> None:
    say = page.book.lang
    for column, text in enumerate((change.facility_id, change.name, named(USES, change.use, say), change.district)):
        page.text(row, column, text, **LINE)
    what = Text("対策・統合先", "action, host") if change.is_other_action else Text("年度", "year")
    page.text(row, 4, what.say(say), **(LINE | ({"bg_color": AMBER} if change.is_other_action else {})))
    for order, (action, year, host) in enumerate(change.decided):
        column = _LEFT + 3 * order
        colour = ACTION_COLOURS.get(action, "#FFFFFF") if action != "keep" else "#FFFFFF"
        word = named(ACTIONS, action, say) if action else Text("計画なし", "not in plan").say(say)
        page.text(row, column, word, bg_color=colour, font_color=ink_on(colour), align="center")
        page.number(row, column + 1, year, "0", align="center", **LINE)
        page.text(row, column + 2, "" if host is None else f"{host} {hosts.get(host, '')}".strip(), **LINE, shrink=True)
