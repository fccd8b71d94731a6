"""Everyday Japanese spellings of years and numbers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmtool.inventory import values
from fmtool.units import japanese_year

YEARS = {
    "昭和45年": 1970, "S45": 1970, "Ｓ４５": 1970, "s.45": 1970, "昭45": 1970, "昭和４５年度": 1970, "令和元年": 2019,
    "R1": 2019, "平成31": 2019, "H1": 1989, "平成元年4月": 1989, "昭和64年1月": 1988, "大正15": 1926, "明治45年": 1912,
    "1970年度": 1970, "1970年": 1970, "1970": 1970, "1970.0": 1970, "1981年3月": 1980, "1981年4月": 1981,
    "1981/3/31": 1980, "1981-06-01": 1981, "S56.6": 1981, "S56.3": 1980, "昭和56年6月竣工": 1981, "1970年頃": 1970,
    "西暦1970年": 1970, "FY1970": 1970,
}  # fmt: skip


@pytest.mark.parametrize("text", YEARS)
def test_years_as_people_write_them(text: str) -> None:
    assert values.year(text) == YEARS[text]


@pytest.mark.parametrize(
    "text", ["45", "昭和", "昭和99年", "昭和0年", "平成40", "年", "1981/13/1", "R100", "70年代", "abc"]
)
def test_what_is_no_year_is_refused(text: str) -> None:
    assert values.year(text) is None


def test_dates_fall_into_their_fiscal_year() -> None:
    assert values.year(date(1981, 3, 31)) == 1980
    assert values.year(date(1981, 4, 1)) == 1981


@given(st.integers(1868, 2100))
def test_the_japanese_calendar_reads_back(year: int) -> None:
    assert values.year(f"{japanese_year(year)}年度") == year


NUMBERS = {
    "360": 360, "３６０": 360, "1,234.5": 1234.5, "１，２３４": 1234, "360㎡": 360, "360 m2": 360, "360平方メートル": 360,
    "△360": -360, "-1": -1, "¥1,000": 1000, "1,000円": 1000, "3千円": 3000, "1.5億円": 150_000_000, "2百万円": 2_000_000,
    "3階建て": 3, "1.2e3": 1200, ".5": 0.5, "20,947人": 20947,
}  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_as_people_write_them(text: str) -> None:
    assert values.number(text) == NUMBERS[text]


@pytest.mark.parametrize("text", ["", "広い", "12,34", "1.2.3", "約360", "360〜400", "inf", "nan", "m2"])
def test_what_is_no_number_is_refused(text: str) -> None:
    assert values.number(text) is None


@given(st.floats(-1e12, 1e12, allow_nan=False).map(lambda amount: round(amount, 2)))
def test_any_amount_reads_back(amount: float) -> None:
    assert values.number(f"{amount:,.2f}") == amount


@pytest.mark.parametrize("text", ["", " ", "　", "-", "－", "―", "—", "不明", "N/A", "n/a", "＃N/A", "未調査", "なし"])
def test_blanks_as_people_write_them(text: str) -> None:
    assert values.is_blank(text)
