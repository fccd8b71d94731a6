"""What the map page is given: every number arrives, and in as few characters as said."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fmtool.schedule.result import STATE_CODES
from fmtool.views.map_base import base_facts, base_layers, read_layer, read_layers
from fmtool.views.map_encode import BASE, DIGITS, LEVELS, SCORES, curve_text, number_text, page_json, scores_text
from fmtool.views.map_payload import SHAPES, payload, spend_by_facility
from fmtool.views.palette import ACTION_COLOURS
from fmtool.views.webmap import notice_markup
from fmtool.vocabulary import ACTIONS


def decoded_curve(counts: str, points: str, facility: int, low: float, high: float) -> list[tuple[int, float]]:
    """Read one facility's points back, as the page does."""
    lengths = [DIGITS.index(sign) for sign in counts]
    start = sum(lengths[:facility])
    found = []
    for at in range(start, start + lengths[facility]):
        year, upper, lower = (DIGITS.index(sign) for sign in points[at * 3 : at * 3 + 3])
        found.append((year, low + (upper * BASE + lower) / LEVELS * (high - low)))
    return found


def test_digits_need_no_escape_in_json_or_markup():
    assert len(set(DIGITS)) == BASE == 91
    assert json.dumps(DIGITS) == f'"{DIGITS}"'
    assert not set(DIGITS) & set('<"\\')
    assert len(set(SCORES)) == 101


def test_a_condition_is_one_character():
    condition = np.array([[0.0, 49.6, 100.0], [np.nan, 90.4, 91.0]])
    text = scores_text(condition)
    assert len(text) == 6
    assert [SCORES.index(sign) if sign != " " else None for sign in text] == [0, 50, 100, None, 90, 91]


def test_numbers_are_written_with_the_highest_digit_first():
    assert (
        number_text(np.array([0, 90, 91, BASE * BASE - 1]), 2)
        == "!!" + "!" + DIGITS[90] + DIGITS[1] + "!" + DIGITS[90] * 2
    )


def test_a_curve_keeps_its_jumps_and_its_end():
    yearly = np.full(40, 1.0)
    yearly[10:12] = 31.0
    values = np.cumsum(yearly)[None, :]
    text = curve_text(values, np.zeros(1), values.max(axis=1))
    points = decoded_curve(text.counts, text.points, 0, 0.0, 100.0)
    assert len(points) < 14
    drawn = np.interp(np.arange(40), [year for year, _ in points], [amount for _, amount in points])
    assert np.abs(drawn - values[0]).max() <= 100.0 / LEVELS


def test_a_facility_without_a_curve_has_no_points():
    values = np.vstack([np.full(5, np.nan), np.arange(5.0)])
    text = curve_text(values, np.zeros(2), np.array([0.0, 4.0]))
    assert decoded_curve(text.counts, text.points, 0, 0.0, 0.0) == []
    assert decoded_curve(text.counts, text.points, 1, 0.0, 4.0)[-1] == (4, 4.0)


def test_every_curve_of_the_plan_arrives(result):
    content = payload(result, "ja", {})
    ids, curves = content["f"]["id"], content["plans"][0]["curves"]
    for name in ("F00005", "F00033"):
        at = ids.index(name)
        for label, (counts, points) in curves["labels"].items():
            low, high = curves["low"][at], curves["high"][at]
            wanted = result.curves[name][label]
            found = decoded_curve(counts, points, at, low, high)
            drawn = np.interp(np.arange(40), [year for year, _ in found], [amount for _, amount in found])
            assert np.abs(drawn - wanted).max() <= 0.01 * (high - low), (name, label)


def test_states_can_be_rebuilt_from_their_changes(result):
    changes = payload(result, "ja", {})["plans"][0]["state"]
    rebuilt = np.zeros_like(result.state)
    for facility, year, state in zip(np.cumsum(changes["f"]), changes["y"], changes["s"], strict=True):
        rebuilt[facility, year:] = state
    assert (rebuilt == result.state).all()
    assert rebuilt.max() < len(STATE_CODES)


def test_spend_by_action_adds_up_to_every_outlay(result):
    split = spend_by_facility(result)
    total = np.zeros_like(result.facility_outlay)
    np.add.at(total, (split["facility"].to_numpy(int), split["year"].to_numpy(int)), split["amount"].to_numpy(float))
    assert total == pytest.approx(result.facility_outlay)
    by_action = split.groupby("action")["amount"].sum()
    for at, code in enumerate(ACTIONS):
        assert by_action.get(at, 0.0) == pytest.approx(result.spend_by_action[code].sum())


