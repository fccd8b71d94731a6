"""Who loses and who gains a service: places that offer it, and the way to the nearest, by district and year.

A *place* is a facility at which a service is offered: its own, that of a facility merged into it, or the one it was
converted to. A facility that is closed, sold or leased out offers nothing; one under works still counts. The way is
the straight line from the middle of a district's shape to the nearest place, in whole tens of metres. Column 0 of
every table is today, before the plan; column ``t`` is the end of its ``t``-th year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmtool.schedule.result import STATE_CODES, PlanResult

GONE_STATES = ("merged", "leased", "sold", "demolished")
FARTHER_M = 100
"""A nearest place that moves by less is as near as before: districts are drawn, and measured, coarsely."""

METRES_PER_DEGREE = 111_195.0
"""Of latitude: 2 pi * 6,371 km / 360."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Offer:
    """A service offered at a facility from one column of time up to, not including, another."""

    facility: int
    service: int
    since: int
    until: int


@dataclass(frozen=True, slots=True, eq=False)
class ServiceCover:
    """Places and ways by district, service and time."""

    districts: tuple[str, ...]
    services: tuple[str, ...]
    places: Ints
    """(D, S, T) facilities in the district at which the service is offered."""
    nearest_m: Floats
    """(D, S, T) way to the nearest place anywhere; NaN = none, or no shape of the district."""


def offers(result: PlanResult, services: Sequence[str], targets: Mapping[str, str]) -> list[Offer]:
    """Return where each service is offered, and when.

    Parameters
    ----------
    result
        The plan.
    services
        Names of the services; an offer points into them.
    targets
        Service to the one that a conversion of its facilities offers.
    """
    index = {name: at for at, name in enumerate(services)}
    ids = {str(name): at for at, name in enumerate(result.facilities["facility_id"])}
    end = len(result.years) + 1
    gone = _first(result, GONE_STATES)
    changed = np.minimum(_first(result, ("converted",)), gone)
    found: list[Offer] = []
    own = [index.get(str(name), -1) for name in result.facilities["service"]]
    for facility, service in enumerate(own):
        target = index.get(targets.get(services[service], ""), -1) if service >= 0 else -1
        found += [Offer(facility, service, 0, int(changed[facility]))]
        found += [Offer(facility, target, int(changed[facility]), int(gone[facility]))]
    merges = result.events[result.events["action"] == "merge"]
    for name, host in zip(merges["facility_id"].astype(str), merges["host_id"], strict=True):
        if host in ids:
            found.append(Offer(ids[host], own[ids[name]], int(gone[ids[name]]), int(gone[ids[host]])))
    return [offer for offer in found if offer.service >= 0 and offer.since < min(offer.until, end)]


def service_cover(
    result: PlanResult,
    services: Sequence[str],
    districts: Sequence[str],
    centres: Mapping[str, tuple[float, float]],
    targets: Mapping[str, str],
) -> ServiceCover:
    """Count the places of each service in each district, and measure the way to the nearest.

    Parameters
    ----------
    result
        The plan.
    services
        Names of the services.
    districts
        Names of the districts.
    centres
        District to latitude and longitude of its middle.
    targets
        Service to the one that a conversion offers.
    """
    columns = len(result.years) + 1
    shape = (len(districts), len(services), columns)
    open_ = _offered(offers(result, services, targets), columns)
    row = {name: at for at, name in enumerate(districts)}
    home = [row.get(str(name), -1) for name in result.facilities["district"]]
    places = np.zeros(shape, dtype=np.int64)
    for (facility, service), at in open_.items():
        if home[facility] >= 0:
            places[home[facility], service] += at
    where = np.array([centres.get(name, (np.nan, np.nan)) for name in districts], dtype=float).reshape(-1, 2)
    return ServiceCover(tuple(districts), tuple(services), places, _nearest(result, open_, where, shape))


def _first(result: PlanResult, states: Sequence[str]) -> Ints:
    """Return the first column of time in which each facility is in one of the states; past the last = never."""
    held = np.isin(result.state, [STATE_CODES.index(name) for name in states])
    return np.where(held.any(axis=1), held.argmax(axis=1) + 1, result.state.shape[1] + 1).astype(np.int64)


def _offered(found: Sequence[Offer], columns: int) -> dict[tuple[int, int], NDArray[np.bool_]]:
    """Return, for each facility and service, the columns of time in which it is offered there."""
    open_: dict[tuple[int, int], NDArray[np.bool_]] = {}
    for offer in found:
        at = open_.setdefault((offer.facility, offer.service), np.zeros(columns, dtype=bool))
        at[offer.since : offer.until] = True
    return open_


def _nearest(
    result: PlanResult,
    open_: Mapping[tuple[int, int], NDArray[np.bool_]],
    where: Floats,
    shape: tuple[int, int, int],
) -> Floats:
    nearest = np.full(shape, np.inf)
    place = result.facilities[["lat", "lon"]].to_numpy(float)
    per_longitude = METRES_PER_DEGREE * np.cos(np.radians(np.nanmean(where[:, 0]))) if np.isfinite(where).any() else 0.0
    by_service: dict[int, list[int]] = {}
    for facility, service in open_:
        if not np.isnan(place[facility]).any():
            by_service.setdefault(service, []).append(facility)
    for service, facilities in by_service.items():
        apart = place[facilities][np.newaxis] - where[:, np.newaxis]
        way = np.hypot(apart[..., 0] * METRES_PER_DEGREE, apart[..., 1] * per_longitude)
        at = np.array([open_[facility, service] for facility in facilities])
        changes = [0, *(np.flatnonzero((at[:, 1:] != at[:, :-1]).any(axis=0)) + 1).tolist(), shape[2]]
        for since, until in pairwise(changes):
            if at[:, since].any():
                nearest[:, service, since:until] = way[:, at[:, since]].min(axis=1)[:, np.newaxis]
    return np.where(np.isfinite(nearest), np.round(nearest, -1), np.nan)


def cover_columns(cover: ServiceCover) -> dict[str, Any]:
    """Return the cover as plain lists: today's table, then what changes (cell, column of time, places, way).

    A cell is district * services + service; a way of -1 is none.
    """
    ways = np.where(np.isnan(cover.nearest_m), -1, cover.nearest_m).astype(np.int64)
    count = cover.places.shape[2]
    places, ways = cover.places.reshape(-1, count), ways.reshape(-1, count)
    moved = (places[:, 1:] != places[:, :-1]) | (ways[:, 1:] != ways[:, :-1])
    time, cell = np.nonzero(moved.T)
    return {
        "n": places[:, 0].tolist(),
        "m": ways[:, 0].tolist(),
        "cell": cell.tolist(),
        "t": (time + 1).tolist(),
        "cn": places[cell, time + 1].tolist(),
        "cm": ways[cell, time + 1].tolist(),
        "farther": FARTHER_M,
    }
