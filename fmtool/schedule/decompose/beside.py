"""Parts answered side by side, in processes of their own: HiGHS lets no other thread work while it does."""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from fmtool.schedule.decompose.choices import Indices
from fmtool.schedule.decompose.part import Part

Answer = tuple[float, Indices | None]
_ALONE = 5_000
"""Plans of all parts up to which starting a process costs more than it spares."""
_ENDING = 5.0
"""Seconds that a process may take to end after its time."""


def together(parts: Sequence[Part], *, seconds: float, close: float, processes: int) -> list[Answer]:
    """Return each part's answer; one that no time was left for answers with its floor.

    The seconds are shared out by the number of plans, what is left going to those not yet begun.
    """
    processes = min(processes, len(parts))
    if processes < 2 or sum(len(part.lowered) for part in parts) <= _ALONE:  # noqa: PLR2004  - one is no company
        return in_turn(parts, seconds, close)
    order = sorted(range(len(parts)), key=lambda at: -len(parts[at].lowered))
    lots = [order[start::processes] for start in range(processes)]
    answers: dict[int, Answer] = {at: (part.floor, None) for at, part in enumerate(parts)}
    with tempfile.TemporaryDirectory() as folder:
        children = []
        for number, lot in enumerate(lots):
            task, told = Path(folder, f"{number}.task"), Path(folder, f"{number}.told")
            task.write_bytes(pickle.dumps(([parts[at] for at in lot], seconds, close)))
            children.append(
                (lot, told, subprocess.Popen([sys.executable, "-m", __name__, str(task), str(told)]))
            )  # fmt: skip
        until = time.perf_counter() + seconds + _ENDING
        for lot, told, child in children:
            try:
                child.wait(timeout=max(until - time.perf_counter(), 0.1))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            if told.exists():
                answers |= dict(zip(lot, pickle.loads(told.read_bytes()), strict=True))  # noqa: S301  - our own
    return [answers[at] for at in range(len(parts))]


def in_turn(parts: Sequence[Part], seconds: float, close: float) -> list[Answer]:
    """Answer parts one after the other."""
    until, answers = time.perf_counter() + seconds, list[Answer]()
    left = sum(len(part.lowered) for part in parts)
    for part in parts:
        spare = until - time.perf_counter()
        answers.append(part.answer(spare * len(part.lowered) / left, close) if spare > 0 else (part.floor, None))
        left -= len(part.lowered)
    return answers


def main() -> None:
    """Answer the parts of a file, for the process that wrote it."""
    task, told = sys.argv[1:]
    parts, seconds, close = pickle.loads(Path(task).read_bytes())  # noqa: S301  - our own
    answers = in_turn(parts, seconds, close)
    beside = Path(f"{told}.new")
    beside.write_bytes(pickle.dumps(answers))
    beside.rename(told)


if __name__ == "__main__":
    main()
