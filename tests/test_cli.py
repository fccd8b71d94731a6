"""The command line: exit codes, languages, JSON, and no traceback whatever a workspace holds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fmtool import __version__
from fmtool.cli import build_app, main
from fmtool.cli.commands import COMMANDS
from fmtool.cli.words import COMMANDS as WORDS
from fmtool.cli.words import GROUP


@pytest.fixture(autouse=True)
def plain_window(monkeypatch, tmp_path):
    """Make the output independent of the machine: English by LANG, no colour, no workspace around."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")


def is_japanese(text: str) -> bool:
    return any("\u3040" <= sign <= "\u9fff" for sign in text)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_pages_are_as_kept(capsys, golden, lang, command):
    assert main(["--lang", lang, *([command] if command else []), "--help"]) == 0
    page = capsys.readouterr().out
    assert is_japanese(page) == (lang == "ja")
    golden(f"help/{command or 'fmtool'}.{lang}.txt", page)


def test_every_command_and_parameter_has_words_in_both_languages():
    group = build_app("en")
    assert set(group.commands) == set(WORDS)
    assert {parameter.name for parameter in group.params} | {"help"} == set(GROUP.parameters)
    for name, command in group.commands.items():
        words = WORDS[name]
        assert {parameter.name for parameter in command.params} == set(words.parameters)
        assert words.examples
        for text in (words.summary, words.detail, *words.parameters.values()):
            assert is_japanese(text.ja), text
            assert text.en
            assert text.en.isascii(), text


def test_the_examples_of_the_help_pages_parse():
    for words in (GROUP, *WORDS.values()):
        for example in words.examples:
            program, *arguments = example.split()
            assert program == "fmtool"
            name = next(word for word in arguments if word in COMMANDS)
            command = build_app("en").commands[name]
            after = arguments[arguments.index(name) + 1 :]
            command.make_context(name, [word for word in after if word != "--json"])


def test_no_command_prints_the_help(capsys):
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("Usage: fmtool [OPTIONS] COMMAND ...")


def test_the_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"fmtool {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--frobnicate"], "No such option: --frobnicate"),
        (["frobnicate"], "No such command 'frobnicate'"),
        (["plan", "--gap"], "--gap"),
        (["plan", "--gap", "wide"], "--gap"),
        (["plan", "--solver", "gurobi"], "gurobi"),
        (["init"], "DIR"),
        (["init", "a", "b"], "b"),
        (["--lang", "fr", "check"], "fr"),
    ],
)
def test_wrong_usage_ends_with_2_and_the_way_out(capsys, arguments, said):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert said in captured.err
    assert "--help`" in captured.err


def test_wrong_usage_in_japanese_says_the_kind_of_fault(capsys):
    assert main(["--lang", "ja", "plan", "--frobnicate"]) == 2
    assert capsys.readouterr().err.startswith("エラー: オプションがありません")


def test_no_workspace_ends_with_1(capsys):
    assert main(["check"]) == 1
    assert "no fmtool.toml in" in capsys.readouterr().err


def test_the_configured_language_is_spoken_unless_another_is_asked_for(capsys, workspace_folder):
    assert main(["-C", str(workspace_folder), "check", "--scenario", "none"]) == 1
    assert "シナリオ「none」がありません" in capsys.readouterr().err
    assert main(["-C", str(workspace_folder), "check", "--scenario", "none", "--lang", "en"]) == 1
    assert "no scenario `none`" in capsys.readouterr().err


def test_init_says_what_comes_next(capsys, tmp_path):
    assert main(["init", "city"]) == 0
    assert "fmtool -C city check" in capsys.readouterr().out
    assert (tmp_path / "city" / "fmtool.toml").is_file()
    assert (tmp_path / "city" / "facilities" / "buildings-template.xlsx").is_file()


