"""Everyday Japanese spellings of numbers, years and flags, read one value at a time.

Only values that plain conversion refuses come here, so speed does not matter; being right does.
Every function returns None for what it cannot read: the caller says where it stands.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime

from fmtool.inventory.columns import folded, without_unseen

BLANKS = frozenset(
    {"", "-", "--", "―", "—", "–", "ー", "−", "‐", "─", "…", "n/a", "na", "nan", "none", "null", "nil", "#n/a", "<na>",
     "不明", "未定", "未入力", "未記入", "未調査", "該当なし", "なし", "無し", "空欄", "?", "unknown"}
)  # fmt: skip
"""Folded values that mean "not known"."""

_FORMULA_SIGNS = ("=", "+", "-", "@")
_GUARDED = re.compile(r"'[=+\-@]")
_MARCH, _DECEMBER = 3, 12
_FIRST_FOUR_DIGIT_YEAR = 1000
_ERAS = {"明治": 1867, "明": 1867, "m": 1867, "大正": 1911, "大": 1911, "t": 1911, "昭和": 1925, "昭": 1925, "s": 1925,
         "平成": 1988, "平": 1988, "h": 1988, "令和": 2018, "令": 2018, "r": 2018}  # fmt: skip
_UNITS = re.compile(
    r"(平方メートル|m2|m\^2|㎡|階建て?|階|戸|人|名|件|席|台|か所|箇所|メートル|km|m|円|yen|jpy|/年|/m2|/人)+$"
)
_SCALES = {"千": 1e3, "万": 1e4, "百万": 1e6, "億": 1e8}
_NUMBER = re.compile(r"[¥\\]?([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|[+-]?\.\d+)(?:e([+-]?\d+))?(百万|千|万|億)?")
_YEAR = re.compile(
    r"(?P<era>明治|大正|昭和|平成|令和|[明大昭平令]|[mthsr])?\.?(?P<count>元|\d{1,4})"
    r"(?:(?:年度|(?P<fiscal>fy))|年?(?:[./-]?(?P<month>\d{1,2})(?:月|[./-]|$)(?:\d{1,2}日?)?)?)?"
    r"(?:[ t].*|竣工|建築|築|完成|頃|ごろ|\([^)]*\))*"
)


def is_blank(value: object) -> bool:
    """Tell whether a value means "not known".

    >>> is_blank(" ― "), is_blank("不明"), is_blank("0"), is_blank(None), is_blank(float("nan"))
    (True, True, False, True, True)
    """
    if value is None or value != value:  # noqa: PLR0124  - NaN and NaT differ from themselves
        return True
    return isinstance(value, str) and folded(visible(value)) in BLANKS


def number(value: object) -> float | None:
    """Read a number with full-width digits, thousands commas, a unit or 千, 万, 百万, 億.

    >>> number("１，２３４．５㎡"), number("360 m2"), number("▲1,200"), number("3万円"), number("約360")
    (1234.5, 360.0, -1200.0, 30000.0, None)
    """
    if isinstance(value, bool | date):
        return None
    if isinstance(value, int | float):
        return float(value)
    text = folded(str(value)).replace("▲", "-").replace("△", "-").replace("、", ",")
    bare = _UNITS.sub("", text)
    found = _NUMBER.fullmatch(bare)
    if found is None:
        return None
    amount = float(f"{found[1].replace(',', '')}e{found[2] or 0}") * _SCALES.get(found[3] or "", 1.0)
    return amount if math.isfinite(amount) else None


def year(value: object) -> int | None:
    """Read a fiscal year; where a month is given, January to March belong to the year before.

    >>> year("昭和45年"), year("S45"), year("令和元年度"), year("1970年度"), year("昭和56年3月"), year("1981/6/1")
    (1970, 1970, 2019, 1970, 1980, 1981)
    >>> year("昭和99"), year("45"), year("古い")
    (None, None, None)
    """
    if isinstance(value, datetime | date):
        return value.year - (value.month <= _MARCH)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value) if float(value).is_integer() else None
    text = folded(str(value)).removeprefix("西暦").removeprefix("fy").removesuffix(".0")
    found = _YEAR.fullmatch(text)
    if found is None:
        return None
    count = 1 if found["count"] == "元" else int(found["count"])
    month = int(found["month"]) if found["month"] else 4
    if not 1 <= month <= _DECEMBER:
        return None
    calendar = _calendar_year(found["era"], count)
    return None if calendar is None else calendar - (month <= _MARCH)


def _calendar_year(era: str | None, count: int) -> int | None:
    if era is None:
        return count if count >= _FIRST_FOUR_DIGIT_YEAR else None
    longest = {1867: 45, 1911: 15, 1925: 64, 1988: 31, 2018: 99}
    start = _ERAS[era]
    return start + count if 1 <= count <= longest[start] else None


def flag(value: object) -> bool | None:
    """Read a yes or no.

    >>> flag("○"), flag("いいえ"), flag(1), flag("たぶん")
    (True, False, True, None)
    """
    text = folded(str(value)).removesuffix(".0")
    if text in {"1", "true", "t", "yes", "y", "有", "あり", "有り", "はい", "○", "〇", "◯", "該当", "✓", "レ"}:
        return True
    if text in {"0", "false", "f", "no", "n", "無", "いいえ", "×", "x", "非該当"}:
        return False
    return None


def plain_text(value: object) -> str:
    """Return text as kept: trimmed, compatibility forms of digits and spaces folded, no line breaks.

    >>> plain_text(" Ｔ００１　"), plain_text(101.0)
    ('T001', '101')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return visible(unicodedata.normalize("NFKC", without_unseen(str(value))))


def visible(text: str) -> str:
    r"""Return text on one line without signs that no one sees: control characters, and marks that turn the direction.

    >>> visible(" \x02図書\x03館\u202e　本館\n"), visible("'=1+1")
    ('図書館 本館', '=1+1')
    """
    is_plain = text.isprintable() and "  " not in text and text[:1] != " " != text[-1:]
    seen = text if is_plain else " ".join(without_unseen(text).split())
    return seen[1:] if _GUARDED.match(seen) else seen


def guarded(text: str) -> str:
    """Return text that a spreadsheet shows and does not run as a formula; `visible` takes the guard off again.

    >>> guarded("=1+1"), guarded("市民館")
    ("'=1+1", '市民館')
    """
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text
