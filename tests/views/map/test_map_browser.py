"""The map page in a real browser without a network: it asks nothing, follows the year, and can be used by everyone."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from fmtool.schedule.result import STATE_CODES, STATES
from fmtool.views.webmap import build_map, write_map
from fmtool.vocabulary import ACTIONS

JAPANESE = re.compile(r"[぀-ヿ一-鿿]")


def test_the_notice_gives_way_to_the_map(seen, result):
    assert seen.page.locator("#fm-notice").count() == 0
    assert seen.page.inner_text("h1") == result.case_name.ja
    box = seen.page.locator(".folium-map").bounding_box()
    assert box["width"] > 900
    assert box["height"] > 450
    assert seen.page.evaluate(
        "() => document.documentElement.scrollWidth <= innerWidth && document.body.scrollHeight <= innerHeight"
    )


def test_the_slider_changes_states_bars_and_figures(seen, result):
    before = seen.pixels()
    band = seen.page.locator(".fm-bars rect").nth(0)
    places = set()
    for at in (0, 9, 21, 39):
        seen.year(at)
        outlay = float(result.yearly["outlay"].iloc[at])
        said = seen.works_cost()
        amount = float(re.sub(r"[^\d.]", "", said)) * (1e8 if "億" in said else 1e4)
        assert amount == pytest.approx(outlay, rel=0.02, abs=5e3)
        shown = result.state[:, at]
        counted = ~np.isin(shown, [STATE_CODES.index(s) for s in ("merged", "sold", "demolished", "leased")])
        assert seen.page.inner_text("#fm-kpi_open") == str(int(counted.sum()))
        assert seen.page.inner_text("#fm-year").startswith(f"{2026 + at}年度")
        places.add(band.get_attribute("x"))
    assert len(places) == 4
    assert seen.pixels() != before
    colours = set(seen.page.eval_on_selector_all(".fm-bar", "bars => bars.map((bar) => bar.getAttribute('fill'))"))
    assert len(colours) > 5


def test_keys_buttons_and_bars_move_the_same_year(seen):
    seen.year(10)
    seen.page.focus("#fm-slider")
    seen.page.keyboard.press("ArrowRight")
    assert seen.page.inner_text("#fm-year").startswith("2037年度")
    seen.page.click("#fm-prev")
    assert seen.page.inner_text("#fm-year").startswith("2036年度")
    box = seen.page.locator(".fm-hit").bounding_box()
    seen.page.mouse.click(box["x"] + box["width"] * 20.5 / 40, box["y"] + 40)
    assert seen.page.inner_text("#fm-year").startswith("2046年度")
    assert seen.page.input_value("#fm-slider") == "20"
    seen.page.click("#fm-play")
    seen.page.wait_for_selector('#fm-slider[aria-valuetext^="2047年度"]', timeout=4_000)
    seen.page.click("#fm-play")


def test_states_of_a_merged_facility_follow_the_year(seen, result):
    merge = result.events[(result.events["action"] == "merge") & (result.events["start_year"] > 2028)].iloc[0]
    seen.open(merge["facility_id"])
    row = result.facilities.index[result.facilities["facility_id"] == merge["facility_id"]][0]
    for year in (merge["start_year"] - 1, merge["end_year"], 2065):
        seen.year(int(year) - 2026)
        state = STATES[STATE_CODES[result.state[row, int(year) - 2026]]].ja
        assert seen.page.inner_text("#fm-statebadge") == state
    host = result.facilities.set_index("facility_id").loc[merge["host_id"], "name"]
    seen.page.click(f"#fm-plantable >> text={host}")
    assert seen.page.inner_text("#fm-cardname") == host
    assert seen.page.locator("#fm-card", has_text="受け入れる施設").count() == 1
    seen.close()


def test_the_card_tells_plan_reason_and_curves(seen, result):
    facility = result.facilities[result.facilities["decision"] == "rebuild"].iloc[0]
    seen.open(facility["facility_id"])
    assert seen.page.inner_text("#fm-reason") == facility["reason_ja"]
    assert ACTIONS["rebuild"].ja in seen.page.inner_text("#fm-plantable")
    assert seen.page.locator("#fm-curves polyline").count() == 4
    if facility["accuracy_m"] > 100:
        assert "位置はおおよそ" in seen.page.inner_text("#fm-card")
    seen.page.keyboard.press("Escape")
    assert seen.page.locator("#fm-card").is_hidden()


def test_search_folds_width_case_and_kana(seen):
    for typed in ("小学校", "f00005", "Ｆ００００５"):
        seen.page.fill("#fm-q", typed)
        assert seen.page.locator("#fm-found [role=option]").count() > 0
        assert "該当する施設はありません" not in seen.page.inner_text("#fm-found")
    seen.page.fill("#fm-q", "どこにもない")
    assert "該当する施設はありません" in seen.page.inner_text("#fm-found")
    seen.page.click("#fm-qx")


def test_hostile_names_stay_text(seen, result):
    for facility, name in (("F00001", "<script>alert(1)</script>"), ("F00002", '=HYPERLINK("x")')):
        seen.open(facility)
        assert seen.page.inner_text("#fm-cardname") == name
        seen.close()
    with seen.page.expect_download() as waited:
        seen.page.click("#fm-csv")
    text = Path(waited.value.path()).read_text(encoding="utf-8-sig")
    assert text.count('"\'=HYPERLINK(""x"")"') >= 1
    assert '"=' not in text
    assert len(text.splitlines()) == len(result.events) + 1


def test_filters_change_map_list_and_totals(seen, result):
    seen.year(12)
    whole = seen.works_cost()
    seen.page.select_option("#fm-district", label="架空北")
    named = (result.facilities["district"] == "架空北").to_numpy()
    assert seen.page.inner_text("#fm-shown").startswith(f"{int(named.sum())}施設")
    outlay = result.facility_outlay[named, 12].sum()
    said = seen.works_cost()
    amount = float(re.sub(r"[^\d.]", "", said)) * (1e8 if "億" in said else 1e4)
    assert amount == pytest.approx(outlay, rel=0.02, abs=5e3)
    assert seen.page.locator("#fm-lines", has_text="予算額").count() == 0
    seen.page.click("#fm-reset")
    assert seen.works_cost() == whole


def test_facilities_without_place_or_cost_are_listed(seen):
    seen.page.click("#fm-tab-all")
    listed = seen.page.inner_text("#fm-list")
    assert "位置が分からない施設（1）" in listed
    assert "架空位置不明倉庫" in listed
    assert "費用を計算していない施設（1）" in listed
    assert "賃借した部屋で、延べ床面積が台帳にありません。" in listed
    seen.page.click("#fm-tab-year")


def test_every_marker_of_the_year_is_a_button(seen, result):
    seen.year(14)
    begun = (result.events["start_year"] <= 2040) & (result.events["end_year"] >= 2040)
    rows = seen.page.locator("#fm-list .fm-row")
    assert rows.count() == int(begun.sum()) > 0
    rows.nth(0).focus()
    seen.page.keyboard.press("Enter")
    assert seen.page.evaluate("() => document.activeElement.id") == "fm-cardname"
    seen.page.keyboard.press("Escape")
    assert seen.page.evaluate("() => document.activeElement.classList.contains('fm-row')")


def test_a_click_on_a_marker_opens_its_card(seen, result):
    seen.page.click("#fm-fit")
    spot = seen.page.evaluate("""() => {
      const canvas = document.querySelector(".leaflet-overlay-pane canvas"), pen = canvas.getContext("2d");
      const { width, height } = canvas, at = pen.getImageData(0, 0, width, height).data, box = canvas.getBoundingClientRect();
      for (let y = 60; y < height - 60; y++) for (let x = 320; x < width - 120; x++) {
        const p = (y * width + x) * 4;
        if (at[p] === 0x00 && at[p + 1] === 0x9e && at[p + 2] === 0x73 && at[p + 3] === 255)
          return [box.x + ((x + 1) * box.width) / width, box.y + ((y + 5) * box.height) / height];
      }
      return null;
    }""")
    assert spot is not None
    seen.page.mouse.move(*spot)
    assert seen.page.locator("#fm-tip").is_visible()
    seen.page.mouse.click(*spot)
    assert seen.page.inner_text("#fm-cardname") in set(result.facilities["name"])
    seen.close()


def test_the_switch_leaves_no_word_untranslated(seen):
    seen.english(wanted=True)
    try:
        for mode in ("condition", "action"):
            seen.page.check(f'input[name="fm-mode"][value="{mode}"]')
            seen.open("F00006")
            said = seen.said()
            assert len(said) > 60
            assert [text for text in said if JAPANESE.search(text)] == []
            seen.close()
        seen.page.click("#fm-tab-all")
        assert [text for text in seen.said() if JAPANESE.search(text)] == []
        assert seen.page.title().endswith("Facility plan FY2026–2065")
    finally:
        seen.page.keyboard.press("Escape")
        seen.page.click("#fm-tab-year")
        seen.english(wanted=False)
    assert seen.page.get_attribute("html", "lang") == "ja"
    assert "Legend" not in seen.page.inner_text("#fm-legend")


def test_axe_finds_no_serious_fault(visit, file):
    opened = visit(file, bypass_csp=True)
    assert opened.serious() == []
    opened.open("F00006")
    assert opened.serious() == []
    opened.close()
    opened.english(wanted=True)
    opened.page.check('input[name="fm-mode"][value="condition"]')
    opened.page.click("#fm-tab-cover")
    opened.page.select_option("#fm-cover", "-1")
    assert opened.serious() == []
    opened.page.context.close()


def test_an_address_opens_year_language_and_facility(visit, file):
    opened = visit(file, "#y=2045&l=en&m=condition&f=F00006")
    assert opened.page.inner_text("#fm-year") == "FY2045"
    assert opened.page.locator("#fm-card").is_visible()
    assert opened.page.is_checked('input[value="condition"]')
    assert opened.faults == []
    opened.page.context.close()


def test_printing_gives_one_sheet_and_the_screen_comes_back(visit, file):
    opened = visit(file, "#y=2040")
    sheet = opened.page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    size = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", sheet)
    assert [round(float(edge) / 72 * 25.4) for edge in size.groups()] == [420, 297]
    opened.page.wait_for_selector("html:not(.fm-print)")
    opened.page.wait_for_timeout(200)
    assert opened.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert opened.page.locator(".leaflet-overlay-pane canvas").count() == 1
    assert opened.faults == []
    opened.page.context.close()


def test_a_packed_page_opens_and_tiles_stay_off_until_chosen(visit, result, layers, tmp_path):
    path = tmp_path / "packed.html"
    page_map = build_map(result, layers, "en", tiles="gsi", pack_above_bytes=1_000)
    path.write_text(page_map.get_root().render(), encoding="utf-8")
    opened = visit(path)
    assert opened.faults == []
    assert opened.page.locator("#fm-base").is_visible()
    opened.page.select_option("#fm-tiles", "tiles")
    opened.page.wait_for_selector("#fm-toast:not([hidden])", timeout=5_000)
    assert opened.page.input_value("#fm-tiles") == "plain"
    asked = {fault for fault in opened.faults if fault.startswith("http")}
    assert asked
    assert all(url.startswith("https://cyberjapandata.gsi.go.jp/xyz/pale/") for url in asked)
    opened.page.context.close()


MOST_BYTES = 1_500_000
MOST_MILLISECONDS = 400
"""For one year of a city on a slow machine; it takes some twenty."""


def test_a_city_of_416_facilities_opens_small_and_moves_fast(visit, result_of, layers, tmp_path):
    result, path = result_of(416), tmp_path / "city.html"
    write_map(result, layers, path, "en")
    assert path.stat().st_size < MOST_BYTES
    seen = visit(path)
    spent = seen.page.evaluate(
        """() => { const slider = document.getElementById("fm-slider"), from = performance.now();
        for (const year of ["9", "19", "29"]) { slider.value = year; slider.dispatchEvent(new Event("input")); }
        return (performance.now() - from) / 3; }"""
    )
    assert spent < MOST_MILLISECONDS
    assert seen.page.inner_text("#fm-year").startswith("FY2055")
    open_in = STATE_CODES.index("open"), STATE_CODES.index("works"), STATE_CODES.index("converted")
    assert seen.page.inner_text("#fm-kpi_open") == str(int(np.isin(result.state[:, 29], open_in).sum()))
    seen.page.click("#fm-tab-all")
    assert seen.page.locator(".fm-row").count() >= 150
    merge = result.events[result.events["action"] == "merge"].iloc[-1]
    before = seen.pixels()
    seen.open(merge["facility_id"])
    assert seen.pixels() != before
    assert seen.page.locator("#fm-curves polyline").count() == 4
    assert seen.faults == []
    seen.page.context.close()


def test_the_city_fills_the_height_or_the_width_of_the_map(seen):
    seen.page.click("#fm-fit")
    box = seen.page.locator("#fm-mapbox").bounding_box()
    drawn = seen.page.evaluate(
        """() => { const path = document.querySelector(".leaflet-fmBase-pane path, [class*=fmBase] path").getBoundingClientRect();
        return [path.width, path.height]; }"""
    )
    assert max(drawn[0] / (box["width"] - 166), drawn[1] / box["height"]) > 0.93
