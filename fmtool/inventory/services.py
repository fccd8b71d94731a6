"""What each service needs and who may take it over, from ``models/services.csv``.

One row for each service class of the ledger and each of the thirteen uses (the fallback):

service, service_en
    The class as the ledger writes it, or a use code.
use
    The use it counts to.
demand
    The population that needs it: total, age_0_14, age_15_64, age_65_plus, or none.
standard_rate
    Share of today's capacity per head of that population to be kept in the whole city; 1.0 = all.
local_rate
    The same share to be kept within ``reach_m`` of each district; blank = 0.
reach_m
    A district that has the service within this distance today keeps one; blank = city-wide.
merge_group
    Services that share a group may take each other's facilities in; several groups are
    separated by ``|``; blank = never merged.
is_closable
    1 = may be merged, converted, leased, sold or demolished at all; 0 = never.
convert_to
    Service that the building may turn to; blank = none.
basis, source
    As for every assumption.
"""

from __future__ import annotations

import csv
import io
from typing import get_args

import pandas as pd

from fmtool.errors import WorkspaceError
from fmtool.inventory.tables import decoded
from fmtool.text import Text, listing
from fmtool.vocabulary import USES
from fmtool.workspace import Workspace
from fmtool.workspace.figures import Basis

COLUMNS = (
    "service", "service_en", "use", "demand", "standard_rate", "local_rate", "reach_m", "merge_group", "is_closable", "convert_to",
    "basis", "source",
)  # fmt: skip

DEMANDS = ("total", "age_0_14", "age_15_64", "age_65_plus", "none")


def read_services(workspace: Workspace) -> pd.DataFrame:
    """Read the services file, indexed by service.

    Columns service_en, use, demand, merge_group, convert_to, basis, source (str, "" when blank),
    standard_rate and local_rate (float), reach_m (float, NaN = city-wide), is_closable (bool).

    Raises
    ------
    WorkspaceError
        With every fault: columns missing or unknown, a value outside its range, a service twice.
    """
    file = workspace.config.files.services
    path = workspace.path(file)
    if not path.is_file():
        raise WorkspaceError(Text(f"{file}: ファイルがありません", f"{file}: no such file"), _COPY)
    reader = csv.DictReader(io.StringIO(decoded(path.read_bytes(), file)))
    lines = list(reader)
    faults = _header_faults(file, list(reader.fieldnames or []))
    if not faults:
        faults = [fault for row, line in enumerate(lines, start=2) for fault in _faults(file, row, line)]
        faults += _whole_faults(file, lines)
    if faults:
        raise WorkspaceError(
            Text(f"{file} に{len(faults)}件の誤りがあります", f"{file}: {len(faults)} to mend"), _COPY, faults
        )
    frame = pd.DataFrame(lines, dtype=object).map(str.strip)
    frame["standard_rate"] = frame["standard_rate"].astype("float64")
    frame["local_rate"] = pd.to_numeric(frame["local_rate"].replace("", "0")).astype("float64")
    frame["reach_m"] = pd.to_numeric(frame["reach_m"].replace("", None)).astype("float64")
    frame["is_closable"] = frame["is_closable"] == "1"
    return frame.set_index("service")


_COPY = Text(
    "`fmtool init` が作る models/services.csv を手本に直してください",
    "mend it after the models/services.csv that `fmtool init` writes",
)


def _header_faults(file: str, header: list[str]) -> list[Text]:
    missing = [name for name in COLUMNS if name not in header]
    unknown = [str(name) for name in header if name not in COLUMNS]
    faults = []
    if missing:
        faults.append(
            Text(f"{file}: 列がありません: {', '.join(missing)}", f"{file}: missing columns {', '.join(missing)}")
        )
    if unknown:
        faults.append(
            Text(f"{file}: 知らない列です: {', '.join(unknown)}", f"{file}: unknown columns {', '.join(unknown)}")
        )
    if twice := sorted({name for name in header if header.count(name) > 1}):
        faults.append(
            Text(f"{file}: 同じ列が2つ以上あります: {', '.join(twice)}", f"{file}: columns twice: {', '.join(twice)}")
        )
    return faults


def _faults(file: str, row: int, line: dict[str, str]) -> list[Text]:
    faults: list[Text] = []

    def wrong(column: str, ja: str, en: str) -> None:
        value = line[column]
        faults.append(
            Text(f"{file} {row}行目 `{column}`「{value}」: {ja}", f"{file}, row {row}, `{column}` '{value}': {en}")
        )

    if None in line or None in line.values():
        columns = len(COLUMNS)
        return [
            Text(
                f"{file} {row}行目: 列の数が{columns}ではありません",
                f"{file}, row {row}: does not have {columns} cells",
            )
        ]
    for column in ("service", "source"):
        if not line[column].strip():
            wrong(column, "空欄にできません", "must not be blank")
    for column, allowed in _ALLOWED.items():
        if line[column].strip() not in allowed:
            listed = listing(list(allowed), 20)
            wrong(column, f"{listed.ja} のいずれかにしてください", f"use one of {listed.en}")
    if not _between(line["standard_rate"], 0, 2):
        wrong("standard_rate", "0～2の数にしてください", "use a number of 0 to 2")
    if line["local_rate"].strip() and not _between(line["local_rate"], 0, 2):
        wrong("local_rate", "0～2の数にするか空欄にしてください", "use a number of 0 to 2, or leave it blank")
    if line["reach_m"].strip() and not _between(line["reach_m"], 1, 1_000_000):
        wrong(
            "reach_m", "1以上の距離（m）にするか空欄にしてください", "use a distance of 1 m or more, or leave it blank"
        )
    return faults


_ALLOWED: dict[str, tuple[str, ...]] = {
    "use": tuple(USES),
    "demand": DEMANDS,
    "is_closable": ("0", "1"),
    "basis": get_args(Basis),
}


def _between(text: str, low: float, high: float) -> bool:
    try:
        return low <= float(text) <= high
    except ValueError:
        return False


def _whole_faults(file: str, lines: list[dict[str, str]]) -> list[Text]:
    names = [(line["service"] or "").strip() for line in lines]
    faults = []
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        faults.append(
            Text(
                f"{file}: 同じ service が2行以上あります: {listing(twice).ja}",
                f"{file}: service twice: {listing(twice).en}",
            )
        )
    lacking = [use for use in USES if use not in names]
    if lacking:
        faults.append(
            Text(
                f"{file}: 用途分類の行がありません: {listing(lacking, 13).ja}",
                f"{file}: no row for the uses {listing(lacking, 13).en}",
            )
        )
    targets = {(line["convert_to"] or "").strip() for line in lines} - {""}
    if astray := sorted(targets - set(names)):
        faults.append(
            Text(
                f"{file}: convert_to の先がありません: {listing(astray).ja}",
                f"{file}: convert_to names services without a row: {listing(astray).en}",
            )
        )
    return faults
