"""The results folder: every file or none, and a record that tells two runs apart."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import json
import re
import shutil

import pytest

from fmtool.inventory import read_inventory
from fmtool.schedule.store import read_result, write_results
from fmtool.views import results
from fmtool.views.results import draw_map_again, draw_report_again, input_hashes, write_all

FILES = {
    "plan.json", "schedule.csv", "yearly.csv", "schedule.xlsx", "map.html", "report.html", "plan.gpkg", "run.json",
    "costs.csv", "costs.png", "cards.html", "facilities.geojson", "districts.geojson",
}  # fmt: skip


@pytest.fixture
def written(result, workspace):
    """Write the synthetic plan into a copy of the sample."""
    inventory = read_inventory(workspace)
    stages = []
    write_all(result, inventory, workspace, "ja", stages.append)
    return workspace, inventory, stages


def test_a_plan_writes_every_promised_file_and_tells_what_it_does(written):
    workspace, _, stages = written
    assert {path.name for path in workspace.results.iterdir()} >= FILES
    assert all(path.stat().st_size > 0 for path in workspace.results.iterdir() if path.is_file())
    assert len(stages) == 5
    assert [path.name for path in workspace.results.parent.iterdir()] == ["base"]


@pytest.mark.usefixtures("sketches")
def test_a_plan_that_cannot_be_written_whole_leaves_the_last_one(written, result, monkeypatch):
    workspace, inventory, _ = written
    before = {path.name: path.read_bytes() for path in workspace.results.rglob("*") if path.is_file()}

    def fail(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(results, "write_report", fail)
    with pytest.raises(OSError, match="No space"):
        write_all(result, inventory, workspace, "ja")
    assert {path.name: path.read_bytes() for path in workspace.results.rglob("*") if path.is_file()} == before
    assert [path.name for path in workspace.results.parent.iterdir()] == ["base"]


@pytest.mark.usefixtures("sketches")
def test_a_plan_is_drawn_again_in_another_language_without_solving(written):
    workspace, inventory, _ = written
    decided = (workspace.results / "plan.json").read_bytes()
    again = read_result(workspace.results)
    files = [*draw_map_again(again, inventory, workspace, "en"), *draw_report_again(again, workspace, "en")]
    assert [path.name for path in files] == ["map.html", "report.html", "cards.html", "schedule.xlsx"]
    assert '<html lang="en"' in (workspace.results / "report.html").read_text(encoding="utf-8")
    assert (workspace.results / "plan.json").read_bytes() == decided


@pytest.mark.usefixtures("sketches")
def test_the_map_finds_other_scenarios_and_asks_for_tiles_only_when_told(written, result):
    workspace, inventory, _ = written
    page = workspace.results / "map.html"
    assert "https://cyberjapandata" not in page.read_text(encoding="utf-8")
    beside = workspace.results.parent / "poor"
    beside.mkdir()
    write_results(dataclasses.replace(result, scenario="poor"), beside)
    try:
        draw_map_again(result, inventory, workspace, "ja", "gsi")
    finally:
        shutil.rmtree(beside)
    text = page.read_text(encoding="utf-8")
    assert "img-src data: blob: https://cyberjapandata.gsi.go.jp;" in text
    held = re.search(r'<script type="([^"]+)" id="fm-data">([^<]+)<', text)
    content = json.loads(held[2] if held[1].endswith("json") else gzip.decompress(base64.b64decode(held[2])))
    assert [plan["meta"]["scenario"] for plan in content["plans"]] == ["base", "poor"]
    draw_map_again(result, inventory, workspace, "ja")
    assert "https://cyberjapandata" not in page.read_text(encoding="utf-8")


@pytest.mark.usefixtures("sketches")
def test_the_record_holds_every_input_and_changes_with_it(written):
    workspace, _, _ = written
    record = json.loads((workspace.results / "run.json").read_text(encoding="utf-8"))
    assert record["inputs"] == input_hashes(workspace)
    assert {"fmtool.toml", "facilities/buildings.csv", "models/services.csv", "models/unit_costs.toml"} <= set(
        record["inputs"]
    )
    with (workspace.root / "facilities" / "buildings.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    changed = {name for name, digest in input_hashes(workspace).items() if digest != record["inputs"][name]}
    assert changed == {"facilities/buildings.csv"}
