"""Rows that a comma within a number without quotes has cut into more cells than the header names (1,200 read as 1 and 200).

A row is put together again where only one way of joining its cells makes it fit its header: a cell of one to three
digits with cells of exactly three digits right of it, in a column of numbers, as many as the row has cells too many,
and every other cell such as its column holds. Where no way or several fit, the row is refused: a number must not be
read from under a wrong header.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fmtool.inventory.columns import BY_NAME
from fmtool.inventory.importing import spellings
from fmtool.inventory.importing.assign import Match
from fmtool.inventory.importing.cells import Coded, Numbers, RawTable, Truth
from fmtool.inventory.importing.headers import Header
from fmtool.inventory.importing.rows import repeats_header
from fmtool.inventory.importing.units import is_unit

type Cells = Sequence[object]

_HEAD = re.compile(r"(?:約|およそ|[¥￥\\])?[1-9]\d{0,2}", re.ASCII)
_MIDDLE = re.compile(r"\d{3}", re.ASCII)
_TAIL = re.compile(r"\d{3}(?:\.\d+)?(?P<unit>[^\d.,]{0,8})", re.ASCII)
_DIGITS = re.compile(r"[\d.,\s]+", re.ASCII)
_NUMERIC = 0.8
"""Share of a column's words that are numbers from which it holds numbers."""
_USUAL = 0.5
"""Share of the rows that have something right of the header from which it is a column without header."""
_MOST_JOINED, _MOST_WAYS = 24, 16
"""Cells too many with which a row may be put together: more are no thousands; ways that are told apart."""
_ALL = 2


