"""What `fmtool plan` prints of a plan: counts that cannot be misread, sums, and paths that can be opened."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from fmtool.cli.output import Output
from fmtool.cli.sheets import show_plan
from fmtool.schedule.result import PlanResult


@pytest.fixture
def merged(result: PlanResult) -> PlanResult:
    """Two facilities: the first merged for 5 million, its building demolished for 1 and its site sold for 2."""
    head = result.facilities.iloc[[0, 1]].assign(decision=["merge", "keep"])
    first, host = head["facility_id"]
    events = pd.DataFrame(
        [
            [first, "a", "school", "merge", 2028, 2029, 5e6, host],
            [first, "a", "school", "demolish", 2030, 2030, 1e6, None],
            [first, "a", "school", "sell", 2031, 2031, 2e6, None],
        ],
        columns=result.events.columns[:8],
    )
    return dataclasses.replace(result, facilities=head, events=events)


def _shown(result: PlanResult, folder: Path, capsys: pytest.CaptureFixture[str], **options: Any) -> str:
    out = Output(**options)
    no_finances = SimpleNamespace(files=SimpleNamespace(finance=None))
    show_plan(result, SimpleNamespace(results=folder, config=no_finances), out)  # type: ignore[arg-type]
    out.finish()
    return capsys.readouterr().out


def test_actions_and_facilities_are_counted_apart(
    merged: PlanResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(_shown(merged, tmp_path, capsys, lang="en", as_json=True))
    counted = {row["action"]: (row["count"], row["facilities"], row["cost"]) for row in told["actions"]}
    assert counted == {"merge": (1, 1, 5e6), "demolish": (1, 0, 1e6), "sell": (1, 0, 2e6)}
    assert told["outlay_total"] == pytest.approx(merged.yearly["outlay"].sum())
    assert (told["assumptions"], told["assumptions_without_source"], told["guesses"]) == (3, 2, 1)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ja", ("一つの施設に複数の対策があります", "年平均", "基金残高の最小", "うち出典のない仮定 2件", "補った値 1件")),
        ("en", ("may have several actions", "a year; budget", "fund at its lowest", "3 assumptions (2 without", "1 values")),
    ],
)  # fmt: skip
def test_sums_assumptions_and_whole_paths_are_said(
    merged: PlanResult, tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: Any, words: tuple[str, ...]
) -> None:
    said = _shown(merged, tmp_path, capsys, lang=lang)
    for word in words:
        assert word in said
    for file in ("map.html", "schedule.xlsx", "report.html"):
        assert str(tmp_path / file) in said.replace("\n", "")


def test_a_plan_of_one_action_each_needs_no_remark(
    merged: PlanResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    single = dataclasses.replace(merged, events=merged.events.iloc[:1])
    assert "may have several actions" not in _shown(single, tmp_path, capsys, lang="en")
