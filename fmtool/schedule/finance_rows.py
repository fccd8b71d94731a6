"""Families of public finance: what programmes pay for, what may be borrowed, and the ordinance's limits.

Index k runs over offers (a class of works under one programme), c over classes, i over years of issue.
service[k, t] and balance[k, t] are what one unit borrowed costs and leaves owed t years after its issue.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from fmtool.schedule.inputs import Floats, ScheduleInputs
from fmtool.schedule.money import MoneyColumns, money_columns
from fmtool.schedule.rows import Rows, by_year

Weigh = Callable[[Floats, Floats, Floats], Floats]
"""From grant rate, service and balance to what a unit of bond weighs in a row."""


def funding(inputs: ScheduleInputs) -> Rows | None:
    """Place under programmes no more cost than there is of works they pay for.

    For each class c and year y with an open offer:
        sum over k of c of placed[k, y]  <=  sum over n of class outlay[n, c, y] * x[n]

    Rows: ``funding(c,y)``, millions.
    """
    if inputs.funding is None or inputs.budget is None:
        return None
    columns, given = money_columns(inputs), inputs.funding
    place = given.offers.of_class[columns.pair_offer].astype(np.int64) * inputs.horizon + columns.pair_year
    used = np.unique(place)
    pairs = np.arange(len(place))
    placed = sparse.coo_array(
        (np.ones(len(place)), (np.searchsorted(used, place), pairs)), shape=(used.size, len(place))
    )
    plans = sparse.csr_array(-given.outlay[:, used].T)
    names = tuple(
        f"funding({given.class_names[at // inputs.horizon]},{inputs.years[at % inputs.horizon]})" for at in used
    )
    return Rows("funding", names, plans, "<=", np.zeros(used.size), columns.matrix(used.size, {"placed": placed}))


def bond_share(inputs: ScheduleInputs) -> Rows | None:
    """Borrow no more than the programme's share of what the subsidy leaves (充当率).

    For each offer k and year y in which it is open:
        bond[k, y]  <=  share[k] * (1 - subsidy rate[k]) * placed[k, y]
    The term of an offer is at most the remaining life of the works of its class (地方財政法5条の2).

    Rows: ``bond_share(k,y)``, millions.
    """
    if inputs.funding is None or inputs.budget is None:
        return None
    columns, offers = money_columns(inputs), inputs.funding.offers
    share = (offers.bond_share * (1 - offers.subsidy_rate))[columns.pair_offer]
    count = len(share)
    money = columns.matrix(count, {"bond": sparse.eye_array(count), "placed": -sparse.diags_array(share)})
    names = tuple(
        f"bond_share({offers.names[k]},{inputs.years[y]})"
        for k, y in zip(columns.pair_offer, columns.pair_year, strict=True)
    )
    return Rows("bond_share", names, sparse.csr_array((count, len(inputs.facility))), "<=", np.zeros(count), money)


def debt_service(inputs: ScheduleInputs) -> Rows | None:
    """Keep the real debt service ratio (実質公債費比率) of every single year within the limit.

    (A + B + new - C - D - grant) <= limit * (E - D - grant), multiplied out:
    For each year y:  sum over k, i < y of service[k, y-i] * (1 - g[k] + limit * g[k]) * bond[k, i]
                      <=  limit * (E[y] - D[y])  -  (A[y] + B[y] - C[y] - D[y])
    with A + B the debt service of today's debt, C earmarked revenue, D the tax grant on it, E the standard
    fiscal size, g the part of new debt service that tax grants return.

    Rows: ``debt_service(y)``, millions.
    """
    fiscal = inputs.fiscal
    if fiscal is None or fiscal.debt_service_limit is None:
        return None
    limit = fiscal.debt_service_limit
    own = fiscal.debt_service - fiscal.specific_revenue - fiscal.grant_in_need
    rhs = limit * (fiscal.standard_fiscal_size - fiscal.grant_in_need) - own
    return _of_bonds(inputs, "debt_service", rhs, lambda grant, service, _: service * (1 - grant + limit * grant))


def future_burden(inputs: ScheduleInputs) -> Rows | None:
    """Keep the future burden ratio (将来負担比率) at the end of every year within the limit.

    For each year y:  sum over k, i <= y of (balance[k, y-i] * (1 - g[k]) + limit * g[k] * service[k, y-i]) * bond[k, i]
                      -  fund[y]
                      <=  limit * (E[y] - D[y])  -  (outstanding + other burden - funds - revenue - grants to come)[y]
    The fund stands against the burden: what is drawn from it raises the ratio. Grants to come are taken
    as the grant rate on what is still owed.

    Rows: ``future_burden(y)``, millions.
    """
    fiscal = inputs.fiscal
    if fiscal is None or fiscal.future_burden_limit is None:
        return None
    limit = fiscal.future_burden_limit
    burden = fiscal.outstanding + fiscal.other_burden
    burden = burden - fiscal.other_funds - fiscal.expected_specific_revenue - fiscal.expected_grants
    rhs = limit * (fiscal.standard_fiscal_size - fiscal.grant_in_need) - burden
    return _of_bonds(
        inputs,
        "future_burden",
        rhs,
        lambda grant, service, balance: balance * (1 - grant) + limit * grant * service,
        has_fund=True,
    )


def outstanding(inputs: ScheduleInputs) -> Rows | None:
    """Owe no more at the end of a year than its budget size allows.

    For each year y:  sum over k, i <= y of balance[k, y-i] * bond[k, i]  <=  limit * budget size[y]  -  outstanding[y]

    Rows: ``outstanding(y)``, millions.
    """
    fiscal = inputs.fiscal
    if fiscal is None or fiscal.outstanding_limit is None:
        return None
    rhs = fiscal.outstanding_limit * fiscal.budget_size - fiscal.outstanding
    return _of_bonds(inputs, "outstanding", rhs, lambda _grant, _service, balance: balance)


def _of_bonds(inputs: ScheduleInputs, family: str, rhs: Floats, weigh: Weigh, *, has_fund: bool = False) -> Rows:
    columns, count = money_columns(inputs), inputs.horizon
    parts: dict[str, sparse.sparray] = {}
    if inputs.funding is not None and "bond" in columns.part:
        offers = inputs.funding.offers
        weight = weigh(
            offers.grant_rate[:, None, None], offers.after(offers.service, count), offers.after(offers.balance, count)
        )
        parts["bond"] = sparse.csr_array(weight[columns.pair_offer, columns.pair_year].T)
    if has_fund and "fund" in columns.part:
        parts["fund"] = -sparse.eye_array(count)
    names = tuple(f"{family}({year})" for year in inputs.years)
    plans = sparse.csr_array((count, len(inputs.facility)))
    return Rows(family, names, plans, "<=", np.asarray(rhs, dtype=float), columns.matrix(count, parts))


def spend(inputs: ScheduleInputs) -> Rows | None:
    """Say what each year's works cost.

    For each year y:  sum over n of outlay[n, y] * x[n]  -  spend[y]  =  0

    Rows: ``spend(y)``, millions; only where the years are levelled.
    """
    columns, count = money_columns(inputs), inputs.horizon
    if "spend" not in columns.part:
        return None
    money = columns.matrix(count, {"spend": -sparse.eye_array(count)})
    names = tuple(f"spend({year})" for year in inputs.years)
    return Rows("spend", names, by_year(inputs.outlay), "==", np.zeros(count), money)


def level(inputs: ScheduleInputs) -> Rows | None:
    """Keep each year's works near the mean of the years around it (平準化).

    For each year y, W(y) the window around it cut at the plan's ends:
        spend[y]  <=  (1 + rate) * mean over W(y) of spend      and      spend[y]  >=  (1 - rate) * mean

    Rows: ``level(over,y)`` and ``level(under,y)``, millions.
    """
    columns, levelling = money_columns(inputs), inputs.levelling
    if levelling is None or levelling.rate is None or "spend" not in columns.part:
        return None
    one, mean = np.eye(inputs.horizon), window_mean(inputs.horizon, levelling.window_years)
    over = one - (1 + levelling.rate) * mean
    under = (1 - levelling.rate) * mean - one
    names = tuple(f"level({side},{year})" for side in ("over", "under") for year in inputs.years)
    return _of_spend(inputs, columns, "level", names, np.vstack([over, under]))


def window_mean(horizon: int, window_years: int) -> Floats:
    """Return the (Y, Y) matrix that takes the mean of the years around each year.

    >>> window_mean(4, 3)[1].round(3).tolist()
    [0.333, 0.333, 0.333, 0.0]
    >>> window_mean(4, 3)[0].tolist()
    [0.5, 0.5, 0.0, 0.0]
    """
    apart = np.arange(horizon)[None, :] - np.arange(horizon)[:, None]
    inside = (apart >= -((window_years - 1) // 2)) & (apart <= window_years // 2)
    return np.asarray(inside / inside.sum(axis=1, keepdims=True))


def peak(inputs: ScheduleInputs) -> Rows | None:
    """Find the dearest year, which the objective lowers.

    For each year y:  spend[y]  -  peak  <=  0

    Rows: ``peak(y)``, millions.
    """
    columns = money_columns(inputs)
    if "peak" not in columns.part:
        return None
    names = tuple(f"peak({year})" for year in inputs.years)
    return _of_spend(inputs, columns, "peak", names, np.eye(inputs.horizon), -np.ones((inputs.horizon, 1)))


def _of_spend(
    inputs: ScheduleInputs,
    columns: MoneyColumns,
    family: str,
    names: tuple[str, ...],
    weight: Floats,
    peak_weight: Floats | None = None,
) -> Rows:
    parts: dict[str, sparse.sparray] = {"spend": sparse.csr_array(weight)}
    if peak_weight is not None:
        parts["peak"] = sparse.csr_array(peak_weight)
    plans = sparse.csr_array((len(names), len(inputs.facility)))
    return Rows(family, names, plans, "<=", np.zeros(len(names)), columns.matrix(len(names), parts))


def finance_prices(inputs: ScheduleInputs, money_reduced: Floats) -> tuple[Floats, Floats] | None:
    """Return the prices of ``bond_share`` and ``funding`` rows that fit the prices of all other rows.

    A programme's bond is worth what it saves at the other rows' prices, and a class of works what its best
    offer gives; with these prices no column of the two has a negative reduced cost, so the bound needs none of
    their upper bounds.

    Parameters
    ----------
    inputs
        The case.
    money_reduced
        (M,) reduced cost of the money columns at the prices of all rows but these two families'.
    """
    columns, given = money_columns(inputs), inputs.funding
    if given is None or "bond" not in columns.part:
        return None
    bond, placed = money_reduced[columns.part["bond"]], money_reduced[columns.part["placed"]]
    of_bonds = np.minimum(bond, 0.0)
    share = (given.offers.bond_share * (1 - given.offers.subsidy_rate))[columns.pair_offer]
    worth = placed + share * of_bonds
    place = given.offers.of_class[columns.pair_offer].astype(np.int64) * inputs.horizon + columns.pair_year
    used, row = np.unique(place, return_inverse=True)
    of_class = np.zeros(used.size)
    np.minimum.at(of_class, row, worth)
    return of_bonds, of_class
