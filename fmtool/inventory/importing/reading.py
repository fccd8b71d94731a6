"""Read the cells of a table's records, each distinct word once, and note what was not plain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import geopandas as gpd
import numpy as np
import pandas as pd

from fmtool.inventory.clean import MOST
from fmtool.inventory.columns import BY_NAME, COLUMNS
from fmtool.inventory.importing import spellings
from fmtool.inventory.importing.assign import BARE_YEAR, Match
from fmtool.inventory.importing.cells import Coded, Numbers, RawTable, Truth, series
from fmtool.inventory.importing.mapping import OWN, Found, Mapping
from fmtool.inventory.importing.rows import Records
from fmtool.inventory.importing.words import match_use, plain
from fmtool.text import Text

NUMBERS = frozenset(column.name for column in COLUMNS if column.kind in {"number", "integer", "year"})

GUESSED_USE = Text("用途を名称などから推定しました", "use guessed from the name or the like")
NO_USE = Text("用途が分からないため「その他」としました", "use not understood: taken for `other`")

BARE = Text(
    "見出し「Year」を建築年度とみました（推定。違えば facilities/mapping.toml で直す）",
    "the header `Year` was taken for the year built (guessed; correct it in facilities/mapping.toml)",
)
REJOINED = Text(
    "引用符のない桁区切りのコンマで分かれた数をつなぎました（推定）",
    "a number cut by a comma without quotes was put together again (guessed)",
)
NAMELESS = Text(
    "使いませんでした（CSVでは、引用符のない桁区切りのコンマで列がずれていないか確かめてください）",
    "not used (in a CSV, see whether a comma within a number without quotes has shifted the row)",
)

_SURE = 0.9
_LONGEST_HINT = 30


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing noted of the cells of one column."""

    column: str
    said: Text
    records: Numbers
    """Numbers in the table."""
    is_refused: bool


def read_records(
    table: RawTable, made: Records, matches: dict[str, Match], mapping: Mapping, found: Found
) -> tuple[pd.DataFrame, list[Remark]]:
    """Return the records typed, one column a column of the inventory, and what was noted.

    Numbers, years and degrees are float64 with NaN for blank; all else is object with None for blank.
    """
    remarks: list[Remark] = []
    count = len(made.records)
    frame: dict[str, np.ndarray] = {}
    for name, match in matches.items():
        if name == "use":
            continue
        cells = made.cells[name]
        read = spellings.reader(name, match.factor, match.era)
        results = [None if word is None or spellings.is_blank(word) else read(word) for word in cells.words]
        frame[name] = _values(name, results, cells)
        remarks += _remarks(name, results, cells, made.records)
        remarks += _out_of_range(name, frame[name], made.records)
        if name == "built_year" and plain(match.header) == BARE_YEAR and match.score < _SURE:
            remarks.append(Remark(name, BARE, made.records[~np.isnan(frame[name])], is_refused=False))
    _add_places(frame, table.geometry, made.records)
    frame["use"] = _uses(table, made, frame, matches, mapping, found, remarks)
    order = [*BY_NAME, *OWN]
    read_frame = pd.DataFrame({name: series(frame[name]) for name in order if name in frame}, index=range(count))
    return read_frame, remarks


def nameless_cells(table: RawTable, names: Sequence[str], records: Numbers) -> list[Remark]:
    """Note the records that hold something where the header names nothing."""
    filled = np.zeros(len(records), dtype=bool)
    for place, column in enumerate(table.columns):
        if place >= len(names) or not names[place]:
            filled |= column.take(records).is_filled
    return [Remark("", NAMELESS, records[filled], is_refused=False)] if filled.any() else []


def rejoined_cells(table: RawTable, names: Sequence[str], matches: dict[str, Match], records: Numbers) -> list[Remark]:
    """Note the numbers that were put together again."""
    columns = {match.place: match.column for match in matches.values()}
    made = []
    for place, joined in table.rejoined.items():
        name = columns.get(place) or (names[place] if place < len(names) else "")
        where = joined[np.isin(joined, records)]
        if len(where):
            made.append(Remark(name, REJOINED, where, is_refused=False))
    return made


def _values(name: str, results: list[spellings.Read | None], cells: Coded) -> np.ndarray:
    if name in NUMBERS:
        numbers = [np.nan if each is None or each.value is None else float(each.value) for each in results]  # type: ignore[arg-type]
        return np.array([*numbers, np.nan], dtype=float)[cells.codes]
    made = np.empty(len(results) + 1, dtype=object)
    made[:-1] = [None if each is None else each.value for each in results]
    return made[cells.codes]


