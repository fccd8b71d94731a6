"""Scenarios side by side: what each comes to, and which decisions change between them."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from fmtool.errors import UsageError
from fmtool.schedule.result import PlanResult
from fmtool.schedule.store import read_result
from fmtool.text import Lang, Text, listing
from fmtool.views.charts_money import scenarios_chart
from fmtool.views.estimates import Estimates, estimates_of
from fmtool.views.fiscal import RATIOS
from fmtool.views.labels import named, plain_text
from fmtool.views.scenarios import Scenario, not_planned, planned_names, read_scenario
from fmtool.views.tables import neutral_text, number_text
from fmtool.views.workbook_changes import write_comparison_book
from fmtool.vocabulary import ACTIONS, USES
from fmtool.workspace import CONFIG_NAME, Workspace, replacing_folder, write_bytes

FOLDER = "compare"
"""The folder of results/ that comparisons go to."""
TABLE, CHANGES, PICTURE, WORKBOOK = "compare.csv", "changes.csv", "compare.png", "compare.xlsx"
LEAST = 2
"""So many scenarios can be compared at least."""


@dataclass(frozen=True, slots=True)
class Change:
    """One facility whose decision is not the same in every scenario."""

    facility_id: str
    name: str
    use: str
    district: str
    decided: tuple[tuple[str, int | None, str | None], ...]
    """Main action, its year and host, scenario by scenario; empty action = not in that plan."""

    @property
    def is_other_action(self) -> bool:
        """Whether more than the year differs."""
        return len({(action, host) for action, _, host in self.decided}) > 1


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Scenarios in the order asked for, and the facilities that they treat differently."""

    scenarios: tuple[Scenario, ...]
    changes: tuple[Change, ...]
    facilities: int
    """Facilities that any of the plans decides on."""
    remarks: tuple[Text, ...]
    estimates: tuple[Estimates, ...]
    """What each scenario rests on beside the ledger."""
    first: PlanResult

    @property
    def names(self) -> tuple[str, ...]:
        """The scenarios' names."""
        return tuple(scenario.name for scenario in self.scenarios)

    @property
    def other_actions(self) -> int:
        """How many facilities meet another action or host in some scenario."""
        return sum(change.is_other_action for change in self.changes)


def choose_names(workspace: Workspace, names: Sequence[str]) -> list[str]:
    """Return the scenarios to compare: those asked for, else all that have a plan.

    Raises
    ------
    UsageError
        When fewer than two are left, or one is neither planned nor in ``fmtool.toml``.
    """
    results = workspace.results.parent
    planned = planned_names(results)
    chosen = list(dict.fromkeys(names)) or planned
    known = ["base", *workspace.config.scenario]
    unknown = [name for name in chosen if name not in known and name not in planned]
    if unknown:
        said, there = listing(unknown), listing(known)
        raise UsageError(
            Text(f"{CONFIG_NAME}: シナリオがありません: {said.ja}", f"{CONFIG_NAME}: no such scenario: {said.en}"),
            Text(f"あるもの: {there.ja}", f"there are: {there.en}"),
        )
    if len(chosen) < LEAST:
        there = listing(known)
        raise UsageError(
            Text(
                f"比べるには計画が2つ以上要ります（今あるもの: {len(chosen)}）",
                f"a comparison needs two plans or more (there are {len(chosen)})",
            ),
            Text(
                f"`fmtool compare base 名前 --plan` で作って比べられます。シナリオ: {there.ja}",
                f"`fmtool compare base NAME --plan` makes and compares them; scenarios: {there.en}",
            ),
        )
    return chosen


def missing_plans(workspace: Workspace, names: Sequence[str]) -> list[str]:
    """Return the scenarios that have no plan yet."""
    planned = planned_names(workspace.results.parent)
    return [name for name in names if name not in planned]


def compare_scenarios(workspace: Workspace, names: Sequence[str]) -> Comparison:
    """Read the scenarios' plans and find what differs.

    Raises
    ------
    WorkspaceError
        When a scenario is not planned, or its files are damaged.
    """
    results = workspace.results.parent
    missing = missing_plans(workspace, names)
    if missing:
        raise not_planned(missing)
    scenarios = tuple(read_scenario(results / name) for name in names)
    plans = [read_result(results / name) for name in names]
    changes, facilities = find_changes(plans)
    estimates = tuple(map(estimates_of, plans))
    remarks = [*_remarks(scenarios, results), *_on_estimates(plans, estimates)]
    return Comparison(scenarios, tuple(changes), facilities, tuple(remarks), estimates, plans[0])


def _on_estimates(plans: Sequence[PlanResult], estimates: Sequence[Estimates]) -> list[Text]:
    """Say of each scenario that rests on estimates how much does."""
    said = [(plan, each.how_much(plan.currency)) for plan, each in zip(plans, estimates, strict=True) if each.count]
    return [Text(f"{plan.scenario}: {each.ja}", f"{plan.scenario}: {each.en}") for plan, each in said]


