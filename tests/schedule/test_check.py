"""The solver-free checker against the optimizer's own rows: two readings of the same limits must agree."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import REPOSITORY

from fmtool.errors import UncertifiedPlanError
from fmtool.schedule.check import certify, check_plan
from fmtool.schedule.families import FAMILIES
from fmtool.schedule.finance_rows import debt_service, future_burden, outstanding
from fmtool.schedule.money import money_columns, money_path, sale_of
from fmtool.schedule.prepare import Case, prepare
from fmtool.schedule.run import decisions_of
from fmtool.units import MILLION
from fmtool.workspace import read_workspace


@pytest.fixture(scope="module")
def case() -> Case:
    """Make the whole sample city ready."""
    return prepare(read_workspace(REPOSITORY))


def some_choice(case: Case, seed: int, share_random: float) -> np.ndarray:
    """Take the cheapest life plan that keeps each service, and any life plan for a share of the facilities."""
    rng = np.random.default_rng(seed)
    first = case.inputs.first_row
    staying = case.inputs.objective + 1e9 * (case.plans.leave_year < len(case.plans.years))
    choice = []
    for f in range(len(case.stock)):
        rows = np.arange(first[f], first[f + 1])
        is_random = rng.random() < share_random
        choice.append(rng.choice(rows) if is_random else rows[np.argmin(staying[rows])])
    return np.array(choice, dtype=np.int32)


def condition_of(case: Case, choice: np.ndarray) -> np.ndarray:
    return case.plans.condition[choice].astype(float)


def overstepped(case: Case, choice: np.ndarray) -> set[str]:
    """Name the families that the optimizer's rows say are overstepped."""
    plans = np.zeros(len(case.plans))
    plans[choice] = 1.0
    found = set()
    for family in FAMILIES:
        rows = family.rows(case.inputs)
        if rows is not None and rows.money is None and rows.excess(plans).max() > 1e-6:
            found.add(family.name)
    path = money_path(case.inputs, case.inputs.outlay[choice].sum(axis=0), sale_of(case.inputs, choice))
    columns = money_columns(case.inputs)
    money = np.zeros(len(columns.names))  # no bonds: the debt is today's alone
    for kind, values in zip(("draw", "deposit", "fund"), path, strict=True):
        money[columns.part[kind]] = values
    for rows in (debt_service(case.inputs), future_burden(case.inputs), outstanding(case.inputs)):
        if rows is not None and rows.excess(plans, money).max() > 1e-3:
            found.add(rows.family)
    return found | ({"fund"} if path[2].min() < -1e-4 else set())


@pytest.mark.parametrize(("seed", "share_random"), [(1, 0.0), (2, 0.02), (3, 0.1), (4, 0.3), (5, 1.0)])
def test_checker_and_rows_find_the_same_limits_overstepped(case, seed, share_random):
    choice = some_choice(case, seed, share_random)
    certificate = check_plan(case, decisions_of(case, choice), condition_of(case, choice))
    told, expected = {breach.family for breach in certificate.breaches}, overstepped(case, choice)
    if "host" in expected:
        # The row of a site whose host has gone gives no room; the checker calls that fault by the host's name alone.
        told, expected = told - {"site"}, expected - {"site"}
    assert told == expected


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_money_works_and_floor_re_added_from_decisions_equal_the_arrays(case, seed):
    choice = some_choice(case, seed, 0.8)
    lines = check_plan(case, decisions_of(case, choice), condition_of(case, choice)).timelines
    outlay = np.array([sum(line.spend.values(), np.zeros(len(case.plans.years))) for line in lines])
    # Costs are written in whole yen: each of at most three events may be half a yen off.
    np.testing.assert_allclose(outlay, case.plans.outlay[choice] * MILLION, atol=2.0)
    np.testing.assert_allclose([line.sale for line in lines], case.plans.sale_income[choice] * MILLION, atol=1e-3)
    np.testing.assert_allclose([line.floor_m2 for line in lines], case.plans.floor_m2[choice], atol=1e-6)
    np.testing.assert_array_equal([line.works for line in lines], case.plans.works[choice])


def test_a_plan_that_leaves_a_facility_out_is_refused(case):
    choice = some_choice(case, 1, 0.0)
    decisions = decisions_of(case, choice)
    gone = decisions[0].facility_id
    rest = [decision for decision in decisions if decision.facility_id != gone]
    with pytest.raises(UncertifiedPlanError, match=gone) as caught:
        certify(case, rest, condition_of(case, choice))
    assert "計画がありません" in caught.value.say("ja")


@pytest.mark.parametrize("seed", [21, 22])
def test_every_cost_worked_out_again_from_unit_costs_is_the_cost_decided(case, seed):
    choice = some_choice(case, seed, 1.0)
    certificate = check_plan(case, decisions_of(case, choice), condition_of(case, choice))
    assert not [breach.text.en for breach in certificate.breaches if breach.family == "price"]


def test_a_cost_that_is_not_the_unit_costs_is_refused(case):
    decisions = decisions_of(case, some_choice(case, 1, 0.0))
    place = next(n for n, decision in enumerate(decisions) if decision.cost > 0)
    decisions[place] = replace(decisions[place], cost=decisions[place].cost - 2)
    breaches = check_plan(case, decisions, condition_of(case, some_choice(case, 1, 0.0))).breaches
    assert [breach.text.en for breach in breaches if breach.family == "price"] == [
        f"{decisions[place].facility_id}: the cost of {decisions[place].action} is 2 off the unit costs"
    ]


def test_costs_many_times_dearer_empty_the_fund(case):
    choice = some_choice(case, 1, 0.0)
    decisions = decisions_of(case, choice)
    dearer = [replace(decision, cost=decision.cost * 50) for decision in decisions]
    families = {breach.family for breach in check_plan(case, dearer, condition_of(case, choice)).breaches}
    assert "fund" in families


def test_a_retrofit_moved_past_the_deadline_is_refused(case):
    choice = some_choice(case, 1, 0.0)
    needy = set(np.array(case.stock.facility_ids)[case.stock.needs_retrofit])
    late = [
        replace(decision, start_year=2055, end_year=2056)
        if decision.facility_id in needy and decision.start_year is not None
        else decision
        for decision in decisions_of(case, choice)
    ]
    breaches = [
        breach for breach in check_plan(case, late, condition_of(case, choice)).breaches if breach.family == "seismic"
    ]
    assert breaches
    assert "2040" in breaches[0].text.en
