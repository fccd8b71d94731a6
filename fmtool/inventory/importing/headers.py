"""Find where a table's header stands: below title lines, in one line or two, with units beneath."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from fmtool.inventory.columns import BY_NAME, folded
from fmtool.inventory.importing.cells import RawTable
from fmtool.inventory.importing.units import is_unit, stated_units
from fmtool.inventory.importing.words import header_scores, is_header, plain

NEEDED = frozenset(column.name for column in BY_NAME.values() if column.is_required)
"""Columns that every inventory holds; an import writes them even where they are blank."""

SEARCHED = 60
"""Records at the top of a table among which the header is looked for."""

_NEARLY = 0.75
"""Share of the best line's score from which an earlier line is the header."""

Line = Sequence[object]


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header stands and what it says."""

    first: int
    """First record of the header; -1 where the format itself names the columns."""
    last: int
    names: tuple[str, ...]
    """One a column; empty where none is given."""
    stated_units: tuple[str, ...] = ()
    """Units that a title line states for the whole table."""
    score: float = 0.0
    """How many columns are known, each counted by its score."""
    is_own: bool = False
    """Whether the table has the form that an import writes: nothing of it need be guessed."""


def find_header(table: RawTable, mapped: Collection[str] = (), row: int | None = None) -> Header | None:
    """Return the header of a table, or None.

    Parameters
    ----------
    table
        The table.
    mapped
        Headers that the mapping names, plain.
    row
        Row of the header's last line where the mapping says so.
    """
    if table.headers is not None:
        own = _is_own(table.headers)
        return Header(-1, -1, tuple(table.headers), score=_score(table.headers, mapped), is_own=own)
    if row is None and len(table.rows) and _is_own(table.line(0)):
        names = tuple(_text(cell) for cell in table.line(0))
        return Header(0, 0, names, score=_score(names, mapped), is_own=True)
    lines = [table.line(record) for record in range(min(len(table.rows), SEARCHED))]
    if not lines:
        return None
    scores = [_score(line, mapped) for line in lines]
    best = row - 1 if row is not None and row - 1 < len(lines) else _first_header(lines, scores, mapped)
    if scores[best] == 0 and row is None:
        scores = [sum(bool(header_scores(cell)) for cell in line if isinstance(cell, str)) / 2 for line in lines]
        best = max(range(len(lines)), key=lambda place: (scores[place], -place))
    if scores[best] == 0 and row is None:
        return None
    first, last, names = _joined(lines, best, mapped)
    names = _with_later(names, lines[last + 1 :])
    said = [str(cell) for line in lines[:first] for cell in line if isinstance(cell, str)]
    stated = tuple(unit for cell in said for unit in stated_units(cell))
    return Header(first, last, names, stated, _score(names, mapped))


def _first_header(lines: list[list[object]], scores: list[float], mapped: Collection[str]) -> int:
    """Return the first line that knows nearly as many columns as the best one; a header repeated below may know more.

    Each line counts together with those it is joined with. Of two lines of one header the one that knows more is taken.
    """
    names = [_joined(lines, place, mapped)[2] if scores[place] > 0 else () for place in range(len(lines))]
    whole = [_score(each, mapped) for each in names]
    enough = _NEARLY * max(whole)
    first = next(place for place in range(len(lines)) if whole[place] >= enough or _heads_a_ledger(names[place]))
    return max(range(first, min(first + 2, len(lines))), key=lambda place: (whole[place], scores[place], -place))


def _heads_a_ledger(names: Sequence[str]) -> bool:
    """Tell a line that names facilities and their years and areas: no title does, however much another knows."""
    known = {header_scores(name)[0][0] for name in names if is_header(name) > 0}
    return {"name", "built_year", "floor_area_m2"} <= known


def _with_later(names: tuple[str, ...], lines: list[list[object]]) -> tuple[str, ...]:
    """Name columns that are blank in the header and named where it is repeated below."""
    made = list(names)
    for line in lines:
        alike = sum(bool(name) and plain(_text(cell)) == plain(name) for name, cell in zip(names, line, strict=True))
        if alike >= 2 and alike * 10 >= sum(cell is not None for cell in line) * 6:  # noqa: PLR2004  - as rows are told
            made = [name or (_text(cell) if is_header(cell) > 0 else "") for name, cell in zip(made, line, strict=True)]
    return tuple(made)


def _is_own(line: Line) -> bool:
    """Tell whether a line heads the inventory as an import writes it: the names of ``columns.csv``, the needed ones among them.

    >>> _is_own(["id", "name", "use", "built_year", "floor_area_m2", "remarks"]), _is_own(["id", "name", "use", "note"])
    (True, False)
    """
    names = [str(cell) for cell in line if cell is not None]
    return NEEDED <= set(names) <= BY_NAME.keys() and len(set(names)) == len(names)


def _score(line: Line, mapped: Collection[str]) -> float:
    """Add up how surely each column of the inventory stands in a line; each counts once."""
    best: dict[str, float] = {}
    for cell in line:
        if isinstance(cell, str) and plain(cell) in mapped:
            best[plain(cell)] = 1.5
        elif (score := is_header(cell)) > 0:
            target = header_scores(str(cell))[0][0]
            best[target] = max(best.get(target, 0.0), score)
    return sum(best.values())


def _joined(lines: list[list[object]], best: int, mapped: Collection[str]) -> tuple[int, int, tuple[str, ...]]:
    """Return the header's first and last record and its names, joined with the lines above and below it."""
    names = [_text(cell) for cell in lines[best]]
    first = last = best
    if best > 0 and is_upper(lines[best - 1], lines[best]):
        names = _under(lines[best - 1], names)
        first = best - 1
    below = lines[best + 1] if best + 1 < len(lines) else []
    if below and _is_unit_line(below):
        names = [_with_unit(name, cell) for name, cell in zip(names, below, strict=True)]
        last = best + 1
    elif below and _is_lower(below, names, mapped):
        names = _under(names, [_text(cell) for cell in below])
        last = best + 1
    return first, last, tuple(names)


