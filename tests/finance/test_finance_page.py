"""The finance page of the docs names every key, every programme and every public formula."""

from __future__ import annotations

import importlib.util
import inspect
from pathlib import Path

import pytest

from fmtool.finance import bonds, ratios
from fmtool.finance.programmes import read_programmes
from fmtool.vocabulary import FINANCE_KEYS
from fmtool.workspace import read_workspace


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    spec = importlib.util.spec_from_file_location("make_pages_finance", repository / "docs" / "make_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: str = module.finance_page()
    return made


def test_every_key_is_documented_in_both_languages(page: str) -> None:
    for key, name in FINANCE_KEYS.items():
        assert f"| `{key}` | {name.ja} | {name.en} |" in page


def test_every_shipped_programme_is_documented_with_its_end(page: str, repository: Path) -> None:
    for each in read_programmes(read_workspace(repository)):
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{each.code}` |")]
        assert each.name.ja in row
        assert (f"FY{each.valid_to}" if each.valid_to else "| - |") in row


def test_every_public_formula_is_documented(page: str) -> None:
    for module in (bonds, ratios):
        own = [f for n, f in vars(module).items() if inspect.isfunction(f) and f.__module__ == module.__name__]
        for function in own:
            if not function.__name__.startswith("_"):
                assert f"### {function.__name__}\n" in page
    assert "<!--" not in page
