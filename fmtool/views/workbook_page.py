"""A sheet that looks and prints alike in the whole workbook.

Amounts go in as whole currency units and stand in the cell as thousands, unrounded. Text is always
written as text: a name that begins with ``=`` is never a formula.
"""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from fmtool.schedule.result import PlanResult
from fmtool.text import Lang, Text
from fmtool.views.labels import STATUSES as STATUS_WORDS
from fmtool.views.labels import (
    THOUSAND,
    is_missing,
    named,
    plain_text,
    share_text,
    shown_width,
    thousand_unit,
    year_pair,
)

Property = str | float | bool
"""Value of a format's property."""

MONEY = '#,##0;[Red]-#,##0;"–"'
"""Thousands of the currency; nothing is shown as a dash."""
AREA = '#,##0;[Red]-#,##0;"–"'
COUNT = "#,##0"
RATE = "0.0%;-0.0%"
HEAD_ROW = 5
"""Row (from 0) of the table's header; above it stand title, facts, notes and group headings."""

INK, RULE, HEAD, BAND, TOTAL = "#1F2A37", "#C9D1DB", "#DCE6F1", "#EEF3F9", "#F3F5F8"
AMBER, GREEN, RED, GONE = "#FFF2CC", "#E2F0D9", "#F8D7D3", "#E4E7EB"
LINE: dict[str, Any] = {"bottom": 1, "bottom_color": "#E3E8EE"}
"""A fine rule under a table's row."""
_MOST_TEXT = 32_000
_A3 = 8

SHEETS: dict[str, Text] = {
    "yearly": Text("年度別一覧", "By year"),
    "facilities": Text("施設別年次計画", "By facility"),
    "fiscal": Text("財政指標", "Fiscal indicators"),
    "levels": Text("面積・工事", "Floor area and works"),
    "comparison": Text("比較", "Comparison"),
    "assumptions": Text("前提条件", "Assumptions"),
    "guesses": Text("補完値", "Filled-in values"),
    "checks": Text("点検結果", "Checks"),
}
"""Sheets of a plan's workbook in order, with their names."""

MORE_SHEETS: dict[str, Text] = {"changes": Text("決定の違い", "Decisions that differ")}
"""Sheets of a comparison's workbook that a plan's has not."""


class Book:
    """The workbook in the making, with its formats."""

    def __init__(self, result: PlanResult, lang: Lang) -> None:
        self.result = result
        self.lang: Lang = lang
        self.unit = thousand_unit(result.currency, lang)
        self._out = io.BytesIO()
        self.workbook: Any = xlsxwriter.Workbook(
            self._out,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": False,
            },
        )
        self.workbook.set_properties(
            {
                "title": plain_text(result.case_name.say(lang))[:200],
                "author": "fmtool",
                "created": dt.datetime(2000, 1, 1),  # noqa: DTZ001  - XlsxWriter takes naive times; fixed, so that equal plans give equal files
            }
        )
        self.workbook.set_calc_mode("auto")
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.pages: dict[str, Page] = {}

    def look(self, **properties: Property) -> Any:  # noqa: ANN401  - XlsxWriter's formats
        """Return the format of these properties over the workbook's own type."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            font = "游ゴシック" if self.lang == "ja" else "Calibri"
            base = {"font_name": font, "font_size": 10, "font_color": INK, "valign": "vcenter"}
            self._formats[key] = self.workbook.add_format(base | properties)
        return self._formats[key]

    def page(self, code: str, title: Text, notes: Sequence[Text] = ()) -> Page:
        """Add a sheet with its title, the plan's facts and up to two lines of notes."""
        page = Page(self, code)
        page.sheet.set_row(0, 24)
        page.text(0, 0, f"{title.say(self.lang)}　{self.result.case_name.say(self.lang)}", bold=True, font_size=15)
        page.text(1, 0, self.facts(), font_color="#44505E")
        for row, note in enumerate(notes[:2], start=2):
            page.text(row, 0, note.say(self.lang), font_color="#44505E")
        self.pages[code] = page
        return page

    def facts(self) -> str:
        """Say in one line what plan this is: status, gap, price year, unit."""
        result, lang = self.result, self.lang
        parts = [
            Text(f"シナリオ: {result.scenario}", f"Scenario: {result.scenario}"),
            Text(f"計算状態: {STATUS_WORDS[result.status].ja}", f"Status: {STATUS_WORDS[result.status].en}"),
            Text(f"最適性の差（ギャップ）: {share_text(result.gap, 2)}", f"Gap: {share_text(result.gap, 2)}"),
            Text(f"価格基準年度: {result.price_year}", f"Price year: {result.price_year}"),
            Text(f"割引率: {share_text(result.discount_rate)}", f"Discount rate: {share_text(result.discount_rate)}"),
            Text(f"金額の単位: {self.unit}", f"Amounts in {self.unit}"),
        ]
        return "　｜　".join(part.say(lang) for part in parts)

    def close(self) -> bytes:
        """Finish and return the file."""
        self.workbook.close()
        return self._out.getvalue()


