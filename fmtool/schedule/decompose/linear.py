"""Rows and columns as arrays, handed to HiGHS as they are: at these sizes one object a coefficient costs too much."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Protocol

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from fmtool.errors import SolverError
from fmtool.text import Text

Floats = NDArray[np.float64]
INTEGRAL = 1e-6
"""How far from a whole number a decision may be read and still be one."""


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """min cost @ v  with  row_low <= matrix @ v <= row_high  and  low <= v <= high, some v whole."""

    cost: Floats
    matrix: sparse.csc_array
    row_low: Floats
    row_high: Floats
    low: Floats
    high: Floats
    whole: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What HiGHS found; ``values`` is None when it holds nothing that may be read."""

    values: Floats | None
    objective: float
    bound: float
    """No solution costs less; inf = proven to have none."""
    duals: Floats | None
    is_optimal: bool


class Watch(Protocol):
    """Whoever follows a solve of whole decisions while it runs; asked often, so answers must be quick."""

    def is_over(self, bound: float) -> bool:
        """Take note of the bound, and say whether the solve may end."""

    def newer(self) -> Floats | None:
        """Return a solution that the solver does not know yet."""

    def found(self, values: Floats) -> None:
        """Take note of a solution better than those before."""


def passed(problem: Linear) -> highspy.HighsLp:
    """Return the problem as HiGHS holds it."""
    lp = highspy.HighsLp()
    rows, columns = problem.matrix.shape
    lp.num_row_, lp.num_col_ = rows, columns
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = problem.cost, problem.low, problem.high
    lp.row_lower_, lp.row_upper_ = problem.row_low, problem.row_high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.num_row_, lp.a_matrix_.num_col_ = rows, columns
    lp.a_matrix_.start_ = problem.matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = problem.matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = problem.matrix.data.astype(float)
    if problem.whole is not None:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(each)] for each in problem.whole]
    return lp


def release() -> None:
    """Let go of HiGHS's threads, so that the caller's next solve may ask for another number of them."""
    highspy.Highs.resetGlobalScheduler(True)  # noqa: FBT003  - highspy takes it by position only


def engine(threads: int, seed: int, **settings: Any) -> highspy.Highs:  # noqa: ANN401  - HiGHS options are of many types
    """Return a silent HiGHS with the given settings."""
    # HiGHS keeps one pool of threads for each thread that calls it, and refuses a solve that asks for another number.
    release()
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    given = {"output_flag": False, "threads": threads, "random_seed": seed, **settings}
    for name, value in given.items():
        if highs.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise SolverError(Text(f"HiGHSが設定 {name} を受け付けません", f"HiGHS does not take the option {name}"))
    return highs


def _follow(highs: highspy.Highs, watch: Watch) -> None:
    def ask(event: Any) -> None:  # noqa: ANN401  - highspy's events have no types
        if watch.is_over(float(event.data_out.mip_dual_bound)):
            event.interrupt()

    def give(event: Any) -> None:  # noqa: ANN401
        values = watch.newer()
        if values is not None:
            event.data_in.setSolution(values)

    def take(event: Any) -> None:  # noqa: ANN401
        watch.found(np.array(event.data_out.mip_solution))

    highs.cbMipInterrupt.subscribe(ask)
    highs.cbMipUserSolution.subscribe(give)
    highs.cbMipImprovingSolution.subscribe(take)


def solve(
    problem: Linear,
    *,
    seconds: float,
    gap: float = 0.0,
    absolute_gap: float = 0.0,
    threads: int = 2,
    seed: int = 0,
    start: Floats | None = None,
    watch: Watch | None = None,
    **settings: Any,  # noqa: ANN401  - HiGHS options are of many types
) -> Answer:
    """Solve; a solution is read only where HiGHS says it holds a feasible one and its decisions are whole.

    Its presolve has called whole problems infeasible that had a solution: such a word counts where a look without it agrees.
    """
    started = time.perf_counter()
    settings |= {"mip_rel_gap": gap, "mip_abs_gap": absolute_gap}
    highs = _run(problem, engine(threads, seed, time_limit=max(seconds, 0.05), **settings), start, watch)
    if problem.whole is not None and highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        left = max(seconds - (time.perf_counter() - started), 0.05)
        again = engine(threads, seed, time_limit=left, **{**settings, "presolve": "off"})
        highs = _run(problem, again, start, watch)
    return _read(highs, problem)


def _run(problem: Linear, highs: highspy.Highs, start: Floats | None, watch: Watch | None) -> highspy.Highs:
    if highs.passModel(passed(problem)) == highspy.HighsStatus.kError:
        raise SolverError(Text("HiGHSが問題を受け付けません", "HiGHS does not take the problem"))
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start.tolist()
        highs.setSolution(solution)
    if watch is not None:
        _follow(highs, watch)
    highs.run()
    return highs


def _read(highs: highspy.Highs, problem: Linear) -> Answer:
    status, info = highs.getModelStatus(), highs.getInfo()
    is_mip = problem.whole is not None
    if status == highspy.HighsModelStatus.kInfeasible:
        return Answer(None, np.inf, np.inf, None, is_optimal=False)
    bound = info.mip_dual_bound if is_mip else -np.inf
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Answer(None, np.inf, bound, None, is_optimal=False)
    found = highs.getSolution()
    values = np.asarray(found.col_value)
    is_optimal = status == highspy.HighsModelStatus.kOptimal
    if problem.whole is not None:
        whole = values[problem.whole]
        if np.abs(whole - np.round(whole)).max(initial=0.0) > INTEGRAL:
            return Answer(None, np.inf, bound, None, is_optimal=False)
        values[problem.whole] = np.round(whole)
    objective = float(info.objective_function_value)
    if not is_mip and is_optimal:
        bound = objective
    return Answer(values, objective, bound, None if is_mip else np.asarray(found.row_dual), is_optimal)
