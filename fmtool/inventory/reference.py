"""Reference distributions of a city's stock, from ``models/reference_stock.csv``.

What facilities of a kind are commonly like, for a ledger that has too few of its own to judge by. One row
for each service, use and column:

use, service
    The kind; ``service`` blank = all facilities of the use, both blank = all facilities.
column
    ``built_year``, ``floor_area_m2``, ``running_cost`` (for each square metre of floor), ``capacity`` (floor area of one
    place: a pupil's, a seat, a bed, a dwelling), ``structure.CODE`` (share of a structure; those of a kind add up to 1),
    or ``structure_small.CODE`` (likewise, of small buildings).
unit, price_year
    ``fiscal year``, ``m2``, ``m2/place``, ``share``, or an amount for each square metre and year, such as ``JPY/m2/year``,
    with the year of its prices.
count
    Facilities that the row rests on; 0 where it is an assumption altogether.
low, middle, high
    Quartiles: a quarter of them lies below ``low``, half below ``middle``, three quarters below ``high``. A share stands
    in all three.
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
from fmtool.inventory.columns import BY_NAME
from fmtool.inventory.tables import decoded
from fmtool.text import Text
from fmtool.vocabulary import USES
from fmtool.workspace import Workspace
from fmtool.workspace.figures import Basis

FILE = "models/reference_stock.csv"
COLUMNS = (
    "use", "service", "column", "unit", "price_year", "count", "low", "middle", "high", "inhabitants", "basis", "source",
)  # fmt: skip
UNITS = {
    "built_year": "fiscal year", "floor_area_m2": "m2", "running_cost": "{currency}/m2/year", "capacity": "m2/place",
    **{f"{kind}.{code}": "share" for kind in ("structure", "structure_small") for code in BY_NAME["structure"].codes},
}  # fmt: skip
_NOT_WHOLE = 0.005
"""By so much the shares of a kind may miss 1: they are written with few digits."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The quartiles of one column over the facilities of one kind; of capacity, places for each square metre."""

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
        if line["column"] == "capacity":
            low, middle, high = 1 / high, 1 / middle, 1 / low
        found[key] = Reference(int(line["count"]), low, middle, high, people, line["basis"] == "assumed")
    faults += _not_whole(found)
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


def shares_of(references: References, column: str, use: str, service: str) -> dict[str, float]:
    """Return the share of each structure in one kind; empty where none is given.

    Parameters
    ----------
    references
        From :func:`read_reference`.
    column
        ``structure`` or ``structure_small``.
    use, service
        The kind.
    """
    codes = BY_NAME["structure"].codes
    found = {code: references.get((f"{column}.{code}", use, service)) for code in codes}
    return {code: each.middle for code, each in found.items() if each is not None and each.middle > 0}


def _not_whole(found: References) -> list[Text]:
    """Name the kinds whose shares do not add up to 1."""
    kinds = dict.fromkeys((key.split(".")[0], use, service) for key, use, service in found if "." in key)
    sums = {kind: sum(shares_of(found, *kind).values()) for kind in kinds}
    return [
        Text(
            f"{FILE}: {column}（{use or '全用途'} {service}）の割合の合計が1になりません（{total:.3g}）",
            f"{FILE}: the shares of {column} ({use or 'all uses'} {service}) do not add up to 1 (got {total:.3g})",
        )
        for (column, use, service), total in sums.items()
        if abs(total - 1) > _NOT_WHOLE
    ]


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
    return _not_quartiles(line)


_NO_QUARTILES = Text(
    "count は整数、low ≦ middle ≦ high は0以上の数でなければなりません",
    "count must be a whole number, and 0 <= low <= middle <= high",
)


def _not_quartiles(line: dict[str, str]) -> Text | None:
    if not _are_quartiles(line):
        return _NO_QUARTILES
    if line["column"] == "capacity" and float(line["low"]) <= 0:
        return Text("1人分の面積は0より大きくなければなりません", "the floor area of a place must be more than 0")
    return None


def _are_quartiles(line: dict[str, str]) -> bool:
    try:
        low, middle, high, people = (
            float(line[name].strip() or 0) for name in ("low", "middle", "high", "inhabitants")
        )
    except ValueError:
        return False
    return line["count"].strip().isdigit() and 0 <= low <= middle <= high < math.inf and 0 <= people < math.inf
