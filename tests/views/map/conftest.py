"""A browser without a network, and the map page open in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from fmtool.views.webmap import write_map

CHROMIUM = Path(os.environ.get("FMTOOL_CHROMIUM", "/usr/bin/chromium"))
AXE = Path(__file__).parents[1] / "axe" / "axe.min.js"

OWN_TEXT = """(name) => {
  const said = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const holder = walk.currentNode.parentElement;
    if (holder.closest("[data-fm-own],#fm-lang,script,style")) continue;
    if (walk.currentNode.data.trim()) said.push(walk.currentNode.data.trim());
  }
  for (const element of document.querySelectorAll("[aria-label],[title],[placeholder],[aria-valuetext]")) {
    if (element.id === "fm-lang") continue;
    for (const kind of ["aria-label", "title", "placeholder", "aria-valuetext"])
      if (element.hasAttribute(kind)) said.push(element.getAttribute(kind).replaceAll(name, ""));
  }
  return said;
}"""


@dataclass
class Seen:
    """An open page, and what it did that it should not."""

    page: Any
    faults: list[str] = field(default_factory=list)

    def year(self, at: int) -> None:
        """Move the slider as a reader does."""
        self.page.locator("#fm-slider").fill(str(at))

    def open(self, facility_id: str) -> None:
        """Open a facility's card through the search."""
        self.page.fill("#fm-q", facility_id)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector("#fm-card:not([hidden])")

    def works_cost(self) -> str:
        """Return the works cost of the year as shown."""
        return self.page.inner_text("#fm-kpi_outlay")

    def pixels(self) -> str:
        """Return the picture of all facilities."""
        return self.page.evaluate("() => document.querySelector('.leaflet-overlay-pane canvas').toDataURL()")

    def said(self) -> list[str]:
        """Return every word on the page but the city's own: texts, labels, hints."""
        name = self.page.inner_text("#fm-cardname") if self.page.locator("#fm-cardname").count() else "\0"
        return self.page.evaluate(OWN_TEXT, name)

    def serious(self) -> list[str]:
        """Return what axe-core finds serious or critical; the page must have been opened with ``bypass_csp``."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.add_script_tag(path=str(AXE))
        found = self.page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
        return [
            f"{fault['id']}: {fault['nodes'][0]['html'][:160]}"
            for fault in found["violations"]
            if fault["impact"] in ("serious", "critical")
        ]

    def close(self) -> None:
        """Close the card."""
        self.page.click("#fm-close")

    def english(self, *, wanted: bool) -> None:
        """Bring the page into English, or into Japanese."""
        if (self.page.get_attribute("html", "lang") == "en") != wanted:
            self.page.click("#fm-lang")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: apt-get install chromium fonts-ipafont-gothic, or set FMTOOL_CHROMIUM")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (dependency group `test`)")
    with api.sync_playwright() as play:
        opened = play.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def visit(browser) -> Callable[..., Seen]:
    """Return a function that opens a page and sees that it asks for nothing."""

    def opened(path: Path, address: str = "", size: tuple[int, int] = (1366, 768), **options) -> Seen:
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, offline=True, locale="ja-JP", **options)
        context.set_default_timeout(8_000)
        seen = Seen(context.new_page())
        seen.page.on("request", lambda request: seen.faults.append(request.url))
        seen.page.on("console", lambda message: seen.faults.append(f"{message.type}: {message.text}"))
        seen.page.on("pageerror", lambda error: seen.faults.append(f"error: {error}"))
        seen.page.on("dialog", lambda dialog: (seen.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        seen.page.goto(path.as_uri() + address)
        seen.page.wait_for_selector("html[data-fm-ready]", timeout=15_000)
        asked = seen.faults.pop(0)
        assert asked.startswith(path.as_uri())
        return seen

    return opened


@pytest.fixture(scope="module")
def file(result, layers, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("map") / "map.html"
    write_map(result, layers, path, "ja")
    return path


@pytest.fixture(scope="module")
def seen(visit, file) -> Iterator[Seen]:
    opened = visit(file)
    yield opened
    opened.page.context.close()


@pytest.fixture(autouse=True)
def nothing_was_asked_or_complained_of(request) -> Iterator[None]:
    yield
    if "seen" in request.fixturenames:
        assert request.getfixturevalue("seen").faults == []
