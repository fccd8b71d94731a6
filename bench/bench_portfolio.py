"""Plan 200 made-up cities on one Dask worker and on two, and once more with a worker killed in the middle.

    python bench/bench_portfolio.py                 the ratio, then the kill test
    python bench/bench_portfolio.py --cities 50     fewer

The cities go to one worker and to two in turns of 50, so that whatever else the machine does falls on both alike; seconds
are those of planning, without the start of the workers. Printed too: whether all numbers are the same, that is
objective, bound, gap and every decision of every city. Where others are at work on the machine the seconds tell little;
the processor time of the busiest worker then says what the ratio would be without them. Each city stops at a gap, never at its time limit, so that the
machine's load changes no number. The workers are processes of one thread; this process waits meanwhile.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import threading
import time
from itertools import batched
from pathlib import Path

from cities import make_cities

from fmtool.portfolio import City, CityPlan, Options, find_cities, plan_cities
from fmtool.workers import Workers, open_workers

FACILITIES, YEARS, GAP = (12, 18), 10, 0.05
TURN = 50
KILLED_CITIES, KILL_AFTER = 80, 0.3
"""So many cities are planned with a worker killed, after this part of the time that they should take."""


def numbers(plans: list[CityPlan]) -> list[tuple[object, ...]]:
    return [(city.id, city.status, city.objective, city.best_bound, city.gap, city.plan_sha256) for city in plans]


def timed(cities: list[City], workers: Workers) -> tuple[list[CityPlan], float, float]:
    """Return the plans, the seconds, and the processor seconds of the busiest worker."""
    before = workers.client.run(time.process_time)
    began = time.perf_counter()
    national = plan_cities(cities, Options(kept="none"), workers)
    seconds = time.perf_counter() - began
    after = workers.client.run(time.process_time)
    return list(national.cities), seconds, max(spent - before.get(who, 0.0) for who, spent in after.items())


def in_turns(cities: list[City]) -> tuple[list[CityPlan], float]:
    """Plan on one worker and on two; return the plans and the seconds of two."""
    plans: dict[int, list[CityPlan]] = {1: [], 2: []}
    seconds, busiest = {1: 0.0, 2: 0.0}, {1: 0.0, 2: 0.0}
    with open_workers("local:1") as one, open_workers("local:2") as two:
        for workers in (one, two):
            plan_cities(cities[:2] * 2, Options(kept="none"), workers)  # each loads what it needs
        for turn in batched(cities, TURN):
            for workers in (one, two):
                found, spent, processor = timed(list(turn), workers)
                plans[workers.count] += found
                seconds[workers.count] += spent
                busiest[workers.count] += processor
            print(f"  {len(plans[1])} cities: {seconds[1]:.1f} s and {seconds[2]:.1f} s", flush=True)
    print(f"1 worker {seconds[1]:.1f} s, 2 workers {seconds[2]:.1f} s, ratio {seconds[1] / seconds[2]:.2f}")
    print(f"processor time {busiest[1]:.1f} s, of the busier {busiest[2]:.1f} s, ratio {busiest[1] / busiest[2]:.2f}")
    same = numbers(plans[1]) == numbers(plans[2])
    print(f"planned {sum(city.is_done for city in plans[1])}; the same numbers: {same}", flush=True)
    assert same
    return plans[1], seconds[2]


def killed(cities: list[City], after_s: float) -> list[CityPlan]:
    """Plan on two workers of which one is killed in the middle."""
    with open_workers("local:2") as workers:
        plan_cities(cities[:2] * 2, Options(kept="none"), workers)
        processes = sorted(workers.client.run(os.getpid).values())
        killer = threading.Timer(after_s, os.kill, [processes[0], signal.SIGKILL])
        killer.start()
        plans, seconds, _ = timed(cities, workers)
        assert not killer.is_alive(), "all was done before a worker could be killed"
        print(f"{len(cities)} cities, one of 2 workers killed after {after_s:.1f} s: {seconds:.1f} s", flush=True)
    return plans


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cities", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        make_cities(Path(scratch), given.cities, facilities=FACILITIES, years=YEARS, gap=GAP)
        cities = find_cities([Path(scratch)])
        print(f"{len(cities)} cities of {FACILITIES[0]} to {FACILITIES[1]} facilities, {YEARS} years, gap {GAP:.0%}")
        plans, seconds = in_turns(cities)
        few = cities[:KILLED_CITIES]
        same = numbers(killed(few, KILL_AFTER * seconds * len(few) / len(cities))) == numbers(plans)[: len(few)]
        print(f"the same numbers: {same}")
        assert same


if __name__ == "__main__":
    main()
