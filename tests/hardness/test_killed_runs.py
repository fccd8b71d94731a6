"""A run killed at any moment leaves the previous results whole, and what it left half-made is cleared away."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fmtool.cli import main
from fmtool.errors import WorkspaceError
from fmtool.schedule.store import read_result
from fmtool.workspace import only_run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills processes by their signal")

WRITER = """
import os, random, signal, sys, time
from pathlib import Path
from fmtool.workspace import files, only_run, replacing_folder, write_text

root, kills, can_exchange = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "yes"
if not can_exchange:
    files._exchange = lambda _one, _other: False
chance = random.Random(0)

def write(stamp):
    with only_run(root):
        write_text(root / "facilities" / "buildings.csv", f"{stamp}," * 1000)
        with replacing_folder(root / "results" / "base") as folder:
            for name in ("plan.json", "map.html", "run.json"):
                write_text(folder / name, f"{stamp}," * 1000)

def stamps():
    texts = [(root / "results" / "base" / name).read_text() for name in ("plan.json", "map.html", "run.json")]
    ledger = (root / "facilities" / "buildings.csv").read_text()
    assert all(len(text) == 1000 * len(text.split(",")[0] + ",") for text in [*texts, ledger])
    return {text.split(",")[0] for text in texts}

write(0)
missing = 0
for kill in range(kills):
    child = os.fork()
    if child == 0:
        stamp = kill * 1000
        while True:
            stamp += 1
            write(stamp)
    time.sleep(chance.uniform(0.0, 0.02))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if not (root / "results" / "base").exists():
        missing += 1  # only where folders cannot be exchanged in one step
        with only_run(root):
            pass  # as every run begins
    assert len(stamps()) == 1, stamps()
with only_run(root):
    pass
print(missing, sorted(path.name for path in root.rglob("*") if path.name.startswith(".") and path.is_file()),
      sorted(path.name for path in (root / "results").iterdir()))
"""


@pytest.mark.parametrize("can_exchange", ["yes", "no"])
def test_two_hundred_kills_while_writing_leave_inventory_and_results_whole(tmp_path, can_exchange):
    done = subprocess.run(
        [sys.executable, "-c", WRITER, str(tmp_path), "200", can_exchange],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    missing, rest = done.stdout.split(" ", 1)
    assert rest == "[] ['base']\n"
    if can_exchange == "yes" and sys.platform == "linux":
        assert missing == "0"


def test_results_that_a_killed_run_had_moved_aside_come_back(tmp_path):
    old = tmp_path / "results" / ".base-abcd1234.fmtool-old"
    old.mkdir(parents=True)
    (old / "plan.json").write_text("of the last run")
    (tmp_path / "results" / ".base-abcd1234.fmtool-new").mkdir()
    (tmp_path / "facilities").mkdir()
    (tmp_path / "facilities" / ".buildings.csv-abcd1234.fmtool-new").write_text("half")
    (tmp_path / "facilities" / ".mine").write_text("of the user")
    with only_run(tmp_path):
        pass
    assert (tmp_path / "results" / "base" / "plan.json").read_text() == "of the last run"
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["base"]
    assert [path.name for path in (tmp_path / "facilities").iterdir()] == [".mine"]


@pytest.fixture
def corner(workspace_folder: Path) -> Path:
    """Keep the facilities of one district of the sample."""
    ledger = workspace_folder / "facilities" / "buildings.csv"
    with ledger.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["district"] in {"岩田", "豊"}]
    with ledger.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows[:6])
    return workspace_folder


def digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        whole.update(path.name.encode() + (path.read_bytes() if path.is_file() else b""))
    return whole.hexdigest()


@pytest.fixture
def plan(corner: Path, canned_program: list[str]) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start plans of the corner; whatever still runs at the end of the test is ended."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [*canned_program, "-C", str(corner), "plan"]
        started.append(
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
        )
        return started[-1]

    yield start
    for running in started:
        kill(running)


def kill(running: subprocess.Popen[bytes]) -> None:
    if running.poll() is None:
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    if running.stderr is not None:
        running.stderr.close()


def wait_for_writing(city: Path, running: subprocess.Popen[bytes]) -> None:
    while running.poll() is None and not list((city / "results").glob(".base-*")):
        time.sleep(0.005)


def test_a_plan_killed_while_it_writes_leaves_the_last_plan(corner, plan):
    results = corner / "results" / "base"
    first = plan()
    assert first.wait(120) == 0, first.communicate()
    before, inputs = digest(results), digest(corner / "facilities")
    chance = random.Random(1)  # noqa: S311  - no secret
    for longest in (0.2, 1.0, 3.0):
        running = plan()
        wait_for_writing(corner, running)
        time.sleep(chance.uniform(0.0, longest))
        if running.poll() is None:
            kill(running)
            assert digest(results) == before
        else:
            before = digest(results)
        assert read_result(results).status in {"optimal", "feasible"}
        assert digest(corner / "facilities") == inputs
        assert not (corner / "results" / "base" / "base").exists()
    assert main(["-C", str(corner), "costs"]) == 0
    assert [path.name for path in (corner / "results").iterdir()] == ["base"]


HOLDER = """
import sys, time
from pathlib import Path
from fmtool.workspace import only_run
with only_run(Path(sys.argv[1])):
    print("at work", flush=True)
    time.sleep(600)
