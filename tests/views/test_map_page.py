"""The map page as text: nothing is asked of another host, nothing but its own script runs, both languages are whole."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from importlib import resources

import folium
import folium.plugins
import pytest
from branca.element import Figure
from folium.template import Template

from fmtool.text import Text
from fmtool.views import map_words
from fmtool.views.map_words import WORDS
from fmtool.views.offline import OfflineAssetError, OfflineFigure, asset, script_text
from fmtool.views.webmap import SCRIPTS, PlanLayer, build_map, write_map

ASSETS = resources.files("fmtool.views") / "assets"


class Tags(HTMLParser):
    """Collects the tags of a page and the text of its scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.held: list[tuple[str, dict[str, str | None], str]] = []
        self._inside: tuple[str, dict[str, str | None]] | None = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        """Note a tag, and whether a script or style begins."""
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self._inside = (tag, dict(attrs))
            self.held.append((*self._inside, ""))

    def handle_endtag(self, tag):
        """Note the end of a script or style."""
        if self._inside and tag == self._inside[0]:
            self._inside = None

    def handle_data(self, data):
        """Keep the text of a script or style."""
        if self._inside:
            tag, attrs, text = self.held[-1]
            self.held[-1] = (tag, attrs, text + data)


@pytest.fixture(scope="module")
def page(result, layers, tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("map") / "map.html"
    write_map(result, layers, path, "ja")
    return path.read_text(encoding="utf-8")


def policy(page: str) -> dict[str, list[str]]:
    found = next(
        a["content"] for t, a in Tags(page).tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    )
    return {part.split()[0]: part.split()[1:] for part in found.split("; ")}


def test_the_page_asks_nothing_of_any_host(page):
    tags = Tags(page).tags
    assert not [
        attrs for tag, attrs in tags if tag in ("script", "img", "iframe", "object", "embed") and "src" in attrs
    ]
    assert [attrs["href"] for tag, attrs in tags if tag == "link"] == ["data:,"]
    assert not [attrs for tag, attrs in tags if tag == "a"]
    styles = "".join(text for tag, _, text in Tags(page).held if tag == "style")
    assert set(re.findall(r"url\((data:image/png|#default#VML)", styles)) == {"data:image/png", "#default#VML"}
    assert not re.search(r"url\(\s*[\"']?(https?:|//|images/)|@import", styles)


def test_the_policy_names_exactly_the_scripts_and_styles_of_the_page(page):
    rules = policy(page)
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        texts = {text for held, attrs, text in Tags(page).held if held == tag and not attrs}
        hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(t.encode()).digest()).decode()}'" for t in texts}
        assert set(rules[rule]) == hashes
    assert rules["default-src"] == rules["connect-src"] == ["'none'"]
    assert rules["img-src"] == ["data:", "blob:"]
    assert not any(name.startswith("on") or name == "style" for _, attrs in Tags(page).tags for name in attrs)


def test_the_charset_stands_within_the_first_kilobyte(page):
    assert page.index('<meta charset="utf-8">') < 1_024
    assert "user-scalable=no" not in page
    assert page.startswith('<!DOCTYPE html>\n<html lang="ja">')


def test_hostile_names_stay_text(page, result, layers):
    assert "<script>alert" not in page
    assert "\\u003cscript>alert(1)\\u003c/script>" in page
    names = result.facilities["name"].tolist()
    names[4] = "{{ 7 * 7 }}{% raw %}${7*7}"
    facilities = result.facilities.assign(name=names)
    events = result.events.assign(
        name=result.events["facility_id"].map(dict(zip(facilities["facility_id"], names, strict=True)))
    )
    hostile = replace(result, facilities=facilities, events=events, case_name=Text("{{ 8 * 8 }}<b>", "x"))
    text = build_map(hostile, layers, "ja").get_root().render()
    content = json.loads(re.search(r'id="fm-data">(.*?)</script>', text, re.DOTALL)[1])
    assert content["f"]["name"][4] == "{{ 7 * 7 }}{% raw %}${7*7}"
    assert "<title>{{ 8 * 8 }}&lt;b&gt;" in text
    assert "<b>" not in text


def test_equal_plans_give_equal_bytes(result, layers, tmp_path, page):
    write_map(result, layers, tmp_path / "again.html", "ja")
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page
    assert not re.search(r"_[0-9a-f]{32}\b", page)


