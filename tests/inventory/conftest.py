"""A ledger of one's own, for the tests of the inventory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fmtool.inventory import Inventory, read_inventory
from fmtool.workspace import read_workspace


@pytest.fixture
def read_ledger(workspace_folder: Path) -> Callable[..., Inventory]:
    """Read a ledger in place of the sample's."""

    def read(content: str | bytes | Path, *, suffix: str = ".csv", encoding: str = "utf-8") -> Inventory:
        if isinstance(content, Path):
            suffix, data = content.suffix, content.read_bytes()
        else:
            data = content.encode(encoding) if isinstance(content, str) else content
        (workspace_folder / f"facilities/ledger{suffix}").write_bytes(data)
        config = workspace_folder / "fmtool.toml"
        text = config.read_text(encoding="utf-8").replace("facilities/buildings.csv", f"facilities/ledger{suffix}")
        config.write_text(text, encoding="utf-8")
        return read_inventory(read_workspace(workspace_folder))

    return read
