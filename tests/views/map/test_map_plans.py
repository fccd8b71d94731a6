"""The map page with finances, districts' services and several plans, in a browser without a network."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import socket
import subprocess
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fmtool.schedule.result import SOURCES, STATE_CODES
from fmtool.text import Text
from fmtool.views.fiscal import SOURCE_COLOURS
from fmtool.views.map_replace import REPLACE
from fmtool.views.palette import ACTION_COLOURS
from fmtool.views.webmap import build_map, write_map

JAPANESE = re.compile(r"[぀-ヿ一-鿿]")
FIREFOX = Path(os.environ.get("FMTOOL_FIREFOX", "/usr/bin/firefox-esr"))


@pytest.fixture(scope="module")
def several(financed):
    """Give the plan two others: the conventional way, in which nothing closes, and a scenario that spends half."""
    nothing_closes = dataclasses.replace(financed, scenario=REPLACE, state=np.zeros_like(financed.state))
    halved = financed.yearly.assign(outlay=financed.yearly["outlay"] / 2)
    poor = dataclasses.replace(
        financed, scenario="poor", yearly=halved, spend_by_action=financed.spend_by_action / 2, baselines={}
    )
    return financed, [nothing_closes, poor]


@pytest.fixture(scope="module")
def services(financed):
    """Name the services in English."""
    names = list(dict.fromkeys(financed.facilities["service"]))
    return pd.DataFrame({"service_en": [f"Service {at}" for at, _ in enumerate(names)], "convert_to": ""}, index=names)


@pytest.fixture(scope="module")
def file(several, services, layers, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("plans") / "map.html"
    result, others = several
    peopled = {**layers, "districts": layers["districts"].assign(population=1_000)}
    write_map(result, peopled, path, "ja", services=services, others=others)
    return path


def bar_colours(seen) -> set[str]:
    return set(seen.page.eval_on_selector_all(".fm-bar", "bars => bars.map((bar) => bar.getAttribute('fill'))"))


def test_bars_split_by_action_or_by_what_pays(seen, several):
    assert bar_colours(seen) <= set(ACTION_COLOURS.values())
    seen.page.select_option("#fm-stack", "source")
    paid = {SOURCE_COLOURS[name] for name in SOURCES if (several[0].yearly[name] > 0).any()}
    assert bar_colours(seen) == paid
    assert "国庫支出金" in seen.page.inner_text("#fm-lines")
    box = seen.page.locator(".fm-hit").bounding_box()
    seen.page.mouse.move(box["x"] + box["width"] * 8.5 / 40, box["y"] + 60)
    told = seen.page.inner_text("#fm-bartip")
    assert told.startswith("2034年度")
    assert "地方債" in told
    assert "予算額（一般財源）" in told
    seen.page.mouse.click(box["x"] + box["width"] * 8.5 / 40, box["y"] + 60)
    assert seen.page.input_value("#fm-slider") == "8"
    assert "国庫支出金 " in seen.page.get_attribute("#fm-slider", "aria-valuetext")
    seen.page.select_option("#fm-stack", "action")


def test_filtered_bars_are_split_by_action_only(seen):
    seen.page.select_option("#fm-stack", "source")
    seen.page.select_option("#fm-district", label="架空北")
    assert seen.page.is_disabled("#fm-stack")
    assert bar_colours(seen) <= set(ACTION_COLOURS.values())
    seen.page.click("#fm-reset")
    assert seen.page.input_value("#fm-stack") == "source"
    seen.page.select_option("#fm-stack", "action")


def test_a_plan_without_finances_has_no_split_by_source(visit, result, layers, tmp_path):
    for name, plan in (
        ("absent", dataclasses.replace(result, yearly=result.yearly.drop(columns=list(SOURCES), errors="ignore"))),
        ("unknown", dataclasses.replace(result, yearly=result.yearly.assign(**dict.fromkeys(SOURCES, np.nan)))),
    ):
        path = tmp_path / f"{name}.html"
        write_map(plan, layers, path, "ja")
        opened = visit(path)
        assert opened.page.locator("#fm-stackbox").is_hidden()
        assert opened.page.locator(".fm-bar").count() > 10
        assert opened.faults == []
        opened.page.context.close()


def test_the_reader_switches_between_plans(seen, several):
    result, _ = several
    at = 30
    seen.year(at)
    open_now, cost = seen.page.inner_text("#fm-kpi_open"), seen.works_cost()
    before = seen.pixels()
    assert seen.page.locator("#fm-plan option").all_inner_texts() == [
        "本計画",
        "従来型（30年改修・60年建替え）",
        "シナリオ poor",
    ]
    seen.page.select_option("#fm-plan", "1")
    assert seen.page.inner_text("#fm-kpi_open") == str(len(result.facilities))
    assert seen.pixels() != before
    assert "従来型" in seen.page.inner_text("#fm-sub")
    assert seen.page.inner_text("#fm-year").startswith("2056年度")
    seen.page.select_option("#fm-plan", "2")
    assert seen.works_cost() != cost
    assert "poor" in seen.page.inner_text("#fm-sub")
    seen.page.select_option("#fm-plan", "0")
    assert (seen.page.inner_text("#fm-kpi_open"), seen.works_cost()) == (open_now, cost)
    assert seen.pixels() == before


def test_districts_tell_who_loses_and_who_gains(seen, several):
    result, _ = several
    seen.year(39)
    fills = "() => [...document.querySelectorAll('[class*=fmBase] path')].map((path) => path.getAttribute('fill'))"
    plain = seen.page.evaluate(fills)
    seen.page.select_option("#fm-cover", "-1")
    painted = seen.page.evaluate(fills)
    assert painted != plain
    assert "サービスが減る・遠くなる地区" in seen.page.inner_text("#fm-legend")
    assert seen.page.get_attribute("#fm-tab-cover", "aria-selected") == "true"
    told = seen.page.inner_text("#fm-list")
    lost = np.isin(result.state[:, 39], [STATE_CODES.index(name) for name in ("sold", "demolished", "leased")])
    sold = result.facilities[lost].iloc[0]
    assert sold["service"] in told
    assert "人口" in seen.page.inner_text("#fm-coversum")
    row = seen.page.locator(".fm-district .fm-row").first
    name = row.locator(".fm-name").inner_text()
    row.click()
    assert seen.page.locator("#fm-district option:checked").inner_text() == name
    seen.page.click("#fm-reset")
    seen.page.select_option("#fm-cover", "-2")
    assert seen.page.evaluate(fills) == plain
    seen.page.select_option("#fm-plan", "1")
    seen.page.click("#fm-tab-cover")
    assert "今と変わりません" in seen.page.inner_text("#fm-list")
    seen.page.select_option("#fm-plan", "0")
    seen.page.click("#fm-tab-year")


def test_the_switch_leaves_no_word_of_the_new_parts_untranslated(seen):
    seen.english(wanted=True)
    try:
        seen.page.select_option("#fm-stack", "source")
        seen.page.hover(".fm-hit")
        seen.page.select_option("#fm-cover", "-1")
        for plan in ("0", "1"):
            seen.page.select_option("#fm-plan", plan)
            assert [text for text in seen.said() if JAPANESE.search(text)] == []
        seen.page.select_option("#fm-plan", "0")
    finally:
        seen.page.select_option("#fm-stack", "action")
        seen.page.select_option("#fm-cover", "-2")
        seen.page.click("#fm-tab-year")
        seen.english(wanted=False)


def test_axe_finds_no_serious_fault_in_any_plan(visit, file):
    opened = visit(file, "#y=2050&s=replace&b=source&c=all&l=en", bypass_csp=True)
    assert opened.page.input_value("#fm-plan") == "1"
    assert opened.page.input_value("#fm-cover") == "-1"
    opened.page.click("#fm-tab-cover")
    assert opened.serious() == []
    opened.page.select_option("#fm-plan", "0")
    assert opened.page.input_value("#fm-stack") == "source"
    assert opened.serious() == []
    opened.page.context.close()


def test_everything_is_reached_by_the_tab_key(visit, file):
    opened = visit(file)
    reached = set()
    for _ in range(40):
        opened.page.keyboard.press("Tab")
        reached.add(opened.page.evaluate("() => document.activeElement.id"))
    wanted = "print csv lang zin zout fit q plan use action district cover tab-year list prev play next stack slider"
    assert {f"fm-{name}" for name in wanted.split()} - {"fm-prev"} <= reached
    opened.page.context.close()


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_the_page_fits_the_screen(visit, file, size):
    opened = visit(file, "#b=source&c=all&l=en", size)
    assert opened.page.evaluate("() => [document.documentElement.scrollWidth, document.body.scrollHeight]") <= list(
        size
    )
    assert opened.page.locator("#fm-list").bounding_box()["height"] > 150
    opened.page.context.close()


@pytest.mark.parametrize("address", ["f=F00006&l=ja", "f=F00006&l=en", "c=all&y=2060&l=en", "b=source&s=replace"])
def test_every_view_prints_on_one_a3_sheet(visit, file, address):
    opened = visit(file, f"#{address}")
    opened.page.evaluate("() => document.getElementById('fm-tab-cover').click()")
    sheet = opened.page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    assert opened.faults == []
    opened.page.context.close()


@pytest.mark.parametrize(
    ("tiles", "host", "name"),
    [("gsi", "cyberjapandata.gsi.go.jp", "国土地理院"), ("osm", "tile.openstreetmap.org", "OpenStreetMap")],
)
def test_tiles_are_asked_for_only_while_chosen(visit, result, layers, tmp_path, tiles, host, name):
    path = tmp_path / f"{tiles}.html"
    write_map(result, layers, path, "ja", tiles=tiles)
    assert f"img-src data: blob: https://{host};" in path.read_text(encoding="utf-8")
    opened = visit(path)
    assert opened.faults == []
    asked: list[str] = []

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(status=200, content_type="image/png", body=one_pixel())

    opened.page.context.set_offline(False)
    opened.page.route("**/*", answer)
    opened.page.select_option("#fm-tiles", "tiles")
    opened.page.wait_for_selector(".leaflet-tile-loaded")
    assert asked
    assert all(url.startswith(f"https://{host}/") for url in asked)
    assert name in opened.page.inner_text("#fm-credit")
    opened.page.select_option("#fm-tiles", "plain")
    assert name not in opened.page.inner_text("#fm-credit")
    assert opened.page.locator(".leaflet-tile").count() == 0
    opened.page.context.close()


def one_pixel() -> bytes:
    import io  # noqa: PLC0415  - for this picture only

    held = io.BytesIO()
    Image.new("RGB", (1, 1), "white").save(held, "png")
    return held.getvalue()


def test_without_script_the_notice_and_its_table_are_read(browser, file, several):
    result, _ = several
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator("#fm-notice").is_visible()
    assert page.locator("#fm-app").is_hidden()
    assert page.locator(".folium-map").is_hidden()
    assert page.locator("#fm-notice tbody tr").count() == len(result.years)
    assert "schedule.xlsx" in page.inner_text("#fm-notice")
    context.close()


def test_a_sanitised_file_still_tells_the_plan(browser, file, tmp_path, several):
    result, _ = several
    bare = re.sub(r"<script.*?</script>", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    path = tmp_path / "sanitised.html"
    path.write_text(bare, encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    assert page.locator("#fm-notice").is_visible()
    assert page.locator("#fm-app").is_hidden()
    assert f"{result.yearly['outlay'].iloc[0] / 1e6:,.1f}" in page.inner_text("#fm-notice")
    page.close()


class Firefox:
    """Firefox without a window, asked through its own remote protocol: no driver program is needed."""

    def __init__(self, profile: Path) -> None:
        profile.mkdir()
        (profile / "user.js").write_text('user_pref("marionette.port", 0);\n', encoding="utf-8")
        ask = [str(FIREFOX), "--headless", "--no-remote", "--marionette", "--profile", str(profile)]
        self.run = subprocess.Popen(ask, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = profile / "MarionetteActivePort"
        for _ in range(600):
            if port.exists() and port.read_text():
                break
            time.sleep(0.1)
        self.link = socket.create_connection(("127.0.0.1", int(port.read_text())), timeout=60)
        self.count = 0
        self._read()

    def _read(self):
        size = b""
        while not size.endswith(b":"):
            size += self.link.recv(1)
        text, wanted = b"", int(size[:-1])
        while len(text) < wanted:
            text += self.link.recv(wanted - len(text))
        return json.loads(text)

    def ask(self, command: str, **values):
        """Send a command and return what it gives."""
        self.count += 1
        text = json.dumps([0, self.count, f"WebDriver:{command}", values]).encode()
        self.link.sendall(f"{len(text)}:".encode() + text)
        _, _, fault, found = self._read()
        assert fault is None, fault
        return found.get("value", found) if isinstance(found, dict) else found

    def script(self, text: str):
        """Run a function body in the page."""
        return self.ask("ExecuteScript", script=text, args=[], sandbox="default")

    def close(self) -> None:
        """End it."""
        self.link.close()
        self.run.terminate()
        self.run.wait(timeout=30)


@pytest.mark.skipif(not FIREFOX.exists(), reason=f"no Firefox at {FIREFOX}: apt-get install firefox-esr")
def test_firefox_opens_a_packed_page_and_follows_the_year(several, layers, tmp_path):
    result, others = several
    path = tmp_path / "packed.html"
    page = build_map(result, layers, "ja", others=others, pack_above_bytes=1_000)
    path.write_text(page.get_root().render(), encoding="utf-8")
    firefox = Firefox(tmp_path / "profile")
    try:
        firefox.ask("NewSession")
        firefox.ask("Navigate", url=f"{path.as_uri()}#y=2026&l=ja")
        for _ in range(100):
            if firefox.script("return document.documentElement.hasAttribute('data-fm-ready')"):
                break
            time.sleep(0.1)
        assert firefox.script("return document.getElementById('fm-notice')") is None
        before = firefox.script("return document.querySelector('.leaflet-overlay-pane canvas').toDataURL()")
        firefox.script(
            "const slider = document.getElementById('fm-slider'); slider.value = 39;"
            "slider.dispatchEvent(new Event('input'));"
        )
        assert firefox.script("return document.getElementById('fm-year').textContent").startswith("2065年度")
        counted = np.isin(result.state[:, 39], [STATE_CODES.index(name) for name in ("open", "works", "converted")])
        assert firefox.script("return document.getElementById('fm-kpi_open').textContent") == str(int(counted.sum()))
        assert firefox.script("return document.querySelector('.leaflet-overlay-pane canvas').toDataURL()") != before
        firefox.script("document.getElementById('fm-lang').click(); document.getElementById('fm-tab-all').click()")
        assert firefox.script("return document.documentElement.lang") == "en"
        assert firefox.script("return document.querySelectorAll('.fm-row').length") == len(result.facilities)
        assert firefox.script("return document.documentElement.scrollWidth <= innerWidth") is True
    finally:
        firefox.close()


def test_hostile_words_of_scenarios_services_and_districts_stay_text(visit, result, layers, tmp_path):
    bad = "<img src=x onerror=alert(1)>"
    facilities = result.facilities.assign(service=bad, district=bad, explain_ja=bad, explain_en=bad)
    districts = layers["districts"].assign(name=[bad, *layers["districts"]["name"].iloc[1:]])
    evil = dataclasses.replace(result, facilities=facilities, scenario=bad, case_name=Text(bad, bad))
    path = tmp_path / "evil.html"
    page_map = build_map(evil, {**layers, "districts": districts}, "ja", others=[evil], pack_above_bytes=10**9)
    path.write_text(page_map.get_root().render(), encoding="utf-8")
    opened = visit(path, "#c=all&y=2060")
    opened.page.select_option("#fm-plan", "1")
    opened.page.click("#fm-tab-cover")
    opened.open("F00006")
    assert opened.page.inner_text("#fm-reason") == bad
    assert opened.page.locator("img").count() == 0
    assert opened.faults == []
    opened.page.context.close()
