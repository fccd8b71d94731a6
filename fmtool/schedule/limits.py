"""The limits of a case as rows with slack: what the elastic problem is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from fmtool.schedule.families import FAMILIES, Family
from fmtool.schedule.giving import FUND_FLOOR, GIVING, Giving, facility_cost
from fmtool.schedule.inputs import Bools, Floats, Ints, ScheduleInputs
from fmtool.schedule.problem import Slack
from fmtool.schedule.rows import Rows

_LEAVING = 1e-6
"""Price, over a facility's cost, of a life plan that ends or moves a service: lest services close at random."""
_LAW = 1e3
"""Price, over a facility's cost, of what no limit can mend: only where nothing else is left."""


@dataclass(frozen=True, slots=True, eq=False)
class Limit:
    """The rows of one family, and how they give way."""

    family: Family
    rows: Rows
    giving: Giving | None
    """None = never."""
    column: Ints
    """(R,) the slack of each row; -1 = none."""
    gain: Floats
    """(R,) what a unit of its slack adds to the row's right side."""


def forget_cost(inputs: ScheduleInputs) -> ScheduleInputs:
    """Return the case in which nothing costs, but that services do not close at random; the floor of the fund is a row."""
    is_leaving = np.zeros(len(inputs.facility), dtype=bool)
    if inputs.services is not None:
        is_leaving = np.asarray(inputs.services.leave_year < inputs.horizon)
    return replace(
        inputs,
        objective=_LEAVING * facility_cost(inputs) * is_leaving,
        fund=None if inputs.fund is None else replace(inputs.fund, floor=min(inputs.fund.floor, 0.0)),
        # Nothing that is paid or received at the end of a year counts.
        funding=None if inputs.funding is None else replace(inputs.funding, discount_rate=np.inf),
        levelling=None if inputs.levelling is None else replace(inputs.levelling, peak_weight=0.0),
    )


def limits_of(case: ScheduleInputs, original: ScheduleInputs, blocks: Sequence[Rows]) -> tuple[list[Limit], Slack]:
    """Make the rows of every family, and a slack for each of its limits."""
    floor = None if case.fund is None else FUND_FLOOR.rows(replace(case, fund=original.fund))
    # Rows with money columns are made anew: what is forgotten may have had columns of its own.
    known = {block.family: block for block in blocks if block.money is None}
    pairs = [(each, rows) for each in FAMILIES if (rows := known.get(each.name) or each.rows(case)) is not None]
    pairs += [(FUND_FLOOR, floor)] if floor is not None else []
    names: list[str] = []
    price: list[float] = []
    is_whole: list[bool] = []
    limits = []
    for family, rows in pairs:
        giving = GIVING.get(family.name)
        column, gain = np.full(len(rows), -1, dtype=np.int32), np.ones(len(rows))
        worth = np.zeros(len(rows))
        if giving is not None:
            worth = giving.worth(case, rows)
        elif family.name == "host":
            worth = np.full(len(rows), _LAW * facility_cost(case))
        if worth.any():
            gain = gain if giving is None else giving.gain(case, rows)
            of = _shared(rows, "row" if giving is None else giving.one_for)
            column[:] = len(names) + of
            first = np.unique(of, return_index=True)[1]
            names += [rows.names[row] for row in first]
            price += np.bincount(of, worth).tolist()
            is_whole += [giving is not None and giving.is_whole] * len(first)
        limits.append(Limit(family, rows, giving, column, gain))
    return limits, Slack(
        tuple(names),
        np.array(price),
        np.array(is_whole, dtype=bool),
        [each.column for each in limits],
        [each.gain for each in limits],
    )


def _shared(rows: Rows, one_for: str) -> Ints:
    """Return the number of each row's limit within its family, (R,)."""
    if one_for == "all":
        return np.zeros(len(rows), dtype=np.int32)
    if one_for == "area" and rows.group is not None:
        return np.unique(rows.group, return_inverse=True)[1].astype(np.int32)
    return np.arange(len(rows), dtype=np.int32)


def with_plans(block: Rows, keep: Bools) -> Rows:
    """Keep the chosen life plans of a block."""
    return replace(block, plans=sparse.csr_array(block.plans[:, np.flatnonzero(keep)]))
