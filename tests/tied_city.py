"""A small city at random whose facilities are tied by hosts and coverage."""

from __future__ import annotations

import numpy as np

from fmtool.schedule.families import FAMILIES
from fmtool.schedule.inputs import Hosting, ScheduleInputs, ServiceArea, Services


def city(seed: int, facilities: int = 4, years: int = 3) -> ScheduleInputs:
    """Facilities that stay, are rebuilt, close or merge into the next one; two areas to be served; a yearly budget."""
    rng = np.random.default_rng(seed)
    kinds = [(f, kind, year) for f in range(facilities) for kind in ("stay", "close", "merge") for year in range(years)]
    facility = np.array([f for f, _, _ in kinds], dtype=np.int32)
    leaves = np.array([year if kind != "stay" else years for _, kind, year in kinds], dtype=np.int32)
    merges = np.array([kind == "merge" for _, kind, _ in kinds])
    host = np.where(merges, (facility + 1) % facilities, -1).astype(np.int32)
    outlay = np.zeros((len(kinds), years))
    outlay[np.arange(len(kinds)), [year for _, _, year in kinds]] = rng.integers(1, 8, len(kinds))
    areas = tuple(
        ServiceArea(f"area {a}", 0, rng.random(facilities) < 0.8, np.full(years, 10.0), keep_one=True) for a in range(2)
    )
    capacity = rng.integers(8, 20, facilities).astype(float)
    return ScheduleInputs(
        years=tuple(range(2026, 2026 + years)),
        facility_ids=tuple(f"F{f}" for f in range(facilities)),
        facility=facility,
        objective=rng.integers(5, 60, len(kinds)).astype(float),
        outlay=outlay,
        budget=np.full(years, float(rng.integers(5, 14))),
        services=Services(
            np.zeros(facilities, dtype=np.int32), capacity, leaves, np.where(merges, 0, -1).astype(np.int32), host,
            np.where(merges, 0.8 * capacity[facility], 0.0), areas,
        ),
        hosting=Hosting(
            host, np.where(merges, leaves, years).astype(np.int32), np.where(merges, leaves, years).astype(np.int32),
            np.where(merges, 5.0, 0.0), np.where(leaves == years, 0, years).astype(np.int32), np.full(facilities, 8.0),
        ),
    )  # fmt: skip


def rows_of(case: ScheduleInputs):
    return [rows for family in FAMILIES if (rows := family.rows(case)) is not None]
