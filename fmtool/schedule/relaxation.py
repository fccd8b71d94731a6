"""The linear relaxation, grown by the columns and rows it needs, and a bound that needs no trust in a solver.

Any row prices give a true lower bound: sum over rows of price * rhs plus, for each facility, its cheapest
life plan at those prices (Lagrangian relaxation). It is recomputed here from the arrays alone.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fmtool.schedule.cuts import FAMILY, rounded
from fmtool.schedule.finance_rows import finance_prices
from fmtool.schedule.inputs import Bools, Floats, ScheduleInputs
from fmtool.schedule.money import money_columns, most_money
from fmtool.schedule.problem import SolveOptions, build, solve
from fmtool.schedule.rows import Rows, worst_of_group

_ROUNDS = 200
_COLUMNS_A_ROUND = 4
_ROW_TOLERANCE = 1e-6
_CLOSE = 1e-7
_ENOUGH = 0.02
_RAISES = 2
_SHORT = 1e-5
_NEAR = 2e-3
_PATIENCE = 3
"""Rounds that may pass without a better bound, where a gap is allowed."""


@dataclass(frozen=True, slots=True, eq=False)
class Relaxation:
    """The relaxation's bound and what each life plan costs above its facility's cheapest, at the row prices."""

    bound: float
    above: Floats
    """(N,) reduced cost over the facility's least: a schedule with plan n costs at least bound + above[n]."""
    active: list[Bools]
    """For each block, the rows that are in the model."""
    duals: list[Floats]
    """For each block, the price of every row (zero where not in the model)."""
    shortfall: float
    """What rows are overstepped by at the penalty price; zero when the relaxation has a solution."""
    rounds: int
    is_converged: bool
    cuts: list[Rows]
    """Rows found on the way that every schedule keeps; their prices follow those of the blocks given."""

    @property
    def is_short(self) -> bool:
        """Whether no mix of life plans, not even in fractions, was found to keep every row."""
        return self.shortfall > _SHORT


def lagrangian_bound(inputs: ScheduleInputs, blocks: Sequence[Rows], duals: Sequence[Floats]) -> tuple[float, Floats]:
    """Return the lower bound at the given row prices, and each life plan's cost above its facility's least.

    bound = sum over rows r of price[r] * rhs[r] + sum over facilities f of min over n of f of reduced[n]
            + sum over money columns of the least of their reduced cost times a bound
    reduced[n] = objective[n] - sum over r of price[r] * coefficient[r, n];  prices of ``<=`` rows are at most 0.
    """
    reduced = inputs.objective.astype(float).copy()
    columns = money_columns(inputs)
    money = columns.cost.copy()
    bound = 0.0
    for block, prices in zip(blocks, fitted_prices(inputs, blocks, duals), strict=True):
        if block.family == "one_life":
            continue
        used = prices if block.sense == "==" else np.minimum(prices, 0.0)
        bound += float(used @ block.rhs)
        reduced -= block.plans.T @ used
        if block.money is not None:
            money -= block.money.T @ used
    bound += float(np.minimum(money * columns.lower, money * most_money(inputs)).sum())
    least = np.minimum.reduceat(reduced, inputs.first_row[:-1])
    return bound + float(least.sum()), reduced - least[inputs.facility]


def fitted_prices(inputs: ScheduleInputs, blocks: Sequence[Rows], duals: Sequence[Floats]) -> list[Floats]:
    """Return the row prices with those of ``bond_share`` and ``funding`` made to fit the others."""
    prices = list(duals)
    place = {block.family: at for at, block in enumerate(blocks) if block.family in {"bond_share", "funding"}}
    if len(place) < 2:  # noqa: PLR2004  - the two come together
        return prices
    money = money_columns(inputs).cost.copy()
    for at, block in enumerate(blocks):
        if block.money is not None and at not in place.values():
            money -= block.money.T @ (duals[at] if block.sense == "==" else np.minimum(duals[at], 0.0))
    found = finance_prices(inputs, money)
    if found is not None:
        prices[place["bond_share"]], prices[place["funding"]] = found
    return prices


