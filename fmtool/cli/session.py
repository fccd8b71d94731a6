"""One call of the program: where it works and how it prints."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fmtool.cli.output import Output
from fmtool.workspace import Workspace, find_root, read_workspace


@dataclass(frozen=True, slots=True)
class Session:
    """What the global options have settled."""

    out: Output
    folder: Path | None

    @property
    def root(self) -> Path:
        """The workspace's folder."""
        return find_root(self.folder or Path.cwd(), given=self.folder is not None)

    def workspace(self, scenario: str | None = None) -> Workspace:
        """Read the workspace under a scenario."""
        return read_workspace(self.root, scenario)
