"""Facilities that are equal in everything: what it costs to prove that exchanging them betters nothing.

    python bench/bench_equal.py [--seconds 30]

Kinds of equal facilities share yearly budgets. HiGHS finds the symmetry by itself (as the schedule lets it); printed
beside it are HiGHS without that, and HiGHS without it but with rows that put equal facilities in order.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from fmtool.schedule.decompose.linear import Linear, solve

SIZES = ((4, 6, 12, 8), (6, 8, 20, 10), (10, 5, 30, 15))
"""Kinds, facilities of each, life plans of each, years."""
BUDGET_SHARE = 0.8
"""Of what all life plans cost on average in a year."""
GAP = 1e-6

Floats = NDArray[np.float64]


def stock(kinds: int, alike: int, plans: int, years: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Return cost (F, P), outlay (F, P, Y) and budget (Y,)."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(3.0, 0.5, kinds)[:, None]
    year = rng.integers(0, years, (kinds, plans))
    cost = size * (5.0 + rng.uniform(0, 3, (kinds, plans)) - 0.1 * year)
    outlay = np.zeros((kinds, plans, years))
    np.put_along_axis(outlay, year[..., None], (size * rng.uniform(0.5, 1.5, (kinds, plans)))[..., None], axis=2)
    cost, outlay = np.repeat(cost, alike, axis=0).round(2), np.repeat(outlay, alike, axis=0)
    return cost, outlay, outlay.mean(axis=1).sum(axis=0) * BUDGET_SHARE


def problem(cost: Floats, outlay: Floats, budget: Floats, ordered: int | None) -> Linear:
    """Return the problem; with ``ordered``, so many facilities in a row take their plans in ascending order."""
    facilities, plans = cost.shape
    one = sparse.kron(sparse.eye_array(facilities), np.ones((1, plans)))
    parts = [sparse.csr_array(outlay.reshape(facilities * plans, -1).T), sparse.csr_array(one)]
    low, high = [np.full(len(budget), -np.inf), np.ones(facilities)], [budget, np.ones(facilities)]
    if ordered is not None:
        first = np.flatnonzero(np.arange(facilities - 1) // ordered == np.arange(1, facilities) // ordered)
        before = sparse.csr_array(
            (np.tile([1.0, -1.0], len(first)), (np.repeat(np.arange(len(first)), 2), np.column_stack([first, first + 1]).ravel())),
            shape=(len(first), facilities),
        )  # fmt: skip
        parts.append(sparse.csr_array(sparse.kron(before, np.arange(plans)[None, :])))
        low.append(np.full(len(first), -np.inf))
        high.append(np.zeros(len(first)))
    count = facilities * plans
    return Linear(
        cost.ravel(), sparse.csc_array(sparse.vstack(parts)), np.concatenate(low), np.concatenate(high),
        np.zeros(count), np.ones(count), np.ones(count, dtype=bool),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    given = parser.parse_args()
    print(f"{'kinds x equal x plans x years':<32}{'':<22}{'seconds':>9}{'gap':>10}")
    for size in SIZES:
        case = stock(*size, seed=1)
        ways = {
            "as the schedule does": (None, {}), "without detection": (None, {"mip_detect_symmetry": False}),
            "with rows of order": (size[1], {"mip_detect_symmetry": False}),
        }  # fmt: skip
        for way, (ordered, settings) in ways.items():
            began = time.perf_counter()
            found = solve(problem(*case, ordered), seconds=given.seconds, gap=GAP, threads=1, **settings)
            gap = f"{(found.objective - found.bound) / abs(found.objective):.4%}" if found.values is not None else "-"
            print(f"{' x '.join(map(str, size)):<32}{way:<22}{time.perf_counter() - began:>9.1f}{gap:>10}", flush=True)


if __name__ == "__main__":
    main()
