"""Files made to hurt: bombs, names that point elsewhere, formats in disguise. Each is refused in a sentence, at once."""

# ruff: noqa: PLW0108, Q003  - a table of files, one line each

from __future__ import annotations

import io
import resource
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
import xlwt

from fmtool.errors import FmtoolError
from fmtool.inventory import limits
from fmtool.inventory.importing.run import import_files
from fmtool.inventory.limits import check_file, open_workbook
from fmtool.inventory.shapefiles import unpacked_shapefile

CORPUS = Path(__file__).parents[1] / "importing" / "corpus"

HEAD = '<?xml version="1.0"?><!DOCTYPE x [%s]>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def book(change: Callable[[str, bytes], bytes], source: bytes | None = None) -> bytes:
    """Return a workbook of two rows with its parts changed."""
    if source is None:
        made = io.BytesIO()
        with xlsxwriter.Workbook(made) as workbook:
            sheet = workbook.add_worksheet()
            sheet.write_row("A1", ["施設名", "用途分類", "建築年度", "延床面積"])
            sheet.write_row("A2", ["図書館", "社会教育系施設", 1981, 2450])
        source = made.getvalue()
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return changed.getvalue()


def in_sheet(old: bytes, new: bytes) -> bytes:
    def change(name: str, part: bytes) -> bytes:
        if not name.startswith("xl/worksheets/"):
            return part
        assert old in part
        return part.replace(old, new, 1)

    return book(change)


def in_part(wanted: str, new: bytes) -> bytes:
    return book(lambda name, part: new if name == wanted else part)


def ods(body: str, head: str = '<?xml version="1.0"?>') -> bytes:
    made = io.BytesIO()
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f"{head}<office:document-content {spaces}><office:body><office:spreadsheet><table:table>{body}"
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return made.getvalue()


def archive(members: dict[str, bytes], *, ratio: bool = False) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED if ratio else zipfile.ZIP_STORED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return made.getvalue()


def encrypted(source: bytes) -> bytes:
    """Set the flag of a password on every member."""
    data = bytearray(source)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            flags = struct.unpack_from("<H", data, at + offset)[0]
            struct.pack_into("<H", data, at + offset, flags | 1)
            at = data.find(mark, at + 4)
    return bytes(data)


def moved(source: bytes) -> bytes:
    """Cut a piece out, so that the archive's list names places before its beginning."""
    return source[:100] + source[1_100:]


def wide_xls(sheets: int) -> bytes:
    """Return an old workbook whose sheets hold a cell in their first and in their last place."""
    book = xlwt.Workbook()
    for number in range(sheets):
        sheet = book.add_sheet(str(number))
        sheet.write(0, 0, "施設名")
        sheet.write(65_535, 255, 1)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def shapes() -> dict[str, bytes]:
    with zipfile.ZipFile(CORPUS / "shapefile_cp932.zip") as packed:
        return {Path(name).name: packed.read(name) for name in packed.namelist()}


CELL = '<table:table-cell office:value-type="string"%s><text:p>x</text:p></table:table-cell>'
VRT = b'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'

