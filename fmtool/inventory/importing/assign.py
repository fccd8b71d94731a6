"""Give each column of the inventory at most one column of a source table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from fmtool.inventory.columns import BY_NAME
from fmtool.inventory.importing import spellings
from fmtool.inventory.importing.cells import Coded, RawTable
from fmtool.inventory.importing.headers import Header
from fmtool.inventory.importing.mapping import ColumnEntry, Mapping
from fmtool.inventory.importing.units import AREA, AREA_COLUMNS, MONEY, MONEY_COLUMNS, split_unit, units_for
from fmtool.inventory.importing.words import LEAST, header_scores, plain

_SAMPLE = 200
_READABLE = 0.3
"""Share of a column's words that must be readable for it to be taken."""

_ERA = re.compile(r"明治|大正|昭和|平成|令和")
_SQUARE_FEET = re.compile(r"[/(](?:sf|sq\.? ?ft)\)?", re.IGNORECASE)

BARE_YEAR = "year"
"""A header that may mean the year built or any other; plain."""
_FIRST_YEAR, _RECENT, _MOST, _BARE_SCORE = 1850, 10, 0.8, 0.6

WEAK_ID = 0.86
"""Score below which an identifier may be but the number of a line."""


@dataclass(frozen=True, slots=True)
class Match:
    """One column of the inventory found in a table."""

    column: str
    place: int
    header: str
    score: float
    unit: str = ""
    factor: float = 1.0
    era: str = ""
    is_told: bool = False
    """Whether the mapping says so."""


def assign_columns(table: RawTable, header: Header, mapping: Mapping) -> dict[str, Match]:
    """Return the column of the inventory to its match; headers that mean nothing are left out."""
    told: dict[str, Match] = {}
    left_out: set[int] = set()
    offers: list[tuple[float, int, str]] = []
    for place, name in enumerate(header.names):
        entry = mapping.entry(table.file, name) if name else None
        if header.is_own and (entry is None or entry.file not in {"", table.file}):
            if name:
                told[name] = _match(name, place, name, 1.0, header, "")
        elif entry is not None:
            left_out.add(place)
            if entry.column and entry.column not in told:
                told[entry.column] = _match(entry.column, place, name, entry.score, header, entry.unit, is_told=True)
        else:
            offers += [
                (score * _fit(column, table.columns[place], header, name), place, column)
                for column, score in header_scores(name)
            ]
    made, taken = dict(told), set(left_out)
    for score, place, column in sorted(offers, key=lambda offer: (-offer[0], offer[1])):
        if score >= LEAST and place not in taken and column not in made:
            made[column] = _match(column, place, header.names[place], score, header, "")
            taken.add(place)
    _name_by_block(made, table, header)
    _built_by_year(made, table, header, taken)
    return made


def _name_by_block(made: dict[str, Match], table: RawTable, header: Header) -> None:
    """Take a building's name for the facility's where no other is given."""
    block = made.get("block")
    if "name" in made or block is None:
        return
    words = block_words = table.columns[block.place].words
    if any(isinstance(word, str) and not word.isdigit() for word in words) and len(block_words) > 1:
        made["name"] = _match("name", block.place, header.names[block.place], block.score, header, "")
        del made["block"]


def _built_by_year(made: dict[str, Match], table: RawTable, header: Header, taken: set[int]) -> None:
    """Take a bare `Year` for the year built where no other column is, if its cells are such years.

    Years all of the last decade, or one and the same on every row, are rather those of a report.
    """
    if "built_year" in made:
        return
    for place, name in enumerate(header.names):
        if place in taken or plain(name) != BARE_YEAR:
            continue
        cells = table.columns[place]
        words = [cells.words[code] for code in cells.codes[header.last + 1 :]]
        given = [word for word in words if word is not None and not spellings.is_blank(word)]
        years = [float(str(word)) for word in given if re.fullmatch(r"\d{4}(?:\.0)?", str(word).strip(), re.ASCII)]
        now = datetime.now(tz=UTC).year
        years = [year for year in years if _FIRST_YEAR <= year <= now]
        is_one = len(set(years)) == 1 < len(years)
        if years and len(years) >= _MOST * len(given) and not is_one and np.median(years) <= now - _RECENT:
            made["built_year"] = _match("built_year", place, name, _BARE_SCORE, header, "")
            return


def _match(
    column: str, place: int, name: str, score: float, header: Header, unit: str, *, is_told: bool = False
) -> Match:
    known = units_for(column)
    found = unit or split_unit(name)[1]
    if found not in known:
        found = _stated(column, header)
    era = _ERA.search(name) if column in BY_NAME and BY_NAME[column].kind == "year" else None
    return Match(
        column, place, name, round(min(score, 1.0), 2), found, known.get(found, 1.0), era[0] if era else "", is_told
    )


def _stated(column: str, header: Header) -> str:
    """Return the unit that holds for the whole table: stated above it, or square feet named by other headers."""
    kinds = AREA if column in AREA_COLUMNS else MONEY if column in MONEY_COLUMNS else {}
    for unit in header.stated_units:
        if unit in kinds:
            return unit
    if column in AREA_COLUMNS and any(_SQUARE_FEET.search(name) for name in header.names):
        return "sqft"
    return ""


def _fit(column: str, cells: Coded, header: Header, name: str) -> float:
    """Tell, from 0 to 1, whether a column's cells are such as ``column`` holds."""
    codes = pd.unique(cells.codes[header.last + 1 :])
    words = [word for code in codes[:_SAMPLE] if (word := cells.words[int(code)]) is not None]
    words = [word for word in words if not spellings.is_blank(word)]
    if not words:
        return 0.9
    if column == "id":
        return 1.0 if len(codes) > 1 or len(cells.codes) - header.last - 1 <= 2 else 0.0  # noqa: PLR2004
    if column == "name":
        return 1.0 if any(not _is_number(word) for word in words) else 0.5
    known = BY_NAME.get(column)
    if known is None or known.kind == "text" or column == "use":
        return 1.0
    era = _ERA.search(name)
    read = spellings.reader(column, 1.0, era[0] if era else "")
    found = [read(word).value for word in words]
    share = np.mean([_within(value, known.minimum, known.maximum) for value in found])
    return 1.0 if share >= _READABLE else 0.0


def _within(value: object, low: float | None, high: float | None) -> bool:
    if value is None:
        return False
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True
    return (low is None or value >= min(low, 0.0)) and (high is None or value <= high)


def _is_number(word: object) -> bool:
    return isinstance(word, int | float) or str(word).strip().replace(",", "").replace(".", "").isdigit()


def entries_of(table: RawTable, header: Header, matches: dict[str, Match]) -> list[ColumnEntry]:
    """Return what a table's headers were taken for, the unused ones too, for the mapping file."""
    by_place = {match.place: match for match in matches.values()}
    made = []
    for place, name in enumerate(header.names):
        if not name:
            continue
        match = by_place.get(place)
        if match is None:
            made.append(ColumnEntry(header=name, file=table.file, score=0.0))
        else:
            unit = match.unit if match.factor != 1.0 else ""
            made.append(ColumnEntry(header=name, column=match.column, unit=unit, file=table.file, score=match.score))
    return made


def is_weak_id(matches: dict[str, Match], ids: Sequence[object]) -> bool:
    """Tell whether an identifier is but the number of a line."""
    match = matches.get("id")
    return match is None or (match.score < WEAK_ID and not match.is_told and len(set(ids)) == len(ids))
