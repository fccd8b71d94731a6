"""Running cost, rising once a building is past its design life."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmtool.workspace import Figures

Floats = NDArray[np.float64]


def running_factor(
    years_since_renewal: NDArray[np.generic], design_life_years: Floats | float, figures: Figures
) -> Floats:
    """Return running cost over that of a sound building; the two arrays are broadcast."""
    raise NotImplementedError
