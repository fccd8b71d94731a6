"""Yearly money, floor area and condition of every life plan, from its dated steps.

A step that begins in year ``y`` and lasts ``d`` years is completed at the end of year ``y + d - 1``. From the
end of that year the condition, the risk and the floor area are new; running cost is new from the year after,
in which the building is back in use. A closing acts from ``leave_year`` on: until then the facility is
kept as before, with the running cost and the risk of its age.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmtool.alternatives.families import Rows
from fmtool.alternatives.lifeplans import ACTION_CODES, Floats, Ints
from fmtool.alternatives.steps import WORKS_KINDS, Step, Steps, rebuild_value, sale_price
from fmtool.lifecycle.condition import (
    condition_without_works,
    part_weights,
    parts_after_renewal,
    parts_without_works,
    restored_shares,
)
from fmtool.lifecycle.present_value import residual_value
from fmtool.lifecycle.risk import failure_cost_rate, seismic_loss_rate
from fmtool.lifecycle.running import running_costs, running_factor
from fmtool.lifecycle.stock import Stock
from fmtool.units import MILLION
from fmtool.workspace import Figures

Flags = NDArray[np.bool_]

GONE: tuple[str, ...] = ("merge", "sell", "demolish")
"""Leading actions after which the building is no longer held."""


@dataclass(frozen=True, slots=True, eq=False)
class Dates:
    """When things happen in each life plan; year indices, ``horizon`` = never."""

    horizon: int
    end: Ints
    """(N, E) first year after each step; -1 = no step."""
    lead: Ints
    """(N,) place of the leading action's first step; 0 where nothing is done."""
    leave: Ints
    """(N,) first year in which the facility no longer serves as before."""
    gone: Ints
    """(N,) first year in which the building is no longer held."""
    secured: Ints
    """(N,) year at whose end an unretrofitted building is safe or given up."""


def find_dates(rows: Rows, steps: Steps, horizon_years: int) -> Dates:
    """Read off when each life plan ends steps, leaves its building and becomes safe."""
    never = np.int32(horizon_years)
    end = np.where(rows.step >= 0, rows.year + steps.years[rows.step], -1).astype(np.int32)
    at_end = _is_kind(rows, ("merge", "convert", "rebuild_smaller"))
    at_start = _is_kind(rows, ("lease", "sell", "demolish"))
    lead = np.argmax((rows.step >= 0) & (steps.action[rows.step] == rows.kind[:, None]), axis=1).astype(np.int32)
    row = np.arange(len(lead))
    leave = np.where(at_end, end[row, lead], np.where(at_start, rows.year[row, lead], never))
    leave = np.minimum(leave, never).astype(np.int32)
    gone = np.where(_is_kind(rows, GONE), leave, never).astype(np.int32)
    safe = np.where((rows.step >= 0) & steps.secures[rows.step], end - 1, never).min(axis=1)
    return Dates(horizon_years, end, lead, leave, gone, np.minimum(safe, np.where(gone < never, gone - 1, never)))


def event_weights(steps: Steps, escalation_rate: float, horizon_years: int) -> tuple[Floats, Floats]:
    """Return what one unit of cost becomes, by step and year of beginning: (S, Y) in all, and within the horizon.

    sum over years of works k of  profile[k] * (1 + escalation rate) ** (year + k)
    """
    begin, after = np.arange(horizon_years)[:, None], np.arange(steps.profile.shape[1])
    price = (1.0 + escalation_rate) ** (begin + after)
    return steps.profile @ price.T, steps.profile @ (price * (begin + after < horizon_years)).T


def spend(rows: Rows, steps: Steps, escalation_rate: float, horizon_years: int) -> tuple[Floats, Floats, Flags]:
    """Return event cost (N, E), outlay (N, Y) and works under way (N, Y)."""
    whole, _ = event_weights(steps, escalation_rate, horizon_years)
    price = (1.0 + escalation_rate) ** np.arange(horizon_years)
    cost = np.zeros(rows.step.shape)
    outlay = np.zeros((len(rows.facility), horizon_years))
    works = np.zeros(outlay.shape, dtype=bool)
    for place in range(rows.step.shape[1]):
        row = np.flatnonzero(rows.step[:, place] >= 0)
        step, year = rows.step[row, place], rows.year[row, place]
        base = steps.cost[step, rows.facility[row]]
        if rows.cost is not None:
            known = rows.cost[row, place]
            base = np.where(np.isnan(known), base, known / whole[step, year])
        cost[row, place] = base * whole[step, year]
        for after in range(steps.profile.shape[1]):
            now = (after < steps.years[step]) & (year + after < horizon_years)
            at = (row[now], year[now] + after)
            outlay[at] += base[now] * steps.profile[step[now], after] * price[at[1]]
            works[at] |= steps.is_works[step[now]]
    return cost, outlay, works


