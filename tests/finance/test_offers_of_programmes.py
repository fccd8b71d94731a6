"""What programmes offer for the sample's works, against the programmes themselves, one work and year at a time."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmtool.alternatives.lifeplans import ACTION_CODES, LifePlans
from fmtool.finance.programmes import Programme, read_programmes
from fmtool.lifecycle.stock import USE_CODES, Stock
from fmtool.schedule.fiscal import Funding
from fmtool.schedule.offers import funding_of
from fmtool.schedule.prepare import Case, prepare
from fmtool.text import Text
from fmtool.vocabulary import USES
from fmtool.workspace import Workspace, read_workspace

WORKS = ("repair", "renovate", "extend", "rebuild", "rebuild_smaller", "retrofit", "merge", "convert", "demolish")
TAKES_THE_PLACE = {"rebuild", "rebuild_smaller", "merge", "sell", "demolish"}
SAMPLE = 120


@pytest.fixture(scope="module")
def workspace(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("offers") / "city"
    folder.mkdir()
    shutil.copy(repository / "fmtool.toml", folder)
    for name in ("facilities", "models"):
        shutil.copytree(repository / name, folder / name)
    return read_workspace(folder)


@pytest.fixture(scope="module")
def case(workspace: Workspace) -> Case:
    files = workspace.config.files.model_copy(update={"finance": "facilities/finance.csv"})
    return prepare(replace(workspace, config=workspace.config.model_copy(update={"files": files})))


def life_years(plans: LifePlans, stock: Stock, workspace: Workspace, row: int, place: int) -> float:
    """Years from the end of works to the end of their life, or to what stands in their place."""
    action = ACTION_CODES[plans.event_action[row, place]]
    if action == "demolish":
        return np.inf
    life = workspace.figures.number(f"actions.{'rebuild' if action == 'rebuild_smaller' else action}.life_years")
    if action.startswith("rebuild"):
        life = min(life, float(stock.design_life_years[plans.facility[row]]))
    if action == "merge":  # stands at the host
        return life
    end = plans.event_year[row, place] + plans.event_years[row, place]
    for later in range(place + 1, plans.event_action.shape[1]):
        code = plans.event_action[row, later]
        if code >= 0 and ACTION_CODES[code] in TAKES_THE_PLACE:
            begins = plans.event_year[row, later]
            gone = begins + plans.event_years[row, later] if ACTION_CODES[code] == "merge" else begins
            return float(min(life, gone - end))
    return life


def check_offers(
    case: Case, workspace: Workspace, funding: Funding, programmes: list[Programme], *, has_plan: bool
) -> int:
    """Hold every offer for a sample of works against the programme; return how many were looked at."""
    plans, stock, horizon = case.plans, case.stock, len(case.plans.years)
    by_code = {each.code: each for each in programmes}
    offers, seen = funding.offers, 0
    rows = np.linspace(0, len(plans) - 1, SAMPLE).astype(int)
    for row in rows:
        for column in funding.outlay[[row]].nonzero()[1]:
            of_class, year = divmod(int(column), horizon)
            begins, last = plans.event_year[row], plans.event_year[row] + plans.event_years[row] - 1
            (places,) = np.nonzero((plans.event_action[row] >= 0) & (begins <= year) & (year <= last))
            assert len(places) == 1
            action = ACTION_CODES[plans.event_action[row, places[0]]]
            life = life_years(plans, stock, workspace, row, int(places[0]))
            for k in np.flatnonzero(offers.of_class == of_class):
                programme = by_code[offers.programme[k]]
                assert action in programme.actions
                assert not programme.uses or USE_CODES[stock.use[plans.facility[row]]] in programme.uses
                assert has_plan or not programme.needs_plan
                assert not programme.floor_must_fall or action in {"merge", "rebuild_smaller", "demolish"}
                assert offers.term_years[k] <= min(programme.term_years, life)
                assert offers.bond_share[k] <= programme.bond_share
                assert offers.subsidy_rate[k] == programme.subsidy_rate + programme.prefectural_subsidy_rate
                seen += 1
    for k, code in enumerate(offers.programme):
        first, end = by_code[code].valid_from, by_code[code].valid_to
        wanted = [(first is None or year >= first) and (end is None or year <= end) for year in plans.years]
        assert offers.is_open[k].tolist() == wanted
    return seen


def test_the_shipped_programmes_offer_only_what_they_may(case: Case) -> None:
    programmes = list(read_programmes(case.workspace))
    funding = case.inputs.funding
    assert funding is not None
    assert check_offers(case, case.workspace, funding, programmes, has_plan=True) > SAMPLE
    assert "retrofit" not in funding.offers.programme  # ended before the plan begins


@st.composite
def any_programmes(draw: st.DrawFn) -> list[Programme]:
    made = []
    for number in range(draw(st.integers(1, 4))):
        term = draw(st.integers(1, 40))
        first = draw(st.none() | st.integers(2020, 2050))
        made.append(
            Programme(
                code=f"p{number}",
                name=Text("債", "bond"),
                actions=draw(st.frozensets(st.sampled_from(WORKS), min_size=1)),
                uses=draw(st.frozensets(st.sampled_from(sorted(USES)), max_size=3)),
                floor_must_fall=draw(st.booleans()),
                needs_plan=draw(st.booleans()),
                valid_from=first,
                valid_to=draw(st.none() | st.integers(first or 2020, 2070)),
                subsidy_rate=draw(st.sampled_from([0.0, 1 / 3, 0.5])),
                prefectural_subsidy_rate=draw(st.sampled_from([0.0, 0.25])),
                bond_share=draw(st.sampled_from([0.0, 0.75, 0.9, 1.0])),
                grant_rate=draw(st.sampled_from([0.0, 0.3, 0.7])),
                term_years=term,
                grace_years=draw(st.integers(0, term - 1)),
                interest_rate=draw(st.sampled_from([0.0, 0.01, 0.03])),
                basis="assumed",
                source="",
            )
        )
    return made


def test_programmes_never_offer_past_their_end_nor_outlive_the_works(case: Case, workspace: Workspace) -> None:
    @given(programmes=any_programmes(), has_plan=st.booleans())
    @settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    def hold(programmes: list[Programme], has_plan: bool) -> None:
        funding = funding_of(case.plans, case.stock, programmes, workspace.figures, 0.02, has_facility_plan=has_plan)
        if funding is not None:
            check_offers(case, workspace, funding, programmes, has_plan=has_plan)

    hold()
