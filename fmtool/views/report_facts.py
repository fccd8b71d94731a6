"""Figures of the report, counted from a plan; amounts are whole currency units."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmtool.schedule.result import STATE_CODES, PlanResult
from fmtool.views.fiscal import Worst, own_burden, sources_by_year, worst_ratios
from fmtool.views.labels import is_missing
from fmtool.vocabulary import ACTIONS, USES

GONE = ("merged", "sold", "demolished")
"""States in which the city has given a building up."""
COURSES = ("replace", "extend", "plan", "keep")
"""The curves that are compared."""
LARGEST_CURVES = 6
"""So many facilities have their lifecycle-cost curves drawn."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the report says in figures."""

    facilities: int
    costed: int
    floor_now_m2: float
    floor_end_m2: float
    totals: dict[str, float]
    """`plan`, `replace`, `extend`, `budget` to their sums over the plan."""
    running_total: float
    income_total: float
    over_budget_years: int
    """Years in which more than the budget is paid at once, from general funds and the fund."""
    fund_drawn: float
    fund_income: float
    """What the fund was given beside unspent budget: proceeds of sales, interest, its opening balance."""
    fund_low: float
    fund_low_year: int
    peak: float
    peak_year: int
    works_peak: int
    works_limit: float
    """Limit in the year of the most works; NaN = none."""
    floor_target_m2: float
    """Target of the last year that has one; NaN = none."""
    floor_target_year: int | None
    floor_at_target_m2: float
    facilities_by_action: dict[str, int]
    """Action code to the number of facilities that meet it at least once."""
    facilities_by_decision: dict[str, int]
    """Action code to the number of facilities whose plan it is; those without any dated action are not in it."""
    without_works: int
    assumed: int
    guessed_facilities: int
    sources: dict[str, float]
    """What pays, in sums over the plan, without sources that give nothing; empty where general funds alone pay."""
    own_burden: float
    """Sum over the plan; NaN where it is not told."""
    worst: tuple[Worst, ...]
    """The ratios that the plan has, each in its worst year."""

    def mean(self, name: str, years: int) -> float:
        """Return the yearly mean of a total."""
        return self.totals[name] / years

    @property
    def saving(self) -> float:
        """What the plan costs less than `replace`."""
        return self.totals["replace"] - self.totals["plan"]

    @property
    def saving_share(self) -> float:
        """The saving as a share of `replace`; NaN when that is nothing."""
        return self.saving / self.totals["replace"] if self.totals["replace"] else math.nan

    @property
    def floor_share(self) -> float:
        """The change of floor area as a share of today's; NaN when there is none."""
        return self.floor_end_m2 / self.floor_now_m2 - 1 if self.floor_now_m2 else math.nan


def read_facts(result: PlanResult) -> Facts:
    """Count what the report says."""
    yearly, facilities = result.yearly, result.facilities
    outlay = yearly["outlay"].to_numpy(float)
    fund = np.nan_to_num(yearly["fund_balance"].to_numpy(float))
    works = yearly["works_under_way"].to_numpy(float)
    targets = np.flatnonzero(np.isfinite(yearly["floor_area_target_m2"].to_numpy(float)))
    last_target = int(targets[-1]) if targets.size else None
    busiest, low = int(works.argmax()), int(fund.argmin())
    met = result.events.groupby("action")["facility_id"].nunique()
    touched = set(result.events["facility_id"])
    decided = facilities.loc[facilities["facility_id"].isin(touched), "decision"].value_counts()
    paid_in = float(np.nansum(yearly["fund_deposit"].to_numpy(float) - yearly["fund_draw"].to_numpy(float)))
    costed = facilities["is_costed"].to_numpy(bool)
    ids = facilities["facility_id"].tolist()
    return Facts(
        facilities=len(facilities),
        costed=int(costed.sum()),
        floor_now_m2=float(facilities["floor_area_m2"].to_numpy(float)[costed].sum()),
        floor_end_m2=float(yearly["floor_area_m2"].iloc[-1]),
        totals={
            "plan": float(outlay.sum()),
            "replace": float(np.sum(result.baselines["replace"])),
            "extend": float(np.sum(result.baselines["extend"])),
            "budget": float(yearly["budget"].sum()),
        },
        running_total=float(yearly["running"].sum()),
        income_total=float(yearly["income"].sum()),
        over_budget_years=int((own_outlay(result) > yearly["budget"].to_numpy(float) + 0.5).sum()),
        fund_drawn=float(np.nansum(yearly["fund_draw"].to_numpy(float))),
        fund_income=float(fund[-1]) - paid_in,
        fund_low=float(fund[low]),
        fund_low_year=result.years[low],
        peak=float(outlay.max()),
        peak_year=result.years[int(outlay.argmax())],
        works_peak=int(works[busiest]),
        works_limit=float(yearly["works_limit"].iloc[busiest]),
        floor_target_m2=math.nan if last_target is None else float(yearly["floor_area_target_m2"].iloc[last_target]),
        floor_target_year=None if last_target is None else result.years[last_target],
        floor_at_target_m2=math.nan if last_target is None else float(yearly["floor_area_m2"].iloc[last_target]),
        facilities_by_action={code: int(met.get(code, 0)) for code in ACTIONS if code != "keep"},
        facilities_by_decision={code: int(decided.get(code, 0)) for code in ACTIONS if code != "keep"},
        without_works=sum(1 for name, is_costed in zip(ids, costed, strict=True) if is_costed and name not in touched),
        assumed=int((result.assumptions["basis"] == "assumed").sum()),
        guessed_facilities=int(result.guesses["facility_id"].nunique()),
        sources=read_sources(result),
        own_burden=own_burden(result),
        worst=tuple(worst_ratios(result)),
    )


