"""Who loses and who gains a service, against a city of four facilities that can be followed by eye."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fmtool.schedule.result import STATE_CODES
from fmtool.views.cover import METRES_PER_DEGREE, cover_columns, service_cover

ONE_KM = 1_000 / METRES_PER_DEGREE


@pytest.fixture
def four(result):
    """Halls A, B (north) and C (south), office D (south); B merges into D in 2028, D is sold in 2030, A converts."""
    facilities = result.facilities.iloc[:4].assign(
        facility_id=list("ABCD"),
        service=["hall", "hall", "hall", "office"],
        district=["north", "north", "south", "south"],
        lat=[0.0, ONE_KM, 5 * ONE_KM, 6 * ONE_KM],
        lon=0.0,
    )
    state = np.zeros((4, 6), np.int8)
    state[1, 2:] = STATE_CODES.index("merged")
    state[3, 4:] = STATE_CODES.index("sold")
    state[0, 3:] = STATE_CODES.index("converted")
    events = pd.DataFrame({"facility_id": ["B", "D"], "action": ["merge", "sell"], "host_id": ["D", None]})
    return replace(result, years=tuple(range(2026, 2032)), facilities=facilities, state=state, events=events)


def cover_of(result):
    centres = {"north": (0.0, 0.0), "south": (6 * ONE_KM, 0.0)}
    return service_cover(result, ["hall", "office", "club"], ["north", "south", "empty"], centres, {"hall": "club"})


def test_places_follow_mergers_conversions_and_sales(four):
    cover = cover_of(four)
    assert cover.places[0, 0].tolist() == [2, 2, 2, 1, 0, 0, 0]  # B moves out in 2028, A converts in 2029
    assert cover.places[1, 0].tolist() == [1, 1, 1, 2, 2, 1, 1]  # C, and B's service at D until D is sold
    assert cover.places[1, 1].tolist() == [1, 1, 1, 1, 1, 0, 0]
    assert cover.places[0, 2].tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert not cover.places[2].any()


def test_the_way_to_the_nearest_place(four):
    cover = cover_of(four)
    assert cover.nearest_m[0, 0].tolist() == [0, 0, 0, 0, 5_000, 5_000, 5_000]  # from A itself to C
    assert cover.nearest_m[1, 0].tolist() == [1_000, 1_000, 1_000, 0, 0, 1_000, 1_000]  # D hosts it until it is sold
    assert np.isnan(cover.nearest_m[1, 1, 5:]).all()
    assert np.isnan(cover.nearest_m[2]).all()  # no shape, no way


def test_the_columns_give_the_tables_back(four):
    cover = cover_of(four)
    columns = cover_columns(cover)
    places = np.repeat(np.array(columns["n"])[:, None], 7, axis=1)
    ways = np.repeat(np.array(columns["m"])[:, None], 7, axis=1)
    assert columns["t"] == sorted(columns["t"])
    for cell, time, count, way in zip(*(columns[name] for name in ("cell", "t", "cn", "cm")), strict=True):
        places[cell, time:], ways[cell, time:] = count, way
    assert (places.reshape(cover.places.shape) == cover.places).all()
    assert (ways.reshape(cover.places.shape) == np.nan_to_num(cover.nearest_m, nan=-1)).all()


def test_every_open_facility_is_a_place_today(result):
    services = list(dict.fromkeys(result.facilities["service"]))
    districts = list(dict.fromkeys(result.facilities["district"]))
    cover = service_cover(result, services, districts, {}, {})
    assert cover.places[:, :, 0].sum() == len(result.facilities)
