"""What pays for the plan, shown: 財源内訳 by year and by decision, the plan's bonds, and the ratios."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pandas as pd

from fmtool.schedule.debt import debt_of, grace_of, ratios_of
from fmtool.schedule.inputs import Floats
from fmtool.schedule.payments import Payment
from fmtool.schedule.prepare import Case
from fmtool.schedule.result import BOND_COLUMNS, SOURCES
from fmtool.schedule.timeline import Decision

FISCAL_LIMITS = ("debt_service_ratio", "future_burden_ratio", "outstanding_to_budget")


def yearly_finance(case: Case, yearly: pd.DataFrame, payments: Sequence[Payment]) -> pd.DataFrame:
    """Return, by year, what pays for the works, the plan's debt, own burden and the city's ratios.

    own burden (実質負担) = outlay - subsidies - bonds + debt service - tax grant - income
    """
    years = case.plans.years
    sums = {name: np.zeros(len(years)) for name in ("national_subsidy", "prefectural_subsidy", "bonds")}
    for payment in payments:
        at = payment.year - years[0]
        sums["national_subsidy"][at] += payment.national_subsidy
        sums["prefectural_subsidy"][at] += payment.prefectural_subsidy
        sums["bonds"][at] += payment.bond
    table = pd.DataFrame(sums, index=yearly.index)
    table["other_specific"] = 0.0
    paid = table.sum(axis=1)
    table["general_funds"] = yearly["outlay"] - paid - yearly["fund_draw"]
    debt = debt_of(payments, {each.code: each for each in case.programmes}, years)
    table["debt_service"], table["tax_grant"] = debt.service, debt.grant
    table["own_burden"] = yearly["outlay"] - paid + debt.service - debt.grant - yearly["income"]
    shown = ["bond_outstanding", "budget_size", "debt_service_ratio", "debt_service_ratio_3y", "future_burden_ratio"]
    if case.city is None:
        table[shown] = np.nan
        return table
    ratios = ratios_of(case.city, debt, yearly["fund_balance"].to_numpy(dtype=float))
    values = (
        ratios.outstanding, case.city.budget_size, ratios.debt_service, ratios.debt_service_3y, ratios.future_burden
    )  # fmt: skip
    for name, value in zip(shown, values, strict=True):
        table[name] = value
    return table


def event_sources(
    decisions: Sequence[Decision], spend: Sequence[dict[int, Floats]], payments: Sequence[Payment], yearly: pd.DataFrame
) -> pd.DataFrame:
    """Return, for each dated decision, what pays for its outlay within the horizon, and its programmes.

    What subsidies and bonds leave is paid from the fund in the part that the fund pays of all that year leaves.
    """
    paid: dict[tuple[str, int], list[Payment]] = defaultdict(list)
    for payment in payments:
        paid[payment.facility_id, payment.place].append(payment)
    first = int(yearly.index[0])
    left = (yearly["outlay"] - yearly[["national_subsidy", "prefectural_subsidy", "bonds"]].sum(axis=1)).to_numpy()
    draw = np.divide(yearly["fund_draw"].to_numpy(), left, out=np.zeros(len(left)), where=left > 0)
    rows = []
    of: dict[str, int] = {}
    place: dict[str, int] = {}
    for decision in decisions:
        name = decision.facility_id
        at = of.setdefault(name, len(of))
        place[name] = place.get(name, -1) + 1
        if decision.start_year is None:
            continue
        own = np.array(spend[at].get(place[name], np.zeros(len(left))), dtype=float)
        row = dict.fromkeys(SOURCES, 0.0)
        listed = paid[name, place[name]]
        for payment in listed:
            row["national_subsidy"] += payment.national_subsidy
            row["prefectural_subsidy"] += payment.prefectural_subsidy
            row["bonds"] += payment.bond
            own[payment.year - first] -= payment.subsidy + payment.bond
        row["fund_draw"] = float(np.round(own * draw).sum())
        row["general_funds"] = float(own.sum()) - row["fund_draw"]
        rows.append(row | {"programme": "+".join(dict.fromkeys(each.programme for each in listed))})
    return pd.DataFrame(rows, columns=[*SOURCES, "programme"])


def bond_table(case: Case, payments: Sequence[Payment]) -> pd.DataFrame:
    """Return the plan's bonds and subsidies: one row a year, programme and term."""
    programmes = {each.code: each for each in case.programmes}
    sums: dict[tuple[int, str, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for payment in payments:
        total = sums[payment.year, payment.programme, payment.term_years]
        total[0] += payment.bond
        total[1] += payment.subsidy
    rows = [
        (
            year, code, programmes[code].name.ja, programmes[code].name.en, bond, term, grace_of(programmes[code], term),
            programmes[code].interest_rate, programmes[code].grant_rate, subsidy,
        )
        for (year, code, term), (bond, subsidy) in sorted(sums.items())
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(BOND_COLUMNS))
