"""Charts: bytes that repeat, pictures that open, letters that the machine can draw."""

from __future__ import annotations

import dataclasses
import struct
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from fmtool.schedule.result import PlanResult
from fmtool.text import Text
from fmtool.views import charts
from fmtool.views.charts import baseline_chart, chart_lang, costs_chart, curve_chart, japanese_font, level_chart
from fmtool.views.palette import ACTION_COLOURS
from fmtool.views.scenarios import scenario_of_result
from fmtool.views.slides import write_slides
from fmtool.vocabulary import ACTIONS

YEARS = tuple(range(2026, 2036))
FLAT = np.full(10, 2e8)
SVG = "{http://www.w3.org/2000/svg}"


def _draw_all(fmt: charts.Format, lang: charts.Lang = "ja") -> list[bytes]:
    return [
        costs_chart(YEARS, {"rebuild": FLAT, "sell": FLAT / 4}, 3e8, lang=lang, fmt=fmt, title=Text("費用", "Cost")),
        baseline_chart(YEARS, FLAT * 2, FLAT * 1.5, FLAT, FLAT, lang=lang, fmt=fmt),
        curve_chart(
            YEARS, {"plan": np.cumsum(FLAT), "keep": FLAT}, {"plan": np.linspace(90, 20, 10)}, lang=lang, fmt=fmt
        ),
        level_chart(
            YEARS,
            FLAT,
            np.full(10, np.nan),
            names=(Text("面積", "Area"), Text("目標", "Target")),
            unit=Text("m²", "m²"),
            lang=lang,
            fmt=fmt,
        ),
    ]


@pytest.mark.parametrize("fmt", ["svg", "png"])
def test_equal_input_gives_equal_bytes(fmt: charts.Format) -> None:
    assert _draw_all(fmt) == _draw_all(fmt)


def test_png_opens_with_a_size() -> None:
    for data in _draw_all("png"):
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        width, height = struct.unpack(">II", data[16:24])
        assert min(width, height) > 300


def test_svg_is_xml_without_dates_or_outside_links() -> None:
    for data in _draw_all("svg"):
        root = ET.fromstring(data.decode())  # noqa: S314  - our own drawing
        assert root.tag == f"{SVG}svg"
        assert not list(root.iter("{http://purl.org/dc/elements/1.1/}date"))
        links = [value for element in root.iter() for name, value in element.attrib.items() if name.endswith("href")]
        assert all(link.startswith("#") for link in links)


def test_the_language_changes_the_drawing() -> None:
    if charts.japanese_font() is None:
        pytest.skip("no Japanese font on this machine")
    assert all(ja != en for ja, en in zip(_draw_all("svg", "ja"), _draw_all("svg", "en"), strict=True))


def test_without_a_japanese_font_charts_speak_english(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(charts, "japanese_font", lambda: None)
    charts.say_no_font.cache_clear()
    assert [chart_lang("ja") for _ in range(3)] == ["en"] * 3
    assert caplog.text.count("no Japanese font") == 1
    with caplog.at_level("ERROR"):
        assert _draw_all("svg", "ja")[1] == _draw_all("svg", "en")[1]
    title = curve_chart(YEARS, {"plan": FLAT}, title=Text("豊橋 A", "豊橋 A"))
    assert title == curve_chart(YEARS, {"plan": FLAT}, title=Text("A", "A"))


def test_bars_stack_to_the_total_and_skip_what_costs_nothing() -> None:
    """The tallest bar of two actions of 2 and 1 reaches three times the height of the lower part's half."""
    both = ET.fromstring(costs_chart(YEARS, {"rebuild": FLAT, "sell": FLAT * 0}, None).decode())  # noqa: S314
    drawn = ET.tostring(both, encoding="unicode").lower()
    assert ACTION_COLOURS["rebuild"].lower() in drawn
    assert ACTION_COLOURS["sell"].lower() not in drawn


def test_hostile_titles_and_dollars_are_drawn_as_text() -> None:
    data = curve_chart(YEARS, {"plan": FLAT}, title=Text("<script>$x_</script>", "<script>$x_</script>"))
    assert b"<script" not in data


def test_every_action_has_its_colour(result: PlanResult) -> None:
    assert list(ACTION_COLOURS) == list(ACTIONS)
    assert len({colour.lower() for colour in ACTION_COLOURS.values()}) == len(ACTIONS)
    spend = {code: result.spend_by_action[code].to_numpy() for code in ACTIONS}
    assert len(costs_chart(result.years, spend, result.yearly["budget"].to_numpy(), fmt="png")) > 10_000


def test_slides_hold_every_chart_in_both_languages(financed: PlanResult, tmp_path: Path) -> None:
    other = dataclasses.replace(scenario_of_result(financed), name="low")
    files = write_slides(financed, tmp_path, (other,))
    assert files
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in files)
    languages = ("ja", "en") if japanese_font() else ("en",)
    names = {path.name for path in files}
    for lang in languages:
        for chart in ("courses", "costs", "sources", "debt_service", "future_burden", "debt", "curves", "scenarios"):
            assert f"{chart}_{lang}.png" in names
    assert len(names) == len(files)


def test_every_slide_names_its_case(financed: PlanResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    write = charts.Figure.supxlabel
    monkeypatch.setattr(charts.Figure, "supxlabel", lambda *of, **how: (said.append(of[1]), write(*of, **how))[1])
    named = dataclasses.replace(financed, case_name=Text("架空市（面積は推定）", "Imaginary City (areas estimated)"))
    files = write_slides(named, tmp_path)
    assert len(said) == len(files)
    assert said.count("Imaginary City (areas estimated)") >= len(files) // 2
    if japanese_font():
        assert said.count("架空市（面積は推定）") == len(files) // 2
    said.clear()
    bare = costs_chart(YEARS, {"rebuild": FLAT}, fmt="png", lang="en")
    assert said == []  # charts of the report stand on a page that names the case
    with charts.captioned(named.case_name):
        assert costs_chart(YEARS, {"rebuild": FLAT}, fmt="png", lang="en") != bare
    assert costs_chart(YEARS, {"rebuild": FLAT}, fmt="png", lang="en") == bare
