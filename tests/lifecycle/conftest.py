"""The shipped lifecycle assumptions, and stocks made by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fmtool.lifecycle.stock import USE_CODES, Stock
from fmtool.workspace import Figures, read_figures

MINISTRY = {
    "civic_culture": (250_000, 400_000),
    "social_education": (250_000, 400_000),
    "sports_recreation": (200_000, 360_000),
    "industry": (250_000, 400_000),
    "school": (170_000, 330_000),
    "childcare": (170_000, 330_000),
    "health_welfare": (200_000, 360_000),
    "medical": (250_000, 400_000),
    "administration": (250_000, 400_000),
    "housing": (170_000, 280_000),
    "park": (170_000, 330_000),
    "supply_processing": (200_000, 360_000),
    "other": (200_000, 360_000),
}
"""Renovation and rebuilding in yen per m2, typed from the ministry's table, not read from models/."""


@pytest.fixture(scope="session")
def figures(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Figures:
    folder = tmp_path_factory.mktemp("models")
    for name in ("unit_costs", "cycles", "condition", "running", "risk"):
        shutil.copy(repository / "models" / f"{name}.toml", folder)
    return read_figures(folder)


@pytest.fixture(scope="session")
def make_stock() -> Callable[..., Stock]:
    """Make a stock from (use, built year, floor area) rows; other fields by keyword."""

    def make(rows: list[tuple[str, int, float]], start_year: int = 2026, **given: Any) -> Stock:
        count = len(rows)
        built = np.array([row[1] for row in rows], dtype=np.int64)
        area = np.array([row[2] for row in rows], dtype=np.float64)
        renovate = np.array([MINISTRY[row[0]][0] for row in rows], dtype=np.float64)
        rebuild = np.array([MINISTRY[row[0]][1] for row in rows], dtype=np.float64)
        fields: dict[str, Any] = {
            "facility_ids": tuple(f"F{i}" for i in range(count)),
            "services": ("s",),
            "districts": (),
            "use": np.array([USE_CODES.index(row[0]) for row in rows], dtype=np.int64),
            "service": np.zeros(count, dtype=np.int64),
            "district": np.full(count, -1),
            "built_year": built,
            "age_years": start_year - built,
            "renewed_year": built,
            "floor_area_m2": area,
            "renovation_cost_per_m2": renovate,
            "rebuild_cost_per_m2": rebuild,
            "extension_cost_per_m2": rebuild * 0.6,
            "repair_cost_per_m2": rebuild * 0.3,
            "demolition_cost_per_m2": np.full(count, 40_000.0),
            "retrofit_cost_per_m2": np.full(count, 15_000.0),
            "design_life_years": np.full(count, 60.0),
            "running_cost": np.zeros(count),
            "income": np.zeros(count),
            "capacity": area,
            "needs_retrofit": np.zeros(count, dtype=bool),
            "is_listed": np.zeros(count, dtype=bool),
            "is_leased_in": np.zeros(count, dtype=bool),
            "locked": (None,) * count,
            "site_area_m2": area * 2,
            "land_price_per_m2": np.full(count, 50_000.0),
            "x_m": np.full(count, np.nan),
            "y_m": np.full(count, np.nan),
            "grades": np.full((count, 5), -1, dtype=np.int8),
            "guesses": pd.DataFrame(columns=["facility_id", "column", "value", "rule_ja", "rule_en"]),
        }
        return Stock(**(fields | given))

    return make
