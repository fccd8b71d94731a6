"""Processes of this machine without Dask: each is begun for one lot of calls, and told and asked through files."""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from fmtool.errors import WorkersError
from fmtool.text import Text
from fmtool.workers.door import Here, Progress, Shared

_LOOK_SECONDS = 0.02


class Beside(Here):
    """Processes that live for one ``map``: HiGHS lets no other thread of its process work.

    The function's module is imported anew in each, which costs about half a second; no script that calls us is.
    """

    def __init__(self, count: int) -> None:
        self.count = count

    def map[R](
        self, function: Callable[..., R], *columns: Iterable[Any], label: Text, tell: Progress | None = None
    ) -> list[R]:
        """Call ``function`` row by row, rows dealt out in turn.

        >>> Beside(2).map(pow, [2, 3, 4], [5, 2, 1], label=Text("累乗", "powers"))
        [32, 9, 4]
        """
        rows = [
            tuple(each.value if isinstance(each, Shared) else each for each in row)
            for row in zip(*columns, strict=False)
        ]
        lots = [range(start, len(rows), self.count) for start in range(min(self.count, len(rows)))]
        if len(lots) < 2:  # noqa: PLR2004  - one is no company
            return super().map(function, *zip(*rows, strict=True), label=label, tell=tell)
        results: dict[int, R] = {}
        with tempfile.TemporaryDirectory() as folder:
            children = [_begin(Path(folder, str(lot.start)), function, [rows[at] for at in lot]) for lot in lots]
            try:
                for lot, child in zip(lots, children, strict=True):
                    results |= dict(zip(lot, _wait(child, Path(folder, str(lot.start))), strict=True))
                    if tell is not None:
                        tell(label, len(results) / len(rows))
            finally:
                for child in children:
                    child.kill()
                    child.wait()
        return [results[at] for at in range(len(rows))]


def _begin(path: Path, function: Callable[..., Any], rows: Sequence[tuple[Any, ...]]) -> subprocess.Popen[bytes]:
    path.with_suffix(".task").write_bytes(pickle.dumps((function, rows)))
    return subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import main; main()", str(path)], stdin=subprocess.DEVNULL
    )


def _wait(child: subprocess.Popen[bytes], path: Path) -> list[Any]:
    while child.poll() is None:
        time.sleep(_LOOK_SECONDS)
    told = path.with_suffix(".told")
    if not told.exists():
        raise WorkersError(
            Text(
                f"計算のためのプロセスが途中で終わりました（終了コード {child.returncode}）",
                f"a process begun for calculating ended too soon (exit code {child.returncode})",
            ),
            Text("空きメモリを確かめてください", "see whether memory ran out"),
        )
    results, error = pickle.loads(told.read_bytes())  # noqa: S301  - our own
    if error is not None:
        raise error
    return list(results)


def main() -> None:
    """Make the calls of a file, for the process that wrote it."""
    path = Path(sys.argv[1])
    function, rows = pickle.loads(path.with_suffix(".task").read_bytes())  # noqa: S301  - our own
    answer: tuple[list[Any], Exception | None] = ([], None)
    try:
        answer = ([function(*row) for row in rows], None)
    except Exception as error:  # noqa: BLE001  - raised again where the calls came from
        answer = ([], error)
    new = path.with_suffix(".new")
    new.write_bytes(pickle.dumps(answer))
    new.rename(path.with_suffix(".told"))
