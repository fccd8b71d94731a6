"""Services, districts, population, guesses and the score, on cases small enough to work by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shapely.geometry import box, mapping

from fmtool.errors import InventoryError, WorkspaceError
from fmtool.inventory import quality, read_inventory, read_services
from fmtool.inventory.places import read_districts
from fmtool.inventory.population import read_population
from fmtool.workspace import Workspace, read_workspace

HEAD = "id,name,use,service,district,built_year,floor_area_m2,lat,lon,structure,seismic_status,storeys,running_cost\n"


def edit(workspace: Workspace, old: str, new: str) -> None:
    path = workspace.path("models/services.csv")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


SERVICE_FAULTS = {
    "unknown use": (",school,age_0_14,1.0,0.6,4000", ",schule,age_0_14,1.0,0.6,4000", "`use` 'schule'"),
    "unknown demand": (",school,age_0_14,1.0,0.6,4000", ",school,kids,1.0,0.6,4000", "`demand` 'kids'"),
    "rate in per cent": (",school,age_0_14,1.0,0.6,4000", ",school,age_0_14,80,0.6,4000", "`standard_rate` '80'"),
    "local rate in per cent": (",school,age_0_14,1.0,0.6,4000", ",school,age_0_14,1.0,60,4000", "`local_rate` '60'"),
    "reach that is no number": (",school,age_0_14,1.0,0.6,4000", ",school,age_0_14,1.0,0.6,4km", "`reach_m` '4km'"),
    "service twice": ("\n中学校,", "\n小学校,", "service twice: 小学校"),
    "use without a row": ("\npark,", "\nparks,", "no row for the uses park"),
    "unknown column": ("standard_rate", "standard_ratio", "unknown columns standard_ratio"),
    "missing column": ("standard_rate", "standard_ratio", "missing columns standard_rate"),
    "no source": (",assumed,市内唯一の市立病院であり、閉じない", ",assumed,", "`source` ''"),
    "basis": (",assumed,市内唯一", ",guess,市内唯一", "`basis` 'guess'"),
    "conversion to nothing": ("市民活動・交流施設,assumed,児童数", "百貨店,assumed,児童数", "convert_to names services without a row: 百貨店"),
}  # fmt: skip


@pytest.mark.parametrize("case", SERVICE_FAULTS)
def test_a_fault_of_the_services_file_is_named(workspace: Workspace, case: str) -> None:
    old, new, said = SERVICE_FAULTS[case]
    edit(workspace, old, new)
    with pytest.raises(WorkspaceError) as caught:
        read_services(workspace)
    assert any(said in fault.en and "models/services.csv" in fault.en for fault in caught.value.faults)
    assert caught.value.hint is not None


def test_a_service_without_a_row_falls_back_to_its_use(read_ledger) -> None:
    inventory = read_ledger(
        HEAD
        + "F1,水族館,social_education,水族館,,1990,500,,,,,,\nF2,図書館,social_education,図書館,,1990,500,,,,,,\nF3,学校,school,,,1990,500,,,,,,\n"
    )
    assert inventory.buildings["service"].tolist() == ["social_education", "図書館", "school"]
    assert any("水族館" in notice.ja and "models/services.csv" in notice.ja for notice in inventory.notices)
    assert inventory.buildings.geometry.isna().all()
    assert any("座標のない3施設" in notice.ja for notice in inventory.notices)


def test_districts_match_by_name_or_are_found_from_the_place(read_ledger) -> None:
    inventory = read_ledger(
        HEAD
        + "F1,学校,school,,岩田小学校区,1990,500,,,,,,\n"
        + "F2,学校,school,,,1990,500,34.757213,137.428022,,,,\n"
        + "F3,学校,school,,月面,1990,500,,,,,,\n"
    )
    assert inventory.buildings["district"].tolist() == ["岩田", "岩田", "月面"]
    found = inventory.guesses.query("column == 'district'")
    assert found[["facility_id", "value"]].to_numpy().tolist() == [["F2", "岩田"]]
    assert any("月面" in notice.ja and "月面" in notice.en for notice in inventory.notices)


@pytest.mark.parametrize(
    ("row", "structure", "seismic", "storeys"),
    [
        ("school,,,1981,199.99", "LS", "retrofitted", 1),
        ("school,,,1981,200", "RC", "retrofitted", 1),
        ("sports_recreation,,,1982,2000", "S", "new_standard", 3),
        ("administration,,,1981,499.99", "RC", "unretrofitted", 1),
        ("administration,,,1982,500", "RC", "new_standard", 2),
        ("housing,,,1970,6000", "RC", "unretrofitted", 4),
    ],
)
def test_blanks_are_assumed_by_the_stated_rules(
    read_ledger, row: str, structure: str, seismic: str, storeys: int
) -> None:
    inventory = read_ledger(HEAD + f"F1,施設,{row},34.757,137.428,,,,\n")
    building = inventory.buildings.iloc[0]
    assert (building["structure"], building["seismic_status"], building["storeys"]) == (structure, seismic, storeys)
    assert building["accuracy_m"] == 100
    assert set(inventory.guesses["column"]) == {
        "district",
        "accuracy_m",
        "structure",
        "seismic_status",
        "storeys",
        "tenure",
    }


def test_what_is_given_is_never_replaced(read_ledger) -> None:
    inventory = read_ledger(
        HEAD.replace("\n", ",tenure,accuracy_m\n")
        + "F1,施設,school,,岩田,1970,6000,34.757,137.428,W,not_needed,1,5,所有,7\n"
    )
    assert inventory.guesses.empty
    building = inventory.buildings.iloc[0]
    assert (building["structure"], building["seismic_status"], building["storeys"]) == ("W", "not_needed", 1)


def test_a_rule_that_names_no_code_is_told(workspace_folder: Path) -> None:
    path = workspace_folder / "models/inventory.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"LS"', '"straw"'), encoding="utf-8")
    with pytest.raises(WorkspaceError, match=r"inventory\.structure\.small.*'straw'"):
        read_inventory(read_workspace(workspace_folder))


def test_a_total_repeated_on_many_rows_is_said(read_ledger) -> None:
    rows = "".join(f"F{number},団地,housing,市営住宅,,1990,500,,,,,,777\n" for number in range(5))
    notices = read_ledger(HEAD + rows).notices
    assert any("5施設の維持管理費が同額（777）" in notice.ja for notice in notices)
    rows = rows.replace("F4,団地,housing,市営住宅,,1990,500,,,,,,777", "F4,団地,housing,市営住宅,,1990,500,,,,,,778")
    assert not any("同額" in notice.ja for notice in read_ledger(HEAD + rows).notices)


def district_file(folder: Path, *features: tuple[dict[str, object], dict[str, object]]) -> Path:
    path = folder / "districts.geojson"
    made = [{"type": "Feature", "properties": named, "geometry": shape} for named, shape in features]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": made}), encoding="utf-8")
    return path


def test_every_fault_of_the_districts_is_told(tmp_path: Path) -> None:
    square = mapping(box(137, 34, 138, 35))
    path = district_file(
        tmp_path,
        ({"name": "東", "population": 10}, square),
        ({"name": "東", "population": -1}, square),
        ({"name": "", "population": 5}, {"type": "Point", "coordinates": [137, 34]}),
    )
    with pytest.raises(InventoryError) as caught:
        read_districts(path, "d.geojson", [])
    said = [fault.en for fault in caught.value.faults]
    assert len(said) == 5
    assert sum("stands twice" in fault for fault in said) == 2
    assert any("row 2, `population` '-1" in fault for fault in said)
    assert any("row 3, `name`" in fault for fault in said)
    assert any("'Point': is not an area" in fault for fault in said)


def population_file(folder: Path, text: str) -> Path:
    path = folder / "p.csv"
    path.write_text(text, encoding="cp932")
    return path


PEOPLE = "municipality,year,total,age_0_14,age_15_64,age_65_plus\n"


def test_population_is_linear_between_points_and_held_outside(tmp_path: Path) -> None:
    path = population_file(tmp_path, PEOPLE + "東市,2030,100,10,60,30\n東市,2040,50,5,25,20\n西市,2030,9,3,3,3\n")
    notices: list[object] = []
    people = read_population(path, "p.csv", tuple(range(2028, 2043)), "東市", notices)
    assert people["total"].tolist() == [100, 100, 100, 95, 90, 85, 80, 75, 70, 65, 60, 55, 50, 50, 50]
    assert people.loc[2031, "age_65_plus"] == 29
    assert len(notices) == 2


POPULATION_FAULTS = {
    "text": (PEOPLE + "東市,2030,多い,10,60,30\n", "row 2, `total` '多い'"),
    "negative": (PEOPLE + "東市,2030,100,-1,60,30\n", "row 2, `age_0_14` '-1'"),
    "year twice": (PEOPLE + "東市,2030,100,10,60,30\n東市,2030,100,10,60,30\n", "row 3, `year` '2030'"),
    "missing column": ("year,total\n2030,100\n", "`age_0_14`"),
}


@pytest.mark.parametrize("case", POPULATION_FAULTS)
def test_a_fault_of_the_population_is_named(tmp_path: Path, case: str) -> None:
    text, said = POPULATION_FAULTS[case]
    with pytest.raises(InventoryError) as caught:
        read_population(population_file(tmp_path, text), "p.csv", (2026,), None, [])
    assert any(said in fault.en and "p.csv" in fault.en for fault in caught.value.faults)


def test_an_area_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match=r"no rows of `南市`[\s\S]*東市"):
        read_population(population_file(tmp_path, PEOPLE + "東市,2030,1,1,0,0\n"), "p.csv", (2026,), "南市", [])


def test_an_empty_population_file_is_told(tmp_path: Path) -> None:
    for text in ("", PEOPLE):
        with pytest.raises(InventoryError, match="empty"):
            read_population(population_file(tmp_path, text), "p.csv", (2026,), None, [])


def test_the_score_is_the_weighted_share_of_area_known(read_ledger) -> None:
    """Two buildings of 300 and 100 m2; one column, structure (weight 2), is known for the first only."""
    inventory = read_ledger(
        HEAD + "F1,A,school,,岩田,1990,300,34.75,137.4,RC,,2,9\nF2,B,school,,岩田,1990,100,34.75,137.4,,,1,9\n"
    )
    found = quality(inventory)
    row = found.columns.loc["structure"]
    assert (row["given_rate"], row["guessed_rate"], row["known_area_rate"]) == (0.5, 0.5, 0.75)
    weights = found.columns["weight"].sum()
    assert row["gain"] == pytest.approx(100 * 2 * 0.25 / weights)
    assert found.score == pytest.approx(
        100 * (found.columns["weight"] * found.columns["known_area_rate"]).sum() / weights
    )
    assert found.columns["gain"].is_monotonic_decreasing
