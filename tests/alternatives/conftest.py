"""A facility and assumptions with round numbers, so that every amount can be worked out by hand.

The facility: 1,000 m2, 58 years old, all parts in grade D (which they never leave by themselves), rebuilding 400,
renovation 200, long-life renovation 240, repair 120, demolition 30, retrofit 20, running cost 10, income 1,
land 100 (all in millions).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fmtool.alternatives import ACTION_CODES, LifePlans
from fmtool.lifecycle.stock import PARTS, Stock
from fmtool.workspace import Figures, Workspace, read_workspace

START = 2026
WORKS = ("repair", "renovate", "extend", "retrofit", "merge", "convert", "demolish")
ROUND = {
    **{f"actions.{action}.design_rate": 0.1 for action in WORKS},
    **{f"actions.{action}.start_step": [1, 1] for action in ACTION_CODES if action != "keep"},
    **{f"actions.{action}.first_year": 0 for action in ACTION_CODES if action != "keep"},
    **{f"condition.years_in_grade.{part}.{grade}": 1e12 for part in PARTS for grade in "ABC"},
    **dict(zip((f"condition.weight.{part}" for part in PARTS), (5.1, 17.2, 22.4, 8.0, 7.3), strict=True)),
    **dict(zip((f"condition.score.{grade}" for grade in "ABCD"), (100, 75, 40, 10), strict=True)),
    **{f"condition.restored.repair.{part}": float(part in {"roof", "exterior", "mechanical"}) for part in PARTS},
    "actions.convert.last_age": 99,
    "actions.convert.profile": [1],
    "actions.convert.relocation_rate": 0.0,
    "actions.convert.renovation_share": 0.8,
    "actions.convert.running_share": 0.5,
    "actions.demolish.profile": [1],
    "actions.extend.first_age": 0,
    "actions.extend.last_age": 99,
    "actions.extend.life_years": 40,
    "actions.extend.profile": [1, 1],
    "actions.extend.rebuild_after_years": [4],
    "actions.extend.relocation_rate": 0.05,
    "actions.extend.worst_condition": 0,
    "actions.host.sound_condition": 40,
    "actions.lease.preparation_rate": 0.01,
    "actions.lease.rent_rate": 0.03,
    "actions.lease.running_share": 0.1,
    "actions.merge.hosts": 2,
    "actions.merge.income_share": 0.5,
    "actions.merge.life_years": 60,
    "actions.merge.profile": [1, 1],
    "actions.merge.radius_m": 3000,
    "actions.merge.relocation_rate": 0.01,
    "actions.merge.running_share": 0.7,
    "actions.merge.shared_space_saving": 0.2,
    "actions.rebuild.demolition_share": 0.0,
    "actions.rebuild.design_rate": 0.0,
    "actions.rebuild.first_age": 0,
    "actions.rebuild.life_years": 60,
    "actions.rebuild.profile": [1, 1, 1],
    "actions.rebuild.relocation_rate": 0.0,
    "actions.rebuild.renovate_after_years": 30,
    "actions.rebuild_smaller.floor_cut": 0.2,
    "actions.renovate.first_age": 0,
    "actions.renovate.last_age": 99,
    "actions.renovate.life_years": 30,
    "actions.renovate.profile": [1, 1],
    "actions.renovate.rebuild_after_years": [3],
    "actions.renovate.relocation_rate": 0.0,
    "actions.repair.first_age": 0,
    "actions.repair.interval_years": 4,
    "actions.repair.life_years": 20,
    "actions.repair.profile": [1],
    "actions.repair.relocation_rate": 0.0,
    "actions.retrofit.life_years": 30,
    "actions.retrofit.profile": [1],
    "actions.retrofit.relocation_rate": 0.0,
    "actions.sell.cost_rate": 0.03,
    "actions.sell.price_rate": 1.0,
    "actions.site.floor_area_ratio": 1.0,
    "risk.failure_cost_share": 0.5,
    "risk.failure_rate_in_d": 0.1,
    "risk.loss_retrofitted": 0.05,
    "risk.loss_unretrofitted": 0.3,
    "risk.strong_shaking_rate": 0.02,
    "running.growth_past_design_life": 0.02,
    "unit_costs.extend.share_of_rebuild": 0.6,
}


@pytest.fixture(scope="session")
def make_workspace(repository: Path) -> Callable[..., Workspace]:
    """Return a maker of workspaces with round figures: horizon, limits, escalation and figures to lay over."""
    sample = read_workspace(repository)

    def make(
        horizon: int = 8, figures: dict[str, Any] | None = None, escalation: float = 0.0, deadline: int | None = None
    ) -> Workspace:
        over = {**ROUND, **(figures or {})}
        laid = {key: replace(figure, value=over.get(key, figure.value)) for key, figure in sample.figures.items()}
        assert set(over) <= set(laid), set(over) - set(laid)
        case = sample.config.case.model_copy(
            update={"start_year": START, "horizon_years": horizon, "construction_escalation_rate": escalation}
        )
        limits = sample.config.limits.model_copy(update={"seismic_deadline_year": deadline})
        config = sample.config.model_copy(update={"case": case, "limits": limits})
        return Workspace(sample.root, "base", config, Figures(laid, {}))

    return make


@pytest.fixture(scope="session")
def make_stock() -> Callable[..., Stock]:
    """Return a maker of stocks: a list for a column makes so many facilities, one value holds for all."""

    def make(services: tuple[str, ...] = ("hall",), **given: Any) -> Stock:
        count = max([len(value) for value in given.values() if isinstance(value, list)], default=1)

        def column(name: str, default: Any, dtype: Any = np.float64) -> Any:
            return np.array(np.broadcast_to(np.asarray(given.get(name, default), dtype=dtype), (count,)))

        age = column("age_years", 58, np.int64)
        locked = given.get("locked", [None] * count)
        return Stock(
            facility_ids=tuple(f"F{row}" for row in range(count)),
            services=services,
            districts=("centre",),
            use=column("use", 0, np.int64),
            service=column("service", 0, np.int64),
            district=column("district", 0, np.int64),
            built_year=START - age,
            age_years=age,
            renewed_year=column("renewed_year", START - age, np.int64),
            floor_area_m2=column("floor_area_m2", 1000),
            renovation_cost_per_m2=column("renovation_cost_per_m2", 200_000),
            rebuild_cost_per_m2=column("rebuild_cost_per_m2", 400_000),
            extension_cost_per_m2=column("extension_cost_per_m2", 240_000),
            repair_cost_per_m2=column("repair_cost_per_m2", 120_000),
            demolition_cost_per_m2=column("demolition_cost_per_m2", 30_000),
            retrofit_cost_per_m2=column("retrofit_cost_per_m2", 20_000),
            design_life_years=column("design_life_years", 60),
            running_cost=column("running_cost", 10e6),
            income=column("income", 1e6),
            capacity=column("capacity", 50),
            needs_retrofit=column("needs_retrofit", 0, np.bool_),
            is_listed=column("is_listed", 0, np.bool_),
            is_leased_in=column("is_leased_in", 0, np.bool_),
            locked=tuple(locked),
            site_area_m2=column("site_area_m2", 2000),
            land_price_per_m2=column("land_price_per_m2", 50_000),
            x_m=column("x_m", 0),
            y_m=column("y_m", 0),
            grades=np.full((count, 5), given.get("grade", 3), dtype=np.int8),
            guesses=pd.DataFrame(columns=["facility_id", "column", "value", "rule_ja", "rule_en"]),
        )

    return make


@pytest.fixture(scope="session")
def make_services() -> Callable[..., pd.DataFrame]:
    """Return a maker of service tables: a service that anyone may close, and changes to it by service."""

    def make(**changes: dict[str, Any]) -> pd.DataFrame:
        free = {
            "use": "civic_culture",
            "demand": "none",
            "standard_rate": 1.0,
            "local_rate": 0.0,
            "reach_m": np.nan,
            "merge_group": "halls",
            "is_closable": True,
            "convert_to": "",
        }
        rows = {name: {**free, **change} for name, change in ({"hall": {}} | changes).items()}
        return pd.DataFrame.from_dict(rows, orient="index")

    return make


@pytest.fixture(scope="session")
def pick() -> Callable[..., int]:
    """Return a finder of the one life plan with that action, first year index and number of events."""

    def find(
        plans: LifePlans, action: str, year: int | None = None, *, facility: int = 0, events: int | None = None
    ) -> int:
        fit = (plans.kind == ACTION_CODES.index(action)) & (plans.facility == facility)
        if year is not None:
            fit &= plans.event_year[:, 0] == year
        if events is not None:
            fit &= (plans.event_action >= 0).sum(axis=1) == events
        (row,) = np.flatnonzero(fit)
        return int(row)

    return find
