"""What pays for a plan and what the city owes, as the views draw it; amounts are whole currency units.

A city that gives no finances has no ratios: their columns are then missing or hold NaN, and every view
leaves them out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmtool.schedule.result import SOURCES, PlanResult
from fmtool.text import Lang, Text

Floats = NDArray[np.float64]

RATIOS: dict[str, Text] = {
    "debt_service_ratio": Text("実質公債費比率（単年度）", "Real debt service ratio (single year)"),
    "debt_service_ratio_3y": Text("実質公債費比率（3か年平均）", "Real debt service ratio (three-year mean)"),
    "future_burden_ratio": Text("将来負担比率", "Future burden ratio"),
}
"""The ratios of the act on local finances, by their column."""

LIMIT_OF = {
    "debt_service_ratio": "debt_service_ratio",
    "debt_service_ratio_3y": "debt_service_ratio",
    "future_burden_ratio": "future_burden_ratio",
}
"""The limit that each ratio is held against."""

SOURCE_COLOURS: dict[str, str] = {
    "national_subsidy": "#0072B2",
    "prefectural_subsidy": "#56B4E9",
    "bonds": "#D55E00",
    "fund_draw": "#E69F00",
    "other_specific": "#CC79A7",
    "general_funds": "#009E73",
}
"""What pays, in colours that colour-blind readers can tell apart (Okabe and Ito)."""


def yearly_column(result: PlanResult, name: str) -> Floats:
    """Return a column by year; NaN throughout where the plan has none."""
    if name not in result.yearly:
        return np.full(len(result.years), np.nan)
    return result.yearly[name].to_numpy(float)


def is_given(result: PlanResult, name: str) -> bool:
    """Tell whether a plan has a column with at least one value."""
    return bool(np.isfinite(yearly_column(result, name)).any())


def sources_by_year(result: PlanResult) -> pd.DataFrame:
    """Return what pays for each year's works (財源内訳): the columns of ``SOURCES``, which sum to the outlay.

    In a plan that says nothing of subsidies and bonds the fund pays what is drawn, and general funds the rest.
    """
    table = pd.DataFrame({name: yearly_column(result, name) for name in SOURCES}, index=result.yearly.index)
    rest = result.yearly["outlay"].to_numpy(float) - table.drop(columns="general_funds").fillna(0.0).sum(axis=1)
    table["general_funds"] = table["general_funds"].where(table["general_funds"].notna(), rest)
    return table.fillna(0.0)


def is_general(result: PlanResult) -> bool:
    """Tell whether the budget holds general funds alone, while subsidies and bonds may pay for works too."""
    return bool(result.fiscal_limits) or not result.bonds.empty


def owned_ratios(result: PlanResult) -> list[str]:
    """Return the ratios that this plan has."""
    return [name for name in RATIOS if is_given(result, name)]


def limit_of(result: PlanResult, ratio: str) -> float | None:
    """Return the limit of a ratio as a fraction; None = no limit."""
    return result.fiscal_limits.get(LIMIT_OF[ratio])


@dataclass(frozen=True, slots=True)
class Worst:
    """A ratio in its worst year."""

    name: str
    value: float
    year: int
    limit: float | None

    @property
    def is_kept(self) -> bool:
        """Whether the ratio keeps its limit, if it has one."""
        return self.limit is None or self.value <= self.limit + 1e-9

    def say(self, lang: Lang) -> str:
        """Write the ratio as it is published."""
        return ratio_text(self.value, self.name, lang)


def worst_ratios(result: PlanResult) -> list[Worst]:
    """Return each ratio that the plan has, in the year in which it is highest."""
    found = []
    for name in owned_ratios(result):
        values = yearly_column(result, name)
        at = int(np.nanargmax(values))
        found.append(Worst(name, float(values[at]), result.years[at], limit_of(result, name)))
    return found


def cut_share(share: float) -> float:
    """Cut a ratio off after one decimal of per cent, as the three-year mean is published.

    >>> cut_share(0.12389), cut_share(0.125), cut_share(-0.00351)
    (0.123, 0.125, -0.003)
    """
    return math.trunc(round(share * 1000, 6)) / 1000


def ratio_text(value: float, name: str, lang: Lang) -> str:
    """Write a ratio as it is published: the mean cut off, a future burden below nothing as a dash.

    >>> ratio_text(0.12389, "debt_service_ratio_3y", "ja"), ratio_text(0.12389, "debt_service_ratio", "ja")
    ('12.3%', '12.4%')
    >>> ratio_text(-0.2, "future_burden_ratio", "ja"), ratio_text(-0.02, "debt_service_ratio", "ja")
    ('-', '△2.0%')
    """
    if math.isnan(value):
        return "—"
    if name == "future_burden_ratio" and value < 0:
        return "-"
    shown = cut_share(value) if name == "debt_service_ratio_3y" else value
    minus = ("△" if lang == "ja" else "-") if round(shown, 3) < 0 else ""
    return f"{minus}{abs(shown) * 100:.1f}%"


def own_burden(result: PlanResult) -> float:
    """Return the sum of the own burden over the plan; NaN where the plan does not say."""
    values = yearly_column(result, "own_burden")
    return float(np.nansum(values)) if np.isfinite(values).any() else math.nan
