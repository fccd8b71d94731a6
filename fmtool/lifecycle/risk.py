"""Expected yearly cost of failure of parts in grade D, and of an earthquake.

Keeping an old building is never free: the parts that are due fail now and then, and a building of the old
seismic standard may be lost. Rates and losses are assumptions of ``models/risk.toml``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmtool.lifecycle.condition import part_weights
from fmtool.workspace import Figures

Floats = NDArray[np.float64]


def expected_failure_cost(
    share_d: ArrayLike, part_cost_shares: Floats, failure_rate: float, failure_cost_share: float
) -> Floats:
    """Return the expected yearly cost as a share of the rebuild cost: (..., 5, Y) -> (..., Y).

    sum over parts of  share in D * failures a year in D * cost of a failure over renewing the part
                       * cost of renewing the part over rebuilding

    >>> share_d = [[1.0], [0.5], [0.0], [0.0], [0.0]]
    >>> shares = np.array([0.06, 0.18, 0.2, 0.08, 0.08])
    >>> float(expected_failure_cost(share_d, shares, 0.1, 0.5).round(6)[0])  # (0.06 + 0.09) * 0.05
    0.0075
    """
    weighted = np.einsum("...py,p->...y", np.asarray(share_d, dtype=np.float64), part_cost_shares)
    return np.asarray(weighted * failure_rate * failure_cost_share)


def failure_cost_rate(share_d: Floats, figures: Figures) -> Floats:
    """Return the expected yearly cost, as a share of the rebuild cost, from share_D (..., 5, Y) -> (..., Y).

    Renewing all five parts costs as much as a long-life renovation; a part's share of that is its weight in
    the condition index.
    """
    shares = part_weights(figures) * figures.number("unit_costs.extend.share_of_rebuild")
    rate = figures.number("risk.failure_rate_in_d")
    return expected_failure_cost(share_d, shares, rate, figures.number("risk.failure_cost_share"))


def seismic_loss_rate(figures: Figures) -> float:
    """Return the expected yearly loss, as a share of the rebuild cost, of an unretrofitted pre-1981 building.

    strong shakings a year * (loss unretrofitted - loss retrofitted): what a retrofit would avoid
    """
    avoided = figures.number("risk.loss_unretrofitted") - figures.number("risk.loss_retrofitted")
    return figures.number("risk.strong_shaking_rate") * max(avoided, 0.0)
