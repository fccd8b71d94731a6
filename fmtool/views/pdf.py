"""A page as PDF: by a browser that is on the machine, else by WeasyPrint where it works, else not at all.

Every Windows has the browser Edge, which prints to PDF without a window and in a fifth of WeasyPrint's time. WeasyPrint
(``pip install "fmtool[pdf]"``) needs the library Pango, which Debian brings as libpango-1.0-0 and Windows does not
have. Neither reaches for a network. ``FMTOOL_PDF`` chooses one of them, or ``none``.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from fmtool.text import Text
from fmtool.workspace import write_bytes

NO_PRINTER = Text(
    'PDFは作れませんでした。WeasyPrint と Pango（pip install "fmtool[pdf]"、Debianでは apt install libpango-1.0-0 libpangoft2-1.0-0）か、'
    "ブラウザー（Edge、Chrome、Chromium）を入れるか、report.html をブラウザーで開いて印刷してください",
    'no PDF was made: install WeasyPrint with Pango (pip install "fmtool[pdf]"; on Debian also apt install libpango-1.0-0 '
    "libpangoft2-1.0-0) or a browser (Edge, Chrome, Chromium), or open report.html in a browser and print it",
)
BROWSERS = ("msedge", "microsoft-edge", "google-chrome", "chrome", "chromium", "chromium-browser")
"""Programs that print without a window, by their names on the path."""
_WINDOWS_PLACES = ("Microsoft/Edge/Application/msedge.exe", "Google/Chrome/Application/chrome.exe")
_PRINT_SECONDS = 120


def write_pdf(page: str, path: Path) -> bool:
    """Print a self-contained page to PDF; tell whether there was anything to print it with.

    Parameters
    ----------
    page
        HTML that needs nothing from outside; scripts are not run by WeasyPrint.
    path
        File to write; it appears whole or not at all.
    """
    for printer in _printers():
        data = printer(page)
        if data is not None:
            write_bytes(path, data)
            return True
    path.unlink(missing_ok=True)  # the last run's would not be this plan's
    return False


def _printers() -> list[Callable[[str], bytes | None]]:
    known = {"browser": _by_browser, "weasyprint": _by_weasyprint}
    chosen = os.environ.get("FMTOOL_PDF", "")
    return list(known.values()) if not chosen else [known[name] for name in known if name == chosen]


def _by_weasyprint(page: str) -> bytes | None:
    made = _weasyprint()
    return None if made is None else made(page)


def _weasyprint() -> Callable[[str], bytes] | None:
    """Return WeasyPrint's printer; None where the package or one of its libraries is missing."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints a page of advice when a library is missing
            from weasyprint import HTML  # noqa: PLC0415  - an extra, and slow to load
            from weasyprint.urls import URLFetcher  # noqa: PLC0415
    except (ImportError, OSError):
        return None
    for name in ("weasyprint", "fontTools", "fontTools.subset"):
        logging.getLogger(name).setLevel(logging.ERROR)  # of properties that only browsers know

    def print_page(page: str) -> bytes:
        fetcher = URLFetcher(allowed_protocols=["data"])  # nothing from outside
        return bytes(HTML(string=page, url_fetcher=fetcher).write_pdf(pdf_identifier=b"fmtool"))

    return print_page


def find_browser() -> str | None:
    """Return a browser that can print; FMTOOL_BROWSER names another."""
    chosen = os.environ.get("FMTOOL_BROWSER")
    if chosen:
        return chosen
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        for place in _WINDOWS_PLACES:
            program = Path(os.environ.get(variable, "")) / place
            if os.environ.get(variable) and program.is_file():
                return str(program)
    return None


def _by_browser(page: str) -> bytes | None:
    browser = find_browser()
    if browser is None:
        return None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source, made = Path(folder) / "page.html", Path(folder) / "page.pdf"
        source.write_text(page, encoding="utf-8")
        command = [
            browser, "--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer", "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}", source.as_uri(),
        ]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium refuses root otherwise
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_PRINT_SECONDS)
            return made.read_bytes()
        except (OSError, subprocess.SubprocessError):
            return None
