"""Two tables in one sheet: each is read under its own header, or its rows are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from fmtool.inventory.importing import import_files, write_import
from fmtool.inventory.importing.choose import OTHER_TABLE

FIRST = "施設番号,施設名,用途分類,建築年度,延床面積\n1,甲庁舎,庁舎,1970,1500\n2,乙図書館,図書館,1980,900\n"


def imported(city: Path, text: str, **options):
    path = city / "ledger.csv"
    path.write_text(text, encoding="utf-8")
    return import_files([str(path)], city, **options)


def refused(outcome, reason=OTHER_TABLE) -> list[int]:
    account = outcome.account
    return account.loc[account["reason_ja"] == reason.ja, "row"].tolist()


@pytest.mark.parametrize("between", ["", "\n", "\n公営住宅\n\n"])
def test_a_second_ledger_is_read_under_its_own_header(city, between):
    second = "施設名,延床面積,構造,維持管理費,建築年度,用途分類\n丙住宅,640,RC,120000,1975,公営住宅\n丁住宅,320,W,60000,1965,公営住宅\n"
    outcome = imported(city, FIRST + between + second)
    rows = outcome.buildings.set_index("name")
    assert rows["floor_area_m2"].to_dict() == {"甲庁舎": 1500, "乙図書館": 900, "丙住宅": 640, "丁住宅": 320}
    assert rows["built_year"].to_dict() == {"甲庁舎": 1970, "乙図書館": 1980, "丙住宅": 1975, "丁住宅": 1965}
    assert rows.loc["丙住宅", ["structure", "running_cost", "use"]].tolist() == ["RC", 120000, "housing"]
    assert outcome.account["row"].is_monotonic_increasing
    assert sum(outcome.counts().values()) == len(outcome.account)
    assert outcome.tables[0].table.name == "ledger.csv"
    assert outcome.tables[1].table.name.startswith("ledger.csv (")
    write_import(outcome, city, "ja")


@pytest.mark.parametrize(
    "second",
    [
        "路線名,幅員,延長,整備年度\n市道1号,6.5,1200,1970\n市道2号,4,800,1985\n",  # nothing of it is known as a ledger
        "\n道路台帳\n路線名,区分,種類,延長,幅員\n市道1号,一級,舗装,1200,6\n",
        "施設名,利用者数,収入\n甲庁舎,15000,300000\n",  # tells something else of facilities
        "\n橋りょう名,路線,位置,橋長,架設年\n甲橋,1,2,1980,30\n",
    ],
)
def test_a_table_that_is_no_ledger_is_refused_with_the_way_out(city, second):
    outcome = imported(city, FIRST + second)
    assert outcome.buildings["name"].tolist() == ["甲庁舎", "乙図書館"]
    assert outcome.buildings["floor_area_m2"].tolist() == [1500, 900]
    told = outcome.account.set_index("row")
    lines = [row for row, line in enumerate((FIRST + second).splitlines(), 1) if line.strip(",")]
    assert sorted(told.index) == lines
    assert set(told.loc[4:, "status"]) == {"refused"}
    assert refused(outcome)[-1] == lines[-1]
    assert any("--sheet" in reason for reason in told["reason_en"])
    assert any("別の表" in notice.ja and "ファイルに分ける" in notice.ja for notice in outcome.notices)


def test_a_table_between_two_ledgers_shifts_neither(city):
    text = (
        FIRST
        + "路線名,幅員,延長,整備年度\n市道1号,6.5,1200,1970\n施設名,建築年度,用途分類,延床面積\n丙会館,1991,公民館,700\n"
    )
    outcome = imported(city, text)
    assert outcome.buildings["name"].tolist() == ["甲庁舎", "乙図書館", "丙会館"]
    assert outcome.buildings["floor_area_m2"].tolist() == [1500, 900, 700]
    assert refused(outcome) == [4, 5]


def test_a_second_header_of_two_lines_is_taken_whole(city):
    second = ",,建物,,\n施設番号,施設名,延床面積,建築年度,用途分類\n3,丙会館,700,1991,公民館\n"
    outcome = imported(city, FIRST + second)
    assert outcome.buildings["floor_area_m2"].tolist() == [1500, 900, 700]
    assert outcome.buildings["built_year"].tolist() == [1970, 1980, 1991]


def test_words_in_the_cells_of_numbers_begin_no_table(city):
    rows = "3,丙会館,公民館,古い,広い\n4,丁会館,公民館,不明,調査中\n5,戊会館,公民館,1990,300\n"
    outcome = imported(city, FIRST + rows)
    assert len(outcome.tables) == 1
    assert len(outcome.buildings) == 5
    assert outcome.buildings["floor_area_m2"].tolist()[-1] == 300


def test_a_repeated_header_begins_no_table(city):
    outcome = imported(
        city, FIRST + FIRST.replace("甲", "丙").replace("乙", "丁").replace("1,", "3,", 1).replace("\n2,", "\n4,")
    )
    assert len(outcome.tables) == 1


def test_a_workbook_s_sheet_is_divided_too_and_its_rows_keep_their_numbers(city):
    path = city / "book.xlsx"
    lines = [line.split(",") for line in FIRST.splitlines()]
    second = [["路線名", "幅員", "延長", "整備年度"], ["市道1号", 6.5, 1200, 1970]]
    third = [["施設名", "延床面積", "建築年度", "用途"], ["丙会館", 700, 1991, "公民館"]]
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("台帳")
        for row, line in enumerate([*lines, [], *second, [], *third]):
            sheet.write_row(row, 0, line)
    for sheets in ([], ["台帳"]):
        outcome = import_files([str(path)], city, sheets=sheets)
        assert outcome.buildings["name"].tolist() == ["甲庁舎", "乙図書館", "丙会館"]
        assert outcome.buildings["floor_area_m2"].tolist() == [1500, 900, 700]
        assert refused(outcome) == [5, 6]
        assert outcome.account.loc[outcome.account["status"] == "used", "row"].tolist() == [2, 3, 9]


def test_the_inventory_of_an_import_is_one_table_whatever_it_calls_its_facilities(city):
    text = "id,name,use,built_year,floor_area_m2,structure\n1,甲,other,1970,100,RC\n2,name,other,,,\n3,乙,other,1980,100,RC\n"
    outcome = imported(city, text)
    assert len(outcome.tables) == 1
    assert outcome.buildings["name"].tolist() == ["甲", "name", "乙"]
