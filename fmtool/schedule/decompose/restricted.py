"""The last plan: a small mixed-integer problem over the facilities and plans that prices leave open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy import sparse

from fmtool.schedule.decompose.choices import Choices, Floats, Indices
from fmtool.schedule.decompose.coupling import Coupling
from fmtool.schedule.decompose.linear import Answer, Linear, solve

_ROW_TOLERANCE = 1e-6
_HALF = 0.5
"""Decisions are 0 or 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One plan for each facility, the money beside it, and what both cost."""

    pick: Indices
    """(F,)"""
    money: Floats
    objective: float


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a restricted problem gave."""

    plan: Plan | None
    bound: float
    """No schedule among the plans allowed costs less; inf = there is none."""
    shares: Floats | None
    """(columns,) of the linear problem's solution, for the plans allowed."""
    is_optimal: bool = False
    """Whether the problem was solved to its end."""


class Partner(Protocol):
    """Whoever works on the same schedule at the same time: takes and gives plans while a solve runs."""

    def is_over(self, bound: float) -> bool:
        """Take note of the bound over the plans allowed, and say whether the solve may end."""

    def newer(self) -> Plan | None:
        """Return a plan found elsewhere since it was last asked."""

    def offer(self, plan: Plan | None) -> bool:
        """Take note of a plan; say whether it is better than those before."""


class Columns:
    """The allowed plans as columns; a facility of which one plan is allowed is none: its use is taken from the limits."""

    def __init__(self, choices: Choices, coupling: Coupling, allowed: Indices) -> None:
        first = np.searchsorted(allowed, choices.first)
        count = np.diff(first)
        self.choices, self.coupling = choices, coupling
        self.lone = count == 1
        self.inside = np.repeat(~self.lone, count)
        self.pick = allowed[first[:-1]]
        self.plans = allowed[self.inside]
        self.owner = np.repeat(np.cumsum(~self.lone) - 1, np.where(self.lone, 0, count))
        self.spent = float(choices.cost[self.pick[self.lone]].sum(dtype=float))
        self.size, self.opened = len(self.plans), int((~self.lone).sum())

    def problem(self, *, whole: bool) -> Linear:
        """Return the rows that couple facilities over the columns, then one row a facility."""
        choices, money = self.choices, self.coupling.money.shape[1]
        left = self.coupling.less(choices.used(self.pick[self.lone]))
        rows, size = len(left.limit), self.size
        use = sparse.csr_array(choices.use[self.plans]).astype(float)
        use = sparse.hstack([use, sparse.csr_array((size, rows - choices.rows))]) if rows > choices.rows else use
        one = sparse.csr_array((np.ones(size), (self.owner, np.arange(size))), shape=(self.opened, size))
        matrix = sparse.vstack(
            [
                sparse.hstack([sparse.csr_array(use.T), self.coupling.money]),
                sparse.hstack([one, sparse.csr_array((self.opened, money))]),
            ]
        )
        return Linear(
            np.concatenate([choices.cost[self.plans].astype(float), self.coupling.money_cost]),
            sparse.csc_array(matrix),
            np.concatenate([np.where(left.is_equal, left.limit, -np.inf), np.ones(self.opened)]),
            np.concatenate([left.limit, np.ones(self.opened)]),
            np.concatenate([np.zeros(size), self.coupling.money_low]),
            np.concatenate([np.ones(size), self.coupling.money_high]),
            np.arange(size + money) < size if whole else None,
        )

    def values(self, plan: Plan) -> Floats | None:
        """Return a plan as values of the columns; None where it takes what is not allowed."""
        place = np.minimum(np.searchsorted(self.plans, plan.pick[~self.lone]), self.size - 1)
        if (plan.pick[self.lone] != self.pick[self.lone]).any() or (self.plans[place] != plan.pick[~self.lone]).any():
            return None
        taken = np.zeros(self.size)
        taken[place] = 1.0
        return np.concatenate([taken, plan.money])

    def plan(self, values: Floats) -> Plan | None:
        """Return values of the columns as a plan, priced anew; None where they are none that keeps every row."""
        taken = self.plans[values[: self.size] > _HALF]
        if len(taken) != self.opened:
            return None
        pick = self.pick.copy()
        pick[~self.lone] = taken
        return priced(self.choices, self.coupling, pick, values[self.size :])


class _Between:
    """Turns a partner's plans into the solver's values and back."""

    def __init__(self, columns: Columns, partner: Partner) -> None:
        self.columns, self.partner = columns, partner

    def is_over(self, bound: float) -> bool:
        return self.partner.is_over(bound + self.columns.spent)

    def newer(self) -> Floats | None:
        plan = self.partner.newer()
        return None if plan is None else self.columns.values(plan)

    def found(self, values: Floats) -> None:
        self.partner.offer(self.columns.plan(values))


def restricted(
    choices: Choices,
    coupling: Coupling,
    allowed: Indices,
    *,
    seconds: float,
    whole: bool = True,
    absolute_gap: float = 0.0,
    enough: float = -np.inf,
    threads: int = 2,
    seed: int = 0,
    start: Plan | None = None,
    partner: Partner | None = None,
    **settings: Any,  # noqa: ANN401  - HiGHS options are of many types
) -> Found:
    """Choose among the allowed plans (ascending, at least one for each facility).

    The search ends with the first schedule that costs no more than ``enough``.
    """
    columns = Columns(choices, coupling, allowed)
    if columns.size + coupling.money.shape[1] == 0:
        plan = priced(choices, coupling, columns.pick, np.zeros(0))
        bare = None if plan is None else np.ones(len(allowed))
        return Found(plan, np.inf if plan is None else columns.spent, bare, is_optimal=True)
    if whole and np.isfinite(enough):
        settings["objective_target"] = enough - columns.spent
    answer: Answer = solve(
        columns.problem(whole=whole), seconds=seconds, absolute_gap=absolute_gap, threads=threads, seed=seed,
        start=columns.values(start) if start is not None and whole else None,
        watch=_Between(columns, partner) if partner is not None and whole else None, **settings,
    )  # fmt: skip
    bound = answer.bound + columns.spent
    if answer.values is None:
        return Found(None, bound, None, is_optimal=bool(np.isposinf(answer.bound)))
    if not whole:
        shares = np.ones(len(allowed))
        shares[columns.inside] = answer.values[: columns.size]
        return Found(None, bound, shares)
    return Found(columns.plan(answer.values), bound, None, is_optimal=answer.is_optimal)


def priced(choices: Choices, coupling: Coupling, pick: Indices, money: Floats) -> Plan | None:
    """Return the plan with its cost added up anew, or None where it oversteps a row."""
    used = np.zeros(len(coupling.limit))
    used[: choices.rows] = choices.used(pick)
    used += coupling.money @ money
    apart = used - coupling.limit
    over = np.where(coupling.is_equal, np.abs(apart), apart)
    if (over > _ROW_TOLERANCE * np.maximum(1.0, np.abs(coupling.limit))).any():
        return None
    return Plan(pick, money, float(choices.cost[pick].sum(dtype=float) + coupling.money_cost @ money))
