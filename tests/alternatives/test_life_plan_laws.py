"""Laws that hold for every life plan of any stock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from fmtool.alternatives import ACTION_CODES, LifePlans, life_plans, objective, room_m2
from fmtool.lifecycle.stock import Stock
from fmtool.workspace import Workspace

Make = Callable[..., Workspace]
MakeStock = Callable[..., Stock]
MakeServices = Callable[..., pd.DataFrame]

REAL = {f"condition.years_in_grade.{part}.{grade}": 9 for part in ("roof", "exterior", "interior") for grade in "ABC"}


@st.composite
def columns(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the columns of one to five facilities of two services."""
    count = draw(st.integers(1, 5))

    def some(values: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(values, min_size=count, max_size=count))

    return {
        "age_years": some(st.integers(0, 90)),
        "service": some(st.integers(0, 1)),
        "floor_area_m2": some(st.floats(10, 20_000)),
        "site_area_m2": some(st.floats(10, 90_000)),
        "x_m": some(st.floats(0, 4000) | st.just(np.nan)),
        "is_leased_in": some(st.booleans()),
        "is_listed": some(st.booleans()),
        "needs_retrofit": some(st.booleans()),
        "land_price_per_m2": some(st.floats(0, 200_000) | st.just(np.nan)),
        "running_cost": some(st.floats(0, 1e9)),
        "grade": draw(st.integers(-1, 3)),
    }


cases = st.fixed_dictionaries(
    {
        "horizon": st.integers(1, 45),
        "escalation": st.sampled_from([0.0, 0.03, -0.01]),
        "deadline": st.sampled_from([None, 2026, 2040]),
        "figures": st.just({**REAL, "actions.rebuild.first_age": 35, "actions.repair.interval_years": 20}),
    }
)


def is_kind(plans: LifePlans, *actions: str) -> np.ndarray:
    return np.isin(plans.kind, [ACTION_CODES.index(action) for action in actions])


@settings(max_examples=60, deadline=None)
@given(given=columns(), case=cases)
def test_money_floor_condition_and_capacity_obey_their_laws(
    make_workspace: Make,
    make_stock: MakeStock,
    make_services: MakeServices,
    given: dict[str, Any],
    case: dict[str, Any],
) -> None:
    workspace = make_workspace(**case)
    services = make_services(hall={"convert_to": "club"}, club={"reach_m": 2000, "demand": "total"})
    stock = make_stock(("hall", "club"), **given)
    plans = life_plans(stock, services, workspace)
    horizon = len(plans.years)

    # Every facility has a life plan; rows of one facility stand together.
    assert set(plans.facility.tolist()) == set(range(len(stock)))
    assert (np.diff(plans.facility) >= 0).all()
    # What is paid is the cost of the events, but for what falls after the horizon.
    ends = np.where(plans.event_action >= 0, plans.event_year + plans.event_years, 0)
    whole = (ends <= horizon).all(axis=1)
    assert_allclose(plans.outlay[whole].sum(axis=1), plans.event_cost[whole].sum(axis=1), atol=1e-9)
    assert (plans.outlay.sum(axis=1) <= plans.event_cost.sum(axis=1) * (1 + 1e-12) + 1e-9).all()
    # Events are in order, one after the other.
    later = plans.event_action[:, 1:] >= 0
    assert (plans.event_year[:, 1:] >= plans.event_year[:, :-1] + plans.event_years[:, :-1])[later].all()
    # Floor area rises only where a merger extends the host.
    rises = (np.diff(plans.floor_m2, axis=1) > 1e-9).any(axis=1)
    assert not (rises & ~is_kind(plans, "merge")).any()
    # Condition rises only at the end of works.
    done = np.zeros(plans.condition.shape, dtype=bool)
    row, place = np.nonzero((plans.event_action >= 0) & (ends <= horizon))
    done[row, ends[row, place] - 1] = True
    better = np.diff(plans.condition, axis=1) > 1e-4
    assert not (better & ~done[:, 1:]).any()
    # A merger moves all capacity, and only where there is room.
    merged = np.flatnonzero(is_kind(plans, "merge"))
    assert_allclose(plans.after_capacity[merged], stock.capacity[plans.facility[merged]])
    assert (plans.host[merged] >= 0).all()
    # What moves or turns to another use does so within the horizon.
    assert (plans.leave_year[is_kind(plans, "merge", "convert")] < horizon).all()
    assert (plans.moved_floor_m2[merged] <= room_m2(stock, workspace.figures)[plans.host[merged]] + 1e-9).all()
    assert (plans.host[~is_kind(plans, "merge")] == -1).all()
    # Nothing is left to run, fail or hold after disposal.
    for kind in ("sell", "demolish"):
        gone = np.arange(horizon) >= plans.leave_year[is_kind(plans, kind)][:, None]
        for values in (plans.running, plans.risk, plans.floor_m2):
            assert (values[is_kind(plans, kind)][gone] == 0).all()
        assert (plans.residual[is_kind(plans, kind)] == 0).all()
    # All money is known; sales are part of income.
    for values in (plans.outlay, plans.running, plans.income, plans.risk, plans.residual, plans.floor_m2):
        assert np.isfinite(values).all()
        assert (values >= 0).all()
    assert (plans.sale_income <= plans.income + 1e-12).all()
    assert np.isfinite(objective(plans, 0.02)).all()


def test_take_keeps_every_array_in_line(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices
) -> None:
    plans = life_plans(make_stock(x_m=[0, 100]), make_services(), make_workspace())
    rows = np.arange(len(plans))[::-3]
    chosen = plans.take(rows)
    assert len(chosen) == len(rows)
    assert_allclose(objective(chosen, 0.02), objective(plans, 0.02)[rows])
    assert [chosen.label(place) for place in range(len(rows))] == [plans.label(int(row)) for row in rows]
    assert chosen.exclusions is plans.exclusions
    keep = plans.kind == ACTION_CODES.index("merge")
    assert len(plans.take(keep)) == keep.sum() > 0
    assert plans.label(int(np.flatnonzero(keep)[0])) == ("merge", 2026, "F1")


def test_a_higher_discount_rate_never_raises_the_cost_of_keeping(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices
) -> None:
    plans = life_plans(make_stock(income=0), make_services(), make_workspace())
    row = np.flatnonzero(is_kind(plans, "keep"))
    costs = [float(objective(plans, rate)[row[0]]) for rate in (0.0, 0.01, 0.04)]
    assert costs == sorted(costs, reverse=True)
