"""A bond's payments against numpy-financial, and the laws that every bond keeps."""

from __future__ import annotations

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmtool.errors import CurveError
from fmtool.finance.bonds import debt_service, outstanding, own_burden_rate, principal
from fmtool.lifecycle.present_value import present_value

TERMS = [(0.015, 20, 3), (0.02, 30, 5), (0.01, 20, 0), (0.003, 10, 2), (0.25, 2, 1), (0.05, 1, 0)]


@st.composite
def bonds(draw: st.DrawFn) -> tuple[float, int, int]:
    term = draw(st.integers(1, 60))
    return draw(st.floats(0, 0.3)), term, draw(st.integers(0, term - 1))


def test_a_bond_worked_by_hand() -> None:
    """1 at 25 % over 3 years, one of grace: 0.25; then 1 / (0.8 + 0.64) twice, owed 1.25 - 0.69444 in between."""
    payment = 1 / 1.44
    assert debt_service(0.25, 3, 1) == pytest.approx([0, 0.25, payment, payment])
    assert outstanding(0.25, 3, 1) == pytest.approx([1, 1, 1.25 - payment, 0], abs=1e-12)
    assert principal(0.25, 3, 1) == pytest.approx([0, 0, payment - 0.25, payment / 1.25])


@pytest.mark.parametrize(("rate", "term", "grace"), TERMS)
def test_a_bond_equals_numpy_financial(rate: float, term: int, grace: int) -> None:
    paying = term - grace
    payments = np.arange(1, paying + 1)
    service, repaid, owed = (
        debt_service(rate, term, grace),
        principal(rate, term, grace),
        outstanding(rate, term, grace),
    )
    assert service[0] == 0
    assert service[1 : grace + 1] == pytest.approx(rate)
    assert service[grace + 1 :] == pytest.approx(np.full(paying, npf.pmt(rate, paying, -1.0)))
    assert repaid[grace + 1 :] == pytest.approx(npf.ppmt(rate, payments, paying, -1.0))
    assert (service - repaid)[grace + 1 :] == pytest.approx(npf.ipmt(rate, payments, paying, -1.0))
    payment = float(npf.pmt(rate, paying, -1.0))
    after = [float(npf.fv(rate, year, payment, -1.0)) for year in payments]
    assert owed[grace + 1 :] == pytest.approx(after, abs=1e-12)


@given(bonds())
def test_the_principal_repaid_adds_up_to_the_issue(bond: tuple[float, int, int]) -> None:
    repaid = principal(*bond)
    assert repaid.sum() == pytest.approx(1.0)
    assert (repaid >= 0).all()


@given(bonds())
def test_a_balance_never_rises_nor_falls_below_zero_and_ends_at_zero(bond: tuple[float, int, int]) -> None:
    owed = outstanding(*bond)
    assert owed[0] == 1
    assert (owed >= 0).all()
    assert (np.diff(owed) <= 0).all()
    assert owed[-1] == 0


@given(bonds())
def test_payments_are_worth_the_issue_at_the_bonds_own_rate(bond: tuple[float, int, int]) -> None:
    assert float(present_value(debt_service(*bond)[1:], bond[0])) == pytest.approx(1.0)


@given(bonds())
def test_each_balance_is_the_last_with_interest_less_the_payment(bond: tuple[float, int, int]) -> None:
    owed, service = outstanding(*bond), debt_service(*bond)
    assert owed[1:] == pytest.approx(owed[:-1] * (1 + bond[0]) - service[1:], abs=1e-9)


@given(bonds())
def test_a_longer_term_never_costs_more_a_year_after_grace(bond: tuple[float, int, int]) -> None:
    rate, term, grace = bond
    assert debt_service(rate, term + 1, grace)[-1] <= debt_service(rate, term, grace)[-1] + 1e-12


@pytest.mark.parametrize(
    ("rate", "term", "grace"), [(0.01, 0, 0), (0.01, 5, 5), (0.01, 5, -1), (-0.01, 5, 0), (1.5, 5, 0)]
)
def test_a_bond_that_cannot_be_is_refused(rate: float, term: int, grace: int) -> None:
    with pytest.raises(CurveError):
        debt_service(rate, term, grace)


@pytest.mark.parametrize(
    ("subsidy", "share", "grant", "own"),
    [
        (1 / 3, 0.9, 2 / 3, 0.267),  # 長寿命化改良事業: 26.7 %, 文教施設協会 平成27年
        (0.0, 0.9, 0.5, 0.55),  # 集約化・複合化
        (0.0, 0.9, 0.3, 0.73),  # 長寿命化, 転用
        (0.0, 0.9, 0.0, 1.0),  # 除却
        (0.0, 1.0, 0.7, 0.30),  # 緊急防災・減災
        (0.0, 0.75, 0.0, 1.0),  # 一般単独
    ],
)
def test_own_burden_before_interest(subsidy: float, share: float, grant: float, own: float) -> None:
    assert round(own_burden_rate(subsidy, share, grant), 3) == own
