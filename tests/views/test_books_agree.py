"""The workbook and ``plan.json`` tell the same plan: read from disk, their totals agree to the yen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from fmtool.schedule.result import SOURCES, PlanResult
from fmtool.schedule.store import PLAN, write_results
from fmtool.views.workbook import write_workbook
from fmtool.views.workbook_page import SHEETS
from fmtool.vocabulary import ACTIONS

RATIO = 0.5e-5
"""Half a thousandth of a per cent: how finely ``plan.json`` gives ratios."""


@dataclass(frozen=True)
class Table:
    """A table by year of the workbook: rows by year, columns by the words over them."""

    rows: dict[Any, dict[str, Any]]

    def column(self, words: str, years: list[int]) -> list[Any]:
        """Return the values of the years."""
        return [self.rows[year][words] for year in years]

    def yen(self, words: str, years: list[int]) -> list[int]:
        """Return amounts of the years, which stand in thousands, in yen; a blank cell is nothing."""
        return [round((value or 0) * 1000) for value in self.column(words, years)]


@dataclass(frozen=True)
class Written:
    """What is read from disk."""

    plan: dict[str, Any]
    yearly: Table
    fiscal: Table
    levels: Table

    @property
    def years(self) -> list[int]:
        """Return the plan's years."""
        return list(self.plan["years"])


def _table(book: Any, name: str) -> Table:
    sheet = book[name]
    head = max(cell.row for cell in sheet["A"] if cell.value == "西暦")
    words: list[str] = []
    for cell in sheet[head]:
        word = "" if cell.value is None else str(cell.value)
        words.append("" if word in words else word)  # of equal words the first counts
    rows: dict[Any, dict[str, Any]] = {}
    for row in sheet.iter_rows(min_row=head + 1, values_only=True):
        if row[0] is None:
            break
        rows[row[0]] = {word: value for word, value in zip(words, row, strict=True) if word}
    return Table(rows)


@pytest.fixture(scope="module", params=["result", "financed"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    plan: PlanResult = request.getfixturevalue(request.param)
    folder = tmp_path_factory.mktemp("both")
    write_results(plan, folder)
    write_workbook(plan, folder / "schedule.xlsx", "ja")
    book = openpyxl.load_workbook(folder / "schedule.xlsx", data_only=True)
    told = json.loads(Path(folder / PLAN).read_text(encoding="utf-8"))
    return Written(told, *(_table(book, SHEETS[code].ja) for code in ("yearly", "fiscal", "levels")))


def test_each_years_total_is_the_spend_and_the_sum_of_its_actions(written: Written) -> None:
    years, head = written.years, written.yearly.rows[written.years[0]]
    assert [year for year in written.yearly.rows if isinstance(year, int)] == years
    assert written.yearly.yen("合計", years) == written.plan["spend"]
    acted = [label.ja for label in ACTIONS.values() if label.ja in head]
    told = {ACTIONS[decision["action"]].ja for decision in written.plan["decisions"] if decision["cost"]}
    assert set(acted) == told
    parts = [sum(each) for each in zip(*(written.yearly.column(words, years) for words in acted), strict=True)]
    assert [round(amount * 1000) for amount in parts] == written.plan["spend"]
    assert written.yearly.yen("予算額", years) == written.plan["budget"]


def test_decisions_cost_what_their_columns_sum_to(written: Written) -> None:
    (first, *_, last), held = written.years, set()
    for code, label in ACTIONS.items():
        taken = [decision for decision in written.plan["decisions"] if decision["action"] == code and decision["cost"]]
        inside = all(first <= each["start_year"] and each["end_year"] <= last for each in taken)
        if taken and inside:  # works that run past the last year are paid in part only
            total = written.yearly.rows["合計"][label.ja] * 1000
            assert total == pytest.approx(sum(each["cost"] for each in taken), abs=0.5), code
            held.add(code)
    assert len(held) > 2


def test_what_pays_agrees_source_by_source_and_in_sum(written: Written) -> None:
    years = written.years
    for source, label in SOURCES.items():
        told = written.plan["sources"][source]
        assert written.yearly.yen(label.ja, years) == told, source
        assert written.yearly.rows["合計"][label.ja] * 1000 == pytest.approx(sum(told), abs=len(years) / 2)
    assert written.yearly.yen("財源計", years) == written.plan["spend"]


def test_the_citys_own_burden_agrees(written: Written) -> None:
    assert written.yearly.yen("実質負担", written.years) == written.plan["own_burden"]
    for words, told in (("元利償還金", "debt_service"), ("交付税措置", "tax_grant"), ("新規発行", "bonds")):
        amounts = written.plan["sources"]["bonds"] if told == "bonds" else written.plan[told]
        assert written.fiscal.yen(words, written.years) == amounts, words


def test_indicators_agree(written: Written) -> None:
    years, told = written.years, written.plan["indicators"]
    assert written.fiscal.yen("基金残高", years) == told["fund_balance"]
    assert written.yearly.yen("基金残高", years) == told["fund_balance"]
    assert written.levels.column("延床面積", years) == pytest.approx(told["floor_area_m2"], abs=0.005)
    if told["debt_service_ratio"][0] is None:
        assert not {"単年度", "年度末", "残高"} & set(written.fiscal.rows[years[0]])
        return
    assert written.fiscal.yen("残高", years) == told["bond_outstanding"]
    assert written.fiscal.column("単年度", years) == pytest.approx(told["debt_service_ratio"], abs=RATIO)
    assert written.fiscal.column("年度末", years) == pytest.approx(told["future_burden_ratio"], abs=RATIO)
    for shown, exact in zip(written.fiscal.column("3か年平均", years), told["debt_service_ratio_3y"], strict=True):
        assert -RATIO <= exact - shown < 0.001 + RATIO  # the workbook cuts it off after one decimal of a per cent
