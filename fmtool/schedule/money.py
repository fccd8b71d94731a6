"""The columns of money beside the life plans, and the two families every case has: budget and fund.

Columns, all in millions: draw(y), deposit(y) and fund(y) where there is a fund; placed(k,y) and bond(k,y)
for each offer k that is open in year y; spend(y) and peak where the years are levelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from fmtool.schedule.inputs import Floats, Ints, ScheduleInputs
from fmtool.schedule.rows import Rows, by_year

FUND_PARTS = ("draw", "deposit", "fund")


@dataclass(frozen=True, slots=True, eq=False)
class MoneyColumns:
    """Names, bounds and cost of the money columns, and where each kind of them stands."""

    names: list[str]
    lower: Floats
    upper: Floats
    cost: Floats
    """What one unit adds to the objective."""
    part: dict[str, slice]
    pair_offer: Ints
    """(P,) offer of each open pair of offer and year; ``placed`` and ``bond`` have one column a pair."""
    pair_year: Ints

    def matrix(self, rows: int, parts: Mapping[str, Any]) -> sparse.csr_array:
        """Put blocks of coefficients beside each other, zeros for the kinds not named."""
        blocks = [
            sparse.coo_array(parts[name] if name in parts else np.zeros((rows, place.stop - place.start)))
            for name, place in self.part.items()
        ]
        return sparse.csr_array(sparse.hstack(blocks)) if blocks else sparse.csr_array((rows, 0))

    def by_offer(self, money: Floats, kind: str, horizon: int) -> Floats:
        """Return ``placed`` or ``bond`` as (K, Y), zero where an offer is not open."""
        offers = int(self.pair_offer.max(initial=-1)) + 1
        table = np.zeros((offers, horizon))
        if kind in self.part:
            table[self.pair_offer, self.pair_year] = money[self.part[kind]]
        return table


def money_columns(inputs: ScheduleInputs) -> MoneyColumns:
    """Return the money columns of a case; none without a budget."""
    years, count = inputs.years, inputs.horizon
    names: list[str] = []
    bounds: list[tuple[Floats, Floats, Floats]] = []
    part: dict[str, slice] = {}

    def add(kind: str, labels: list[str], lower: float, upper: Floats | float, cost: Floats | float = 0.0) -> None:
        size = len(labels)
        part[kind] = slice(len(names), len(names) + size)
        names.extend(labels)
        bounds.append((np.full(size, lower), np.full(size, 1.0) * upper, np.full(size, 1.0) * cost))

    fund, funding, offer, year = inputs.fund, inputs.funding, np.zeros(0, np.int32), np.zeros(0, np.int32)
    if inputs.budget is not None and fund is not None:
        for kind, low, high in zip(
            FUND_PARTS, (0.0, 0.0, fund.floor), (fund.draw_limit, fund.deposit_limit, np.inf), strict=True
        ):
            add(kind, [f"{kind}({each})" for each in years], low, high)
    if inputs.budget is not None and funding is not None:
        offer, year = (index.astype(np.int32) for index in np.nonzero(funding.offers.is_open))
        labels = [f"{funding.offers.names[k]},{years[y]}" for k, y in zip(offer, year, strict=True)]
        most = funding.most[funding.offers.of_class[offer], year]
        add("placed", [f"placed({label})" for label in labels], 0.0, most, -funding.subsidy_value(count)[offer, year])
        part_left = funding.offers.bond_share * (1 - funding.offers.subsidy_rate)
        add(
            "bond",
            [f"bond({label})" for label in labels],
            0.0,
            most * part_left[offer],
            funding.bond_cost(count)[offer, year],
        )
    if inputs.levelling is not None and inputs.levelling.is_asked:
        most_spend = np.maximum.reduceat(inputs.outlay, inputs.first_row[:-1], axis=0).sum(axis=0)
        add("spend", [f"spend({each})" for each in years], 0.0, most_spend)
        if inputs.levelling.peak_weight > 0:
            add("peak", ["peak"], 0.0, float(most_spend.max(initial=0.0)), inputs.levelling.peak_weight)
    none = (np.zeros(0), np.zeros(0), np.zeros(0))
    lower, upper, cost = (np.concatenate(each) for each in zip(*(bounds or [none]), strict=True))
    return MoneyColumns(names, lower, upper, cost, part, offer, year)


def budget(inputs: ScheduleInputs) -> Rows | None:
    """Keep each year's own part of the works within that year's general funds and what is drawn from the fund.

    For each year y:  sum over n of outlay[n, y] * x[n]  -  draw[y]  +  deposit[y]
                      -  sum over offers k of (subsidy rate[k] * placed[k, y]  +  bond[k, y])  <=  budget[y]

    Rows: ``budget(y)``, millions.
    """
    if inputs.budget is None:
        return None
    columns, count = money_columns(inputs), inputs.horizon
    parts: dict[str, sparse.sparray] = {}
    if inputs.fund is not None:
        parts |= {"draw": -sparse.eye_array(count), "deposit": sparse.eye_array(count)}
    if inputs.funding is not None:
        rate = inputs.funding.offers.subsidy_rate[columns.pair_offer]
        parts |= {"placed": -in_year(columns, rate, count), "bond": -in_year(columns, np.ones(len(rate)), count)}
    names = tuple(f"budget({year})" for year in inputs.years)
    money = columns.matrix(count, parts) if parts else None
    return Rows("budget", names, by_year(inputs.outlay), "<=", inputs.budget.astype(float), money)


def in_year(columns: MoneyColumns, value: Floats, horizon: int) -> sparse.csr_array:
    """Return (Y, P) with each pair's value in the row of its year."""
    pairs = np.arange(len(columns.pair_year))
    return sparse.csr_array(sparse.coo_array((value, (columns.pair_year, pairs)), shape=(horizon, len(pairs))))


