"""Two solvers at work on one schedule: what they tell each other, and bounds lifted to costs that a schedule can have."""

from __future__ import annotations

import time

import highspy
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, sparse

from fmtool.schedule.arrays import coupling_of, solve_arrays
from fmtool.schedule.decompose.choices import Choices
from fmtool.schedule.decompose.guide import guided
from fmtool.schedule.decompose.neighbours import Neighbours
from fmtool.schedule.decompose.restricted import Columns, Plan, restricted
from fmtool.schedule.decompose.search import Search
from fmtool.schedule.decompose.standing import Side, Standing, cost_step, lifted


def town(facilities, plans, years, seed, share=0.9):
    """Return plans of one or two outlays each, some facilities far larger than others, under a flat cap."""
    rng = np.random.default_rng(seed)
    size = np.repeat(rng.lognormal(0, 0.9, facilities), plans)
    outlay = np.zeros((facilities * plans, years))
    for _ in range(2):
        outlay[np.arange(len(size)), rng.integers(0, years, len(size))] += size * rng.uniform(0, 1, len(size))
    cost = outlay.sum(axis=1) * rng.uniform(0.8, 1.2, len(size)) + size * rng.uniform(0, 1, len(size))
    facility = np.repeat(np.arange(facilities), plans)
    cheapest = cost.reshape(facilities, plans).argmin(axis=1) + plans * np.arange(facilities)
    return cost, facility, outlay, np.full(years, share * outlay[cheapest].sum() / years)


def parts(cost, facility, outlay, budget):
    first = np.searchsorted(facility, np.arange(facility.max() + 2))
    return Choices(cost, first, outlay), coupling_of(budget, None)


def by_scipy(cost, facility, outlay, budget):
    """Return the least cost told by another road: SciPy's own HiGHS over every plan."""
    one = sparse.csr_array((np.ones(len(cost)), (facility, np.arange(len(cost)))))
    rows = [optimize.LinearConstraint(outlay.T, -np.inf, budget), optimize.LinearConstraint(one, 1, 1)]
    return optimize.milp(
        cost, constraints=rows, integrality=np.ones(len(cost)), bounds=(0, 1), options={"mip_rel_gap": 0}
    )


@pytest.mark.parametrize("threads", [1, 2])
def test_one_thread_and_two_reach_the_optimum(threads):
    arrays = town(260, 8, 2, seed=3, share=1.0)  # more plans than are settled at once
    known = by_scipy(*arrays).fun
    steps = []
    found = solve_arrays(*arrays, gap=0.0, threads=threads, progress=lambda step, *_: steps.append(step))
    assert found.objective == pytest.approx(known, rel=1e-7)
    assert found.bound <= known + 1e-6
    assert found.is_optimal
    assert {"dual", "neighbourhoods"} <= set(steps)
    assert (arrays[2][found.choice].sum(axis=0) <= arrays[3] * (1 + 1e-6)).all()


def test_time_is_up_in_time_and_the_bound_still_holds():
    arrays = town(300, 20, 12, seed=1, share=1.1)
    began = time.perf_counter()
    found = solve_arrays(*arrays, gap=0.0, time_limit_s=6.0)
    assert time.perf_counter() - began < 30
    assert found.bound <= found.objective
    assert found.gap < 0.05
    assert (arrays[2][found.choice].sum(axis=0) <= arrays[3] * (1 + 1e-6)).all()
    assert len(np.unique(arrays[1][found.choice])) == 300


def test_a_bound_between_two_costs_is_lifted_to_the_dearer():
    # Three facilities use 2 each where 3 are there; 3 buys 2 off. The linear problem buys one and a half: 4.5. Costs
    # are multiples of 3, so no choice costs less than 6.
    arrays = ([0.0, 3.0] * 3, [0, 0, 1, 1, 2, 2], np.array([[2.0], [0.0]] * 3), [3.0])
    found = solve_arrays(*arrays, gap=0.0)
    assert found.log[0]["step"] == "dual"
    assert found.log[0]["bound"] == 6.0
    assert (found.objective, found.bound) == (6.0, 6.0)


