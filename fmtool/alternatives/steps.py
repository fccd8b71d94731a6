"""The works and disposals that life plans are made of: what each costs, how long it lasts, what it leaves.

A step is finer than an action: the renovation of an old building may include its seismic retrofit, that
of a building just rebuilt does not; both are the action ``renovate``. Amounts are millions of the
currency at the prices of the first plan year.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from fmtool.alternatives.lifeplans import ACTION_CODES, Floats, Ints
from fmtool.errors import WorkspaceError
from fmtool.lifecycle.stock import Stock
from fmtool.text import Text
from fmtool.units import MILLION
from fmtool.workspace import Figures


class Step(IntEnum):
    """Index of a step in every array of :class:`Steps`."""

    REPAIR = 0
    RENOVATE = 1
    """With the seismic retrofit of a building that needs it."""
    RENOVATE_NEW = 2
    """Of a building rebuilt within the plan."""
    RENOVATE_SMALLER = 3
    """Of a building rebuilt smaller within the plan."""
    EXTEND = 4
    REBUILD = 5
    REBUILD_SMALLER = 6
    RETROFIT = 7
    MERGE = 8
    """Extension at the host and the move."""
    CONVERT = 9
    LEASE = 10
    SELL = 11
    """Land and building as they stand."""
    DEMOLISH = 12
    SELL_LAND = 13
    """The cleared site of a merged facility."""


STEP_ACTION: tuple[str, ...] = (
    "repair",
    "renovate",
    "renovate",
    "renovate",
    "extend",
    "rebuild",
    "rebuild_smaller",
    "retrofit",
    "merge",
    "convert",
    "lease",
    "sell",
    "demolish",
    "sell",
)
"""The action of each step."""

WORKS_KINDS: tuple[str, ...] = ("repair", "renovate", "extend", "rebuild")
"""Kinds of works that better the condition, as ``condition_after_works`` names them."""

_AFTER = {
    Step.REPAIR: "repair",
    Step.RENOVATE: "renovate",
    Step.RENOVATE_NEW: "renovate",
    Step.RENOVATE_SMALLER: "renovate",
    Step.EXTEND: "extend",
    Step.REBUILD: "rebuild",
    Step.REBUILD_SMALLER: "rebuild",
    Step.CONVERT: "renovate",
}
_BUILDS_ANEW = (Step.REBUILD, Step.REBUILD_SMALLER)
_SECURES = (Step.RENOVATE, Step.EXTEND, Step.REBUILD, Step.REBUILD_SMALLER, Step.RETROFIT, Step.CONVERT)
_DEALS = (Step.LEASE, Step.SELL, Step.SELL_LAND)


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """All steps over all facilities: S steps, F facilities."""

    action: Ints
    """(S,) index into ``ACTION_CODES``."""
    years: Ints
    """(S,) duration in years, at least 1."""
    profile: Floats
    """(S, K) share of the cost in each year of works; rows sum to 1, zeros past the duration."""
    cost: Floats
    """(S, F) whole cost."""
    lasting: Floats
    """(S, F) the part of ``cost`` that stays as value: works and design, without relocation and demolition."""
    life_years: Floats
    """(S,) years over which that value is used up, in a straight line."""
    after: Ints
    """(S,) index into ``WORKS_KINDS``: the condition it leaves; -1 = as before."""
    secures: NDArray[np.bool_]
    """(S,) an unretrofitted building is safe afterwards."""
    builds_anew: NDArray[np.bool_]
    """(S,) what stood before is gone."""
    is_works: NDArray[np.bool_]
    """(S,) counts as a project under way; sales and leases do not."""


def numbers(figures: Figures, key: str) -> list[float]:
    """Return a figure's value as a list of numbers.

    Raises
    ------
    WorkspaceError
        When the value is neither a number nor a list of numbers that has at least one.
    """
    figure = figures[key]
    values = figure.value if isinstance(figure.value, list) else [figure.value]
    if not values or any(isinstance(value, bool | str) for value in values):
        raise WorkspaceError(
            Text(
                f"{figure.file}: `{key}` は数値の並びでなければなりません（{figure.value!r}）",
                f"{figure.file}: `{key}` must be a list of numbers (got {figure.value!r})",
            )
        )
    return [float(value) for value in values]


def spend_profile(figures: Figures, action: str) -> Floats:
    """Return the share of an action's cost in each year of its works.

    Raises
    ------
    WorkspaceError
        When a part is negative or all are zero.
    """
    key = f"actions.{action}.profile"
    parts = np.array(numbers(figures, key))
    if (parts < 0).any() or parts.sum() <= 0:
        raise WorkspaceError(
            Text(
                f"{figures[key].file}: `{key}` は0以上で、合計が正でなければなりません",
                f"{figures[key].file}: `{key}` must hold no negative part and one above zero",
            )
        )
    return np.asarray(parts / parts.sum())


def sale_price(stock: Stock, figures: Figures) -> Floats:
    """Return what each cleared site would sell for: site area * land price * price rate; NaN where unknown."""
    rate = figures.number("actions.sell.price_rate")
    return np.asarray(stock.site_area_m2 * stock.land_price_per_m2 * rate / MILLION)


def demolition_cost(stock: Stock, figures: Figures) -> Floats:
    """Return the cost of taking each building down for good, design included."""
    rate = 1.0 + figures.number("actions.demolish.design_rate")
    return np.asarray(stock.floor_area_m2 * stock.demolition_cost_per_m2 * rate / MILLION)


def rebuild_value(stock: Stock) -> Floats:
    """Return what each building would cost to rebuild, in millions."""
    return np.asarray(stock.floor_area_m2 * stock.rebuild_cost_per_m2 / MILLION)


def build_steps(stock: Stock, figures: Figures) -> Steps:
    """Price every step for every facility.

    cost = works * (1 + design rate) + works * relocation rate (+ demolition for rebuilding, where the
    unit cost does not hold it); works = floor area * unit cost (+ retrofit where the building needs one).
    """
    works = _works(stock, figures)
    cost, lasting = np.zeros((len(Step), len(stock))), np.zeros((len(Step), len(stock)))
    life = np.ones(len(Step))
    for step, amount in works.items():
        action = "rebuild" if step in _BUILDS_ANEW else STEP_ACTION[step]
        lasting[step] = amount * (1.0 + figures.number(f"actions.{action}.design_rate"))
        cost[step] = lasting[step] + amount * figures.number(f"actions.{action}.relocation_rate")
        life[step] = figures.number(f"actions.{action}.life_years")
    demolition = demolition_cost(stock, figures)
    for step in _BUILDS_ANEW:
        cost[step] += demolition * figures.number("actions.rebuild.demolition_share")
    price = np.nan_to_num(sale_price(stock, figures))
    cost[Step.LEASE] = rebuild_value(stock) * figures.number("actions.lease.preparation_rate")
    cost[Step.SELL] = np.maximum(price - demolition, 0.0) * figures.number("actions.sell.cost_rate")
    cost[Step.SELL_LAND] = price * figures.number("actions.sell.cost_rate")
    cost[Step.DEMOLISH] = demolition
    profiles = [_profile(step, figures) for step in Step]
    width = max(len(profile) for profile in profiles)
    return Steps(
        action=np.array([ACTION_CODES.index(action) for action in STEP_ACTION], dtype=np.int32),
        years=np.array([len(profile) for profile in profiles], dtype=np.int32),
        profile=np.array([np.pad(profile, (0, width - len(profile))) for profile in profiles]),
        cost=cost,
        lasting=lasting,
        life_years=life,
        after=np.array([WORKS_KINDS.index(_AFTER[step]) if step in _AFTER else -1 for step in Step], dtype=np.int32),
        secures=_flags(_SECURES),
        builds_anew=_flags(_BUILDS_ANEW),
        is_works=~_flags(_DEALS),
    )


def _works(stock: Stock, figures: Figures) -> dict[Step, Floats]:
    """Price the bare works of each step that builds something."""
    area = stock.floor_area_m2 / MILLION
    kept = 1.0 - figures.number("actions.rebuild_smaller.floor_cut")
    moved = 1.0 - figures.number("actions.merge.shared_space_saving")
    renovation, rebuilding = area * stock.renovation_cost_per_m2, area * stock.rebuild_cost_per_m2
    retrofit = np.where(stock.needs_retrofit, area * stock.retrofit_cost_per_m2, 0.0)
    return {
        Step.REPAIR: area * stock.repair_cost_per_m2,
        Step.RENOVATE: renovation + retrofit,
        Step.RENOVATE_NEW: renovation,
        Step.RENOVATE_SMALLER: renovation * kept,
        Step.EXTEND: area * stock.extension_cost_per_m2 + retrofit,
        Step.REBUILD: rebuilding,
        Step.REBUILD_SMALLER: rebuilding * kept,
        Step.RETROFIT: retrofit,
        Step.MERGE: rebuilding * moved,
        Step.CONVERT: renovation * figures.number("actions.convert.renovation_share") + retrofit,
    }


def _profile(step: Step, figures: Figures) -> Floats:
    if step in _DEALS:
        return np.ones(1)
    return spend_profile(figures, "rebuild" if step in _BUILDS_ANEW else STEP_ACTION[step])


def _flags(steps: tuple[Step, ...]) -> NDArray[np.bool_]:
    return np.isin(np.arange(len(Step)), [int(step) for step in steps])
