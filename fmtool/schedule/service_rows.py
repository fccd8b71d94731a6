"""Families of service: enough capacity in every area, and one facility within reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy import sparse

from fmtool.schedule.inputs import Floats, Ints, ScheduleInputs, ServiceArea, Services
from fmtool.schedule.rows import Rows


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


def area_loss(
    inputs: ScheduleInputs, services: Services, area: ServiceArea, today: Floats, after: Floats
) -> tuple[Ints, Floats, Floats]:
    """Return the life plans that change an area's offer, and what each offers before and after it leaves."""
    own = (services.service == area.service) & area.sites
    lands = (services.after_service == area.service) & (services.after_site >= 0)
    lands[lands] = area.sites[services.after_site[lands]]
    changes = (services.leave_year < inputs.horizon) & (own[inputs.facility] | lands)
    plan = np.flatnonzero(changes).astype(np.int32)
    before = np.where(own, today, 0.0)[inputs.facility[plan]]
    return plan, before, np.where(lands[plan], after[plan], 0.0)


def _rows(
    inputs: ScheduleInputs,
    family: str,
    today: Callable[[Services], Floats],
    after: Callable[[Services], Floats],
) -> Rows | None:
    services = inputs.services
    if services is None:
        return None
    is_reach = family == "reach"
    blocks: list[sparse.csr_array] = []
    names: list[str] = []
    rhs: list[float] = []
    group: list[int] = []
    offered, offered_after = today(services), after(services)
    for number, area in enumerate(services.areas):
        need = np.full(inputs.horizon, float(area.keep_one)) if is_reach else area.required
        if not need.any():
            continue
        plan, before, then = area_loss(inputs, services, area, offered, offered_after)
        own = (services.service == area.service) & area.sites
        spare = float(offered[own].sum()) - need
        for year, loss in _changes(inputs.horizon, services.leave_year[plan], before - then, need):
            if _most(inputs, plan, loss) <= spare[year] + 1e-9:
                continue
            used = np.flatnonzero(loss)
            shape = (1, len(inputs.facility))
            blocks.append(sparse.csr_array((loss[used], (np.zeros(used.size, int), plan[used])), shape=shape))
            names.append(f"{family}({number},{inputs.years[year]})")
            rhs.append(float(spare[year]))
            group.append(number)
    if not names:
        return None
    plans = sparse.csr_array(sparse.vstack(blocks))
    return Rows(family, tuple(names), plans, "<=", np.array(rhs), group=np.array(group, dtype=np.int32))


def _changes(horizon: int, leave: Ints, loss: Floats, need: Floats) -> Iterator[tuple[int, Floats]]:
    """Yield the year of highest need between two changes of the offer, and the loss of each life plan in it."""
    starts = np.unique(np.append(leave, 0))
    ends = np.append(starts[1:], horizon)
    for start, end in zip(starts, ends, strict=True):
        year = int(start + np.argmax(need[start:end]))
        yield year, np.where(leave <= year, loss, 0.0)


def _most(inputs: ScheduleInputs, plan: Ints, loss: Floats) -> float:
    """Return the largest loss that one life plan a facility can add up to."""
    if not plan.size:
        return 0.0
    worst = np.zeros(len(inputs.facility_ids))
    np.maximum.at(worst, inputs.facility[plan], loss)
    return float(worst.sum())
