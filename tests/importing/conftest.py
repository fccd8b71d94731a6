"""An empty workspace that a test may import into."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fmtool.workspace import CONFIG_NAME


@pytest.fixture
def city(tmp_path: Path, repository: Path) -> Path:
    """Make a workspace that holds a configuration and nothing else."""
    folder = tmp_path / "city"
    (folder / "facilities").mkdir(parents=True)
    shutil.copy(repository / CONFIG_NAME, folder / CONFIG_NAME)
    return folder