def own_outlay(result: PlanResult) -> NDArray[np.float64]:
    """Return what the city pays at once for each year's works: the outlay less subsidies, bonds and other earmarked money."""
    table = sources_by_year(result)
    return (table["general_funds"] + table["fund_draw"]).to_numpy(float)


def read_sources(result: PlanResult) -> dict[str, float]:
    """Return what pays, in sums over the plan; nothing where general funds and the fund alone pay."""
    sums = sources_by_year(result).sum()
    paid = {str(name): float(amount) for name, amount in sums.items() if amount}
    return paid if set(paid) - {"general_funds", "fund_draw"} else {}


def is_gone(result: PlanResult) -> NDArray[np.bool_]:
    """Tell which facilities the city has given up by the end of the plan."""
    return np.isin(result.state[:, -1], [STATE_CODES.index(state) for state in GONE])


def table_by(result: PlanResult, column: str) -> pd.DataFrame:
    """Sum facilities, floor area, outlay and what is given up by ``column`` (`use` or `district`)."""
    facilities = result.facilities
    gone = is_gone(result)
    area = facilities["floor_area_m2"].astype(float).fillna(0.0).to_numpy()
    frame = pd.DataFrame(
        {
            "key": ["" if is_missing(value) else str(value) for value in facilities[column]],
            "facilities": 1,
            "floor_area_m2": area,
            "outlay": result.facility_outlay.sum(axis=1),
            "gone": gone.astype(int),
            "gone_area_m2": area * gone,
        }
    )
    sums = frame.groupby("key", sort=False).sum()
    order = [use for use in USES if use in sums.index] if column == "use" else sorted(sums.index)
    return sums.loc[[*order, *(key for key in sums.index if key not in order)]]


def total_curves(result: PlanResult) -> dict[str, NDArray[np.float64]]:
    """Add the cumulative costs of all facilities that have all four courses.

    A course that only some facilities have would not compare; such facilities are left out of every sum.
    """
    whole = [result.curves[name] for name in compared_facilities(result)]
    if not whole:
        return {}
    return {label: np.sum([np.asarray(curves[label], dtype=float) for curves in whole], axis=0) for label in COURSES}


def compared_facilities(result: PlanResult) -> list[str]:
    """Return the facilities that have all four courses: what the comparison of curves covers."""
    return [name for name, curves in result.curves.items() if all(label in curves for label in COURSES)]


def largest_facilities(result: PlanResult) -> list[int]:
    """Return the rows of the facilities with most outlay that have curves, largest first."""
    totals = result.facility_outlay.sum(axis=1)
    ids = result.facilities["facility_id"].tolist()
    order = [int(row) for row in np.argsort(-totals, kind="stable") if totals[row] > 0 and ids[row] in result.curves]
    return order[:LARGEST_CURVES]
