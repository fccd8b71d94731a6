"""Solving again with relaxed limits: whether a schedule comes out and keeps them by its own arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fmtool.schedule.elastic import TOLERANCE, Elastic, Found
from fmtool.schedule.giving import RATIO_LIMITS, with_ratio
from fmtool.schedule.inputs import Floats, Ints, ScheduleInputs
from fmtool.schedule.payment import pay
from fmtool.schedule.problem import SolveOptions, build, solve
from fmtool.schedule.rows import Rows, can_be_overstepped

_GAP = 0.05
_SMALL = 3000


def relaxed_case(elastic: Elastic, slacks: Sequence[Floats]) -> tuple[ScheduleInputs, list[Rows]]:
    """Return the case with its limits relaxed, and its rows.

    A limit that several rows share is raised for all of them by the largest slack.
    """
    case = elastic.original
    given = elastic.most(slacks)
    more = {
        each.family.name: np.where(each.column >= 0, given[each.column] * each.gain, 0.0) for each in elastic.limits
    }
    if case.budget is not None:
        case = replace(case, budget=case.budget + more["budget"])
    if case.fund is not None and "fund_floor" in more:
        case = replace(case, fund=replace(case.fund, floor=case.fund.floor - float(more["fund_floor"].max())))
    for limit in elastic.limits:
        if limit.family.name in RATIO_LIMITS:
            case = with_ratio(case, limit.family.name, float(given[limit.column].max()))
    rows = []
    for limit in elastic.limits:
        is_same = limit.rows.money is None and limit.family.name != "budget"
        block = limit.rows if is_same else limit.family.rows(case)
        if block is not None and limit.family.name != "fund_floor":
            is_in_case = limit.giving is None or limit.family.name in {"budget", *RATIO_LIMITS}
            rows.append(block if is_in_case else replace(block, rhs=block.rhs + more[limit.family.name]))
    return case, rows


def admits(found: Found, slacks: Sequence[Floats], options: SolveOptions, seconds: float) -> bool:
    """Tell whether solving again with the limits relaxed gives a schedule that keeps them.

    The choice found is where the solver starts, beside the life plans that were looked at.
    """
    case, blocks = relaxed_case(found.elastic, slacks)
    relief = found.relief
    if relief is None:
        return False
    columns = found.columns.copy() if found.columns.size <= _SMALL else found.elastic.few(1)
    columns[relief.choice] = True
    chosen = np.flatnonzero(columns).astype(np.int32)
    money = pay(case, relief.choice, blocks, options)
    inside = [
        block.take(can_be_overstepped(block, case, chosen)) if block.money is None and block.sense == "<=" else block
        for block in blocks
    ]
    answer = solve(
        build(case, inside, chosen),
        case,
        replace(options, gap=max(options.gap, _GAP)),
        seconds=seconds,
        start=None if money is None else (relief.choice, money),
    )
    if answer.plans is None:
        return False
    return keeps(case, np.flatnonzero(answer.plans > 0.5).astype(np.int32), blocks, options)  # noqa: PLR2004  - 0 or 1


def keeps(case: ScheduleInputs, choice: Ints, blocks: Sequence[Rows], options: SolveOptions) -> bool:
    """Tell whether a choice keeps rows and can be paid for, added up from the arrays."""
    plans = np.zeros(len(case.facility))
    plans[choice] = 1.0
    kept = all(
        (block.excess(plans) <= TOLERANCE * np.maximum(1.0, np.abs(block.rhs))).all()
        for block in blocks
        if block.money is None
    )
    return kept and pay(case, choice, blocks, options) is not None
