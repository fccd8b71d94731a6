"""A linear problem that grows by rows and life plans and is solved again from where it stood.

HiGHS gets arrays here, not PuLP's objects: a relaxation is solved dozens of times, and between two times
only a few rows are new.
"""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np
from scipy import sparse

from fmtool.schedule.decompose.linear import Linear, engine, passed
from fmtool.schedule.inputs import Floats, Ints, ScheduleInputs
from fmtool.schedule.money import money_columns
from fmtool.schedule.rows import Rows

_CENTRE_SECONDS = 10.0


class Growing:
    """Life plans in any parts, the money beside them, and the rows given so far."""

    def __init__(
        self, inputs: ScheduleInputs, blocks: Sequence[Rows], columns: Ints, *, threads: int, seed: int
    ) -> None:
        """Begin with some life plans (ascending) and rows."""
        beside = money_columns(inputs)
        self.inputs, self.columns, self.money = inputs, columns, len(beside.names)
        parts = [self._matrix(block) for block in blocks]
        rhs = np.concatenate([block.rhs for block in blocks])
        is_equal = np.concatenate([np.full(len(block), block.sense == "==") for block in blocks])
        self._highs = engine(threads, seed)
        self._highs.passModel(
            passed(
                Linear(
                    np.concatenate([inputs.objective[columns], beside.cost]),
                    sparse.csc_array(sparse.vstack(parts)),
                    np.where(is_equal, rhs, -np.inf),
                    rhs,
                    np.concatenate([np.zeros(len(columns)), beside.lower]),
                    np.concatenate([np.ones(len(columns)), beside.upper]),
                )
            )
        )
        self._place = np.arange(len(columns) + self.money)
        """Where each column stands in the problem: the first life plans, money, life plans that came later."""

    def add_columns(self, columns: Ints, blocks: Sequence[Rows]) -> None:
        """Add life plans; ``blocks`` are the rows in the model, in their order."""
        if self._highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            self._highs.clearSolver()  # where it stood proves nothing of a wider problem
        matrix = sparse.csc_array(sparse.vstack([block.plans[:, columns] for block in blocks]))
        count = len(columns)
        self._highs.addCols(
            count, self.inputs.objective[columns].astype(float), np.zeros(count), np.ones(count), matrix.nnz,
            matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32), matrix.data.astype(float),
        )  # fmt: skip
        old = len(self.columns)
        self.columns = np.concatenate([self.columns, columns])
        plans = [self._place[:old], np.arange(len(self._place), len(self._place) + count)]
        self._place = np.concatenate([*plans, self._place[old:]])

    def add(self, rows: Rows) -> None:
        """Add ``<=`` rows."""
        matrix = self._matrix(rows)
        matrix = sparse.csr_array(matrix[:, np.argsort(self._place)])
        self._highs.addRows(
            len(rows), np.full(len(rows), -np.inf), rows.rhs.astype(float), matrix.nnz,
            matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32), matrix.data.astype(float),
        )  # fmt: skip

    def solve(self, seconds: float) -> bool | None:
        """Solve on; True = solved, False = no mix of life plans keeps the rows, None = not solved in time."""
        # HiGHS counts the time of all solves of one problem together.
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + max(seconds, 0.1))
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            return True
        return False if status == highspy.HighsModelStatus.kInfeasible else None

    def centre(self) -> bool:
        """Solve again by an interior point: where prices may lie between two corners, these lie amid them."""
        for name, value in (("solver", "ipm"), ("run_crossover", "off")):
            self._highs.setOptionValue(name, value)
        self._highs.clearSolver()
        return bool(self.solve(_CENTRE_SECONDS))

    @property
    def objective(self) -> float:
        """Cost of the mix last found."""
        return float(self._highs.getInfo().objective_function_value)

    def values(self) -> tuple[Floats, Floats]:
        """Return the parts in which life plans are chosen, (N,), and the money columns, (M,)."""
        found = np.asarray(self._highs.getSolution().col_value)[self._place]
        plans = np.zeros(len(self.inputs.facility))
        plans[self.columns] = found[: len(self.columns)]
        return plans, found[len(self.columns) :]

    def duals(self) -> Floats:
        """Return the row prices, in the order in which rows were given."""
        return np.asarray(self._highs.getSolution().row_dual)

    def _matrix(self, rows: Rows) -> sparse.csr_array:
        money = sparse.csr_array((len(rows), self.money)) if rows.money is None else rows.money
        return sparse.csr_array(sparse.hstack([rows.plans[:, self.columns], money], format="csr"))
