"""The national table as CSV and as a workbook; amounts are whole currency units of each city's own currency."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from fmtool.portfolio.national import FIGURES, National
from fmtool.portfolio.outcome import STATUSES
from fmtool.text import Lang, Text
from fmtool.views.labels import plain_text
from fmtool.views.tables import neutral_text, number_text
from fmtool.views.workbook_page import HEAD, INK, MONEY, TOTAL, width_of
from fmtool.workspace import write_bytes

YEARLY: dict[str, Text] = {
    "city": Text("都市", "City"),
    "year": Text("年度", "Fiscal year"),
    "currency": Text("通貨", "Currency"),
    "price_year": Text("価格基準年度", "Price year"),
    "spend": Text("工事費等", "Works"),
    "budget": Text("予算額", "Budget"),
}
"""Columns of the yearly table."""

TOTALS = Text("合計", "Total")
_PATTERNS = {
    "gap": "0.00%", "saving": "0.0%", "discount_rate": "0.0%", "debt_service_ratio": "0.0%",
    "future_burden_ratio": "0.0%", "price_year": "0", "first_year": "0", "last_year": "0", "year": "0",
    "debt_service_ratio_year": "0", "future_burden_ratio_year": "0", "seconds": "0.0",
}  # fmt: skip
_MOST_TEXT = 32_000


def write_cities_csv(national: National, path: Path, lang: Lang) -> None:
    """Write one row a city, and a row of totals where there is one."""
    total = national.total()
    rows = [*national.rows(), *([] if total is None else [total | {"city": TOTALS}])]
    _write_csv(path, list(FIGURES), rows, lang)


def write_yearly_csv(national: National, path: Path, lang: Lang) -> None:
    """Write works and budget, one row a city and year."""
    _write_csv(path, list(YEARLY), _named(national.yearly()), lang)


def _named(yearly: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "city": TOTALS if row["city"] is None else row["city"]} for row in yearly]


def _write_csv(path: Path, heads: Sequence[str], rows: Sequence[Mapping[str, Any]], lang: Lang) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_csv_cell(row[name], lang) for name in heads] for row in rows)
    write_bytes(path, out.getvalue().encode("utf-8-sig"))


def _csv_cell(value: object, lang: Lang) -> str:
    if isinstance(value, Text):
        return neutral_text(value.say(lang))
    return neutral_text(value) if isinstance(value, str) else number_text(value)


def write_book(national: National, path: Path, lang: Lang) -> None:
    """Write the workbook: the cities, and their years."""
    out = io.BytesIO()
    book: Any = xlsxwriter.Workbook(
        out,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    title = Text("都市別の公共施設計画", "Facility plans of the cities")
    book.set_properties({"title": title.say(lang), "author": "fmtool", "created": dt.datetime(2000, 1, 1)})  # noqa: DTZ001  - XlsxWriter takes naive times; fixed, so that equal plans give equal files
    total = national.total()
    cities = [row | {"status": STATUSES[row["status"]]} for row in national.rows()]
    names = _Names(book, lang)
    notes = [
        Text("金額は各都市の通貨（単位: 1）", "Amounts are whole units of each city's own currency"),
        *national.remarks(),
    ]
    names.sheet(Text("都市別", "Cities"), title, notes, FIGURES, cities, None if total is None else total)
    names.sheet(Text("年度別", "By year"), title, notes, YEARLY, _named(national.yearly()), None)
    book.close()
    write_bytes(path, out.getvalue())


class _Names:
    """A workbook in the making, with its formats."""

    def __init__(self, book: Any, lang: Lang) -> None:  # noqa: ANN401  - XlsxWriter's workbook
        self.book, self.lang = book, lang
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def look(self, **properties: Any) -> Any:  # noqa: ANN401  - XlsxWriter's formats
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            font = "游ゴシック" if self.lang == "ja" else "Calibri"
            base = {"font_name": font, "font_size": 10, "font_color": INK, "valign": "vcenter"}
            self._formats[key] = self.book.add_format(base | properties)
        return self._formats[key]

    def sheet(
        self,
        name: Text,
        title: Text,
        notes: Sequence[Text],
        heads: Mapping[str, Text],
        rows: Sequence[Mapping[str, Any]],
        total: Mapping[str, Any] | None,
    ) -> None:
        """Add a sheet: title, notes, header, one line a row, the totals last."""
        sheet = self.book.add_worksheet(name.say(self.lang))
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, title.say(self.lang), self.look(bold=True, font_size=15))
        for at, note in enumerate(notes, start=1):
            sheet.write_string(at, 0, note.say(self.lang), self.look(font_color="#44505E"))
        first = len(notes) + 2
        head = self.look(bold=True, bg_color=HEAD, text_wrap=True, align="center", bottom=1, top=1)
        for column, (key, label) in enumerate(heads.items()):
            sheet.write_string(first, column, label.say(self.lang), head)
            words = [row[key].say(self.lang) if isinstance(row[key], Text) else row[key] for row in rows]
            texts = [word for word in words if isinstance(word, str)]
            sheet.set_column(column, column, width_of(texts, 9, 28) if texts else 15)
        sheet.set_row(first, 46)
        for at, row in enumerate(rows, start=first + 1):
            self._line(sheet, at, heads, row, {})
        if total is not None:
            self._line(
                sheet, first + 1 + len(rows), heads, {**total, "city": TOTALS}, {"bold": True, "bg_color": TOTAL}
            )
        sheet.freeze_panes(first + 1, 1)
        sheet.autofilter(first, 0, first + max(len(rows), 1), len(heads) - 1)
        sheet.set_landscape()
        sheet.repeat_rows(first)
        sheet.fit_to_pages(1, 0)

    def _line(
        self,
        sheet: Any,  # noqa: ANN401  - XlsxWriter's sheet
        at: int,
        heads: Mapping[str, Text],
        row: Mapping[str, Any],
        look: Mapping[str, Any],
    ) -> None:
        for column, key in enumerate(heads):
            value = row[key]
            if isinstance(value, str | Text):
                words = plain_text(value.say(self.lang) if isinstance(value, Text) else value)
                sheet.write_string(at, column, words[:_MOST_TEXT], self.look(**look))
            elif number_text(value):
                sheet.write_number(at, column, float(value), self.look(num_format=_PATTERNS.get(key, MONEY), **look))
            elif look:
                sheet.write_blank(at, column, None, self.look(**look))
