"""A plan that needs no solver."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

CANNED = Path(__file__).with_name("canned_plan.py")


@pytest.fixture(scope="session")
def canned_program() -> list[str]:
    """Return the command that runs the program with a made-up plan."""
    return [sys.executable, str(CANNED)]


@pytest.fixture
def canned_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the made-up plan in the solver's place in this process."""
    spec = importlib.util.spec_from_file_location("canned_plan", CANNED)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr("fmtool.schedule.run.plan_schedule", module.planned)