def decay(stock: Stock, rows: Rows, steps: Steps, dates: Dates, figures: Figures) -> tuple[Floats, NDArray[np.float32]]:
    """Return risk (N, Y) in millions and condition (N, Y).

    After works:  restored share * a new part + (1 - restored share) * the part as it would have been,
    summed over parts as the condition index and the cost of failure do. Risk is the failure rate (plus
    the seismic loss rate until a building is safe) times what the building would cost to rebuild.
    """
    horizon = dates.horizon
    tables = _decay_tables(stock, figures, horizon)
    condition, risk = tables.condition[rows.facility], tables.rate[rows.facility]
    for place in range(rows.step.shape[1]):
        kinds = np.where(rows.step[:, place] >= 0, steps.after[rows.step[:, place]], -1)
        for kind in range(len(WORKS_KINDS)):
            row = np.flatnonzero(kinds == kind)
            if row.size == 0:
                continue
            done = np.minimum(dates.end[row, place] - 1, horizon)
            for values, new, rest in (
                (condition, tables.new_condition[kind], tables.rest_condition[kind]),
                (risk, tables.new_rate[kind], tables.rest_rate[kind]),
            ):
                after = new[done]
                if rest is not None:
                    after += rest[rows.facility[row]]
                values[row] = np.where(_before(done, horizon), values[row], after)
    row = np.flatnonzero(stock.needs_retrofit[rows.facility])
    risk[row] += seismic_loss_rate(figures) * _before(dates.secured[row], horizon)
    risk *= rebuild_value(stock)[rows.facility][:, None]
    _scale_smaller(risk, rows, dates, figures, by_end_of_year=True)
    row = np.flatnonzero(dates.gone < horizon)
    held = _before(dates.gone[row], horizon)
    risk[row] *= held
    condition[row] = np.where(held, condition[row], np.float32(np.nan))
    return risk, condition


@dataclass(frozen=True, slots=True, eq=False)
class _DecayTables:
    condition: NDArray[np.float32]
    """(F, Y) without works."""
    rate: Floats
    """(F, Y) yearly cost of failure over the rebuild cost, without works."""
    new_condition: list[NDArray[np.float32]]
    """By kind of works (Y + 1, Y): what the renewed parts add when they were renewed in year 0, 1, ..., never."""
    new_rate: list[Floats]
    rest_condition: list[NDArray[np.float32] | None]
    """By kind of works (F, Y): what the other parts add; None where all are renewed."""
    rest_rate: list[Floats | None]


def _decay_tables(stock: Stock, figures: Figures, horizon: int) -> _DecayTables:
    """Tabulate condition and failure rate without works and, by kind of works, what is new and what is left."""
    score, share_d = parts_without_works(stock, figures, horizon)
    new_score, new_d = parts_after_renewal(figures, horizon)
    weights = part_weights(figures)
    tables = _DecayTables(_index(score, weights), failure_cost_rate(share_d, figures), [], [], [], [])
    for kind in WORKS_KINDS:
        restored = restored_shares(figures, kind)[:, np.newaxis]
        tables.new_condition.append(_from_each_year((weights @ (restored * new_score)).astype(np.float32), horizon))
        tables.new_rate.append(_from_each_year(failure_cost_rate(restored * new_d, figures), horizon))
        leaves_rest = bool((restored < 1.0).any())
        tables.rest_condition.append(_index((1.0 - restored) * score, weights) if leaves_rest else None)
        tables.rest_rate.append(failure_cost_rate((1.0 - restored) * share_d, figures) if leaves_rest else None)
    return tables


