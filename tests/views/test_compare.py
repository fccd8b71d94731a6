"""Scenarios side by side: figures from plan.json, decisions that change, files, and what is said of plans not made."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from fmtool.cli import main
from fmtool.cli.output import Output
from fmtool.cli.sheets_compare import show_comparison
from fmtool.errors import UsageError, WorkspaceError
from fmtool.schedule.result import PlanResult
from fmtool.schedule.store import write_results
from fmtool.views import charts_money as charts
from fmtool.views import sweep
from fmtool.views.charts import japanese_font
from fmtool.views.compare import (
    CHANGES,
    PICTURE,
    TABLE,
    WORKBOOK,
    choose_names,
    compare_scenarios,
    find_changes,
    table_rows,
    write_comparison_files,
)
from fmtool.views.fiscal import RATIOS, sources_by_year, yearly_column
from fmtool.views.scenarios import other_scenarios, read_scenario, scenario_of_result
from fmtool.views.workbook import write_workbook
from fmtool.workspace import read_config

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def _other(plan: PlanResult) -> PlanResult:
    """Return a plan of half the works, at another discount rate, with two facilities decided otherwise."""
    facilities = plan.facilities.copy()
    moved = facilities.index[facilities["decision"] == "rebuild"][0]
    late = facilities.index[facilities["decision"] == "extend"][0]
    facilities.loc[moved, "decision"] = "sell"
    facilities.loc[late, "decision_year"] = int(facilities.loc[late, "decision_year"]) + 1
    yearly = plan.yearly.assign(outlay=plan.yearly["outlay"] / 2, own_burden=plan.yearly["own_burden"] / 2)
    return dataclasses.replace(
        plan, scenario="half", facilities=facilities, yearly=yearly, discount_rate=0.0, objective=plan.objective / 2
    )


@pytest.fixture
def base(financed: PlanResult) -> PlanResult:
    return financed


@pytest.fixture
def workspace(base: PlanResult, tmp_path: Path) -> Any:
    for plan in (base, _other(base)):
        folder = tmp_path / "results" / plan.scenario
        folder.mkdir(parents=True)
        write_results(plan, folder)
    return _workspace(tmp_path)


def _workspace(root: Path) -> Any:
    return SimpleNamespace(
        root=root, results=root / "results" / "base", config=SimpleNamespace(scenario={"half": {}, "low": {}})
    )


def test_figures_are_those_of_the_plan(base: PlanResult, workspace: Any) -> None:
    rows = {row["scenario"]: row for row in table_rows(compare_scenarios(workspace, ["base", "half"]))}
    outlay = base.yearly["outlay"]
    assert rows["base"]["works_total"] == pytest.approx(outlay.sum(), abs=len(outlay))
    assert rows["half"]["works_total"] == pytest.approx(outlay.sum() / 2, abs=len(outlay))
    assert rows["base"]["own_burden"] == pytest.approx(base.yearly["own_burden"].sum(), abs=len(outlay))
    assert rows["base"]["peak_year"] == outlay.idxmax()
    assert rows["base"]["floor_area_end_m2"] == pytest.approx(base.yearly["floor_area_m2"].iloc[-1], abs=0.01)
    worst = base.yearly["future_burden_ratio"]
    assert rows["base"]["future_burden_ratio"] == pytest.approx(worst.max(), abs=1e-5)
    assert rows["base"]["future_burden_ratio_year"] == worst.idxmax()


def test_a_plan_in_memory_has_the_figures_of_its_file(base: PlanResult, workspace: Any) -> None:
    memory, disk = scenario_of_result(base), read_scenario(workspace.results)
    np.testing.assert_allclose(memory.spend, disk.spend, atol=0.5)
    assert (memory.ratios, memory.decisions, memory.gap) == (disk.ratios, disk.decisions, disk.gap)


def test_a_city_without_finances_has_no_ratios(result: PlanResult) -> None:
    assert scenario_of_result(result).ratios == {}
    silent = dataclasses.replace(result, yearly=result.yearly.assign(own_burden=np.nan))
    assert math.isnan(scenario_of_result(silent).own_burden)


def test_changes_name_the_facilities_decided_otherwise(base: PlanResult) -> None:
    changes, facilities = find_changes([base, _other(base)])
    assert facilities == base.facilities["is_costed"].sum()
    assert [change.is_other_action for change in changes] == [True, False]
    sold, late = changes
    assert [action for action, _, _ in sold.decided] == ["rebuild", "sell"]
    assert late.decided[1][1] == late.decided[0][1] + 1
    assert find_changes([base, base])[0] == []


def test_files_hold_every_scenario_and_change(workspace: Any) -> None:
    comparison = compare_scenarios(workspace, ["base", "half"])
    files = write_comparison_files(comparison, workspace.results.parent, "ja")
    assert {path.name for path in files} == {TABLE, CHANGES, PICTURE, WORKBOOK}
    folder = workspace.root / "results" / "compare"
    with (folder / TABLE).open(encoding="utf-8-sig", newline="") as file:
        assert [row["scenario"] for row in csv.DictReader(file)] == ["base", "half"]
    with (folder / CHANGES).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["differs"], row["half_action"]) for row in rows] == [("action", "売却"), ("year", "長寿命化改修")]
    assert (folder / PICTURE).read_bytes().startswith(b"\x89PNG")
    assert write_comparison_files(comparison, workspace.results.parent, "ja") == files


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_workbook_compares_with_live_totals(workspace: Any, base: PlanResult, lang: Any) -> None:
    comparison = compare_scenarios(workspace, ["base", "half"])
    write_comparison_files(comparison, workspace.results.parent, lang)
    path = workspace.root / "results" / "compare" / WORKBOOK
    values, formulas = openpyxl.load_workbook(path, data_only=True), openpyxl.load_workbook(path)
    sheet, live = values.worksheets[0], formulas.worksheets[0]
    found = {sheet.cell(row, 1).value: row for row in range(7, 11)}
    for name, share in (("base", 1.0), ("half", 0.5)):
        total = sheet.cell(found[name], 3)
        assert live.cell(found[name], 3).value.startswith("=SUM(")
        assert total.value * 1000 == pytest.approx(base.yearly["outlay"].sum() * share, abs=len(base.years))
    changes = values.worksheets[1]
    assert changes.max_row == 8
    if lang == "en":
        data = {*base.facilities["name"], *base.facilities["district"], base.case_name.ja}
        for page in values:
            for cell in (cell for row in page.iter_rows() for cell in row if isinstance(cell.value, str)):
                left = cell.value
                for word in sorted(data, key=len, reverse=True):
                    left = left.replace(word, "")
                assert not JAPANESE.search(left), cell.value


def test_a_plans_own_workbook_shows_the_scenarios_beside_it(workspace: Any, base: PlanResult) -> None:
    others = other_scenarios(workspace.results.parent, "base")
    assert [scenario.name for scenario in others] == ["half"]
    path = workspace.root / "schedule.xlsx"
    write_workbook(base, path, "ja", others)
    sheet = openpyxl.load_workbook(path, data_only=True)["比較"]
    rows = {sheet.cell(row, 1).value: row for row in range(7, 11)}
    assert sheet.cell(rows["half"], 3).value * 2 == pytest.approx(sheet.cell(rows["base"], 3).value, abs=0.1)
    assert sheet.cell(rows["half"], 12).value * 2 == pytest.approx(sheet.cell(rows["base"], 12).value, abs=0.1)


def test_a_damaged_plan_beside_does_not_stop_a_workbook(workspace: Any) -> None:
    (workspace.results.parent / "half" / "plan.json").write_text("{", encoding="utf-8")
    assert other_scenarios(workspace.results.parent, "base") == []
    with pytest.raises(WorkspaceError, match="damaged"):
        compare_scenarios(workspace, ["base", "half"])


def test_the_command_that_makes_a_missing_plan_is_named(workspace: Any) -> None:
    assert choose_names(workspace, []) == ["base", "half"]
    assert choose_names(workspace, ["half", "base", "half"]) == ["half", "base"]
    with pytest.raises(WorkspaceError) as missing:
        compare_scenarios(workspace, ["base", "low"])
    assert "fmtool plan --scenario low" in missing.value.say("en")
    assert "--plan" in missing.value.say("ja")
    with pytest.raises(UsageError, match="hihg"):
        choose_names(workspace, ["base", "hihg"])
    with pytest.raises(UsageError, match="two plans"):
        choose_names(workspace, ["base"])


def test_what_does_not_compare_is_said(workspace: Any) -> None:
    for name, digest in (("base", "a"), ("half", "b")):
        record = {"inputs": {"facilities/buildings.csv": digest, "fmtool.toml": digest}}
        (workspace.results.parent / name / "run.json").write_text(json.dumps(record), encoding="utf-8")
    said = " ".join(remark.en for remark in compare_scenarios(workspace, ["base", "half"]).remarks)
    assert "discount rates differ" in said
    assert "facilities/buildings.csv" in said
    assert "fmtool.toml" not in said


def test_a_scenario_that_rests_on_estimates_says_how_much(
    base: PlanResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    identity = base.facilities["facility_id"].iloc[0]
    row = {"facility_id": identity, "column": "built_year", "value": "1980", "rule_ja": "推定", "rule_en": "estimated",
           "basis": "estimated", "low": 1970.0, "high": 1990.0}  # fmt: skip
    for plan in (base, dataclasses.replace(_other(base), guesses=pd.DataFrame([row]))):
        folder = tmp_path / "results" / plan.scenario
        folder.mkdir(parents=True)
        write_results(plan, folder)
    comparison = compare_scenarios(_workspace(tmp_path), ["base", "half"])
    rests = float(base.facility_outlay[0].sum())
    rate = rests / base.facility_outlay.sum()
    show_comparison(comparison, Output("ja"))
    said = capsys.readouterr().out
    assert "half: 推定値 1件（1施設）を含みます。工事費等のうち" in said
    assert f"（{rate:.0%}）は、建築年度か延床面積が推定の施設の分" in said
    assert "base: 推定値" not in said
    out = Output("en", as_json=True)
    show_comparison(comparison, out)
    out.finish()
    told = json.loads(capsys.readouterr().out)
    assert told["estimates"]["base"]["values"] == 0
    assert told["estimates"]["half"]["outlay"] == pytest.approx(rests, abs=1)
    assert [each["estimated_values"] for each in told["scenarios"]] == [0, 1]
    with (write_comparison_files(comparison, tmp_path / "results", "ja")[0]).open(encoding="utf-8-sig") as file:
        assert [float(each["estimated_outlay"]) for each in csv.DictReader(file)] == [0, pytest.approx(rests, abs=1)]


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_table_and_the_changes_are_printed(workspace: Any, capsys: pytest.CaptureFixture[str], lang: Any) -> None:
    comparison = compare_scenarios(workspace, ["base", "half"])
    out = Output(lang)
    show_comparison(comparison, out)
    said = capsys.readouterr().out
    assert ("実質負担" if lang == "ja" else "own burden") in said
    assert ("売却" if lang == "ja" else "Sell") in said
    told = Output(lang, as_json=True)
    show_comparison(comparison, told)
    told.finish()
    data = json.loads(capsys.readouterr().out)
    assert data["other_actions"] == 1
    assert data["changes"][0]["decided"]["half"]["action"] == "sell"
    assert [row["scenario"] for row in data["scenarios"]] == ["base", "half"]


def test_hostile_names_stay_text(base: PlanResult, workspace: Any) -> None:
    for plan in (base, _other(base)):
        facilities = plan.facilities.assign(name='=HYPERLINK("x")')
        write_results(dataclasses.replace(plan, facilities=facilities), workspace.results.parent / plan.scenario)
    write_comparison_files(compare_scenarios(workspace, ["base", "half"]), workspace.results.parent, "ja")
    folder = workspace.root / "results" / "compare"
    frame = pd.read_csv(folder / CHANGES)
    assert set(frame["name"]) == {'\'=HYPERLINK("x")'}
    book = openpyxl.load_workbook(folder / WORKBOOK)
    cells = [cell for row in book.worksheets[1].iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert '=HYPERLINK("x")' in {cell.value for cell in cells}


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_finds_the_same_totals(workspace: Any, tmp_path: Path) -> None:
    write_comparison_files(compare_scenarios(workspace, ["base", "half"]), workspace.results.parent, "ja")
    path = workspace.root / "results" / "compare" / WORKBOOK
    cached, formulas = openpyxl.load_workbook(path, data_only=True), openpyxl.load_workbook(path)
    formulas.save(tmp_path / "bare.xlsx")
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx"]
    command += ["--outdir", str(tmp_path / "out"), str(tmp_path / "bare.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    computed = openpyxl.load_workbook(tmp_path / "out" / "bare.xlsx", data_only=True)
    seen = 0
    for sheet in formulas:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            value = computed[sheet.title][cell.coordinate].value
            assert value == pytest.approx(cached[sheet.title][cell.coordinate].value, abs=0.0005), cell.coordinate
            seen += 1
    assert seen > 100


def test_charts_of_money_are_drawn_in_both_languages(financed: PlanResult) -> None:
    years, sources = financed.years, sources_by_year(financed)
    for lang in ("ja", "en") if japanese_font() else ("en",):
        same = [charts.sources_chart(years, sources, lang=lang) for _ in range(2)]
        assert same[0] == same[1]
        ratio = yearly_column(financed, "future_burden_ratio")
        svg = charts.ratio_chart(years, ratio, 1.75, name=RATIOS["future_burden_ratio"], mean=ratio, lang=lang)
        assert b"<svg" in svg


def test_the_command_compares_what_stands_in_the_workspace(
    base: PlanResult, workspace_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for plan in (base, dataclasses.replace(_other(base), scenario="budget_down")):
        folder = workspace_folder / "results" / plan.scenario
        folder.mkdir(parents=True)
        write_results(plan, folder)
    assert main(["-C", str(workspace_folder), "--json", "compare"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["scenario"] for row in told["scenarios"]] == ["base", "budget_down"]
    assert (workspace_folder / "results" / "compare" / WORKBOOK).is_file()
    assert main(["-C", str(workspace_folder), "--lang", "en", "compare", "base", "prices_60"]) == 1
    assert "fmtool plan --scenario prices_60" in capsys.readouterr().err
    assert main(["-C", str(workspace_folder), "compare", "base", "nowhere"]) == 2


def test_a_missing_plan_is_made_when_asked(
    base: PlanResult, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = []

    def plan_now(root: str, name: str, _lang: str) -> None:
        made.append(name)
        folder = Path(root) / "results" / name
        folder.mkdir(parents=True)
        write_results(dataclasses.replace(_other(base), scenario=name), folder)

    monkeypatch.setattr(sweep, "plan_scenario", plan_now)
    assert main(["-C", str(workspace_folder), "--json", "compare", "base", "prices_20", "--plan"]) == 0
    assert made == ["base", "prices_20"]
    assert len(json.loads(capsys.readouterr().out)["scenarios"]) == 2


def test_the_samples_scenarios_can_all_be_read(workspace_folder: Path) -> None:
    scenarios = read_config(workspace_folder / "fmtool.toml").scenario
    assert {"population_low", "population_high", "prices_40", "revenue_down", "budget_down", "discount_0"} <= set(
        scenarios
    )
    base = read_config(workspace_folder / "fmtool.toml")
    for name in scenarios:
        own = read_config(workspace_folder / "fmtool.toml", name)
        assert own.model_dump(exclude={"scenario"}) != base.model_dump(exclude={"scenario"}), name
    for name in ("prices_20", "prices_40", "prices_60"):  # dearer works, no more money
        own = read_config(workspace_folder / "fmtool.toml", name)
        share, before = own.budget.share_of_replace_mean, base.budget.share_of_replace_mean
        assert share is not None
        assert before is not None
        assert share * own.case.construction_price_factor == pytest.approx(before, rel=1e-3)
