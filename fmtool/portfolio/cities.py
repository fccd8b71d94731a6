"""Which workspaces a portfolio has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fmtool.errors import WorkspaceError
from fmtool.text import Text
from fmtool.workspace import CONFIG_NAME


@dataclass(frozen=True, slots=True)
class City:
    """One workspace of a portfolio."""

    id: str
    """Name of its folder, with the folder above where two are called alike."""
    root: Path
    """Absolute, as workers see it too."""


def find_cities(folders: Sequence[Path]) -> list[City]:
    """Return the cities of folders, each a workspace or a folder of workspaces; every one once, in their order.

    Raises
    ------
    WorkspaceError
        When a folder does not exist, or neither is a workspace nor holds any.
    """
    roots: dict[Path, None] = {}
    faults = []
    for folder in folders:
        found = _workspaces(folder.resolve())
        if not found:
            faults.append(
                Text(
                    f"{folder}: 作業フォルダー（{CONFIG_NAME}）がありません", f"{folder}: no workspace ({CONFIG_NAME})"
                )
            )
        roots |= dict.fromkeys(found)
    if faults:
        raise WorkspaceError(
            Text("都市の作業フォルダーが見つかりません", "workspaces of cities are missing"),
            Text(
                "作業フォルダー、または作業フォルダーの並ぶフォルダーを書いてください",
                "name workspaces, or a folder whose subfolders are workspaces",
            ),
            faults,
        )
    return [City(name, root) for name, root in zip(_names(list(roots)), roots, strict=True)]


def _workspaces(folder: Path) -> list[Path]:
    if (folder / CONFIG_NAME).is_file() or not folder.is_dir():
        return [folder] if folder.is_dir() else []
    inside = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    return [path.resolve() for path in inside if (path / CONFIG_NAME).is_file()]


def _names(roots: list[Path]) -> list[str]:
    """Return the shortest ends of the paths that tell them apart.

    >>> _names([Path("/a/tsu"), Path("/a/ise"), Path("/b/tsu")])
    ['a/tsu', 'ise', 'b/tsu']
    """
    ends = dict.fromkeys(roots, 1)
    while True:
        names = ["/".join(root.parts[-ends[root] :]) for root in roots]
        often = Counter(names)
        alike = [root for root, name in zip(roots, names, strict=True) if often[name] > 1]
        if not alike:
            return names
        ends |= {root: ends[root] + 1 for root in alike}
