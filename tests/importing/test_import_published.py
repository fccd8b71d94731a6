"""Ledgers that cities publish import without a hand edit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fmtool.inventory.importing import import_files
from fmtool.workspace import CONFIG_NAME

PUBLISHED = Path(__file__).parent / "published"


@pytest.fixture
def city(tmp_path: Path, repository: Path) -> Path:
    shutil.copy(repository / CONFIG_NAME, tmp_path / CONFIG_NAME)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "uses"),
    [
        ("yaizu_elementary_school.csv", {"school"}),
        ("yaizu_preschool.csv", {"childcare"}),
        ("yaizu_public_toilet.csv", {"other"}),
        ("yaizu_hinannjo.csv", {"administration"}),
    ],
)
def test_every_row_of_yaizu_is_a_facility_with_its_place(city, file, uses):
    outcome = import_files([str(PUBLISHED / file)], city)
    assert outcome.counts() == {"used": 6, "merged": 0, "refused": 1}
    assert set(outcome.buildings["use"]) == uses
    assert outcome.buildings["lat"].between(34.7, 34.95).all()
    assert outcome.buildings["lon"].between(138.2, 138.45).all()
    assert "floor_area_m2" not in {each.match.column for each in outcome.matches}


def test_files_of_one_city_are_joined_by_name(city):
    files = [str(PUBLISHED / f"yaizu_{name}.csv") for name in ("elementary_school", "preschool", "library")]
    outcome = import_files([*files, files[0]], city)
    assert outcome.counts() == {"used": 18, "merged": 6, "refused": 4}
    assert outcome.buildings["id"].is_unique


def test_seattle_is_read_in_square_feet(city):
    outcome = import_files([str(PUBLISHED / "seattle_benchmarking.csv")], city)
    assert outcome.counts() == {"used": 12, "merged": 0, "refused": 1}
    raw = outcome.tables[0].table
    place = next(each.match.place for each in outcome.matches if each.match.column == "floor_area_m2")
    square_feet = [float(str(raw.columns[place].at(record))) for record in range(1, 13)]
    assert outcome.buildings["floor_area_m2"].tolist() == pytest.approx([area * 0.09290304 for area in square_feet])
    assert outcome.buildings["built_year"].between(1880, 2016).all()
