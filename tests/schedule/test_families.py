"""Each family of rows: its rows as a golden LP file, and a case that can be solved by eye.

All cases are of schools A, B, C in the years 2026-2028; money in millions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pulp
import pytest
from scipy import sparse

from fmtool.schedule.families import FAMILIES, Family
from fmtool.schedule.fiscal import Fiscal, Funding, Levelling, Offers
from fmtool.schedule.inputs import FundInputs, Hosting, ScheduleInputs, ServiceArea, Services
from fmtool.schedule.problem import SolveOptions, build
from fmtool.schedule.solving import solve_schedule

YEARS = (2026, 2027, 2028)
NEVER = len(YEARS)
SCHOOL = 0
NONE = (0.0, 0.0, 0.0)
GOLDEN_LP = Path(__file__).resolve().parents[1] / "golden" / "lp"


@dataclass(frozen=True)
class Plan:
    """One life plan in words; years as 0, 1, 2."""

    label: str
    cost: float
    outlay: tuple[float, ...] = NONE
    sale: tuple[float, ...] = NONE
    leaves: int = NEVER
    into: str = ""
    moved_m2: float = 0.0
    sound_from: int = 0
    floor_m2: tuple[float, ...] = NONE
    capacity_after: float = 0.0
    paid_by: str = ""
    """Programme that may pay for the whole outlay."""


@dataclass(frozen=True)
class Offer:
    """A programme without interest and grace."""

    name: str
    subsidy: float = 0.0
    bond_share: float = 0.0
    grant: float = 0.0
    term: int = 2
    years: tuple[int, ...] = YEARS


@dataclass(frozen=True)
class School:
    """A school with its life plans, in a district, with places for children and room to take others in."""

    name: str
    plans: Sequence[Plan]
    places: float = 0.0
    room_m2: float = 0.0
    district: int = 0


def town(
    *schools: School,
    budget: tuple[float, ...] | None = None,
    fund: FundInputs | None = None,
    staff: float | None = None,
    merges_limit: int | None = None,
    closures_limit: int | None = None,
    floor_target_m2: tuple[float, ...] | None = None,
    needed_places: tuple[float, ...] = NONE,
    keep_one_of: str = "",
    offers: Sequence[Offer] = (),
    fiscal: Fiscal | None = None,
    levelling: Levelling | None = None,
) -> ScheduleInputs:
    """Put schools and limits into arrays."""
    names = [school.name for school in schools]
    plans = [plan for school in schools for plan in school.plans]
    hosts = np.array([names.index(plan.into) if plan.into else -1 for plan in plans], dtype=np.int32)
    leaves = np.array([plan.leaves for plan in plans], dtype=np.int32)
    moves = np.where(hosts >= 0, leaves, NEVER).astype(np.int32)
    outlay = np.array([plan.outlay for plan in plans])
    return ScheduleInputs(
        years=YEARS,
        facility_ids=tuple(names),
        facility=np.repeat(np.arange(len(schools)), [len(s.plans) for s in schools]).astype(np.int32),
        objective=np.array([plan.cost for plan in plans], dtype=float),
        outlay=outlay,
        budget=None if budget is None else np.array(budget),
        fund=fund,
        sale_income=np.array([plan.sale for plan in plans]),
        services=Services(
            np.full(len(schools), SCHOOL, dtype=np.int32),
            np.array([school.places for school in schools]),
            leaves,
            np.where(hosts >= 0, SCHOOL, -1).astype(np.int32),
            hosts,
            np.array([plan.capacity_after for plan in plans]),
            (
                ServiceArea("east", SCHOOL, np.ones(len(schools), dtype=bool), np.array(needed_places)),
                ServiceArea("north", SCHOOL, np.isin(names, list(keep_one_of)), np.zeros(NEVER), keep_one=True),
            )[: 2 if keep_one_of else 1],
        ),
        hosting=Hosting(
            hosts,
            moves,
            moves,
            np.array([plan.moved_m2 for plan in plans]),
            np.where(leaves < NEVER, NEVER, [plan.sound_from for plan in plans]).astype(np.int32),
            np.array([school.room_m2 for school in schools]),
        ),
        works=outlay > 0,
        works_limit=None if staff is None else np.full(NEVER, staff),
        district=np.array([school.district for school in schools], dtype=np.int32),
        merges_limit=merges_limit,
        closures_limit=closures_limit,
        floor_m2=np.array([plan.floor_m2 for plan in plans]),
        floor_target_m2=None if floor_target_m2 is None else np.array(floor_target_m2),
        funding=funding_by(offers, plans, outlay) if offers else None,
        fiscal=fiscal,
        levelling=levelling,
        labels=tuple(f"{school.name},{plan.label}" for school in schools for plan in school.plans),
    )


def funding_by(offers: Sequence[Offer], plans: Sequence[Plan], outlay: np.ndarray) -> Funding:
    """Make one class of works for each programme; a bond is paid back in equal parts, discounted at 0 %."""
    by_class = np.hstack([outlay * np.array([[plan.paid_by == each.name] for plan in plans]) for each in offers])
    longest = max(each.term for each in offers) + 1
    since = np.arange(longest)
    service = np.array([np.where((since > 0) & (since <= each.term), 1 / each.term, 0.0) for each in offers])
    return Funding(
        tuple(each.name for each in offers),
        sparse.csr_array(by_class),
        by_class.sum(axis=0).reshape(len(offers), NEVER),
        Offers(
            names=tuple(each.name for each in offers),
            programme=tuple(each.name for each in offers),
            of_class=np.arange(len(offers), dtype=np.int32),
            is_open=np.array([[year in each.years for year in YEARS] for each in offers]),
            national_rate=np.array([each.subsidy for each in offers]),
            prefectural_rate=np.zeros(len(offers)),
            bond_share=np.array([each.bond_share for each in offers]),
            grant_rate=np.array([each.grant for each in offers]),
            interest_rate=np.zeros(len(offers)),
            term_years=np.array([each.term for each in offers], dtype=np.int32),
            grace_years=np.zeros(len(offers), dtype=np.int32),
            service=service,
            balance=1 - np.cumsum(service, axis=1),
        ),
        discount_rate=0.0,
    )


def finances(**changes: float | None) -> Fiscal:
    """Return the finances of a city of fiscal size 120 and budget 40 that owes 35 and pays 4 a year for it."""
    years = np.ones(NEVER)
    flat = {
        "standard_fiscal_size": 120, "budget_size": 40, "debt_service": 4, "specific_revenue": 0, "grant_in_need": 0,
        "outstanding": 35, "other_burden": 15, "other_funds": 0, "expected_specific_revenue": 0, "expected_grants": 0,
    }  # fmt: skip
    limits = {name: value for name, value in changes.items() if name not in flat}
    return Fiscal(**{name: changes.get(name, value) * years for name, value in flat.items()}, **limits)


def decided(case: ScheduleInputs) -> dict[str, str]:
    """Solve; return each school's life plan by its label."""
    choice = solve_schedule(case, SolveOptions(gap=0.0)).choice
    return dict(case.labels[n].split(",") for n in choice)


