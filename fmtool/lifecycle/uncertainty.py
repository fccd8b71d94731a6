"""What the spread of estimated values means in money, and which missing datum to collect first.

A facility's cost here is the present value over the horizon of keeping it for good: its renewal need of `replace`
(see :mod:`fmtool.lifecycle.renewal`) and its running cost, before any choice. For each estimated value it is worked
out anew with the lower and with the upper quartile in its place, all else as estimated:

    effect = largest - smallest of  cost(lower quartile), cost(estimate), cost(upper quartile)

The year built is not a straight line: an older building may cost more or less within the horizon, so all three are
compared. A running cost that was itself counted by the square metre follows the floor area. Structures have no
quartiles, and no effect is worked out for them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from fmtool.lifecycle.present_value import discount_factors, escalation_factors
from fmtool.lifecycle.renewal import costs_of, renewal_shares, replace_cycle
from fmtool.lifecycle.stock import Stock
from fmtool.workspace import Workspace

Floats = NDArray[np.float64]

COLUMNS = ("floor_area_m2", "built_year", "running_cost")
"""Columns whose spread has a cost."""


def kept_costs(stock: Stock, workspace: Workspace) -> Floats:
    """Return the (F,) present value of each facility's `replace` need and running cost over the horizon."""
    case = workspace.config.case
    discounts = discount_factors(case.discount_rate, case.horizon_years)
    prices = discounts * escalation_factors(case.construction_escalation_rate, case.horizon_years)
    unit_costs = costs_of(stock)
    per_m2 = np.zeros(len(stock))
    ages, row = np.unique(stock.age_years, return_inverse=True)
    for action, shares in renewal_shares(ages, replace_cycle(workspace.figures), case.horizon_years).items():
        per_m2 += (shares @ prices)[row] * unit_costs[action]
    return np.asarray(stock.floor_area_m2 * per_m2 + stock.running_cost * discounts.sum())


def with_effects(guesses: pd.DataFrame, stock: Stock, workspace: Workspace) -> pd.DataFrame:
    """Add to the guesses what their spread means in money.

    Parameters
    ----------
    guesses
        facility_id, column, value, basis, low, high …: of inventory and stock together.
    stock
        The facilities with the estimates in place.
    workspace
        Its case and cycles.

    Returns
    -------
    pandas.DataFrame
        The same rows and columns, with ``cost_low``, ``cost_high`` (the least and most that the facility costs over
        the horizon, present value in currency units, as the value goes from quartile to quartile) and
        ``cost_effect``, the one less the other; NaN where there is no spread.
    """
    made = guesses.assign(cost_low=np.nan, cost_high=np.nan, cost_effect=np.nan)
    spread = made["low"].notna().to_numpy() & made["column"].isin(COLUMNS).to_numpy()
    if not spread.any():
        return made
    place = {name: row for row, name in enumerate(stock.facility_ids)}
    filled = set(guesses.loc[guesses["column"] == "running_cost", "facility_id"])
    by_area = np.array([name in filled for name in stock.facility_ids], dtype=bool)
    middle = kept_costs(stock, workspace)
    for column in COLUMNS:
        chosen = np.flatnonzero(spread & (made["column"] == column).to_numpy())
        chosen = chosen[[made["facility_id"].iloc[each] in place for each in chosen]]
        if not chosen.size:
            continue
        rows = np.array([place[name] for name in made["facility_id"].iloc[chosen]])
        ends = [middle[rows]]
        for end in ("low", "high"):
            values = made[end].iloc[chosen].to_numpy(dtype=float)
            ends.append(kept_costs(_with(stock, column, rows, values, by_area), workspace)[rows])
        least, most = np.min(ends, axis=0), np.max(ends, axis=0)
        for name, amounts in (("cost_low", least), ("cost_high", most), ("cost_effect", most - least)):
            made.iloc[chosen, made.columns.get_loc(name)] = amounts  # type: ignore[index]
    return made


