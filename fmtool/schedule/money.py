"""Families of money: the yearly budget and the fund that carries over.

Columns beside the life plans, all in millions: draw(y), deposit(y), fund(y), in this order.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from fmtool.schedule.inputs import Floats, Ints, ScheduleInputs
from fmtool.schedule.rows import Rows


def money_bounds(inputs: ScheduleInputs) -> tuple[list[str], Floats, Floats]:
    """Return names, lower and upper bounds of the money columns; none without a fund."""
    fund, years = inputs.fund, inputs.years
    if fund is None or inputs.budget is None:
        return [], np.zeros(0), np.zeros(0)
    names = [f"{column}({year})" for column in ("draw", "deposit", "fund") for year in years]
    count = len(years)
    lower = np.concatenate([np.zeros(2 * count), np.full(count, fund.floor)])
    upper = np.concatenate(
        [np.full(count, fund.draw_limit), np.full(count, fund.deposit_limit), np.full(count, np.inf)]
    )
    return names, lower, upper


def budget(inputs: ScheduleInputs) -> Rows | None:
    """Keep each year's works within that year's general funds and what is drawn from the fund.

    For each year y:  sum over n of outlay[n, y] * x[n]  -  draw[y]  +  deposit[y]  <=  budget[y]

    Rows: ``budget(y)``, millions.
    """
    if inputs.budget is None:
        return None
    names = tuple(f"budget({year})" for year in inputs.years)
    plans = sparse.csr_array(inputs.outlay.T)
    money = None
    if inputs.fund is not None:
        one = sparse.eye_array(inputs.horizon)
        money = sparse.csr_array(sparse.hstack([-one, one, 0 * one]))
    return Rows("budget", names, plans, "<=", inputs.budget.astype(float), money)


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
    money = sparse.csr_array(sparse.hstack([one, -one, one - carried]))
    sale = inputs.sale_income
    plans = sparse.csr_array((count, len(inputs.facility))) if sale is None else sparse.csr_array(-sale.T)
    rhs = np.zeros(count)
    rhs[0] = (1 + inputs.fund.interest_rate) * inputs.fund.opening
    return Rows("fund", tuple(f"fund({year})" for year in inputs.years), plans, "==", rhs, money)


def money_path(inputs: ScheduleInputs, outlay: Floats, sale: Floats) -> tuple[Floats, Floats, Floats]:
    """Return draw, deposit and fund balance when every year puts by all it can.

    With a rate of interest that is not negative this path leaves the highest balance in every year, so
    a schedule keeps the fund's floor under some path exactly when it keeps it under this one.

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
        over = outlay[year] - inputs.budget[year]
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
