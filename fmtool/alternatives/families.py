"""Every dated sequence of steps, family by family, as rows of integers.

A family is a leading step with what follows it after so many years. All rows of a family are made at
once from the (facility, year) mask of when its leading action may begin; nothing loops over rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmtool.alternatives.hosts import Hosts
from fmtool.alternatives.lifeplans import ACTION_CODES, Floats, Ints
from fmtool.alternatives.rules import Flags, Rules
from fmtool.alternatives.steps import Step, Steps, numbers
from fmtool.lifecycle.stock import Stock
from fmtool.workspace import Figures

Link = tuple[Step, int]
"""A step, and the years between the end of the one before and its beginning."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """N sequences of up to E steps."""

    facility: Ints
    kind: Ints
    step: Ints
    """(N, E) index of the step; -1 = none."""
    year: Ints
    """(N, E) year index in which it begins; -1 = none."""
    host: Ints
    cost: Floats | None = None
    """(N, E) whole cost of steps whose cost is known, in millions; NaN = by unit costs; None = all by unit costs."""

    def take(self, keep: Flags | NDArray[np.int64]) -> Rows:
        """Return the chosen rows, in order."""
        cost = None if self.cost is None else self.cost[keep]
        return Rows(self.facility[keep], self.kind[keep], self.step[keep], self.year[keep], self.host[keep], cost)


def all_rows(stock: Stock, rules: Rules, hosts: Hosts, steps: Steps, figures: Figures) -> Rows:
    """Return the rows of every family, those of one facility together, in the order of actions."""
    families = [
        *_works_in_place(rules.starts, steps, figures),
        *_closings(stock, rules.starts, steps),
        *_mergers(stock, rules.starts, hosts, steps),
    ]
    width = max(family.step.shape[1] for family in families)
    joined = Rows(
        np.concatenate([family.facility for family in families]),
        np.concatenate([family.kind for family in families]),
        np.concatenate([_padded(family.step, width) for family in families]),
        np.concatenate([_padded(family.year, width) for family in families]),
        np.concatenate([family.host for family in families]),
    )
    return joined.take(np.lexsort((joined.year[:, 0], joined.kind, joined.facility)))


def chain(
    kind: str, starts: Flags, links: list[Link], steps: Steps, *, whole: bool = False, host: Ints | None = None
) -> Rows:
    """Date one sequence of steps for every (facility, year) in which it may begin.

    Parameters
    ----------
    kind
        The leading action.
    starts
        (F, Y) True where the sequence may begin.
    links
        Steps with the years between the end of one and the beginning of the next.
    steps
        Their durations.
    whole
        Leave out rows whose last step would begin after the horizon; otherwise that step is dropped.
    host
        (F,) host of each facility.
    """
    horizon = starts.shape[1]
    facility, begin = (part.astype(np.int32) for part in np.nonzero(starts))
    step = np.full((len(facility), len(links)), -1, dtype=np.int32)
    year = np.full_like(step, -1)
    for place, (code, gap) in enumerate(links):
        begin = begin + np.int32(gap)
        inside = begin < horizon
        step[inside, place], year[inside, place] = int(code), begin[inside]
        begin = begin + steps.years[code]
    at = np.full(len(facility), -1, dtype=np.int32) if host is None else host[facility]
    rows = Rows(facility, np.full(len(facility), ACTION_CODES.index(kind), dtype=np.int32), step, year, at)
    return rows.take(year[:, -1] >= 0) if whole else rows


def _works_in_place(starts: dict[str, Flags], steps: Steps, figures: Figures) -> list[Rows]:
    """Keep, repair, renovate, extend, rebuild (also smaller) and retrofit, with what follows them."""
    horizon = starts["keep"].shape[1]
    keep = chain("keep", starts["keep"], [(Step.REPAIR, 0)], steps)
    again = max(int(figures.number("actions.repair.interval_years")) - int(steps.years[Step.REPAIR]), 0)
    period = again + int(steps.years[Step.REPAIR])
    repairs = [(Step.REPAIR, 0 if place == 0 else again) for place in range(1 + (horizon - 1) // period)]
    renovation = int(figures.number("actions.rebuild.renovate_after_years"))
    families = [
        Rows(keep.facility, keep.kind, np.full_like(keep.step, -1), np.full_like(keep.year, -1), keep.host),
        chain("repair", starts["repair"], repairs, steps),
        chain("renovate", starts["renovate"], [(Step.RENOVATE, 0)], steps),
        chain("extend", starts["extend"], [(Step.EXTEND, 0)], steps),
        chain("rebuild", starts["rebuild"], [(Step.REBUILD, 0), (Step.RENOVATE_NEW, renovation)], steps),
        chain(
            "rebuild_smaller",
            starts["rebuild_smaller"],
            [(Step.REBUILD_SMALLER, 0), (Step.RENOVATE_SMALLER, renovation)],
            steps,
        ),
        chain("retrofit", starts["retrofit"], [(Step.RETROFIT, 0)], steps),
    ]
    for kind, first in (("renovate", Step.RENOVATE), ("extend", Step.EXTEND)):
        gaps = sorted({int(gap) for gap in numbers(figures, f"actions.{kind}.rebuild_after_years")})
        families += [chain(kind, starts[kind], [(first, 0), (Step.REBUILD, gap)], steps, whole=True) for gap in gaps]
    return families


def _closings(stock: Stock, starts: dict[str, Flags], steps: Steps) -> list[Rows]:
    """Convert, lease, sell and demolish."""
    convert = _ending(starts["convert"], steps, Step.CONVERT, stock)
    return [
        chain("convert", convert, [(Step.CONVERT, 0)], steps),
        chain("lease", starts["lease"], [(Step.LEASE, 0)], steps),
        chain("sell", starts["sell"], [(Step.SELL, 0)], steps),
        chain("demolish", starts["demolish"], [(Step.DEMOLISH, 0)], steps),
    ]


def _mergers(stock: Stock, starts: dict[str, Flags], hosts: Hosts, steps: Steps) -> list[Rows]:
    """Extend the host and move; take the old building down if owned; sell its land if its price is known."""
    owned = ~stock.is_leased_in
    priced = owned & np.isfinite(stock.land_price_per_m2 * stock.site_area_m2)
    allowed = _ending(starts["merge"], steps, Step.MERGE, stock)
    families = []
    for place in range(hosts.index.shape[1]):
        host = hosts.index[:, place]
        for chosen, links in (
            (~owned, [(Step.MERGE, 0)]),
            (owned & ~priced, [(Step.MERGE, 0), (Step.DEMOLISH, 0)]),
            (priced, [(Step.MERGE, 0), (Step.DEMOLISH, 0), (Step.SELL_LAND, 0)]),
        ):
            mask = allowed & ((host >= 0) & chosen)[:, None]
            families.append(chain("merge", mask, links, steps, host=host))
    return families


def _ending(starts: Flags, steps: Steps, step: Step, stock: Stock) -> Flags:
    """Drop the years in which works would not end within the horizon, but for locked facilities."""
    locked = np.array([bool(lock) for lock in stock.locked], dtype=bool)
    in_time = np.arange(starts.shape[1]) + steps.years[step] < starts.shape[1]
    return np.asarray(starts & (in_time | locked[:, None]))


def _padded(values: Ints, width: int) -> Ints:
    return np.pad(values, ((0, 0), (0, width - values.shape[1])), constant_values=-1)