def test_a_large_plan_is_packed_and_still_the_same_bytes(result, layers):
    pages = [build_map(result, layers, "ja", pack_above_bytes=1_000).get_root().render() for _ in range(2)]
    assert pages[0] == pages[1]
    assert 'type="text/x-gzip-base64"' in pages[0]
    plain = build_map(result, layers, "ja").get_root().render()
    assert len(pages[0]) < len(plain)


def test_tiles_are_offered_only_when_asked_for(result, layers, page):
    assert "cyberjapandata" not in page
    tiled = build_map(result, layers, "ja", tiles="gsi").get_root().render()
    assert policy(tiled)["img-src"] == ["data:", "blob:", "https://cyberjapandata.gsi.go.jp"]
    assert "tile_layer_" in tiled
    assert not re.search(r"tile_layer_\d+\.addTo", tiled)


def test_a_page_without_script_still_shows_the_years(page, result):
    notice = re.search(r'<div id="fm-notice">(.*?)</table>', page, re.DOTALL)[1]
    assert map_words.NOTICE_TITLE.ja in notice
    assert map_words.NOTICE_TITLE.en in notice
    assert notice.count('<th scope="row">') == len(result.years)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in notice
    spent = re.findall(r'<th scope="row">(\d+)</th><td>([\d,.]+)</td>', unescape(notice))
    assert [float(amount.replace(",", "")) for _, amount in spent] == pytest.approx(
        (result.yearly["outlay"] / 1e6).tolist(), abs=0.051
    )


def test_every_word_is_there_in_both_languages():
    for key, (ja, en) in WORDS.items():
        assert ja.strip(), key
        assert en.strip(), key
        assert set(re.findall(r"\{\w+\}", ja)) <= set(re.findall(r"\{\w+\}", en)) | {"{currency}"}, key
        if key not in ("other_language", "other_language_label"):
            assert not re.search(r"[぀-ヿ一-鿿]", en), key


def test_page_and_words_know_the_same_keys():
    source = asset("map/plan.html").decode() + "".join(asset(f"map/{name}.js").decode() for name in SCRIPTS)
    asked = set(re.findall(r'\.t\("([a-z_]+)"[,)]', source)) | set(re.findall(r'data-(?:t|label)="([a-z_]+)"', source))
    assert asked <= set(WORDS)
    written = {key for key in WORDS if f'"{key}"' in source or key.startswith(("curve_", "stack_"))}
    assert written == set(WORDS)


def test_no_script_writes_markup_from_text():
    for name in SCRIPTS:
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function",
            script_text(f"map/{name}.js"),
        ), name


def test_vendored_files_are_those_of_the_manifest():
    for package in json.loads(asset("manifest.json")):
        assert package["licence"]
        assert package["licence_file"] in package["files"]
        for path, said in package["files"].items():
            assert hashlib.sha256(asset(path)).hexdigest() == said["sha256"], path
    kept = {p.name for folder in ("leaflet", "licences") for p in (ASSETS / folder).iterdir() if p.is_file()}
    named = {path.rsplit("/", 1)[1] for package in json.loads(asset("manifest.json")) for path in package["files"]}
    assert kept <= named


def test_a_link_that_is_not_kept_is_refused():
    figure = OfflineFigure("en", "x")
    page_map = folium.Map(location=[35, 137], tiles=None)
    figure.add_child(page_map)
    folium.plugins.MarkerCluster().add_to(page_map)
    with pytest.raises(OfflineAssetError, match="markercluster"):
        figure.render()


def test_a_picture_from_another_host_is_refused():
    figure = OfflineFigure("en", "x")
    element = folium.Element()
    element._template = Template('<img src="https://example.org/x.png">')
    figure.html.add_child(element)
    with pytest.raises(OfflineAssetError, match="another host"):
        figure.render()


def test_a_plan_layer_needs_an_offline_page():
    page_map = folium.Map(location=[35, 137], tiles=None)
    PlanLayer("{}", "").add_to(page_map)
    assert isinstance(page_map.get_root(), Figure)
    with pytest.raises(OfflineAssetError, match="OfflineFigure"):
        page_map.get_root().render()


def test_a_plan_without_layers_is_drawn_around_its_facilities(result):
    text = build_map(result, {}, "en").get_root().render()
    content = json.loads(re.search(r'id="fm-data">(.*?)</script>', text, re.DOTALL)[1])
    (south, west), (north, east) = content["base"]["extent"]
    placed = result.facilities.dropna(subset=["lat", "lon"])
    assert south < placed["lat"].min() < placed["lat"].max() < north
    assert west < placed["lon"].min() < placed["lon"].max() < east