REFUSED: dict[str, tuple[str, Callable[[], bytes], str, str]] = {
    "two cells that span a sheet": ("a.xlsx", lambda: in_sheet(b'r="D2"', b'r="XFD1048576"'), "columns is above the limit", "列数が上限"),
    "two cells far apart": ("a.xlsx", lambda: in_sheet(b'r="D2"', b'r="ZZ1000000"'), "extent of the sheets is above", "シートの広さが上限"),
    "a reference in single quotes": ("a.xlsx", lambda: in_sheet(b'r="D2"', b"r = 'ZZ1000000'"), "extent of the sheets is above", "シートの広さが上限"),
    "a row beyond all": ("a.xlsx", lambda: in_sheet(b'r="D2"', b'r="D99999999999"'), "rows is above the limit", "行数が上限"),
    "an old workbook of wide sheets": ("a.xls", lambda: wide_xls(3), "extent of the sheets is above", "シートの広さが上限"),
    "repeated cells": ("a.ods", lambda: ods("<table:table-row>" + CELL % ' table:number-columns-repeated="100000"' + "</table:table-row>"), "columns is above", "列数が上限"),
    "repeated rows": ("a.ods", lambda: ods('<table:table-row table:number-rows-repeated="1000000">' + CELL % ' table:number-columns-repeated="600"' + "</table:table-row>"), "extent of the sheets is above", "シートの広さが上限"),
    "blank rows before the last": ("a.ods", lambda: ods('<table:table-row table:number-rows-repeated="9000000"><table:table-cell/></table:table-row><table:table-row>' + CELL % "" + "</table:table-row>"), "rows is above", "行数が上限"),
    "a repeat that is no number": ("a.ods", lambda: ods("<table:table-row>" + CELL % ' table:number-columns-repeated="many"' + "</table:table-row>"), "damaged", "壊れています"),
    "entities without end in ODS": ("a.ods", lambda: ods("<table:table-row>" + CELL % "" + "</table:table-row>", HEAD % LAUGHS), "damaged", "壊れています"),
    "an entity that is a file": ("a.ods", lambda: ods("<table:table-row>" + CELL % "" + "</table:table-row>", HEAD % '<!ENTITY f SYSTEM "file:///etc/passwd">'), "damaged", "壊れています"),
    "a member outside": ("a.xlsx", lambda: archive({"../../evil": b"x", "xl/workbook.xml": b""}), "names a file outside", "外の場所を指す名前"),
    "a member of the root": ("a.zip", lambda: archive({"/etc/evil.shp": b"x"}), "names a file outside", "外の場所を指す名前"),
    "a member by backslash": ("a.zip", lambda: archive({"..\\..\\evil.shp": b"x"}), "names a file outside", "外の場所を指す名前"),
    "a member on a drive": ("a.zip", lambda: archive({"C:/evil.shp": b"x"}), "names a file outside", "外の場所を指す名前"),
    "too many members": ("a.zip", lambda: archive({f"{n}.shp": b"" for n in range(limits.MOST_MEMBERS + 1)}), "number of files in the archive", "ファイル数"),
    "a locked archive": ("a.xlsx", lambda: encrypted(book(lambda _name, part: part)), "protected by a password", "パスワード"),
    "a locked workbook": ("a.xlsx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2048), "not readable as an Excel workbook", "Excelブックとして読めません"),
    "a cut workbook": ("a.xlsx", lambda: book(lambda _name, part: part)[:-200], "damaged", "壊れています"),
    "bytes turned over": ("a.xlsx", lambda: bytes(b ^ 0x55 if 300 < n < 900 else b for n, b in enumerate(book(lambda _name, part: part))), "", ""),
    "an old workbook of noise": ("a.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 8, "not readable as an Excel workbook", "Excelブックとして読めません"),
    "a member before the beginning": ("a.xlsx", lambda: moved(book(lambda _name, part: part)), "damaged", "壊れています"),
    "no shapefile": ("a.zip", lambda: archive({"readme.txt": b"x"}), "holds no shapefile", "シェープファイル（.shp）がありません"),
    "two shapefiles": ("a.zip", lambda: archive({"a.shp": b"x", "b.shp": b"x"}), "holds 2 shapefiles", "2個あります"),
    "a shapefile of noise": ("a.zip", lambda: archive({"a.shp": b"\x00\x00\x27\x0a" + bytes(200), "a.shx": b"x", "a.dbf": b"x"}), "not readable", "読めません"),
    "a shapefile in disguise": ("a.zip", lambda: archive({"a.shp": VRT}), "not readable as geographic data", "地理データとして読めません"),
    "a virtual file named GeoJSON": ("a.geojson", lambda: VRT, "not readable as geographic data", "地理データとして読めません"),
    "a virtual file named GeoPackage": ("a.gpkg", lambda: VRT, "not readable as geographic data", "地理データとして読めません"),
    "a GeoPackage cut short": ("a.gpkg", lambda: (CORPUS / "points.gpkg").read_bytes()[:5000], "not readable", "読めません"),
    "GeoJSON without end": ("a.geojson", lambda: b'{"type": "FeatureCollection", "features": ' + b"[" * 200_000, "not readable", "読めません"),
    "a cell without end": ("a.csv", lambda: "施設名,用途分類,建築年度,延床面積\n".encode() + b"a" * 40_000 + b",school,1981,10\n", "above the limit", "上限"),
    "columns without end": ("a.csv", lambda: ("施設名" + ",x" * 5_000 + "\n").encode(), "columns is above the limit", "列数が上限"),
    "a quote without end": ("a.csv", lambda: "施設名,用途分類,建築年度,延床面積\n\"".encode() + b"a,\n" * 20_000, "", ""),
    "only zeros": ("a.csv", lambda: bytes(1000), "", ""),
    "a picture named CSV": ("a.csv", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "", ""),
    "a workbook named CSV": ("a.csv", lambda: book(lambda _name, part: part), "holds an Excel workbook", "Excelブック"),
    "a text named XLSX": ("a.xlsx", lambda: b"name,use\n", "not readable as an Excel workbook", "Excelブックとして読めません"),
    "an empty file": ("a.csv", lambda: b"", "empty", "空です"),
    "no name at all": ("a.csv", lambda: b"1,2,3\n4,5,6\n", "", ""),
}  # fmt: skip


@pytest.fixture
def city(tmp_path: Path, repository: Path) -> Path:
    folder = tmp_path / "city"
    (folder / "facilities").mkdir(parents=True)
    (folder / "fmtool.toml").write_bytes((repository / "fmtool.toml").read_bytes())
    return folder


@pytest.mark.parametrize("case", REFUSED)
def test_a_hostile_file_is_refused_in_a_sentence_at_once(city, tmp_path, case):
    file, make, en, ja = REFUSED[case]
    path = tmp_path / file
    path.write_bytes(make())
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(FmtoolError) as caught:
        import_files([str(path)], city)
    assert time.monotonic() - began < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # kilobytes
    assert en in caught.value.say("en")
    assert ja in caught.value.say("ja")
    assert file in caught.value.say("en")
    assert caught.value.hint is not None or caught.value.faults
    assert not list(tmp_path.rglob("*evil*"))


def test_an_archive_that_lies_about_its_size_is_stopped_while_it_unfolds(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_UNPACKED_BYTES", 3_000_000)
    path = tmp_path / "bomb.xlsx"
    data = bytearray(archive({"xl/worksheets/sheet1.xml": b" " * 9_000_000}, ratio=True))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.find(mark) + offset, 100)
    path.write_bytes(data)
    with pytest.raises(FmtoolError, match=r"damaged|size when unpacked"):
        check_file(path, path.name)
    path.write_bytes(archive({"xl/worksheets/sheet1.xml": b" " * 9_000_000}, ratio=True))
    with pytest.raises(
        FmtoolError, match=r"size when unpacked is above the limit \(9,000,000 bytes, at most 3,000,000\)"
    ):
        check_file(path, path.name)


def test_a_file_beyond_the_size_is_not_even_opened(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(limits.MOST_BYTES + 1)  # takes no room on the disk
    with pytest.raises(FmtoolError, match="the file's size is above the limit"):
        check_file(path, path.name)


def test_entities_in_a_workbook_stay_words(tmp_path):
    """The reader knows no entities of a document's own; a bomb of them is a fault or a word, never memory."""
    path = tmp_path / "laughs.xlsx"
    strings = HEAD % LAUGHS + f'<sst {SPACE} count="4" uniqueCount="4">' + "<si><t>&l11;</t></si>" * 4 + "</sst>"
    path.write_bytes(in_part("xl/sharedStrings.xml", strings.encode()))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        made = open_workbook(path, path.name)
        with limits.reading_workbook(path.name):
            cells = made.get_sheet_by_index(0).to_python()
    except FmtoolError:
        cells = []
    assert all(len(str(cell)) < 100 for line in cells for cell in line)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_shapefile_of_a_folder_in_an_archive_is_unpacked_under_our_own_names(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(
        archive(
            {f"深い/../深い/{name}".replace("/../深い", ""): data for name, data in shapes().items()}
            | {"__MACOSX/._a.shp": b"x"}
        )
    )
    with unpacked_shapefile(path, path.name) as unpacked:
        assert sorted(part.name for part in unpacked.parent.iterdir()) == [
            "shapes.dbf",
            "shapes.prj",
            "shapes.shp",
            "shapes.shx",
        ]
    assert not unpacked.parent.exists()


def test_ordinary_workbooks_keep_the_limits():
    for file in sorted(CORPUS.glob("*.xlsx")) + sorted(CORPUS.glob("*.ods")) + sorted(CORPUS.glob("*.xls")):
        check_file(file, file.name)
        assert open_workbook(file, file.name).sheet_names