def test_init_refuses_a_folder_that_is_not_empty(capsys, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    assert main(["init", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"error: {tmp_path} is not empty\n\nhint: name a new folder\n"


def test_init_as_json(capsys):
    assert main(["init", "city", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert "fmtool.toml" in made["files"]
    assert Path(made["workspace"]).is_dir()


def test_the_sample_has_no_faults(capsys, workspace_folder):
    assert main(["-C", str(workspace_folder), "--json", "check"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["faults"] == []
    assert sum(row["count"] for row in report["figures"]) > 0


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_check_of_the_sample_reads_in_one_language(capsys, workspace_folder, lang):
    assert main(["-C", str(workspace_folder), "--lang", lang, "check"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-1] == {"ja": "誤りはありません", "en": "no faults"}[lang]


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_check_tells_the_faults_of_every_part_at_once(capsys, workspace_folder):
    spoil(workspace_folder, "models/cycles.toml", "source = ", "sauce = ")
    header, first, *_ = (workspace_folder / "facilities/buildings.csv").read_text(encoding="utf-8").splitlines()
    (workspace_folder / "facilities/buildings.csv").write_text(f"{header}\n{first}\n{first}\n", encoding="utf-8")
    assert main(["-C", str(workspace_folder), "--lang", "en", "check"]) == 1
    error = capsys.readouterr().err
    assert "models/cycles.toml" in error
    assert "facilities/buildings.csv" in error
    assert "no faults" not in error


def test_check_as_json_holds_the_faults_and_still_ends_with_1(capsys, workspace_folder):
    spoil(workspace_folder, "models/cycles.toml", "source = ", "sauce = ")
    assert main(["-C", str(workspace_folder), "check", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert not report["is_usable"]
    assert all(set(fault) == {"ja", "en"} for fault in report["faults"])


RUIN = {
    "empty configuration": ("fmtool.toml", b""),
    "configuration is binary": ("fmtool.toml", bytes(range(256))),
    "configuration is a list": ("fmtool.toml", b"case = [1, 2]"),
    "figures are binary": ("models/cycles.toml", bytes(range(256))),
    "figures are empty": ("models/cycles.toml", b""),
    "services are empty": ("models/services.csv", b""),
    "services are binary": ("models/services.csv", bytes(range(256))),
    "ledger is empty": ("facilities/buildings.csv", b""),
    "ledger has a header only": ("facilities/buildings.csv", b"id,name,use,floor_area_m2,built_year\n"),
    "ledger lacks columns": ("facilities/buildings.csv", b"id,name\n1,x\n"),
    "ledger is binary": ("facilities/buildings.csv", bytes(range(256))),
    "ledger is UTF-16": ("facilities/buildings.csv", "id,name\n1,図書館\n".encode("utf-16")),
    "ledger has text in a number": (
        "facilities/buildings.csv",
        b"id,name,use,floor_area_m2,built_year\n1,x,school,wide,1975\n",
    ),
    "districts are no JSON": ("facilities/districts.geojson", b"{"),
    "districts are another JSON": ("facilities/districts.geojson", b"[1, 2, 3]"),
    "population is empty": ("facilities/population.csv", b""),
    "population lacks columns": ("facilities/population.csv", b"a,b\n1,2\n"),
}


@pytest.mark.parametrize("command", ["check", "costs", "plan"])
@pytest.mark.parametrize("ruin", RUIN)
def test_a_ruined_workspace_is_told_in_a_sentence(capsys, workspace_folder, ruin, command):
    file, content = RUIN[ruin]
    (workspace_folder / file).write_bytes(content)
    assert main(["-C", str(workspace_folder), "--lang", "en", command]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert Path(file).name in error
    assert "Traceback" not in error
    assert not (workspace_folder / "results").exists()


@pytest.mark.parametrize("file", ["fmtool.toml", "models/services.csv", "facilities/buildings.csv"])
def test_a_missing_file_is_named(capsys, workspace_folder, file):
    (workspace_folder / file).unlink()
    assert main(["-C", str(workspace_folder), "--lang", "en", "check"]) == 1
    assert Path(file).name in capsys.readouterr().err


def test_the_program_runs_as_a_module_and_leaves_stderr_empty(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "fmtool", "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout == f"fmtool {__version__}\n"
    assert run.stderr == ""


def test_a_reader_that_leaves_early_is_no_fault(tmp_path):
    run = subprocess.run(  # noqa: S602  - the pipe is what is tested
        f"{sys.executable} -m fmtool init city --json | head -c 1",
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stderr == ""


def test_an_interruption_ends_with_130(capsys, monkeypatch, tmp_path):
    def interrupt(*_given):
        raise KeyboardInterrupt

    monkeypatch.setattr("fmtool.cli.commands.init_workspace", interrupt)
    assert main(["init", str(tmp_path / "city")]) == 130
    assert capsys.readouterr().err == "error: interrupted\n"


def test_a_full_disk_is_told_in_a_sentence(capsys, monkeypatch, tmp_path):
    def fail(target, *_given):
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr("fmtool.cli.commands.init_workspace", fail)
    assert main(["init", str(tmp_path / "city")]) == 1
    assert "cannot be read or written (No space left on device)" in capsys.readouterr().err
