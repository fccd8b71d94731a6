"""How works are paid for, as the optimizer sees it: offers of subsidy and bond, and the city's own debt.

C classes of works that the same programmes may pay for, K offers (a class under one programme), Y years.
Money is in millions of the currency, rates are fractions. A bond issued in a year is first paid for in
the year after it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Offers:
    """What a programme gives for the works of a class: K of each."""

    names: tuple[str, ...]
    """Programme and term, for LP files."""
    programme: tuple[str, ...]
    of_class: Ints
    """(K,) class of works it may pay for."""
    is_open: Bools
    """(K, Y) years in which it may be used."""
    national_rate: Floats
    """(K,) national subsidy over the cost."""
    prefectural_rate: Floats
    """(K,) prefectural subsidy over the cost."""
    bond_share: Floats
    """(K,) most that may be borrowed over the cost less subsidy (充当率)."""
    grant_rate: Floats
    """(K,) part of the debt service that tax grants return (交付税措置率)."""
    interest_rate: Floats
    term_years: Ints
    grace_years: Ints
    service: Floats
    """(K, L) debt service per unit borrowed, by years since issue; 0 in the year of issue."""
    balance: Floats
    """(K, L) what is still owed per unit borrowed, at the end of that year."""

    @property
    def subsidy_rate(self) -> Floats:
        """(K,) both subsidies over the cost."""
        return self.national_rate + self.prefectural_rate

    def after(self, table: Floats, horizon: int) -> Floats:
        """Return ``table`` (K, L) as (K, Y, Y): by year of issue and year of effect within the horizon."""
        wide = np.zeros((len(self.names), 2 * horizon))
        length = min(table.shape[1], horizon)
        wide[:, horizon : horizon + length] = table[:, :length]
        since = np.arange(horizon)[None, :] - np.arange(horizon)[:, None]
        return np.asarray(wide[:, since + horizon])


@dataclass(frozen=True, slots=True, eq=False)
class Funding:
    """Which outlay may be paid for by which offer."""

    class_names: tuple[str, ...]
    outlay: sparse.csr_array
    """(N, C * Y) outlay of each life plan in class c and year y, in column c * Y + y."""
    most: Floats
    """(C, Y) more than any schedule spends in a class and year."""
    offers: Offers
    discount_rate: float

    def take(self, keep: Bools) -> Funding:
        """Return the offers over the chosen life plans only."""
        return replace(self, outlay=self.outlay[keep])

    def bond_cost(self, horizon: int) -> Floats:
        """Return the present value of borrowing one unit, (K, Y): own debt service less what is received.

        - d[y] + sum over t of service[t] * (1 - grant rate) * d[y + t],  d[y] = 1 / (1 + r) ** (y + 1),
        also what is paid after the horizon.
        """
        offers = self.offers
        since = (1 + self.discount_rate) ** -np.arange(offers.service.shape[1])
        own = (offers.service @ since) * (1 - offers.grant_rate)
        return np.asarray((own - 1)[:, None] * self._factors(horizon)[None, :])

    def subsidy_value(self, horizon: int) -> Floats:
        """Return the present value of the subsidy on one unit of cost, (K, Y)."""
        return np.asarray(self.offers.subsidy_rate[:, None] * self._factors(horizon)[None, :])

    def _factors(self, horizon: int) -> Floats:
        return np.asarray((1 + self.discount_rate) ** -np.arange(1, horizon + 1))

    def most_share(self, horizon: int) -> Floats:
        """Return the largest part of a class's outlay that offers can pay for in each year, (C, Y)."""
        offers = self.offers
        part = offers.subsidy_rate + offers.bond_share * (1 - offers.subsidy_rate)
        share = np.zeros((len(self.class_names), horizon))
        np.maximum.at(share, offers.of_class, np.where(offers.is_open, part[:, None], 0.0))
        return share


@dataclass(frozen=True, slots=True, eq=False)
class Fiscal:
    """The city's own finances and the ordinance's limits on them; arrays (Y,), None = no limit.

    Names follow the two ratios' formulas (地方公共団体の財政の健全化に関する法律).
    """

    standard_fiscal_size: Floats
    budget_size: Floats
    debt_service: Floats
    """Debt service, and what counts as such, of today's debt."""
    specific_revenue: Floats
    grant_in_need: Floats
    """Tax grant on today's debt service (基準財政需要額算入額)."""
    outstanding: Floats
    other_burden: Floats
    other_funds: Floats
    """Funds that may be set against the burden, without the facilities fund."""
    expected_specific_revenue: Floats
    expected_grants: Floats
    debt_service_limit: float | None = None
    future_burden_limit: float | None = None
    outstanding_limit: float | None = None


@dataclass(frozen=True, slots=True)
class Levelling:
    """How even the works of the years must be."""

    rate: float | None = None
    """Share of the mean of the years around by which a year may differ."""
    window_years: int = 5
    peak_weight: float = 0.0
    """What each unit of the dearest year adds to the objective."""

    @property
    def is_asked(self) -> bool:
        """Whether it asks for anything."""
        return self.rate is not None or self.peak_weight > 0
