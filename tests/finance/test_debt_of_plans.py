"""The debt that a plan's payments make, and both ratios with it, against the formulas of `fmtool.finance`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmtool.finance.bonds import debt_service, outstanding
from fmtool.finance.city import CityFinance
from fmtool.finance.programmes import Programme
from fmtool.finance.ratios import future_burden_ratio, real_debt_service_ratio, three_year_mean
from fmtool.schedule.debt import debt_of, grace_of, ratios_of
from fmtool.schedule.payments import Payment
from fmtool.text import Text

YEARS = (2026, 2027, 2028, 2029)


def programme(code: str, rate: float, term: int, grace: int, grant: float) -> Programme:
    return Programme(
        code, Text(code, code), frozenset({"extend"}), frozenset(),
        floor_must_fall=False, needs_plan=False, valid_from=None, valid_to=None, subsidy_rate=0.0, prefectural_subsidy_rate=0.0,
        bond_share=0.9, grant_rate=grant, term_years=term, grace_years=grace, interest_rate=rate, basis="assumed", source="",
    )  # fmt: skip


PROGRAMMES = {
    each.code: each
    for each in (
        programme("short", 0.25, 2, 1, 0.5),
        programme("long", 0.01, 20, 3, 0.3),
        programme("bare", 0.0, 5, 0, 0.0),
    )
}
CITY = CityFinance(
    years=YEARS,
    general_funds=None,
    standard_fiscal_size=np.full(4, 1100.0),
    budget_size=np.full(4, 2000.0),
    debt_service=np.array([150.0, 140.0, 130.0, 120.0]),
    specific_revenue=np.full(4, 10.0),
    grant_in_need=np.full(4, 100.0),
    outstanding=np.array([900.0, 800.0, 700.0, 600.0]),
    other_burden=np.full(4, 300.0),
    other_funds=np.full(4, 200.0),
    expected_specific_revenue=np.full(4, 50.0),
    expected_grants=np.full(4, 500.0),
    past_ratios=(0.02, 0.03),
)


def payment(code: str, year: int, bond: float, term: int | None = None) -> Payment:
    return Payment(
        "F1", 0, year, code, PROGRAMMES[code].term_years if term is None else term, bond / 0.9, 0.0, 0.0, bond
    )


def test_one_bond_worked_by_hand() -> None:
    """100 in FY2026 at 25 %, two years, one of grace: 25, then 125; half of it comes back as tax grant."""
    debt = debt_of([payment("short", 2026, 100.0)], PROGRAMMES, YEARS)
    assert debt.issued.tolist() == [100, 0, 0, 0]
    assert debt.service == pytest.approx([0, 25, 125, 0])
    assert debt.grant == pytest.approx([0, 12.5, 62.5, 0])
    assert debt.owed == pytest.approx([100, 100, 0, 0])
    assert debt.grants_to_come == pytest.approx([50, 50, 0, 0])
    ratios = ratios_of(CITY, debt, np.zeros(4))
    assert ratios.debt_service == pytest.approx([40 / 1000, (30 + 12.5) / 987.5, (20 + 62.5) / 937.5, 10 / 1000])
    assert ratios.future_burden == pytest.approx([500 / 1000, 400 / 987.5, 250 / 937.5, 150 / 1000])
    assert ratios.outstanding == pytest.approx([1000, 900, 700, 600])
    assert ratios.debt_service_3y[0] == pytest.approx((0.02 + 0.03 + 0.04) / 3)


payments = st.builds(
    payment,
    st.sampled_from(sorted(PROGRAMMES)),
    st.sampled_from(YEARS),
    st.floats(0, 1000),
    st.sampled_from([1, 2, 5]) | st.none(),
)
funds = st.lists(st.floats(0, 500), min_size=4, max_size=4).map(np.array)


@given(st.lists(payments, max_size=6), funds)
def test_debt_and_ratios_are_those_of_the_formulas(paid: list[Payment], fund: np.ndarray) -> None:
    debt = debt_of(paid, PROGRAMMES, YEARS)
    service, owed, grant, coming = (np.zeros(4) for _ in range(4))
    for each in paid:
        of, begin = PROGRAMMES[each.programme], each.year - YEARS[0]
        terms = (of.interest_rate, each.term_years, grace_of(of, each.term_years))
        for year in range(begin, min(begin + each.term_years + 1, 4)):
            service[year] += each.bond * debt_service(*terms)[year - begin]
            owed[year] += each.bond * outstanding(*terms)[year - begin]
            grant[year] += each.bond * debt_service(*terms)[year - begin] * of.grant_rate
            coming[year] += each.bond * outstanding(*terms)[year - begin] * of.grant_rate
    ratios = ratios_of(CITY, debt, fund)
    city, size = CITY, CITY.standard_fiscal_size
    yearly = real_debt_service_ratio(
        city.debt_service + service, city.specific_revenue, city.grant_in_need + grant, size
    )
    burden = future_burden_ratio(
        city.outstanding + owed + city.other_burden,
        city.other_funds + fund,
        city.expected_specific_revenue,
        city.expected_grants + coming,
        city.grant_in_need + grant,
        size,
    )
    assert ratios.debt_service == pytest.approx(yearly)
    assert ratios.future_burden == pytest.approx(burden)
    assert ratios.debt_service_3y == pytest.approx(three_year_mean([*(CITY.past_ratios or ()), *yearly])[2:])


@given(st.lists(payments, max_size=4), funds, st.floats(0, 1))
def test_drawing_on_the_fund_never_lowers_the_future_burden(paid: list[Payment], fund: np.ndarray, kept: float) -> None:
    debt = debt_of(paid, PROGRAMMES, YEARS)
    before, after = ratios_of(CITY, debt, fund), ratios_of(CITY, debt, fund * kept)
    assert (after.future_burden >= before.future_burden - 1e-12).all()
    assert after.debt_service.tolist() == before.debt_service.tolist()


def test_without_past_ratios_the_mean_begins_with_the_third_year() -> None:
    ratios = ratios_of(replace(CITY, past_ratios=None), debt_of([], PROGRAMMES, YEARS), np.zeros(4))
    assert np.isnan(ratios.debt_service_3y[:2]).all()
    assert ratios.debt_service_3y[2] == pytest.approx((0.04 + 0.03 + 0.02) / 3)


def test_a_bond_cut_short_has_no_more_grace_than_fits() -> None:
    assert grace_of(PROGRAMMES["long"], 2) == 1
    assert grace_of(PROGRAMMES["long"], 1) == 0
    debt = debt_of([payment("long", 2026, 100.0, 1)], PROGRAMMES, YEARS)
    assert debt.service == pytest.approx([0, 101, 0, 0])
