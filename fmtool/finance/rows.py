"""The rows of ``facilities/finance.csv``: one figure of the city's finances in one fiscal year, with its source.

key
    What it is: a code of ``KEYS`` or its Japanese name.
fiscal_year
    Western or Japanese calendar (2021, 令和3, R3).
value, unit
    A number in 円, 千円, 百万円, 億円 (or the workspace's currency code, alone or after thousand, million or
    billion); a ratio as a fraction or in %.
basis
    published (公表), derived (推計) or assumed (仮定).
source
    Where it was read, or how it was worked out.
remarks
    Anything else; not read.

CSV (UTF-8 or cp932; comma, tab or semicolon) or an Excel workbook; the header may stand below titles.
"""

from __future__ import annotations

import csv
import difflib
from collections import defaultdict
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

from fmtool.inventory.columns import folded
from fmtool.inventory.faults import Faults, refuse
from fmtool.inventory.limits import check_file, check_table, open_workbook, reading_workbook
from fmtool.inventory.tables import HEADER_ROWS, decoded
from fmtool.inventory.values import is_blank, number, year
from fmtool.text import Text, listing
from fmtool.vocabulary import FINANCE_KEYS

Points = Mapping[int, float]
"""Fiscal year to amount in whole currency units, or to a ratio as a fraction."""

RATIO = "debt_service_ratio"
KEYS = FINANCE_KEYS
"""Code of each figure to its names."""

_COLUMNS: dict[str, Text] = {
    "key": Text("項目", "Key"),
    "fiscal_year": Text("年度", "Fiscal year"),
    "value": Text("値", "Value"),
    "unit": Text("単位", "Unit"),
    "basis": Text("根拠", "Basis"),
    "source": Text("出典", "Source"),
    "remarks": Text("備考", "Remarks"),
}
_HEADERS = {folded(word): name for name, title in _COLUMNS.items() for word in (name, title.ja, title.en)} | {
    "金額": "value", "区分": "basis", "会計年度": "fiscal_year", "year": "fiscal_year", "note": "remarks",
}  # fmt: skip
_KEY_OF = {folded(word): key for key, name in KEYS.items() for word in (key, name.ja, name.en)}
BASES = {
    "published": Text("公表", "published"),
    "derived": Text("推計", "derived"),
    "assumed": Text("仮定", "assumed"),
}
_BASIS_OF = {folded(word): basis for basis, name in BASES.items() for word in (basis, name.ja)}
_YEN = {"円": 1.0, "千円": 1e3, "万円": 1e4, "百万円": 1e6, "億円": 1e8}
_SCALES = {"": 1.0, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_RATIO_UNITS = {"fraction": 1.0, "": 1.0, "%": 0.01, "percent": 0.01, "パーセント": 0.01}
_MOST = 1e16


def read_rows(path: Path, file: str, currency: str) -> dict[str, dict[int, float]]:
    """Read a finance file into its figures by key and fiscal year.

    Parameters
    ----------
    path, file
        A CSV file or workbook, and how it is named to the user.
    currency
        Three-letter code of the workspace's currency; the yen may be written 円.

    Raises
    ------
    InventoryError
        With every fault of the file.
    """
    if not path.is_file():
        raise refuse(
            file,
            Text("ファイルがありません", "no such file"),
            Text(
                "財政の見通しを使わないなら fmtool.toml の [files] finance を消してください",
                "without the city's finances, remove [files] finance from fmtool.toml",
            ),
        )
    lines = _lines(path, file)
    faults = Faults(file, is_of_ledger=False)
    header = max(range(len(lines[:HEADER_ROWS])), key=lambda place: (_known(lines[place]), -place), default=0)
    columns = _columns(lines[header] if lines else [], faults)
    faults.raise_any()
    found: dict[str, dict[int, float]] = defaultdict(dict)
    stands: dict[tuple[str, int], int] = {}
    units = _money_units(currency)
    for row, line in enumerate(lines[header + 1 :], start=header + 2):
        if not any(cell.strip() for cell in line):
            continue
        cells = {name: line[place].strip() if place < len(line) else "" for name, place in columns.items()}
        key, when, amount = _row(row, cells, units, faults)
        if key is None or when is None or amount is None:
            continue
        if (key, when) in stands:
            faults.add(
                row,
                "fiscal_year",
                cells["fiscal_year"],
                Text(f"{stands[key, when]}行目と同じ項目・年度です", f"is the key and year of row {stands[key, when]}"),
                Text("一つを残して消してください", "keep one"),
            )
        stands[key, when] = row
        found[key][when] = amount
    faults.raise_any()
    if not found:
        raise refuse(
            file,
            Text("空です（値の行がありません）", "empty (no rows)"),
            Text("項目と年度ごとに1行で書いてください", "give one row for each key and fiscal year"),
        )
    return {key: dict(sorted(found[key].items())) for key in KEYS if key in found}


def _lines(path: Path, file: str) -> list[list[str]]:
    """Return the cells of a CSV file, or of the sheet of a workbook that looks most like finances, as text."""
    check_file(path, file)
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        book = open_workbook(path, file)
        with reading_workbook(file):
            sheets = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]
        tables = [[["" if cell is None else str(cell) for cell in line] for line in sheet] for sheet in sheets]
        lines = max(
            tables, key=lambda table: max((_known(line) for line in table[:HEADER_ROWS]), default=0), default=[]
        )
    else:
        text = decoded(path.read_bytes(), file)
        delimiter = max(",\t;", key=text.split("\n", 1)[0].count)
        try:
            lines = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error as error:
            raise refuse(
                file,
                Text(f"CSVとして読めません（{error}）", f"not readable as CSV ({error})"),
                Text(
                    "Excelなら「CSV UTF-8」で保存し直してください",
                    "save it again as CSV (in Excel: Save As, CSV UTF-8)",
                ),
            ) from None
    check_table(len(lines), max((len(line) for line in lines), default=0), file)
    return lines


