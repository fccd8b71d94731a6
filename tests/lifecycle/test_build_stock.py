"""From inventory to arrays: units, defaults, guesses, projection, and which rows are left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from fmtool.errors import WorkspaceError
from fmtool.inventory import read_inventory
from fmtool.lifecycle.costs import renewal_costs
from fmtool.lifecycle.stock import USE_CODES, Stock, build_stock
from fmtool.workspace import Figures, Workspace, read_config


@dataclass
class Ledger:
    """The part of an inventory that the stock reads."""

    buildings: pd.DataFrame
    districts: gpd.GeoDataFrame | None = None
    guesses: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"facility_id": [], "column": [], "basis": []}))


def rows(*changes: dict[str, Any]) -> Ledger:
    base = {
        "id": "A1",
        "use": "school",
        "service": "elementary",
        "district": "North",
        "lat": 36.0,
        "lon": 137 + 10 / 60,
        "built_year": 1976,
        "structure": "RC",
        "floor_area_m2": 1000.0,
        "site_area_m2": np.nan,
        "seismic_status": "retrofitted",
        "last_major_works_year": pd.NA,
        "grade_roof": None,
        "grade_exterior": None,
        "grade_interior": None,
        "grade_electrical": None,
        "grade_mechanical": None,
        "running_cost": 5_000_000.0,
        "income": np.nan,
        "capacity": np.nan,
        "tenure": "owned",
        "is_listed": False,
        "land_price_per_m2": 80_000.0,
        "locked": None,
        "is_costed": True,
    }
    table = pd.DataFrame([base | {"id": f"A{i + 1}"} | change for i, change in enumerate(changes)])
    table["built_year"] = table["built_year"].astype("Int64")
    table["last_major_works_year"] = table["last_major_works_year"].astype("Int64")
    return Ledger(table)


@pytest.fixture
def city(repository: Path, figures: Figures) -> Workspace:
    return Workspace(repository, "base", read_config(repository / "fmtool.toml"), figures)


@pytest.fixture
def build(city: Workspace) -> Callable[..., Stock]:
    def build_from(*changes: dict[str, Any], **case: Any) -> Stock:
        config = city.config.model_copy(update={"case": city.config.case.model_copy(update=case)})
        return build_stock(rows(*changes), replace(city, config=config))  # type: ignore[arg-type]

    return build_from


def test_estimated_costs_are_alike_and_no_repeated_total(workspace: Workspace) -> None:
    ledger = rows(*({"id": f"F{number}", "running_cost": 1_000_000.0} for number in range(5)))
    listed = pd.DataFrame({"facility_id": list(ledger.buildings["id"]), "column": "running_cost", "basis": "estimated"})
    told = build_stock(replace(ledger, guesses=listed), workspace)  # type: ignore[arg-type]
    assert told.running_cost.tolist() == [1_000_000.0] * 5
    assert (build_stock(ledger, workspace).running_cost != 1_000_000.0).all()  # type: ignore[arg-type]


def test_a_full_row_becomes_one_number_in_each_array(build: Callable[..., Stock]) -> None:
    stock = build({"grade_roof": "D", "grade_mechanical": "A", "last_major_works_year": 2006, "locked": "keep"})
    assert stock.facility_ids == ("A1",)
    assert (USE_CODES[stock.use[0]], stock.services[stock.service[0]]) == ("school", "elementary")
    assert (stock.age_years[0], stock.renewed_year[0]) == (50, 2006)
    assert (stock.renovation_cost_per_m2[0], stock.rebuild_cost_per_m2[0]) == (170_000, 330_000)
    assert (stock.extension_cost_per_m2[0], stock.repair_cost_per_m2[0]) == (198_000, 99_000)
    assert (stock.demolition_cost_per_m2[0], stock.retrofit_cost_per_m2[0]) == (40_000, 15_000)
    assert stock.design_life_years[0] == 60
    assert (stock.running_cost[0], stock.income[0], stock.capacity[0]) == (5_000_000, 0, 1000)
    assert stock.grades[0].tolist() == [3, -1, -1, -1, 0]
    assert stock.locked == ("keep",)
    assert (stock.districts, stock.district[0]) == (("North",), 0)


def test_construction_prices_scale_building_costs_and_nothing_else(build: Callable[..., Stock]) -> None:
    now, dearer = build({"running_cost": np.nan}), build({"running_cost": np.nan}, construction_price_factor=1.5)
    for name in ("renovation", "rebuild", "extension", "repair", "demolition", "retrofit"):
        assert getattr(dearer, f"{name}_cost_per_m2")[0] == pytest.approx(1.5 * getattr(now, f"{name}_cost_per_m2")[0])
    assert (dearer.running_cost[0], dearer.land_price_per_m2[0]) == (now.running_cost[0], now.land_price_per_m2[0])


def test_blanks_are_filled_from_the_assumptions_and_told(build: Callable[..., Stock], figures: Figures) -> None:
    stock = build({"running_cost": np.nan, "land_price_per_m2": np.nan, "use": "housing", "service": "housing"}, {})
    assert stock.running_cost[0] == 1000 * figures.number("running.per_m2.housing")
    assert stock.site_area_m2.tolist() == [2000, 2000]
    assert stock.land_price_per_m2.tolist() == [50_000, 80_000]
    told = stock.guesses.groupby("column")["facility_id"].agg(list).to_dict()
    assert told == {"running_cost": ["A1"], "site_area_m2": ["A1", "A2"], "land_price_per_m2": ["A1"]}
    assert stock.guesses["rule_ja"].str.len().gt(0).all()
    assert stock.guesses["rule_en"].str.len().gt(0).all()


def test_a_total_repeated_on_many_rows_is_not_each_ones_cost(build: Callable[..., Stock], figures: Figures) -> None:
    housing = {"use": "housing", "service": "housing", "running_cost": 1_137_568_020.0}
    stock = build(*[housing] * 5, {"running_cost": 1_137_568_020.0})
    assert stock.running_cost.tolist() == [1000 * figures.number("running.per_m2.housing")] * 5 + [1_137_568_020]
    assert (stock.guesses["column"] == "running_cost").sum() == 5
    few = build(*[housing] * 4)
    assert few.running_cost.tolist() == [1_137_568_020] * 4
    none = build(*[housing | {"running_cost": 0.0}] * 6)
    assert none.running_cost.tolist() == [0] * 6


def test_rows_that_are_not_costed_are_left_out_and_order_is_kept(build: Callable[..., Stock]) -> None:
    stock = build({"id": "C"}, {"id": "B", "is_costed": False, "floor_area_m2": np.nan}, {"id": "A"})
    assert stock.facility_ids == ("C", "A")
    assert np.isfinite(stock.floor_area_m2).all()


def test_structure_sets_demolition_cost_and_design_life(build: Callable[..., Stock]) -> None:
    stock = build({"structure": "W"}, {"structure": "S"}, {"structure": None}, {"structure": "straw"})
    assert stock.demolition_cost_per_m2.tolist() == [30_000, 40_000, 40_000, 40_000]
    assert stock.design_life_years.tolist() == [40, 60, 60, 60]


def test_flags_follow_the_codes(build: Callable[..., Stock]) -> None:
    stock = build({"seismic_status": "unretrofitted"}, {"tenure": "leased_in"}, {"is_listed": True})
    assert stock.needs_retrofit.tolist() == [True, False, False]
    assert stock.is_leased_in.tolist() == [False, True, False]
    assert stock.is_listed.tolist() == [False, False, True]


def test_places_are_metres_from_the_origin_of_the_zone(build: Callable[..., Stock]) -> None:
    """One minute of latitude is 1,850 m near 36 degrees north: 110.96 km a degree, scale 0.9999."""
    stock = build({}, {"lat": 36 + 1 / 60}, {"lat": np.nan, "lon": np.nan}, crs="EPSG:6675")
    assert abs(stock.x_m[0]) < 1
    assert abs(stock.y_m[0]) < 1
    assert stock.y_m[1] == pytest.approx(1849, abs=1)
    assert np.isnan(stock.x_m[2])
    assert np.isnan(stock.y_m[2])


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2229", "nowhere"])
def test_a_system_that_does_not_measure_in_metres_is_refused(crs: str, build: Callable[..., Stock]) -> None:
    with pytest.raises(WorkspaceError, match=r"case\.crs"):
        build({}, crs=crs)


def test_districts_keep_the_order_of_the_map(city: Workspace) -> None:
    ledger = rows({"district": "East"}, {"district": None}, {"district": "Old Town"}, {"district": "West"})
    ledger.districts = gpd.GeoDataFrame({"name": ["West", "East"]}, geometry=gpd.points_from_xy([0, 1], [0, 1]))
    stock = build_stock(ledger, city)  # type: ignore[arg-type]
    assert stock.districts == ("West", "East", "Old Town")
    assert stock.district.tolist() == [1, -1, 2, 0]


def test_taking_facilities_keeps_their_rows_together(build: Callable[..., Stock]) -> None:
    stock = build({"use": "park"}, {"locked": "keep"}, {"floor_area_m2": 7.0})
    some = stock.take(np.array([True, False, True]))
    assert some.facility_ids == ("A1", "A3")
    assert some.floor_area_m2.tolist() == [1000, 7]
    assert some.locked == (None, None)
    assert some.grades.shape == (2, 5)
    assert stock.take(np.array([2, 0])).facility_ids == ("A3", "A1")


def test_an_empty_inventory_gives_an_empty_stock(build: Callable[..., Stock]) -> None:
    assert len(build({"is_costed": False})) == 0


def test_the_sample_city_is_costed_within_the_envelope_of_its_unit_costs(workspace: Workspace) -> None:
    inventory = read_inventory(workspace)
    stock = build_stock(inventory, workspace)
    assert stock.facility_ids == tuple(inventory.buildings.loc[inventory.buildings["is_costed"], "id"])
    need = renewal_costs(stock, workspace).replace_total.sum()
    least = stock.floor_area_m2 @ stock.renovation_cost_per_m2
    assert least <= need <= least + stock.floor_area_m2 @ stock.rebuild_cost_per_m2
    housing = stock.use == USE_CODES.index("housing")
    assert housing.any()
    np.testing.assert_allclose(
        stock.running_cost[housing],
        stock.floor_area_m2[housing] * workspace.figures.number("running.per_m2.housing"),
    )
