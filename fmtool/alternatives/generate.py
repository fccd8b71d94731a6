"""All life plans of all facilities: the one entrance to this part, and their present value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fmtool.alternatives.exclusions import find_exclusions, taken_actions
from fmtool.alternatives.families import Rows, all_rows
from fmtool.alternatives.history import Work, with_past
from fmtool.alternatives.hosts import Hosts, find_hosts
from fmtool.alternatives.lifeplans import ACTION_CODES, Exclusion, Floats, Ints, LifePlans
from fmtool.alternatives.locks import apply_locks
from fmtool.alternatives.rules import Flags, Rules, find_rules
from fmtool.alternatives.steps import Steps, build_steps
from fmtool.alternatives.streams import (
    Dates,
    decay,
    find_dates,
    floor_area,
    host_from,
    property_income,
    residual,
    running_and_income,
    spend,
)
from fmtool.errors import WorkspaceError
from fmtool.lifecycle.condition import condition_without_works
from fmtool.lifecycle.present_value import discount_factors
from fmtool.lifecycle.stock import USE_CODES, Stock
from fmtool.text import Text, listing
from fmtool.workspace import Figures, Workspace


def life_plans(stock: Stock, services: pd.DataFrame, workspace: Workspace, past: Sequence[Work] = ()) -> LifePlans:
    """Make every life plan that each facility may take, with its yearly money, in millions.

    Until ``leave_year`` a facility is kept as before. A merged service moves when the works at its host are
    over; its old building is then taken down within the year, and the land sold in the year after where it is
    owned and its price is known. Demolition keeps the land; a sale is of land and building as they stand.

    Parameters
    ----------
    stock
        The costed facilities.
    services
        Services by code, as ``read_services`` gives them.
    workspace
        Case, limits and assumptions.
    past
        Works done or approved: what they fix is in every life plan of their facility.

    Raises
    ------
    InventoryError
        With every locked decision that cannot be kept.
    WorkspaceError
        When a service of the stock is not in ``models/services.csv``.
    """
    figures, case = workspace.figures, workspace.config.case
    years = case.years
    table = services_of(stock, services)
    steps, hosts = build_steps(stock, figures), find_hosts(stock, table, figures)
    rules = find_rules(stock, table, hosts, _condition_at_start(stock, figures, len(years)), figures)
    rules = apply_locks(stock, rules, hosts, years)
    rows = all_rows(stock, rules, hosts, steps, figures)
    possible = taken_actions(rows, len(stock))
    rows = with_past(rows, past, stock, steps, workspace)
    before = taken_actions(rows, len(stock))
    rows = rows.take(_keeps_deadline(stock, rows, find_dates(rows, steps, len(years)), workspace))
    exclusions = find_exclusions(rules, possible, before, taken_actions(rows, len(stock)), workspace)
    built = _Built(stock, table, hosts, steps, rules, rows, find_dates(rows, steps, len(years)), workspace)
    return _assemble(built, exclusions)


def objective(plans: LifePlans, discount_rate: float) -> Floats:
    """Return the present value of each life plan's net cost (N,), in millions.

    sum over years of (outlay + running + risk - income) * discount factor - residual * last factor

    Parameters
    ----------
    plans
        The life plans.
    discount_rate
        Real yearly rate as a fraction.
    """
    factors = discount_factors(discount_rate, len(plans.years))
    total = plans.outlay @ factors + plans.running @ factors + plans.risk @ factors - plans.income @ factors
    return np.asarray(total - plans.residual * factors[-1])


def services_of(stock: Stock, services: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the stock's services, in its order, then those it could convert to.

    A service without a row of its own is read as its use.

    Raises
    ------
    WorkspaceError
        When neither has a row.
    """
    names = list(stock.services)
    known = set(services.index)
    source, missing = [], []
    for at, name in enumerate(names):
        of_service = np.flatnonzero(stock.service == at)
        use = USE_CODES[int(stock.use[of_service[0]])] if of_service.size else name
        found = name if name in known else use
        source.append(found)
        if found not in known and of_service.size:
            missing.append(name)
    if missing:
        which = listing(missing)
        raise WorkspaceError(
            Text(f"models/services.csv にないサービスがあります: {which.ja}", f"models/services.csv lacks {which.en}"),
            Text("その行か、用途コードの行を加えてください", "add a row for each, or for its use code"),
        )
    table = services.reindex(source)
    table.index = pd.Index(names)
    targets = [str(name).strip() for name in table["convert_to"].fillna("") if str(name).strip()]
    more = [name for name in dict.fromkeys(targets) if name in known and name not in set(names)]
    return pd.concat([table, services.loc[more]]) if more else table


@dataclass(frozen=True, slots=True, eq=False)
class _Built:
    """What the arrays of the life plans are made from."""

    stock: Stock
    services: pd.DataFrame
    hosts: Hosts
    steps: Steps
    rules: Rules
    rows: Rows
    dates: Dates
    workspace: Workspace


