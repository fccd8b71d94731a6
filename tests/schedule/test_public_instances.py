"""Public instances with a known optimum, put into the schedule's families and solved to it.

What runs: MMKP (Khan I01-I06, Hiremath and Hill: one resource = one year's budget), GAP (Cattrysse gap1-3: one
agent = one year's budget), single-source location (Beasley p1-p8: a customer merges into a depot with room),
p-median (pmed1-5: a node stays open or merges into one that does; staff for p open ones). Khan I07 and I10,
whose optimum nobody has published, are held against their published bounds.

The files have no licence to be copied: they are read beside the checkout, and without them the tests are skipped.
"""

from __future__ import annotations

import csv
import importlib.util
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from strategies import LONG, LONG_RUN

from fmtool.schedule.inputs import Hosting, ScheduleInputs
from fmtool.schedule.problem import SolveOptions
from fmtool.schedule.solving import solve_schedule

BENCH = Path(__file__).resolve().parents[3] / "shared" / "data" / "bench"
ABSENT = "the public instances (../shared/data/bench) are not on this machine"
EXACT = SolveOptions(gap=0.0, time_limit_s=300)
QUICKER_WITH_CBC = {"I04"}  # HiGHS needs minutes for the proof, CBC at best one: of the long run only
DIRECTION = {"min": 1, "max": -1}
COUNTS = {"mmkp_khan": 8, "mmkp_hiremath": 60, "gap_min": 15, "sscflp_beasley_small": 8, "pmedian": 5}
CANNOT_BE_SAID = {"cflp_split": "a customer may be split between depots here; a facility moves whole"}


def listed() -> list[dict[str, str]]:
    index = BENCH / "index.csv"
    if not index.is_file():
        return []
    with index.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def instances(*kinds: str, is_proven: bool = True) -> list[object]:
    rows = [row for row in listed() if row["set"] in kinds and row["kind"].startswith("optimal") == is_proven]
    if not rows:
        return [pytest.param(None, id="absent", marks=pytest.mark.skip(reason=ABSENT))]
    return [pytest.param(row, id=row["instance"], marks=long_run(row["instance"])) for row in rows]


def long_run(instance: str) -> list[pytest.MarkDecorator]:
    is_skipped = instance in QUICKER_WITH_CBC and not LONG
    return [pytest.mark.skip(reason=f"{instance} takes minutes: {LONG_RUN}")] if is_skipped else []


