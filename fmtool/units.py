"""Money, years and their printed forms.

Amounts on disk are whole currency units; inside the optimizer they are millions of the currency.
A year is a fiscal year: 2026 means April 2026 to March 2027 in Japan.
"""

from __future__ import annotations

from fmtool.text import Lang

MILLION = 1_000_000
_WHOLE_FROM = 10

_ERAS = ((2019, "令和", "R"), (1989, "平成", "H"), (1926, "昭和", "S"), (1912, "大正", "T"), (1868, "明治", "M"))


def japanese_year(year: int) -> str:
    """Return the fiscal year in the Japanese calendar; the era of its first April counts.

    >>> japanese_year(2026), japanese_year(2019), japanese_year(1989), japanese_year(1970)
    ('令和8', '令和元', '平成元', '昭和45')
    """
    for first, era, _ in _ERAS:
        if year >= first:
            count = year - first + 1
            return f"{era}{'元' if count == 1 else count}"
    return str(year)


def fiscal_year(year: int, lang: Lang, *, both: bool = False) -> str:
    """Label a fiscal year.

    >>> fiscal_year(2026, "ja"), fiscal_year(2026, "ja", both=True), fiscal_year(2026, "en")
    ('2026年度', '2026年度（令和8年度）', 'FY2026')
    """
    if lang == "en":
        return f"FY{year}"
    return f"{year}年度（{japanese_year(year)}年度）" if both else f"{year}年度"


def money(amount: float, lang: Lang, currency: str = "JPY") -> str:
    """Print an amount of whole currency units in millions, the unit of budget talks.

    >>> money(1_234_567_890, "ja"), money(1_234_567_890, "en"), money(-500_000, "ja")
    ('1,235百万円', 'JPY 1,235 million', '-0.5百万円')
    """
    millions = amount / MILLION
    shown = f"{millions:,.0f}" if abs(millions) >= _WHOLE_FROM or millions == 0 else f"{millions:,.1f}"
    if lang == "ja" and currency == "JPY":
        return f"{shown}百万円"
    return f"{currency} {shown} million"
