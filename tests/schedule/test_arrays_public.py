"""Public multiple-choice knapsacks through ``solve_arrays``; read beside the checkout, skipped where absent."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from fmtool.schedule.arrays import solve_arrays

BENCH = Path(__file__).resolve().parents[3] / "shared" / "data" / "bench"
ABSENT = "the public instances (../shared/data/bench) are not on this machine"
SLOW = {"I04"}  # HiGHS needs about 75 CPU seconds for the proof: held to its bounds, and to half a per cent meanwhile


def instances(*kinds: str, is_proven: bool = True) -> list[object]:
    index = BENCH / "index.csv"
    rows = []
    if index.is_file():
        with index.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["set"] in kinds]
    rows = [row for row in rows if (row["kind"].startswith("optimal") and row["instance"] not in SLOW) == is_proven]
    if not rows:
        return [pytest.param(None, id="absent", marks=pytest.mark.skip(reason=ABSENT))]
    return [pytest.param(row, id=row["instance"]) for row in rows]


@pytest.fixture(scope="session")
def readers():
    """Return the readers that lie beside the instances."""
    spec = importlib.util.spec_from_file_location("bench_io", BENCH / "bench_io.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ROOT = BENCH
    return module


def arrays(readers, row):
    if row["set"] == "mmkp_khan":
        _, capacity, groups = readers.khan(row["instance"])
    else:
        held = {name: (capacity, groups) for name, capacity, groups in readers.hiremath(Path(row["file"]).name)}
        capacity, groups = held[row["instance"]]
    facility = np.repeat(np.arange(len(groups)), [len(value) for value, _ in groups])
    value, use = (np.concatenate([group[part] for group in groups]) for part in (0, 1))
    return -value, facility, use, capacity


@pytest.mark.parametrize("row", instances("mmkp_khan", "mmkp_hiremath"))
def test_a_knapsack_reaches_its_known_optimum(readers, row):
    found = solve_arrays(*arrays(readers, row), gap=0.0, time_limit_s=120)
    assert -found.objective == pytest.approx(float(row["known"]), abs=1e-6)
    assert found.is_optimal
    assert found.bound == pytest.approx(found.objective, rel=1e-6)


@pytest.mark.parametrize("row", instances("mmkp_khan", is_proven=False))
def test_a_knapsack_hard_to_prove_stays_within_its_known_bounds(readers, row):
    cost, facility, use, capacity = arrays(readers, row)
    found = solve_arrays(cost, facility, use, capacity, gap=0.002, time_limit_s=20)
    known, upper = float(row["lower"] or row["known"]), float(row["upper"] or row["known"])
    assert (use[found.choice].sum(axis=0) <= capacity).all()
    assert -found.bound >= known - 1e-6
    assert (1 - 0.005) * known <= -found.objective <= upper + 1e-6
