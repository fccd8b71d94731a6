"""``plan.gpkg`` opened again in a GIS library."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest

from fmtool.schedule.result import PlanResult
from fmtool.views.geodata import write_geopackage


@pytest.fixture(scope="module")
def written(result: PlanResult, layers: dict[str, gpd.GeoDataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gis") / "plan.gpkg"
    write_geopackage(result, layers["districts"], path, "ja")
    return path


def test_layers_and_coordinates(written: Path, result: PlanResult) -> None:
    assert [str(name) for name, _ in pyogrio.list_layers(written)] == ["facilities", "districts"]
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
    assert [str(name) for name, _ in pyogrio.list_layers(tmp_path / "a.gpkg")] == ["facilities"]
