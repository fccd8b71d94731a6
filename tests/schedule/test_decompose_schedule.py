"""A schedule found part by part: it keeps every row, and both methods agree within the sum of their gaps."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from strategies import cases, enumerate_best
from tied_city import city, rows_of

from fmtool.errors import FmtoolError, InfeasibleScheduleError
from fmtool.schedule import relaxation
from fmtool.schedule.decompose.schedule import decomposed
from fmtool.schedule.decompose.settle import mended
from fmtool.schedule.decompose.tied import tied, tied_bound
from fmtool.schedule.problem import SolveOptions
from fmtool.schedule.solving import solve_schedule
from fmtool.workers import Here


def solved(case, method):
    return solve_schedule(case, SolveOptions(gap=0.0, time_limit_s=60, method=method))


@given(cases())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_decomposed_schedule_is_the_enumerated_optimum(case):
    best = enumerate_best(case)
    try:
        found = solved(case, "decompose")
    except InfeasibleScheduleError:
        assert not np.isfinite(best)
        return
    assert found.objective == pytest.approx(best, abs=1e-5)
    assert found.best_bound <= best + 1e-5


def ample(seed: int, facilities: int):
    case = city(seed, facilities=facilities, years=4)
    return replace(case, budget=case.budget * facilities / 3)


@pytest.mark.parametrize("seed", range(4))
def test_both_methods_agree_within_the_sum_of_their_gaps(seed):
    case = ample(seed, 24)
    try:
        whole = solve_schedule(case, SolveOptions(gap=0.01, time_limit_s=60, method="whole"))
    except FmtoolError:
        pytest.skip("this city has no schedule")
    parts = solve_schedule(case, SolveOptions(gap=0.01, time_limit_s=60, method="decompose"))
    assert parts.best_bound <= whole.objective + 1e-6
    assert whole.best_bound <= parts.objective + 1e-6
    apart = abs(parts.objective - whole.objective)
    assert apart <= whole.objective - whole.best_bound + parts.objective - parts.best_bound + 1e-6


def test_a_decomposition_alone_bounds_and_keeps_every_row():
    case = ample(1, 30)
    rows = rows_of(case)
    found = decomposed(
        case, rows, gap=0.01, deadline=time.perf_counter() + 60, seed=0, workers=Here(), note=lambda *_: None
    )
    assert found.priced <= found.bound
    assert found.plan is not None
    assert found.bound <= found.plan.objective + 1e-6
    whole = np.zeros(len(case.facility))
    whole[found.plan.pick] = 1.0
    assert all((block.excess(whole) <= 1e-6).all() for block in rows if block.money is None)


def test_groups_that_are_split_bound_no_more_than_whole_ones_and_stay_true():
    case = ample(2, 16)
    rows = rows_of(case)
    duals = [np.zeros(len(block)) for block in rows]
    until = time.perf_counter() + 60
    whole = tied_bound(case, rows, duals, deadline=until, close=0)
    split = tied_bound(case, rows, duals, deadline=until, close=0, group=tied(case, rows, most=4))
    assert np.bincount(split.group).max() <= 4
    assert split.linear - 1e-6 <= split.bound <= whole.bound + 1e-6
    assert whole.bound > whole.linear + 1e-6


def test_neighbours_that_clash_are_mended_and_the_others_held():
    case = ample(3, 12)
    rows = rows_of(case)
    first = case.first_row
    cheapest = np.array(
        [first[f] + int(np.argmin(case.objective[first[f] : first[f + 1]])) for f in range(len(case.facility_ids))]
    )
    whole = np.zeros(len(case.facility))
    whole[cheapest] = 1.0
    local = [block for block in rows if block.family in {"host", "site", "coverage", "reach"}]
    assert any((block.excess(whole) > 1e-6).any() for block in local)
    found = mended(case, rows, case.objective, case.objective, cheapest, Here(), time.perf_counter() + 30)
    assert found is not None
    mix = np.zeros(len(case.facility))
    mix[found] = 1.0
    assert all((block.excess(mix) <= 1e-6).all() for block in local)
    assert (found == cheapest).any()


def test_a_relaxation_that_rests_early_still_prices_every_row_it_brought_in(monkeypatch):
    monkeypatch.setattr(relaxation, "_PATIENCE", 0)
    case = ample(5, 12)
    rows = rows_of(case)
    lazy = [block.family in {"host", "site", "coverage", "reach"} for block in rows]
    found = relaxation.relax(case, rows, lazy, SolveOptions(gap=0.5), time.perf_counter() + 30)
    blocks = [*rows, *found.cuts]
    assert found.rounds == 1
    assert any(active.any() for active, late in zip(found.active, lazy, strict=False) if late)
    assert [len(prices) for prices in found.duals] == [len(block) for block in blocks]
    assert found.bound <= solved(case, "whole").objective + 1e-6
