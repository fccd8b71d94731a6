"""Prices, a first plan, and better ones until the gap asked for is proven or time is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fmtool.schedule.decompose.choices import Bools, Choices, Floats, Indices
from fmtool.schedule.decompose.coupling import Coupling
from fmtool.schedule.decompose.dual import Dual, ascend
from fmtool.schedule.decompose.restricted import Found, Plan, restricted
from fmtool.schedule.decompose.rounding import first_plan

Progress = Callable[[str, float | None, float], None]
"""Told the step, the objective known and the bound."""

_FEW = 3_000
"""Up to so many facilities all of them stay open in the restricted problems."""
_CORE_PLANS = (2.0, 3.0, 1.0)
"""Plans a facility beside its cheapest in the first restricted problems."""
_CORE_SHARE, _SEARCH_SHARE = 0.1, 0.15
"""Parts of the time left for each of the first, and for the search around the best plan."""
_NEIGHBOURS = (40, 80, 160)
_PROOF_PLANS = 60_000
_TINY_PLANS = 2_000
_CLOSE = 0.02
"""Part of the gap asked for that the prices may leave."""
_FINEST, _COARSEST = 1e-9, 1e-5
_EXACT = 1e-9
_ALMOST = 0.95


@dataclass(slots=True)
class Outcome:
    """The best plan found and what is proven."""

    plan: Plan | None
    bound: float
    prices: Floats
    is_infeasible: bool = False
    log: list[dict[str, Any]] = field(default_factory=list)


class Search:
    """One search: the choices, the rows that tie them, the best plan and the bound."""

    def __init__(
        self, choices: Choices, coupling: Coupling, *, gap: float, deadline: float, threads: int, seed: int,
        tell: Progress | None = None,
    ) -> None:  # fmt: skip
        self.choices, self.coupling, self.gap, self.deadline = choices, coupling, gap, deadline
        self.threads, self.seed, self.tell = threads, seed, tell
        self.plan: Plan | None = None
        self.bound = -np.inf
        self.is_infeasible = False
        self.log: list[dict[str, Any]] = []
        self.started = time.perf_counter()
        self.dual: Dual
        self.above = np.zeros(0)

    def run(self) -> Outcome:
        """Search until the gap is closed or the deadline has come."""
        close = float(np.clip(_CLOSE * self.gap, _FINEST, _COARSEST))
        self.dual = ascend(self.choices, self.coupling, deadline=self.deadline, seed=self.seed, close=close)
        self.bound = self.dual.bound
        self._note("dual")
        if self.choices.facilities > _FEW or self.gap > 0:
            self._offer(
                first_plan(
                    self.choices, self.coupling, self.dual, enough=self._enough(), deadline=self.deadline,
                    threads=self.threads, seed=self.seed,
                )
            )  # fmt: skip
            self._note("rounding")
        if not self._is_done():
            self.above = self.choices.above(self.dual.prices[: self.choices.rows])
            if len(self.choices.cost) > _TINY_PLANS:
                if self.choices.facilities <= _FEW:
                    self._core()
                self._search()
            self._prove()
            if self.choices.facilities > _FEW or len(self._useful()) > _PROOF_PLANS:
                self._search(until=self.deadline)
        return Outcome(self.plan, self.bound, self.dual.prices, self.is_infeasible, self.log)

    def _left(self) -> float:
        return self.deadline - time.perf_counter()

    def _is_done(self) -> bool:
        return self.is_infeasible or (self.plan is not None and self._apart() <= self._slack(1.0)) or self._left() <= 0

    def _apart(self) -> float:
        return np.inf if self.plan is None else self.plan.objective - self.bound

    def _slack(self, part: float) -> float:
        size = abs(self.bound) if self.plan is None else abs(self.plan.objective)
        return max(part * self.gap, _EXACT) * size

    def _enough(self) -> float:
        """Return the cost at which a schedule closes the gap asked for."""
        size = abs(self.bound) / (1 + self.gap) if self.bound < 0 else abs(self.bound)
        return self.bound + max(_ALMOST * self.gap, _EXACT) * size

    def _offer(self, plan: Plan | None) -> bool:
        if plan is None or (
            self.plan is not None and plan.objective >= self.plan.objective - _EXACT * abs(self.plan.objective)
        ):
            return False
        self.plan = plan
        return True

    def _note(self, step: str) -> None:
        objective = None if self.plan is None else self.plan.objective
        seconds = round(time.perf_counter() - self.started, 2)
        self.log.append({"step": step, "objective": objective, "bound": self.bound, "seconds": seconds})
        if self.tell is not None:
            self.tell(step, objective, self.bound)

    def _restricted(self, allowed: Indices, seconds: float) -> Found:
        found = restricted(
            self.choices, self.coupling, allowed, seconds=min(seconds, max(self._left(), 0.1)),
            absolute_gap=self._slack(0.1), enough=self._enough(), threads=self.threads, seed=self.seed, start=self.plan,
        )  # fmt: skip
        self._offer(found.plan)
        return found

    def _core(self) -> None:
        """Solve over the plans cheapest at the prices, a few a facility."""
        for plans in _CORE_PLANS:
            if self._is_done():
                return
            count = min(int((plans + 1) * self.choices.facilities), len(self.above) - 1)
            allowed = np.flatnonzero(self.above <= np.partition(self.above, count)[count])
            if self.plan is not None:
                allowed = np.union1d(allowed, self.plan.pick)
            self._restricted(allowed, _CORE_SHARE * self._left())
            self._note("core")

    def _search(self, until: float | None = None) -> None:
        """Free some facilities at random, hold the others, and keep what is better (large neighbourhood search)."""
        if self.plan is None:
            return
        until = until or time.perf_counter() + _SEARCH_SHARE * self._left()
        rng = np.random.default_rng(self.seed)
        owner = self.choices.owner()
        sizes, gains, turn = np.array(_NEIGHBOURS), np.ones(len(_NEIGHBOURS)), 0
        while time.perf_counter() < until and not self._is_done():
            which = turn % len(sizes) if turn < 2 * len(sizes) else int(rng.choice(len(sizes), p=gains / gains.sum()))
            turn += 1
            free = np.zeros(self.choices.facilities, dtype=bool)
            free[rng.choice(self.choices.facilities, min(sizes[which], self.choices.facilities), replace=False)] = True
            allowed = np.union1d(np.flatnonzero(free[owner] & (self.above < self._apart())), self.plan.pick)
            began, before = time.perf_counter(), self.plan.objective
            self._restricted(allowed, min(4.0, until - began))
            gain = (before - self.plan.objective) / max(abs(before) * 1e-6, 1e-12)
            gains[which] = 0.8 * gains[which] + 0.2 * (gain / (time.perf_counter() - began) + 0.05)
        self._note("neighbourhoods")

    def _useful(self) -> Indices:
        """Return the plans that may be in a better schedule: the others cost more than the gap by themselves."""
        needed: Bools = self.above <= self._apart() + _EXACT * abs(self.bound)
        return np.flatnonzero(needed)

    def _prove(self) -> None:
        """Solve over every plan that a better schedule may hold; its bound is the whole problem's."""
        useful = self._useful()
        if self._is_done() or len(useful) > _PROOF_PLANS:
            return
        if self.plan is not None:
            useful = np.union1d(useful, self.plan.pick)
        is_whole = len(useful) == len(self.choices.cost)
        missing = self._apart()
        found = self._restricted(useful, self._left())
        if self.plan is None:
            self.is_infeasible = is_whole and bool(np.isposinf(found.bound))
        else:
            others = np.inf if is_whole else self.dual.bound + missing
            self.bound = max(self.bound, min(found.bound, others, self.plan.objective))
        self._note("proof")
