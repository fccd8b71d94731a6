"""Measure the schedule against the textbook: all life plans and all rows in PuLP, HiGHS and CBC, same case, same run.

python bench/bench_schedule.py 150 600 --gap 0.005 --seconds 60
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from stock import city

from fmtool.errors import FmtoolError
from fmtool.schedule.families import FAMILIES
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.problem import SolveOptions, build, solve
from fmtool.schedule.search import relative_gap
from fmtool.schedule.solving import solve_schedule


def textbook(case: ScheduleInputs, options: SolveOptions) -> tuple[float, float | None, float]:
    """Return seconds with building, objective (None = no schedule) and gap of the plain model."""
    started = time.perf_counter()
    blocks = [rows for family in FAMILIES if (rows := family.rows(case)) is not None]
    model = build(case, blocks)
    answer = solve(model, case, options, seconds=options.time_limit_s)
    bound = answer.best_bound if answer.best_bound is not None else -np.inf
    gap = np.inf if answer.plans is None else relative_gap(answer.objective, bound)
    return time.perf_counter() - started, None if answer.plans is None else answer.objective, gap


def measure(size: int, options: SolveOptions, *, years: int, seed: int, is_alone: bool, is_told: bool) -> None:
    case = city(size, years, seed)
    print(f"\n{size} facilities, {len(case.facility):,} life plans, {years} years, gap asked {options.gap:.2%}, "
          f"limit {options.time_limit_s:g} s, {options.threads} threads")  # fmt: skip
    print(f"{'':<18}{'seconds':>9}{'objective':>16}{'gap':>10}{'over fmtool':>13}{'times slower':>14}")
    try:
        began = time.perf_counter()
        tell = (lambda text: print(f"    {time.perf_counter() - began:6.1f} s  {text.en}")) if is_told else None
        own = solve_schedule(case, options, tell)
    except FmtoolError as error:
        print(f"fmtool: {error}")
        return
    print(f"{'fmtool':<18}{own.seconds:>9.1f}{own.objective:>16,.1f}{own.gap:>10.3%}{'':>13}{'':>14}"
          f"  ({own.life_plans_kept:,} plans kept, {own.columns:,} columns)")  # fmt: skip
    for solver in () if is_alone else ("highs", "cbc"):
        seconds, objective, gap = textbook(
            case, SolveOptions(solver, options.gap, options.time_limit_s, options.threads)
        )
        slower = seconds / own.seconds
        name = f"PuLP + {'HiGHS' if solver == 'highs' else 'CBC'}"
        if objective is None:
            print(f"{name:<18}{seconds:>9.1f}{'no schedule':>16}{'':>10}{'':>13}{slower:>13.1f}x")
            continue
        told = f"{gap:.3%}" if np.isfinite(gap) else "untold"
        true_gap = objective / own.objective - 1
        print(f"{name:<18}{seconds:>9.1f}{objective:>16,.1f}{told:>10}{true_gap:>+13.3%}{slower:>13.1f}x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=[150], help="numbers of facilities")
    parser.add_argument("--years", type=int, default=40)
    parser.add_argument("--gap", type=float, default=0.005)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--alone", action="store_true", help="leave the textbook models out")
    parser.add_argument("--told", action="store_true", help="print each step of the search")
    given = parser.parse_args()
    options = SolveOptions(gap=given.gap, time_limit_s=given.seconds, threads=given.threads, seed=given.seed)
    for size in given.sizes:
        measure(size, options, years=given.years, seed=given.seed, is_alone=given.alone, is_told=given.told)


if __name__ == "__main__":
    main()
