"""Throw spoilt ledgers at the import: whatever a file holds, it ends in an inventory or in a sentence, never in a traceback.

Run: python bench/fuzz_import.py [--seconds 600] [--seed 0]

The files of tests/importing/corpus/ are cut, repeated, overwritten and mixed, archives inside their
members too, and tables are made of the words that ledgers use. Hypothesis chooses and makes what
fails smaller. Each round runs in a process of its own with 4 GB, so that a crash or an endless
file of the readers written in C or Rust is seen as well; what failed is kept in the folder told at the end.
"""

from __future__ import annotations

import argparse
import csv
import io
import resource
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fmtool.errors import FmtoolError
from fmtool.inventory.clean import clean
from fmtool.inventory.faults import Faults
from fmtool.inventory.importing import import_files
from fmtool.inventory.importing.report import report_bytes
from fmtool.inventory.importing.write import buildings_bytes
from fmtool.inventory.tables import read_table

CORPUS = Path(__file__).resolve().parents[1] / "tests" / "importing" / "corpus"
CONFIG = Path(__file__).resolve().parents[1] / "fmtool.toml"
FILES = sorted(path for path in CORPUS.iterdir() if not path.name.endswith(".expected.csv"))
MEMORY_BYTES = 4_000_000_000
EXAMPLES, LONGEST_ROUND_S = 150, 240

WORDS = [
    "", " ", "　", "－", "―", "不明", "N/A", "合計", "小計", "〃", "同上", "施設名", "施設番号", "用途分類", "建築年度", "建築年月日", "延床面積（㎡）",
    "延床面積（坪）", "構造", "階数", "緯度", "経度", "維持管理費（千円）", "棟名", "枝番", "備考", "name", "use", "Year Built", "Gross Floor Area (sq ft)",
    "中央図書館", "第一小学校", "図書館", "学校教育系施設", "school", "RC", "Ｓ造", "木造", "昭和45年", "S45.3", "H元", "令和99年", "1970/3/31", "25658",
    "1", "12", "200", "345", "000", "約1", "200㎡", "1e308", "1e400", "-1e-320", "nan", "inf", "-0", "٣", "½", "１２，３４５", "1,2,3", "9" * 400, "1981年度", "3階", "35.8", "139.9", "35°51′", "1/0",
    "=1+1", "@x", "-", "+", "'", '"', '""', "\n", "\r\n", "\t", "\0", "\ufeff", "\u202e", "\U0001f3eb", "e\u0301", "㍻元年", "㈱", "①", "true", "#REF!", "a" * 33_000,
]  # fmt: skip

LATER_HEADERS = [
    ["施設名", "延床面積（㎡）", "構造", "維持管理費（千円）", "建築年度", "用途分類"],
    ["路線名", "幅員", "延長", "整備年度"],
    ["Facility", "Type", "Year", "Floor Area"],
    ["施設名", "利用者数", "収入"],
]

cuts = st.tuples(st.just("cut"), st.floats(0, 1), st.floats(0, 0.3))
repeats = st.tuples(st.just("repeat"), st.floats(0, 1), st.floats(0, 0.2), st.integers(2, 200))
writes = st.tuples(st.just("write"), st.floats(0, 1), st.binary(min_size=1, max_size=12))
puts = st.tuples(st.just("put"), st.floats(0, 1), st.sampled_from(WORDS).map(lambda word: word.encode()))
swaps = st.tuples(st.just("swap"), st.sampled_from(FILES).map(Path.read_bytes), st.floats(0, 1))
changes = st.lists(st.one_of(cuts, repeats, writes, puts, swaps), min_size=1, max_size=6)


def changed(data: bytes, steps: list[tuple]) -> bytes:
    """Apply the changes that hypothesis chose, one after the other."""
    for kind, *how in steps:
        if kind == "swap":
            other, share = how
            data = data[: int(share * len(data))] + other[int(share * len(other)) :]
            continue
        at = int(how[0] * len(data))
        if kind == "cut":
            data = data[:at] + data[at + int(how[1] * len(data)) :]
        elif kind == "repeat":
            piece = data[at : at + int(how[1] * len(data))][:20_000]
            data = data[:at] + piece * how[2] + data[at:]
        elif kind == "write":
            data = data[:at] + how[1] + data[at + len(how[1]) :]
        else:
            data = data[:at] + how[1] + data[at:]
    return data


@st.composite
def spoilt_files(draw: Callable) -> tuple[str, bytes]:
    """Return a file of the corpus with its bytes changed."""
    path = draw(st.sampled_from(FILES))
    return path.suffix, changed(path.read_bytes(), draw(changes))


