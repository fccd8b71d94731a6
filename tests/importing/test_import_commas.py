"""Numbers that a comma without quotes has cut in two: put together where that is certain, refused where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from fmtool.inventory.importing import import_files
from fmtool.inventory.importing.reading import REJOINED
from fmtool.inventory.importing.rows import SHIFTED

HEAD = "施設名,用途,建築年度,延床面積,維持管理費\n"


def imported(city: Path, text: str, name: str = "ledger.csv"):
    path = city / name
    path.write_text(text, encoding="utf-8")
    return import_files([str(path)], city)


def refused_rows(outcome) -> list[int]:
    account = outcome.account
    return account.loc[account["reason_ja"] == SHIFTED.ja, "row"].tolist()


@pytest.mark.parametrize(
    ("row", "area", "cost"),
    [
        ("甲,庁舎,1970,100,1,200", 100, 1200),
        ("甲,庁舎,1970,1,200,30", 1200, 30),
        ("甲,庁舎,1970,1,200.5,30", 1200.5, 30),
        ("甲,庁舎,1970,2450,12,345,678", 2450, 12_345_678),
        ("甲,庁舎,1970,6,120,12,345,678", 6120, 12_345_678),
        ("甲,庁舎,1970,約1,200㎡,30", 1200, 30),
        ("甲,庁舎,S45,1, 200,0", 1200, 0),
    ],
)
def test_a_number_that_can_be_put_together_in_one_way_only_is(city, row, area, cost):
    outcome = imported(city, f"{HEAD}乙,図書館,1980,900,50000\n{row}\n")
    found = outcome.buildings.set_index("name").loc["甲"]
    assert (found["built_year"], found["floor_area_m2"], found["running_cost"]) == (1970, area, cost)
    told = [remark for remark in outcome.tables[0].remarks if remark.said == REJOINED]
    assert {int(record) for remark in told for record in remark.records} == {2}
    assert any("guessed" in notice.en and "1 cells" in notice.en for notice in outcome.notices)


@pytest.mark.parametrize(
    "row",
    [
        "甲,庁舎,1970,1,200,300",  # 1,200 and 300, or 1 and 200,300
        "甲,庁舎,1970,12,345,678,900",
        "甲,庁舎,1970,100,1,20",  # no group of three
        "甲,庁舎,1970,100,0,200",
        "甲,庁舎,1970,100,1,200,",  # one cell more than the digits tell
        "甲,乙棟,庁舎,1970,100,300",  # a comma within the name: the year would be read as the area
        "甲,庁舎,1970,100,300,400",
    ],
)
def test_a_row_that_is_not_certain_is_refused_with_its_reason(city, row):
    outcome = imported(city, f"{HEAD}乙,図書館,1980,900,50000\n{row}\n丙,図書館,1981,800,40000\n")
    assert outcome.buildings["name"].tolist() == ["乙", "丙"]
    assert refused_rows(outcome) == [3]
    assert sum(outcome.counts().values()) == 4


def test_every_row_of_a_ledger_may_hold_such_numbers(city):
    outcome = imported(city, HEAD + "甲,庁舎,1970,1,200,30\n乙,図書館,1980,2,450,40\n")
    assert outcome.buildings["floor_area_m2"].tolist() == [1200, 2450]
    assert outcome.buildings["running_cost"].tolist() == [30, 40]


def test_columns_that_are_not_used_shift_the_others_too(city):
    text = "施設名,帳簿価額,建築年度,延床面積\n甲,1,200,000,1970,900\n乙,50000,1980,800\n"
    outcome = imported(city, text)
    assert outcome.buildings["built_year"].tolist() == [1970, 1980]
    assert outcome.buildings["floor_area_m2"].tolist() == [900, 800]
    assert any("帳簿価額" in notice.ja for notice in outcome.notices)


def test_a_row_of_the_right_length_is_left_alone(city):
    text = "施設名,用途,建築年度,利用者数,維持管理費\n甲,庁舎,1970,50,300\n乙,図書館,1980,5,200\n"
    outcome = imported(city, text)
    assert outcome.buildings["users"].tolist() == [50, 5]
    assert not outcome.tables[0].remarks


def test_empty_cells_at_the_end_of_every_row_are_no_shift(city):
    text = "施設名,用途,建築年度,利用者数,維持管理費\n甲,庁舎,1970,50,300,\n乙,図書館,1980,5,200,\n丙,学校,1980,1500,4000,\n"
    outcome = imported(city, text)
    assert outcome.buildings["users"].tolist() == [50, 5, 1500]
    assert refused_rows(outcome) == []


def test_an_empty_cell_at_the_end_of_some_rows_makes_a_pair_of_numbers_uncertain(city):
    text = "施設名,用途,建築年度,利用者数,維持管理費\n甲,庁舎,1970,50,300,\n乙,図書館,1980,1500,4000,\n丙,学校,1980,1500,4000\n丁,学校,1980,1500,4000\n"
    outcome = imported(city, text)
    assert outcome.buildings["name"].tolist() == ["乙", "丙", "丁"]
    assert refused_rows(outcome) == [2]


def test_blank_remarks_at_the_end_do_not_hide_the_shift(city):
    text = "施設名,建築年度,延床面積,備考\n甲,1970,1,200,\n乙,1980,900,改修\n"
    outcome = imported(city, text)
    assert outcome.buildings["floor_area_m2"].tolist() == [1200, 900]


def test_a_note_right_of_the_table_refuses_no_row(city):
    outcome = imported(city, f"{HEAD}甲,庁舎,1970,100,300,※耐震済\n乙,図書館,1980,900,50000\n")
    assert outcome.buildings["floor_area_m2"].tolist() == [100, 900]
    assert any("1セル" in notice.ja and "桁区切り" in notice.ja for notice in outcome.notices)


def test_a_column_without_header_is_no_shift(city):
    outcome = imported(city, f"{HEAD}甲,庁舎,1970,10,300,7\n乙,図書館,1980,900,50000,8\n丙,図書館,1980,900,50000,9\n")
    assert outcome.buildings["floor_area_m2"].tolist() == [10, 900, 900]


def test_a_section_counts_by_its_own_header(city):
    text = "学校教育系施設\n施設名,建築年度,延床面積\n甲小学校,1970,5,000\n乙小学校,1980,6000\n\n社会教育系施設\n施設名,建築年度,延床面積,構造,備考\n中央図書館,S55,1,900,RC,\n"
    outcome = imported(city, text)
    assert outcome.buildings["floor_area_m2"].tolist() == [5000, 6000, 1900]
    assert outcome.buildings["structure"].tolist()[-1] == "RC"


def test_a_cell_that_the_header_has_and_leaves_blank_may_hold_a_number(city):
    head = HEAD.replace("\n", ",\n")
    rows = "乙,図書館,1980,900,50000,\n丙,図書館,1980,900,50000,\n"
    outcome = imported(city, f"{head}甲,庁舎,1970,1500,4000,77\n{rows}")
    assert outcome.buildings["name"].tolist() == ["甲", "乙", "丙"]
    assert refused_rows(imported(city, f"{head}甲,庁舎,古い,900,4000,77\n{rows}")) == []  # blank year, as ever
    assert refused_rows(imported(city, f"{head}甲,庁舎,1970,1500,4,200\n{rows}")) == [2]  # 4,200, or 4 and a 200


def test_other_delimiters_cut_no_thousands(city):
    text = HEAD.replace(",", "\t") + "甲\t庁舎\t1970\t1\t200\t300\n"
    outcome = imported(city, text, "ledger.tsv")
    assert outcome.buildings["floor_area_m2"].tolist() == [1]
    assert refused_rows(outcome) == []
