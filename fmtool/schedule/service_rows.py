"""Families of service: enough capacity in every area, and one facility within reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from fmtool.schedule.inputs import Floats, Ints, ScheduleInputs, Services
from fmtool.schedule.rows import Rows, spans

_SMALL = 1e-9


def coverage(inputs: ScheduleInputs) -> Rows | None:
    """Offer as much of each service as its area needs.

    For each area k and year y:  sum over n of capacity[n, k, y] * x[n]  >=  required[k, y]

    written as what is lost from today:  sum over n of (today[n, k] - capacity[n, k, y]) * x[n]
                                         <=  today[k] - required[k, y]

    Rows: ``coverage(k,y)``, in the service's own unit of capacity. Between two years in which some life plan
    changes the offer only the year with the highest need is a row; rows that no schedule can break are left out.
    """
    return _rows(inputs, "coverage", lambda services: services.capacity, lambda services: services.after_capacity)


def reach(inputs: ScheduleInputs) -> Rows | None:
    """Keep one facility of a service within reach of every district that has one today.

    For each area k and year y:  sum over n that offer k's service within reach in y of x[n]  >=  1

    Rows: ``reach(k,y)``, facilities, written as what is lost from today like ``coverage``.
    """

    def today(services: Services) -> Floats:
        return np.ones(len(services.service))

    return _rows(inputs, "reach", today, lambda services: np.ones(len(services.leave_year)))


@dataclass(frozen=True, slots=True, eq=False)
class _Losses:
    """What life plans take from the offer of areas, sorted by area and life plan; ``begin`` (K + 1,) bounds each area."""

    plan: Ints
    loss: Floats
    begin: NDArray[np.int64]


def _losses(inputs: ScheduleInputs, services: Services, today: Floats, after: Floats) -> _Losses:
    """Return the life plans that change each area's offer, and what each offered before less what it offers after."""
    areas, count = services.areas, len(inputs.facility)
    sites = [np.flatnonzero(area.sites) for area in areas]
    at_site = np.concatenate([np.zeros(0, int), *sites])
    area = np.repeat(np.arange(len(areas)), [len(each) for each in sites])[np.argsort(at_site, kind="stable")]
    first = np.searchsorted(np.sort(at_site), np.arange(len(services.service) + 1))
    asked = np.array([each.service for each in areas], dtype=np.int64)

    def reached(plan: Ints, site: Ints, service: Ints) -> NDArray[np.int64]:
        """Return area and life plan, as one number, of the service's areas that the sites reach."""
        several = first[site + 1] - first[site]
        place, owner = area[spans(first[site], several)], np.repeat(np.arange(len(plan)), several)
        fits = asked[place] == service[owner]
        return np.asarray(place[fits] * count + plan[owner[fits]])

    changing = np.flatnonzero(services.leave_year < inputs.horizon).astype(np.int32)
    landing = changing[services.after_site[changing] >= 0]
    own = np.sort(reached(changing, inputs.facility[changing], services.service[inputs.facility[changing]]))
    lands = np.sort(reached(landing, services.after_site[landing], services.after_service[landing]))
    pairs = np.union1d(own, lands)
    plan = (pairs % count).astype(np.int32)
    loss = np.zeros(len(pairs))
    at = np.searchsorted(pairs, own)
    loss[at] = today[inputs.facility[plan[at]]]
    at = np.searchsorted(pairs, lands)
    loss[at] -= after[plan[at]]
    return _Losses(plan, loss, np.searchsorted(pairs, np.arange(len(areas) + 1) * count))


def _rows(
    inputs: ScheduleInputs,
    family: str,
    today: Callable[[Services], Floats],
    after: Callable[[Services], Floats],
) -> Rows | None:
    services = inputs.services
    if services is None:
        return None
    offered = today(services)
    losses = _losses(inputs, services, offered, after(services))
    column, value = [np.zeros(0, np.int32)], [np.zeros(0)]
    size, rhs, group = [np.zeros(1, int)], [np.zeros(0)], [np.zeros(0, np.int32)]
    names: list[str] = []
    for number, area in enumerate(services.areas):
        need = np.full(inputs.horizon, float(area.keep_one)) if family == "reach" else area.required
        if not need.any():
            continue
        part = slice(losses.begin[number], losses.begin[number + 1])
        plan, loss = losses.plan[part], losses.loss[part]
        leave = services.leave_year[plan]
        spare = float(offered[(services.service == area.service) & area.sites].sum()) - need
        year, most = _changes(leave, inputs.facility[plan], loss, need)
        year = year[most > spare[year] + _SMALL]
        inside = (leave[None, :] <= year[:, None]) & (loss != 0)[None, :]
        at = np.nonzero(inside)[1]
        column.append(plan[at])
        value.append(loss[at])
        size.append(np.count_nonzero(inside, axis=1))
        names += [f"{family}({number},{inputs.years[each]})" for each in year.tolist()]
        rhs.append(spare[year])
        group.append(np.full(len(year), number, dtype=np.int32))
    if not names:
        return None
    plans = sparse.csr_array(
        (np.concatenate(value), np.concatenate(column), np.cumsum(np.concatenate(size))),
        shape=(len(names), len(inputs.facility)),
    )
    return Rows(family, tuple(names), plans, "<=", np.concatenate(rhs), group=np.concatenate(group))


def _changes(leave: Ints, facility: Ints, loss: Floats, need: Floats) -> tuple[Ints, Floats]:
    """Return the year of highest need between two changes of the offer, and the most that can be lost by then.

    The most is what one life plan a facility can add up to. Life plans are in order of facility.
    """
    starts = np.flatnonzero(np.bincount(np.append(leave, 0)))
    highest = need == np.repeat(np.maximum.reduceat(need, starts), np.diff(starts, append=len(need)))
    found = np.flatnonzero(highest)
    year = found[np.searchsorted(found, starts)]
    place = np.cumsum(np.diff(facility, prepend=facility[:1]) != 0)
    worst = np.zeros((len(starts), int(place[-1]) + 1 if place.size else 0))
    np.maximum.at(worst, (np.searchsorted(starts, leave), place), loss)
    return year.astype(np.int32), np.asarray(np.maximum.accumulate(worst, axis=0).sum(axis=1))
