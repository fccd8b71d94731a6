"""One part of tied facilities as a problem of its own, solved with whole plans."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from fmtool.schedule.decompose.choices import Choices, Floats, Indices
from fmtool.schedule.decompose.coupling import Coupling
from fmtool.schedule.decompose.restricted import restricted

_FIRST_PLANS, _ANY_PLANS = 4.0, 8.0
_FIRST_SHARE = 0.3
_EXACT = 1e-9

Answer = tuple[float, Indices | None]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Tied facilities, the rows among them, and what they cost at the prices of all other rows."""

    choices: Choices
    limit: Floats
    """(R,) right sides of the rows."""
    lowered: Floats
    """(n,) cost less the priced use of the rows themselves: what tells which plans matter."""
    floor: float
    """Bound of the prices alone."""
    plans: Indices
    """(n,) rows of the plans in the whole case."""
    is_any: bool = False
    """Whether a good choice is enough, and no bound is asked for."""

    def answer(self, until: float, seconds: float, close: float) -> Answer:
        """Return a lower bound of the part's cost, and which plans it takes where a choice was found.

        At the moment ``until`` (seconds of the clock) there is no more time; of what is left it takes ``seconds`` at most.

        A first problem over the few cheapest plans gives a choice; plans that cost more over the floor than it does are
        in no better one, so the second problem's bound is the part's.
        """
        seconds, began = min(seconds, until - time.time()), time.perf_counter()
        if seconds <= 0:
            return self.floor, None
        none, rows = np.zeros(0), len(self.limit)
        coupling = Coupling(self.limit, np.zeros(rows, dtype=bool), sparse.csc_array((rows, 0)), none, none, none)
        slack = close * abs(self.floor) + _EXACT
        above = Choices(self.lowered, self.choices.first, np.zeros((len(self.lowered), 0))).above(none)
        count = min(int((_ANY_PLANS if self.is_any else _FIRST_PLANS) * self.choices.facilities), len(above) - 1)
        few = np.flatnonzero(above <= np.partition(above, count)[count])
        best = restricted(
            self.choices, coupling, few, seconds=_FIRST_SHARE * seconds, absolute_gap=slack, threads=1
        ).plan
        if best is not None and self.is_any:
            return self.floor, best.pick
        needed = np.inf if best is None else best.objective - self.floor + _EXACT * max(1.0, abs(best.objective))
        useful = np.flatnonzero(above <= needed)
        if best is not None:
            useful = np.union1d(useful, best.pick)
        found = restricted(
            self.choices, coupling, useful, seconds=max(seconds - (time.perf_counter() - began), 0.1),
            absolute_gap=slack, threads=1, start=best,
        )  # fmt: skip
        if found.plan is not None and (best is None or found.plan.objective < best.objective):
            best = found.plan
        bound = found.bound if best is None else min(found.bound, best.objective)
        return max(bound, self.floor), None if best is None else best.pick
