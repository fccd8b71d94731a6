"""First prices of the rows over many facilities: those of a part of the city with its share of the limits."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from fmtool.schedule.decompose.choices import Bools, Floats, Indices
from fmtool.schedule.decompose.tied import LOCAL, ties_of
from fmtool.schedule.fiscal import Funding
from fmtool.schedule.inputs import FundInputs, ScheduleInputs
from fmtool.schedule.problem import SolveOptions
from fmtool.schedule.relaxation import relax
from fmtool.schedule.rows import Rows

_SIZE = 600
_NEAR = LOCAL | {"merges"}
"""Families whose rows the sample keeps as they are, where it holds all of their facilities."""


def sampled_prices(inputs: ScheduleInputs, blocks: Sequence[Rows], *, seed: int, deadline: float) -> list[Floats]:
    """Return prices of the rows of every family that is not local, zeros for the others.

    A neighbourhood of facilities is planned by itself with its share of the money, of the staff and of the debt. A row
    for each place and year (mergers of a district) takes the mean price that the year has in the sample.
    """
    facilities = _neighbourhood(inputs, blocks, seed)
    share = len(facilities) / len(inputs.facility_ids)
    keep = np.isin(inputs.facility, facilities)
    small = _case_of(inputs, facilities, keep, share)
    few, rows = _rows_of(inputs, blocks, facilities, keep, share)
    lazy = [block.family in _NEAR for block in few]
    found = relax(small, few, lazy, SolveOptions(gap=0.002), min(deadline, time.perf_counter() + 120.0))
    prices = [np.zeros(len(block)) for block in blocks]
    for (at, chosen), price in zip(rows, found.duals, strict=False):
        family = blocks[at].family
        if family == "merges":
            prices[at] = _by_year(blocks[at], chosen, price)
        elif family not in LOCAL and family != "one_life":
            prices[at][chosen] = price
    return prices


def _neighbourhood(inputs: ScheduleInputs, blocks: Sequence[Rows], seed: int) -> Indices:
    """Return tied facilities around one at random, and others at random in their share of the city."""
    rng = np.random.default_rng(seed)
    count = len(inputs.facility_ids)
    if count <= _SIZE:
        return np.arange(count)
    near = [block for block in blocks if block.family in _NEAR and len(block)]
    if not near:
        return np.sort(rng.choice(count, _SIZE, replace=False))
    ties = ties_of(inputs, near)
    is_tied = np.diff(ties.indptr) > 0
    wanted = round(_SIZE * float(is_tied.mean()))
    chosen: list[int] = []
    left = rng.permutation(np.flatnonzero(is_tied))
    while len(chosen) < wanted:
        begin = int(left[~np.isin(left, chosen)][0])
        around = csgraph.breadth_first_order(ties, begin, directed=False, return_predecessors=False)
        chosen += [each for each in around[: wanted - len(chosen)].tolist() if each not in set(chosen)]
    free = np.flatnonzero(~is_tied)
    others = rng.choice(free, min(_SIZE - wanted, free.size), replace=False)
    return np.union1d(np.array(chosen, dtype=np.int64), others)


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
