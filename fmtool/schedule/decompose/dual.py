"""Prices of the coupling rows: column generation over groups of facilities, kept within a moving box.

The restricted master is a linear problem over answers of facilities to earlier prices (Dantzig and Wolfe,
1960); its row prices call for the next answers. Facilities are gathered into at most ``_GROUPS`` groups of
which each answers as one; a box around the best prices known keeps the next ones near (the box-step of Marsten,
Hogan and Blankenship, 1975). Where facilities are many a sample with its share of the limits sets the box.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import highspy
import numpy as np
from scipy import sparse

from fmtool.schedule.decompose.choices import Choices, Floats, Indices
from fmtool.schedule.decompose.coupling import Coupling
from fmtool.schedule.decompose.linear import Linear, engine, passed

_FEW, _GROUPS = 3000, 60
"""Up to so many facilities there are ``_FEW_GROUPS`` groups of them: more converge in fewer rounds of more work."""
_FEW_GROUPS = 500
_FIRST_SAMPLE = 400
_SAMPLE_GROWTH = 6
_LARGEST_SAMPLE = 20_000
_MOST_ROUNDS = 300
_CLOSE = 1e-5
_CLOSE_IN_SAMPLE = 1e-5
_NEAR_PLANS = 8
_CHECKS = 4
_WIDER, _NARROWER = 4.0, 0.7
_SAME = 1e-12
_ALL_PLANS = 200_000
"""Up to so many plans every round prices all of them."""


@dataclass(slots=True)
class Dual:
    """The best prices found and what they prove."""

    prices: Floats
    """(R,) what one more unit of each row's limit would save; not below zero but for ``==`` rows."""
    bound: float
    pick: Indices
    """(F,) each facility's cheapest plan at the prices."""
    rounds: int = 0
    log: list[tuple[int, int, float, float]] = field(default_factory=list)
    """(facilities, rounds, bound, seconds) of each stage."""
    answers: list[Indices] = field(default_factory=list)
    """Each round's (F,) cheapest plans."""
    weights: Floats | None = None
    """(rounds, groups) shares of the answers whose mix keeps every row at the bound's cost."""
    edges: Indices = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """(groups + 1,) where each group of facilities begins."""


def ascend(
    choices: Choices, coupling: Coupling, *, deadline: float, seed: int = 0, threads: int = 1, close: float = _CLOSE
) -> Dual:
    """Find prices whose lower bound is (nearly) the highest."""
    rng = np.random.default_rng(seed)
    count = choices.facilities
    prices, box = np.zeros(len(coupling.limit)), None
    size, log, rounds = _FIRST_SAMPLE, [], 0
    while size * 2 < count and size <= _LARGEST_SAMPLE:
        began = time.perf_counter()
        chosen = np.sort(rng.choice(count, size, replace=False))
        part = _climb(
            choices.of(chosen), coupling.scaled(size / count), prices, box, _CLOSE_IN_SAMPLE, deadline, threads
        )
        log.append((size, part.rounds, part.bound * count / size, time.perf_counter() - began))
        prices, rounds = part.prices, rounds + part.rounds
        box = (0.2 * np.abs(prices) + 0.02 * _typical(prices)) * (4 * _FIRST_SAMPLE / size) ** 0.5
        size *= _SAMPLE_GROWTH
    began = time.perf_counter()
    if len(choices.cost) <= _ALL_PLANS:
        best = _climb(choices, coupling, prices, box, close, deadline, threads)
    else:
        best = _climb_near(choices, coupling, prices, box, close, deadline, threads)
    log.append((count, best.rounds, best.bound, time.perf_counter() - began))
    best.rounds += rounds
    best.log = log
    return best


def _typical(prices: Floats) -> float:
    used = np.abs(prices[prices != 0])
    return float(np.median(used)) if used.size else 1.0


