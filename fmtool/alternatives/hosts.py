"""Where a service could move: the nearest facilities of a like service that have room.

A host shares a merge group with the facility, stands within the service's reach and the search
radius, is owned, not listed, not itself decided to close, and has room on its site for the floor
area that would move. Distances are metres in the case's projected coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from fmtool.alternatives.lifeplans import Floats, Ints
from fmtool.lifecycle.stock import Stock
from fmtool.workspace import Figures

CLOSING: tuple[str, ...] = ("merge", "convert", "lease", "sell", "demolish")
"""Actions after which the facility no longer offers its service."""

Pairs = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Hosts:
    """Candidate hosts of every facility, nearest first."""

    index: Ints
    """(F, k) facility index of the host; -1 = none."""
    distance_m: Floats
    """(F, k) distance to it; infinite where there is none."""
    moved_floor_m2: Floats
    """(F,) floor area that the host must take in: floor area * (1 - shared-space saving)."""
    in_reach: Ints
    """(F,) facilities of the group within the distance, with room or without."""


def room_m2(stock: Stock, figures: Figures) -> Floats:
    """Return the floor area that could still be built on each site.

    site area * allowed floor area ratio - floor area, at least 0
    """
    allowed = stock.site_area_m2 * figures.number("actions.site.floor_area_ratio")
    return np.maximum(np.nan_to_num(allowed) - stock.floor_area_m2, 0.0)


def merge_groups(services: pd.DataFrame) -> list[frozenset[str]]:
    """Return the merge groups of each service: ``merge_group`` split at ``|``; none where blank."""
    cells = services["merge_group"].fillna("").astype(str)
    return [frozenset(part.strip() for part in cell.split("|") if part.strip()) for cell in cells]


def reach_of(services: pd.DataFrame) -> Floats:
    """Return each service's reach in metres; infinite where it is city-wide."""
    return np.asarray(pd.to_numeric(services["reach_m"]).fillna(np.inf), dtype=np.float64)


def find_hosts(stock: Stock, services: pd.DataFrame, figures: Figures) -> Hosts:
    """Find up to ``actions.merge.hosts`` hosts of every facility.

    Parameters
    ----------
    stock
        The costed facilities.
    services
        One row for each of ``stock.services``, in that order.
    figures
        The workspace's assumptions.
    """
    count, most = len(stock), int(figures.number("actions.merge.hosts"))
    moved = stock.floor_area_m2 * (1.0 - figures.number("actions.merge.shared_space_saving"))
    radius = np.minimum(reach_of(services), figures.number("actions.merge.radius_m"))[stock.service]
    facility, host, distance = _pairs(stock, services, radius)
    in_reach = np.bincount(facility, minlength=count).astype(np.int32)
    fits = room_m2(stock, figures)[host] >= moved[facility]
    facility, host, distance = facility[fits], host[fits], distance[fits]
    order = np.lexsort((host, distance, facility))
    facility, host, distance = facility[order], host[order], distance[order]
    rank = np.arange(len(facility)) - np.searchsorted(facility, facility)
    near = rank < most
    index = np.full((count, most), -1, dtype=np.int32)
    index[facility[near], rank[near]] = host[near]
    away = np.full((count, most), np.inf)
    away[facility[near], rank[near]] = distance[near]
    return Hosts(index, away, moved, in_reach)


def others_in_reach(stock: Stock, services: pd.DataFrame) -> Ints:
    """Count the other facilities of the same service within its reach; of all the city where reach is blank.

    A facility whose place is not known counts as out of every finite reach.
    """
    reach = reach_of(services)
    count = np.zeros(len(stock), dtype=np.int32)
    for service in np.unique(stock.service):
        rows = np.flatnonzero(stock.service == service)
        if np.isinf(reach[service]):
            count[rows] = len(rows) - 1
            continue
        placed = rows[_is_placed(stock)[rows]]
        if placed.size:
            tree = cKDTree(_places(stock, placed))
            near = tree.query_ball_point(_places(stock, placed), reach[service], return_length=True)
            count[placed] = near - 1
    return count


def _pairs(stock: Stock, services: pd.DataFrame, radius: Floats) -> tuple[Pairs, Pairs, Floats]:
    """List facility, host and distance of every pair that shares a group within the radius, each once."""
    groups = merge_groups(services)
    placed = _is_placed(stock)
    closing = np.array([(lock or "").split(":")[0] in CLOSING for lock in stock.locked], dtype=bool)
    can_host = placed & ~stock.is_leased_in & ~stock.is_listed & ~closing
    found: list[tuple[Pairs, Pairs, Floats]] = []
    for group in sorted(frozenset().union(*groups)):
        members = np.isin(stock.service, [at for at, names in enumerate(groups) if group in names])
        movers, hosts = np.flatnonzero(members & placed), np.flatnonzero(members & can_host)
        if movers.size == 0 or hosts.size == 0:
            continue
        near = cKDTree(_places(stock, movers)).sparse_distance_matrix(
            cKDTree(_places(stock, hosts)), float(radius[movers].max()), output_type="ndarray"
        )
        facility, host, distance = movers[near["i"]], hosts[near["j"]], near["v"]
        fit = (facility != host) & (distance <= radius[facility])
        found.append((facility[fit], host[fit], distance[fit]))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    facility, host, distance = (np.concatenate(parts) for parts in zip(*found, strict=True))
    _, first = np.unique(facility * len(stock) + host, return_index=True)
    return facility[first], host[first], distance[first]


def _is_placed(stock: Stock) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(stock.x_m) & np.isfinite(stock.y_m))


def _places(stock: Stock, rows: Pairs) -> Floats:
    return np.column_stack([stock.x_m[rows], stock.y_m[rows]])