def running_and_income(stock: Stock, rows: Rows, dates: Dates, figures: Figures) -> tuple[Floats, Floats]:
    """Return running cost and the income of use (N, Y), in millions; sales and rents are apart.

    A long-life renovation lets running cost be even for its own life, rebuilding for the design life of the
    structure. A merged service goes on at its host with a share of today's even cost and income.
    """
    horizon, facility = dates.horizon, rows.facility
    yearly = running_costs(stock.running_cost / MILLION, stock.age_years, stock.design_life_years, figures, horizon)
    even = stock.running_cost / MILLION / running_factor(stock.age_years, stock.design_life_years, figures)
    running = yearly[facility]
    extended = np.full(len(stock), figures.number("actions.extend.life_years"))
    for codes, life in (
        ((Step.EXTEND,), extended),
        ((Step.REBUILD, Step.REBUILD_SMALLER), stock.design_life_years),
    ):
        lives, which = np.unique(life, return_inverse=True)
        factor = np.stack(
            [_from_each_year(running_factor(np.arange(horizon + 1), each, figures), horizon) for each in lives]
        )
        for place in range(rows.step.shape[1]):
            row = np.flatnonzero(np.isin(rows.step[:, place], codes))
            end = np.minimum(dates.end[row, place], horizon)
            after = even[facility[row]][:, None] * factor[which[facility[row]], end]
            running[row] = np.where(_before(end, horizon), running[row], after)
    _scale_smaller(running, rows, dates, figures, by_end_of_year=False)
    income = np.repeat((stock.income / MILLION)[facility][:, None], horizon, axis=1)
    _scale_smaller(income, rows, dates, figures, by_end_of_year=False)
    for kind, run_share, income_share in (
        ("lease", figures.number("actions.lease.running_share"), 0.0),
        ("convert", figures.number("actions.convert.running_share"), 0.0),
        ("sell", 0.0, 0.0),
        ("demolish", 0.0, 0.0),
        ("merge", figures.number("actions.merge.running_share"), figures.number("actions.merge.income_share")),
    ):
        row = np.flatnonzero(rows.kind == ACTION_CODES.index(kind))
        before = _before(dates.leave[row], horizon)
        if kind == "merge":
            running[row] = np.where(before, running[row], (even[facility[row]] * run_share)[:, None])
        else:
            running[row] *= np.where(before, 1.0, run_share)
        income[row] *= np.where(before, 1.0, income_share)
    return running, income


def property_income(stock: Stock, rows: Rows, steps: Steps, dates: Dates, figures: Figures) -> tuple[Floats, Floats]:
    """Return rent (rows of leases, Y) and sale income (N, Y), in millions.

    Rent: land value * rent rate, each year from the lease on. A building sold as it stands brings the price of
    its cleared land less the cost of clearing it; the land of a merged facility, cleared, brings it whole.
    """
    horizon = dates.horizon
    value = np.nan_to_num(stock.site_area_m2 * stock.land_price_per_m2) / MILLION
    row = np.flatnonzero(rows.kind == ACTION_CODES.index("lease"))
    yearly = value[rows.facility[row]] * figures.number("actions.lease.rent_rate")
    rent = np.where(_before(dates.leave[row], horizon), 0.0, yearly[:, None])
    price = np.nan_to_num(sale_price(stock, figures))
    sale = np.zeros((len(rows.facility), horizon))
    for code, brings in (
        (Step.SELL, np.maximum(price - steps.cost[Step.DEMOLISH], 0.0)),
        (Step.SELL_LAND, price),
    ):
        row, place = np.nonzero(rows.step == code)
        sale[row, rows.year[row, place]] = brings[rows.facility[row]]
    return rent, sale


def floor_area(stock: Stock, rows: Rows, moved: Floats, dates: Dates, figures: Figures) -> Floats:
    """Return the floor area (N, Y) that the city holds at the end of each year.

    A merger holds the extension at the host from the end of its works on, and the old building until it
    is taken down in the year after.
    """
    horizon = dates.horizon
    floor = np.repeat(stock.floor_area_m2[rows.facility][:, None], horizon, axis=1)
    row = np.flatnonzero(dates.gone < horizon)
    floor[row] *= _before(dates.gone[row], horizon)
    row = np.flatnonzero(rows.kind == ACTION_CODES.index("rebuild_smaller"))
    kept = 1.0 - figures.number("actions.rebuild_smaller.floor_cut")
    floor[row] *= np.where(_before(dates.end[row, dates.lead[row]] - 1, horizon), 1.0, kept)
    row = np.flatnonzero(rows.kind == ACTION_CODES.index("merge"))
    floor[row] += np.where(_before(dates.end[row, dates.lead[row]] - 1, horizon), 0.0, moved[row][:, None])
    return floor


