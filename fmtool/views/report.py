"""The council's report (``report.html``): one self-contained page without scripts that prints on A4."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup, escape

from fmtool.inventory.columns import read_columns
from fmtool.schedule.result import SOURCES, PlanResult
from fmtool.text import Lang, Text
from fmtool.units import fiscal_year, money
from fmtool.views.charts import baseline_chart, costs_chart, curve_chart, level_chart
from fmtool.views.estimates import estimates_of
from fmtool.views.fiscal import RATIOS
from fmtool.views.labels import (
    BASES,
    MILLION,
    SERIES,
    STATUSES,
    amount_text,
    is_missing,
    million_unit,
    named,
    plain_text,
    share_text,
    unit_word,
    why_text,
)
from fmtool.views.limits import binding_groups, price_note
from fmtool.views.palette import ACTION_COLOURS, ink_on
from fmtool.views.report_facts import (
    compared_facilities,
    largest_facilities,
    read_facts,
    read_sources,
    table_by,
    total_curves,
)
from fmtool.views.report_money import money_charts, other_rows
from fmtool.views.report_sentences import Sentences
from fmtool.views.report_tables import (
    GIVEN_UP,
    KEPT_UP,
    REASONS_SHOWN,
    assumption_groups,
    decision_table,
    guess_groups,
    reason_patterns,
    uncosted_groups,
)
from fmtool.views.scenarios import Scenario
from fmtool.vocabulary import ACTIONS, USES
from fmtool.workspace import write_text

SUMMARY_CHART = (11.0, 3.1)
"""Inches: low enough for the summary to keep to one page."""
SMALLEST = 1e-6
"""A slack below this is rounding."""


def write_report(result: PlanResult, path: Path, lang: Lang, others: Sequence[Scenario] = ()) -> None:
    """Write the report of a plan in one language.

    Parameters
    ----------
    result
        The certified plan.
    path
        File to write; it appears whole or not at all.
    lang
        Language of the report.
    others
        Other scenarios, to stand beside this plan.
    """
    write_text(path, report_page(result, lang, others))


def report_page(result: PlanResult, lang: Lang, others: Sequence[Scenario] = (), *, is_whole: bool = True) -> str:
    """Return the report; with ``is_whole`` false, without the tables of facilities that would fill hundreds of pages."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("report.html.j2")
    return template.render(**_words(result, lang), **_contents(result, lang, others), is_whole=is_whole)


def _words(result: PlanResult, lang: Lang) -> dict[str, Any]:
    """Return the functions that the template writes with."""

    def millions(amount: float) -> str:
        shown = amount / MILLION
        return "—" if math.isnan(shown) else f"{shown:,.1f}" if 0 < abs(shown) < 10 else f"{shown:,.0f}"  # noqa: PLR2004  - small amounts show a decimal

    return {
        "lang": lang,
        "t": lambda ja, en: Text(ja, en).say(lang),
        "name_of": {
            "action": lambda code: named(ACTIONS, code, lang),
            "use": lambda code: named(USES, code, lang),
            "basis": lambda code: named(BASES, code, lang),
        },
        "amount": lambda value: amount_text(value, result.currency, lang),
        "money": lambda value: money(value, lang, result.currency),
        "millions": millions,
        "share": share_text,
        "number": lambda value: "—" if is_missing(value) else f"{float(value):,.0f}",
        "slack": lambda value: (
            "—" if is_missing(value) else f"{float(value) + 0.0:,.4g}" if abs(value) >= SMALLEST else "0"
        ),
        "price_text": lambda price: f"{price:,.0f}" if price >= 100 else f"{price:,.2g}",  # noqa: PLR2004  - small prices show two digits
        "unit_of": lambda unit: unit_word(unit, lang, result.currency),
        "year": lambda value: fiscal_year(int(value), lang),
        "long_year": lambda value: fiscal_year(int(value), lang, both=True),
        "words": lambda value: plain_text(value) or "—",
        "colour": lambda code: ACTION_COLOURS.get(code, "#77859a"),
        "ink": lambda code: ink_on(ACTION_COLOURS.get(code, "#77859a")),
    }


def _contents(result: PlanResult, lang: Lang, others: Sequence[Scenario]) -> dict[str, Any]:
    facts = read_facts(result)
    return {
        "result": result,
        "facts": facts,
        "case_name": plain_text(result.case_name.say(lang)),
        "status": STATUSES[result.status].say(lang),
        "unit": million_unit(result.currency, lang),
        "sentences": Sentences(result, facts, lang).summary(),
        "courses": _courses(result, lang),
        "charts": _charts(result, lang),
        "curves": _curves(result, lang),
        "given_up": [(code, rows) for code in GIVEN_UP if (rows := decision_table(result, code, lang))],
        "kept_up": [_gathered(code, rows, lang) for code in KEPT_UP if (rows := decision_table(result, code, lang))],
        "uncosted": uncosted_groups(result, lang),
        "compared": len(compared_facilities(result)),
        "limits": binding_groups(result, lang),
        "price_note": price_note(result, lang),
        "ratios": [(RATIOS[worst.name].say(lang), worst, worst.say(lang)) for worst in facts.worst],
        "sources": [(SOURCES[name].say(lang), amount) for name, amount in facts.sources.items()],
        "others": other_rows(result, others),
        "uses": table_by(result, "use").reset_index().to_dict("records"),
        "districts": table_by(result, "district").reset_index().to_dict("records"),
        "checks": result.checks.to_dict("records"),
        "assumptions": assumption_groups(result.assumptions, lang),
        "estimates": [sentence.say(lang) for sentence in estimates_of(result).sentences(result.currency)],
        "guesses": guess_groups(result, {column.name: column.title for column in read_columns()}, lang),
        "title": f"title_{lang}",
    }


