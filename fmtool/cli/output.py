"""Printing: data to standard output as tables or JSON, everything else to standard error."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text as Literal

from fmtool.text import Lang, Text

_PIPE_WIDTH = 240
"""Columns of a table that is not printed in a window; nothing is cut to fit."""

_WHOLE_FROM = 1_000
"""A column whose largest amount reaches this is printed without decimals."""


class Tell(Protocol):
    """What a long call says while it runs: the stage, and the share of it that is done where that is known."""

    def __call__(self, stage: Text, share: float | None = None) -> None:
        """Tell the stage."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table to print, and the same rows for ``--json``."""

    name: str
    title: Text
    headers: Mapping[str, Text]
    rows: Sequence[Mapping[str, Any]]
    left: frozenset[str] = frozenset()
    """Columns that are words and stand to the left; all others are numbers."""


@dataclass(slots=True)
class Output:
    """Where one call prints, and in which language and form."""

    lang: Lang
    as_json: bool = False
    _data: dict[str, Any] = field(default_factory=dict)

    def say(self, text: Text) -> None:
        """Print a sentence that belongs to the result; left out with ``--json``."""
        if not self.as_json:
            _console().print(text.say(self.lang), markup=False, soft_wrap=True)

    def note(self, text: Text) -> None:
        """Print a remark about the call to standard error."""
        _console(stderr=True).print(text.say(self.lang), markup=False, soft_wrap=True)

    def data(self, **values: Any) -> None:  # noqa: ANN401  - anything that JSON holds
        """Keep values for ``--json``; tables and sentences show them otherwise."""
        self._data.update(values)

    def sheet(self, sheet: Sheet) -> None:
        """Print a table, or keep its rows for ``--json``."""
        if self.as_json:
            self._data[sheet.name] = [dict(row) for row in sheet.rows]
        elif sheet.rows:
            self.say(sheet.title)
            _console().print(_table(sheet, self.lang))

    def finish(self) -> None:
        """Print the one JSON document of the call, if it was asked for."""
        if self.as_json:
            utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
            sys.stdout.write(json.dumps(plain(self._data), ensure_ascii=not utf8, indent=1, allow_nan=False) + "\n")

    @contextmanager
    def progress(self) -> Iterator[Tell]:
        """Show the stages of a long call while the block runs; silent where standard error is no window."""
        console = _console(stderr=True)
        if not console.is_terminal:
            yield _silent
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("", total=None)

            def tell(stage: Text, share: float | None = None) -> None:
                bar.update(
                    task, description=stage.say(self.lang), completed=share or 0.0, total=None if share is None else 1.0
                )

            yield tell


def _silent(stage: Text, share: float | None = None) -> None:
    """Tell nothing."""


def plain(value: Any) -> Any:  # noqa: ANN401  - anything that JSON holds
    """Return ``value`` as JSON holds it: numpy unwrapped, texts in both languages, no NaN.

    >>> plain({"gap": np.float64("nan"), "years": np.array([2026, 2027]), "said": Text("可", "yes")})
    {'gap': None, 'years': [2026, 2027], 'said': {'ja': '可', 'en': 'yes'}}
    """
    if isinstance(value, Text):
        return {"ja": value.ja, "en": value.en}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _console(*, stderr: bool = False) -> Console:
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=_PIPE_WIDTH)


def _table(sheet: Sheet, lang: Lang) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name, header in sheet.headers.items():
        table.add_column(header.say(lang), justify="left" if name in sheet.left else "right", overflow="fold")
    columns = [_cells([row.get(name) for row in sheet.rows], lang) for name in sheet.headers]
    for cells in zip(*columns, strict=True):
        # As literal text: a name such as "[仮称]" is a name, not rich's markup.
        table.add_row(*map(Literal, cells))
    return table


def _cells(values: Sequence[Any], lang: Lang) -> list[str]:
    """Print a column: one number of decimals throughout, nothing for what is missing."""
    amounts = [float(value) for value in values if isinstance(value, float | np.floating)]
    decimals = 0 if max(map(abs, filter(math.isfinite, amounts)), default=0.0) >= _WHOLE_FROM else 1
    return [_cell(value, decimals, lang) for value in values]


def _cell(value: Any, decimals: int, lang: Lang) -> str:  # noqa: ANN401  - whatever the row holds
    if isinstance(value, float | np.floating):
        return f"{value:,.{decimals}f}" if math.isfinite(value) else ""
    if isinstance(value, Text):
        return value.say(lang)
    return "" if value is None else str(value)
