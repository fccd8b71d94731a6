"""Renewal need before any choice: what the stock would cost if every building were kept for good.

Two methods, the same rules; ``replace`` reproduces the ministry's tool (総務省 公共施設等更新費用試算ソフト),
``extend`` the long-life case as a city plan publishes it (加古川市 公共施設等総合管理計画 p.32).

The rules, with ``a`` the age at the first plan year (first plan year less year built) and ``t`` a year
index, 0 = the first plan year:

1. Works due at age ``g`` begin in year index ``g - a`` when ``a <= g``: in the year the building turns
   ``g``. A building aged exactly ``g`` begins in year index 0. Their cost is spread evenly over their
   duration; the part that falls past the horizon is not counted.
2. Works already past (``a > g``) are backlog while ``a`` is at most the oldest backlog age of those works:
   their whole cost is spread evenly over the first ``backlog_years`` years, whatever their duration.
   Beyond that age they are skipped, and so are works that have no backlog age (mid-cycle repair).
3. A building older than the rebuild age (``a > R``) is rebuild backlog: its rebuilding is spread evenly
   over the first ``backlog_years`` years. Nothing else is done to it before.
4. Rebuilding is at the same floor area. The new building's age counts from the year index in which
   rebuilding begins, and it follows the same ages again. Rebuild backlog counts as so many tenths of the
   building, each rebuilt in its own year, so its later works are spread over ten years as well.

`replace`: renovation at 30 over 2 years (backlog up to age 50), rebuilding at 60 over 3 years, backlog over
10 years. So age 29 renovates in indices 1-2; 30 in 0-1; 31 to 50 in 0-9 by a tenth each; 51 to 60 not at
all before rebuilding, which begins in index ``60 - a`` (age 60: indices 0-2); 61 and over rebuild by a
tenth each in indices 0-9. A building of age 55 is rebuilt in 5-7 and renovated again in 35-36; one of age
65 is renovated again from index 30 on: 1/20 in 30, 1/10 in each of 31-39, 1/20 in 40.

`extend`: repair at 20 and 60 in one year, long-life renovation at 40 over 2 years (backlog up to age 50),
rebuilding at 80 over 3 years; a share of every building's floor area stands for the stock that cannot be
extended and follows `replace` throughout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmtool.errors import CurveError
from fmtool.lifecycle.stock import Stock
from fmtool.text import Text
from fmtool.workspace import Figures

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Works:
    """Works that fall due at an age."""

    action: str
    age_years: int
    duration_years: int
    oldest_backlog_age: int | None = None
    """Oldest age at which missed works are still made up; None = never."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """The works of one building life, and its end."""

    works: tuple[Works, ...]
    rebuild_age: int
    rebuild_years: int
    backlog_years: int

    def __post_init__(self) -> None:
        """Refuse a cycle whose works do not fit into the life."""
        lengths = [self.rebuild_years, self.backlog_years, *(item.duration_years for item in self.works)]
        if min(lengths) < 1 or any(not 0 < item.age_years < self.rebuild_age for item in self.works):
            raise CurveError(
                Text(
                    "models/cycles.toml: 期間は1年以上、各工事の年齢は建替えの年齢より若くしてください",
                    "models/cycles.toml: durations must be 1 year or more and works come before the rebuild age",
                )
            )

    @property
    def actions(self) -> tuple[str, ...]:
        """Action codes in the order of the works, `rebuild` last."""
        return (*dict.fromkeys(item.action for item in self.works), "rebuild")


def replace_cycle(figures: Figures) -> Cycle:
    """Read the `replace` cycle of ``models/cycles.toml``."""
    names = ("renovate_age", "renovate_years", "rebuild_age", "rebuild_years", "backlog_years", "backlog_oldest_age")
    years = _whole_years(figures, "cycles.replace", names)
    renovation = Works("renovate", years["renovate_age"], years["renovate_years"], years["backlog_oldest_age"])
    return Cycle((renovation,), years["rebuild_age"], years["rebuild_years"], years["backlog_years"])


def extend_cycle(figures: Figures) -> Cycle:
    """Read the `extend` cycle of ``models/cycles.toml``."""
    ages = ("repair_age", "extend_age", "second_repair_age", "rebuild_age", "backlog_oldest_age")
    durations = ("repair_years", "extend_years", "rebuild_years", "backlog_years")
    years = _whole_years(figures, "cycles.extend", ages + durations)
    works = (
        Works("repair", years["repair_age"], years["repair_years"]),
        Works("extend", years["extend_age"], years["extend_years"], years["backlog_oldest_age"]),
        Works("repair", years["second_repair_age"], years["repair_years"]),
    )
    return Cycle(works, years["rebuild_age"], years["rebuild_years"], years["backlog_years"])


def renewal_shares(age_years: ArrayLike, cycle: Cycle, horizon_years: int) -> dict[str, Floats]:
    """Return, by action, the share of its whole cost paid in each year: (A, Y) for (A,) ages.

    >>> cycle = Cycle((Works("renovate", 30, 2, 50),), rebuild_age=60, rebuild_years=3, backlog_years=10)
    >>> renewal_shares([29], cycle, 4)["renovate"].tolist()
    [[0.0, 0.5, 0.5, 0.0]]
    >>> renewal_shares([31, 61], cycle, 3)["renovate"].tolist()
    [[0.1, 0.1, 0.1], [0.0, 0.0, 0.0]]
    >>> renewal_shares([59, 61], cycle, 3)["rebuild"].round(3).tolist()
    [[0.0, 0.333, 0.333], [0.1, 0.1, 0.1]]
    """
    ages = np.asarray(age_years, dtype=np.int64)
    shares = {action: np.zeros((ages.size, horizon_years)) for action in cycle.actions}
    again = _later_works(cycle, horizon_years)
    backlog = _spread(0, cycle.backlog_years, horizon_years)
    for row, age in enumerate(ages.tolist()):
        begins = np.zeros(horizon_years)
        if age > cycle.rebuild_age:
            shares["rebuild"][row] += backlog
            begins += backlog
        else:
            start = cycle.rebuild_age - age
            shares["rebuild"][row] += _spread(start, cycle.rebuild_years, horizon_years)
            begins[start : start + 1] = 1.0
            for works in cycle.works:
                if age <= works.age_years:
                    shares[works.action][row] += _spread(works.age_years - age, works.duration_years, horizon_years)
                elif works.oldest_backlog_age is not None and age <= works.oldest_backlog_age:
                    shares[works.action][row] += backlog
        for action, kernel in again.items():
            shares[action][row] += np.convolve(begins, kernel)[:horizon_years]
    return shares


def renewal_need(
    age_years: ArrayLike,
    floor_area_m2: Floats,
    cost_per_m2: Mapping[str, Floats],
    cycle: Cycle,
    horizon_years: int,
) -> dict[str, Floats]:
    """Return, by action, each building's yearly amount: (F, Y).

    floor area * cost per m2 of the action * share of the cost that falls in the year

    >>> cycle = Cycle((Works("renovate", 30, 2, 50),), rebuild_age=60, rebuild_years=3, backlog_years=10)
    >>> cost = {"renovate": np.array([170_000.0]), "rebuild": np.array([330_000.0])}
    >>> need = renewal_need([35], np.array([1000.0]), cost, cycle, 40)
    >>> [float(round(need["renovate"][0, t])) for t in (0, 9, 10)]  # a tenth of 170 million in each of ten years
    [17000000.0, 17000000.0, 0.0]
    >>> [float(round(need["rebuild"][0, t])) for t in (24, 25, 27, 28)]  # a third of 330 million from age 60 on
    [0.0, 110000000.0, 110000000.0, 0.0]
    """
    ages, row = np.unique(np.asarray(age_years, dtype=np.int64), return_inverse=True)
    shares = renewal_shares(ages, cycle, horizon_years)
    return {
        action: share[row] * (floor_area_m2 * cost_per_m2[action])[:, np.newaxis] for action, share in shares.items()
    }


def replace_need(stock: Stock, figures: Figures, horizon_years: int) -> dict[str, Floats]:
    """Return the `replace` need of each facility by action (renovate, rebuild): (F, Y), currency units."""
    return renewal_need(stock.age_years, stock.floor_area_m2, costs_of(stock), replace_cycle(figures), horizon_years)


def extend_need(stock: Stock, figures: Figures, horizon_years: int) -> dict[str, Floats]:
    """Return the `extend` need of each facility by action (repair, extend, renovate, rebuild): (F, Y).

    (1 - s) * the long-life cycle + s * the `replace` cycle, s = share of the stock that cannot be extended
    """
    need: dict[str, Floats] = {}
    for cycle, share in extend_mix(figures):
        part = renewal_need(stock.age_years, stock.floor_area_m2 * share, costs_of(stock), cycle, horizon_years)
        for action, amounts in part.items():
            need[action] = need[action] + amounts if action in need else amounts
    return need


def extend_mix(figures: Figures) -> tuple[tuple[Cycle, float], tuple[Cycle, float]]:
    """Return the cycles of `extend`, each with the share of the floor area that follows it."""
    share = figures.number("cycles.extend.not_extendable_share")
    if not 0 <= share <= 1:
        raise CurveError(
            Text(
                f"models/cycles.toml: `extend.not_extendable_share` は0から1までです（{share}）",
                f"models/cycles.toml: `extend.not_extendable_share` must lie between 0 and 1 (got {share})",
            )
        )
    return (extend_cycle(figures), 1.0 - share), (replace_cycle(figures), share)


def costs_of(stock: Stock) -> dict[str, Floats]:
    """Return the cost per square metre of each action that a renewal cycle may hold."""
    return {
        "repair": stock.repair_cost_per_m2,
        "extend": stock.extension_cost_per_m2,
        "renovate": stock.renovation_cost_per_m2,
        "rebuild": stock.rebuild_cost_per_m2,
    }


def _spread(start: int, duration_years: int, horizon_years: int) -> Floats:
    """Share ``1 / duration`` of each year from ``start`` on; what lies past the horizon is left out."""
    years = np.zeros(horizon_years)
    years[start : start + duration_years] = 1.0 / duration_years
    return years


def _later_works(cycle: Cycle, horizon_years: int) -> dict[str, Floats]:
    """Shares paid for a building by years since its rebuilding began, over all its later lives."""
    later = {action: np.zeros(horizon_years) for action in cycle.actions}
    for begun in range(0, horizon_years, cycle.rebuild_age):
        if begun:
            later["rebuild"] += _spread(begun, cycle.rebuild_years, horizon_years)
        for works in cycle.works:
            later[works.action] += _spread(begun + works.age_years, works.duration_years, horizon_years)
    return later


def _whole_years(figures: Figures, prefix: str, names: tuple[str, ...]) -> dict[str, int]:
    years: dict[str, int] = {}
    for name in names:
        figure = figures[f"{prefix}.{name}"]
        if figure.number != int(figure.number):
            raise CurveError(
                Text(
                    f"{figure.file}: `{figure.key}` は整数の年です（{figure.value}）",
                    f"{figure.file}: `{figure.key}` must be whole years (got {figure.value})",
                )
            )
        years[name] = int(figure.number)
    return years
