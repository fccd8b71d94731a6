"""The Excel template of an inventory, made from ``columns.csv``.

First sheet: one row a facility, every column with its title, lists to choose codes from, and the
description as a note. Second sheet: what each column means.
"""

from __future__ import annotations

import io
from pathlib import Path

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from fmtool.inventory.columns import COLUMNS, GRADES, Column
from fmtool.text import Lang, Text
from fmtool.workspace import write_bytes

ROWS = 5000
"""Rows below the header in which codes can be chosen from a list."""

_SHEETS = (Text("施設台帳", "Facilities"), Text("列の説明", "Columns"), Text("区分", "Codes"))
_HEADINGS = (
    Text("見出し", "Header"),
    Text("列名", "Name"),
    Text("種類", "Type"),
    Text("単位", "Unit"),
    Text("必須", "Required"),
    Text("説明", "Description"),
)
_CHOICES = Text("一覧から選んでください", "choose from the list")


def write_template(path: Path, lang: Lang) -> None:
    """Write an empty inventory as a workbook that :func:`fmtool.inventory.read_inventory` reads once filled in."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet, meaning, lists = (book.add_worksheet(name.say(lang)) for name in _SHEETS)
        head = book.add_format({"bold": True, "bg_color": "#E7E6E6", "border": 1, "text_wrap": True, "valign": "top"})
        needed = book.add_format({"bold": True, "bg_color": "#FFF2CC", "border": 1, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, len(COLUMNS) - 1, 14)
        for place, heading in enumerate(_HEADINGS):
            meaning.write(0, place, heading.say(lang), head)
        meaning.set_column(0, 4, 18)
        meaning.set_column(5, 5, 90)
        for place, column in enumerate(COLUMNS):
            sheet.write(0, place, column.title.say(lang), needed if column.is_required else head)
            sheet.write_comment(0, place, column.description.say(lang))
            choices = _choices(column, lang)
            if choices:
                lists.write_column(0, place, choices)
                letter = xl_col_to_name(place)
                listed = f"='{_SHEETS[2].say(lang)}'!${letter}$1:${letter}${len(choices)}"
                rule = {"validate": "list", "source": listed, "error_message": _CHOICES.say(lang)}
                sheet.data_validation(1, place, ROWS, place, rule)
            words = (
                column.title.say(lang),
                column.name,
                column.kind,
                column.unit,
                "○" if column.is_required else "",
                column.description.say(lang),
            )
            meaning.write_row(place + 1, 0, words, wrap)
    write_bytes(path, made.getvalue())


def _choices(column: Column, lang: Lang) -> list[str]:
    if column.kind == "grade":
        return list(GRADES)
    return [name.say(lang) for name in column.codes.values()]
