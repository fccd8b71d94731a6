"""Both ratios against figures that municipalities published, to the printed decimal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fmtool.finance.ratios import (
    DEBT_SERVICE_THRESHOLDS,
    FUTURE_BURDEN_THRESHOLDS,
    debt_service_own,
    future_burden_ratio,
    published_debt_service_ratio,
    published_future_burden_ratio,
    real_debt_service_ratio,
    three_year_mean,
    thresholds_reached,
    truncated_per_cent,
)

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "fiscal_cases.json").read_text(encoding="utf-8"))
TOTTORI = CASES["debt_service"]


def tottori(year: int) -> float:
    of = TOTTORI["years"][str(year)]
    return float(real_debt_service_ratio(of["A"] + of["B"], of["C"], of["D"], of["E"]))


@pytest.mark.parametrize("year", [2012, 2013, 2014, 2015])
def test_the_single_year_debt_service_ratio_is_the_published_one(year: int) -> None:
    assert round(100 * tottori(year), 1) == TOTTORI["years"][str(year)]["published"]


@pytest.mark.parametrize("year", [2014, 2015])
def test_the_three_year_mean_is_the_published_one_cut_off_at_one_decimal(year: int) -> None:
    yearly = [tottori(each) for each in range(year - 2, year + 1)]
    assert published_debt_service_ratio(yearly) == str(TOTTORI["published_3yr"][str(year)])


def test_the_published_mean_is_cut_off_and_not_rounded() -> None:
    mean = np.mean([tottori(year) for year in (2012, 2013, 2014)])
    assert round(100 * float(mean), 1) == 12.8
    assert truncated_per_cent(float(mean)) == TOTTORI["published_3yr"]["2014"] == 12.7


def test_the_three_year_mean_over_all_years_begins_with_the_third() -> None:
    mean = three_year_mean([tottori(year) for year in range(2012, 2016)])
    assert np.isnan(mean[:2]).all()
    assert [truncated_per_cent(each) for each in mean[2:]] == [12.7, 12.4]


@pytest.mark.parametrize("place", ["北杜市", "下諏訪町", "東村山市"])
def test_the_numerators_parts_add_up_to_the_published_numerator(place: str) -> None:
    of = {name: np.array(values) for name, values in CASES["numerators"][place].items()}
    service = of["元利償還金"] + of["公営企業債繰入"] + of["組合負担金"] + of["債務負担"] + of["一時借入金利子"]
    own = debt_service_own(service, 0, of["算入公債費等"])
    assert np.abs(own - of["分子"]).max() <= 1  # each cell is rounded to a million


def test_a_burden_that_funds_exceed_is_printed_as_a_dash() -> None:
    of = CASES["negative_burden"]
    ratio = float(
        future_burden_ratio(
            of["future_burden"],
            of["fund"],
            of["specific_revenue"],
            of["need_debt"],
            of["need_current"],
            of["standard_size_worked_back"],
        )
    )
    assert round(100 * ratio, 1) == of["published"]
    assert published_future_burden_ratio(ratio) == of["display"]


def test_the_future_burden_ratio_of_the_explained_example() -> None:
    of = CASES["burden_examples"]["example"]
    ratio = float(future_burden_ratio(sum(of["burden"]), sum(of["resources"]), 0, 0, 0, of["income"]))
    assert round(100 * ratio, 1) == of["published"]
    assert published_future_burden_ratio(ratio) == "20.0"


@pytest.mark.parametrize("standard_size", [1, 10_000_000, 1e12])
def test_a_negative_numerator_is_a_dash_whatever_the_fiscal_size(standard_size: float) -> None:
    of = CASES["burden_examples"]["fy2010"]
    ratio = float(future_burden_ratio(of["burden"], of["resources"], 0, 0, 0, standard_size))
    assert published_future_burden_ratio(ratio) == of["display"]


def test_a_burden_of_nothing_is_printed_as_zero() -> None:
    assert published_future_burden_ratio(0.0) == "0.0"


@pytest.mark.parametrize(
    ("ratio", "reached"),
    [(0.1799, []), (0.18, [0.18]), (0.25, [0.18, 0.25]), (0.35, [0.18, 0.25, 0.35])],
)
def test_national_rules_apply_from_their_threshold_on(ratio: float, reached: list[float]) -> None:
    assert [each.ratio for each in thresholds_reached(ratio, DEBT_SERVICE_THRESHOLDS)] == reached


def test_the_early_correction_standard_of_the_future_burden_is_350_per_cent() -> None:
    assert thresholds_reached(3.499, FUTURE_BURDEN_THRESHOLDS) == []
    assert [each.ratio for each in thresholds_reached(3.5, FUTURE_BURDEN_THRESHOLDS)] == [3.5]


@pytest.mark.parametrize(
    ("ratio", "shown"), [(0.038, 3.8), (0.0379999, 3.7), (0.29, 29.0), (0.57, 57.0), (-0.0039, -0.3)]
)
def test_tenths_survive_binary_fractions(ratio: float, shown: float) -> None:
    assert truncated_per_cent(ratio) == shown


def test_the_cases_kept_here_are_those_of_the_reference_data(shared_data: Path) -> None:
    known = {
        case["id"]: case for case in json.loads((shared_data / "fiscal" / "cases.json").read_text("utf-8"))["cases"]
    }
    assert known["F1_tottori_pref_FY2012_2015"]["years"] == TOTTORI["years"]
    assert known["F1_tottori_pref_FY2012_2015"]["published_3yr"] == TOTTORI["published_3yr"]
    assert known["F4_nishinoomote_FY2023_negative"]["future_burden"] == CASES["negative_burden"]["future_burden"]
    places = known["F6_structure_tables_FY2007_2010"]
    for kept, there in (
        ("北杜市", "hokuto_city"),
        ("下諏訪町", "shimosuwa_town"),
        ("東村山市", "higashimurayama_city"),
    ):
        assert {name: values for name, values in places[there].items() if name != "years"} == CASES["numerators"][kept]