def relax(
    inputs: ScheduleInputs, blocks: Sequence[Rows], lazy: Sequence[bool], options: SolveOptions, deadline: float
) -> Relaxation:
    """Solve the linear relaxation by adding life plans that would lower it and rows it oversteps."""
    given, blocks = len(blocks), list(blocks)
    active = [np.full(len(block), not late) for block, late in zip(blocks, lazy, strict=True)]
    chosen = _first_columns(inputs)
    prices = _penalties(inputs, blocks)
    best: tuple[float, Floats, list[Floats]] | None = None
    found: list[float] = []
    shortfall, converged, rounds, raised = np.inf, False, 0, 0
    while rounds < _ROUNDS and time.perf_counter() < deadline:
        rounds += 1
        inside = [block.take(rows) for block, rows in zip(blocks, active, strict=True)]
        penalty = [price[rows] for price, rows in zip(prices, active, strict=True)]
        model = build(inputs, inside, np.flatnonzero(chosen).astype(np.int32), integer=False, penalties=penalty)
        answer = solve(model, inputs, options, integer=False, seconds=max(deadline - time.perf_counter(), 1.0))
        if answer.plans is None or answer.duals is None or answer.objective is None:
            break
        shortfall = float(answer.slack.sum()) if answer.slack is not None else 0.0
        duals = _spread(answer.duals, active)
        bound, above = lagrangian_bound(inputs, blocks, duals)
        if best is None or bound > best[0]:
            best = (bound, above, duals)
        added = _add_rows(blocks, active, answer.plans, answer.money)
        entering = _entering(inputs, above, chosen, answer.objective, bound)
        is_close = answer.objective - best[0] <= max(_CLOSE, _ENOUGH * options.gap) * max(1.0, abs(answer.objective))
        size = max(1.0, abs(answer.objective))
        found.append(best[0])
        is_idle = len(found) > _PATIENCE and found[-1] - found[-1 - _PATIENCE] <= _ENOUGH * options.gap * size / 4
        if is_idle and shortfall <= _SHORT and options.gap and answer.objective - best[0] <= _NEAR * size:
            converged = True
            break
        if answer.objective - best[0] <= _NEAR * size and shortfall <= _SHORT:
            cuts = _cuts(blocks, given, answer.plans, inputs)
            blocks += cuts
            active += [np.full(len(cut), fill_value=True) for cut in cuts]
            prices += _penalties(inputs, cuts)
            added += sum(map(len, cuts))
        if not added and (is_close or not entering.any()):
            if shortfall <= _SHORT or raised == _RAISES:
                converged = True
                break
            prices, raised = [price * 100 for price in prices], raised + 1
        chosen |= entering
    if best is None:
        bound, above = lagrangian_bound(inputs, blocks, [np.zeros(len(block)) for block in blocks])
        best = (bound, above, [np.zeros(len(block)) for block in blocks])
    duals = [
        *fitted_prices(inputs, blocks[: len(best[2])], best[2]),
        *(np.zeros(len(block)) for block in blocks[len(best[2]) :]),
    ]
    return Relaxation(best[0], best[1], active, duals, shortfall, rounds, converged, blocks[given:])


def _cuts(blocks: Sequence[Rows], given: int, plans: Floats, inputs: ScheduleInputs) -> list[Rows]:
    """Round the coverage rows that these fractions use up; at most one row an area."""
    cuts: list[Rows] = []
    count = sum(len(block) for block in blocks[given:])
    for block in blocks[:given]:
        if block.family == "coverage" and (cut := rounded(block, plans, 0, inputs.first_row)) is not None:
            worst = worst_of_group(cut, cut.excess(plans), 0.0, np.zeros(len(cut), dtype=bool))
            taken = cut.take(worst)
            # Numbered through all rounds: two rows of one name would be refused.
            names = tuple(f"{FAMILY}({count + at},{name.split(',', 1)[1]}" for at, name in enumerate(taken.names))
            cuts.append(replace(taken, names=names))
            count += len(taken)
    return cuts


def _first_columns(inputs: ScheduleInputs) -> Bools:
    """Begin with each facility's cheapest plans by several measures."""
    measures = [inputs.objective, inputs.outlay.sum(axis=1) + 1e-9 * inputs.objective]
    if inputs.services is not None:
        measures.append(inputs.objective + 1e9 * (inputs.services.leave_year < inputs.horizon))
    if inputs.works is not None:
        measures.append(inputs.works.sum(axis=1) + 1e-9 * inputs.objective)
    if inputs.floor_m2 is not None:
        measures.append(inputs.floor_m2.sum(axis=1) + 1e-9 * inputs.objective)
    chosen = np.zeros(len(inputs.facility), dtype=bool)
    for measure in measures:
        order = np.lexsort((measure, inputs.facility))
        chosen[order[inputs.first_row[:-1]]] = True
    return chosen


def _penalties(inputs: ScheduleInputs, blocks: Sequence[Rows]) -> list[Floats]:
    """Price one unit of every row so that overstepping it costs more than any facility's choice could save."""
    first = inputs.first_row[:-1]
    ranges = np.maximum.reduceat(inputs.objective, first) - np.minimum.reduceat(inputs.objective, first)
    worth = 10 * float(ranges.max(initial=1.0)) + 1.0
    prices = []
    for block in blocks:
        size = abs(block.plans).max(axis=1).toarray().ravel() if block.plans.nnz else np.ones(len(block))
        typical = np.where(size > 0, size, 1.0)
        prices.append(worth / typical if block.family != "fund" else np.full(len(block), worth))
    return prices


def _spread(duals: Floats, active: Sequence[Bools]) -> list[Floats]:
    spread, place = [], 0
    for rows in active:
        full = np.zeros(len(rows))
        count = int(rows.sum())
        full[rows] = duals[place : place + count]
        place += count
        spread.append(full)
    return spread


def _add_rows(blocks: Sequence[Rows], active: list[Bools], plans: Floats, money: Floats | None) -> int:
    added = 0
    for block, rows in zip(blocks, active, strict=True):
        if rows.all():
            continue
        over = worst_of_group(block, block.excess(plans, money), _ROW_TOLERANCE, rows)
        rows[over] = True
        added += int(over.sum())
    return added


def _entering(inputs: ScheduleInputs, above: Floats, chosen: Bools, objective: float, bound: float) -> Bools:
    """Choose, for each facility, the few cheapest plans at these prices that are not columns yet."""
    order = np.lexsort((above, inputs.facility))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - inputs.first_row[inputs.facility[order]]
    least_chosen = np.full(len(inputs.facility_ids), np.inf)
    np.minimum.at(least_chosen, inputs.facility[chosen], above[chosen])
    tolerance = 1e-9 * max(1.0, abs(objective - bound))
    return (rank < _COLUMNS_A_ROUND) & ~chosen & (above < least_chosen[inputs.facility] - tolerance)
