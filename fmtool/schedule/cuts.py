"""Rows that every schedule keeps and fractions do not: coverage rounded to whole facilities.

Where an area can lose 1.7 schools, the relaxation closes 1.7; a schedule can close one. Rounding the row
says so, and lifts the bound to where a search over whole life plans need not look far.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from fmtool.schedule.inputs import Floats, Ints
from fmtool.schedule.rows import Rows

FAMILY = "rounded"
_MULTIPLES = (1.0, 2.0, 3.0, 4.0, 5.0)
_MOST_SIZES = 16
_NUDGE = 1e-7
_LARGEST_FRACTION = 0.95
_LEAST_VIOLATION = 0.001
_FRACTION = 1e-4
_MOSTLY = 0.5
"""Part of a facility's largest loss from which it is counted by what stays."""


def rounded(rows: Rows, plans: Floats, first: int, first_row: Ints | None = None) -> Rows | None:
    """Make rounded rows that the given fractions overstep; at most one from each row.

    From  sum over n of w[n] * x[n] <= c  with whole x >= 0 follows, for any u > 0 and r = u * c - floor(u * c),
    (mixed-integer rounding; Wolsey, Integer Programming, 8.7)

    sum over n of (floor(u * w[n]) + max(0, u * w[n] - floor(u * w[n]) - r) / (1 - r)) * x[n]  <=  floor(u * c)

    Of the u that make the loss of some fractional plan a whole number, the one overstepped most is taken. Where the
    life plans of each facility are known, the row is rounded too with what has mostly gone counted by what stays:
    sum over n of f of w[n] * x[n]  =  w[f]  -  sum over n of f of (w[f] - w[n]) * x[n],  w[f] the largest of f.

    Parameters
    ----------
    rows
        Rows of one family.
    plans
        (N,) parts in which life plans are chosen.
    first
        Number from which the new rows are named.
    first_row
        (F + 1,) where each facility's life plans begin; each facility has one in every schedule.

    Three schools of 30 places, of which the area can lose 50: not 50/30 of them may close, but one.

    >>> case = Rows("coverage", ("coverage(0,2026)",), sparse.csr_array([[30.0, 30.0, 30.0]]), "<=", np.array([50.0]))
    >>> cut = rounded(case, np.array([1.0, 2 / 3, 0.0]), first=0)
    >>> cut.names, cut.plans.toarray().round(5).tolist(), cut.rhs.tolist()
    (('rounded(0,coverage(0,2026))',), [[1.0, 1.0, 1.0]], [1.0])
    """
    if rows.sense != "<=" or rows.money is not None:
        return None
    names: list[str] = []
    weights: list[sparse.csr_array] = []
    limits: list[float] = []
    groups: list[int] = []
    tight = rows.excess(plans) >= -0.5 * np.abs(rows.rhs)
    for row in np.flatnonzero(tight & (rows.rhs > 0)):
        part = slice(rows.plans.indptr[row], rows.plans.indptr[row + 1])
        column, loss = rows.plans.indices[part], rows.plans.data[part]
        room = float(rows.rhs[row])
        cut = _best(loss, plans[column], room)
        if first_row is not None:
            turned = _turned(column, loss, plans, first_row)
            if turned is not None:
                other = _best(turned[1], plans[turned[0]], room - turned[2])
                if other is not None and (cut is None or other[2] > cut[2]):
                    column, cut = turned[0], other
        if cut is None:
            continue
        weight, limit, _ = cut
        used = np.flatnonzero(weight)
        shape = (1, rows.plans.shape[1])
        weights.append(sparse.csr_array((weight[used], (np.zeros(used.size, int), column[used])), shape=shape))
        names.append(f"{FAMILY}({first + len(names)},{rows.names[row]})")
        limits.append(limit)
        groups.append(int(row if rows.group is None else rows.group[row]))
    if not names:
        return None
    plans_block = sparse.csr_array(sparse.vstack(weights))
    return Rows(FAMILY, tuple(names), plans_block, "<=", np.array(limits), group=np.array(groups, dtype=np.int32))


def _turned(column: Ints, loss: Floats, plans: Floats, first_row: Ints) -> tuple[Ints, Floats, float] | None:
    """Count the facilities that have mostly gone by what stays: columns, coefficients, and what moves to the right."""
    facility = np.searchsorted(first_row, column, side="right") - 1
    most: dict[int, float] = {}
    lost: dict[int, float] = {}
    for f, n, amount in zip(facility.tolist(), column.tolist(), loss.tolist(), strict=True):
        most[f] = max(most.get(f, 0.0), amount)
        lost[f] = lost.get(f, 0.0) + amount * float(plans[n])
    gone = [f for f, amount in most.items() if amount > 0 and lost[f] > _MOSTLY * amount]
    if not gone:
        return None
    rest = ~np.isin(facility, gone)
    columns, values = [column[rest]], [loss[rest]]
    for f in gone:
        own = np.arange(first_row[f], first_row[f + 1], dtype=column.dtype)
        left = np.full(own.size, most[f])
        inside = facility == f
        left[column[inside] - first_row[f]] -= loss[inside]
        used = left != 0
        columns.append(own[used])
        values.append(-left[used])
    return np.concatenate(columns), np.concatenate(values), sum(most[f] for f in gone)


def _best(loss: Floats, plans: Floats, room: float) -> tuple[Floats, float, float] | None:
    fractional = (plans > _FRACTION) & (loss != 0)
    if not fractional.any() or (plans[fractional] > 1 - _FRACTION).all():
        return None
    sizes, place = np.unique(np.round(np.abs(loss[fractional]), 9), return_inverse=True)
    share = np.bincount(place.ravel(), plans[fractional])
    sizes = sizes[np.argsort(-share, kind="stable")[:_MOST_SIZES]]
    unit = (np.outer(_MULTIPLES, 1 / sizes) * (1 + _NUDGE)).ravel()
    limit = np.floor(room * unit + _NUDGE * 0.01)
    rest = np.clip(room * unit - limit, 0.0, None)
    unit, limit, rest = (array[rest <= _LARGEST_FRACTION] for array in (unit, limit, rest))
    if not unit.size:
        return None
    scaled = np.outer(unit, loss)
    whole = np.floor(scaled)
    weight = whole + np.maximum(0.0, scaled - whole - rest[:, None]) / (1 - rest[:, None])
    over = (weight @ plans - limit) / np.maximum(1.0, np.linalg.norm(weight * (plans > _FRACTION), axis=1))
    best = int(np.argmax(over))
    return (weight[best], float(limit[best]), float(over[best])) if over[best] > _LEAST_VIOLATION else None
