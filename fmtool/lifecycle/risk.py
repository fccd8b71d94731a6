"""Expected yearly cost of failure of parts in grade D, and of an earthquake."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmtool.workspace import Figures

Floats = NDArray[np.float64]


def failure_cost_rate(share_d: Floats, figures: Figures) -> Floats:
    """Return the expected yearly cost, as a share of the rebuild cost, from share_D (..., 5, Y) -> (..., Y)."""
    raise NotImplementedError


def seismic_loss_rate(figures: Figures) -> float:
    """Return the expected yearly loss, as a share of the rebuild cost, of an unretrofitted pre-1981 building."""
    raise NotImplementedError
