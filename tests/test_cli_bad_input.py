"""Input that a clumsy or hostile hand has made: exit codes, both languages, no traceback, earlier results untouched."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fmtool.cli import main

Spoil = Callable[[bytes], bytes]

HEAD = "id,name,use,built_year,floor_area_m2,lat,lon\n"
SHAPE = '{"type": "Feature", "properties": {"name": "東", "population": 5}, "geometry": %s}'
SQUARE = '{"type": "Polygon", "coordinates": [[[137.3, 34.7], [137.4, 34.7], [137.4, 34.8], [137.3, 34.7]]]}'
PEOPLE = "municipality,year,total,age_0_14,age_15_64,age_65_plus\n"


@pytest.fixture(autouse=True)
def plain_window(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LANG", "en_US.UTF-8")


@pytest.fixture
def city(workspace_folder: Path) -> Path:
    """Keep 21 facilities of the sample, and the results of an earlier run."""
    ledger = workspace_folder / "facilities" / "buildings.csv"
    with ledger.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["district"] in {"岩田", "豊"}]
    write_ledger(workspace_folder, rows)
    earlier = workspace_folder / "results" / "base"
    earlier.mkdir(parents=True)
    (earlier / "plan.json").write_text("of the last run", encoding="utf-8")
    return workspace_folder


def read_ledger(folder: Path) -> list[dict[str, str]]:
    with (folder / "facilities" / "buildings.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_ledger(folder: Path, rows: list[dict[str, str]]) -> None:
    with (folder / "facilities" / "buildings.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def replace(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refused(capsys, folder: Path, *command: str, code: int = 1) -> dict[str, str]:
    """Run a command in both languages; return what it says, once the promises of every refusal are seen to be kept."""
    said = {}
    for lang, error, hint in (("ja", "エラー: ", "対処: "), ("en", "error: ", "hint: ")):
        assert main(["-C", str(folder), "--lang", lang, *command]) == code
        captured = capsys.readouterr()
        assert captured.err.startswith(error)
        assert f"\n\n{hint}" in captured.err
        assert "Traceback" not in captured.err
        said[lang] = captured.err
    assert (folder / "results" / "base" / "plan.json").read_text(encoding="utf-8") == "of the last run"
    return said


def row(**given: str) -> bytes:
    cells = {
        "id": "F1",
        "name": "会館",
        "use": "school",
        "built_year": "1975",
        "floor_area_m2": "500",
        "lat": "34.75",
        "lon": "137.39",
    }
    return (HEAD + ",".join((cells | given).values()) + "\n").encode()


def features(*shapes: str) -> bytes:
    return ('{"type": "FeatureCollection", "features": [' + ", ".join(shapes) + "]}").encode()


LEDGER, DISTRICTS, POPULATION = "facilities/buildings.csv", "facilities/districts.geojson", "facilities/population.csv"
SERVICES = "models/services.csv"

FILES: dict[str, tuple[str, Spoil, str, str]] = {
    "ledger in EUC-JP": (LEDGER, lambda old: old.decode().encode("euc_jp", "replace"), "neither UTF-8 nor Shift_JIS", "文字コード"),
    "ledger in JIS": (LEDGER, lambda old: old.decode().encode("iso2022_jp", "replace"), "neither UTF-8 nor Shift_JIS", "文字コード"),
    "ledger in UTF-16, cut": (LEDGER, lambda old: old.decode().encode("utf-16")[:-1], "neither UTF-8 nor Shift_JIS", "文字コード"),
    "workbook named CSV": (LEDGER, lambda _: b"PK\x03\x04 and so on", "holds an Excel workbook", "Excelブック"),
    "no area at all": (LEDGER, lambda _: row(floor_area_m2="").replace(b"lon\n", b"lon,tenure\n").replace(b"137.39", b"137.39,leased_in"), "no facility can be costed", "費用を計算できる施設が一つもありません"),
    "area beyond belief": (LEDGER, lambda _: row(floor_area_m2="1e12"), "row 2, `floor_area_m2` '1e+12': is above 5,000,000", "5,000,000より大きい"),
    "negative area": (LEDGER, lambda _: row(floor_area_m2="-5"), "row 2, `floor_area_m2` '-5': is below 1", "1より小さい値です"),
    "text in a number": (LEDGER, lambda _: row(floor_area_m2="広い"), "row 2, `floor_area_m2` '広い': is not a number", "数として読めません"),
    "built in the future": (LEDGER, lambda _: row(built_year="2099"), "row 2, `built_year` '2099': lies after", "より後です"),
    "another country": (LEDGER, lambda _: row(lat="0", lon="0"), "lies outside the case's bounds", "座標が対象範囲の外です"),
    "duplicate id": (LEDGER, lambda _: row() + row().split(b"\n", 1)[1], "duplicate id (also row 3)", "重複しています（3行目と同じ）"),
    "duplicate id by width": (LEDGER, lambda _: row() + row(id="Ｆ１").split(b"\n", 1)[1], "duplicate id", "重複しています"),
    "zero rows": (LEDGER, lambda _: HEAD.encode(), "empty (no facility rows)", "空です"),
    "districts without end": (DISTRICTS, lambda old: old[:3000], "not readable as geographic data", "地理データとして読めません"),
    "no districts": (DISTRICTS, lambda _: features(), "empty (no districts)", "地区がありません"),
    "districts nameless": (DISTRICTS, lambda _: features(SHAPE.replace("name", "namae") % SQUARE), "`name`: a required attribute is missing", "geojson `name`: 必須の属性"),
    "ring that does not close": (DISTRICTS, lambda _: features(SHAPE % SQUARE.replace("[137.4, 34.7]", "[NaN, 34.7]").replace("[[[137.3", "[[[NaN")), "districts.geojson", "districts.geojson"),
    "districts in metres": (DISTRICTS, lambda _: features(SHAPE % SQUARE.replace("137", "15137")), "drawn outside the case's bounds", "対象範囲の外"),
    "district without area": (DISTRICTS, lambda _: features(SHAPE % SQUARE.replace("[137.4, 34.8]", "[137.35, 34.7]")), "is not an area", "面の図形ではありません"),
    "population column twice": (POPULATION, lambda old: old.replace(b"year,", b"year,year,", 1), "stands there more than once", "同じ列が2つ以上"),
    "no people": (POPULATION, lambda _: (PEOPLE + "豊橋市,2030,0,0,0,0\n").encode(), "row 2, `total` '0': is not a number of 1 or more", "1以上の数ではありません"),
    "a year in words": (POPULATION, lambda _: (PEOPLE + "豊橋市,来年,9,3,3,3\n").encode(), "row 2, `year` '来年': is not a year", "年として読めません"),
    "services: header only": (SERVICES, lambda old: old.split(b"\n")[0] + b"\n", "no row for the uses", "用途分類の行がありません"),
    "services: column twice": (SERVICES, lambda old: old.replace(b"service,", b"service,service,", 1), "columns twice: service", "同じ列が2つ以上"),
    "services: a cell too many": (SERVICES, lambda old: old.replace("小学校,".encode(), "小学校,x,".encode(), 1), "row 2: does not have 12 cells", "2行目: 列の数が12ではありません"),
    "services lack a use": (SERVICES, lambda old: old.replace(b"\npark,", b"\nparks,"), "no row for the uses park", "行がありません: park"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_used_is_told_with_its_place_and_the_way_out(capsys, city, case):
    file, spoil, en, ja = FILES[case]
    path = city / file
    path.write_bytes(spoil(path.read_bytes()))
    said = refused(capsys, city, "plan")
    assert en in said["en"]
    assert ja in said["ja"]
    assert file in said["ja"]
    assert refused(capsys, city, "check") == said


def test_all_faults_of_all_rows_are_told_at_once(capsys, city):
    rows = [old | {"floor_area_m2": "x", "built_year": "2099", "lat": "0"} for old in read_ledger(city)]
    write_ledger(city, rows)
    said = refused(capsys, city, "plan")
    assert said["en"].startswith(f"error: facilities/buildings.csv: {3 * len(rows)} faults")
    assert said["ja"].count("\n  - ") == 3 * len(rows)


def test_the_ledger_may_be_in_shift_jis_or_utf16(capsys, city):
    path = city / LEDGER
    text = path.read_text(encoding="utf-8")
    for encoding in ("cp932", "utf-16"):
        path.write_bytes(text.encode(encoding))
        assert main(["-C", str(city), "--json", "check"]) == 0
        assert json.loads(capsys.readouterr().out)["is_usable"]


def test_an_empty_age_group_keeps_what_is_offered_today(capsys, city):
    (city / POPULATION).write_text(PEOPLE + "豊橋市,2026,9,0,6,3\n豊橋市,2065,9,1,5,3\n", encoding="utf-8")
    replace(city, "fmtool.toml", "floor_area_reduction_rate = 0.10", "floor_area_reduction_rate = 0.0")
    assert main(["-C", str(city), "--json", "plan", "--gap", "0.1", "--time-limit", "30"]) == 0
    assert json.loads(capsys.readouterr().out)["gap"] <= 0.1
