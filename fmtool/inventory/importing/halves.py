"""Cells that may be the halves of one number, in rows that are no longer than their header, so that nothing else tells.

Where rows leave out the empty cells at their end, a comma within 1,200 moves the rest of the row into cells that were
left out. The row reads well: an area of 1, a cost of 200. It stays as it is written, and what is odd is said: a number
far below the others of its column that would be among them together with the three digits right of it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fmtool.inventory.columns import BY_NAME
from fmtool.inventory.importing import spellings
from fmtool.inventory.importing.assign import Match
from fmtool.inventory.importing.cells import Coded, Numbers, RawTable
from fmtool.inventory.importing.commas import is_head, is_tail
from fmtool.inventory.importing.reading import Remark
from fmtool.text import Text

HALVES = Text(
    "引用符のない桁区切りのコンマで二つに分かれた数かもしれません（1 と 200 は 1,200 か）。そのまま読みましたので、元のファイルで確かめてください",
    "may be the halves of a number cut by a comma without quotes (1 and 200 of 1,200): read as written, see the file it comes from",
)
_FAR = 100
"""How many times smaller than the middle of its column a number is when it is odd (assumed)."""
_NUMERIC = 0.8
"""Share of an unknown column's words that are numbers from which it holds numbers."""


def halves_of_numbers(table: RawTable, matches: dict[str, Match], records: Numbers) -> list[Remark]:
    """Note the cells that may be the halves of numbers.

    Parameters
    ----------
    table, matches
        The table and what its columns are.
    records
        Those taken for facilities; only they are looked at and compared.
    """
    if table.headers is not None or not (table.sheet or table.lengths is not None) or not len(records):
        return []
    columns = [column.take(records) for column in table.columns]
    if not _leaves_out_ends(table, columns, records):
        return []
    known = {match.place: match for match in matches.values()}
    tails = [column.holds(is_tail) for column in columns]
    found = np.zeros(len(records), dtype=bool)
    made = []
    for place, column in enumerate(columns[:-1]):
        values = _numbers(column, known.get(place))
        if values is None:
            continue
        pairs = tails[place + 1] & column.holds(is_head)
        odd = pairs & ~found & _is_odd(values, pairs)
        found |= odd
        if odd.any():
            name = known[place].column if place in known else ""
            made.append(Remark(name, HALVES, records[odd], is_refused=False))
    return made


def _leaves_out_ends(table: RawTable, columns: list[Coded], records: Numbers) -> bool:
    """Tell whether rows end in blanks; a CSV that writes these out would show a row that is too long."""
    if table.lengths is not None:
        return bool((table.lengths[records] < table.lengths[records].max()).any())
    return not columns[-1].is_filled.all()


def _numbers(column: Coded, match: Match | None) -> np.ndarray | None:
    """Return the numbers in a column, NaN where there is none; None where it does not hold numbers."""
    read: Callable[[object], spellings.Read] = spellings.read_number
    if match is not None:
        kind = BY_NAME[match.column].kind if match.column in BY_NAME else "text"
        if kind not in {"number", "integer"} or match.column in {"lat", "lon"}:
            return None
        read = spellings.reader(match.column, match.factor, match.era)
    words = [None if word is None or spellings.is_blank(word) else read(word).value for word in column.words]
    numbers = np.array([*map(_as_number, words), np.nan])
    filled = np.array([word is not None and not spellings.is_blank(word) for word in column.words] + [False])
    used = filled[column.codes]
    if match is None and (not used.any() or np.isfinite(numbers[column.codes][used]).mean() < _NUMERIC):
        return None
    return numbers[column.codes]


def _as_number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else np.nan


def _is_odd(values: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Tell which numbers lie far below the others of their column that are no pairs; all, where there are no others."""
    others = values[~pairs & np.isfinite(values)]
    return np.isfinite(values) & (values * _FAR < (np.median(others) if len(others) else np.inf))
