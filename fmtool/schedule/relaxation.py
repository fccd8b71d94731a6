"""The linear relaxation, grown by the rows it needs, and a bound that needs no trust in a solver.

Any row prices give a true lower bound: sum over rows of price * rhs plus, for each facility, its cheapest
life plan at those prices (Lagrangian relaxation). It is recomputed here from the arrays alone.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from fmtool.schedule.covers import FAMILY, Covers
from fmtool.schedule.finance_rows import finance_prices
from fmtool.schedule.growing import Growing
from fmtool.schedule.implied import site_by_year
from fmtool.schedule.inputs import Bools, Floats, Ints, ScheduleInputs
from fmtool.schedule.money import money_columns, most_money
from fmtool.schedule.problem import SolveOptions
from fmtool.schedule.rows import Rows, worst_of_group

_ROUNDS = 400
_ROW_TOLERANCE = 1e-6
_CENTRED, _CLOSE = 5_000, 1e-5
"""Up to so many life plans prices are taken from amid those that prove as much, not from a corner of them."""
_CLOSE_ENOUGH, _AT_ONCE = 0.1, 6
"""Part of the gap asked for by which life plans left out may lower the relaxation; life plans a facility that come in at once."""
_EXACT = 1e-9
_PATIENCE, _IDLE = 3, 0.03
"""Rounds, and the part of the gap asked for that they must lift the bound by together."""
_HASTY_PATIENCE, _HASTY_IDLE = 1, 0.1
"""The same where the case is large and a round takes long."""


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
    is_short: bool
    """Whether no mix of life plans, not even in fractions, was found to keep every row."""
    rounds: int
    is_converged: bool
    cuts: list[Rows]
    """Rows found on the way that every schedule keeps; their prices follow those of the blocks given."""


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Where to begin with a case too large to begin with all of it."""

    columns: Bools
    """(N,) life plans in the model."""
    active: list[Bools] | None = None
    """For each block, and for the rows of room by year after them, rows in the model beside those that always are."""
    covers: list[Rows] = field(default_factory=list)
    """Rows that every schedule keeps."""


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
    inputs: ScheduleInputs, blocks: Sequence[Rows], lazy: Sequence[bool], options: SolveOptions, deadline: float,
    start: Start | None = None,
) -> Relaxation:  # fmt: skip
    """Solve the linear relaxation, bringing in the rows and covers that it oversteps.

    With a ``start`` it begins with few life plans, and brings in those that would lower it.
    """
    rows = _Rows(inputs, blocks, lazy, start)
    columns = np.arange(len(inputs.facility)) if start is None else np.flatnonzero(start.columns)
    model = Growing(inputs, rows.inside(), columns.astype(np.int32), threads=1, seed=options.seed)
    found: list[float] = []
    prices = [np.zeros(len(block)) for block in rows.blocks]
    converged = short = False
    patience, idle, since = (_PATIENCE, _IDLE, 0) if start is None else (_HASTY_PATIENCE, _HASTY_IDLE, 0)
    while len(found) < _ROUNDS and time.perf_counter() < deadline:
        solved = model.solve(deadline - time.perf_counter())
        if solved is False and len(model.columns) < len(inputs.facility):
            model.add_columns(np.setdiff1d(np.arange(len(inputs.facility)), model.columns), rows.inside())
            continue
        if not solved:
            short = solved is False
            break
        found.append(model.objective)
        prices = rows.spread(model.duals())
        wanted = _wanted(inputs, rows.blocks, prices, model.columns, _CLOSE_ENOUGH * options.gap * abs(found[-1]))
        added = rows.overstepped(*model.values(), is_hasty=start is not None)
        since = 0 if wanted.size else since + 1
        is_idle = (
            options.gap > 0
            and since >= min(patience, len(found) - 1)
            and len(found) > patience
            and found[-1] - found[-1 - patience] <= idle * options.gap * max(1.0, abs(found[-1]))
        )
        for block in added:  # also the last ones: prices are told for all rows that were brought in
            model.add(block)
        if (not added or is_idle) and not wanted.size:
            converged = True
            break
        if wanted.size:
            model.add_columns(wanted, rows.inside())
    prices = [*prices, *(np.zeros(len(block)) for block in rows.blocks[len(prices) :])]
    bound, above = lagrangian_bound(inputs, rows.blocks, prices)
    if converged and len(inputs.facility) <= _CENTRED and model.centre():
        central = rows.spread(model.duals())
        if lagrangian_bound(inputs, rows.blocks, central)[0] >= bound - _CLOSE * max(1.0, abs(bound)):
            prices = central
    cuts = rows.blocks[len(blocks) :]
    return Relaxation(
        bound, above, rows.active, fitted_prices(inputs, rows.blocks, prices), short, len(found), converged, cuts
    )


