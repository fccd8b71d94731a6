"""Where the relaxation of a large case begins: the rows and life plans that matter to its regions, each planned by itself.

A region of facilities that are near each other gets its share of the money, of the staff and of the debt. A small one is
relaxed over all its life plans; its prices tell which life plans the others begin with. Together they know nearly all rows,
covers and life plans that the whole case needs, in a fraction of its time: a relaxation's grows with the square of its size.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import batched, repeat

import numpy as np
from scipy import sparse

from fmtool.schedule.decompose.choices import Bools, Floats, Indices
from fmtool.schedule.decompose.parting import in_a_row
from fmtool.schedule.decompose.tied import LOCAL
from fmtool.schedule.fiscal import Funding
from fmtool.schedule.inputs import FundInputs, ScheduleInputs
from fmtool.schedule.problem import SolveOptions
from fmtool.schedule.relaxation import Start, lagrangian_bound, relax
from fmtool.schedule.rows import Rows
from fmtool.text import Text
from fmtool.workers import Workers

_LEAD, _SIZE, _COUNT = 600, 1_250, 4
"""Facilities of the first region, of each other at most, and into how many the case falls at least."""
_SECONDS, _GAP = 120.0, 0.005
_FIRST_PLANS, _LAST_PLANS = 4, 3
"""Life plans that regions, and after them the whole, begin with: the cheapest, a facility on average."""
_LEAST_A_FACILITY, _STAYING_A_FACILITY = 2, 3
"""Of each facility at least: the cheapest, and the cheapest that keep its service."""
_FREE = 1e-7
_NEAR = LOCAL | {"merges"}
"""Families whose rows a region keeps as they are, where it holds all of their facilities."""


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """Where a region's life plans and rows stand in the whole case."""

    plans: Indices
    places: list[tuple[int, Indices]]
    """Number of the block, and the rows of it that the region keeps."""


@dataclass(frozen=True, slots=True, eq=False)
class _Region(_Place):
    """A region as a case of its own."""

    case: ScheduleInputs
    rows: list[Rows]
    first: Bools | None

    def relaxed(self, until: float) -> _Relaxed:
        """Relax it; ``until`` is a moment of the clock."""
        seconds = min(_SECONDS, max(until - time.time(), 1.0))
        lazy = [block.family in _NEAR for block in self.rows]
        start = None if self.first is None else Start(self.first)
        found = relax(self.case, self.rows, lazy, SolveOptions(gap=_GAP), time.perf_counter() + seconds, start)
        free = self.plans[np.flatnonzero(found.above <= _FREE)]
        prices = [
            np.minimum(price, 0.0) if block.sense == "<=" else price
            for block, price in zip(self.rows, found.duals, strict=False)
        ]
        used = [(cut, price < 0) for cut, price in zip(found.cuts, found.duals[len(self.rows) :], strict=True)]
        return _Relaxed(prices, [cut.take(rows) for cut, rows in used if rows.any()], free)


@dataclass(frozen=True, slots=True, eq=False)
class _Relaxed:
    prices: list[Floats]
    covers: list[Rows]
    free: Indices
    """Life plans of the whole case that cost nothing over their facility's least."""


def regional_start(inputs: ScheduleInputs, blocks: Sequence[Rows], *, deadline: float, workers: Workers) -> Start:
    """Return life plans, rows and covers to begin with.

    Parameters
    ----------
    inputs, blocks
        The case and its rows, among them those that sharpen others but no covers.
    deadline
        When to end.
    workers
        Who relaxes the regions.
    """
    order = in_a_row(inputs, [block for block in blocks if block.family in _NEAR and len(block)])
    until = time.time() + max(deadline - time.perf_counter(), 1.0)
    lead = _region(inputs, blocks, np.sort(order[:_LEAD]), None)
    regions: list[_Place] = [lead]
    told = [lead.relaxed(until)]
    if len(order) > _LEAD:
        prices = _mean_prices(blocks, regions, told)
        first = cheapest(inputs, lagrangian_bound(inputs, blocks, prices)[1], _FIRST_PLANS)
        count = max(-(-len(order) // _SIZE), _COUNT)
        regions, told = [], []
        for groups in batched(np.array_split(order, count), workers.count):  # so that few are in memory at a time
            some = [_region(inputs, blocks, np.sort(group), first) for group in groups]
            told += workers.map(
                _Region.relaxed, some, repeat(until),
                label=Text("地区ごとの緩和問題を解いています", "relaxing region by region"),
            )  # fmt: skip
            regions += [_Place(region.plans, region.places) for region in some]
    return _joined(inputs, blocks, regions, told)


def cheapest(inputs: ScheduleInputs, above: Floats, plans: float) -> Bools:
    """Choose the cheapest life plans of all, some of each facility and some that keep its service.

    Parameters
    ----------
    inputs
        The case.
    above
        (N,) what each costs over its facility's least.
    plans
        How many, a facility on average.
    """
    count = min(int(plans * len(inputs.facility_ids)), len(above)) - 1
    chosen = (above <= np.partition(above, count)[count]) | (rank(inputs, above) < _LEAST_A_FACILITY)
    if inputs.services is not None:
        leaves = (inputs.services.leave_year < inputs.horizon) & inputs.services.is_closing(inputs.facility)
        chosen |= ~leaves & (rank(inputs, np.where(leaves, np.inf, above)) < _STAYING_A_FACILITY)
    return np.asarray(chosen)


def rank(inputs: ScheduleInputs, cost: Floats) -> Indices:
    """Return each life plan's place among those of its facility, from the cheapest, from 0."""
    order = np.lexsort((cost, inputs.facility))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order)) - inputs.first_row[inputs.facility[order]]
    return place


