"""Roll the blocks (棟) of a facility into one row.

Of the blocks' values: floor areas are added; the oldest year built, the latest major works and
the most storeys are taken; structure and seismic status are those of the largest block, but one
block that is not retrofitted makes the facility so; the worst grade of each part is taken. Money,
users, capacity and site are added unless every block states the same amount, which is then the
facility's own. Words are the first block's; remarks are put one after the other.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fmtool.inventory.columns import COLUMNS, folded
from fmtool.inventory.importing.assign import Match, is_weak_id
from fmtool.inventory.importing.cells import Coded, Numbers, RawTable, Truth, is_empty, series
from fmtool.inventory.limits import LONGEST_CELL
from fmtool.text import Text

SAME = Text("同じ内容の行がある（重複）", "the same as another row (duplicate)")
BLOCK = Text("棟として施設にまとめた", "a block, rolled into its facility")

_SUMMED = ("running_cost", "income", "users", "capacity", "site_area_m2")
_TAKEN = {"built_year": "min", "last_major_works_year": "max", "storeys": "max", "is_listed": "max"}
_GRADES = tuple(column.name for column in COLUMNS if column.kind == "grade")


def facility_keys(frame: pd.DataFrame, matches: dict[str, Match]) -> np.ndarray:
    """Return for each record the number of the facility that it belongs to.

    An identifier that repeats tells the facility, if its name does not change wholly; else the name, which
    with an address beside it counts together with it where no column names blocks.
    """
    count = len(frame)
    ids = frame["id"].to_numpy(dtype=object) if "id" in frame else np.full(count, None, dtype=object)
    names = _folded_each(frame["name"]) if "name" in frame else ids
    known = [key for key in ids if key is not None]
    if not is_weak_id(matches, known) or (
        "block" not in matches and len(set(known)) == len(known) and _is_key(matches)
    ):
        keys = [f"i{key}" if key is not None else f"n{name}" for key, name in zip(ids, names, strict=True)]
        return _apart(pd.factorize(np.array(keys, dtype=object))[0], names, is_blocked="block" in matches)
    keys = [f"n{name}" for name in names]
    if "block" not in matches and "address" in frame:
        places = _folded_each(frame["address"])
        keys = [f"{key}|{place}" for key, place in zip(keys, places, strict=True)]
    return pd.factorize(np.array(keys, dtype=object))[0]


def _is_key(matches: dict[str, Match]) -> bool:
    least = 0.86
    return "id" in matches and (matches["id"].score >= least or matches["id"].is_told)


def _folded_each(texts: pd.Series) -> np.ndarray:
    """Return every text folded, each distinct one once; blanks are empty."""
    codes, words = pd.factorize(texts.to_numpy(dtype=object), use_na_sentinel=False)
    made = np.array(["" if is_empty(word) else folded(str(word)) for word in words], dtype=object)
    return made[codes]


def _apart(keys: np.ndarray, names: np.ndarray, *, is_blocked: bool) -> np.ndarray:
    """Part records of one identifier whose names have nothing in common: their identifier is wrong."""
    if is_blocked or len(keys) == 0 or keys.max() + 1 == len(keys):
        return keys
    first = pd.Series(names).groupby(keys).transform("first").to_numpy(dtype=object)
    other = np.array(
        [bool(own) and bool(lead) and own[:2] != lead[:2] for own, lead in zip(names, first, strict=True)], dtype=bool
    )
    if not other.any():
        return keys
    parted = [f"{key}|{name}" if is_other else str(key) for key, name, is_other in zip(keys, names, other, strict=True)]
    return pd.factorize(np.array(parted, dtype=object))[0]


def repeated_records(table: RawTable, records: Numbers, keys: np.ndarray, matches: dict[str, Match]) -> Truth:
    """Find records that say in every cell what an earlier one of the same facility says.

    The number of a line does not count.
    """
    _, counts = np.unique(keys, return_counts=True)
    if counts.size == 0 or counts.max() == 1:
        return np.zeros(len(records), dtype=bool)
    several = (counts > 1)[keys]
    number = matches.get("id")
    columns: list[Coded] = [
        column.take(records[several])
        for place, column in enumerate(table.columns)
        if number is None or place != number.place or "block" in matches
    ]
    frame = pd.DataFrame({place: column.codes for place, column in enumerate(columns)})
    frame["key"] = keys[several]
    made = np.zeros(len(records), dtype=bool)
    made[several] = frame.duplicated().to_numpy()
    return made


def roll_blocks(frame: pd.DataFrame, keys: np.ndarray, repeated: Truth) -> tuple[pd.DataFrame, Numbers]:
    """Return one row a facility, and for each its first record's place in ``frame``.

    >>> blocks = pd.DataFrame({"name": ["A", "A"], "floor_area_m2": [800.0, 200.0], "built_year": [1972.0, 1970.0]})
    >>> roll_blocks(blocks, np.array([0, 0]), np.array([False, False]))[0].to_dict("records")
    [{'name': 'A', 'floor_area_m2': 1000.0, 'built_year': 1970.0}]
    """
    first = np.unique(keys, return_index=True)[1].astype(np.int64)
    counts = np.bincount(keys[~repeated], minlength=len(first)) if len(keys) else np.empty(0, dtype=np.int64)
    made = frame.iloc[first].reset_index(drop=True)
    if not (counts > 1).any():
        return made, first
    chosen = (counts > 1)[keys] & ~repeated
    blocks, groups = frame[chosen], keys[chosen]
    grouped = blocks.groupby(groups, sort=True)
    rolled = grouped.first()  # the first that is not blank
    for column in blocks.columns:
        if column in _TAKEN:
            rolled[column] = grouped[column].agg(_TAKEN[column])
        elif column == "floor_area_m2":
            rolled[column] = grouped[column].sum(min_count=1)
        elif column in _SUMMED:
            stated = grouped[column]
            is_total = (stated.min() == stated.max()) & (stated.count() == stated.size())
            rolled[column] = stated.first().where(is_total, stated.sum(min_count=1))
        elif column in _GRADES:
            rolled[column] = grouped[column].agg(lambda given: max((g for g in given if g is not None), default=None))
        elif column == "remarks":
            rolled[column] = grouped[column].agg(_together)
    _of_largest(rolled, blocks, groups)
    place = rolled.index.to_numpy()
    for column in made.columns:
        values = made[column].to_numpy(copy=True)
        given = rolled[column].to_numpy()
        values[place] = given if made[column].dtype == float else _without_nan(given)
        made[column] = series(values)
    return made, first


def _without_nan(values: np.ndarray) -> np.ndarray:
    made = np.empty(len(values), dtype=object)
    made[:] = [None if value is None or value != value else value for value in values]  # noqa: PLR0124  - NaN
    return made


def _of_largest(rolled: pd.DataFrame, blocks: pd.DataFrame, groups: np.ndarray) -> None:
    """Take structure and seismic status of the largest block; one that is not retrofitted decides."""
    if "floor_area_m2" in blocks:
        order = np.argsort(-blocks["floor_area_m2"].fillna(0.0).to_numpy(), kind="stable")
        for column in ("structure", "seismic_status"):
            if column in blocks:
                rolled[column] = blocks[column].iloc[order].groupby(groups[order]).first()
    if "seismic_status" in blocks:
        weak = (blocks["seismic_status"] == "unretrofitted").groupby(groups).any()
        rolled.loc[weak, "seismic_status"] = "unretrofitted"


def _together(given: pd.Series) -> str | None:
    words = dict.fromkeys(str(word) for word in given if word is not None)
    whole = "／".join(words)
    if len(whole) > LONGEST_CELL:  # no spreadsheet holds more, nor would the next import read it
        whole = whole[: LONGEST_CELL - 1].rstrip() + "…"
    return whole or None
