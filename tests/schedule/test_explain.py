"""Reasons for decisions: prices against finite differences, and every action told or excluded."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from strategies import random_fiscal, random_funding

from fmtool.schedule.inputs import FundInputs, ScheduleInputs
from fmtool.schedule.verify import relaxation_and_price, with_more

YEARS = 6


def town_of_works(seed: int) -> ScheduleInputs:
    """Return 60 facilities that lose by waiting, more works than money, a fund, bonds and ratios."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(3.0, 0.7, 60)
    facility = np.repeat(np.arange(60), YEARS).astype(np.int32)
    start = np.tile(np.arange(YEARS), 60)
    outlay = np.zeros((len(facility), YEARS))
    outlay[np.arange(len(facility)), start] = size[facility]
    loss = size[facility] * rng.uniform(0.02, 0.2, 60)[facility] * start
    case = ScheduleInputs(
        years=tuple(range(2026, 2026 + YEARS)),
        facility_ids=tuple(f"F{f}" for f in range(60)),
        facility=facility,
        objective=size[facility] * 0.98**start + loss,
        outlay=outlay,
        budget=np.full(YEARS, size.sum() / 8) * rng.uniform(0.8, 1.2, YEARS),
        fund=FundInputs(opening=5.0, draw_limit=10.0, deposit_limit=8.0),
    )
    if seed % 2:
        fiscal = random_fiscal(rng, YEARS)
        case = replace(case, funding=random_funding(rng, outlay, facility), fiscal=fiscal)
    return case


@pytest.mark.parametrize("seed", range(10))
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
