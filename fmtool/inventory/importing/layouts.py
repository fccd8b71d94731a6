"""Several tables one below the other in a sheet, each under a header of its own.

A line below the first header begins another table where most of its cells are headers that are known, or where it
holds words in columns of numbers and looks like a header. A header that is only repeated, were it with a column more,
begins none. Numbers are read under the header of their own table, or not at all.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import numpy as np

from fmtool.inventory.columns import BY_NAME
from fmtool.inventory.importing import spellings
from fmtool.inventory.importing.assign import assign_columns
from fmtool.inventory.importing.cells import RawTable
from fmtool.inventory.importing.headers import Header, find_header, is_upper
from fmtool.inventory.importing.mapping import Mapping
from fmtool.inventory.importing.rows import as_written, repeats_header
from fmtool.inventory.importing.words import header_scores, is_header, plain

_TYPED = frozenset({"number", "integer", "year"})
_LIKE_HEADER = re.compile(
    r"(?:名|名称|番号|年度|年月日|年|額|費|数|量|面積|延長|幅員|種別|区分|種類|所在地|住所|備考|name|number|area|year|cost|type|length|date)$",
    re.IGNORECASE,
)
_LEAST_KNOWN, _LEAST_WORDS = 2, 3


def tables_within(table: RawTable, mapping: Mapping) -> list[tuple[RawTable, Header | None]]:
    """Return the tables of a sheet from the top, each with its header; None where nothing in it is known."""
    made: list[tuple[RawTable, Header | None]] = []
    rest, header = table, find_header(table, mapping.headers(), mapping.header_row(table.file, table.sheet))
    if table.headers is not None or header is None:
        return [(table, header)]
    known: Header | None = header
    while True:
        found = _next_header(rest, header, mapping)
        if found is None:
            return [*made, (rest, known)]
        at, is_known = found
        begin = _first_line(rest, header, at) if is_known else at
        made.append((rest.span(0, begin), known))
        rest, at = rest.span(begin, len(rest.rows)), at - begin
        names = tuple("" if cell is None else str(cell) for cell in rest.line(at))
        known = find_header(rest, mapping.headers(), at + 1) if is_known else None
        header = known or Header(at, at, names)


def _first_line(table: RawTable, header: Header, at: int) -> int:
    """Return where a header begins: at the line above if that is its upper half."""
    above = at - 1
    if (
        above > header.last
        and is_upper(table.line(above), table.line(at))
        and not any(map(_is_amount, table.line(above)))
    ):
        return above
    return at


def _next_header(table: RawTable, header: Header, mapping: Mapping) -> tuple[int, bool] | None:
    """Return the record of the next table's header, and whether its words are known; None where there is none."""
    count, place = len(table.rows), np.arange(len(table.rows))
    filled = np.sum([column.is_filled for column in table.columns], axis=0)
    data = (place > header.last) & (filled > 0)
    if data.sum() < 2:  # noqa: PLR2004  - one row, and one below it
        return None
    open_ = data & (place > np.flatnonzero(data)[0]) & (filled >= _LEAST_KNOWN)
    for column in sorted(table.columns, key=lambda column: len(column.words)):
        open_ &= ~column.holds(_is_amount, open_)
    repeated = repeats_header(table, header) if open_.any() else open_
    if open_.any() and header.is_own:
        open_ &= ~as_written(table, header, assign_columns(table, header, mapping))
    typed = _typed_places(header)
    for record in map(int, np.flatnonzero(open_)):
        line = table.line(record)
        if repeated[record] and not _moves_columns(line, header):
            continue
        if _is_known(line, mapping):
            return record, True
        below = table.line(record + 1) if record + 1 < count else []
        if any(map(_is_amount, below)) and _looks_like_header(line, typed):
            return record, False
    return None


def _is_amount(cell: object) -> bool:
    """Tell a cell that is a number or a date, as no header is.

    >>> [_is_amount(cell) for cell in (1, "1,200", "１２", "S45.3", "2024年度決算額", None)]
    [True, True, True, False, False, False]
    """
    if isinstance(cell, int | float | dt.date):
        return True
    return isinstance(cell, str) and bool(re.fullmatch(r"[\d.,\s]+", cell.strip())) and any(map(str.isdigit, cell))


def _is_known(line: Sequence[object], mapping: Mapping) -> bool:
    """Tell a line most of whose cells are headers that are known, of several columns."""
    words = [cell for cell in line if isinstance(cell, str)]
    told = [cell for cell in words if is_header(cell) > 0 or plain(cell) in mapping.headers()]
    targets = {plain(cell) if is_header(cell) == 0 else header_scores(cell)[0][0] for cell in told}
    return len(targets) >= _LEAST_KNOWN and len(told) * 2 > len(words)


def _moves_columns(line: Sequence[object], header: Header) -> bool:
    """Tell whether a repeated header names other columns where the first has named some."""
    for cell, name in zip(line, header.names, strict=False):
        if is_header(cell) > 0 and is_header(name) > 0 and header_scores(str(cell))[0][0] != header_scores(name)[0][0]:
            return True
    return False


def _typed_places(header: Header) -> dict[int, str]:
    """Return the places whose header names a number or a year, and which."""
    made = {}
    for place, name in enumerate(header.names):
        scores = header_scores(name) if name else ()
        if scores and scores[0][0] in BY_NAME and BY_NAME[scores[0][0]].kind in _TYPED:
            made[place] = scores[0][0]
    return made


def _looks_like_header(line: Sequence[object], typed: dict[int, str]) -> bool:
    """Tell a line of words only, some of them where numbers stand and some such as headers are."""
    words = [cell for cell in line if isinstance(cell, str)]
    if len(words) < _LEAST_WORDS or any(re.search(r"\d", word) for word in words):
        return False
    there = [(name, line[place]) for place, name in typed.items() if line[place] is not None]
    if not there or any(
        spellings.is_blank(cell) or spellings.reader(name)(cell).value is not None for name, cell in there
    ):
        return False
    like = sum(is_header(word) > 0 or _LIKE_HEADER.search(word) is not None for word in words)
    return like * 2 > len(words) or (like > 0 and len(there) > 1)
