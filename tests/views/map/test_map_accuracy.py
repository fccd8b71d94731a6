"""What is not certain, in the browser: places known roughly are drawn to scale, estimated values say so."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest

from fmtool.views.webmap import write_map

CIRCLE = """() => {
  const canvas = document.querySelector(".leaflet-overlay-pane canvas"), copy = canvas.cloneNode();
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const at = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  let painted = 0;
  for (let p = 0; p < at.length; p += 4) if (at[p + 3] > 34 && at[p + 3] < 42 && at[p] > 165 && at[p + 2] < 12) painted++;
  const map = Object.values(window).find((each) => each instanceof L.Map);
  return { painted, zoom: map.getZoom(), said: Number(canvas.dataset.error) };
}"""


@pytest.fixture(scope="module")
def rough(result, layers, visit, tmp_path_factory) -> Iterator:
    """Open the plan with one estimated floor area and year, and one structure that is assumed by rule only."""
    told = [
        ["F00006", "floor_area_m2", "estimated"],
        ["F00006", "built_year", "estimated"],
        ["F00006", "structure", "assumed"],
    ]
    guesses = pd.DataFrame(told, columns=["facility_id", "column", "basis"]).assign(
        value="", rule_ja="類似", rule_en="alike"
    )
    path = tmp_path_factory.mktemp("rough") / "map.html"
    write_map(replace(result, guesses=guesses), layers, path, "ja")
    opened = visit(path)
    yield opened
    assert opened.faults == []
    opened.page.context.close()


def test_a_rough_place_has_a_circle_to_scale_and_an_exact_one_none(rough, result):
    placed = result.facilities[result.facilities["lat"].notna()]
    inexact, exact = placed[placed["accuracy_m"] >= 400].iloc[0], placed[placed["accuracy_m"] <= 100].iloc[0]
    assert rough.page.evaluate(CIRCLE)["painted"] == 0
    rough.open(inexact["facility_id"])
    rough.page.click("#fm-locate")
    seen = rough.page.evaluate(CIRCLE)
    assert seen["said"] == inexact["accuracy_m"]
    metres_per_pixel = 40_075_016.7 * math.cos(math.radians(inexact["lat"])) / 2 ** (seen["zoom"] + 8)
    whole = math.pi * (inexact["accuracy_m"] / metres_per_pixel) ** 2
    # Markers and names stand upon it, so that less than the whole circle is its colour; never more.
    assert 0.5 * whole < seen["painted"] < 1.05 * whole
    rough.close()
    assert rough.page.evaluate(CIRCLE)["painted"] == 0
    rough.open(exact["facility_id"])
    rough.page.click("#fm-locate")
    seen = rough.page.evaluate(CIRCLE)
    assert (seen["said"], seen["painted"]) == (0, 0)
    rough.close()


def test_the_legend_names_the_circle_in_both_languages(rough):
    assert "選んだ施設の位置の誤差の目安" in rough.page.inner_text("#fm-legend")
    rough.english(wanted=True)
    assert "Likely error of the chosen place" in rough.page.inner_text("#fm-legend")
    rough.english(wanted=False)


def test_the_legend_is_silent_where_every_place_is_exact(result, layers, visit, tmp_path):
    facilities = result.facilities.assign(accuracy_m=30.0)
    write_map(replace(result, facilities=facilities), layers, tmp_path / "map.html", "ja")
    opened = visit(tmp_path / "map.html")
    assert "誤差" not in opened.page.inner_text("#fm-legend")
    assert opened.faults == []
    opened.page.context.close()


def test_the_card_marks_what_is_estimated_and_nothing_else(rough, result):
    row = result.facilities.set_index("facility_id").loc["F00006"]
    rough.open("F00006")
    facts = rough.page.inner_text(".fm-facts")
    assert f"{row['floor_area_m2']:,.0f} m²（推定）" in facts
    assert facts.count("（推定）") == 2  # floor area and year; the structure is assumed, not estimated
    rough.english(wanted=True)
    assert f"FY{row['built_year']} (estimated)" in rough.page.inner_text(".fm-facts")
    rough.english(wanted=False)
    rough.close()
    rough.open("F00007")
    assert "推定" not in rough.page.inner_text(".fm-facts")
    rough.close()
