"""The search for a schedule at the relaxation's prices: a small problem first, then proof, then wider ones.

At row prices that give a bound, a life plan that costs more above its facility's cheapest than the gap between a
known schedule and the bound is in no better schedule. So a small integer problem over the few plans left
gives a schedule; parts of tied facilities solved whole lift the bound; and where that is not enough the problem is widened.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fmtool.schedule.decompose.regions import cheapest, rank, regional_start
from fmtool.schedule.decompose.schedule import settled
from fmtool.schedule.families import FAMILIES
from fmtool.schedule.implied import ORIGIN, site_by_year
from fmtool.schedule.inputs import Floats, Ints, ScheduleInputs
from fmtool.schedule.money import money_columns
from fmtool.schedule.neighbourhoods import neighbourhoods
from fmtool.schedule.payment import pay
from fmtool.schedule.problem import Answer, SolveOptions, build, solve
from fmtool.schedule.relaxation import Relaxation, Start, relax
from fmtool.schedule.rows import Rows, can_be_overstepped, worst_of_group
from fmtool.text import Text
from fmtool.workers import Beside, Workers

Progress = Callable[[Text], None]

_PLANS_A_FACILITY = 9
"""Columns of the first integer problem, a facility on average: the cheapest of all over their facility's least."""
_LARGE = 1_000
"""Facilities from which a schedule is decomposed unless the whole is asked for."""
_TIED_PLANS = 5_000
"""Up to so many life plans a wider integer problem proves sooner than parts solved whole."""
_VERY_LARGE = 4_000
"""Facilities from which no integer problem over all of them is begun: it finds nothing in any time that makes sense."""
_RELAXING_SHARE = 0.5
"""Part of the time left for the relaxation of a large case."""
_SETTLING_SHARE, _LARGE_SETTLING_SHARE = 0.8, 0.98
"""Part of the time left for parts, and for the schedule made of them."""
_EAGER_ENTRIES = 150_000
"""Up to so many coefficients every row that could be overstepped is in the integer problem from the start."""
_FIRST_SHARE, _IMPROVING_SHARE = 0.5, 0.3
"""Parts of the time left for the first integer problem, and for bettering its schedule."""
_FIRST_GAPS = 0.25
"""Gap of the first integer problem over the one asked for: what it leaves and the bound lacks must fit into one."""
_IMPROVING_GAP, _PLANS_A_NEIGHBOUR = 0.0005, 40
_MENDS, _MEND_SECONDS, _LITTLE_CHOICE = 12, 15.0, 4
_ROW_TOLERANCE = 1e-6
_EXACT = 1e-9
_SAFE = 0.99
"""Part of the gap asked for that plans left out may use up."""


def relative_gap(objective: float, bound: float) -> float:
    """Return (objective - bound) / |objective|; zero when they are equal.

    >>> relative_gap(200.0, 199.0), relative_gap(0.0, 0.0)
    (0.005, 0.0)
    """
    apart = max(objective - bound, 0.0)
    return apart / abs(objective) if objective else (np.inf if apart else 0.0)


