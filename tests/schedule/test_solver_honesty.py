"""Nothing is read from a solver but whole decisions that it truly holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import highspy
import numpy as np
import pulp
import pytest
from scipy import sparse

from fmtool.errors import SolverError
from fmtool.schedule.decompose import linear
from fmtool.schedule.families import FAMILIES
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.money import budget
from fmtool.schedule.payment import pay
from fmtool.schedule.problem import INTEGRAL, SolveOptions, build, solve
from fmtool.schedule.solving import solve_schedule

TEN_SECONDS = 10.0


def flat_caps(facilities: int, plans: int, years: int, seed: int = 0) -> ScheduleInputs:
    """Make works of lognormal size in a random year each, under the same cap every year and no fund.

    Bare yearly caps leave the relaxation far from any schedule, which is what makes a solver stop on fractions.
    """
    rng = np.random.default_rng(seed)
    area = rng.lognormal(7.0, 0.9, facilities)
    facility = np.repeat(np.arange(facilities), plans).astype(np.int32)
    start = rng.integers(0, years, len(facility))
    price = rng.uniform(0.2, 0.5, len(facility))
    cost = area[facility] * price
    outlay = np.zeros((len(facility), years))
    for step in (0, 1):
        np.add.at(outlay, (np.arange(len(facility)), np.minimum(start + step, years - 1)), cost / 2)
    wait = area[facility] * rng.uniform(0.0, 0.02, len(facility)) * start
    return ScheduleInputs(
        years=tuple(range(2026, 2026 + years)),
        facility_ids=tuple(f"F{f}" for f in range(facilities)),
        facility=facility,
        objective=cost / 1.02**start + wait,
        outlay=outlay,
        budget=np.full(years, 0.62 * area.sum() * 0.35 / years),
    )


@dataclass(frozen=True)
class Stats:
    """What a stand-in for a solver reports."""

    has_solution: bool
    status: pulp.LpSolveStatus = pulp.LpSolveStatus.TimeLimit
    objective: float | None = 1.0
    best_bound: float | None = None


@dataclass(frozen=True)
class Problem:
    """A stand-in for PuLP's problem whose solve does what the test says."""

    solve: Callable[[object], Stats]

    def checkDuplicateVars(self) -> None:  # noqa: N802  - PuLP's name
        """Find none."""

    def checkDuplicateConstraints(self) -> None:  # noqa: N802  - PuLP's name
        """Find none."""


class Unreadable:
    """A variable whose value must not be asked for."""

    @property
    def varValue(self) -> float:  # noqa: N802  - PuLP's name
        """Fail."""
        raise AssertionError("read before has_solution")


@pytest.fixture(scope="module")
def tight() -> ScheduleInputs:
    """Return 500 facilities x 40 life plans x 30 years, on which CBC holds only fractions after ten seconds."""
    return flat_caps(500, 40, 30)


def keeps_every_row(case: ScheduleInputs, plans: np.ndarray) -> bool:
    chosen = np.flatnonzero(plans > 0.5)
    whole = np.isin(plans, (0.0, 1.0)).all() and (np.bincount(case.facility[chosen]) == 1).all()
    return bool(whole and (case.outlay[chosen].sum(axis=0) <= case.budget + 1e-5).all())


def test_cbc_out_of_time_gives_no_plan_rather_than_fractions(tight):
    blocks = [rows for family in FAMILIES if (rows := family.rows(tight)) is not None]
    model = build(tight, blocks)
    answer = solve(model, tight, SolveOptions(solver="cbc"), seconds=TEN_SECONDS)
    held = np.array([variable.varValue or 0.0 for variable in model.plans])
    if np.abs(held - np.round(held)).max() > INTEGRAL:  # what PuLP's variables hold must not come through
        assert answer.plans is None
        assert answer.objective is None
    assert answer.plans is None or keeps_every_row(tight, answer.plans)
    assert answer.seconds < 3 * TEN_SECONDS


@pytest.mark.parametrize("solver", ["cbc", "highs"])
def test_ten_seconds_end_in_a_kept_schedule_or_in_a_clean_no_plan(tight, solver):
    try:
        solution = solve_schedule(tight, SolveOptions(solver=solver, time_limit_s=TEN_SECONDS))
    except SolverError as error:
        solution, sentence = None, error.message.en
    if solution is None:
        assert sentence == "no schedule was found within 10 s; one may still exist"
        return
    assert (tight.facility[solution.choice] == np.arange(500)).all()
    assert (tight.outlay[solution.choice].sum(axis=0) <= tight.budget + 1e-5).all()
    assert solution.best_bound <= solution.objective


