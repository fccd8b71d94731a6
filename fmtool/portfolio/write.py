"""The folder of a portfolio: all of its files, or none."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fmtool.errors import UsageError
from fmtool.portfolio.national import National
from fmtool.portfolio.page import write_page
from fmtool.portfolio.tables import write_book, write_cities_csv, write_yearly_csv
from fmtool.text import Lang, Text
from fmtool.workspace import replacing_folder

TABLE, YEARLY, WORKBOOK, PAGE = "national.csv", "national_yearly.csv", "national.xlsx", "national.html"


def check_out(out: Path) -> None:
    """See before a long run that the folder may be made, or replaced without losing anyone's files.

    Raises
    ------
    UsageError
        When it holds anything but an earlier portfolio.
    OSError
        When nothing can be written beside it.
    """
    if out.exists() and not (out.is_dir() and {path.name for path in out.iterdir()} <= {TABLE, YEARLY, WORKBOOK, PAGE}):
        raise UsageError(
            Text(
                f"--out {out}: 全国集計のほかのファイルがあります。消さないよう、何も書きません",
                f"--out {out} holds other files than a portfolio's; nothing is written, so that none is lost",
            ),
            Text("新しいフォルダー名を書いてください", "name a new folder"),
        )
    out.resolve().parent.mkdir(parents=True, exist_ok=True)
    Path(tempfile.mkdtemp(dir=out.resolve().parent, prefix=f".{out.resolve().name}-")).rmdir()


def write_national(national: National, out: Path, lang: Lang) -> list[Path]:
    """Write tables, workbook and map beside the last ones, then take their place; return the files."""
    check_out(out)
    with replacing_folder(out) as folder:
        write_cities_csv(national, folder / TABLE, lang)
        write_yearly_csv(national, folder / YEARLY, lang)
        write_book(national, folder / WORKBOOK, lang)
        write_page(national, folder / PAGE, out.resolve(), lang)
    return [out / name for name in (TABLE, YEARLY, WORKBOOK, PAGE)]
