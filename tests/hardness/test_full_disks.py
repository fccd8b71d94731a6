"""A disk that is full, read-only or not the user's ends a run with one sentence, and leaves what stood."""

from __future__ import annotations

import csv
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fmtool.cli import main

needs_root = pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0, reason="only root may mount a small disk for the test"
)


@pytest.fixture
def corner(workspace_folder: Path) -> Path:
    """Keep six facilities of the sample."""
    ledger = workspace_folder / "facilities" / "buildings.csv"
    with ledger.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["district"] in {"岩田", "豊"}]
    with ledger.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows[:6])
    return workspace_folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mount small disks in memory, and take them away after the test."""
    mounted: list[Path] = []

    def mount(kilobytes: int, *, name: str = "disk") -> Path:
        place = tmp_path / name
        place.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("this machine mounts nothing, not even for root")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", "-l", str(place)], check=True)


def told(capsys, folder: Path, *command: str) -> str:
    """Run a command that must fail; return its one sentence, once its form has been seen in both languages."""
    said = {}
    for lang, error, hint in (("ja", "エラー: ", "対処: "), ("en", "error: ", "hint: ")):
        assert main(["-C", str(folder), "--lang", lang, *command]) == 1
        said[lang] = capsys.readouterr().err
        assert said[lang].startswith(error), said[lang]
        assert said[lang].count("\n") == 3, said[lang]  # the sentence, a blank line, the way out
        assert f"\n\n{hint}" in said[lang]
        assert "Traceback" not in said[lang]
    return said["ja"] + said["en"]


@needs_root
def test_a_full_disk_at_every_step_of_costs_is_one_sentence(capsys, corner, small_disk):
    disk = small_disk(4096)
    city = disk / "city"
    shutil.copytree(corner, city)
    assert main(["-C", str(city), "costs"]) == 0
    capsys.readouterr()
    before = {path.name: path.read_bytes() for path in (city / "results" / "base").iterdir()}
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        file.writelines(itertools.repeat(b"0" * 4096))
    full = filler.stat().st_size
    for free_kilobytes in (0, 4, 8, 16):
        os.truncate(filler, full - free_kilobytes * 1024)
        said = told(capsys, city, "costs")
        assert "ディスクに空きがありません" in said
        assert "No space left on device" in said
        assert before == {path.name: path.read_bytes() for path in (city / "results" / "base").iterdir()}
    filler.unlink()
    assert main(["-C", str(city), "costs"]) == 0


@needs_root
@pytest.mark.parametrize("kilobytes", [40, 400, 1600])
@pytest.mark.usefixtures("canned_plan")
def test_a_plan_that_finds_the_results_disk_full_leaves_the_last_plan(capsys, workspace_folder, small_disk, kilobytes):
    disk = small_disk(kilobytes)
    (disk / "base").mkdir()
    (disk / "base" / "plan.json").write_text("of the last run")
    (workspace_folder / "results").symlink_to(disk)
    said = told(capsys, workspace_folder, "plan")
    assert "No space left on device" in said
    assert [path.name for path in disk.iterdir()] == ["base"]
    assert (disk / "base" / "plan.json").read_text() == "of the last run"


@needs_root
@pytest.mark.usefixtures("canned_plan")
def test_a_scratch_disk_that_is_full_is_one_sentence(capsys, workspace_folder, small_disk, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(small_disk(8)))
    assert "No space left on device" in told(capsys, workspace_folder, "plan")
    assert not (workspace_folder / "results" / "base").exists()


@needs_root
@pytest.mark.parametrize("command", ["costs", "plan", "map", "report", "import"])
def test_a_read_only_disk_is_one_sentence(capsys, corner, small_disk, command):
    disk = small_disk(8192)
    city = disk / "city"
    shutil.copytree(corner, city)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    said = told(capsys, city, command, *([str(corner / "facilities/buildings.csv")] if command == "import" else []))
    assert "読み取り専用のディスクです" in said
    assert "Read-only file system" in said
    assert main(["-C", str(city), "--lang", "en", "check"]) == 0  # it only reads


@needs_root
def test_init_on_a_full_and_on_a_read_only_disk_leaves_nothing(capsys, small_disk):
    disk = small_disk(64)
    for lang, words in (("ja", "ディスクに空きがありません"), ("en", "No space left on device")):
        assert main(["--lang", lang, "init", str(disk / "city")]) == 1
        said = capsys.readouterr().err
        assert words in said
        assert "\n\n" in said
        assert list(disk.iterdir()) == []
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    assert main(["--lang", "en", "init", str(disk / "city")]) == 1
    assert "Read-only file system" in capsys.readouterr().err


LIMITED = """
import resource, signal, sys
from fmtool.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no file sizes")
@pytest.mark.parametrize("most_bytes", [0, 100, 2000])
def test_a_file_that_may_not_grow_is_one_sentence(corner, most_bytes):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(most_bytes), "-C", str(corner), "--lang", "en", "costs"],
        capture_output=True, text=True, check=False, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(corner.rglob("*.fmtool-new"))


def test_a_results_folder_that_is_a_file_is_one_sentence(capsys, corner):
    (corner / "results").write_text("a file of the user")
    for command in ("costs", "plan"):
        assert str(corner) in told(capsys, corner, command)
    assert (corner / "results").read_text() == "a file of the user"
