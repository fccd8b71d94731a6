"""The sample of Nagareyama, planned whole: what pays, what is owed and both ratios, added up again from the bonds alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fmtool.finance.bonds import debt_service, outstanding
from fmtool.finance.city import read_city_finance
from fmtool.finance.programmes import read_programmes
from fmtool.finance.ratios import future_burden_ratio, real_debt_service_ratio, three_year_mean
from fmtool.schedule.result import SOURCES, PlanResult
from fmtool.schedule.run import plan_schedule
from fmtool.workspace import Workspace, init_workspace, read_workspace

TIGHT = {"debt_service_ratio": 0.032, "future_burden_ratio": 0.58, "outstanding_to_budget": 0.71}
"""Below what the plan under the ordinance reaches."""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Workspace, PlanResult]]:
    folder = tmp_path_factory.mktemp("audit") / "city"
    init_workspace(folder, "nagareyama")
    given = read_workspace(folder).with_solver(gap=0.02, time_limit_s=60)
    limits = given.config.limits.model_copy(update=TIGHT)
    tight = replace(given, config=given.config.model_copy(update={"limits": limits}))
    return {name: (each, plan_schedule(each)) for name, each in (("ordinance", given), ("tight", tight))}


@pytest.fixture(params=["ordinance", "tight"])
def planned(
    request: pytest.FixtureRequest, both: dict[str, tuple[Workspace, PlanResult]]
) -> tuple[Workspace, PlanResult]:
    return both[request.param]


def test_what_pays_adds_up_and_so_does_own_burden(planned: tuple[Workspace, PlanResult]) -> None:
    _, plan = planned
    yearly = plan.yearly
    assert np.abs(yearly[list(SOURCES)].sum(axis=1) - yearly.outlay).max() < 1
    assert (yearly[list(SOURCES)] >= 0).all(axis=None)
    own = yearly.outlay - yearly.national_subsidy - yearly.prefectural_subsidy - yearly.bonds
    own = own + yearly.debt_service - yearly.tax_grant - yearly.income
    assert np.abs(own - yearly.own_burden).max() < 1


def test_debt_and_ratios_follow_from_the_list_of_bonds(planned: tuple[Workspace, PlanResult]) -> None:
    workspace, plan = planned
    city = read_city_finance(workspace, plan.years)
    assert city is not None
    horizon = len(plan.years)
    issued, service, grant, owed, coming = (np.zeros(horizon) for _ in range(5))
    for bond in plan.bonds.itertuples():
        begin = bond.year - plan.years[0]
        left = horizon - begin
        paid = bond.amount * debt_service(bond.interest_rate, bond.term_years, bond.grace_years)[:left]
        still = bond.amount * outstanding(bond.interest_rate, bond.term_years, bond.grace_years)[:left]
        span = slice(begin, begin + len(paid))
        issued[begin] += bond.amount
        service[span] += paid
        grant[span] += bond.grant_rate * paid
        owed[span] += still
        coming[span] += bond.grant_rate * still
    yearly = plan.yearly
    assert issued.sum() > 0
    for told, found in (("bonds", issued), ("debt_service", service), ("tax_grant", grant)):
        assert yearly[told].to_numpy() == pytest.approx(found, abs=1)
    assert yearly.bond_outstanding.to_numpy() == pytest.approx(city.outstanding + owed, abs=1)
    ratio = real_debt_service_ratio(
        city.debt_service + service, city.specific_revenue, city.grant_in_need + grant, city.standard_fiscal_size
    )
    burden = future_burden_ratio(
        city.outstanding + owed + city.other_burden,
        city.other_funds + yearly.fund_balance.to_numpy(),
        city.expected_specific_revenue,
        city.expected_grants + coming,
        city.grant_in_need + grant,
        city.standard_fiscal_size,
    )
    assert yearly.debt_service_ratio.to_numpy() == pytest.approx(ratio, abs=1e-9)
    assert yearly.future_burden_ratio.to_numpy() == pytest.approx(burden, abs=1e-9)
    assert city.past_ratios is not None
    mean = three_year_mean([*city.past_ratios, *ratio])[2:]
    assert yearly.debt_service_ratio_3y.to_numpy() == pytest.approx(mean, abs=1e-9)


def test_every_limit_of_the_ordinance_is_kept(planned: tuple[Workspace, PlanResult]) -> None:
    workspace, plan = planned
    limits, yearly = workspace.config.limits, plan.yearly
    for limit, ratio in (
        (limits.debt_service_ratio, yearly.debt_service_ratio),
        (limits.future_burden_ratio, yearly.future_burden_ratio),
        (limits.outstanding_to_budget, yearly.bond_outstanding / yearly.budget_size),
    ):
        assert limit is not None
        assert ratio.max() <= limit + 1e-7


def test_every_bond_is_its_programmes_and_within_its_years_and_share(planned: tuple[Workspace, PlanResult]) -> None:
    workspace, plan = planned
    programmes = {each.code: each for each in read_programmes(workspace)}
    for bond in plan.bonds.itertuples():
        programme = programmes[bond.programme]
        assert programme.valid_to is None or bond.year <= programme.valid_to
        assert bond.term_years <= programme.term_years
        assert (bond.interest_rate, bond.grant_rate) == (programme.interest_rate, programme.grant_rate)
    events: pd.DataFrame = plan.events
    subsidy = events.national_subsidy + events.prefectural_subsidy
    most = max(each.bond_share for each in programmes.values())
    assert (events.bonds <= most * (events.cost - subsidy) + 1).all()
    assert (events.loc[events.programme == "", ["bonds", "national_subsidy"]] == 0).all(axis=None)


def test_tighter_limits_bind_and_never_lower_the_cost(both: dict[str, tuple[Workspace, PlanResult]]) -> None:
    loose, tight = both["ordinance"][1], both["tight"][1]
    assert tight.objective >= loose.best_bound
    assert loose.yearly.debt_service_ratio.max() > TIGHT["debt_service_ratio"]
    assert loose.yearly.future_burden_ratio.max() > TIGHT["future_burden_ratio"]
