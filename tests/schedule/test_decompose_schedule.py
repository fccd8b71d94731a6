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
from fmtool.schedule.decompose import better, schedule, settle
from fmtool.schedule.decompose import tied as tied_module
from fmtool.schedule.decompose.restricted import Plan
from fmtool.schedule.decompose.schedule import settled
from fmtool.schedule.decompose.settle import mended
from fmtool.schedule.decompose.tied import tied, tied_bound
from fmtool.schedule.money import money_columns
from fmtool.schedule.payment import pay
from fmtool.schedule.problem import SolveOptions
from fmtool.schedule.solving import solve_schedule
from fmtool.workers import Beside, Here


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


def priced(case):
    rows = rows_of(case)
    found = relaxation.relax(case, rows, [False] * len(rows), SolveOptions(gap=0.01), time.perf_counter() + 60)
    return [*rows, *found.cuts], found


@pytest.mark.parametrize("is_overspent", [False, True])
def test_a_settled_schedule_keeps_every_row_and_costs_no_less_than_its_bound(monkeypatch, is_overspent):
    """Also where the first choice of works oversteps the budget, at a fine, and the regions have to make it good."""
    case = ample(1, 30)
    if is_overspent:
        case = replace(case, budget=case.budget / 2)
        monkeypatch.setattr(schedule, "fines_of", lambda *_: {"budget": 1e-4})
    blocks, relaxed = priced(case)
    began: list[bool] = []

    def watched(inputs, rows, plan, *others, **named):
        began.append(better.oversteps(plan, len(money_columns(inputs).names)))
        return better.bettered(inputs, rows, plan, *others, **named)

    monkeypatch.setattr(schedule, "bettered", watched)
    monkeypatch.setattr(better, "REGION", 20)
    monkeypatch.setattr(schedule, "REGION", 20)
    found = settled(
        case, blocks, relaxed.duals, relaxed.bound, gap=0.01, deadline=time.perf_counter() + 60, seed=0, workers=Here(),
        note=lambda *_: None,
    )  # fmt: skip
    assert began == [is_overspent]
    assert relaxed.bound <= found.bound
    assert found.plan is not None
    assert found.bound <= found.plan.objective + 1e-6
    whole = np.zeros(len(case.facility))
    whole[found.plan.pick] = 1.0
    assert all((block.excess(whole) <= 1e-6).all() for block in blocks if block.money is None)
    paid = pay(case, found.plan.pick.astype(np.int32), blocks, SolveOptions())
    assert paid is not None
    cost = case.objective[found.plan.pick].sum() + money_columns(case).cost @ paid
    assert cost == pytest.approx(found.plan.objective, rel=1e-6)


@given(cases())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_relaxation_grown_from_few_life_plans_bounds_as_much(case):
    rows = rows_of(case)
    options, until = SolveOptions(gap=0.0), time.perf_counter() + 60
    first = np.zeros(len(case.facility), dtype=bool)
    first[case.first_row[:-1]] = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relaxation, "FAMILY", {})  # covers depend on the way; without them both end at the same cost
        whole = relaxation.relax(case, rows, [False] * len(rows), options, until)
        grown = relaxation.relax(case, rows, [False] * len(rows), options, until, relaxation.Start(first))
    assert grown.is_short == whole.is_short
    if not whole.is_short:
        assert grown.bound == pytest.approx(whole.bound, rel=1e-6, abs=1e-6)


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


@pytest.mark.parametrize("rounds", [0, 5])
def test_neighbours_that_clash_are_mended_and_the_others_held(monkeypatch, rounds):
    """Without a single round the clashing ones stand down."""
    monkeypatch.setattr(settle, "_ROUNDS", rounds)
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


@pytest.mark.parametrize("seed", range(4))
def test_regions_that_choose_at_once_keep_together_what_each_keeps_alone(seed):
    """Both halves of the city gain, and their rows and their money add up."""
    case = ample(seed, 24)
    case = replace(case, budget=case.budget / 3)
    rows = rows_of(case)
    held = case.first_row[:-1].astype(np.int64)  # everyone's first plan
    choices, coupling = settle.priced_rows(case, rows, np.arange(len(case.facility)), {"budget": 50.0})
    coupling = replace(coupling, limit=np.maximum(coupling.limit, _used(choices, coupling, held)))
    money = np.zeros(len(coupling.money_cost))
    plan = Plan(held, money, float(choices.cost[held].sum()))
    above = choices.cost.astype(float)
    halves = [np.arange(12), np.arange(12, 24)]
    parts = better._openings(choices, coupling, plan, halves, above)
    told = [part.chosen(time.time() + 30, 0.0, 0) for part in parts]
    assert any(each is not None for each in told)
    joined = better._joined(choices, coupling, plan, parts, told)
    assert joined.objective < plan.objective - 1e-6
    over = _used(choices, coupling, joined.pick) + coupling.money @ joined.money - coupling.limit
    assert over.max() <= 1e-5
    gains = sum(
        part.start.objective - each.objective for part, each in zip(parts, told, strict=True) if each is not None
    )
    assert plan.objective - joined.objective == pytest.approx(gains, abs=1e-5)


def _used(choices, coupling, pick):
    used = np.zeros(len(coupling.limit))
    used[: choices.rows] = choices.used(pick)
    return used


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


def test_parts_solved_by_workers_of_another_kind_give_the_same_schedule(monkeypatch):
    monkeypatch.setattr(tied_module, "_ALONE", 0)
    case = ample(1, 24)
    options = SolveOptions(gap=0.01, time_limit_s=60, method="decompose")
    asked: list[int] = []

    class Counting(Here):
        def map(self, function, *columns, label, tell=None):
            asked.append(1)
            return super().map(function, *columns, label=label, tell=tell)

    here = solve_schedule(case, options, workers=Counting())
    assert asked
    assert here.choice.tolist() == solve_schedule(case, options, workers=Beside(2)).choice.tolist()
