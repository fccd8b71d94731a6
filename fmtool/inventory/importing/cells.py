"""A source table as it was found: every distinct cell kept once, so that each is read once.

A *record* is one line of the table, the title lines and the header included; a record's *row* is
the number under which a spreadsheet shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from fmtool.inventory.limits import check_cell

Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]
Truth = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Coded:
    """One column: its distinct words, and for each record the number of its word."""

    codes: Numbers
    words: tuple[object, ...]
    """None stands for an empty cell."""

    @classmethod
    def of(cls, values: Sequence[object]) -> Coded:
        """Code a column.

        >>> Coded.of(["a", "", "a", None]).words
        ('a', None)
        """
        given = np.empty(len(values), dtype=object)
        given[:] = [None if is_empty(value) else value for value in values]
        codes, words = pd.factorize(given, use_na_sentinel=False)
        return cls(
            codes.astype(np.int64), tuple(None if is_empty(word) else word for word in np.asarray(words, dtype=object))
        )

    def each(self, read: Callable[[object], object]) -> np.ndarray:
        """Return ``read`` of every record's word, called once a distinct word."""
        made = np.empty(max(len(self.words), 1), dtype=object)
        for place, word in enumerate(self.words):
            made[place] = read(word)
        return made[self.codes]

    def holds(self, test: Callable[[object], bool], among: Truth | None = None) -> Truth:
        """Tell of every record whether its word passes ``test``; of those not ``among`` the chosen, nothing is told."""
        if among is None:
            return np.fromiter(map(test, self.words), dtype=bool, count=len(self.words))[self.codes]
        told = np.zeros(len(self.words), dtype=bool)
        for place in map(int, np.unique(self.codes[among])):
            told[place] = test(self.words[place])
        return told[self.codes] & among

    @property
    def is_filled(self) -> Truth:
        """Tell which records hold anything."""
        return np.array([word is not None for word in self.words], dtype=bool)[self.codes]

    def at(self, record: int) -> object:
        """Return one record's word."""
        return self.words[self.codes[record]]

    def take(self, records: np.ndarray) -> Coded:
        """Return the column of chosen records."""
        return Coded(self.codes[records], self.words)

    def blanked(self, where: Truth) -> Coded:
        """Return the column with chosen records empty."""
        return Coded(np.where(where, len(self.words), self.codes), (*self.words, None))


def series(values: np.ndarray) -> pd.Series:
    """Return a series of the array's own type; pandas would make strings of objects, and NaN of None."""
    return pd.Series(values, dtype=values.dtype)


def is_empty(value: object) -> bool:
    """Tell whether a cell holds nothing at all."""
    if value is None or value is pd.NaT or value is pd.NA:
        return True
    if isinstance(value, str):
        return not value.strip().strip("\ufeff\u200b\u3000")
    return isinstance(value, float) and value != value  # noqa: PLR0124  - NaN differs from itself


@dataclass(slots=True)
class RawTable:
    """One table of a source, unread."""

    file: str
    """How the source is named to the user."""
    sheet: str
    """Sheet or layer; empty where the source has none."""
    columns: list[Coded]
    rows: Numbers
    headers: list[str] | None = None
    """Given by formats that name their columns; then every record is data."""
    geometry: gpd.GeoSeries | None = None
    """EPSG:4326, in the order of the records."""
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First record, first column, last record, last column of merged cells, from 0."""
    lengths: Numbers | None = None
    """Cells of each line, the empty ones at its end too, where lines were cut at commas."""
    rejoined: dict[int, Numbers] = field(default_factory=dict)
    """Column to the records in which the halves of a number were joined again."""
    part: str = ""
    """Rows of the sheet that it takes, where it stands below another table; else empty."""
    shifted: Numbers = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    """Records whose cells stand under other headers than their own."""

    @property
    def name(self) -> str:
        """The source and its sheet, as told to the user."""
        name = f"{self.file} [{self.sheet}]" if self.sheet else self.file
        return f"{name} ({self.part})" if self.part else name

    def filled_records(self) -> Numbers:
        """Return the records that hold anything, were it but a shape."""
        filled = np.zeros(len(self.rows), dtype=bool)
        if self.geometry is not None:
            filled |= self.geometry.notna().to_numpy()
        for column in self.columns:
            filled |= column.is_filled
        return np.flatnonzero(filled)

    def chosen(self, records: Numbers) -> RawTable:
        """Return some records, in their order; merged cells and what was joined are not kept."""
        geometry = None if self.geometry is None else self.geometry.iloc[records].reset_index(drop=True)
        lengths = None if self.lengths is None else self.lengths[records]
        columns = [column.take(records) for column in self.columns]
        return replace(
            self, columns=columns, rows=self.rows[records], geometry=geometry, lengths=lengths, merged=[], rejoined={},
            shifted=np.empty(0, dtype=np.int64),
        )  # fmt: skip

    def span(self, begin: int, end: int) -> RawTable:
        """Return the records from ``begin`` up to ``end``, with what is merged among them."""
        made = self.chosen(np.arange(begin, end))
        made.merged = [
            (first - begin, left, last - begin, right)
            for first, left, last, right in self.merged
            if begin <= first and last < end
        ]
        made.part = f"{self.rows[begin]}–{self.rows[end - 1]}" if begin or self.part else ""
        return made

    def line(self, record: int) -> list[object]:
        """Return the words of one record."""
        return [column.at(record) for column in self.columns]


def table_of_lines(file: str, sheet: str, lines: Sequence[Sequence[object]]) -> RawTable:
    """Code a table that was read line by line; short lines are filled with empty cells."""
    width = max((len(line) for line in lines), default=0)
    columns = [Coded.of([line[place] if place < len(line) else None for line in lines]) for place in range(width)]
    check_words(file, columns)
    return RawTable(file, sheet, columns, np.arange(1, len(lines) + 1, dtype=np.int64))


def check_words(file: str, columns: Sequence[Coded]) -> None:
    """See that no cell is too long.

    Raises
    ------
    InventoryError
        When one is; the sentence names its row.
    """
    for column in columns:
        for place, word in enumerate(column.words):
            if isinstance(word, str):
                check_cell(word, int(np.argmax(column.codes == place)) + 1 if len(word) > 1000 else 0, file)  # noqa: PLR2004
