"""What a bond costs and leaves owed after each year, per unit issued.

A bond is issued at the end of its fiscal year and first paid at the end of the next. During the years of
grace only interest is paid; then the same amount each year, principal and interest together
(元利均等償還), to the end of the term. Real bonds are paid twice a year; the yearly sum differs by a
fraction of one half-year's interest, which is left out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmtool.errors import CurveError
from fmtool.lifecycle.present_value import annuity_factor
from fmtool.text import Text

Floats = NDArray[np.float64]


def debt_service(interest_rate: float, term_years: int, grace_years: int = 0) -> Floats:
    """Return the (term + 1,) payment of each year after issue, per unit issued; index 0, the year of issue, is 0.

    i in the years of grace g; then  i / (1 - (1 + i) ** -(n - g))  to year n;  1 / (n - g) without interest.

    Parameters
    ----------
    interest_rate
        Yearly rate as a fraction: 0.015 is 1.5 per cent.
    term_years
        Years from issue to the last payment, grace included (償還期間).
    grace_years
        Years in which only interest is paid (据置期間).

    >>> debt_service(0.0, 4, 2).tolist()
    [0.0, 0.0, 0.0, 0.5, 0.5]
    >>> debt_service(0.25, 3, 1).round(6).tolist()  # 1 / (1 / 1.25 + 1 / 1.25 ** 2) = 1 / 1.44
    [0.0, 0.25, 0.694444, 0.694444]
    """
    _check(interest_rate, term_years, grace_years)
    service = np.zeros(term_years + 1)
    service[1 : grace_years + 1] = interest_rate
    service[grace_years + 1 :] = 1.0 / annuity_factor(interest_rate, term_years - grace_years)
    return service


def outstanding(interest_rate: float, term_years: int, grace_years: int = 0) -> Floats:
    """Return the (term + 1,) balance owed after each year's payment, per unit issued; index 0 is 1.

    1 during grace; then what the payments still to come are worth at the bond's own rate:
    payment * (1 - (1 + i) ** -(years left)) / i.

    Parameters
    ----------
    interest_rate, term_years, grace_years
        As for ``debt_service``.

    >>> outstanding(0.0, 4, 2).tolist()
    [1.0, 1.0, 1.0, 0.5, 0.0]
    >>> outstanding(0.25, 3, 1).round(6).tolist()  # 1.25 - 0.694444
    [1.0, 1.0, 0.555556, 0.0]
    """
    _check(interest_rate, term_years, grace_years)
    paying = term_years - grace_years
    whole = annuity_factor(interest_rate, paying)
    left = [annuity_factor(interest_rate, years) / whole for years in range(paying, 0, -1)]
    return np.array([*[1.0] * grace_years, *left, 0.0])


def principal(interest_rate: float, term_years: int, grace_years: int = 0) -> Floats:
    """Return the (term + 1,) part of each payment that repays the bond; it adds up to 1.

    >>> principal(0.0, 4, 2).tolist()
    [0.0, 0.0, 0.0, 0.5, 0.5]
    """
    balance = outstanding(interest_rate, term_years, grace_years)
    return np.concatenate([[0.0], balance[:-1] - balance[1:]])


def own_burden_rate(subsidy_rate: float, bond_share: float, grant_rate: float) -> float:
    """Return the share of a cost that a city bears itself (実質負担), before interest.

    (1 - s) * (1 - b) + (1 - s) * b * (1 - t)

    Parameters
    ----------
    subsidy_rate
        Subsidies (国庫支出金, 県支出金) over the cost.
    bond_share
        Bond over the cost less subsidies (充当率).
    grant_rate
        Tax grant over the debt service (交付税措置率).

    >>> round(own_burden_rate(1 / 3, 0.9, 2 / 3), 4)  # 長寿命化改良事業: 26.7 %, as published
    0.2667
    >>> round(own_burden_rate(0.0, 0.9, 0.5), 6)  # 集約化・複合化
    0.55
    """
    return (1 - subsidy_rate) * (1 - bond_share) + (1 - subsidy_rate) * bond_share * (1 - grant_rate)


def _check(interest_rate: float, term_years: int, grace_years: int) -> None:
    if not 0 <= grace_years < term_years:
        raise CurveError(
            Text(
                f"据置期間{grace_years}年は、0以上で償還期間{term_years}年より短くします",
                f"the grace of {grace_years} years must be 0 or more and shorter than the term of {term_years}",
            )
        )
    if not 0 <= interest_rate < 1:
        raise CurveError(
            Text(
                f"利率は0以上1未満の小数です（{interest_rate}）",
                f"an interest rate must be 0 or more and below 1 (got {interest_rate})",
            ),
            Text("1.5%は0.015と書きます", "1.5 per cent is 0.015"),
        )
