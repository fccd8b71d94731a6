"""A plan written and read again is the same plan, and plan.json holds what is promised."""

import json

import numpy as np
import pandas as pd
import pytest

from fmtool.errors import WorkspaceError
from fmtool.schedule.result import PlanResult
from fmtool.schedule.store import PLAN, VIEWS, plan_json, read_result, write_results

PROMISED = {
    "scenario", "currency", "price_year", "status", "objective", "best_bound", "gap", "years", "spend", "budget",
    "decisions", "indicators", "baseline", "binding", "relaxed",
}  # fmt: skip


def test_a_plan_read_again_is_the_plan_written(tmp_path, result):
    write_results(result, tmp_path)
    again = read_result(tmp_path)
    for name in PlanResult.__slots__:
        before, after = getattr(result, name), getattr(again, name)
        if isinstance(before, pd.DataFrame):
            pd.testing.assert_frame_equal(
                before.reset_index(), after.reset_index(), check_dtype=False, check_index_type=False
            )
        elif isinstance(before, np.ndarray):
            np.testing.assert_allclose(after, before, atol=1e-4)
        elif name == "curves":
            assert before.keys() == after.keys()
            for facility, lines in before.items():
                for label, values in lines.items():
                    np.testing.assert_allclose(after[facility][label], values, atol=0.5)
        elif name == "baselines":
            for label, values in before.items():
                np.testing.assert_allclose(after[label], values, atol=1e-3)
        else:
            assert after == before, name


def test_plan_json_holds_what_is_promised_in_whole_currency_units(tmp_path, result):
    write_results(result, tmp_path)
    plan = json.loads((tmp_path / PLAN).read_text(encoding="utf-8"))
    assert set(plan) >= PROMISED
    assert all(isinstance(amount, int) for amount in [*plan["spend"], *plan["budget"], plan["objective"]])
    assert plan["spend"] == [round(value) for value in result.yearly["outlay"]]
    assert len(plan["years"]) == len(plan["spend"]) == len(plan["budget"]) == len(plan["indicators"]["floor_area_m2"])
    for decision in plan["decisions"]:
        assert set(decision) >= {"facility_id", "action", "start_year", "cost", "host_id"}
    costed = set(result.facilities.loc[result.facilities["is_costed"], "facility_id"])
    assert {decision["facility_id"] for decision in plan["decisions"]} == costed
    assert plan == plan_json(result)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"scenario": "base"}'])
def test_a_damaged_plan_is_told_in_one_sentence(tmp_path, damage):
    (tmp_path / VIEWS).write_text(damage, encoding="utf-8")
    with pytest.raises(WorkspaceError, match="damaged") as caught:
        read_result(tmp_path)
    assert "壊れています" in caught.value.say("ja")


def test_no_plan_yet_says_how_to_make_one(tmp_path):
    with pytest.raises(WorkspaceError, match="fmtool plan"):
        read_result(tmp_path)
