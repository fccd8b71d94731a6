"""What the report draws and tells of public finance, and of the other scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fmtool.schedule.result import PlanResult
from fmtool.text import Lang, Text
from fmtool.views.charts import Format
from fmtool.views.charts_money import debt_chart, ratio_chart, sources_chart
from fmtool.views.fiscal import (
    LIMIT_OF,
    RATIOS,
    is_given,
    limit_of,
    owned_ratios,
    ratio_text,
    sources_by_year,
    yearly_column,
)
from fmtool.views.scenarios import Scenario, scenario_of_result

Drawing = tuple[bytes, Text]
"""A picture and what it shows."""


def money_charts(result: PlanResult, lang: Lang, fmt: Format = "svg") -> dict[str, Drawing]:
    """Draw what pays, the ratios and what is owed; only what the plan has."""
    years, currency = result.years, result.currency
    drawn: dict[str, Drawing] = {}
    table = sources_by_year(result)
    if bool((table.drop(columns=["general_funds", "fund_draw"]) != 0).to_numpy().any()):
        chart = sources_chart(years, {str(name): table[name] for name in table}, lang=lang, currency=currency, fmt=fmt)
        drawn["sources"] = (chart, Text("年度別の財源内訳", "What pays for the works of each year"))
    own = owned_ratios(result)
    if "debt_service_ratio" in own:
        name = RATIOS["debt_service_ratio"]
        mean = yearly_column(result, "debt_service_ratio_3y") if "debt_service_ratio_3y" in own else None
        single = yearly_column(result, "debt_service_ratio")
        limit = limit_of(result, "debt_service_ratio")
        drawn["debt_service"] = (ratio_chart(years, single, limit, name=name, mean=mean, lang=lang, fmt=fmt), name)
    if "future_burden_ratio" in own:
        name, burden = RATIOS["future_burden_ratio"], yearly_column(result, "future_burden_ratio")
        limit = limit_of(result, "future_burden_ratio")
        drawn["future_burden"] = (ratio_chart(years, burden, limit, name=name, lang=lang, fmt=fmt), name)
    if is_given(result, "bond_outstanding"):
        levels = {
            "owed": (Text("地方債残高", "Bonds outstanding"), yearly_column(result, "bond_outstanding")),
            "size": (Text("予算規模", "Budget size"), yearly_column(result, "budget_size")),
            "fund": (Text("公共施設整備基金", "Facilities fund"), yearly_column(result, "fund_balance")),
        }
        label = Text("地方債残高と基金残高", "Bonds outstanding and the fund")
        drawn["debt"] = (debt_chart(years, levels, lang=lang, currency=currency, fmt=fmt), label)
    return drawn


def other_rows(result: PlanResult, others: Sequence[Scenario]) -> list[dict[str, Any]]:
    """Return this plan and the other scenarios as rows of figures; nothing where there is no other."""
    if not others:
        return []
    return [
        {
            "name": each.name,
            "is_own": at == 0,
            "works_total": each.works_total,
            "own_burden": each.own_burden,
            "objective": each.objective,
            "peak": each.peak,
            "peak_year": each.peak_year,
            "floor_end_m2": each.floor_end_m2,
            "gap": each.gap,
            "ratios": _said_ratios(each),
        }
        for at, each in enumerate((scenario_of_result(result), *others))
    ]


def _said_ratios(scenario: Scenario) -> dict[str, str]:
    said = {}
    for name, (value, _) in scenario.ratios.items():
        limit = scenario.limits.get(LIMIT_OF[name])
        over = " !" if limit is not None and value > limit + 1e-9 else ""
        said[name] = f"{ratio_text(value, name, 'en')}{over}"
    return said
