"""What an input file may hold, looked at before anything opens it.

Workbooks, ODS tables and zipped shapefiles are archives: a few kilobytes may unfold to more than
the memory, two cells may span a sheet of seventeen thousand million, and a member may be named
like a file elsewhere. Such files are refused, with the limit that they break.
"""

from __future__ import annotations

import errno
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO
from xml.parsers import expat

import python_calamine

from fmtool.errors import FmtoolError
from fmtool.inventory.faults import refuse
from fmtool.inventory.xls_extent import xls_cells
from fmtool.text import Text

MOST_BYTES = 1_000_000_000
"""Size of a file; a million facilities as CSV take some 200 MB."""
MOST_UNPACKED_BYTES = 2_000_000_000
"""Size of all that an archive holds."""
MOST_MEMBERS = 10_000
"""Files in an archive."""
MOST_ROWS = 2_000_000
MOST_COLUMNS = 702
"""Columns A to ZZ."""
MOST_SHEET_CELLS = 40_000_000
"""Cells of all sheets from their first to their last, blank ones included: each takes memory."""
LONGEST_CELL = 32_767
"""Signs in a cell, as in Excel."""

_CHUNK = 1 << 20
_TEXTS = {".csv", ".tsv", ".txt"}
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_REFERENCE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{0,9})([0-9]{1,12})[\"']")
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, expat.ExpatError,
    EOFError, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip
"""All that reading a spoilt archive may raise."""

_SPLIT = Text(
    "必要な行と列だけを残すか、ファイルを分けて保存し直してください",
    "keep only the rows and columns that are needed, or split the file",
)
_SAVE_AGAIN = Text(
    "ExcelやGISソフトで開けるか確かめ、保存し直してください", "see whether Excel or a GIS opens it, and save it again"
)


def check_file(path: Path, file: str) -> None:
    """See that a file may be opened: its size and, of an archive, what it would unfold to.

    Raises
    ------
    InventoryError
        When it breaks a limit, or an archive is damaged, locked or names files elsewhere.
    """
    if not path.is_file():
        raise refuse(
            file,
            Text("ファイルがありません", "no such file"),
            Text("ファイルの名前と場所を確かめてください", "look at its name and place"),
        )
    if (size := path.stat().st_size) > MOST_BYTES:
        raise _beyond(file, Text("ファイルの大きさ", "the file's size"), size, MOST_BYTES, Text("バイト", "bytes"))
    if path.suffix.lower() in _TEXTS:
        return  # whatever it holds, it is never unpacked
    with path.open("rb") as opened:
        head = opened.read(4)
    if head == _ZIP:
        _check_archive(path, file)
    elif head == _OLE:
        _check_extent(_xls_cells(path, file), file)


def check_table(rows: int, columns: int, file: str) -> None:
    """See that a table has not too many rows or columns.

    Raises
    ------
    InventoryError
        When it has.
    """
    if rows > MOST_ROWS:
        raise _beyond(file, Text("行数", "the number of rows"), rows, MOST_ROWS, Text("行", "rows"))
    if columns > MOST_COLUMNS:
        raise _beyond(file, Text("列数", "the number of columns"), columns, MOST_COLUMNS, Text("列", "columns"))


def check_cell(text: str, row: int, file: str) -> None:
    """See that a cell is not too long.

    Raises
    ------
    InventoryError
        When it is; the sentence names its row.
    """
    if len(text) > LONGEST_CELL:
        where = Text(f"{row}行目のセルの長さ", f"the length of a cell in row {row}")
        raise _beyond(file, where, len(text), LONGEST_CELL, Text("文字", "signs"))


def open_workbook(path: Path, file: str) -> python_calamine.CalamineWorkbook:
    """Open an XLSX, XLS or ODS workbook that keeps the limits.

    Raises
    ------
    InventoryError
        When it breaks a limit or is no workbook, damaged or locked.
    """
    check_file(path, file)
    with reading_workbook(file):
        return python_calamine.CalamineWorkbook.from_path(path)


@contextmanager
def reading_workbook(file: str) -> Iterator[None]:
    """Turn every failure of the workbook's reader into a sentence.

    Raises
    ------
    InventoryError
        When the block fails.
    """
    try:
        yield
    except FmtoolError:
        raise
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError, OverflowError) as error:
        said = str(error).splitlines()
        raise _unreadable(file, said[0] if said else type(error).__name__) from None
    except BaseException as error:
        if (
            type(error).__name__ != "PanicException"
        ):  # how the reader, written in Rust, fails on what it did not foresee
            raise
        raise _unreadable(file, "damaged") from None


