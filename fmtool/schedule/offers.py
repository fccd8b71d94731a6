"""From funding programmes and life plans to what may pay for which works.

Works that the same programmes may pay for, and that outlast the same longest term, are one class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from fmtool.alternatives.lifeplans import ACTION_CODES, LifePlans
from fmtool.finance.bonds import debt_service, outstanding, own_burden_rate
from fmtool.finance.programmes import Programme
from fmtool.lifecycle.stock import USE_CODES, Stock
from fmtool.schedule.fiscal import Floats, Funding, Ints, Offers
from fmtool.workspace import Figures

TERM_STEP_YEARS = 5
"""Terms are cut to whole steps where works do not outlast the programme's own term."""

REPLACING = ("rebuild", "rebuild_smaller", "merge", "sell", "demolish")
"""Actions after which what was paid for before is gone."""
LASTING_ELSEWHERE = ("merge",)
"""Works that stand at another place, and so outlast the facility's own building."""
NOTHING_LEFT = ("demolish",)
"""Works that leave nothing behind: no life bounds the term of their bond."""
FLOOR_FALLING = ("merge", "rebuild_smaller", "demolish")
"""Works after which the city holds less floor area."""


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """Classes of works: C of them."""

    programmes: list[tuple[int, ...]]
    """Programmes that may pay for the class."""
    term_years: list[int]
    """Longest term that the works outlast."""
    of_event: Ints
    """(N, E) class of each event; -1 = nothing pays for it but the city."""


def is_eligible(programme: Programme, action: str, use: str, *, has_facility_plan: bool) -> bool:
    """Tell whether a programme may pay for an action on a facility of that use, in the years it is open."""
    return (
        action in programme.actions
        and (not programme.uses or use in programme.uses)
        and (action in FLOOR_FALLING or not programme.floor_must_fall)
        and (has_facility_plan or not programme.needs_plan)
    )


def is_open(programme: Programme, year: int) -> bool:
    """Tell whether a programme pays for works of a fiscal year."""
    return (programme.valid_from is None or year >= programme.valid_from) and (
        programme.valid_to is None or year <= programme.valid_to
    )


def own_shares_of_rebuilding(
    stock: Stock, programmes: Sequence[Programme], year: int, *, has_facility_plan: bool
) -> Floats:
    """Return the part of rebuilding each facility that the city would bear itself under the best programme, (F,).

    It values what is left at the end of the plan: a building still sound saves the city its own part of building it
    again, not the part that others would pay.

    Parameters
    ----------
    stock
        The costed facilities.
    programmes
        Funding programmes.
    year
        Fiscal year whose programmes count.
    has_facility_plan
        Whether the plans exist that some programmes ask for.
    """
    shares = np.ones(len(USE_CODES))
    for at, use in enumerate(USE_CODES):
        for each in programmes:
            if is_open(each, year) and is_eligible(each, "rebuild", use, has_facility_plan=has_facility_plan):
                subsidy = each.subsidy_rate + each.prefectural_subsidy_rate
                shares[at] = min(shares[at], own_burden_rate(subsidy, each.bond_share, each.grant_rate))
    return np.asarray(shares[stock.use])


def works_life_years(action: str, design_life_years: float, figures: Figures) -> float:
    """Return how long works last: the figure of their action, for a new building no longer than its structure."""
    if action in NOTHING_LEFT:
        return np.inf
    name = "rebuild" if action == "rebuild_smaller" else action
    life = figures.number(f"actions.{name}.life_years")
    return min(life, design_life_years) if name == "rebuild" else life


def whole_term(programme_terms: Sequence[int], life_years: float) -> int:
    """Return the longest term allowed for works of that life: a programme's own, else cut to whole steps.

    >>> whole_term([20, 25], 40.0), whole_term([20, 25], 22.0), whole_term([20], 4.0)
    (25, 20, 0)
    """
    longest = max(programme_terms, default=0)
    terms = {*programme_terms, *range(TERM_STEP_YEARS, longest + 1, TERM_STEP_YEARS)}
    return max((term for term in terms if term <= life_years), default=0)


def funding_of(
    plans: LifePlans, stock: Stock, programmes: Sequence[Programme], figures: Figures, discount_rate: float, *,
    has_facility_plan: bool,
) -> Funding | None:  # fmt: skip
    """Return what programmes may pay for; None where none is open in the plan's years for any works."""
    years = plans.years
    programmes = [each for each in programmes if any(is_open(each, year) for year in years)]
    classes = _classes(plans, stock, programmes, figures, has_facility_plan=has_facility_plan)
    offers = _offers(classes, programmes, years)
    if not offers.names:
        return None
    outlay = _class_outlay(plans, classes)
    most = _most(plans, outlay, len(classes.programmes))
    names = tuple(
        f"{'.'.join(programmes[p].code for p in each)}_{term}"
        for each, term in zip(classes.programmes, classes.term_years, strict=True)
    )
    return Funding(names, outlay, most, offers, discount_rate)


