"""Better schedules near the best one: a part of it is freed and solved again (large neighbourhood search).

What is freed takes turns: facilities at random, facilities of which the linear problem and the schedule disagree
(Danna, Rothberg and Le Pape, 2005), the facilities that spend in some rows, or every facility among few plans that
cost little at the guide's prices. Each kind learns the size that is solved within a few seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmtool.schedule.decompose.choices import Bools, Choices, Floats, Indices
from fmtool.schedule.decompose.coupling import Coupling
from fmtool.schedule.decompose.guide import Guide
from fmtool.schedule.decompose.restricted import Plan, restricted
from fmtool.schedule.decompose.standing import Side, Standing

_AIM_SECONDS, _MOST_SECONDS = 3.0, 8.0
"""What one neighbourhood is to take, and at most takes."""
_LARGER, _SMALLER = 1.25, 0.85
_WIDE = 0.0015
"""Plans that cost more than this part of the whole over their facility's cheapest are not freed."""
_FIRST_SHARE = 0.0005
_TORN = 4.0
"""How much likelier a facility that the linear problem splits is freed."""
_SHAKE = 0.5
MANY_ROWS = 0.3
"""Plans that use a larger part of the rows leave nothing that a row's neighbourhood could hold still."""
_REST_SECONDS, _REST_SHARE = 15.0, 0.5
_FAST = 0.5
_CLOSE = 0.01


@dataclass(slots=True)
class _Kind:
    free: Callable[[float], Indices]
    """Plans to allow beside the best schedule's, by size."""
    size: float


class Neighbours:
    """The search from one schedule to the next, until it is told to stop."""

    def __init__(
        self, choices: Choices, coupling: Coupling, standing: Standing, guide: Guide, *, threads: int, seed: int
    ) -> None:
        self.choices, self.coupling, self.standing, self.guide = choices, coupling, standing, guide
        self.threads, self.side = threads, Side(standing)
        self.rng = np.random.default_rng(seed)
        self.owner = choices.owner()
        self.size = abs(guide.value)
        facilities = choices.facilities
        self.kinds = [_Kind(self._random, min(60.0, facilities)), _Kind(self._disagreeing, min(80.0, facilities))]
        if choices.filled() < MANY_ROWS:
            self.kinds.append(_Kind(self._spending, 3.0))
        self.kinds.append(_Kind(self._cheapest, 2.0))

    def run(self, until: float = np.inf, may_rest: Callable[[], bool] | None = None) -> None:
        """Search until the standing is done or the time given has come; where it may, rest when nothing is found."""
        began, turn = time.perf_counter(), 0
        while self.standing.plan is None and not self._is_over(until):
            self._first(_FIRST_SHARE * 2.0**turn, until)
            turn += 1
        turn = 0
        while not self._is_over(until):
            kind = self.kinds[turn % len(self.kinds)]
            self._one(kind, until)
            turn += 1
            if may_rest is not None and self._is_stale(began) and may_rest():
                return

    def _is_over(self, until: float) -> bool:
        return time.perf_counter() >= until or self.standing.is_done()

    def _is_stale(self, began: float) -> bool:
        """Say whether nothing was found for a while that is long beside the time it took to come here."""
        changed = self.standing.changed
        return time.perf_counter() - changed > _REST_SECONDS + _REST_SHARE * max(changed - began, 0.0)

    def _first(self, share: float, until: float) -> None:
        """Look for any schedule among the plans that cost least at the prices."""
        allowed = np.flatnonzero(self.guide.above <= share * self.size)
        is_whole = len(allowed) == int(np.isfinite(self.guide.above).sum())
        self._solve(allowed, None, until - time.perf_counter(), mip_max_improving_sols=1)
        if is_whole and self.standing.plan is None:
            time.sleep(min(1.0, max(self.standing.left(), 0.0)))

    def _one(self, kind: _Kind, until: float) -> None:
        plan = self.standing.plan
        assert plan is not None  # noqa: S101  - the search begins with one
        allowed = np.union1d(kind.free(kind.size), plan.pick)
        began = time.perf_counter()
        is_optimal = self._solve(allowed, plan, min(_MOST_SECONDS, until - began))
        took = time.perf_counter() - began
        if is_optimal and took < _FAST * _AIM_SECONDS:
            kind.size *= _LARGER
        elif not is_optimal or took > _AIM_SECONDS:
            kind.size *= _SMALLER

    def _solve(self, allowed: Indices, start: Plan | None, seconds: float, **settings: Any) -> bool:  # noqa: ANN401  - HiGHS options are of many types
        found = restricted(
            self.choices, self.coupling, allowed, seconds=min(seconds, max(self.standing.left(), 0.1)),
            absolute_gap=_CLOSE * self.standing.slack(1.0) if self.standing.gap else 0.0, threads=self.threads,
            seed=int(self.rng.integers(2**30)), start=start, partner=self.side, **settings,
        )  # fmt: skip
        self.side.offer(found.plan)
        return found.is_optimal

    def _of(self, free: Bools) -> Indices:
        """Return the plans of free facilities that a better schedule near the guide's may hold."""
        room = min(self.standing.room() - self.guide.value, _WIDE * self.size)
        return np.flatnonzero(free[self.owner] & (self.guide.above <= room))

    def _some(self, weight: Floats, count: float) -> Bools:
        free = np.zeros(self.choices.facilities, dtype=bool)
        drawn = weight * self.rng.random(self.choices.facilities)
        free[np.argsort(-drawn, kind="stable")[: int(count)]] = True
        return free

    def _random(self, size: float) -> Indices:
        return self._of(self._some(np.ones(self.choices.facilities), size))

    def _disagreeing(self, size: float) -> Indices:
        plan = self.standing.plan
        assert plan is not None  # noqa: S101  - the search begins with one
        weight = np.ones(self.choices.facilities)
        weight[self.guide.torn(self.choices)] = _TORN
        weight[self.guide.shares[plan.pick] < 1 - _FAST] = _TORN
        return self._of(self._some(weight, size))

    def _spending(self, size: float) -> Indices:
        plan = self.standing.plan
        assert plan is not None  # noqa: S101  - the search begins with one
        rows = self.rng.choice(self.choices.rows, min(int(size), self.choices.rows), replace=False)
        use = self.choices.use[plan.pick][:, rows]
        return self._of(np.asarray(use.sum(axis=1)).ravel() != 0)

    def _cheapest(self, size: float) -> Indices:
        shaken = self.guide.above * np.exp(self.rng.normal(0, _SHAKE, len(self.guide.above)))
        count = min(int(size * self.choices.facilities), len(shaken) - 1)
        near = self.guide.above <= self.standing.room() - self.guide.value
        return np.flatnonzero((shaken <= np.partition(shaken, count)[count]) & near)
