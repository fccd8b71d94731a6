"""What the plan's bonds cost and leave owed, year by year, from the payments alone; whole currency units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fmtool.finance.bonds import debt_service, outstanding
from fmtool.finance.city import CityFinance
from fmtool.finance.programmes import Programme
from fmtool.finance.ratios import future_burden_ratio, real_debt_service_ratio, three_year_mean
from fmtool.schedule.inputs import Floats
from fmtool.schedule.payments import Payment


@dataclass(frozen=True, slots=True, eq=False)
class Debt:
    """New bonds over the plan's years, (Y,) each."""

    issued: Floats
    service: Floats
    grant: Floats
    """Tax grant on the service (交付税措置)."""
    owed: Floats
    """At the end of the year."""
    grants_to_come: Floats
    """The grant rate on what is owed."""


def grace_of(programme: Programme, term_years: int) -> int:
    """Return the years of interest only of a bond whose term may have been cut."""
    return min(programme.grace_years, max(term_years - 1, 0))


def debt_of(payments: Sequence[Payment], programmes: Mapping[str, Programme], years: Sequence[int]) -> Debt:
    """Add up bonds by programme, term and year of issue, and follow each to the end of the plan."""
    horizon = len(years)
    amounts: dict[tuple[str, int, int], float] = defaultdict(float)
    for payment in payments:
        amounts[payment.programme, payment.term_years, payment.year - years[0]] += payment.bond
    debt = Debt(*(np.zeros(horizon) for _ in range(5)))
    for (code, term, issue), amount in amounts.items():
        if not amount:
            continue
        programme = programmes[code]
        grace = grace_of(programme, term)
        debt.issued[issue] += amount
        last = min(issue + term, horizon - 1) - issue + 1
        service = amount * debt_service(programme.interest_rate, term, grace)[:last]
        owed = amount * outstanding(programme.interest_rate, term, grace)[:last]
        span = slice(issue, issue + last)
        debt.service[span] += service
        debt.grant[span] += programme.grant_rate * service
        debt.owed[span] += owed
        debt.grants_to_come[span] += programme.grant_rate * owed
    return debt


@dataclass(frozen=True, slots=True, eq=False)
class Ratios:
    """Both ratios of every year as fractions, and all bonds owed; (Y,) each."""

    debt_service: Floats
    debt_service_3y: Floats
    """Mean of the year and the two before it; NaN while one of them is not known."""
    future_burden: Floats
    outstanding: Floats


def ratios_of(city: CityFinance, debt: Debt, fund_balance: Floats) -> Ratios:
    """Return the ratios of the city with the plan's debt and facilities fund, by the formulas of ``fmtool.finance``."""
    grant = city.grant_in_need + debt.grant
    yearly = real_debt_service_ratio(
        city.debt_service + debt.service, city.specific_revenue, grant, city.standard_fiscal_size
    )
    burden = future_burden_ratio(
        city.outstanding + debt.owed + city.other_burden,
        city.other_funds + fund_balance,
        city.expected_specific_revenue,
        city.expected_grants + debt.grants_to_come,
        grant,
        city.standard_fiscal_size,
    )
    past = np.full(2, np.nan) if city.past_ratios is None else np.asarray(city.past_ratios, dtype=float)
    mean = three_year_mean(np.concatenate([past, yearly]))[2:]
    return Ratios(yearly, mean, burden, city.outstanding + debt.owed)