def _known(line: list[str]) -> int:
    return len({_HEADERS.get(folded(cell)) for cell in line} - {None})


def _columns(header: list[str], faults: Faults) -> dict[str, int]:
    """Return the place of each known column."""
    names = [_HEADERS.get(folded(title)) for title in header]
    for name, title in _COLUMNS.items():
        if names.count(name) > 1:
            faults.add(
                None,
                name,
                None,
                Text("同じ列が2つ以上あります", "the column stands there more than once"),
                Text("一つを残して消してください", "keep one"),
            )
        elif name not in names and name != "remarks":
            faults.add(
                None,
                name,
                None,
                Text("必須の列がありません", "a required column is missing"),
                Text(f"見出し「{title.ja}」か `{name}` の列を加えてください", f"add the column `{name}`"),
            )
    return {name: place for place, name in enumerate(names) if name is not None}


def _money_units(currency: str) -> dict[str, float]:
    """Return folded unit to its worth in whole currency units.

    >>> [_money_units("JPY")[unit] for unit in ("百万円", "jpy", "millionjpy")]
    [1000000.0, 1.0, 1000000.0]
    """
    code = currency.casefold()
    units = {f"{scale}{code}": worth for scale, worth in _SCALES.items()}
    return units | ({folded(unit): worth for unit, worth in _YEN.items()} if currency == "JPY" else {})


def _row(
    row: int, cells: Mapping[str, str], units: Mapping[str, float], faults: Faults
) -> tuple[str | None, int | None, float | None]:
    key = _KEY_OF.get(folded(cells["key"]))
    if key is None:
        faults.add(row, "key", cells["key"], Text("知らない項目です", "is no known key"), _like(cells["key"]))
    when = year(cells["fiscal_year"]) if cells["fiscal_year"] else None
    if when is None:
        faults.add(
            row,
            "fiscal_year",
            cells["fiscal_year"],
            Text("年度として読めません", "is not a fiscal year"),
            Text("西暦4桁か和暦で書いてください（例 2026、令和8、R8）", "write a four-digit year, such as 2026"),
        )
    if _BASIS_OF.get(folded(cells["basis"])) is None:
        faults.add(
            row,
            "basis",
            cells["basis"],
            Text("根拠の区分ではありません", "is no basis"),
            Text(
                "published（公表）、derived（推計）、assumed（仮定）のいずれかを書いてください",
                "write published, derived or assumed",
            ),
        )
    if is_blank(cells["source"]):
        faults.add(
            row,
            "source",
            cells["source"],
            Text("出典がありません", "has no source"),
            Text("資料名か、求め方・仮定の理由を書いてください", "name the document, or say how it was worked out"),
        )
    return key, when, None if key is None else _amount(row, key, cells, units, faults)


def _like(given: str) -> Text:
    close = difflib.get_close_matches(folded(given), list(_KEY_OF), n=1, cutoff=0.6)
    likely = _KEY_OF[close[0]] if close else None
    there_ja = listing([f"{key}（{name.ja}）" for key, name in KEYS.items()], len(KEYS)).ja
    there_en = listing(list(KEYS), len(KEYS)).en
    return Text(
        f"もしかすると {likely}（{KEYS[likely].ja}）" if likely else f"次のいずれかを書いてください: {there_ja}",
        f"perhaps {likely}" if likely else f"write one of {there_en}",
    )


def _amount(row: int, key: str, cells: Mapping[str, str], units: Mapping[str, float], faults: Faults) -> float | None:
    known = _RATIO_UNITS if key == RATIO else units
    worth = known.get(folded(cells["unit"]))
    if worth is None:
        remedy = (
            Text("fraction（小数）か % で書いてください", "write fraction or %")
            if key == RATIO
            else Text(f"次のいずれかを書いてください: {'、'.join(known)}", f"write one of {', '.join(known)}")
        )
        faults.add(row, "unit", cells["unit"], Text("単位が分かりません", "is no unit for it"), remedy)
    value = None if is_blank(cells["value"]) else number(cells["value"])
    least = -1.0 if key == RATIO else 0.0
    amount = None if value is None or worth is None else value * worth
    if value is None or (amount is not None and not least <= amount <= (1.0 if key == RATIO else _MOST)):
        ja, en = (
            ("-100%から100%の比率", "a ratio from -100 % to 100 %")
            if key == RATIO
            else ("0以上の金額", "an amount of 0 or more")
        )
        faults.add(
            row,
            "value",
            cells["value"],
            Text(f"{ja}ではありません", f"is not {en}"),
            Text(
                "数字と単位を確かめてください（例 68,000 と 百万円）",
                "see to number and unit, such as 68,000 in million JPY",
            ),
        )
        return None
    return amount