def _gathered(code: str, rows: list[dict[str, Any]], lang: Lang) -> dict[str, Any]:
    """Return a decision's rows with their reasons gathered: the commonest, and how many say something else."""
    patterns = reason_patterns((row["reason"] for row in rows), lang)
    rest = sum(count for _, count in patterns[REASONS_SHOWN:])
    return {"code": code, "rows": rows, "reasons": patterns[:REASONS_SHOWN], "rest": rest}


def _courses(result: PlanResult, lang: Lang) -> list[dict[str, Any]]:
    """Return totals, means and peaks of replace, extend and plan."""
    plan = result.yearly["outlay"].to_numpy(float)
    rows = []
    base = float(np.sum(result.baselines["replace"]))
    for code, amounts in (*((code, result.baselines[code]) for code in ("replace", "extend")), ("plan", plan)):
        total = float(np.sum(amounts))
        rows.append(
            {
                "code": code,
                "name": SERIES[code].say(lang),
                "total": total,
                "mean": total / len(result.years),
                "peak": float(np.max(amounts)),
                "peak_year": result.years[int(np.argmax(amounts))],
                "share": total / base if base else math.nan,
            }
        )
    return rows


def _charts(result: PlanResult, lang: Lang) -> dict[str, Markup]:
    yearly, years = result.yearly, result.years
    spend = {str(code): result.spend_by_action[code].to_numpy(float) for code in result.spend_by_action}
    budget, plan = yearly["budget"].to_numpy(float), yearly["outlay"].to_numpy(float)
    replace, extend = result.baselines["replace"], result.baselines["extend"]
    line = None if read_sources(result) else budget  # what subsidies and bonds help to pay is no measure of the budget
    said: dict[str, tuple[bytes, Text]] = {
        "courses": (
            baseline_chart(years, replace, extend, plan, line, lang=lang, currency=result.currency, size=SUMMARY_CHART),
            Text(
                "従来型・長寿命化型・本計画の各年度と累計の費用", "Replace, extend and plan, each year and cumulative"
            ),
        ),
        "costs": (
            costs_chart(years, spend, budget, lang=lang, currency=result.currency),
            Text("施策別の年度別事業費と予算額", "Cost of each year by action, and the budget"),
        ),
        "floor": (
            level_chart(
                years,
                yearly["floor_area_m2"].to_numpy(float),
                yearly["floor_area_target_m2"].to_numpy(float),
                names=(Text("延床面積", "Floor area"), Text("目標値", "Target")),
                unit=Text("m²", "m²"),
                lang=lang,
            ),
            Text("延床面積と目標値", "Floor area and its target"),
        ),
        "works": (
            level_chart(
                years,
                yearly["works_under_way"].to_numpy(float),
                yearly["works_limit"].to_numpy(float),
                names=(Text("同時工事件数", "Works under way"), Text("上限", "Limit")),
                unit=Text("件", "Works"),
                lang=lang,
            ),
            Text("同時工事件数と上限", "Works under way and the limit"),
        ),
    }
    said |= money_charts(result, lang)
    curves = total_curves(result)
    if curves:
        chart = curve_chart(years, curves, lang=lang, currency=result.currency)
        said["curves"] = (chart, Text("全施設の累計の生涯費用", "Cumulative lifecycle cost of all facilities"))
    return {name: inline_svg(data, label.say(lang), name) for name, (data, label) in said.items()}


def _curves(result: PlanResult, lang: Lang) -> list[dict[str, Any]]:
    """Draw the lifecycle-cost curves of the facilities with most outlay."""
    drawn = []
    for row in largest_facilities(result):
        facility = result.facilities.iloc[row]
        chart = curve_chart(
            result.years,
            result.curves[str(facility["facility_id"])],
            {"plan": result.condition[row]},
            lang=lang,
            currency=result.currency,
            size=(5.0, 3.2),
        )
        name = plain_text(facility["name"])
        label = Text(f"{name}の費用曲線と健全度", f"Cost curves and condition of {name}").say(lang)
        drawn.append(
            {
                "id": facility["facility_id"],
                "name": name,
                "action": facility["decision"],
                "year": None if is_missing(facility["decision_year"]) else int(facility["decision_year"]),
                "reason": why_text(facility.to_dict(), lang),
                "svg": inline_svg(chart, label, f"curve{row}"),
            }
        )
    return drawn


def inline_svg(data: bytes, label: str, prefix: str) -> Markup:
    """Make a drawing part of a page: no prolog, a label for readers of screens, ids that are the page's only ones.

    >>> print(inline_svg(b'<?xml?><svg width="9pt" viewBox="0 0 9 9"><g id="a"/><use href="#a"/></svg>', "A < B", "p"))
    <svg role="img" aria-label="A &lt; B" viewBox="0 0 9 9"><g id="p-a"/><use href="#p-a"/></svg>
    """
    text = data.decode("utf-8")
    text = text[text.index("<svg") :].strip()
    edits: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
        (r'\bid="', f'id="{prefix}-'),
        (r'href="#', f'href="#{prefix}-'),
        (r"url\(#", f"url(#{prefix}-"),
        (r"<metadata>.*?</metadata>", ""),
    )
    for pattern, replacement in edits:
        text = re.sub(pattern, replacement, text, flags=re.DOTALL)
    head, rest = text.split(">", 1)
    head = re.sub(r'\s(width|height|version)="[^"]*"', "", head)
    head = head.replace("<svg", f'<svg role="img" aria-label="{escape(label)}"', 1)
    return Markup(f"{head}>{rest}")  # noqa: S704  - our own drawing; its label is escaped
