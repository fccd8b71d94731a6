"""Measure workbook, report, cards, GIS file and PDF: size of the file and time to write it.

``python bench/bench_views.py [150 600 2000 20000]``; the plans are synthetic (tests/views/conftest.py). PDF is left out
where nothing can print, and for more than 2,000 facilities unless ``--pdf`` asks for it.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
import time
from pathlib import Path

from fmtool.views.cards import write_cards
from fmtool.views.geodata import write_geojson, write_geopackage
from fmtool.views.report import write_report
from fmtool.views.results import write_report_pdf
from fmtool.views.workbook import write_workbook

HERE = Path(__file__).resolve()
PRINTED = 2_000


def synthetic():
    spec = importlib.util.spec_from_file_location("synthetic", HERE.parents[1] / "tests" / "views" / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["synthetic"] = module
    spec.loader.exec_module(module)
    return module


def measure(result, folder, with_pdf):
    """Return (file, seconds, bytes) of each view."""
    views = {
        "schedule.xlsx": lambda path: write_workbook(result, path, "ja"),
        "report.html": lambda path: write_report(result, path, "ja"),
        "cards.html": lambda path: write_cards(result, path, "ja"),
        "plan.gpkg": lambda path: write_geopackage(result, None, path, "ja"),
        "facilities.geojson": lambda path: write_geojson(result, None, path.parent, "ja"),
    }
    if with_pdf:
        views["report.pdf"] = lambda path: write_report_pdf(result, path, "ja")
    rows = []
    for name, write in views.items():
        path, start = folder / name, time.perf_counter()
        write(path)
        seconds = time.perf_counter() - start
        rows.append((name, seconds, path.stat().st_size if path.exists() else 0))
    return rows


def main():
    counts = [int(word) for word in sys.argv[1:] if word.isdigit()] or [150, 600, 2_000, 20_000]
    os.environ.pop("FMTOOL_PDF", None)
    make = synthetic()
    print(f"{'facilities':>10}  {'file':<20}{'seconds':>9}{'MB':>9}")
    for count in counts:
        result = make.with_finances(make.make_result(count))
        with tempfile.TemporaryDirectory() as folder:
            for name, seconds, size in measure(result, Path(folder), count <= PRINTED or "--pdf" in sys.argv):
                print(f"{count:>10,}  {name:<20}{seconds:>9.1f}{size / 1e6:>9.2f}", flush=True)


if __name__ == "__main__":
    main()