def all_families() -> ScheduleInputs:
    """Return one small town in which every family has rows."""
    return town(
        School(
            "A",
            [
                Plan("keep", 60, (1, 1, 1), floor_m2=(900, 900, 900)),
                Plan("rebuild_2026", 40, (50, 0, 0), floor_m2=(900, 800, 800), paid_by="school"),
                Plan("into_B_2027", 10, (0, 7, 0), (0, 0, 20), 1, "B", 300, floor_m2=(900, 0, 0), capacity_after=80),
            ],
            places=100,
        ),
        School(
            "B",
            [
                Plan("keep", 70, (2, 2, 2), sound_from=NEVER, floor_m2=(1500, 1500, 1500)),
                Plan("extend_2026", 35, (30, 4, 0), sound_from=1, floor_m2=(1500, 1500, 1500), paid_by="longer"),
                Plan("into_C_2027", 25, (0, 9, 0), NONE, 1, "C", 500, floor_m2=(1500, 0, 0), capacity_after=150),
            ],
            places=200,
            room_m2=400,
        ),
        School(
            "C",
            [
                Plan("keep", 30, floor_m2=(1200, 1200, 1200)),
                Plan("sell_2028", 5, sale=(0, 0, 40), leaves=2, floor_m2=(1200, 1200, 0)),
            ],
            places=150,
            room_m2=600,
            district=1,
        ),
        budget=(60, 15, 10),
        fund=FundInputs(opening=5, floor=2, interest_rate=0.01, deposit_limit=20, draw_limit=8),
        staff=2,
        merges_limit=1,
        closures_limit=1,
        floor_target_m2=(np.inf, 3000, 2500),
        needed_places=(450, 390, 200),
        keep_one_of="AC",
        offers=[Offer("school", 0.25, 0.9, 0.5), Offer("longer", 0.0, 0.75, 0.0, term=3, years=(2026,))],
        fiscal=finances(debt_service_limit=0.125, future_burden_limit=1.75, outstanding_limit=1.5, grant_in_need=1),
        levelling=Levelling(rate=0.5, window_years=2, peak_weight=0.1),
    )


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_family_writes_the_rows_of_its_golden_lp(family: Family, golden, tmp_path):
    case = all_families()
    rows = family.rows(case)
    assert rows is not None, f"{family.name} has no rows in the town of this test: extend all_families()"
    model = build(case, [rows], name=family.name)
    model.problem.setObjective(pulp.lpSum([]))
    model.problem.writeLP(str(tmp_path / "rows.lp"))
    golden(f"lp/{family.name}.lp", (tmp_path / "rows.lp").read_text(encoding="utf-8"))


