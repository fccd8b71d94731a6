"""An old Excel workbook whose chain of sectors comes back on itself is refused before its reader follows it for ever."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
import xlwt

from fmtool.errors import InventoryError
from fmtool.inventory.limits import check_file

SECTOR = 512
FIRST_DIRECTORY, FIRST_FAT = 48, 76
"""Where the header of MS-CFB 2.2 names the first sector of the directory, and the first of the table of chains."""


def workbook() -> bytearray:
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    sheet.write(0, 0, "name")
    file = io.BytesIO()
    book.save(file)
    return bytearray(file.getvalue())


def test_a_whole_workbook_passes(tmp_path: Path):
    path = tmp_path / "whole.xls"
    path.write_bytes(workbook())
    check_file(path, "whole.xls")


def test_a_directory_that_follows_itself_is_refused(tmp_path: Path):
    data = workbook()
    directory, table = (struct.unpack_from("<I", data, at)[0] for at in (FIRST_DIRECTORY, FIRST_FAT))
    struct.pack_into("<I", data, SECTOR * (table + 1) + 4 * directory, directory)
    path = tmp_path / "circle.xls"
    path.write_bytes(data)
    with pytest.raises(InventoryError, match=r"not readable|読めません"):
        check_file(path, "circle.xls")
