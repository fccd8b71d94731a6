"""Measure an import: 100,000 rows of XLSX, 1,000,000 rows of CSV.

Run as ``python bench/bench_import.py [xlsx|csv] [rows]``. Each size is imported by the command
itself in a process of its own, report included; its time and largest memory are printed.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

HEAD = (
    "施設番号",
    "施設名",
    "棟名",
    "用途分類",
    "建築年月日",
    "延床面積（㎡）",
    "構造",
    "階数",
    "維持管理費（千円）",
    "所在地",
    "緯度",
    "経度",
    "備考",
)
USES = ("小学校", "図書館", "公民館", "保育所", "市営住宅", "体育館", "診療所", "庁舎")
STRUCTURES = ("ＲＣ造", "鉄骨造", "木造", "Ｗ", "鉄筋コンクリート造")
SIZES = {"xlsx": 100_000, "csv": 1_000_000}
LIMIT_S = 60.0
LIMIT_GB = {"xlsx": 2.0}


def lines(count: int) -> Iterator[tuple[str, ...]]:
    """Give ``count`` rows of made-up blocks, three a facility on average, with what clerks write."""
    draw = random.Random(1)  # noqa: S311  - no secret
    facility = 0
    for row in range(count):
        if row == 0 or draw.random() < 0.34:
            facility += 1
            use, place = draw.choice(USES), (35.8 + draw.random() / 10, 139.9 + draw.random() / 10)
        year = draw.randint(38, 63)
        built = draw.choice(
            (f"昭和{year}年", f"S{year}.{draw.randint(1, 12)}.1", f"{1925 + year}/4/1", f"{1925 + year}年度", "不明")
        )
        yield (
            f"A{facility:07d}", f"第{facility}{use}", f"{row % 7 + 1}号棟", use, built, f"{draw.randint(50, 5000):,}.{draw.randint(0, 9)}",
            draw.choice(STRUCTURES), f"{draw.randint(1, 5)}階", f"{draw.randint(0, 90000):,}", f"東町{facility % 900}-{facility % 77}",
            f"{place[0]:.6f}", f"{place[1]:.6f}", "" if row % 50 else "※要確認",
        )  # fmt: skip


def write_source(path: Path, count: int) -> None:
    """Write the ledger in the form that the file's name tells."""
    if path.suffix == ".csv":
        with path.open("w", encoding="cp932") as file:
            file.write(",".join(HEAD) + "\r\n")
            for line in lines(count):
                file.write(",".join(f'"{cell}"' if "," in cell else cell for cell in line) + "\r\n")
        return
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("施設台帳")
        sheet.write_string(0, 0, "公共施設一覧")
        for row, line in enumerate((HEAD, *lines(count)), 2):
            sheet.write_row(row, 0, line)


def measure(kind: str, count: int, folder: Path) -> None:
    """Import one ledger and print what it took."""
    source, workspace = folder / f"ledger.{kind}", folder / f"workspace-{kind}"
    write_source(source, count)
    fmtool = [sys.executable, "-m", "fmtool"]
    subprocess.run([*fmtool, "init", str(workspace)], check=True, capture_output=True)
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*fmtool, "-C", str(workspace), "import", str(source)], check=True, capture_output=True)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    most = after.ru_maxrss / 1e6
    print(
        f"{kind}: {count:,} rows, {source.stat().st_size / 1e6:.0f} MB: {seconds:.1f} s ({busy:.1f} s of processor), {most:.2f} GB at most"
    )
    # Where other work shares the machine, the processor time tells what a quiet one would take.
    assert count > SIZES[kind] or seconds < LIMIT_S
    assert count > SIZES[kind] or most < LIMIT_GB.get(kind, most + 1)


def main() -> None:
    """Measure what the command line names, else both."""
    kinds = sys.argv[1:2] or list(SIZES)
    with tempfile.TemporaryDirectory() as folder:
        for kind in kinds:
            measure(kind, int(sys.argv[2]) if len(sys.argv) > 2 else SIZES[kind], Path(folder))


if __name__ == "__main__":
    main()
