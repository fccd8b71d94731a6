"""Solve a multiple choice with OR-tools CP-SAT, in a process of its own: its library and highspy's do not load together.

python bench/cp_sat.py arrays.npz SECONDS THREADS     prints objective (nan = none) and bound
"""

from __future__ import annotations

import sys

import numpy as np
from ortools.sat.python import cp_model

_UNIT = 1000
"""CP-SAT takes whole numbers: money is rounded to thousandths, outlays upwards."""


def main() -> None:
    path, seconds, threads = sys.argv[1:]
    with np.load(path) as held:
        cost, facility, outlay, budget = (held[name] for name in ("cost", "facility", "outlay", "budget"))
    model = cp_model.CpModel()
    take = [model.new_bool_var(f"x{n}") for n in range(len(cost))]
    for f in range(facility.max() + 1):
        model.add_exactly_one(take[n] for n in np.flatnonzero(facility == f))
    for year, limit in enumerate(budget.tolist()):
        rows = np.flatnonzero(outlay[:, year])
        model.add(sum(int(np.ceil(outlay[n, year] * _UNIT)) * take[n] for n in rows) <= int(limit * _UNIT))
    model.minimize(sum(round(value * _UNIT) * each for value, each in zip(cost.tolist(), take, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds, solver.parameters.num_workers = float(seconds), int(threads)
    found = solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    print("told", solver.objective_value / _UNIT if found else np.nan, solver.best_objective_bound / _UNIT)


if __name__ == "__main__":
    main()
