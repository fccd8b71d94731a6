"""The sample cities: what their ledgers hold, what is said of it, and that each ends with a certified plan."""

from __future__ import annotations

import csv
import importlib.util
import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from fmtool.cli import main
from fmtool.errors import UsageError
from fmtool.inventory import BY_NAME, read_inventory, read_services
from fmtool.schedule.run import plan_schedule
from fmtool.views.estimates import estimates_of
from fmtool.workspace import Workspace, init_workspace, read_figures, read_workspace
from fmtool.workspace.samples import SAMPLES

MOST_GAP = 0.005
NO_PLACES = ("park", "supply_processing", "other")
"""Uses in which nobody has a place of his own: no capacity is estimated."""


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workspace]:
    folder = tmp_path_factory.mktemp("cities")
    for name in SAMPLES:
        init_workspace(folder / name, name)
    return {name: read_workspace(folder / name) for name in SAMPLES}


def test_a_sample_that_is_none_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no sample `osaka`") as caught:
        init_workspace(tmp_path / "city", "osaka")
    assert "nagareyama" in caught.value.say("ja")
    assert not (tmp_path / "city").exists()


@pytest.mark.parametrize("name", SAMPLES)
def test_every_workspace_has_the_same_shape_and_checks_without_a_fault(
    cities: dict[str, Workspace], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = cities[name].root
    for needed in (
        "fmtool.toml",
        "facilities/README.md",
        "facilities/buildings.csv",
        "models/README.md",
        "maps/layers",
    ):
        assert (root / needed).exists()
    assert main(["-C", str(root), "--json", "check"]) == 0
    assert json.loads(capsys.readouterr().out)["faults"] == []


def test_a_sample_brings_no_other_city_along(cities: dict[str, Workspace]) -> None:
    for name in ("nagareyama", "seattle"):
        root = cities[name].root
        assert not (root / "facilities/districts.geojson").exists()
        assert not (root / "facilities/nagareyama").exists()
    assert not (cities["seattle"].root / "models/funding.toml").exists()
    assert not (cities["seattle"].root / "models/reference_stock.csv").exists()
    text = (cities["nagareyama"].root / "maps/layers/outline.geojson").read_text(encoding="utf-8")
    assert "国土数値情報" in json.loads(text)["attribution"]


def test_init_writes_the_template_in_the_currency_of_the_sample(tmp_path: Path) -> None:
    assert main(["--lang", "en", "init", str(tmp_path / "city"), "--sample", "seattle"]) == 0
    sheet = pd.read_excel(tmp_path / "city/facilities/buildings-template.xlsx", engine="openpyxl")
    assert {"Running cost (USD/year)", "Land price (USD/m2)", "Floor area (m2)"} <= set(sheet.columns)


def test_years_and_areas_of_nagareyama_are_estimates_and_said_to_be(cities: dict[str, Workspace]) -> None:
    workspace = cities["nagareyama"]
    with workspace.path("facilities/buildings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 59
    assert {row["built_year"] + row["floor_area_m2"] + row.get("running_cost", "") for row in rows} == {""}
    inventory = read_inventory(workspace)
    assert int(inventory.buildings["is_costed"].sum()) == 52
    told = inventory.guesses.query("basis == 'estimated'")
    counts = told.groupby("column").size().to_dict()
    assert counts.items() >= {"built_year": 52, "floor_area_m2": 52, "running_cost": 52, "structure": 52}.items()
    assert counts["capacity"] == (inventory.buildings["is_costed"] & ~inventory.buildings["use"].isin(NO_PLACES)).sum()
    is_structure = told["column"] == "structure"
    assert (told["low"] <= told["high"])[~is_structure].all()
    assert told.loc[is_structure, "shares"].str.contains("%").all()
    assert "推定" in workspace.config.case.name_ja
    assert "estimates" in workspace.config.case.name_en
    assert not any("同額" in notice.ja for notice in inventory.notices)


@pytest.mark.parametrize("command", [["costs"], ["curve", "N01"]])
def test_views_before_a_plan_say_that_they_rest_on_estimates(
    cities: dict[str, Workspace], capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert main(["-C", str(cities["nagareyama"].root), "--lang", "ja", *command]) == 0
    said = capsys.readouterr().out
    assert "推定値" in said
    assert "実測ではありません" in said
    assert main(["-C", str(cities["seattle"].root), "--lang", "en", "costs"]) == 0
    assert "estimate" not in capsys.readouterr().out


def test_the_limits_of_nagareyama_are_those_of_its_ordinance(cities: dict[str, Workspace], repository: Path) -> None:
    for workspace in (cities["nagareyama"], read_workspace(repository, "nagareyama")):
        limits = workspace.config.limits
        assert (limits.debt_service_ratio, limits.future_burden_ratio, limits.outstanding_to_budget) == (
            0.125,
            1.75,
            1.0,
        )
    published = (repository / "facilities/nagareyama/finance.csv").read_text(encoding="utf-8")
    assert "budget_size,2023,90600,百万円,published" in published


def test_the_scenario_of_the_workspace_is_the_same_city(cities: dict[str, Workspace], repository: Path) -> None:
    scenario = read_workspace(repository, "nagareyama")
    one, other = read_inventory(scenario), read_inventory(cities["nagareyama"])
    assert one.districts is None
    pd.testing.assert_frame_equal(pd.DataFrame(one.buildings), pd.DataFrame(other.buildings))
    pd.testing.assert_frame_equal(one.guesses, other.guesses)


def test_seattle_is_in_square_metres_and_dollars(cities: dict[str, Workspace]) -> None:
    workspace = cities["seattle"]
    rows = read_inventory(workspace).buildings.set_index("name")
    assert len(rows) == 183
    library = rows.loc["The Seattle Public Library - Central Library"]
    assert library["floor_area_m2"] == pytest.approx(412_000 * 0.3048**2, abs=0.06)  # a foot is 0.3048 m
    assert (library["built_year"], library["storeys"], library["use"]) == (2004, 11, "social_education")
    assert rows["use"].value_counts()["school"] == 97  # 98 of the district, less its headquarters
    units = {figure.unit for figure in read_figures(workspace.root / "models").values()}
    assert {"USD/m2", "USD/m2/year"} <= units
    assert not any("JPY" in unit for unit in units)
    assert set(rows["service"]) <= set(read_services(workspace).index)
    own = {"unit_costs", "running", "risk", "inventory"}
    for figure in read_figures(workspace.root / "models").values():
        if figure.key.split(".")[0] in own:
            assert figure.source.isascii(), figure.key


@pytest.mark.parametrize("name", ["nagareyama", "seattle"])
def test_the_sample_ends_with_a_certified_plan(cities: dict[str, Workspace], name: str) -> None:
    result = plan_schedule(cities[name])
    assert result.status == "optimal"
    assert result.gap <= MOST_GAP
    assert result.checks["is_met"].all()
    estimates = estimates_of(result)
    assert {bool(each.estimated) for each in result.reasons.facilities} == {name == "nagareyama"}
    if name == "seattle":
        assert estimates.sentences("USD") == []
        return
    assert estimates.outlay_rate == pytest.approx(1.0)
    said = " ".join(sentence.ja for sentence in estimates.sentences("JPY"))
    assert BY_NAME[str(estimates.first.index[0])].title.ja in said
    assert estimates.first["effect"].is_monotonic_decreasing
    told = result.guesses.query("basis == 'estimated'")
    priced = told["column"].isin(["built_year", "floor_area_m2", "running_cost"])
    assert told.loc[priced, "cost_effect"].notna().all()
    assert set(told.loc[~priced, "column"]) == {"structure", "capacity"}


def made_again(repository: Path, script: str, *arguments: Path) -> None:
    run = subprocess.run(
        [sys.executable, repository / "bench" / script, *arguments], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def test_the_samples_are_what_the_sources_say(repository: Path, shared_data: Path, tmp_path: Path) -> None:
    made = ["facilities/nagareyama/buildings.csv", "facilities/nagareyama/towns.csv", "facilities/nagareyama/population.csv",
            "maps/layers/nagareyama/outline.geojson", "fmtool/samples/seattle/facilities/buildings.csv"]  # fmt: skip
    for folder in ("facilities/nagareyama", "fmtool/samples/seattle/facilities"):
        (tmp_path / folder).mkdir(parents=True)
        shutil.copy(repository / folder / "use_classes.csv", tmp_path / folder)
    made_again(repository, "make_other_samples.py", shared_data, tmp_path)
    for name in made:
        assert (tmp_path / name).read_bytes() == (repository / name).read_bytes(), name


def test_the_reference_is_what_the_ledger_of_the_sample_says(repository: Path, workspace_folder: Path) -> None:
    path = workspace_folder / "models/reference_stock.csv"
    path.unlink()
    made_again(repository, "make_reference_stock.py", workspace_folder)
    assert path.read_bytes() == (repository / "models/reference_stock.csv").read_bytes()
    halls = pd.read_csv(path, keep_default_na=False).query(
        "service == '生涯学習センター' and column == 'floor_area_m2'"
    )
    assert halls[["count", "low", "middle", "high"]].to_numpy().tolist() == [
        [21, 754.4, 872.8, 980.0]
    ]  # 6th, 11th and 16th of 21


def test_the_samples_travel_in_the_package(repository: Path) -> None:
    wheel = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"][
        "targets"
    ]["wheel"]
    assert wheel["packages"] == ["fmtool"]
    found = importlib.util.find_spec("fmtool")
    assert found is not None
    assert found.origin is not None
    folders = {path.name for path in (Path(found.origin).parent / "samples").iterdir() if path.is_dir()}
    assert folders == set(SAMPLES) - {"toyohashi"}
