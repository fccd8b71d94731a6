"""Made-up stock without local ties, at any size: 140 life plans a facility, in the compact form ``solve_arrays`` takes.

Buildings of the 1960s to 1990s, most of the 1970s, with lognormal floor areas. A plan is one of four actions begun in
one of 35 years; what it costs follows from age and area, so that outlay is a profile of a few years times an
area: three or four numbers a plan in a sparse matrix of single precision. Nothing in it is a real place or figure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

FIRST_YEAR = 2026
DISCOUNT_RATE = 0.02
STARTS = 35
PLANS = 4 * STARTS
BUDGET_SHARE = 0.7
"""Of what the stock would spend a year if each facility took its cheapest plan."""
_CHUNK = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Portfolio:
    """What ``solve_arrays`` is given."""

    cost: np.ndarray
    facility: np.ndarray
    outlay: sparse.csr_array
    budget: np.ndarray


def _profiles(years: int) -> np.ndarray:
    """Outlay of each plan in millions per m2, (140, Y); what falls after the horizon is not paid within it."""
    spread = {"renovate": [0.11, 0.11], "extend": [0.14, 0.14], "rebuild": [0.1, 0.16, 0.16], "close": [0.03]}
    table = np.zeros((PLANS, years))
    for number, profile in enumerate(spread.values()):
        for year in range(STARTS):
            span = min(len(profile), years - year)
            table[number * STARTS + year, year : year + span] = profile[:span]
            if number == 0 and year + 28 < years:  # what is only renovated is rebuilt in the end
                span = min(3, years - year - 28)
                table[year, year + 28 : year + 28 + span] = [0.1, 0.16, 0.16][:span]
    return table


def _unit_costs(years: int, table: np.ndarray) -> np.ndarray:
    """Present value per m2 of each plan by age in the first year, (100, 140)."""
    factor = (1 + DISCOUNT_RATE) ** -np.arange(1.0, years + 1)
    now = np.arange(years)
    values = np.zeros((100, PLANS))
    for age in range(100):
        for plan in range(PLANS):
            action, year = divmod(plan, STARTS)
            old = age + now - np.array([18, 28, 200, 0])[action] * (now >= year)
            if action == 2:
                old = np.where(now >= year, now - year, old)
            held = np.where(now >= year, 0.0, 1.0) if action == 3 else np.ones(years)
            lost = np.where(now >= year, 0.034, 0.0) if action == 3 else np.zeros(years)
            running = 0.012 * (1 + 0.015 * np.maximum(old - 30, 0))
            risk = 0.42 * 0.0004 * np.maximum(old - 35, 0) ** 1.5 / 5
            residual = np.array([0.11, 0.2, 0.42, 0.0])[action] * max(0.0, 1 - (years - year) / [25, 40, 60, 1][action])
            values[age, plan] = (table[plan] + held * (running + risk) + lost) @ factor - residual * factor[-1]
    return values


def portfolio(facilities: int, years: int = 40, seed: int = 0) -> Portfolio:
    """Make a stock of ``facilities`` x 140 life plans."""
    rng = np.random.default_rng(seed)
    area = np.clip(rng.lognormal(7.0, 0.95, facilities), 60, 30_000).astype(np.float32)
    age = np.clip(FIRST_YEAR - np.round(rng.normal(1976, 9, facilities)), 14, 68).astype(int)
    table = _profiles(years)
    unit = _unit_costs(years, table)
    pattern = sparse.csr_array(table.astype(np.float32))
    cost = np.empty(facilities * PLANS, dtype=np.float32)
    data = np.empty(facilities * pattern.nnz, dtype=np.float32)
    indices = np.empty(facilities * pattern.nnz, dtype=np.int32)
    cheapest = np.zeros(years)
    for begin in range(0, facilities, _CHUNK):
        run = slice(begin, min(begin + _CHUNK, facilities))
        count = run.stop - run.start
        taste = rng.uniform(0.85, 1.15, (count, 4)).repeat(STARTS, axis=1)
        value = unit[age[run]] * taste * area[run, None]
        cost[run.start * PLANS : run.stop * PLANS] = value.ravel()
        inside = slice(run.start * pattern.nnz, run.stop * pattern.nnz)
        data[inside] = (area[run, None] * pattern.data[None, :]).ravel()
        indices[inside] = np.tile(pattern.indices, count)
        cheapest += (area[run, None] * table[value.argmin(axis=1)]).sum(axis=0)
    pointers = np.zeros(facilities * PLANS + 1, dtype=np.int32)
    np.cumsum(np.tile(np.diff(pattern.indptr), facilities), out=pointers[1:])
    outlay = sparse.csr_array((data, indices, pointers), shape=(facilities * PLANS, years))
    facility = np.arange(facilities, dtype=np.int32).repeat(PLANS)
    return Portfolio(cost, facility, outlay, np.full(years, BUDGET_SHARE * cheapest.sum() / years))