def test_fractions_called_a_solution_are_not_read(monkeypatch):
    """A solver that says it has a solution, and leaves halves in the variables, has none."""
    case = flat_caps(4, 3, 2)
    blocks = [rows for family in FAMILIES if (rows := family.rows(case)) is not None]
    model = build(case, blocks)

    def halves(_solver):
        for variable in model.plans:
            variable.varValue = 0.5
        return Stats(has_solution=True)

    monkeypatch.setattr(model, "problem", Problem(halves))
    assert solve(model, case, SolveOptions(), seconds=1).plans is None
    assert solve(model, case, SolveOptions(), integer=False, seconds=1).plans is not None


def test_nothing_is_read_before_the_solver_has_a_solution(monkeypatch):
    """After a solve that found nothing PuLP's variables read 0.0: a silent plan to do nothing."""
    case = flat_caps(4, 3, 2)
    model = build(case, [])
    monkeypatch.setattr(model, "problem", Problem(lambda _solver: Stats(has_solution=False)))
    monkeypatch.setattr(model, "plans", [Unreadable()] * len(model.plans))
    answer = solve(model, case, SolveOptions(), seconds=1)
    assert (answer.plans, answer.money, answer.objective) == (None, None, None)


def test_an_overspent_choice_is_not_taken_on_a_solvers_word():
    case = flat_caps(4, 3, 2)
    dear = np.array([np.argmax(case.outlay[case.facility == f, 0]) + 3 * f for f in range(4)], dtype=np.int32)
    enough = case.outlay[dear].sum(axis=0)
    for amount, is_paid in ((np.zeros(2), False), (enough - 0.01, False), (enough, True)):
        given = replace(case, budget=amount)
        rows = budget(given)
        assert (pay(given, dear, [rows], SolveOptions()) is not None) is is_paid


def test_highs_takes_another_number_of_threads_in_the_same_process():
    case = flat_caps(30, 8, 6)
    case = replace(case, budget=case.budget * 1.6)
    found = [solve_schedule(case, SolveOptions(gap=0.0, threads=threads)).objective for threads in (2, 1, 2)]
    assert found == pytest.approx([found[0]] * 3, rel=1e-9)


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_the_same_inputs_twice_give_the_same_decisions(solver):
    case = flat_caps(60, 10, 8)
    case = replace(case, budget=case.budget * 1.3)
    first, second = (solve_schedule(case, SolveOptions(solver=solver)).choice for _ in range(2))
    assert first.tolist() == second.tolist()


def test_a_failing_solver_is_told_in_one_sentence(monkeypatch):
    case = flat_caps(4, 3, 2)
    model = build(case, [])

    def fails(_solver):
        raise pulp.PulpError("out of memory")

    monkeypatch.setattr(model, "problem", Problem(fails))
    with pytest.raises(SolverError, match="solver highs failed \\(out of memory\\)"):
        solve(model, case, SolveOptions(), seconds=1)


def test_a_problem_that_presolve_calls_infeasible_is_solved():
    """Two facilities, four years, a fund and bonds: HiGHS 1.15 calls it infeasible, its optimum is 9 by enumeration."""
    file = Path(__file__).parent / "presolve_says_infeasible.mps"
    highs = highspy.Highs()
    highs.setOptionValue("log_to_console", False)  # noqa: FBT003  - highspy takes it by position only
    highs.readModel(str(file))
    lp = highs.getLp()
    matrix = sparse.csc_array((lp.a_matrix_.value_, lp.a_matrix_.index_, lp.a_matrix_.start_))
    is_whole = np.array([kind == highspy.HighsVarType.kInteger for kind in lp.integrality_])
    sides = (lp.col_cost_, matrix, lp.row_lower_, lp.row_upper_, lp.col_lower_, lp.col_upper_, is_whole)
    found = linear.solve(linear.Linear(*map(_array, sides)), seconds=10.0, threads=1)
    assert found.objective == pytest.approx(9.0)
    assert found.bound == pytest.approx(9.0)


def _array(side):
    return side if isinstance(side, sparse.csc_array) else np.asarray(side)
