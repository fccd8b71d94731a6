"""Solve a multiple choice with yearly limits in batipathway, in a process of its own: it needs linopy and xarray.

python bench/pathway.py arrays.npz SECONDS THREADS     prints objective (nan = none) and bound

batipathway has no budget. Its cap on final energy in each year is the same mathematics: a plan's outlay is given as the
energy that a building uses in that year, the budget as the cap, and the whole cost as the first year's bill at a discount
rate of nothing. So it solves every row of the plain problem; a fund, bonds and shared services it cannot say.
"""

from __future__ import annotations

import sys

import numpy as np
import xarray as xr
from batipathway.config import ScenarioConfig
from batipathway.model import build_model

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def dataset(cost: np.ndarray, facility: np.ndarray, outlay: np.ndarray) -> xr.Dataset:
    """Return the plans as batipathway reads them; every facility has as many."""
    buildings, years = int(facility.max()) + 1, outlay.shape[1]
    combinations = len(cost) // buildings
    shape = (buildings, combinations, years)
    bill = np.zeros(shape)
    bill[:, :, 0] = cost.reshape(shape[:2])
    baseline = np.zeros(shape[:2], dtype=bool)
    baseline[:, 0] = True
    by_year = ("building", "combination", "year")
    return xr.Dataset(
        {
            "valid": (by_year[:2], np.ones(shape[:2], dtype=bool)),
            "is_baseline": (by_year[:2], baseline),
            "investment": (by_year, np.zeros(shape)),
            "is_renovating": ((*by_year, "gesture_type"), np.zeros((*shape, 1), dtype=bool)),
            "area": ("building", np.ones(buildings)),
            "energy_cost": (by_year, bill),
            "ghg": (by_year, np.zeros(shape)),
            "energy": (by_year, outlay.reshape(shape)),
        },
        {
            "building": np.arange(buildings),
            "combination": np.arange(combinations),
            "year": np.arange(years),
            "gesture_type": ["works"],
        },
    )


def main() -> None:
    path, seconds, threads = sys.argv[1:]
    with np.load(path) as held:
        cost, facility, outlay, budget = (held[name] for name in ("cost", "facility", "outlay", "budget"))
    caps = dict(enumerate(budget.tolist()))
    model = build_model(dataset(cost, facility, outlay), ScenarioConfig(discount_rate=0.0, energy_cap=caps))
    # What its own solve() asks for, but that it raises at the time limit and tells no bound.
    model.solve(
        solver_name="highs", io_api="lp", log_to_console=False, time_limit=float(seconds), threads=int(threads),
        mip_rel_gap=0.0,
    )  # fmt: skip
    told = model.solver_model.getInfo()
    if told.primal_solution_status != 2:  # HiGHS holds no feasible choice
        print("told", np.nan, told.mip_dual_bound)
        return
    taken = np.asarray(model.variables["select"].solution).ravel() > 0.5
    keeps = taken.sum() == facility.max() + 1 and (outlay[taken].sum(axis=0) <= budget * (1 + 1e-6)).all()
    print("told", cost[taken].sum() if keeps else np.nan, told.mip_dual_bound)


if __name__ == "__main__":
    main()
