"""Estimates for thin ledgers, on stocks small enough to work out by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from fmtool.errors import InventoryError, WorkspaceError
from fmtool.inventory import Inventory, quality, read_inventory
from fmtool.inventory.reference import read_reference
from fmtool.workspace import read_workspace

HEAD = "id,name,use,service,built_year,floor_area_m2,running_cost,structure,capacity,tenure\n"
HALLS = [
    "H1,館,civic_culture,校区市民館,1970,100,200000,W,10,owned",
    "H2,館,civic_culture,校区市民館,1980,200,600000,RC,40,owned",
    "H3,館,civic_culture,校区市民館,1990,300,1200000,RC,90,owned",
    "H4,館,civic_culture,校区市民館,2000,400,2000000,W,160,owned",
    "H5,館,civic_culture,校区市民館,2010,900,5400000,RC,450,owned",
]
"""Five halls: 100 to 900 m2, 2,000 to 6,000 yen and 0.1 to 0.5 places a m2."""


@pytest.fixture
def estimating(workspace_folder: Path, read_ledger: Callable[..., Inventory]) -> Callable[..., Inventory]:
    """Read a ledger in a workspace that estimates what is missing."""

    def read(*rows: str, head: str = HEAD) -> Inventory:
        config = workspace_folder / "fmtool.toml"
        text = config.read_text(encoding="utf-8")
        if "[inventory]" not in text:
            text = text.replace("[budget]\n", "[inventory]\nestimate_missing = true\n\n[budget]\n", 1)
            config.write_text(text, encoding="utf-8")
        return read_ledger(head + "\n".join(rows) + "\n")

    return read


def told(inventory: Inventory, facility: str) -> pd.DataFrame:
    guesses = inventory.guesses
    return guesses[(guesses["facility_id"] == facility) & (guesses["basis"] == "estimated")].set_index("column")


def test_without_the_switch_a_blank_year_is_a_fault(read_ledger: Callable[..., Inventory]) -> None:
    with pytest.raises(InventoryError) as caught:
        read_ledger(HEAD + "\n".join([*HALLS, "H6,館,civic_culture,校区市民館,,500,1,RC,,owned"]) + "\n")
    assert "`built_year`" in caught.value.say("en")


def test_blanks_take_the_median_of_the_own_facilities_of_the_service(estimating: Callable[..., Inventory]) -> None:
    inventory = estimating(*HALLS, "H6,館,civic_culture,校区市民館,,,,,,owned")
    found = inventory.buildings.set_index("id").loc["H6"]
    assert (found["built_year"], found["floor_area_m2"], found["structure"]) == (1990, 300, "RC")
    assert (found["running_cost"], found["capacity"]) == (4000 * 300, pytest.approx(0.3 * 300))
    spread = told(inventory, "H6")[["low", "high"]]
    assert spread.loc["built_year"].tolist() == [1980, 2000]
    assert spread.loc["floor_area_m2"].tolist() == [200, 400]
    assert spread.loc["running_cost"].tolist() == [3000 * 300, 5000 * 300]
    assert spread.loc["capacity"].tolist() == [60, 120]
    assert spread.loc["structure"].isna().all()
    rule = told(inventory, "H6").loc["built_year", ["rule_ja", "rule_en"]]
    assert "自市の同じ施設区分（校区市民館）" in rule["rule_ja"]
    assert "推定" in rule["rule_ja"]
    assert "quartiles 1980 to 2000" in rule["rule_en"]
    assert any("推定値を含みます" in notice.ja for notice in inventory.notices)


def test_what_is_given_stays_and_estimates_rest_on_given_values_only(estimating: Callable[..., Inventory]) -> None:
    inventory = estimating(
        *HALLS, "H6,館,civic_culture,校区市民館,,50,,,,owned", "H7,館,civic_culture,校区市民館,,,,,,owned"
    )
    rows = inventory.buildings.set_index("id")
    assert rows.loc["H6", "floor_area_m2"] == 50
    assert rows.loc["H6", "running_cost"] == 4000 * 50
    assert rows.loc["H7", "floor_area_m2"] == 250  # six areas are known: the middle of 200 and 300
    assert set(told(inventory, "H6").index) == {"built_year", "running_cost", "structure", "capacity"}


def test_too_few_of_ones_own_leave_it_to_the_reference(estimating: Callable[..., Inventory], repository: Path) -> None:
    inventory = estimating(*HALLS[:4], "H6,館,civic_culture,校区市民館,,,,,,owned")
    references = read_reference(read_workspace(repository))
    found = inventory.buildings.set_index("id").loc["H6"]
    middle = references["floor_area_m2", "civic_culture", "校区市民館"].middle
    assert found["floor_area_m2"] == pytest.approx(middle, abs=0.06)
    assert found["built_year"] == references["built_year", "civic_culture", "校区市民館"].middle
    assert "models/reference_stock.csv" in told(inventory, "H6").loc["built_year", "rule_en"]
    # Each service counts in a unit of its own: its own four hold, with a spread as wide as the reference's.
    place = references["capacity", "civic_culture", ""]
    capacity = told(inventory, "H6").loc["capacity"]
    assert found["capacity"] == pytest.approx(0.25 * found["floor_area_m2"], abs=0.6)
    assert capacity["high"] == pytest.approx(found["capacity"] * place.high / place.middle, abs=1)
    assert "4 facilities" in capacity["rule_en"]
    assert "assumed spread" in capacity["rule_en"]


def test_structure_and_capacity_rest_on_the_reference_where_the_city_has_none(
    estimating: Callable[..., Inventory],
) -> None:
    inventory = estimating(
        "A,学校,school,小学校,1970,5250,1,,,owned",
        "B,会館,civic_culture,会館,1970,1200,1,,,owned",
        "C,器具庫,administration,消防団器具庫・詰所,1990,60,1,,,owned",
        "D,公園管理棟,park,公園,1990,900,1,,,owned",
        "E,学校,school,小学校,1970,1750,1,,,leased_in",
    )
    rows = inventory.buildings.set_index("id")
    assert rows["structure"].tolist()[:4] == ["RC", "RC", "LS", "RC"]
    assert rows["capacity"].tolist()[:3] == [300, 300, 2]  # 17.5 m2 a pupil, 4 m2 a seat, 25 m2 a clerk
    assert pd.isna(rows.loc["D", "capacity"])  # nobody has a place in a park
    assert rows.loc["E", "capacity"] == 100  # a tenant counts in the unit of its service too
    guesses = inventory.guesses.query("basis == 'estimated'").set_index(["facility_id", "column"])
    assert guesses.loc[("B", "capacity"), ["low", "high"]].tolist() == [200, 400]  # 6 and 3 m2 a seat
    assert "assumed spread" in guesses.loc[("B", "capacity"), "rule_en"]
    assert guesses.loc[("A", "structure"), "shares"] == "RC 85%, S 12%, W 3%"
    assert "models/reference_stock.csv" in guesses.loc[("A", "structure"), "rule_ja"]
    assert "小規模な建物" in guesses.loc[("C", "structure"), "rule_ja"]
    assert not ((inventory.guesses["column"] == "structure") & (inventory.guesses["basis"] == "assumed")).any(axis=None)


def test_shares_of_structures_come_from_the_own_facilities_where_there_are_enough(
    estimating: Callable[..., Inventory],
) -> None:
    inventory = estimating(*HALLS, "H6,館,civic_culture,校区市民館,1980,500,1,,,owned")
    found = told(inventory, "H6").loc["structure"]
    assert (found["value"], found["shares"]) == ("RC", "RC 60%, W 40%")
    assert "the city's own 5 facilities" in found["rule_en"]


def test_a_small_building_of_unknown_area_is_small_by_its_estimated_area(
    estimating: Callable[..., Inventory],
) -> None:
    inventory = estimating("C,器具庫,administration,消防団器具庫・詰所,1990,,1,,,owned")
    assert inventory.buildings["structure"].tolist() == ["LS"]


def test_a_kind_that_serves_the_whole_city_is_scaled_by_its_people(estimating: Callable[..., Inventory]) -> None:
    inventory = estimating("C1,市役所,administration,市役所,,,,,,owned", *HALLS)
    people = inventory.population["total"].iloc[
        0
    ]  # 豊橋市 in the plan's first year; the reference is of 371,920 people
    found = inventory.buildings.set_index("id").loc["C1"]
    assert found["floor_area_m2"] == pytest.approx(60220.9 * people / 371_920, abs=0.1)
    assert "assumed spread" in told(inventory, "C1").loc["floor_area_m2", "rule_en"]


def test_a_ledger_without_the_columns_at_all_is_estimated(estimating: Callable[..., Inventory]) -> None:
    inventory = estimating("A,館,civic_culture", "B,学校,school", head="id,name,use\n")
    assert inventory.buildings["is_costed"].all()
    assert inventory.buildings["built_year"].notna().all()
    assert quality(inventory).columns.loc[["built_year", "floor_area_m2", "seismic_status"], "given_rate"].tolist() == [
        0,
        0,
        0,
    ]


def test_tenants_are_not_given_an_area(estimating: Callable[..., Inventory]) -> None:
    inventory = estimating(*HALLS, "H6,館,civic_culture,校区市民館,,,,,,leased_in")
    assert told(inventory, "H6").empty
    assert not inventory.buildings.set_index("id").loc["H6", "is_costed"]


def test_what_cannot_be_read_is_still_a_fault(estimating: Callable[..., Inventory]) -> None:
    with pytest.raises(InventoryError, match="1 fault"):
        estimating(*HALLS, "H6,館,civic_culture,校区市民館,いつか,,,,,owned")


def test_a_total_repeated_on_each_row_is_nobodys_cost(estimating: Callable[..., Inventory]) -> None:
    rows = [f"K{number},館,civic_culture,図書室,1990,100,7000000,RC,,owned" for number in range(5)]
    inventory = estimating(*HALLS, *rows, "H6,館,civic_culture,図書室,1990,100,,RC,,owned")
    assert inventory.buildings.set_index("id").loc["H6", "running_cost"] == 4000 * 100


def test_the_order_of_the_rows_changes_no_estimate(estimating: Callable[..., Inventory]) -> None:
    blank = "H6,館,civic_culture,校区市民館,,,,,,owned"
    names = ["built_year", "floor_area_m2", "running_cost", "structure", "capacity"]
    first, second = (
        estimating(*rows).buildings.set_index("id").loc["H6", names].tolist()
        for rows in ([*HALLS, blank], [blank, *reversed(HALLS)])
    )
    assert first == second


def test_the_sample_is_read_as_before_without_the_switch(repository: Path) -> None:
    inventory = read_inventory(read_workspace(repository))
    assert set(inventory.guesses["basis"]) == {"assumed"}
    assert inventory.guesses[["low", "high"]].isna().all(axis=None)


FAULTS = {
    "no such use": ("school,,built_year,fiscal year", "shool,,built_year,fiscal year", "no use `shool`"),
    "another unit": ("school,,floor_area_m2,m2", "school,,floor_area_m2,tsubo", "the unit must be m2"),
    "another currency": ("JPY/m2/year", "USD/m2/year", "the unit must be JPY/m2/year"),
    "a column that is not estimated": ("school,,built_year", "school,,storeys", "`storeys` is not a column"),
    "shares that are not the whole": (
        "school,,structure.RC,share,,0,0.85,0.85,0.85",
        "school,,structure.RC,share,,0,0.5,0.5,0.5",
        "the shares of structure (school ) do not add up to 1 (got 0.65)",
    ),
    "a place without area": (
        "school,,capacity,m2/place,,0,12",
        "school,,capacity,m2/place,,0,0",
        "the floor area of a place must be more than 0",
    ),
    "no such structure": ("school,,structure.RC", "school,,structure.XY", "`structure.XY` is not a column"),
    "a column missing": ("inhabitants", "people", "`inhabitants` is missing"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_of_the_reference_is_told(workspace_folder: Path, case: str) -> None:
    old, new, said = FAULTS[case]
    path = workspace_folder / "models/reference_stock.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(WorkspaceError) as caught:
        read_reference(read_workspace(workspace_folder))
    assert any(said in fault.en and "models/reference_stock.csv" in fault.en for fault in caught.value.faults)


def test_quartiles_out_of_order_are_told_and_no_file_is_no_fault(workspace_folder: Path) -> None:
    path = workspace_folder / "models/reference_stock.csv"
    head = path.read_text(encoding="utf-8").splitlines()[0]
    path.write_text(f"{head}\nschool,,floor_area_m2,m2,,5,300,200,400,,seen,counted\n", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="1 to mend"):
        read_reference(read_workspace(workspace_folder))
    path.unlink()
    assert read_reference(read_workspace(workspace_folder)) == {}
