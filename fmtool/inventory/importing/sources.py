"""Open whatever holds a ledger, and give its tables unread.

Text (comma, tab, semicolon, bar; UTF-8, cp932, UTF-16), workbooks (XLSX, XLS, ODS), geographic files
(GeoPackage, GeoJSON, zipped shapefile, GeoParquet) and tables of a PostGIS database.
"""

from __future__ import annotations

import csv
import io
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyogrio

from fmtool.errors import InventoryError
from fmtool.inventory.faults import refuse
from fmtool.inventory.importing.cells import Coded, RawTable, check_words, table_of_lines
from fmtool.inventory.importing.postgis import is_database, read_postgis
from fmtool.inventory.limits import check_file, check_geographic, check_table, open_workbook, reading_workbook
from fmtool.inventory.shapefiles import unpacked_shapefile
from fmtool.inventory.tables import decoded, in_degrees, read_shapes
from fmtool.text import Text, listing, without_secrets

_DELIMITERS = ",\t;|"
_PROBED_LINES = 60
_LARGE = 2_000_000
"""Signs from which a text is read by the fast reader, which wants lines of one length."""

_TEXTS = {".csv", ".tsv", ".txt"}
_BOOKS = {".xlsx", ".xlsm", ".xls", ".ods"}
_OF_PROGRAMS = frozenset({"layer_styles", "qgis_projects"})
"""Tables that QGIS keeps its own things in."""

_SHAPES = {".gpkg", ".geojson", ".json", ".parquet", ".geoparquet"}


def read_source(source: str, sheets: Sequence[str] = ()) -> list[RawTable]:
    """Read every table of a file or database; those named in ``sheets`` must be among them.

    Raises
    ------
    InventoryError
        When it cannot be read, or a sheet does not exist.
    """
    if is_database(source):
        return [_of_frame(read_postgis(source), without_secrets(source), "")]
    path = Path(source)
    file, kind = path.name, path.suffix.lower()
    check_file(path, file)
    if path.stat().st_size == 0:
        raise refuse(
            file,
            Text("空です（施設の行がありません）", "empty (no facility rows)"),
            Text("施設の一覧を保存し直してください", "save the list of facilities again"),
        )
    if kind in _TEXTS:
        return [_read_text(path, file)]
    if kind in _BOOKS:
        return _read_book(path, file, sheets)
    if kind == ".gpkg":
        return _read_layers(path, file, sheets)
    if kind in _SHAPES:
        return [_of_frame(read_shapes(path, file), file, "")]
    if kind == ".zip":
        with unpacked_shapefile(path, file) as shapes:
            return [_of_frame(_read_shapefile(shapes, file), file, "")]
    raise refuse(
        file,
        Text(f"読めない形式です（{kind or '拡張子なし'}）", f"format not read ({kind or 'no extension'})"),
        Text(
            "CSV、TSV、XLSX、XLS、ODS、GeoPackage、GeoJSON、シェープファイル（ZIP）のいずれかで保存し直してください",
            "save it as CSV, TSV, XLSX, XLS, ODS, GeoPackage, GeoJSON or a zipped shapefile",
        ),
    )


def _read_text(path: Path, file: str) -> RawTable:
    text = _text(path.read_bytes(), file)
    delimiter = _delimiter(text[:200_000])
    csv.field_size_limit(10_000_000)
    if len(text) > _LARGE and (table := _read_fast(text, delimiter, file)) is not None:
        return table
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise refuse(
            file,
            Text(f"CSVとして読めません（{error}）", f"not readable as CSV ({error})"),
            Text("Excelで開き、CSV UTF-8で保存し直してください", "open it in Excel and save it as CSV UTF-8"),
        ) from None
    check_table(len(lines), max((len(line) for line in lines), default=0), file)
    table = table_of_lines(file, "", lines)
    if delimiter == ",":
        table.lengths = np.array([len(line) for line in lines], dtype=np.int64)
    return table


def _text(data: bytes, file: str) -> str:
    """Decode text; UTF-16 without a byte-order mark shows by the zero byte beside nearly every comma or tab."""
    head = data[:4000]
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\x00" in head:
        for encoding, around in (("utf-16-le", (b"", b"\x00")), ("utf-16-be", (b"\x00", b""))):
            marks = [(head.count(sign.join(around)), head.count(sign)) for sign in (b",", b"\t")]
            if any(2 * wide > all_of_them > 0 for wide, all_of_them in marks):
                try:
                    return data.decode(encoding)
                except UnicodeDecodeError:
                    continue
    if len(data) > _LARGE:
        head = data[: data.rfind(b"\n", 0, _LARGE) + 1]
        try:  # what the first lines are, the rest is likely too; if not, the slower way tells where it fails
            return data.decode("utf-8-sig" if _is_utf8(head) else "cp932" if decoded(head, file) else "utf-8")
        except (UnicodeDecodeError, InventoryError):
            pass
    return decoded(data, file)


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not head.startswith((b"\xff\xfe", b"\xfe\xff"))


