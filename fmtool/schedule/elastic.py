"""The least that the limits of a case would have to give way for a schedule to exist.

Every row of a family that may give way (see ``giving``) may be overstepped at its worth in money, and the
case's own objective is forgotten. The relaxation of that problem, grown by columns and rows, gives the few life
plans worth looking at and a proof; small integer problems over them give a choice. A linear problem then finds
the money columns that suit the choice best, and what it oversteps is added up again from the arrays: the limits,
relaxed by these amounts, do admit a schedule, namely the choice itself.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from fmtool.schedule.giving import RATIO_LIMITS, denominator
from fmtool.schedule.inputs import Bools, Floats, Ints, ScheduleInputs
from fmtool.schedule.limits import Limit, forget_cost, limits_of, with_plans
from fmtool.schedule.money import money_columns
from fmtool.schedule.problem import Answer, Slack, SolveOptions, build, solve
from fmtool.schedule.relaxation import lagrangian_bound
from fmtool.schedule.rows import Rows, can_be_overstepped, worst_of_group
from fmtool.schedule.tighten import dominated

TOLERANCE = 1e-5
_GAP, _CLOSE, _EXACT_GAP = 0.01, 0.02, 1e-4
"""Gap of an integer problem over few life plans, of the relaxation, and of a problem small enough to finish."""
_ENOUGH = 1.02
"""How far over the bound a sum needs no further look."""
_RELAXING, _PROVING, _PART, _SETTLING_SECONDS = 0.5, 0.7, 0.5, 10.0
"""Share of the time that the relaxation may take, and may until it proves something; of the time left that one
integer problem may."""
_HOSTS = frozenset({"host"})
_COLUMNS_A_ROUND = 4
_MIXED = 0.02
_CHOICES = (2, 6, 12)
"""Life plans a facility in one integer problem after the other, beside those of which the relaxation takes a share."""
_EAGER_ENTRIES = 60_000
_SMALL = 3000
"""Up to so many life plans are looked at all at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Relief:
    """A choice of life plans, its money, and by how much each row would have to give way for it."""

    choice: Ints
    """(F,) rows of the case looked at."""
    money: Floats
    slack: list[Floats]
    """For each limit (R,), in the limit's unit; zero where it is kept."""
    worth: float
    """The weighted sum of the slacks, millions."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What the search came to."""

    elastic: Elastic
    relief: Relief | None
    """The best found; None where time was over before there were whole life plans."""
    fractions: list[Floats] | None
    """Slacks of the relaxation, when that is all there is."""
    columns: Bools
    """(N,) life plans looked at last."""

    @property
    def slack(self) -> list[Floats]:
        """For each limit (R,), what is known."""
        return self.relief.slack if self.relief is not None else self.fractions or []

    @property
    def is_any(self) -> bool:
        """Whether any limit is overstepped."""
        return any(bool((slack > TOLERANCE).any()) for slack in self.slack)

    @property
    def is_lawless(self) -> bool:
        """Whether something is overstepped that no limit can mend."""
        pairs = zip(self.elastic.limits, self.slack, strict=True)
        return any(limit.giving is None and bool((slack > TOLERANCE).any()) for limit, slack in pairs)

    @property
    def apart(self) -> float:
        """How far, at most, the weighted sum lies above the least: a share of the sum."""
        if self.relief is None:
            return 1.0
        return max(1.0 - self.elastic.proof / self.relief.worth, 0.0) if self.relief.worth > TOLERANCE else 0.0


