"""Bad ledgers: every fault is told at once, with file, row, column, value and remedy, in both languages."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmtool.errors import InventoryError
from fmtool.inventory import COLUMNS, read_inventory
from fmtool.inventory.check import check, locked_decisions
from fmtool.inventory.clean import clean
from fmtool.inventory.faults import Faults
from fmtool.inventory.tables import Table
from fmtool.workspace import read_workspace

HEADER = ("id", "name", "use", "built_year", "floor_area_m2", "lat", "lon", "tenure")
GOOD = {
    "id": "F1", "name": "中央小学校", "use": "school", "built_year": "1990", "floor_area_m2": "5000",
    "lat": "34.76", "lon": "137.39", "tenure": "owned",
}  # fmt: skip
FILE = "facilities/ledger.csv"


def table(*rows: dict[str, str], header: Sequence[str] | None = None) -> str:
    """Write rows as CSV text; each is the good row with some cells changed."""
    whole = [GOOD | row for row in rows]
    names = header or list(dict.fromkeys(name for row in whole for name in row))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([row.get(name, "") for name in names] for row in whole)
    return out.getvalue()


ONE_ROW = {
    "text in a number": ({"floor_area_m2": "広い"}, "floor_area_m2", "広い", "数として読めません", "1234.5"),
    "number beyond reason": ({"floor_area_m2": "1e400"}, "floor_area_m2", "1e400", "数として読めません", "1234.5"),
    "negative area": ({"floor_area_m2": "-360"}, "floor_area_m2", "-360", "1より小さい", "1以上"),
    "full-width negative area": ({"floor_area_m2": "▲３６０"}, "floor_area_m2", "-360", "1より小さい", "1以上"),
    "missing area": ({"floor_area_m2": "―"}, "floor_area_m2", "", "必須の値がありません", "借用"),
    "missing name": ({"name": " "}, "name", "", "必須の値がありません", "記入"),
    "missing year": ({"built_year": "不明"}, "built_year", "", "必須の値がありません", "記入"),
    "built in the future": ({"built_year": "2030"}, "built_year", "2030", "初年度（2026年度）より後", "2026年度以前"),
    "built in a future era year": ({"built_year": "令和12年"}, "built_year", "2030", "より後", "2026年度以前"),
    "year that is none": ({"built_year": "昭和99年"}, "built_year", "昭和99年", "年度として読めません", "昭和56"),
    "works before built": (
        {"last_major_works_year": "1980"}, "last_major_works_year", "1980", "建築年度より前", "直して",
    ),
    "works in the future": ({"last_major_works_year": "2040"}, "last_major_works_year", "2040", "より後", "2026"),
    "latitude outside Japan": ({"lat": "10.5"}, "lat", "10.5", "対象範囲の外", "20～46"),
    "longitude outside Japan": ({"lon": "-0.1"}, "lon", "-0.1", "対象範囲の外", "122～154"),
    "latitude beyond the pole": ({"lat": "91"}, "lat", "91", "90より大きい", "90以下"),
    "latitude without longitude": ({"lon": ""}, "lon", "", "一方だけ", "両方"),
    "unknown use": ({"use": "宿泊施設"}, "use", "宿泊施設", "用途分類の区分にありません", "school（学校教育系施設）"),
    "unknown structure": ({"structure": "れんが造"}, "structure", "れんが造", "構造の区分にありません", "RC（鉄筋コンクリート造）"),
    "unknown seismic status": ({"seismic_status": "たぶん大丈夫"}, "seismic_status", "たぶん大丈夫", "区分にありません", "retrofitted"),
    "unknown grade": ({"grade_roof": "E"}, "grade_roof", "E", "劣化度として読めません", "A、B、C、D"),
    "unknown flag": ({"is_listed": "たぶん"}, "is_listed", "たぶん", "として読めません", "1（はい）"),
    "no storey": ({"storeys": "0"}, "storeys", "0", "1より小さい", "1以上"),
    "half a storey": ({"storeys": "2.5"}, "storeys", "2.5", "整数ではありません", "数字"),
    "negative cost": ({"running_cost": "-1"}, "running_cost", "-1", "0より小さい", "0以上"),
    "unknown decision": ({"locked": "そのうち"}, "locked", "そのうち", "方針として読めません", "建替え:2026"),
    "decision outside the plan": ({"locked": "rebuild:2090"}, "locked", "rebuild:2090", "計画期間の外", "2026～2065"),
    "decision with a wrong year": ({"locked": "rebuild:いつか"}, "locked", "rebuild:いつか", "年度として読めません", "コロン"),
}  # fmt: skip


@pytest.mark.parametrize("case", ONE_ROW)
def test_a_fault_names_file_row_column_value_and_remedy(read_ledger, case: str) -> None:
    changes, column, value, problem, remedy = ONE_ROW[case]
    with pytest.raises(InventoryError) as caught:
        read_ledger(table({}, {"id": "F2", **changes}))
    error = caught.value
    assert len(error.faults) == 1
    ja, en = error.faults[0]
    for said in (ja, en):
        assert FILE in said
        assert f"`{column}`" in said
        assert value in said
    assert "3行目" in ja
    assert "row 3," in en
    assert problem in ja
    assert remedy in ja.split("→")[1]
    assert re.search(r"[ぁ-んァ-ヶ]", en.replace(value, "").split(";")[0]) is None
    assert error.exit_code == 1
    assert "対処" in error.say("ja")
    assert "hint" in error.say("en")


def test_every_fault_of_a_file_is_told_at_once(read_ledger) -> None:
    rows = [{"id": f"F{number}", **ONE_ROW[case][0]} for number, case in enumerate(ONE_ROW)]
    with pytest.raises(InventoryError) as caught:
        read_ledger(table(*rows))
    faults = [fault.en for fault in caught.value.faults]
    assert len(faults) == len(ONE_ROW)
    for row, (_, column, value, _, _) in enumerate(ONE_ROW.values(), start=2):
        assert any(f"row {row}, `{column}` '{value}'" in fault for fault in faults), (row, column)
    assert f"{len(ONE_ROW)}件" in caught.value.message.ja


def test_faults_of_one_row_are_all_told(read_ledger) -> None:
    with pytest.raises(InventoryError) as caught:
        read_ledger(table({"use": "宿", "built_year": "2050", "floor_area_m2": "x", "grade_roof": "Z", "lat": "0"}))
    assert [re.search(r"`(\w+)`", fault.en)[1] for fault in caught.value.faults] == [
        "use", "lat", "built_year", "floor_area_m2", "grade_roof",
    ]  # fmt: skip


def test_duplicate_ids_name_each_other(read_ledger) -> None:
    with pytest.raises(InventoryError) as caught:
        read_ledger(table({}, {"id": "F2"}, {"id": "Ｆ１"}))
    assert [fault.en for fault in caught.value.faults] == [
        f"{FILE}, row 2, `id` 'F1': duplicate id (also row 4); give every facility its own id",
        f"{FILE}, row 4, `id` 'F1': duplicate id (also row 2); give every facility its own id",
    ]
    assert "重複" in caught.value.faults[0].ja
    assert "4行目" in caught.value.faults[0].ja


@pytest.mark.parametrize("column", ["id", "name", "use", "built_year", "floor_area_m2"])
def test_a_missing_required_column_is_told_once_with_other_faults(read_ledger, column: str) -> None:
    header = [name for name in (*HEADER, "storeys") if name != column]
    with pytest.raises(InventoryError) as caught:
        read_ledger(table({"storeys": "x"}, {"id": "F2", "storeys": "1"}, header=header))
    first, second = caught.value.faults
    assert f"{FILE}, `{column}`" in first.en
    assert "required column is missing" in first.en
    assert "必須の列がありません" in first.ja
    assert "`storeys` 'x'" in second.en


def test_all_missing_columns_are_told(read_ledger) -> None:
    with pytest.raises(InventoryError) as caught:
        read_ledger("施設ID,緯度\nF1,34\n")
    missing = [fault.en for fault in caught.value.faults if "column is missing" in fault.en]
    assert len(missing) == 4


def test_swapped_coordinates_are_recognised(read_ledger) -> None:
    with pytest.raises(InventoryError) as caught:
        read_ledger(table({"lat": "137.39", "lon": "34.76"}))
    assert any("逆です" in fault.ja for fault in caught.value.faults)


def test_the_row_is_the_spreadsheets_row_below_blank_lines_and_titles(read_ledger) -> None:
    text = "施設台帳（令和7年度）,,,,\n\n" + table({}, {"id": "F2", "floor_area_m2": "x"}) + "\n,,,,\n"
    with pytest.raises(InventoryError) as caught:
        read_ledger(text)
    assert [f"{FILE}, row 5," in fault.en for fault in caught.value.faults] == [True]


def test_a_tenant_may_lack_area_and_year_and_nobody_else(read_ledger) -> None:
    rows = [
        {},
        {"id": "F2", "floor_area_m2": "", "built_year": "", "tenure": "借用"},
        {"id": "F3", "floor_area_m2": "", "built_year": "", "tenure": "", "remarks": "市民館の2階に入居"},
    ]
    inventory = read_ledger(table(*rows))
    assert inventory.buildings["is_costed"].tolist() == [True, False, False]
    assert inventory.buildings["not_costed_reason_ja"].str.contains("他の建物の一室").tolist() == [False, True, True]
    assert inventory.buildings["not_costed_reason_en"].str.contains("tenant").tolist() == [False, True, True]
    guessed = inventory.guesses.query("column == 'tenure'")
    assert guessed[["facility_id", "value"]].to_numpy().tolist() == [["F3", "leased_in"]]
    with pytest.raises(InventoryError) as caught:
        read_ledger(table({}, {"id": "F2", "floor_area_m2": "", "built_year": ""}))
    assert len(caught.value.faults) == 2


WHOLE_FILE: dict[str, tuple[bytes, str, str, str]] = {
    "empty file": (b"", ".csv", "空です", "empty"),
    "header only": (",".join(HEADER).encode(), ".csv", "空です", "empty"),
    "blank lines only": (b"\n,,\n \n", ".csv", "空です", "empty"),
    "EUC-JP": ("施設ID,施設名\nF1,中央小学校\n".encode("euc_jp"), ".csv", "文字コード", "encoding"),
    "broken UTF-8": (
        table({}, {"id": "F2"}).encode().replace("中".encode(), b"\xe4\xb8", 1), ".csv", "文字コード", "encoding",
    ),
    "no header known": (b"a,b\n1,2\n", ".csv", "知っている見出し", "no header"),
    "column twice": ("id,施設ID\nF1,F1\n".encode(), ".csv", "1件の誤り", "1 fault"),
    "too many cells": ("id,name\nF1,学校,東\n".encode(), ".csv", "1件の誤り", "1 fault"),
    "not a workbook": (b"PK nothing", ".xlsx", "Excelブックとして読めません", "not readable as an Excel workbook"),
    "not GeoJSON": (b"{", ".geojson", "地理データとして読めません", "not readable as geographic data"),
    "not a GeoPackage": (b"nothing", ".gpkg", "地理データとして読めません", "not readable as geographic data"),
    "not Parquet": (b"nothing", ".parquet", "地理データとして読めません", "not readable as geographic data"),
    "old Excel": (b"\xd0\xcf", ".xls", "読めない形式", "format not read"),
}  # fmt: skip


@pytest.mark.parametrize("case", WHOLE_FILE)
def test_a_file_that_cannot_be_read_is_refused_with_a_way_out(read_ledger, case: str) -> None:
    data, suffix, ja, en = WHOLE_FILE[case]
    with pytest.raises(InventoryError) as caught:
        read_ledger(data, suffix=suffix)
    assert ja in caught.value.message.ja
    assert en in caught.value.message.en
    assert f"facilities/ledger{suffix}" in caught.value.message.en
    assert caught.value.hint is not None


def test_a_missing_file_is_named(workspace) -> None:
    workspace.path(workspace.config.files.buildings).unlink()
    with pytest.raises(InventoryError, match=r"buildings\.csv: no such file"):
        read_inventory(workspace)


def test_results_of_an_earlier_run_are_untouched(read_ledger, workspace_folder: Path) -> None:
    kept = workspace_folder / "results/base/plan.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("{}")
    with pytest.raises(InventoryError):
        read_ledger(table({"floor_area_m2": "x"}))
    assert kept.read_text() == "{}"


cells = st.one_of(
    st.sampled_from(
        ["", "-", "F1", "school", "学校教育系", "1990", "昭和56年", "２０２６", "-5", "1e400", "inf", "nan", "34.7", "137.4", "A", "1", "True",
         "rebuild:2030", "建替え：", ":", "9" * 400, "0x10", "1_000", "２０３０年", "借用", "2026-13-45", "\x00", "=1+1"]
    ),
    st.text(max_size=8),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(lines=st.lists(st.lists(cells, min_size=len(COLUMNS), max_size=len(COLUMNS)), min_size=1, max_size=4))
def test_no_cell_whatever_it_holds_ends_in_a_traceback(repository: Path, lines: list[list[str]]) -> None:
    workspace = read_workspace(repository)
    names = [column.name for column in COLUMNS]
    frame = pd.DataFrame(lines, columns=names, dtype=object)
    table = Table("a.csv", frame, np.arange(2, len(lines) + 2))
    faults = Faults("a.csv")
    cleaned = clean(table, faults)
    check(cleaned, table.rows, workspace.config, faults)
    locked_decisions(cleaned, table.rows, workspace.config, faults)
    for fault in faults.found:
        assert fault.text().ja
        assert fault.text().en
    if not faults.found:
        assert cleaned["id"].is_unique
        assert not (cleaned["floor_area_m2"] < 1).any()
