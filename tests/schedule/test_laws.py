"""Laws that every case must keep, on random tiny cases."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy import sparse
from strategies import LONG, cases, enumerate_best

from fmtool.errors import InfeasibleScheduleError
from fmtool.schedule.covers import Covers
from fmtool.schedule.families import FAMILIES
from fmtool.schedule.fiscal import Levelling
from fmtool.schedule.implied import site_by_year
from fmtool.schedule.inputs import FundInputs, ScheduleInputs
from fmtool.schedule.problem import SolveOptions
from fmtool.schedule.relaxation import lagrangian_bound
from fmtool.schedule.rows import Rows
from fmtool.schedule.service_rows import coverage
from fmtool.schedule.solving import solve_schedule
from fmtool.schedule.tighten import tighten

AMPLE = 1e4


def law(examples: int) -> settings:
    """Try a law on so many cases in a long run, on two fifths of them else."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    return settings(max_examples=examples if LONG else 2 * examples // 5, deadline=None, suppress_health_check=slow)


def optimum(case: ScheduleInputs, solver: str = "highs") -> float:
    """Return the solver's optimum, inf where no schedule exists."""
    try:
        return solve_schedule(case, SolveOptions(solver=solver, gap=0.0, time_limit_s=60)).objective
    except InfeasibleScheduleError:
        return np.inf


def rows_of(case: ScheduleInputs) -> list[Rows]:
    return [rows for family in FAMILIES if (rows := family.rows(case)) is not None]


def more_budget(case: ScheduleInputs) -> ScheduleInputs:
    return replace(case, budget=case.budget + np.arange(case.horizon) % 2 + 1)


def more_fund(case: ScheduleInputs) -> ScheduleInputs:
    return replace(case, fund=replace(case.fund, opening=case.fund.opening + 2)) if case.fund else case


def lower_fund_floor(case: ScheduleInputs) -> ScheduleInputs:
    return replace(case, fund=replace(case.fund, floor=case.fund.floor - 1)) if case.fund else case


def freer_fund(case: ScheduleInputs) -> ScheduleInputs:
    if case.fund is None:
        return case
    fund = replace(case.fund, deposit_limit=case.fund.deposit_limit + 1, draw_limit=case.fund.draw_limit + 1)
    return replace(case, fund=fund)


def a_fund_where_there_was_none(case: ScheduleInputs) -> ScheduleInputs:
    return case if case.fund else replace(case, fund=FundInputs())


def more_staff(case: ScheduleInputs) -> ScheduleInputs:
    return case if case.works_limit is None else replace(case, works_limit=case.works_limit + 1)


def more_merges(case: ScheduleInputs) -> ScheduleInputs:
    return case if case.merges_limit is None else replace(case, merges_limit=case.merges_limit + 1)


def more_closures(case: ScheduleInputs) -> ScheduleInputs:
    return case if case.closures_limit is None else replace(case, closures_limit=case.closures_limit + 1)


def higher_floor_target(case: ScheduleInputs) -> ScheduleInputs:
    return case if case.floor_target_m2 is None else replace(case, floor_target_m2=case.floor_target_m2 + 3)


def less_need(case: ScheduleInputs) -> ScheduleInputs:
    if case.services is None:
        return case
    areas = tuple(replace(area, required=np.maximum(area.required - 1, 0.0)) for area in case.services.areas)
    return replace(case, services=replace(case.services, areas=areas))


def more_room(case: ScheduleInputs) -> ScheduleInputs:
    return (
        case if case.hosting is None else replace(case, hosting=replace(case.hosting, room_m2=case.hosting.room_m2 + 1))
    )


def hosts_sound_a_year_sooner(case: ScheduleInputs) -> ScheduleInputs:
    if case.hosting is None:
        return case
    sooner = np.where(case.hosting.host_from < case.horizon, np.maximum(case.hosting.host_from - 1, 0), case.horizon)
    return replace(case, hosting=replace(case.hosting, host_from=sooner.astype(np.int32)))


def higher_debt_service_ratio(case: ScheduleInputs) -> ScheduleInputs:
    return with_fiscal(case, "debt_service_limit", 0.03)


def higher_future_burden_ratio(case: ScheduleInputs) -> ScheduleInputs:
    return with_fiscal(case, "future_burden_limit", 0.1)


def more_bonds_outstanding(case: ScheduleInputs) -> ScheduleInputs:
    return with_fiscal(case, "outstanding_limit", 0.1)


