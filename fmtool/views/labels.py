"""Words and units that the charts, the workbook and the report share.

An amount is whole currency units where a function takes it, and is scaled only where it is shown.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Hashable, Mapping

import pandas as pd

from fmtool.text import Lang, Text
from fmtool.units import japanese_year
from fmtool.vocabulary import ACTIONS, USES

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
    "given": Text("設定値", "As configured"),
}

SETTINGS: dict[str, Text] = {
    "case.currency": Text("通貨", "Currency"),
    "case.price_year": Text("価格基準年度", "Price year"),
    "case.start_year": Text("計画の初年度", "First year of the plan"),
    "case.horizon_years": Text("計画年数", "Years planned"),
    "case.discount_rate": Text("割引率（実質）", "Discount rate (real)"),
    "case.construction_price_factor": Text("建設費の補正係数", "Construction price factor"),
    "case.construction_escalation_rate": Text(
        "建設費の上昇率（実質・年）", "Rise of construction prices (real, yearly)"
    ),
    "case.crs": Text("距離を測る座標系", "Coordinate system for distances"),
    "case.bounds": Text("座標の範囲（西・南・東・北）", "Bounds of coordinates (west, south, east, north)"),
    "budget.share_of_replace_mean": Text(
        "年度予算（従来型の年平均に対する割合）", "Yearly budget (share of the replace mean)"
    ),
    "budget.yearly": Text("年度予算", "Yearly budget"),
    "fund.opening": Text("基金の当初残高", "Opening balance of the fund"),
    "fund.floor": Text("基金残高の下限", "Least balance of the fund"),
    "fund.interest_rate": Text("基金の利率（実質・年）", "Interest on the fund (real, yearly)"),
    "fund.deposit_limit": Text("基金積立の上限（年）", "Most paid into the fund a year"),
    "fund.draw_limit": Text("基金取崩の上限（年）", "Most drawn from the fund a year"),
    "limits.works_under_way": Text("同時に進められる工事の上限", "Most works under way at once"),
    "limits.merges_per_district": Text("1地区で1年に始める統合の上限", "Most mergers a district and year"),
    "limits.closures_per_year": Text(
        "1年に廃止・移転・転用する施設の上限", "Most closures, moves and conversions a year"
    ),
    "limits.floor_area_reduction_rate": Text("延床面積の縮減目標（割合）", "Floor area to be given up (share)"),
    "limits.floor_area_target_year": Text("縮減目標の年度", "Year of the floor area target"),
    "limits.seismic_deadline_year": Text("耐震化の期限", "Seismic deadline"),
    "limits.debt_service_ratio": Text("実質公債費比率の上限", "Highest real debt service ratio"),
    "limits.future_burden_ratio": Text("将来負担比率の上限", "Highest future burden ratio"),
    "limits.outstanding_to_budget": Text("地方債残高の上限（予算規模比）", "Most bonds outstanding (of budget size)"),
    "limits.level_rate": Text("平準化の幅（前後の平均に対する割合）", "Levelling (share of the mean around)"),
    "limits.level_window_years": Text("平準化の平均をとる年数", "Years of the mean for levelling"),
    "limits.peak_weight": Text("最大年度の重み", "Weight of the dearest year"),
    "case.population_drift_rate": Text("人口推計からのずれ（年）", "Drift from the population forecast (yearly)"),
    "finance.revenue_factor": Text("一般財源などの倍率", "Factor on revenue"),
    "finance.revenue_growth_rate": Text("一般財源などの増減率（実質・年）", "Growth of revenue (real, yearly)"),
    "finance.has_facility_plan": Text("個別施設計画などがある", "Facility plans exist"),
}
"""Entries of ``fmtool.toml`` that stand among the assumptions, with their names."""

UNITS: dict[str, Text] = {
    "years": Text("年", "years"),
    "years from the first plan year": Text("年（初年度から）", "years from the first plan year"),
    "years after completion": Text("年（完成後）", "years after completion"),
    "fiscal year": Text("年度", "fiscal year"),
    "1/year": Text("／年", "1/year"),
    "JPY/m2": Text("円/m²", "JPY/m²"),
    "JPY/m2/year": Text("円/m²・年", "JPY/m²/year"),
    "m2": Text("m²", "m²"),
    "1,000 m2": Text("千m²", "1,000 m²"),
    "fraction": Text("割合", "fraction"),
    "share of works": Text("×工事費", "of works"),
    "share of running cost": Text("×維持管理費", "of running cost"),
    "share of floor area": Text("×延床面積", "of floor area"),
    "share of the demolition cost": Text("×除却費", "of the demolition cost"),
    "share of income": Text("×収入", "of income"),
    "share of the renovation cost": Text("×改修費", "of the renovation cost"),
    "share of the rebuild cost": Text("×建替え費", "of the rebuild cost"),
    "share of land value a year": Text("×地価（年）", "of land value a year"),
    "share of the land price": Text("×地価", "of the land price"),
    "share of the sale price": Text("×売却額", "of the sale price"),
    "floor area over site area": Text("（延床÷敷地）", "floor area over site area"),
    "points": Text("点", "points"),
    "points of 60": Text("点（60点中）", "points of 60"),
    "condition index": Text("（健全度）", "condition index"),
    "parts": Text("部位", "parts"),
    "code": Text("（区分）", "(code)"),
    "hosts": Text("施設", "hosts"),
    "facilities": Text("施設", "facilities"),
    "projects": Text("件", "projects"),
    "mergers": Text("件", "mergers"),
    "capacity": Text("容量", "capacity"),
    "works": Text("件", "works"),
    "decisions": Text("件", "decisions"),
    "name": Text("（名称）", "(name)"),
    "action codes": Text("（対策）", "(actions)"),
    "use codes": Text("（用途）", "(uses)"),
    "condition": Text("（要件）", "(condition)"),
}
"""Units of assumptions and limits as they stand in files, in words."""

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

    >>> [is_missing(value) for value in (None, float("nan"), pd.NA, "", 0)]
    [True, True, True, True, False]
    """
    return value is None or value is pd.NA or value != value or value == "" or str(value) == "<NA>"  # noqa: PLR0124  - NaN differs from itself


