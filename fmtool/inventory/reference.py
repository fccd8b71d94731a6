"""Reference distributions of a city's stock, from ``models/reference_stock.csv``.

What facilities of a kind are commonly like, for a ledger that has too few of its own to judge by. One row
for each service, use and column:

use, service
    The kind; ``service`` blank = all facilities of the use, both blank = all facilities.
column
    ``built_year``, ``floor_area_m2`` or ``running_cost`` (for each square metre of floor).
unit, price_year
    ``fiscal year``, ``m2``, or an amount for each square metre and year, such as ``JPY/m2/year``, with the year of its prices.
count
    Facilities that the row rests on.
low, middle, high
    Quartiles: a quarter of them lies below ``low``, half below ``middle``, three quarters below ``high``.
inhabitants
    Of the city they stand in, where the kind serves a whole city: floor areas are scaled by the number of people. Else blank.
basis, source
    As for every assumption.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import get_args

from fmtool.errors import WorkspaceError
from fmtool.inventory.tables import decoded
from fmtool.text import Text
from fmtool.vocabulary import USES
from fmtool.workspace import Workspace
from fmtool.workspace.figures import Basis

FILE = "models/reference_stock.csv"
COLUMNS = (
    "use", "service", "column", "unit", "price_year", "count", "low", "middle", "high", "inhabitants", "basis", "source",
)  # fmt: skip
UNITS = {"built_year": "fiscal year", "floor_area_m2": "m2", "running_cost": "{currency}/m2/year"}


@dataclass(frozen=True, slots=True)
class Reference:
    """The quartiles of one column over the facilities of one kind."""

    count: int
    low: float
    middle: float
    high: float
    inhabitants: float | None
    has_assumed_spread: bool
    """Too few facilities for quartiles: ``low`` and ``high`` are assumed."""


type References = dict[tuple[str, str, str], Reference]
"""By column, use and service ("" = any)."""


def read_reference(workspace: Workspace) -> References:
    """Read the reference distributions; none where the workspace has no such file.

    Raises
    ------
    WorkspaceError
        With every fault: columns missing, a number that is none, quartiles out of order, another currency.
    """
    path = workspace.path(FILE)
    if not path.is_file():
        return {}
    reader = csv.DictReader(io.StringIO(decoded(path.read_bytes(), FILE)))
    lines = list(reader)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
    faults = [Text(f"{FILE}: 列 `{name}` がありません", f"{FILE}: the column `{name}` is missing") for name in missing]
    found: References = {}
    for row, line in enumerate([] if missing else lines, start=2):
        key = (line["column"], line["use"], line["service"])
        wrong = _fault(line, workspace.config.case.currency)
        if wrong is None and key in found:
            wrong = Text("同じ種類の行が2つあります", "the kind stands there twice")
        if wrong is not None:
            faults.append(Text(f"{FILE} {row}行目: {wrong.ja}", f"{FILE}, row {row}: {wrong.en}"))
            continue
        people = float(line["inhabitants"]) if line["inhabitants"].strip() else None
        low, middle, high = (float(line[name]) for name in ("low", "middle", "high"))
        found[key] = Reference(int(line["count"]), low, middle, high, people, line["basis"] == "assumed")
    if faults:
        raise WorkspaceError(
            Text(f"{FILE} に{len(faults)}件の誤りがあります", f"{FILE}: {len(faults)} to mend"),
            Text(
                "直すか、ファイルを除いてください（除けば自市の施設だけから推定します）",
                "mend it, or remove the file: then only the city's own facilities are judged by",
            ),
            faults,
        )
    return found


def _fault(line: dict[str, str], currency: str) -> Text | None:
    """Say what is wrong with a row, the first thing first."""
    if None in line.values() or None in line:
        return Text("列の数が合いません", "does not have as many cells as the header")
    if line["column"] not in UNITS:
        return Text(f"列名「{line['column']}」は使えません", f"`{line['column']}` is not a column that is estimated")
    unit = UNITS[line["column"]].format(currency=currency)
    if line["unit"] != unit:
        return Text(f"単位は {unit} です（{line['unit']}）", f"the unit must be {unit} (got {line['unit']})")
    if line["use"] and line["use"] not in USES:
        return Text(f"用途「{line['use']}」はありません", f"no use `{line['use']}`")
    if line["basis"] not in get_args(Basis) or not line["source"].strip():
        return Text("basis と source が要ります", "needs basis and source")
    return None if _are_quartiles(line) else _NO_QUARTILES


_NO_QUARTILES = Text(
    "count は整数、low ≦ middle ≦ high は0以上の数でなければなりません",
    "count must be a whole number, and 0 <= low <= middle <= high",
)


def _are_quartiles(line: dict[str, str]) -> bool:
    try:
        low, middle, high, people = (
            float(line[name].strip() or 0) for name in ("low", "middle", "high", "inhabitants")
        )
    except ValueError:
        return False
    return line["count"].strip().isdigit() and 0 <= low <= middle <= high < math.inf and 0 <= people < math.inf
