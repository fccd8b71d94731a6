"""The optimizer against exhaustive enumeration, on cases small enough to enumerate."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from strategies import LONG, cases, cost_of, enumerate_best, keeps_all

from fmtool.errors import InfeasibleScheduleError
from fmtool.schedule import search
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.problem import SolveOptions
from fmtool.schedule.solving import solve_schedule

EXACT = {name: SolveOptions(solver=name, gap=0.0, time_limit_s=60) for name in ("highs", "cbc")}


def solved(case: ScheduleInputs, solver: str) -> float:
    """Return the solver's objective, inf when it says there is no schedule."""
    try:
        solution = solve_schedule(case, EXACT[solver])
    except InfeasibleScheduleError:
        return np.inf
    assert keeps_all(case, tuple(solution.choice))
    assert solution.best_bound == pytest.approx(solution.objective, abs=1e-6)
    assert solution.objective == pytest.approx(cost_of(case, tuple(solution.choice)), abs=1e-6)
    return solution.objective


@settings(
    max_examples=300 if LONG else 150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(cases())
def test_highs_finds_the_enumerated_optimum(case):
    assert solved(case, "highs") == pytest.approx(enumerate_best(case), abs=1e-6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(cases())
def test_cbc_finds_the_enumerated_optimum(case):
    assert solved(case, "cbc") == pytest.approx(enumerate_best(case), abs=1e-6)


@settings(
    max_examples=150 if LONG else 75,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(cases())
def test_rows_brought_in_only_when_overstepped_give_the_same_optimum(case):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_EAGER_ENTRIES", -1)
        assert solved(case, "highs") == pytest.approx(enumerate_best(case), abs=1e-6)
