"""The last plan: a small mixed-integer problem over the facilities and plans that prices leave open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from fmtool.schedule.decompose.choices import Choices, Floats, Indices
from fmtool.schedule.decompose.coupling import Coupling
from fmtool.schedule.decompose.linear import Linear, solve

_ROW_TOLERANCE = 1e-6


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
) -> Found:
    """Choose among the allowed plans (ascending, at least one for each facility).

    A facility of which one plan is allowed is no column: what it uses is taken from the limits. The search ends
    with the first schedule that costs no more than ``enough``.
    """
    first = np.searchsorted(allowed, choices.first)
    count = np.diff(first)
    lone = count == 1
    pick = allowed[first[:-1]]
    fixed = pick[lone]
    columns = allowed[np.repeat(~lone, count)]
    owner = np.repeat(np.cumsum(~lone) - 1, np.where(lone, 0, count))
    left = coupling.less(choices.used(fixed))
    spent = float(choices.cost[fixed].sum(dtype=float))
    size, rows, money = len(columns), len(coupling.limit), coupling.money.shape[1]
    opened = int((~lone).sum())
    if size + money == 0:
        plan = priced(choices, coupling, pick, np.zeros(0))
        return Found(plan, np.inf if plan is None else spent, None if plan is None else np.ones(len(allowed)))
    use = sparse.csr_array(choices.use[columns]).astype(float)
    use = sparse.hstack([use, sparse.csr_array((size, rows - choices.rows))]) if rows > choices.rows else use
    one = sparse.csr_array((np.ones(size), (owner, np.arange(size))), shape=(opened, size))
    matrix = sparse.vstack(
        [
            sparse.hstack([sparse.csr_array(use.T), coupling.money]),
            sparse.hstack([one, sparse.csr_array((opened, money))]),
        ]
    )
    problem = Linear(
        np.concatenate([choices.cost[columns].astype(float), coupling.money_cost]),
        sparse.csc_array(matrix),
        np.concatenate([np.where(left.is_equal, left.limit, -np.inf), np.ones(opened)]),
        np.concatenate([left.limit, np.ones(opened)]),
        np.concatenate([np.zeros(size), coupling.money_low]),
        np.concatenate([np.ones(size), coupling.money_high]),
        np.arange(size + money) < size if whole else None,
    )
    begin = None
    if start is not None and whole:
        begin = np.concatenate([np.isin(columns, start.pick).astype(float), start.money])
    until = {"objective_target": enough - spent} if whole and np.isfinite(enough) else {}
    answer = solve(
        problem, seconds=seconds, absolute_gap=absolute_gap, threads=threads, seed=seed, start=begin, **until
    )
    bound = answer.bound + spent
    if answer.values is None:
        return Found(None, bound, None)
    if not whole:
        shares = np.ones(len(allowed))
        shares[np.repeat(~lone, count)] = answer.values[:size]
        return Found(None, bound, shares)
    pick = pick.copy()
    pick[~lone] = columns[answer.values[:size] > 0.5]  # noqa: PLR2004  - decisions are 0 or 1
    plan = priced(choices, coupling, pick, answer.values[size:])
    return Found(plan, bound, None)


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
