"""``report.pdf``: by WeasyPrint, by a browser, or one sentence saying what is missing."""

from __future__ import annotations

import builtins
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from fmtool.views import pdf

PAGE = "<!DOCTYPE html><html lang='ja'><title>t</title><style>@page{size:A4}</style><p>橋と学校</p></html>"
HAS_WEASYPRINT = pdf._weasyprint() is not None
needs_weasyprint = pytest.mark.skipif(not HAS_WEASYPRINT, reason="WeasyPrint or its library Pango is not installed")


@pytest.fixture(autouse=True)
def any_printer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let these tests print, which others leave out."""
    monkeypatch.delenv("FMTOOL_PDF", raising=False)


@pytest.fixture
def without_weasyprint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make its import fail as it does on a machine without Pango."""
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("weasyprint"):
            print("WeasyPrint could not import some external libraries.")  # noqa: T201
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)


@needs_weasyprint
def test_weasyprint_prints_equal_pages_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FMTOOL_PDF", "weasyprint")
    for name in ("a.pdf", "b.pdf"):
        assert pdf.write_pdf(PAGE, tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


@needs_weasyprint
def test_nothing_is_fetched_from_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FMTOOL_PDF", "weasyprint")
    secret = tmp_path / "secret.css"
    secret.write_text("p { font-size: 99px }", encoding="utf-8")
    page = PAGE.replace("<title>", f"<link rel=stylesheet href='{secret.as_uri()}'><title>")
    assert pdf.write_pdf(page, tmp_path / "linked.pdf")
    assert pdf.write_pdf(PAGE, tmp_path / "plain.pdf")
    assert abs((tmp_path / "linked.pdf").stat().st_size - (tmp_path / "plain.pdf").stat().st_size) < 64


@pytest.mark.usefixtures("without_weasyprint")
def test_a_machine_without_anything_to_print_with_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pdf, "find_browser", lambda: None)
    path = tmp_path / "report.pdf"
    path.write_bytes(b"of the last plan")
    assert not pdf.write_pdf(PAGE, path)
    assert not path.exists()
    assert capsys.readouterr() == ("", "")
    assert "Edge" in pdf.NO_PRINTER.ja


def test_printing_can_be_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FMTOOL_PDF", "none")
    assert not pdf.write_pdf(PAGE, tmp_path / "report.pdf")


@pytest.mark.usefixtures("without_weasyprint")
@pytest.mark.skipif(not any(map(shutil.which, pdf.BROWSERS)), reason="no browser is installed")
def test_a_browser_prints_where_weasyprint_cannot(tmp_path: Path) -> None:
    assert pdf.write_pdf(PAGE, tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.usefixtures("without_weasyprint")
@pytest.mark.skipif(os.name != "posix", reason="a shell script stands in for the browser")
def test_a_browser_that_fails_is_no_printer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "browser"
    broken.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    monkeypatch.setenv("FMTOOL_BROWSER", str(broken))
    assert not pdf.write_pdf(PAGE, tmp_path / "report.pdf")


def test_edge_is_found_where_windows_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edge = tmp_path / "Microsoft" / "Edge" / "Application" / "msedge.exe"
    edge.parent.mkdir(parents=True)
    edge.touch()
    monkeypatch.delenv("FMTOOL_BROWSER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    assert pdf.find_browser() == str(edge)
