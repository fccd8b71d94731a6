"""``plan.gpkg`` opened again in a GIS library."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from fmtool.schedule.result import PlanResult
from fmtool.views.geodata import write_geojson, write_geopackage
from fmtool.vocabulary import ACTIONS


@pytest.fixture(scope="module")
def written(result: PlanResult, layers: dict[str, gpd.GeoDataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gis") / "plan.gpkg"
    write_geopackage(result, layers["districts"], path, "ja")
    return path


def test_layers_and_coordinates(written: Path, result: PlanResult) -> None:
    assert [str(name) for name, _ in pyogrio.list_layers(written)] == ["facilities", "districts", "layer_styles"]
    read = gpd.read_file(written, layer="facilities")
    assert read.crs.to_epsg() == 4326
    assert len(read) == len(result.facilities)
    known = result.facilities["lat"].notna().to_numpy()
    assert (read.geometry.notna().to_numpy() == known).all()
    assert read.geometry.x[known].to_numpy() == pytest.approx(result.facilities["lon"][known].to_numpy())


def test_decisions_and_costs_are_the_plans(written: Path, result: PlanResult) -> None:
    read = gpd.read_file(written, layer="facilities")
    assert read["decision"].tolist() == result.facilities["decision"].tolist()
    assert read["outlay_total"].sum() == pytest.approx(result.yearly["outlay"].sum())
    assert read["name"].tolist() == result.facilities["name"].tolist()
    assert "売却" in set(read["decision_name"])
    merged = read[read["decision"] == "merge"]
    names = dict(zip(read["facility_id"], read["name"], strict=True))
    assert merged["host_name"].tolist() == [names[host] for host in merged["host_id"]]


def test_districts_add_up_to_the_city(written: Path, result: PlanResult) -> None:
    read = gpd.read_file(written, layer="districts")
    assert read["facilities"].sum() == len(result.facilities)
    assert read["outlay_total"].sum() == pytest.approx(result.yearly["outlay"].sum())
    gone = result.facilities["decision"].isin(["merge", "sell", "demolish"])
    assert read["facilities_given_up"].sum() == gone.sum()


def test_equal_plans_give_equal_files_and_no_districts_no_layer(result: PlanResult, tmp_path: Path) -> None:
    for name in ("a.gpkg", "b.gpkg"):
        write_geopackage(result, None, tmp_path / name, "en")
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    assert [str(name) for name, _ in pyogrio.list_layers(tmp_path / "a.gpkg")] == ["facilities", "layer_styles"]


def test_qgis_finds_a_default_style_for_each_layer(written: Path) -> None:
    with closing(sqlite3.connect(written)) as base:
        styles = base.execute(
            "SELECT f_table_name, f_geometry_column, styleQML FROM layer_styles WHERE useAsDefault = 1"
        ).fetchall()
        columns = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert [name for name, _, _ in styles] == ["facilities", "districts"]
    for name, column, qml in styles:
        assert column == columns[name]
        root = ET.fromstring(qml)  # noqa: S314  - our own file
        assert root.tag == "qgis"
        renderer = root.find("renderer-v2")
        drawn = {symbol.get("name") for symbol in renderer.findall("symbols/symbol")}
        categories = renderer.findall("categories/category")
        assert {category.get("symbol") for category in categories} <= drawn
        if name == "facilities":
            assert {category.get("value"): category.get("label") for category in categories} == {
                code: label.ja for code, label in ACTIONS.items()
            }
            assert renderer.get("attr") in gpd.read_file(written, layer="facilities").columns
            shapes = [each.get("value") for each in root.iterfind(".//layer/Option/Option[@name='name']")]
            assert len(set(shapes)) == len(ACTIONS)
            (crossed,) = [each.get("symbol") for each in categories if each.get("value") == "demolish"]
            lines = renderer.find(f"symbols/symbol[@name='{crossed}']/layer/Option")
            colours = {each.get("name"): each.get("value") for each in lines}
            assert colours["outline_color"] == colours["color"]  # a shape of lines has nothing but its outline
            moved = list(root.iterfind(".//Option[@name='offset']/Option[@name='expression']"))
            assert len(moved) == 2  # two shapes are halves, which stand beside their point by themselves
            assert all(") / 4)" in each.get("value") for each in moved)  # in QGIS, || binds before /
            assert renderer.find("orderby/orderByClause").get("asc") == "0"
            assert root.find("labeling/settings/placement").get("offsetType") == "1"
        drawn_at = root.find("labeling/settings/rendering")
        assert int(drawn_at.get("scaleMin")) < 10_000 < int(drawn_at.get("scaleMax"))


def test_geojson_holds_the_same_without_a_reference_system(
    result: PlanResult, layers: dict[str, gpd.GeoDataFrame], tmp_path: Path
) -> None:
    paths = write_geojson(result, layers["districts"], tmp_path, "en")
    assert [path.name for path in paths] == ["facilities.geojson", "districts.geojson"]
    read = json.loads(paths[0].read_text(encoding="utf-8"))
    assert "crs" not in read
    assert [each["properties"]["name"] for each in read["features"]] == result.facilities["name"].tolist()
    known = result.facilities["lat"].notna()
    assert [each["geometry"] is not None for each in read["features"]] == known.tolist()
    total = sum(each["properties"]["outlay_total"] for each in read["features"])
    assert total == pytest.approx(result.yearly["outlay"].sum())
    assert len(gpd.read_file(paths[1])) == len(layers["districts"])
    assert [path.name for path in write_geojson(result, None, tmp_path, "ja")] == ["facilities.geojson"]


def test_estimated_columns_are_named_and_all_else_is_empty(result: PlanResult, tmp_path: Path) -> None:
    told = [
        ["F00006", "floor_area_m2", "estimated"],
        ["F00006", "built_year", "estimated"],
        ["F00007", "structure", "assumed"],
    ]
    guessed = replace(result, guesses=pd.DataFrame(told, columns=["facility_id", "column", "basis"]))
    write_geopackage(guessed, None, tmp_path / "plan.gpkg", "ja")
    read = gpd.read_file(tmp_path / "plan.gpkg", layer="facilities").set_index("facility_id")["estimated"]
    assert read["F00006"] == "floor_area_m2,built_year"
    assert (read.drop("F00006") == "").all()
    (path,) = write_geojson(guessed, None, tmp_path, "ja")
    features = [each["properties"] for each in json.loads(path.read_text(encoding="utf-8"))["features"]]
    assert {each["facility_id"]: each["estimated"] for each in features} == read.to_dict()
    # A plan made before estimates were told apart has the column too.
    (older,) = write_geojson(result, None, tmp_path, "ja")
    assert set(gpd.read_file(older)["estimated"]) == {""}
