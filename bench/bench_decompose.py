"""Measure ``solve_arrays`` at growing sizes, on public knapsacks, and against other solvers in the same run.

python bench/bench_decompose.py sizes 10000 100000 300000     seconds, CPU seconds, memory, growth exponent
python bench/bench_decompose.py knapsacks FOLDER I07 I10      public instances with their published upper bound
python bench/bench_decompose.py flat --seconds 120            500 x 40 x 30 under a flat cap, all solvers in one run

OR-tools and batipathway are asked only where they are installed, by --python where they are in an environment of their own. Others' work on the machine shows in seconds, not in CPU seconds.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pulp
from portfolio import portfolio

from fmtool.schedule.arrays import solve_arrays

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
Told = tuple[float | None, float | None]
"""Objective and bound, where a solver tells them."""


def flat_cap(facilities: int = 500, plans: int = 40, years: int = 30, seed: int = 0) -> Arrays:
    """Plans of one to three outlays in years at random, lognormal sizes, nine tenths of the cheapest plans' need a year."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(0, 0.9, facilities) * 100
    outlay, cost = np.zeros((facilities * plans, years)), np.zeros(facilities * plans)
    for n in range(facilities * plans):
        spans = rng.integers(1, 4)
        when = rng.choice(years, spans, replace=False)
        amount = size[n // plans] * rng.uniform(0.2, 1, spans)
        outlay[n, when] = amount
        cost[n] = (amount * 1.02**-when).sum() * rng.uniform(0.9, 1.1) + size[n // plans] * rng.uniform(0, 1)
    cheapest = cost.reshape(facilities, plans).argmin(axis=1) + plans * np.arange(facilities)
    cap = np.full(years, 0.9 * outlay[cheapest].sum() / years)
    return cost, np.repeat(np.arange(facilities), plans), outlay, cap


def textbook(arrays: Arrays, solver: str, seconds: float, threads: int) -> Told:
    """Solve the plain model of all plans and rows in PuLP; return objective and bound."""
    cost, facility, outlay, budget = arrays
    problem = pulp.LpProblem("textbook", pulp.LpMinimize)
    take = [problem.add_variable(f"x{n}", 0, 1, cat="Binary") for n in range(len(cost))]
    problem.setObjective(pulp.LpAffineExpression.from_dict(dict(zip(take, cost.tolist(), strict=True))))
    for f in range(facility.max() + 1):
        terms = {take[n]: 1.0 for n in np.flatnonzero(facility == f)}
        problem.addConstraint(pulp.LpAffineExpression.from_dict(terms) == 1, name=f"one{f}")
    for year, limit in enumerate(budget.tolist()):
        terms = {take[n]: float(outlay[n, year]) for n in np.flatnonzero(outlay[:, year])}
        problem.addConstraint(pulp.LpAffineExpression.from_dict(terms) <= limit, name=f"year{year}")
    if solver == "highs":
        stats = problem.solve(pulp.HiGHS(msg=False, output_flag=False, timeLimit=seconds, threads=threads, gapRel=0.0))
    else:
        stats = problem.solve(pulp.COIN_CMD(msg=False, timeLimit=seconds, threads=threads, gapRel=0.0))
    return (stats.objective if stats.has_solution else None), stats.best_bound


def elsewhere(script: str, python: str, arrays: Arrays, seconds: float, threads: int) -> Told:
    """Solve in a process of its own, by an interpreter that has the solver."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "arrays.npz"
        np.savez(path, **dict(zip(("cost", "facility", "outlay", "budget"), arrays, strict=True)))
        told = subprocess.run(
            [python, str(Path(__file__).with_name(script)), str(path), str(seconds), str(threads)],
            capture_output=True, text=True, check=True,
        ).stdout.splitlines()  # fmt: skip
    _, objective, bound = next(line for line in told if line.startswith("told ")).split()
    return (None if np.isnan(float(objective)) else float(objective)), float(bound)


def has(python: str, module: str) -> bool:
    """Say whether an interpreter has a module."""
    return subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0


def line(name: str, objective: float | None, bound: float | None, seconds: float, cpu: float) -> None:
    gap = "untold" if objective is None or bound is None else f"{(objective - bound) / abs(objective):.3%}"
    told = "no choice" if objective is None else f"{objective:,.1f}"
    least = "" if bound is None else f"{bound:,.1f}"
    print(f"{name:<16}{told:>18}{least:>18}{gap:>10}{seconds:>9.1f}{cpu:>9.1f}", flush=True)


def head() -> None:
    print(f"{'':<16}{'objective':>18}{'bound':>18}{'gap':>10}{'seconds':>9}{'CPU':>9}")


def flat(seconds: float, threads: int, seed: int, python: str) -> None:
    arrays = flat_cap(seed=seed)
    print(f"500 facilities x 40 life plans x 30 years, flat cap, {seconds:g} s, {threads} threads, seed {seed}")
    head()
    solvers = {
        "solve_arrays": (None, lambda: ours(arrays, seconds, threads)),
        "PuLP + HiGHS": (None, lambda: textbook(arrays, "highs", seconds, threads)),
        "PuLP + CBC": (None, lambda: textbook(arrays, "cbc", seconds, threads)),
        "batipathway": ("batipathway", lambda: elsewhere("pathway.py", python, arrays, seconds, threads)),
        "CP-SAT": ("ortools", lambda: elsewhere("cp_sat.py", python, arrays, seconds, threads)),
    }
    gaps: dict[str, float] = {}
    for name, (module, solve) in solvers.items():
        if module is not None and not has(python, module):
            print(f"{name:<16}not installed")
            continue
        began, used = time.perf_counter(), _cpu()
        objective, bound = solve()
        line(name, objective, bound, time.perf_counter() - began, _cpu() - used)
        if objective is not None and bound is not None:
            gaps[name] = (objective - bound) / abs(objective)
    others = {name: gap for name, gap in gaps.items() if name != "solve_arrays"}
    if gaps["solve_arrays"] > 0:
        print("gap over ours: " + ", ".join(f"{name} {gap / gaps['solve_arrays']:.1f}" for name, gap in others.items()))


def ours(arrays: Arrays, seconds: float, threads: int) -> Told:
    found = solve_arrays(*arrays, gap=0.0, time_limit_s=seconds, threads=threads)
    return found.objective, found.bound


def _cpu() -> float:
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)


def sizes(counts: list[int], gap: float, seconds: float, threads: int, into: Path | None) -> None:
    """Each size in a process of its own, so that memory is its own; a line of JSON each where a file is given."""
    print("140 life plans a facility, 40 years, no local ties")
    print(
        f"{'facilities':>10}{'generate s':>11}{'solve s':>9}{'CPU s':>8}{'gap':>10}{'GB at most':>12}{'exponent':>10}"
    )
    before: tuple[int, float] | None = None
    for count in counts:
        told = subprocess.run(
            [sys.executable, __file__, "one", str(count), str(gap), str(seconds), str(threads)],
            capture_output=True, text=True, check=True,
        ).stdout.split()  # fmt: skip
        made, took, cpu, reached, memory, objective, plans, years = map(float, told)
        power = "" if before is None else f"{np.log(cpu / before[1]) / np.log(count / before[0]):.2f}"
        print(f"{count:>10,}{made:>11.1f}{took:>9.1f}{cpu:>8.1f}{reached:>10.4%}{memory:>12.2f}{power:>10}", flush=True)
        before = (count, cpu)
        if into is not None:
            record = {
                "instance": "arrays", "facilities": count, "life_plans": int(plans), "years": int(years), "seed": 0,
                "finances": False, "solver": "solve_arrays", "gap_asked": gap, "time_limit_s": seconds, "threads": threads,
                "seconds": took, "cpu_seconds": cpu, "gap": reached, "memory_gb": memory, "objective": objective,
                "status": "reached" if reached <= gap else "not reached", "input_share": made / (made + took),
                "cores": os.cpu_count(), "python": platform.python_version(),
                **{each: version(each) for each in ("fmtool", "pulp", "highspy")},
            }  # fmt: skip
            with into.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")


def one(count: int, gap: float, seconds: float, threads: int) -> None:
    began = time.perf_counter()
    stock = portfolio(count)
    made = time.perf_counter() - began
    found = solve_arrays(
        stock.cost, stock.facility, stock.outlay, stock.budget, gap=gap, time_limit_s=seconds, threads=threads
    )
    over = (stock.outlay[found.choice].sum(axis=0, dtype=float) - stock.budget).max()
    assert over <= 1e-6 * stock.budget[0]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(made, found.seconds, found.cpu_seconds, found.gap, memory, found.objective, *stock.outlay.shape)


def knapsacks(folder: Path, names: list[str], seconds: float, threads: int) -> None:
    spec = importlib.util.spec_from_file_location("bench_io", folder / "bench_io.py")
    assert spec is not None
    assert spec.loader is not None
    readers = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(readers)
    readers.ROOT = folder
    with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
        listed = {row["instance"]: row for row in csv.DictReader(file)}
    head()
    for name in names:
        _, capacity, groups = readers.khan(name)
        value, use = (np.concatenate([group[part] for group in groups]) for part in (0, 1))
        facility = np.repeat(np.arange(len(groups)), [len(each) for each, _ in groups])
        found = solve_arrays(-value, facility, use, capacity, gap=0.0, time_limit_s=seconds, threads=threads)
        assert (use[found.choice].sum(axis=0) <= capacity).all()
        line(name, -found.objective, -found.bound, found.seconds, found.cpu_seconds)
        upper = float(listed[name]["upper"] or listed[name]["known"])
        print(f"{'':<16}{1 + found.objective / upper:.3%} under the published upper bound {upper:,.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", default="sizes", choices=["sizes", "knapsacks", "flat", "one"])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--gap", type=float, default=0.001)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--python", default=sys.executable, help="interpreter that has ortools and batipathway")
    parser.add_argument("--json", type=Path, help="file to which the sizes add a line each, for plot.py")
    given = parser.parse_args()
    if given.what == "one":
        count, gap, seconds, threads = given.names
        one(int(count), float(gap), float(seconds), int(threads))
    elif given.what == "sizes":
        counts = [int(name) for name in given.names] or [150, 600, 2_000, 10_000, 100_000, 300_000]
        sizes(counts, given.gap, given.seconds, given.threads, given.json)
    elif given.what == "knapsacks":
        knapsacks(Path(given.names[0]), given.names[1:], given.seconds, given.threads)
    else:
        flat(given.seconds, given.threads, given.seed, given.python)


if __name__ == "__main__":
    main()