def _unreadable(file: str, reason: str) -> Exception:
    return refuse(
        file,
        Text(f"Excelブックとして読めません（{reason}）", f"not readable as an Excel workbook ({reason})"),
        Text("パスワードを外し、.xlsx 形式で保存し直してください", "remove any password and save it again as .xlsx"),
    )


def _beyond(file: str, what: Text, found: int, most: int, unit: Text) -> Exception:
    return refuse(
        file,
        Text(
            f"{what.ja}が上限を超えています（{found:,}{unit.ja}、上限 {most:,}{unit.ja}）",
            f"{what.en} is above the limit ({found:,} {unit.en}, at most {most:,})",
        ),
        _SPLIT,
    )


@contextmanager
def reading_archive(file: str) -> Iterator[None]:
    """Turn every failure of reading a spoilt archive into a sentence; those of the disk go on.

    Raises
    ------
    InventoryError
        When the archive is damaged.
    """
    damaged = refuse(file, Text("圧縮ファイルが壊れています", "the archive is damaged"), _SAVE_AGAIN)
    try:
        yield
    except FmtoolError:
        raise
    except _DAMAGE:
        raise damaged from None
    except OSError as error:
        if error.errno != errno.EINVAL:  # a member said to lie before the archive's beginning
            raise
        raise damaged from None


def _check_archive(path: Path, file: str) -> None:
    with reading_archive(file), zipfile.ZipFile(path) as archive:
        _check_members(archive.infolist(), file)
        cells = sum(_cells_of(archive, member, file) for member in archive.infolist())
    _check_extent(cells, file)


def _check_extent(cells: int, file: str) -> None:
    if cells > MOST_SHEET_CELLS:
        raise _beyond(
            file, Text("シートの広さ", "the extent of the sheets"), cells, MOST_SHEET_CELLS, Text("セル", "cells")
        )


def _xls_cells(path: Path, file: str) -> int:
    try:
        return xls_cells(path)
    except (OSError, ValueError, struct.error, IndexError) as error:
        raise _unreadable(file, str(error)) from None


def _check_members(members: list[zipfile.ZipInfo], file: str) -> None:
    if len(members) > MOST_MEMBERS:
        what = Text("圧縮ファイルの中のファイル数", "the number of files in the archive")
        raise _beyond(file, what, len(members), MOST_MEMBERS, Text("個", "files"))
    if (size := sum(member.file_size for member in members)) > MOST_UNPACKED_BYTES:
        what = Text("展開後の大きさ", "the size when unpacked")
        raise _beyond(file, what, size, MOST_UNPACKED_BYTES, Text("バイト", "bytes"))
    if any(member.flag_bits & 1 for member in members):
        raise refuse(
            file,
            Text("パスワードで保護されています", "is protected by a password"),
            Text("パスワードを外して保存し直してください", "save it again without a password"),
        )
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ".." in PurePosixPath(name).parts or ":" in name.split("/")[0]:
            raise refuse(
                file,
                Text(
                    f"圧縮ファイルの中に外の場所を指す名前があります（{name[:80]}）",
                    f"the archive names a file outside of itself ({name[:80]})",
                ),
                _SAVE_AGAIN,
            )


def _cells_of(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str) -> int:
    """Return how many cells a sheet spans; 0 for anything else in the archive.

    Sizes stated in an archive may lie: every byte that is read is counted.
    """
    if not member.filename.endswith(".xml"):
        return 0
    with archive.open(member) as part:
        # A workbook may keep its sheets under any name, so every part is looked through.
        return _ods_cells(part, file) if member.filename == "content.xml" else _xlsx_cells(part, file)


def unfolded(opened: IO[bytes], file: str) -> Iterator[bytes]:
    """Read a member of an archive piece by piece, and stop where it unfolds beyond the limit.

    Raises
    ------
    InventoryError
        When it does.
    """
    read = 0
    while chunk := opened.read(_CHUNK):
        read += len(chunk)
        if read > MOST_UNPACKED_BYTES:
            what = Text("展開後の大きさ", "the size when unpacked")
            raise _beyond(file, what, read, MOST_UNPACKED_BYTES, Text("バイト", "bytes"))
        yield chunk


