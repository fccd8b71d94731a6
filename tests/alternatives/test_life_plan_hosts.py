"""Candidate hosts: group, distance, room and who may not take anyone in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from fmtool.alternatives import find_hosts, room_m2
from fmtool.alternatives.hosts import others_in_reach
from fmtool.lifecycle.stock import Stock
from fmtool.workspace import Workspace

Make = Callable[..., Workspace]
MakeStock = Callable[..., Stock]
MakeServices = Callable[..., pd.DataFrame]


def test_room_is_what_the_site_may_still_carry(make_workspace: Make, make_stock: MakeStock) -> None:
    stock = make_stock(floor_area_m2=[1000, 3000], site_area_m2=[2000, 2000])
    figures = make_workspace(figures={"actions.site.floor_area_ratio": 1.2}).figures
    assert room_m2(stock, figures).tolist() == [1400, 0]


def test_hosts_are_the_nearest_with_room_within_the_radius(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices
) -> None:
    # From F0: F1 at 500 m has no room, F2 at 1,000, F3 at 300, F4 at 2,000, F5 at 3,001 m.
    stock = make_stock(
        x_m=[0, 500, 1000, 0, 0, 3001], y_m=[0, 0, 0, 300, 2000, 0], site_area_m2=[1000, 1799, 1800, 9999, 9999, 9999]
    )
    hosts = find_hosts(stock, make_services(), make_workspace().figures)
    assert hosts.index[0].tolist() == [3, 2]
    assert hosts.distance_m[0].tolist() == [300, 1000]
    assert hosts.in_reach[0] == 4
    assert hosts.moved_floor_m2.tolist() == [800] * 6
    more = find_hosts(stock, make_services(), make_workspace(figures={"actions.merge.hosts": 5}).figures)
    assert more.index[0].tolist() == [3, 2, 4, -1, -1]
    assert np.isinf(more.distance_m[0, 3:]).all()


def test_the_reach_of_a_service_binds_where_it_is_shorter_than_the_radius(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices
) -> None:
    stock = make_stock(x_m=[0, 1000, 2500])
    hosts = find_hosts(stock, make_services(hall={"reach_m": 1500}), make_workspace().figures)
    assert hosts.index.tolist() == [[1, -1], [0, 2], [1, -1]]
    # Only the service that moves must reach its host: the club (anywhere) may go to the hall 2,000 m away.
    services = make_services(hall={"reach_m": 1500}, club={})
    hosts = find_hosts(make_stock(("hall", "club"), service=[0, 1], x_m=[0, 2000]), services, make_workspace().figures)
    assert hosts.index[:, 0].tolist() == [-1, 0]


def test_services_host_each_other_when_they_share_one_of_their_groups(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices
) -> None:
    services = make_services(
        hall={"merge_group": "halls|complex"},
        school={"merge_group": "complex"},
        pool={"merge_group": "sports"},
        post={"merge_group": ""},
    )
    stock = make_stock(("hall", "school", "pool", "post"), service=[0, 1, 2, 3, 3], x_m=[0, 10, 20, 30, 40])
    hosts = find_hosts(stock, services, make_workspace().figures)
    assert hosts.index[:, 0].tolist() == [1, 0, -1, -1, -1]


@pytest.mark.parametrize(
    "bar",
    [
        {"is_leased_in": [False, True]},
        {"is_listed": [False, True]},
        {"locked": [None, "sell:2030"]},
        {"locked": [None, "merge"]},
        {"x_m": [0, np.nan]},
    ],
)
def test_a_host_is_owned_unlisted_staying_and_placed(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices, bar: dict[str, list[object]]
) -> None:
    figures = make_workspace().figures
    assert find_hosts(make_stock(**({"x_m": [0, 100]} | {})), make_services(), figures).index[0, 0] == 1
    hosts = find_hosts(make_stock(**({"x_m": [0, 100]} | bar)), make_services(), figures)
    assert hosts.index[0].tolist() == [-1, -1]


def test_two_facilities_at_one_place_host_each_other(
    make_workspace: Make, make_stock: MakeStock, make_services: MakeServices
) -> None:
    hosts = find_hosts(make_stock(x_m=[5, 5]), make_services(), make_workspace().figures)
    assert hosts.index[:, 0].tolist() == [1, 0]
    assert hosts.distance_m[:, 0].tolist() == [0, 0]


def test_others_in_reach_counts_the_same_service_only(make_stock: MakeStock, make_services: MakeServices) -> None:
    services = make_services(hall={"reach_m": 1000}, club={})
    stock = make_stock(("hall", "club"), service=[0, 0, 0, 1, 1, 0], x_m=[0, 1000, 5000, 0, 9e5, np.nan])
    assert others_in_reach(stock, services).tolist() == [1, 1, 0, 1, 1, 0]
