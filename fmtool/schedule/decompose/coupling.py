"""The rows that tie facilities together, and the money that moves in them: rows priced by the dual."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from fmtool.schedule.decompose.choices import Choices, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Coupling:
    """use of plans + money @ m  <= or ==  limit, row by row; R rows, of which plans use the first K."""

    limit: Floats
    """(R,)"""
    is_equal: NDArray[np.bool_]
    """(R,) rows kept to the letter; their price may have either sign."""
    money: sparse.csc_array
    """(R, M) what one unit of each money column uses of the rows."""
    money_cost: Floats
    """(M,)"""
    money_low: Floats
    money_high: Floats
    """(M,) finite: what no schedule needs to pass."""

    def scaled(self, share: float) -> Coupling:
        """Return the rows that a part of the facilities would have to itself."""
        return Coupling(
            self.limit * share, self.is_equal, self.money, self.money_cost,
            self.money_low * share, self.money_high * share,
        )  # fmt: skip

    def less(self, used: Floats) -> Coupling:
        """Return the rows with what is already used taken from the limits."""
        limit = self.limit.copy()
        limit[: len(used)] -= used
        return Coupling(limit, self.is_equal, self.money, self.money_cost, self.money_low, self.money_high)

    def admissible(self, prices: Floats) -> Floats:
        """Return the prices with those of ``<=`` rows not below zero."""
        return np.where(self.is_equal, prices, np.maximum(prices, 0.0))

    def worth(self, prices: Floats) -> float:
        """Return the bound's part that no plan decides.

        - sum over r of prices[r] * limit[r] + sum over m of the least of (cost[m] + priced use[m]) * m within its bounds
        """
        reduced = self.money_cost + self.money.T @ prices
        at_best = np.minimum(reduced * self.money_low, reduced * self.money_high)
        return float(at_best.sum() - prices @ self.limit)


def lower_bound(choices: Choices, coupling: Coupling, prices: Floats) -> float:
    """Return what every schedule costs at least, told from any prices (Lagrangian relaxation).

    >>> one = Choices(np.array([5.0, 3.0]), np.array([0, 2]), np.array([[0.0], [4.0]]))
    >>> none = sparse.csc_array((1, 0))
    >>> row = Coupling(np.array([2.0]), np.array([False]), none, np.zeros(0), np.zeros(0), np.zeros(0))
    >>> lower_bound(one, row, np.array([0.5]))
    4.0
    """
    prices = coupling.admissible(prices)
    least, _ = choices.respond(prices[: choices.rows])
    return float(least.sum()) + coupling.worth(prices)
