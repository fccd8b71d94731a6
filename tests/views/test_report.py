"""The report, parsed again: figures are the plan's, names are text, nothing is fetched."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fmtool.schedule.result import PlanResult
from fmtool.text import Lang
from fmtool.units import fiscal_year
from fmtool.views.labels import amount_text
from fmtool.views.limits import binding_groups
from fmtool.views.report import report_page, write_report
from fmtool.views.report_facts import compared_facilities, read_facts, table_by, total_curves
from fmtool.views.report_tables import GIVEN_UP, KEPT_UP, assumption_groups, decision_table
from fmtool.views.scenarios import scenario_of_result

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
VOID = {"meta", "link", "br", "img", "input", "hr"}


class _Page(HTMLParser):
    """Text, tags and attributes of a page; text of style and drawings left out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.texts: list[str] = []
        self.marked: dict[tuple[str, str], str] = {}
        self.ids: list[str] = []
        self._open: list[tuple[str, tuple[str, str] | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        mark = None
        for name, value in attrs:
            if name.split(":")[-1] in {"href", "src", "action", "data"}:
                self.links.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)
            if name == "id":
                self.ids.append(value or "")
            if name.startswith("data-"):
                mark = (name, value or "")
        if tag not in VOID:
            self._open.append((tag, mark))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "style":
            return
        self.texts.append(data)
        if self._open and self._open[-1][1] is not None:
            self.marked[self._open[-1][1]] = data

    @property
    def text(self) -> str:
        return " ".join(self.texts)


def _write(result: PlanResult, folder: Path, lang: Lang) -> tuple[str, _Page]:
    path = folder / f"report_{lang}.html"
    write_report(result, path, lang)
    html = path.read_text(encoding="utf-8")
    return html, _Page(html)


@pytest.fixture(scope="module", params=["ja", "en"])
def written(
    request: pytest.FixtureRequest, result: PlanResult, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Lang, str, _Page]:
    html, page = _write(result, tmp_path_factory.mktemp("report"), request.param)
    return request.param, html, page


def test_figures_are_those_of_the_plan(written: tuple[Lang, str, _Page], result: PlanResult) -> None:
    lang, _, page = written
    plan, replace = float(result.yearly["outlay"].sum()), float(result.baselines["replace"].sum())
    assert page.marked["data-total", "plan"] == f"{plan / 1e6:,.0f}"
    assert page.marked["data-total", "uses"] == f"{plan / 1e6:,.0f}"
    assert page.marked["data-total", "replace"] == f"{replace / 1e6:,.0f}"
    assert page.marked["data-total", "extend"] == f"{result.baselines['extend'].sum() / 1e6:,.0f}"
    for amount in (plan, replace, replace - plan, float(result.yearly["outlay"].max())):
        assert amount_text(amount, "JPY", lang) in page.text
    assert f"{(replace - plan) / replace * 100:.1f}%" in page.text
    over = int((result.yearly["outlay"] > result.yearly["budget"]).sum())
    assert (f"{over}年度は支出が予算を上回り" if lang == "ja" else f"exceeds it in {over} of 40 years") in page.text
    assert "0.30%" in page.text
    for action, ids in result.events.groupby("action")["facility_id"]:
        assert page.marked["data-count", str(action)] == str(ids.nunique())


def test_every_facility_that_something_happens_to_is_named(
    written: tuple[Lang, str, _Page], result: PlanResult
) -> None:
    _, _, page = written
    assert len(result.events) > 0
    for identity in result.events["facility_id"]:
        assert identity in page.texts
    for host in result.events.loc[result.events["action"] == "merge", "host_id"]:
        name = result.facilities.set_index("facility_id").loc[host, "name"]
        assert name in page.texts


def test_nothing_is_fetched_and_nothing_runs(written: tuple[Lang, str, _Page]) -> None:
    _, html, page = written
    assert not {"script", "link", "iframe", "object", "embed"} & set(page.tags)
    assert not page.handlers
    assert all(link.startswith("#") for link in page.links)
    assert not re.search(r"(?:url\(|@import\s*)[\"']?(?!#)", html)
    assert "default-src &#39;none&#39;" in html or "default-src 'none'" in html
    assert len(page.ids) == len(set(page.ids))


def test_each_language_is_complete(written: tuple[Lang, str, _Page], result: PlanResult) -> None:
    lang, html, page = written
    assert f'<html lang="{lang}">' in html
    assert page.tags.count("svg") >= 5
    left = page.text
    if lang == "en":
        names = {*result.facilities["name"], *result.facilities["district"], *result.assumptions["source"]}
        for word in sorted(names, key=len, reverse=True):
            left = left.replace(word, "")
        assert not JAPANESE.search(left), JAPANESE.findall(left)
    else:
        for word in ("要約", "費用の比較", "指標と制約", "方法と注意", "前提条件"):
            assert word in left


def test_hostile_names_are_text(result: PlanResult, tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}"
    facilities = result.facilities.copy()
    facilities["name"], facilities["reason_ja"], facilities["district"] = hostile, hostile, hostile
    events = result.events.assign(name=hostile)
    assumptions = result.assumptions.assign(source=hostile, label_ja=hostile)
    changed = dataclasses.replace(
        result, facilities=facilities, events=events, assumptions=assumptions, scenario=hostile,
        case_name=result.case_name._replace(ja=hostile), binding=[{"family": "x", "year": None, "ja": hostile, "en": "x"}],
    )  # fmt: skip
    _, page = _write(changed, tmp_path, "ja")
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7*7 }}" in page.text


