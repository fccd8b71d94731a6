"""The tables that commands print."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fmtool.cli.output import Output, Sheet
from fmtool.cli.sheets_estimates import show_estimates
from fmtool.finance.programmes import expiring, read_programmes
from fmtool.text import Text
from fmtool.units import MILLION, money
from fmtool.views.check import CheckReport
from fmtool.views.costs import costs_by_use, yearly_costs
from fmtool.views.estimates import estimates_of
from fmtool.views.labels import BASES, SERIES, STATUSES, million_unit
from fmtool.views.pdf import NO_PRINTER
from fmtool.views.report_facts import Facts, read_facts
from fmtool.views.report_sentences import Sentences
from fmtool.vocabulary import ACTIONS, USES
from fmtool.workspace import Workspace
from fmtool.workspace.config import CaseConfig

if TYPE_CHECKING:
    from fmtool.lifecycle.costs import Floats, RenewalCosts
    from fmtool.schedule.result import PlanResult
    from fmtool.views.curve import Curves

_YEAR = Text("年度", "FY")
_ACTION = Text("対策", "action")


def show_files(files: Sequence[Path], out: Output) -> None:
    """Print where files were written."""
    out.data(files=[str(path) for path in files])
    for path in map(_near, files):
        out.say(Text(f"書き出し: {path}", f"wrote {path}"))


def _near(path: Path) -> Path:
    """Return the path as one would write it from here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def show_check(report: CheckReport, out: Output) -> None:
    """Print what the check could read; its faults are told as an error afterwards."""
    out.data(faults=report.faults, is_usable=not report.errors)
    if report.config is not None:
        case = report.config.case
        out.data(case={"name": case.name, "start_year": case.start_year, "horizon_years": case.horizon_years})
        out.say(
            Text(
                f"{case.name.ja}: {case.years[0]}〜{case.years[-1]}年度",
                f"{case.name.en}: FY{case.years[0]}-{case.years[-1]}",
            )
        )
    _show_figures(report, out)
    _show_inventory(report, out)
    _show_quality(report, out)
    show_estimates(report, out)
    if not report.errors:
        out.say(Text("\n誤りはありません", "\nno faults"))


def _show_figures(report: CheckReport, out: Output) -> None:
    if report.figures is None:
        return
    rows = [{"basis": BASES[basis], "count": count} for basis, count in report.by_basis.items()]
    headers = {"basis": Text("根拠", "basis"), "count": Text("件数", "count")}
    out.sheet(
        Sheet("figures", Text("\n前提条件（models/）", "\nAssumptions (models/)"), headers, rows, frozenset({"basis"}))
    )
    ended = [{"file": each.file, "key": each.key, "valid_to": each.valid_to} for each in report.past_end]
    headers = {
        "file": Text("ファイル", "file"),
        "key": Text("項目", "entry"),
        "valid_to": Text("最終年度", "last year"),
    }
    title = Text("\n期限の切れた前提条件", "\nAssumptions past their end")
    out.sheet(Sheet("past_end", title, headers, ended, frozenset({"file", "key"})))


def _show_inventory(report: CheckReport, out: Output) -> None:
    inventory = report.inventory
    if inventory is None:
        return
    count, costed = len(inventory.buildings), int(inventory.buildings["is_costed"].sum())
    floor = float(inventory.buildings["floor_area_m2"].sum())
    out.data(facilities=count, costed=costed, floor_area_m2=floor, notices=report.notices)
    out.say(
        Text(
            f"\n施設台帳: {count}施設（費用を計算するもの {costed}）、延床面積 {floor:,.0f} m²",
            f"\nInventory: {count} facilities ({costed} costed), floor area {floor:,.0f} m2",
        )
    )
    for notice in report.notices:
        out.say(Text(f"  - {notice.ja}", f"  - {notice.en}"))
    guessed = inventory.guesses.groupby(["column", "rule_ja", "rule_en"], sort=False).size().reset_index(name="count")
    rows = [
        {"column": row["column"], "count": int(row["count"]), "rule": Text(row["rule_ja"], row["rule_en"])}
        for row in guessed.to_dict("records")
    ]
    headers = {
        "column": Text("列", "column"),
        "count": Text("施設数", "facilities"),
        "rule": Text("推定の規則", "rule"),
    }
    out.sheet(Sheet("guesses", Text("\n推定した値", "\nGuessed values"), headers, rows, frozenset({"column", "rule"})))


