"""The conventional way beside the plan: its works are the baseline's, facility by facility."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from fmtool.inventory import read_inventory
from fmtool.lifecycle.costs import renewal_costs
from fmtool.lifecycle.stock import build_stock
from fmtool.schedule.result import STATE_CODES
from fmtool.schedule.store import write_results
from fmtool.views.map_replace import replace_plan
from fmtool.views.map_scenarios import other_plans


@pytest.fixture
def city(workspace, result_of):
    """Give the sample's facilities a plan, with the sample's own baseline."""
    inventory = read_inventory(workspace)
    ids = inventory.buildings["id"]
    result = result_of(len(ids))
    renamed = dict(zip(result.facilities["facility_id"], ids.astype(str), strict=True))
    stock = build_stock(inventory, workspace)
    events = result.events.assign(
        facility_id=result.events["facility_id"].map(renamed), host_id=result.events["host_id"].map(renamed)
    )
    result = dataclasses.replace(
        result,
        facilities=result.facilities.assign(facility_id=list(renamed.values())),
        events=events,
        baselines={"replace": renewal_costs(stock, workspace).replace_total},
        curves={},
    )
    return result, inventory, workspace, stock


def test_its_works_add_up_to_the_baseline(city):
    result, inventory, workspace, _ = city
    shown = replace_plan(result, inventory, workspace)
    assert shown.yearly["outlay"].to_numpy() == pytest.approx(result.baselines["replace"])
    assert shown.spend_by_action.sum(axis=1).to_numpy() == pytest.approx(result.baselines["replace"])
    assert shown.facility_outlay.sum(axis=0) == pytest.approx(result.baselines["replace"])
    assert set(np.unique(shown.state)) == {STATE_CODES.index("open"), STATE_CODES.index("works")}


def test_a_building_of_59_is_rebuilt_next_year(city):
    result, inventory, workspace, stock = city
    name = stock.facility_ids[int(np.flatnonzero(stock.age_years == 55)[0])]
    shown = replace_plan(result, inventory, workspace)
    works = shown.events[shown.events["facility_id"] == name].set_index("action")
    first = result.years[0]
    assert works.loc["rebuild", ["start_year", "end_year"]].tolist() == [first + 5, first + 7]
    assert works.loc["renovate", ["start_year", "end_year"]].tolist() == [first + 35, first + 36]
    row = shown.facilities.index[shown.facilities["facility_id"] == name][0]
    assert shown.condition[row, 7] > 95 > shown.condition[row, 4]


def test_changed_inputs_leave_it_out(city):
    result, inventory, workspace, _ = city
    other = dataclasses.replace(result, baselines={"replace": result.baselines["replace"] * 1.01})
    assert replace_plan(other, inventory, workspace) is None
    fewer = dataclasses.replace(result, facilities=result.facilities.iloc[1:])
    assert replace_plan(fewer, inventory, workspace) is None


def test_other_scenarios_of_the_same_city_are_found(financed, tmp_path):
    alike = dataclasses.replace(financed, scenario="alike")
    shorter = dataclasses.replace(financed, scenario="shorter", years=financed.years[:-1])
    for plan in (financed, alike, shorter):
        folder = tmp_path / plan.scenario
        folder.mkdir()
        write_results(plan, folder)
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "plan.json").write_text("{}", encoding="utf-8")
    assert [plan.scenario for plan in other_plans(financed, tmp_path)] == ["alike"]