def test_every_family_has_a_golden_lp_and_a_case_by_eye():
    names = [family.name for family in FAMILIES]
    assert sorted(path.stem for path in GOLDEN_LP.glob("*.lp")) == sorted(names)
    assert sorted(BY_EYE) == sorted(names)


def test_every_school_takes_exactly_one_life_plan_its_cheapest():
    case = town(School("A", [Plan("keep", 3), Plan("rebuild", 2)]), School("B", [Plan("keep", 1), Plan("rebuild", 4)]))
    assert decided(case) == {"A": "rebuild", "B": "keep"}


def two_that_would_start_at_once(**limits: object) -> ScheduleInputs:
    """Let A and B both cost 6 in 2026, or in 2027 when they wait; waiting costs A 5 and B 2."""
    return town(
        School("A", [Plan("2026", 0, (6, 0, 0)), Plan("2027", 5, (0, 6, 0))]),
        School("B", [Plan("2026", 0, (6, 0, 0)), Plan("2027", 2, (0, 6, 0))]),
        **limits,
    )


def test_a_budget_cut_delays_the_cheapest_delay():
    assert decided(two_that_would_start_at_once(budget=(12, 12, 12))) == {"A": "2026", "B": "2026"}
    assert decided(two_that_would_start_at_once(budget=(11, 12, 12))) == {"A": "2026", "B": "2027"}
    # With 5 neither can be paid in 2026: both wait.
    assert decided(two_that_would_start_at_once(budget=(5, 12, 0))) == {"A": "2027", "B": "2027"}


def test_a_fund_carries_what_one_year_does_not_need_into_the_next():
    school = School("A", [Plan("2026", 0, (8, 0, 0)), Plan("2027", 3, (0, 8, 0)), Plan("2028", 9, (0, 0, 8))])
    even = (5.0, 5.0, 5.0)
    # Without a saving 5 pays for 5 only; 5 put by in 2026 leaves 10 for 2027.
    assert decided(town(school, budget=even, fund=FundInputs(opening=0))) == {"A": "2027"}
    assert decided(town(school, budget=even, fund=FundInputs(opening=3))) == {"A": "2026"}
    # Under a floor of 3 the opening 3 must stay: 2026 would leave 3 + 5 - 8 = 0, 2027 leaves 3 + 5 + 5 - 8 = 5.
    assert decided(town(school, budget=even, fund=FundInputs(opening=3, floor=3))) == {"A": "2027"}
    # With 1 put by a year at most, the missing 3 are there in 2028: 1 + 1, 1 + 1 + 1.
    slow = FundInputs(opening=1, deposit_limit=1)
    assert decided(town(school, budget=even, fund=slow)) == {"A": "2028"}
    # Money at 100 % interest: an opening of 1.5 is 3 in 2026, which is what is missing.
    assert decided(town(school, budget=even, fund=FundInputs(opening=1.5, interest_rate=1.0))) == {"A": "2026"}


