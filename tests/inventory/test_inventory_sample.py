"""The sample says what its sources say: nothing lost, nothing invented, everything assumed named."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fmtool.inventory import COLUMNS, Inventory, quality, read_inventory, read_services
from fmtool.vocabulary import USES
from fmtool.workspace import read_workspace


@pytest.fixture(scope="module")
def sample(repository: Path) -> Inventory:
    return read_inventory(read_workspace(repository))


@pytest.fixture(scope="module")
def source(shared_data: Path) -> pd.DataFrame:
    return pd.read_csv(shared_data / "toyohashi/buildings.csv")


def test_every_facility_is_there_and_tenants_are_not_costed(sample: Inventory) -> None:
    buildings = sample.buildings
    assert len(buildings) == 416
    assert buildings["id"].tolist() == [f"T{number:03d}" for number in range(1, 417)]
    assert int(buildings["is_costed"].sum()) == 390
    tenants = buildings[~buildings["is_costed"]]
    assert len(tenants) == 26
    assert set(tenants["tenure"]) == {"leased_in"}
    assert tenants.geometry.notna().all()
    assert tenants["not_costed_reason_ja"].str.contains("一室").all()
    assert tenants["not_costed_reason_en"].str.contains("tenant").all()
    assert (buildings.loc[buildings["is_costed"], ["not_costed_reason_ja", "not_costed_reason_en"]] == "").all(
        axis=None
    )
    assert any(notice.en.startswith("26 facilities without floor area") for notice in sample.notices)


def test_columns_stand_as_the_table_says(sample: Inventory) -> None:
    derived = ["is_costed", "not_costed_reason_ja", "not_costed_reason_en", "geometry"]
    assert list(sample.buildings.columns) == [*(column.name for column in COLUMNS), *derived]
    assert sample.buildings.index.equals(pd.RangeIndex(416))


def test_the_sample_adds_up_to_its_source(sample: Inventory, source: pd.DataFrame, repository: Path) -> None:
    buildings = sample.buildings
    assert buildings["name"].tolist() == source["施設名"].tolist()
    assert np.allclose(buildings["floor_area_m2"], source["延べ床面積合計_m2"], equal_nan=True)
    assert buildings["floor_area_m2"].sum() == pytest.approx(source["延べ床面積合計_m2"].sum(), abs=0.001)
    years = source["建築年度_最古棟"].dropna().astype(int).tolist()
    assert buildings["built_year"].dropna().tolist() == years
    minor = source["施設分類_小分類"].to_numpy()
    area = source["延べ床面積合計_m2"].fillna(0)
    by_use = buildings.groupby("use")["floor_area_m2"].sum()
    assert by_use["housing"] == pytest.approx(area[minor == "市営住宅"].sum())
    assert by_use["supply_processing"] == pytest.approx(area[minor == "環境施設"].sum())
    table = pd.read_csv(repository / "facilities/use_classes.csv", dtype=str, keep_default_na=False)
    plain = table.groupby(["major", "minor"]).filter(lambda part: len(set(part["use"])) == 1)
    for (major, kind), part in plain.groupby(["major", "minor"]):
        rows = ((source["施設分類_大分類"] == major) & (source["施設分類_小分類"] == kind)).to_numpy()
        assert set(buildings.loc[rows, "use"]) == set(part["use"])
    assert by_use.sum() == pytest.approx(area.sum())


def test_every_class_of_the_city_is_mapped(repository: Path, source: pd.DataFrame, sample: Inventory) -> None:
    table = pd.read_csv(repository / "facilities/use_classes.csv", dtype=str, keep_default_na=False)
    classes = set(zip(source["施設分類_大分類"], source["施設分類_小分類"], strict=True))
    assert len(classes) == 27
    assert set(zip(table["major"], table["minor"], strict=True)) == classes
    assert set(table["use"]) <= set(USES)
    assert set(sample.buildings["use"]) == set(USES)
    assert sample.buildings["service"].nunique() <= 40


def test_no_repeated_or_programme_cost_is_taken_for_upkeep(sample: Inventory) -> None:
    buildings = sample.buildings
    assert buildings.loc[buildings["service"] == "市営住宅", "running_cost"].isna().all()
    assert (buildings["running_cost"] == 1_137_568_020).sum() == 0
    per_m2 = (buildings["running_cost"] / buildings["floor_area_m2"]).dropna()
    assert per_m2.between(0, 20_000).all()
    assert len(per_m2) == 279
    blank = buildings[buildings["is_costed"] & buildings["running_cost"].isna()]
    assert blank["remarks"].str.contains("維持管理費は空欄").all()
    assert any("111施設は維持管理費が空欄" in notice.ja for notice in sample.notices)


def test_every_guess_is_listed_with_its_rule(sample: Inventory) -> None:
    guesses, buildings = sample.guesses, sample.buildings.set_index("id")
    assert guesses.groupby("column").size().to_dict() == {"seismic_status": 390, "storeys": 390, "structure": 390}
    assert guesses["rule_ja"].str.contains("みなした|仮定").all()
    assert guesses["rule_en"].str.contains("assumed").all()
    for row in guesses.itertuples():
        assert str(buildings.loc[row.facility_id, row.column]) == row.value
    old = buildings[buildings["built_year"] < 1982]
    assert set(old.loc[old["use"] == "school", "seismic_status"]) == {"retrofitted"}
    assert set(old.loc[old["use"] != "school", "seismic_status"]) == {"unretrofitted"}
    assert set(buildings.loc[buildings["built_year"] >= 1982, "seismic_status"]) == {"new_standard"}


def test_districts_and_population(sample: Inventory, repository: Path) -> None:
    assert len(sample.districts) == 52
    assert sample.districts["population"].sum() == 371_920
    assert sample.districts.geometry.is_valid.all()
    assert set(sample.buildings["district"]) == set(sample.districts["name"])
    assert any("概算" in notice.ja and "approximate" in notice.en for notice in sample.notices)
    assert (repository / "facilities/districts.geojson").stat().st_size < 350_000
    people = sample.population
    assert people.index.tolist() == list(range(2026, 2066))
    assert people.loc[2030, "total"] == 348_435
    assert people.loc[2026, "total"] == pytest.approx(357_017 + (348_435 - 357_017) / 5)
    assert people.loc[2065, "age_65_plus"] == people.loc[2050, "age_65_plus"] == 113_586
    assert any("2050" in notice.en and "keep its value" in notice.en for notice in sample.notices)


def test_points_stand_in_their_districts(sample: Inventory) -> None:
    joined = sample.buildings[["district", "geometry"]].sjoin(sample.districts, how="inner", predicate="intersects")
    assert (joined["district"] == joined["name"]).mean() > 0.99
    assert joined.index.nunique() >= 414


def test_attributions_stand_in_the_readme(repository: Path) -> None:
    text = (repository / "facilities/README.md").read_text(encoding="utf-8")
    for needed in (
        "「指定緊急避難場所・指定避難所データ」（国土地理院）を加工して作成",
        "Geolonia 住所データ",
        "「令和2年国勢調査 小地域（町丁・字等別）境界データ」（総務省統計局、e-Stat）を加工して作成",
        "「日本の地域別将来推計人口（令和5（2023）年推計）」",
        "CC BY 4.0",
        "豊橋市「公共施設白書2025」",
        "approximate",
    ):
        assert needed in text


def test_making_the_sample_again_gives_the_same_bytes(repository: Path, shared_data: Path, tmp_path: Path) -> None:
    (tmp_path / "facilities").mkdir()
    classes = repository / "facilities/use_classes.csv"
    (tmp_path / "facilities/use_classes.csv").write_bytes(classes.read_bytes())
    subprocess.run([sys.executable, repository / "bench/make_sample.py", shared_data, tmp_path], check=True)
    for name in ("facilities/buildings.csv", "facilities/population.csv", "facilities/districts.geojson"):
        assert (tmp_path / name).read_bytes() == (repository / name).read_bytes(), name
    outline = json.loads((tmp_path / "maps/layers/outline.geojson").read_text(encoding="utf-8"))
    assert outline == json.loads((repository / "maps/layers/outline.geojson").read_text(encoding="utf-8"))


def test_every_service_of_the_sample_and_every_use_has_its_rules(sample: Inventory, repository: Path) -> None:
    services = read_services(read_workspace(repository))
    assert set(services.index) == set(sample.buildings["service"]) | set(USES)
    uses = sample.buildings.groupby("service")["use"].agg(lambda names: names.mode().iloc[0])
    for service, use in uses.items():
        named = set(sample.buildings.loc[sample.buildings["service"] == service, "use"])
        assert services.loc[service, "use"] in named, (service, use)
    assert (services["source"].str.len() > 5).all()
    unique = sample.buildings[sample.buildings["is_costed"]].groupby("service").size()
    for service in unique[unique == 1].index:
        assert not services.loc[service, "is_closable"], service


def test_the_score_counts_area_known(sample: Inventory) -> None:
    found = quality(sample)
    assert found.columns.loc["built_year", "known_area_rate"] == 1.0
    assert found.columns.loc["structure", ["given_rate", "guessed_rate", "missing_rate"]].tolist() == [0.0, 1.0, 0.0]
    assert found.score == pytest.approx(48.07, abs=0.01)
    assert found.columns.index[0] == "last_major_works_year"
    assert "直近の大規模改修年度" in found.advice.ja
