"""One facility's lifecycle-cost curves: the cheapest life plan of each leading action."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmtool.alternatives import life_plans
from fmtool.alternatives.lifeplans import ACTION_CODES, LifePlans
from fmtool.errors import UsageError
from fmtool.inventory import read_inventory, read_services
from fmtool.lifecycle.curves import CostCurve, cost_curve
from fmtool.lifecycle.stock import build_stock
from fmtool.text import Lang, Text, listing
from fmtool.units import MILLION
from fmtool.views.charts import curve_chart
from fmtool.views.costs import EXCEL_UTF8
from fmtool.views.estimates import estimates_words
from fmtool.vocabulary import ACTIONS
from fmtool.workspace import Workspace, write_bytes, write_text


@dataclass(frozen=True, slots=True, eq=False)
class Alternative:
    """The cheapest life plan that leads with one action; money in whole currency units."""

    action: str
    year: int | None
    """Year in which the action begins; None for keeping."""
    host_id: str | None
    curve: CostCurve
    condition: NDArray[np.float64]
    """(Y,) condition index at the end of each year; NaN once disposed of."""


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """What one facility's choices cost and what state they leave it in."""

    facility_id: str
    name: str
    years: tuple[int, ...]
    currency: str
    alternatives: list[Alternative]
    """Cheapest present life-cycle cost first."""
    barred: dict[str, Text]
    """Action code to the reason why the facility may not take it."""
    estimates: Text | None = None
    """Which of its values are estimates."""


def read_curves(workspace: Workspace, facility_id: str, tell: Callable[[Text], None]) -> Curves:
    """Work out the curves of one facility of the workspace."""
    tell(Text("施設台帳を読んでいます", "reading the inventory"))
    inventory = read_inventory(workspace)
    case = workspace.config.case
    tell(Text("選択肢を数え上げています", "listing the life plans"))
    plans = life_plans(build_stock(inventory, workspace), read_services(workspace), workspace)
    alternatives = facility_alternatives(plans, facility_id, case.discount_rate)
    buildings = inventory.buildings
    name = str(buildings.loc[buildings["id"] == facility_id, "name"].iloc[0])
    barred, estimates = not_possible(plans, facility_id), estimates_words(inventory.guesses, facility_id)
    return Curves(facility_id, name, case.years, case.currency, alternatives, barred, estimates)


def facility_alternatives(plans: LifePlans, facility_id: str, discount_rate: float) -> list[Alternative]:
    """Return one alternative an action, cheapest present life-cycle cost first.

    Present cost = sum over years of (outlay + running + risk - income) * discount - residual * last discount.

    Raises
    ------
    UsageError
        When the id is not among the costed facilities.
    """
    if facility_id not in plans.facility_ids:
        known = listing(list(plans.facility_ids))
        raise UsageError(
            Text(
                f"費用を計算できる施設に「{facility_id}」はありません",
                f"no facility `{facility_id}` among those that can be costed",
            ),
            Text(f"例: {known.ja}", f"there are: {known.en}"),
        )
    own = plans.take(plans.facility == plans.facility_ids.index(facility_id))
    every = _curve(own, slice(None), discount_rate)
    cheapest = [
        int(rows[np.argmin(every.present[rows])])
        for code in range(len(ACTION_CODES))
        if (rows := np.flatnonzero(own.kind == code)).size
    ]
    found = []
    for row in sorted(cheapest, key=lambda row: float(every.present[row])):
        action, year, host = own.label(row)
        condition = own.condition[row].astype(np.float64)
        found.append(Alternative(action, year, host, _curve(own, row, discount_rate), condition))
    return found


def not_possible(plans: LifePlans, facility_id: str) -> dict[str, Text]:
    """Return the first reason for each action that the facility may not take at all."""
    facility = plans.facility_ids.index(facility_id)
    possible = {ACTION_CODES[code] for code in np.unique(plans.kind[plans.facility == facility])}
    reasons: dict[str, Text] = {}
    for exclusion in plans.exclusions:
        if exclusion.facility == facility and exclusion.action not in possible:
            reasons.setdefault(exclusion.action, exclusion.reason)
    return reasons


def curves_table(curves: Curves) -> pd.DataFrame:
    """Return one row a year: cumulative cost and condition of each alternative."""
    columns: dict[str, NDArray[np.float64]] = {}
    for each in curves.alternatives:
        columns[f"{each.action}_cumulative_cost"] = np.round(each.curve.cumulative)
        columns[f"{each.action}_condition"] = np.round(each.condition, 1)
    return pd.DataFrame(columns, index=pd.Index(curves.years, name="year"))


def write_curves(curves: Curves, folder: Path, lang: Lang) -> list[Path]:
    """Write table and picture of one facility's curves into ``folder``."""
    name = file_name(curves.facility_id)
    table, picture = folder / f"{name}.csv", folder / f"{name}.png"
    title = Text(curves.name, curves.name)
    if curves.estimates is not None:
        title = Text(f"{curves.name}\n{curves.estimates.ja}", f"{curves.name}\n{curves.estimates.en}")
    write_text(table, curves_table(curves).to_csv(lineterminator="\n", float_format="%.15g"), EXCEL_UTF8)
    write_bytes(
        picture,
        curve_chart(
            curves.years,
            {each.action: each.curve.cumulative for each in curves.alternatives},
            {each.action: each.condition for each in curves.alternatives},
            lang=lang,
            currency=curves.currency,
            title=title,
            labels=ACTIONS,
            fmt="png",
        ),
    )
    return [table, picture]


def _curve(plans: LifePlans, rows: slice | int, discount_rate: float) -> CostCurve:
    return cost_curve(
        plans.outlay[rows] * MILLION,
        plans.running[rows] * MILLION,
        discount_rate,
        risk=plans.risk[rows] * MILLION,
        income=plans.income[rows] * MILLION,
        residual=plans.residual[rows] * MILLION,
    )


_LONGEST_NAME = 60
_RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]", re.IGNORECASE)
"""Names that Windows keeps for itself."""


def file_name(facility_id: str) -> str:
    """Return a file name for a facility, whatever its id holds; ids that look alike get names of their own.

    >>> file_name("F-001"), file_name("市民館1")
    ('F-001', '市民館1')
    >>> file_name("../a/b"), file_name("CON")
    ('___a_b-8e7e', 'CON-a3db')
    """
    plain = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in facility_id)[:_LONGEST_NAME]
    if plain == facility_id and not _RESERVED.fullmatch(plain):
        return plain
    return f"{plain}-{hashlib.sha256(facility_id.encode()).hexdigest()[:4]}"
