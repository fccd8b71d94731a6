"""What `fmtool check` says of finances and funding programmes, faults and warnings alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from fmtool.views.check import CheckReport, check_workspace

CONFIG, FINANCE, FUNDING = "fmtool.toml", "facilities/finance.csv", "models/funding.toml"


@pytest.fixture
def city(workspace_folder: Path) -> Path:
    """Return a copy of the sample workspace that gives its finances."""
    path = workspace_folder / CONFIG
    text = path.read_text(encoding="utf-8")
    if "\nfinance = " not in text:
        text = text.replace("[files]\n", f'[files]\nfinance = "{FINANCE}"\n')
    path.write_text(text, encoding="utf-8")
    return workspace_folder


def spoil(folder: Path, file: str, before: str, after: str) -> CheckReport:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return check_workspace(folder)


def said(report: CheckReport) -> str:
    return "\n".join(notice.en for notice in report.notices)


def test_the_sample_is_sound_and_its_ratios_and_ends_are_told(city: Path) -> None:
    report = check_workspace(city)
    assert report.faults == []
    assert report.city is not None
    assert len(report.programmes) >= 8
    assert "a real debt service ratio of 3.8% (single year) and a future burden ratio of 33.3% in FY2026" in said(
        report
    )
    assert "Consolidation bond ends with FY2026 (an assumed end)" in said(report)
    assert "Disaster-prevention bond ends with FY2025; it is not used in this plan" in said(report)


def test_an_extended_programme_is_warned_of_no_more(city: Path) -> None:
    report = spoil(city, FUNDING, "valid_to = { value = 2025", "valid_to = { value = 2065")
    assert "Decarbonisation" not in said(report)
    assert "Disaster-prevention" in said(report)


def test_without_finances_no_programme_is_warned_of(city: Path) -> None:
    report = spoil(city, CONFIG, "\nfinance = ", "\n# finance = ")
    assert report.city is None
    assert "ends with FY" not in said(report)


def test_ratio_limits_without_finances_are_said_to_hold_nothing(city: Path) -> None:
    text = (city / CONFIG).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(("finance = ", "future_burden_ratio"))]
    lines.insert(
        lines.index(next(line for line in lines if line.startswith("[limits]"))) + 1, "future_burden_ratio = 1.75"
    )
    (city / CONFIG).write_text("\n".join(lines), encoding="utf-8")
    report = check_workspace(city)
    assert report.faults == []
    assert "`limits.future_burden_ratio` limits nothing without a file of the city's finances" in said(report)


def test_finances_without_programmes_are_said_to_borrow_nothing(city: Path) -> None:
    (city / FUNDING).unlink()
    assert "no funding programme; the plan has no subsidy and borrows nothing" in said(check_workspace(city))


def test_faults_of_ledger_finances_and_programmes_are_told_together(city: Path) -> None:
    spoil(city, FINANCE, "standard_fiscal_size,2021,76000", "standard_fiscal_size,2021,多い")
    spoil(city, FUNDING, 'value = ["merge"]', 'value = ["merges"]')
    report = spoil(
        city, "facilities/buildings.csv", "T001,岩田校区市民館,civic_culture", "T001,岩田校区市民館,市民の何か"
    )
    faults = [fault.ja for fault in report.faults]
    assert any(fault.startswith("facilities/finance.csv 2行目 `value`「多い」") for fault in faults)
    assert any(fault.startswith("models/funding.toml: `consolidation.actions`") for fault in faults)
    assert any("facilities/buildings.csv 2行目" in fault for fault in faults)


def test_faults_of_the_finances_are_told_beside_faulty_assumptions(city: Path) -> None:
    spoil(city, FUNDING, "value = 0.75", "valeu = 0.75")
    report = spoil(city, FINANCE, "assumed,", "guessed,")
    faults = [fault.en for fault in report.faults]
    assert any("`basis` 'guessed'" in fault for fault in faults)
    assert any("models/funding.toml" in fault for fault in faults)


def test_a_limit_that_todays_debt_oversteps_is_warned_of(city: Path) -> None:
    text = (city / CONFIG).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("debt_service_ratio")]
    lines.insert(
        lines.index(next(line for line in lines if line.startswith("[limits]"))) + 1, "debt_service_ratio = 0.03"
    )
    (city / CONFIG).write_text("\n".join(lines), encoding="utf-8")
    report = check_workspace(city)
    assert report.faults == []
    assert "today's debt alone oversteps the limit of the real debt service ratio (3.0%) in " in said(report)


def test_a_national_threshold_that_is_reached_is_told(city: Path) -> None:
    report = spoil(city, FINANCE, "debt_service,2021,13054", "debt_service,2021,26000")
    assert "national threshold" not in said(report)
    report = spoil(city, FINANCE, "debt_service,2026,13054", "debt_service,2026,26000")
    assert "the real debt service ratio of the first year, 23.1%, reaches the national threshold of 18%" in said(report)