@given(st.integers(-10_000, 10_000), st.sampled_from([1.0, 0.1, 0.5, 3.0, 1000.0]), st.floats(-1e-9, 1e-9))
def test_a_bound_at_a_cost_is_never_lifted_past_it(count, step, off):
    cost = count * step
    assert lifted(cost + off * abs(cost), step) <= cost + 1e-9 * abs(cost)


@given(st.integers(-10_000, 10_000), st.sampled_from([1.0, 0.1, 3.0]), st.floats(0.01, 1.0))
def test_a_bound_is_lifted_to_the_next_cost(count, step, part):
    assert lifted((count - 1 + part) * step, step) == pytest.approx(count * step)


@pytest.mark.parametrize(
    ("cost", "step"),
    [([4.0, 10.0], 2.0), ([0.1, 0.7], 0.1), ([-12.3, 3905.7], 0.3), ([np.pi, 1.0], 0.0), ([0.0, 0.0], 0.0)],
)
def test_the_step_of_costs_is_their_common_divisor(cost, step):
    choices = Choices(np.array(cost), np.array([0, 2]), np.zeros((2, 1)))
    assert cost_step(choices, coupling_of(np.ones(1), None)) == pytest.approx(step)


def test_a_better_schedule_keeps_its_room():
    standing = Standing(0.0, np.inf, step=1.0)
    assert standing.room() == np.inf
    standing.offer(Plan(np.zeros(1, dtype=np.int64), np.zeros(0), 10.0))
    assert 9.0 < standing.room() < 10.0  # a schedule of 9 may lie inside, and what lies outside costs 10
    assert lifted(standing.room(), 1.0) == 10.0
    loose = Standing(0.0, np.inf)
    loose.offer(standing.plan)
    assert loose.room() >= 10.0


def test_a_side_tells_bounds_only_as_far_as_they_hold_for_all():
    standing = Standing(0.0, np.inf)
    partial, proof = Side(standing), Side(standing, others=7.0)
    assert not partial.is_over(9.0)
    assert standing.bound == -np.inf
    proof.is_over(9.0)
    assert standing.bound == 7.0
    standing.offer(Plan(np.zeros(1, dtype=np.int64), np.zeros(0), 7.0))
    assert partial.is_over(-np.inf)


def test_a_proof_in_vain_ends_when_its_patience_does():
    standing = Standing(0.0, np.inf)
    standing.learn(5.0)
    standing.offer(Plan(np.zeros(1, dtype=np.int64), np.zeros(0), 7.0))
    waiting, done = Side(standing, others=np.inf, patience=np.inf), Side(standing, others=np.inf, patience=0.0)
    assert not waiting.is_over(5.0)
    assert done.is_over(5.0)
    assert not done.is_over(6.0)  # half of the way is not in vain


def test_each_side_is_told_once_of_what_the_other_found():
    standing = Standing(0.0, np.inf)
    here, there = Side(standing), Side(standing)
    plan = Plan(np.zeros(1, dtype=np.int64), np.zeros(0), 7.0)
    assert here.offer(plan)
    assert not there.offer(Plan(plan.pick, plan.money, 8.0))
    assert here.newer() is None
    assert there.newer() is plan
    assert there.newer() is None


def test_a_schedule_is_told_in_columns_and_read_back():
    arrays = town(6, 3, 2, seed=0, share=2.0)
    choices, coupling = parts(*arrays)
    allowed = np.setdiff1d(np.arange(18), [3, 4])  # the second facility is left one plan
    columns = Columns(choices, coupling, allowed)
    pick = np.array([1, 5, 6, 10, 14, 15])
    plan = columns.plan(columns.values(Plan(pick, np.zeros(0), 0.0)))
    assert plan.pick.tolist() == pick.tolist()
    assert plan.objective == pytest.approx(arrays[0][pick].sum())
    assert columns.values(Plan(np.array([1, 4, 6, 10, 14, 15]), np.zeros(0), 0.0)) is None


