"""Turn lines of ``bench_schedule.py --json`` into the table and the plot of the performance page.

python bench/plot.py measured.jsonl [more.jsonl ...] --into docs/performance

Of one instance and solver the last line counts; lines of ``bench_decompose.py sizes --json`` may be among them. The growth
exponent is the slope of the straight line through the values over facilities, both as logarithms.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

Record = dict[str, Any]

FMTOOL, ARRAYS = "fmtool", "solve_arrays"
COLOURS = {FMTOOL: "#1f4e79", ARRAYS: "#2e8b57", "PuLP + HiGHS": "#c55a11", "PuLP + CBC": "#7f7f7f"}
INSTANCES = {"city": "", "sample": " (sample)", "arrays": " (no ties)"}
HEAD = (
    "facilities", "life plans", "solver", "seconds", "CPU seconds", "objective, millions", "gap", "over fmtool",
    "slower than fmtool", "memory, GB", "inputs, share of all",
)  # fmt: skip


def read(paths: list[Path]) -> list[Record]:
    """Return the last measurement of each instance and solver, by size, fmtool first."""
    last: dict[tuple[Any, ...], Record] = {}
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            if "facilities" in record:
                last[*_case(record), record["solver"]] = record
    solvers = list(COLOURS)
    return sorted(
        last.values(),
        key=lambda each: (
            list(INSTANCES).index(each["instance"]),
            each["facilities"],
            each["seed"],
            solvers.index(each["solver"]),
        ),
    )


def growth(records: list[Record], value: str, solver: str = FMTOOL) -> float | None:
    """Return the exponent with which a value of a solver grows over facilities; None with fewer than two sizes.

    >>> many = [{"solver": "fmtool", "instance": "city", "facilities": n, "seconds": n**1.5} for n in (10, 100)]
    >>> round(growth(many, "seconds"), 3)
    1.5
    """
    points = [
        (each["facilities"], each[value])
        for each in records
        if each["solver"] == solver and each["instance"] != "sample" and each.get(value)
    ]
    if len({size for size, _ in points}) < 2:
        return None
    size, spent = np.log(np.array(points)).T
    return float(np.polyfit(size, spent, 1)[0])


def table(records: list[Record]) -> str:
    """Return the measurements as a table in Markdown, with what they were measured with."""
    own = {_case(each): each for each in records if each["solver"] == FMTOOL}
    lines = [f"| {' | '.join(HEAD)} |", f"|{' --- |' * len(HEAD)}"]
    lines += [f"| {' | '.join(_cells(each, own.get(_case(each))))} |" for each in records]
    asked = sorted(
        {(each["gap_asked"], each["time_limit_s"]) for each in records if each["solver"] in {FMTOOL, ARRAYS}}
    )
    under = [f"Gap asked for: {', '.join(f'{gap:.2%} within {limit:g} s' for gap, limit in asked)}."]
    under += [
        f"Of {solver}, {what} as facilities to the power of {power:.2f}."
        for solver in (FMTOOL, ARRAYS)
        for what, value in (
            ("seconds grow", "seconds"), ("CPU seconds grow", "cpu_seconds"), ("memory grows", "memory_gb"),
        )
        if (power := growth(records, value, solver)) is not None
    ]  # fmt: skip
    with_what = {
        f"fmtool {each['fmtool']}, PuLP {each['pulp']}, HiGHS {each['highspy']}, Python {each['python']}, "
        f"{each['cores']} cores, {each['threads']} threads"
        for each in records
    }
    under.append(f"Measured with {'; '.join(sorted(with_what))}.")
    return "\n".join([*lines, "", *under]) + "\n"


def _case(record: Record) -> tuple[Any, ...]:
    return tuple(record[key] for key in ("instance", "facilities", "years", "seed", "finances"))


def _cells(record: Record, own: Record | None) -> list[str]:
    def cell(name: str, form: str) -> str:
        value = record.get(name)
        return "" if value is None else format(value, form)

    over, least = "", None if own is None else own["objective"]
    if record["solver"] != FMTOOL and least and record.get("objective") is not None:
        over = f"{record['objective'] / least - 1:+.2%}"
    slower = cell("times_slower", ",.1f")
    if slower:
        slower += " times" if record["status"] == "reached" else f" times at least: {record['status']}"
    gap = cell("gap", ".2%") or ("" if record.get("objective") is None else "not told")
    name = f"{record['facilities']:,}{INSTANCES[record['instance']]}"
    return [
        name, cell("life_plans", ","), record["solver"], cell("seconds", ",.1f"), cell("cpu_seconds", ",.1f"),
        cell("objective", ",.0f"), gap, over, slower, cell("memory_gb", ".2f"), cell("input_share", ".1%"),
    ]  # fmt: skip


def plot(records: list[Record]) -> Figure:
    """Draw seconds and memory over facilities, all axes as logarithms; hollow = the gap was not reached."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    for axes, value, what in zip(
        figure.subplots(1, 2), ("seconds", "memory_gb"), ("seconds", "memory, GB"), strict=True
    ):
        for solver, colour in COLOURS.items():
            points = [
                (each["facilities"], each[value], each["status"] == "reached")
                for each in records
                if each["solver"] == solver and each["instance"] != "sample" and each.get(value)
            ]
            if points:
                is_ours = solver in {FMTOOL, ARRAYS}
                name = f"{solver}, no ties" if solver == ARRAYS else solver
                _line(axes, points, name, colour, growth(records, value, solver) if is_ours else None)
        axes.set(xscale="log", yscale="log", xlabel="facilities", ylabel=what)
        sizes = sorted({each["facilities"] for each in records if each["instance"] != "sample"})
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes], rotation=30)
        axes.xaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter("{x:,g}")
        axes.grid(visible=True, which="major", alpha=0.3)
        if axes.lines:
            axes.legend(frameon=False, fontsize=8, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


def _line(axes: Axes, points: list[tuple[int, float, bool]], name: str, colour: str, exponent: float | None) -> None:
    size, spent, reached = zip(*sorted(points), strict=True)
    axes.plot(size, spent, color=colour, label=name if exponent is None else f"{name}, exponent {exponent:.2f}")
    for at, value, is_reached in zip(size, spent, reached, strict=True):
        axes.plot(at, value, "o", color=colour, markerfacecolor=colour if is_reached else "white")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measured", nargs="+", type=Path, help="files of bench_schedule.py --json")
    parser.add_argument(
        "--into", type=Path, default=Path("docs/performance"), help="folder for table.md and growth.svg"
    )
    given = parser.parse_args()
    records = read(given.measured)
    given.into.mkdir(parents=True, exist_ok=True)
    (given.into / "table.md").write_text(table(records), encoding="utf-8")
    # The same measurements give the same bytes.
    with mpl.rc_context({"svg.hashsalt": "fmtool", "svg.fonttype": "none"}):
        plot(records).savefig(given.into / "growth.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
