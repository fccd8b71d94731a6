"""What a facility may not do, why, and what a lock or the seismic deadline leaves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fmtool.alternatives import ACTION_CODES, LifePlans, life_plans
from fmtool.errors import InventoryError, WorkspaceError
from fmtool.inventory import read_inventory, read_services
from fmtool.lifecycle.stock import Stock, build_stock
from fmtool.text import Text
from fmtool.workspace import Workspace, read_workspace

Make = Callable[..., Workspace]
MakeStock = Callable[..., Stock]
MakeServices = Callable[..., pd.DataFrame]


def actions(plans: LifePlans, facility: int = 0) -> set[str]:
    """Return the leading actions that a facility has."""
    return {ACTION_CODES[kind] for kind in np.unique(plans.kind[plans.facility == facility])}


def reason(plans: LifePlans, action: str, facility: int = 0) -> Text:
    """Return why a facility lacks an action; there is one reason."""
    (found,) = [item.reason for item in plans.exclusions if (item.facility, item.action) == (facility, action)]
    return found


def check_complete(plans: LifePlans) -> None:
    """Every pair of facility and action has life plans or exactly one exclusion."""
    pairs = {(int(f), ACTION_CODES[k]) for f, k in zip(plans.facility, plans.kind, strict=True)}
    excluded = [(item.facility, item.action) for item in plans.exclusions]
    assert len(excluded) == len(set(excluded))
    assert not pairs & set(excluded)
    assert len(pairs) + len(excluded) == len(plans.facility_ids) * len(ACTION_CODES)
    assert all(item.reason.ja and item.reason.en for item in plans.exclusions)


@pytest.fixture(scope="module")
def sample(repository: Any) -> LifePlans:
    workspace = read_workspace(repository)
    return life_plans(build_stock(read_inventory(workspace), workspace), read_services(workspace), workspace)


def test_the_sample_has_a_life_plan_or_a_reason_for_every_action(sample: LifePlans) -> None:
    check_complete(sample)
    assert np.bincount(sample.facility, minlength=len(sample.facility_ids)).min() >= 1
    assert 100 <= len(sample) / len(sample.facility_ids) <= 180
    assert (np.diff(sample.facility) >= 0).all()


def test_the_sample_never_keeps_an_unretrofitted_building_past_the_deadline(repository: Any, sample: LifePlans) -> None:
    workspace = read_workspace(repository)
    stock = build_stock(read_inventory(workspace), workspace)
    old = np.flatnonzero(stock.needs_retrofit)
    assert old.size > 0
    kept = np.isin(sample.kind, [ACTION_CODES.index(action) for action in ("keep", "repair", "lease")])
    assert not (kept & np.isin(sample.facility, old)).any()


@pytest.mark.parametrize(
    ("given", "service", "gone", "words"),
    [
        ({"is_listed": True}, {}, {"rebuild", "rebuild_smaller", "merge", "sell", "demolish"}, "listed"),
        (
            {"is_leased_in": True},
            {},
            {"extend", "rebuild", "rebuild_smaller", "lease", "sell", "demolish"},
            "leased in",
        ),
        ({}, {"is_closable": False}, {"merge", "convert", "lease", "sell", "demolish"}, "may not be closed"),
        ({}, {"demand": "total", "reach_m": 100}, {"convert", "lease", "sell", "demolish"}, "last of its service"),
        (
            {"x_m": [np.nan, 500]},
            {"demand": "total", "reach_m": 100},
            {"lease", "sell", "demolish"},
            "place is not known",
        ),
        ({"design_life_years": 40}, {}, {"extend"}, "wood"),
        ({"land_price_per_m2": np.nan}, {}, {"lease", "sell"}, "price of its land"),
        ({"land_price_per_m2": 16_000}, {}, {"sell"}, "worth less"),
        ({}, {"merge_group": ""}, {"merge"}, "never merged"),
        ({"x_m": [0, 5000]}, {}, {"merge"}, "no facility within reach could"),
        ({"site_area_m2": 1500}, {}, {"merge"}, "no facility within reach has room"),
        ({}, {}, {"retrofit"}, "seismic standard"),
        ({}, {"convert_to": ""}, {"convert"}, "nothing to convert to"),
        ({"age_years": 100}, {}, {"renovate", "extend"}, "years old"),
        ({"age_years": 100}, {}, {"convert"}, "past the age"),
    ],
)
def test_a_rule_takes_its_actions_away_and_says_why(
    make_workspace: Make,
    make_stock: MakeStock,
    make_services: MakeServices,
    given: dict[str, Any],
    service: dict[str, Any],
    gone: set[str],
    words: str,
) -> None:
    services = make_services(hall={"convert_to": "club"} | service, club={})
    plans = life_plans(make_stock(**({"x_m": [0, 500]} | given)), services, make_workspace())
    assert not gone & actions(plans)
    assert all(words in reason(plans, action).en for action in gone)
    check_complete(plans)


def test_nothing_is_excluded_but_the_retrofit_of_a_safe_building(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices
) -> None:
    plans = life_plans(make_stock(x_m=[0, 500]), make_services(hall={"convert_to": "club"}, club={}), make_workspace())
    assert actions(plans) == set(ACTION_CODES) - {"retrofit"}
    assert [(item.facility, item.action) for item in plans.exclusions] == [(0, "retrofit"), (1, "retrofit")]


def test_age_and_condition_bound_the_years_in_which_works_begin(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices
) -> None:
    window = {
        "actions.renovate.first_age": 30,
        "actions.renovate.last_age": 32,
        "actions.renovate.rebuild_after_years": [9],
    }
    plans = life_plans(make_stock(age_years=28), make_services(), make_workspace(figures=window))
    renovate = plans.kind == ACTION_CODES.index("renovate")
    assert plans.event_year[renovate, 0].tolist() == [2, 3, 4]
    plans = life_plans(
        make_stock(grade=0), make_services(), make_workspace(figures={"actions.extend.worst_condition": 20})
    )
    assert {"renovate", "repair"}.isdisjoint(actions(plans))
    assert "extend" in actions(plans)
    plans = life_plans(make_stock(), make_services(), make_workspace(figures={"actions.extend.worst_condition": 20}))
    assert "extend" not in actions(plans)


def test_the_grid_spaces_start_years(make_workspace: Make, make_stock: MakeStock, make_services: MakeServices) -> None:
    grid = {"actions.grid.early_years": 5, "actions.sell.first_year": 1, "actions.sell.start_step": [2, 3]}
    plans = life_plans(make_stock(), make_services(), make_workspace(12, figures=grid))
    sell = plans.kind == ACTION_CODES.index("sell")
    assert plans.event_year[sell, 0].tolist() == [1, 3, 5, 8, 11]


def test_a_lock_leaves_its_action_in_its_year_even_against_rules(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices
) -> None:
    stock = make_stock(
        x_m=[0, 10, 20, 30],
        locked=["rebuild:2030", "keep", "demolish:2027", None],
        is_listed=[True, False, False, False],
    )
    figures = {"actions.demolish.first_year": 3, "actions.demolish.start_step": [4, 4]}
    plans = life_plans(stock, make_services(), make_workspace(figures=figures))
    assert [actions(plans, row) for row in range(3)] == [{"rebuild"}, {"keep"}, {"demolish"}]
    assert plans.event_year[plans.facility == 0, 0].tolist() == [4]
    assert plans.event_year[plans.facility == 2, 0].tolist() == [1]
    assert len(actions(plans, 3)) > 5
    assert reason(plans, "sell", 0) == Text("2030年度に「建替え」と決まっています", "decided already: rebuild in 2030")
    check_complete(plans)


def test_an_undated_lock_leaves_every_year_of_its_window(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices
) -> None:
    plans = life_plans(make_stock(locked=["sell"]), make_services(), make_workspace())
    assert plans.event_year[:, 0].tolist() == list(range(8))


def test_locks_that_cannot_be_kept_are_told_all_at_once(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices
) -> None:
    stock = make_stock(
        x_m=[0, 9e5, 18e5, 27e5, 36e5, 45e5],
        locked=["merge:2030", "convert", "retrofit", "sell:2050", "paint", "sell:soon"],
    )
    with pytest.raises(InventoryError) as caught:
        life_plans(stock, make_services(), make_workspace())
    assert len(caught.value.faults) == 6
    assert [fault.en.split()[0] for fault in caught.value.faults] == [f"F{row}" for row in range(6)]


def test_the_deadline_removes_what_stays_unsafe(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices
) -> None:
    stock = make_stock(needs_retrofit=[True, False], x_m=[0, 100])
    plans = life_plans(stock, make_services(hall={"convert_to": "club"}, club={}), make_workspace(deadline=2028))
    # 2028 is index 2: works of d years may begin in 3 - d at the latest, a sale or demolition in year 3.
    last = {
        action: plans.event_year[(plans.kind == ACTION_CODES.index(action)) & (plans.facility == 0), 0].max(initial=-1)
        for action in ACTION_CODES
    }
    assert last == {
        "keep": -1,
        "repair": -1,
        "renovate": 1,
        "extend": 1,
        "rebuild": 0,
        "rebuild_smaller": 0,
        "retrofit": 2,
        "merge": 1,
        "convert": 2,
        "lease": -1,
        "sell": 3,
        "demolish": 3,
    }
    assert "keep" in actions(plans, 1)
    assert "deadline" in reason(plans, "keep").en
    check_complete(plans)


def test_a_deadline_that_cannot_be_met_leaves_the_earliest_way_out(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices
) -> None:
    stock = make_stock(needs_retrofit=True, is_listed=True)
    late = {"actions.retrofit.first_year": 3, "actions.renovate.last_age": 0, "actions.extend.last_age": 0}
    plans = life_plans(stock, make_services(), make_workspace(figures=late, deadline=2027))
    assert actions(plans) == {"retrofit"}
    assert plans.event_year[:, 0].tolist() == [3]
    locked = make_stock(needs_retrofit=True, locked=["keep"])
    assert actions(life_plans(locked, make_services(), make_workspace(deadline=2027))) == {"keep"}


def test_a_service_without_a_row_is_read_as_its_use(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices
) -> None:
    stock = make_stock(("tearoom",))
    plans = life_plans(stock, make_services(civic_culture={"is_closable": False}), make_workspace())
    assert "may not be closed" in reason(plans, "sell").en
    with pytest.raises(WorkspaceError, match="tearoom"):
        life_plans(stock, make_services(), make_workspace())
