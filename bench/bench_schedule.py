"""Measure the schedule against the textbook: all life plans and all rows in PuLP, HiGHS and CBC, same case, same run.

python bench/bench_schedule.py 150 600 --gap 0.005 --seconds 60 --textbook-seconds 600 --json measured.jsonl
python bench/bench_schedule.py sample         the sample city, read from its ledger
python bench/bench_schedule.py 10000 --alone --seconds 600

Seconds begin where the life plans stand in arrays and hold making rows and models. The textbook stops at the gap asked
for, or at fmtool's where that one did not reach it. Each solver has a process of its own, so that memory is its own.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import platform
import resource
import signal
import time
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from stock import city

from fmtool.errors import FmtoolError
from fmtool.schedule.families import FAMILIES
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.prepare import prepare
from fmtool.schedule.problem import SolveOptions, build, solve
from fmtool.schedule.search import relative_gap
from fmtool.schedule.solving import solve_schedule
from fmtool.workspace import read_workspace

SOLVERS = {"highs": "PuLP + HiGHS", "cbc": "PuLP + CBC"}
MOST_SHARE_OF_INPUTS = 1 / 3
_EVERY_SECONDS = 1.0
"""How often memory is looked at."""
REACHED, NOT_REACHED, NO_SCHEDULE, ENDED, STOPPED = "reached", "not reached", "no schedule", "out of memory", "stopped"
_EXACT = 1e-9
_REPOSITORY = Path(__file__).resolve().parents[1]

Record = dict[str, Any]


def instance(name: str, years: int, seed: int, *, has_finances: bool) -> ScheduleInputs:
    """Make the city of so many facilities, or read the sample and write out its life plans."""
    if name == "sample":
        return prepare(read_workspace(_REPOSITORY)).inputs
    return city(int(name), years, seed, finances=has_finances)


def run_fmtool(case: ScheduleInputs, options: SolveOptions, *, is_told: bool) -> Record:
    began = time.perf_counter()
    tell = (lambda text: print(f"    {time.perf_counter() - began:6.1f} s  {text.en}")) if is_told else None
    try:
        own = solve_schedule(case, options, tell)
    except FmtoolError as error:
        return {"status": NO_SCHEDULE, "objective": None, "bound": None, "gap": None, "said": str(error)}
    return {
        "status": REACHED if own.is_optimal else NOT_REACHED,
        "objective": own.objective,
        "bound": own.best_bound,
        "gap": own.gap,
        "life_plans_kept": own.life_plans_kept,
        "columns": own.columns,
    }


def run_textbook(case: ScheduleInputs, options: SolveOptions) -> Record:
    """Give the plain model to a solver: every life plan a column, every row of every family."""
    began = time.perf_counter()
    blocks = [rows for family in FAMILIES if (rows := family.rows(case)) is not None]
    model = build(case, blocks)
    built = time.perf_counter() - began
    answer = solve(model, case, options, seconds=options.time_limit_s)
    bound = answer.best_bound if answer.best_bound is not None else -np.inf
    found: Record = {"build_seconds": built, "columns": len(model.plans), "rows": len(model.rows)}
    if answer.plans is None or answer.objective is None:
        return found | {"status": NO_SCHEDULE, "objective": None, "bound": None, "gap": None}
    gap = relative_gap(answer.objective, bound)
    # CBC tells no bound; "optimal" before the time is over is its word that the gap asked for is closed.
    is_reached = answer.status.name == "Optimal" and answer.seconds < options.time_limit_s
    return found | {
        "status": REACHED if is_reached or gap <= options.gap + _EXACT else NOT_REACHED,
        "objective": answer.objective,
        "bound": bound if np.isfinite(bound) else None,
        "gap": gap if np.isfinite(gap) else None,
    }


def _work(sender: Connection, name: str, given: argparse.Namespace, solver: str, options: SolveOptions) -> None:
    """Measure one solver, in a process of its own."""
    os.setsid()
    most = int(given.memory_gb * 1e9)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    began, used = time.perf_counter(), _cpu_seconds()
    case = instance(name, given.years, given.seed, has_finances=not given.no_finances)
    made, making = time.perf_counter() - began, _cpu_seconds() - used
    began, used = time.perf_counter(), _cpu_seconds()
    sender.send({
        "facilities": len(case.facility_ids), "life_plans": len(case.facility), "years": case.horizon,
        "input_seconds": made, "input_cpu_seconds": making,
    })  # fmt: skip
    try:
        found = run_fmtool(case, options, is_told=given.told) if solver == "fmtool" else run_textbook(case, options)
    except MemoryError:
        found = {"status": ENDED, "objective": None, "bound": None, "gap": None}
    found |= {"seconds": time.perf_counter() - began, "cpu_seconds": _cpu_seconds() - used}
    sender.send(found | {"memory_gb": _memory_gb()})


def _cpu_seconds() -> float:
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)


def _memory_gb() -> float:
    """Return the most that the process itself held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _watched(receiver: Connection, pid: int | None, until: float) -> tuple[bool, float]:
    """Wait for word; return whether it came, and the most memory that the process and all it started were seen to hold, GB.

    What they share counts once.
    """
    most = 0.0
    while time.perf_counter() < until:
        if receiver.poll(_EVERY_SECONDS):
            return True, most
        held = 0
        with contextlib.suppress(psutil.Error):
            above = psutil.Process(pid)
            for each in (above, *above.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    held += each.memory_full_info().pss
        most = max(most, held / 1e9)
    return receiver.poll(0), most


def measured(name: str, given: argparse.Namespace, solver: str, options: SolveOptions) -> Record:
    """Measure in a new process, ended when making its model takes too long as well."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(sender, name, given, solver, options))
    process.start()
    sender.close()
    record: Record = {
        "instance": "sample" if name == "sample" else "city", "seed": given.seed, "finances": not given.no_finances,
        "solver": SOLVERS.get(solver, solver), "gap_asked": options.gap, "time_limit_s": options.time_limit_s,
        "threads": options.threads, "cores": os.cpu_count(), "python": platform.python_version(),
        **{each: version(each) for each in ("fmtool", "pulp", "highspy")},
    }  # fmt: skip
    began = time.perf_counter()
    until = began + options.time_limit_s + given.build_seconds
    try:
        record |= receiver.recv()
        began = time.perf_counter()
        is_told, most = _watched(receiver, process.pid, until)
        record |= receiver.recv() if is_told else {"status": STOPPED}
        if is_told:
            record["memory_gb"] = max(record["memory_gb"], most)
    except EOFError:
        record |= {"status": ENDED}
    if record["status"] in {STOPPED, ENDED} and "seconds" not in record:
        record |= {"seconds": time.perf_counter() - began, "objective": None, "gap": None, "memory_gb": None}
    if process.is_alive() and record["status"] == STOPPED:
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.join()
    return record


def measure(name: str, given: argparse.Namespace) -> list[Record]:
    """Measure fmtool and the textbook on one instance; print a line each."""
    options = SolveOptions(gap=given.gap, time_limit_s=given.seconds, threads=given.threads, seed=given.seed)
    own = measured(name, given, "fmtool", options)
    if "facilities" not in own:
        print(f"{name}: {own['status']}")
        return [own]
    print(f"\n{own['facilities']:,} facilities, {own['life_plans']:,} life plans, {own['years']} years, "
          f"gap asked {given.gap:.2%}, limit {given.seconds:g} s, {given.threads} threads")  # fmt: skip
    print(f"{'':<14}{'seconds':>9}{'CPU s':>9}{'objective':>16}{'gap':>10}{'over fmtool':>13}{'memory GB':>11}  slower")
    share = own["input_seconds"] / (own["input_seconds"] + own["seconds"])
    own |= {"input_share": share}
    _print(own, own, "")
    verdict = "under a third" if share < MOST_SHARE_OF_INPUTS else "NOT under a third"
    print(f"{'':<14}reading inputs and generating alternatives: {own['input_seconds']:.2f} s, {share:.1%} of all, "
          f"{verdict}")  # fmt: skip
    records = [own]
    if given.alone or own["objective"] is None:
        return records
    asked = max(given.gap, own["gap"])
    for solver in SOLVERS:
        limit = given.textbook_seconds or given.seconds
        record = measured(name, given, solver, SolveOptions(solver, asked, limit, given.threads, given.seed))
        record["times_slower"] = times = record["seconds"] / own["seconds"]
        if record["status"] == REACHED:
            slower = f"{times:.1f} times"
        else:
            slower = f"{record['status']} in {record['seconds']:.0f} s: at least {times:.1f} times"
        _print(record, own, slower)
        records.append(record)
    return records


def _print(record: Record, own: Record, slower: str) -> None:
    def cell(name: str, form: str, width: int) -> str:
        value = record.get(name)
        return f"{'-' if value is None else format(value, form):>{width}}"

    objective, least = record.get("objective"), own["objective"]
    over = "" if record is own or objective is None else f"{objective / least - 1:+.3%}"
    print(
        f"{record['solver']:<14}{cell('seconds', '.1f', 9)}{cell('cpu_seconds', '.1f', 9)}"
        f"{cell('objective', ',.1f', 16)}{cell('gap', '.3%', 10)}{over:>13}{cell('memory_gb', '.2f', 11)}  "
        f"{slower or record.get('said', '')}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", default=["150"], help="numbers of facilities, or sample")
    parser.add_argument("--years", type=int, default=40)
    parser.add_argument("--gap", type=float, default=0.005)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--textbook-seconds", type=float, help="time limit of the textbook's solvers, else the same")
    parser.add_argument("--build-seconds", type=float, default=600.0, help="time for making the model beside it")
    parser.add_argument("--memory-gb", type=float, default=16.0, help="address space of each process")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-finances", action="store_true", help="without subsidies, bonds and limits on debt")
    parser.add_argument("--alone", action="store_true", help="leave the textbook models out")
    parser.add_argument("--told", action="store_true", help="print each step of the search")
    parser.add_argument("--json", type=Path, help="append one line a measurement to this file")
    given = parser.parse_args()
    for name in given.sizes:
        records = measure(name, given)
        if given.json is not None:
            with given.json.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(record) + "\n" for record in records)


if __name__ == "__main__":
    main()
