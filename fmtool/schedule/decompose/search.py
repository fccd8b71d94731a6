"""Prices, a first plan, and better ones until the gap asked for is proven or time is up.

The proof and the search for better schedules go on side by side: one thread lets HiGHS branch over every plan
that a better schedule may hold, another frees parts of the best schedule. Each tells the other what it finds.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fmtool.schedule.decompose.choices import Choices, Floats, Indices
from fmtool.schedule.decompose.coupling import Coupling
from fmtool.schedule.decompose.dual import Dual, ascend
from fmtool.schedule.decompose.guide import Guide, guided
from fmtool.schedule.decompose.neighbours import MANY_ROWS, Neighbours
from fmtool.schedule.decompose.restricted import Plan, restricted
from fmtool.schedule.decompose.rounding import first_plan
from fmtool.schedule.decompose.standing import Progress, Side, Standing, cost_step

_FEW = 3_000
"""Up to so many facilities all of them stay open in the restricted problems."""
_PROOF_PLANS = 60_000
_TINY_PLANS, _TINY_SECONDS = 2_000, 3.0
"""So few plans are mostly settled at once, by all threads together."""
_GUIDE_SHARE, _ROUNDING_SHARE, _PATIENCE_SHARE = 0.1, 0.2, 0.25
"""Parts of the time left for the guide, the first plan, and a proof in vain."""
_EASY_SHARE, _ALONE_SHARE = 0.1, 0.35
"""Where one thread does all: when it turns from a first proof to neighbourhoods, and back."""
_CLOSE = 0.02
"""Part of the gap asked for that the prices may leave."""
_FINEST, _COARSEST = 1e-9, 1e-5
_DENSE: dict[str, Any] = {"mip_allow_cut_separation_at_nodes": False}
"""HiGHS's settings for a proof where every plan uses most rows: cuts below the root find nothing there."""
_HELPED: dict[str, Any] = {"mip_heuristic_effort": 0.0}
"""And where another thread looks for schedules."""
_STEP = 0.999
"""Part of a step of costs that need not be told apart."""


@dataclass(slots=True)
class Outcome:
    """The best plan found and what is proven."""

    plan: Plan | None
    bound: float
    prices: Floats
    is_infeasible: bool = False
    log: list[dict[str, Any]] = field(default_factory=list)