def _xlsx_cells(sheet: IO[bytes], file: str) -> int:
    last_row = rows = 0
    kept = b""
    widths: dict[bytes, int] = {}
    for chunk in unfolded(sheet, file):
        text = kept + chunk
        rows += chunk.count(b"<row")  # a row may leave out its number
        for letters, digits in _REFERENCE.findall(text):
            last_row = max(last_row, int(digits))
            if letters not in widths:
                widths[letters] = _column_number(letters)
        kept = text[-32:]  # a reference may lie across two chunks
    height, width = max(last_row, rows), max(widths.values(), default=0)
    check_table(height, width, file)
    return height * width


def _column_number(letters: bytes) -> int:
    """Return the number of a column.

    >>> _column_number(b"A"), _column_number(b"ZZ"), _column_number(b"XFD")
    (1, 702, 16384)
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


class _OdsExtent:
    """Counts the cells of ODS tables as their reader unfolds them, repeats included.

    Blank cells and rows count only where a filled one follows.
    """

    def __init__(self) -> None:
        self.cells = self.rows = self.columns = 0
        self._row_repeats = self._cell_repeats = 1
        self._width = self._blank_cells = self._blank_rows = 0
        self._is_filled = False

    def start(self, name: str, given: dict[str, str]) -> None:
        """Note what a table, row or cell says of itself."""
        kind = name.rpartition(":")[2]
        if kind == "table":
            self.rows = self.columns = self._blank_rows = 0
        elif kind == "table-row":
            self._row_repeats = int(given.get("table:number-rows-repeated", "1"))
            self._width = self._blank_cells = 0
        elif kind.endswith("table-cell"):
            self._cell_repeats = int(given.get("table:number-columns-repeated", "1"))
            self._is_filled = any(key.startswith("office:") for key in given)
        elif kind == "p":
            self._is_filled = True

    def end(self, name: str) -> None:
        """Add a cell to its row, a row to its table, a table to the whole."""
        kind = name.rpartition(":")[2]
        if kind.endswith("table-cell"):
            if self._is_filled:
                self._width += self._blank_cells + self._cell_repeats
            self._blank_cells = 0 if self._is_filled else self._blank_cells + self._cell_repeats
            self._is_filled = False
        elif kind == "table-row":
            if self._width:
                self.rows += self._blank_rows + self._row_repeats
                self.columns = max(self.columns, self._width)
            self._blank_rows = 0 if self._width else self._blank_rows + self._row_repeats
        elif kind == "table":
            self.cells += self.rows * self.columns


def _ods_cells(content: IO[bytes], file: str) -> int:
    extent = _OdsExtent()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = extent.start, extent.end
    parser.EntityDeclHandler = _refuse_entity
    for chunk in unfolded(content, file):
        parser.Parse(chunk, False)  # noqa: FBT003  - the parser takes it by place only
        check_table(extent.rows, extent.columns, file)
    parser.Parse(b"", True)  # noqa: FBT003
    return extent.cells


def _refuse_entity(*_declared: object) -> None:
    """Refuse entities, which no program writes into a table and which can grow without end."""
    raise ValueError


def check_geographic(path: Path, file: str) -> None:
    """See that a geographic file is what its name says; GDAL would follow others to files elsewhere.

    Raises
    ------
    InventoryError
        When it is not.
    """
    check_file(path, file)
    kind = path.suffix.lower()
    with path.open("rb") as opened:
        head = opened.read(4096)
    begins = {".gpkg": b"SQLite format 3\x00", ".shp": b"\x00\x00\x27\x0a", ".parquet": b"PAR1", ".geoparquet": b"PAR1"}
    if kind in begins:
        is_so = head.startswith(begins[kind])
    else:
        is_so = head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
    if not is_so:
        raise refuse(
            file,
            Text(
                "地理データとして読めません（中身が拡張子の示す形式ではありません）",
                "not readable as geographic data (it does not hold what its name says)",
            ),
            Text(
                "GISソフトで開けるか確かめ、GeoPackage か GeoJSON で保存し直してください",
                "see whether a GIS opens it, and save it again as GeoPackage or GeoJSON",
            ),
        )