def _show_quality(report: CheckReport, out: Output) -> None:
    quality = report.quality
    if quality is None:
        return
    rows = [
        {
            "column": column if out.as_json else Text(row["ja"], row["en"]),
            **{
                name: float(row[name]) * (1 if out.as_json else 100)
                for name in ("given_rate", "guessed_rate", "missing_rate")
            },
            "gain": float(row["gain"]),
        }
        for column, row in quality.columns.to_dict("index").items()
        if out.as_json or row["gain"] > 0
    ]
    headers = {
        "column": Text("列", "column"),
        "given_rate": Text("既知（％）", "given (%)"),
        "guessed_rate": Text("推定（％）", "guessed (%)"),
        "missing_rate": Text("空欄（％）", "blank (%)"),
        "gain": Text("集めると上がる点数", "points to gain"),
    }
    score = f"{quality.score:.0f}"
    title = Text(f"\n台帳の充足度: 100点中{score}点", f"\nHow complete the inventory is: {score} of 100 points")
    out.data(quality_score=quality.score, quality_advice=quality.advice)
    out.sheet(Sheet("quality", title, headers, rows, frozenset({"column"})))
    out.say(quality.advice)


def show_costs(need: RenewalCosts, budget: Floats, case: CaseConfig, out: Output, estimates: Text | None) -> None:
    """Print renewal need per year and per use, in millions; ``--json`` has whole currency units."""
    scale = 1 if out.as_json else MILLION
    unit = Text("百万円", "JPY million") if case.currency == "JPY" else Text(*[f"{case.currency} million"] * 2)
    yearly = yearly_costs(need, budget)
    names = {column: _cost_name(column) for column in yearly.columns}
    out.sheet(
        Sheet(
            "yearly",
            Text(f"更新費用の見込み（{unit.ja}）", f"Renewal need before any choice ({unit.en})"),
            {"year": _YEAR, **names},
            _rows(yearly / scale),
        )
    )
    by_use = costs_by_use(need)
    out.sheet(
        Sheet(
            "by_use",
            Text(f"\n用途別・全期間（{unit.ja}）", f"\nPer use, all years ({unit.en})"),
            {"use": Text("用途", "use"), "replace": SERIES["replace"], "extend": SERIES["extend"]},
            [{**row, "use": row["use"] if out.as_json else USES[row["use"]]} for row in _rows(by_use / scale)],
            frozenset({"use"}),
        )
    )
    means = {"replace": need.replace_total.mean(), "extend": need.extend_total.mean(), "budget": budget.mean()}
    out.data(yearly_mean=means)
    said = {name: (money(mean, "ja", case.currency), money(mean, "en", case.currency)) for name, mean in means.items()}
    out.say(
        Text(
            f"\n年平均: 従来型 {said['replace'][0]}、長寿命化型 {said['extend'][0]}、予算 {said['budget'][0]}",
            f"\nYearly mean: replace {said['replace'][1]}, extend {said['extend'][1]}, budget {said['budget'][1]}",
        )
    )
    _say_estimates(estimates, out)


def _say_estimates(estimates: Text | None, out: Output) -> None:
    out.data(estimates=estimates)
    if estimates is not None:
        out.say(estimates)


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.reset_index().to_dict("records")]


def _cost_name(column: str) -> Text:
    series, _, action = column.partition("_")
    short = {
        "replace": Text("従来型", "replace"),
        "extend": Text("長寿命化型", "extend"),
        "budget": Text("予算", "budget"),
    }
    if not action:
        return Text(short[series].ja + ("" if series == "budget" else "計"), short[series].en)
    return Text(f"{short[series].ja} {ACTIONS[action].ja}", f"{short[series].en} {ACTIONS[action].en.lower()}")