def test_money_paid_before_works_begin_counts_for_the_works(result):
    event = result.events[result.events["start_year"] > result.years[0]].iloc[0]
    row = result.facilities.index[result.facilities["facility_id"] == event["facility_id"]][0]
    outlay = result.facility_outlay.copy()
    outlay[row, event["start_year"] - result.years[0] - 1] += 5_000_000.0
    split = spend_by_facility(replace(result, facility_outlay=outlay))
    early = split[(split["facility"] == row) & (split["year"] == event["start_year"] - result.years[0] - 1)]
    assert early["amount"].sum() == pytest.approx(5_000_000.0)
    assert list(ACTIONS)[int(early["action"].iloc[0])] == event["action"]


def test_missing_values_stay_missing(result):
    content = payload(result, "ja", {})
    columns, choice = content["f"], content["plans"][0]["choice"]
    uncosted, unplaced = columns["id"].index("F00003"), columns["id"].index("F00004")
    assert columns["area"][uncosted] is None
    assert columns["built"][uncosted] is None
    assert columns["costed"][uncosted] == 0
    assert columns["lat"][unplaced] is None
    reason = choice["reasons"][choice["reason"][uncosted]]
    assert reason == [
        "賃借した部屋で、延べ床面積が台帳にありません。",
        "A rented room whose floor area is not in the ledger.",
    ]


def test_hosts_point_at_their_rows(result):
    content = payload(result, "ja", {})
    merges = result.events[result.events["action"] == "merge"]
    assert len(merges) > 2
    wanted = sorted(zip(merges["facility_id"], merges["host_id"], strict=True))
    ids, events = content["f"]["id"], content["plans"][0]["e"]
    found = [(ids[f], ids[h]) for f, h in zip(np.cumsum(events["f"]), events["host"], strict=True) if h >= 0]
    assert sorted(found) == wanted


def test_no_two_actions_share_a_shape_or_a_colour():
    assert len(set(SHAPES.values())) == len(set(ACTION_COLOURS.values())) == len(ACTIONS)
    assert list(SHAPES) == list(ACTIONS)


def test_json_for_a_page_holds_no_tag():
    text = page_json({"name": "</script><!--"})
    assert "<" not in text
    assert json.loads(text) == {"name": "</script><!--"}


def test_layers_lose_their_columns_and_say_their_source(layers):
    named = {**layers, "outline": layers["boundary"].copy()}
    del named["boundary"]
    named["outline"].attrs["attribution"] = "架空の出典"
    drawn = base_layers(named)
    assert [layer.name for layer in drawn] == ["boundary", "districts"]
    assert all(feature["properties"] == {} for layer in drawn for feature in layer.geojson["features"])
    facts = base_facts(named)
    assert facts["sources"] == [["架空の出典", "架空の出典"]]
    assert facts["extent"] == [[34.92, 136.9], [35.05, 137.05]]
    assert [label[0] for label in facts["labels"]] == list(layers["districts"]["name"])
    assert facts["approximate"] is False


def test_a_layer_file_brings_its_attribution(layers, tmp_path):
    path = tmp_path / "outline.geojson"
    said = json.loads(layers["boundary"].to_json()) | {"attribution": "測量成果"}
    path.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    assert read_layer(path).attrs["attribution"] == "測量成果"


def test_the_workspace_gives_outline_districts_and_their_source(workspace):
    layers = read_layers(workspace)
    assert {"outline", "districts"} <= set(layers)
    facts = base_facts(layers)
    assert facts["approximate"] is True
    assert len(facts["sources"]) >= 1
    assert len(facts["labels"]) == len(layers["districts"])


def test_a_plan_without_any_action_has_content(result):
    nothing = replace(result, events=result.events.iloc[:0], facility_outlay=np.zeros_like(result.facility_outlay))
    (plan,) = payload(nothing, "en", {})["plans"]
    assert plan["e"]["f"] == []
    assert plan["o"]["v"] == []
    assert pd.isna(result.facilities["host_id"]).any()


def test_the_budget_is_named_for_what_it_holds(result, financed):
    plain, own = (payload(plan, "ja", {})["plans"][0]["yearly"]["isGeneral"] for plan in (result, financed))
    assert (plain, own) == (0, 1)
    borrowed = replace(result, bonds=pd.DataFrame([[2030, "school"]], columns=["year", "programme"]))
    assert payload(borrowed, "ja", {})["plans"][0]["yearly"]["isGeneral"] == 1
    assert '<span lang="ja">予算額（一般財源、百万円）</span>' in notice_markup(financed, "ja")
    assert '<span lang="ja">予算額（百万円）</span>' in notice_markup(result, "ja")


def test_estimates_of_the_card_arrive_and_assumptions_do_not(result):
    told = [["F00002", "floor_area_m2", "estimated"], ["F00006", "floor_area_m2", "estimated"]]
    told += [["F00006", "structure", "assumed"], ["F00006", "running_cost", "estimated"]]
    guessed = replace(result, guesses=pd.DataFrame(told, columns=["facility_id", "column", "basis"]))
    estimated = payload(guessed, "ja", {})["f"]["estimated"]
    assert estimated == {"area": [1, 4], "built": [], "structure": []}  # rows 1 and 5, as steps
