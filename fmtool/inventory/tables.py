"""Read a ledger of any of the five formats into one table of raw values.

CSV (UTF-8 with or without a byte-order mark, or cp932, told apart by their bytes; comma, tab or
semicolon), XLSX, GeoPackage, GeoJSON and GeoParquet. Headers may be the English names, the
Japanese or the English titles of ``columns.csv``. Values stay as the file holds them.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pyproj
import shapely

from fmtool.inventory.columns import column_of
from fmtool.inventory.faults import Faults, refuse
from fmtool.inventory.limits import check_file, check_geographic, check_table, open_workbook, reading_workbook
from fmtool.text import Text, listing

HEADER_ROWS = 20
"""Rows at the top of a sheet in which the header is looked for, below titles and notes."""

_ZIP, _JIS = b"PK\x03\x04", "\x1b$"
"""How a workbook begins, and how JIS (ISO-2022-JP) turns to Japanese: in plain text neither ever stands."""

_SAVE_AS_UTF8 = Text(
    "Excelなら「名前を付けて保存」で「CSV UTF-8」を選んで保存し直してください",
    "save it again as UTF-8 (in Excel: Save As, CSV UTF-8)",
)


@dataclass(frozen=True, slots=True)
class Table:
    """Raw values under column names, with the row of the file each stands in."""

    file: str
    cells: pd.DataFrame
    """Known columns only, dtype object; blank cells as the file gives them."""
    rows: np.ndarray[tuple[int], np.dtype[np.int64]]
    geometry: gpd.GeoSeries | None = None
    """EPSG:4326, in the order of the rows; None for a table without shapes."""
    notices: list[Text] = field(default_factory=list)


def read_table(path: Path, file: str) -> Table:
    """Read a ledger; ``file`` is how it is named to the user.

    Raises
    ------
    InventoryError
        When the file is missing, empty, of an unknown format or encoding, or has no known header.
    """
    if not path.is_file():
        raise refuse(
            file,
            Text("ファイルがありません", "no such file"),
            Text(
                "fmtool.toml の [files] buildings に施設台帳の場所を書いてください",
                "name the inventory under [files] buildings in fmtool.toml",
            ),
        )
    if path.stat().st_size == 0:
        raise _empty(file)
    readers = {
        ".csv": _read_csv, ".tsv": _read_csv, ".txt": _read_csv, ".xlsx": _read_xlsx, ".xlsm": _read_xlsx,
        ".gpkg": _read_geo, ".geojson": _read_geo, ".json": _read_geo, ".parquet": _read_geo, ".geoparquet": _read_geo,
    }  # fmt: skip
    check_file(path, file)
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise refuse(
            file,
            Text(f"読めない形式です（{path.suffix}）", f"format not read ({path.suffix})"),
            Text(
                "CSV、XLSX、GeoPackage、GeoJSON、GeoParquet のいずれかで保存し直してください",
                "save it as CSV, XLSX, GeoPackage, GeoJSON or GeoParquet",
            ),
        )
    return reader(path, file)


def _empty(file: str) -> Exception:
    return refuse(
        file,
        Text("空です（施設の行がありません）", "empty (no facility rows)"),
        Text("見出し行の下に1行1施設で書いてください", "give a header row and one row a facility below it"),
    )


def decoded(data: bytes, file: str) -> str:
    """Decode UTF-8 or cp932 text, and refuse what is neither.

    >>> decoded("施設名".encode("cp932"), "a.csv"), decoded("施設名".encode("utf-8-sig"), "a.csv")
    ('施設名', '施設名')
    """
    if data.startswith(_ZIP):
        raise refuse(
            file,
            Text("中身はExcelブックです", "holds an Excel workbook"),
            Text(
                "拡張子を .xlsx に直し、fmtool.toml の [files] もそれに合わせてください",
                "name it .xlsx, here and in fmtool.toml",
            ),
        )
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        place, row = error.start, data[: error.start].count(b"\n") + 1
        if is_wide:
            raise _undecodable(file, row, place) from None
    else:
        if (jis := text.find(_JIS)) >= 0:
            raise _undecodable(file, text.count("\n", 0, jis) + 1, jis)
        return text
    lenient = data.decode("utf-8", errors="replace")
    broken, whole = lenient.count("\ufffd"), sum(not sign.isascii() for sign in lenient)
    if broken * 5 > whole:
        try:
            text = data.decode("cp932")
        except UnicodeDecodeError as error:
            place, row = error.start, data[: error.start].count(b"\n") + 1
        else:
            if not _is_mojibake(text):
                return text
    raise _undecodable(file, row, place)


def _undecodable(file: str, row: int, place: int) -> Exception:
    return refuse(
        file,
        Text(
            f"文字コードがUTF-8でもShift_JIS（cp932）でもありません（{row}行目、{place}バイト目）",
            f"the encoding is neither UTF-8 nor Shift_JIS (cp932) (row {row}, byte {place})",
        ),
        _SAVE_AS_UTF8,
    )


def _is_mojibake(text: str) -> bool:
    """Tell other encodings apart: EUC-JP read as cp932 turns into half-width katakana under no known header."""
    cells = [cell for line in text.splitlines()[:HEADER_ROWS] for cell in re.split(r"[,\t;]", line)]
    if any(not cell.isascii() and column_of(cell.strip('"')) for cell in cells):
        return False
    wide = [sign for sign in text if not sign.isascii()]
    return sum("\uff61" <= sign <= "\uff9f" for sign in wide) * 3 > len(wide)


def _read_csv(path: Path, file: str) -> Table:
    text = decoded(path.read_bytes(), file)
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    csv.field_size_limit(10_000_000)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise refuse(
            file, Text(f"CSVとして読めません（{error}）", f"not readable as CSV ({error})"), _SAVE_AS_UTF8
        ) from None
    return _from_lines(lines, file, [])


def _read_xlsx(path: Path, file: str) -> Table:
    book = open_workbook(path, file)
    with reading_workbook(file):
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    known = {name: max((_known(line) for line in lines[:HEADER_ROWS]), default=0) for name, lines in sheets.items()}
    best = max(known, key=lambda name: known[name])
    others = [name for name in sheets if name != best and sheets[name]]
    notices = []
    if others:
        notices.append(
            Text(
                f"{file}: シート「{best}」を読みました（読まないシート: {listing(others).ja}）",
                f"{file}: read sheet `{best}` (not read: {listing(others).en})",
            )
        )
    return _from_lines(sheets[best], file, notices)


def _known(line: list[Any]) -> int:
    return len({column_of(str(cell)) for cell in line if cell is not None} - {None})


def _from_lines(lines: list[list[Any]], file: str, notices: list[Text]) -> Table:
    """Find the header among the first rows, and keep the rows below that hold anything."""
    check_table(len(lines), max((len(line) for line in lines), default=0), file)
    top = lines[:HEADER_ROWS]
    header = max(range(len(top)), key=lambda place: (_known(top[place]), -place), default=0)
    if not any(any(str(cell or "").strip() for cell in line) for line in lines):
        raise _empty(file)
    names = ["" if cell is None else str(cell) for cell in lines[header]]
    kept = [
        (row, line)
        for row, line in enumerate(lines[header + 1 :], start=header + 2)
        if any(cell is not None and str(cell).strip() for cell in line)
    ]
    if not kept:
        raise _empty(file)
    width = len(names)
    faults = Faults(file)
    for row, line in kept:
        if any(cell is not None and str(cell).strip() for cell in line[width:]):
            faults.add(
                row,
                None,
                None,
                Text(
                    f"列が見出しより多い（{len(line)}列、見出しは{width}列）",
                    f"has {len(line)} cells under {width} headers",
                ),
                Text("値の中のコンマを引用符で囲んでください", "put quotes around values that hold a comma"),
            )
    faults.raise_any()
    cells = [[*line[:width], *[None] * (width - len(line))] for _, line in kept]
    frame = pd.DataFrame(cells, columns=range(width), dtype=object)
    return _named(frame, names, np.array([row for row, _ in kept], dtype=np.int64), file, None, notices)


def _read_geo(path: Path, file: str) -> Table:
    read = read_shapes(path, file)
    names = [str(name) for name in read.columns if name != read.geometry.name]
    frame = pd.DataFrame({place: read[name].astype(object).map(_scalar) for place, name in enumerate(names)})
    if frame.empty:
        raise _empty(file)
    rows = np.arange(1, len(read) + 1, dtype=np.int64)
    return _named(frame.reset_index(drop=True), names, rows, file, read.geometry.reset_index(drop=True), [])


def _scalar(value: object) -> object:
    """Return lists and records of a geographic file as text, so that they are refused like any other text."""
    return value if pd.api.types.is_scalar(value) else str(value)


def read_shapes(path: Path, file: str) -> gpd.GeoDataFrame:
    """Read a geographic file in EPSG:4326; one without a stated system is taken to be in it.

    Raises
    ------
    InventoryError
        When it is not readable or holds no shapes.
    """
    check_geographic(path, file)
    try:
        if path.suffix.lower() in {".parquet", ".geoparquet"}:
            read = gpd.read_parquet(path)
        else:
            with warnings.catch_warnings():
                # GDAL warns of a ring that does not close; reading it then fails, which is told below.
                warnings.simplefilter("ignore", RuntimeWarning)
                read = gpd.read_file(path, engine="pyogrio")
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pa.ArrowInvalid,
        shapely.errors.GEOSException,
        ValueError,
        OSError,
    ) as error:
        reason = str(error).splitlines()[0]
        raise refuse(
            file,
            Text(f"地理データとして読めません（{reason}）", f"not readable as geographic data ({reason})"),
            Text(
                "GISソフトで開けるか確かめ、GeoPackage か GeoJSON で保存し直してください",
                "see whether a GIS opens it, and save it again as GeoPackage or GeoJSON",
            ),
        ) from None
    if not isinstance(read, gpd.GeoDataFrame):
        raise refuse(
            file,
            Text("図形（geometry）がありません", "has no geometry"),
            Text("CSVかXLSXで保存し直してください", "save it as CSV or XLSX instead"),
        )
    return in_degrees(read, file)


def in_degrees(read: gpd.GeoDataFrame, file: str) -> gpd.GeoDataFrame:
    """Bring shapes to EPSG:4326; those without a stated system are taken to be in it.

    Raises
    ------
    InventoryError
        When no way leads there from the stated system, as from one of the moon.
    """
    try:
        return read.set_crs(4326) if read.crs is None else read.to_crs(4326)
    except pyproj.exceptions.ProjError as error:
        raise refuse(
            file,
            Text(
                f"座標系「{read.crs.name}」を緯度・経度に変換できません（{error}）",
                f"the coordinate system `{read.crs.name}` cannot be turned into degrees ({error})",
            ),
            Text(
                "GISソフトで世界測地系（EPSG:4326）にして保存し直してください", "save it again in EPSG:4326 with a GIS"
            ),
        ) from None


def _named(
    frame: pd.DataFrame,
    headers: list[str],
    rows: np.ndarray[tuple[int], np.dtype[np.int64]],
    file: str,
    geometry: gpd.GeoSeries | None,
    notices: list[Text],
) -> Table:
    names = [column_of(header) for header in headers]
    if not any(names):
        raise refuse(
            file,
            Text(
                f"知っている見出しが一つもありません（{listing([header for header in headers if header]).ja}）",
                f"no header is known ({listing([header for header in headers if header]).en})",
            ),
            Text(
                "見出しを columns.csv の英語名か日本語名にしてください（必須: id/施設ID, name/施設名, use/用途分類, built_year/建築年度, floor_area_m2/延床面積）。文字化けしていないかも確かめてください",
                "use the names or titles of columns.csv (needed: id, name, use, built_year, floor_area_m2), and see whether the encoding is right",
            ),
        )
    faults = Faults(file)
    for name, count in Counter(name for name in names if name).items():
        if count > 1:
            twice = [header for header, known in zip(headers, names, strict=True) if known == name]
            faults.add(
                None,
                name,
                " / ".join(twice),
                Text("同じ列が2つ以上あります", "the column stands there more than once"),
                Text("一つを残して消すか、見出しを変えてください", "keep one, or rename the others"),
            )
    faults.raise_any()
    unknown = [header for header, name in zip(headers, names, strict=True) if name is None and header.strip()]
    if unknown:
        notices = [
            *notices,
            Text(
                f"{file}: 使わない列 {listing(unknown, 8).ja} は読みませんでした",
                f"{file}: columns not used were left out: {listing(unknown, 8).en}",
            ),
        ]
    known = [place for place, name in enumerate(names) if name]
    cells = frame.iloc[:, known].set_axis([names[place] for place in known], axis=1)
    return Table(file, cells, rows, geometry, notices)
