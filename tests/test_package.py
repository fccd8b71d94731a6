"""What is installed and what is promised about it; the wheel itself is tried by ``make wheel``."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

from fmtool import __version__
from fmtool.workspace import files, starter_root


@pytest.fixture(scope="module")
def project(repository) -> dict:
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_version_installed_is_the_one_of_the_code():
    assert version("fmtool") == __version__


def test_the_program_is_installed():
    (script,) = entry_points(group="console_scripts", name="fmtool")
    assert script.value == "fmtool.cli:main"


def test_the_starter_of_a_checkout_is_the_checkout(repository):
    assert starter_root() == repository


def test_an_installed_package_brings_its_starter_along(monkeypatch, tmp_path):
    package = tmp_path / "site-packages" / "fmtool"
    (package / "_starter").mkdir(parents=True)
    (package / "_starter" / "fmtool.toml").write_text("", encoding="utf-8")
    monkeypatch.setattr(files, "__file__", str(package / "workspace" / "files.py"))
    assert starter_root() == package / "_starter"


def test_the_wheel_carries_what_init_copies_and_nothing_made(repository, project):
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert set(included) == {"fmtool.toml", *files.STARTER_FOLDERS}
    for source, target in included.items():
        assert target == f"fmtool/_starter/{source}"
        assert (repository / source).exists()


def names_of(lines: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0].lower().replace("_", "-") for line in lines}


def test_everything_wanted_is_pinned(repository, project):
    constraints = (repository / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line for line in constraints if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.+]+", line) for line in pinned)
    groups = [name for group in project["dependency-groups"].values() for name in group if isinstance(name, str)]
    assert names_of(project["project"]["dependencies"] + groups) <= names_of(pinned)
    assert "fmtool" not in names_of(pinned)


def tracked(repository: Path) -> list[Path]:
    run = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, check=False)
    if run.returncode != 0:
        pytest.skip("not a git checkout")
    return [repository / name for name in run.stdout.decode().split("\0") if name]


def test_no_committed_file_names_a_registry_or_holds_a_lock(repository):
    hosts = re.compile(rb"py" + rb"pi\.org|python" + rb"hosted\.org|npm" + rb"js\.(org|com)")
    for path in tracked(repository):
        if path.is_file():
            assert path.name not in {"uv.lock", "package-lock.json"}
            assert not hosts.search(path.read_bytes()), path


def test_results_of_runs_are_not_committed(repository):
    folders = {path.relative_to(repository).parts[0] for path in tracked(repository)}
    assert not folders & {"results", "site", "dist", ".venv"}


def test_inline_exemptions_say_why(repository):
    for path in tracked(repository):
        if path.suffix == ".py" and path.is_file():
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                assert not re.search(r"#\s*noqa\s*$", line), f"{path.name}:{number}: a blanket noqa"
