"""What is known so far: the best schedule, the bound, and whether that is enough. Shared by solvers at work at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmtool.schedule.decompose.choices import Choices, Floats
from fmtool.schedule.decompose.coupling import Coupling
from fmtool.schedule.decompose.restricted import Plan

Progress = Callable[[str, float | None, float], None]
"""Told the step, the objective known and the bound."""

EXACT = 1e-9
"""Differences of sums smaller than this part of them mean nothing."""
_DECIMALS = 4
"""Costs of so many decimals are still looked through for a common step."""
_SURE, _WIDER = 1e-4, 3.0
"""Part of a step by which a bound must pass a multiple to be lifted to the next; and a margin past that."""
_LARGEST, _FEW = 2.0**50, 1_000
_ALMOST = 0.95
_IN_VAIN = 0.02
"""Part of the way from bound to plan that a proof is to have gone when its patience ends."""


def cost_step(choices: Choices, coupling: Coupling) -> float:
    """Return the largest step of which every schedule's cost is a multiple; 0 = none was found.

    Costs of whole numbers, or of a few decimals, have one: their greatest common divisor.

    >>> from scipy import sparse
    >>> none = Coupling(np.zeros(0), np.zeros(0, bool), sparse.csc_array((0, 0)), np.zeros(0), np.zeros(0), np.zeros(0))
    >>> cost_step(Choices(np.array([1.5, 4.5, 6.0]), np.array([0, 2, 3]), np.zeros((3, 0))), none)
    1.5
    """
    if np.any(coupling.money_cost):
        return 0.0
    for scale in 10.0 ** np.arange(_DECIMALS + 1):
        # Most costs that have no step show it in the first few; millions need not be copied for that.
        if _whole(choices.cost[:_FEW], scale) is not None:
            whole = _whole(choices.cost, scale)
            if whole is not None:
                return float(np.gcd.reduce(whole.astype(np.int64)) / scale)
    return 0.0


def _whole(cost: NDArray[np.floating], scale: float) -> Floats | None:
    """Return the scaled costs where they are whole numbers whose sums are exact."""
    scaled = np.asarray(cost, dtype=float) * scale
    whole = np.round(scaled)
    is_whole = (np.abs(scaled - whole) <= EXACT * np.maximum(1.0, np.abs(scaled))).all()
    return whole if is_whole and np.abs(whole).sum() <= _LARGEST else None


def lifted(bound: float, step: float) -> float:
    """Return the least multiple of the step that no schedule of at least the bound can be under.

    A bound that passes a multiple by next to nothing may do so by rounding alone and goes back to that multiple.

    >>> lifted(-3614.2, 1.0), lifted(-3598.0000001, 1.0), lifted(-3597.99999999, 1.0), lifted(7.2, 0.0)
    (-3614.0, -3598.0, -3598.0, 7.2)
    """
    sure = _margin(bound, step)
    if not step or not np.isfinite(bound) or 2 * _WIDER * sure > step:
        return bound
    return float(np.ceil((bound - sure) / step)) * step


def _margin(value: float, step: float) -> float:
    return _SURE * step + EXACT * abs(value)


@dataclass(slots=True)
class Standing:
    """The best plan and the bound of one search, safe to be told of by two threads at once."""

    gap: float
    deadline: float
    step: float = 0.0
    tell: Progress | None = None
    plan: Plan | None = None
    bound: float = -np.inf
    is_infeasible: bool = False
    is_stopped: bool = False
    log: list[dict[str, Any]] = field(default_factory=list)
    started: float = field(default_factory=time.perf_counter)
    changed: float = 0.0
    """When the best plan was found."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def left(self) -> float:
        """Return the seconds left."""
        return self.deadline - time.perf_counter()

    def apart(self) -> float:
        """Return how far the best plan is over the bound."""
        return np.inf if self.plan is None else self.plan.objective - self.bound

    def room(self) -> float:
        """Return how much over the bound of prices a plan may cost by itself and still be in a better schedule."""
        if self.plan is None:
            return np.inf
        sure = _WIDER * _margin(self.plan.objective, self.step)
        saved = self.step - sure if sure < self.step else -EXACT * abs(self.plan.objective)
        return self.plan.objective - saved

    def slack(self, part: float) -> float:
        """Return the difference at which a part of the gap asked for is reached."""
        size = abs(self.bound) if self.plan is None else abs(self.plan.objective)
        return max(part * self.gap, EXACT) * size

    def enough(self) -> float:
        """Return the cost at which a schedule closes the gap asked for."""
        size = abs(self.bound) / (1 + self.gap) if self.bound < 0 else abs(self.bound)
        return self.bound + max(_ALMOST * self.gap, EXACT) * size

    def is_done(self) -> bool:
        """Say whether the gap is closed, no schedule exists, or time is up."""
        return (
            self.is_stopped or self.is_infeasible
            or (self.plan is not None and self.apart() <= self.slack(1.0)) or self.left() <= 0
        )  # fmt: skip

    def offer(self, plan: Plan | None) -> bool:
        """Keep the plan if it is better than the best; say whether it is."""
        with self._lock:
            if plan is None or (
                self.plan is not None and plan.objective >= self.plan.objective - EXACT * abs(self.plan.objective)
            ):
                return False
            self.plan, self.changed = plan, time.perf_counter()
            return True

    def learn(self, bound: float) -> None:
        """Keep the bound if it is higher, lifted to the next cost that a schedule can have."""
        with self._lock:
            if np.isfinite(bound):
                self.bound = max(self.bound, lifted(bound, self.step))

    def note(self, step: str) -> None:
        """Write down what is known after a step, and tell it."""
        objective = None if self.plan is None else self.plan.objective
        seconds = round(time.perf_counter() - self.started, 2)
        self.log.append({"step": step, "objective": objective, "bound": self.bound, "seconds": seconds})
        if self.tell is not None:
            self.tell(step, objective, self.bound)


class Side:
    """One solver's side of a standing: what it found and what it was told."""

    def __init__(self, standing: Standing, *, others: float | None = None, patience: float = np.inf) -> None:
        self.standing, self.others, self.told = standing, others, standing.plan
        self.patience, self.begun = patience, standing.bound

    def is_over(self, bound: float) -> bool:
        """Take note of a bound that holds for all schedules but those of at least ``others``; say whether to end."""
        if self.others is not None:
            self.standing.learn(min(bound, self.others))
        return self.standing.is_done() or (time.perf_counter() > self.patience and self.is_in_vain())

    def is_in_vain(self) -> bool:
        """Say whether the bound has not come nearer to the best plan since this side began."""
        apart = self.standing.apart()
        return np.isfinite(apart) and self.standing.bound - self.begun <= _IN_VAIN * apart

    def newer(self) -> Plan | None:
        """Return the best plan if this side does not know it."""
        plan = self.standing.plan
        if plan is self.told:
            return None
        self.told = plan
        return plan

    def offer(self, plan: Plan | None) -> bool:
        """Tell of a plan."""
        is_better = self.standing.offer(plan)
        if is_better:
            self.told = plan
        return is_better