def test_equal_plans_give_equal_reports(result: PlanResult, tmp_path: Path) -> None:
    first, _ = _write(result, tmp_path, "en")
    second, _ = _write(result, tmp_path, "en")
    assert first == second


def test_a_plan_that_does_nothing_is_told(result: PlanResult, tmp_path: Path) -> None:
    still = dataclasses.replace(
        result,
        events=result.events.iloc[:0],
        spend_by_action=result.spend_by_action * 0.0,
        facility_outlay=result.facility_outlay * 0.0,
        yearly=result.yearly.assign(
            outlay=0.0,
            general_funds=0.0,
            fund_draw=0.0,
            works_limit=np.nan,
            floor_area_target_m2=np.nan,
            works_under_way=0,
        ),
        guesses=result.guesses.iloc[:0],
        curves={},
        binding=[],
    )
    _, page = _write(still, tmp_path, "ja")
    assert "すべての年度で予算内に収まります" in page.text
    assert "統合・売却・貸付などの見直しはありません" in page.text


def test_a_plan_dearer_than_replacing_says_so(result: PlanResult, tmp_path: Path) -> None:
    cheap = dataclasses.replace(result, baselines={name: amounts * 0.01 for name, amounts in result.baselines.items()})
    _, page = _write(cheap, tmp_path, "ja")
    assert "多くなります" in page.text


