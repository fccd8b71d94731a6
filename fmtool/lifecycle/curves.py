"""Lifecycle-cost curves: what one alternative costs as the years go by.

Works on the yearly arrays of any alternative, in any money unit; draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmtool.lifecycle.present_value import discount_factors, equivalent_annual_cost

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CostCurve:
    """The cost of one alternative, (..., Y) by year or (...) over the horizon."""

    yearly: Floats
    """Works + running + expected failure - income of each year, as paid."""
    cumulative: Floats
    """Undiscounted running total at the end of each year, before residual value."""
    cumulative_present: Floats
    """Running total of present values at the end of each year, before residual value."""
    residual_present: Floats
    """Present value of what is left at the end of the horizon."""
    present: Floats
    """Life-cycle cost: the last of ``cumulative_present`` less ``residual_present``."""
    equivalent_annual: Floats
    """The even yearly amount of the same present value."""


def cost_curve(
    outlay: ArrayLike,
    running: ArrayLike,
    discount_rate: float,
    *,
    risk: ArrayLike = 0.0,
    income: ArrayLike = 0.0,
    residual: ArrayLike = 0.0,
) -> CostCurve:
    """Add up an alternative's yearly amounts (..., Y).

    Parameters
    ----------
    outlay, running, risk, income
        Yearly amounts at the end of each year; all are positive numbers.
    discount_rate
        Real yearly rate as a fraction.
    residual
        Value left at the end of the horizon, undiscounted.

    >>> curve = cost_curve([100, 0], [10, 20], 0.25, income=[0, 5], residual=25)
    >>> curve.yearly.tolist(), curve.cumulative.tolist()
    ([110.0, 15.0], [110.0, 125.0])
    >>> [round(x, 6) for x in curve.cumulative_present.tolist()]  # 110 * 0.8, + 15 * 0.64
    [88.0, 97.6]
    >>> round(float(curve.present), 6), round(float(curve.equivalent_annual), 6)  # 97.6 - 16;  81.6 / 1.44
    (81.6, 56.666667)
    """
    yearly = np.asarray(outlay, dtype=np.float64) + np.asarray(running) + np.asarray(risk) - np.asarray(income)
    horizon_years = yearly.shape[-1]
    factors = discount_factors(discount_rate, horizon_years)
    discounted = np.cumsum(yearly * factors, axis=-1)
    left = np.asarray(residual, dtype=np.float64) * factors[-1]
    present = discounted[..., -1] - left
    return CostCurve(
        yearly=yearly,
        cumulative=np.cumsum(yearly, axis=-1),
        cumulative_present=discounted,
        residual_present=left,
        present=present,
        equivalent_annual=equivalent_annual_cost(present, discount_rate, horizon_years),
    )
