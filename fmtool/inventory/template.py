"""The Excel template of an inventory, made from ``columns.csv``.

First sheet: one row a facility, every column with its title and unit, lists to choose codes from, and the
description in Japanese and English as a note. Second sheet: what each column means, in both languages.
"""

from __future__ import annotations

import io
from pathlib import Path
from unicodedata import east_asian_width

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from fmtool.inventory.columns import COLUMNS, GRADES, Column
from fmtool.text import Lang, Text
from fmtool.workspace import write_bytes

TEMPLATE = "facilities/buildings-template.xlsx"
"""Where ``fmtool init`` puts it."""

ROWS = 5000
"""Rows below the header in which codes can be chosen from a list."""

_SHEETS = (Text("施設台帳", "Facilities"), Text("列の説明", "Columns"), Text("区分", "Codes"))
_HEADINGS = (
    Text("見出し", "Header"),
    Text("列名", "Name"),
    Text("種類", "Type"),
    Text("単位", "Unit"),
    Text("必須", "Required"),
    Text("説明（日本語）", "Description (Japanese)"),
    Text("説明（英語）", "Description (English)"),
)
_UNITS = {"m2": Text("㎡", "m2"), "deg": Text("度", "degrees"), "storeys": Text("階", "storeys"), "m": Text("m", "m")}
"""Units that stand in a header; years and users need none."""
_YES_NO = (Text("はい", "yes"), Text("いいえ", "no"))
_LINE_HEIGHT, _WIDTH, _A4 = 15, 70, 9
_CHOICES = Text("一覧から選んでください", "choose from the list")


def write_template(path: Path, lang: Lang, currency: str = "JPY") -> None:
    """Write an empty inventory as a workbook that :func:`fmtool.inventory.read_inventory` reads once filled in.

    Headers are in ``lang`` with their unit in brackets, notes and descriptions in both languages.
    """
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet, meaning, lists = (book.add_worksheet(name.say(lang)) for name in _SHEETS)
        head = book.add_format({"bold": True, "bg_color": "#E7E6E6", "border": 1, "text_wrap": True, "valign": "top"})
        needed = book.add_format({"bold": True, "bg_color": "#FFF2CC", "border": 1, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, len(COLUMNS) - 1, 14)
        sheet.set_row(0, 3 * _LINE_HEIGHT)
        for place, heading in enumerate(_HEADINGS):
            meaning.write(0, place, heading.say(lang), head)
        meaning.freeze_panes(1, 0)
        meaning.set_column(0, 4, 18)
        meaning.set_column(5, 6, _WIDTH)
        for page in (sheet, meaning):
            page.set_landscape()
            page.set_paper(_A4)
            page.fit_to_pages(1, 0)
            page.repeat_rows(0)
        for place, column in enumerate(COLUMNS):
            sheet.write(0, place, _header(column, lang, currency), needed if column.is_required else head)
            sheet.write_comment(0, place, _note(column, lang), {"x_scale": 2.5, "y_scale": 2})
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
                column.unit.replace("currency", currency),
                "○" if column.is_required else "",
                *column.description,
            )
            meaning.write_row(place + 1, 0, words, wrap)
            meaning.set_row(
                place + 1, _LINE_HEIGHT * max(_lines(column.description.say(each)) for each in ("ja", "en"))
            )
    write_bytes(path, made.getvalue())


def _lines(text: str) -> int:
    """Return how many lines a description takes; not every program finds the height of a row by itself.

    >>> _lines("Name of the facility"), _lines("施設の名称" * 10)
    (1, 2)
    """
    width = sum(2 if east_asian_width(sign) in "WFA" else 1 for sign in text)
    return -(-width // (_WIDTH - 4)) or 1


def _header(column: Column, lang: Lang, currency: str) -> str:
    """Return the title with its unit in brackets, which the reader takes off again."""
    unit = _UNITS.get(column.unit, Text("", "")).say(lang)
    if column.unit.startswith("currency"):
        per = column.unit.removeprefix("currency/")
        yen = "円" if currency == "JPY" else currency
        unit = Text(f"{yen}/{'年' if per == 'year' else '㎡'}", f"{currency}/{per}").say(lang)
    brackets = Text("（{}）", " ({})").say(lang)
    return column.title.say(lang) + (brackets.format(unit) if unit else "")


def _note(column: Column, lang: Lang) -> str:
    """Return what the column means, first in ``lang``."""
    other: Lang = "en" if lang == "ja" else "ja"
    return "\n\n".join(f"{column.title.say(each)}: {column.description.say(each)}" for each in (lang, other))


def _choices(column: Column, lang: Lang) -> list[str]:
    if column.kind == "grade":
        return list(GRADES)
    if column.kind == "flag":
        return [word.say(lang) for word in _YES_NO]
    return [name.say(lang) for name in column.codes.values()]
