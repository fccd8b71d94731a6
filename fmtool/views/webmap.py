"""The plan on a map: one HTML file that a manager opens without a network.

Folium makes the Leaflet map and the layers under it; :class:`PlanLayer` adds the facilities, the year slider and all
else that moves (``assets/map/``). What Python computed is drawn as it is, so the page cannot disagree with the plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import pandas as pd
from branca.element import Element, MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from fmtool.schedule.result import PlanResult
from fmtool.text import Lang, Text
from fmtool.units import MILLION
from fmtool.views import map_words as words
from fmtool.views.fiscal import is_general
from fmtool.views.map_base import add_base, base_facts
from fmtool.views.map_encode import packed, page_json
from fmtool.views.map_payload import payload
from fmtool.views.map_tiles import TILES, Tiles, add_tiles
from fmtool.views.offline import OWN_SCHEME, OfflineAssetError, OfflineFigure, Verbatim, asset
from fmtool.vocabulary import ACTIONS
from fmtool.workspace import write_text

PACK_ABOVE_BYTES = 150_000
"""Content larger than this is written compressed; Edge and Chrome since 2020 and Firefox since 2023 can open it."""

SCRIPTS = ("core", "marks", "canvas", "cover", "charts", "timeline", "card", "lists", "panel", "tiles", "page")
MIN_ZOOM, MAX_ZOOM = 8, 19
LARGEST_NOTICE = 1_000
"""Above this many actions the table for pages without script counts them instead of naming them."""


class PlanLayer(JSCSSMixin, MacroElement):
    """The facilities of a plan, and the controls around the map.

    Parameters
    ----------
    content
        The columns of :func:`fmtool.views.map_payload.payload`, as JSON.
    notice
        Markup shown until the script runs.
    pack_above_bytes
        Size above which the content is compressed.
    """

    default_js = [(f"fmtool_{name}_js", f"{OWN_SCHEME}map/{name}.js") for name in SCRIPTS]  # noqa: RUF012  - Folium's own way
    default_css = [("fmtool_plan_css", f"{OWN_SCHEME}map/plan.css")]  # noqa: RUF012  - Folium's own way

    _template = Template(
        "{% macro script(this, kwargs) %}"
        'FMPlan.start({{ this._parent.get_name() }}, "fm-data", '
        "{ {%- for key, value in this.parts.items() %}{{ key }}: {{ value.get_name() }},{% endfor -%} });"
        "{% endmacro %}"
    )

    def __init__(self, content: str, notice: str, pack_above_bytes: int = PACK_ABOVE_BYTES) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "PlanLayer"
        is_packed = len(content.encode("utf-8")) > pack_above_bytes
        kind, held = ("text/x-gzip-base64", packed(content)) if is_packed else ("application/json", content)
        shell = asset("map/plan.html").decode("utf-8")
        self.markup = f'<div id="fm-notice">{notice}</div>\n{shell}<script type="{kind}" id="fm-data">{held}</script>'
        self.parts: dict[str, Element] = {}

    def render(self, **kwargs: object) -> None:  # type: ignore[override]
        """Put the controls and the content into the page."""
        figure = self.get_root()
        if not isinstance(figure, OfflineFigure):
            raise OfflineAssetError("a PlanLayer is drawn in an OfflineFigure only")
        figure.html.add_child(Verbatim(self.markup), name=self.get_name())
        super().render(**kwargs)  # type: ignore[no-untyped-call]


def build_map(
    result: PlanResult,
    workspace_layers: Mapping[str, gpd.GeoDataFrame],
    lang: Lang,
    *,
    tiles: Tiles | None = None,
    services: pd.DataFrame | None = None,
    others: Sequence[PlanResult] = (),
    pack_above_bytes: int = PACK_ABOVE_BYTES,
) -> folium.Map:
    """Return the page as a Folium map, to which further Folium layers may be added before it is saved.

    The arguments are those of :func:`write_map`; content above ``pack_above_bytes`` is compressed.
    """
    facts = base_facts(workspace_layers)
    extent = facts["extent"] or _facility_extent(result)
    facts["extent"] = extent
    centre = [(extent[0][0] + extent[1][0]) / 2, (extent[0][1] + extent[1][1]) / 2]
    page_map = folium.Map(
        location=centre,
        zoom_start=12,
        tiles=None,
        prefer_canvas=False,
        zoom_control=False,
        zoom_snap=0.02,
        zoom_delta=0.5,
        minZoom=MIN_ZOOM,
        maxZoom=MAX_ZOOM,
        attribution_control=False,
    )
    title = words.WORDS["plan_of"].say(lang).format(**{"from": result.years[0], "to": result.years[-1]})
    offered = None if tiles is None else TILES[tiles]
    figure = OfflineFigure(
        lang,
        f"{result.case_name.say(lang)} {title}",
        () if offered is None else (offered.host,),
        referrer="no-referrer" if offered is None else offered.referrer,
    )
    figure.add_child(page_map)
    drawn = add_base(page_map, workspace_layers)
    content = page_json(payload(result, lang, facts, tiles=tiles, services=services, others=others))
    layer = PlanLayer(content, notice_markup(result, lang), pack_above_bytes)
    layer.parts = {name: drawn[name] for name in ("boundary", "districts", "water") if name in drawn}
    if offered is not None:
        layer.parts["tiles"] = add_tiles(page_map, offered)
    layer.add_to(page_map)
    return page_map


def write_map(
    result: PlanResult,
    workspace_layers: dict[str, gpd.GeoDataFrame],
    path: Path,
    lang: Lang,
    *,
    tiles: Tiles | None = None,
    services: pd.DataFrame | None = None,
    others: Sequence[PlanResult] = (),
) -> None:
    """Write the plan's map as one file that works without a network.

    Parameters
    ----------
    result
        The certified plan.
    workspace_layers
        ``boundary`` and ``districts``; further layers (``water``, ``railways``, ``roads`` …) are drawn as lines.
    path
        The HTML file.
    lang
        Language in which the page opens; the reader can switch.
    tiles
        Online tiles to offer as a base map; they are fetched only when the reader chooses them.
    services
        The services as ``read_services`` gives them: English names, and what a conversion makes of each.
    others
        Plans of the same facilities and years that the reader can switch to.
    """
    page = build_map(result, workspace_layers, lang, tiles=tiles, services=services, others=others)
    write_text(path, page.get_root().render())


def _facility_extent(result: PlanResult) -> list[list[float]]:
    placed = result.facilities[["lat", "lon"]].dropna()
    if placed.empty:
        return [[24.0, 123.0], [45.5, 146.0]]
    south, west, north, east = (
        float(edge) for edge in (placed["lat"].min(), placed["lon"].min(), placed["lat"].max(), placed["lon"].max())
    )
    margin = 0.01
    return [[south - margin, west - margin], [north + margin, east + margin]]


def notice_markup(result: PlanResult, lang: Lang) -> str:
    """Return what the page shows where its script has been taken out: a sentence and the yearly table."""

    def both(text: Text) -> str:
        other: Lang = "en" if lang == "ja" else "ja"
        return (
            f'<span lang="{lang}">{escape(text.say(lang))}</span> <span lang="{other}">{escape(text.say(other))}</span>'
        )

    budget = words.NOTICE_BUDGET_GENERAL if is_general(result) else words.NOTICE_BUDGET
    heads = (words.NOTICE_YEAR, words.NOTICE_OUTLAY, budget, words.NOTICE_ACTIONS)
    head = "".join(f'<th scope="col">{both(text)}</th>' for text in heads)
    rows = "".join(f"<tr>{row}</tr>" for row in _notice_rows(result, lang))
    return (
        f"<h1>{both(result.case_name)}</h1><p><strong>{both(words.NOTICE_TITLE)}</strong></p>"
        f"<p>{both(words.NOTICE_BODY)}</p><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _notice_rows(result: PlanResult, lang: Lang) -> Iterator[str]:
    begins: Mapping[Any, pd.DataFrame] = dict(iter(result.events.groupby("start_year")))
    for year in result.years:
        line = result.yearly.loc[year]
        events = begins.get(year)
        if events is None:
            said = ""
        elif len(result.events) > LARGEST_NOTICE:
            said = str(len(events))
        else:
            pairs = zip(events["name"], events["action"], strict=True)
            said = escape("、".join(f"{name}（{ACTIONS[action].say(lang)}）" for name, action in pairs))
        amounts = "".join(f"<td>{line[name] / MILLION:,.1f}</td>" for name in ("outlay", "budget"))
        yield f'<th scope="row">{year}</th>{amounts}<td>{said}</td>'