def least_relief(
    inputs: ScheduleInputs,
    options: SolveOptions,
    seconds: float,
    blocks: Sequence[Rows] = (),
    keep: Bools | None = None,
) -> Found | None:
    """Look for the least weighted sum of slacks; None when time is over before anything is known.

    Rows of the case and the life plans that no other dominates are taken from ``blocks`` and ``keep`` where known.
    """
    keep = ~dominated(inputs) if keep is None else keep
    elastic = Elastic(inputs.take(keep), options, seconds, [with_plans(block, keep) for block in blocks])
    fractions = None if elastic.every.size <= _SMALL else elastic.relax()
    best: Relief | None = None
    columns = elastic.every
    for choices in _CHOICES if fractions is not None else (0,):
        # Without a proof by the relaxation all life plans are looked at last, lest others should keep every limit.
        is_last = choices == _CHOICES[-1] and not elastic.is_proven
        columns = elastic.every if fractions is None or is_last else elastic.few(choices)
        if best is not None:
            columns = columns.copy()
            columns[best.choice] = True
        elastic.bring_in_breakable(columns)
        while (answer := elastic.solve(columns, integer=True, start=best)) is not None and answer.plans is not None:
            elastic.learn(answer, columns)
            relief = elastic.settle(np.flatnonzero(answer.plans > 0.5).astype(np.int32))  # noqa: PLR2004  - 0 or 1
            if relief is not None and (best is None or relief.worth < best.worth):
                best = relief
            if not elastic.bring_in(answer):
                break
        if elastic.is_proven and best is not None and best.worth <= _ENOUGH * elastic.proof:
            break
    if best is None and fractions is None:
        return None
    found = Found(elastic, best, fractions, columns)
    # A host left out by a search cut short tells nothing.
    return Found(elastic, None, fractions, columns) if fractions is not None and found.is_lawless else found


