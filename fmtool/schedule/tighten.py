"""Life plans that no best schedule needs, removed before the solver sees them.

Both removals are exact: a plan that breaks a row by itself is in no schedule, and a plan that another
plan of the same facility matches or betters in every respect can be exchanged for it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from fmtool.schedule.fiscal import Funding
from fmtool.schedule.inputs import Bools, Floats, Hosting, Ints, ScheduleInputs
from fmtool.schedule.rows import Rows

TOLERANCE = 1e-7


def tighten(inputs: ScheduleInputs, blocks: Sequence[Rows], keep: Bools | None = None) -> Bools:
    """Return the life plans to keep, (N,); a facility left without any proves the case infeasible.

    ``keep`` are those that ``dominated`` leaves, where that is known.
    """
    rows = [*(block for block in blocks if block.sense == "<=" and block.money is None), *carried_budget(inputs)]
    keep = ~dominated(inputs) if keep is None else keep.copy()
    for _ in range(5):
        broken = breaks_a_row(inputs, rows, keep) & keep
        if not broken.any():
            break
        keep &= ~broken
    return keep


def carried_budget(inputs: ScheduleInputs) -> list[Rows]:
    """Return the budget with the fund folded in: what is spent to date against what was to be had to date.

    For each year y:  sum over n, z <= y of (1+i)^(y-z) * (outlay[n, z] - sale[n, z]) * x[n]
                      <=  (1+i)^(y+1) * opening + sum over z <= y of (1+i)^(y-z) * budget[z] - floor

    These rows follow from ``budget`` and ``fund``; without a fund they are the budget itself. What programmes
    may pay for at most does not count.
    """
    if inputs.budget is None:
        return []
    names = tuple(f"carried({year})" for year in inputs.years)
    if inputs.fund is None:
        return [Rows("carried", names, sparse.csr_array(own_outlay(inputs).T), "<=", inputs.budget)]
    spent = _carried(inputs, net_outlay(inputs))
    grown = (1 + inputs.fund.interest_rate) ** np.arange(1, inputs.horizon + 1)
    had = _carried(inputs, inputs.budget[None, :])[0] + grown * inputs.fund.opening - inputs.fund.floor
    return [Rows("carried", names, sparse.csr_array(spent.T), "<=", had)]


def net_outlay(inputs: ScheduleInputs) -> Floats:
    """Return outlay less the income that goes to the fund and all that programmes may pay for, (N, Y)."""
    own = own_outlay(inputs)
    return own if inputs.sale_income is None else own - inputs.sale_income


def own_outlay(inputs: ScheduleInputs) -> Floats:
    """Return the least that the city itself must pay in the year of the works, (N, Y)."""
    given = inputs.funding
    if given is None:
        return inputs.outlay
    paid = given.outlay * given.most_share(inputs.horizon).ravel()[None, :]
    coo = sparse.coo_array(paid)
    plan, column = coo.coords
    own = inputs.outlay.copy()
    np.subtract.at(own, (plan, column % inputs.horizon), coo.data)
    return own


def _carried(inputs: ScheduleInputs, amounts: Floats) -> Floats:
    rate = inputs.fund.interest_rate if inputs.fund is not None else 0.0
    growth = (1 + rate) ** np.arange(inputs.horizon)
    return np.asarray(np.cumsum(amounts / growth, axis=1) * growth)


def breaks_a_row(inputs: ScheduleInputs, rows: Sequence[Rows], keep: Bools) -> Bools:
    """Tell which life plans overstep a ``<=`` row even when every other facility takes the least it can."""
    broken = np.zeros(len(inputs.facility), dtype=bool)
    facilities = len(inputs.facility_ids)
    plans_of = np.bincount(inputs.facility[keep], minlength=facilities)
    for block in rows:
        coo = block.plans.tocoo()
        row, plan = coo.coords
        inside = keep[plan]
        row, plan, value = row[inside], plan[inside], coo.data[inside]
        if not row.size:
            continue
        key = row.astype(np.int64) * facilities + inputs.facility[plan]
        order = np.argsort(key, kind="stable")
        starts = np.flatnonzero(np.diff(key[order], prepend=-1))
        keys = key[order][starts]
        least = np.minimum.reduceat(value[order], starts)
        listed = np.diff(starts, append=key.size)
        # A facility with a plan outside the row may take nothing of it.
        least = np.where(listed < plans_of[keys % facilities], np.minimum(least, 0.0), least)
        total = np.bincount((keys // facilities).astype(int), least, minlength=len(block))
        own = least[np.searchsorted(keys, key)]
        room = block.rhs[row] - (total[row] - own)
        over = value > room + TOLERANCE * np.maximum(1.0, np.abs(block.rhs[row]))
        broken[plan[over]] = True
    return broken


def dominated(inputs: ScheduleInputs) -> Bools:
    """Tell which life plans another of the same facility matches or betters in cost and every limit."""
    same, less = _same_effect(inputs), _less_is_better(inputs)
    _, group = np.unique(same, axis=0, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    bounds = np.flatnonzero(np.diff(group.ravel()[order], prepend=-1, append=-1))
    out = np.zeros(len(inputs.facility), dtype=bool)
    for start, end in itertools.pairwise(bounds):
        if end - start < 2:  # noqa: PLR2004  - a plan alone has no rival
            continue
        members = order[start:end]
        members = members[np.argsort(inputs.objective[members], kind="stable")]
        features = less[members]
        # Few classes and years of works concern one facility.
        out[members] = _beaten(features[:, (features != features[0]).any(axis=0)])
    return out


def _beaten(features: Floats) -> Bools:
    """Tell which rows some earlier row, or an equal one before it, matches or betters in every column."""
    beaten = np.zeros(len(features), dtype=bool)
    for place in range(1, len(features)):
        rivals = features[:place][~beaten[:place]]
        beaten[place] = (rivals <= features[place] + TOLERANCE * 0.01).all(axis=1).any()
    return beaten


def _offered(given: Funding) -> Ints:
    """Return the classes and years in which some offer is open, as columns of the outlay by class."""
    is_open = np.zeros((len(given.class_names), given.offers.is_open.shape[1]), dtype=bool)
    np.logical_or.at(is_open, given.offers.of_class, given.offers.is_open)
    return np.flatnonzero(is_open.ravel()).astype(np.int32)


def _same_effect(inputs: ScheduleInputs) -> Floats:
    """Return what must be equal for one plan to stand in for another: service and merger."""
    parts: list[np.ndarray] = [inputs.facility]
    if inputs.services is not None:
        parts += [
            inputs.services.leave_year,
            inputs.services.after_service,
            inputs.services.after_site,
            inputs.services.after_capacity,
        ]
    if inputs.hosting is not None:
        parts += [
            inputs.hosting.host,
            inputs.hosting.move_year,
            inputs.hosting.begin_year,
            inputs.hosting.moved_floor_m2,
        ]
    return np.stack([np.asarray(part, dtype=float) for part in parts], axis=1)


def _less_is_better(inputs: ScheduleInputs) -> Floats:
    """Return what may only be less: cost, money by date, projects, floor area, the wait until it can be a host."""
    parts: list[np.ndarray] = [inputs.objective[:, None]]
    if inputs.levelling is not None and inputs.levelling.is_asked:
        # Both more and less in a year may break a level.
        parts += [inputs.outlay, -inputs.outlay]
    if inputs.budget is not None:
        if inputs.funding is not None:
            # A plan stands in for another only where it gives programmes as much to pay for.
            parts += [inputs.outlay, -inputs.funding.outlay[:, _offered(inputs.funding)].toarray()]
            if inputs.sale_income is not None:
                parts.append(-inputs.sale_income)
        elif inputs.fund is not None and inputs.fund.is_free:
            parts.append(_carried(inputs, net_outlay(inputs)))
        else:
            parts.append(inputs.outlay)
            if inputs.sale_income is not None:
                parts.append(-inputs.sale_income)
    if inputs.works is not None and inputs.works_limit is not None:
        parts.append(inputs.works[:, np.isfinite(inputs.works_limit)])
    if inputs.floor_m2 is not None and inputs.floor_target_m2 is not None:
        parts.append(inputs.floor_m2[:, np.isfinite(inputs.floor_target_m2)])
    if inputs.hosting is not None:
        parts.append(_wait(inputs.facility, inputs.hosting)[:, None])
    return np.concatenate([np.asarray(part, dtype=float) for part in parts], axis=1)


def _wait(facility: Ints, hosting: Hosting) -> Ints:
    """Return how many of the dates of moves into its facility each life plan comes too late for, (N,)."""
    moving = np.flatnonzero(hosting.host >= 0)
    far = int(max(hosting.move_year.max(initial=0), hosting.host_from.max(initial=0))) + 1
    dates = np.unique(hosting.host[moving].astype(np.int64) * far + hosting.move_year[moving])
    own = facility.astype(np.int64) * far
    return np.asarray(np.searchsorted(dates, own + hosting.host_from) - np.searchsorted(dates, own))
