"""Running cost, rising once a building is past its design life.

Running cost (維持管理費) is what holding and operating a facility costs in a year, without works. Facilities
kept past their expected life are known to be budgeted too low (US GAO-22-104481); the rate is an
assumption of ``models/running.toml``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmtool.errors import CurveError
from fmtool.text import Text
from fmtool.workspace import Figures

Floats = NDArray[np.float64]


def growth_factor(years_since_renewal: ArrayLike, design_life_years: ArrayLike, growth_rate: float) -> Floats:
    """Return running cost over that of a sound building: 1 + g * max(0, years since renewal - design life).

    >>> growth_factor([10, 60, 65], 60, 0.02).tolist()
    [1.0, 1.0, 1.1]
    """
    if growth_rate < 0:
        raise CurveError(
            Text(
                f"models/running.toml: `growth_past_design_life` は0以上です（{growth_rate}）",
                f"models/running.toml: `growth_past_design_life` must not be negative (got {growth_rate})",
            )
        )
    past = np.asarray(years_since_renewal, dtype=np.float64) - np.asarray(design_life_years, dtype=np.float64)
    return np.asarray(1.0 + growth_rate * np.maximum(past, 0.0))


def running_factor(years_since_renewal: ArrayLike, design_life_years: ArrayLike, figures: Figures) -> Floats:
    """Return running cost over that of a sound building; the two arrays are broadcast.

    Parameters
    ----------
    years_since_renewal
        Years since the building was built or made to serve another life.
    design_life_years
        Years that it serves at an even running cost; after a long-life renovation, the years left until
        the later rebuilding.
    figures
        The workspace's assumptions.
    """
    return growth_factor(years_since_renewal, design_life_years, figures.number("running.growth_past_design_life"))


def running_costs(
    running_cost: Floats, age_years: ArrayLike, design_life_years: Floats, figures: Figures, horizon_years: int
) -> Floats:
    """Return the (F, Y) running cost of buildings kept as they are.

    Today's running cost already holds the growth of the years past design life so far:
    cost at the start * factor(age + t) / factor(age)
    """
    ages = np.asarray(age_years, dtype=np.float64)[:, np.newaxis]
    life = design_life_years[:, np.newaxis]
    ahead = running_factor(ages + np.arange(horizon_years), life, figures)
    return running_cost[:, np.newaxis] * ahead / running_factor(ages, life, figures)
