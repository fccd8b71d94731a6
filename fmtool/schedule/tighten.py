"""Life plans that no best schedule needs, removed before the solver sees them.

Both removals are exact: a plan that breaks a row by itself is in no schedule, and a plan that another
plan of the same facility matches or betters in every respect can be exchanged for it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from fmtool.schedule.fiscal import Funding
from fmtool.schedule.inputs import Bools, Floats, Hosting, Ints, ScheduleInputs
from fmtool.schedule.rows import Rows, spans

TOLERANCE = 1e-7
_ENTRIES, _PAIRS = 2_000_000, 500_000
"""Coefficients, and pairs of life plans, looked at together."""
_RUNS = 8
_LEEWAY = TOLERANCE * 0.01

Indices = NDArray[np.int64]


def tighten(inputs: ScheduleInputs, blocks: Sequence[Rows], keep: Bools | None = None) -> Bools:
    """Return the life plans to keep, (N,); a facility left without any proves the case infeasible.

    ``keep`` are those that ``dominated`` leaves, where that is known.
    """
    rows = [block for block in blocks if block.sense == "<=" and block.money is None]
    carried = carried_budget(inputs)
    if carried is not None:
        # By year, for a year is read at a time.
        carried = np.asfortranarray(carried[0]), carried[1]
    keep = ~dominated(inputs) if keep is None else keep.copy()
    for _ in range(5):
        broken = breaks_a_row(inputs, rows, keep)
        if carried is not None:
            broken |= overspends(inputs, *carried, keep)
        broken &= keep
        if not broken.any():
            break
        keep &= ~broken
    return keep


def carried_budget(inputs: ScheduleInputs) -> tuple[Floats, Floats] | None:
    """Return the budget with the fund folded in: what is spent to date (N, Y), and what was to be had to date (Y,).

    For each year y:  sum over n, z <= y of (1+i)^(y-z) * (outlay[n, z] - sale[n, z]) * x[n]
                      <=  (1+i)^(y+1) * opening + sum over z <= y of (1+i)^(y-z) * budget[z] - floor

    These rows follow from ``budget`` and ``fund``; without a fund they are the budget itself. What programmes
    may pay for at most does not count.
    """
    if inputs.budget is None:
        return None
    if inputs.fund is None:
        return own_outlay(inputs), inputs.budget
    grown = (1 + inputs.fund.interest_rate) ** np.arange(1, inputs.horizon + 1)
    had = _carried(inputs, inputs.budget[None, :])[0] + grown * inputs.fund.opening - inputs.fund.floor
    return _carried(inputs, net_outlay(inputs)), had


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
    carried = amounts / growth
    np.cumsum(carried, axis=1, out=carried)
    carried *= growth
    return carried


def breaks_a_row(inputs: ScheduleInputs, rows: Sequence[Rows], keep: Bools) -> Bools:
    """Tell which life plans overstep a ``<=`` row even when every other facility takes the least it can."""
    broken = np.zeros(len(inputs.facility), dtype=bool)
    plans_of = np.bincount(inputs.facility[keep], minlength=len(inputs.facility_ids))
    for block in rows:
        pointers = block.plans.indptr
        begin = 0
        while begin < len(block):
            # So many rows at a time that what is beside them stays small.
            end = max(begin + 1, int(np.searchsorted(pointers, int(pointers[begin]) + _ENTRIES, side="right")) - 1)
            broken[_breaking(inputs.facility, plans_of, block, slice(begin, end), keep)] = True
            begin = end
    return broken


def _breaking(
    facility: Ints, plans_of: NDArray[np.integer], block: Rows, part: slice, keep: Bools
) -> NDArray[np.integer]:
    """Return the life plans that overstep some of a block's rows."""
    if not block.plans.has_sorted_indices:
        block.plans.sort_indices()
    pointers = block.plans.indptr[part.start : part.stop + 1]
    entries = slice(pointers[0], pointers[-1])
    plan, value = block.plans.indices[entries], block.plans.data[entries]
    inside = np.flatnonzero(keep[plan])
    row = np.repeat(np.arange(len(pointers) - 1), np.diff(pointers))[inside]
    plan, value = plan[inside], value[inside]
    if not plan.size:
        return plan
    # Life plans are in order of facility, so that those of one in a row stand beside each other.
    owner = facility[plan]
    starts = np.flatnonzero(np.append(True, (row[1:] != row[:-1]) | (owner[1:] != owner[:-1])))
    listed = np.diff(starts, append=row.size)
    row, owner = row[starts], owner[starts]
    least = np.minimum.reduceat(value, starts)
    # A facility with a plan outside the row may take nothing of it.
    least = np.where(listed < plans_of[owner], np.minimum(least, 0.0), least)
    total, rhs = np.bincount(row, least, minlength=len(pointers) - 1), block.rhs[part]
    limit = rhs[row] - (total[row] - least) + TOLERANCE * np.maximum(1.0, np.abs(rhs[row]))
    over = np.flatnonzero(np.maximum.reduceat(value, starts) > limit)
    at = spans(starts[over], listed[over])
    return np.asarray(plan[at[value[at] > np.repeat(limit[over], listed[over])]])