def _text(cell: object) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def is_upper(upper: Line, lower: Line) -> bool:
    """Tell a heading line over several columns from a title.

    It names something where the lower line is blank, or stands over two places at least, all of them words.
    """
    filled = [cell for cell in upper if cell is not None]
    if not filled or not all(isinstance(cell, str) and len(cell) <= 30 for cell in filled):  # noqa: PLR2004
        return False
    fills_gap = any(up is not None and low is None and is_header(up) > 0 for up, low in zip(upper, lower, strict=True))
    return fills_gap or (len(filled) > 1 and any(is_header(cell) > 0 for cell in filled))


def _is_unit_line(line: Line) -> bool:
    filled = [cell for cell in line if cell is not None]
    return bool(filled) and all(is_unit(cell) for cell in filled)


def _is_lower(line: Line, names: Sequence[str], mapped: Collection[str]) -> bool:
    """Tell a second header line from data: all words, most of them headers or units, more known than before."""
    filled = [cell for cell in line if cell is not None]
    if len(filled) < 1 or not all(isinstance(cell, str) for cell in filled):
        return False
    if any(folded(str(cell)).replace(",", "").replace(".", "").isdigit() for cell in filled):
        return False
    gaps = [cell for cell, name in zip(line, names, strict=True) if cell is not None and not name]
    known = [cell for cell in filled if is_header(cell) > 0 or is_unit(cell) or plain(str(cell)) in mapped]
    return len(known) * 2 > len(filled) and (bool(gaps) or len(filled) < sum(bool(name) for name in names))


def _with_unit(name: str, unit: object) -> str:
    return name if unit is None or not name else f"{name}({folded(str(unit)).strip('()[]')})"


def _under(upper: Sequence[object], lower: Sequence[str]) -> list[str]:
    """Put two header lines together; a heading stands for the columns right of it until the next.

    >>> _under(["番号", "施設", None, "建物"], ["", "名称", "用途", "構造"])
    ['番号', '施設 名称', '施設 用途', '構造']
    >>> _under(["劣化度", None], ["屋根", "外壁"]), _under(["面積"], ["(㎡)"])
    (['劣化度 屋根', '劣化度 外壁'], ['面積(m2)'])
    """
    made = []
    over = ""
    for up, low in zip(upper, lower, strict=True):
        own = _text(up)
        over = own or (over if low else "")
        if not low:
            made.append(own)
        elif is_unit(low) and own:
            made.append(_with_unit(own, low))
        else:
            both = f"{over} {low}".strip()
            made.append(both if _prefers(both, low) else low)
    return made


def _prefers(both: str, low: str) -> bool:
    """Tell whether the two lines together name a column better than the lower one alone."""
    alone, together = is_header(low), is_header(both)
    return together > alone or (alone == 0 and together == 0)