@pytest.fixture(scope="session")
def readers() -> ModuleType:
    """Return the readers that lie beside the instances."""
    if not (BENCH / "bench_io.py").is_file():
        pytest.skip(ABSENT)
    spec = importlib.util.spec_from_file_location("bench_io", BENCH / "bench_io.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ROOT = BENCH
    return module


def choices(per_facility: list[tuple[np.ndarray, np.ndarray]], budget: np.ndarray) -> ScheduleInputs:
    """One facility a group, one life plan an item, one year's budget a resource."""
    return ScheduleInputs(
        years=tuple(range(1, len(budget) + 1)),
        facility_ids=tuple(f"g{g}" for g in range(len(per_facility))),
        facility=np.repeat(np.arange(len(per_facility)), [len(cost) for cost, _ in per_facility]).astype(np.int32),
        objective=np.concatenate([cost for cost, _ in per_facility]),
        outlay=np.concatenate([use for _, use in per_facility]),
        budget=budget,
    )


def location(
    fixed: np.ndarray, room: np.ndarray, demand: np.ndarray, cost: np.ndarray, *, most_open: float | None, is_same: bool
) -> ScheduleInputs:
    """Open or closed depots into which customers merge; with ``is_same`` every customer is itself a depot.

    ``cost[depot, customer]``; a depot that is itself a customer merges elsewhere instead of closing.
    """
    depots, customers = cost.shape
    first = 0 if is_same else depots
    plans = [(d, fixed[d], -1, 0.0, 0) for d in range(depots)]
    if not is_same:
        plans += [(d, 0.0, -1, 0.0, 1) for d in range(depots)]
    plans += [
        (first + c, cost[d, c], d, demand[c], 1) for c in range(customers) for d in range(depots) if first + c != d
    ]
    plans.sort(key=lambda plan: plan[0])
    facility, objective, host, moved, host_from = (np.array(column) for column in zip(*plans, strict=True))
    count = first + customers
    moves = np.where(host >= 0, 0, 1).astype(np.int32)
    return ScheduleInputs(
        years=(1,),
        facility_ids=tuple(f"f{f}" for f in range(count)),
        facility=facility.astype(np.int32),
        objective=objective.astype(float),
        outlay=np.zeros((len(facility), 1)),
        hosting=Hosting(
            host.astype(np.int32), moves, moves, moved.astype(float), host_from.astype(np.int32),
            np.concatenate([room, np.zeros(count - depots)]),
        ),
        works=(host_from == 0)[:, None],
        works_limit=None if most_open is None else np.array([most_open]),
    )  # fmt: skip


def mmkp(readers: ModuleType, row: dict[str, str]) -> ScheduleInputs:
    if row["set"] == "mmkp_khan":
        _, capacity, groups = readers.khan(row["instance"])
    else:
        held = {name: (capacity, groups) for name, capacity, groups in readers.hiremath(Path(row["file"]).name)}
        capacity, groups = held[row["instance"]]
    return choices([(-value, use) for value, use in groups], capacity)


def assignment(readers: ModuleType, row: dict[str, str]) -> ScheduleInputs:
    cost, weight, capacity = readers.gap(row["instance"])
    return choices([(cost[:, job], np.diag(weight[:, job])) for job in range(cost.shape[1])], capacity)


def single_source(readers: ModuleType, row: dict[str, str]) -> ScheduleInputs:
    capacity, fixed, demand, cost = readers.sscflp("beasley_small", row["instance"])
    return location(fixed, capacity, demand, cost, most_open=None, is_same=False)


def median(readers: ModuleType, row: dict[str, str]) -> ScheduleInputs:
    distance, most_open = readers.pmed(int(row["instance"].removeprefix("pmed")))
    count = len(distance)
    zero = np.zeros(count)
    return location(zero, zero, zero, distance, most_open=float(most_open), is_same=True)


def solves(
    make: Callable[[ModuleType, dict[str, str]], ScheduleInputs], readers: ModuleType, row: dict[str, str]
) -> None:
    solver = "cbc" if row["instance"] in QUICKER_WITH_CBC else "highs"
    solution = solve_schedule(make(readers, row), replace(EXACT, solver=solver))
    # Half a unit of the last digit printed: 1014099.61 stands for anything between …605 and …615.
    _, _, decimals = row["known"].partition(".")
    tolerance = 1e-6 + (0.5 * 10.0 ** -len(decimals) if decimals.strip("0") else 0.0)
    assert DIRECTION[row["sense"]] * solution.objective == pytest.approx(float(row["known"]), abs=tolerance)
    assert solution.is_optimal
    assert solution.best_bound == pytest.approx(solution.objective, rel=1e-6)


@pytest.mark.parametrize("row", instances("mmkp_khan", "mmkp_hiremath"))
def test_a_multiple_choice_knapsack_reaches_its_known_optimum(readers, row):
    solves(mmkp, readers, row)


@pytest.mark.parametrize("row", instances("gap_min"))
def test_an_assignment_to_agents_reaches_its_known_optimum(readers, row):
    solves(assignment, readers, row)


@pytest.mark.parametrize("row", instances("sscflp_beasley_small"))
def test_customers_merged_into_depots_reach_the_known_optimum(readers, row):
    solves(single_source, readers, row)


@pytest.mark.parametrize("row", instances("pmedian"))
def test_nodes_merged_into_p_open_ones_reach_the_known_optimum(readers, row):
    solves(median, readers, row)


@pytest.mark.parametrize("row", instances("mmkp_khan", is_proven=False))
def test_a_knapsack_without_known_optimum_stays_within_its_published_bounds(readers, row):
    solution = solve_schedule(mmkp(readers, row), SolveOptions(gap=0.002, time_limit_s=20))
    best_known, upper = float(row["lower"]), float(row["upper"])
    assert -solution.objective <= upper + 1e-6
    assert -solution.objective >= 0.998 * best_known
    assert -solution.best_bound >= best_known - 1e-6


@pytest.mark.parametrize("row", instances(*CANNOT_BE_SAID))
def test_an_instance_the_families_cannot_express_is_left_out(row):
    pytest.skip(f"{row['instance']}: {CANNOT_BE_SAID[row['set']]}")


def test_no_listed_instance_goes_missing(record_property):
    if not listed():
        pytest.skip(ABSENT)
    counts = Counter(row["set"] for row in listed())
    record_property("instances", dict(counts))
    print("run:", ", ".join(f"{name} {counts[name]}" for name in COUNTS))  # noqa: T201  - shown by pytest -rP
    assert {name: counts[name] for name in COUNTS} == COUNTS
    assert set(counts) == {*COUNTS, *CANNOT_BE_SAID}
