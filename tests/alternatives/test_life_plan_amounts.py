"""Every family worked out by hand, year by year, for the facility of ``conftest.py``; millions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from fmtool.alternatives import ACTION_CODES, LifePlans, life_plans, objective
from fmtool.lifecycle.stock import Stock
from fmtool.workspace import Workspace

NEVER = 8
AGING = [10, 10, 10, 10.2, 10.4, 10.6, 10.8, 11]
"""Running cost of a building 58 years old: 2 % a year past its design life of 60."""

Make = Callable[..., Workspace]
MakeStock = Callable[..., Stock]
MakeServices = Callable[..., pd.DataFrame]
Pick = Callable[..., int]


@pytest.fixture
def plans(make_workspace: Make, make_stock: MakeStock, make_services: MakeServices) -> LifePlans:
    services = make_services(hall={"convert_to": "club"}, club={})
    return life_plans(make_stock(), services, make_workspace())


def events(plans: LifePlans, row: int) -> list[tuple[str, int, int]]:
    """Return action, year index and duration of each event."""
    return [
        (ACTION_CODES[action], int(year), int(years))
        for action, year, years in zip(
            plans.event_action[row], plans.event_year[row], plans.event_years[row], strict=True
        )
        if action >= 0
    ]


def test_keep_spends_nothing_and_runs_the_cost_and_risk_of_its_age(plans: LifePlans, pick: Pick) -> None:
    row = pick(plans, "keep")
    assert events(plans, row) == []
    assert_allclose(plans.outlay[row], 0)
    assert_allclose(plans.running[row], AGING)
    # All parts in D: 0.6 of rebuilding * 0.1 a year * 0.5 = 3 % of 400.
    assert_allclose(plans.risk[row], 12)
    assert_allclose(plans.income[row], 1)
    assert_allclose(plans.floor_m2[row], 1000)
    assert_allclose(plans.condition[row], 10)
    assert plans.residual[row] == 0
    assert not plans.works[row].any()
    assert (plans.leave_year[row], plans.host_from[row], plans.after_site[row]) == (NEVER, NEVER, -1)


def test_a_young_sound_building_is_a_host_from_the_start_and_keeps_value(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices, pick: Pick
) -> None:
    plans = life_plans(make_stock(age_years=10, grade=0), make_services(), make_workspace())
    row = pick(plans, "keep")
    assert plans.host_from[row] == 0
    assert plans.residual[row] == pytest.approx(400 * 42 / 60)
    assert_allclose(plans.risk[row], 0, atol=1e-9)


def test_works_done_before_the_plan_leave_their_unused_value(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices, pick: Pick
) -> None:
    plans = life_plans(make_stock(renewed_year=2022), make_services(), make_workspace())
    # Renovated 2022, so 12 of 30 years are used when the plan ends with 2033.
    assert plans.residual[pick(plans, "keep")] == pytest.approx(200 * 18 / 30)


def test_repair_betters_its_parts_and_comes_again(plans: LifePlans, pick: Pick) -> None:
    row = pick(plans, "repair", 2)
    assert events(plans, row) == [("repair", 2, 1), ("repair", 6, 1)]
    assert_allclose(plans.outlay[row], [0, 0, 132, 0, 0, 0, 132, 0])
    assert_allclose(plans.event_cost[row, :2], 132)
    # Roof, exterior and mechanical weigh 29.6 of 60: 10 + 90 * 29.6 / 60, and 30.4 of 60 stay in D.
    assert_allclose(plans.condition[row], [10, 10] + [54.4] * 6, rtol=1e-6)
    assert_allclose(plans.risk[row], [12, 12] + [6.08] * 6)
    assert_allclose(plans.running[row], AGING)
    # Done in year indices 2 and 6 of 8 and in use from those years on: 6 and 2 of 20 years are used.
    assert plans.residual[row] == pytest.approx(132 * 14 / 20 + 132 * 18 / 20)
    assert plans.host_from[row] == 3


def test_renovate_renews_all_parts_but_not_the_age(plans: LifePlans, pick: Pick) -> None:
    row = pick(plans, "renovate", 1, events=1)
    assert events(plans, row) == [("renovate", 1, 2)]
    assert_allclose(plans.outlay[row], [0, 110, 110, 0, 0, 0, 0, 0])
    assert plans.works[row].tolist() == [False, True, True, False, False, False, False, False]
    assert_allclose(plans.condition[row], [10, 10] + [100] * 6)
    assert_allclose(plans.risk[row], [12, 12] + [0] * 6, atol=1e-9)
    assert_allclose(plans.running[row], AGING)
    # Done in year index 2: used in the 6 years 2 to 7.
    assert plans.residual[row] == pytest.approx(220 * 24 / 30)
    assert plans.host_from[row] == 3


def test_renovate_then_rebuild_counts_what_is_paid_within_the_horizon(plans: LifePlans, pick: Pick) -> None:
    row = pick(plans, "renovate", 1, events=2)
    assert events(plans, row) == [("renovate", 1, 2), ("rebuild", 6, 3)]
    third = 400 / 3
    assert_allclose(plans.outlay[row], [0, 110, 110, 0, 0, 0, third, third])
    assert_allclose(plans.event_cost[row, :2], [220, 400])
    assert plans.residual[row] == pytest.approx(2 * third)
    assert plans.works[row].tolist() == [False, True, True, False, False, False, True, True]


def test_extend_gives_even_running_cost(plans: LifePlans, pick: Pick) -> None:
    row = pick(plans, "extend", 0, events=1)
    assert_allclose(plans.outlay[row], [138, 138, 0, 0, 0, 0, 0, 0])  # 240 * (1 + 0.1 + 0.05)
    assert_allclose(plans.running[row], 10)
    assert_allclose(plans.condition[row], [10] + [100] * 7)
    # Done in year index 1: used in the 7 years 1 to 7. The move leaves nothing.
    assert plans.residual[row] == pytest.approx(240 * 1.1 * 33 / 40)
    assert events(plans, pick(plans, "extend", 0, events=2)) == [("extend", 0, 2), ("rebuild", 6, 3)]


def test_rebuild_ends_the_old_running_cost_risk_and_value(plans: LifePlans, pick: Pick) -> None:
    row = pick(plans, "rebuild", 2)
    third = 400 / 3
    assert_allclose(plans.outlay[row], [0, 0, third, third, third, 0, 0, 0])
    assert_allclose(plans.running[row], [10, 10, 10, 10.2, 10.4, 10, 10, 10])
    assert_allclose(plans.risk[row], [12] * 4 + [0] * 4, atol=1e-9)
    assert_allclose(plans.condition[row], [10] * 4 + [100] * 4)
    # Done in year index 4: used in the 4 years 4 to 7.
    assert plans.residual[row] == pytest.approx(400 * 56 / 60)
    assert (plans.host_from[row], plans.leave_year[row]) == (5, NEVER)


def test_rebuilding_is_followed_by_renovation_within_the_horizon(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices, pick: Pick
) -> None:
    plans = life_plans(make_stock(), make_services(), make_workspace(40))
    assert events(plans, pick(plans, "rebuild", 6)) == [("rebuild", 6, 3), ("renovate", 39, 2)]
    assert events(plans, pick(plans, "rebuild", 7)) == [("rebuild", 7, 3)]
    row = pick(plans, "rebuild_smaller", 0)
    assert events(plans, row) == [("rebuild_smaller", 0, 3), ("renovate", 33, 2)]
    assert_allclose(plans.event_cost[row, :2], [320, 176])


def test_only_the_old_building_pays_for_a_retrofit(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices, pick: Pick
) -> None:
    plans = life_plans(make_stock(needs_retrofit=True), make_services(), make_workspace(40))
    assert_allclose(plans.event_cost[pick(plans, "rebuild", 0), :2], [400, 220])
    assert_allclose(plans.event_cost[pick(plans, "rebuild_smaller", 0), :2], [320, 176])


def test_rebuild_smaller_offers_less_from_completion_on(plans: LifePlans, pick: Pick) -> None:
    row = pick(plans, "rebuild_smaller", 0)
    assert_allclose(plans.outlay[row], [320 / 3] * 3 + [0] * 5)
    assert_allclose(plans.floor_m2[row], [1000, 1000] + [800] * 6)
    assert_allclose(plans.running[row], [10] * 3 + [8] * 5)
    assert_allclose(plans.income[row], [1] * 3 + [0.8] * 5)
    assert (plans.leave_year[row], plans.after_service[row], plans.after_site[row]) == (3, 0, 0)
    assert plans.after_capacity[row] == pytest.approx(40)
    # Done in year index 2: used in the 6 years 2 to 7.
    assert plans.residual[row] == pytest.approx(320 * 54 / 60)
    assert plans.host_from[row] == 3


def test_retrofit_takes_away_the_seismic_risk_alone(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices, pick: Pick
) -> None:
    plans = life_plans(make_stock(needs_retrofit=True), make_services(), make_workspace())
    row = pick(plans, "retrofit", 1)
    assert_allclose(plans.outlay[row], [0, 22, 0, 0, 0, 0, 0, 0])
    assert_allclose(plans.risk[row], [14] + [12] * 7)  # 0.02 * (0.3 - 0.05) of 400 = 2 a year
    assert_allclose(plans.condition[row], 10)
    assert_allclose(plans.risk[pick(plans, "keep")], 14)
    assert_allclose(plans.event_cost[pick(plans, "renovate", 0, events=1), 0], (200 + 20) * 1.1)
    assert_allclose(plans.event_cost[pick(plans, "extend", 0, events=1), 0], (240 + 20) * 1.15)
    assert_allclose(plans.event_cost[pick(plans, "rebuild", 0), 0], 400)


def test_an_unretrofitted_building_is_a_host_only_once_safe(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices, pick: Pick
) -> None:
    plans = life_plans(make_stock(needs_retrofit=True, grade=0), make_services(), make_workspace())
    assert plans.host_from[pick(plans, "keep")] == NEVER
    assert plans.host_from[pick(plans, "retrofit", 2)] == 3


def test_merge_extends_the_host_then_moves_then_clears_and_sells(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices, pick: Pick
) -> None:
    plans = life_plans(make_stock(x_m=[0, 100], is_listed=[True, False]), make_services(), make_workspace())
    assert not ((plans.kind == ACTION_CODES.index("merge")) & (plans.facility == 0)).any()
    plans = life_plans(make_stock(x_m=[0, 100]), make_services(), make_workspace())
    row = pick(plans, "merge", 1)
    assert events(plans, row) == [("merge", 1, 2), ("demolish", 3, 1), ("sell", 4, 1)]
    assert (plans.host[row], plans.leave_year[row], plans.after_site[row], plans.after_service[row]) == (1, 3, 1, 0)
    assert plans.moved_floor_m2[row] == pytest.approx(800)
    assert plans.after_capacity[row] == pytest.approx(50)
    # 800 m2 at 400,000 = 320: with design and the move 355.2; clearing 33; 3 % of a sale at 100.
    assert_allclose(plans.outlay[row], [0, 177.6, 177.6, 33, 3, 0, 0, 0])
    assert_allclose(plans.running[row], [10] * 3 + [7] * 5)
    assert_allclose(plans.risk[row], [12] * 3 + [0] * 5)
    assert_allclose(plans.income[row], [1, 1, 1, 0.5, 100.5, 0.5, 0.5, 0.5])
    assert_allclose(plans.sale_income[row], [0, 0, 0, 0, 100, 0, 0, 0])
    assert_allclose(plans.floor_m2[row], [1000, 1000, 1800] + [800] * 5)
    assert plans.works[row].tolist() == [False, True, True, True, False, False, False, False]
    assert_allclose(plans.condition[row], [10] * 3 + [np.nan] * 5)
    # The extension, done in year index 2, is used in the 6 years 2 to 7.
    assert plans.residual[row] == pytest.approx(320 * 1.1 * 54 / 60)
    assert plans.host_from[row] == NEVER


def test_a_leased_building_is_given_back_after_a_merger(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices, pick: Pick
) -> None:
    plans = life_plans(make_stock(x_m=[0, 100], is_leased_in=[True, False]), make_services(), make_workspace())
    assert events(plans, pick(plans, "merge", 1)) == [("merge", 1, 2)]


def test_convert_offers_another_service_when_its_works_end(plans: LifePlans, pick: Pick) -> None:
    row = pick(plans, "convert", 1)
    assert_allclose(plans.outlay[row], [0, 176, 0, 0, 0, 0, 0, 0])
    assert plans.services == ("hall", "club")
    assert (plans.leave_year[row], plans.after_service[row], plans.after_site[row]) == (2, 1, 0)
    assert plans.after_capacity[row] == pytest.approx(1000)
    assert_allclose(plans.running[row], [10, 10, 5, 5.1, 5.2, 5.3, 5.4, 5.5])
    assert_allclose(plans.income[row], [1, 1, 0, 0, 0, 0, 0, 0])
    assert_allclose(plans.condition[row], [10] + [100] * 7)
    assert_allclose(plans.floor_m2[row], 1000)
    # Done in year index 1: used in the 7 years 1 to 7.
    assert plans.residual[row] == pytest.approx(176 * 23 / 30)
    assert plans.host_from[row] == NEVER


def test_a_converted_building_offers_what_its_new_service_offers_per_floor_area(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices, pick: Pick
) -> None:
    stock = make_stock(("club", "hall"), service=[1, 0, 0], floor_area_m2=[1000, 100, 300], capacity=[50, 10, 30])
    services = make_services(hall={"convert_to": "club"}, club={})
    plans = life_plans(stock, services, make_workspace())
    row = pick(plans, "convert", 1)
    assert plans.services[plans.after_service[row]] == "club"
    assert plans.after_capacity[row] == pytest.approx(1000 * 40 / 400)


def test_lease_brings_rent_and_keeps_risk(plans: LifePlans, pick: Pick) -> None:
    row = pick(plans, "lease", 2)
    assert_allclose(plans.outlay[row], [0, 0, 4, 0, 0, 0, 0, 0])
    assert_allclose(plans.income[row], [1, 1, 3, 3, 3, 3, 3, 3])
    assert_allclose(plans.running[row], [10, 10, 1, 1.02, 1.04, 1.06, 1.08, 1.1])
    assert_allclose(plans.risk[row], 12)
    assert_allclose(plans.floor_m2[row], 1000)
    assert plans.leave_year[row] == 2
    assert plans.after_service[row] == -1
    assert not plans.works[row].any()
    assert_allclose(plans.sale_income[row], 0)


def test_sell_brings_the_land_less_its_clearing(plans: LifePlans, pick: Pick) -> None:
    row = pick(plans, "sell", 2)
    assert_allclose(plans.outlay[row], [0, 0, 2.01, 0, 0, 0, 0, 0])
    assert_allclose(plans.income[row], [1, 1, 67, 0, 0, 0, 0, 0])
    assert_allclose(plans.sale_income[row], [0, 0, 67, 0, 0, 0, 0, 0])
    assert_allclose(plans.running[row], [10, 10, 0, 0, 0, 0, 0, 0])
    assert_allclose(plans.floor_m2[row], [1000, 1000, 0, 0, 0, 0, 0, 0])
    assert np.isnan(plans.condition[row]).tolist() == [False, False] + [True] * 6
    assert plans.residual[row] == 0


def test_demolish_clears_and_keeps_the_land(plans: LifePlans, pick: Pick) -> None:
    row = pick(plans, "demolish", 2)
    assert_allclose(plans.outlay[row], [0, 0, 33, 0, 0, 0, 0, 0])
    assert_allclose(plans.income[row], [1, 1, 0, 0, 0, 0, 0, 0])
    assert_allclose(plans.risk[row], [12, 12, 0, 0, 0, 0, 0, 0])
    assert plans.works[row].tolist() == [False, False, True, False, False, False, False, False]


def test_works_cost_more_as_construction_prices_rise(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices, pick: Pick
) -> None:
    plans = life_plans(make_stock(), make_services(), make_workspace(escalation=0.1))
    row = pick(plans, "rebuild", 6)
    third = 400 / 3
    assert_allclose(plans.outlay[row, 6:], [third * 1.1**6, third * 1.1**7])
    assert plans.event_cost[row, 0] == pytest.approx(third * (1.1**6 + 1.1**7 + 1.1**8))
    assert plans.residual[row] == pytest.approx(third * (1.1**6 + 1.1**7))


def test_objective_is_the_present_value_of_the_net_cost(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices, pick: Pick
) -> None:
    plans = life_plans(make_stock(), make_services(), make_workspace(2))
    amounts = objective(plans, 0.25)
    # keep costs 10 + 12 - 1 = 21 in each of two years
    assert amounts[pick(plans, "keep")] == pytest.approx(21 * 1.44)
    # sell at once: costs 2.01, brings 67
    assert amounts[pick(plans, "sell", 0)] == pytest.approx((2.01 - 67) * 0.8)
    # renovate at once: 110 each year, risk of the first year only; done in the second, so 29 of 30 years are left
    renovate = (110 + 10 + 12 - 1) * 0.8 + (110 + 10 + 0 - 1) * 0.64 - 220 * 29 / 30 * 0.64
    assert amounts[pick(plans, "renovate", 0, events=1)] == pytest.approx(renovate)
