"""Every chart of a plan as PNG for slides (``slides/``), in Japanese and English."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from fmtool.schedule.result import PlanResult
from fmtool.text import Lang, Text
from fmtool.views.charts import baseline_chart, captioned, chart_lang, costs_chart, curve_chart, level_chart
from fmtool.views.charts_money import scenarios_chart
from fmtool.views.report_facts import largest_facilities, total_curves
from fmtool.views.report_money import money_charts
from fmtool.views.scenarios import Scenario, scenario_of_result
from fmtool.workspace import replacing_folder, write_bytes

FOLDER = "slides"


def slide_charts(result: PlanResult, lang: Lang, others: tuple[Scenario, ...] = ()) -> dict[str, bytes]:
    """Draw every chart of the report in one language: name to PNG."""
    years, yearly, currency = result.years, result.yearly, result.currency
    plan, budget = yearly["outlay"].to_numpy(float), yearly["budget"].to_numpy(float)
    spend = {str(code): result.spend_by_action[code].to_numpy(float) for code in result.spend_by_action}
    drawn = {
        "courses": baseline_chart(
            years, result.baselines["replace"], result.baselines["extend"], plan, budget, lang=lang, currency=currency,
            title=Text("従来型 → 長寿命化型 → 本計画", "Replace, extend, this plan"), fmt="png",
        ),
        "costs": costs_chart(
            years, spend, budget, lang=lang, currency=currency, fmt="png",
            title=Text("年度別の事業費と予算額", "Cost of each year and the budget"),
        ),
        "floor": level_chart(
            years, yearly["floor_area_m2"].to_numpy(float), yearly["floor_area_target_m2"].to_numpy(float),
            names=(Text("延床面積", "Floor area"), Text("目標値", "Target")), unit=Text("m²", "m²"), lang=lang, fmt="png",
        ),
        "works": level_chart(
            years, yearly["works_under_way"].to_numpy(float), yearly["works_limit"].to_numpy(float),
            names=(Text("同時工事件数", "Works under way"), Text("上限", "Limit")), unit=Text("件", "Works"), lang=lang,
            fmt="png",
        ),
    }  # fmt: skip
    drawn |= {name: picture for name, (picture, _) in money_charts(result, lang, fmt="png").items()}
    curves = total_curves(result)
    if curves:
        title = Text("生涯費用の比較（累計）", "Lifecycle cost (cumulative)")
        drawn["curves"] = curve_chart(years, curves, lang=lang, currency=currency, title=title, fmt="png")
    for row in largest_facilities(result):
        facility = result.facilities.iloc[row]
        name, identity = str(facility["name"]), str(facility["facility_id"])
        condition = {"plan": result.condition[row]}
        lines = result.curves[identity]
        drawn[f"curve_{row + 1:04d}"] = curve_chart(
            years, lines, condition, lang=lang, currency=currency, title=Text(name, name), fmt="png"
        )
    if others:
        all_plans = (scenario_of_result(result), *others)
        drawn["scenarios"] = scenarios_chart(
            {each.name: (each.years, each.spend) for each in all_plans}, lang=lang, currency=currency, fmt="png"
        )
    return drawn


def write_slides(result: PlanResult, results: Path, others: tuple[Scenario, ...] = ()) -> list[Path]:
    """Write ``slides/<chart>_<language>.png`` in the plan's folder; return the files.

    Each carries the name of the case as a caption, for a picture in a slide has lost the page that says what is
    estimated. Languages that no font on the machine can draw are left out.
    """
    languages = [lang for lang in get_args(Lang) if chart_lang(lang) == lang]
    names = []
    with replacing_folder(results / FOLDER) as folder:
        for lang in languages:
            with captioned(result.case_name):
                charts = slide_charts(result, lang, others)
            for name, picture in charts.items():
                names.append(f"{name}_{lang}.png")
                write_bytes(folder / names[-1], picture)
    return [results / FOLDER / name for name in names]
