"""Present value of yearly amounts and the measures that rest on it.

Amounts are real; a rate is a real yearly rate as a fraction. Year index 0 is the first year of the plan.
By the product's convention an amount of a year is paid at its end, and the moment of valuation is the
start of the first year. The measures are those of NIST Handbook 135 (2020); the three conventions of
payment within a year are those of NIST's E3.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmtool.errors import CurveError
from fmtool.text import Text

Floats = NDArray[np.float64]
Convention = Literal["end", "mid", "continuous"]
CONVENTIONS: tuple[Convention, ...] = ("end", "mid", "continuous")


def discount_factor_after(discount_rate: float, elapsed_years: ArrayLike, convention: Convention = "end") -> Floats:
    """Discount one unit paid in year ``t`` after the moment of valuation; what is paid at 0 stays whole.

    end: 1 / (1 + r) ** t;  mid: 1 / (1 + r) ** (t - 0.5) for t >= 1;  continuous: exp(-r * t).
    Source: NIST E3, present value calculations.

    Parameters
    ----------
    discount_rate
        Real yearly rate as a fraction, above -1.
    elapsed_years
        Years from the moment of valuation; 1 is the first year.
    convention
        When in the year an amount is paid.

    >>> discount_factor_after(0.25, [0, 1, 2]).tolist()
    [1.0, 0.8, 0.64]
    >>> discount_factor_after(0.21, [0, 1], "mid").round(6).tolist()  # 1 / sqrt(1.21) = 1 / 1.1
    [1.0, 0.909091]
    """
    _check_rate(discount_rate)
    years = np.asarray(elapsed_years, dtype=np.float64)
    if convention == "end":
        return np.asarray((1.0 + discount_rate) ** -years)
    if convention == "mid":
        return np.asarray((1.0 + discount_rate) ** -np.where(years > 0, years - 0.5, 0.0))
    if convention == "continuous":
        return np.asarray(np.exp(-discount_rate * years))
    raise CurveError(
        Text(f"割引の時点「{convention}」は使えません", f"unknown discounting convention `{convention}`"),
        Text(f"使えるもの: {'、'.join(CONVENTIONS)}", f"use one of {', '.join(CONVENTIONS)}"),
    )


def discount_factors(discount_rate: float, horizon_years: int, convention: Convention = "end") -> Floats:
    """Return the (Y,) factors of the plan's years: year index ``t`` lies ``t + 1`` years ahead.

    >>> discount_factors(0.25, 3).tolist()
    [0.8, 0.64, 0.512]
    """
    return discount_factor_after(discount_rate, np.arange(1, horizon_years + 1), convention)


def escalation_factors(escalation_rate: float, horizon_years: int) -> Floats:
    """Return the (Y,) price of each year over that of the first: (1 + e) ** t for year index ``t``.

    >>> escalation_factors(0.1, 3).round(6).tolist()
    [1.0, 1.1, 1.21]
    """
    _check_rate(escalation_rate)
    return np.asarray((1.0 + escalation_rate) ** np.arange(horizon_years, dtype=np.float64))


def escalated_by_index(amounts: ArrayLike, price_index: ArrayLike) -> Floats:
    """Multiply amounts by a price index that is cumulative against the base year, not year on year.

    >>> escalated_by_index([100, 110], [1.03, 1.05]).tolist()
    [103.0, 115.5]
    """
    return np.asarray(amounts, dtype=np.float64) * np.asarray(price_index, dtype=np.float64)


def present_value(amounts: ArrayLike, discount_rate: float, convention: Convention = "end") -> Floats:
    """Discount yearly amounts (..., Y) to the start of the first year.

    sum over t of  amounts[..., t] / (1 + r) ** (t + 1)      (convention "end")

    Parameters
    ----------
    amounts
        Amount of each year on the last axis, in real terms.
    discount_rate
        Real yearly rate as a fraction: 0.03 is three per cent.
    convention
        When in the year an amount is paid.

    >>> float(present_value([100, 100], 0.25))  # 80 + 64
    144.0
    """
    values = np.asarray(amounts, dtype=np.float64)
    return np.asarray(values @ discount_factors(discount_rate, values.shape[-1], convention))


def annuity_factor(discount_rate: float, years: int) -> float:
    """Present value of one unit paid at the end of each of ``years`` years: (1 - (1 + r) ** -n) / r.

    >>> annuity_factor(0.25, 2), annuity_factor(0.0, 7)
    (1.44, 7.0)
    """
    _check_rate(discount_rate)
    if discount_rate == 0:
        return float(years)
    return float(-np.expm1(-years * np.log1p(discount_rate)) / discount_rate)


def equivalent_annual_cost(present: ArrayLike, discount_rate: float, years: int) -> Floats:
    """Spread a present value evenly over ``years`` years: present / annuity_factor.

    >>> float(equivalent_annual_cost(144.0, 0.25, 2))
    100.0
    """
    if years < 1:
        raise CurveError(Text("年数は1以上です", "years must be 1 or more"))
    return np.asarray(np.asarray(present, dtype=np.float64) / annuity_factor(discount_rate, years))


def future_value(yearly_amount: float, interest_rate: float, years: int) -> float:
    """Balance of a fund after equal deposits at the end of each year: p * ((1 + i) ** n - 1) / i.

    >>> future_value(100, 0.25, 2)  # 125 + 100
    225.0
    """
    return yearly_amount * annuity_factor(interest_rate, years) * (1.0 + interest_rate) ** years


def years_to_accumulate(yearly_amount: float, target: float, interest_rate: float) -> float:
    """Years of equal deposits until a fund holds ``target``: ln(1 + target * i / p) / ln(1 + i).

    >>> years_to_accumulate(100, 300, 0.0), round(years_to_accumulate(100, 225, 0.25), 9)
    (3.0, 2.0)
    """
    if yearly_amount <= 0:
        raise CurveError(Text("毎年の積立額は正の数です", "the yearly amount must be positive"))
    if interest_rate == 0:
        return target / yearly_amount
    return float(np.log1p(target * interest_rate / yearly_amount) / np.log1p(interest_rate))


def residual_value(cost: ArrayLike, life_years: ArrayLike, used_years: ArrayLike) -> Floats:
    """Straight-line value left of something bought: cost * max(0, life - used) / life, at most its cost.

    >>> residual_value([300.0, 300.0, 300.0], 60, [0, 15, 75]).tolist()
    [300.0, 225.0, 0.0]
    """
    life = np.asarray(life_years, dtype=np.float64)
    if np.any(life <= 0):
        raise CurveError(Text("耐用年数は正の数です", "a life must be longer than 0 years"))
    left = np.clip(1.0 - np.asarray(used_years, dtype=np.float64) / life, 0.0, 1.0)
    return np.asarray(cost, dtype=np.float64) * left


def remaining_life_years(study_years: int, life_years: float, first_year: int) -> float:
    """Life left at the end of a study of what is bought in ``first_year``; 0 = at its start.

    life - study + (first - 1 if first > 0): what is bought in year 1 or later is already used in that year.
    Source: NIST E3. Below 0 nothing is left.

    >>> remaining_life_years(25, 50, 0), remaining_life_years(50, 100, 25)
    (25, 74)
    """
    return life_years - study_years + max(first_year - 1, 0)


def last_recurrence(study_years: int, first_year: int, every_years: int) -> int:
    """Last year within the study of a cost that recurs; ``every_years`` 0 = it does not recur.

    >>> last_recurrence(25, 10, 2), last_recurrence(25, 1, 0)
    (24, 1)
    """
    if every_years <= 0:
        return first_year
    return first_year + (study_years - first_year) // every_years * every_years


def _check_rate(rate: float) -> None:
    if not rate > -1:
        raise CurveError(
            Text(f"率は-1より大きい小数です（{rate}）", f"a rate must be a fraction above -1 (got {rate})"),
            Text("3%は0.03と書きます", "three per cent is 0.03"),
        )