class Teller:
    """A partner that knows one schedule from the start."""

    def __init__(self, plan):
        self.plan, self.told, self.bounds = plan, [], []

    def is_over(self, bound):  # noqa: D102  - said by Partner
        self.bounds.append(bound)
        return False

    def newer(self):  # noqa: D102
        plan, self.plan = self.plan, None
        return plan

    def offer(self, plan):  # noqa: D102
        self.told.append(plan)
        return True


def test_a_solve_takes_a_partners_schedule_and_tells_its_own():
    arrays = town(60, 8, 4, seed=2, share=1.0)
    choices, coupling = parts(*arrays)
    known = by_scipy(*arrays)
    best = Plan(np.flatnonzero(known.x > 0.5), np.zeros(0), known.fun)
    teller = Teller(best)
    found = restricted(choices, coupling, np.arange(480), seconds=60, threads=1, partner=teller)
    assert teller.plan is None
    assert found.plan.objective == pytest.approx(known.fun)
    assert all(bound <= known.fun + 1e-6 for bound in teller.bounds)
    for plan in teller.told:
        assert arrays[0][plan.pick].sum() == pytest.approx(plan.objective)
        assert (arrays[2][plan.pick].sum(axis=0) <= arrays[3] + 1e-6).all()


def test_the_guide_is_a_bound_and_prices_all_plans():
    arrays = town(60, 8, 4, seed=2, share=1.0)
    choices, coupling = parts(*arrays)
    known = by_scipy(*arrays)
    standing = Standing(0.0, np.inf)
    guide = guided(choices, coupling, np.arange(480), side=Side(standing), seconds=30, seed=0)
    plain = optimize.linprog(
        arrays[0],
        A_ub=arrays[2].T,
        b_ub=arrays[3],
        A_eq=np.kron(np.eye(60), np.ones(8)),
        b_eq=np.ones(60),
        bounds=(0, 1),
    )
    assert plain.fun + 0.1 * (known.fun - plain.fun) < guide.value <= known.fun + 1e-6  # cuts took part of the way
    assert (guide.above >= 0).all()
    assert np.add.reduceat(guide.shares, choices.first[:-1]) == pytest.approx(np.ones(60))
    # What a plan costs above its facility's cheapest is lost by every schedule that takes it.
    assert guide.value + guide.above[np.flatnonzero(known.x > 0.5)].sum() <= known.fun + 1e-5


def test_neighbourhoods_alone_find_the_optimum():
    arrays = town(40, 6, 3, seed=5, share=1.1)
    choices, coupling = parts(*arrays)
    known = by_scipy(*arrays).fun
    standing = Standing(0.0, time.perf_counter() + 60)
    standing.learn(known - 1e-9 * known)
    guide = guided(choices, coupling, np.arange(240), side=Side(standing), seconds=30, seed=0)
    Neighbours(choices, coupling, standing, guide, threads=1, seed=0).run()
    assert standing.plan.objective == pytest.approx(known, rel=1e-8)
    assert standing.left() > 0


def test_the_callers_next_solve_may_ask_for_other_threads():
    solve_arrays(*town(40, 6, 3, seed=5, share=1.1), gap=0.0, threads=2)
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)  # noqa: FBT003  - highspy takes it by position only
    highs.setOptionValue("threads", 1)
    one = highs.addVariable(0, 1, -1)
    highs.addConstr(one <= 1)
    assert highs.run() == highspy.HighsStatus.kOk


def test_the_search_rests_only_beside_a_proof_that_gets_on():
    search = Search(*parts(*town(6, 3, 2, seed=0, share=2.0)), gap=0.0, deadline=np.inf, threads=2, seed=0)
    assert not search._proof_goes_on()
    search.standing.learn(5.0)
    search.standing.offer(Plan(np.zeros(1, dtype=np.int64), np.zeros(0), 7.0))
    search.is_proving, search.patience = True, 0.0
    search.proof = Side(search.standing, others=np.inf)
    assert not search._proof_goes_on()  # nothing gained since it began
    search.standing.learn(6.0)
    assert search._proof_goes_on()
