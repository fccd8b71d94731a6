"""The conventional way (renovate at 30, rebuild at 60) as a plan that the map can show beside the chosen one.

Its works are those of the baseline ``replace``, facility by facility; nothing closes. Works that are behind are made
up at a tenth a year, as the ministry's tool has it, so they show as ten years of works.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmtool.inventory import Inventory
from fmtool.lifecycle.condition import condition_after_works, condition_without_works
from fmtool.lifecycle.present_value import escalation_factors
from fmtool.lifecycle.renewal import replace_need
from fmtool.lifecycle.stock import Stock, build_stock
from fmtool.schedule.result import STATE_CODES, PlanResult
from fmtool.text import Text
from fmtool.workspace import Workspace

Floats = NDArray[np.float64]

REPLACE = "replace"
SAME = 1e-6
"""Share by which the works may differ from the plan's own baseline: the inputs are the same, or they are not."""

REASON = Text(
    "従来型の考え方（30年で大規模改修、60年で建替え）による工事です。計画ではなく、比べるための見込みです。",
    "Works of the conventional way (renovate at 30 years, rebuild at 60): a forecast to compare with, not a plan.",
)


def replace_plan(result: PlanResult, inventory: Inventory, workspace: Workspace) -> PlanResult | None:
    """Return the conventional way for the facilities of a plan.

    Returns
    -------
    PlanResult | None
        None when the inventory or the figures have changed since the plan was made: the works would not add up to
        the plan's own baseline.
    """
    stock = build_stock(inventory, workspace)
    span = len(result.years)
    row_of = {str(name): row for row, name in enumerate(result.facilities["facility_id"])}
    if workspace.config.case.horizon_years != span or not set(stock.facility_ids) <= set(row_of):
        return None
    prices = escalation_factors(workspace.config.case.construction_escalation_rate, span)
    need = {action: amounts * prices for action, amounts in replace_need(stock, workspace.figures, span).items()}
    total = sum(amounts.sum(axis=0) for amounts in need.values())
    baseline = result.baselines.get(REPLACE)
    if baseline is None or not np.allclose(total, baseline, rtol=SAME, atol=1.0):
        return None
    return _plan(result, stock, need, np.array([row_of[name] for name in stock.facility_ids], dtype=int), workspace)


def _plan(
    result: PlanResult, stock: Stock, need: dict[str, Floats], rows: NDArray[np.int_], workspace: Workspace
) -> PlanResult:
    events = _events(result, stock, need)
    condition = np.full(result.condition.shape, np.nan)
    condition[rows] = condition_without_works(stock, workspace.figures, len(result.years))[0]
    state = np.zeros_like(result.state)
    at = {name: row for row, name in enumerate(result.facilities["facility_id"].astype(str))}
    new = {kind: condition_after_works(workspace.figures, len(result.years), kind)[0] for kind in need}
    for name, action, start, end in zip(
        *(events[column].tolist() for column in ("facility_id", "action", "start_year", "end_year")), strict=True
    ):
        since, done = start - result.years[0], end - result.years[0]
        state[at[name], since : done + 1] = STATE_CODES.index("works")
        condition[at[name], done:] = new[action][: max(0, len(result.years) - done)]
    outlay = np.zeros_like(result.facility_outlay)
    outlay[rows] = np.sum(list(need.values()), axis=0)
    yearly = result.yearly[["budget"]].assign(
        outlay=outlay.sum(axis=0), floor_area_m2=float(result.facilities["floor_area_m2"].sum())
    )
    spent = pd.DataFrame({action: amounts.sum(axis=0) for action, amounts in need.items()}, index=yearly.index)
    return replace(
        result,
        scenario=REPLACE,
        facilities=_facilities(result, events),
        events=events,
        yearly=yearly,
        spend_by_action=spent,
        facility_outlay=outlay,
        condition=condition,
        state=state,
    )


def _events(result: PlanResult, stock: Stock, need: dict[str, Floats]) -> pd.DataFrame:
    """Return one row for each unbroken run of years in which works are paid."""
    known = result.facilities.set_index(result.facilities["facility_id"].astype(str))
    first, span, rows = result.years[0], len(result.years), []
    for action, amounts in need.items():
        paid = np.pad(amounts > 0, ((0, 0), (1, 1))).astype(np.int8)
        change = np.diff(paid, axis=1)
        facility, start = np.nonzero(change == 1)
        ends = np.nonzero(change == -1)[1] - 1
        for f, since, until in zip(facility.tolist(), start.tolist(), ends.tolist(), strict=True):
            name = stock.facility_ids[f]
            cost = float(amounts[f, since : min(until + 1, span)].sum())
            about = known.loc[name, ["name", "use"]].tolist()
            rows.append([name, *about, action, first + since, first + until, cost, None])
    columns = ["facility_id", "name", "use", "action", "start_year", "end_year", "cost", "host_id"]
    return pd.DataFrame(rows, columns=columns)


def _facilities(result: PlanResult, events: pd.DataFrame) -> pd.DataFrame:
    """Return the facilities with the conventional way's first works as their decision."""
    first = events.sort_values("start_year").drop_duplicates("facility_id").set_index("facility_id")
    ids = result.facilities["facility_id"].astype(str)
    return result.facilities.drop(
        columns=["explain_ja", "explain_en", "next_action", "next_year", "next_extra_cost"], errors="ignore"
    ).assign(
        decision=ids.map(first["action"]).fillna("keep"),
        decision_year=ids.map(first["start_year"]).astype("Int64"),
        host_id=None,
        reason_ja=REASON.ja,
        reason_en=REASON.en,
    )
