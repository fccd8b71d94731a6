"""fmtool.toml: what is accepted, and how each fault is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from fmtool.errors import WorkspaceError
from fmtool.workspace import read_config, read_workspace

CASE = """
[case]
name_ja = "試験市"
name_en = "Testville"
price_year = 2025
start_year = 2026
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "fmtool.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path, scenario: str | None = None) -> WorkspaceError:
    with pytest.raises(WorkspaceError) as caught:
        read_config(path, scenario)
    return caught.value


def test_a_case_of_five_entries_is_enough(tmp_path):
    config = read_config(write(tmp_path, CASE))
    assert config.case.years[0] == 2026
    assert len(config.case.years) == 40
    assert config.budget.share_of_replace_mean == 0.6
    assert config.fund is None


def test_a_file_from_a_windows_editor_is_read(tmp_path):
    path = tmp_path / "fmtool.toml"
    path.write_bytes(b"\xef\xbb\xbf" + CASE.replace("\n", "\r\n").encode())
    assert read_config(path).case.name.ja == "試験市"


@pytest.mark.parametrize("text", [b"[case\n", "[case]\nname_ja = '試験市'".encode("cp932")])
def test_what_is_not_toml_is_refused_with_its_path(tmp_path, text):
    path = tmp_path / "fmtool.toml"
    path.write_bytes(text)
    assert str(path) in refusal(path).message.en


def test_every_fault_is_told_at_once(tmp_path):
    error = refusal(write(tmp_path, CASE + "horizon_years = 0\ndiscount_rate = 2\n[limits]\nworks = 3\n"))
    told = [fault.en for fault in error.faults]
    assert len(told) == 3
    assert "`case.horizon_years`" in told[0]
    assert "`case.discount_rate`" in told[1]
    assert "`limits.works`" in told[2]
    assert "未知の項目" in error.faults[2].ja


def test_a_missing_entry_is_named(tmp_path):
    error = refusal(write(tmp_path, CASE.replace("price_year = 2025", "")))
    assert [fault.en for fault in error.faults] == ["fmtool.toml: `case.price_year` field required"]


@pytest.mark.parametrize("budget", ["", "share_of_replace_mean = 0.5\nyearly = 1_000_000_000"])
def test_a_budget_follows_exactly_one_rule(tmp_path, budget):
    assert "budget" in refusal(write(tmp_path, f"{CASE}[budget]\n{budget}\n")).faults[0].en


def test_a_scenario_is_laid_over_the_case_entry_by_entry(tmp_path):
    path = write(
        tmp_path,
        CASE
        + "[budget]\nshare_of_replace_mean = 0.6\n[limits]\nworks_under_way = 9\nmerges_per_district = 2\n"
        + "[scenario.tight.budget]\nyearly = 500_000_000\n[scenario.tight.limits]\nworks_under_way = 4\n",
    )
    tight = read_config(path, "tight")
    assert tight.budget.yearly == 500_000_000
    assert tight.budget.share_of_replace_mean is None
    assert (tight.limits.works_under_way, tight.limits.merges_per_district) == (4, 2)
    assert read_config(path, "base").limits.works_under_way == 9


def test_an_unknown_scenario_names_those_that_exist(tmp_path):
    error = refusal(write(tmp_path, CASE + "[scenario.tight.limits]\nworks_under_way = 1\n"), "loose")
    assert "`loose`" in error.message.en
    assert error.hint is not None
    assert "base, tight" in error.hint.en


def test_a_fault_inside_a_scenario_is_found(tmp_path):
    path = write(tmp_path, CASE + "[scenario.tight.limits]\nworks_under_way = -1\n")
    assert "`limits.works_under_way`" in refusal(path, "tight").faults[0].en


@pytest.mark.parametrize("text", ["scenario = 3\n" + CASE, CASE + "[scenario]\ntight = 3\n"])
def test_a_scenario_that_is_no_table_is_a_fault_not_a_crash(tmp_path, text):
    assert refusal(write(tmp_path, text), "tight").message.en


def test_a_scenario_name_that_would_leave_the_results_folder_is_refused(tmp_path):
    path = write(tmp_path, CASE + '[scenario."../x".limits]\nworks_under_way = 1\n')
    assert "`scenario.../x" in refusal(path, "../x").faults[0].en


def test_the_sample_is_in_order(workspace_folder):
    workspace = read_workspace(workspace_folder)
    assert workspace.config.case.horizon_years == 40
    assert workspace.results == workspace_folder / "results" / "base"