def show_curves(curves: Curves, out: Output) -> None:
    """Print the alternatives of one facility, cheapest first, and why others are not open to it."""
    out.data(facility_id=curves.facility_id, name=curves.name)
    rows = [
        {
            "action": each.action if out.as_json else ACTIONS[each.action],
            "year": each.year,
            "host_id": each.host_id,
            "present_cost": float(each.curve.present) / (1 if out.as_json else MILLION),
            "equivalent_annual_cost": float(each.curve.equivalent_annual) / (1 if out.as_json else MILLION),
            "cumulative_cost": each.curve.cumulative if out.as_json else float(each.curve.cumulative[-1]) / MILLION,
            "condition": each.condition if out.as_json else float(np.round(each.condition[-1], 1)),
        }
        for each in curves.alternatives
    ]
    unit = Text("百万円", "million")
    headers = {
        "action": _ACTION,
        "year": _YEAR,
        "host_id": Text("受入施設", "host"),
        "present_cost": Text(f"生涯費用の現在価値（{unit.ja}）", f"present life-cycle cost ({unit.en})"),
        "equivalent_annual_cost": Text(f"等価年間費用（{unit.ja}）", f"equivalent annual cost ({unit.en})"),
        "cumulative_cost": Text(f"累計費用（{unit.ja}）", f"cumulative cost ({unit.en})"),
        "condition": Text("期末の健全度", "condition at the end"),
    }
    title = Text(f"{curves.facility_id} {curves.name}", f"{curves.facility_id} {curves.name}")
    out.sheet(Sheet("alternatives", title, headers, rows, frozenset({"action", "host_id"})))
    _say_estimates(curves.estimates, out)
    barred = [{"action": ACTIONS[action], "reason": reason} for action, reason in curves.barred.items()]
    headers = {"action": _ACTION, "reason": Text("理由", "reason")}
    out.sheet(Sheet("not_possible", Text("\n選べない対策", "\nNot open to it"), headers, barred, frozenset(headers)))
    out.say(
        Text(
            "\n1施設だけを見た費用です。どれを選ぶかは、サービスの維持や予算とあわせて fmtool plan が決めます",
            "\nThe cost of this facility alone; which one is chosen, with services and budget kept, fmtool plan decides",
        )
    )


def show_plan(result: PlanResult, workspace: Workspace, out: Output) -> None:
    """Print what was decided, what it costs, how good it is, and where the files are."""
    facts = read_facts(result)
    _show_actions(result, facts, out)
    out.data(
        status=result.status,
        objective=result.objective,
        best_bound=result.best_bound,
        gap=result.gap,
        solver=result.solver,
        solve_seconds=result.solve_seconds,
        outlay_total=facts.totals["plan"],
        budget_total=facts.totals["budget"],
        income_total=facts.income_total,
        floor_area_now_m2=facts.floor_now_m2,
        floor_area_end_m2=facts.floor_end_m2,
        fund_low=facts.fund_low,
        fund_low_year=facts.fund_low_year,
        assumptions=len(result.assumptions),
        assumptions_without_source=facts.assumed,
        guesses=len(result.guesses),
        estimates=estimates_of(result).fields(),
        folder=str(workspace.results),
    )
    _say_figures(result, facts, out)
    _say_ending_programmes(workspace, out)
    status, objective = STATUSES[result.status], result.objective
    out.say(
        Text(
            f"{status.ja}。全期間の費用の現在価値 {money(objective, 'ja', result.currency)}、"
            f"最善との差は最大 {result.gap:.2%}（{result.solver}、{result.solve_seconds:.1f}秒）\n",
            f"{status.en}. Present cost of all years {money(objective, 'en', result.currency)}, "
            f"at most {result.gap:.2%} above the best ({result.solver}, {result.solve_seconds:.1f} s)\n",
        )
    )
    names = {
        "map.html": Text("地図", "map"),
        "schedule.xlsx": Text("工程表", "workbook"),
        "report.html": Text("報告書", "report"),
        "report.pdf": Text("報告書（印刷用）", "report to print"),
    }
    for file, name in names.items():
        path = (workspace.results / file).absolute()
        if file == "report.pdf" and not path.exists():
            out.say(NO_PRINTER)
        else:
            out.say(Text(f"{name.ja}: {path}", f"{name.en}: {path}"))