def thousand_unit(currency: str, lang: Lang) -> str:
    """Name thousands of a currency, the unit of budget sheets.

    >>> thousand_unit("JPY", "ja"), thousand_unit("JPY", "en"), thousand_unit("USD", "ja")
    ('千円', 'JPY thousand', '千USD')
    """
    if lang == "en":
        return f"{currency} thousand"
    return "千円" if currency == "JPY" else f"千{currency}"


def million_unit(currency: str, lang: Lang) -> str:
    """Name millions of a currency, the unit of summaries.

    >>> million_unit("JPY", "ja"), million_unit("JPY", "en"), million_unit("USD", "ja")
    ('百万円', 'JPY million', '百万USD')
    """
    if lang == "en":
        return f"{currency} million"
    return "百万円" if currency == "JPY" else f"百万{currency}"


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


def short_years(first: int, last: int) -> str:
    """Write a span of years in little room.

    >>> short_years(2032, 2034), short_years(2032, 2032), short_years(2098, 2101)
    ('2032–34', '2032', '2098–2101')
    """
    if first == last:
        return str(first)
    return f"{first}–{last % 100:02d}" if first // 100 == last // 100 else f"{first}–{last}"


def short_eras(first: int, last: int) -> str:
    """Write a span of years of the Japanese calendar in little room.

    >>> short_eras(2032, 2034), short_eras(2032, 2032), short_eras(2018, 2019)
    ('R14–16', 'R14', 'H30–R1')
    """
    begin, end = year_pair(first, "en")[1], year_pair(last, "en")[1]
    return begin if first == last else f"{begin}–{end[1:] if begin[:1] == end[:1] else end}"


def unit_word(unit: object, lang: Lang, currency: str = "JPY") -> str:
    """Say a unit as it stands in a file; one that is not known stays as it is.

    >>> unit_word("JPY/m2", "ja"), unit_word("bonds", "ja"), unit_word(None, "en"), unit_word("million", "ja")
    ('円/m²', 'bonds', '', '百万円')
    >>> unit_word("works", "ja"), unit_word("currency", "ja"), unit_word("currency", "en", "USD")
    ('件', '円', 'USD')
    """
    if unit == "million":
        return million_unit(currency, lang)
    if unit == "currency":
        return "円" if currency == "JPY" and lang == "ja" else currency
    return named(UNITS, unit, lang)


def coded_words(value: object, unit: object, lang: Lang) -> object:
    """Say an assumption's value in words where its unit is codes or a condition; any other stays as it is.

    >>> coded_words(["merge", "sell"], "action codes", "en"), coded_words(True, "condition", "ja"), coded_words(3, "m", "ja")
    ('Merge into host, Sell', 'はい', 3)
    """
    if isinstance(value, bool):
        return (Text("はい", "yes") if value else Text("いいえ", "no")).say(lang)
    known = {"action codes": ACTIONS, "use codes": USES}.get(str(unit))
    if known is None or not isinstance(value, list | tuple):
        return value
    return Text("、", ", ").say(lang).join(named(known, code, lang) for code in value)


def assumption_name(key: object, label: object, lang: Lang) -> str:
    """Name an assumption: its own label, or that of the setting.

    >>> assumption_name("fund.floor", "fund.floor", "en"), assumption_name("x", "建替え周期", "ja")
    ('Least balance of the fund', '建替え周期')
    """
    return named(SETTINGS, key, lang) if str(key) in SETTINGS else plain_text(label)


def shown_width(text: str) -> int:
    """Count columns that a text takes where a full-width character takes two.

    >>> shown_width("abc"), shown_width("施設")
    (3, 4)
    """
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def why_text(facility: Mapping[Hashable, object], lang: Lang) -> str:
    """Return why a facility's action was chosen: the sentence of ``fmtool explain``, else the short reason.

    >>> why_text({"explain_en": "", "reason_en": "no other action is possible"}, "en")
    'no other action is possible'
    """
    return plain_text(facility[f"explain_{lang}"]) or plain_text(facility[f"reason_{lang}"])


def plain_text(value: object) -> str:
    r"""Return text without control characters, which neither XML nor a sheet may hold.

    >>> plain_text("a\x00b\nc"), plain_text(None)
    ('ab c', '')
    """
    if is_missing(value):
        return ""
    spaced = str(value).replace("\r\n", " ").replace("\n", " ").replace("\t", " ")
    return "".join(character for character in spaced if unicodedata.category(character) not in {"Cc", "Cs", "Co"})