def find_changes(plans: Sequence[PlanResult]) -> tuple[list[Change], int]:
    """Return the facilities whose decision differs, those with another action first; and how many are decided on."""
    decided: dict[str, list[tuple[str, int | None, str | None]]] = {}
    known: dict[str, tuple[str, str, str]] = {}
    blank: tuple[str, int | None, str | None] = ("", None, None)
    for at, plan in enumerate(plans):
        facilities = plan.facilities[plan.facilities["is_costed"].astype(bool)]
        columns = (facilities[name].tolist() for name in ("facility_id", "decision", "decision_year", "host_id"))
        for name, action, year, host in zip(*columns, strict=True):
            row = decided.setdefault(str(name), [blank] * len(plans))
            row[at] = (str(action), _whole(year), plain_text(host) or None)
        columns = (facilities[name].tolist() for name in ("facility_id", "name", "use", "district"))
        for identity, *words in zip(*columns, strict=True):
            name, use, district = map(plain_text, words)
            known.setdefault(str(identity), (name, use, district))
    changes = [Change(name, *known[name], tuple(row)) for name, row in decided.items() if len(set(row)) > 1]
    return sorted(changes, key=lambda change: (not change.is_other_action, change.facility_id)), len(decided)


def _whole(year: Any) -> int | None:  # noqa: ANN401  - a cell of a frame
    return None if pd.isna(year) else int(year)


def _remarks(scenarios: Sequence[Scenario], results: Path) -> list[Text]:
    """Say what makes the figures less than comparable."""
    remarks = []
    if len({scenario.discount_rate for scenario in scenarios}) > 1:
        remarks.append(
            Text(
                "割引率が違うため、目的関数値どうしは比べられません（工事費等・実質負担の合計は割引前です）",
                "discount rates differ, so objectives do not compare (totals of works and own burden are undiscounted)",
            )
        )
    if len({(scenario.currency, scenario.price_year) for scenario in scenarios}) > 1:
        remarks.append(
            Text("通貨または価格基準年度が違う計画です", "the plans differ in currency or price year of their amounts")
        )
    if len({scenario.years for scenario in scenarios}) > 1:
        remarks.append(
            Text(
                "計画の年度が違うため、合計どうしは比べられません",
                "the plans cover other years, so totals do not compare",
            )
        )
    hashes = [_inputs(results / scenario.name) for scenario in scenarios]
    changed = sorted(
        {
            file
            for other in hashes[1:]
            for file in other.keys() & hashes[0].keys()
            if file != CONFIG_NAME and other[file] != hashes[0][file]
        }
    )
    if changed:
        said = listing(changed)
        remarks.append(
            Text(
                f"計画を作ったときの入力が違います: {said.ja}。`fmtool plan` で作り直すと揃います",
                f"the plans were made from other inputs: {said.en}; `fmtool plan` makes them anew",
            )
        )
    return remarks


def _inputs(folder: Path) -> dict[str, str]:
    try:
        inputs = json.loads((folder / "run.json").read_text(encoding="utf-8"))["inputs"]
        return {str(name): str(digest) for name, digest in inputs.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def table_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """Return one row a scenario, in whole currency units; NaN and None where a plan has no such figure."""
    rows = []
    for scenario, estimates in zip(comparison.scenarios, comparison.estimates, strict=True):
        row: dict[str, Any] = {
            "scenario": scenario.name,
            "status": scenario.status,
            "objective": scenario.objective,
            "own_burden": scenario.own_burden,
            "works_total": scenario.works_total,
            "gap": scenario.gap,
            "peak": scenario.peak,
            "peak_year": scenario.peak_year,
            "floor_area_end_m2": scenario.floor_end_m2,
        }
        for name in RATIOS:
            value, year = scenario.ratios.get(name, (math.nan, None))
            row |= {name: value, f"{name}_year": year}
        row |= {"estimated_values": estimates.count, "estimated_outlay": estimates.outlay}
        rows.append(row)
    return rows


def write_comparison_files(comparison: Comparison, results: Path, lang: Lang) -> list[Path]:
    """Write ``results/compare/``: table, changes, chart and workbook; return the files."""
    folder = results / FOLDER
    with replacing_folder(folder) as made:
        rows = table_rows(comparison)
        write_bytes(made / TABLE, _csv(list(rows[0]), [[_cell(value) for value in row.values()] for row in rows]))
        write_bytes(made / CHANGES, _changes_csv(comparison, lang))
        spend = {scenario.name: (scenario.years, scenario.spend) for scenario in comparison.scenarios}
        picture = scenarios_chart(spend, lang=lang, currency=comparison.first.currency, fmt="png")
        write_bytes(made / PICTURE, picture)
        write_comparison_book(comparison, made / WORKBOOK, lang)
    return [folder / name for name in (TABLE, CHANGES, PICTURE, WORKBOOK)]


def _changes_csv(comparison: Comparison, lang: Lang) -> bytes:
    heads = ["facility_id", "name", "use", "district", "differs"]
    for name in comparison.names:
        heads += [f"{name}_action", f"{name}_year", f"{name}_host_id"]
    lines = []
    for change in comparison.changes:
        line = [change.facility_id, change.name, named(USES, change.use, lang), change.district]
        line.append("action" if change.is_other_action else "year")
        for action, year, host in change.decided:
            line += [named(ACTIONS, action, lang), "" if year is None else str(year), host or ""]
        lines.append([neutral_text(text) for text in line])
    return _csv([neutral_text(head) for head in heads], lines)


def _cell(value: object) -> str:
    return neutral_text(value) if isinstance(value, str) else number_text(value)


def _csv(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows(lines)
    return out.getvalue().encode("utf-8-sig")
