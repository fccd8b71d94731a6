"""The parts of an import, each on the smallest ugly input that shows it."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from fmtool.cli.app import main
from fmtool.errors import InventoryError, WorkspaceError
from fmtool.inventory.importing import import_files, write_import
from fmtool.inventory.importing.mapping import Found, Mapping, mapping_text, read_mapping
from fmtool.inventory.importing.spellings import read_flag, read_number, read_year
from fmtool.inventory.importing.words import header_scores, match_use
from fmtool.inventory.read import read_inventory
from fmtool.workspace import read_workspace

HEAD = "施設番号,施設名,用途分類,建築年度,延床面積\n"


def imported(city: Path, *texts: str, **options):
    paths = []
    for place, text in enumerate(texts):
        path = city / f"ledger{place}.csv"
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
    return import_files(paths, city, **options)


def statuses(outcome, table: int = 0) -> list[tuple[int, str]]:
    frame = outcome.account[outcome.account["source"] == f"ledger{table}.csv"]
    return list(zip(frame["row"], frame["status"], strict=True))


@pytest.mark.parametrize(
    ("word", "year"),
    [
        ("昭和45年", 1970), ("昭45.3", 1969), ("S45", 1970), ("S.45.4.1", 1970), ("昭和四十五年三月", 1969), ("1970年3月31日", 1969),
        ("1970/3/31 0:00:00", 1969), ("19700401", 1970), (25658, 1969), (dt.date(1970, 3, 31), 1969), ("昭和45年(1970年)", 1970),
        ("昭和64年", 1989), ("平成元年度", 1989), ("Ｈ１．３", 1988), ("昭和99年", None), ("古い", None), (True, None), ("13月", None),
    ],
)  # fmt: skip
def test_years_are_fiscal_years(word, year):
    assert read_year(word).value == year


@pytest.mark.parametrize(
    ("word", "amount"),
    [
        ("２，４５０．５", 2450.5),
        ("2,450.5㎡", 2450.5),
        ("約360", 360.0),
        ("広い", None),
        ("▲5", -5.0),
        ("1,23,4", None),
    ],
)
def test_areas(word, amount):
    assert read_number(word, "floor_area_m2").value == amount


def test_a_unit_in_the_cell_goes_before_that_of_the_header():
    assert read_number("12円", "running_cost", 1000.0).value == 12.0
    assert read_number("12", "running_cost", 1000.0).value == 12_000.0
    assert read_number("12百万円", "running_cost", 1000.0).value == 12_000_000.0


def test_a_flag_that_is_neither_is_told():
    assert read_flag("有").value is True
    assert read_flag("たぶん").remark is not None


@pytest.mark.parametrize(
    "header", ["電話番号", "避難所面積平方メートル", "団体名", "法人番号", "都道府県名", "名称_カナ", "男性トイレ総数"]
)
def test_headers_of_other_things_are_left_alone(header):
    assert header_scores(header) == ()


def test_the_word_that_ends_a_name_tells_its_use():
    assert match_use("大富公民館図書室")[0] == "social_education"
    assert match_use("東小学校体育館")[0] == "school"
    assert match_use("石脇公園トイレ")[0] == "other"


def test_every_row_ends_in_exactly_one_place(city):
    outcome = imported(
        city,
        "施設一覧,,,,\n\n"
        + HEAD
        + "1,甲,庁舎,1970,100\n,庁舎 小計,,,100\n"
        + HEAD
        + "2,乙,庁舎,1980,\n,,庁舎,1980,50\n※注記,,,,\n合計,,,,100\n",
    )
    assert statuses(outcome) == [
        (1, "refused"), (3, "refused"), (4, "used"), (5, "refused"), (6, "refused"), (7, "used"), (8, "refused"), (9, "refused"),
        (10, "refused"),
    ]  # fmt: skip
    assert outcome.account["reason_ja"].ne("").all()
    assert outcome.buildings["id"].tolist() == ["1", "2"]


def test_blocks_are_added_up_and_the_oldest_counts(city):
    outcome = imported(
        city,
        "施設名,棟名,用途,建築年度,延床面積,構造,維持管理費,耐震性\n"
        "甲小学校,校舎,小学校,1970,4000,RC,900,耐震改修済\n甲小学校,体育館,小学校,1960,800,S,900,未改修\n甲小学校,倉庫,小学校,1990,20,W,900,新耐震\n",
    )
    row = outcome.buildings.iloc[0]
    assert (row["floor_area_m2"], row["built_year"], row["structure"]) == (4820.0, 1960.0, "RC")
    assert row["seismic_status"] == "unretrofitted"
    assert row["running_cost"] == 900.0  # the same on every block: the facility's own
    assert outcome.counts() == {"used": 1, "merged": 2, "refused": 1}


def test_a_row_that_stands_twice_counts_once(city):
    outcome = imported(city, HEAD + "1,甲,庁舎,1970,100\n1,甲,庁舎,1970,100\n")
    assert outcome.buildings["floor_area_m2"].tolist() == [100.0]
    assert statuses(outcome)[-1] == (3, "merged")


def test_two_names_under_one_identifier_stay_two(city):
    outcome = imported(city, HEAD + "A1,甲庁舎,庁舎,1970,100\nA1,乙公民館,公民館,1971,200\n")
    assert outcome.buildings["id"].tolist() == ["A1", "A1-2"]


def test_files_are_joined_by_identifier_or_name_and_the_first_holds(city):
    outcome = imported(
        city,
        HEAD + "A1,甲庁舎,庁舎,1970,100\nA2,乙公民館,公民館,1971,\n",
        "施設番号,維持管理費(千円)\nA1,12\nA9,5\n",
        "施設名,延床面積\n乙公民館,200\n甲庁舎,999\n丙館,30\n",
    )
    assert outcome.buildings["name"].tolist() == ["甲庁舎", "乙公民館", "丙館"]
    assert outcome.buildings["floor_area_m2"].tolist() == [100.0, 200.0, 30.0]
    assert outcome.buildings["running_cost"].tolist()[0] == 12_000.0
    assert statuses(outcome, 1) == [(1, "refused"), (2, "merged"), (3, "refused")]
    assert statuses(outcome, 2) == [(1, "refused"), (2, "merged"), (3, "merged"), (4, "used")]
    assert any("earlier one's value" in notice.en for notice in outcome.notices)


def test_a_stated_unit_above_the_table_holds_for_money(city):
    outcome = imported(city, "（単位：㎡、千円）,,,\n施設名,用途,延床面積,維持管理費\n甲,庁舎,100,5\n")
    assert outcome.buildings["running_cost"].tolist() == [5000.0]


def test_square_feet_named_by_other_headers_hold_for_the_area(city):
    outcome = imported(city, "PropertyName,YearBuilt,PropertyGFATotal,SiteEUI(kBtu/sf)\nHall,1927,1000,81\n")
    assert outcome.buildings["floor_area_m2"].tolist() == [pytest.approx(92.90304)]


def test_a_finer_class_tells_more_than_other_only_when_it_is_sure(city):
    outcome = imported(city, "施設名,大分類,中分類\n甲,その他,図書館\n乙,その他,霊苑・広場\n丙,行政系施設,図書館\n")
    assert outcome.buildings["use"].tolist() == ["social_education", "other", "administration"]


def test_the_sample_city_comes_back_as_it_is(workspace):
    source = workspace.root / "facilities" / "buildings.csv"
    outcome = import_files([str(source)], workspace.root)
    wanted = pd.read_csv(source, dtype=str, encoding="utf-8-sig")
    assert outcome.counts() == {"used": len(wanted), "merged": 0, "refused": 1}
    for name in ("id", "name", "use", "service", "address"):
        assert outcome.buildings[name].tolist() == wanted[name].tolist()
    for name in ("built_year", "floor_area_m2", "lat", "lon", "running_cost"):
        assert np.allclose(outcome.buildings[name], pd.to_numeric(wanted[name]), equal_nan=True)


def test_what_cannot_be_read_is_blank_and_told(city):
    outcome = imported(
        city, HEAD + "1,甲,庁舎,不詳,広い\n2,乙,庁舎,1980,-5\n3,丙,宇宙港,2150,100\n4,丁,庁舎,1970,100\n"
    )
    assert outcome.buildings["floor_area_m2"].isna().tolist() == [True, True, False, False]
    assert outcome.buildings["built_year"].isna().tolist() == [True, False, True, False]
    assert outcome.buildings["use"].tolist()[2] == "other"
    said = " ".join(notice.en for notice in outcome.notices)
    assert all(part in said for part in ("cannot be read", "outside its range", "use not understood", "first year"))


def test_swapped_coordinates_are_exchanged_and_those_elsewhere_left_out(city):
    outcome = imported(
        city, "施設名,緯度,経度\n甲,137.4,34.7\n乙,34.7,137.4\n丙,0,0\n丁,34.71,137.41\n戊,35.0,\n己,34.72,137.42\n"
    )
    lat = outcome.buildings["lat"].tolist()
    assert lat[:2] == [34.7, 34.7]
    assert lat[2] != lat[2]
    assert lat[4] != lat[4]


def test_the_mapping_is_kept_and_obeyed(city):
    text = "施設名,種別,築,広さ（坪）\n甲,宇宙港,1970,100\n"
    first = imported(city, text)
    assert "floor_area_m2" not in first.buildings or first.buildings["floor_area_m2"].isna().all()
    write_import(first, city, "ja")
    path = city / "facilities" / "mapping.toml"
    told = path.read_text(encoding="utf-8")
    told = told.replace('header = "広さ（坪）"\ncolumn = ""', 'header = "広さ（坪）"\ncolumn = "floor_area_m2"')
    told = told.replace('"宇宙港" = "other"', '"宇宙港" = "industry"')
    path.write_text(told, encoding="utf-8")
    second = imported(city, text)
    assert second.buildings["use"].tolist() == ["industry"]
    assert second.buildings["floor_area_m2"].tolist() == [pytest.approx(330.5785, abs=1e-4)]
    write_import(second, city, "ja")
    assert read_mapping(path).uses == {"宇宙港": "industry"}
    assert imported(city, text).buildings.equals(second.buildings)


def test_a_mapping_that_cannot_be_obeyed_names_every_fault(city):
    path = city / "facilities" / "mapping.toml"
    path.write_text(
        '[[column]]\nheader = "a"\ncolumn = "nowhere"\n[[column]]\nheader = "b"\ncolumn = "floor_area_m2"\nunit = "畳"\n[uses]\n"x" = "y"\n',
        encoding="utf-8",
    )
    with pytest.raises(WorkspaceError) as raised:
        imported(city, HEAD)
    assert len(raised.value.faults) == 3


def test_the_mapping_survives_any_sign():
    mapping = Mapping.model_validate(
        {"column": [{"header": 'a"\\\n\t\x07', "column": ""}], "uses": {"図 書\u3000'": "other"}}
    )
    made = mapping_text(mapping, Found())
    import tomllib  # noqa: PLC0415

    assert Mapping.model_validate(tomllib.loads(made)) == mapping


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("あ,い\n1,2\n", "no header is found"),
        (HEAD, "no row can be read"),
        ("施設番号,延床面積\n1,2\n", "no column of names"),
    ],
)
def test_a_file_that_gives_nothing_is_told_in_a_sentence(city, text, said):
    with pytest.raises(InventoryError, match=said):
        imported(city, text)


def test_sheets_with_the_same_columns_are_all_read(city):
    path = city / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, use in (("学校", "小学校"), ("図書館", "図書館")):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["施設名", "用途", "建築年", "延床面積"])
            sheet.write_row(1, 0, [f"{name}甲", use, 1970, 100])
        book.add_worksheet("集計").write_row(0, 0, ["用途", "面積"])
    outcome = import_files([str(path)], city)
    assert outcome.buildings["name"].tolist() == ["学校甲", "図書館甲"]
    assert any("集計" in notice.ja for notice in outcome.notices)
    assert import_files([str(path)], city, sheets=["図書館"]).buildings["name"].tolist() == ["図書館甲"]
    with pytest.raises(InventoryError, match="no sheet"):
        import_files([str(path)], city, sheets=["なし"])


def test_the_report_shows_every_row_and_colours_it(city):
    outcome = imported(city, HEAD + "1,=1+1,庁舎,不詳,約100\n,合計,,,100\n")
    write_import(outcome, city, "ja")
    book = openpyxl.load_workbook(city / "facilities" / "import-report.xlsx")
    rows = [[cell.value for cell in row[:5]] for row in book["行ごと"].iter_rows(min_row=2)]
    assert [(row[1], row[2]) for row in rows] == [(1, "除外"), (2, "採用"), (3, "除外")]
    colours = [row[0].fill.fgColor.rgb for row in book["行ごと"].iter_rows(min_row=2)]
    assert len(set(colours)) == 2
    sheet = book["行ごと"]
    assert sheet.cell(3, 7).value == "=1+1"
    assert sheet.cell(3, 7).data_type == "s"
    assert sheet.cell(3, 10).fill.fgColor.rgb == "FFFFF2CC"  # 約100: read roughly


def test_a_failed_import_leaves_everything_as_it_was(city):
    write_import(imported(city, HEAD + "1,甲,庁舎,1970,100\n"), city, "ja")
    before = {path.name: path.read_bytes() for path in (city / "facilities").iterdir()}
    with pytest.raises(InventoryError):
        imported(city, "あ,い\n1,2\n")
    assert {path.name: path.read_bytes() for path in (city / "facilities").iterdir()} == before


def test_the_inventory_before_is_kept_beside(city):
    write_import(imported(city, HEAD + "1,甲,庁舎,1970,100\n"), city, "ja")
    write_import(imported(city, HEAD + "2,乙,庁舎,1970,100\n"), city, "ja")
    assert "甲" in (city / "facilities" / "buildings.previous.csv").read_text(encoding="utf-8")
    assert "乙" in (city / "facilities" / "buildings.csv").read_text(encoding="utf-8")


def test_what_a_plan_lacks_and_the_way_on_are_told(city):
    thin = imported(city, HEAD + "1,甲,庁舎,,100\n2,乙,庁舎,1970,\n3,丙,庁舎,,\n")
    said = next(notice for notice in thin.notices if "estimate_missing" in notice.en)
    assert "year built of 2, floor area of 2" in said.en
    assert "建築年度 2施設、延床面積 2施設" in said.ja
    full = imported(city, HEAD + "1,甲,庁舎,1970,100\n")
    assert not any("estimate_missing" in notice.en for notice in full.notices)


def test_the_rows_of_an_earlier_longer_source_do_not_stay(city, monkeypatch):
    monkeypatch.setattr("fmtool.inventory.importing.write.MOST_ROWS", 2)
    write_import(imported(city, HEAD + "1,甲,庁舎,1970,100\n2,乙,庁舎,1970,100\n"), city, "ja")
    assert (city / "facilities" / "import-rows.csv").is_file()
    write_import(imported(city, HEAD + "1,甲,庁舎,1970,100\n"), city, "ja")
    assert not (city / "facilities" / "import-rows.csv").exists()


def test_the_command_makes_an_inventory_that_check_reads(workspace, capsys):
    root = workspace.root
    path = root / "台帳.csv"
    path.write_bytes((HEAD + "1,甲庁舎,庁舎,昭和45年3月,1234.5\n2,乙公民館,公民館,S60,300\n").encode("cp932"))
    assert main(["-C", str(root), "--lang", "en", "import", str(path), "--dry-run"]) == 0
    assert "nothing was written" in capsys.readouterr().out
    assert main(["-C", str(root), "--lang", "en", "import", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "2 facilities (2 rows used, 0 merged, 1 refused)" in shown
    assert "延床面積" in shown
    made = read_inventory(read_workspace(root)).buildings
    assert made["built_year"].tolist() == [1969, 1985]
    assert made["use"].tolist() == ["administration", "civic_culture"]
    assert main(["-C", str(root), "import", str(root / "none.csv")]) == 1


def test_a_workbook_without_a_sheet_is_refused_in_a_sentence(city, monkeypatch):
    """Damaged archives may hold a workbook that names no sheet at all."""
    path = city / "empty.csv"
    path.write_text("x", encoding="utf-8")
    monkeypatch.setattr("fmtool.inventory.importing.run.read_source", lambda _source, _sheets: [])
    with pytest.raises(InventoryError, match=r"empty\.csv"):
        import_files([str(path)], city)


def test_cells_without_a_header_are_told_since_a_comma_may_have_shifted_the_row(city):
    text = "施設名,用途,建築年度,延床面積,維持管理費\n甲,庁舎,1970,100,1,200\n乙,図書館,1970,100,300\n"
    outcome = imported(city, text)
    assert any("1セル" in notice.ja and "桁区切り" in notice.ja for notice in outcome.notices)
    assert outcome.tables[0].remarks[-1].records.tolist() == [1]
    assert not imported(city, text.replace("1,200", "1200")).tables[0].remarks


def test_a_bar_divides_cells_too(city):
    outcome = imported(city, "財産番号|施設名称|用途|建築年|延床\n1|甲|庁舎|S60|100\n2|乙|図書館|S61|200\n")
    assert outcome.buildings["floor_area_m2"].tolist() == [100, 200]


def test_a_town_hall_is_where_the_town_is_run(city):
    assert imported(city, "Facility,Year Built,Floor Area\nTown Hall,1970,100\n").buildings["use"].tolist() == [
        "administration"
    ]


def test_a_bare_year_of_plausible_years_is_the_year_built_and_marked_as_guessed(city):
    text = "Facility,Type,Year,Floor Area\nTown Hall,office,1936,900\nLibrary,library,1978,1200\nPool,pool,,300\n"
    outcome = imported(city, text)
    assert outcome.buildings["built_year"].tolist()[:2] == [1936, 1978]
    assert any("guessed" in notice.en and "2 cells" in notice.en for notice in outcome.notices)
    match = next(each.match for each in outcome.matches if each.match.column == "built_year")
    assert match.score < 0.9
    write_import(outcome, city, "en")
    again = imported(city, text)  # obeys the mapping that the first import wrote
    assert again.buildings.equals(outcome.buildings)
    assert any("`Year`" in notice.en for notice in again.notices)


@pytest.mark.parametrize(
    "text",
    [
        "Facility,Year,Floor Area\nTown Hall,2024,900\nLibrary,2024,1200\n",  # of the report
        "Facility,Year,Floor Area\nTown Hall,2022,900\nLibrary,2024,1200\n",
        "Facility,Year,Floor Area\nTown Hall,1985,900\nLibrary,1985,1200\n",
        "Facility,Year,Floor Area\nTown Hall,12,900\nLibrary,30,1200\n",
        "Facility,Year,Floor Area\nTown Hall,2999,900\nLibrary,1200,1200\n",
    ],
)
def test_other_years_are_not_the_year_built(city, text):
    outcome = imported(city, text)
    assert "built_year" not in {each.match.column for each in outcome.matches}


def test_a_better_column_than_a_bare_year_is_taken(city):
    outcome = imported(city, "Facility,Year,Year Built,Floor Area\nTown Hall,1950,1936,900\nLibrary,1960,1978,1200\n")
    assert outcome.buildings["built_year"].tolist() == [1936, 1978]
    assert not any("`Year`" in notice.en for notice in outcome.notices)


@pytest.mark.parametrize("suffix", [".gpkg", ".zip"])
def test_shapes_that_lie_on_the_moon_are_refused_in_a_sentence(city, suffix):
    frame = gpd.GeoDataFrame({"name": ["甲"]}, geometry=gpd.points_from_xy([1.0], [2.0]), crs="IAU_2015:30100")
    folder = city / "moon"
    folder.mkdir()
    frame.to_file(folder / "moon.gpkg" if suffix == ".gpkg" else folder / "moon.shp", engine="pyogrio")
    path = folder / "moon.gpkg"
    if suffix == ".zip":
        path = Path(shutil.make_archive(str(city / "moon"), "zip", folder))
    with pytest.raises(InventoryError, match="cannot be turned into degrees") as caught:
        import_files([str(path)], city)
    assert "4326" in caught.value.say("ja")