"""


def test_a_second_run_is_refused_while_the_first_is_at_work_and_welcome_after_it_was_killed(corner, capsys):
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(corner)], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"at work\n"
        for lang, words in (("en", "another fmtool is at work"), ("ja", "別の fmtool が動いています")):
            for command in (
                ["costs"],
                ["plan"],
                ["map"],
                ["report"],
                ["import", str(corner / "facilities/buildings.csv")],
            ):
                assert main(["-C", str(corner), "--lang", lang, *command]) == 1
                said = capsys.readouterr().err
                assert words in said
                assert f"{running.pid}" in said
        assert main(["-C", str(corner), "--lang", "en", "check"]) == 0  # it only reads
        assert not (corner / "results").exists()
        running.kill()
    capsys.readouterr()
    holder = corner / ".fmtool" / "holder.json"
    assert json.loads(holder.read_text())["pid"] == running.pid  # what it wrote stays, and misleads no one
    assert main(["-C", str(corner), "--lang", "en", "costs"]) == 0, capsys.readouterr().err
    assert not holder.exists()
    assert (corner / "results" / "base" / "costs.csv").is_file()


def test_a_damaged_note_of_the_holder_is_no_fault(tmp_path):
    with only_run(tmp_path):
        (tmp_path / ".fmtool" / "holder.json").write_text("[]")
        with pytest.raises(WorkspaceError, match="another fmtool is at work"), only_run(tmp_path):
            pass


def test_an_import_killed_at_any_moment_leaves_the_last_inventory_whole(workspace_folder):
    """Two ledgers take turns; whenever the import dies, buildings.csv is wholly of one, and the next import works."""
    ledgers = []
    for stamp in ("一", "二"):
        ledger = workspace_folder / f"{stamp}.csv"
        rows = "".join(f"{n},{stamp}号館{n},行政系施設,1970,{100 + n}\n" for n in range(300))
        ledger.write_text("施設ID,施設名,用途分類,建築年度,延床面積\n" + rows, encoding="utf-8")
        ledgers.append(ledger)
    (workspace_folder / "facilities" / "mapping.toml").unlink(missing_ok=True)
    assert main(["-C", str(workspace_folder), "import", str(ledgers[0])]) == 0
    done = subprocess.run(
        [sys.executable, "-c", IMPORTER, str(workspace_folder), *map(str, ledgers)],
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kills, imports = map(int, done.stdout.split())
    assert kills == 60
    assert imports > 5  # some came to their end, or nothing was shown
    assert main(["-C", str(workspace_folder), "import", str(ledgers[1])]) == 0
    assert not [path for path in (workspace_folder / "facilities").iterdir() if path.name.startswith(".")]


IMPORTER = """
import csv, os, random, signal, sys, time
from pathlib import Path
from fmtool.cli import main
from fmtool.inventory.importing import import_files, write_import
from fmtool.workspace import only_run

root, ledgers = Path(sys.argv[1]), sys.argv[2:]
chance = random.Random(0)
buildings, done = root / "facilities" / "buildings.csv", root / "done"
outcomes = [import_files([ledger], root) for ledger in ledgers]
done.write_text("")
for kill in range(60):
    child = os.fork()
    if child == 0:
        for turn in range(1000):
            with only_run(root):
                write_import(outcomes[turn % 2], root, "ja")
            with done.open("a") as file:
                file.write(".")
    time.sleep(chance.uniform(0.0, 0.5))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with buildings.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 300, len(rows)
    assert len({row["name"][0] for row in rows}) == 1
    assert (root / "facilities" / "mapping.toml").read_text(encoding="utf-8").strip()
print(kill + 1, len(done.read_text()))
"""
