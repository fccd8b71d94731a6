"""What the spread of an estimate costs, on a facility worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fmtool.lifecycle.stock import Stock
from fmtool.lifecycle.uncertainty import collect_first, kept_costs, with_effects
from fmtool.workspace import Workspace


@pytest.fixture
def case(workspace: Workspace) -> Workspace:
    """Ten years from 2026 without discounting."""
    changes = {"horizon_years": 10, "discount_rate": 0.0, "start_year": 2026}
    config = workspace.config.model_copy(update={"case": workspace.config.case.model_copy(update=changes)})
    return replace(workspace, config=config)


@pytest.fixture
def stock(make_stock: Any) -> Stock:
    """Make 1,000 m2 that turn sixty in 2026 and are rebuilt, and 100 m2 that are new and only run, for 50 a year."""
    made = make_stock([("school", 1966, 1000.0), ("school", 2025, 100.0)])
    return replace(made, running_cost=np.array([0.0, 50.0]))


def guess(facility: str, column: str, low: float, high: float) -> dict[str, object]:
    return {"facility_id": facility, "column": column, "value": "", "basis": "estimated", "low": low, "high": high}


def test_the_cost_of_keeping_is_renewal_and_running(stock: Stock, case: Workspace) -> None:
    assert kept_costs(stock, case).tolist() == pytest.approx([1000 * stock.rebuild_cost_per_m2[0], 500.0])


def test_effects_are_the_difference_between_the_quartiles(stock: Stock, case: Workspace) -> None:
    rebuild, renovate = stock.rebuild_cost_per_m2[0], stock.renovation_cost_per_m2[0]
    listed = pd.DataFrame(
        [
            guess("F0", "floor_area_m2", 600.0, 1500.0),
            guess("F0", "built_year", 1940.0, 2000.0),  # either backlog, rebuilt all the same; or renovated at thirty
            guess("F1", "running_cost", 20.0, 60.0),
            guess("F1", "floor_area_m2", 50.0, 300.0),  # its running cost was counted by the square metre
            guess("F1", "structure", np.nan, np.nan),
            guess("gone", "built_year", 1.0, 2.0),
        ]
    )
    made = with_effects(listed, stock, case)
    effects = made["cost_effect"]
    assert effects[0] == pytest.approx(900 * rebuild)
    assert effects[1] == pytest.approx(1000 * (rebuild - renovate))
    assert effects[2] == pytest.approx(400.0)
    assert effects[3] == pytest.approx(10 * 50 * 2.5)
    assert effects[4:].isna().all()
    ranked = collect_first(made)
    assert ranked.index.tolist() == ["floor_area_m2", "built_year", "running_cost"]
    assert ranked.loc["floor_area_m2", "first_id"] == "F0"


def test_without_spreads_nothing_is_ranked(stock: Stock, case: Workspace) -> None:
    listed = pd.DataFrame([guess("F0", "built_year", np.nan, np.nan)])
    assert collect_first(with_effects(listed, stock, case)).empty
    assert collect_first(listed.drop(columns=["low", "high"])).empty
