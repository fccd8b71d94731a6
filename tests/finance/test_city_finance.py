"""The city's finances as read: published ratios found again, years between, everyday spellings, every fault told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmtool.errors import InventoryError
from fmtool.finance.city import CityFinance, along, read_city_finance
from fmtool.finance.ratios import (
    future_burden_ratio,
    published_debt_service_ratio,
    published_future_burden_ratio,
    real_debt_service_ratio,
)
from fmtool.finance.rows import read_rows
from fmtool.workspace import Workspace

Make = Callable[..., Workspace]
HEADER = "key,fiscal_year,value,unit,basis,source\n"
ROWS = {
    "standard_fiscal_size": 1000,
    "budget_size": 2000,
    "debt_service": 150,
    "grant_in_need": 100,
    "outstanding": 900,
    "expected_grants": 600,
}
LEAST = HEADER + "".join(f"{key},2026,{value},百万円,published,決算カード\n" for key, value in ROWS.items())


def read(workspace: Workspace, *years: int) -> CityFinance:
    city = read_city_finance(workspace, years or workspace.config.case.years)
    assert city is not None
    return city


def ratios(city: CityFinance) -> tuple[np.ndarray, np.ndarray]:
    service = real_debt_service_ratio(
        city.debt_service, city.specific_revenue, city.grant_in_need, city.standard_fiscal_size
    )
    burden = future_burden_ratio(
        city.outstanding + city.other_burden,
        city.other_funds,
        city.expected_specific_revenue,
        city.expected_grants,
        city.grant_in_need,
        city.standard_fiscal_size,
    )
    return service, burden


def test_the_sample_citys_base_year_gives_its_published_ratios(with_finance: Make) -> None:
    service, burden = ratios(read(with_finance(), 2021))
    assert published_debt_service_ratio([float(service[0])] * 3) == "3.8"
    assert published_future_burden_ratio(float(burden[0])) == "33.3"


def test_the_sample_citys_debt_runs_down_over_the_plan(with_finance: Make) -> None:
    city = read(with_finance())
    assert city.years == tuple(range(2026, 2066))
    assert (np.diff(city.outstanding) <= 0).all()
    assert city.outstanding[20] == 0.5 * city.outstanding[0]
    assert city.general_funds is None
    assert city.past_ratios == pytest.approx((0.038, 0.038), abs=1e-4)
    service, burden = ratios(city)
    assert service.max() < 0.125
    assert burden.max() < 1.75


def test_the_sample_of_nagareyama_gives_its_published_ratios(with_finance: Make, repository: Path) -> None:
    city = read(with_finance((repository / "facilities" / "nagareyama" / "finance.csv").read_bytes()), 2023)
    service, burden = ratios(city)
    assert published_debt_service_ratio([float(service[0])] * 3) == "2.2"
    assert published_future_burden_ratio(float(burden[0])) == "49.2"
    assert city.budget_size[0] == 90_600_000_000


def test_a_workspace_without_a_finance_file_has_no_finances(workspace: Workspace) -> None:
    config = workspace.config
    files = config.files.model_copy(update={"finance": None})
    alone = Workspace(workspace.root, "base", config.model_copy(update={"files": files}), workspace.figures)
    assert read_city_finance(alone, (2026,)) is None


def test_years_between_lie_on_a_line_and_years_after_keep_the_last(with_finance: Make) -> None:
    text = LEAST + "other_funds,2026,100,百万円,assumed,x\nother_funds,2028,80,百万円,assumed,x\n"
    city = read(with_finance(text), 2025, 2026, 2027, 2028, 2060)
    assert (city.other_funds / 1e6).tolist() == [100, 100, 90, 80, 80]
    assert any("other_funds (FY2028)" in notice.en for notice in city.notices)


def test_between_two_years_it_is_their_line() -> None:
    assert along({2026: 100.0, 2036: 50.0}, [2031]).tolist() == [75.0]


def test_what_is_not_given_is_zero_and_said_so(with_finance: Make) -> None:
    city = read(with_finance(LEAST), 2026)
    assert city.other_burden.tolist() == [0]
    assert any("taken as 0" in notice.en and "other_burden" in notice.en for notice in city.notices)


def test_revenue_moves_what_is_revenue_and_nothing_else(with_finance: Make) -> None:
    text = LEAST + "general_funds,2026,50,百万円,assumed,x\n"
    before = read(with_finance(text), 2026, 2027)
    after = read(with_finance(text, revenue_factor=0.9, revenue_growth_rate=0.1), 2026, 2027)
    for name in ("general_funds", "standard_fiscal_size", "budget_size"):
        assert getattr(after, name) == pytest.approx(getattr(before, name) * [0.9, 0.99])
    for name in ("debt_service", "grant_in_need", "outstanding", "expected_grants"):
        assert getattr(after, name).tolist() == getattr(before, name).tolist()


def test_past_ratios_are_those_given_or_worked_out_or_none(with_finance: Make) -> None:
    assert read(with_finance(LEAST), 2026).past_ratios is None
    assert read(with_finance(LEAST), 2028).past_ratios == pytest.approx((50 / 900, 50 / 900))
    given = "debt_service_ratio,2024,3.5,%,published,x\ndebt_service_ratio,2025,0.036,fraction,published,x\n"
    assert read(with_finance(LEAST + given), 2026).past_ratios == pytest.approx((0.035, 0.036))


def test_revenue_scenarios_do_not_rewrite_the_past(with_finance: Make) -> None:
    assert read(with_finance(LEAST, revenue_factor=0.5), 2028).past_ratios == pytest.approx((50 / 900, 50 / 900))


def test_everyday_spellings_are_understood(with_finance: Make) -> None:
    """cp932, Japanese headers and names, 和暦, full-width digits, thousands commas, 千円 and 億円, blank rows."""
    text = (
        "項目,会計年度,金額,単位,根拠,出典,備考\n"
        '標準財政規模,令和8年度,"７６,０００,０００",千円,公表,決算カード,\n'
        ",,,,,,\n"
        "予算規模,R8,1559,億円,公表,予算書,一般会計\n"
        "元利償還金・準元利償還金,2026,13054百万,円,推計,逆算,\n"
        '基準財政需要額算入額,令和８,"8,800,000,000",JPY,仮定,x,\n'
        "地方債現在高,2026,115000,million JPY,仮定,x,\n"
        "基準財政需要額算入見込額,2026年度,95022,百万円,仮定,x,\n"
        "実質公債費比率（単年度）,令和6,▲0.3,％,公表,x,\n"
        "debt_service_ratio,令和7,-0.2,%,published,x,\n"
    )
    city = read(with_finance(text.encode("cp932")), 2026)
    assert city.standard_fiscal_size.tolist() == [76e9]
    assert city.budget_size.tolist() == [155.9e9]
    assert city.debt_service.tolist() == [13.054e9]
    assert city.grant_in_need.tolist() == [8.8e9]
    assert city.outstanding.tolist() == [115e9]
    assert city.past_ratios == pytest.approx((-0.003, -0.002))


@pytest.mark.parametrize(
    ("row", "column", "ja", "en"),
    [
        (
            "standard_fiscl_size,2026,1,百万円,assumed,x",
            "key",
            "もしかすると standard_fiscal_size",
            "perhaps standard_fiscal_size",
        ),
        ("公債費と何か,2026,1,百万円,assumed,x", "key", "次のいずれか", "write one of general_funds"),
        ("other_funds,来年,1,百万円,assumed,x", "fiscal_year", "年度として読めません", "is not a fiscal year"),
        (
            "other_funds,2026,約10,百万円,assumed,x",
            "value",
            "0以上の金額ではありません",
            "is not an amount of 0 or more",
        ),
        ("other_funds,2026,,百万円,assumed,x", "value", "0以上の金額ではありません", "is not an amount of 0 or more"),
        ("other_funds,2026,-5,百万円,assumed,x", "value", "0以上の金額ではありません", "is not an amount of 0 or more"),
        ("other_funds,2026,5,ドル,assumed,x", "unit", "単位が分かりません", "is no unit for it"),
        ("other_funds,2026,5,%,assumed,x", "unit", "単位が分かりません", "is no unit for it"),
        ("debt_service_ratio,2025,3.8,百万円,assumed,x", "unit", "fraction（小数）か %", "write fraction or %"),
        (
            "debt_service_ratio,2025,3.8,fraction,assumed,x",
            "value",
            "-100%から100%の比率",
            "a ratio from -100 % to 100 %",
        ),
        ("other_funds,2026,5,百万円,たぶん,x", "basis", "根拠の区分ではありません", "is no basis"),
        ("other_funds,2026,5,百万円,assumed,", "source", "出典がありません", "has no source"),
        (
            "outstanding,2026,5,百万円,assumed,x",
            "fiscal_year",
            "6行目と同じ項目・年度です",
            "is the key and year of row 6",
        ),
    ],
)
def test_each_fault_names_row_column_and_way_out(with_finance: Make, row: str, column: str, ja: str, en: str) -> None:
    with pytest.raises(InventoryError) as told:
        read(with_finance(LEAST + row + "\n"), 2026)
    (fault,) = told.value.faults
    assert f"facilities/finance.csv 8行目 `{column}`" in fault.ja
    assert ja in fault.ja
    assert f"facilities/finance.csv, row 8, `{column}`" in fault.en
    assert en in fault.en
    assert "→" in fault.ja
    assert ";" in fault.en


def test_all_faults_are_told_at_once(with_finance: Make) -> None:
    text = LEAST + "x,y,z,w,v,\n" + "other_funds,2026,5,百万円,assumed,\n"
    with pytest.raises(InventoryError) as told:
        read(with_finance(text), 2026)
    assert len(told.value.faults) == 5  # key, year, basis, source; source. No unit or value is judged for no key


def test_missing_figures_are_all_named(with_finance: Make) -> None:
    text = HEADER + "budget_size,2026,5,百万円,assumed,x\n"
    with pytest.raises(InventoryError) as told:
        read(with_finance(text), 2026)
    named = [fault.en.split("`")[1] for fault in told.value.faults]
    assert named == ["standard_fiscal_size", "debt_service", "grant_in_need", "outstanding", "expected_grants"]


def test_a_fiscal_size_given_in_another_unit_than_the_rest_is_refused(with_finance: Make) -> None:
    text = LEAST.replace("standard_fiscal_size,2026,1000,百万円", "standard_fiscal_size,2026,1000,千円")
    with pytest.raises(InventoryError, match="see to their units"):
        read(with_finance(text), 2026)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a required column is missing"),
        ("key,value\n", "a required column is missing"),
        (HEADER, r"empty \(no rows\)"),
        (HEADER.replace("unit", "key"), "stands there more than once"),
        (b"\x80\x81\xff\xfe\xfd", "neither UTF-8 nor Shift_JIS"),
        (b"PK\x03\x04abc", "holds an Excel workbook"),
    ],
)
def test_a_file_that_is_no_finance_file_is_refused(with_finance: Make, text: str | bytes, said: str) -> None:
    with pytest.raises(InventoryError, match=said):
        read(with_finance(text), 2026)


def test_a_finance_file_that_is_not_there_is_refused(with_finance: Make, workspace_folder: Path) -> None:
    workspace = with_finance()
    (workspace_folder / "facilities" / "finance.csv").unlink()
    with pytest.raises(InventoryError, match=r"\[files\] finance"):
        read(workspace, 2026)


def test_a_workbook_with_a_title_and_other_sheets_is_read(with_finance: Make, workspace_folder: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["メモ"])
    sheet = book.create_sheet("財政")
    sheet.append(["市の財政の見通し"])
    sheet.append([])
    for line in LEAST.splitlines():
        sheet.append([int(cell) if cell.isdigit() else cell for cell in line.split(",")])
    path = workspace_folder / "facilities" / "財政.xlsx"
    book.save(path)
    workspace = with_finance()
    files = workspace.config.files.model_copy(update={"finance": "facilities/財政.xlsx"})
    config = workspace.config.model_copy(update={"files": files})
    city = read(Workspace(workspace.root, "base", config, workspace.figures), 2026)
    assert city.standard_fiscal_size.tolist() == [1e9]


def test_a_title_above_the_header_moves_the_rows_that_faults_name(with_finance: Make) -> None:
    text = "市の財政の見通し\n\n" + LEAST + "other_funds,2026,多い,百万円,assumed,x\n"
    with pytest.raises(InventoryError, match="row 10, `value` '多い'"):
        read(with_finance(text), 2026)


@given(rest=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_below_the_header_is_refused_in_a_sentence(tmp_path: Path, rest: bytes) -> None:
    path = tmp_path / "finance.csv"
    path.write_bytes(HEADER.encode() + rest)
    with pytest.raises(InventoryError) as told:
        read_rows(path, "finance.csv", "JPY")
    assert told.value.message.ja
    assert told.value.message.en


def test_another_currency_has_its_own_units_and_no_yen(with_finance: Make) -> None:
    workspace = with_finance(LEAST.replace("百万円", "million USD"))
    case = workspace.config.case.model_copy(update={"currency": "USD"})
    dollars = Workspace(workspace.root, "base", workspace.config.model_copy(update={"case": case}), workspace.figures)
    assert read(dollars, 2026).budget_size.tolist() == [2e9]
    with pytest.raises(InventoryError):
        read(workspace, 2026)