def _region(inputs: ScheduleInputs, blocks: Sequence[Rows], facilities: Indices, first: Bools | None) -> _Region:
    share = len(facilities) / len(inputs.facility_ids)
    keep = np.isin(inputs.facility, facilities)
    rows, places = _rows_of(inputs, blocks, facilities, keep, share)
    case = _case_of(inputs, facilities, keep, share)
    return _Region(np.flatnonzero(keep), places, case, rows, None if first is None else first[keep])


def _mean_prices(blocks: Sequence[Rows], regions: Sequence[_Place], told: Sequence[_Relaxed]) -> list[Floats]:
    """Return the mean over regions of the prices of rows over many facilities, and of merges by year; else zeros."""
    prices = [np.zeros(len(block)) for block in blocks]
    for region, found in zip(regions, told, strict=True):
        for (at, chosen), price in zip(region.places, found.prices, strict=True):
            family = blocks[at].family
            if family == "merges":
                prices[at] += _by_year(blocks[at], chosen, price) / len(regions)
            elif family not in LOCAL and family != "one_life":
                prices[at][chosen] += price / len(regions)
    return prices


def _joined(
    inputs: ScheduleInputs, blocks: Sequence[Rows], regions: Sequence[_Place], told: Sequence[_Relaxed]
) -> Start:
    """Put together what the regions know; covers are named anew, since each region counts its own from zero."""
    prices = _mean_prices(blocks, regions, told)
    active = [np.zeros(len(block), dtype=bool) for block in blocks]
    covers: list[Rows] = []
    counts: Counter[str] = Counter()
    columns = np.zeros(len(inputs.facility), dtype=bool)
    for region, found in zip(regions, told, strict=True):
        columns[found.free] = True
        for (at, chosen), price in zip(region.places, found.prices, strict=True):
            active[at][chosen] |= price < 0
            if blocks[at].family in _NEAR:
                prices[at][chosen] = price
        for cover in found.covers:
            begin = counts[cover.family]
            counts[cover.family] += len(cover)
            names = [f"{cover.family}({begin + at},{name.split(',', 1)[1]}" for at, name in enumerate(cover.names)]
            part = cover.plans.tocoo()
            wide = sparse.csr_array((part.data, (part.row, region.plans[part.col])), shape=(len(cover), len(columns)))
            covers.append(replace(cover, names=tuple(names), plans=wide))
    columns |= cheapest(inputs, lagrangian_bound(inputs, blocks, prices)[1], _LAST_PLANS)
    return Start(columns, active, covers)


def _case_of(inputs: ScheduleInputs, facilities: Indices, keep: Bools, share: float) -> ScheduleInputs:
    """Return the sample as a case whose rows come from elsewhere: plans, money, and its share of both."""
    fund, funding = inputs.fund, inputs.funding
    if fund is not None:
        fund = FundInputs(
            fund.opening * share, fund.floor * share, fund.interest_rate, fund.deposit_limit * share, fund.draw_limit * share
        )  # fmt: skip
    if funding is not None:
        funding = Funding(
            funding.class_names, funding.outlay[np.flatnonzero(keep)], funding.most * share, funding.offers,
            funding.discount_rate,
        )  # fmt: skip
    return ScheduleInputs(
        years=inputs.years,
        facility_ids=tuple(inputs.facility_ids[f] for f in facilities),
        facility=np.searchsorted(facilities, inputs.facility[keep]).astype(np.int32),
        objective=inputs.objective[keep],
        outlay=inputs.outlay[keep],
        budget=None if inputs.budget is None else inputs.budget * share,
        fund=fund,
        sale_income=None if inputs.sale_income is None else inputs.sale_income[keep],
        funding=funding,
        levelling=inputs.levelling,
    )


def _rows_of(
    inputs: ScheduleInputs, blocks: Sequence[Rows], facilities: Indices, keep: Bools, share: float
) -> tuple[list[Rows], list[tuple[int, Indices]]]:
    """Return the rows over the sample's plans, and the place of each in the case."""
    inside = np.zeros(len(inputs.facility_ids), dtype=bool)
    inside[facilities] = True
    plans = np.flatnonzero(keep)
    few, places = [], []
    for at, block in enumerate(blocks):
        if block.family in _NEAR or block.family == "one_life":
            row = np.repeat(np.arange(len(block)), np.diff(block.plans.indptr))
            outside = np.bincount(row, ~inside[inputs.facility[block.plans.indices]], minlength=len(block))
            chosen, part = np.flatnonzero((outside == 0) & (np.diff(block.plans.indptr) > 0)), 1.0
        else:
            chosen, part = np.arange(len(block)), share
        if chosen.size:
            taken = block.take(chosen.astype(np.int32))
            few.append(replace(taken, plans=sparse.csr_array(taken.plans[:, plans]), rhs=taken.rhs * part))
            places.append((at, chosen))
    return few, places


def _by_year(block: Rows, chosen: Indices, price: Floats) -> Floats:
    """Return for each row ``merges(d,y)`` the mean price of its year among the chosen rows."""
    year = np.array([name.rsplit(",", 1)[1] for name in block.names])
    years, of = np.unique(year, return_inverse=True)
    total = np.bincount(of[chosen], np.minimum(price, 0.0), minlength=len(years))
    return np.asarray((total / np.maximum(np.bincount(of[chosen], minlength=len(years)), 1))[of])