def _classes(
    plans: LifePlans, stock: Stock, programmes: Sequence[Programme], figures: Figures, *, has_facility_plan: bool
) -> Classes:
    life = _remaining_life(plans, stock, figures)
    use = stock.use[plans.facility]
    of_event = np.full(plans.event_action.shape, -1, dtype=np.int32)
    found: dict[tuple[tuple[int, ...], int], int] = {}
    for action, code in enumerate(ACTION_CODES):
        for kind in np.unique(use):
            fit = tuple(
                p
                for p, each in enumerate(programmes)
                if is_eligible(each, code, USE_CODES[kind], has_facility_plan=has_facility_plan)
            )
            at = np.nonzero((plans.event_action == action) & (use == kind)[:, None])
            if not fit or not at[0].size:
                continue
            lives, which = np.unique(life[at], return_inverse=True)
            terms = [programmes[p].term_years for p in fit]
            numbers = [found.setdefault((fit, whole_term(terms, each)), len(found)) for each in lives]
            of_event[at] = np.array(numbers, dtype=np.int32)[which]
    return Classes([fit for fit, _ in found], [term for _, term in found], of_event)


def _remaining_life(plans: LifePlans, stock: Stock, figures: Figures) -> Floats:
    """Return (N, E): years from the end of each works to the end of their life, or to what takes their place."""
    horizon = len(plans.years)
    code = plans.event_action
    life = np.zeros(code.shape)
    for action, name in enumerate(ACTION_CODES):
        at = code == action
        if not at.any() or name in {"keep", "sell", "lease"}:
            continue
        designed = np.array([works_life_years(name, each, figures) for each in stock.design_life_years])
        life = np.where(at, designed[plans.facility][:, None], life)
    end = plans.event_year + plans.event_years
    replaces = np.isin(code, [ACTION_CODES.index(name) for name in REPLACING])
    # A merged building stands until its service has moved.
    gone = np.where(code == ACTION_CODES.index("merge"), end, plans.event_year)
    next_gone = np.full(len(plans), 10 * horizon + 1000.0)
    elsewhere = np.isin(code, [ACTION_CODES.index(name) for name in (*LASTING_ELSEWHERE, *NOTHING_LEFT)])
    for place in range(code.shape[1] - 1, -1, -1):
        left = np.where(elsewhere[:, place], np.inf, next_gone - end[:, place])
        life[:, place] = np.minimum(life[:, place], left)
        next_gone = np.where(replaces[:, place], gone[:, place], next_gone)
    return life


def _offers(classes: Classes, programmes: Sequence[Programme], years: tuple[int, ...]) -> Offers:
    rows = [
        (number, programmes[p], min(programmes[p].term_years, term))
        for number, (fit, term) in enumerate(zip(classes.programmes, classes.term_years, strict=True))
        for p in fit
        if min(programmes[p].term_years, term) > 0
        or programmes[p].subsidy_rate + programmes[p].prefectural_subsidy_rate
    ]
    longest = max((term for _, _, term in rows), default=0) + 1
    service, balance = np.zeros((len(rows), longest)), np.zeros((len(rows), longest))
    grace = [min(each.grace_years, max(term - 1, 0)) for _, each, term in rows]
    for at, (_, each, term) in enumerate(rows):
        if term:
            service[at, : term + 1] = debt_service(each.interest_rate, term, grace[at])
            balance[at, : term + 1] = outstanding(each.interest_rate, term, grace[at])
    return Offers(
        names=tuple(f"{each.code},{number},{term}" for number, each, term in rows),
        programme=tuple(each.code for _, each, _ in rows),
        of_class=np.array([number for number, _, _ in rows], dtype=np.int32),
        is_open=np.array([[is_open(each, year) for year in years] for _, each, _ in rows], dtype=bool).reshape(
            -1, len(years)
        ),
        national_rate=np.array([each.subsidy_rate for _, each, _ in rows]),
        prefectural_rate=np.array([each.prefectural_subsidy_rate for _, each, _ in rows]),
        bond_share=np.array([each.bond_share if term else 0.0 for _, each, term in rows]),
        grant_rate=np.array([each.grant_rate for _, each, _ in rows]),
        interest_rate=np.array([each.interest_rate for _, each, _ in rows]),
        term_years=np.array([term for _, _, term in rows], dtype=np.int32),
        grace_years=np.array(grace, dtype=np.int32),
        service=service,
        balance=balance,
    )


def _class_outlay(plans: LifePlans, classes: Classes) -> sparse.csr_array:
    """Split each life plan's outlay by class: (N, C * Y). Steps of a life plan never share a year."""
    horizon = len(plans.years)
    rows, columns, values = [], [], []
    for place in range(plans.event_action.shape[1]):
        for after in range(int(plans.event_years[:, place].max(initial=0))):
            year = plans.event_year[:, place] + after
            n = np.flatnonzero(
                (classes.of_event[:, place] >= 0) & (after < plans.event_years[:, place]) & (year < horizon)
            )
            rows.append(n)
            columns.append(classes.of_event[n, place].astype(np.int64) * horizon + year[n])
            values.append(plans.outlay[n, year[n]])
    shape = (len(plans), len(classes.programmes) * horizon)
    where = (np.concatenate(rows or [np.zeros(0, int)]), np.concatenate(columns or [np.zeros(0, int)]))
    return sparse.csr_array(sparse.coo_array((np.concatenate(values or [np.zeros(0)]), where), shape=shape))


def _most(plans: LifePlans, outlay: sparse.csr_array, classes: int) -> Floats:
    """Return the sum over facilities of the most that any of its life plans spends, by class and year."""
    row, column = outlay.tocoo().coords
    key = column.astype(np.int64) * len(plans.facility_ids) + plans.facility[row]
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    most = np.maximum.reduceat(outlay.tocoo().data[order], starts) if starts.size else np.zeros(0)
    of_column = (key[order][starts] // len(plans.facility_ids)).astype(int)
    return np.bincount(of_column, most, minlength=outlay.shape[1]).reshape(classes, len(plans.years))
