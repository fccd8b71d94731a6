"""Measure the map page: size of the file, time to write it, time until it is drawn, time of one year step.

``python bench/bench_map.py [150 600 2000 20000]``; the plans are synthetic (tests/views/conftest.py). Loading is
measured in Chromium (``FMTOOL_CHROMIUM`` or ``/usr/bin/chromium``) without a network, and left out where there is none.
Each plan explains every decision, and each page holds a second plan of as many works in the place of the conventional way.
"""

from __future__ import annotations

import dataclasses
import gzip
import importlib.util
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from fmtool.views.map_replace import REPLACE
from fmtool.views.webmap import write_map

HERE = Path(__file__).resolve()
CHROMIUM = os.environ.get("FMTOOL_CHROMIUM", "/usr/bin/chromium")
ONE_STEP = """async () => {
  const next = document.getElementById("fm-next"), start = performance.now();
  next.click();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  return performance.now() - start;
}"""


def synthetic():
    spec = importlib.util.spec_from_file_location("synthetic", HERE.parents[1] / "tests" / "views" / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["synthetic"] = module
    spec.loader.exec_module(module)
    return module


def explained(result):
    """Give every facility an explanation of the length and variety of the engine's own."""
    dice = np.random.default_rng(1).integers(1, 999, size=(len(result.facilities), 4)).tolist()
    ja = [
        f"「減築建替え」（{2026 + own % 40}年度）を選びました。次善の「長寿命化改修」（{2026 + works % 40}年度）は現在価値で"
        f"{own}百万円高くなります（自身の費用+{works}百万円、年度予算−{sites}百万円、同時施工数−{share / 10}百万円）。"
        f"次善の事業費が{share % 90}%超下がれば入れ替わります"
        for own, works, sites, share in dice
    ]
    en = [
        f"Rebuild smaller (FY{2026 + own % 40}). The next best, Extend life (FY{2026 + works % 40}), is JPY {own} million "
        f"dearer at present value (own cost +JPY {works} million, yearly budget −JPY {sites} million, projects under way "
        f"−JPY {share / 10} million). It would be chosen were its works more than {share % 90}% cheaper"
        for own, works, sites, share in dice
    ]
    return dataclasses.replace(result, facilities=result.facilities.assign(explain_ja=ja, explain_en=en))


def load(page_file: Path) -> tuple[float, float, int]:
    """Return seconds until the page is drawn, milliseconds of a year step, number of DOM nodes."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  - the file sizes can be measured without it

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
        )
        page = browser.new_context(viewport={"width": 1366, "height": 768}, offline=True).new_page()
        page.goto("about:blank")
        start = time.perf_counter()
        page.goto(page_file.as_uri())
        page.wait_for_selector("html[data-fm-ready]", timeout=60_000)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))")
        ready = time.perf_counter() - start
        steps = [page.evaluate(ONE_STEP) for _ in range(12)]
        nodes = page.evaluate("() => document.querySelectorAll('*').length")
        browser.close()
    return ready, statistics.median(steps), nodes


def main() -> None:
    module = synthetic()
    print(f"{'facilities':>10} {'write s':>8} {'file MB':>8} {'gzip MB':>8} {'ready s':>8} {'year ms':>8} {'nodes':>7}")
    for count in [int(word) for word in sys.argv[1:]] or [150, 600, 2_000, 20_000]:
        result, layers = explained(module.make_result(count)), module.make_layers()
        beside = dataclasses.replace(module.make_result(count, seed=8), scenario=REPLACE)
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "map.html"
            start = time.perf_counter()
            write_map(result, layers, path, "ja", others=[beside])
            written = time.perf_counter() - start
            data = path.read_bytes()
            sizes = f"{count:>10,} {written:>8.2f} {len(data) / 1e6:>8.2f} {len(gzip.compress(data)) / 1e6:>8.2f}"
            if Path(CHROMIUM).exists():
                ready, step, nodes = load(path)
                print(f"{sizes} {ready:>8.2f} {step:>8.0f} {nodes:>7,}")
            else:
                print(f"{sizes} {'-':>8} {'-':>8} {'-':>7}")


if __name__ == "__main__":
    main()
