"""An inventory written as clerks write it comes back as it was."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmtool.inventory.importing import import_files
from fmtool.inventory.importing.write import buildings_bytes
from fmtool.vocabulary import USES
from fmtool.workspace import CONFIG_NAME

ERAS = ((2019, "令和", "R", 2018), (1989, "平成", "H", 1988), (1926, "昭和", "S", 1925))
FULL = str.maketrans("0123456789,.", "０１２３４５６７８９，．")

facilities = st.lists(
    st.tuples(
        st.sampled_from(list(USES)),
        st.integers(1930, 2024),
        st.integers(100, 9_999_999).map(lambda tenths: tenths / 10),
        st.sampled_from([None, "RC", "SRC", "S", "W"]),
        st.integers(0, 900_000),
    ),
    min_size=1,
    max_size=12,
)
STYLES = st.fixed_dictionaries(
    {
        "year": st.sampled_from(["plain", "era", "short", "fiscal", "date", "full"]),
        "area": st.sampled_from(["plain", "comma", "full", "unit"]),
        "delimiter": st.sampled_from([",", "\t", ";"]),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "cp932", "utf-16"]),
        "titles": st.integers(0, 4),
        "totals": st.booleans(),
        "blank": st.sampled_from(["", "－", "不明", "N/A"]),
        "repeat": st.booleans(),
    }
)


def year_as(year: int, style: str) -> str:
    _, name, letter, before = next(era for era in ERAS if year >= era[0])
    return {
        "plain": f"{year}", "era": f"{name}{year - before}年", "short": f"{letter}{year - before}.10", "fiscal": f"{year}年度",
        "date": f"{year + 1}/3/31", "full": f"{name}{year - before}年度".translate(FULL),
    }[style]  # fmt: skip


def area_as(area: float, style: str) -> str:
    return {
        "plain": f"{area}",
        "comma": f"{area:,}",
        "full": f"{area:,}".translate(FULL),
        "unit": f"{area}㎡",
    }[style]


def ledger(rows: list[tuple], style: dict) -> bytes:
    head = ["施設番号", "施設名称", "用途分類", "建築年度", "延床面積（㎡）", "構造", "維持管理費（千円）"]
    titles = [["公共施設一覧"], ["令和６年度"], [], ["部外秘"]]
    lines = [*titles[: style["titles"]], head]
    for place, (use, year, area, structure, cost) in enumerate(rows):
        if style["repeat"] and place == len(rows) // 2 and place:
            lines.append(head)
        lines.append(
            [
                f"A{place:03d}", f"第{place}施設", USES[use].ja, year_as(year, style["year"]), area_as(area, style["area"]),
                f"{structure}造" if structure else style["blank"], f"{cost:,}",
            ]
        )  # fmt: skip
    if style["totals"]:
        lines.append(["", "合　計", "", "", f"{sum(row[2] for row in rows):,.1f}", "", ""])
    made = io.StringIO(newline="")
    csv.writer(made, delimiter=style["delimiter"]).writerows(lines)
    return made.getvalue().encode(style["encoding"])


@pytest.fixture(scope="module")
def city(tmp_path_factory, request) -> Path:
    folder = tmp_path_factory.mktemp("city")
    shutil.copy(Path(request.config.rootpath) / CONFIG_NAME, folder / CONFIG_NAME)
    return folder


@given(rows=facilities, style=STYLES)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_inventory_comes_back_from_an_ugly_ledger(city, rows, style):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "台帳.csv"
        path.write_bytes(ledger(rows, style))
        outcome = import_files([str(path)], city)
        made = outcome.buildings
        assert made["id"].tolist() == [f"A{place:03d}" for place in range(len(rows))]
        assert made["use"].tolist() == [row[0] for row in rows]
        assert made["built_year"].tolist() == [row[1] for row in rows]
        assert made["floor_area_m2"].tolist() == pytest.approx([row[2] for row in rows])
        assert made["running_cost"].tolist() == [row[4] * 1000.0 for row in rows]
        wanted = [row[3] for row in rows]
        assert (made["structure"].tolist() if "structure" in made else [None] * len(rows)) == wanted
        assert len(outcome.account) == outcome.account["row"].nunique() == sum(outcome.counts().values())
        _written_again(made, Path(folder), city)


def _written_again(made: pd.DataFrame, folder: Path, city: Path) -> None:
    """See that the next import reads as it stands what this one writes."""
    path = folder / "buildings.csv"
    path.write_bytes(buildings_bytes(made))
    again = import_files([str(path)], city).buildings
    assert list(again.columns) == list(made.columns)
    for name in made.columns:
        if made[name].dtype == float:
            assert np.allclose(again[name], made[name], equal_nan=True)
        else:
            assert again[name].tolist() == made[name].tolist()