def with_fiscal(case: ScheduleInputs, name: str, more: float) -> ScheduleInputs:
    limit = None if case.fiscal is None else getattr(case.fiscal, name)
    return case if limit is None else replace(case, fiscal=replace(case.fiscal, **{name: limit + more}))


def more_may_be_borrowed(case: ScheduleInputs) -> ScheduleInputs:
    if case.funding is None:
        return case
    offers = case.funding.offers
    more = replace(offers, bond_share=np.minimum(offers.bond_share + 0.2, 1.0))
    return replace(case, funding=replace(case.funding, offers=more))


def programmes_open_longer(case: ScheduleInputs) -> ScheduleInputs:
    if case.funding is None:
        return case
    offers = case.funding.offers
    return replace(case, funding=replace(case.funding, offers=replace(offers, is_open=np.ones_like(offers.is_open))))


def less_level(case: ScheduleInputs) -> ScheduleInputs:
    if case.levelling is None or case.levelling.rate is None:
        return case
    return replace(case, levelling=replace(case.levelling, rate=case.levelling.rate + 0.2))


LOOSER: list[Callable[[ScheduleInputs], ScheduleInputs]] = [
    more_budget,
    more_fund,
    lower_fund_floor,
    freer_fund,
    a_fund_where_there_was_none,
    more_staff,
    more_merges,
    more_closures,
    higher_floor_target,
    less_need,
    more_room,
    hosts_sound_a_year_sooner,
    higher_debt_service_ratio,
    higher_future_burden_ratio,
    more_bonds_outstanding,
    more_may_be_borrowed,
    programmes_open_longer,
    less_level,
]


@law(150)
@given(cases(), st.sampled_from(LOOSER))
def test_loosening_a_limit_never_raises_the_optimum(case, loosen):
    looser = loosen(case)
    assume(looser is not case)
    tight = optimum(case)
    assume(np.isfinite(tight))
    assert optimum(looser) <= tight + 1e-6


@law(80)
@given(cases())
def test_limits_that_cannot_bind_change_nothing(case):
    bare = ScheduleInputs(case.years, case.facility_ids, case.facility, case.objective, case.outlay)
    ample = replace(
        case,
        budget=np.full(case.horizon, AMPLE),
        fund=FundInputs(opening=AMPLE),
        works_limit=np.full(case.horizon, float(len(case.facility_ids))),
        merges_limit=len(case.facility_ids),
        closures_limit=len(case.facility_ids),
        floor_target_m2=np.full(case.horizon, AMPLE),
        services=None,
        hosting=None,
        funding=None,
        fiscal=None,
        levelling=Levelling(rate=AMPLE),
    )
    cheapest = np.minimum.reduceat(case.objective, case.first_row[:-1]).sum()
    assert optimum(bare) == pytest.approx(cheapest, abs=1e-9)
    assert optimum(ample) == pytest.approx(cheapest, abs=1e-9)


@law(80)
@given(cases())
def test_ratios_that_cannot_bind_change_nothing(case):
    assume(case.fiscal is not None)
    ample = replace(case.fiscal, debt_service_limit=AMPLE, future_burden_limit=AMPLE, outstanding_limit=AMPLE)
    without = optimum(replace(case, fiscal=None))
    assert optimum(replace(case, fiscal=ample)) == pytest.approx(without, abs=1e-6)


@law(300)
@given(cases(), st.integers(0, 2**32 - 1), st.floats(0.01, 30.0))
def test_no_row_prices_give_a_bound_above_the_optimum(case, seed, size):
    best = enumerate_best(case)
    assume(np.isfinite(best))
    rng = np.random.default_rng(seed)
    blocks = rows_of(case)
    prices = [rng.normal(0.0, size, len(block)) * (rng.random(len(block)) < 0.7) for block in blocks]
    bound, above = lagrangian_bound(case, blocks, prices)
    assert bound <= best + 1e-6 * max(1.0, abs(best))
    assert (np.minimum.reduceat(above, case.first_row[:-1]) == 0).all()


@law(300)
@given(cases())
def test_tightening_leaves_a_best_schedule(case):
    keep = tighten(case, rows_of(case))
    best = enumerate_best(case)
    left = np.bincount(case.facility[keep], minlength=len(case.facility_ids)).min()
    if left == 0:
        assert best == np.inf
        return
    # Infinity on both sides where there is no schedule.
    assert enumerate_best(case.take(keep)) == pytest.approx(best, abs=1e-9)


