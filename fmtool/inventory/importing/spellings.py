"""Read numbers, years and codes as clerks write them, and say what was taken for granted.

Each reader returns a :class:`Read`: the value, and a remark where it was read only roughly. None
as value with a remark means that it cannot be read.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from fmtool.inventory import values
from fmtool.inventory.columns import BY_NAME, GRADES, Column, could_be, folded, folded_code
from fmtool.inventory.importing import units
from fmtool.inventory.importing.words import match_structure
from fmtool.inventory.limits import LONGEST_CELL
from fmtool.text import Text


class Read(NamedTuple):
    """What a cell says."""

    value: object
    remark: Text | None = None
    """None where it was read as it stands."""


ROUGHLY = Text("おおよその値として読みました", "read as an approximate value")
CALENDAR = Text("年（月なし）をそのまま年度として読みました", "a year without month was taken as the fiscal year")
SERIAL = Text("Excelの日付の通し番号として読みました", "read as a serial date of Excel")
FIRST_OF_RANGE = Text("範囲の最初の年を採りました", "the first year of the range was taken")
NOT_READ = Text("読めないため空欄にしました", "cannot be read: left blank")
OUT_OF_RANGE = Text("範囲の外のため空欄にしました", "outside its range: left blank")
LIKELY = Text("似た言葉から読みました", "read from a similar word")

_BLANKS = values.BLANKS | frozenset({"*", "**", "・", "/", "//", "n.a.", "n.a", "tbd", "空白", "調査中", "確認中", "記載なし", "データなし",
                     "不詳", "年不詳", "nodata", "=", "#ref!", "#value!", "#div/0!", "#name?", "..", "...", "〇〇", "−−", "---"})  # fmt: skip
_BLANK_SIGNS = frozenset(word[:1] for word in _BLANKS)
_LONGEST_BLANK = 12
_TIME = re.compile(r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Z+].*)?$")
_ROUGH = re.compile(
    r"^(?:約|およそ|概ね|おおむね|ca\.?|approx\.?|~)|(?:程度|位|くらい|前後|余|頃|ごろ|推定|予定|見込)$"
)
_RANGE = re.compile(r"(?<=[\d年])[~〜\-‐–、,・](?:[明大昭平令mtshr]?[^\d]{0,3}\d.*)$")
_KANJI = {sign: number for number, sign in enumerate("〇一二三四五六七八九")}
_PLAIN = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,15}(?:\.\d+)?", re.ASCII)
_AMOUNT = re.compile(r"^(?P<amount>[+-]?[\d,]*\.?\d+\.?)(?P<unit>\D.*)$")
_DEGREES = re.compile(r"""^[^\d]*(\d{1,3})[°度:](\d{1,2})['′’分:](\d{1,2}(?:\.\d+)?)["″”秒]*[NSEWnsew]?$""")
_STOREYS = re.compile(r"(?:地上|^|/|造|[a-z]+)-?(\d{1,3})(?:階建?て?|f|$|階|/)")
_FIRST_SERIAL, _LAST_SERIAL = 7_000, 60_000
"""Serial dates of 1919 and 2064."""
_DATE_DIGITS = re.compile(r"(1[89]\d\d|20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?")


def is_blank(value: object) -> bool:
    """Tell whether a cell says "not known".

    >>> is_blank("－"), is_blank("N/A"), is_blank("調査中"), is_blank(0)
    (True, True, True, False)
    """
    if not isinstance(value, str):
        return values.is_blank(value)
    if not could_be(value, _BLANK_SIGNS):
        return False
    word = values.visible(value)  # as it would be kept: what is blank then must be blank now
    return len(word) <= _LONGEST_BLANK and folded(word) in _BLANKS


def reader(column: str, factor: float = 1.0, era: str = "") -> Callable[[object], Read]:
    """Return what reads a column's cells; each value is multiplied by ``factor`` unless its cell names a unit."""
    known = BY_NAME.get(column)
    kind = "text" if known is None else known.kind
    if known is not None and kind == "code":
        return functools.partial(read_code, column=known)
    if column in _OWN_READERS:
        return _OWN_READERS[column]
    if kind == "year":
        return functools.partial(read_year, era=era)
    if kind in {"integer", "number"}:
        return functools.partial(read_number, column=column, factor=factor)
    return {"flag": read_flag, "grade": read_grade}.get(kind, read_text)


def read_name(value: object) -> Read:
    """Read free text on one line."""
    return Read((values.visible(value) if isinstance(value, str) else values.plain_text(value)) or None)


def read_text(value: object) -> Read:
    """Read a code or key: folded to plain letters and digits, of which a few signs may become many.

    >>> read_text(" Ａ－００７\u200b ").value, read_text("㍿" * 10_000).value
    ('A-007', None)
    """
    text = values.plain_text(value)
    return Read(None, NOT_READ) if len(text) > LONGEST_CELL else Read(text or None)


def read_number(value: object, column: str = "", factor: float = 1.0) -> Read:
    """Read an amount in the column's own unit.

    >>> read_number("２，４５０．５", "floor_area_m2").value, read_number("31500千円", "running_cost", 1.0).value
    (2450.5, 31500000.0)
    >>> round(read_number("100坪", "floor_area_m2").value, 2), read_number("48,200", "running_cost", 1000.0).value
    (330.58, 48200000.0)
    >>> read_number("約360㎡", "floor_area_m2").value, read_number("広い", "floor_area_m2").value
    (360.0, None)
    """
    if isinstance(value, bool | date):
        return Read(None, NOT_READ)
    if isinstance(value, int | float) or _PLAIN.fullmatch(str(value)):
        return Read(round(float(str(value).replace(",", "")) * factor, 9))
    text = folded(str(value)).strip("'\"=")
    remark = ROUGHLY if _ROUGH.search(text) else None
    text = _ROUGH.sub("", text)
    found = _AMOUNT.match(text)
    if found is not None:
        unit = found["unit"].removesuffix("/年").strip("()")
        own = units.units_for(column).get(unit)
        if own is not None and (amount := values.number(found["amount"])) is not None:
            return Read(round(amount * own, 9), remark)
    amount = values.number(text)
    if amount is None:
        return Read(None, NOT_READ)
    names_unit = any(sign in text for sign in "円万千億")
    return Read(round(amount * (1.0 if names_unit else factor), 9), remark)


def read_degrees(value: object) -> Read:
    """Read degrees, plain or with minutes and seconds.

    >>> round(read_degrees("北緯35度51分22秒").value, 5), read_degrees("139.9021").value
    (35.85611, 139.9021)
    """
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        found = _DEGREES.match(unicodedata.normalize("NFKC", value).replace(" ", ""))
        if found is not None:
            return Read(float(found[1]) + float(found[2]) / 60 + float(found[3]) / 3600)
        value = folded(value).removeprefix("北緯").removeprefix("東経").strip("°度n e")
    return read_number(value)


def read_storeys(value: object) -> Read:
    """Read the storeys above ground.

    >>> read_storeys("3階建").value, read_storeys("地上4階地下1階").value, read_storeys("RC3F").value, read_storeys(2.0).value
    (3.0, 4.0, 3.0, 2.0)
    """
    plain = read_number(value)
    if isinstance(plain.value, float):
        return plain if plain.value.is_integer() else Read(None, NOT_READ)
    text = re.sub(r"地下\d+階?|b\d+f?", "", folded(str(value)))
    if "平屋" in text or "平家" in text:
        return Read(1.0)
    found = _STOREYS.search(text)
    return Read(float(found[1])) if found else Read(None, NOT_READ)


def read_year(value: object, era: str = "") -> Read:
    """Read a fiscal year; January to March belong to the year before.

    >>> [read_year(word).value for word in ("昭和45年", "昭45.3", "S45.3.31", "1970年3月31日", "19700331", 25658, "昭和四十五年")]
    [1970, 1969, 1969, 1969, 1969, 1969, 1970]
    >>> read_year("昭和45～47年").value, read_year("1970年頃").remark == ROUGHLY, read_year("45", era="昭和").value
    (1970, True, 1970)
    """
    if isinstance(value, datetime | date):
        return Read(values.year(value))
    if isinstance(value, bool):
        return Read(None, NOT_READ)
    if isinstance(value, int | float) or folded(str(value)).isdigit():
        return _digits(value, era)
    text = _TIME.sub("", unicodedata.normalize("NFKC", str(value)).strip())
    plain = _arabic("".join(text.split()).casefold()).strip("'\"=()[]")
    remark = ROUGHLY if _ROUGH.search(plain) else None
    plain = _ROUGH.sub("", plain)
    if era and plain[:1].isdigit() and not re.match(r"\d{4}", plain):
        plain = era + plain
    year = values.year(plain)
    if year is None and (shorter := _RANGE.sub("", plain)) != plain:
        year, remark = values.year(shorter), FIRST_OF_RANGE
    if year is None and "(" in plain:  # 昭和45年(1970年)
        year = values.year(plain.split("(", 1)[0]) or values.year(plain.split("(", 1)[1].rstrip(")"))
    if year is None:
        return Read(None, NOT_READ)
    if remark is None and re.fullmatch(r"\D*(?:元|\d+)年", plain):
        remark = CALENDAR
    return Read(year, remark)


def _digits(value: object, era: str) -> Read:
    """Read a bare number as year, date or serial date; a fraction is a month, as in 1970.3."""
    number = float(value) if isinstance(value, int | float) else float(folded(str(value)))
    if not number.is_integer():
        year = values.year(f"{number:.2f}".rstrip("0")) if 1000 <= number < 2200 else None  # noqa: PLR2004
        return Read(year, ROUGHLY if year else NOT_READ)
    whole = int(number)
    if era and 1 <= whole <= 64:  # noqa: PLR2004  - the last year of 昭和
        return Read(values.year(f"{era}{whole}"), None)
    found = _DATE_DIGITS.fullmatch(str(whole))
    if found is not None:
        return Read(int(found[1]) - (int(found[2]) <= 3))  # noqa: PLR2004  - March
    if 1000 <= whole < 2200:  # noqa: PLR2004
        return Read(whole)
    if _FIRST_SERIAL <= whole <= _LAST_SERIAL:
        return Read(values.year(date(1899, 12, 30) + timedelta(days=whole)), SERIAL)
    return Read(None, NOT_READ)


def _arabic(text: str) -> str:
    """Turn numbers in kanji into digits.

    >>> _arabic("昭和四十五年"), _arabic("平成二十年三月"), _arabic("昭和五六年")
    ('昭和45年', '平成20年3月', '昭和56年')
    """

    def digits(found: re.Match[str]) -> str:
        word = found[0]
        if "十" not in word:
            return "".join(str(_KANJI[sign]) for sign in word)
        tens, _, ones = word.partition("十")
        return str((_KANJI[tens] if tens else 1) * 10 + (_KANJI[ones] if ones else 0))

    return re.sub(r"[一二三四五六七八九]?十[一二三四五六七八九]?|[〇一二三四五六七八九]+", digits, text)


def read_flag(value: object) -> Read:
    """Read a yes or no."""
    flag = values.flag(value)
    return Read(None, NOT_READ) if flag is None else Read(flag)


def read_grade(value: object) -> Read:
    """Read a grade A to D.

    >>> read_grade("Ａ評価").value, read_grade("b").value, read_grade("E").value
    ('A', 'B', None)
    """
    grade = folded(str(value)).upper().removesuffix("評価").removesuffix("判定").removesuffix("ランク")
    return Read(grade) if grade in GRADES else Read(None, NOT_READ)


def read_code(value: object, column: Column) -> Read:
    """Read a code by its names and everyday variants.

    >>> read_code("鉄筋コンクリート造3階建", BY_NAME["structure"]).value, read_code("未改修", BY_NAME["seismic_status"]).value
    ('RC', 'unretrofitted')
    """
    word = str(value)
    code = column.synonyms.get(folded_code(word))
    if code is not None:
        return Read(code)
    if column.name == "structure":
        code = match_structure(word)
    elif column.name == "seismic_status":
        code = _seismic(folded(word))
    else:
        found = [(len(name), code) for name, code in column.synonyms.items() if len(name) > 1 and name in folded(word)]
        code = max(found)[1] if found else None
    return Read(code, LIKELY) if code else Read(None, NOT_READ)


def _seismic(word: str) -> str | None:
    """Read what ledgers say of a building's strength in an earthquake.

    >>> [_seismic(word) for word in ("新耐震", "補強済み", "診断済（耐震性有）", "未実施", "旧耐震", "ng")]
    ['new_standard', 'retrofitted', 'not_needed', 'unretrofitted', 'unretrofitted', None]
    """
    if "新耐震" in word or word in {"新", "new"}:
        return "new_standard"
    if any(sign in word for sign in ("未", "要改修", "要補強", "性なし", "性無", "旧", "必要")) and "不要" not in word:
        return "unretrofitted"
    if any(sign in word for sign in ("不要", "性有", "性あり", "基準を満", "対象外")):
        return "not_needed"
    if any(sign in word for sign in ("補強", "改修", "実施済", "済", "完了", "retrofitted")):
        return "retrofitted"
    return None


_OWN_READERS: dict[str, Callable[[object], Read]] = {
    **dict.fromkeys(("name", "service", "district", "address", "remarks"), read_name),
    **dict.fromkeys(("lat", "lon"), read_degrees),
    "storeys": read_storeys,
}
