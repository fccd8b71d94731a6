"""Coordinates from towns and districts, with the error they have, on cases small enough to work by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fmtool.errors import InventoryError
from fmtool.inventory import Inventory
from fmtool.inventory.towns import find_town, read_towns, town_key

HEAD = "id,name,use,built_year,floor_area_m2,district,address,lat,lon,accuracy_m\n"
TOWNS = "town,koaza,lat,lng\n大字鰭ケ崎,,35.846,139.905\n江戸川台東一丁目,,35.90,139.915\n江戸川台東二丁目,,35.91,139.915\n大字加,,35.858,139.904\n南流山,字上,35.83,139.90\n"


@pytest.fixture
def with_towns(workspace_folder: Path, read_ledger: Callable[..., Inventory]) -> Callable[[str], Inventory]:
    """Read a ledger in a workspace that has a table of towns."""

    def read(rows: str) -> Inventory:
        (workspace_folder / "facilities/towns.csv").write_text(TOWNS, encoding="utf-8")
        config = workspace_folder / "fmtool.toml"
        text = config.read_text(encoding="utf-8").replace("[files]\n", '[files]\ntowns = "facilities/towns.csv"\n', 1)
        config.write_text(text, encoding="utf-8")
        return read_ledger(HEAD + rows)

    return read


@pytest.mark.parametrize(
    ("address", "town"),
    [
        ("流山市鰭ヶ崎１２", "大字鰭ケ崎"),
        ("千葉県流山市大字鰭ケ崎12番地", "大字鰭ケ崎"),
        ("江戸川台東２丁目３−４", "江戸川台東二丁目"),
        ("江戸川台東2-3-4", "江戸川台東二丁目"),
        ("江戸川台東 一丁目", "江戸川台東一丁目"),
        ("流山市加123", "大字加"),
        ("流山市南流山字上5", "南流山字上"),
        ("江戸川台東22-1", "江戸川台東"),
        ("柏市柏1", None),
    ],
)
def test_an_address_finds_its_town_however_it_is_spelled(tmp_path: Path, address: str, town: str | None) -> None:
    (tmp_path / "towns.csv").write_text(TOWNS, encoding="utf-8")
    found = find_town(address, read_towns(tmp_path / "towns.csv", "towns.csv", 320.0))
    assert (None if found is None else found.name) == town


def test_every_town_of_the_table_that_ships_finds_itself(repository: Path) -> None:
    towns = read_towns(repository / "facilities/nagareyama/towns.csv", "towns.csv", 320.0)
    names = [
        line.split(",")[0]
        for line in (repository / "facilities/nagareyama/towns.csv").read_text(encoding="utf-8").splitlines()[1:]
    ]
    assert len(names) == 134
    for name in names:
        for said in (name, f"流山市{name}", f"千葉県流山市{name}１２３番地"):
            found = find_town(said, towns)
            assert found is not None, said
            assert town_key(found.name) == town_key(name), said


def test_blank_places_come_from_the_town_then_from_the_district(with_towns: Callable[[str], Inventory]) -> None:
    inventory = with_towns(
        "F1,庁舎,administration,1990,500,,流山市鰭ヶ崎1,,,\n"
        "F2,庁舎,administration,1990,500,,江戸川台東,,,\n"
        "F3,庁舎,administration,1990,500,岩田小学校区,,,,\n"
        "F4,庁舎,administration,1990,500,,流山市鰭ヶ崎1,34.75,137.42,30\n"
        "F5,庁舎,administration,1990,500,,火星1,,,\n"
        "F6,庁舎,administration,1990,500,,流山市加1,,,50\n"
    )
    rows = inventory.buildings.set_index("id")
    assert rows.loc["F1", ["lat", "lon", "location_basis", "accuracy_m"]].tolist() == [35.846, 139.905, "town", 320]
    assert rows.loc["F2", "lat"] == pytest.approx(35.905)  # the middle of two 丁目 0.01 degrees apart
    assert rows.loc["F2", "accuracy_m"] == pytest.approx(0.005 * 111_320 + 320, abs=1)
    assert rows.loc["F3", ["location_basis", "district"]].tolist() == ["district", "岩田"]
    assert rows.loc["F3", "accuracy_m"] > 300
    assert rows.loc["F4", ["lat", "accuracy_m"]].tolist() == [34.75, 30]
    assert rows.loc["F5", "geometry"] is None
    assert rows.loc["F6", "accuracy_m"] == 50
    guessed = inventory.guesses.query("column == 'lat'")["facility_id"].tolist()
    assert guessed == ["F1", "F2", "F6", "F3"]
    assert any("火星1" in notice.ja and "火星1" in notice.en for notice in inventory.notices)
    assert any("町の代表点" in notice.ja for notice in inventory.notices)


@pytest.mark.parametrize(
    ("text", "said"),
    [("town,lat\nA,1\n", "`lon`"), ("town,lat,lon\n,1,2\n", "row 2"), ("town,lat,lon\nA,north,2\n", "row 2")],
)
def test_a_faulty_table_of_towns_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "towns.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InventoryError) as caught:
        read_towns(tmp_path / "towns.csv", "facilities/towns.csv", 320.0)
    assert said in caught.value.say("en")
    with pytest.raises(InventoryError, match="no such file"):
        read_towns(tmp_path / "none.csv", "none.csv", 320.0)
