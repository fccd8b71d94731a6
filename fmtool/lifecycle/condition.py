"""Condition of the five parts of a building and its expected decay."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmtool.lifecycle.stock import Stock
from fmtool.workspace import Figures

Floats = NDArray[np.float64]


def condition_without_works(stock: Stock, figures: Figures, horizon_years: int) -> tuple[Floats, Floats]:
    """Return (index (F, Y), share_D (F, 5, Y)) at the end of each year, if nothing is done."""
    raise NotImplementedError


def condition_after_works(figures: Figures, horizon_years: int, kind: str) -> tuple[Floats, Floats]:
    """Return (index (Y + 1,), share_D (5, Y + 1)) by whole years since completion of ``kind``.

    ``kind`` is one of repair, renovate, extend, rebuild; column 0 is the moment of completion.
    """
    raise NotImplementedError
