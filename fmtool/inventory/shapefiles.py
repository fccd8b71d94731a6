"""Zipped shapefiles, unpacked without trusting a single name of the archive."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from fmtool.inventory.faults import refuse
from fmtool.inventory.limits import check_file, check_geographic, reading_archive, unfolded
from fmtool.text import Text

_PARTS = {".shp", ".shx", ".dbf", ".prj", ".cpg"}


@contextmanager
def unpacked_shapefile(path: Path, file: str) -> Iterator[Path]:
    """Unpack the one shapefile of an archive into a scratch folder, under names of our own.

    Raises
    ------
    InventoryError
        When the archive breaks a limit, or holds no shapefile or several.
    """
    check_file(path, file)
    with tempfile.TemporaryDirectory(prefix="fmtool-") as folder:
        with reading_archive(file), zipfile.ZipFile(path) as archive:
            shapes = _unpack(archive, Path(folder), file)
        check_geographic(shapes, file)
        yield shapes


def _unpack(archive: zipfile.ZipFile, folder: Path, file: str) -> Path:
    members = [member for member in archive.infolist() if _is_part(member)]
    stems = sorted({_stem(member) for member in members if member.filename.lower().endswith(".shp")})
    if len(stems) != 1:
        raise refuse(
            file,
            Text(
                f"シェープファイル（.shp）が{len(stems)}個あります"
                if stems
                else "シェープファイル（.shp）がありません",
                f"holds {len(stems)} shapefiles" if stems else "holds no shapefile (.shp)",
            ),
            Text("一つのシェープファイルだけをZIPにしてください", "zip one shapefile with its parts"),
        )
    for member in members:
        if _stem(member) == stems[0]:
            made = folder / ("shapes" + PurePosixPath(member.filename).suffix.lower())
            with archive.open(member) as packed, made.open("wb") as unpacked:
                unpacked.writelines(unfolded(packed, file))
    return folder / "shapes.shp"


def _is_part(member: zipfile.ZipInfo) -> bool:
    place = PurePosixPath(member.filename)
    return place.suffix.lower() in _PARTS and "__MACOSX" not in place.parts


def _stem(member: zipfile.ZipInfo) -> str:
    return str(PurePosixPath(member.filename).with_suffix(""))
