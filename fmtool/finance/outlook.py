"""What today's debt alone makes of both ratios, before any new bond: to hold against the published figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fmtool.finance.bonds import Floats
from fmtool.finance.city import CityFinance
from fmtool.finance.ratios import (
    DEBT_SERVICE_THRESHOLDS,
    FUTURE_BURDEN_THRESHOLDS,
    Threshold,
    future_burden_ratio,
    published_future_burden_ratio,
    real_debt_service_ratio,
    thresholds_reached,
    truncated_per_cent,
)
from fmtool.text import Text
from fmtool.units import fiscal_year
from fmtool.workspace import Config

FISCAL_LIMITS = ("debt_service_ratio", "future_burden_ratio", "outstanding_to_budget")
"""Entries of ``[limits]`` that need the city's finances."""


def todays_ratios(city: CityFinance, fund_balance: float) -> tuple[Floats, Floats]:
    """Return the (Y,) real debt service ratio and future burden ratio without new bonds.

    Parameters
    ----------
    city
        The city's finances.
    fund_balance
        Of the facilities fund, currency units; held over the years.
    """
    service = real_debt_service_ratio(
        city.debt_service, city.specific_revenue, city.grant_in_need, city.standard_fiscal_size
    )
    burden = future_burden_ratio(
        city.outstanding + city.other_burden,
        city.other_funds + fund_balance,
        city.expected_specific_revenue,
        city.expected_grants,
        city.grant_in_need,
        city.standard_fiscal_size,
    )
    return service, burden


def outlook(city: CityFinance, config: Config) -> list[Text]:
    """Say both ratios of the first year, and every limit that today's debt alone oversteps."""
    fund = config.fund.opening if config.fund is not None else 0.0
    service, burden = todays_ratios(city, fund)
    file, year = config.files.finance, city.years[0]
    shown, dash = truncated_per_cent(float(service[0])), published_future_burden_ratio(float(burden[0]))
    per_cent = "" if dash == "-" else "%"
    said = [
        Text(
            f"{file}: 既発債だけでみた{fiscal_year(year, 'ja')}の実質公債費比率は{shown:.1f}%（単年度）、"
            f"将来負担比率は{dash}{per_cent}です。公表値と大きく違うなら、金額の単位を確かめてください",
            f"{file}: today's debt alone makes a real debt service ratio of {shown:.1f}% (single year) and a future burden "
            f"ratio of {dash}{per_cent} in {fiscal_year(year, 'en')}; where that is far from the published ratios, see to the units",
        )
    ]
    limits = config.limits
    outstanding = city.outstanding / city.budget_size
    said += _overstepped(
        city.years, service, limits.debt_service_ratio, Text("実質公債費比率", "real debt service ratio")
    )
    said += _overstepped(city.years, burden, limits.future_burden_ratio, Text("将来負担比率", "future burden ratio"))
    said += _overstepped(
        city.years,
        outstanding,
        limits.outstanding_to_budget,
        Text("地方債残高／予算規模", "ratio of bonds outstanding to budget size"),
    )
    said += _national(float(service[0]), DEBT_SERVICE_THRESHOLDS, Text("実質公債費比率", "real debt service ratio"))
    said += _national(float(burden[0]), FUTURE_BURDEN_THRESHOLDS, Text("将来負担比率", "future burden ratio"))
    return said


def limits_without_finances(config: Config) -> list[Text]:
    """Say which limits hold nothing because fmtool.toml names no finance file."""
    if config.files.finance is not None:
        return []
    given = [name for name in FISCAL_LIMITS if getattr(config.limits, name) is not None]
    return [
        Text(
            f"fmtool.toml: `limits.{name}` は、[files] finance に市の財政のファイルがないと効きません",
            f"fmtool.toml: `limits.{name}` limits nothing without a file of the city's finances under [files] finance",
        )
        for name in given
    ]


def _overstepped(years: Sequence[int], ratio: Floats, limit: float | None, name: Text) -> list[Text]:
    if limit is None or not np.any(ratio > limit):
        return []
    at = np.flatnonzero(ratio > limit)
    worst = int(at[np.argmax(ratio[at])])
    return [
        Text(
            f"既発債だけで{name.ja}の上限{limit:.1%}を超える年度が{len(at)}あります（最大は{fiscal_year(years[worst], 'ja')}の{ratio[worst]:.1%}）。"
            "起債をしなくても守れません",
            f"today's debt alone oversteps the limit of the {name.en} ({limit:.1%}) in {len(at)} "
            f"{'year' if len(at) == 1 else 'years'}, most in {fiscal_year(years[worst], 'en')} ({ratio[worst]:.1%}); "
            "no new bond can be the cause",
        )
    ]


def _national(ratio: float, thresholds: Sequence[Threshold], name: Text) -> list[Text]:
    reached = thresholds_reached(ratio, thresholds)
    if not reached:
        return []
    last = reached[-1]
    return [
        Text(
            f"初年度の{name.ja}{ratio:.1%}は、国の基準{last.ratio:.0%}以上です（{last.name.ja}）",
            f"the {name.en} of the first year, {ratio:.1%}, reaches the national threshold of {last.ratio:.0%} ({last.name.en})",
        )
    ]
