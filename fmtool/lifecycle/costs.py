"""Renewal need of the whole stock by year, and the yearly money it is set against.

What ``fmtool costs`` prints: `replace` and `extend` by action and by use, in whole currency units, with the
case's escalation of construction prices.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmtool.errors import WorkspaceError
from fmtool.lifecycle.present_value import escalation_factors
from fmtool.lifecycle.renewal import Cycle, costs_of, extend_mix, renewal_shares, replace_cycle
from fmtool.lifecycle.stock import USE_CODES, Stock
from fmtool.text import Text
from fmtool.workspace import CONFIG_NAME, Config, Workspace

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RenewalCosts:
    """Yearly renewal need before any choice, in whole currency units."""

    years: tuple[int, ...]
    uses: tuple[str, ...]
    """Use codes, the rows of the tables by use."""
    replace: dict[str, Floats]
    """Action code to (Y,): renovate, rebuild."""
    extend: dict[str, Floats]
    """Action code to (Y,): repair, extend, renovate, rebuild."""
    replace_by_use: Floats
    """(U, Y)."""
    extend_by_use: Floats
    """(U, Y)."""

    @property
    def replace_total(self) -> Floats:
        """(Y,) need of `replace`."""
        return np.asarray(self.replace_by_use.sum(axis=0))

    @property
    def extend_total(self) -> Floats:
        """(Y,) need of `extend`."""
        return np.asarray(self.extend_by_use.sum(axis=0))


def renewal_costs(stock: Stock, workspace: Workspace) -> RenewalCosts:
    """Add up the renewal need of all facilities.

    Facilities of one use and age share their works, so amounts are summed by use and age first:
    need[action, use, year] = sum over ages of  (sum of floor area * unit cost) * share[age, year] * price[year]
    """
    case, figures = workspace.config.case, workspace.figures
    prices = escalation_factors(case.construction_escalation_rate, case.horizon_years)
    replace = _need_by_use(stock, [(replace_cycle(figures), 1.0)], prices)
    extend = _need_by_use(stock, extend_mix(figures), prices)
    return RenewalCosts(
        years=case.years,
        uses=USE_CODES,
        replace={action: need.sum(axis=0) for action, need in replace.items()},
        extend={action: need.sum(axis=0) for action, need in extend.items()},
        replace_by_use=np.sum(list(replace.values()), axis=0),
        extend_by_use=np.sum(list(extend.values()), axis=0),
    )


def yearly_budget(config: Config, replace_total: Floats) -> Floats:
    """Return the (Y,) money for works: the amounts given, else a share of the mean `replace` need.

    share * mean over the horizon of the need, the same amount in every year.
    """
    horizon_years = config.case.horizon_years
    given = config.budget.yearly
    if given is None:
        share = config.budget.share_of_replace_mean
        return np.full(horizon_years, (share if share is not None else 1.0) * float(np.mean(replace_total)))
    if isinstance(given, list):
        if len(given) != horizon_years:
            raise WorkspaceError(
                Text(
                    f"{CONFIG_NAME}: `budget.yearly` は{horizon_years}年分必要です（{len(given)}年分）",
                    f"{CONFIG_NAME}: `budget.yearly` needs {horizon_years} amounts (got {len(given)})",
                ),
                Text(
                    "全年度分を並べるか、毎年同額なら一つの数で書きます",
                    "list every year's amount, or give one number for the same amount each year",
                ),
            )
        return np.asarray(given, dtype=np.float64)
    return np.full(horizon_years, float(given))


def _need_by_use(stock: Stock, mix: Iterable[tuple[Cycle, float]], prices: Floats) -> dict[str, Floats]:
    ages, row = np.unique(stock.age_years, return_inverse=True)
    cell = stock.use * ages.size + row
    costs = costs_of(stock)
    need: dict[str, Floats] = {}
    for cycle, part in mix:
        for action, share in renewal_shares(ages, cycle, prices.size).items():
            amounts = np.bincount(
                cell, weights=stock.floor_area_m2 * part * costs[action], minlength=len(USE_CODES) * ages.size
            )
            yearly = amounts.reshape(len(USE_CODES), ages.size) @ share * prices
            need[action] = need[action] + yearly if action in need else yearly
    return need
