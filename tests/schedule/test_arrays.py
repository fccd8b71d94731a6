"""``solve_arrays``: against enumeration, by laws, on public instances, and on faulty arrays."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from fmtool.errors import InfeasibleScheduleError, ScheduleInputsError
from fmtool.schedule.arrays import coupling_of, solve_arrays
from fmtool.schedule.decompose.choices import Choices
from fmtool.schedule.decompose.coupling import lower_bound
from fmtool.schedule.decompose.dual import ascend
from fmtool.schedule.inputs import FundInputs


def cheapest_by_enumeration(cost, facility, outlay, budget, fund=None):
    """Return the least cost of all choices that keep the budgets, by trying each."""
    groups = [np.flatnonzero(facility == f) for f in range(facility.max() + 1)]
    best = np.inf
    for pick in itertools.product(*groups):
        left = budget - outlay[list(pick)].sum(axis=0)
        if fund is None:
            keeps = (left >= -1e-9).all()
        else:
            held, keeps = fund.opening, True
            for year in left:
                held = (1 + fund.interest_rate) * held + min(year, fund.deposit_limit)
                keeps &= -year <= fund.draw_limit + 1e-9 and held >= fund.floor - 1e-9
        if keeps:
            best = min(best, cost[list(pick)].sum())
    return best


@st.composite
def problems(draw):
    seed = draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    facilities, years = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    facility = np.repeat(np.arange(facilities), rng.integers(1, 5, facilities))
    cost = np.round(rng.uniform(-20, 20, len(facility)), 1)
    outlay = np.round(rng.uniform(0, 10, (len(facility), years)) * (rng.random((len(facility), years)) < 0.6))
    budget = np.round(rng.uniform(2, 5 * facilities, years))
    return cost, facility, outlay, budget


FUNDS = [None, FundInputs(3.0, 1.0, 0.1), FundInputs(5.0, 0.0, 0.0, deposit_limit=2.0, draw_limit=3.0)]


@pytest.mark.parametrize("fund", FUNDS, ids=["no fund", "free fund", "limited fund"])
@given(problem=problems())
@settings(max_examples=40, deadline=None)
def test_the_choice_is_the_cheapest_of_all(fund, problem):
    known = cheapest_by_enumeration(*problem, fund)
    if np.isinf(known):
        with pytest.raises(InfeasibleScheduleError):
            solve_arrays(*problem, fund=fund, gap=0.0)
        return
    found = solve_arrays(*problem, fund=fund, gap=0.0)
    assert found.objective == pytest.approx(known, abs=1e-6)
    assert found.bound == pytest.approx(known, abs=1e-5)
    assert found.is_optimal
    cost, _, outlay, budget = problem
    assert cost[found.choice].sum() == pytest.approx(found.objective)
    kept = outlay[found.choice].sum(axis=0) - found.draw + found.deposit
    assert (kept <= budget + 1e-6).all()


@pytest.mark.parametrize("fund", FUNDS, ids=["no fund", "free fund", "limited fund"])
@given(problem=problems(), price=st.floats(-3, 30), seed=st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_any_prices_give_a_bound_under_the_optimum(fund, problem, price, seed):
    known = cheapest_by_enumeration(*problem, fund)
    cost, facility, outlay, budget = problem
    first = np.searchsorted(facility, np.arange(facility.max() + 2))
    choices, coupling = Choices(cost, first, outlay), coupling_of(budget, fund)
    prices = price * np.random.default_rng(seed).random(len(coupling.limit))
    assert lower_bound(choices, coupling, prices) <= known + 1e-6


def test_a_fund_moves_money_to_the_year_that_needs_it():
    # 8 is needed in the second year, of which 5 are there: only what the first year puts by makes it possible.
    arrays = ([1.0, 9.0], [0, 0], np.array([[0.0, 8.0], [0.0, 0.0]]), [5.0, 5.0])
    assert solve_arrays(*arrays, gap=0.0).objective == 9.0
    found = solve_arrays(*arrays, fund=FundInputs(), gap=0.0)
    assert found.objective == 1.0
    assert found.draw[1] >= 3.0 - 1e-6


def test_dense_and_sparse_single_precision_and_any_order_are_the_same_problem():
    rng = np.random.default_rng(5)
    facility = np.repeat(np.arange(40), 6)
    outlay = rng.integers(0, 9, (240, 4)) * (rng.random((240, 4)) < 0.5)
    cost, budget = rng.uniform(10, 90, 240).round(), outlay.sum(axis=0) / 12
    plain = solve_arrays(cost, facility, outlay, budget, gap=0.0)
    thin = solve_arrays(cost.astype(np.float32), facility, sparse.csr_array(outlay.astype(np.float32)), budget, gap=0.0)
    mixed = rng.permutation(240)
    turned = solve_arrays(cost[mixed], facility[mixed], outlay[mixed], budget, gap=0.0)
    assert plain.objective == thin.objective == turned.objective
    assert cost[mixed][turned.choice].sum() == turned.objective
    assert (facility[mixed][turned.choice] == np.arange(40)).all()


@pytest.mark.parametrize("fund", [None, FundInputs(300.0, 30.0, 0.001), FundInputs(300.0, 30.0, 0.0, 90.0, 90.0)])
def test_many_facilities_close_the_gap_by_prices_alone(fund):
    rng = np.random.default_rng(1)
    facilities, plans, years = 4_000, 20, 10
    size = rng.lognormal(0, 0.8, facilities)
    year = rng.integers(0, years, facilities * plans)
    rows = np.arange(facilities * plans)
    spent = np.repeat(size, plans) * rng.uniform(0.5, 1.5, len(rows))
    outlay = sparse.csr_array((spent.astype(np.float32), (rows, year)), shape=(len(rows), years))
    cost = spent * 0.95**year + np.repeat(size, plans) * rng.uniform(0, 1, len(rows))
    facility = np.repeat(np.arange(facilities), plans)
    budget = np.full(years, 0.6 * size.sum() / years)
    steps = []
    told = lambda step, *_: steps.append(step)  # noqa: E731  - one line says it
    found = solve_arrays(cost, facility, outlay, budget, fund=fund, gap=0.001, progress=told)
    assert found.is_optimal
    assert 0 <= found.gap <= 0.001
    assert steps == ["dual", "rounding"]
    spent = outlay[found.choice].sum(axis=0, dtype=float) - found.draw + found.deposit
    assert (spent <= budget * (1 + 1e-6)).all()
    if fund is not None:
        assert found.balance.min() >= fund.floor - 1e-6
    assert (found.duals >= 0).all()


def test_the_dual_is_the_linear_relaxation():
    # Two equal facilities and room for one and a half dear plans: half of one is bought off at 4 a unit.
    choices = Choices(np.array([0.0, 8.0, 0.0, 8.0]), np.array([0, 2, 4]), np.array([[2.0], [0.0], [2.0], [0.0]]))
    dual = ascend(choices, coupling_of(np.array([3.0]), None), deadline=np.inf)
    assert dual.bound == pytest.approx(4.0)
    assert dual.prices.tolist() == pytest.approx([4.0])


@pytest.mark.parametrize(
    ("arrays", "fault"),
    [
        (([1.0], [0], np.zeros((1, 2)), [1.0]), r"outlay must have shape \(1, 1\), not \(1, 2\)"),
        (([np.nan], [0], np.zeros((1, 1)), [1.0]), "cost holds values that are not finite"),
        (([1.0], [0.5], np.zeros((1, 1)), [1.0]), "facility must be whole numbers"),
        (([1.0], [1], np.zeros((1, 1)), [1.0]), "1 facilities have no plan, the first is 0"),
        (([], [], np.zeros((0, 1)), [1.0]), "there is no plan"),
    ],
)
def test_faulty_arrays_are_refused_in_words(arrays, fault):
    with pytest.raises(ScheduleInputsError) as refused:
        solve_arrays(*arrays)
    assert re.search(fault, refused.value.say("en"))


def test_a_year_that_cannot_be_kept_is_named():
    with pytest.raises(InfeasibleScheduleError, match="year 1: even the least"):
        solve_arrays([1.0, 2.0], [0, 1], np.array([[0.0, 3.0], [0.0, 4.0]]), [5.0, 5.0])
