"""The national map: one HTML file that needs no network, each city a circle and a line of the list beside it.

The list is markup, so that it is there without script too; the script draws the circles, colours them and
joins the two.
"""

from __future__ import annotations

import math
import os
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import folium
from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from fmtool.portfolio.national import National
from fmtool.portfolio.outcome import STATUSES, CityPlan
from fmtool.text import Lang, Text
from fmtool.views.labels import amount_text, share_text
from fmtool.views.map_encode import page_json
from fmtool.views.offline import OWN_SCHEME, OfflineAssetError, OfflineFigure, Verbatim
from fmtool.workspace import write_text

STATUS_COLOURS = {
    "optimal": "#009E73", "feasible": "#E69F00", "infeasible": "#D55E00", "not_found": "#CC79A7",
    "uncertified": "#CC79A7", "bad_input": "#5f6b7a", "failed": "#5f6b7a",
}  # fmt: skip
SAVING_STEPS = ((0.0, "#d95f0e"), (0.2, "#fec44f"), (0.4, "#7fcdbb"), (0.6, "#2c7fb8"), (math.inf, "#253494"))
"""Saving against replace up to each limit, and its colour."""

TITLE = Text("都市別の公共施設計画", "Facility plans of the cities")
_SIZE = Text(
    "円の大きさ＝工事費等（同じ通貨・価格基準年度の中で）", "Size = works, among cities of one currency and price year"
)
_COLOUR = Text("色分け", "Colour by")
_BY = {"saving": Text("従来型からの削減率", "Saving against replace"), "status": Text("計算状態", "Status")}
_HEADS = (
    Text("都市", "City"), Text("計算状態", "Status"), Text("施設数", "Facilities"), Text("工事費等", "Works"),
    Text("削減率", "Saving"), Text("差", "Gap"),
)  # fmt: skip
_MAP = Text("地図を開く", "Open its map")
_NOWHERE = Text("位置が分からない（地図に出ません）", "Without a place; not on the map")
_OTHER = Text("English", "日本語")
_LEGEND = Text("凡例", "Legend")
_LIST = Text("都市の一覧", "List of cities")