def fund(inputs: ScheduleInputs) -> Rows | None:
    """Carry the fund from year to year.

    For each year y:  fund[y] - (1 + i) * fund[y-1] - deposit[y] + draw[y] - sum over n of sale[n, y] * x[n]  =  0
    with fund[-1] the opening balance, and fund[y] >= floor as a bound.

    Rows: ``fund(y)``, millions.
    """
    if inputs.fund is None or inputs.budget is None:
        return None
    count = inputs.horizon
    one = sparse.eye_array(count)
    carried = sparse.eye_array(count, k=-1) * (1 + inputs.fund.interest_rate)
    money = money_columns(inputs).matrix(count, {"draw": one, "deposit": -one, "fund": one - carried})
    sale = inputs.sale_income
    plans = sparse.csr_array((count, len(inputs.facility))) if sale is None else by_year(-sale)
    rhs = np.zeros(count)
    rhs[0] = (1 + inputs.fund.interest_rate) * inputs.fund.opening
    return Rows("fund", tuple(f"fund({year})" for year in inputs.years), plans, "==", rhs, money)


def money_path(inputs: ScheduleInputs, own_outlay: Floats, sale: Floats) -> tuple[Floats, Floats, Floats]:
    """Return draw, deposit and fund balance when every year puts by all it can.

    With a rate of interest that is not negative this path leaves the highest balance in every year, so
    a schedule keeps the fund's floor under some path exactly when it keeps it under this one.

    Parameters
    ----------
    inputs
        The case.
    own_outlay
        (Y,) outlay less subsidies and bonds.
    sale
        (Y,) income that goes to the fund.

    >>> import numpy as np
    >>> from fmtool.schedule.inputs import FundInputs
    >>> case = ScheduleInputs((1, 2), ("A",), np.zeros(1, np.int32), np.zeros(1), np.zeros((1, 2)),
    ...                       budget=np.array([10.0, 10.0]), fund=FundInputs(opening=1.0))
    >>> [part.tolist() for part in money_path(case, np.array([4.0, 15.0]), np.zeros(2))]
    [[0.0, 5.0], [6.0, 0.0], [7.0, 2.0]]
    """
    count = inputs.horizon
    draw, deposit, balance = np.zeros(count), np.zeros(count), np.zeros(count)
    if inputs.fund is None or inputs.budget is None:
        return draw, deposit, balance
    held = inputs.fund.opening
    for year in range(count):
        over = own_outlay[year] - inputs.budget[year]
        draw[year] = max(over, 0.0)
        deposit[year] = min(max(-over, 0.0), inputs.fund.deposit_limit)
        held = (1 + inputs.fund.interest_rate) * held + deposit[year] - draw[year] + sale[year]
        balance[year] = held
    return draw, deposit, balance


def sale_of(inputs: ScheduleInputs, choice: Ints) -> Floats:
    """Return the chosen plans' income to the fund in each year, (Y,)."""
    if inputs.sale_income is None:
        return np.zeros(inputs.horizon)
    return np.asarray(inputs.sale_income[choice].sum(axis=0))


def most_money(inputs: ScheduleInputs) -> NDArray[np.float64]:
    """Return an upper bound of every money column that no schedule needs to pass, (M,)."""
    columns = money_columns(inputs)
    if inputs.budget is None or inputs.fund is None:
        return columns.upper
    sales = 0.0
    if inputs.sale_income is not None:
        sales = float(np.maximum.reduceat(inputs.sale_income.sum(axis=1), inputs.first_row[:-1]).sum())
    funded = 0.0
    if inputs.funding is not None:
        funded = float((inputs.funding.most * inputs.funding.most_share(inputs.horizon)).sum())
    had = inputs.fund.opening + float(inputs.budget.sum()) + sales + funded
    return np.minimum(columns.upper, had * (1 + inputs.fund.interest_rate) ** inputs.horizon + 1.0)