def test_income_from_a_sale_pays_for_the_works_of_another_school():
    sold = School("A", [Plan("keep", 0), Plan("sell", 4, sale=(3, 0, 0), leaves=0)])
    rebuilt = School("B", [Plan("rebuild", 0, (8, 0, 0)), Plan("keep", 9)])
    assert decided(town(sold, rebuilt, budget=(5, 5, 5), fund=FundInputs())) == {"A": "sell", "B": "rebuild"}
    assert decided(town(sold, rebuilt, budget=(4, 5, 5), fund=FundInputs())) == {"A": "keep", "B": "keep"}


def test_staff_for_one_project_puts_the_second_off():
    assert decided(two_that_would_start_at_once(staff=2)) == {"A": "2026", "B": "2026"}
    assert decided(two_that_would_start_at_once(staff=1)) == {"A": "2026", "B": "2027"}


def test_one_merger_a_district_and_year_makes_the_cheaper_wait():
    def merging(name: str, wait: float, district: int) -> School:
        return School(name, [Plan(f"{2026 + y}", y * wait, leaves=y, into="H") for y in (0, 1)], district=district)

    host = School("H", [Plan("keep", 0)], district=9)
    same = (merging("A", 3, 0), merging("B", 1, 0), host)
    apart = (merging("A", 3, 0), merging("B", 1, 1), host)
    assert decided(town(*same)) == {"A": "2026", "B": "2026", "H": "keep"}
    assert decided(town(*same, merges_limit=1)) == {"A": "2026", "B": "2027", "H": "keep"}
    assert decided(town(*apart, merges_limit=1)) == {"A": "2026", "B": "2026", "H": "keep"}


def closing(name: str, places: float, saves: float) -> School:
    """Let a school close in any year; each year that it stays costs ``saves``."""
    plans = [Plan(f"close_{2026 + y}", y * saves, leaves=y) for y in range(3)]
    return School(name, [Plan("keep", 3 * saves), *plans], places=places)


def test_one_closure_a_year_makes_the_cheaper_wait():
    schools = closing("A", 30, 5), closing("B", 50, 9)
    assert decided(town(*schools)) == {"A": "close_2026", "B": "close_2026"}
    assert decided(town(*schools, closures_limit=1)) == {"A": "close_2027", "B": "close_2026"}


def test_a_school_moves_only_into_one_that_stays():
    guest = School("A", [Plan("keep", 10), Plan("into_B", 0, leaves=0, into="B")])
    # Both would save: A by moving 10, B by closing 8; A cannot move into what is closed.
    assert decided(town(guest, School("B", [Plan("keep", 8), Plan("close", 0, leaves=0)]))) == {
        "A": "into_B",
        "B": "keep",
    }
    assert decided(town(guest, School("B", [Plan("keep", 12), Plan("close", 0, leaves=0)]))) == {
        "A": "keep",
        "B": "close",
    }


def test_a_school_waits_for_its_host_to_be_made_sound():
    guest = School("A", [Plan("keep", 10), *(Plan(f"into_B_{2026 + y}", y, leaves=y, into="B") for y in range(3))])
    host = School("B", [Plan("unsound", 0, sound_from=NEVER), Plan("extend", 3, sound_from=2)])
    # Keeping costs 10, extending B 3 and moving in 2028 another 2.
    assert decided(town(guest, host)) == {"A": "into_B_2028", "B": "extend"}


def test_the_room_at_a_host_goes_to_the_school_that_saves_most():
    def guest(name: str, saves: float) -> School:
        return School(name, [Plan("keep", saves), Plan("move", 0, leaves=0, into="C", moved_m2=100)])

    def sites(room: float) -> ScheduleInputs:
        return town(guest("A", 4), guest("B", 7), School("C", [Plan("keep", 0)], room_m2=room))

    assert decided(sites(200)) == {"A": "move", "B": "move", "C": "keep"}
    assert decided(sites(199)) == {"A": "keep", "B": "move", "C": "keep"}
    assert decided(sites(99)) == {"A": "keep", "B": "keep", "C": "keep"}


def test_places_still_needed_keep_the_larger_school_until_demand_falls():
    schools = closing("A", 30, 5), closing("B", 50, 9)
    assert decided(town(*schools)) == {"A": "close_2026", "B": "close_2026"}
    # 40 places: A alone has 30, so B stays though it costs more.
    assert decided(town(*schools, needed_places=(40, 40, 40))) == {"A": "close_2026", "B": "keep"}
    # From 2027 on 30 will do: keep A (15) and close B then (9), rather than keep B (27).
    assert decided(town(*schools, needed_places=(40, 30, 30))) == {"A": "keep", "B": "close_2027"}


