"""Turn raw values into typed columns, noting every value that cannot be read.

Plain numbers go the fast, vectorised way; only what that refuses is read one value at a time.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable

import numpy as np
import pandas as pd

from fmtool.inventory import values
from fmtool.inventory.columns import COLUMNS, GRADES, Column, folded, folded_code
from fmtool.inventory.faults import Faults
from fmtool.inventory.tables import Table
from fmtool.text import Text, listing

MOST = 1e15
"""No number of an inventory is larger; more is a slip of the keyboard."""

FREE_TEXT = frozenset({"name", "service", "district", "address", "remarks"})
"""Kept letter by letter; other text is folded to its plain form."""


def clean(table: Table, faults: Faults) -> pd.DataFrame:
    """Return every column of ``columns.csv``, typed, blank where the table has none.

    text, code and grade columns hold ``str`` or None (dtype object); number columns float64; integer and
    year columns Int64; flag columns bool. A value that cannot be read becomes blank and a fault.
    """
    made: dict[str, pd.Series] = {}
    for column in COLUMNS:
        raw = table.cells.get(column.name)
        if raw is None and column.is_required:
            faults.add(
                None,
                column.name,
                None,
                Text("必須の列がありません", "a required column is missing"),
                Text(
                    f"見出し「{column.title.ja}」か `{column.name}` の列を加えてください",
                    f"add a column headed `{column.name}` or `{column.title.ja}`",
                ),
            )
        series = pd.Series([None] * len(table.rows), dtype=object) if raw is None else raw.reset_index(drop=True)
        made[column.name] = _typed(series, column, table.rows, faults)
    return pd.DataFrame(made)


def _typed(raw: pd.Series, column: Column, rows: np.ndarray, faults: Faults) -> pd.Series:
    place, distinct = pd.factorize(raw, use_na_sentinel=False)
    blank = np.array([values.is_blank(value) for value in distinct], dtype=bool)[place]
    if column.kind in {"number", "integer", "year"}:
        return _numbers(raw, blank, column, rows, faults)
    if column.kind == "flag":
        found = _each(raw, blank, values.flag, rows, faults, column, _FLAG)
        return found.map(lambda answer: answer is True).astype(bool)
    if column.kind == "code":
        return _each(raw, blank, lambda value: column.synonyms.get(folded_code(str(value))), rows, faults, column)
    if column.kind == "grade":
        return _each(raw, blank, _grade, rows, faults, column, _GRADE)
    keep = _kept if column.name in FREE_TEXT else values.plain_text
    return _each(raw, blank, keep, rows, faults, column)


_NUMBER = (
    Text("数として読めません", "is not a number"),
    Text("半角または全角の数字で書いてください（例 1234.5）", "write digits, such as 1234.5"),
)
_YEAR = (
    Text("年度として読めません", "is not a year"),
    Text("西暦4桁か和暦で書いてください（例 1981、昭和56、S56）", "write a four-digit year, such as 1981"),
)
_FLAG = (
    Text("「はい・いいえ」として読めません", "is neither yes nor no"),
    Text("1（はい）か0（いいえ）で書いてください", "write 1 for yes, 0 for no"),
)
_GRADE = (
    Text("劣化度として読めません", "is not a grade"),
    Text("A、B、C、D のいずれかを書いてください", "write A, B, C or D"),
)


def _kept(value: object) -> str:
    return values.visible(value) if isinstance(value, str) else values.plain_text(value)


def _grade(value: object) -> str | None:
    grade = folded(str(value)).upper().removesuffix("評価")
    return grade if grade in GRADES else None


def _numbers(raw: pd.Series, blank: np.ndarray, column: Column, rows: np.ndarray, faults: Faults) -> pd.Series:
    fast = pd.to_numeric(raw.where(~blank), errors="coerce").to_numpy(dtype="float64", copy=True)
    is_flag = np.fromiter((isinstance(value, bool) for value in raw), dtype=bool, count=len(raw))
    slow = ~blank & (~(np.abs(fast) <= MOST) | is_flag)
    read: Callable[[object], float | int | None] = values.year if column.kind == "year" else values.number
    problem, remedy = _YEAR if column.kind == "year" else _NUMBER
    for place in np.flatnonzero(slow):
        found = read(raw.iloc[place])
        if found is None or abs(found) > MOST:
            fast[place] = np.nan
            faults.add(int(rows[place]), column.name, raw.iloc[place], problem, remedy)
        else:
            fast[place] = found
    if column.kind == "number":
        return pd.Series(fast)
    whole = np.isnan(fast) | (fast == np.round(fast))
    odd = np.flatnonzero(~whole)
    faults.add_each(
        rows[odd],
        column.name,
        raw.iloc[odd],
        Text("整数ではありません", "is not a whole number"),
        remedy,
    )
    return pd.Series(np.where(whole, fast, np.nan)).astype("Int64")


def _each(
    raw: pd.Series,
    blank: np.ndarray,
    read: Callable[[object], object],
    rows: np.ndarray,
    faults: Faults,
    column: Column,
    said: tuple[Text, Text] | None = None,
) -> pd.Series:
    """Read every distinct value once; what reads as None is a fault, ``said`` in problem and remedy."""
    place, distinct = pd.factorize(raw, use_na_sentinel=False)
    understood = np.full(len(distinct), None, dtype=object)
    for number in np.unique(place[~blank]):
        understood[number] = read(distinct[number])
    refused = ~blank & np.array([value is None for value in understood], dtype=bool)[place]
    reasons: dict[str, tuple[Text, Text]] = {}
    for row in np.flatnonzero(refused):
        value = str(raw.iloc[row])
        if value not in reasons:
            reasons[value] = said or _unknown_code(column, value)
        faults.add(int(rows[row]), column.name, raw.iloc[row], *reasons[value])
    return pd.Series(understood[place], dtype=object)


def _unknown_code(column: Column, value: str) -> tuple[Text, Text]:
    ja = [f"{code}（{name.ja}）" for code, name in column.codes.items()]
    en = [f"{code} ({name.en})" for code, name in column.codes.items()]
    close = difflib.get_close_matches(folded_code(value), list(column.synonyms), n=1, cutoff=0.6)
    code = column.synonyms[close[0]] if close else None
    likely_ja = f"もしかすると {code}（{column.codes[code].ja}）。" if code else ""
    likely_en = f"perhaps {code}; " if code else ""
    return (
        Text(f"{column.title.ja}の区分にありません", "is not one of the codes"),
        Text(
            f"{likely_ja}次のいずれかを書いてください: {listing(ja, 20).ja}",
            f"{likely_en}write one of {listing(en, 20).en}",
        ),
    )
