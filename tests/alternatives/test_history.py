"""Works done or approved: what is left to choose after them, at what cost, and the faults of their file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fmtool.alternatives.generate import life_plans
from fmtool.alternatives.history import Work
from fmtool.alternatives.lifeplans import ACTION_CODES
from fmtool.alternatives.works import read_works
from fmtool.errors import InventoryError, UsageError
from fmtool.inventory import read_inventory, read_services
from fmtool.lifecycle.stock import build_stock
from fmtool.workspace import read_workspace


@pytest.fixture(scope="module")
def city(repository):
    workspace = read_workspace(repository)
    stock = build_stock(read_inventory(workspace), workspace)
    return workspace, stock, read_services(workspace)


def own(plans, facility: int) -> np.ndarray:
    return np.flatnonzero(plans.facility == facility)


def events(plans, row: int) -> list[tuple[str, int]]:
    used = plans.event_action[row] >= 0
    return [
        (ACTION_CODES[a], int(y))
        for a, y in zip(plans.event_action[row][used], plans.event_year[row][used], strict=True)
    ]


def test_every_life_plan_begins_with_the_works_done_at_their_cost(city):
    workspace, stock, services = city
    work = Work(5, "renovate", 2, 123.0)
    plans = life_plans(stock, services, workspace.planned_from(2030), [work])
    rows = own(plans, 5)
    assert rows.size >= 2
    for row in rows:
        assert events(plans, row)[0] == ("renovate", 2)
        assert plans.event_cost[row, 0] == pytest.approx(123.0)
        assert plans.outlay[row, 2:4].sum() == pytest.approx(123.0)  # two years of works
        assert plans.outlay[row, :2].sum() == 0
        assert all(year >= 4 for _, year in events(plans, row)[1:])
    assert {events(plans, row)[1][0] for row in rows if len(events(plans, row)) > 1} >= {"rebuild", "demolish"}


def test_nothing_else_begins_before_planning_does(city):
    workspace, stock, services = city
    plans = life_plans(stock, services, workspace.planned_from(2031), [])
    first = np.where(plans.event_year[:, 0] >= 0, plans.event_year[:, 0], 99)
    assert first.min() == 5
    free = life_plans(stock, services, workspace, [])
    assert free.event_year[free.event_year >= 0].min() == 0
    assert len(plans) < len(free)


def test_a_merger_that_has_begun_is_cleared_away_afterwards(city):
    workspace, stock, services = city
    free = life_plans(stock, services, workspace, [])
    merging = np.flatnonzero((free.kind == ACTION_CODES.index("merge")) & (free.event_year[:, 0] == 2))
    f, host = int(free.facility[merging[0]]), int(free.host[merging[0]])
    plans = life_plans(stock, services, workspace.planned_from(2029), [Work(f, "merge", 2, None, host)])
    rows = own(plans, f)
    assert {int(plans.host[row]) for row in rows} == {host}
    assert all([action for action, _ in events(plans, row)][:2] == ["merge", "demolish"] for row in rows)
    assert (plans.leave_year[rows] == free.leave_year[merging[0]]).all()


def test_a_work_that_no_rule_would_allow_is_kept_to_all_the_same(city):
    workspace, stock, services = city
    young = int(np.argmin(stock.age_years))
    plans = life_plans(stock, services, workspace.planned_from(2028), [Work(young, "rebuild", 0, 50.0)])
    rows = own(plans, young)
    assert [events(plans, row) for row in rows] == [[("rebuild", 0), ("renovate", 33)]]


def test_planning_again_begins_within_the_plan(city):
    workspace, *_ = city
    with pytest.raises(UsageError):
        workspace.planned_from(2026)
    with pytest.raises(UsageError):
        workspace.planned_from(2066)


def test_the_file_of_works_is_read_in_japanese_with_every_fault_told(workspace, city):
    _, stock, _ = city
    files = workspace.config.files.model_copy(update={"works": "facilities/works.csv"})
    given = replace(workspace, config=workspace.config.model_copy(update={"files": files}))
    path = workspace.path("facilities/works.csv")
    name, other = stock.facility_ids[3], stock.facility_ids[4]
    head = "施設ID,対策,開始年度,実績額,統合先,状態\n"
    path.write_bytes((head + f'{name},大規模改修,令和９年度,"１２，０００，０００",,実施済\n').encode("cp932"))
    assert read_works(given, stock) == (Work(3, "renovate", 1, 12.0),)
    path.write_text(
        head + f"X99,大規模改修,2027,,,\n{name},塗装,2027,,,\n{name},repair,2020,,,\n{other},merge,2028,-5,,\n"
        f"{other},rebuild,2030,,,中止\n",
        encoding="utf-8",
    )
    with pytest.raises(InventoryError) as caught:
        read_works(given, stock)
    assert len(caught.value.faults) == 6
    path.write_text(head + f"{name},除却,2027,,,\n{name},大規模改修,2029,,,\n", encoding="utf-8")
    with pytest.raises(InventoryError, match=name):
        read_works(given, stock)
