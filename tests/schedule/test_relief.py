"""The least by which limits must give way: against enumeration, and by hand for public finance."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import cases, enumerate_best

from fmtool.schedule import elastic
from fmtool.schedule.giving import RATIO_LIMITS
from fmtool.schedule.infeasible import instead, rounded_up
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.problem import SolveOptions
from fmtool.schedule.relaxed import admits, keeps, relaxed_case

EXACT = SolveOptions(gap=0.0, time_limit_s=30)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def short_of(case: ScheduleInputs) -> elastic.Found:
    """Return the least relief of a case that is small enough to be solved to the end."""
    found = elastic.least_relief(case, EXACT, 20)
    assert found is not None
    assert found.relief is not None
    return found


def given_way(case: ScheduleInputs, found: elastic.Found) -> ScheduleInputs:
    """Write what is said into the case's own limits, where one number serves several rows for all of them."""
    told = rounded_up(found.elastic, found.slack)
    slack = {limit.family.name: each for limit, each in zip(found.elastic.limits, told, strict=True)}
    names = {limit.family.name: limit.rows.names for limit in found.elastic.limits}
    most = {name: float(each.max(initial=0.0)) for name, each in slack.items()}
    changes = {"budget": case.budget + slack["budget"]}
    if case.fund is not None:
        changes["fund"] = replace(case.fund, floor=case.fund.floor - most.get("fund_floor", 0.0))
    if case.works_limit is not None:
        changes["works_limit"] = case.works_limit + most["works"]
    for name, limit in (("merges", "merges_limit"), ("closures", "closures_limit")):
        if name in most:
            changes[limit] = round(getattr(case, limit) + most[name])
    if "floor" in most:
        changes["floor_target_m2"] = case.floor_target_m2 + most["floor"] * 1000
    if case.fiscal is not None:
        limits = {RATIO_LIMITS[name]: more for name, more in most.items() if name in RATIO_LIMITS}
        raised = {limit: getattr(case.fiscal, limit) + more for limit, more in limits.items()}
        changes["fiscal"] = replace(case.fiscal, **raised)
    if "site" in most:
        room = dict(zip(names["site"], slack["site"], strict=True))
        more = [room.get(f"site({name})", 0.0) for name in case.facility_ids]
        changes["hosting"] = replace(case.hosting, room_m2=case.hosting.room_m2 + more)
    return with_less_service(replace(case, **changes), names, slack)


def with_less_service(
    case: ScheduleInputs, names: dict[str, tuple[str, ...]], slack: dict[str, np.ndarray]
) -> ScheduleInputs:
    """Ask less of areas whose capacity or last facility is said to be missing."""
    if case.services is None:
        return case
    areas = list(case.services.areas)
    for family in ("coverage", "reach"):
        for name, less in zip(names.get(family, ()), slack.get(family, ()), strict=True):
            at = int(name[name.index("(") + 1 : name.index(",")])
            if family == "coverage":
                areas[at] = replace(areas[at], required=areas[at].required - less)
            elif less:
                areas[at] = replace(areas[at], keep_one=False)
    return replace(case, services=replace(case.services, areas=tuple(areas)))


def tight(case: ScheduleInputs, data: st.DataObject) -> ScheduleInputs:
    """Leave little money, and no host that is not there: such cases are tested on their own."""
    case = replace(case, budget=case.budget * data.draw(st.sampled_from([0.0, 0.1, 0.3])))
    if case.works_limit is not None:
        case = replace(case, works_limit=case.works_limit * data.draw(st.sampled_from([0.0, 1.0])))
    return case


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW)
@given(case=cases(), data=st.data())
def test_limits_relaxed_by_what_is_said_admit_a_schedule(case, data):
    case = tight(case, data)
    if case.levelling is not None:
        case = replace(case, levelling=replace(case.levelling, rate=None))  # its rows give way one by one
    for small in (10_000, 0):  # all life plans at once, and column by column
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(elastic, "_SMALL", small)
            found = short_of(case)
        assert found.is_any == (enumerate_best(case) == np.inf)
        if not found.is_lawless:
            assert enumerate_best(given_way(case, found)) < np.inf
            assert admits(found, rounded_up(found.elastic, found.slack), EXACT, 20)
            other = instead(found)
            assert other is None or admits(found, other.slack, EXACT, 20)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(case=cases(), data=st.data())
def test_a_hundredth_less_admits_none(case, data):
    case = tight(case, data)
    if case.funding is not None:
        # The grant on new bonds lowers what a ratio is taken of, so that its slack is not linear.
        offers = replace(case.funding.offers, grant_rate=np.zeros(len(case.funding.offers.names)))
        case = replace(case, funding=replace(case.funding, offers=offers))
    found = short_of(case)
    if not found.is_any or found.is_lawless:
        return
    less, blocks = relaxed_case(found.elastic, [slack * 0.99 for slack in found.slack])
    for columns in itertools.product(*(np.flatnonzero(less.facility == f) for f in range(len(less.facility_ids)))):
        assert not keeps(less, np.array(columns, dtype=np.int32), blocks, EXACT)