def test_facts_of_a_plan_worked_by_hand(result: PlanResult) -> None:
    """Two facilities, two years: one sold in the first year for 1, one rebuilt over both for 2 and 4 million."""
    facilities = result.facilities.iloc[[0, 1]].assign(
        facility_id=["A", "B"],
        decision=["sell", "rebuild"],
        host_id=None,
        floor_area_m2=[100.0, 50.0],
        is_costed=True,
        use="school",
        district="x",
    )
    years = pd.Index([2026, 2027], name="year")
    small = dataclasses.replace(
        result,
        years=(2026, 2027),
        facilities=facilities,
        events=pd.DataFrame(
            [
                ["A", "a", "school", "sell", 2026, 2026, 1e6, None],
                ["B", "b", "school", "rebuild", 2026, 2027, 6e6, None],
            ],
            columns=result.events.columns[:8],
        ),
        yearly=pd.DataFrame(
            {
                "outlay": [3e6, 4e6], "budget": [5e6, 2e6], "running": [1.0, 1.0], "income": [0.0, 0.0],
                "risk": [0.0, 0.0], "fund_draw": [0.0, 2e6], "fund_deposit": [2e6, 0.0], "fund_balance": [2e6, 0.0],
                "floor_area_m2": [50.0, 50.0], "floor_area_target_m2": [np.nan, 60.0],
                "works_under_way": [2, 1], "works_limit": [3.0, 3.0],
            },
            index=years,
        ),
        facility_outlay=np.array([[1e6, 0.0], [2e6, 4e6]]),
        state=np.array([[4 + 1, 5], [1, 0]], dtype=np.int8),
        baselines={"replace": np.array([10e6, 4e6]), "extend": np.array([5e6, 5e6])},
        curves={"A": {"plan": np.array([1.0, 2.0])}},
    )  # fmt: skip
    facts = read_facts(small)
    assert facts.totals == {"plan": 7e6, "replace": 14e6, "extend": 10e6, "budget": 7e6}
    assert (facts.saving, facts.saving_share) == (7e6, 0.5)
    assert (facts.floor_now_m2, facts.floor_end_m2) == (150.0, 50.0)
    assert (facts.over_budget_years, facts.fund_drawn, facts.fund_low, facts.fund_low_year) == (1, 2e6, 0.0, 2027)
    assert (facts.floor_target_year, facts.floor_at_target_m2) == (2027, 50.0)
    assert facts.facilities_by_action["sell"] == facts.facilities_by_action["rebuild"] == 1
    assert facts.without_works == 0
    assert (facts.peak, facts.peak_year, facts.works_peak) == (4e6, 2027, 2)
    school = table_by(small, "use").loc["school"]
    assert (school["facilities"], school["outlay"], school["gone"], school["gone_area_m2"]) == (2, 7e6, 1, 100.0)
    assert facts.facilities_by_decision["sell"] == facts.facilities_by_decision["rebuild"] == 1
    assert facts.fund_income == 0.0
    (rebuilt,) = decision_table(small, "rebuild", "ja")
    assert (rebuilt["id"], rebuilt["cost"], rebuilt["when"], rebuilt["then"]) == ("B", 6e6, "2026–27（R8–9）", [])
    assert total_curves(small) == {}


def test_the_report_gives_the_sentences_of_explain(result: PlanResult) -> None:
    said = "Sell (FY2030). The next best, keep, is 3 dearer"
    told = dataclasses.replace(result, facilities=result.facilities.assign(explain_en=said, reason_en="short"))
    assert {row["reason"] for code in GIVEN_UP for row in decision_table(told, code, "en")} == {said}
    assert {row["reason"] for code in KEPT_UP for row in decision_table(told, code, "en")} == {"short"}  # gathered


def test_a_merged_facility_stands_once_with_what_follows(result: PlanResult) -> None:
    """F00001 is merged over two years for 5 million, then its building demolished for 1 million."""
    head = result.facilities.iloc[[0, 1]].assign(decision=["merge", "keep"], district="x", explain_en="cheaper")
    ids = head["facility_id"].tolist()
    events = pd.DataFrame(
        [[ids[0], "a", "school", "demolish", 2030, 2030, 1e6, None], [ids[0], "a", "school", "merge", 2028, 2029, 5e6, ids[1]]],
        columns=result.events.columns[:8],
    )  # fmt: skip
    small = dataclasses.replace(result, facilities=head, events=events)
    (row,) = decision_table(small, "merge", "en")
    assert (row["cost"], row["when"], row["then"]) == (6e6, "2028–29", ["Demolish 2030"])
    assert (row["host"], row["reason"]) == (head["name"].iloc[1], "cheaper")
    assert decision_table(small, "demolish", "en") == []
    facts = read_facts(small)
    assert (facts.facilities_by_decision["merge"], facts.facilities_by_decision["demolish"]) == (1, 0)
    assert facts.facilities_by_action["demolish"] == 1


def test_binding_limits_are_gathered_by_family_and_sorted_by_price(result: PlanResult) -> None:
    binding = [
        {"family": "budget", "year": year, "price": price, "ja": f"年度予算（{year}年度）", "en": f"Yearly budget (FY{year})"}
        for year, price in ((2026, -0.5), (2027, -2.0), (2029, -1.0), (2028, -0.1), (2031, -0.2))
    ]  # fmt: skip
    binding.append({"family": "works", "year": None, "price": -7.0, "ja": "同時工事数（F00002）", "en": "Works under way (F00002)"})  # fmt: skip
    works, budget = binding_groups(dataclasses.replace(result, binding=binding), "en")
    name = result.facilities["name"].iloc[1]
    assert (works.family, works.count, works.years, works.strongest) == ("works", 1, "", ((name, 7.0),))
    assert (budget.title, budget.count, budget.rest, budget.years) == ("Yearly budget", 5, 2, "2026–2029, 2031")
    assert budget.strongest == (("FY2027", 2.0), ("FY2029", 1.0), ("FY2026", 0.5))