class CityCircles(JSCSSMixin, MacroElement):
    """The circles of the cities, and the list beside the map."""

    default_js = [("fmtool_cities_js", f"{OWN_SCHEME}portfolio/cities.js")]  # noqa: RUF012  - Folium's own way
    default_css = [("fmtool_cities_css", f"{OWN_SCHEME}portfolio/cities.css")]  # noqa: RUF012  - Folium's own way

    _template = Template(
        '{% macro script(this, kwargs) %}FMCities.start({{ this._parent.get_name() }}, "fm-data");{% endmacro %}'
    )

    def __init__(self, content: str, markup: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "CityCircles"
        self.markup = f'{markup}<script type="application/json" id="fm-data">{content}</script>'

    def render(self, **kwargs: object) -> None:  # type: ignore[override]
        """Put the list and the content into the page."""
        figure = self.get_root()
        if not isinstance(figure, OfflineFigure):
            raise OfflineAssetError("CityCircles are drawn in an OfflineFigure only")
        figure.html.add_child(Verbatim(self.markup), name=self.get_name())
        super().render(**kwargs)  # type: ignore[no-untyped-call]


def write_page(national: National, path: Path, out: Path, lang: Lang) -> None:
    """Write the national map.

    Parameters
    ----------
    national
        The cities.
    path
        The HTML file.
    out
        Folder in which the file will lie: links to the cities' own maps lead from there.
    lang
        Language in which the page opens; the reader can switch.
    """
    figure = OfflineFigure(lang, TITLE.say(lang))
    page_map = folium.Map(
        location=[36.5, 137.5], zoom_start=5, tiles=None, zoom_control=True, attribution_control=False
    )
    figure.add_child(page_map)
    most: dict[tuple[str, int], float] = {}  # circles compare within one money only
    for city in national.done:
        money = city.currency, city.price_year
        most[money] = max(most.get(money, 0.0), city.works_total)
    circles = [
        circle
        for at, city in enumerate(national.cities)
        if (circle := _circle(at, city, most.get((city.currency, city.price_year), 0.0))) is not None
    ]
    content = page_json({"lang": lang, "circles": circles})
    CityCircles(content, _markup(national, out, lang)).add_to(page_map)
    write_text(path, figure.render())


def _circle(at: int, city: CityPlan, most: float) -> dict[str, Any] | None:
    if city.place is None:
        return None
    share = city.works_total / most if most > 0 else 0.0
    return {
        "at": at,
        "place": [round(degrees, 5) for degrees in city.place],
        "radius": round(5 + 17 * math.sqrt(share), 1),
        "saving": _saving_colour(city),
        "status": STATUS_COLOURS[city.status],
        "ja": _tip(city, "ja"),
        "en": _tip(city, "en"),
    }


def _tip(city: CityPlan, lang: Lang) -> str:
    return f"{city.name.say(lang)}　{amount_text(city.works_total, city.currency, lang)}"


def _saving_colour(city: CityPlan) -> str:
    if math.isnan(city.saving):
        return STATUS_COLOURS["bad_input"]
    return next(colour for limit, colour in SAVING_STEPS if city.saving <= limit)


def _both(text: Text, tag: str = "span") -> str:
    """Write a text in both languages; the page shows the reader's."""
    return f'<{tag} lang="ja">{escape(text.ja)}</{tag}><{tag} lang="en">{escape(text.en)}</{tag}>'


def _markup(national: National, out: Path, lang: Lang) -> str:
    remarks = "".join(f"<p>{_both(remark)}</p>" for remark in national.remarks())
    heads = "".join(f'<th scope="col">{_both(head)}</th>' for head in _HEADS)
    rows = "".join(_line(at, city, out) for at, city in enumerate(national.cities))
    options = "".join(
        f'<label><input type="radio" name="fm-by" value="{key}"{" checked" if key == "saving" else ""}>{_both(name)}</label>'
        for key, name in _BY.items()
    )
    return (
        f'<div id="fm-app"><header><h1>{_both(TITLE)}</h1>'
        f'<button type="button" id="fm-lang">{escape(_OTHER.say(lang))}</button></header>'
        f'<main><div id="fm-mapbox"></div><section id="fm-side">{remarks}'
        f'<fieldset id="fm-by"><legend>{_both(_COLOUR)}</legend>{options}</fieldset>'
        f'<details id="fm-legend" open><summary>{_both(_LEGEND)}</summary>{_legend(national)}</details>'
        f'<h2>{_both(_LIST)}</h2><div id="fm-list" tabindex="0"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section></main></div>"
    )


def _legend(national: National) -> str:
    dot = '<svg width="14" height="14" aria-hidden="true"><circle cx="7" cy="7" r="6" fill="{}"></circle></svg>'
    low, steps = None, []
    for limit, colour in SAVING_STEPS:
        ends = (
            Text(f"{share_text(limit, 0)}以下", f"up to {share_text(limit, 0)}")
            if low is None
            else Text(f"{share_text(low, 0)}超", f"over {share_text(low, 0)}")
        )
        steps.append(f"<li>{dot.format(colour)}{_both(ends)}</li>")
        low = limit
    known = [status for status in STATUSES if any(city.status == status for city in national.cities)]
    kinds = [f"<li>{dot.format(STATUS_COLOURS[status])}{_both(STATUSES[status])}</li>" for status in known]
    return (
        f'<ul data-by="saving">{"".join(steps)}</ul><ul data-by="status" hidden>{"".join(kinds)}</ul>'
        f"<p>{_both(_SIZE)}</p>"
    )


def _line(at: int, city: CityPlan, out: Path) -> str:
    if not city.is_done:
        said = city.said or STATUSES[city.status]
        first = Text(said.ja.splitlines()[0], said.en.splitlines()[0])
        return (
            f'<tr data-at="{at}"><th scope="row">{_both(city.name)}</th><td>{_both(STATUSES[city.status])}</td>'
            f'<td colspan="4" class="fm-said">{_both(first)}</td></tr>'
        )
    works = Text(*(amount_text(city.works_total, city.currency, lang) for lang in ("ja", "en")))
    link = ""
    if city.map is not None:
        link = f' <a href="{escape(_link(Path(city.map), out), quote=True)}">{_both(_MAP)}</a>'
    where = f'<button type="button" class="fm-city">{_both(city.name)}</button>' if city.place else _both(city.name)
    lost = "" if city.place else f"<small>{_both(_NOWHERE)}</small>"
    saving = "" if math.isnan(city.saving) else share_text(city.saving, 0)
    return (
        f'<tr data-at="{at}"><th scope="row">{where}{link}{lost}</th><td>{_both(STATUSES[city.status])}</td>'
        f"<td>{city.facilities:,}</td><td>{_both(works)}</td><td>{saving}</td><td>{share_text(city.gap, 2)}</td></tr>"
    )


def _link(target: Path, out: Path) -> str:
    """Return the way from a folder to a file, as a link.

    >>> _link(Path("/data/cities/津 市/results/base/map.html"), Path("/data/portfolio"))
    '../cities/%E6%B4%A5%20%E5%B8%82/results/base/map.html'
    """
    try:
        way = Path(os.path.relpath(target, out)).as_posix()
    except ValueError:  # on another drive
        return target.as_uri()
    return quote(way)
