"""Comparing one alternative with a base case: net savings, ratios, rates of return, payback.

Definitions of NIST Handbook 135 (2020): operational savings are set against the extra investment, both
in present value. Payback is in whole years, by yearly savings paid at the end of each year.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from fmtool.errors import CurveError
from fmtool.lifecycle.present_value import discount_factors
from fmtool.text import Text

Floats = NDArray[np.float64]
RATE_BOUNDS = (-0.99, 10.0)
"""Yearly rates between which a rate of return is looked for."""


def net_savings(base_present_value: float, alternative_present_value: float) -> float:
    """Life-cycle cost saved: that of the base case less that of the alternative.

    >>> net_savings(16187, 13605)
    2582
    """
    return base_present_value - alternative_present_value


def savings_to_investment_ratio(operational_savings: float, extra_investment: float) -> float:
    """Operational savings over extra investment, both in present value; above 1 the alternative pays.

    The investment is that of the start, plus replacements, less residual value. Infinite when no more
    is invested and something is saved; NaN when neither.

    >>> savings_to_investment_ratio(300.0, 120.0)
    2.5
    """
    if extra_investment <= 0:
        return float("inf") if operational_savings > 0 else float("nan")
    return operational_savings / extra_investment


def adjusted_irr(ratio: float, discount_rate: float, years: int) -> float:
    """Yearly return when savings are reinvested at the discount rate: (1 + r) * SIR ** (1 / n) - 1.

    >>> round(adjusted_irr(4.0, 0.25, 2), 12)  # 1.25 * 2 - 1
    1.5
    """
    if ratio < 0 or years < 1:
        raise CurveError(
            Text("比率は0以上、年数は1以上です", "the ratio must not be negative and years must be 1 or more")
        )
    return float((1.0 + discount_rate) * ratio ** (1.0 / years) - 1.0)


def simple_payback_years(extra_investment: float, yearly_savings: ArrayLike) -> int | None:
    """First year by whose end the savings add up to the extra investment; None = never, 0 = at once.

    >>> simple_payback_years(100, [40, 40, 40]), simple_payback_years(200, [40, 40, 40])
    (3, None)
    >>> simple_payback_years(80, [40, 40, 40])  # met exactly
    2
    """
    if extra_investment <= 0:
        return 0
    cumulative = np.cumsum(np.asarray(yearly_savings, dtype=np.float64))
    reached = np.flatnonzero(cumulative >= extra_investment)
    return int(reached[0]) + 1 if reached.size else None


def discounted_payback_years(extra_investment: float, yearly_savings: ArrayLike, discount_rate: float) -> int | None:
    """Payback with each year's savings discounted from its end.

    >>> discounted_payback_years(100, [100, 100], 0.25)  # 80 after one year, 144 after two
    2
    """
    savings = np.asarray(yearly_savings, dtype=np.float64)
    return simple_payback_years(extra_investment, savings * discount_factors(discount_rate, savings.size))


def internal_rate_of_return(flows: ArrayLike) -> float:
    """Rate at which flows of years 0, 1, 2 … are worth nothing: sum of flows[t] / (1 + r) ** t = 0.

    NaN when no rate within ``RATE_BOUNDS`` does it or the flows never change sign.

    >>> round(internal_rate_of_return([-100, 125]), 9)
    0.25
    """
    values = np.asarray(flows, dtype=np.float64)
    years = np.arange(values.size)

    def worth(rate: float) -> float:
        return float(np.sum(values / (1.0 + rate) ** years))

    low, high = RATE_BOUNDS
    if not worth(low) * worth(high) < 0:
        return float("nan")
    return float(brentq(worth, low, high, xtol=1e-14))


def modified_irr(flows: ArrayLike, finance_rate: float, reinvest_rate: float) -> float:
    """Rate between outflows financed at one rate and inflows reinvested at another.

    (future value of inflows at the end / present value of outflows) ** (1 / n) - 1

    >>> round(modified_irr([-100, 0, 225], 0.1, 0.1), 9)  # sqrt(2.25) - 1
    0.5
    """
    values = np.asarray(flows, dtype=np.float64)
    if not (values.min() < 0 < values.max()):
        return float("nan")
    last = values.size - 1
    years = np.arange(values.size)
    inflow: float = float(np.sum(np.maximum(values, 0.0) * (1.0 + reinvest_rate) ** (last - years)))
    outflow: float = float(-np.sum(np.minimum(values, 0.0) / (1.0 + finance_rate) ** years))
    return float((inflow / outflow) ** (1.0 / last) - 1.0)
