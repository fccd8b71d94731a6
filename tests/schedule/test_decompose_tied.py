"""Groups of tied facilities: which they are, and that the bound they give is true and worth its name."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tied_city import city, rows_of

from fmtool.schedule.decompose.tied import tied, tied_bound
from fmtool.schedule.inputs import ScheduleInputs


def optimum(case: ScheduleInputs, blocks) -> float:
    """Return the least cost by trying every choice, without the rows' builder of problems or a solver."""
    first = case.first_row
    stacked = [(block.plans.toarray(), block) for block in blocks if block.family != "one_life"]
    best = np.inf
    for pick in itertools.product(*(range(first[f], first[f + 1]) for f in range(len(case.facility_ids)))):
        chosen = list(pick)
        cost = case.objective[chosen].sum()
        if cost < best and all((plans[:, chosen].sum(axis=1) <= block.rhs + 1e-9).all() for plans, block in stacked):
            best = cost
    return float(best)


@given(seed=st.integers(0, 10**6), price=st.floats(0, 12))
@settings(max_examples=12, deadline=None)
def test_any_prices_give_a_bound_between_the_linear_one_and_the_optimum(seed, price):
    case = city(seed, facilities=3)
    blocks = rows_of(case)
    rng = np.random.default_rng(seed)
    duals = [-price * rng.random(len(block)) for block in blocks]
    found = tied_bound(case, blocks, duals, deadline=time.perf_counter() + 10)
    assert found.linear <= found.bound + 1e-9
    assert found.bound <= optimum(case, blocks) + 1e-6


@given(seed=st.integers(0, 10**6))
@settings(max_examples=8, deadline=None)
def test_without_time_the_bound_is_that_of_the_prices(seed):
    case = city(seed)
    blocks = rows_of(case)
    duals = [-np.random.default_rng(seed).random(len(block)) for block in blocks]
    found = tied_bound(case, blocks, duals, deadline=0.0)
    assert found.bound == pytest.approx(found.linear)


def test_without_prices_groups_alone_are_the_optimum_of_a_city_with_money_enough():
    for seed in range(4):
        given_case = city(seed, facilities=3)
        case = ScheduleInputs(
            given_case.years, given_case.facility_ids, given_case.facility, given_case.objective, given_case.outlay,
            services=given_case.services, hosting=given_case.hosting,
        )  # fmt: skip
        blocks = rows_of(case)
        found = tied_bound(case, blocks, [np.zeros(len(b)) for b in blocks], deadline=time.perf_counter() + 10, close=0)
        assert found.bound == pytest.approx(optimum(case, blocks), abs=1e-6)
        if np.isfinite(found.bound):
            assert found.is_whole.all()
            assert case.objective[found.pick].sum() == pytest.approx(found.bound)


def test_facilities_that_share_no_local_row_are_groups_of_their_own():
    case = city(0)
    assert len(set(tied(case, rows_of(case)).tolist())) == 1
    free = ScheduleInputs(case.years, case.facility_ids, case.facility, case.objective, case.outlay, budget=case.budget)
    assert tied(free, rows_of(free)).tolist() == [0, 1, 2, 3]
