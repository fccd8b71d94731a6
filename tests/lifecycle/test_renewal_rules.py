"""The micro cases and laws of the renewal methods."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmtool.errors import CurveError
from fmtool.lifecycle.renewal import (
    Cycle,
    Works,
    extend_cycle,
    renewal_need,
    renewal_shares,
    replace_cycle,
    replace_need,
)
from fmtool.lifecycle.stock import USE_CODES, Stock
from fmtool.workspace import Figures

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "bench" / "renewal_jp" / "cases.json"
MAN = 10_000

REPLACE = Cycle((Works("renovate", 30, 2, 50),), rebuild_age=60, rebuild_years=3, backlog_years=10)
EXTEND = Cycle((Works("repair", 20, 1), Works("extend", 40, 2, 50), Works("repair", 60, 1)), 80, 3, 10)

ages = st.integers(-5, 130)
areas = st.integers(0, 50_000)
buildings = st.lists(st.tuples(ages, areas), min_size=1, max_size=12)
horizons = st.integers(1, 100)
cycles = st.sampled_from([REPLACE, EXTEND])


def need_of(rows: list[tuple[int, int]], cycle: Cycle, horizon_years: int) -> dict[str, np.ndarray]:
    age = np.array([row[0] for row in rows])
    area = np.array([row[1] for row in rows], dtype=float)
    cost = {"repair": 99e3, "extend": 198e3, "renovate": 170e3, "rebuild": 330e3}
    return renewal_need(age, area, {key: np.full(age.size, value) for key, value in cost.items()}, cycle, horizon_years)


def total(need: dict[str, np.ndarray]) -> np.ndarray:
    return np.sum(list(need.values()), axis=0)


def test_the_shipped_cycles_are_those_of_the_method(figures: Figures) -> None:
    assert replace_cycle(figures) == REPLACE
    assert extend_cycle(figures) == EXTEND


@pytest.mark.parametrize(
    ("name", "use", "built", "years", "sums"),
    [
        (
            "M1: renovation in 2034-2035, a third of the rebuilding in 2064",
            "school",
            2004,
            {2033: 0, 2034: 8500, 2035: 8500, 2036: 0, 2063: 0, 2064: 11000},
            17000 + 11000,
        ),
        (
            "M2: renovation backlog over ten years, rebuilding from 2050",
            "school",
            1990,
            {2025: 1700, 2034: 1700, 2035: 0, 2050: 11000, 2052: 11000, 2053: 0},
            50000,
        ),
        (
            "M3: too old for renovation, rebuilding from 2030, the new one renovated in 2060-2061",
            "housing",
            1970,
            {2029: 0, 2030: 28000 / 3, 2032: 28000 / 3, 2033: 0, 2060: 8500, 2061: 8500, 2062: 0},
            45000,
        ),
        (
            "M4: rebuild backlog, each tenth renovated thirty years later",
            "housing",
            1960,
            {2025: 2800, 2034: 2800, 2035: 0, 2054: 0, 2055: 850, 2056: 1700, 2064: 1700},
            28000 + 850 + 9 * 1700,
        ),
        (
            "M5: new in the first year, renovated at 30, not rebuilt",
            "administration",
            2025,
            {2054: 0, 2055: 12500, 2056: 12500, 2057: 0, 2064: 0},
            25000,
        ),
    ],
)
def test_micro_cases(
    name: str,
    use: str,
    built: int,
    years: dict[int, float],
    sums: float,
    make_stock: Callable[..., Stock],
    figures: Figures,
) -> None:
    need = total(replace_need(make_stock([(use, built, 1000)], start_year=2025), figures, 40))[0]
    for year, amount in years.items():
        assert need[year - 2025] == pytest.approx(amount * MAN, rel=1e-9, abs=1e-3), f"{name}: {year}"
    assert need.sum() == pytest.approx(sums * MAN, rel=1e-9)


def test_micro_case_m6_no_area_costs_nothing(make_stock: Callable[..., Stock], figures: Figures) -> None:
    need = total(replace_need(make_stock([("civic_culture", 1980, 0)], start_year=2025), figures, 40))
    np.testing.assert_array_equal(need, np.zeros((1, 40)))


@given(buildings, cycles, horizons)
def test_micro_case_m7_buildings_add_up_and_area_scales(rows: list[tuple[int, int]], cycle: Cycle, years: int) -> None:
    together = total(need_of(rows, cycle, years)).sum(axis=0)
    alone = np.sum([total(need_of([row], cycle, years))[0] for row in rows], axis=0)
    np.testing.assert_allclose(together, alone, rtol=1e-9, atol=1e-6)
    doubled = total(need_of([(age, 2 * area) for age, area in rows], cycle, years)).sum(axis=0)
    np.testing.assert_allclose(doubled, 2 * together, rtol=1e-9)


@given(
    built=st.lists(st.integers(1930, 2030), min_size=1, max_size=8),
    start=st.integers(1980, 2060),
    by=st.integers(1, 30),
)
def test_micro_case_m8_shifting_start_and_built_years_shifts_the_series(
    built: list[int], start: int, by: int, make_stock: Callable[..., Stock], figures: Figures
) -> None:
    now = make_stock([("school", year, 500.0) for year in built], start_year=start)
    later = make_stock([("school", year + by, 500.0) for year in built], start_year=start + by)
    np.testing.assert_array_equal(total(replace_need(now, figures, 40)), total(replace_need(later, figures, 40)))


@given(st.integers(0, 130))
def test_a_building_costs_at_most_one_renovation_and_one_rebuilding_in_forty_years(age: int) -> None:
    shares = renewal_shares([age], REPLACE, 40)
    renovated, rebuilt = shares["renovate"].sum(), shares["rebuild"].sum()
    assert renovated <= 1 + 1e-9
    assert rebuilt <= 1 + 1e-9
    need = 17 * renovated + 33 * rebuilt
    assert 17 - 1e-9 <= need <= 50 + 1e-9


@given(st.integers(0, 130), cycles, st.integers(1, 60))
def test_a_longer_horizon_leaves_the_earlier_years_as_they_were(age: int, cycle: Cycle, years: int) -> None:
    short, long = renewal_shares([age], cycle, years), renewal_shares([age], cycle, years + 40)
    for action, share in short.items():
        np.testing.assert_allclose(share, long[action][:, :years], atol=1e-12)


@given(st.integers(0, 200), cycles)
def test_whole_works_are_paid_in_the_long_run(age: int, cycle: Cycle) -> None:
    """Over any later full life a building is rebuilt exactly once."""
    start = cycle.rebuild_age + cycle.backlog_years + cycle.rebuild_years
    shares = renewal_shares([age], cycle, start + 2 * cycle.rebuild_age)["rebuild"][0]
    for offset in (0, 7, cycle.rebuild_age - 1):
        life = shares[start + offset : start + offset + cycle.rebuild_age]
        assert life.sum() == pytest.approx(1.0)


def test_backlog_past_a_short_horizon_is_not_counted() -> None:
    shares = renewal_shares([31, 61], REPLACE, 4)
    assert shares["renovate"][0].sum() == pytest.approx(0.4)
    assert shares["rebuild"][1].sum() == pytest.approx(0.4)


@pytest.mark.parametrize(
    "cycle",
    [
        lambda: Cycle((Works("renovate", 60, 2),), 60, 3, 10),
        lambda: Cycle((Works("renovate", 30, 0),), 60, 3, 10),
        lambda: Cycle((), 60, 3, 0),
    ],
)
def test_a_cycle_that_cannot_be_is_refused(cycle: Callable[[], Cycle]) -> None:
    with pytest.raises(CurveError, match=r"cycles\.toml"):
        cycle()


@pytest.fixture(scope="module")
def published() -> dict[str, object]:
    if not SHARED.is_file():
        pytest.skip("../shared/data/bench/renewal_jp is not on this machine; its micro cases are tested above")
    loaded: dict[str, object] = json.loads(SHARED.read_text(encoding="utf-8"))
    return loaded


def test_the_shipped_unit_costs_are_the_published_table(published: dict, figures: Figures) -> None:
    table = published["unit_cost_MIC_default"]["table"]
    for code, (renovate, rebuild) in zip(USE_CODES, table.values(), strict=True):
        assert figures.number(f"unit_costs.renovate.{code}") == renovate * MAN
        assert figures.number(f"unit_costs.rebuild.{code}") == rebuild * MAN


def test_published_totals_lie_within_the_envelope_of_the_unit_costs(published: dict) -> None:
    """Kakogawa: 365.1 billion yen over 39 years for 688,000 m2, routine repair at 2,000 yen per m2 within it."""
    city = next(item for item in published["published_totals"] if item["id"] == "R1_kakogawa_base")
    renewal = city["total_oku"] * 1e8 - city["repair_yen_m2_year"] * city["area_m2"] * city["years"]
    per_m2 = renewal / city["area_m2"]
    ages_seen = np.arange(0, 80)
    shares = renewal_shares(ages_seen, REPLACE, city["years"])
    least = (170_000 * shares["renovate"] + 280_000 * shares["rebuild"]).sum(axis=1).min()
    most = (250_000 * shares["renovate"] + 400_000 * shares["rebuild"]).sum(axis=1).max()
    assert least <= per_m2 <= most
