"""The tables and files of `costs` and `curve`, held to the arrays they are made from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fmtool.alternatives import life_plans
from fmtool.errors import UsageError
from fmtool.inventory import read_inventory, read_services
from fmtool.lifecycle.costs import renewal_costs, yearly_budget
from fmtool.lifecycle.stock import build_stock
from fmtool.units import MILLION
from fmtool.views.costs import COSTS_CSV, COSTS_PNG, costs_by_use, write_costs, yearly_costs
from fmtool.views.curve import curves_table, facility_alternatives, read_curves, write_curves
from fmtool.workspace import read_workspace

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def sample(repository):
    """Read the sample once for the module."""
    workspace = read_workspace(repository)
    stock = build_stock(read_inventory(workspace), workspace)
    return workspace, stock, life_plans(stock, read_services(workspace), workspace)


def test_the_written_costs_add_up_by_action_and_by_use(sample, tmp_path):
    workspace, stock, _ = sample
    need = renewal_costs(stock, workspace)
    budget = yearly_budget(workspace.config, need.replace_total)
    table, picture = write_costs(need, budget, tmp_path, "ja", "JPY")
    assert (table.name, picture.name) == (COSTS_CSV, COSTS_PNG)
    assert picture.read_bytes().startswith(PNG)
    assert table.read_bytes().startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(table, index_col="year")
    assert list(read.index) == list(workspace.config.case.years)
    for kind in ("replace", "extend"):
        parts = read.filter(regex=f"^{kind}_").sum(axis=1)
        np.testing.assert_allclose(parts, read[kind], atol=3)  # each cell is rounded to a yen
        assert costs_by_use(need)[kind].sum() == pytest.approx(read[kind].sum(), abs=len(read))
    share = workspace.config.budget.share_of_replace_mean
    assert read["budget"].iloc[0] == pytest.approx(share * yearly_costs(need, budget)["replace"].mean(), abs=1)


def test_each_alternative_is_the_cheapest_of_its_action(sample):
    workspace, _, plans = sample
    rate = workspace.config.case.discount_rate
    found = facility_alternatives(plans, "T001", rate)
    assert len({each.action for each in found}) == len(found) >= 3
    present = [float(each.curve.present) for each in found]
    assert present == sorted(present)
    own = np.flatnonzero(plans.facility == plans.facility_ids.index("T001"))
    years = np.arange(1, len(plans.years) + 1)
    yearly = plans.outlay + plans.running + plans.risk - plans.income
    for each in found:
        same = [row for row in own if plans.label(row)[0] == each.action]
        worked = [
            MILLION * (sum(yearly[row] / (1 + rate) ** years) - plans.residual[row] / (1 + rate) ** years[-1])
            for row in same
        ]
        assert float(each.curve.present) == pytest.approx(min(worked))


def test_an_unknown_facility_is_refused_with_those_that_exist(sample):
    workspace, _, plans = sample
    with pytest.raises(UsageError, match=r"no facility `nowhere`") as caught:
        facility_alternatives(plans, "nowhere", workspace.config.case.discount_rate)
    assert "T001" in caught.value.say("en")


def test_the_written_curves_are_those_shown(workspace, tmp_path):
    told = []
    curves = read_curves(workspace, "T001", told.append)
    table, picture = write_curves(curves, tmp_path, "en")
    assert len(told) == 2
    assert picture.read_bytes().startswith(PNG)
    read = pd.read_csv(table, index_col="year")
    assert list(read.columns) == list(curves_table(curves).columns)
    for each in curves.alternatives:
        np.testing.assert_allclose(read[f"{each.action}_cumulative_cost"], each.curve.cumulative, atol=0.5)
    assert not {each.action for each in curves.alternatives} & set(curves.barred)


def test_a_facility_without_cost_has_no_curve(workspace):
    inventory = read_inventory(workspace)
    tenant = inventory.buildings.loc[~inventory.buildings["is_costed"], "id"].iloc[0]
    with pytest.raises(UsageError):
        read_curves(workspace, str(tenant), lambda _stage: None)