def _climb_near(
    choices: Choices,
    coupling: Coupling,
    prices: Floats,
    box: Floats | None,
    close: float,
    deadline: float,
    threads: int,
) -> Dual:
    """Climb over the plans near the prices only, and see with all plans whether any other would have answered."""
    kept = np.unique(
        np.concatenate(
            [choices.near(prices[: choices.rows], 0.5, _NEAR_PLANS), choices.respond(prices[: choices.rows])[1]]
        )
    )
    best: Dual | None = None
    rounds = 0
    for _ in range(_CHECKS):
        found = _climb(choices.take(kept), coupling, prices, box, close, deadline, threads)
        rounds += found.rounds
        prices = found.prices
        least, pick = choices.respond(prices[: choices.rows])
        bound = float(least.sum()) + coupling.worth(prices)
        if best is None or bound > best.bound:
            best = Dual(prices, bound, pick, rounds)
            best.answers = [kept[answer] for answer in found.answers]
            best.weights, best.edges = found.weights, found.edges
        if found.bound - bound <= 10 * close * abs(bound) or time.perf_counter() > deadline:
            break
        kept = np.union1d(kept, pick)
        box = 0.05 * np.abs(prices) + 0.01 * _typical(prices)
    assert best is not None  # noqa: S101  - the loop runs at least once
    best.rounds = rounds
    return best


class _Master:
    """The restricted master: money columns, the box's edges, and each group's answers so far."""

    def __init__(self, choices: Choices, coupling: Coupling, threads: int) -> None:
        self.coupling, self.rows, self.plan_rows = coupling, len(coupling.limit), choices.rows
        most = _FEW_GROUPS if choices.facilities <= _FEW else _GROUPS
        self.edges = np.linspace(0, choices.facilities, min(most, choices.facilities) + 1).astype(np.int64)
        self.places: list[tuple[int, Indices]] = []
        self.groups = len(self.edges) - 1
        money, count = coupling.money.shape[1], self.rows + self.groups
        one = sparse.eye_array(self.rows)
        matrix = sparse.hstack([coupling.money, -one, one])
        matrix = sparse.csc_array(
            sparse.vstack([matrix, sparse.csr_array((self.groups, matrix.shape[1]))]),
            shape=(count, money + 2 * self.rows),
        )
        infinite = np.full(2 * self.rows, np.inf)
        self.edge = np.arange(money, money + 2 * self.rows, dtype=np.int32)
        self.highs = engine(threads, 0, presolve="off", solver="simplex")
        self.highs.passModel(
            passed(
                Linear(
                    np.concatenate([coupling.money_cost, np.zeros(2 * self.rows)]),
                    matrix,
                    np.concatenate([np.where(coupling.is_equal, coupling.limit, -np.inf), np.ones(self.groups)]),
                    np.concatenate([coupling.limit, np.ones(self.groups)]),
                    np.concatenate([coupling.money_low, np.zeros(2 * self.rows)]),
                    np.concatenate([coupling.money_high, infinite]),
                )
            )
        )

    def confine(self, low: Floats, high: Floats) -> None:
        """Keep the next prices between two edges."""
        cost = np.concatenate([high, -low])
        self.highs.changeColsCost(len(cost), self.edge, cost)
        upper = np.concatenate([np.full(self.rows, np.inf), np.where((low > 0) | self.coupling.is_equal, np.inf, 0.0)])
        self.highs.changeColsBounds(len(cost), self.edge, np.zeros(len(cost)), upper)

    def add(self, cost: Floats, use: sparse.csr_array, which: Indices, answer: int) -> None:
        """Add the groups' parts of an answer: their cost and what they use."""
        self.places.append((answer, which))
        use = sparse.csr_array(use)
        one = sparse.csr_array((np.ones(len(which)), (np.arange(len(which)), which)), shape=(len(which), self.groups))
        gap = sparse.csr_array((len(which), self.rows - self.plan_rows))
        block = sparse.csr_array(sparse.hstack([use, gap, one]))
        count = len(which)
        self.highs.addCols(
            count, cost, np.zeros(count), np.full(count, np.inf), block.nnz,
            block.indptr[:-1].astype(np.int32), block.indices.astype(np.int32), block.data.astype(float),
        )  # fmt: skip

    def prices(self) -> tuple[Floats, Floats, float, bool] | None:
        """Return row prices, groups' prices, the model's value, and whether the box holds them back."""
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        found = self.highs.getSolution()
        dual = np.asarray(found.row_dual)
        edge = np.asarray(found.col_value)[self.edge]
        value = float(self.highs.getInfo().objective_function_value)
        return (
            -dual[: self.rows],
            dual[self.rows :],
            value,
            bool(edge.max(initial=0.0) > 1e-9 * (1 + np.abs(edge).max())),
        )

    def weights(self, answers: int) -> Floats:
        """Return the share of each answer in each group's mix, (answers, groups)."""
        values = np.asarray(self.highs.getSolution().col_value)[self.edge[-1] + 1 :]
        table, begin = np.zeros((answers, self.groups)), 0
        for answer, which in self.places:
            table[answer, which] = values[begin : begin + len(which)]
            begin += len(which)
        return table


