"""Where to look: the linear problem's solution and what each plan costs over its facility's cheapest at its prices.

Few large facilities make the plain linear problem a poor guide: half of a town hall in each of two years fits any budget.
HiGHS finds cuts at the root of its search; with them the prices tell far better which plans are worth a look. Nothing
is proven from a guide, so a faulty one costs time only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from fmtool.schedule.decompose.choices import Choices, Floats, Indices
from fmtool.schedule.decompose.coupling import Coupling
from fmtool.schedule.decompose.linear import Linear, engine, passed
from fmtool.schedule.decompose.restricted import Columns
from fmtool.schedule.decompose.standing import Side

_TOUCHED = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """The linear problem's view of all plans."""

    above: Floats
    """(N,) what each costs over its facility's cheapest; inf = not worth a look."""
    shares: Floats
    """(N,)"""
    value: float
    """What the linear problem costs."""

    def torn(self, choices: Choices) -> Indices:
        """Return the facilities that the linear problem splits."""
        most = np.maximum.reduceat(self.shares, choices.first[:-1])
        return np.flatnonzero(most < 1 - _TOUCHED)


def guided(choices: Choices, coupling: Coupling, allowed: Indices, *, side: Side, seconds: float, seed: int) -> Guide:
    """Solve the linear problem over the allowed plans, with the cuts of HiGHS's root where it finds any in time.

    Every facility is to have two allowed plans or one; a facility of one is left at it.
    """
    columns = Columns(choices, coupling, allowed)
    plain = columns.problem(whole=True)
    cuts = _root_cuts(plain, side, seconds, seed)
    problem = Linear(plain.cost, plain.matrix, plain.row_low, plain.row_high, plain.low, plain.high)
    if cuts is not None:
        rows, low, high = cuts
        problem = Linear(
            plain.cost, sparse.csc_array(sparse.vstack([plain.matrix, rows])), np.append(plain.row_low, low),
            np.append(plain.row_high, high), plain.low, plain.high,
        )  # fmt: skip
    highs = engine(1, seed, time_limit=max(seconds, 1.0))
    highs.passModel(passed(problem))
    highs.run()
    found = highs.getSolution()
    count = len(choices.cost)
    above, shares = np.full(count, np.inf), np.zeros(count)
    above[columns.pick[columns.lone]], shares[columns.pick[columns.lone]] = 0.0, 1.0
    above[columns.plans] = np.maximum(np.asarray(found.col_dual)[: columns.size], 0.0)
    shares[columns.plans] = np.asarray(found.col_value)[: columns.size]
    return Guide(above, shares, float(highs.getInfo().objective_function_value) + columns.spent)


def _root_cuts(plain: Linear, side: Side, seconds: float, seed: int) -> tuple[sparse.csr_array, Floats, Floats] | None:
    # Presolve would tell the cuts in columns of its own.
    highs = engine(
        1, seed, time_limit=seconds, presolve="off", mip_allow_restart=False, mip_heuristic_effort=0.0,
        mip_heuristic_run_feasibility_jump=False,
    )  # fmt: skip
    highs.passModel(passed(plain))
    found: list[tuple[sparse.csr_array, Floats, Floats]] = []

    def keep(event: Any) -> None:  # noqa: ANN401  - highspy's events have no types
        told = event.data_out
        count, start = int(told.cutpool_num_cut), np.asarray(told.cutpool_start)
        index, value = np.array(told.cutpool_index), np.array(told.cutpool_value)
        start = np.append(start[:count], len(index))
        rows = sparse.csr_array((value, index, start), shape=(count, len(plain.cost)))
        found.append((rows, np.array(told.cutpool_lower), np.array(told.cutpool_upper)))

    def ask(event: Any) -> None:  # noqa: ANN401
        if found or side.is_over(-np.inf):
            event.interrupt()

    highs.cbMipGetCutPool.subscribe(keep)
    highs.cbMipInterrupt.subscribe(ask)
    highs.run()
    return found[-1] if found and highs.getModelStatus() != highspy.HighsModelStatus.kInfeasible else None