class Page:
    """One sheet."""

    def __init__(self, book: Book, code: str) -> None:
        self.book = book
        self.name = (SHEETS | MORE_SHEETS)[code].say(book.lang)
        self.sheet: Any = book.workbook.add_worksheet(self.name)
        self.sheet.set_default_row(16.5)
        self.sheet.hide_gridlines(2)

    def text(self, row: int, column: int, value: object, **properties: Property) -> None:
        """Write text; missing text leaves a formatted blank."""
        words = plain_text(value)[:_MOST_TEXT]
        if words:
            self.sheet.write_string(row, column, words, self.book.look(**properties))
        else:
            self.sheet.write_blank(row, column, None, self.book.look(**properties))

    def number(self, row: int, column: int, value: object, pattern: str = COUNT, **properties: Property) -> None:
        """Write a number; a missing one leaves a formatted blank."""
        look = self.book.look(num_format=pattern, **properties)
        amount = math.nan if is_missing(value) else float(value)  # type: ignore[arg-type]  # a cell of a frame
        if math.isfinite(amount):
            self.sheet.write_number(row, column, amount + 0.0, look)
        else:
            self.sheet.write_blank(row, column, None, look)

    def money(self, row: int, column: int, amount: float, pattern: str = MONEY, **properties: Property) -> None:
        """Write an amount of whole currency units as thousands."""
        self.number(row, column, amount / THOUSAND, pattern, **properties)

    def formula(
        self, row: int, column: int, formula: str, value: float | str, pattern: str = MONEY, **properties: Property
    ) -> None:
        """Write a live formula with the value that it has now, as it stands in the cell."""
        self.sheet.write_formula(row, column, formula, self.book.look(num_format=pattern, **properties), value)

    def year(self, row: int, year: int) -> None:
        """Write a fiscal year in both calendars into the first two columns."""
        self.number(row, 0, year, "0", bold=True, align="center", **LINE)
        self.text(row, 1, year_pair(year, self.book.lang)[1], align="center", **LINE)

    def heads(self, labels: Sequence[str], *, row: int = HEAD_ROW, column: int = 0, height: float = 32) -> None:
        """Write the header cells of a table."""
        self.sheet.set_row(row, height)
        look = self.book.look(bold=True, bg_color=HEAD, text_wrap=True, align="center", bottom=1, top=1)
        for at, label in enumerate(labels, start=column):
            self.sheet.write_string(row, at, label, look)

    def group(self, first: int, last: int, label: str, *, row: int = HEAD_ROW - 1, colour: str = BAND) -> None:
        """Write a heading over several columns."""
        look = self.book.look(bold=True, bg_color=colour, align="center", top=1, left=1, right=1, left_color=RULE)
        if last > first:
            self.sheet.merge_range(row, first, row, last, "", look)
        self.sheet.write_string(row, first, label, look)

    def fit_row(self, row: int, *texts: tuple[object, float], least: float = 16.5) -> None:
        """Make a row tall enough for wrapped texts, each with its column's width in characters."""
        lines = max(math.ceil(shown_width(plain_text(text)) * 1.12 / width) for text, width in texts)
        self.sheet.set_row(row, max(least, 14.0 * lines + 2.5))

    def widths(self, widths: Sequence[float], column: int = 0) -> None:
        """Set the widths of columns, in characters."""
        for at, width in enumerate(widths, start=column):
            self.sheet.set_column(at, at, width)

    def set_up_print(
        self, last_row: int, last_column: int, *, head_row: int | None = HEAD_ROW, pages: tuple[int, int] = (1, 0)
    ) -> None:
        """Fit the sheet to A3 landscape, repeat its header, number its pages."""
        sheet, book = self.sheet, self.book
        sheet.set_landscape()
        sheet.set_paper(_A3)
        sheet.set_margins(left=0.4, right=0.4, top=0.55, bottom=0.55)
        sheet.fit_to_pages(*pages)
        sheet.print_area(0, 0, last_row, last_column)
        if head_row is not None:
            sheet.repeat_rows(max(0, head_row - 1), head_row)
        case = plain_text(book.result.case_name.say(book.lang)).replace("&", "&&")[:100]
        sheet.set_footer(f"&L{case}&C{self.name}&R&P / &N")

    def reference(self, row: int, column: int) -> str:
        """Name a cell of this sheet for a formula on another."""
        return f"'{self.name}'!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"


def finish_chart(chart: Any, title: str, *, size: tuple[int, int], pattern: str = "#,##0") -> None:  # noqa: ANN401  - XlsxWriter's charts
    """Give a native chart the workbook's look."""
    chart.set_title({"name": title, "name_font": {"size": 12, "bold": True}, "overlay": False})
    chart.set_legend({"position": "bottom"})
    grid = {"visible": True, "line": {"color": "#D9DDE3"}}
    chart.set_y_axis({"num_format": pattern, "major_gridlines": grid, "line": {"none": True}, "min": 0})
    chart.set_x_axis({"num_font": {"size": 9}, "interval_unit": 5, "interval_tick": 5})
    chart.set_size({"width": size[0], "height": size[1]})
    chart.show_na_as_empty_cell()


def width_of(texts: Sequence[object], least: float = 6, most: float = 40) -> float:
    """Choose a column's width from what stands in it.

    >>> width_of(["施設", "abc"]), width_of(["x" * 99])
    (6, 40)
    """
    longest = max((shown_width(plain_text(text)) for text in texts), default=0)
    return min(most, max(least, longest * 1.1 + 1.5))


def span(first_row: int, first_column: int, last_row: int, last_column: int) -> str:
    """Name a range for a formula.

    >>> span(5, 2, 5, 4)
    'C6:E6'
    """
    return str(xl_range(first_row, first_column, last_row, last_column))


def cell(row: int, column: int) -> str:
    """Name a cell for a formula.

    >>> cell(5, 2)
    'C6'
    """
    return str(xl_rowcol_to_cell(row, column))


def status_word(status: str, lang: Lang) -> str:
    """Say how the plan was ended."""
    return named(STATUS_WORDS, status, lang)
