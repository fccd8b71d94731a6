"""What a plan says of the estimates that it rests on, in the workbook and in the report."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from fmtool.schedule.result import PlanResult
from fmtool.text import Lang
from fmtool.views.estimates import estimates_of
from fmtool.views.report import write_report
from fmtool.views.workbook import write_workbook


@pytest.fixture
def estimated(result: PlanResult) -> PlanResult:
    """Let the year and area of the first facility be estimates, and the structure of the second an assumption."""
    first, second = result.facilities["facility_id"].iloc[:2]
    blank = [np.nan] * 5
    rows = [
        [first, "structure", "RC", "規則", "by rule", "assumed", *blank],
        [first, "built_year", "1980", "推定年", "estimated year", "estimated", 1970.0, 1990.0, 1e9, 4e9, 3e9],
        [first, "floor_area_m2", "500", "推定面積", "estimated area", "estimated", 400.0, 700.0, 1e9, 6e9, 5e9],
        [second, "structure", "RC", "規則", "by rule", "assumed", *blank],
    ]
    names = [
        "facility_id",
        "column",
        "value",
        "rule_ja",
        "rule_en",
        "basis",
        "low",
        "high",
        "cost_low",
        "cost_high",
        "cost_effect",
    ]
    return dataclasses.replace(result, guesses=pd.DataFrame(rows, columns=names))


def test_the_outlay_of_facilities_with_an_estimated_year_or_area_is_counted(estimated: PlanResult) -> None:
    found = estimates_of(estimated)
    assert (found.count, found.facilities) == (2, 1)
    assert found.outlay == pytest.approx(estimated.facility_outlay[0].sum())
    assert found.outlay_rate == pytest.approx(estimated.facility_outlay[0].sum() / estimated.facility_outlay.sum())
    assert found.first.index.tolist() == ["floor_area_m2", "built_year"]
    assert "`floor_area_m2`" in found.sentences("JPY")[1].en


def test_a_plan_without_estimates_says_nothing_of_them(result: PlanResult) -> None:
    assert estimates_of(result).sentences("JPY") == []


@pytest.mark.parametrize(
    ("lang", "sheet", "word"),
    [("ja", "補完値", "まず集めるとよいのは「延床面積」"), ("en", "Filled-in values", "Collect `floor_area_m2` first")],
)
def test_workbook_and_report_say_which_datum_to_collect(
    estimated: PlanResult, tmp_path: Path, lang: Lang, sheet: str, word: str
) -> None:
    write_workbook(estimated, tmp_path / "plan.xlsx", lang)
    page = load_workbook(tmp_path / "plan.xlsx")[sheet]
    assert word in page["A4"].value
    first = [cell.value for cell in page[7]]
    assert first[5:] == ["floor_area_m2", 400, 700, 5e9]  # the largest effect stands first
    write_report(estimated, tmp_path / "report.html", lang)
    assert word in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("lang", "sheet"), [("ja", "補完値"), ("en", "Filled-in values")])
def test_the_workbook_shows_the_shares_of_an_estimated_structure(
    estimated: PlanResult, tmp_path: Path, lang: Lang, sheet: str
) -> None:
    guesses = estimated.guesses.assign(shares="")
    guesses.loc[3, ["basis", "shares"]] = ["estimated", "RC 85%, S 15%"]
    write_workbook(dataclasses.replace(estimated, guesses=guesses), tmp_path / "plan.xlsx", lang)
    page = load_workbook(tmp_path / "plan.xlsx")[sheet]
    told = {(row[0].value, row[5].value): row[6].value for row in page.iter_rows(min_row=7)}
    second = estimated.facilities["facility_id"].iloc[1]
    assert told[second, "structure"] == "RC 85%, S 15%"
