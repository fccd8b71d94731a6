"""The same ledger in every format, encoding and header language reads the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from pandas.testing import assert_frame_equal

from fmtool.errors import InventoryError
from fmtool.inventory import BY_NAME, COLUMNS, read_inventory
from fmtool.inventory.clean import clean
from fmtool.inventory.faults import Faults
from fmtool.inventory.tables import read_table
from fmtool.inventory.values import is_blank
from fmtool.workspace import Workspace

LEDGER = pd.DataFrame(
    [
        ["F1", "中央小学校①", "school", 34.76, 137.39, 1990, "RC", 3, 5000.25, "A", 12_000_000.0, True, "rebuild:2030"],
        ["F2", "髙﨑市民館", "civic_culture", 34.77, 137.40, 1979, "W", 1, 360.0, None, None, False, None],
        ["F3", "ほくぶ～ほーる", "civic_culture", 34.78, 137.41, 2026, None, None, 1.0, "D", 0.0, False, "keep"],
    ],
    columns=[
        "id", "name", "use", "lat", "lon", "built_year", "structure", "storeys", "floor_area_m2", "grade_roof",
        "running_cost", "is_listed", "locked",
    ],
).astype(object)  # fmt: skip


def points(frame: pd.DataFrame, crs: str = "EPSG:4326") -> gpd.GeoDataFrame:
    plain = frame.where(frame.notna(), None).infer_objects()
    return gpd.GeoDataFrame(plain, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs=4326).to_crs(crs)


def write_csv(path: Path, encoding: str, *, japanese: bool = False) -> None:
    titles = {column.name: column.title.ja for column in COLUMNS} if japanese else {}
    LEDGER.rename(columns=titles).to_csv(path, index=False, encoding=encoding)


def write_xlsx(path: Path, *, japanese: bool = False) -> None:
    book = Workbook()
    book.active.append(["施設台帳"])
    book.active.append([BY_NAME[name].title.ja if japanese else name for name in LEDGER.columns])
    for row in LEDGER.itertuples(index=False):
        book.active.append(list(row))
    book.create_sheet("凡例").append(["A", "良好"])
    book.save(path)


WRITERS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "UTF-8": (".csv", lambda path: write_csv(path, "utf-8")),
    "UTF-8 with a mark": (".csv", lambda path: write_csv(path, "utf-8-sig", japanese=True)),
    "cp932": (".csv", lambda path: write_csv(path, "cp932")),
    "cp932 with Japanese headers": (".csv", lambda path: write_csv(path, "cp932", japanese=True)),
    "UTF-16": (".csv", lambda path: write_csv(path, "utf-16")),
    "tabs": (".tsv", lambda path: LEDGER.to_csv(path, index=False, sep="\t")),
    "XLSX": (".xlsx", write_xlsx),
    "XLSX with Japanese headers": (".xlsx", lambda path: write_xlsx(path, japanese=True)),
    "GeoPackage": (".gpkg", lambda path: points(LEDGER).to_file(path, driver="GPKG")),
    "GeoPackage in metres": (".gpkg", lambda path: points(LEDGER, "EPSG:6675").to_file(path, driver="GPKG")),
    "GeoJSON": (".geojson", lambda path: points(LEDGER).to_file(path, driver="GeoJSON")),
    "GeoParquet": (".parquet", lambda path: points(LEDGER).to_parquet(path)),
}


@pytest.mark.parametrize("form", WRITERS)
def test_the_same_ledger_reads_the_same_in_every_format(read_ledger, tmp_path: Path, form: str) -> None:
    suffix, write = WRITERS[form]
    path = tmp_path / f"ledger{suffix}"
    write(path)
    buildings = read_ledger(path).buildings
    for name in LEDGER.columns:
        wanted = [None if pd.isna(value) else value for value in LEDGER[name]]
        if name == "structure":
            wanted[2] = "LS"  # assumed: it is small
        if name == "storeys":
            wanted[2] = 1
        found = [None if pd.isna(value) else value for value in buildings[name]]
        assert found == wanted, name
    assert buildings.geometry.x.round(6).tolist() == LEDGER["lon"].tolist()
    assert buildings.crs.to_epsg() == 4326


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".parquet"])
def test_coordinates_come_from_the_shapes_where_the_columns_are_absent(
    read_ledger, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"ledger{suffix}"
    shapes = points(LEDGER, "EPSG:6675").drop(columns=["lat", "lon"])
    shapes.geometry = shapes.geometry.buffer(10)
    shapes = shapes.to_crs(4326) if suffix == ".geojson" else shapes
    shapes.to_parquet(path) if suffix == ".parquet" else shapes.to_file(path)
    buildings = read_ledger(path).buildings
    assert buildings["lat"].round(4).tolist() == [34.76, 34.77, 34.78]
    assert buildings["lon"].round(4).tolist() == [137.39, 137.40, 137.41]


def test_a_list_in_a_geographic_file_is_a_fault_like_any_text(read_ledger, tmp_path: Path) -> None:
    path = tmp_path / "ledger.parquet"
    shapes = points(LEDGER)
    shapes["storeys"] = [[1, 2], [3], []]
    shapes.to_parquet(path)
    with pytest.raises(InventoryError) as caught:
        read_ledger(path)
    assert len(caught.value.faults) == 3
    assert "row 1, `storeys`" in caught.value.faults[0].en


def test_unknown_columns_are_left_out_and_said(read_ledger) -> None:
    text = "id,name,use,built_year,floor_area_m2,所管課,電話\nF1,小学校,school,1990,500,教育政策課,0532\n"
    inventory = read_ledger(text)
    assert "所管課" not in inventory.buildings
    assert any("所管課、電話" in notice.ja and "所管課, 電話" in notice.en for notice in inventory.notices)


def test_the_sheet_with_the_known_headers_is_read_and_the_others_named(read_ledger, tmp_path: Path) -> None:
    path = tmp_path / "ledger.xlsx"
    write_xlsx(path)
    inventory = read_ledger(path)
    assert any("凡例" in notice.ja for notice in inventory.notices)


def test_everyday_japanese_spellings_are_understood(read_ledger) -> None:
    text = (
        "施設ＩＤ,施 設 名,用途分類,建築年度,延床面積（㎡）,構造,階数,耐震性,維持管理費,文化財等,保有形態,劣化度 外壁,決定済みの方針\n"
        'Ｔ００１,本庁舎,行政系,Ｓ５３,"１２，３４５．５㎡",ＳＲＣ造,8階,耐震補強済,12万円,○,市有,ｂ,建替え：令和１２年度\n'
        "T002,支所,行政系施設,昭和56年3月,360 m2,木 造,1,不明,－,,自己所有,―,現状維持\n"
    )
    first, second = read_ledger(text).buildings.to_dict("records")
    assert first["id"] == "T001"
    assert (first["use"], first["built_year"], first["floor_area_m2"]) == ("administration", 1978, 12345.5)
    assert (first["structure"], first["storeys"], first["seismic_status"]) == ("SRC", 8, "retrofitted")
    assert (first["running_cost"], first["is_listed"], first["tenure"]) == (120_000, True, "owned")
    assert (first["grade_exterior"], first["locked"]) == ("B", "rebuild:2030")
    assert (second["built_year"], second["floor_area_m2"], second["structure"]) == (1980, 360, "W")
    assert pd.isna(second["running_cost"])
    assert second["grade_exterior"] is None
    assert second["locked"] == "keep"


def test_writing_the_sample_and_reading_it_again_changes_nothing(workspace: Workspace, workspace_folder: Path) -> None:
    before = read_inventory(workspace)
    names = [column.name for column in COLUMNS]
    plain = pd.DataFrame(before.buildings[names])
    plain["is_listed"] = plain["is_listed"].astype(int)
    plain.to_csv(workspace_folder / "facilities/buildings.csv", index=False)
    after = read_inventory(workspace)
    assert_frame_equal(pd.DataFrame(before.buildings[names]), pd.DataFrame(after.buildings[names]))
    assert after.guesses.empty


signs = st.characters(
    codec="cp932", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"), exclude_characters="¢£¬‖−〜"
)  # the excluded signs do not survive cp932 itself
rows = st.lists(
    st.tuples(
        st.text(signs, min_size=4, max_size=12).filter(lambda word: not is_blank(word)),
        st.integers(1868, 2026),
        st.floats(1, 1e6, allow_nan=False).map(lambda area: round(area, 2)),
        st.sampled_from(list(BY_NAME["use"].codes)),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=50, deadline=None)
@given(rows=rows, encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp932"]), japanese=st.booleans())
def test_any_ledger_survives_a_round_trip(tmp_path_factory, rows, encoding: str, *, japanese: bool) -> None:
    japanese |= encoding == "cp932"
    path = tmp_path_factory.mktemp("round") / "a.csv"
    names = ["name", "built_year", "floor_area_m2", "use", "is_listed", "id"]
    frame = pd.DataFrame([[*row, f"F{place}"] for place, row in enumerate(rows)], columns=names)
    written = frame.assign(use=[BY_NAME["use"].codes[code].ja if japanese else code for code in frame["use"]])
    written = written.rename(columns={name: BY_NAME[name].title.ja for name in names} if japanese else {})
    written.to_csv(path, index=False, encoding=encoding)
    faults = Faults("a.csv")
    read = clean(read_table(path, "a.csv"), faults)
    assert faults.found == []
    for name in names:
        assert read[name].tolist() == frame[name].tolist(), name
