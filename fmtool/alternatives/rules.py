"""Which action a facility may begin in which year, and why not.

A rule blocks actions of a facility for the whole horizon; a window limits the years in which an action
may begin (age, condition, the grid of start years). A locked decision overrides both: it was taken by
people who knew. The first rule that blocks an action is the reason told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmtool.alternatives.hosts import CLOSING, Hosts, merge_groups, others_in_reach, reach_of
from fmtool.alternatives.lifeplans import Floats, Ints
from fmtool.alternatives.steps import demolition_cost, numbers, sale_price
from fmtool.lifecycle.stock import Stock
from fmtool.text import Text
from fmtool.vocabulary import ACTIONS
from fmtool.workspace import Figures

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """Actions that some facilities may never take."""

    actions: tuple[str, ...]
    blocked: Flags
    """(F,) True where the rule holds."""
    reason: Text


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """When each action may begin, and what blocks it."""

    starts: dict[str, Flags]
    """Action to (F, Y): may begin in that year; ``keep`` has it in year 0 or never."""
    rules: tuple[Rule, ...]
    convert_to: Ints
    """(F,) row of ``services`` that a conversion would offer; -1 = none."""


def convert_targets(stock: Stock, services: pd.DataFrame) -> Ints:
    """Return the row of ``services`` that each facility could be converted to; -1 = none."""
    names = services["convert_to"].fillna("").astype(str).str.strip()
    row = services.index.get_indexer(pd.Index(names)).astype(np.int32)
    row[row == np.arange(len(services))] = -1
    return np.asarray(row[stock.service], dtype=np.int32)


def find_rules(stock: Stock, services: pd.DataFrame, hosts: Hosts, condition: Floats, figures: Figures) -> Rules:
    """Apply every rule and window to every facility.

    Parameters
    ----------
    stock
        The costed facilities.
    services
        Rows for ``stock.services`` first, in that order.
    hosts
        Candidate hosts.
    condition
        (F, Y) condition index at the start of each year, if nothing is done.
    figures
        The workspace's assumptions.
    """
    target = convert_targets(stock, services)
    rules = (
        *_rules_of_building(stock, figures),
        *_rules_of_service(stock, services, target),
        *_rules_of_land(stock, figures),
        *_rules_of_hosts(stock, services, hosts),
    )
    starts = _windows(stock, condition, figures)
    for rule in rules:
        for action in rule.actions:
            starts[action][rule.blocked] = False
    return Rules(starts, rules, target)


def start_years(figures: Figures, action: str, horizon_years: int) -> Flags:
    """Return the (Y,) years in which an action may begin.

    From ``first_year`` on, every ``start_step[0]`` years within the grid's early years, then every
    ``start_step[1]`` years.
    """
    first = int(figures.number(f"actions.{action}.first_year"))
    steps = [max(int(step), 1) for step in numbers(figures, f"actions.{action}.start_step")]
    early = max(int(figures.number("actions.grid.early_years")), first)
    chosen = np.zeros(horizon_years, dtype=bool)
    chosen[first : min(early, horizon_years) : steps[0]] = True
    chosen[early :: steps[-1]] = True
    return chosen


def _windows(stock: Stock, condition: Floats, figures: Figures) -> dict[str, Flags]:
    """Return the years in which age, condition and grid let each action begin."""
    horizon = condition.shape[1]
    age = stock.age_years[:, None] + np.arange(horizon)
    anew = age >= figures.number("actions.rebuild.first_age")
    windows = {
        "keep": np.tile(np.arange(horizon) == 0, (len(stock), 1)),
        "repair": (age >= figures.number("actions.repair.first_age"))
        & (condition <= figures.number("actions.repair.best_condition")),
        "renovate": (age >= figures.number("actions.renovate.first_age"))
        & (age <= figures.number("actions.renovate.last_age"))
        & (condition <= figures.number("actions.renovate.best_condition")),
        "extend": (age >= figures.number("actions.extend.first_age"))
        & (age <= figures.number("actions.extend.last_age"))
        & (condition >= figures.number("actions.extend.worst_condition")),
        "rebuild": anew,
        "rebuild_smaller": anew,
        "convert": age <= figures.number("actions.convert.last_age"),
    }
    for action in ACTIONS:
        window = windows.get(action, np.ones(age.shape, dtype=bool))
        windows[action] = window.copy() if action == "keep" else window & start_years(figures, action, horizon)
    return windows


def window_reason(action: str, figures: Figures) -> Text:
    """Say why an action that no rule blocks has no year in which it may begin."""

    def of(name: str) -> str:
        return f"{figures.number(f'actions.{action}.{name}'):g}"

    if action == "renovate":
        low, high, best = of("first_age"), of("last_age"), of("best_condition")
        return Text(
            f"築{low}～{high}年で健全度が{best}以下の年が計画期間にありません",
            f"no year of the plan in which it is {low} to {high} years old with a condition of {best} or less",
        )
    if action == "extend":
        low, high, worst = of("first_age"), of("last_age"), of("worst_condition")
        return Text(
            f"築{low}～{high}年で健全度が{worst}以上の年が計画期間にありません",
            f"no year of the plan in which it is {low} to {high} years old with a condition of {worst} or more",
        )
    if action == "repair":
        low, best = of("first_age"), of("best_condition")
        return Text(
            f"築{low}年以上で健全度が{best}以下の年が計画期間にありません",
            f"no year of the plan in which it is {low} years or older with a condition of {best} or less",
        )
    if action in {"rebuild", "rebuild_smaller"}:
        low = f"{figures.number('actions.rebuild.first_age'):g}"
        return Text(f"計画期間に築{low}年以上となりません", f"it does not reach an age of {low} years within the plan")
    if action == "convert":
        high = of("last_age")
        return Text(
            f"転用できる築{high}年までに始められる年がありません", f"it is past the age of {high} for a conversion"
        )
    return Text("計画期間内に始めて終えられる年がありません", "no year of the plan in which it could begin and end")


def _rules_of_building(stock: Stock, figures: Figures) -> list[Rule]:
    shortest = figures.number("actions.extend.shortest_design_life")
    return [
        Rule(
            ("rebuild", "rebuild_smaller", "merge", "sell", "demolish"),
            stock.is_listed,
            Text("文化財等のため取り壊しや処分ができません", "listed: it may not be taken down or given up"),
        ),
        Rule(
            ("extend", "rebuild", "rebuild_smaller", "lease", "sell", "demolish"),
            stock.is_leased_in,
            Text("借り受けている建物です", "the building is leased in"),
        ),
        Rule(
            ("retrofit",),
            ~stock.needs_retrofit,
            Text("耐震性があり、耐震改修を要しません", "it meets the seismic standard already"),
        ),
        Rule(
            ("extend",),
            stock.design_life_years < shortest,
            Text("長寿命化に向かない構造です（木造・軽量鉄骨造など）", "wood and light steel are not extended"),
        ),
    ]


def _rules_of_service(stock: Stock, services: pd.DataFrame, target: Ints) -> list[Rule]:
    closable = (pd.to_numeric(services["is_closable"]).fillna(0) > 0).to_numpy()[stock.service]
    is_needed = (services["demand"].fillna("none").astype(str) != "none").to_numpy()[stock.service]
    alone = is_needed & (others_in_reach(stock, services) == 0)
    placed = np.isfinite(stock.x_m) & np.isfinite(stock.y_m)
    without_host = tuple(action for action in CLOSING if action != "merge")
    return [
        Rule(
            CLOSING,
            ~closable,
            Text("廃止・移転できないサービスです", "its service may not be closed or moved"),
        ),
        Rule(
            without_host,
            is_needed & ~placed & np.isfinite(reach_of(services))[stock.service],
            Text(
                "位置が不明で、近くに同じサービスがあるか確かめられません",
                "its place is not known, so the reach of its service cannot be checked",
            ),
        ),
        Rule(
            without_host,
            alone,
            Text("到達圏内で同じサービスを担う唯一の施設です", "it is the last of its service within reach"),
        ),
        Rule(("convert",), target < 0, Text("転用先のサービスがありません", "its service has nothing to convert to")),
    ]


def _rules_of_land(stock: Stock, figures: Figures) -> list[Rule]:
    price = sale_price(stock, figures)
    return [
        Rule(
            ("lease", "sell"),
            ~np.isfinite(price),
            Text("土地の価格が不明です", "the price of its land is not known"),
        ),
        Rule(
            ("sell",),
            np.nan_to_num(price) <= demolition_cost(stock, figures),
            Text("土地の価格が除却費を下回ります", "its land is worth less than taking the building down"),
        ),
    ]


def _rules_of_hosts(stock: Stock, services: pd.DataFrame, hosts: Hosts) -> list[Rule]:
    grouped = np.array([bool(groups) for groups in merge_groups(services)], dtype=bool)[stock.service]
    placed = np.isfinite(stock.x_m) & np.isfinite(stock.y_m)
    nowhere = ~(hosts.index >= 0).any(axis=1)
    return [
        Rule(("merge",), ~grouped, Text("集約・複合化しないサービスです", "its service is never merged")),
        Rule(("merge",), ~placed, Text("位置が不明です", "its place is not known")),
        Rule(
            ("merge",),
            hosts.in_reach == 0,
            Text("到達圏内に集約先となる施設がありません", "no facility within reach could take it in"),
        ),
        Rule(
            ("merge",),
            nowhere,
            Text(
                "到達圏内の集約先候補の敷地に余裕がありません",
                "no facility within reach has room on its site",
            ),
        ),
    ]
