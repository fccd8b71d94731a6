"""How a chosen schedule is paid for: the money columns of a choice of life plans, at the least cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from fmtool.schedule.inputs import Floats, Ints, ScheduleInputs
from fmtool.schedule.money import money_columns, money_path, sale_of
from fmtool.schedule.problem import SolveOptions, build, solve
from fmtool.schedule.rows import Rows

_SECONDS = 30.0
_TOLERANCE = 1e-5
"""Millions by which a row may be overstepped."""


def pay(inputs: ScheduleInputs, choice: Ints, blocks: Sequence[Rows], options: SolveOptions) -> Floats | None:
    """Return the money columns (M,) that pay for a choice at the least cost; None where nothing can.

    Without programmes and levelling every year puts by all it can (see ``money_path``); else a small linear
    problem finds the mix of subsidies, bonds and fund. Either way the rows are re-added before it is believed.

    Parameters
    ----------
    inputs
        The case.
    choice
        (F,) rows of the chosen life plans.
    blocks
        The case's rows; those without money columns are left alone.
    options
        Solver and threads.
    """
    plans = np.zeros(len(inputs.facility))
    plans[choice] = 1.0
    rest = [_rest(block, plans) for block in blocks if block.money is not None or block.family == "budget"]
    if not rest:
        return np.zeros(0)
    columns = money_columns(inputs)
    if set(columns.part) <= {"draw", "deposit", "fund"}:
        outlay = inputs.outlay[choice].sum(axis=0)
        money = np.concatenate(money_path(inputs, outlay, sale_of(inputs, choice))) if columns.part else np.zeros(0)
    else:
        model = build(inputs, rest, np.zeros(0, dtype=np.int32), integer=False, name="payment")
        # CBC tells nothing of a problem that its own reductions empty.
        answer = solve(model, inputs, replace(options, solver="highs"), integer=False, seconds=_SECONDS, is_vertex=True)
        if answer.money is None or answer.status.name != "Optimal":
            return None
        money = np.clip(answer.money, columns.lower, columns.upper)
    return money if keeps(inputs, rest, money) else None


def keeps(inputs: ScheduleInputs, rows: Sequence[Rows], money: Floats) -> bool:
    """Tell whether money columns keep their bounds and rows that hold no life plans any more."""
    columns = money_columns(inputs)
    inside = (money >= columns.lower - _TOLERANCE).all() and (money <= columns.upper + _TOLERANCE).all()
    none = np.zeros(len(inputs.facility))
    return bool(inside) and all(
        (block.excess(none, money) <= _TOLERANCE * np.maximum(1.0, np.abs(block.rhs))).all() for block in rows
    )


def _rest(block: Rows, plans: Floats) -> Rows:
    """Move the life plans of a row to its right side."""
    empty = sparse.csr_array(block.plans.shape)
    return Rows(block.family, block.names, empty, block.sense, block.rhs - block.plans @ plans, block.money)