def _assemble(built: _Built, exclusions: tuple[Exclusion, ...]) -> LifePlans:
    stock, rows, steps, dates = built.stock, built.rows, built.steps, built.dates
    figures, case = built.workspace.figures, built.workspace.config.case
    escalation = case.construction_escalation_rate
    event_cost, outlay, works = spend(rows, steps, escalation, dates.horizon)
    risk, condition = decay(stock, rows, steps, dates, figures)
    running, income = running_and_income(stock, rows, dates, figures)
    rent, sale = property_income(stock, rows, steps, dates, figures)
    income[rows.kind == ACTION_CODES.index("lease")] += rent
    income += sale
    merges = rows.host >= 0
    moved = np.where(merges, built.hosts.moved_floor_m2[rows.facility], 0.0)
    after_service, after_site, after_capacity = _offers_after(built)
    present = rows.step >= 0
    return LifePlans(
        facility_ids=stock.facility_ids,
        services=tuple(str(name) for name in built.services.index),
        years=case.years,
        facility=rows.facility,
        kind=rows.kind,
        event_action=np.where(present, steps.action[rows.step], -1).astype(np.int32),
        event_year=rows.year,
        event_years=np.where(present, steps.years[rows.step], 0).astype(np.int32),
        event_cost=event_cost,
        host=rows.host,
        moved_floor_m2=moved,
        leave_year=dates.leave,
        after_service=after_service,
        after_site=after_site,
        after_capacity=after_capacity,
        host_from=host_from(stock, rows, steps, dates, condition, figures),
        outlay=outlay,
        running=running,
        income=income,
        sale_income=sale,
        risk=risk,
        residual=residual(stock, rows, steps, dates, escalation, case.start_year),
        floor_m2=floor_area(stock, rows, moved, dates, figures),
        works=works,
        condition=condition,
        exclusions=exclusions,
    )


def _condition_at_start(stock: Stock, figures: Figures, horizon_years: int) -> Floats:
    """Return (F, Y) condition at the start of each year; the first year's is taken at its end."""
    index, _ = condition_without_works(stock, figures, horizon_years)
    return np.concatenate([index[:, :1], index[:, :-1]], axis=1)


def _keeps_deadline(stock: Stock, rows: Rows, dates: Dates, workspace: Workspace) -> Flags:
    """Return (N,): no unretrofitted building is open or let after the seismic deadline.

    Where no life plan of a facility keeps it, those that make it safe first are kept.
    """
    deadline = workspace.config.limits.seismic_deadline_year
    if deadline is None:
        return np.ones(len(rows.facility), dtype=bool)
    last = deadline - workspace.config.case.start_year
    needs = stock.needs_retrofit[rows.facility]
    in_time = ~needs | (dates.secured <= last) | (last >= dates.horizon - 1)
    first = np.full(len(stock), dates.horizon, dtype=np.int32)
    np.minimum.at(first, rows.facility, dates.secured)
    has_none = np.bincount(rows.facility, weights=in_time, minlength=len(stock)) == 0
    return np.asarray(in_time | has_none[rows.facility] & (dates.secured == first[rows.facility]))


def _offers_after(built: _Built) -> tuple[Ints, Ints, Floats]:
    """Return service, place and capacity that each life plan offers from its ``leave_year`` on."""
    stock, rows, figures = built.stock, built.rows, built.workspace.figures
    count, facility = len(rows.facility), rows.facility
    service, site = np.full(count, -1, dtype=np.int32), np.full(count, -1, dtype=np.int32)
    capacity = np.zeros(count)
    kept = 1.0 - figures.number("actions.rebuild_smaller.floor_cut")
    converted = _converted_capacity(stock, built.rules.convert_to)
    for kind, offers, place, amount in (
        ("merge", stock.service, rows.host, stock.capacity),
        ("rebuild_smaller", stock.service, facility, stock.capacity * kept),
        ("convert", built.rules.convert_to, facility, converted),
    ):
        row = np.flatnonzero(rows.kind == ACTION_CODES.index(kind))
        service[row], site[row], capacity[row] = offers[facility[row]], place[row], amount[facility[row]]
    return service, site, capacity


def _converted_capacity(stock: Stock, convert_to: Ints) -> Floats:
    """Return what each facility would offer after conversion.

    Floor area * mean capacity per floor area of the facilities that offer that service today; the floor
    area itself where there are none.
    """
    most = 1 + max(int(convert_to.max(initial=0)), int(stock.service.max(initial=0)))
    floor = np.bincount(stock.service, weights=stock.floor_area_m2, minlength=most)
    offered = np.bincount(stock.service, weights=stock.capacity, minlength=most)
    per_m2 = np.divide(offered, floor, out=np.ones(most), where=floor > 0)
    return np.asarray(stock.floor_area_m2 * per_m2[convert_to])