class Elastic:
    """The elastic problem: its limits, what their slacks cost, and which rows are in the model."""

    def __init__(
        self, inputs: ScheduleInputs, options: SolveOptions, seconds: float, blocks: Sequence[Rows] = ()
    ) -> None:
        self.deadline = time.perf_counter() + seconds
        self.options = options
        self.case, self.original = forget_cost(inputs), inputs
        self.bare = replace(self.case, objective=np.zeros(len(self.case.facility)))
        self.limits, self.slack = limits_of(self.case, self.original, blocks)
        self.active: list[Bools] = [np.full(len(each.rows), not each.family.is_lazy) for each in self.limits]
        self.every = np.full(len(self.case.facility), fill_value=True)
        self.mixed = ~self.every
        self.staying = _first_columns(self.case)
        self.above = np.zeros(len(self.case.facility))
        self.bound = self.proof = -np.inf

    @property
    def blocks(self) -> list[Rows]:
        """Rows of each limit."""
        return [limit.rows for limit in self.limits]

    @property
    def is_proven(self) -> bool:
        """Whether the relaxation alone proves that no schedule keeps every limit."""
        return self.proof > TOLERANCE

    def few(self, choices: int) -> Bools:
        """Choose each facility's cheapest life plans at the row prices, and those that the relaxation mixes."""
        return np.asarray(self.staying | self.mixed | (_rank(self.case, self.above) < choices))

    def solve(self, columns: Bools, *, integer: bool, start: Relief | None = None) -> Answer | None:
        """Solve over these life plans and the rows in the model; None when time is over or nothing was found."""
        left = (self.deadline - time.perf_counter()) * (_PART if integer else 1.0)
        if left <= 0:
            return None
        inside = [block.take(rows) for block, rows in zip(self.blocks, self.active, strict=True)]
        # Of many life plans a search cut short may leave a host out; few enough are searched to the end.
        slack, used = self._inside(_HOSTS if integer and self.every.size > _SMALL else frozenset())
        chosen = np.flatnonzero(columns).astype(np.int32)
        model = build(self.case, inside, chosen, integer=integer, slack=slack)
        gap = _EXACT_GAP if self.every.size <= _SMALL else _GAP
        warm = start if integer and start is not None and columns[start.choice].all() else None
        if warm is not None:
            for variable, value in zip(model.slack, self.most(warm.slack)[used].tolist(), strict=True):
                variable.setInitialValue(value, check=False)
        answer = solve(
            model,
            self.case,
            replace(self.options, gap=gap),
            integer=integer,
            seconds=left,
            start=None if warm is None else (warm.choice, warm.money),
        )
        return answer if answer.plans is not None else None

    def _inside(self, hard: AbstractSet[str] = frozenset()) -> tuple[Slack, Ints]:
        """Return the slacks of the rows in the model, without those of families that must be kept, and their places."""
        column = [
            np.full(int(rows.sum()), -1, dtype=np.int32) if limit.family.name in hard else limit.column[rows]
            for limit, rows in zip(self.limits, self.active, strict=True)
        ]
        gain = [limit.gain[rows] for limit, rows in zip(self.limits, self.active, strict=True)]
        used = np.unique(np.concatenate([each[each >= 0] for each in column]))
        place = np.full(len(self.slack.names) + 1, -1, dtype=np.int32)
        place[used] = np.arange(used.size)
        names = tuple(self.slack.names[at] for at in used)
        return Slack(
            names, self.slack.price[used], self.slack.is_whole[used], [place[each] for each in column], gain
        ), used

    def learn(self, answer: Answer, columns: Bools) -> None:
        """Keep the bound of a problem over all life plans."""
        if columns.all() and answer.best_bound is not None:
            leaving = float(np.maximum.reduceat(self.case.objective, self.case.first_row[:-1]).sum())
            self.proof = max(self.proof, answer.best_bound - leaving)

    def settle(self, choice: Ints, hard: AbstractSet[str] = frozenset()) -> Relief | None:
        """Find the money columns with which a choice oversteps least; None where it cannot be paid for so."""
        plans = np.zeros(len(self.case.facility))
        plans[choice] = 1.0
        money = np.zeros(0)
        if money_columns(self.case).names:
            rest = [_rest(block, plans) for block in self.blocks]
            everything, self.active = self.active, [np.full(len(block), block.money is not None) for block in rest]
            (slack, _), inside = (
                self._inside(hard),
                [block.take(rows) for block, rows in zip(rest, self.active, strict=True)],
            )
            self.active = everything
            model = build(self.case, inside, np.zeros(0, dtype=np.int32), integer=False, slack=slack)
            # CBC tells nothing of a problem that its own reductions empty.
            options = replace(self.options, solver="highs")
            answer = solve(model, self.case, options, integer=False, seconds=_SETTLING_SECONDS, is_vertex=True)
            if answer.money is None or answer.status.name != "Optimal":
                return None
            money = answer.money
        slacks = [self._overstep(limit, limit.rows.excess(plans, money), money) for limit in self.limits]
        return Relief(choice, money, slacks, self.worth(slacks))

    def _overstep(self, limit: Limit, excess: Floats, money: Floats) -> Floats:
        """Turn what rows are overstepped by into what their limits would have to give way by."""
        if limit.giving is None and limit.family.name != "host":
            return np.zeros(len(excess))
        gain = limit.gain
        if limit.family.name in RATIO_LIMITS and money.size:
            gain = denominator(self.case, limit.rows, money)
        over = np.maximum(excess, 0.0)
        over[over <= TOLERANCE * np.maximum(1.0, np.abs(limit.rows.rhs)) * 0.1] = 0.0
        return over / gain

    def worth(self, slacks: Sequence[Floats]) -> float:
        """Return the weighted sum of slacks, millions: of rows with one limit the largest counts."""
        return float(self.most(slacks) @ self.slack.price)

    def most(self, slacks: Sequence[Floats]) -> Floats:
        """Return by how much each limit gives way, one a column of slack."""
        most = np.zeros(len(self.slack.names))
        for limit, slack in zip(self.limits, slacks, strict=True):
            has = limit.column >= 0
            np.maximum.at(most, limit.column[has], slack[has])
        return most

    def bring_in(self, answer: Answer, *, only_worst: bool = False) -> bool:
        """Put overstepped rows into the model; tell whether there were any that were not."""
        added = False
        if answer.plans is None:
            return added
        for block, rows in zip(self.blocks, self.active, strict=True):
            if rows.all():
                continue
            excess = block.excess(answer.plans, answer.money)
            over = worst_of_group(block, excess, TOLERANCE, rows) if only_worst else (excess > TOLERANCE) & ~rows
            rows[over] = True
            added |= bool(over.any())
        return added

    def bring_in_breakable(self, columns: Bools) -> None:
        """Put the rows that these life plans could overstep into the model, unless they are too many."""
        chosen = np.flatnonzero(columns).astype(np.int32)
        for block, rows in zip(self.blocks, self.active, strict=True):
            if not rows.all():
                breakable = can_be_overstepped(block, self.case, chosen)
                if block.plans[np.flatnonzero(breakable)][:, chosen].nnz <= _EAGER_ENTRIES:
                    rows[breakable] = True

    def relax(self) -> list[Floats] | None:
        """Solve the relaxation by adding life plans that would lower it and rows it oversteps; return its slacks."""
        chosen, slacks = self.staying.copy(), None
        left = self.deadline - time.perf_counter()
        enough, until = self.deadline - (1 - _RELAXING) * left, self.deadline - (1 - _PROVING) * left
        while time.perf_counter() < (enough if self.is_proven else until):
            answer = self.solve(chosen, integer=False)
            if answer is None or answer.plans is None or answer.duals is None or answer.objective is None:
                break
            money = np.zeros(0) if answer.money is None else answer.money
            self.mixed = answer.plans > _MIXED
            slacks = [self._overstep(each, each.rows.excess(answer.plans, money), money) for each in self.limits]
            duals = self._within_prices(answer.duals)
            bound, above = lagrangian_bound(self.case, self.blocks, duals)
            if bound > self.bound:
                self.bound, self.above = bound, above
            self.proof = max(self.proof, lagrangian_bound(self.bare, self.blocks, duals)[0])
            added = self.bring_in(answer, only_worst=True)
            entering = _entering(self.case, above, chosen)
            is_close = answer.objective - self.bound <= _CLOSE * max(answer.objective, TOLERANCE)
            if not added and (is_close or not entering.any()):
                break
            chosen |= entering
        return slacks

    def _within_prices(self, duals: Floats) -> list[Floats]:
        """Spread the duals over all rows, together none beyond what their slack costs, so that they give a bound."""
        spread, place = [], 0
        used = np.zeros(len(self.slack.names))
        for limit, rows in zip(self.limits, self.active, strict=True):
            full, count = np.zeros(len(rows)), int(rows.sum())
            full[rows] = duals[place : place + count]
            place += count
            if limit.rows.sense == "<=":
                full = np.minimum(full, 0.0)
            has = limit.column >= 0
            np.add.at(used, limit.column[has], -full[has] * limit.gain[has])
            spread.append(full)
        fit = np.minimum(1.0, self.slack.price / np.maximum(used, 1e-300))
        for limit, full in zip(self.limits, spread, strict=True):
            has = limit.column >= 0
            full[has] *= fit[limit.column[has]]
        return spread