def _climb(
    choices: Choices, coupling: Coupling, start: Floats, box: Floats | None, close: float, deadline: float, threads: int
) -> Dual:
    master = _Master(choices, coupling, threads)
    gather = _gathering(master.edges, choices.facilities)
    centre = prices = coupling.admissible(start)
    wide = box if box is not None else _widest(choices, coupling)
    best: Dual | None = None
    answers: list[Indices] = []
    value, mixed = np.inf, np.full(master.groups, np.inf)
    weights: Floats | None = None
    is_held = True
    while True:
        least, pick = choices.respond(prices[: choices.rows])
        bound = float(least.sum()) + coupling.worth(prices)
        is_step = best is None or bound > best.bound
        if best is None or bound > best.bound:
            best, centre = Dual(prices, bound, pick), prices
        answers.append(pick)
        if value - best.bound <= close * max(1.0, abs(best.bound)):
            if not is_held:
                break
            wide = wide * _WIDER
        elif not is_step and box is not None:
            wide = wide * _NARROWER
        if len(answers) >= _MOST_ROUNDS or time.perf_counter() > deadline:
            break
        told = gather @ least
        which = np.flatnonzero(told < mixed - _SAME * np.abs(told).max(initial=1.0))
        if which.size:
            use = sparse.csr_array(gather @ choices.use[pick])
            master.add((gather @ choices.cost[pick].astype(float))[which], use[which], which, len(answers) - 1)
        master.confine(np.where(coupling.is_equal, centre - wide, np.maximum(centre - wide, 0.0)), centre + wide)
        solved = master.prices()
        if solved is None:
            break
        prices, mixed, value, is_held = solved
        prices = coupling.admissible(prices)
        weights = master.weights(len(answers))
    best.rounds, best.answers, best.weights, best.edges = len(answers), answers, weights, master.edges
    return best


def _gathering(edges: Indices, facilities: int) -> sparse.csr_array:
    ones = np.ones(facilities)
    return sparse.csr_array((ones, np.arange(facilities), edges), shape=(len(edges) - 1, facilities))


def _widest(choices: Choices, coupling: Coupling) -> Floats:
    """Return prices above which overstepping a row saves nothing that any facility could."""
    first = choices.first[:-1]
    ranges = np.maximum.reduceat(choices.cost, first) - np.minimum.reduceat(choices.cost, first)
    worth = 10 * float(ranges.max(initial=1.0)) + 1.0
    use = np.zeros(len(coupling.limit))
    use[: choices.rows] = np.asarray(
        abs(choices.use).max(axis=0).todense() if sparse.issparse(choices.use) else np.abs(choices.use).max(axis=0)
    ).ravel()
    return worth / np.where(use > 0, use, max(float(use.max(initial=0.0)), 1.0))
