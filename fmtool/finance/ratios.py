"""The two ratios of 地方公共団体の財政の健全化に関する法律, their published form and the nation's limits.

Ratios are fractions here; they are published in per cent with one decimal. Letters are those of the law's
forms: A principal and interest paid on bonds (元利償還金), B payments alike (準元利償還金), C earmarked
revenue (特定財源), D the part counted in standard need (基準財政需要額算入額), E standard fiscal size
(標準財政規模, with 臨時財政対策債発行可能額).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmtool.text import Text

Floats = NDArray[np.float64]

YEARS_OF_MEAN = 3


class Threshold(NamedTuple):
    """A ratio from which a national rule applies."""

    ratio: float
    name: Text


DEBT_SERVICE_THRESHOLDS = (
    Threshold(0.18, Text("起債に許可が要る", "bonds need permission")),
    Threshold(0.25, Text("早期健全化基準", "early-correction standard")),
    Threshold(0.35, Text("財政再生基準", "fiscal-rebuilding standard")),
)
"""Source: 18 % and 35 % 総務省 地方財政白書, 25 % and 35 % 雲仙市 健全化判断比率."""

FUTURE_BURDEN_THRESHOLDS = (Threshold(3.50, Text("早期健全化基準", "early-correction standard")),)
"""Of cities, towns and villages. Source: 雲仙市 健全化判断比率."""


def debt_service_own(debt_service: ArrayLike, specific_revenue: ArrayLike, grant_in_need: ArrayLike) -> Floats:
    """Return what a city pays itself on its debt, the numerator of the ratio: (A + B) - (C + D).

    >>> float(debt_service_own(5073 + 2225 + 122 + 3, 0, 4612))  # 北杜市 FY2007, in millions
    2811.0
    """
    service, revenue, grant = (
        np.asarray(each, dtype=np.float64) for each in (debt_service, specific_revenue, grant_in_need)
    )
    return np.asarray(service - revenue - grant)


def real_debt_service_ratio(
    debt_service: ArrayLike, specific_revenue: ArrayLike, grant_in_need: ArrayLike, standard_fiscal_size: ArrayLike
) -> Floats:
    """Return the single-year real debt service ratio (実質公債費比率).

    ((A + B) - (C + D)) / (E - D)

    Parameters
    ----------
    debt_service
        A + B, without early redemption.
    specific_revenue, grant_in_need, standard_fiscal_size
        C, D and E, in the same unit of money.

    >>> round(float(real_debt_service_ratio(57237 + 4336, 439, 38516, 215679)), 4)  # 鳥取県 FY2012
    0.1277
    """
    left = np.asarray(standard_fiscal_size, dtype=np.float64) - np.asarray(grant_in_need, dtype=np.float64)
    return np.asarray(debt_service_own(debt_service, specific_revenue, grant_in_need) / left)


def three_year_mean(yearly: ArrayLike) -> Floats:
    """Return the mean of each year's ratio and the two before it; NaN where one of them is not there.

    >>> three_year_mean([0.03, 0.06, 0.09, 0.12]).round(4).tolist()
    [nan, nan, 0.06, 0.09]
    """
    ratios = np.asarray(yearly, dtype=np.float64)
    mean = np.full(ratios.shape, np.nan)
    mean[2:] = (ratios[:-2] + ratios[1:-1] + ratios[2:]) / YEARS_OF_MEAN
    return mean


def future_burden_ratio(
    burden: ArrayLike,
    funds: ArrayLike,
    expected_specific_revenue: ArrayLike,
    expected_grants: ArrayLike,
    grant_in_need: ArrayLike,
    standard_fiscal_size: ArrayLike,
) -> Floats:
    """Return the future burden ratio (将来負担比率).

    (burden - (funds + expected specific revenue + expected grants)) / (E - D)

    Parameters
    ----------
    burden
        Bonds outstanding and all other future burden (将来負担額).
    funds
        Funds that may be set against it (充当可能基金額), the facilities fund among them.
    expected_specific_revenue, expected_grants
        特定財源見込額 and 基準財政需要額算入見込額.
    grant_in_need, standard_fiscal_size
        D of the year and E, in the same unit of money.

    >>> round(float(future_burden_ratio(10078434, 6130335, 220150, 6633220, 845281, 6176053)), 3)  # 西之表市 FY2023
    -0.545
    """
    owed, held, revenue, grants, counted, size = (
        np.asarray(each, dtype=np.float64)
        for each in (
            burden,
            funds,
            expected_specific_revenue,
            expected_grants,
            grant_in_need,
            standard_fiscal_size,
        )
    )
    return np.asarray((owed - held - revenue - grants) / (size - counted))


def truncated_per_cent(ratio: float) -> float:
    """Return a ratio in per cent, cut off (not rounded) at one decimal, as the three-year mean is published.

    Cut towards zero; what lies nearer to a tenth than binary fractions can tell counts as that tenth.

    >>> truncated_per_cent(0.12769), truncated_per_cent(0.038), truncated_per_cent(-0.0039)
    (12.7, 3.8, -0.3)
    """
    return math.trunc(round(ratio * 1000, 9)) / 10


def published_debt_service_ratio(yearly: Sequence[float]) -> str:
    """Print the three-year mean of single-year ratios as it is published, in per cent.

    >>> published_debt_service_ratio([0.12746, 0.12809, 0.11864])  # 鳥取県 FY2015
    '12.4'
    """
    if len(yearly) != YEARS_OF_MEAN:
        raise ValueError(f"the published ratio is a mean of three years (got {len(yearly)})")
    return f"{truncated_per_cent(sum(yearly) / YEARS_OF_MEAN):.1f}"


def published_future_burden_ratio(ratio: float) -> str:
    """Print a future burden ratio as it is published, in per cent; below zero, where funds exceed the burden, "-".

    >>> published_future_burden_ratio(0.3334), published_future_burden_ratio(-0.545)
    ('33.3', '-')
    """
    return "-" if ratio < 0 else f"{truncated_per_cent(ratio):.1f}"


def thresholds_reached(ratio: float, thresholds: Sequence[Threshold]) -> list[Threshold]:
    """Return the national rules that apply at a ratio, lowest first.

    >>> [each.ratio for each in thresholds_reached(0.26, DEBT_SERVICE_THRESHOLDS)]
    [0.18, 0.25]
    """
    return [each for each in thresholds if ratio >= each.ratio]
