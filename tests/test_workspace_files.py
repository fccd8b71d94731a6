"""Finding a workspace, making one, and never leaving anything half-written."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from fmtool.errors import WorkspaceError
from fmtool.workspace import files, find_root, init_workspace, replacing_folder, write_text


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_the_nearest_workspace_upwards_is_found(workspace_folder):
    assert find_root(workspace_folder / "models") == workspace_folder


def test_a_folder_that_was_named_is_not_left(workspace_folder):
    with pytest.raises(WorkspaceError) as caught:
        find_root(workspace_folder / "models", given=True)
    assert caught.value.say("en") == (
        f"no fmtool.toml in {workspace_folder / 'models'}\n\n"
        "hint: make a workspace with `fmtool init DIR`, or name one with `-C DIR`"
    )


def test_no_workspace_anywhere_names_the_way_out(tmp_path):
    with pytest.raises(WorkspaceError, match="or any folder above"):
        find_root(tmp_path)


def test_init_makes_what_the_repository_holds(tmp_path, repository):
    made = init_workspace(tmp_path / "new" / "city")
    relative = {str(path.relative_to(tmp_path / "new" / "city")) for path in made}
    assert {"fmtool.toml", "facilities/README.md", "models/README.md"} <= relative
    assert (tmp_path / "new/city/fmtool.toml").read_bytes() == (repository / "fmtool.toml").read_bytes()
    assert not any("results" in name or "maps/out" in name or "__pycache__" in name for name in relative)


def test_init_takes_an_empty_folder(tmp_path):
    (tmp_path / "city").mkdir()
    assert init_workspace(tmp_path / "city")


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_init_refuses_what_is_already_there(tmp_path, kind):
    target = tmp_path / "city"
    if kind == "folder":
        target.mkdir()
        (target / "mine.txt").write_text("mine", encoding="utf-8")
    else:
        target.write_text("mine", encoding="utf-8")
    before = names(tmp_path)
    with pytest.raises(WorkspaceError, match="is not empty"):
        init_workspace(target)
    assert names(tmp_path) == before


def test_init_that_fails_midway_leaves_nothing(tmp_path, monkeypatch):
    copy = shutil.copy

    def copy_one_folder_only(source, target):
        if Path(source).parent.name == "models":
            raise OSError(28, "No space left on device", str(target))
        return copy(source, target)

    monkeypatch.setattr(files.shutil, "copy", copy_one_folder_only)
    with pytest.raises(OSError, match="No space"):
        init_workspace(tmp_path / "city")
    assert names(tmp_path) == []


def write_results(target: Path, text: str, *, fail: bool = False) -> None:
    with replacing_folder(target) as folder:
        (folder / "plan.json").write_text(text, encoding="utf-8")
        if fail:
            raise OSError(28, "No space left on device")


def test_a_run_takes_the_place_of_the_last(tmp_path):
    target = tmp_path / "results" / "base"
    write_results(target, "first")
    (target / "old.csv").write_text("of the first run", encoding="utf-8")
    write_results(target, "second")
    assert (target / "plan.json").read_text(encoding="utf-8") == "second"
    assert names(tmp_path / "results") == ["base", "base/plan.json"]


def test_a_run_that_fails_midway_leaves_the_last_one(tmp_path):
    target = tmp_path / "results" / "base"
    write_results(target, "first")
    with pytest.raises(OSError, match="No space"):
        write_results(target, "second", fail=True)
    assert (target / "plan.json").read_text(encoding="utf-8") == "first"
    assert names(tmp_path / "results") == ["base", "base/plan.json"]


def test_a_rename_that_fails_puts_the_last_run_back(tmp_path, monkeypatch):
    target = tmp_path / "results" / "base"
    write_results(target, "first")
    rename = Path.rename

    def refuse_the_new_one(self, other):
        if Path(other) == target and not self.name.endswith("-old"):
            raise PermissionError(13, "Permission denied", str(other))
        return rename(self, other)

    monkeypatch.setattr(files, "_exchange", lambda _one, _other: False)  # as on Windows
    monkeypatch.setattr(Path, "rename", refuse_the_new_one)
    with pytest.raises(PermissionError):
        write_results(target, "second")
    assert (target / "plan.json").read_text(encoding="utf-8") == "first"
    assert names(tmp_path / "results") == ["base", "base/plan.json"]


def test_a_file_is_whole_or_as_before(tmp_path, monkeypatch):
    path = tmp_path / "map.html"
    write_text(path, "first")

    def fail(handle, _mode):
        os.close(handle)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fdopen", fail)
    with pytest.raises(OSError, match="No space"):
        write_text(path, "second")
    assert path.read_text(encoding="utf-8") == "first"
    assert names(tmp_path) == ["map.html"]


def test_a_written_file_can_be_read_by_others(tmp_path):
    write_text(tmp_path / "out" / "map.html", "x")
    assert (tmp_path / "out" / "map.html").stat().st_mode & 0o777 == 0o644
