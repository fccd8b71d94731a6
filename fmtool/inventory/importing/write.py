"""Write what an import made: the inventory, the mapping and the report, or nothing at all."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv

from fmtool.inventory.columns import BY_NAME
from fmtool.inventory.importing.cells import is_empty
from fmtool.inventory.importing.mapping import MAPPING_NAME, mapping_text
from fmtool.inventory.importing.report import MOST_ROWS, report_bytes
from fmtool.inventory.importing.run import BUILDINGS_NAME, ImportOutcome
from fmtool.inventory.values import guarded
from fmtool.text import Lang
from fmtool.workspace import write_bytes

PREVIOUS_NAME = "facilities/buildings.previous.csv"
REPORT_NAME = "facilities/import-report.xlsx"
ROWS_NAME = "facilities/import-rows.csv"
"""Every row of a source that is too long for the report."""


def buildings_bytes(frame: pd.DataFrame) -> bytes:
    """Return the inventory as UTF-8 text that Excel opens; numbers without needless decimals."""
    made = io.StringIO(newline="")
    lines = csv.writer(made)
    lines.writerow(frame.columns)
    lines.writerows(zip(*(_shown(frame[name], name) for name in frame.columns), strict=True))
    return made.getvalue().encode("utf-8-sig")


def _shown(values: pd.Series, name: str) -> list[str]:
    """Return every cell as written, each distinct one made once."""
    if BY_NAME[name].kind == "flag":
        return ["1" if value is True else "" for value in values]
    codes, cells = pd.factorize(values.to_numpy(), use_na_sentinel=False)
    decimals = (7 if name in {"lat", "lon"} else 4) if values.dtype == float else None
    return list(np.array([_cell(value, decimals) for value in cells.tolist()], dtype=object)[codes])


def _cell(value: object, decimals: int | None) -> str:
    if is_empty(value):
        return ""
    return guarded(str(value)) if decimals is None else f"{value:.{decimals}f}".rstrip("0").rstrip(".")


def write_import(outcome: ImportOutcome, root: Path, lang: Lang, mapping: Path | None = None) -> list[Path]:
    """Write every file of an import; all are made before the first is put in its place, the inventory last.

    The inventory that was there is kept beside as ``buildings.previous.csv``.
    """
    made: list[tuple[Path, bytes]] = [(root / REPORT_NAME, report_bytes(outcome, lang))]
    if len(outcome.account) > MOST_ROWS:
        made.append((root / ROWS_NAME, _rows_bytes(outcome.account)))
    target = mapping or root / MAPPING_NAME
    made.append((target, mapping_text(outcome.mapping, outcome.found).encode()))
    buildings = root / BUILDINGS_NAME
    if buildings.is_file():
        made.append((root / PREVIOUS_NAME, buildings.read_bytes()))
    made.append((buildings, buildings_bytes(outcome.buildings)))
    for path, data in made:
        write_bytes(path, data)
    if len(outcome.account) <= MOST_ROWS:
        (root / ROWS_NAME).unlink(missing_ok=True)  # of an earlier, longer source
    return [path for path, _ in made]


def _rows_bytes(account: pd.DataFrame) -> bytes:
    made = io.BytesIO(b"\xef\xbb\xbf")
    made.seek(0, io.SEEK_END)
    arrow_csv.write_csv(pa.Table.from_pandas(account, preserve_index=False), made)
    return made.getvalue()
