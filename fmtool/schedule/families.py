"""The families of rows: one function each, its formula in its docstring, its rows named.

Index n runs over life plans, f and g over facilities, y over years. ``FAMILIES`` lists them all; the
builder, the golden LP files and the documentation read that list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fmtool.schedule.finance_rows import (
    bond_share,
    debt_service,
    funding,
    future_burden,
    level,
    outstanding,
    peak,
    spend,
)
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.money import budget, fund
from fmtool.schedule.moves import dated_moves
from fmtool.schedule.rows import Rows, entries, facility_name
from fmtool.schedule.service_rows import coverage, reach
from fmtool.text import Text


@dataclass(frozen=True, slots=True)
class Family:
    """One family of limits: how its rows are made, and how people call it."""

    name: str
    title: Text
    unit: Text
    rows: Callable[[ScheduleInputs], Rows | None]
    is_lazy: bool = False
    """Its rows are many and few of them bind: they enter the model when they are overstepped."""


def one_life(inputs: ScheduleInputs) -> Rows:
    """Give every facility exactly one life plan.

    For each facility f:  sum over n of f of x[n]  =  1

    Rows: ``one_life(f)``.
    """
    count, facilities = len(inputs.facility), len(inputs.facility_ids)
    plans = entries(inputs.facility, np.arange(count), 1.0, (facilities, count))
    names = tuple(f"one_life({facility_name(inputs, f)})" for f in range(facilities))
    return Rows("one_life", names, plans, "==", np.ones(facilities))


def works(inputs: ScheduleInputs) -> Rows | None:
    """Run no more projects at once than staff can look after.

    For each year y:  sum over n of works[n, y] * x[n]  <=  works_limit[y]

    Rows: ``works(y)``, projects.
    """
    if inputs.works is None or inputs.works_limit is None:
        return None
    limited = np.flatnonzero(np.isfinite(inputs.works_limit))
    year, plan = np.nonzero(inputs.works.T[limited])
    plans = entries(year, plan, 1.0, (limited.size, len(inputs.facility)))
    names = tuple(f"works({inputs.years[y]})" for y in limited)
    return Rows("works", names, plans, "<=", inputs.works_limit[limited])


def merges(inputs: ScheduleInputs) -> Rows | None:
    """Begin few mergers in one district in one year: each needs the residents' consent.

    For each district d and year y:  sum over n of d that begin a merger in y of x[n]  <=  merges_limit

    Rows: ``merges(d,y)``, mergers. Rows that fewer facilities than the limit could fill are left out.
    """
    hosting, district, limit = inputs.hosting, inputs.district, inputs.merges_limit
    if hosting is None or district is None or limit is None:
        return None
    merging = np.flatnonzero((hosting.host >= 0) & (district[inputs.facility] >= 0))
    key = district[inputs.facility[merging]].astype(np.int64) * inputs.horizon + hosting.begin_year[merging]
    pairs = np.unique(np.stack([key, inputs.facility[merging]]), axis=1)
    keys, facilities = np.unique(pairs[0], return_counts=True)
    keys = keys[facilities > limit]
    inside = np.isin(key, keys)
    plans = entries(np.searchsorted(keys, key[inside]), merging[inside], 1.0, (keys.size, len(inputs.facility)))
    names = tuple(f"merges({key // inputs.horizon},{inputs.years[key % inputs.horizon]})" for key in keys)
    return Rows("merges", names, plans, "<=", np.full(keys.size, float(limit)))


def closures(inputs: ScheduleInputs) -> Rows | None:
    """Close, move or change no more services in one year than the city can explain to its residents.

    For each year y:  sum over n whose facility's service ends or moves in y of x[n]  <=  closures_limit

    Rows: ``closures(y)``, facilities.
    """
    services, limit = inputs.services, inputs.closures_limit
    if services is None or limit is None:
        return None
    plan = np.flatnonzero((services.leave_year < inputs.horizon) & services.is_closing(inputs.facility))
    plans = entries(services.leave_year[plan], plan, 1.0, (inputs.horizon, len(inputs.facility)))
    names = tuple(f"closures({year})" for year in inputs.years)
    return Rows("closures", names, plans, "<=", np.full(inputs.horizon, float(limit)))


def host(inputs: ScheduleInputs) -> Rows | None:
    """Move into a host only when it is open and sound, to the end.

    For each f, host g and year y:  sum over n moving f into g by y of x[n]
                                    <=  sum over n of g open and sound from y on of x[n]

    Rows: ``host(f,g,y)``. Of the years between which the right side does not grow only the last is a row.
    """
    hosting = inputs.hosting
    if hosting is None:
        return None
    merging = np.flatnonzero(hosting.host >= 0)
    if not merging.size:
        return None
    facilities, first = len(inputs.facility_ids), inputs.first_row
    pair = inputs.facility[merging].astype(np.int64) * facilities + hosting.host[merging]
    moves = dated_moves(inputs, hosting, merging, pair)
    moves = moves.take(moves.ready < np.diff(first)[moves.host])
    if not moves.year.size:
        return None
    (row, moved), (row_of_ready, ready) = moves.plans_moved(), moves.plans_ready()
    value = np.concatenate([np.ones(moved.size), -np.ones(ready.size)])
    plans = entries(
        np.concatenate([row, row_of_ready]), np.concatenate([moved, ready]), value, (moves.year.size, first[-1])
    )
    called = [facility_name(inputs, f) for f in range(facilities)]
    names = tuple(
        f"host({called[pair // facilities]},{called[pair % facilities]},{inputs.years[year]})"
        for pair, year in zip(moves.key.tolist(), moves.year.tolist(), strict=True)
    )
    return Rows("host", names, plans, "<=", np.zeros(len(names)), group=moves.group)


def site(inputs: ScheduleInputs) -> Rows | None:
    """Move no more floor area into a host than there is room for, and none where no host stays.

    For each host g:  sum over n moving into g of moved[n] * x[n]  <=  room[g] * sum over n of g that stay open of x[n]

    Rows: ``site(g)``, m2.
    """
    hosting = inputs.hosting
    if hosting is None:
        return None
    merging = np.flatnonzero(hosting.host >= 0)
    hosts = np.unique(hosting.host[merging])
    if not hosts.size:
        return None
    staying = np.flatnonzero((hosting.host_from < inputs.horizon) & np.isin(inputs.facility, hosts))
    row = np.concatenate(
        [np.searchsorted(hosts, hosting.host[merging]), np.searchsorted(hosts, inputs.facility[staying])]
    )
    value = np.concatenate([hosting.moved_floor_m2[merging], -hosting.room_m2[inputs.facility[staying]]])
    plans = entries(row, np.concatenate([merging, staying]), value, (hosts.size, len(inputs.facility)))
    names = tuple(f"site({facility_name(inputs, int(g))})" for g in hosts)
    return Rows("site", names, plans, "<=", np.zeros(hosts.size))


def floor(inputs: ScheduleInputs) -> Rows | None:
    """Hold no more floor area than the target (総量縮減目標).

    For each year y with a target:  sum over n of floor[n, y] * x[n]  <=  target[y]

    Rows: ``floor(y)``, 1,000 m2.
    """
    if inputs.floor_m2 is None or inputs.floor_target_m2 is None:
        return None
    years = np.flatnonzero(np.isfinite(inputs.floor_target_m2))
    year, plan = np.nonzero(inputs.floor_m2.T[years])
    value = inputs.floor_m2.T[years][year, plan] / 1000
    plans = entries(year, plan, value, (years.size, len(inputs.facility)))
    names = tuple(f"floor({inputs.years[y]})" for y in years)
    return Rows("floor", names, plans, "<=", inputs.floor_target_m2[years] / 1000)


_MILLIONS, _NONE = Text("百万", "million"), Text("", "")

FAMILIES: tuple[Family, ...] = (
    Family("one_life", Text("一施設一計画", "One life plan a facility"), _NONE, one_life),
    Family("budget", Text("年度予算", "Yearly budget"), _MILLIONS, budget),
    Family("fund", Text("基金残高", "Fund balance"), _MILLIONS, fund),
    Family("funding", Text("補助金・地方債の対象", "Subsidies and bonds"), _MILLIONS, funding),
    Family("bond_share", Text("地方債の充当率", "Share that may be borrowed"), _MILLIONS, bond_share),
    Family("debt_service", Text("実質公債費比率", "Real debt service ratio"), _MILLIONS, debt_service),
    Family("future_burden", Text("将来負担比率", "Future burden ratio"), _MILLIONS, future_burden),
    Family("outstanding", Text("地方債残高", "Bonds outstanding"), _MILLIONS, outstanding),
    Family("spend", Text("年度の事業費", "Works of a year"), _MILLIONS, spend),
    Family("level", Text("事業費の平準化", "Level spending"), _MILLIONS, level),
    Family("peak", Text("最大年度の事業費", "Dearest year"), _MILLIONS, peak),
    Family("works", Text("同時施工数", "Projects under way"), Text("件", "projects"), works),
    Family("merges", Text("地区別の統合件数", "Mergers by district"), Text("件", "mergers"), merges, is_lazy=True),
    Family("closures", Text("年間の廃止・移転数", "Closures and moves a year"), Text("施設", "facilities"), closures),
    Family("host", Text("統合先の存続", "Hosts stay open and sound"), _NONE, host, is_lazy=True),
    Family("site", Text("統合先の余地", "Room at hosts"), Text("m²", "m2"), site, is_lazy=True),
    Family("coverage", Text("サービス量", "Service capacity"), Text("定員・m²", "capacity"), coverage, is_lazy=True),
    Family("reach", Text("圏域内の存続", "One within reach"), Text("施設", "facilities"), reach, is_lazy=True),
    Family("floor", Text("延床面積目標", "Floor area target"), Text("千m²", "1,000 m2"), floor),
)
