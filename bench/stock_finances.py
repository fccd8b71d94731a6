"""What pays for the works of the made-up city of ``stock.py``: programmes as the sample has them, and limits on debt."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from fmtool.finance.bonds import debt_service, outstanding, own_burden_rate
from fmtool.schedule.fiscal import Fiscal, Funding, Offers

CLASSES = ("subsidised_rebuild", "general", "long_life")
SUBSIDISED = (0, 1)
"""Services whose rebuilding a subsidy pays for, as it does for schools."""
OFFERS = (
    ("school", 0, 1 / 3, 0.9, 2 / 3, 40),
    ("general", 1, 0.0, 0.75, 0.0, 40),
    ("long_life", 2, 0.0, 0.9, 0.3, 8),
    ("general", 2, 0.0, 0.75, 0.0, 40),
)
"""Programme, class, subsidy, part that may be borrowed, tax grant, years it is open."""
TERM_YEARS, GRACE_YEARS, INTEREST_RATE = 20, 3, 0.01
OWN_SHARE_OF_SUBSIDISED = own_burden_rate(*OFFERS[0][2:5])
DEBT_SERVICE_LIMIT, FUTURE_BURDEN_LIMIT, OUTSTANDING_LIMIT = 0.125, 1.75, 1.0
FISCAL_SIZE_IN_NEEDS = 5.0
"""Standard fiscal size over the mean yearly need of works."""


def paid_class(action: str) -> int | None:
    """Return the class of an action's works, of a service without a subsidy; None = nothing pays but the city."""
    return {"renovate": 1, "rebuild": 0, "extend": 2, "merge": 2}.get(action)


def funding(
    per_m2: sparse.csr_array, facility: np.ndarray, service: np.ndarray, area: np.ndarray, years: int, rate: float
) -> Funding:
    """Return what may pay for the works; ``per_m2`` (N, 3 * Y) is outlay by class, all rebuilding in the first.

    Rebuilding of services without a subsidy is of the general class.
    """
    coo = per_m2.tocoo()
    plan, column = coo.coords
    is_plain = (column < years) & ~np.isin(service, SUBSIDISED)[facility[plan]]
    outlay = sparse.csr_array(
        sparse.coo_array(
            (coo.data * area[facility[plan]], (plan, np.where(is_plain, column + years, column))), shape=per_m2.shape
        )
    )
    first = np.searchsorted(facility, np.arange(len(area)))
    most = [
        np.maximum.reduceat(outlay[:, at * years : (at + 1) * years].toarray(), first, axis=0).sum(axis=0)
        for at in range(len(CLASSES))
    ]
    return Funding(CLASSES, outlay, np.stack(most), _offers(years), rate)


def _offers(years: int) -> Offers:
    count = len(OFFERS)
    name, of_class, subsidy, share, grant, open_years = zip(*OFFERS, strict=True)
    service = debt_service(INTEREST_RATE, TERM_YEARS, GRACE_YEARS)
    balance = outstanding(INTEREST_RATE, TERM_YEARS, GRACE_YEARS)
    return Offers(
        names=tuple(f"{each},{at},{TERM_YEARS}" for each, at in zip(name, of_class, strict=True)),
        programme=name,
        of_class=np.array(of_class, dtype=np.int32),
        is_open=np.arange(years)[None, :] < np.array(open_years)[:, None],
        national_rate=np.array(subsidy),
        prefectural_rate=np.zeros(count),
        bond_share=np.array(share),
        grant_rate=np.array(grant),
        interest_rate=np.full(count, INTEREST_RATE),
        term_years=np.full(count, TERM_YEARS, dtype=np.int32),
        grace_years=np.full(count, GRACE_YEARS, dtype=np.int32),
        service=np.tile(service, (count, 1)),
        balance=np.tile(balance, (count, 1)),
    )


def fiscal(need: float, years: int) -> Fiscal:
    """Return the finances of a city whose works need so much a year: today's debt is repaid over the plan."""
    size = np.full(years, FISCAL_SIZE_IN_NEEDS * need)
    left = np.interp(np.arange(years), [0, 20, 40], [1.0, 0.55, 0.45])
    return Fiscal(
        standard_fiscal_size=size,
        budget_size=1.6 * size,
        debt_service=0.19 * size * left,
        specific_revenue=0.02 * size * left,
        grant_in_need=0.07 * size * left,
        outstanding=1.3 * size * left,
        other_burden=0.35 * size,
        other_funds=0.2 * size,
        expected_specific_revenue=0.1 * size * left,
        expected_grants=0.5 * size * left,
        debt_service_limit=DEBT_SERVICE_LIMIT,
        future_burden_limit=FUTURE_BURDEN_LIMIT,
        outstanding_limit=OUTSTANDING_LIMIT,
    )