def _rest(block: Rows, plans: Floats) -> Rows:
    """Move the life plans of a row to its right side."""
    return replace(block, plans=sparse.csr_array(block.plans.shape), rhs=block.rhs - block.plans @ plans)


def _first_columns(case: ScheduleInputs) -> Bools:
    """Begin with each facility's plans of least outlay, least works, least floor area, and longest service."""
    measures = [case.outlay.sum(axis=1)]
    if case.sale_income is not None:
        measures.append(case.outlay.sum(axis=1) - case.sale_income.sum(axis=1))
    if case.works is not None:
        measures.append(case.works.sum(axis=1).astype(float))
    if case.floor_m2 is not None:
        measures.append(case.floor_m2[:, -1])
    if case.services is not None:
        measures.append(-case.services.leave_year.astype(float))
    chosen = np.zeros(len(case.facility), dtype=bool)
    for measure in measures:
        chosen |= _rank(case, measure) == 0
    return chosen


def _entering(case: ScheduleInputs, above: Floats, chosen: Bools) -> Bools:
    """Choose, for each facility, the few cheapest plans at these prices that are not columns yet."""
    least = np.full(len(case.facility_ids), np.inf)
    np.minimum.at(least, case.facility[chosen], above[chosen])
    return (_rank(case, above) < _COLUMNS_A_ROUND) & ~chosen & (above < least[case.facility] - TOLERANCE * 0.01)


def _rank(case: ScheduleInputs, cost: Floats) -> Ints:
    order = np.lexsort((cost, case.facility))
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order)) - case.first_row[case.facility[order]]
    return rank