def test_places_move_with_the_merged_school():
    guest = School("A", [Plan("keep", 9), Plan("into_B", 0, leaves=0, into="B", capacity_after=20)], places=30)
    host = School("B", [Plan("keep", 0)], places=50)
    assert decided(town(guest, host, needed_places=(70, 70, 70))) == {"A": "into_B", "B": "keep"}
    assert decided(town(guest, host, needed_places=(70, 70, 71))) == {"A": "keep", "B": "keep"}


def test_the_last_school_within_reach_stays_the_cheaper_one():
    schools = closing("A", 30, 5), closing("B", 50, 9)
    assert decided(town(*schools, keep_one_of="AB")) == {"A": "keep", "B": "close_2026"}


def test_a_floor_target_is_met_in_its_year_by_the_least_missed_school():
    def needed(name: str, worth: float) -> School:
        def held(years: int) -> tuple[float, ...]:
            return tuple(100.0 if y < years else 0.0 for y in range(3))

        return School(
            name,
            [
                Plan("keep", 0, floor_m2=held(3)),
                *(Plan(f"close_{2026 + y}", worth * (3 - y), leaves=y, floor_m2=held(y)) for y in (1, 2)),
            ],
        )

    schools = needed("A", 4), needed("B", 6)
    assert decided(town(*schools, floor_target_m2=(np.inf, np.inf, 200))) == {"A": "keep", "B": "keep"}
    assert decided(town(*schools, floor_target_m2=(np.inf, np.inf, 199))) == {"A": "close_2028", "B": "keep"}
    assert decided(town(*schools, floor_target_m2=(np.inf, 199, 199))) == {"A": "close_2027", "B": "keep"}


def one_school(**limits: object) -> dict[str, str]:
    """Let a school of 10 be rebuilt in 2026, or in 2028 at a loss of 9, with 5 a year and more in 2028."""
    plans = [Plan("2026", 0, (10, 0, 0), paid_by="p"), Plan("2028", 9, (0, 0, 10))]
    return decided(town(School("A", plans), **({"budget": (5, 5, 10)} | limits)))


def test_a_subsidy_pays_its_part_of_works_it_is_meant_for_while_it_is_open():
    assert one_school(offers=[Offer("p", subsidy=0.5)]) == {"A": "2026"}
    assert one_school(offers=[Offer("p", subsidy=0.4)]) == {"A": "2028"}
    assert one_school(offers=[Offer("other", subsidy=0.5)]) == {"A": "2028"}
    assert one_school(offers=[Offer("p", subsidy=0.5, years=(2027, 2028))]) == {"A": "2028"}


def test_a_bond_pays_no_more_than_its_share_of_what_the_subsidy_leaves():
    assert one_school(offers=[Offer("p", bond_share=0.5)]) == {"A": "2026"}
    assert one_school(offers=[Offer("p", bond_share=0.49)]) == {"A": "2028"}
    # 10 less 20 % is 8, of which 0.375 is 3: 5 is left; with 0.37 it is 5.04.
    assert one_school(offers=[Offer("p", subsidy=0.2, bond_share=0.375)]) == {"A": "2026"}
    assert one_school(offers=[Offer("p", subsidy=0.2, bond_share=0.37)]) == {"A": "2028"}


def test_debt_service_stays_within_the_ratio_and_tax_grants_count_on_both_sides():
    offer = Offer("p", bond_share=0.5, term=2)
    # 5 borrowed for 2 years is 2.5 a year on top of 4: 6.5 of 120 is 5.4 %.
    assert one_school(offers=[offer], fiscal=finances(debt_service_limit=6.5 / 120)) == {"A": "2026"}
    assert one_school(offers=[offer], fiscal=finances(debt_service_limit=6.49 / 120)) == {"A": "2028"}
    # Granted back by half: 4 + 1.25 of 120 - 1.25.
    granted = replace(offer, grant=0.5)
    assert one_school(offers=[granted], fiscal=finances(debt_service_limit=5.25 / 118.75)) == {"A": "2026"}
    assert one_school(offers=[granted], fiscal=finances(debt_service_limit=5.24 / 118.75)) == {"A": "2028"}


