"""Plan 200 made-up cities on one Dask worker and on two, and once more with a worker killed in the middle.

    python bench/bench_portfolio.py                 the ratio, then the kill test
    python bench/bench_portfolio.py --cities 40     fewer

Prints seconds of each run without the start of its workers, the ratio, and whether all numbers are the same: objective,
bound, gap and every decision of every city. Each city stops at a gap, never at its time limit, so that the machine's
load changes no number. The workers are processes of one thread; this process waits meanwhile.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import threading
import time
from pathlib import Path

from cities import make_cities

from fmtool.portfolio import City, National, Options, find_cities, plan_cities
from fmtool.workers import open_workers

FACILITIES, YEARS, GAP = (10, 16), 10, 0.1
KILL_AFTER = 0.3
"""Part of the undisturbed run's time after which a worker is killed."""


def numbers(national: National) -> list[tuple[object, ...]]:
    return [
        (city.id, city.status, city.objective, city.best_bound, city.gap, city.plan_sha256) for city in national.cities
    ]


def timed(cities: list[City], workers: int, kill_after_s: float | None = None) -> tuple[National, float]:
    """Plan the cities on processes that have loaded all they need; return the plans and the seconds."""
    with open_workers(f"local:{workers}") as hands:
        plan_cities(cities[:workers], Options(kept="none"), hands)
        processes = sorted(hands.client.run(os.getpid).values())
        killer = threading.Timer(kill_after_s or 0.0, os.kill, [processes[0], signal.SIGKILL])
        if kill_after_s is not None:
            killer.start()
        began = time.perf_counter()
        national = plan_cities(cities, Options(kept="none"), hands)
        seconds = time.perf_counter() - began
        if kill_after_s is not None:
            killer.join()
            assert processes[0] not in hands.client.run(os.getpid).values(), "no worker was killed"
    return national, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cities", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        make_cities(Path(scratch), given.cities, facilities=FACILITIES, years=YEARS, gap=GAP)
        cities = find_cities([Path(scratch)])
        one, one_s = timed(cities, 1)
        two, two_s = timed(cities, 2)
        killed, killed_s = timed(cities, 2, KILL_AFTER * two_s)
    print(f"{len(cities)} cities of {FACILITIES[0]} to {FACILITIES[1]} facilities over {YEARS} years, gap {GAP:.0%}")
    print(f"planned: {len(one.done)}; longest {max(city.seconds for city in one.cities):.1f} s")
    print(f"1 worker {one_s:.1f} s, 2 workers {two_s:.1f} s, ratio {one_s / two_s:.2f}")
    print(f"2 workers give the numbers of 1: {numbers(two) == numbers(one)}")
    print(f"one of 2 workers killed: {killed_s:.1f} s, the same numbers: {numbers(killed) == numbers(one)}")
    assert numbers(one) == numbers(two) == numbers(killed)


if __name__ == "__main__":
    main()
