"""A ledger worked by hand: one building of each use, ages around every threshold, equal to the yen.

Every number below was reasoned from the rules and the ministry's unit costs, not taken from the code.
First plan year 2026, horizon 40 years. Amounts in 10,000 yen; year indices from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fmtool.lifecycle.costs import renewal_costs
from fmtool.lifecycle.renewal import extend_need, replace_need
from fmtool.lifecycle.stock import Stock
from fmtool.workspace import Figures, Workspace, read_config

Years = dict[range, float]
MAN = 10_000
FIRST_TEN = range(10)


def at(*years: int) -> range:
    return range(years[0], years[-1] + 1)


# use, built, floor area m2 -> amounts a year of renovation, of rebuilding
LEDGER: list[tuple[tuple[str, int, float], Years, Years]] = [
    # age 29: turns 30 in index 1.   300 * 25 = 7,500 over 2;   300 * 40 = 12,000 over 3 from index 31
    (("civic_culture", 1997, 300), {at(1, 2): 3_750}, {at(31, 33): 4_000}),
    # age 30: begins at once.        600 * 25 = 15,000;         600 * 40 = 24,000 from 30
    (("social_education", 1996, 600), {at(0, 1): 7_500}, {at(30, 32): 8_000}),
    # age 31: backlog.               300 * 20 = 6,000 over 10;  300 * 36 = 10,800 from 29
    (("sports_recreation", 1995, 300), {FIRST_TEN: 600}, {at(29, 31): 3_600}),
    # age 50: still backlog.         300 * 25 = 7,500 over 10;  12,000 from 10; the new one is 30 in index 40: outside
    (("industry", 1976, 300), {FIRST_TEN: 750}, {at(10, 12): 4_000}),
    # age 51: skipped.               3000 * 33 = 99,000 from 9; the new one: 3000 * 17 = 51,000, half of it in 39
    (("school", 1975, 3000), {at(39): 25_500}, {at(9, 11): 33_000}),
    # age 59: 600 * 33 = 19,800 from 1; the new one: 600 * 17 = 10,200 from 31
    (("childcare", 1967, 600), {at(31, 32): 5_100}, {at(1, 3): 6_600}),
    # age 60: begins at once. 900 * 36 = 32,400; the new one: 900 * 20 = 18,000 from 30
    (("health_welfare", 1966, 900), {at(30, 31): 9_000}, {at(0, 2): 10_800}),
    # age 61: backlog. 1200 * 40 = 48,000 over 10; each tenth renovated 30 years on: 30,000 / 10 / 2 in 30, twice that after
    (("medical", 1965, 1200), {at(30): 1_500, at(31, 39): 3_000}, {FIRST_TEN: 4_800}),
    # age 80: the same. 1500 * 40 = 60,000; 1500 * 25 = 37,500
    (("administration", 1946, 1500), {at(30): 1_875, at(31, 39): 3_750}, {FIRST_TEN: 6_000}),
    # age 0: 1500 * 17 = 25,500 from 30; no rebuilding within 40 years
    (("housing", 2026, 1500), {at(30, 31): 12_750}, {}),
    # age 21: 300 * 17 = 5,100 from 9; 300 * 33 = 9,900 from 39: one third falls inside
    (("park", 2005, 300), {at(9, 10): 2_550}, {at(39): 3_300}),
    # age 20: 900 * 20 = 18,000 from 10; rebuilding in index 40: outside
    (("supply_processing", 2006, 900), {at(10, 11): 9_000}, {}),
    # age 40: backlog. 600 * 20 = 12,000 over 10; 600 * 36 = 21,600 from 20
    (("other", 1986, 600), {FIRST_TEN: 1_200}, {at(20, 22): 7_200}),
]

# Added up on paper over the thirteen rows, year by year.
RENOVATE_TOTAL: Years = {
    at(0): 10_050,
    at(1): 13_800,
    at(2): 6_300,
    at(3, 8): 2_550,
    at(9): 5_100,
    at(10): 11_550,
    at(11): 9_000,
    at(30): 25_125,
    at(31): 33_600,
    at(32): 11_850,
    at(33, 38): 6_750,
    at(39): 32_250,
}
REBUILD_TOTAL: Years = {
    at(0): 21_600,
    at(1, 2): 28_200,
    at(3): 17_400,
    at(4, 8): 10_800,
    at(9): 43_800,
    at(10, 11): 37_000,
    at(12): 4_000,
    at(20, 22): 7_200,
    at(29): 3_600,
    at(30): 11_600,
    at(31): 15_600,
    at(32): 12_000,
    at(33): 4_000,
    at(39): 3_300,
}

# `extend`, a school of 1000 m2: of the 90 % repair 8,910, long-life renovation 17,820, rebuilding 29,700;
# of the 10 % that cannot be extended renovation 1,700, rebuilding 3,300.
EXTEND: dict[int, dict[str, Years]] = {
    15: {"repair": {at(5): 8_910}, "extend": {at(25, 26): 8_910}, "renovate": {at(15, 16): 850}, "rebuild": {}},
    20: {"repair": {at(0): 8_910}, "extend": {at(20, 21): 8_910}, "renovate": {at(10, 11): 850}, "rebuild": {}},
    29: {
        "repair": {at(31): 8_910},  # the repair at 20 is past and not made up
        "extend": {at(11, 12): 8_910},
        "renovate": {at(1, 2): 850},
        "rebuild": {at(31, 33): 1_100},
    },
    40: {
        "repair": {at(20): 8_910},
        "extend": {at(0, 1): 8_910},
        "renovate": {FIRST_TEN: 170},
        "rebuild": {at(20, 22): 1_100},
    },
    41: {
        "repair": {at(19): 8_910},
        "extend": {FIRST_TEN: 1_782},
        "renovate": {FIRST_TEN: 170},
        "rebuild": {at(19, 21): 1_100, at(39): 9_900},
    },
    50: {
        "repair": {at(10): 8_910},
        "extend": {FIRST_TEN: 1_782},
        "renovate": {FIRST_TEN: 170},
        "rebuild": {at(10, 12): 1_100, at(30, 32): 9_900},
    },
    51: {
        "repair": {at(9): 8_910},
        "extend": {},
        "renovate": {at(39): 850},
        "rebuild": {at(9, 11): 1_100, at(29, 31): 9_900},
    },
    61: {
        "repair": {at(39): 8_910},  # of the building new in index 19
        "extend": {},
        "renovate": {at(30): 85, at(31, 39): 170},
        "rebuild": {FIRST_TEN: 330, at(19, 21): 9_900},
    },
    80: {
        "repair": {at(20): 8_910},
        "extend": {},
        "renovate": {at(30): 85, at(31, 39): 170},
        "rebuild": {at(0, 2): 9_900 + 330, at(3, 9): 330},
    },
    81: {
        "repair": {at(20, 29): 891},
        "extend": {},
        "renovate": {at(30): 85, at(31, 39): 170},
        "rebuild": {FIRST_TEN: 2_970 + 330},
    },
}


def yen(years: Years, horizon_years: int = 40) -> np.ndarray:
    row = np.zeros(horizon_years)
    for span, amount in years.items():
        row[list(span)] += amount * MAN
    return row


def assert_to_the_yen(found: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(np.round(found).astype(np.int64), expected.astype(np.int64))
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize("row", range(len(LEDGER)), ids=[case[0][0] for case in LEDGER])
def test_each_building_of_the_ledger_is_renewed_as_worked_by_hand(
    row: int, make_stock: Callable[..., Stock], figures: Figures
) -> None:
    building, renovate, rebuild = LEDGER[row]
    need = replace_need(make_stock([building]), figures, 40)
    assert_to_the_yen(need["renovate"][0], yen(renovate))
    assert_to_the_yen(need["rebuild"][0], yen(rebuild))


def test_the_ledger_adds_up_to_the_hand_sums_of_every_year(
    make_stock: Callable[..., Stock], figures: Figures, repository: Path
) -> None:
    stock = make_stock([case[0] for case in LEDGER])
    costs = renewal_costs(stock, Workspace(repository, "base", read_config(repository / "fmtool.toml"), figures))
    assert costs.years == tuple(range(2026, 2066))
    assert_to_the_yen(costs.replace["renovate"], yen(RENOVATE_TOTAL))
    assert_to_the_yen(costs.replace["rebuild"], yen(REBUILD_TOTAL))
    assert_to_the_yen(costs.replace_total, yen(RENOVATE_TOTAL) + yen(REBUILD_TOTAL))
    # 2,144,250,000 of renovation and 3,429,000,000 of rebuilding, also added up building by building
    assert round(costs.replace_total.sum()) == 5_573_250_000
    for use, (_, renovate, rebuild) in enumerate(LEDGER):
        assert_to_the_yen(costs.replace_by_use[use], yen(renovate) + yen(rebuild))


@pytest.mark.parametrize("age", EXTEND)
def test_a_school_of_each_age_is_extended_as_worked_by_hand(
    age: int, make_stock: Callable[..., Stock], figures: Figures
) -> None:
    need = extend_need(make_stock([("school", 2026 - age, 1000)]), figures, 40)
    for action, years in EXTEND[age].items():
        assert_to_the_yen(need[action][0], yen(years))
    assert set(need) == set(EXTEND[age])