def _with(stock: Stock, column: str, rows: NDArray[np.int64], values: Floats, by_area: NDArray[np.bool_]) -> Stock:
    """Put other values in place of the estimates of one column."""
    if column == "built_year":
        built = stock.built_year.copy()
        built[rows] = np.round(values).astype(np.int64)
        return replace(stock, built_year=built, age_years=stock.age_years + stock.built_year - built)
    running = stock.running_cost.copy()
    if column == "running_cost":
        running[rows] = values
        return replace(stock, running_cost=running)
    area = stock.floor_area_m2.copy()
    area[rows] = values
    follows = np.where(by_area, area / stock.floor_area_m2, 1.0)
    return replace(stock, floor_area_m2=area, running_cost=running * follows)


def collect_first(guesses: pd.DataFrame) -> pd.DataFrame:
    """Rank the estimated columns by what their spread means in money.

    Parameters
    ----------
    guesses
        As :func:`with_effects` returns them.

    Returns
    -------
    pandas.DataFrame
        By column, the one worth collecting first on top: ``facilities`` (so many have it estimated), ``effect``
        (sum of their ``cost_effect`` in currency units, present value), ``first_id`` and ``first_effect`` (the
        facility where it matters most).

    Examples
    --------
    >>> told = pd.DataFrame({"facility_id": ["a", "b", "a"], "column": ["built_year", "built_year", "floor_area_m2"],
    ...     "basis": "estimated", "cost_effect": [3.0, 4.0, 9.0]})
    >>> collect_first(told)[["facilities", "effect", "first_id"]].reset_index().values.tolist()
    [['floor_area_m2', 1, 9.0, 'a'], ['built_year', 2, 7.0, 'b']]
    """
    rows = []
    known = guesses.iloc[:0].assign(cost_effect=0.0)
    if "cost_effect" in guesses:
        known = guesses[guesses["cost_effect"].notna()]
    for column, part in known.groupby("column", sort=True):
        top = part.sort_values(["cost_effect", "facility_id"], ascending=[False, True]).iloc[0]
        rows.append(
            {
                "column": column,
                "facilities": len(part),
                "effect": float(part["cost_effect"].sum()),
                "first_id": top["facility_id"],
                "first_effect": float(top["cost_effect"]),
            }
        )
    names = ["column", "facilities", "effect", "first_id", "first_effect"]
    table = pd.DataFrame(rows, columns=names).sort_values(["effect", "column"], ascending=[False, True])
    return table.set_index("column")


def is_estimated(guesses: pd.DataFrame) -> pd.Series[bool]:
    """Tell which guesses are estimates; none in a plan made before there were any."""
    if "basis" not in guesses:
        return pd.Series(data=False, index=guesses.index)
    return guesses["basis"] == "estimated"


def estimated_columns(guesses: pd.DataFrame) -> dict[str, list[str]]:
    """Return the estimated columns of each facility that has any; what was assumed by rule is not among them.

    >>> told = {"facility_id": ["b", "b", "c"], "column": ["built_year", "floor_area_m2", "storeys"]}
    >>> estimated_columns(pd.DataFrame({**told, "basis": ["estimated", "estimated", "assumed"]}))
    {'b': ['built_year', 'floor_area_m2']}
    """
    found: dict[str, list[str]] = {}
    told = guesses[is_estimated(guesses)]
    for facility, column in zip(told["facility_id"].astype(str), told["column"].astype(str), strict=True):
        found.setdefault(facility, []).append(column)
    return found


def resting_on_estimates(guesses: pd.DataFrame, facility_ids: ArrayLike, amounts: ArrayLike) -> float:
    """Return the part of some amounts that belongs to facilities whose year built or floor area is an estimate.

    >>> told = pd.DataFrame({"facility_id": ["b"], "column": ["built_year"], "basis": ["estimated"]})
    >>> resting_on_estimates(told, ["a", "b"], [30.0, 12.0])
    12.0
    """
    named = guesses.loc[is_estimated(guesses) & guesses["column"].isin(["built_year", "floor_area_m2"]), "facility_id"]
    return float(np.asarray(amounts, dtype=float)[np.isin(np.asarray(facility_ids), named.to_numpy())].sum())
