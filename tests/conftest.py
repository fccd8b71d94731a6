"""What all tests share: a copy of the sample workspace, the shared data, and golden files."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from fmtool.workspace import CONFIG_NAME, Workspace, read_workspace

REPOSITORY = Path(__file__).resolve().parents[1]
GOLDEN = REPOSITORY / "tests" / "golden"


os.environ["FMTOOL_PDF"] = "none"  # printing takes seconds; tests/views/test_pdf.py does it


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="write tests/golden/ anew instead of comparing")


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the checkout, which is itself the sample workspace."""
    return REPOSITORY


@pytest.fixture
def workspace_folder(tmp_path: Path) -> Path:
    """Make a copy of the sample workspace that a test may spoil."""
    folder = tmp_path / "city"
    folder.mkdir()
    shutil.copy(REPOSITORY / CONFIG_NAME, folder)
    for name in ("facilities", "models", "maps/layers"):
        if (REPOSITORY / name).is_dir():
            shutil.copytree(REPOSITORY / name, folder / name)
    return folder


@pytest.fixture
def workspace(workspace_folder: Path) -> Workspace:
    """Read the sample workspace from a copy that a test may spoil."""
    return read_workspace(workspace_folder)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of reference data beside the checkout, which no clone brings along."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the reference data (../shared/data) is not on this machine")
    return folder


@pytest.fixture
def sketches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw blank sheets in place of charts, for tests that look at none: charts are most of what a plan takes to write."""

    def blank(_draw: object, size: tuple[float, float], _lang: str, _title: object, fmt: str) -> bytes:
        width, height = (int(inches * 150) for inches in size)
        if fmt == "svg":
            return f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"/>'.encode()
        sheet = io.BytesIO()
        Image.new("RGB", (width, height), "white").save(sheet, "PNG")
        return sheet.getvalue()

    for module in ("charts", "charts_money"):
        monkeypatch.setattr(f"fmtool.views.{module}.picture", blank)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with ``tests/golden/<name>``; with ``--update-goldens``, write it instead."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-goldens"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{name} has no golden file; read it, then keep it with pytest --update-goldens"
        assert text == path.read_text(encoding="utf-8")

    return compare