class Search:
    """One search: the choices, the rows that tie them, and what is known."""

    def __init__(
        self, choices: Choices, coupling: Coupling, *, gap: float, deadline: float, threads: int, seed: int,
        tell: Progress | None = None,
    ) -> None:  # fmt: skip
        self.choices, self.coupling, self.threads, self.seed = choices, coupling, threads, seed
        self.standing = Standing(gap, deadline, cost_step(choices, coupling), tell)
        self.dual: Dual
        self.above = np.zeros(0)
        self.guide: Guide | None = None
        self.proof: Side | None = None
        self.is_proving, self.patience = False, np.inf  # whether a proof goes on beside the search

    def run(self) -> Outcome:
        """Search until the gap is closed or the deadline has come."""
        standing = self.standing
        close = float(np.clip(_CLOSE * standing.gap, _FINEST, _COARSEST))
        self.dual = ascend(self.choices, self.coupling, deadline=standing.deadline, seed=self.seed, close=close)
        standing.learn(self.dual.bound)
        standing.note("dual")
        if self.choices.facilities > _FEW or standing.gap > 0:
            self._round()
        if not standing.is_done():
            self.above = self.choices.above(self.dual.prices[: self.choices.rows])
            if len(self.choices.cost) <= _TINY_PLANS:
                self._prove(self.threads, min(_TINY_SECONDS, standing.left()))
            if not standing.is_done():
                self._improve()
        return Outcome(standing.plan, standing.bound, self.dual.prices, standing.is_infeasible, standing.log)

    def _round(self) -> None:
        left = self.standing.left()
        seconds = left if self.choices.facilities > _FEW else _ROUNDING_SHARE * left
        plan = first_plan(
            self.choices, self.coupling, self.dual, enough=self.standing.enough(),
            deadline=time.perf_counter() + seconds, threads=self.threads, seed=self.seed,
        )  # fmt: skip
        self.standing.offer(plan)
        self.standing.note("rounding")

    def _improve(self) -> None:
        """Prove and search side by side; where one thread does all, or nothing can be proven, one after the other."""
        is_provable, left, now = len(self._useful()) <= _PROOF_PLANS, self.standing.left(), time.perf_counter()
        if self.threads == 1 or not is_provable:
            if is_provable:
                self._prove(self.threads, _EASY_SHARE * left)
            self._search(self.threads, self.seed, now + (_ALONE_SHARE if is_provable else 1.0) * left)
            self._prove(self.threads, left)
            return
        self.is_proving, self.patience = True, now + _PATIENCE_SHARE * left
        with ThreadPoolExecutor(1) as other:
            searched = other.submit(self._search, 1, self.seed, np.inf)
            try:
                self._prove(self.threads - 1, left, self.patience)
                self.is_proving = False
                # A proof that gets nowhere gives way to a second search.
                if not self.standing.is_done() and self.standing.plan is not None:
                    self._search(self.threads - 1, self.seed + 1, np.inf)
            finally:
                self.standing.is_stopped = True
            searched.result()

    def _proof_goes_on(self) -> bool:
        """Say whether a proof beside the search has outlived its patience, and may have the machine to itself."""
        is_kept = self.proof is not None and time.perf_counter() > self.patience and not self.proof.is_in_vain()
        return is_kept and self.is_proving

    def _useful(self) -> Indices:
        """Return the plans that may be in a better schedule: the others cost too much by themselves."""
        return np.flatnonzero(self.above <= self.standing.room() - self.dual.bound)

    def _allowed(self) -> Indices:
        useful = self._useful()
        return useful if self.standing.plan is None else np.union1d(useful, self.standing.plan.pick)

    def _search(self, threads: int, seed: int, until: float) -> None:
        """Free parts of the best schedule, guided by the linear problem with cuts."""
        standing = self.standing
        if self.guide is None and len(self.above) > _PROOF_PLANS:
            self.guide = Guide(self.above, self._shares(), self.dual.bound)
        elif self.guide is None:
            self.guide = guided(
                self.choices, self.coupling, self._allowed(), side=Side(standing),
                seconds=_GUIDE_SHARE * standing.left(), seed=seed,
            )  # fmt: skip
        Neighbours(self.choices, self.coupling, standing, self.guide, threads=threads, seed=seed).run(
            until, self._proof_goes_on
        )
        standing.note("neighbourhoods")

    def _shares(self) -> Floats:
        shares = np.zeros(len(self.choices.cost))
        shares[self.dual.pick] = 1.0
        return shares

    def _prove(self, threads: int, seconds: float, patience: float = np.inf) -> None:
        """Solve over every plan that a better schedule may hold; its bound is the whole problem's."""
        standing, allowed = self.standing, self._allowed()
        if standing.is_done() or len(allowed) > _PROOF_PLANS:
            return
        is_whole = len(allowed) == len(self.choices.cost)
        side = self.proof = Side(standing, others=np.inf if is_whole else standing.room(), patience=patience)
        settings = (_DENSE if self.choices.filled() >= MANY_ROWS else {}) | (_HELPED if self.is_proving else {})
        found = restricted(
            self.choices, self.coupling, allowed, seconds=seconds, threads=threads, seed=self.seed,
            absolute_gap=max(standing.slack(0.1), _STEP * standing.step), enough=standing.enough(),
            start=standing.plan, partner=side, **settings,
        )  # fmt: skip
        side.offer(found.plan)
        if standing.plan is None:
            standing.is_infeasible = is_whole and bool(np.isposinf(found.bound))
        else:
            side.is_over(min(found.bound, standing.plan.objective))
        standing.note("proof")