@dataclass(frozen=True, slots=True)
class _Column:
    """What may stand in one column."""

    holds: Callable[[object], bool]
    is_number: bool
    is_text: bool


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long the records of a table are beside their headers."""

    named: Numbers
    """Place after the last name of the header above, by record."""
    over: Numbers
    """Cells more than that header and the rule of the file, by record."""
    is_long: Truth
    """Which records have more cells than their header, where such is not the rule."""
    is_padded: bool
    """Whether empty cells stand at the end of rows that fit, so that they tell nothing; also where no row fits."""


def lengths_of(table: RawTable, header: Header) -> Lengths | None:
    """Compare the records with the header above them; None where none is too long, or cells were not cut at commas."""
    place, last = np.arange(len(table.rows)), _last_filled(table)
    below = place > header.last
    if table.lengths is None:
        return None
    heads = slice(max(header.first, 0), header.last + 1)
    first, length = last[heads].max(initial=0), table.lengths[heads].max(initial=0)
    if not (below & ((table.lengths > length) | (last > first))).any():
        return None
    repeated = repeats_header(table, header) & below  # the records below it count by it
    below &= ~repeated
    above = np.maximum.accumulate(np.where(repeated, place, -1))
    named = np.where(above < 0, first, last[above])
    over = table.lengths - np.where(above < 0, length, table.lengths[above])
    if not (below & ((over > 0) | (last > named))).any():
        return None
    plain = below & ~_has_pair(table) & (last > 0)
    usual = max(int(np.median(over[plain])), 0) if plain.any() else 0
    over = over - usual
    beyond = last > named
    if plain.any() and beyond[plain].mean() >= _USUAL:
        beyond = np.zeros(len(place), dtype=bool)
    return Lengths(named, over, below & ((over > 0) | beyond), not plain.any() or bool((over[plain] > 0).any()))


def _last_filled(table: RawTable) -> Numbers:
    """Return for each record the place after its last cell that holds anything."""
    last = np.zeros(len(table.rows), dtype=np.int64)
    for place, column in enumerate(table.columns):
        last[column.is_filled] = place + 1
    return last


def _has_pair(table: RawTable) -> Truth:
    """Tell which records hold anything that could be the two halves of a number."""
    found = np.zeros(len(table.rows), dtype=bool)
    heads = [column.holds(is_head) for column in table.columns]
    tails = [column.holds(is_tail) for column in table.columns]
    for head, tail in zip(heads, tails[1:], strict=False):
        found |= head & tail
    return found


def _word(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # workbooks keep every number so
    return "" if cell is None else str(cell).strip()


def is_head(cell: object) -> bool:
    """Tell whether a cell may be the first digits of a number cut at its thousands."""
    return _HEAD.fullmatch(_word(cell)) is not None


def is_tail(cell: object) -> bool:
    """Tell whether a cell may be the last digits of a number cut at its thousands.

    >>> is_tail("200"), is_tail("200㎡"), is_tail(20), is_tail("200人分")
    (True, True, False, False)
    """
    found = _TAIL.fullmatch(_word(cell))
    return found is not None and (not found["unit"] or is_unit(found["unit"]))


def rejoin(table: RawTable, header: Header, matches: dict[str, Match], lengths: Lengths) -> RawTable:
    """Put the records that are too long together again, or mark them as shifted.

    Parameters
    ----------
    table, header
        The table and its header.
    matches
        What its columns are, judged by the other records.
    lengths
        From :func:`lengths_of`.
    """
    columns = _columns(table, header, matches, lengths.is_long)
    shifted: list[int] = []
    lines: dict[int, list[object]] = {}
    rejoined: dict[int, list[int]] = {}
    for record in map(int, np.flatnonzero(lengths.is_long)):
        width, cells = int(lengths.named[record]), table.line(record)
        filled = max((place + 1 for place, cell in enumerate(cells) if cell is not None), default=0)
        ways = _ways(cells, columns[:width], int(max(lengths.over[record], 0)) or filled - width)
        is_longer = bool(lengths.over[record] > 0)  # else it fills a cell that the header has and leaves blank
        as_it_is = _fits_as_it_is(cells, columns[:width], may_add_numbers=not is_longer)
        is_open = as_it_is and (not is_longer or (lengths.is_padded and filled <= width))
        if len(ways) == 1 and _joins_numbers(cells, ways[0]) == _ALL and not is_open:
            line, places = _joined(cells, ways[0])
            lines[record] = line
            for place in places:
                rejoined.setdefault(place, []).append(record)
        elif any(_joins_numbers(cells, way) for way in ways) or (not as_it_is and (is_longer or ways)):
            shifted.append(record)
    return _with_lines(table, lines, rejoined, shifted)


def _with_lines(
    table: RawTable, lines: dict[int, list[object]], rejoined: dict[int, list[int]], shifted: list[int]
) -> RawTable:
    columns = table.columns
    if lines:
        columns = []
        for place, column in enumerate(table.columns):
            values = column.each(lambda word: word)
            for record, line in lines.items():
                values[record] = line[place] if place < len(line) else None
            columns.append(Coded.of(values.tolist()))
    told = {place: np.array(records, dtype=np.int64) for place, records in rejoined.items()}
    return replace(table, columns=columns, rejoined=told, shifted=np.array(shifted, dtype=np.int64))


def _columns(table: RawTable, header: Header, matches: dict[str, Match], long: Truth) -> list[_Column]:
    by_place = {match.place: match for match in matches.values()}
    rest = np.flatnonzero(~long & (np.arange(len(table.rows)) > header.last))
    made = []
    for place, column in enumerate(table.columns):
        match = by_place.get(place)
        made.append(_unknown(column.take(rest)) if match is None else _known(match))
    return made


def _known(match: Match) -> _Column:
    column = BY_NAME.get(match.column)
    if column is None or column.kind == "text" or match.column == "use":
        return _Column(lambda _cell: True, is_number=False, is_text=match.column not in {"id", "block"})
    read = spellings.reader(match.column, match.factor, match.era)
    low, high = column.minimum, column.maximum

    def holds(cell: object) -> bool:
        if cell is None or spellings.is_blank(cell):
            return True
        value = read(cell).value
        if value is None or isinstance(value, bool) or not isinstance(value, int | float):
            return value is not None
        return (low is None or value >= low) and (high is None or value <= high)

    is_number = column.kind in {"number", "integer"} and match.column not in {"lat", "lon"}
    return _Column(holds, is_number=is_number, is_text=False)


def _unknown(column: Coded) -> _Column:
    """Judge a column that means nothing here by what stands in the rows that fit."""
    words = [column.words[code] for code in np.unique(column.codes) if column.words[code] is not None]
    words = [word for word in words if not spellings.is_blank(word)]
    numeric = sum(spellings.read_number(word).value is not None for word in words)
    if words and numeric >= _NUMERIC * len(words):
        return _Column(
            lambda cell: cell is None or spellings.is_blank(cell) or spellings.read_number(cell).value is not None,
            is_number=True,
            is_text=False,
        )
    return _Column(lambda _cell: True, is_number=not words, is_text=True)


def _joined(cells: Cells, way: Sequence[int]) -> tuple[list[object], list[int]]:
    """Return the row put together, and the columns in which cells were joined."""
    line: list[object] = []
    joined, place = [], 0
    for column, length in enumerate(way):
        pieces = cells[place : place + length]
        place += length
        line.append(pieces[0] if length == 1 else ",".join(map(_word, pieces)))
        if length > 1:
            joined.append(column)
    return line, joined


def _joins_numbers(cells: Cells, way: Sequence[int]) -> int:
    """Tell whether a way joins numbers only (``_ALL``), some (1), or none (0)."""
    ends = np.cumsum(way)
    joined = [cells[int(end) - length : int(end)] for length, end in zip(way, ends, strict=True) if length > 1]
    numbers = sum(map(_is_thousands, joined))
    return _ALL if numbers == len(joined) else min(numbers, 1)


def _ways(cells: Cells, columns: Sequence[_Column], extra: int) -> list[tuple[int, ...]]:
    """Return how many cells each column takes, in every way that fits, some ways at most.

    >>> area = _Column(lambda cell: spellings.read_number(cell).value is not None, is_number=True, is_text=False)
    >>> name = _Column(lambda cell: True, is_number=False, is_text=True)
    >>> _ways(["甲", "1", "200", "300"], [name, area, area], 1)
    [(1, 1, 2), (1, 2, 1)]
    >>> _ways(["甲", "1", "200", "30"], [name, area, area], 1), _ways(["甲", "乙", "1", "30"], [name, area, area], 1)
    ([(1, 2, 1)], [(2, 1, 1)])
    """
    if not 0 < extra <= _MOST_JOINED:
        return []
    # From the right: ``ways`` of the columns from here on, by how many cells too many are left to them.
    ways: dict[int, list[tuple[int, ...]]] = {0: [()]}
    end = len(columns) + extra
    if any(cell is not None for cell in cells[end:]):
        return []
    filled = [*cells[:end], *[None] * (end - len(cells))]
    for at in range(len(columns) - 1, -1, -1):
        made: dict[int, list[tuple[int, ...]]] = {}
        for left in range(extra + 1):
            start = at + extra - left  # cells that the columns before take
            found = [
                (1 + more, *rest)
                for more in range(left + 1)
                if ways.get(left - more) and _takes(columns[at], filled[start : start + 1 + more])
                for rest in ways[left - more]
            ]
            made[left] = found[:_MOST_WAYS]
        ways = made
    return ways.get(extra, [])


def _takes(column: _Column, pieces: Cells) -> bool:
    """Tell whether a column may hold these cells, joined by commas if there are several."""
    if len(pieces) == 1:
        return column.holds(pieces[0])
    if column.is_number and _is_thousands(pieces) and column.holds(",".join(map(_word, pieces))):
        return True
    words = [_word(piece) for piece in pieces]
    return column.is_text and all(word and _DIGITS.fullmatch(word) is None for word in words)


def _is_thousands(pieces: Cells) -> bool:
    """Tell whether cells are the groups of digits of one number.

    >>> _is_thousands(["1", "200"]), _is_thousands(["12", "345", "678.5"]), _is_thousands(["1", "20"]), _is_thousands(["0", "200"])
    (True, True, False, False)
    """
    first, *middle, last = map(_word, pieces)
    return is_head(first) and all(map(_MIDDLE.fullmatch, middle)) and is_tail(last)


def _fits_as_it_is(cells: Cells, columns: Sequence[_Column], *, may_add_numbers: bool) -> bool:
    """Tell whether a row fits its header as it stands, with words at most right of it, or numbers too."""
    rest = [cell for cell in cells[len(columns) :] if cell is not None]
    if not may_add_numbers and any(spellings.read_number(cell).value is not None for cell in rest):
        return False
    return all(column.holds(cell) for column, cell in zip(columns, cells, strict=False))
