"""How many cells the sheets of an old Excel workbook (XLS) span, seen before its reader makes room for them all.

The workbook is a stream of records, each with its kind and length (MS-XLS 2.1.4). A cell's record
begins with its row and column; a sheet begins with a BOF record. Two cells suffice to span a
sheet of 65,536 rows and 256 columns.
"""

from __future__ import annotations

import struct
from pathlib import Path

import olefile

_BEGIN = 0x0809
_CELLS = {0x0006, 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E}
"""FORMULA, MULRK, MULBLANK, RSTRING, LABELSST, BLANK, NUMBER, LABEL, BOOLERR, RK."""
_MANY = {0x00BD, 0x00BE}
"""Records of several cells of a row; the last column stands at their end."""


def xls_cells(path: Path) -> int:
    """Return the cells of all sheets from their first to their last; 0 for a file without a workbook.

    Raises
    ------
    OSError, ValueError
        When the file is damaged.
    """
    with olefile.OleFileIO(str(path)) as opened:
        _check_chains(opened)
        name = next((name for name in ("Workbook", "Book") if opened.exists(name)), None)
        return 0 if name is None else _span(opened.openstream(name).read())


def _check_chains(opened: olefile.OleFileIO) -> None:
    """See that no chain of sectors (MS-CFB 2.3) comes back on itself: its reader would follow it for ever.

    Raises
    ------
    ValueError
        When one does.
    """
    opened.loadminifat()
    entries = [entry for entry in opened.direntries if entry is not None]
    starts = [opened.first_dir_sector, opened.first_mini_fat_sector, *(entry.isectStart for entry in entries)]
    for table in (opened.fat, opened.minifat):
        for start in starts:
            at, steps = int(start), 0
            while 0 <= at < len(table):
                at, steps = int(table[at]), steps + 1
                if steps > len(table):
                    raise ValueError("a chain of sectors comes back on itself")


def _span(stream: bytes) -> int:
    total = 0
    rows: tuple[int, int] | None = None
    columns = (0, 0)
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        at += 4
        if kind == _BEGIN:
            total += _area(rows, columns)
            rows = None
        elif kind in _CELLS and length >= 4 and at + length <= len(stream):  # noqa: PLR2004  - a row and a column
            row, first = struct.unpack_from("<HH", stream, at)
            last = struct.unpack_from("<H", stream, at + length - 2)[0] if kind in _MANY else first
            columns = (first, last) if rows is None else (min(columns[0], first), max(columns[1], last))
            rows = (row, row) if rows is None else (min(rows[0], row), max(rows[1], row))
        at += length
    return total + _area(rows, columns)


def _area(rows: tuple[int, int] | None, columns: tuple[int, int]) -> int:
    return 0 if rows is None else (rows[1] - rows[0] + 1) * max(columns[1] - columns[0] + 1, 1)
