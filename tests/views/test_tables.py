"""``schedule.csv`` and ``yearly.csv`` read back."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fmtool.schedule.result import SOURCES, PlanResult
from fmtool.views.tables import SCHEDULE_COLUMNS, write_schedule_csv, write_yearly_csv


def test_schedule_has_a_row_an_action(result: PlanResult, tmp_path: Path) -> None:
    path = tmp_path / "schedule.csv"
    write_schedule_csv(result, path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(path, dtype={"facility_id": str, "host_id": str})
    assert tuple(read.columns) == SCHEDULE_COLUMNS
    assert read["cost"].tolist() == result.events["cost"].tolist()
    assert read["start_year"].tolist() == result.events["start_year"].tolist()


def test_years_come_back_to_the_yen(result: PlanResult, tmp_path: Path) -> None:
    path = tmp_path / "yearly.csv"
    write_yearly_csv(result, path)
    read = pd.read_csv(path, index_col="year")
    assert read.index.tolist() == list(result.years)
    for name in ("outlay", "budget", "fund_balance", "floor_area_m2"):
        assert read[name].tolist() == pytest.approx(result.yearly[name].tolist(), rel=1e-15)
    spent = read[[name for name in read if name.startswith("outlay_")]].sum(axis=1)
    assert spent.tolist() == pytest.approx(result.yearly["outlay"].tolist())
    assert read["need_replace"].sum() == pytest.approx(result.baselines["replace"].sum())
    assert read["floor_area_target_m2"].isna().sum() == result.yearly["floor_area_target_m2"].isna().sum()


def test_no_cell_begins_like_a_formula(result: PlanResult, tmp_path: Path) -> None:
    events = result.events.copy()
    events["name"] = ['=HYPERLINK("x")', "+1", "-1", "@x", " =1"] * (len(events) // 5) + ["a"] * (len(events) % 5)
    write_schedule_csv(dataclasses.replace(result, events=events), tmp_path / "schedule.csv")
    with (tmp_path / "schedule.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1][1] == '\'=HYPERLINK("x")'
    assert not any(cell.lstrip()[:1] in set("=+@") or cell.startswith("-") for row in rows[1:] for cell in row[:2])


def test_what_pays_and_the_ratios_stand_by_year_and_by_action(financed: PlanResult, tmp_path: Path) -> None:
    write_yearly_csv(financed, tmp_path / "yearly.csv")
    yearly = pd.read_csv(tmp_path / "yearly.csv", encoding="utf-8-sig", index_col="year")
    paid = yearly[list(SOURCES)].sum(axis=1)
    np.testing.assert_allclose(paid, financed.yearly["outlay"], atol=0.5)
    np.testing.assert_allclose(yearly["future_burden_ratio"], financed.yearly["future_burden_ratio"])
    write_schedule_csv(financed, tmp_path / "schedule.csv")
    schedule = pd.read_csv(tmp_path / "schedule.csv", encoding="utf-8-sig")
    np.testing.assert_allclose(schedule["bonds"], financed.events["bonds"])


def test_both_tables_say_what_rests_on_estimates(result: PlanResult, tmp_path: Path) -> None:
    chosen = [str(result.events["facility_id"].iloc[0]), str(result.events["facility_id"].iloc[-1])]
    guesses = pd.DataFrame(
        [
            {"facility_id": chosen[0], "column": "built_year", "basis": "estimated"},
            {"facility_id": chosen[0], "column": "floor_area_m2", "basis": "estimated"},
            {"facility_id": chosen[1], "column": "storeys", "basis": "assumed"},
        ]
    )
    thin = dataclasses.replace(result, guesses=guesses)
    write_schedule_csv(thin, tmp_path / "schedule.csv")
    schedule = pd.read_csv(tmp_path / "schedule.csv", encoding="utf-8-sig", dtype={"facility_id": str})
    own = schedule["facility_id"] == chosen[0]
    assert own.any()
    assert set(schedule.loc[own, "estimated"]) == {"built_year,floor_area_m2"}
    assert schedule.loc[~own, "estimated"].isna().all()
    write_yearly_csv(thin, tmp_path / "yearly.csv")
    yearly = pd.read_csv(tmp_path / "yearly.csv", encoding="utf-8-sig")
    place = result.facilities["facility_id"].tolist().index(chosen[0])
    assert yearly["estimated_outlay"].tolist() == pytest.approx(result.facility_outlay[place].tolist())
    write_yearly_csv(dataclasses.replace(result, guesses=guesses.iloc[:0]), tmp_path / "yearly.csv")
    assert (pd.read_csv(tmp_path / "yearly.csv", encoding="utf-8-sig")["estimated_outlay"] == 0).all()
