"""Numbers cut at their thousands in rows that are no longer than their header: read as written, and said to be odd."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from fmtool.inventory.importing import import_files
from fmtool.inventory.importing.halves import HALVES

HEAD = "施設名,用途,建築年度,延床面積,維持管理費,備考"
PLAIN = ["乙,図書館,1980,900,50000,改修", "丙,図書館,1981,1500", "丁,学校,1975,6200,8000"]


def odd(city: Path, lines: list[str], name: str = "ledger.csv") -> list[tuple[str, int]]:
    """Return the columns and rows that are said to be halves."""
    path = city / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return told(import_files([str(path)], city))


def told(outcome) -> list[tuple[str, int]]:
    (table,) = outcome.tables
    found = [remark for remark in table.remarks if remark.said == HALVES]
    cells = sum(len(remark.records) for remark in found)
    assert not found or any("1,200" in notice.en and f"{cells} cells" in notice.en for notice in outcome.notices)
    return [(remark.column, int(table.table.rows[record])) for remark in found for record in remark.records]


def test_halves_where_rows_leave_out_their_blanks_are_said(city):
    assert odd(city, [HEAD, *PLAIN, "甲,庁舎,1970,1,200"]) == [("floor_area_m2", 5)]
    assert odd(city, [HEAD, *PLAIN, "甲,庁舎,1970,1,200,300"]) == [("floor_area_m2", 5)]
    assert odd(city, [HEAD, "甲,庁舎,1970,1,200", "乙,図書館,1980,2,450", "丙,図書館,1981"]) == [
        ("floor_area_m2", 2), ("floor_area_m2", 3),
    ]  # fmt: skip


def test_a_column_that_is_not_used_is_looked_at_too(city):
    lines = [
        "施設名,帳簿価額,建築年度,延床面積,備考",
        "甲,1,200,1970,900",
        "乙,50000,1980,800,改修",
        "丙,40000,1980,800",
    ]
    assert odd(city, lines) == [("", 2)]


@pytest.mark.parametrize(
    "row",
    [
        "甲,庁舎,1970,60,200",  # small, but such as others may be
        "甲,庁舎,1970,1,20",  # no group of three
        "甲,庁舎,1970,1",
        '甲,庁舎,1970,"1,200"',
    ],
)
def test_a_number_that_may_well_be_one_is_not_spoken_of(city, row):
    assert odd(city, [HEAD, *PLAIN, row]) == []


def test_rows_that_write_out_their_blanks_hide_nothing(city):
    lines = [line + "," * (HEAD.count(",") - line.count(",")) for line in [HEAD, *PLAIN, "甲,庁舎,1970,1,200"]]
    assert odd(city, lines) == []


def test_other_delimiters_cut_no_thousands(city):
    lines = [line.replace(",", "\t") for line in [HEAD, *PLAIN, "甲,庁舎,1970,1,200"]]
    assert odd(city, lines, "ledger.tsv") == []


def test_cells_cut_before_they_came_into_a_workbook_are_said(city):
    book = openpyxl.Workbook()
    for line in [HEAD, *PLAIN, "甲,庁舎,1970,1,200"]:
        book.active.append([int(word) if word.isdecimal() else word for word in line.split(",")])
    book.save(city / "ledger.xlsx")
    assert told(import_files([str(city / "ledger.xlsx")], city)) == [("floor_area_m2", 5)]
