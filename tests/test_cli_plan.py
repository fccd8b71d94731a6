"""The main job from the command line, on a corner of the sample city."""

from __future__ import annotations

import csv
import json
import re

import pytest

from fmtool.cli import main
from fmtool.schedule.result import PlanResult


@pytest.fixture(autouse=True)
def plain_window(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("LANG", "en_US.UTF-8")


def rewrite(ledger, change) -> None:
    """Rewrite the ledger's rows by a function that returns a row, or None to leave it out."""
    with ledger.open(encoding="utf-8-sig", newline="") as file:
        rows = [kept for row in csv.DictReader(file) if (kept := change(row)) is not None]
    with ledger.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def corner(workspace_folder):
    """Keep the facilities of two districts of the sample."""
    districts = {"岩田", "豊"}
    rewrite(
        workspace_folder / "facilities" / "buildings.csv",
        lambda row: row if row["district"] in districts else None,
    )
    return workspace_folder


def test_a_plan_is_made_written_and_drawn_again(capsys, corner):
    assert main(["-C", str(corner), "--json", "plan", "--gap", "0.05", "--time-limit", "60"]) == 0
    told = json.loads(capsys.readouterr().out)
    plan = json.loads((corner / "results" / "base" / "plan.json").read_text(encoding="utf-8"))
    assert told["status"] in {"optimal", "feasible"}
    assert told["objective"] == pytest.approx(plan["objective"])
    assert told["gap"] <= 0.05
    assert any("Consolidation bond ends with FY2026" in each["en"] for each in told["ending_programmes"])
    assert sum(row["count"] for row in told["actions"]) >= len(plan["decisions"]) > 0
    for command, files in (("map", ["map.html"]), ("report", ["report.html", "cards.html", "schedule.xlsx"])):
        assert main(["-C", str(corner), "--json", "--lang", "en", command]) == 0
        written = json.loads(capsys.readouterr().out)["files"]
        assert [path.rsplit("/", 1)[-1] for path in written] == files


def test_limits_that_clash_end_with_3_and_leave_the_last_results(capsys, corner):
    results = corner / "results" / "base"
    results.mkdir(parents=True)
    (results / "plan.json").write_text("of the last run", encoding="utf-8")
    config = corner / "fmtool.toml"
    text = config.read_text(encoding="utf-8")
    poor, count = re.subn(r"^share_of_replace_mean = .*$", "yearly = 1", text, count=1, flags=re.MULTILINE)
    assert count == 1
    config.write_text(poor, encoding="utf-8")
    locked = {"T001", "T002"}
    rewrite(
        corner / "facilities" / "buildings.csv",
        lambda row: row | ({"locked": "rebuild:2030"} if row["id"] in locked else {}),
    )
    assert main(["-C", str(corner), "--lang", "en", "plan"]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: no schedule keeps every limit")
    assert "short by" in captured.err or "over by" in captured.err
    assert "\n\nhint: " in captured.err
    assert main(["-C", str(corner), "--json", "--lang", "en", "plan"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert told["is_confirmed"]
    assert {"family", "year", "amount", "unit", "ja", "en"} <= set(told["relaxed"][0])
    assert (results / "plan.json").read_text(encoding="utf-8") == "of the last run"


@pytest.mark.parametrize("command", ["map", "report"])
def test_drawing_again_before_any_plan_says_to_plan_first(capsys, corner, command):
    assert main(["-C", str(corner), "--lang", "en", command]) == 1
    assert "fmtool plan" in capsys.readouterr().err


def test_options_of_the_call_stand_over_those_of_the_file(capsys, monkeypatch, corner):
    asked = {}

    def no_plan(workspace, **_options) -> PlanResult:
        asked.update(workspace.config.solver.model_dump())
        raise KeyboardInterrupt

    monkeypatch.setattr("fmtool.schedule.run.plan_schedule", no_plan)
    assert main(["-C", str(corner), "plan", "--gap", "0.02", "--time-limit", "5", "--solver", "cbc"]) == 130
    assert (asked["gap"], asked["time_limit_s"], asked["name"]) == (0.02, 5.0, "cbc")
    assert capsys.readouterr().err.rstrip().endswith(("interrupted", "中断しました"))


@pytest.mark.usefixtures("sketches")
def test_decisions_and_years_are_explained_from_the_results(capsys, corner):
    assert main(["-C", str(corner), "explain", "T001"]) == 1  # nothing planned yet
    capsys.readouterr()
    assert main(["-C", str(corner), "--json", "plan", "--gap", "0.05"]) == 0
    capsys.readouterr()
    assert main(["-C", str(corner), "--json", "explain", "T001"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["facility"]["facility_id"] == "T001"
    assert {row["action"]["en"] for row in told["excluded"]} | {row["action"]["en"] for row in told["options"]}
    assert main(["-C", str(corner), "--lang", "en", "explain", "2030"]) == 0
    said = capsys.readouterr().out
    assert "FY2030" in said
    assert "estimate" not in said
    assert main(["-C", str(corner), "--lang", "en", "explain", "1999"]) == 2
    assert "neither a costed facility nor a planned year" in capsys.readouterr().err


@pytest.mark.usefixtures("sketches")
def test_a_year_and_a_comparison_say_how_much_rests_on_estimates(capsys, corner):
    rewrite(corner / "facilities" / "buildings.csv", lambda row: row | {"built_year": ""})
    config = corner / "fmtool.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("[budget]", "[inventory]\nestimate_missing = true\n\n[budget]", 1), encoding="utf-8")
    assert main(["-C", str(corner), "--json", "plan", "--gap", "0.05"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["estimates"]["outlay_rate"] == pytest.approx(1.0)
    assert main(["-C", str(corner), "--lang", "ja", "explain", "2030"]) == 0
    said = capsys.readouterr().out
    assert f"推定値 {plan['estimates']['values']:,}件" in said
    assert "2030年度（令和12年度）の工事費等のうち" in said
    assert main(["-C", str(corner), "--json", "explain", "2030"]) == 0
    told = json.loads(capsys.readouterr().out)["estimates"]
    assert {name: told[name] for name in plan["estimates"]} == pytest.approx(plan["estimates"], rel=1e-6)
    assert told["year_outlay_rate"] in (0.0, pytest.approx(1.0))
    assert main(["-C", str(corner), "--lang", "en", "compare", "base", "budget_down", "--plan"]) == 0
    said = capsys.readouterr().out
    assert "base: Holds" in said
    assert "budget_down: Holds" in said


@pytest.mark.usefixtures("sketches")
def test_a_plan_made_again_keeps_the_works_done_and_tells_what_changed(capsys, corner):
    assert main(["-C", str(corner), "plan", "--from", "2029"]) == 1  # no plan to go on from
    assert main(["-C", str(corner), "--json", "plan", "--gap", "0.05"]) == 0
    capsys.readouterr()
    results = corner / "results" / "base"
    before = json.loads((results / "plan.json").read_text(encoding="utf-8"))["decisions"]
    done = [each for each in before if each["start_year"] and each["start_year"] < 2029]
    assert done
    rows = [f"{e['facility_id']},{e['action']},{e['start_year']},{e['cost'] + 7},{e['host_id'] or ''}" for e in done]
    text = "facility_id,action,start_year,cost,host_id\n" + "\n".join(rows)
    (corner / "facilities" / "works.csv").write_text(text, encoding="utf-8")
    config = corner / "fmtool.toml"
    old = config.read_text(encoding="utf-8")
    config.write_text(old.replace("[files]\n", '[files]\nworks = "facilities/works.csv"\n', 1), encoding="utf-8")
    arguments = ["-C", str(corner), "--json", "plan", "--from", "2029", "--gap", "0.05", "--stability", "1e12"]
    assert main(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    after = json.loads((results / "plan.json").read_text(encoding="utf-8"))["decisions"]
    early = {
        (e["facility_id"], e["action"], e["start_year"], e["cost"]) for e in after if (e["start_year"] or 9999) < 2029
    }
    assert early == {(e["facility_id"], e["action"], e["start_year"], e["cost"] + 7) for e in done}
    # At so high a charge nothing changes.
    assert told["changed"] == 0
    assert (results / "changes.csv").read_text(encoding="utf-8-sig").count("\n") == 1
