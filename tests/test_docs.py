"""The documentation names everything there is, and what it quotes is what the program prints."""

from __future__ import annotations

import csv
import importlib.util
import re
from pathlib import Path

import pytest

from fmtool.cli.words import COMMANDS
from fmtool.schedule.families import FAMILIES
from fmtool.vocabulary import USES
from fmtool.workspace import read_figures
from fmtool.workspace.config import Config


@pytest.fixture(scope="module")
def pages(repository) -> dict[str, str]:
    """Make the pages that are made from the code, and read the others."""
    spec = importlib.util.spec_from_file_location("make_pages", repository / "docs" / "make_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = {name: make() for name, make in module.PAGES.items()}
    return made | {path.name: path.read_text(encoding="utf-8") for path in (repository / "docs").glob("[!_]*.md")}


def test_no_made_page_hides_a_written_one(repository, pages):
    written = {path.name for path in (repository / "docs").glob("*.md")}
    assert written & set(pages) == {name for name in written if not name.startswith("_")}
    assert "method.md" not in written


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_documented(pages, command):
    assert f"## fmtool {command}\n" in pages["cli.md"]
    assert f"fmtool {command}" in "".join(text for name, text in pages.items() if name != "cli.md")


def test_columns_are_documented(repository, pages):
    with (repository / "fmtool" / "columns.csv").open(encoding="utf-8", newline="") as file:
        columns = list(csv.DictReader(file))
    assert len(columns) >= 20
    for column in columns:
        assert f"| `{column['name']}` | {column['ja']} |" in pages["data-dictionary.md"]
    for code in USES:
        assert f"| `{code}` |" in pages["data-dictionary.md"]


def test_configuration_entries_are_documented_with_a_meaning(pages):
    for name, field in Config.model_fields.items():
        if name == "scenario":
            continue
        table = next(
            each
            for each in (field.annotation, *getattr(field.annotation, "__args__", ()))
            if hasattr(each, "model_fields")
        )
        section = pages["configuration.md"].split(f"## [{name}]")[1].split("\n## ")[0]
        for key, entry in table.model_fields.items():
            assert entry.description, f"{name}.{key} has no description"
            assert f"| `{key}` |" in section


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_families_are_documented_with_formula_and_row(pages, family):
    section = pages["method.md"].split(f"### {family.name}\n")[1].split("\n### ")[0]
    assert family.title.ja in section
    assert "sum over" in section or "=" in section
    assert f"``{family.name}" in section


def test_figures_are_documented_with_basis_and_source(repository, pages):
    figures = read_figures(repository / "models")
    lines = pages["assumptions.md"].splitlines()
    for key, figure in figures.items():
        line = next(
            line
            for line in lines
            if line.startswith(f"| `{key.split('.', 1)[1]}` |") and figure.label.ja.replace("|", "\\|") in line
        )
        assert f"| {figure.basis} |" in line


def test_links_inside_the_documentation_lead_somewhere(pages):
    for name, text in pages.items():
        for target in re.findall(r"\]\(([\w-]+\.md)", text):
            assert target in pages, f"{name} links to {target}"


def test_the_tutorial_shows_what_its_commands_print(pages):
    blocks = re.findall(r"```console\n\$ (fmtool .*)\n((?:.*\n)*?)```", pages["tutorial.md"])
    commands = [command for command, _ in blocks]
    assert all(printed.strip() for _, printed in blocks)
    for name in ("init", "check", "costs", "curve"):
        assert any(f" {name}" in command for command in commands)
    check = next(printed for command, printed in blocks if command.endswith(" check"))
    assert "no faults" in check


@pytest.mark.parametrize("name", ["README.md", "README.ja.md", "CONTRIBUTING.md"])
def test_the_read_mes_name_targets_and_commands_that_exist(repository, name):
    text = (repository / name).read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (repository / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))
    assert {"test"} <= named <= targets
    if name.startswith("README"):
        assert {"demo", "test"} <= named
        assert set(re.findall(r"fmtool (?:-C mycity )?([a-z]+)(?= mycity| ID|  )", text)) <= set(COMMANDS)


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_the_read_mes_name_files_that_exist(repository, name):
    text = (repository / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (repository / target).is_file(), target


def test_the_two_read_mes_have_the_same_parts(repository):
    parts = [
        [
            line.split(" ")[0]
            for line in (repository / name).read_text(encoding="utf-8").splitlines()
            if line.startswith("## ")
        ]
        for name in ("README.md", "README.ja.md")
    ]
    assert len(parts[1]) >= len(parts[0])


def test_no_file_of_the_documentation_names_a_path_of_this_machine(repository):
    home = str(Path.home())
    for path in [*(repository / "docs").glob("*"), *repository.glob("*.md")]:
        if path.is_file():
            assert home not in path.read_text(encoding="utf-8")
