"""Funding programmes as read from models/funding.toml: the shipped ones, every fault told, warnings of their end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fmtool.errors import WorkspaceError
from fmtool.finance.bonds import own_burden_rate
from fmtool.finance.programmes import Programme, expiring, read_programmes
from fmtool.vocabulary import ACTIONS, USES
from fmtool.workspace import Workspace, read_workspace

Make = Callable[[str], Workspace]


def figure(value: str, unit: str = "x") -> str:
    return f'{{ value = {value}, unit = "{unit}", source = "s", basis = "assumed", ja = "債", en = "Bond" }}'


TERMS = f"""[terms]
term_years = {figure("20")}
grace_years = {figure("3")}
interest_rate = {figure("0.01")}
"""
LEAST = {"scheme": '"債"', "actions": '["extend"]', "bond_share": "0.9", "grant_rate": "0.3"}


def one(**entries: str | None) -> str:
    given = {name: value for name, value in (LEAST | entries).items() if value is not None}
    return TERMS + "[bond]\n" + "".join(f"{name} = {figure(value)}\n" for name, value in given.items())


@pytest.fixture
def shipped(workspace: Workspace) -> dict[str, Programme]:
    return {each.code: each for each in read_programmes(workspace)}


def test_every_programme_asked_for_is_shipped(shipped: dict[str, Programme]) -> None:
    assert {
        "general", "consolidation", "long_life", "conversion", "demolition", "decarbonisation", "school_long_life",
        "school_rebuild", "retrofit",
    } <= set(shipped)  # fmt: skip
    for each in shipped.values():
        assert each.actions <= set(ACTIONS)
        assert each.uses <= set(USES)
        assert each.name.ja
        assert each.name.en
        assert each.source


@pytest.mark.parametrize(
    ("code", "own"),
    [
        ("school_long_life", 0.267),
        ("consolidation", 0.55),
        ("long_life", 0.73),
        ("conversion", 0.73),
        ("demolition", 1.0),
        ("retrofit", 0.3),
        ("general", 1.0),
    ],
)
def test_the_own_burden_of_shipped_programmes_is_the_known_one(
    shipped: dict[str, Programme], code: str, own: float
) -> None:
    each = shipped[code]
    subsidies = each.subsidy_rate + each.prefectural_subsidy_rate
    assert round(own_burden_rate(subsidies, each.bond_share, each.grant_rate), 3) == own


def test_eligibility_of_shipped_programmes(shipped: dict[str, Programme]) -> None:
    assert shipped["consolidation"].floor_must_fall
    assert shipped["consolidation"].needs_plan
    assert shipped["consolidation"].actions == {"merge"}
    assert shipped["school_long_life"].uses == {"school"}
    assert not shipped["general"].uses
    assert (shipped["consolidation"].valid_from, shipped["consolidation"].valid_to) == (2017, 2026)
    assert shipped["retrofit"].valid_to == 2025
    assert shipped["general"].valid_to is None


def test_unverified_ends_and_rates_are_labelled_assumed(shipped: dict[str, Programme]) -> None:
    assert shipped["consolidation"].end_basis == "assumed"
    assert shipped["retrofit"].end_basis == "secondary"
    assert shipped["general"].basis == "assumed"


def test_programmes_that_end_before_the_plan_does_are_warned_of(shipped: dict[str, Programme]) -> None:
    warnings = expiring(shipped.values(), range(2026, 2066))
    ended = [text for text in warnings if "not used in this plan" in text.en]
    ending = [text for text in warnings if "not used from the next year on" in text.en]
    assert len(ended) == 2
    assert len(ending) == 4
    assert warnings == ended + ending
    assert "2025年度まで" in ended[0].ja
    assert "仮定" not in ended[0].ja  # the end of 緊防債 was read, that of 適正管理推進事業債 was not
    assert "仮定" in ending[0].ja


def test_no_warning_while_the_plan_ends_first(shipped: dict[str, Programme]) -> None:
    assert expiring(shipped.values(), [2024, 2025]) == []


def test_a_workspace_without_the_file_has_no_programmes(workspace_folder: Path) -> None:
    (workspace_folder / "models" / "funding.toml").unlink()
    assert read_programmes(read_workspace(workspace_folder)) == ()


def test_a_programme_takes_the_common_terms_unless_it_has_its_own(with_programmes: Make) -> None:
    (bond,) = read_programmes(with_programmes(one()))
    assert (bond.term_years, bond.grace_years, bond.interest_rate) == (20, 3, 0.01)
    assert (bond.subsidy_rate, bond.prefectural_subsidy_rate, bond.valid_from, bond.valid_to) == (0, 0, None, None)
    assert (bond.uses, bond.floor_must_fall, bond.needs_plan) == (frozenset(), False, False)
    (bond,) = read_programmes(with_programmes(one(term_years="30", interest_rate="0.02")))
    assert (bond.term_years, bond.grace_years, bond.interest_rate) == (30, 3, 0.02)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"bond_share": None}, "`bond.bond_share` is missing"),
        ({"actions": None}, "`bond.actions` is missing"),
        ({"scheme": None}, "`bond.scheme` is missing"),
        ({"actions": '["extended"]'}, "must be a list of these codes: keep, repair"),
        ({"actions": "[]"}, "must be a list of these codes"),
        ({"actions": '"extend"'}, "must be a list of these codes"),
        ({"uses": '["schools"]'}, "must be a list of these codes: civic_culture"),
        ({"floor_must_fall": '"yes"'}, "must be true or false"),
        ({"bond_share": "1.5"}, "must be a fraction"),
        ({"grant_rate": "true"}, "must be a fraction"),
        ({"grant_rate": '"0.3"'}, "must be a fraction"),
        ({"term_years": "0"}, "must be a whole number from 1 to 60"),
        ({"term_years": "20.5"}, "must be a whole number from 1 to 60"),
        ({"grace_years": "20"}, "must be shorter than the term"),
        ({"valid_to": "8"}, "must be a fiscal year"),
        ({"valid_from": "2027", "valid_to": "2026"}, "must not lie before valid_from"),
        ({"subsidy_rate": "0.6", "prefectural_subsidy_rate": "0.5"}, "must add up to 1 or less"),
        ({"bondshare": "0.9"}, "`bond.bondshare` is unknown"),
    ],
)
def test_each_fault_is_told_with_its_entry(with_programmes: Make, entries: dict[str, str | None], said: str) -> None:
    with pytest.raises(WorkspaceError) as told:
        read_programmes(with_programmes(one(**entries)))
    (fault,) = told.value.faults
    assert fault.en.startswith("models/funding.toml: `bond.")
    assert said in fault.en
    assert fault.ja.startswith("models/funding.toml: `bond.")


def test_a_fault_of_the_common_terms_is_told_once(with_programmes: Make) -> None:
    text = one().replace("value = 20,", "value = 99,") + one().removeprefix(TERMS).replace("[bond]", "[other]")
    with pytest.raises(WorkspaceError) as told:
        read_programmes(with_programmes(text))
    (fault,) = told.value.faults
    assert "`terms.term_years` must be a whole number" in fault.en


def test_all_faults_are_told_at_once(with_programmes: Make) -> None:
    with pytest.raises(WorkspaceError) as told:
        read_programmes(with_programmes(one(bond_share="2", grant_rate=None, uses='["x"]')))
    assert len(told.value.faults) == 3
