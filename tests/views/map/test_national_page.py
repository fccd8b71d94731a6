"""The national map in a browser without a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fmtool.portfolio import CityPlan, National, write_national
from fmtool.text import Text

HOSTILE = '<img src=x onerror=alert(1)>{{ 7 * 7 }}"&市'


def city(root: Path, number: int, name: str, place: tuple[float, float] | None) -> CityPlan:
    page = root / f"津 {number}" / "results" / "base" / "map.html"
    page.parent.mkdir(parents=True)
    page.touch()
    return CityPlan(
        id=f"city-{number}", root=str(page.parents[2]), status="optimal", exit_code=0, said=None,
        name=Text(name, name), scenario="base", seconds=1.0, facilities=20, life_plans=900, currency="JPY",
        price_year=2025, discount_rate=0.02, years=(2026, 2027), objective=5e9, best_bound=4.9e9, gap=0.02,
        spend=(1e9 * number, 2e9), budget=(3e9, 3e9), need_replace=9e9, need_extend=6e9, decisions={"keep": 20},
        place=place, map=str(page),
    )  # fmt: skip


@pytest.fixture(scope="module")
def national(tmp_path_factory) -> National:
    root = tmp_path_factory.mktemp("cities")
    faulty = CityPlan(
        "bad", "bad", "bad_input", 1, Text("直す所", "to mend\n<b>"), Text("bad", "bad"), "base", 0.1
    )  # fmt: skip
    cities = [
        city(root, 1, "甲市", (43.1, 141.3)),
        city(root, 2, HOSTILE, (35.1, 136.9)),
        city(root, 3, "乙市", (32, 131)),
    ]
    return National((*cities, faulty, city(root, 4, "丙市", None)))


@pytest.fixture(scope="module")
def seen(national, visit, tmp_path_factory) -> Iterator:
    out = tmp_path_factory.mktemp("national") / "portfolio"
    write_national(national, out, "ja")
    opened = visit(out / "national.html")
    yield opened
    opened.page.context.close()


def test_cities_are_circles_and_lines_of_the_list(seen):
    assert seen.page.locator("path.leaflet-interactive").count() == 3
    rows = seen.page.locator("#fm-list tbody tr")
    assert rows.count() == 5
    assert HOSTILE in rows.nth(1).inner_text()
    assert "入力の誤り" in rows.nth(3).inner_text()
    assert "直す所" in rows.nth(3).inner_text()
    assert "位置が分からない" in rows.nth(4).inner_text()
    assert seen.page.locator("#fm-side img").count() == 0


def test_the_more_works_the_larger_the_circle(seen):
    boxes = [seen.page.locator("path.leaflet-interactive").nth(at).bounding_box()["width"] for at in range(3)]
    assert boxes == sorted(boxes, reverse=True)  # the largest first, so that the small lie on top
    assert boxes[0] > boxes[2]


def test_a_line_shows_its_circle_and_a_circle_its_line(seen):
    seen.page.locator("button.fm-city").nth(1).click()
    assert HOSTILE in seen.page.locator(".leaflet-tooltip").first.inner_text()
    assert "fm-chosen" in seen.page.locator("#fm-list tbody tr").nth(1).get_attribute("class")


def test_colours_and_language_can_be_changed(seen):
    circles = seen.page.locator("path.leaflet-interactive")
    seen.page.check("input[value=status]")
    assert {circles.nth(at).get_attribute("fill") for at in range(3)} == {"#009E73"}
    assert seen.page.locator("#fm-legend ul[data-by=status]").is_visible()
    seen.page.check("input[value=saving]")
    assert not seen.page.locator("#fm-legend ul[data-by=status]").is_visible()
    assert len({circles.nth(at).get_attribute("fill") for at in range(3)}) == 2  # 67 %, 56 % and 44 % saved
    seen.page.click("#fm-lang")
    assert seen.page.inner_text("h1") == "Facility plans of the cities"
    seen.page.click("#fm-lang")
    assert seen.page.inner_text("h1") == "都市別の公共施設計画"


def test_every_city_links_to_its_own_map(seen, national):
    links = seen.page.locator("#fm-list a")
    found = [links.nth(at).evaluate("(link) => link.href") for at in range(links.count())]
    assert found == [Path(each.map).as_uri() for each in national.done]
    assert all(links.nth(at).get_attribute("href").startswith("../") for at in range(links.count()))


def test_the_list_is_there_without_script(browser, national, tmp_path):
    write_national(national, tmp_path / "out", "en")
    context = browser.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto((tmp_path / "out" / "national.html").as_uri())
    assert page.locator("#fm-list tbody tr").count() == 5
    assert page.locator("#fm-list tbody tr").nth(0).is_visible()
    context.close()


def test_nothing_serious_stands_in_the_way_of_its_readers(national, visit, tmp_path):
    write_national(national, tmp_path / "out", "ja")
    opened = visit(tmp_path / "out" / "national.html", bypass_csp=True)
    assert opened.serious() == []
    opened.page.screenshot(path=tmp_path / "page.png")
    opened.page.context.close()
