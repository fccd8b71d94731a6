"""Published lifecycle-cost answers: NIST BLCC and E3, EnergyPlus, numpy-financial, EngrEcon."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy_financial as npf
import pytest

from fmtool.errors import CurveError
from fmtool.lifecycle.measures import (
    adjusted_irr,
    discounted_payback_years,
    internal_rate_of_return,
    modified_irr,
    net_savings,
    savings_to_investment_ratio,
    simple_payback_years,
)
from fmtool.lifecycle.present_value import (
    annuity_factor,
    discount_factor_after,
    discount_factors,
    equivalent_annual_cost,
    escalated_by_index,
    future_value,
    last_recurrence,
    present_value,
    remaining_life_years,
    residual_value,
    years_to_accumulate,
)

Case = dict[str, Any]
OWN = Path(__file__).parent / "data" / "lcc_cases.json"
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "bench" / "lcc" / "cases.json"


@pytest.fixture(params=["kept here", "shared"])
def cases(request: pytest.FixtureRequest) -> Case:
    path = OWN if request.param == "kept here" else SHARED
    if not path.is_file():
        pytest.skip("../shared/data/bench/lcc is not on this machine; the copy kept here is tested")
    loaded: Case = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def blcc(case: Case) -> dict[str, float]:
    """Present values of the parts of a BLCC alternative."""
    rate, years = case["real_rate"], case["years"]

    def single(amounts: dict[str, float]) -> float:
        return sum(amount * float(discount_factor_after(rate, int(year))) for year, amount in amounts.items())

    left = sum(float(residual_value(cost, 1.0, 1.0 - share)) for cost, share in case["residual"])
    return {
        "initial": case["initial"],
        "energy": case["energy_pv"],
        "omr": float(present_value(np.full(years, case["annual"]), rate)),
        "nonrec": single(case["single"]),
        "repl": single(case["replacement"]),
        "resid": -left * float(discount_factor_after(rate, years)),
    }


@pytest.mark.parametrize("name", ["L1_BLCC_FEMP_existing", "L1_BLCC_FEMP_new"])
def test_blcc_alternatives_cost_what_nist_publishes(cases: Case, name: str) -> None:
    case, published = cases[name], cases[name]["published"]
    parts = blcc(case)
    for key, amount in parts.items():
        assert round(amount) == published[key]
    total = sum(parts.values())
    assert abs(total - published["total"]) <= 1  # published parts are whole dollars
    assert round(float(equivalent_annual_cost(total, case["real_rate"], case["years"]))) == published["annual_value"]


def test_blcc_comparison_gives_the_published_measures(cases: Case) -> None:
    old, new = cases["L1_BLCC_FEMP_existing"], cases["L1_BLCC_FEMP_new"]
    base, alternative, published = blcc(old), blcc(new), new["published"]
    saved = net_savings(sum(base.values()), sum(alternative.values()))
    assert abs(saved - published["net_savings"]) <= 1
    operation, investment = ("energy", "omr", "nonrec"), ("initial", "repl", "resid")
    ratio = savings_to_investment_ratio(
        sum(base[key] - alternative[key] for key in operation), sum(alternative[key] - base[key] for key in investment)
    )
    assert round(ratio, 1) == published["sir"]
    assert round(100 * adjusted_irr(ratio, 0.03, 15), 2) == published["airr_pct"]
    # The fall of energy prices is published only in present value: taken as even over the fifteen years.
    yearly = np.full(15, (old["energy_pv"] - new["energy_pv"]) / annuity_factor(0.03, 15))
    yearly += old["annual"] - new["annual"]
    for year, amount in new["single"].items():
        yearly[int(year) - 1] -= amount
    yearly[9] += old["single"]["10"] + old["replacement"]["10"]
    extra = new["initial"] - old["initial"]
    assert simple_payback_years(extra, yearly) == published["spp_year"]
    assert discounted_payback_years(extra, yearly, 0.03) == published["dpp_year"]


def test_e3_discounts_a_level_flow(cases: Case) -> None:
    case = cases["L4_E3_FederalFinanced_real3"]
    flow = np.full(len(case["discounted"]), case["flow"])
    np.testing.assert_allclose(flow * discount_factors(0.03, flow.size), case["discounted"], rtol=1e-9)
    assert float(present_value(flow, 0.03)) == pytest.approx(case["published"]["total"], rel=1e-9)
    assert 5600 * annuity_factor(0.03, 15) == pytest.approx(case["published"]["omr"], rel=1e-9)


def test_e3_residual_values_and_last_recurrences(cases: Case) -> None:
    group = cases["L5_E3_residual"]
    for case in group["cases"]:
        assert remaining_life_years(case["study"], case["life"], case["first"]) == case["remaining"]
    money = group["money"]
    left = residual_value(money["value"], money["life"], money["life"] - money["remaining"])
    assert -float(left) == money["residual"]
    for study, first, every, last in group["last_interval"]:
        assert last_recurrence(study, first, every) == last


def test_a_price_index_is_cumulative(cases: Case) -> None:
    case = cases["L6_EnergyPlus_escalation_index"]
    np.testing.assert_allclose(escalated_by_index(case["amount"], case["index"]), case["expected"], rtol=1e-12)


def test_documented_values_of_numpy_financial() -> None:
    assert -12000 * annuity_factor(0.07, 20) == pytest.approx(-127128.17094619, abs=1e-8)
    assert future_value(2000, 0.075, 20) == pytest.approx(86609.36, abs=0.005)
    assert -15000 / annuity_factor(0.08 / 12, 60) == pytest.approx(-304.145914, abs=5e-7)
    assert -15000 / annuity_factor(0.0, 60) == -250
    assert years_to_accumulate(2000, 100000, 0.075) == pytest.approx(21.54, abs=0.005)
    assert internal_rate_of_return([-3500, *[0] * 9, 10000]) == pytest.approx(0.1107, abs=5e-5)
    assert internal_rate_of_return([-150000, 15000, 25000, 35000, 45000, 60000]) == pytest.approx(0.0524, abs=5e-5)
    flows = [-15000, 1500, 2500, 3500, 4500, 6000]
    assert flows[0] + float(present_value(flows[1:], 0.05)) == pytest.approx(122.894855, abs=5e-7)
    assert modified_irr([-4500, -800, 800, 800, 600, 600, 800, 800, 700, 3000], 0.08, 0.055) == pytest.approx(
        0.0666, abs=5e-5
    )
    assert modified_irr([-120000, 39000, 30000, 21000, 37000, 46000], 0.10, 0.12) == pytest.approx(0.126094, abs=5e-7)


@pytest.mark.parametrize("rate", [0.0, 0.001, 0.02, 0.04, 0.3])
def test_present_values_agree_with_numpy_financial(rate: float) -> None:
    flows = np.array([-500.0, 120.0, -30.0, 260.0, 90.0, 400.0])
    assert flows[0] + float(present_value(flows[1:], rate)) == pytest.approx(npf.npv(rate, flows), rel=1e-12)
    with np.errstate(invalid="ignore"):  # theirs divides 0 by 0 before it chooses the branch for a rate of 0
        theirs = -npf.pv(rate, 40, 1)
    assert annuity_factor(rate, 40) == pytest.approx(theirs, rel=1e-12)
    assert internal_rate_of_return(flows) == pytest.approx(npf.irr(flows), rel=1e-9)
    assert modified_irr(flows, rate, 0.05) == pytest.approx(npf.mirr(flows, rate, 0.05), rel=1e-9)


def test_the_three_conventions_differ_within_the_year_only() -> None:
    years = np.arange(4)
    np.testing.assert_allclose(discount_factor_after(0.03, years), [1, 1 / 1.03, 1 / 1.0609, 1 / 1.092727], rtol=1e-12)
    mid = discount_factor_after(0.03, years, "mid")
    assert mid[0] == 1
    np.testing.assert_allclose(mid[1:] / discount_factor_after(0.03, years)[1:], 1.03**0.5, rtol=1e-12)
    np.testing.assert_allclose(discount_factor_after(0.03, years, "continuous"), np.exp(-0.03 * years), rtol=1e-12)
    with pytest.raises(CurveError, match="quarterly"):
        discount_factors(0.03, 4, "quarterly")  # type: ignore[arg-type]


def test_a_cost_of_every_third_year(cases: Case) -> None:
    case = cases["L10_periodic_OM"]
    amounts = np.zeros(case["years"])
    amounts[case["every"] - 1 :: case["every"]] = case["amount"]
    assert float(present_value(amounts, case["rate"])) == pytest.approx(case["published"], abs=5e-4)


@pytest.mark.parametrize("rate", [-1.0, -2.0, float("nan")])
def test_a_rate_out_of_range_is_refused(rate: float) -> None:
    with pytest.raises(CurveError):
        present_value([1.0], rate)