def _wanted(
    inputs: ScheduleInputs, blocks: Sequence[Rows], prices: Sequence[Floats], inside: Ints, little: float
) -> Ints:
    """Return the life plans outside the model that would lower it, some a facility; none where all lower it by little."""
    if len(inside) == len(inputs.facility):
        return np.zeros(0, dtype=np.int32)
    _, above = lagrangian_bound(inputs, blocks, prices)
    is_inside = np.zeros(len(above), dtype=bool)
    is_inside[inside] = True
    first = inputs.first_row[:-1]
    least = np.minimum.reduceat(np.where(is_inside, above, np.inf), first)
    if float(least.sum()) <= little:
        return np.zeros(0, dtype=np.int32)
    cheaper = np.flatnonzero(~is_inside & (above < least[inputs.facility] - _EXACT))
    order = cheaper[np.lexsort((above[cheaper], inputs.facility[cheaper]))]
    place = np.arange(len(order)) - np.searchsorted(inputs.facility[order], inputs.facility[order])
    return np.sort(order[place < _AT_ONCE]).astype(np.int32)


class _Rows:
    """The rows of a case: which are in the model, in which order, and which implied rows were found."""

    def __init__(
        self, inputs: ScheduleInputs, blocks: Sequence[Rows], lazy: Sequence[bool], start: Start | None
    ) -> None:
        self.blocks = list(blocks)
        self.active = [np.full(len(block), not late) for block, late in zip(blocks, lazy, strict=True)]
        by_year = site_by_year(inputs)
        if by_year is not None:
            self.blocks.append(by_year)
            self.active.append(np.zeros(len(by_year), dtype=bool))
        self._covers = [Covers(block, inputs.facility) for block in self.blocks if block.family in FAMILY]
        self._counts = [0] * len(self._covers)
        if start is not None:
            self._begin_from(start)
        self._order = [(at, np.flatnonzero(rows)) for at, rows in enumerate(self.active) if rows.any()]

    def _begin_from(self, start: Start) -> None:
        begun = start.active or []
        self.active[: len(begun)] = [rows | others for rows, others in zip(self.active, begun, strict=False)]
        for cover in start.covers:
            self.blocks.append(cover)
            self.active.append(np.full(len(cover), fill_value=True))
        for at, covers in enumerate(self._covers):
            family = FAMILY[covers.rows.family]
            self._counts[at] = sum(len(cover) for cover in start.covers if cover.family == family)

    def inside(self) -> list[Rows]:
        """Return the rows in the model."""
        return [self.blocks[at].take(rows.astype(np.int32)) for at, rows in self._order]

    def spread(self, duals: Floats) -> list[Floats]:
        """Return for each block the price of every row, zero where it is not in the model."""
        prices, place = [np.zeros(len(block)) for block in self.blocks], 0
        for at, rows in self._order:
            prices[at][rows] = duals[place : place + len(rows)]
            place += len(rows)
        return prices

    def overstepped(self, plans: Floats, money: Floats, *, is_hasty: bool) -> list[Rows]:
        """Bring in the rows and the covers that a mix of life plans oversteps, and return them.

        Of rows alike but for the year only the worst comes in, unless rounds take longer than more rows.
        """
        added = []
        for at, block in enumerate(self.blocks):
            if not self.active[at].all():
                part = replace(block, group=None) if is_hasty else block
                over = worst_of_group(part, block.excess(plans, money), _ROW_TOLERANCE, self.active[at])
                if over.any():
                    self.active[at] |= over
                    self._order.append((at, np.flatnonzero(over)))
                    added.append(block.take(over))
        for which, covers in enumerate(self._covers):
            cut = covers.separate(plans, self._counts[which])
            if cut is not None:
                self._counts[which] += len(cut)
                self._order.append((len(self.blocks), np.arange(len(cut))))
                self.blocks.append(cut)
                self.active.append(np.full(len(cut), fill_value=True))
                added.append(cut)
        return added