class Search:
    """The state of one search: the best schedule known, the bound, and the rows in the model."""

    def __init__(
        self, inputs: ScheduleInputs, blocks: Sequence[Rows], options: SolveOptions, deadline: float, tell: Progress,
        workers: Workers | None = None,
    ) -> None:  # fmt: skip
        self.inputs, self.options, self.deadline, self.tell = inputs, options, deadline, tell
        self._workers = workers or Beside(options.threads)
        late = {family.name for family in FAMILIES if family.is_lazy}
        self.blocks: list[Rows] = list(blocks)
        self.lazy = [block.family in late for block in blocks]
        self.relaxation: Relaxation
        self.choice: Ints | None = None
        self.money = np.zeros(0)
        self.objective = np.inf
        self.bound = -np.inf
        self.is_infeasible = False
        self.columns = 0
        self.log: list[dict[str, Any]] = []
        self._started = time.perf_counter()

    def relax(self) -> None:
        """Find row prices and a bound, and in a large case a schedule and a sharper bound from them, part by part."""
        start, until = None, self.deadline
        if self._is_decomposed():
            now = time.perf_counter()
            until = now + _RELAXING_SHARE * (self.deadline - now)
            start = self._regional()
        self.relaxation = relax(self.inputs, self.blocks, self.lazy, self.options, until, start)
        self.blocks += self.relaxation.cuts
        self.lazy += [not rows.all() for rows in self.relaxation.active[len(self.lazy) :]]
        self.bound = self.relaxation.bound
        self._note("relaxation", len(self.relaxation.above), self.relaxation.rounds, None, self.bound)
        self.tell(Text(f"緩和問題の下界 {self.bound:,.0f}百万", f"relaxation bound {self.bound:,.0f} million"))
        is_tied = self.inputs.services is not None and len(self.inputs.facility) > _TIED_PLANS
        if (is_tied or self._is_decomposed()) and not self.relaxation.is_short:
            self._settle()

    def _is_decomposed(self) -> bool:
        method = self.options.method
        return method == "decompose" or (method == "auto" and len(self.inputs.facility_ids) > _LARGE)

    def _regional(self) -> Start:
        by_year = site_by_year(self.inputs)
        rows = [*self.blocks, *([] if by_year is None else [by_year])]
        start = regional_start(self.inputs, rows, deadline=self.deadline, workers=self._workers)
        self._note("regions relaxed", int(start.columns.sum()), sum(map(len, start.covers)), None, None)
        return start

    def _settle(self) -> None:
        """Find a schedule and a sharper bound part by part, at the relaxation's prices."""
        now = time.perf_counter()
        share = _LARGE_SETTLING_SHARE if self._is_decomposed() else _SETTLING_SHARE
        found = settled(
            self.inputs, self.blocks, self.relaxation.duals, self.bound, gap=self.options.gap,
            deadline=now + share * (self.deadline - now), seed=self.options.seed,
            workers=self._workers, note=self._note_part,
        )  # fmt: skip
        self.bound = max(self.bound, found.bound)
        if found.plan is not None:
            plans = np.zeros(len(self.inputs.facility))
            plans[found.plan.pick] = 1.0
            if self._overstepped(plans) is None:
                self._offer(plans)
        self._tell_gap()

    def _note_part(self, step: str, objective: float | None, bound: float) -> None:
        self._note(step, len(self.inputs.facility), 0, objective, bound)
        if objective is None:
            self.tell(Text(f"下界 {bound:,.0f}百万", f"bound {bound:,.0f} million"))

    def run(self) -> None:
        """Find a schedule among the cheapest plans, and widen until the gap is proven."""
        if self._is_decomposed() and len(self.inputs.facility_ids) > _VERY_LARGE:
            return
        above = self.relaxation.above
        chosen = (
            np.full(len(above), fill_value=True)
            if self.relaxation.is_short
            else cheapest(self.inputs, above, _PLANS_A_FACILITY)
        )
        if self.choice is not None:
            chosen[self.choice] = True
        share, loose = _FIRST_SHARE, _FIRST_GAPS
        while not self._is_done() and not self._is_late():
            columns = np.flatnonzero(chosen).astype(np.int32)
            outside = float(above[~chosen].min(initial=np.inf))
            seconds = self.deadline - time.perf_counter()
            is_all = outside == np.inf
            bound, is_final = self._integer(columns, seconds * (1.0 if is_all else share), 1.0 if is_all else loose)
            if bound is not None:
                # A schedule is made of these columns alone, or costs at least what the cheapest one outside adds.
                self.bound = max(self.bound, min(bound, self.relaxation.bound + outside, self.objective))
            self._tell_gap()
            if outside == np.inf and bound == np.inf:
                self.is_infeasible = self.choice is None
                return
            if is_final and outside > self._needed():
                return
            self._improve()
            share = loose = 1.0
            reach = self._needed() if self.choice is not None else 4 * float(np.median(above[chosen])) + 1.0
            chosen |= above <= reach + _EXACT

    def begin_from(self, choice: Ints) -> None:
        """Take a schedule known as the best so far, if it keeps every limit."""
        plans = np.zeros(len(self.inputs.facility))
        plans[choice] = 1.0
        if all(
            block.money is not None
            or (block.excess(plans) <= _ROW_TOLERANCE * np.maximum(1.0, np.abs(block.rhs))).all()
            for block in self.blocks
        ):
            self._offer(plans)

    def _tell_gap(self) -> None:
        if self.choice is not None:
            gap = relative_gap(self.objective, self.bound)
            self.tell(
                Text(
                    f"目的関数 {self.objective:,.0f}百万、ギャップ {gap:.2%}",
                    f"objective {self.objective:,.0f} million, gap {gap:.2%}",
                )
            )

    def prices(self) -> dict[str, float]:
        """Return the row prices of the relaxation by row name, zeros left out."""
        return {
            name: float(price)
            for block, prices in zip(self.blocks, self.relaxation.duals, strict=True)
            if block.family != "one_life" and block.family not in ORIGIN
            for name, price in zip(block.names, prices, strict=True)
            if price
        }

    def at_prices(self) -> dict[str, Floats]:
        """Return by family what each life plan uses of the rows, at their prices; implied rows count as those they sharpen."""
        found: dict[str, Floats] = {}
        for block, prices in zip(self.blocks, self.relaxation.duals, strict=True):
            family = ORIGIN.get(block.family, block.family)
            used = prices if block.sense == "==" else np.minimum(prices, 0.0)
            if family != "one_life" and used.any():
                found[family] = found.get(family, 0.0) - block.plans.T @ used
        return found

    def _needed(self) -> float:
        """How far above the bound a plan may cost and still be in a schedule that matters at the gap asked for."""
        if self.choice is None:
            return np.inf
        asked = self.options.gap * abs(self.objective) * _SAFE
        return self.objective - asked - self.relaxation.bound + _EXACT * max(1.0, abs(self.objective))

    def _is_late(self) -> bool:
        return time.perf_counter() >= self.deadline

    def _is_done(self) -> bool:
        return self.choice is not None and relative_gap(self.objective, self.bound) <= self.options.gap

    def _improve(self) -> None:
        """Search the neighbourhoods of the schedule known: some services' facilities free, the others nearly fixed.

        A better schedule leaves fewer life plans that could be in a better one still.
        """
        if self.choice is None or self.inputs.services is None:
            return
        place, service = rank(self.inputs, self.relaxation.above), self.inputs.services.service
        until = time.perf_counter() + _IMPROVING_SHARE * (self.deadline - time.perf_counter())
        for free in neighbourhoods(service, self.options.seed):
            left = until - time.perf_counter()
            if self._is_done() or left <= 0:
                break
            wide = free[self.inputs.facility]
            chosen = (place < _LITTLE_CHOICE) | (wide & (place < _PLANS_A_NEIGHBOUR))
            chosen[self.choice] = True
            answer = self._solve(np.flatnonzero(chosen).astype(np.int32), left, gap=_IMPROVING_GAP)
            if answer.plans is not None and self._overstepped(answer.plans) is None:
                self._offer(answer.plans)
        self._tell_gap()

    def _integer(self, columns: Ints, seconds: float, gaps: float) -> tuple[float | None, bool]:
        """Solve over the columns; return a bound over them (inf = proven empty), and whether no row was missing.

        A choice that oversteps a row not yet in the model is mended in the neighbourhood of that row; the bound
        holds all the same, since rows left out can only lower it.
        """
        self.columns = max(self.columns, len(columns))
        for block, active, late in zip(self.blocks, self.relaxation.active, self.lazy, strict=True):
            if late:
                breakable = can_be_overstepped(block, self.inputs, columns)
                if block.plans[np.flatnonzero(breakable)][:, columns].nnz <= _EAGER_ENTRIES:
                    active[breakable] = True
        answer = self._solve(columns, seconds, gaps * self.options.gap)
        if answer.plans is None:
            return (np.inf if answer.status.name == "Infeasible" else answer.best_bound), True
        bound = answer.best_bound
        if bound is None and answer.status.name == "Optimal" and answer.objective is not None:
            # CBC tells no bound; "optimal" is its word that the gap asked for is closed.
            bound = answer.objective - gaps * self.options.gap * abs(answer.objective)
        known = sum(int(rows.sum()) for rows in self.relaxation.active)
        if self._overstepped(answer.plans) is None:
            self._offer(answer.plans)
            return bound, True
        self._mend(answer.plans)
        return bound, sum(int(rows.sum()) for rows in self.relaxation.active) == known

    def _solve(self, columns: Ints, seconds: float, gap: float | None = None) -> Answer:
        inside = [block.take(rows) for block, rows in zip(self.blocks, self.relaxation.active, strict=True)]
        model = build(self.inputs, inside, columns)
        start = None if self.choice is None else (self.choice, self.money)
        options = self.options if gap is None else replace(self.options, gap=gap)
        answer = solve(model, self.inputs, options, seconds=max(seconds, 0.1), start=start)
        self._note("integer", len(columns), len(model.rows), answer.objective, answer.best_bound)
        return answer

    def _note(self, step: str, columns: int, rows: int, objective: float | None, bound: float | None) -> None:
        entry = {"step": step, "columns": columns, {"relaxation": "rounds", "tied": "whole"}.get(step, "rows"): rows}
        seconds = round(time.perf_counter() - self._started, 2)
        self.log.append(entry | {"objective": objective, "bound": bound, "seconds": seconds})

    def _mend(self, plans: Floats) -> None:
        """Free the facilities of overstepped rows, leave the others little choice, and solve again as rows come in."""
        held = plans > 0.5  # noqa: PLR2004  - decisions are 0 or 1
        held |= rank(self.inputs, self.relaxation.above) < _LITTLE_CHOICE
        free = np.zeros(len(self.inputs.facility_ids), dtype=bool)
        for _ in range(_MENDS):
            over = self._overstepped(plans)
            if over is None:
                self._offer(plans)
                return
            free[over] = True
            columns = np.flatnonzero(held | free[self.inputs.facility]).astype(np.int32)
            answer = self._solve(columns, min(_MEND_SECONDS, self.deadline - time.perf_counter()))
            if answer.plans is None:
                return
            plans = answer.plans

    def _overstepped(self, plans: Floats) -> Ints | None:
        """Bring in the rows that a choice oversteps; return the facilities in them, None when it keeps every row."""
        facilities: list[Ints] = []
        for block, rows in zip(self.blocks, self.relaxation.active, strict=True):
            if block.money is not None:
                continue
            excess = block.excess(plans)
            over = np.flatnonzero(excess > _ROW_TOLERANCE * np.maximum(1.0, np.abs(block.rhs)))
            rows[worst_of_group(block, excess, _ROW_TOLERANCE, rows)] = True
            if over.size:
                facilities.append(self.inputs.facility[block.plans[over].indices])
        return np.unique(np.concatenate(facilities)) if facilities else None

    def _offer(self, plans: Floats) -> None:
        """Keep a choice when it is the best yet and stands on its own arithmetic."""
        choice = np.flatnonzero(plans > 0.5).astype(np.int32)  # noqa: PLR2004  - decisions are 0 or 1
        if len(choice) != len(self.inputs.facility_ids):
            return
        money = pay(self.inputs, choice, self.blocks, self.options)
        if money is None:
            return
        objective = float(self.inputs.objective[choice].sum() + money_columns(self.inputs).cost @ money)
        if objective < self.objective:
            self.choice, self.money, self.objective = choice, money, objective
