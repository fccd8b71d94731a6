"""From prices to a first whole plan: the dual's mix drawn facility by facility, then mended where it is cheap to."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from scipy import sparse

from fmtool.schedule.decompose.choices import Choices, Floats, Indices
from fmtool.schedule.decompose.coupling import Coupling
from fmtool.schedule.decompose.dual import Dual
from fmtool.schedule.decompose.restricted import Found, Plan, priced, restricted

_GOLDEN = 0.6180339887498949
_OPEN, _BESIDE = 1_500, 250
"""Facilities left open in the linear problem, and beside its fractions in the whole one."""
_RELIEF = 4.0
_SPARE, _MOST_SPARE = 0.15, 0.0005
_PLANS = 8
_SHARE = 1e-9
_WHOLE_SECONDS = 15.0
_DRAWS = 4_000
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
    change = sparse.csc_array(small.use - small.use[held[small.owner()]])
    ratio = _reluctance(small, prices, held, change)
    order = np.argsort(np.minimum.reduceat(ratio, small.first[:-1]), kind="stable")
    aim = _aim(coupling, dual, enough)
    over = np.abs(small.used(held) - aim.limit[: small.rows])
    count, relief = min(_OPEN, small.facilities), _RELIEF
    for _ in range(_TRIES):
        opened = np.union1d(order[:count], small.owner()[_relieving(change, ratio, relief * over)])
        opened = opened[np.argsort(np.minimum.reduceat(ratio, small.first[:-1])[opened], kind="stable")]
        settled = _settle(small, coupling, aim, held, opened, enough, deadline, threads, seed)
        if settled is not None:
            return Plan(near[settled.pick], settled.money, settled.objective)
        if count == small.facilities or time.perf_counter() > deadline:
            return None
        count, relief = min(count * _WIDER, small.facilities), relief * _WIDER
    return None


def _reluctance(choices: Choices, prices: Floats, held: Indices, change: sparse.csc_array) -> Floats:
    """Return how far prices would have to move before each plan is taken instead of the one held, (N,)."""
    above = choices.above(prices)
    apart = np.asarray(abs(change).sum(axis=1)).ravel().astype(float)
    ratio = np.abs(above - above[held[choices.owner()]]) / np.maximum(apart, 1e-12)
    ratio[held] = np.inf
    return np.asarray(ratio)


def _relieving(change: sparse.csc_array, ratio: Floats, amount: Floats) -> Indices:
    """Return, for each row, the plans first taken that together could take the amount back from it."""
    found = []
    for row in range(change.shape[1]):
        part = slice(change.indptr[row], change.indptr[row + 1])
        plans, relief = change.indices[part], -change.data[part].astype(float)
        plans, relief = plans[relief > 0], relief[relief > 0]
        order = np.argsort(ratio[plans], kind="stable")
        found.append(plans[order[: int(np.searchsorted(np.cumsum(relief[order]), amount[row])) + 1]])
    return np.unique(np.concatenate(found))


def _aim(coupling: Coupling, dual: Dual, enough: float) -> Coupling:
    """Return the rows a little tighter, so that what is left after rounding fits; it may use part of the gap allowed."""
    priced = float(np.abs(dual.prices) @ np.abs(coupling.limit))
    spare = max(enough - dual.bound, 0.0) * _SPARE / priced if priced else 0.0
    limit = coupling.limit - np.where(coupling.is_equal, 0.0, min(spare, _MOST_SPARE)) * np.abs(coupling.limit)
    return replace(coupling, limit=limit)


def _settle(
    choices: Choices, coupling: Coupling, aim: Coupling, held: Indices, opened: Indices,
    enough: float, deadline: float, threads: int, seed: int,
) -> Plan | None:  # fmt: skip
    allowed = np.union1d(choices.plans_of(np.sort(opened)), held)
    found = restricted(
        choices, aim, allowed, seconds=deadline - time.perf_counter(), whole=False, threads=threads, seed=seed
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
    guess = _guessed(choices, coupling, chosen, allowed, found.shares, torn, seed)
    if guess is not None and guess.objective <= enough:
        return guess
    beside = _BESIDE
    while time.perf_counter() < deadline:
        free = np.union1d(torn, opened[:beside])
        columns = np.union1d(choices.plans_of(free), chosen)
        whole: Found = restricted(
            choices, coupling, columns, seconds=min(_WHOLE_SECONDS, deadline - time.perf_counter()),
            enough=enough, threads=threads, seed=seed,
        )  # fmt: skip
        if whole.plan is not None or beside >= len(opened):
            return whole.plan
        beside *= 4
    return None


def _guessed(
    choices: Choices, coupling: Coupling, chosen: Indices, allowed: Indices, shares: Floats, torn: Indices, seed: int
) -> Plan | None:
    """Draw the torn facilities' plans by their shares many times over, and return the cheapest that fits."""
    if coupling.money.shape[1] or not torn.size:
        return priced(choices, coupling, chosen, np.zeros(0)) if not coupling.money.shape[1] else None
    owner = choices.owner()[allowed]
    inside = np.isin(owner, torn) & (shares > _SHARE)
    plans, share = allowed[inside], shares[inside]
    first = np.flatnonzero(np.diff(owner[inside], prepend=-1))
    reach = np.cumsum(share) - np.repeat(np.cumsum(share)[first] - share[first], np.diff(first, append=len(plans)))
    draws = np.random.default_rng(seed).random((_DRAWS, len(torn)))
    place = np.searchsorted(reach + np.repeat(2.0 * np.arange(len(torn)), np.diff(first, append=len(plans))),
                            (draws + 2.0 * np.arange(len(torn))).ravel())  # fmt: skip
    last = np.append(first[1:], len(plans)) - 1
    picks = plans[np.minimum(place.reshape(draws.shape), last)]
    held = np.delete(chosen, torn)
    room = coupling.limit[: choices.rows] - choices.used(held)
    table = np.asarray(
        choices.use[plans].toarray() if sparse.issparse(choices.use) else choices.use[plans], dtype=float
    )
    row = np.searchsorted(plans, picks)
    best: Plan | None = None
    fits = [draw for draw in range(_DRAWS) if (table[row[draw]].sum(axis=0) <= room).all()]
    for draw in fits:
        pick = chosen.copy()
        pick[torn] = picks[draw]
        cost = float(choices.cost[picks[draw]].sum(dtype=float))
        if best is None or cost < float(choices.cost[best.pick[torn]].sum(dtype=float)):
            best = priced(choices, coupling, pick, np.zeros(0)) or best
    return best