def test_assumptions_of_one_source_stand_together(result: PlanResult) -> None:
    first, second = assumption_groups(result.assumptions, "en")
    assert (first["basis"], first["price_year"], second["basis"]) == ("assumed", "2016", "seen")
    assert [item[0] for item in first["items"]] == ["Rebuilding, school", "Renovation"]
    given = result.assumptions.assign(basis="given", key="fund.floor", label_en="fund.floor")
    assert assumption_groups(given, "en")[0]["items"][0][0] == "Least balance of the fund"


def test_the_comparison_of_curves_says_how_many_it_covers(written: tuple[Lang, str, _Page], result: PlanResult) -> None:
    lang, _, page = written
    count = len(compared_facilities(result))
    assert 0 < count < len(result.facilities)
    said = f"すべて選べる{count}施設" if lang == "ja" else f"of the {count} facilities"
    assert said in page.text


def test_what_pays_and_the_ratios_are_told_and_drawn(financed: PlanResult) -> None:
    page = report_page(financed, "ja")
    subsidy = amount_text(float(financed.yearly["national_subsidy"].sum()), "JPY", "ja")
    assert f"国庫支出金{subsidy}" in page
    burden = financed.yearly["future_burden_ratio"]
    assert f'data-ratio="future_burden_ratio">{burden.max():.1%}<' in page
    assert fiscal_year(int(burden.idxmax()), "ja", both=True) in page
    for words in ("年度別の財源内訳", "実質公債費比率と上限", "いずれも上限の範囲内です", "実質負担は"):
        assert words in page


def test_a_ratio_above_its_limit_is_said(financed: PlanResult) -> None:
    tight = dataclasses.replace(financed, fiscal_limits={"debt_service_ratio": 0.01, "future_burden_ratio": None})
    assert "上限を超える指標があります" in report_page(tight, "ja")
    page = report_page(tight, "en")
    assert "not all within their limits" in page
    assert "(fy20" not in page


def test_a_city_without_finances_is_told_nothing_of_them(result: PlanResult) -> None:
    page = report_page(result, "ja")
    assert "公債費" not in page
    assert "財源内訳" not in page


def test_other_scenarios_stand_beside_the_plan(financed: PlanResult) -> None:
    other = dataclasses.replace(scenario_of_result(financed), name="<b>low</b>")
    page = report_page(financed, "en", [other])
    assert "Scenarios side by side" in page
    assert "&lt;b&gt;low&lt;/b&gt;" in page
    assert "Scenarios side by side" not in report_page(financed, "en")


def test_the_brief_edition_leaves_out_the_tables_of_facilities(result: PlanResult) -> None:
    whole, brief = report_page(result, "en"), report_page(result, "en", is_whole=False)
    assert len(brief) < len(whole)
    assert "stand in report.html" in brief
    assert 'class="facilities' not in brief


def test_years_over_the_budget_count_what_the_city_pays_at_once(financed: PlanResult) -> None:
    """With half of the outlay borrowed no year's own part exceeds the budget, though the outlay does."""
    outlay, budget = financed.yearly["outlay"], financed.yearly["budget"]
    assert (outlay > budget).any()
    half = financed.yearly.assign(
        national_subsidy=0.0, prefectural_subsidy=0.0, bonds=outlay * 0.9, fund_draw=0.0, general_funds=outlay * 0.1
    )
    plan = dataclasses.replace(financed, yearly=half)
    assert read_facts(plan).over_budget_years == int((outlay * 0.1 > budget).sum()) == 0
    assert "補助金と地方債を除く支出はすべての年度で予算内" in report_page(plan, "ja")
