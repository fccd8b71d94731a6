"""Words and units that the charts, the workbook and the report share.

An amount is whole currency units where a function takes it, and is scaled only where it is shown.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping

from fmtool.text import Lang, Text
from fmtool.units import japanese_year

THOUSAND = 1_000
MILLION = 1_000_000
OKU = 100_000_000
BILLION = 1_000_000_000

SERIES: dict[str, Text] = {
    "replace": Text("従来型（30年で改修・60年で建替え）", "Replace (renovate at 30, rebuild at 60)"),
    "extend": Text("長寿命化型（80年で建替え）", "Extend (long life, rebuild at 80)"),
    "plan": Text("本計画", "This plan"),
    "keep": Text("対策なし", "No works"),
    "budget": Text("予算額", "Budget"),
}
"""The baselines, the plan, doing nothing, and the budget."""

SHORT_SERIES: dict[str, Text] = {
    "replace": Text("従来型", "Replace"),
    "extend": Text("長寿命化型", "Extend"),
    "plan": Text("本計画", "Plan"),
    "keep": Text("対策なし", "No works"),
    "budget": Text("予算額", "Budget"),
}

ACTION_MARKS: dict[str, Text] = {
    "keep": Text("維", "K"),
    "repair": Text("修", "Rp"),
    "renovate": Text("改", "Rn"),
    "extend": Text("長", "Ex"),
    "rebuild": Text("建", "Rb"),
    "rebuild_smaller": Text("減", "Rs"),
    "retrofit": Text("耐", "St"),
    "merge": Text("集", "Mg"),
    "convert": Text("転", "Cv"),
    "lease": Text("貸", "Ls"),
    "sell": Text("売", "Sl"),
    "demolish": Text("除", "Dm"),
}
"""One short mark an action, so that no table relies on colour alone."""

STATUSES: dict[str, Text] = {
    "optimal": Text("最適（求めた精度内で証明済み）", "Optimal (proven within the gap asked for)"),
    "feasible": Text(
        "実行可能（時間切れ。示した差の範囲でより良い計画があり得る）",
        "Feasible (time ran out; a better plan may exist within the gap shown)",
    ),
    "infeasible": Text("解なし", "No schedule"),
}

BASES: dict[str, Text] = {
    "seen": Text("出典で確認", "Seen in source"),
    "secondary": Text("二次資料", "Secondary source"),
    "assumed": Text("仮定", "Assumed"),
}

STRUCTURES: dict[str, Text] = {
    "RC": Text("鉄筋コンクリート造", "Reinforced concrete"),
    "SRC": Text("鉄骨鉄筋コンクリート造", "Steel-framed reinforced concrete"),
    "S": Text("鉄骨造", "Steel"),
    "LS": Text("軽量鉄骨造", "Light steel"),
    "W": Text("木造", "Wood"),
    "CB": Text("コンクリートブロック造", "Concrete block"),
    "other": Text("その他", "Other"),
}


def named(words: Mapping[str, Text], code: object, lang: Lang) -> str:
    """Return the word of a code, or the code itself where it has none; nothing for a missing code.

    >>> from fmtool.vocabulary import ACTIONS, USES
    >>> named(ACTIONS, "sell", "ja"), named(ACTIONS, "moved", "en"), named(USES, None, "en")
    ('売却', 'moved', '')
    """
    if is_missing(code):
        return ""
    word = words.get(str(code))
    return str(code) if word is None else word.say(lang)


def is_missing(value: object) -> bool:
    """Tell whether a cell of a data frame holds nothing.

    >>> [is_missing(value) for value in (None, float("nan"), "", 0)]
    [True, True, True, False]
    """
    return value is None or value != value or value == "" or str(value) == "<NA>"  # noqa: PLR0124  - NaN differs from itself


def thousand_unit(currency: str, lang: Lang) -> str:
    """Name thousands of a currency, the unit of budget sheets.

    >>> thousand_unit("JPY", "ja"), thousand_unit("JPY", "en"), thousand_unit("USD", "ja")
    ('千円', 'JPY thousand', '千USD')
    """
    if lang == "en":
        return f"{currency} thousand"
    return "千円" if currency == "JPY" else f"千{currency}"


def chart_unit(largest: float, currency: str, lang: Lang) -> tuple[float, str]:
    """Choose the unit of a chart's axis from its largest amount: divisor and name.

    >>> chart_unit(2.5e9, "JPY", "ja"), chart_unit(4e7, "JPY", "ja"), chart_unit(2.5e9, "JPY", "en")
    ((100000000.0, '億円'), (1000000.0, '百万円'), (1000000.0, 'JPY million'))
    """
    if lang == "ja" and currency == "JPY":
        return (float(OKU), "億円") if largest >= OKU else (float(MILLION), "百万円")
    if largest >= 20 * BILLION:
        return float(BILLION), f"{currency} billion" if lang == "en" else f"十億{currency}"
    return float(MILLION), f"{currency} million" if lang == "en" else f"百万{currency}"


def amount_text(amount: float, currency: str, lang: Lang) -> str:
    """Write an amount as it is read aloud.

    >>> amount_text(123_456_000_000, "JPY", "ja"), amount_text(123_456_000_000, "JPY", "en")
    ('1,235億円', 'JPY 123.5 billion')
    >>> amount_text(-2_340_000_000, "JPY", "ja"), amount_text(56_700_000, "JPY", "ja"), amount_text(0, "JPY", "ja")
    ('-23.4億円', '5,670万円', '0円')
    """
    size = abs(amount)
    if lang == "ja" and currency == "JPY":
        scale, name = next(
            ((scale, name) for scale, name in ((OKU, "億円"), (10_000, "万円")) if size >= scale), (1, "円")
        )
        digits = 1 if name == "億円" and size < 1000 * OKU else 0
        return f"{amount / scale:,.{digits}f}{name}"
    scale, name = next(
        ((scale, name) for scale, name in ((BILLION, " billion"), (MILLION, " million")) if size >= scale), (1, "")
    )
    return f"{currency} {amount / scale:,.{1 if name else 0}f}{name}"


def share_text(share: float, digits: int = 1) -> str:
    """Write a fraction in per cent.

    >>> share_text(0.1234), share_text(float("nan"))
    ('12.3%', '—')
    """
    return "—" if math.isnan(share) else f"{share * 100:.{digits}f}%"


def year_pair(year: int, lang: Lang) -> tuple[str, str]:
    """Return the labels of the two year columns: the common and the Japanese calendar.

    >>> year_pair(2026, "ja"), year_pair(2026, "en")
    (('2026', '令和8'), ('2026', 'R8'))
    """
    japanese = japanese_year(year)
    if lang == "en":
        letters = {"令和": "R", "平成": "H", "昭和": "S", "大正": "T", "明治": "M"}
        japanese = letters.get(japanese[:2], "") + japanese[2:].replace("元", "1")
    return str(year), japanese


def shown_width(text: str) -> int:
    """Count columns that a text takes where a full-width character takes two.

    >>> shown_width("abc"), shown_width("施設")
    (3, 4)
    """
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def plain_text(value: object) -> str:
    r"""Return text without control characters, which neither XML nor a sheet may hold.

    >>> plain_text("a\x00b\nc"), plain_text(None)
    ('ab c', '')
    """
    if is_missing(value):
        return ""
    spaced = str(value).replace("\r\n", " ").replace("\n", " ").replace("\t", " ")
    return "".join(character for character in spaced if unicodedata.category(character) not in {"Cc", "Cs", "Co"})
