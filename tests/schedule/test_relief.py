"""The least by which limits must give way: against enumeration, and by hand for public finance."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse
from strategies import cases, enumerate_best

from fmtool.errors import InfeasibleScheduleError
from fmtool.schedule import elastic, infeasible
from fmtool.schedule.families import FAMILIES
from fmtool.schedule.fiscal import Fiscal, Funding, Levelling, Offers
from fmtool.schedule.giving import FUND_FLOOR, GIVING, LAWS, RATIO_LIMITS
from fmtool.schedule.infeasible import instead, rounded_up
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.problem import SolveOptions
from fmtool.schedule.relaxed import admits, keeps, relaxed_case
from fmtool.schedule.solving import solve_schedule

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
    """Leave little money and staff, and let floor area be counted in thousands, lest a hundredth of it be nothing."""
    case = replace(case, budget=case.budget * data.draw(st.sampled_from([0.0, 0.1, 0.3])))
    if case.floor_target_m2 is not None:
        case = replace(case, floor_m2=case.floor_m2 * 1000, floor_target_m2=case.floor_target_m2 * 1000)
    if case.works_limit is not None:
        case = replace(case, works_limit=case.works_limit * data.draw(st.sampled_from([0.0, 1.0])))
    return case


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW)
@given(case=cases(), data=st.data())
def test_limits_relaxed_by_what_is_said_admit_a_schedule(case, data):
    case = tight(case, data)
    if case.levelling is not None:
        case = replace(case, levelling=replace(case.levelling, rate=None))  # its rows give way one by one
    whole = short_of(case)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elastic, "_SMALL", 0)  # column by column, where hosts are never left out
        by_columns = elastic.least_relief(case, EXACT, 20)
    assert whole.is_any == (enumerate_best(case) == np.inf)
    assert (by_columns.relief is None) == whole.is_lawless
    for found in () if whole.is_lawless else (whole, by_columns):
        assert found.is_any == whole.is_any
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


def test_every_family_gives_way_or_is_a_law():
    names = {family.name for family in (*FAMILIES, FUND_FLOOR)}
    assert names == set(GIVING) | LAWS
    assert not set(GIVING) & LAWS


def one_school(budget: float, **fiscal: float) -> ScheduleInputs:
    """Let A cost 10 in 2026, of which 5 may be borrowed for 2 years at no interest, in a city of fiscal size 120.

    It owes 35 against a budget size of 40, carries 15 of other burden, and pays 4 a year for its debt.
    """
    years = np.ones(3)
    flat = {
        "standard_fiscal_size": 120, "budget_size": 40, "debt_service": 4, "specific_revenue": 0, "grant_in_need": 0,
        "outstanding": 35, "other_burden": 15, "other_funds": 0, "expected_specific_revenue": 0, "expected_grants": 0,
    }  # fmt: skip
    outlay = np.array([[10.0, 0.0, 0.0]])
    one = np.ones(1)
    offers = Offers(
        names=("p",), programme=("p",), of_class=np.zeros(1, np.int32), is_open=np.ones((1, 3), dtype=bool),
        national_rate=0 * one, prefectural_rate=0 * one, bond_share=0.5 * one, grant_rate=0 * one,
        interest_rate=0 * one, term_years=np.full(1, 2, np.int32), grace_years=np.zeros(1, np.int32),
        service=np.array([[0.0, 0.5, 0.5]]), balance=np.array([[1.0, 0.5, 0.0]]),
    )  # fmt: skip
    return ScheduleInputs(
        years=(2026, 2027, 2028),
        facility_ids=("A",),
        facility=np.zeros(1, dtype=np.int32),
        objective=np.zeros(1),
        outlay=outlay,
        budget=np.array([budget, 0.0, 0.0]),
        funding=Funding(("p",), sparse.csr_array(outlay), outlay, offers, 0.0),
        fiscal=Fiscal(**{name: value * years for name, value in flat.items()}, **fiscal),
    )


def refused(case: ScheduleInputs) -> InfeasibleScheduleError:
    """Solve a case that has no schedule."""
    with pytest.raises(InfeasibleScheduleError) as caught:
        solve_schedule(case, EXACT)
    return caught.value


def test_money_that_is_short_is_told_beside_the_ratio_that_would_do_instead():
    # 5 % of 120 is 6, so 2 a year for new bonds: 4 of 10 borrowed, 5 there, 1 missing.
    # With 5 borrowed the service is 6.5 of 120: 5.42 %.
    error = refused(one_school(5.0, debt_service_limit=0.05))
    assert [tuple(fault) for fault in error.faults] == [
        ("年度予算（2026年度）: 1百万 足りません", "Yearly budget (FY2026): short by 1 million"),
        (
            "または、実質公債費比率（2027～2028年度）: 5.5 % まで認める必要があります（上限 5.0 %）",
            "or: Real debt service ratio (FY2027-2028): must reach 5.5 % (limit 5.0 %)",
        ),
    ]
    assert error.is_confirmed
    assert "confirmed by solving again" in error.hint.en
    assert "解き直し、確かめました" in error.hint.ja


def test_nothing_is_offered_instead_where_it_would_not_do():
    # Of 10 only 5 may be borrowed and 4 are there, whatever the ratio.
    assert [en for _, en in refused(one_school(4.0, debt_service_limit=0.05)).faults] == [
        "Yearly budget (FY2026): short by 2 million"
    ]


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        # 4 of 120 is 3.33 %, 35 + 15 of 120 is 41.67 %, 35 of 40 is 87.5 %: today's debt alone is too much.
        ({"debt_service_limit": 0.03}, "Real debt service ratio (FY2026-2028): must reach 3.4 % (limit 3.0 %)"),
        ({"future_burden_limit": 0.4}, "Future burden ratio (FY2026-2028): must reach 41.7 % (limit 40.0 %)"),
        ({"outstanding_limit": 0.8}, "Bonds outstanding (FY2026-2028): must reach 87.5 % (limit 80.0 %)"),
    ],
)
def test_a_ratio_too_high_today_is_told_as_the_ratio_it_must_reach(limits, said):
    error = refused(one_school(10.0, **limits))
    assert [en for _, en in error.faults] == [said]
    assert error.is_confirmed


def test_spending_that_cannot_be_level_is_told_by_how_much():
    # 10 in 2026 and nothing after: the mean is 10 / 3, so at most 5 and at least 5 / 3 a year.
    case = replace(one_school(10.0), levelling=Levelling(rate=0.5, window_years=5))
    assert [en for _, en in refused(case).faults] == [
        "Level spending (dear years, cheap years, FY2026-2028): over by up to 5 million"
    ]


def test_programs_are_told_each_year_with_its_amount():
    case = replace(one_school(5.0), outlay=np.array([[10.0, 0.04, 3.0]]))
    assert refused(case).relaxed == (
        {
            "family": "budget", "place": None, "year": 2027, "amount": 0.04, "needed": None, "unit": "million",
            "ja": "年度予算（2027年度）: 0.04百万 足りません", "en": "Yearly budget (FY2027): short by 0.04 million",
        },
        {
            "family": "budget", "place": None, "year": 2028, "amount": 3.0, "needed": None, "unit": "million",
            "ja": "年度予算（2028年度）: 3百万 足りません", "en": "Yearly budget (FY2028): short by 3 million",
        },
    )  # fmt: skip
    told = refused(one_school(10.0, debt_service_limit=0.03)).relaxed
    assert [(each["year"], each["amount"], each["needed"], each["unit"]) for each in told] == [
        (year, 0.4, 3.4, "%") for year in (2026, 2027, 2028)
    ]


def test_a_relief_that_could_not_be_tried_out_is_not_called_confirmed(monkeypatch):
    monkeypatch.setattr(infeasible, "admits", lambda *_: False)
    error = refused(one_school(4.0))
    assert not error.is_confirmed
    assert "not confirmed" in error.hint.en
    assert "確かめていません" in error.hint.ja
