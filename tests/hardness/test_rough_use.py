"""The whole program handled roughly: bad bytes, odd paths, poor surroundings, readers that leave. Never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fmtool.cli import main
from fmtool.workspace import find_root, replacing_folder, write_text

ENTRY = "horizon_years = 40"


def told(capsys, *words: str, code: int = 1) -> str:
    """Run a call that must fail in both languages; return both sentences."""
    said = {}
    for lang, error, hint in (("ja", "エラー: ", "対処: "), ("en", "error: ", "hint: ")):
        assert main(["--lang", lang, *words]) == code
        said[lang] = capsys.readouterr().err
        assert said[lang].startswith(error), said[lang]
        assert f"\n\n{hint}" in said[lang], said[lang]
        assert "Traceback" not in said[lang]
    return said["ja"] + said["en"]


def run(*words: str | bytes, **surroundings: str | None) -> subprocess.CompletedProcess[bytes]:
    """Run the program as a process; a surrounding of None is taken away."""
    environment = {name: value for name, value in (os.environ | surroundings).items() if value is not None}
    command = [sys.executable, "-m", "fmtool", *words]
    return subprocess.run(command, capture_output=True, check=False, env=environment, timeout=100)


@pytest.mark.parametrize(
    ("spoilt", "en"),
    [
        (b"x = " + b"[" * 100_000, "nested too deeply"),
        (b"x = " + b"1" * 5_000, "not readable as TOML"),
        (b"\x00\x01\x02", "not readable as TOML"),
        (b"\xff\xfe\x00", "not in UTF-8"),
        (b"", "`case` field required"),
        (b"[case", "not readable as TOML"),
        (b"case = 1\n", "`case`"),
        (b"[case]\n[case]\n", "not readable as TOML"),
        (b"[scenario.'../../x'.case]\n", "scenario"),
    ],
)
@pytest.mark.parametrize("file", ["fmtool.toml", "models/unit_costs.toml"])
def test_a_spoilt_toml_file_is_told(capsys, workspace_folder, file, spoilt, en):
    (workspace_folder / file).write_bytes(spoilt)
    said = told(capsys, "-C", str(workspace_folder), "costs")
    if file == "fmtool.toml":
        assert en in said


@pytest.mark.parametrize(
    "value",
    [
        "1e400",
        "-1",
        "0",
        "9" * 30,
        "nan",
        "inf",
        '"40"',
        "[40]",
        "{ a = 1 }",
        "1979-05-27",
        "true",
        "100_000_000",
        '""',
    ],
)
def test_a_horizon_of_a_wrong_type_or_size_is_told(capsys, workspace_folder, value):
    config = workspace_folder / "fmtool.toml"
    text = config.read_text(encoding="utf-8")
    assert ENTRY in text
    config.write_text(text.replace(ENTRY, f"horizon_years = {value}"), encoding="utf-8")
    assert "case.horizon_years" in told(capsys, "-C", str(workspace_folder), "costs")


@pytest.mark.parametrize("value", ["1e308", "1e-308", "-1e308", "1e400", "nan", "10000000000000000000000000000000000"])
@pytest.mark.parametrize("entry", ["discount_rate", "construction_price_factor"])
def test_a_huge_or_tiny_rate_is_used_or_told(capsys, workspace_folder, entry, value):
    config = workspace_folder / "fmtool.toml"
    lines = config.read_text(encoding="utf-8").splitlines()
    config.write_text(
        "\n".join(f"{entry} = {value}" if line.startswith(entry) else line for line in lines), encoding="utf-8"
    )
    assert main(["-C", str(workspace_folder), "--lang", "en", "costs"]) in {0, 1}
    assert "Traceback" not in capsys.readouterr().err


def test_odd_places_are_told(capsys, tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "file").write_text("x")
    for place in ("loop", "file", "none", "a\x01b", "a\nb", "-C", "*", "a" * 300):
        assert place[:5] in told(capsys, "-C", str(tmp_path / place), "costs")
    for place in ("loop", "file", "file/inside", "a" * 300):
        told(capsys, "init", str(tmp_path / place))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "loop"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets names be any bytes")
def test_a_folder_whose_name_is_no_text_is_told(tmp_path):
    place = os.fsencode(tmp_path) + b"/\xff\xfe"
    made = run("--lang", "en", "init", place)
    assert made.returncode == 1
    assert b"rename the folder" in made.stderr
    os.mkdir(place)  # noqa: PTH102  - a Path cannot be made of these bytes as simply
    there = run("-C", place, "--lang", "en", "costs")
    assert there.returncode == 1
    assert b"rename the folder" in there.stderr
    assert b"Traceback" not in there.stderr + made.stderr


def test_a_workspace_behind_a_link_is_the_same_workspace(capsys, workspace_folder, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(workspace_folder, target_is_directory=True)
    assert find_root(link, given=True) == workspace_folder.resolve()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (workspace_folder / "results").symlink_to(elsewhere, target_is_directory=True)
    assert main(["-C", str(link), "costs"]) == 0
    assert (elsewhere / "base" / "costs.csv").is_file()
    assert (workspace_folder / "results").is_symlink()
    capsys.readouterr()


def test_a_linked_file_or_folder_that_is_replaced_stays_a_link(tmp_path):
    real, folder = tmp_path / "real.csv", tmp_path / "disk"
    real.write_text("old")
    folder.mkdir()
    (tmp_path / "link.csv").symlink_to(real)
    (tmp_path / "base").symlink_to(folder, target_is_directory=True)
    write_text(tmp_path / "link.csv", "new")
    with replacing_folder(tmp_path / "base") as made:
        (made / "plan.json").write_text("new")
    assert (tmp_path / "link.csv").is_symlink()
    assert real.read_text() == "new"
    assert (tmp_path / "base").is_symlink()
    assert (folder / "plan.json").read_text() == "new"


@pytest.mark.parametrize(
    "surroundings",
    [
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "HOME": None, "XDG_CACHE_HOME": None},
        {"PYTHONIOENCODING": "cp932", "HOME": "/dev/null", "MPLCONFIGDIR": "/dev/null/x"},
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "TERM": "none", "COLUMNS": "1"},
        {"COLUMNS": "many", "TERM": None},
    ],
    ids=str,
)
def test_poor_surroundings_end_no_run(workspace_folder, surroundings):
    done = run("-C", str(workspace_folder), "--lang", "ja", "costs", **surroundings)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert (workspace_folder / "results" / "base" / "costs.png").is_file()


def test_json_is_whole_in_any_encoding(workspace_folder):
    done = run("-C", str(workspace_folder), "--json", "costs", PYTHONIOENCODING="cp932")
    assert done.returncode == 0, done.stderr
    assert "豊橋" in json.dumps(json.loads(done.stdout), ensure_ascii=False) or json.loads(done.stdout)["files"]


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell")
@pytest.mark.parametrize(
    ("way", "codes"),
    [
        ("check | head -1", {0, 1}),
        ("check >&-", {0}),
        ("--json check >&-", {0}),
        ("check 2>&-", {0}),
        ("check <&-", {0}),
        ("check >&- 2>&-", {0}),
        ("check --bogus 2>&-", {2}),
        ("--help | true", {0, 1}),
    ],
)
def test_closed_pipes_end_quietly(workspace_folder, way, codes):
    words, _, pipe = way.partition(" | ")
    shell = f"set -o pipefail; {sys.executable} -m fmtool -C {workspace_folder} {words}" + (
        f" | {pipe}" if pipe else ""
    )
    done = subprocess.run(["bash", "-c", shell], capture_output=True, check=False, timeout=100)
    assert done.returncode in codes, done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux's ever-full device")
@pytest.mark.parametrize("words", ["check", "--json check", "--help"])
def test_an_output_that_cannot_be_written_is_an_error(workspace_folder, words):
    shell = f"{sys.executable} -m fmtool -C {workspace_folder} --lang en {words} > /dev/full"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, check=False, timeout=100)
    assert done.returncode == 1
    assert b"No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


def test_wrong_words_do_not_repeat_a_password(capsys):
    url = "postgresql://clerk:s3cr3t@host/db?table=t&password=s3cr3t"
    for words in (
        ["check", url],
        ["init", "a", url],
        [url],
        ["-C", url, "costs"],
        ["curve", url, url],
        ["--lang", url],
    ):
        assert main(words) in {1, 2}
        captured = capsys.readouterr()
        assert "s3cr3t" not in captured.err + captured.out
