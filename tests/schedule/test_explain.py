"""Reasons for decisions: prices against finite differences, and every action told or excluded."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace

import numpy as np
import pytest
from conftest import REPOSITORY
from strategies import random_fiscal, random_funding

from fmtool.schedule.explain import Reasons, explain, read_reasons, write_reasons
from fmtool.schedule.inputs import FundInputs, ScheduleInputs
from fmtool.schedule.prepare import Case, prepare
from fmtool.schedule.problem import SolveOptions
from fmtool.schedule.solving import Solution, solve_schedule
from fmtool.schedule.verify import relaxation_and_price, verify_year, with_more
from fmtool.vocabulary import ACTIONS
from fmtool.workspace import CONFIG_NAME, Workspace, read_workspace

YEARS = 6


def town_of_works(seed: int) -> ScheduleInputs:
    """Return 60 facilities that lose by waiting, more works than money, a fund, bonds and ratios."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(3.0, 0.7, 60)
    facility = np.repeat(np.arange(60), YEARS + 1).astype(np.int32)
    start = np.tile(np.arange(YEARS + 1), 60)
    outlay = np.zeros((len(facility), YEARS + 1))
    outlay[np.arange(len(facility)), start] = size[facility]
    outlay = outlay[:, :YEARS]  # the last life plan waits for ever
    loss = size[facility] * rng.uniform(0.02, 0.2, 60)[facility] * start
    case = ScheduleInputs(
        years=tuple(range(2026, 2026 + YEARS)),
        facility_ids=tuple(f"F{f}" for f in range(60)),
        facility=facility,
        objective=size[facility] * 0.98**start + loss + 2 * size[facility] * (start == YEARS),
        outlay=outlay,
        budget=np.full(YEARS, size.sum() / 8) * rng.uniform(0.8, 1.2, YEARS),
        fund=FundInputs(opening=5.0, draw_limit=10.0, deposit_limit=8.0),
    )
    if seed % 2:
        fiscal = random_fiscal(rng, YEARS)
        case = replace(case, funding=random_funding(rng, outlay, facility), fiscal=fiscal)
    return case


# In towns 1 and 5 no mix of life plans keeps the limits, and 11 has money enough: no price to be held to.
@pytest.mark.parametrize("seed", [0, 2, 3, 4, 6, 7, 8, 9, 10, 12])
def test_the_price_of_a_budget_is_what_more_of_it_saves(seed):
    case = town_of_works(seed)
    year = case.years[seed % 3]
    step = 0.02
    base, price = relaxation_and_price(case, year)
    more, less = (relaxation_and_price(with_more(case, year, sign * step), year)[0].bound for sign in (1, -1))
    # Where the relaxation bends just here, the price lies between the slopes of both sides.
    slopes = sorted([(more - base.bound) / step, (base.bound - less) / step])
    assert slopes[0] - 0.01 * abs(slopes[0]) - 1e-6 <= price <= slopes[1] + 0.01 * abs(slopes[1]) + 1e-6
    assert price < -1e-3, "the budget of this case must bind, else nothing is tested"


@pytest.fixture(scope="module")
def corner(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Keep the facilities of one district of the sample."""
    folder = tmp_path_factory.mktemp("corner")
    shutil.copy(REPOSITORY / CONFIG_NAME, folder)
    for name in ("facilities", "models"):
        shutil.copytree(REPOSITORY / name, folder / name)
    ledger = folder / "facilities" / "buildings.csv"
    with ledger.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["district"] == "岩田"]
    with ledger.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return read_workspace(folder).with_solver(gap=0.001, time_limit_s=60)


@pytest.fixture(scope="module")
def solved(corner: Workspace) -> tuple[Case, Solution, Reasons]:
    """Solve the corner and explain it."""
    case = prepare(corner)
    solution = solve_schedule(case.inputs, SolveOptions(gap=0.001, time_limit_s=60))
    return case, solution, explain(case, solution)


def test_every_action_of_a_facility_is_chosen_compared_or_excluded(solved):
    case, _, reasons = solved
    assert [each.facility_id for each in reasons.facilities] == list(case.plans.facility_ids)
    for each in reasons.facilities:
        told = [each.action, *(option.action for option in each.options), *(one.action for one in each.excluded)]
        assert sorted(told) == sorted(ACTIONS)
        assert all(one.ja and one.en for one in each.excluded)


def test_a_difference_is_own_cost_and_what_is_used_of_the_limits(solved):
    case, solution, reasons = solved
    for f, each in enumerate(reasons.facilities):
        assert [option.difference for option in each.options] == sorted(option.difference for option in each.options)
        for option in each.options:
            total = option.own_difference + sum(option.parts.values())
            assert option.difference == pytest.approx(total, abs=100)
            of_action = (case.plans.facility == f) & (case.plans.kind == [*ACTIONS].index(option.action))
            own = (case.inputs.objective[of_action] - case.inputs.objective[solution.choice[f]]) * 1e6
            assert np.abs(own - option.own_difference).min() < 1e-3


def test_without_limits_to_share_the_cheapest_is_chosen_and_every_other_is_dearer(corner):
    case = prepare(corner)
    alone = replace(case.inputs, services=None, hosting=None, works_limit=None, closures_limit=None, merges_limit=None,
                    floor_target_m2=None, funding=None, fiscal=None, budget=np.full(case.inputs.horizon, 1e6))  # fmt: skip
    case = replace(case, inputs=alone)
    reasons = explain(case, solve_schedule(alone, SolveOptions(gap=0.0)))
    options = [option for each in reasons.facilities for option in each.options]
    assert options
    assert all(option.difference >= -1 for option in options)
    assert not reasons.limits


def test_reasons_are_read_back_as_written(solved, tmp_path):
    _, _, reasons = solved
    write_reasons(reasons, tmp_path)
    again = read_reasons(tmp_path)
    assert [each.ja for each in again.facilities] == [each.ja for each in reasons.facilities]
    assert again.facilities[0].options[0].difference == pytest.approx(
        reasons.facilities[0].options[0].difference, abs=1
    )
    assert [each.en for each in again.limits] == [each.en for each in reasons.limits]


def test_one_more_million_saves_what_its_price_says_and_many_no_more(corner):
    # The fund carries money to later years: of all budgets that of the first year is short.
    found = verify_year(corner, 2026, 1e6)
    assert found.predicted > 1e4
    assert found.relaxed == pytest.approx(found.predicted, rel=0.02)
    assert -found.uncertainty <= found.scheduled <= found.relaxed + found.uncertainty
    # Each further million saves no more than the one before it.
    case = prepare(corner)
    base, price = relaxation_and_price(case.inputs, 2026)
    more, _ = relaxation_and_price(with_more(case.inputs, 2026, 50.0), 2026)
    assert 0 < base.bound - more.bound <= -price * 50.0 * 1.001
