"""The report of an import as a workbook: what became of every row, cells coloured by how they were read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date

import numpy as np
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from fmtool.inventory.columns import BY_NAME
from fmtool.inventory.importing.account import MERGED, REFUSED, STATUSES, USED, TableAccount
from fmtool.inventory.importing.run import ImportOutcome
from fmtool.text import Lang, Text
from fmtool.vocabulary import USES

MOST_ROWS = 20_000
"""Rows of all sources that the workbook holds; refused and remarked ones come before plain ones."""

_COLOURS = {USED: "#E2EFDA", MERGED: "#DDEBF7", REFUSED: "#F8CBAD", "roughly": "#FFF2CC", "unread": "#FF9999"}
_LEGEND = {
    "roughly": Text("この色のセル: おおよそ読んだ", "cells of this colour: read roughly"),
    "unread": Text("この色のセル: 読めず空欄にした", "cells of this colour: not read, left blank"),
}
_REASON_WIDTH, _A4 = 56, 9
_SHEETS = (
    Text("まとめ", "Summary"),
    Text("行ごと", "Rows"),
    Text("見出し", "Headers"),
    Text("用途", "Uses"),
    Text("セル", "Cells"),
)
_SUMMARY = (
    Text("ファイル", "Source"),
    Text("扱い", "Status"),
    Text("理由", "Reason"),
    Text("行数", "Rows"),
)
_ROWS = (Text("ファイル", "Source"), Text("行", "Row"), Text("扱い", "Status"), Text("理由", "Reason"), Text("施設ID", "Facility"))  # fmt: skip
_HEADERS = (
    Text("ファイル", "Source"), Text("見出し", "Header"), Text("列", "Column"), Text("単位", "Unit"),
    Text("一致度", "Score"),
)  # fmt: skip
_USES = (Text("言葉", "Word"), Text("用途分類", "Use"), Text("一致度", "Score"))
_CELLS = (
    Text("ファイル", "Source"), Text("行", "Row"), Text("列", "Column"), Text("元の値", "Value"), Text("扱い", "Remark"),
)  # fmt: skip


def report_bytes(outcome: ImportOutcome, lang: Lang) -> bytes:
    """Return the workbook: summary, rows, headers, uses, cells. Nothing in it is a formula or a link."""
    made = io.BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }  # fmt: skip
    with xlsxwriter.Workbook(made, options) as book:
        head = book.add_format({"bold": True, "bg_color": "#E7E6E6", "border": 1})
        colours = {name: book.add_format({"bg_color": colour}) for name, colour in _COLOURS.items()}
        sheets = [book.add_worksheet(name.say(lang)) for name in _SHEETS]
        for sheet in sheets:
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, 0, 30)
            sheet.set_column(1, 12, 18)
            sheet.set_landscape()
            sheet.set_paper(_A4)
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(0)
        sheets[0].set_column(2, 2, _REASON_WIDTH)
        sheets[1].set_column(1, 2, 7)
        sheets[1].set_column(3, 3, _REASON_WIDTH)
        sheets[4].set_column(4, 4, _REASON_WIDTH)
        _summary(sheets[0], outcome, lang, head, colours)
        _rows(sheets[1], outcome, lang, head, colours)
        _write_head(sheets[2], _HEADERS, lang, head)
        for row, line in enumerate(_header_lines(outcome, lang), 1):
            _write_line(sheets[2], row, line, colours["roughly"] if line[4] < 0.9 and line[2] else None)  # type: ignore[operator]  # noqa: PLR2004
        _write_head(sheets[3], _USES, lang, head)
        for row, (word, (code, score)) in enumerate(outcome.found.uses.items(), 1):
            colour = colours["unread"] if score == 0 else colours["roughly"] if score < 0.9 else None  # noqa: PLR2004
            _write_line(sheets[3], row, (word, USES[code].say(lang), score), colour)
        _write_head(sheets[4], _CELLS, lang, head)
        for row, (line, is_refused) in enumerate(_cell_lines(outcome, lang), 1):
            _write_line(sheets[4], row, line, colours["unread" if is_refused else "roughly"])
    return made.getvalue()


def _summary(sheet: Worksheet, outcome: ImportOutcome, lang: Lang, head: Format, colours: dict[str, Format]) -> None:
    _write_head(sheet, _SUMMARY, lang, head)
    row = 1
    for account in outcome.tables:
        for status, reason, count in account.by_reason():
            line = (account.table.name, STATUSES[status].say(lang), reason.say(lang), count)
            _write_line(sheet, row, line, colours[status])
            row += 1
    row += 1
    for kind, said in _LEGEND.items():
        sheet.write_string(row, 0, said.say(lang), colours[kind])
        row += 1
    row += 1
    if len(outcome.account) > MOST_ROWS:
        said = Text(
            f"行が多いため、「行ごと」には{MOST_ROWS:,}行だけを示します。全行は import-rows.csv にあります",
            f"the sheet of rows shows {MOST_ROWS:,} rows only; import-rows.csv holds all",
        )
        sheet.write_string(row, 0, said.say(lang))
        row += 1
    for notice in outcome.notices:
        sheet.write_string(row, 0, notice.say(lang))
        row += 1


def _rows(sheet: Worksheet, outcome: ImportOutcome, lang: Lang, head: Format, colours: dict[str, Format]) -> None:
    """Write each row with its status and its original cells; those read roughly or not at all stand out."""
    width = max((len(account.table.columns) for account in outcome.tables), default=0)
    _write_head(sheet, _ROWS, lang, head)
    for place in range(min(width, 60)):
        sheet.write_string(0, len(_ROWS) + place, f"{place + 1}", head)
    ids = outcome.buildings["id"].to_numpy(dtype=object)
    row, left = 1, MOST_ROWS
    for account in outcome.tables:
        marks = _marks(account, outcome)
        for record in _chosen(account, left):
            left -= 1
            status = str(account.status[record])
            facility = int(account.facility[record])
            line = (
                account.table.name, int(account.table.rows[record]), STATUSES[status].say(lang),
                account.reasons[account.reason[record]].say(lang), str(ids[facility]) if facility >= 0 else "",
            )  # fmt: skip
            _write_line(sheet, row, line, colours[status])
            for place, word in enumerate(account.table.line(record)[:60]):
                kind = marks.get((record, place))
                if word is not None:
                    _write(sheet, row, len(_ROWS) + place, word, colours[kind] if kind else None)
            row += 1


def _marks(account: TableAccount, outcome: ImportOutcome) -> dict[tuple[int, int], str]:
    places = {each.match.column: each.match.place for each in outcome.matches if each.source == account.table.name}
    made: dict[tuple[int, int], str] = {}
    for remark in account.remarks:
        if remark.column in places:
            kind = "unread" if remark.is_refused else "roughly"
            made.update(((int(record), places[remark.column]), kind) for record in remark.records[:MOST_ROWS])
    return made


def _chosen(account: TableAccount, most: int) -> np.ndarray:
    """Return the records that are shown, in their order: all, or the telling ones first."""
    filled = np.flatnonzero(account.status != "")
    if len(filled) <= most:
        return filled
    telling = account.status != USED
    for remark in account.remarks:
        if remark.is_refused:
            telling[remark.records] = True
    first = filled[telling[filled]][:most]
    rest = filled[~telling[filled]][: max(most - len(first), 0)]
    return np.sort(np.concatenate([first, rest]))


def _header_lines(outcome: ImportOutcome, lang: Lang) -> Iterator[tuple[object, ...]]:
    units = {(each.source, each.match.header): each.match.unit for each in outcome.matches}
    for account in outcome.tables:
        name = account.table.name
        for entry in account.entries:
            title = BY_NAME[entry.column].title.say(lang) if entry.column in BY_NAME else entry.column
            yield name, entry.header, title, units.get((name, entry.header), entry.unit), entry.score


def _cell_lines(outcome: ImportOutcome, lang: Lang) -> Iterator[tuple[tuple[object, ...], bool]]:
    left = MOST_ROWS
    for account in outcome.tables:
        places = {each.match.column: each.match.place for each in outcome.matches if each.source == account.table.name}
        for remark in sorted(account.remarks, key=lambda remark: not remark.is_refused):
            place = places.get(remark.column)
            title = BY_NAME[remark.column].title.say(lang) if remark.column in BY_NAME else remark.column
            for record in remark.records[:left]:
                word = "" if place is None else account.table.columns[place].at(int(record))
                line = (account.table.name, int(account.table.rows[record]), title, word, remark.said.say(lang))
                yield line, remark.is_refused
            left = max(left - len(remark.records), 0)


def _write_head(sheet: Worksheet, names: tuple[Text, ...], lang: Lang, head: Format) -> None:
    for place, name in enumerate(names):
        sheet.write_string(0, place, name.say(lang), head)


def _write_line(sheet: Worksheet, row: int, line: tuple[object, ...], form: Format | None) -> None:
    for place, word in enumerate(line):
        _write(sheet, row, place, word, form)


def _write(sheet: Worksheet, row: int, column: int, word: object, form: Format | None) -> None:
    if isinstance(word, bool) or not isinstance(word, int | float):
        text = word.isoformat() if isinstance(word, date) else "" if word is None else str(word)
        sheet.write_string(row, column, text[:32_000], form)
    else:
        sheet.write_number(row, column, word, form)
