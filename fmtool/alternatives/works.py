"""``facilities/works.csv``: works done or approved, each with the year it began and its actual cost.

facility_id
    Id of the ledger.
action
    What was done: a code or its Japanese name.
start_year
    Fiscal year in which it began, in the Western or the Japanese calendar.
cost
    Whole actual cost in currency units; blank = by unit costs.
host_id
    For a merger, the facility that takes it in.
status
    done (実施済) or approved (承認済); both are kept to.
remarks
    Anything else; not read.
"""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

from fmtool.alternatives.history import CLOSING, WORK_ACTIONS, Work
from fmtool.inventory.columns import folded
from fmtool.inventory.faults import Faults, refuse
from fmtool.inventory.limits import check_file, check_table
from fmtool.inventory.tables import decoded
from fmtool.inventory.values import is_blank, number, year
from fmtool.lifecycle.stock import Stock
from fmtool.text import Text, listing
from fmtool.units import MILLION
from fmtool.vocabulary import ACTIONS
from fmtool.workspace import Workspace

_COLUMNS: dict[str, Text] = {
    "facility_id": Text("施設ID", "Facility"),
    "action": Text("対策", "Action"),
    "start_year": Text("開始年度", "Start year"),
    "cost": Text("実績額", "Cost"),
    "host_id": Text("統合先", "Host"),
    "status": Text("状態", "Status"),
    "remarks": Text("備考", "Remarks"),
}
_HEADERS = {folded(word): name for name, title in _COLUMNS.items() for word in (name, title.ja, title.en)}
_REQUIRED = ("facility_id", "action", "start_year")
_ACTION_OF = {folded(word): code for code in WORK_ACTIONS for word in (code, ACTIONS[code].ja, ACTIONS[code].en)}
_STATUS = {folded(word) for word in ("done", "approved", "実施済", "承認済", "")}


def read_works(workspace: Workspace, stock: Stock) -> tuple[Work, ...]:
    """Return the works done or approved; none where fmtool.toml names no file.

    Raises
    ------
    InventoryError
        With every fault of the file.
    """
    file = workspace.config.files.works
    if file is None:
        return ()
    lines = _lines(workspace.path(file), file)
    faults = Faults(file, is_of_ledger=False)
    names = [_HEADERS.get(folded(title)) for title in (lines[0] if lines else [])]
    for name in _REQUIRED:
        if name not in names:
            way = Text(f"見出し「{_COLUMNS[name].ja}」の列を加えてください", f"add a column headed {name}")
            faults.add(None, name, None, Text("列がありません", "no such column"), way)
    faults.raise_any()
    works = []
    for row, line in enumerate(lines[1:], start=2):
        cells = {name: cell.strip() for name, cell in zip(names, line, strict=False) if name}
        if any(cells.values()):
            work = _work(row, cells, stock, workspace.config.case.years, faults)
            if work is not None:
                works.append((row, work))
    _check_order(works, stock, faults)
    faults.raise_any()
    return tuple(work for _, work in works)


def _lines(path: Path, file: str) -> list[list[str]]:
    if not path.is_file():
        raise refuse(
            file,
            Text("ファイルがありません", "no such file"),
            Text("[files] works を消すか、ファイルを置いてください", "put it there, or remove [files] works"),
        )
    check_file(path, file)
    text = decoded(path.read_bytes(), file)
    delimiter = max(",\t;", key=text.split("\n", 1)[0].count)
    try:
        lines = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise refuse(
            file,
            Text(f"CSVとして読めません（{error}）", f"not readable as CSV ({error})"),
            Text("「CSV UTF-8」で保存し直してください", "save it again as CSV UTF-8"),
        ) from None
    check_table(len(lines), max((len(line) for line in lines), default=0), file)
    return lines


def _work(row: int, cells: dict[str, str], stock: Stock, years: tuple[int, ...], faults: Faults) -> Work | None:
    """Read one row; None with its faults noted."""
    at = {name: place for place, name in enumerate(stock.facility_ids)}
    before = len(faults.found)

    def fault(column: str, problem: Text, way: Text) -> None:
        faults.add(row, column, cells.get(column, ""), problem, way)

    name, cost_text = cells.get("facility_id", ""), cells.get("cost", "")
    if name not in at:
        way = Text("施設台帳のIDを書いてください", "give an id of the ledger")
        fault("facility_id", Text("費用を計算する施設のIDではありません", "not the id of a costed facility"), way)
    action = _ACTION_OF.get(folded(cells.get("action", "")))
    if action is None:
        known = listing([ACTIONS[code].ja for code in WORK_ACTIONS], len(WORK_ACTIONS)).ja
        way = Text(f"次のどれか: {known}", f"one of {', '.join(WORK_ACTIONS)}")
        fault("action", Text("対策の名前ではありません", "no such action"), way)
    began = year(cells.get("start_year", ""))
    if began is None or not years[0] <= began <= years[-1]:
        span = f"{years[0]}～{years[-1]}"
        fault(
            "start_year",
            Text(f"計画の年度（{span}）ではありません", f"not a year of the plan, {years[0]} to {years[-1]}"),
            Text(
                "計画より前の工事は施設台帳の建築年・大規模改修年に書きます",
                "works before the plan go into the ledger's built year or year of last major works",
            ),
        )
    cost = None if is_blank(cost_text) else number(cost_text)
    if not is_blank(cost_text) and (cost is None or cost < 0):
        way = Text("通貨単位で書くか空欄にします", "give currency units, or leave it blank")
        fault("cost", Text("0以上の金額ではありません", "not an amount of 0 or more"), way)
    host = at.get(cells.get("host_id", ""), -1)
    if action == "merge" and (host < 0 or cells.get("host_id") == name):
        way = Text("統合先の施設のIDを書いてください", "give the host's id")
        fault("host_id", Text("統合先の施設のIDではありません", "not the id of a facility to merge into"), way)
    if folded(cells.get("status", "")) not in _STATUS:
        way = Text("done（実施済）か approved（承認済）と書きます", "write done or approved")
        fault("status", Text("実施済でも承認済でもありません", "neither done nor approved"), way)
    if len(faults.found) > before or action is None or began is None:
        return None
    millions = None if cost is None else cost / MILLION
    return Work(at[name], action, began - years[0], millions, host if action == "merge" else -1)


def _check_order(works: list[tuple[int, Work]], stock: Stock, faults: Faults) -> None:
    """See that a facility's works can follow each other: one a year, and after its closing only what clears it."""
    last: dict[int, Work] = {}
    for row, work in sorted(works, key=lambda item: (item[1].facility, item[1].year)):
        before = last.get(work.facility)
        last[work.facility] = work
        if before is None:
            continue
        is_clearing = before.action in {"merge", "demolish"} and work.action in {"demolish", "sell"}
        is_over = before.action in CLOSING and not is_clearing
        if work.year == before.year or is_over:
            name = stock.facility_ids[work.facility]
            problem = Text(
                f"{name}の前の工事「{ACTIONS[before.action].ja}」と両立しません",
                f"cannot follow {before.action} of {name}",
            )
            way = Text("年度か対策を確かめてください", "look at year and action")
            faults.add(row, "action", work.action, problem, way)
