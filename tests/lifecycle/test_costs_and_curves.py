"""Totals of the stock, the budget line, and the curves of one alternative."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmtool.errors import CurveError, WorkspaceError
from fmtool.lifecycle.costs import renewal_costs, yearly_budget
from fmtool.lifecycle.curves import cost_curve
from fmtool.lifecycle.present_value import present_value
from fmtool.lifecycle.renewal import extend_need, replace_cycle, replace_need
from fmtool.lifecycle.stock import USE_CODES, Stock
from fmtool.workspace import Config, Figure, Figures, Workspace, read_config

MakeStock = Callable[..., Stock]
amounts = st.lists(st.floats(0, 1e6), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def city(repository: Path, figures: Figures) -> Workspace:
    return Workspace(repository, "base", read_config(repository / "fmtool.toml"), figures)


def budgeted(city: Workspace, **values: Any) -> Config:
    return city.config.model_copy(update={"budget": type(city.config.budget).model_validate(values)})


def test_totals_are_the_sums_of_the_facilities(make_stock: MakeStock, city: Workspace) -> None:
    stock = make_stock([(USE_CODES[i % 13], 1940 + i, 100.0 + 7 * i) for i in range(90)])
    costs = renewal_costs(stock, city)
    for method, need in (("replace", replace_need), ("extend", extend_need)):
        by_facility = need(stock, city.figures, 40)
        by_action = getattr(costs, method)
        assert set(by_action) == set(by_facility)
        for action, yearly in by_facility.items():
            np.testing.assert_allclose(by_action[action], yearly.sum(axis=0), rtol=1e-9, atol=1e-6)
        everything = np.sum(list(by_facility.values()), axis=0)
        by_use = getattr(costs, f"{method}_by_use")
        for use in range(13):
            np.testing.assert_allclose(by_use[use], everything[stock.use == use].sum(axis=0), rtol=1e-9, atol=1e-6)
        np.testing.assert_allclose(getattr(costs, f"{method}_total"), everything.sum(axis=0), rtol=1e-9)


def test_escalation_raises_each_year_by_its_price(make_stock: MakeStock, city: Workspace) -> None:
    stock = make_stock([("school", 1990, 1000.0)])
    dearer = replace(
        city,
        config=city.config.model_copy(
            update={"case": city.config.case.model_copy(update={"construction_escalation_rate": 0.1})}
        ),
    )
    flat, rising = renewal_costs(stock, city).replace_total, renewal_costs(stock, dearer).replace_total
    np.testing.assert_allclose(rising, flat * 1.1 ** np.arange(40), rtol=1e-12)
    assert rising[0] == flat[0]


def test_the_default_budget_is_a_share_of_the_mean_need(city: Workspace) -> None:
    need = np.concatenate([np.full(10, 30.0), np.full(30, 10.0)])  # mean 15
    np.testing.assert_allclose(yearly_budget(budgeted(city, share_of_replace_mean=0.6), need), np.full(40, 9.0))
    assert yearly_budget(budgeted(city, yearly=7.0), need).tolist() == [7.0] * 40
    listed = [float(year) for year in range(40)]
    assert yearly_budget(budgeted(city, yearly=listed), need).tolist() == listed
    with pytest.raises(WorkspaceError, match="needs 40 amounts"):
        yearly_budget(budgeted(city, yearly=[1.0, 2.0]), need)


def test_an_empty_stock_needs_nothing(make_stock: MakeStock, city: Workspace) -> None:
    costs = renewal_costs(make_stock([]), city)
    assert costs.replace_total.tolist() == [0] * 40
    assert costs.extend_by_use.shape == (13, 40)


def with_figure(figures: Figures, key: str, value: float | None) -> Figures:
    found: dict[str, Figure] = {k: v for k, v in figures.items() if value is not None or k != key}
    if value is not None:
        found[key] = replace(figures[key], value=value)
    return Figures(found, figures.files)


def test_faulty_cycles_say_where(figures: Figures, make_stock: MakeStock) -> None:
    with pytest.raises(CurveError, match="renovate_age"):
        replace_cycle(with_figure(figures, "cycles.replace.renovate_age", 30.5))
    with pytest.raises(WorkspaceError, match=r"cycles\.toml: `replace\.rebuild_age` is missing"):
        replace_cycle(with_figure(figures, "cycles.replace.rebuild_age", None))
    with pytest.raises(CurveError, match="not_extendable_share"):
        extend_need(make_stock([]), with_figure(figures, "cycles.extend.not_extendable_share", 1.2), 40)


@given(amounts, st.floats(0, 0.5), st.floats(0, 0.5))
def test_present_value_of_costs_falls_as_the_rate_rises(yearly: list[float], one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert float(present_value(yearly, high)) <= float(present_value(yearly, low)) * (1 + 1e-12) + 1e-9


@given(amounts, st.floats(0, 0.3))
def test_the_equivalent_annual_cost_has_the_same_present_value(yearly: list[float], rate: float) -> None:
    curve = cost_curve(yearly, np.zeros(len(yearly)), rate)
    even = np.full(len(yearly), float(curve.equivalent_annual))
    assert float(present_value(even, rate)) == pytest.approx(float(curve.present), rel=1e-9, abs=1e-6)


def test_curves_of_many_alternatives_at_once() -> None:
    outlay = np.array([[100.0, 0, 0], [0, 0, 100.0]])
    curve = cost_curve(outlay, np.full((2, 3), 10.0), 0.25, risk=1.0, residual=[50.0, 0.0])
    np.testing.assert_allclose(curve.cumulative[:, -1], [133, 133])
    # 11 * (0.8 + 0.64 + 0.512) = 21.472;  100 * 0.8 - 50 * 0.512;  100 * 0.512
    np.testing.assert_allclose(curve.present, [21.472 + 80 - 25.6, 21.472 + 51.2], rtol=1e-12)
    np.testing.assert_allclose(curve.equivalent_annual, curve.present / 1.952, rtol=1e-12)


def test_three_hundred_thousand_facilities_take_seconds(make_stock: MakeStock, city: Workspace) -> None:
    rng = np.random.default_rng(7)
    stock = make_stock([("school", 1976, 1000.0)])
    many = stock.take(np.zeros(300_000, dtype=np.int64))
    many = replace(many, age_years=rng.integers(0, 90, 300_000), use=rng.integers(0, 13, 300_000))
    begun = time.perf_counter()
    costs = renewal_costs(many, city)
    assert time.perf_counter() - begun < 5
    assert costs.replace_total.sum() > 0