def overspends(inputs: ScheduleInputs, spent: Floats, had: Floats, keep: Bools) -> Bools:
    """Tell which life plans alone, beside the least of all others, take more by some year than was to be had."""
    broken = np.zeros(len(inputs.facility), dtype=bool)
    kept = np.flatnonzero(keep)
    if not kept.size:
        return broken
    starts = np.flatnonzero(np.diff(inputs.facility[kept], prepend=-1))
    count = np.diff(starts, append=kept.size)
    for of_year, had_by in zip(spent.T, had.tolist(), strict=True):
        value = of_year[kept]
        least = np.minimum.reduceat(value, starts)
        limit = had_by - (np.cumsum(least)[-1] - least) + TOLERANCE * max(1.0, abs(had_by))
        over = np.flatnonzero(np.maximum.reduceat(value, starts) > limit)
        at = spans(starts[over], count[over])
        broken[kept[at[(value[at] > np.repeat(limit[over], count[over])) & (value[at] != 0)]]] = True
    return broken


def dominated(inputs: ScheduleInputs) -> Bools:
    """Tell which life plans another of the same facility matches or betters in cost and every limit."""
    same = _same_effect(inputs)
    order = np.lexsort((inputs.objective, *same[::-1]))
    is_new = np.zeros(len(order), dtype=bool)
    is_new[:1] = True
    for part in same:
        is_new[1:] |= np.diff(part[order]) != 0
    starts = np.flatnonzero(is_new)
    size = np.diff(starts, append=len(order))
    # A plan alone has no rival.
    starts, size = starts[size > 1], size[size > 1]
    out = np.zeros(len(order), dtype=bool)
    chunk = np.cumsum(size * size) // _PAIRS
    wait = None if inputs.hosting is None else _wait(inputs.facility, inputs.hosting)
    for each in np.unique(chunk):
        members = order[spans(starts[chunk == each], size[chunk == each])]
        features = _less_is_better(inputs, members, None if wait is None else wait[members])
        out[members] = _beaten(features, size[chunk == each])
    return out


def _beaten(features: Floats, size: Ints) -> Bools:
    """Tell which rows some row not beaten before it, in the same group, matches or betters in every column.

    Rows of a group stand beside each other; ``size`` are the groups' sizes.
    """
    place = spans(np.zeros(len(size), int), size)
    worse = np.repeat(np.arange(len(features)), place)
    better = spans(np.arange(len(features)) - place, place)
    # Sums of runs of columns tell most pairs apart; their weights differ, so that a shift of years shows in them.
    runs = np.array_split(np.arange(features.shape[1]), _RUNS)
    sums = np.stack([features[:, run] @ np.arange(1.0, len(run) + 1) for run in runs], axis=1)
    slack = _LEEWAY * (len(runs[0]) + 1) ** 2 + 1e-9 * np.abs(sums).max(axis=0)
    for columns, leeway in ((sums, slack), (features, _LEEWAY)):
        left = (columns[better] <= columns[worse] + leeway).all(axis=1)
        better, worse = better[left], worse[left]
    beaten = np.zeros(len(features), dtype=bool)
    while True:
        # Who is beaten beats no other: settled from the first row of a group on, a step a turn at least.
        now = np.zeros(len(features), dtype=bool)
        now[worse[~beaten[better]]] = True
        if (now == beaten).all():
            return now
        beaten = now


def _offered(given: Funding) -> Ints:
    """Return the classes and years in which some offer is open, as columns of the outlay by class."""
    is_open = np.zeros((len(given.class_names), given.offers.is_open.shape[1]), dtype=bool)
    np.logical_or.at(is_open, given.offers.of_class, given.offers.is_open)
    return np.flatnonzero(is_open.ravel()).astype(np.int32)


def _same_effect(inputs: ScheduleInputs) -> list[Floats | Ints]:
    """Return what must be equal for one plan to stand in for another: service and merger; (N,) each."""
    parts: list[Floats | Ints] = [inputs.facility]
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
    return parts


def _less_is_better(inputs: ScheduleInputs, plans: Indices, wait: Indices | None) -> Floats:
    """Return what may only be less: cost, money by date, projects, floor area, the wait until it can be a host."""
    outlay = inputs.outlay[plans]
    sale = None if inputs.sale_income is None else inputs.sale_income[plans]
    parts: list[np.ndarray] = [inputs.objective[plans, None]]
    if inputs.levelling is not None and inputs.levelling.is_asked:
        # Both more and less in a year may break a level.
        parts += [outlay, -outlay]
    if inputs.budget is not None:
        if inputs.funding is not None:
            # A plan stands in for another only where it gives programmes as much to pay for.
            parts += [outlay, -inputs.funding.outlay[plans][:, _offered(inputs.funding)].toarray()]
        elif inputs.fund is not None and inputs.fund.is_free:
            parts.append(_carried(inputs, outlay if sale is None else outlay - sale))
            sale = None
        else:
            parts.append(outlay)
        if sale is not None:
            parts.append(-sale)
    if inputs.works is not None and inputs.works_limit is not None:
        parts.append(inputs.works[np.ix_(plans, np.isfinite(inputs.works_limit))])
    if inputs.floor_m2 is not None and inputs.floor_target_m2 is not None:
        parts.append(inputs.floor_m2[np.ix_(plans, np.isfinite(inputs.floor_target_m2))])
    if wait is not None:
        parts.append(wait[:, None])
    return np.concatenate([np.asarray(part, dtype=float) for part in parts], axis=1)


def _wait(facility: Ints, hosting: Hosting) -> Indices:
    """Return how many of the dates of moves into its facility each life plan comes too late for, (N,)."""
    moving = np.flatnonzero(hosting.host >= 0)
    far = int(max(hosting.move_year.max(initial=0), hosting.host_from.max(initial=0))) + 1
    dates = np.unique(hosting.host[moving].astype(np.int64) * far + hosting.move_year[moving])
    own = facility.astype(np.int64) * far
    return np.asarray(np.searchsorted(dates, own + hosting.host_from) - np.searchsorted(dates, own))