def _remarks(name: str, results: list[spellings.Read | None], cells: Coded, records: Numbers) -> list[Remark]:
    by_text: dict[Text, list[int]] = {}
    for place, each in enumerate(results):
        if each is not None and each.remark is not None:
            by_text.setdefault(each.remark, []).append(place)
    made = []
    for said, places in by_text.items():
        marked = np.zeros(len(results) + 1, dtype=bool)
        marked[places] = True
        where = np.flatnonzero(marked[cells.codes])
        if len(where):
            made.append(Remark(name, said, records[where], said == spellings.NOT_READ))
    return made


def _out_of_range(name: str, values: np.ndarray, records: Numbers) -> list[Remark]:
    """Blank what lies outside a column's range."""
    column = BY_NAME.get(name)
    if column is None or name not in NUMBERS or name in {"lat", "lon"}:
        return []
    with np.errstate(invalid="ignore"):
        outside = np.abs(values) > MOST  # the plan would not read it back
        if column.minimum is not None:
            outside |= values < column.minimum
        if column.maximum is not None:
            outside |= values > column.maximum
    if not outside.any():
        return []
    values[outside] = np.nan
    return [Remark(name, spellings.OUT_OF_RANGE, records[outside], is_refused=True)]


def _add_places(frame: dict[str, np.ndarray], shapes: gpd.GeoSeries | None, records: Numbers) -> None:
    """Take the middle of each shape for the facility's place where no coordinates stand in columns."""
    if shapes is None or ("lat" in frame and "lon" in frame):
        return
    chosen = shapes.iloc[records]
    there = (chosen.notna() & ~chosen.is_empty).to_numpy()
    lat, lon = np.full(len(records), np.nan), np.full(len(records), np.nan)
    if there.any():
        points = chosen[there].representative_point()
        is_point = (chosen[there].geom_type == "Point").to_numpy()
        middle = gpd.GeoSeries(np.where(is_point, chosen[there], points), crs=4326)
        lat[there], lon[there] = np.round(middle.y, 7), np.round(middle.x, 7)
    frame["lat"], frame["lon"] = lat, lon


def _uses(
    table: RawTable,
    made: Records,
    frame: dict[str, np.ndarray],
    matches: dict[str, Match],
    mapping: Mapping,
    found: Found,
    remarks: list[Remark],
) -> np.ndarray:
    """Find each record's use: its own word, the finer class, the heading above, the name, the remarks, the file."""
    uses = _written_uses(made)
    for name in ("use", "service"):
        if name in matches:
            told, is_sure = _told_uses(made.cells[name], mapping, found, is_noted=name == "use")
            # The finer class tells more than an "other" above it.
            is_open = (uses == None) | ((uses == "other") & is_sure & ~made.written)  # noqa: E711  - element by element
            uses = np.where(is_open, told, uses)
    if made.section is not None:
        uses = np.where(uses == None, made.section, uses)  # noqa: E711
    open_ = np.array([use is None for use in uses], dtype=bool)
    stem = match_use(PurePath(table.file).stem.replace("_", " "))[0]
    for place in np.flatnonzero(open_):
        for name in ("name", "remarks"):
            word = frame[name][place] if name in frame else None
            if isinstance(word, str) and (name == "name" or len(word) <= _LONGEST_HINT):
                uses[place] = match_use(word)[0]
            if uses[place] is not None:
                break
        else:
            uses[place] = stem
    lost = np.array([use is None for use in uses], dtype=bool)
    uses[lost] = "other"
    for where, said in ((open_ & ~lost, GUESSED_USE), (lost, NO_USE)):
        if where.any():
            remarks.append(Remark("use", said, made.records[where], is_refused=False))
    return uses


def _written_uses(made: Records) -> np.ndarray:
    """Return the use of records that an import wrote; None for others."""
    uses = np.full(len(made.records), None, dtype=object)
    if made.written.any():
        uses[made.written] = made.cells["use"].each(lambda word: word)[made.written]
    return uses


def _told_uses(cells: Coded, mapping: Mapping, found: Found, *, is_noted: bool) -> tuple[np.ndarray, Truth]:
    made = np.full(len(cells.words) + 1, None, dtype=object)
    is_sure = np.zeros(len(made), dtype=bool)
    present = set(np.unique(cells.codes).tolist())
    for place, word in enumerate(cells.words):
        if place not in present or word is None or spellings.is_blank(word):
            continue
        text = str(word).strip()
        told = mapping.uses.get(text)
        code, score = (told, 1.0) if told else match_use(text)
        made[place], is_sure[place] = code, score >= _SURE
        if (code is not None or is_noted) and len(found.uses) < 2000:  # noqa: PLR2004  - no longer a list of classes
            found.uses.setdefault(text, (code or "other", score))
    return made[cells.codes], is_sure[cells.codes]
