"""The workbook, opened again: its figures are the plan's, its totals are live, its text is text."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from fmtool.schedule.result import SOURCES, PlanResult
from fmtool.views.workbook import write_workbook
from fmtool.views.workbook_page import SHEETS
from fmtool.vocabulary import ACTIONS

YEN = 0.5 / 1000
"""Half a yen in thousands: what a figure may differ by."""
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
HOSTILE = ("<script>alert(1)</script>", '=HYPERLINK("x")', "+1+1", "-1", "@SUM(A1)", "\tTab & <b>")


@dataclasses.dataclass
class Opened:
    """A workbook read twice: its formulas and its values."""

    formulas: Any
    figures: Any

    def head_row(self, sheet: str, first: str) -> int:
        """Find the row of a header by its first cell; the last one when there are two."""
        return max(cell.row for cell in self.figures[sheet]["A"] if cell.value == first)

    def columns(self, sheet: str, row: int) -> dict[str, int]:
        """Map a header row's words to columns; of equal words the first counts."""
        found: dict[str, int] = {}
        for cell in self.figures[sheet][row]:
            if cell.value is not None:
                found.setdefault(str(cell.value), cell.column)
        return found


def _open(path: Path) -> Opened:
    return Opened(openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True))


@pytest.fixture(scope="module")
def opened(result: PlanResult, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    path = tmp_path_factory.mktemp("workbook") / "schedule.xlsx"
    write_workbook(result, path, "ja")
    return _open(path)


@pytest.fixture(scope="module")
def english(result: PlanResult, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    path = tmp_path_factory.mktemp("workbook") / "schedule.xlsx"
    write_workbook(result, path, "en")
    return _open(path)


def _formula_cells(book: Any) -> Iterator[tuple[str, Any]]:
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield sheet.title, cell


def test_every_sheet_is_there_in_both_languages(opened: Opened, english: Opened) -> None:
    assert opened.figures.sheetnames == [name.ja for name in SHEETS.values()]
    assert english.figures.sheetnames == [name.en for name in SHEETS.values()]


def test_yearly_totals_are_live_and_equal_the_plan_to_the_yen(opened: Opened, result: PlanResult) -> None:
    name = SHEETS["yearly"].ja
    head = opened.head_row(name, "西暦")
    columns = opened.columns(name, head)
    values, formulas = opened.figures[name], opened.formulas[name]
    acted = [code for code in ACTIONS if (result.spend_by_action[code] != 0).any()]
    for at, year in enumerate(result.years):
        row = head + 1 + at
        assert values.cell(row, 1).value == year
        parts = [values.cell(row, columns[ACTIONS[code].ja]).value for code in acted]
        for code, part in zip(acted, parts, strict=True):
            assert part * 1000 == pytest.approx(result.spend_by_action[code].iloc[at], abs=0.5)
        outlay, budget = result.yearly["outlay"].iloc[at], result.yearly["budget"].iloc[at]
        total = columns["合計"]
        assert formulas.cell(row, total).value.startswith("=SUM(")
        assert values.cell(row, total).value == pytest.approx(outlay / 1000, abs=YEN)
        assert sum(parts) == pytest.approx(outlay / 1000, abs=YEN)
        assert values.cell(row, columns["予算額"]).value * 1000 == pytest.approx(budget, abs=0.5)
        paid = result.yearly["fund_draw"].iloc[at]
        sources = [values.cell(row, columns[label.ja]).value for label in SOURCES.values()]
        assert sources == [0, 0, 0, pytest.approx(paid / 1000), 0, pytest.approx((outlay - paid) / 1000)]
        assert formulas.cell(row, columns["財源計"]).value.startswith("=SUM(")
        assert values.cell(row, columns["財源計"]).value == pytest.approx(outlay / 1000, abs=YEN)
        left = budget - (outlay - paid) - result.yearly["fund_deposit"].iloc[at]
        assert formulas.cell(row, columns["残額"]).value.startswith("=")
        assert values.cell(row, columns["残額"]).value * 1000 == pytest.approx(left, abs=0.5)
        assert values.cell(row, columns["基金残高"]).value * 1000 == pytest.approx(
            result.yearly["fund_balance"].iloc[at], abs=0.5
        )
    foot = head + 1 + len(result.years)
    for words, amounts in (
        ("合計", result.yearly["outlay"]),
        ("予算額", result.yearly["budget"]),
        ("従来型", result.baselines["replace"]),
        ("長寿命化型", result.baselines["extend"]),
        ("維持管理費", result.yearly["running"]),
    ):
        assert formulas.cell(foot, columns[words]).value.startswith("=SUM(")
        assert values.cell(foot, columns[words]).value == pytest.approx(float(np.sum(amounts)) / 1000, abs=YEN)
        mean = values.cell(foot + 1, columns[words]).value
        assert mean == pytest.approx(float(np.mean(amounts)) / 1000, abs=YEN)


def test_facility_rows_and_years_add_up_to_the_plan(opened: Opened, result: PlanResult) -> None:
    name = SHEETS["facilities"].ja
    head = opened.head_row(name, "施設ID")
    columns = opened.columns(name, head)
    values, formulas = opened.figures[name], opened.formulas[name]
    first_year = next(column for words, column in columns.items() if words.startswith(str(result.years[0])))
    total = columns["合計"]
    cells = np.zeros(result.facility_outlay.shape)
    for at, identity in enumerate(result.facilities["facility_id"]):
        row = head + 1 + at
        assert values.cell(row, 1).value == identity
        for year in range(len(result.years)):
            value = values.cell(row, first_year + year).value
            cells[at, year] = value if isinstance(value, int | float) else 0.0
        assert formulas.cell(row, total).value.startswith("=SUM(")
        assert values.cell(row, total).value == pytest.approx(result.facility_outlay[at].sum() / 1000, abs=YEN)
    np.testing.assert_allclose(cells * 1000, result.facility_outlay, atol=0.5)
    for year in range(len(result.years)):
        cell = formulas.cell(head - 1, first_year + year)
        assert cell.value.startswith("=SUBTOTAL(9,")
        assert values.cell(head - 1, first_year + year).value == pytest.approx(cells[:, year].sum(), abs=YEN)
    assert values.cell(head - 1, total).value == pytest.approx(result.yearly["outlay"].sum() / 1000, abs=YEN)


def test_a_cell_of_works_has_the_colour_and_mark_of_its_action(opened: Opened, result: PlanResult) -> None:
    name = SHEETS["facilities"].ja
    head = opened.head_row(name, "施設ID")
    columns = opened.columns(name, head)
    first_year = next(column for words, column in columns.items() if words.startswith(str(result.years[0])))
    event = result.events[result.events["action"] == "rebuild"].iloc[0]
    row = head + 1 + result.facilities["facility_id"].tolist().index(event["facility_id"])
    cell = opened.figures[name].cell(row, first_year + event["start_year"] - result.years[0])
    assert cell.fill.fgColor.rgb == "FFD55E00"
    assert "建" in cell.number_format


def test_comparison_gives_totals_peaks_and_present_values(opened: Opened, result: PlanResult) -> None:
    sheet = opened.figures[SHEETS["comparison"].ja]
    formulas = opened.formulas[SHEETS["comparison"].ja]
    head = next(cell.row for cell in sheet["C"] if cell.value == "合計（千円）")
    courses = (result.baselines["replace"], result.baselines["extend"], result.yearly["outlay"].to_numpy())
    for row, amounts in enumerate(courses, start=head + 1):
        assert sheet.cell(row, 3).value * 1000 == pytest.approx(amounts.sum(), abs=0.5)
        assert sheet.cell(row, 5).value * 1000 == pytest.approx(amounts.max(), abs=0.5)
        assert sheet.cell(row, 6).value == result.years[int(amounts.argmax())]
        discounted = sum(amount / 1.02 ** (at + 1) for at, amount in enumerate(amounts))
        assert formulas.cell(row, 9).value.startswith("=NPV(")
        assert sheet.cell(row, 9).value * 1000 == pytest.approx(discounted, abs=0.5)


def test_floor_area_leaves_a_year_without_target_blank(opened: Opened, result: PlanResult) -> None:
    name = SHEETS["levels"].ja
    head = opened.head_row(name, "西暦")
    columns = opened.columns(name, head)
    sheet = opened.figures[name]
    assert sheet.cell(head + 1, columns["目標値"]).value is None
    last = head + len(result.years)
    assert sheet.cell(last, columns["目標値"]).value == pytest.approx(result.yearly["floor_area_target_m2"].iloc[-1])
    for at in range(len(result.years)):
        area = sheet.cell(head + 1 + at, columns["延床面積"]).value
        assert area == pytest.approx(result.yearly["floor_area_m2"].iloc[at])


def test_checks_sheet_says_how_the_plan_was_found(opened: Opened, result: PlanResult) -> None:
    sheet = opened.figures[SHEETS["checks"].ja]
    facts = {row[0].value: row[1].value for row in sheet.iter_rows() if row[0].value}
    assert facts["最適性の差（ギャップ）"] == pytest.approx(result.gap)
    assert facts["価格基準年度"] == result.price_year
    assert facts["割引率（実質）"] == result.discount_rate
    assert facts["目的関数値（現在価値）"] * 1000 == pytest.approx(result.objective)
    assert facts["差"] == 0
    first = opened.figures.worksheets[0]["A2"].value
    assert "0.30%" in first
    assert str(result.price_year) in first
    assert "最適" in first


def test_assumptions_are_whole_and_the_unsourced_stand_out(opened: Opened, result: PlanResult) -> None:
    name = SHEETS["assumptions"].ja
    head = opened.head_row(name, "項目")
    sheet = opened.figures[name]
    for row, record in enumerate(result.assumptions.to_dict("records"), start=head + 1):
        assert sheet.cell(row, 1).value == record["label_ja"]
        assert sheet.cell(row, 2).value == record["value"]
        assert (sheet.cell(row, 1).fill.fgColor.rgb == "FFFFF2CC") == (record["basis"] == "assumed")
    guesses = opened.figures[SHEETS["guesses"].ja]
    said = [guesses.cell(7, column).value for column in (1, 3, 4, 6)]
    assert said == ["F00005", "構造", "鉄筋コンクリート造", "structure"]


def test_the_fund_is_carried_by_formulas(opened: Opened, result: PlanResult) -> None:
    name = SHEETS["fiscal"].ja
    head = opened.head_row(name, "西暦")
    columns = opened.columns(name, head)
    values, formulas = opened.figures[name], opened.formulas[name]
    before = 0.0
    for at, amount in enumerate(result.yearly["fund_balance"]):
        row = head + 1 + at
        moved = [values.cell(row, columns[words]).value for words in ("積立", "売却収入など", "取崩")]
        assert before + moved[0] + moved[1] - moved[2] == pytest.approx(amount / 1000, abs=YEN)
        assert formulas.cell(row, columns["基金残高"]).value.startswith("=")
        before = amount / 1000


@pytest.fixture(scope="module")
def paid(financed: PlanResult, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    path = tmp_path_factory.mktemp("workbook") / "schedule.xlsx"
    write_workbook(financed, path, "ja")
    return _open(path)


def test_what_pays_sums_to_the_works_of_each_year(paid: Opened, financed: PlanResult) -> None:
    name = SHEETS["yearly"].ja
    head = paid.head_row(name, "西暦")
    columns = paid.columns(name, head)
    values, formulas = paid.figures[name], paid.formulas[name]
    for at in range(len(financed.years)):
        row, year = head + 1 + at, financed.yearly.iloc[at]
        for source, label in SOURCES.items():
            assert values.cell(row, columns[label.ja]).value * 1000 == pytest.approx(year[source], abs=0.5)
        total = sum(values.cell(row, columns[label.ja]).value for label in SOURCES.values())
        assert total == pytest.approx(values.cell(row, columns["合計"]).value, abs=YEN)
        left = year["budget"] - year["general_funds"] - year["fund_deposit"]
        assert values.cell(row, columns["残額"]).value * 1000 == pytest.approx(left, abs=0.5)
        assert values.cell(row, columns["実質負担"]).value * 1000 == pytest.approx(year["own_burden"], abs=0.5)
    foot = head + 1 + len(financed.years)
    for source, label in SOURCES.items():
        assert formulas.cell(foot, columns[label.ja]).value.startswith("=SUM(")
        assert values.cell(foot, columns[label.ja]).value * 1000 == pytest.approx(
            financed.yearly[source].sum(), abs=0.5
        )


def test_ratios_stand_against_their_limits_as_they_are_published(paid: Opened, financed: PlanResult) -> None:
    name = SHEETS["fiscal"].ja
    head = paid.head_row(name, "西暦")
    columns = paid.columns(name, head)
    values, formulas = paid.figures[name], paid.formulas[name]
    burden = financed.yearly["future_burden_ratio"].to_numpy()
    assert (burden < 0).any()
    assert (burden > 0).any()
    for at in range(len(financed.years)):
        row = head + 1 + at
        single = financed.yearly["debt_service_ratio"].iloc[at]
        assert values.cell(row, columns["単年度"]).value == pytest.approx(single)
        assert values.cell(row, columns["上限"]).value == 0.125
        mean = values.cell(row, columns["3か年平均"]).value
        exact = financed.yearly["debt_service_ratio_3y"].iloc[at]
        assert 0 <= exact - mean < 0.001
        assert round(mean * 1000, 6) == round(mean * 1000)
        assert formulas.cell(row, columns["3か年平均"]).value.startswith("=TRUNC(" if at >= 2 else "=0.")
        cell = values.cell(row, columns["年度末"])
        assert cell.value == pytest.approx(burden[at])
        assert cell.number_format == '0.0%;"-"'
        for words, column in (
            ("残高", "bond_outstanding"),
            ("元利償還金", "debt_service"),
            ("交付税措置", "tax_grant"),
        ):
            assert values.cell(row, columns[words]).value * 1000 == pytest.approx(
                financed.yearly[column].iloc[at], abs=0.5
            )


def test_a_city_without_finances_has_no_ratios_and_is_told_why(opened: Opened) -> None:
    name = SHEETS["fiscal"].ja
    words = {cell.value for row in opened.figures[name].iter_rows() for cell in row if isinstance(cell.value, str)}
    assert not {"実質公債費比率", "将来負担比率", "地方債残高（千円）"} & words
    assert any("[files] finance" in word for word in words)


def test_limits_that_hold_the_plan_back_colour_their_years(result: PlanResult, tmp_path: Path) -> None:
    binding = [
        {"family": family, "year": 2031, "price": -0.25, "ja": f"{family}（2031年度）", "en": f"{family} (FY2031)"}
        for family in ("budget", "fund", "works", "floor")
    ]
    yearly = result.yearly.assign(works_limit=1e3)
    path = tmp_path / "schedule.xlsx"
    write_workbook(dataclasses.replace(result, binding=binding, yearly=yearly), path, "ja")
    book = _open(path)
    for code, words in (("yearly", "予算額"), ("fiscal", "基金残高"), ("levels", "上限"), ("levels", "目標値")):
        name = SHEETS[code].ja
        head = book.head_row(name, "西暦")
        column = book.columns(name, head)[words]
        coloured = [
            result.years[at]
            for at in range(len(result.years))
            if book.figures[name].cell(head + 1 + at, column).fill.fgColor.rgb == "FFFFF2CC"
        ]
        assert coloured == [2031], words
    checks = book.figures[SHEETS["checks"].ja]
    listed = [row for row in checks.iter_rows(values_only=True) if row[3] == 0.25]
    assert [row[2] for row in listed] == [2031] * 4


def test_wrapped_sources_have_room_and_nothing_is_written_as_nan(result: PlanResult, tmp_path: Path) -> None:
    long = result.assumptions.assign(source="出典の長い説明" * 40)
    path = tmp_path / "schedule.xlsx"
    write_workbook(dataclasses.replace(result, assumptions=long), path, "ja")
    book = _open(path)
    name = SHEETS["assumptions"].ja
    row = book.head_row(name, "項目") + 1
    assert book.figures[name].row_dimensions[row].height > 7 * 12
    for sheet in book.figures:
        for line in sheet.iter_rows(values_only=True):
            assert not {"nan", "NaN", "None", "<NA>", "inf"} & {value for value in line if isinstance(value, str)}


def test_hostile_text_stays_text_everywhere(result: PlanResult, tmp_path: Path) -> None:
    facilities = result.facilities.copy()
    facilities.loc[: len(HOSTILE) - 1, "name"] = list(HOSTILE)
    facilities.loc[: len(HOSTILE) - 1, "district"] = list(HOSTILE)
    facilities.loc[: len(HOSTILE) - 1, "reason_ja"] = list(HOSTILE)
    guesses = pd.DataFrame([["F00001", "structure", '=HYPERLINK("x")', "=1+1", "=1+1"]], columns=result.guesses.columns)
    assumptions = result.assumptions.assign(source='=cmd|"/c calc"!A1', label_ja="@x")
    hostile = dataclasses.replace(result, facilities=facilities, guesses=guesses, assumptions=assumptions)
    path = tmp_path / "schedule.xlsx"
    write_workbook(hostile, path, "ja")
    book = openpyxl.load_workbook(path)
    for _, cell in _formula_cells(book):
        assert not re.search("HYPERLINK|cmd|1\\+1", cell.value)
    found = {cell.value for row in book[SHEETS["facilities"].ja].iter_rows() for cell in row if cell.data_type == "s"}
    assert {"<script>alert(1)</script>", '=HYPERLINK("x")', "+1+1", "-1", "@SUM(A1)"} <= found
    assert not any(sheet._hyperlinks for sheet in book)


def test_sheets_freeze_filter_and_print_on_a3(opened: Opened) -> None:
    for sheet in opened.formulas:
        assert sheet.freeze_panes, sheet.title
        assert sheet.auto_filter.ref, sheet.title
        assert sheet.page_setup.orientation == "landscape"
        assert int(sheet.page_setup.paperSize) == 8
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_area
        assert sheet.print_title_rows
    assert opened.formulas[SHEETS["facilities"].ja].print_title_cols


def test_charts_are_native(opened: Opened) -> None:
    for code in ("yearly", "fiscal", "levels", "comparison"):
        assert opened.formulas[SHEETS[code].ja]._charts, code


def test_the_english_workbook_speaks_english_only(english: Opened, result: PlanResult) -> None:
    data = {*result.facilities["name"], *result.facilities["district"], *result.assumptions["source"]}
    for sheet in english.figures:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and JAPANESE.search(cell.value):
                    left = cell.value
                    for word in sorted(data, key=len, reverse=True):
                        left = left.replace(word, "")
                    assert not JAPANESE.search(left), f"{sheet.title}!{cell.coordinate}: {cell.value}"


def test_equal_plans_give_equal_files(result: PlanResult, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(result, tmp_path / name, "ja")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_plan_that_does_nothing_is_written(result: PlanResult, tmp_path: Path) -> None:
    still = dataclasses.replace(
        result,
        events=result.events.iloc[:0],
        spend_by_action=result.spend_by_action * 0.0,
        facility_outlay=result.facility_outlay * 0.0,
        yearly=result.yearly.assign(outlay=0.0, works_limit=np.nan, floor_area_target_m2=np.nan),
        guesses=result.guesses.iloc[:0],
        binding=[],
    )
    write_workbook(still, tmp_path / "schedule.xlsx", "en")
    book = openpyxl.load_workbook(tmp_path / "schedule.xlsx", data_only=True)
    assert book["Comparison"]["C9"].value == 0


def test_other_currencies_name_their_thousands(result: PlanResult, tmp_path: Path) -> None:
    write_workbook(dataclasses.replace(result, currency="EUR"), tmp_path / "schedule.xlsx", "en")
    book = openpyxl.load_workbook(tmp_path / "schedule.xlsx", data_only=True)
    assert "EUR thousand" in book["By year"]["A2"].value


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize(("lang", "which"), [("ja", "financed"), ("en", "result")])
def test_recalculation_gives_the_same_values_without_errors(
    request: pytest.FixtureRequest, tmp_path: Path, lang: Any, which: str
) -> None:
    result: PlanResult = request.getfixturevalue(which)
    path = tmp_path / "schedule.xlsx"
    write_workbook(result, path, lang)
    cached = openpyxl.load_workbook(path, data_only=True)
    formulas = openpyxl.load_workbook(path)
    formulas.save(tmp_path / "bare.xlsx")  # openpyxl keeps no cached values, so all are computed anew
    out = tmp_path / "out"
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    command += ["--convert-to", "xlsx", "--outdir", str(out), str(tmp_path / "bare.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    computed = openpyxl.load_workbook(out / "bare.xlsx", data_only=True)
    seen = 0
    for title, cell in _formula_cells(formulas):
        value = computed[title][cell.coordinate].value
        assert value is not None, f"{title}!{cell.coordinate}"
        assert not str(value).startswith("#"), f"{title}!{cell.coordinate}: {value}"
        assert value == pytest.approx(cached[title][cell.coordinate].value, abs=YEN), f"{title}!{cell.coordinate}"
        seen += 1
    assert seen > 10 * len(result.years)