def _delimiter(head: str) -> str:
    r"""Choose the sign that cuts most of the first lines into the same number of cells.

    >>> _delimiter("a;b\n1,5;2\n2,5;3"), _delimiter("a\tb, c\n1\t2"), _delimiter("name")
    (';', '\t', ',')
    """

    def evenness(delimiter: str) -> tuple[int, int]:
        widths: Counter[int] = Counter()
        try:
            for _, line in zip(
                range(_PROBED_LINES), csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), strict=False
            ):
                widths[len(line)] += 1
        except csv.Error:
            return 0, 0
        cut = [(count, width) for width, count in widths.items() if width > 1]
        return max(cut, default=(0, 0))

    return max(_DELIMITERS, key=evenness)


def _read_fast(text: str, delimiter: str, file: str) -> RawTable | None:
    """Read a long text column by column; None where its lines differ in length."""
    width = len(next(csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter), []))
    names = [str(place) for place in range(width)]
    try:
        read = arrow_csv.read_csv(
            io.BytesIO(text.encode()),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=1 << 24),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    check_table(read.num_rows, read.num_columns, file)
    columns = []
    for column in read.itercolumns():
        coded = column.combine_chunks().dictionary_encode()
        words = coded.dictionary.to_pylist()
        columns.append(
            Coded(
                coded.indices.to_numpy(zero_copy_only=False).astype(np.int64),
                tuple(word if word.strip() else None for word in words),
            )
        )
    check_words(file, columns)
    lengths = np.full(read.num_rows, width, dtype=np.int64) if delimiter == "," else None
    return RawTable(file, "", columns, np.arange(1, read.num_rows + 1, dtype=np.int64), lengths=lengths)


def _read_book(path: Path, file: str, sheets: Sequence[str]) -> list[RawTable]:
    book = open_workbook(path, file)
    made = []
    _check_sheets(book.sheet_names, sheets, file)
    for name in book.sheet_names:
        with reading_workbook(file):
            sheet = book.get_sheet_by_name(name)
            lines = sheet.to_python(skip_empty_area=False)
            ranges = getattr(sheet, "merged_cell_ranges", None) or []
        table = table_of_lines(file, name, lines)
        table.merged = [(first[0], first[1], last[0], last[1]) for first, last in ranges]
        made.append(table)
    return made


def _check_sheets(there: Sequence[str], wanted: Sequence[str], file: str) -> None:
    missing = [name for name in wanted if name not in there]
    if missing:
        raise refuse(
            file,
            Text(f"シート「{listing(missing).ja}」がありません", f"no sheet `{listing(missing).en}`"),
            Text(f"あるもの: {listing(list(there), 20).ja}", f"there are: {listing(list(there), 20).en}"),
        )


def _read_layers(path: Path, file: str, sheets: Sequence[str]) -> list[RawTable]:
    check_geographic(path, file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
        except pyogrio.errors.DataSourceError:
            layers = []
    if len(layers) <= 1:
        return [_of_frame(read_shapes(path, file), file, layers[0] if layers else "")]
    made = []
    _check_sheets(layers, sheets, file)
    for layer in [name for name in layers if name not in _OF_PROGRAMS]:
        read = gpd.read_file(path, layer=layer, engine="pyogrio")
        if isinstance(read, gpd.GeoDataFrame):
            read = in_degrees(read, file)
        made.append(_of_frame(read, file, layer))
    return made


def _read_shapefile(path: Path, file: str) -> gpd.GeoDataFrame:
    """Read a shapefile; without a stated encoding, Japanese ones are in cp932."""
    encodings = [None] if path.with_suffix(".cpg").exists() else ["utf-8", "cp932"]
    for encoding in encodings:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                read = gpd.read_file(path, engine="pyogrio", encoding=encoding)
        except UnicodeDecodeError:
            continue
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, UnboundLocalError, ValueError) as error:
            # The reader of a damaged coordinate system trips over its own variable (UnboundLocalError).
            reason = str(error).splitlines()[0].replace(str(path), file)
            raise refuse(
                file,
                Text(f"シェープファイルとして読めません（{reason}）", f"not readable as a shapefile ({reason})"),
                Text("GISソフトで開けるか確かめてください", "see whether a GIS opens it"),
            ) from None
        if isinstance(read, gpd.GeoDataFrame):
            return in_degrees(read, file)
    raise refuse(
        file,
        Text("文字コードがUTF-8でもcp932でもないか、図形がありません", "neither UTF-8 nor cp932, or without shapes"),
        Text(".cpg ファイルもZIPに入れてください", "zip it with its .cpg file"),
    )


def _of_frame(read: pd.DataFrame | gpd.GeoDataFrame, file: str, sheet: str) -> RawTable:
    geometry = None
    if isinstance(read, gpd.GeoDataFrame) and read.active_geometry_name is not None:
        geometry = read.geometry.reset_index(drop=True)
        read = pd.DataFrame(read.drop(columns=read.active_geometry_name))
    check_table(len(read), len(read.columns), file)
    # By place: a damaged file may name two columns alike.
    places = range(len(read.columns))
    columns = [Coded.of([_scalar(value) for value in read.iloc[:, place].tolist()]) for place in places]
    check_words(file, columns)
    rows = np.arange(1, len(read) + 1, dtype=np.int64)
    return RawTable(file, sheet, columns, rows, [str(name) for name in read.columns], geometry)


def _scalar(value: object) -> object:
    """Return lists and records as text; what pandas calls missing as None."""
    if not pd.api.types.is_scalar(value):
        return str(value)
    return None if pd.isna(value) else value  # type: ignore[call-overload]