def test_the_future_burden_holds_bonds_and_what_is_drawn_from_the_fund():
    offer = Offer("p", bond_share=0.5)
    # 35 + 15 and 5 borrowed: 55 of 120.
    assert one_school(offers=[offer], fiscal=finances(future_burden_limit=55 / 120)) == {"A": "2026"}
    assert one_school(offers=[offer], fiscal=finances(future_burden_limit=54.9 / 120)) == {"A": "2028"}
    # A fund of 20 that pays 5 stands at 15 against the burden of 50.
    fund = FundInputs(opening=20, deposit_limit=0)
    assert one_school(fund=fund, fiscal=finances(future_burden_limit=35 / 120)) == {"A": "2026"}
    assert one_school(fund=fund, fiscal=finances(future_burden_limit=34.9 / 120)) == {"A": "2028"}


def test_bonds_outstanding_stay_within_the_size_of_the_budget():
    offer = Offer("p", bond_share=0.5)
    assert one_school(offers=[offer], fiscal=finances(outstanding_limit=1.0)) == {"A": "2026"}
    assert one_school(offers=[offer], fiscal=finances(outstanding_limit=1.0, outstanding=36)) == {"A": "2028"}


def three_that_would_start_at_once(levelling: Levelling) -> dict[str, str]:
    """Let A, B and C cost 6 in any year; a year's wait costs A 5, B 3 and C 1."""

    def school(name: str, wait: float) -> School:
        return School(name, [Plan(str(2026 + y), y * wait, tuple(6.0 * (z == y) for z in range(3))) for y in range(3)])

    return decided(town(school("A", 5), school("B", 3), school("C", 1), levelling=levelling))


def test_level_years_let_one_school_start_after_the_other():
    assert three_that_would_start_at_once(Levelling(rate=2.0)) == {"A": "2026", "B": "2026", "C": "2026"}
    # Of 18 in three years each may have 6 * 1.5 at most and 6 * 0.5 at least: one school a year.
    assert three_that_would_start_at_once(Levelling(rate=0.5, window_years=5)) == {
        "A": "2026",
        "B": "2027",
        "C": "2028",
    }


def test_a_peak_is_lowered_while_that_is_worth_the_wait():
    # C's wait lowers the peak from 18 to 12 for 1, B's and C's to 6 for 3 + 2 = 5.
    for weight, years in ((0.1, "666"), (0.2, "667"), (0.6, "667"), (0.7, "678")):
        expected = {name: f"202{year}" for name, year in zip("ABC", years, strict=True)}
        assert three_that_would_start_at_once(Levelling(peak_weight=weight)) == expected


BY_EYE: dict[str, Callable[[], None]] = {
    "one_life": test_every_school_takes_exactly_one_life_plan_its_cheapest,
    "budget": test_a_budget_cut_delays_the_cheapest_delay,
    "fund": test_a_fund_carries_what_one_year_does_not_need_into_the_next,
    "funding": test_a_subsidy_pays_its_part_of_works_it_is_meant_for_while_it_is_open,
    "bond_share": test_a_bond_pays_no_more_than_its_share_of_what_the_subsidy_leaves,
    "debt_service": test_debt_service_stays_within_the_ratio_and_tax_grants_count_on_both_sides,
    "future_burden": test_the_future_burden_holds_bonds_and_what_is_drawn_from_the_fund,
    "outstanding": test_bonds_outstanding_stay_within_the_size_of_the_budget,
    "spend": test_level_years_let_one_school_start_after_the_other,
    "level": test_level_years_let_one_school_start_after_the_other,
    "peak": test_a_peak_is_lowered_while_that_is_worth_the_wait,
    "works": test_staff_for_one_project_puts_the_second_off,
    "merges": test_one_merger_a_district_and_year_makes_the_cheaper_wait,
    "closures": test_one_closure_a_year_makes_the_cheaper_wait,
    "host": test_a_school_moves_only_into_one_that_stays,
    "site": test_the_room_at_a_host_goes_to_the_school_that_saves_most,
    "coverage": test_places_still_needed_keep_the_larger_school_until_demand_falls,
    "reach": test_the_last_school_within_reach_stays_the_cheaper_one,
    "floor": test_a_floor_target_is_met_in_its_year_by_the_least_missed_school,
}
