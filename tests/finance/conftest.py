"""Workspaces whose finances or programmes a test writes itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fmtool.workspace import Workspace, read_figures, read_workspace

FILE = "facilities/finance.csv"
HEADER = "key,fiscal_year,value,unit,basis,source"


@pytest.fixture
def with_finance(workspace_folder: Path) -> Callable[..., Workspace]:
    """Return the sample workspace with the given text (or bytes) as its finance file; None keeps the sample's."""

    def make(text: str | bytes | None = None, **finance: float) -> Workspace:
        path = workspace_folder / FILE
        if isinstance(text, str):
            path.write_text(text, encoding="utf-8")
        elif text is not None:
            path.write_bytes(text)
        workspace = read_workspace(workspace_folder)
        config = workspace.config
        files = config.files.model_copy(update={"finance": FILE})
        revenue = config.finance.model_copy(update=finance)
        return replace(workspace, config=config.model_copy(update={"files": files, "finance": revenue}))

    return make


@pytest.fixture
def with_programmes(workspace_folder: Path) -> Callable[[str], Workspace]:
    """Return the sample workspace with the given text as ``models/funding.toml``."""

    def make(text: str) -> Workspace:
        (workspace_folder / "models" / "funding.toml").write_text(text, encoding="utf-8")
        return replace(read_workspace(workspace_folder), figures=read_figures(workspace_folder / "models"))

    return make
