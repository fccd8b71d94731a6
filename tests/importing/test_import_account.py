"""Every row of every sheet is accounted for, those of sheets that are no ledgers too."""

from __future__ import annotations

import csv
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import python_calamine
import xlsxwriter
from shapely import Point

from fmtool.inventory.importing import import_files, write_import

CORPUS = Path(__file__).parent / "corpus"
BOOKS = sorted(path.name for path in CORPUS.iterdir() if path.suffix in {".xlsx", ".xls", ".ods"})
HEAD = ["施設名", "用途", "建築年度", "延床面積"]


def write_book(path: Path, sheets: dict[str, list[list[object]]]) -> None:
    with xlsxwriter.Workbook(path) as book:
        for name, lines in sheets.items():
            sheet = book.add_worksheet(name)
            for row, line in enumerate(lines):
                sheet.write_row(row, 0, line)


def rows_by_sheet(path: Path) -> dict[str, int]:
    """Count, with a reader of its own, the rows of each sheet that hold anything."""
    book = python_calamine.CalamineWorkbook.from_path(path)
    counts = {
        name: sum(any(str(cell).strip() for cell in line) for line in book.get_sheet_by_name(name).to_python())
        for name in book.sheet_names
    }
    return {name: count for name, count in counts.items() if count}


@pytest.mark.parametrize("file", BOOKS)
def test_used_merged_and_refused_add_up_to_the_rows_of_all_sheets(city, file):
    outcome = import_files([str(CORPUS / file)], city)
    found = outcome.account.groupby("sheet").size().to_dict()
    assert found == rows_by_sheet(CORPUS / file)
    assert sum(outcome.counts().values()) == sum(found.values())


def test_the_rows_of_a_sheet_that_is_no_ledger_are_refused_with_the_reason(city):
    path = city / "book.xlsx"
    write_book(
        path,
        {
            "表紙": [["施設白書"], [], ["令和6年"]],
            "一覧": [HEAD, ["甲", "庁舎", 1970, 100], ["乙", "図書館", 1980, 200]],
            "空": [],
        },
    )
    outcome = import_files([str(path)], city)
    assert outcome.counts() == {"used": 2, "merged": 0, "refused": 3}
    cover = outcome.account[outcome.account["sheet"] == "表紙"]
    assert cover["row"].tolist() == [1, 3]
    assert set(cover["status"]) == {"refused"}
    assert cover["reason_ja"].str.contains("一覧ではない").all()
    assert cover["reason_en"].str.contains("not taken for a list").all()
    assert cover["facility_id"].eq("").all()
    write_import(outcome, city, "ja")
    report = openpyxl.load_workbook(city / "facilities" / "import-report.xlsx")
    shown = [(row[0].value, row[1].value) for row in report["行ごと"].iter_rows(min_row=2)]
    assert shown == [
        *(
            (f"book.xlsx [{name}]", row)
            for name, row in (("一覧", 1), ("一覧", 2), ("一覧", 3), ("表紙", 1), ("表紙", 3))
        )
    ]
    headers = [row[0].value for row in report["見出し"].iter_rows(min_row=2)]
    assert headers == ["book.xlsx [一覧]"] * 4


def test_sheets_that_were_not_asked_for_and_those_without_a_header_are_told_apart(city):
    path = city / "book.xlsx"
    write_book(
        path, {"一覧": [HEAD, ["甲", "庁舎", 1970, 100]], "前年": [HEAD, ["丙", "庁舎", 1970, 1]], "注": [["ひとこと"]]}
    )
    outcome = import_files([str(path)], city, sheets=["一覧", "注"])
    reasons = outcome.account[outcome.account["status"] == "refused"].groupby("sheet")["reason_en"].first().to_dict()
    assert outcome.counts() == {"used": 1, "merged": 0, "refused": 4}
    assert "did not choose" in reasons["前年"]
    assert "no header" in reasons["注"]
    assert any("注" in notice.ja and "見出し" in notice.ja for notice in outcome.notices)


def test_sheets_by_use_are_one_list_though_one_has_a_column_more(city):
    path = city / "book.xlsx"
    write_book(
        path,
        {
            "学校": [[*HEAD, "児童数"], ["甲小学校", "小学校", 1970, 5000, 300]],
            "図書館": [HEAD, ["乙図書館", "図書館", 1980, 900]],
            "用途別": [["用途", "施設名", "延床面積"], ["小学校", "甲小学校ほか", 5000]],
        },
    )
    outcome = import_files([str(path)], city)
    assert outcome.buildings["name"].tolist() == ["甲小学校", "乙図書館"]
    assert outcome.counts() == {"used": 2, "merged": 0, "refused": 4}


def test_a_long_sheet_that_is_no_ledger_takes_no_place_from_the_facilities(city, monkeypatch):
    for module in ("report", "write"):
        monkeypatch.setattr(f"fmtool.inventory.importing.{module}.MOST_ROWS", 4)
    path = city / "book.xlsx"
    write_book(path, {"記録": [[f"行{row}"] for row in range(50)], "一覧": [HEAD, ["甲", "庁舎", 1970, 100]]})
    outcome = import_files([str(path)], city)
    assert outcome.counts() == {"used": 1, "merged": 0, "refused": 51}
    write_import(outcome, city, "en")
    shown = openpyxl.load_workbook(city / "facilities" / "import-report.xlsx")["Rows"]
    assert [row[0].value for row in shown.iter_rows(min_row=2)] == ["book.xlsx [一覧]"] * 2 + ["book.xlsx [記録]"] * 2
    with (city / "facilities" / "import-rows.csv").open(encoding="utf-8-sig", newline="") as opened:
        assert len(list(csv.DictReader(opened))) == 52


def test_layers_and_shapes_without_words_are_accounted_for(city):
    path = city / "city.gpkg"
    shapes = gpd.GeoDataFrame(
        {"施設名": ["甲", None], "用途": ["庁舎", None], "建築年度": [1970, None], "延床面積": [100, None]},
        geometry=[Point(137.39, 34.77), Point(137.4, 34.77)],
        crs=4326,
    )
    shapes.to_file(path, layer="施設", engine="pyogrio")
    shapes[["geometry"]].to_file(path, layer="点", engine="pyogrio")
    outcome = import_files([str(path)], city)
    assert outcome.counts() == {"used": 1, "merged": 0, "refused": 3}
    assert outcome.account.groupby("sheet").size().to_dict() == {"施設": 2, "点": 2}


def test_what_qgis_keeps_for_itself_in_a_geopackage_is_no_layer_of_the_city(city):
    path = city / "city.gpkg"
    shapes = gpd.GeoDataFrame(
        {"施設名": ["甲"], "用途": ["庁舎"], "建築年度": [1970], "延床面積": [100]},
        geometry=[Point(137.39, 34.77)],
        crs=4326,
    )
    shapes.to_file(path, layer="施設", engine="pyogrio")
    style = gpd.GeoDataFrame({"styleQML": ["x" * 40_000]}, geometry=[None], crs=4326)
    style.to_file(path, layer="layer_styles", engine="pyogrio")
    assert import_files([str(path)], city).counts() == {"used": 1, "merged": 0, "refused": 0}