def residual(stock: Stock, rows: Rows, steps: Steps, dates: Dates, escalation_rate: float, start_year: int) -> Floats:
    """Return the value left at the end of the horizon (N,), in millions, undiscounted.

    For the building as it stands, its last works before the plan, and every step of the plan:
    what was paid for it within the horizon * the unused share of its life, in a straight line; the year in which
    works end is the first in use (as in NIST E3), so that no benefit comes before its share of the cost. Rebuilding
    ends the value of all that came before it; disposal ends it too, but for the extension at a host. Land
    that is not sold has no value here.
    """
    horizon = dates.horizon
    _, inside = event_weights(steps, escalation_rate, horizon)
    building = rebuild_value(stock)
    life = steps.life_years[Step.REBUILD]
    standing = residual_value(building, life, stock.age_years + horizon)
    renewed = np.where(stock.renewed_year > stock.built_year, stock.floor_area_m2 * stock.renovation_cost_per_m2, 0.0)
    standing = standing + residual_value(
        renewed / MILLION, steps.life_years[Step.RENOVATE], start_year + horizon - stock.renewed_year
    )
    held = dates.gone >= horizon
    present = rows.step >= 0
    anew = present & steps.builds_anew[rows.step]
    left = np.where(held & ~anew.any(axis=1), standing[rows.facility], 0.0)
    for place in range(rows.step.shape[1]):
        row = np.flatnonzero(present[:, place])
        step, year = rows.step[row, place], rows.year[row, place]
        paid = steps.lasting[step, rows.facility[row]] * inside[step, year]
        stays = (held[row] & ~anew[row, place + 1 :].any(axis=1)) | (step == Step.MERGE)
        used = horizon - dates.end[row, place] + 1
        left[row] += stays * residual_value(paid, steps.life_years[step], used)
    return left


def host_from(
    stock: Stock, rows: Rows, steps: Steps, dates: Dates, condition: NDArray[np.float32], figures: Figures
) -> Ints:
    """Return the first year from which each facility is open to the end of the horizon and sound.

    Sound from the first year: the condition without works is at least ``actions.host.sound_condition`` at
    the end of that year (it need not stay so). Else from the year after works that bring it there. An
    unretrofitted building has to be safe too. A facility that closes, is let or converted is never a host.
    """
    horizon, threshold = dates.horizon, figures.number("actions.host.sound_condition")
    index, _ = condition_without_works(stock, figures, 1)
    sound = np.where(index[:, 0] >= threshold, 0, horizon)[rows.facility]
    for place in range(rows.step.shape[1]):
        end = dates.end[:, place]
        row = np.flatnonzero((rows.step[:, place] >= 0) & (steps.after[rows.step[:, place]] >= 0) & (end <= horizon))
        fit = row[condition[row, end[row] - 1] >= threshold]
        sound[fit] = np.minimum(sound[fit], end[fit])
    safe = np.where(stock.needs_retrofit[rows.facility], dates.secured + 1, 0)
    closes = _is_kind(rows, (*GONE, "lease", "convert"))
    return np.where(closes, horizon, np.minimum(np.maximum(sound, safe), horizon)).astype(np.int32)


def _index(score: Floats, weights: Floats) -> NDArray[np.float32]:
    return np.asarray(np.einsum("fpy,p->fy", score, weights), dtype=np.float32)


def _is_kind(rows: Rows, kinds: tuple[str, ...]) -> Flags:
    return np.isin(rows.kind, [ACTION_CODES.index(kind) for kind in kinds])


def _before(year: Ints, horizon: int) -> Flags:
    """Return (N, Y): the year lies before each row's."""
    return np.asarray(np.arange(horizon) < year[:, None])


def _from_each_year[Number: np.generic](by_age: NDArray[Number], horizon: int) -> NDArray[Number]:
    """Turn values by whole years since (Y + 1,) into (Y + 1, Y): row ``c`` holds them for the years from ``c`` on.

    >>> _from_each_year(np.array([5, 6, 7]), 2).tolist()
    [[5, 6], [5, 5], [5, 5]]
    """
    since = np.arange(horizon) - np.arange(horizon + 1)[:, None]
    return np.asarray(by_age[np.maximum(since, 0)])


def _scale_smaller(values: Floats, rows: Rows, dates: Dates, figures: Figures, *, by_end_of_year: bool) -> None:
    """Cut amounts that go with floor area, in place, once a smaller building stands."""
    row = np.flatnonzero(rows.kind == ACTION_CODES.index("rebuild_smaller"))
    kept = 1.0 - figures.number("actions.rebuild_smaller.floor_cut")
    begin = dates.end[row, dates.lead[row]] - (1 if by_end_of_year else 0)
    values[row] *= np.where(_before(begin, dates.horizon), 1.0, kept)
