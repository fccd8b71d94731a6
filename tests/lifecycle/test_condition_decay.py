"""Condition: hand-worked decay, inspected grades, works, and the law that nothing improves by itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmtool.errors import CurveError
from fmtool.lifecycle.condition import (
    KINDS,
    condition_after_works,
    condition_index,
    condition_with_works,
    condition_without_works,
    grade_scores,
    part_weights,
    restored_shares,
)
from fmtool.lifecycle.risk import failure_cost_rate, seismic_loss_rate
from fmtool.lifecycle.running import growth_factor, running_costs, running_factor
from fmtool.lifecycle.stock import Stock
from fmtool.workspace import Figures

MakeStock = Callable[..., Stock]
all_grades = st.lists(st.tuples(*[st.integers(-1, 3)] * 5), min_size=1, max_size=6)


def graded(make_stock: MakeStock, grades: list[tuple[int, ...]], built: int = 1986) -> Stock:
    rows = [("school", built, 1000.0)] * len(grades)
    return make_stock(rows, grades=np.array(grades, dtype=np.int8))


def test_uniform_grades_score_as_in_the_guide(figures: Figures) -> None:
    scores = condition_index([[grade] * 5 for grade in range(4)], part_weights(figures), grade_scores(figures))
    np.testing.assert_allclose(scores, [100, 75, 40, 10], rtol=1e-12)


def test_weights_are_those_of_the_five_parts(figures: Figures) -> None:
    np.testing.assert_allclose(part_weights(figures) * 60, [5.1, 17.2, 22.4, 8.0, 7.3], rtol=1e-12)


def test_a_year_of_decay_from_inspected_grades(make_stock: MakeStock, figures: Figures) -> None:
    """Each part in A falls by (100 - 75) / its years: 25/10, 25/15, 25/20, 25/15, 25/15, weighted by 60ths."""
    index, share_d = condition_without_works(graded(make_stock, [(0,) * 5, (2,) * 5, (3,) * 5]), figures, 2)
    lost = (5.1 * 25 / 10 + 17.2 * 25 / 15 + 22.4 * 25 / 20 + 8.0 * 25 / 15 + 7.3 * 25 / 15) / 60
    assert index[0, 0] == pytest.approx(100 - lost)
    np.testing.assert_allclose(share_d[1, :, 0], [1 / 10, 1 / 15, 1 / 20, 1 / 15, 1 / 15], rtol=1e-12)
    np.testing.assert_allclose(index[2], [10, 10], rtol=1e-12)
    np.testing.assert_allclose(share_d[2], 1, rtol=1e-12)


def test_an_uninspected_part_starts_where_its_years_have_brought_it(make_stock: MakeStock, figures: Figures) -> None:
    """The roof, built two years ago, at the end of the first year: three years of 1/10: D with chance 1/1000."""
    stock = make_stock([("school", 2024, 1000.0), ("school", 1980, 1000.0)], renewed_year=np.array([2024, 2024]))
    index, share_d = condition_without_works(stock, figures, 1)
    assert share_d[0, 0, 0] == pytest.approx(0.001)
    np.testing.assert_allclose(share_d[1], share_d[0], rtol=1e-12)  # major works count as new
    assert index[0, 0] == index[1, 0]


def test_the_mean_stay_in_a_grade_is_its_expected_years(make_stock: MakeStock, figures: Figures) -> None:
    """Years before the roof is in D, from C: sum over years of the chance of not yet being there = 10."""
    _, share_d = condition_without_works(graded(make_stock, [(2, 2, 2, 2, 2)]), figures, 1000)
    assert 1 + (1 - share_d[0, 0]).sum() == pytest.approx(10, rel=1e-6)


@given(grades=all_grades, built=st.integers(1930, 2026))
def test_condition_never_rises_without_works(
    grades: list[tuple[int, ...]], built: int, make_stock: MakeStock, figures: Figures
) -> None:
    index, share_d = condition_without_works(graded(make_stock, grades, built), figures, 40)
    assert np.all(np.diff(index, axis=1) <= 1e-9)
    assert np.all(np.diff(share_d, axis=2) >= -1e-12)
    assert np.all((index >= 10 - 1e-9) & (index <= 100 + 1e-9))
    assert np.all((share_d >= 0) & (share_d <= 1 + 1e-12))


@given(grades=all_grades, built=st.integers(1930, 2026))
def test_risk_never_falls_without_works(
    grades: list[tuple[int, ...]], built: int, make_stock: MakeStock, figures: Figures
) -> None:
    _, share_d = condition_without_works(graded(make_stock, grades, built), figures, 40)
    rate = failure_cost_rate(share_d, figures)
    assert np.all(np.diff(rate, axis=1) >= -1e-12)
    assert np.all((rate >= 0) & (rate <= 1))


@given(grades=all_grades, done=st.integers(0, 45), kind=st.sampled_from(KINDS))
def test_works_never_worsen_condition(
    grades: list[tuple[int, ...]], done: int, kind: str, make_stock: MakeStock, figures: Figures
) -> None:
    stock = graded(make_stock, grades)
    without, d_without = condition_without_works(stock, figures, 40)
    index, share_d = condition_with_works(stock, figures, 40, kind, np.full(len(stock), done))
    assert np.all(index >= without - 1e-9)
    assert np.all(share_d <= d_without + 1e-12)
    np.testing.assert_allclose(index[:, :done], without[:, :done], rtol=1e-12)


def test_whole_renewal_begins_at_100_and_decays_like_a_new_building(make_stock: MakeStock, figures: Figures) -> None:
    for kind in ("renovate", "extend", "rebuild"):
        index, share_d = condition_after_works(figures, 40, kind)
        assert index.shape == (41,)
        assert share_d.shape == (5, 41)
        assert index[0] == pytest.approx(100)
        assert np.all(np.diff(index) < 0)
    fresh, _ = condition_without_works(make_stock([("school", 2026, 1.0)]), figures, 40)
    np.testing.assert_allclose(index[1:], fresh[0], rtol=1e-12)


def test_repair_makes_roof_walls_and_machines_new_and_leaves_the_rest(figures: Figures) -> None:
    assert restored_shares(figures, "repair").tolist() == [1, 1, 0, 0, 1]
    index, share_d = condition_after_works(figures, 5, "repair")
    new, d_new = condition_after_works(figures, 25, "rebuild")
    assert share_d[[0, 1, 4], 0].tolist() == [0, 0, 0]
    np.testing.assert_allclose(share_d[[2, 3]], d_new[[2, 3], 20:26], rtol=1e-12)
    assert new[20] < index[0] < 100


def test_a_repaired_building_keeps_its_own_inspected_parts(make_stock: MakeStock, figures: Figures) -> None:
    """All D, repaired at the end of year index 1: 29.6 / 60 of the index at 100, the rest at 10."""
    stock = graded(make_stock, [(3,) * 5])
    index, _ = condition_with_works(stock, figures, 3, "repair", np.array([1]))
    assert index[0, 0] == pytest.approx(10)
    assert index[0, 1] == pytest.approx((29.6 * 100 + 30.4 * 10) / 60)
    assert index[0, 2] < index[0, 1]


def test_works_that_restore_nothing_are_refused(figures: Figures) -> None:
    with pytest.raises(CurveError, match="sell"):
        condition_after_works(figures, 5, "sell")


def test_a_building_all_in_d_costs_six_per_cent_of_rebuilding_a_year(figures: Figures) -> None:
    """One failure in ten years, each as dear as renewing the part; all parts together are 60 % of rebuilding."""
    assert failure_cost_rate(np.ones((5, 1)), figures)[0] == pytest.approx(0.1 * 1.0 * 0.6)
    # only the roof in D: 5.1 / 60 of that
    roof = np.array([[1.0], [0], [0], [0], [0]])
    assert failure_cost_rate(roof, figures)[0] == pytest.approx(0.06 * 5.1 / 60)
    assert failure_cost_rate(np.ones((3, 2, 5, 7)), figures).shape == (3, 2, 7)


def test_an_unretrofitted_building_risks_what_a_retrofit_would_save(figures: Figures) -> None:
    assert seismic_loss_rate(figures) == pytest.approx(0.02 * (0.30 - 0.05))


def test_running_cost_is_even_until_the_design_life_and_rises_after(figures: Figures) -> None:
    assert running_factor([59, 60, 61, 70], 60, figures).tolist() == pytest.approx([1, 1, 1.02, 1.2])
    assert running_factor(np.zeros((3, 1)), np.full((3, 4), 40.0), figures).shape == (3, 4)
    with pytest.raises(CurveError, match="growth_past_design_life"):
        growth_factor([1], 60, -0.01)


def test_todays_running_cost_holds_the_growth_so_far(figures: Figures) -> None:
    """Age 70 of 60: today's 120 is 100 * 1.2; a year later 122. Age 58: 100 for three years, then 102."""
    costs = running_costs(np.array([120.0, 100.0]), np.array([70, 58]), np.array([60.0, 60.0]), figures, 4)
    np.testing.assert_allclose(costs, [[120, 122, 124, 126], [100, 100, 100, 102]], rtol=1e-12)
