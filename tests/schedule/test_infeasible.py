"""When no schedule exists: which limits, which years, by how much; and when that only seems so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pulp
import pytest

from fmtool.errors import InfeasibleScheduleError, SolverError
from fmtool.schedule import problem, search, solving
from fmtool.schedule.inputs import FundInputs, Hosting, ScheduleInputs, ServiceArea, Services
from fmtool.schedule.problem import Answer, SolveOptions
from fmtool.schedule.solving import solve_schedule

EXACT = SolveOptions(gap=0.0, time_limit_s=30)
YEARS = (2026, 2027)


def works_of_six(**limits: object) -> ScheduleInputs:
    """Let A and B each need works of 6, A in 2026, B in 2026 or 2027; each holds 1,000 m2 throughout."""
    outlay = np.array([[6.0, 0.0], [6.0, 0.0], [0.0, 6.0]])
    return ScheduleInputs(
        years=YEARS,
        facility_ids=("A", "B"),
        facility=np.array([0, 1, 1], dtype=np.int32),
        objective=np.array([0.0, 0.0, 3.0]),
        outlay=outlay,
        works=outlay > 0,
        floor_m2=np.full((3, 2), 1000.0),
        **limits,
    )


def closable(area: ServiceArea) -> ScheduleInputs:
    """Let A (30 places) close in 2027, and B (20 places) in 2026: neither can do anything else."""
    return ScheduleInputs(
        years=YEARS,
        facility_ids=("A", "B"),
        facility=np.array([0, 1], dtype=np.int32),
        objective=np.zeros(2),
        outlay=np.zeros((2, 2)),
        services=Services(
            service=np.zeros(2, dtype=np.int32),
            capacity=np.array([30.0, 20.0]),
            leave_year=np.array([1, 0], dtype=np.int32),
            after_service=np.full(2, -1, dtype=np.int32),
            after_site=np.full(2, -1, dtype=np.int32),
            after_capacity=np.zeros(2),
            areas=(area,),
        ),
    )


def moving(host_from: int, room_m2: float) -> ScheduleInputs:
    """Let A move 500 m2 into B in 2026 and nothing else; B is open and sound from ``host_from`` on."""
    return ScheduleInputs(
        years=YEARS,
        facility_ids=("A", "B"),
        facility=np.array([0, 1], dtype=np.int32),
        objective=np.zeros(2),
        outlay=np.zeros((2, 2)),
        hosting=Hosting(
            host=np.array([1, -1], dtype=np.int32),
            move_year=np.array([0, 2], dtype=np.int32),
            begin_year=np.array([0, 2], dtype=np.int32),
            moved_floor_m2=np.array([500.0, 0.0]),
            host_from=np.array([2, host_from], dtype=np.int32),
            room_m2=np.array([0.0, room_m2]),
        ),
    )


def why(case: ScheduleInputs, solver: str = "highs") -> list[tuple[str, str]]:
    """Return the sentences on what gives way, in both languages; check that the exit is the right one."""
    with pytest.raises(InfeasibleScheduleError) as caught:
        solve_schedule(case, replace(EXACT, solver=solver))
    assert caught.value.exit_code == 3
    assert caught.value.hint is not None
    assert "no schedule keeps every limit" in caught.value.say("en")
    assert "すべての制限を同時に守る計画はありません" in caught.value.say("ja")
    return [tuple(fault) for fault in caught.value.faults]


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_a_budget_too_small_in_one_year_is_named_with_what_is_missing(solver):
    # A costs 6 in 2026 whatever is done; 4 are there. B can wait for 2027.
    assert why(works_of_six(budget=np.array([4.0, 6.0])), solver) == [
        ("年度予算（2026年度）: 2百万 足りません", "Yearly budget (FY2026): short by 2 million")
    ]


def test_a_shortage_goes_to_the_year_where_it_is_least():
    # B in 2026 makes 12 against 6: 6 short; B in 2027 makes 6 against 5: 1 short.
    assert why(works_of_six(budget=np.array([6.0, 5.0]))) == [
        ("年度予算（2027年度）: 1百万 足りません", "Yearly budget (FY2027): short by 1 million")
    ]


def test_a_fund_that_ends_under_its_floor_is_named():
    # 10 opening + 3 + 3 against 12 of works leaves 4, floor 5; both works in 2026 leave 10 + 3 - 12 = 1 there.
    fund = FundInputs(opening=10.0, floor=5.0)
    assert why(works_of_six(budget=np.array([3.0, 3.0]), fund=fund)) == [
        ("基金残高の下限（2027年度）: 1百万 足りません", "Fund floor (FY2027): short by 1 million")
    ]


def test_a_fund_gives_no_more_than_it_holds_and_the_rest_is_told_where_money_runs_out():
    # 2 opening + 3 + 3 against 12: the floor of 1 can give 1, and 4 are missing; 2026 takes 3 + 2 + 1, so 3 in 2027.
    fund = FundInputs(opening=2.0, floor=1.0)
    faults = [en for _, en in why(works_of_six(budget=np.array([3.0, 3.0]), fund=fund))]
    assert faults == [
        "Yearly budget (FY2026-2027): short by up to 3 million",
        "Fund floor (FY2026-2027): short by 1 million",
    ]


def test_no_staff_at_all_is_told_as_the_limit_that_is_needed():
    assert why(works_of_six(works_limit=np.array([0.0, 0.0]))) == [
        (
            "同時施工数（2026～2027年度）: 1件 超えます（上限 0件、必要 1件）",
            "Projects under way (FY2026-2027): over by 1 projects (limit 0, needed 1)",
        )
    ]


def test_a_floor_target_out_of_reach_is_named_in_its_year():
    # Both hold 1,000 m2 throughout: 2,000 against 1,500 in 2027.
    assert why(works_of_six(floor_target_m2=np.array([np.inf, 1500.0]))) == [
        ("延床面積目標（2027年度）: 500m² 超えます", "Floor area target (FY2027): over by 500 m2")
    ]


def test_two_limits_that_cannot_be_met_together_are_both_named():
    case = works_of_six(budget=np.array([4.0, 6.0]), floor_target_m2=np.array([np.inf, 1500.0]))
    # 500 m2 of 1,500 weigh more than 2 million of the 9 that are spent in 2026 on average (6 + 6 / 2).
    assert [en for _, en in why(case)] == [
        "Floor area target (FY2027): over by 500 m2",
        "Yearly budget (FY2026): short by 2 million",
    ]


def test_an_area_left_without_a_service_is_named_with_the_year():
    area = ServiceArea("青葉小学校区", 0, np.array([True, True]), np.zeros(2), keep_one=True)
    assert why(closable(area)) == [
        (
            "圏域内の存続（青葉小学校区、2027年度）: 1施設 足りません",
            "One within reach (青葉小学校区, FY2027): short by 1 facilities",
        )
    ]


def test_missing_capacity_is_named_with_its_years_and_the_most_that_is_missing():
    # Needed 35 and 10: 30 are left in 2026, none in 2027.
    area = ServiceArea("青葉小学校区", 0, np.array([True, True]), np.array([35.0, 10.0]))
    assert why(closable(area)) == [
        (
            "サービス量（青葉小学校区、2026～2027年度）: 最大10定員・m² 足りません",
            "Service capacity (青葉小学校区, FY2026-2027): short by up to 10 capacity",
        )
    ]


def test_the_districts_of_a_service_share_a_line():
    # 20 of 50 places go in 2026, all in 2027; the two areas serve four districts, and each keeps one facility.
    near = np.array([True, True])
    case = closable(ServiceArea("図書館@東+2", 0, near, np.zeros(2), keep_one=True))
    areas = (*case.services.areas, ServiceArea("図書館@西", 0, near, np.zeros(2), keep_one=True))
    assert why(replace(case, services=replace(case.services, areas=areas))) == [
        (
            "圏域内の存続（図書館、東など4地区、2027年度）: 最大1施設 足りません",
            "One within reach (図書館, 東 and 3 more districts, FY2027): short by up to 1 facilities",
        )
    ]


def long_case(years: int, budget: np.ndarray) -> ScheduleInputs:
    """Let A need works of 5 in every year, and do nothing else."""
    return ScheduleInputs(
        years=tuple(range(2026, 2026 + years)),
        facility_ids=("A",),
        facility=np.zeros(1, dtype=np.int32),
        objective=np.zeros(1),
        outlay=np.full((1, years), 5.0),
        budget=budget,
    )


def test_years_that_follow_each_other_are_one_range_with_the_largest_amount():
    # Missing: 2 in 2026, nothing in 2027, then 1, 4 and 3.
    assert why(long_case(5, np.array([3.0, 5.0, 4.0, 1.0, 2.0]))) == [
        (
            "年度予算（2026、2028～2030年度）: 最大4百万 足りません",
            "Yearly budget (FY2026, 2028-2030): short by up to 4 million",
        )
    ]


def test_many_scattered_years_are_said_as_some_of_a_range():
    budget = np.where(np.arange(11) % 2, 5.0, 0.0)
    assert why(long_case(11, budget)) == [
        (
            "年度予算（2026～2036年度のうち）: 最大5百万 足りません",
            "Yearly budget (some of FY2026-2036): short by up to 5 million",
        )
    ]


def test_a_dozen_lines_are_said_and_the_rest_counted():
    # Fifteen services of one facility each, which ends in 2026 though one is needed.
    count = 15
    case = closable(ServiceArea("", 0, np.array([True, True]), np.zeros(2)))
    services = replace(
        case.services,
        service=np.arange(count, dtype=np.int32),
        capacity=np.full(count, 10.0),
        leave_year=np.zeros(count, dtype=np.int32),
        after_service=np.full(count, -1, dtype=np.int32),
        after_site=np.full(count, -1, dtype=np.int32),
        after_capacity=np.zeros(count),
        areas=tuple(ServiceArea(f"S{s}", s, np.arange(count) == s, np.array([1.0 + s, 0.0])) for s in range(count)),
    )
    case = replace(
        case,
        facility_ids=tuple(f"F{f}" for f in range(count)),
        facility=np.arange(count, dtype=np.int32),
        objective=np.zeros(count),
        outlay=np.zeros((count, 2)),
        services=services,
    )
    faults = why(case)
    assert len(faults) == 13
    assert faults[0][1] == "Service capacity (S14, FY2026): short by 15 capacity"
    assert faults[12] == ("ほか3件", "and 3 more")


def test_a_host_that_is_never_sound_is_named():
    assert why(moving(host_from=2, room_m2=900.0))[0] == (
        "統合先の存続（A→B、2026年度）: 守れません",
        "Hosts stay open and sound (A into B, FY2026): cannot be kept",
    )


def test_a_host_without_room_is_named_with_the_area_missing():
    assert why(moving(host_from=0, room_m2=400.0)) == [
        ("統合先の余地（B）: 100m² 超えます", "Room at hosts (B): over by 100 m2")
    ]


def test_closures_that_cannot_wait_are_told_as_the_limit_that_is_needed():
    # A closes in 2027 and B in 2026, whatever is decided.
    case = replace(closable(ServiceArea("", 0, np.zeros(2, dtype=bool), np.zeros(2))), closures_limit=0)
    assert why(case) == [
        (
            "年間の廃止・移転数（2026～2027年度）: 1施設 超えます（上限 0施設、必要 1施設）",
            "Closures and moves a year (FY2026-2027): over by 1 facilities (limit 0, needed 1)",
        )
    ]


def test_a_merger_in_a_district_that_may_have_none_is_named_with_the_district():
    case = replace(moving(host_from=0, room_m2=900.0), merges_limit=0, district=np.zeros(2, dtype=np.int32))
    assert why(case) == [
        (
            "地区別の統合件数（Aのある地区、2026年度）: 1件 超えます（上限 0件、必要 1件）",
            "Mergers by district (the district of A, FY2026): over by 1 mergers (limit 0, needed 1)",
        )
    ]


def test_facilities_are_named_as_in_the_ledger_even_where_lp_files_cannot():
    case = replace(moving(host_from=0, room_m2=400.0), facility_ids=("no", "市民館-1"))
    assert why(case)[0][0] == "統合先の余地（市民館-1）: 100m² 超えます"


def test_no_time_at_all_ends_with_the_other_sentence():
    case = works_of_six(budget=np.array([6.0, 6.0]))
    with pytest.raises(SolverError) as caught:
        solve_schedule(case, replace(EXACT, time_limit_s=0.0))
    assert caught.value.exit_code == 3
    assert caught.value.message == (
        "制限時間0秒のうちに計画が見つかりませんでした。計画が存在しないとは限りません",
        "no schedule was found within 0 s; one may still exist",
    )


def test_a_solver_that_wrongly_says_infeasible_is_not_believed(monkeypatch):
    """The case has a schedule; the solver's claim must not become an InfeasibleScheduleError."""
    truly = problem.solve

    def denies(model, inputs, options, *, integer=True, **how):
        answer = truly(model, inputs, options, integer=integer, **how)
        return Answer(pulp.LpSolveStatus.Infeasible) if integer else answer

    case = works_of_six(budget=np.array([6.0, 6.0]))
    monkeypatch.setattr(search, "solve", denies)
    with pytest.raises(SolverError, match="a second look found a schedule"):
        solve_schedule(case, EXACT)


def test_a_tightening_that_wrongly_empties_a_facility_is_not_believed(monkeypatch):
    case = works_of_six(budget=np.array([6.0, 6.0]))
    monkeypatch.setattr(solving, "tighten", lambda inputs, *_: inputs.facility > 0)
    with pytest.raises(SolverError, match="a second look found a schedule"):
        solve_schedule(case, EXACT)
