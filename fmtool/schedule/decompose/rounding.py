"""From prices to a first whole plan: the dual's mix drawn facility by facility, then mended where it is cheap to."""

from __future__ import annotations

import time

import numpy as np

from fmtool.schedule.decompose.choices import Choices, Floats, Indices
from fmtool.schedule.decompose.coupling import Coupling
from fmtool.schedule.decompose.dual import Dual
from fmtool.schedule.decompose.restricted import Found, Plan, restricted

_GOLDEN = 0.6180339887498949
_OPEN, _BESIDE = 2_500, 250
"""Facilities left open in the linear problem, and beside its fractions in the whole one."""
_OPEN_PART = 60
_PLANS = 8
_SHARE = 1e-9
_TRIES, _WIDER = 6, 2


def drawn(choices: Choices, dual: Dual) -> Indices:
    """Draw each facility's plan from the answers in its group's mix, so that rows are kept nearly.

    The draws are spread evenly (multiples of the golden ratio), not at random, along an order in which facilities
    of like answers and like size are neighbours: what one draw puts too much into a row the next takes back.
    """
    if dual.weights is None or (dual.weights.sum(axis=0) <= 0).any():
        return dual.pick
    count = choices.facilities
    used = np.flatnonzero(dual.weights.max(axis=1) > _SHARE)
    weights = np.maximum(dual.weights[used], 0.0)
    reach = np.cumsum(weights / weights.sum(axis=0), axis=0)
    answers = np.stack([dual.answers[each] for each in used])
    group = np.repeat(np.arange(len(dual.edges) - 1), np.diff(dual.edges))
    kind = np.zeros(count)
    for number, answer in enumerate(answers):
        kind += (answer - choices.first[:-1]) * ((number + 1) * _GOLDEN % 1.0)
    order = np.lexsort((choices.cost[answers[0]], kind, group))
    draw = np.empty(count)
    draw[order] = (np.arange(count) * _GOLDEN) % 1.0
    which = np.zeros(count, dtype=np.int64)
    for share in reach[:-1]:
        which += draw > share[group]
    return np.asarray(answers[which, np.arange(count)])


def first_plan(
    choices: Choices, coupling: Coupling, dual: Dual, *, enough: float, deadline: float, threads: int, seed: int
) -> Plan | None:
    """Return a plan that keeps every row, from the facilities that prices leave nearly undecided.

    The linear problem over the facilities cheapest to move settles all but a few of them; those few and some
    more are settled by a mixed-integer problem until it costs no more than ``enough``.
    """
    prices = dual.prices[: choices.rows]
    pick = drawn(choices, dual)
    near = np.union1d(choices.near(prices, 1.0, _PLANS), np.union1d(pick, dual.pick))
    small = choices.take(near)
    held = np.searchsorted(near, pick)
    ratio = _reluctance(small, prices, held)
    order = np.argsort(np.minimum.reduceat(ratio, small.first[:-1]), kind="stable")
    count = min(max(_OPEN, small.facilities // _OPEN_PART), small.facilities)
    for _ in range(_TRIES):
        settled = _settle(small, coupling, held, ratio, order[:count], enough, deadline, threads, seed)
        if settled is not None:
            return Plan(near[settled.pick], settled.money, settled.objective)
        if count == small.facilities or time.perf_counter() > deadline:
            return None
        count = min(count * _WIDER, small.facilities)
    return None


def _reluctance(choices: Choices, prices: Floats, held: Indices) -> Floats:
    """Return how far prices would have to move before each plan is taken instead of the one held, (N,)."""
    owner = choices.owner()
    above = choices.above(prices)
    apart = np.asarray(abs(choices.use - choices.use[held[owner]]).sum(axis=1)).ravel().astype(float)
    ratio = np.abs(above - above[held[owner]]) / np.maximum(apart, 1e-12)
    ratio[held] = np.inf
    return np.asarray(ratio)


def _settle(
    choices: Choices, coupling: Coupling, held: Indices, ratio: Floats, opened: Indices,
    enough: float, deadline: float, threads: int, seed: int,
) -> Plan | None:  # fmt: skip
    allowed = np.union1d(choices.plans_of(np.sort(opened)), held)
    found = restricted(
        choices, coupling, allowed, seconds=deadline - time.perf_counter(), whole=False, threads=threads, seed=seed
    )
    if found.shares is None:
        return None
    owner = choices.owner()[allowed]
    most = np.zeros(choices.facilities)
    np.maximum.at(most, owner, found.shares)
    chosen = allowed[found.shares >= most[owner]]
    _, first = np.unique(choices.owner()[chosen], return_index=True)
    chosen = chosen[first]
    torn = np.flatnonzero(most < 1 - 1e-6)
    beside = _BESIDE
    while time.perf_counter() < deadline:
        free = np.union1d(torn, opened[:beside])
        columns = np.union1d(choices.plans_of(free), chosen)
        whole: Found = restricted(
            choices, coupling, columns, seconds=min(20.0, deadline - time.perf_counter()),
            enough=enough, threads=threads, seed=seed,
        )  # fmt: skip
        if whole.plan is not None or beside >= len(opened):
            return whole.plan
        beside *= 4
    return None
