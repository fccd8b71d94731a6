"""One call of the program: where it works and how it prints."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from fmtool.cli.output import Output
from fmtool.workspace import Workspace, find_root, only_run, read_workspace


@dataclass(frozen=True, slots=True)
class Session:
    """What the global options have settled."""

    out: Output
    folder: Path | None
    hold: Callable[[AbstractContextManager[None]], None]
    """Takes what is to be kept until the call ends."""
    held: set[Path] = field(default_factory=set)
    """Workspaces from which other runs are kept."""

    @property
    def root(self) -> Path:
        """The workspace's folder."""
        return find_root(self.folder or Path.cwd(), given=self.folder is not None)

    def workspace(self, scenario: str | None = None) -> Workspace:
        """Read the workspace under a scenario, and keep other runs from writing into it until the call ends."""
        root = self.root
        workspace = read_workspace(root, scenario)
        if root not in self.held:  # a command may read several scenarios
            self.hold(only_run(root))
            self.held.add(root)
        return workspace
