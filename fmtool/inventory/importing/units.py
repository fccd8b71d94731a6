"""Units as headers, title lines and cells write them, and what each is in the inventory's own unit.

坪: 400/121 m² (計量法施行法: 1尺 = 10/33 m, 1坪 = 36平方尺). Square foot: 0.3048² m².
"""

from __future__ import annotations

import re

from fmtool.inventory.columns import BY_NAME, folded

AREA: dict[str, float] = {
    **dict.fromkeys(("m2", "m^2", "㎡", "平方メートル", "平米", "平方米", "sqm", "sq.m", "sq.m.", "squaremetres", "squaremeters"), 1.0),
    **dict.fromkeys(("坪", "つぼ"), 400 / 121),
    **dict.fromkeys(("sqft", "sq.ft", "sq.ft.", "sf", "ft2", "ft^2", "squarefeet", "squarefoot", "平方フィート"), 0.3048**2),
    **dict.fromkeys(("ha", "ヘクタール"), 10_000.0),
    **dict.fromkeys(("a", "アール"), 100.0),
    "km2": 1e6,
}  # fmt: skip
MONEY: dict[str, float] = {
    **dict.fromkeys(("円", "yen", "jpy", "usd", "us$", "$", "¥"), 1.0),
    **dict.fromkeys(("千円", "thousandyen", "千", "k$", "$000", "000s"), 1e3),
    "万円": 1e4,
    **dict.fromkeys(("百万円", "millionyen", "百万", "m$"), 1e6),
    "億円": 1e8,
}
COUNT: dict[str, float] = {
    "千人": 1e3, "万人": 1e4, **dict.fromkeys(("人", "名", "席", "戸", "件", "人/年", "階", "台"), 1.0)
}  # fmt: skip

AREA_COLUMNS = frozenset({"floor_area_m2", "site_area_m2"})
MONEY_COLUMNS = frozenset({"running_cost", "income", "land_price_per_m2"})

_BRACKETS = re.compile(r"[(\[<【〔{](?P<inside>[^()\[\]<>【】〔〕{}]*)[)\]>】〕}]")
_STATED = re.compile(r"単位[:：は]?(?P<units>[^)）\]】]*)")


def units_for(column: str) -> dict[str, float]:
    """Return the units in which a column may be written, each with its factor."""
    if column in AREA_COLUMNS:
        return AREA
    if column in MONEY_COLUMNS:
        return MONEY
    if column in BY_NAME and BY_NAME[column].kind in {"number", "integer"} and column not in {"lat", "lon"}:
        return COUNT
    return {}


def split_unit(header: str) -> tuple[str, str]:
    """Return a header without its unit, and the unit, folded.

    >>> split_unit("延床面積（㎡）"), split_unit("維持管理費　千円"), split_unit("Gross Floor Area (sq ft)"), split_unit("面積[坪]（合計）")
    (('延床面積', 'm2'), ('維持管理費', '千円'), ('grossfloorarea', 'sqft'), ('面積(合計)', '坪'))
    """
    word = folded(header)
    known = {**AREA, **MONEY, **COUNT}
    for found in _BRACKETS.finditer(word):
        inside = found["inside"].removeprefix("単位").lstrip(":：").removesuffix("/年").removesuffix("/year")
        if inside in known:
            return word[: found.start()] + word[found.end() :], inside
    for separator in ("_", "-", "・", "/", ":"):
        stem, _, tail = word.rpartition(separator)
        if stem and tail in known and len(tail) > 1:
            return stem, tail
    for unit in sorted((unit for unit in known if len(unit) > 1 and not unit.isascii()), key=len, reverse=True):
        if word.endswith(unit) and len(word) > len(unit):
            return word.removesuffix(unit), unit
    for unit in ("m2", "坪", "円", "sqft"):
        if word.endswith(unit) and len(word) > len(unit) + 1:
            return word.removesuffix(unit), unit
    return word, ""


def without_brackets(word: str) -> str:
    """Return a folded header without what stands in brackets.

    >>> without_brackets("緯度(世界測地系)")
    '緯度'
    """
    return _BRACKETS.sub("", word)


def is_unit(cell: object) -> bool:
    """Tell whether a cell below a header holds nothing but a unit.

    >>> is_unit("（㎡）"), is_unit("千円"), is_unit("図書館")
    (True, True, False)
    """
    word = folded(str(cell)).strip("()[]")
    return word in AREA or word in MONEY or word in COUNT or word in {"年", "年度", "西暦", "和暦"}


def stated_units(title: str) -> tuple[str, ...]:
    """Return the units that a title line states for the whole table.

    >>> stated_units("（単位：㎡、千円）"), stated_units("令和5年度")
    (('m2', '千円'), ())
    """
    found = _STATED.search(folded(title))
    if found is None:
        return ()
    return tuple(unit for unit in re.split(r"[、,・/;]", found["units"]) if unit in AREA or unit in MONEY)
