"""Ledgers as ugly as those that cities have: each gives the inventory that was written by hand beside it."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pandas as pd
import pytest

from fmtool.inventory.importing.run import ImportOutcome, import_files
from fmtool.inventory.importing.write import buildings_bytes, write_import
from fmtool.inventory.tables import read_table
from fmtool.workspace import CONFIG_NAME

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted(path.name for path in CORPUS.iterdir() if not path.name.endswith(".expected.csv"))

ANYWHERE = "bounds = [-180.0, -90.0, 180.0, 90.0]"


@pytest.fixture
def city(tmp_path: Path, repository: Path) -> Path:
    """Make an empty workspace that may lie anywhere on earth."""
    folder = tmp_path / "city"
    (folder / "facilities").mkdir(parents=True)
    lines = (repository / CONFIG_NAME).read_text(encoding="utf-8").splitlines()
    text = "\n".join(ANYWHERE if line.startswith("bounds") else line for line in lines)
    (folder / CONFIG_NAME).write_text(text, encoding="utf-8")
    return folder


def expected(file: str) -> list[dict[str, str]]:
    with (CORPUS / f"{Path(file).stem}.expected.csv").open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def same(found: str, wanted: str, column: str) -> bool:
    """Compare a cell; numbers by value, since how many decimals are written is not the file's business."""
    if wanted in {"", "(blank)"}:
        return wanted == "" or found == ""
    try:
        number, right = float(found), float(wanted)
    except ValueError:
        return found.removeprefix("'") == wanted
    return (column != "id" and abs(number - right) <= (1e-5 if column in {"lat", "lon"} else 0.01)) or found == wanted


def written(outcome: ImportOutcome) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(buildings_bytes(outcome.buildings).decode("utf-8-sig"), newline="")))


def test_the_corpus_is_large_and_every_file_has_its_answer():
    assert len(FILES) >= 40
    assert not [file for file in FILES if not (CORPUS / f"{Path(file).stem}.expected.csv").is_file()]
    kinds = {".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".gpkg", ".geojson", ".zip"}
    assert kinds <= {Path(file).suffix for file in FILES}


@pytest.mark.parametrize("file", FILES)
def test_an_ugly_ledger_gives_the_inventory_written_by_hand(city, file):
    outcome = import_files([str(CORPUS / file)], city)
    found, wanted = written(outcome), expected(file)
    assert [row["name"].removeprefix("'") for row in found] == [row["name"] for row in wanted]
    wrong = [
        f"{row['name']} {column}: {row.get(column)!r}, not {right[column]!r}"
        for row, right in zip(found, wanted, strict=True)
        for column in right
        if not same(row.get(column) or "", right[column], column)
    ]
    assert not wrong


@pytest.mark.parametrize("file", FILES)
def test_every_source_row_of_an_ugly_ledger_ends_in_one_way_with_its_reason(city, file):
    outcome = import_files([str(CORPUS / file)], city)
    account = outcome.account
    assert set(account["status"]) <= {"used", "merged", "refused"}
    assert not account.duplicated(["source", "sheet", "row"]).any()
    refused = account[account["status"] == "refused"]
    for column in ("reason_ja", "reason_en"):
        assert refused[column].astype(bool).all()
    assert (account.loc[account["status"] != "refused", "facility_id"].notna()).all()
    assert set(account.loc[account["status"] == "used", "facility_id"]) == set(outcome.buildings["id"])
    assert sum(outcome.counts().values()) == len(account)


@pytest.mark.parametrize("file", FILES)
def test_a_second_import_under_the_mapping_kept_and_of_its_own_result_changes_nothing(city, file):
    first = import_files([str(CORPUS / file)], city)
    write_import(first, city, "ja")
    again = import_files([str(CORPUS / file)], city)
    pd.testing.assert_frame_equal(again.buildings, first.buildings)
    shutil.copy(city / "facilities" / "buildings.csv", city / "own.csv")
    (city / "facilities" / "mapping.toml").unlink()
    own = import_files([str(city / "own.csv")], city)
    assert buildings_bytes(own.buildings) == buildings_bytes(first.buildings)


@pytest.mark.parametrize("file", FILES)
def test_nothing_that_a_spreadsheet_would_run_is_written(city, file):
    for row in written(import_files([str(CORPUS / file)], city)):
        for column, cell in row.items():
            if cell[:1] in {"=", "+", "-", "@"}:
                float(cell)  # a number below zero, nothing else
            assert not any(ord(sign) < 32 or sign in "\u200b\u202e\ufeff" for sign in cell), (column, cell)


def test_the_inventory_written_is_one_that_the_plan_reads(city):
    for file in ("utf8.csv", "formulas.csv", "libreoffice.ods"):
        write_import(import_files([str(CORPUS / file)], city), city, "en")
        table = read_table(city / "facilities" / "buildings.csv", "facilities/buildings.csv")
        assert [str(name).removeprefix("'") for name in table.cells["name"]] == [row["name"] for row in expected(file)]
        assert table.notices == []
        (city / "facilities" / "mapping.toml").unlink()