@law(300)
@given(cases(), st.sampled_from([coverage, site_by_year]), st.integers(0, 2**32 - 1))
def test_every_schedule_keeps_the_covers_of_its_rows(case, rows_of_family, seed):
    rows = rows_of_family(case)
    assume(rows is not None)
    # A random mix of life plans, in which each facility's parts add up to one.
    parts = np.random.default_rng(seed).random(len(case.facility)) ** 4
    mix = parts / np.bincount(case.facility, parts)[case.facility]
    covers = Covers(rows, case.facility).separate(mix, 0)
    assume(covers is not None)
    assert (covers.excess(mix) > 0).all()
    for whole in every_choice(case):
        if (rows.excess(whole) <= 1e-9).all():
            assert (covers.excess(whole) <= 1e-6).all()


@law(150)
@given(cases())
def test_rooms_by_year_follow_from_hosts_and_sites(case):
    by_year, given_rows = site_by_year(case), [rows for rows in rows_of(case) if rows.family in {"host", "site"}]
    assume(by_year is not None)
    for whole in every_choice(case):
        if all((rows.excess(whole) <= 1e-9).all() for rows in given_rows):
            assert (by_year.excess(whole) <= 1e-6).all()


def every_choice(case):
    ranges = [range(case.first_row[f], case.first_row[f + 1]) for f in range(len(case.facility_ids))]
    for choice in itertools.product(*ranges):
        whole = np.zeros(len(case.facility))
        whole[list(choice)] = 1.0
        yield whole


def knapsacks(seed: int):
    """Random rows over facilities of three plans: losses, gains, and a room that stands only while its host stays."""
    rng = np.random.default_rng(seed)
    facilities, plans = int(rng.integers(3, 6)), 3
    facility = np.repeat(np.arange(facilities, dtype=np.int32), plans)
    weights = np.where(rng.random((4, len(facility))) < 0.6, rng.integers(-4, 10, (4, len(facility))), 0).astype(float)
    limits = rng.integers(1, 14, 4).astype(float)
    weights[0, :plans], limits[0] = [-limits[0], -limits[0], 0.0], 0.0
    weights[0, plans:] = np.abs(weights[0, plans:])
    names = tuple(f"row({at})" for at in range(4))
    return Rows("coverage", names, sparse.csr_array(weights), "<=", limits), facility, rng


def test_covers_of_random_knapsacks_cut_off_mixes_and_no_choice():
    found, switched = 0, 0
    for seed in range(400):
        rows, facility, rng = knapsacks(seed)
        parts = rng.random(len(facility)) ** 3
        mix = parts / np.bincount(facility, parts)[facility]
        covers = Covers(rows, facility).separate(mix, 0)
        if covers is None:
            continue
        found += len(covers)
        switched += sum("row(0)" in name for name in covers.names)
        assert (covers.excess(mix) > 0).all()
        for picks in itertools.product(range(3), repeat=int(facility.max()) + 1):
            whole = np.zeros(len(facility))
            whole[3 * np.arange(len(picks)) + picks] = 1.0
            kept = rows.excess(whole) <= 1e-9
            for at, name in enumerate(covers.names):
                if kept[int(name[-3])]:
                    assert covers.excess(whole)[at] <= 1e-9, (seed, name)
    assert found > 100
    assert switched > 10


def test_of_three_schools_too_large_to_lose_together_one_may_close():
    # Three schools of 30 places and one of 65, of which the area can lose 50; the large one may not go at all.
    schools = np.arange(4, dtype=np.int32).repeat(2)
    loss = np.array([[0.0, 30.0, 0.0, 30.0, 0.0, 30.0, 0.0, 65.0]])
    rows = Rows("coverage", ("coverage(0,2026)",), sparse.csr_array(loss), "<=", np.array([50.0]))
    mix = np.array([0.3, 0.7, 0.1, 0.9, 1.0, 0.0, 0.9, 0.1])
    covers = Covers(rows, schools).separate(mix, 0)
    assert covers.names == ("coverage_cover(0,coverage(0,2026))",)
    assert covers.plans.toarray().tolist() == [[0, 1, 0, 1, 0, 1, 0, 2]]
    assert covers.rhs.tolist() == [1.0]


@law(60)
@given(cases())
def test_both_solvers_agree(case):
    assert optimum(case, "highs") == pytest.approx(optimum(case, "cbc"), abs=1e-6)