def _say_ending_programmes(workspace: Workspace, out: Output) -> None:
    """Warn of each funding programme that ends before the plan does; without finances none is used."""
    if workspace.config.files.finance is None:
        return
    ending = expiring(read_programmes(workspace), workspace.config.case.years)
    out.data(ending_programmes=ending)
    for sentence in ending:
        out.say(sentence)


def _show_actions(result: PlanResult, facts: Facts, out: Output) -> None:
    """Print the actions: how often each is done, and for how many facilities it is the main one."""
    done = result.events.groupby("action", sort=False)["cost"].agg(["size", "sum"]).to_dict("index")
    rows = [
        {
            "action": code if out.as_json else ACTIONS[code],
            "count": int(done[code]["size"]),
            "facilities": facts.facilities_by_decision.get(code, 0),
            "cost": float(done[code]["sum"]) / (1 if out.as_json else MILLION),
        }
        for code in ACTIONS
        if code in done
    ]
    unit = Text(million_unit(result.currency, "ja"), million_unit(result.currency, "en"))
    headers = {
        "action": _ACTION,
        "count": Text("実施件数", "times done"),
        "facilities": Text("主な対策とする施設", "facilities (main action)"),
        "cost": Text(f"費用（{unit.ja}）", f"cost ({unit.en})"),
    }
    title = Text(f"{result.case_name.ja}: 実行計画", f"{result.case_name.en}: schedule")
    out.sheet(Sheet("actions", title, headers, rows, frozenset({"action"})))
    if any(row["count"] != row["facilities"] for row in rows):
        out.say(
            Text(
                "一つの施設に複数の対策があります（建替え後の改修、統合後の除却・売却など）",
                "One facility may have several actions (renovated after rebuilding; demolished and sold after merging)",
            )
        )


def _say_figures(result: PlanResult, facts: Facts, out: Output) -> None:
    """Print the plan's cost against the budget, floor area, fund, and on how many assumptions it rests."""
    years = len(result.years)

    def said(amount: float) -> Text:
        return Text(money(amount, "ja", result.currency), money(amount, "en", result.currency))

    total, mean = said(facts.totals["plan"]), said(facts.mean("plan", years))
    budget, income, low = said(facts.mean("budget", years)), said(facts.income_total), said(facts.fund_low)
    share = "" if math.isnan(facts.floor_share) else f" ({facts.floor_share:+.1%})"
    out.say(
        Text(
            f"\n工事費等 {total.ja}（年平均 {mean.ja}、予算は年 {budget.ja}）、貸付・売却の収入 {income.ja}",
            f"\nWorks {total.en} ({mean.en} a year; budget {budget.en} a year), lease and sale income {income.en}",
        )
    )
    out.say(
        Text(
            f"延床面積 {facts.floor_now_m2:,.0f} → {facts.floor_end_m2:,.0f} m²{share}、"
            f"基金残高の最小 {low.ja}（{facts.fund_low_year}年度）",
            f"Floor area {facts.floor_now_m2:,.0f} to {facts.floor_end_m2:,.0f} m2{share}; "
            f"fund at its lowest {low.en} (FY{facts.fund_low_year})",
        )
    )
    for _, sentence in Sentences(result, facts, out.lang).money_sentences():
        out.say(sentence)
    out.say(
        Text(
            f"前提条件 {len(result.assumptions):,}件（うち出典のない仮定 {facts.assumed:,}件）、"
            f"台帳にないため補った値 {len(result.guesses):,}件",
            f"Rests on {len(result.assumptions):,} assumptions ({facts.assumed:,} without a published source) "
            f"and {len(result.guesses):,} values filled in because the ledger lacks them",
        )
    )
    for sentence in estimates_of(result).sentences(result.currency):
        out.say(sentence)