@st.composite
def spoilt_members(draw: Callable) -> tuple[str, bytes]:
    """Return an archive of the corpus, whole but for what one of its members holds."""
    path = draw(st.sampled_from([path for path in FILES if zipfile.is_zipfile(path)]))
    made = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        spoilt = draw(st.sampled_from(old.namelist()))
        for name in old.namelist():
            new.writestr(name, changed(old.read(name), draw(changes)) if name == spoilt else old.read(name))
    return path.suffix, made.getvalue()


cells = st.one_of(st.sampled_from(WORDS), st.text(max_size=12), st.integers().map(str), st.floats().map(str))


@st.composite
def word_tables(draw: Callable) -> tuple[str, bytes]:
    """Return a text table of the words that ledgers use, in any encoding, delimiter and shape."""
    width = draw(st.integers(1, 9))
    lines = draw(st.lists(st.lists(cells, min_size=0, max_size=width + 2), max_size=14))
    if draw(st.booleans()):
        lines.insert(
            draw(st.integers(0, len(lines))),
            ["施設名", "用途分類", "建築年度", "延床面積（㎡）", "構造", "緯度", "経度"],
        )
    if draw(st.booleans()):  # another table below, under other headers
        lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(LATER_HEADERS)))
    made = io.StringIO()
    writer = csv.writer(
        made, delimiter=draw(st.sampled_from(",\t;|")), lineterminator=draw(st.sampled_from(["\n", "\r\n", "\r"]))
    )
    writer.writerows(lines)
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "cp932", "utf-16", "utf-16-be", "euc_jp"]))
    return draw(st.sampled_from([".csv", ".tsv", ".txt"])), made.getvalue().encode(encoding, "replace")


def try_one(kind: str, data: bytes, folder: Path) -> None:
    """Import one file; anything but an outcome or a sentence goes up."""
    path = folder / f"ledger{kind}"
    path.write_bytes(data)
    try:
        outcome = import_files([str(path)], folder)
    except FmtoolError as error:
        if not error.say("ja") or not error.say("en"):
            raise
        return
    assert sum(outcome.counts().values()) == len(outcome.account)
    assert set(outcome.account["status"]) <= {"used", "merged", "refused"}
    kept = list(csv.DictReader(io.StringIO(buildings_bytes(outcome.buildings).decode("utf-8-sig"), newline="")))
    assert len(kept) == len(outcome.buildings)
    assert report_bytes(outcome, "ja").startswith(b"PK")
    own = folder / "own.csv"
    own.write_bytes(buildings_bytes(outcome.buildings))
    # What was written is what the next import and the plan read, to the letter.
    assert buildings_bytes(import_files([str(own)], folder).buildings) == own.read_bytes()
    faults = Faults("own.csv")
    planned = clean(read_table(own, "own.csv"), faults)
    assert faults.found == []
    for name in ("id", "name", "use"):
        assert planned[name].tolist() == outcome.buildings[name].tolist()


def play_round(seed: int, folder: Path) -> int:
    """Play one round in this process; return how many files were tried."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    warnings.simplefilter("ignore")
    tried = 0

    @hypothesis.seed(seed)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck),
              phases=[Phase.generate, Phase.shrink], report_multiple_bugs=False, print_blob=False)  # fmt: skip
    @given(st.one_of(spoilt_files(), spoilt_members(), word_tables()))
    def tries(file: tuple[str, bytes]) -> None:
        nonlocal tried
        tried += 1
        try_one(*file, folder)

    try:
        tries()
    except Exception as error:  # noqa: BLE001  - whatever it is, it is what is looked for
        frames = traceback.format_list(traceback.extract_tb(error.__traceback__)[-5:])
        (folder / "traceback.txt").write_text(
            f"{''.join(frames)}{type(error).__name__}: {error}"[:3000], encoding="utf-8"
        )
        print(tried)
        return 1
    print(tried)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--round", help=argparse.SUPPRESS)
    given_words = parser.parse_args()
    if given_words.round:
        return play_round(given_words.seed, Path(given_words.round))
    began, seed, tried, failed = time.monotonic(), given_words.seed, 0, 0
    while time.monotonic() - began < given_words.seconds:
        folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
        (folder / "fmtool.toml").write_bytes(CONFIG.read_bytes())
        command = [sys.executable, __file__, "--round", str(folder), "--seed", str(seed)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST_ROUND_S)
            fault = "" if done.returncode == 0 else f"code {done.returncode}: {done.stderr[-600:]}"
            tried += int(done.stdout or 0)
        except subprocess.TimeoutExpired:
            fault = f"no end within {LONGEST_ROUND_S} s"
        seed += 1
        if not fault:
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()
            continue
        failed += 1
        last = folder / "traceback.txt"
        print(
            f"seed {seed - 1}: {fault or ''}\n  kept in {folder}\n{last.read_text(encoding='utf-8') if last.exists() else ''}"
        )
    print(
        f"{tried} files in {time.monotonic() - began:.0f} s, {failed} rounds with a fault (seeds {given_words.seed} to {seed - 1})"
    )
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
