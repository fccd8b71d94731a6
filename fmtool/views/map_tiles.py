"""Online maps that a page may offer beneath the plan; nothing is fetched until the reader chooses them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import folium

from fmtool.text import Text

Tiles = Literal["gsi", "osm"]

HIGHEST_ZOOM = 19


@dataclass(frozen=True, slots=True)
class TileSource:
    """A server of map tiles, and what it asks of those who use it."""

    name: Text
    host: str
    path: str
    highest_zoom: int
    credit: Text
    terms: str
    """Page that the credit links to."""
    referrer: str
    """Policy by which the page names itself to the server."""


TILES: dict[Tiles, TileSource] = {
    "gsi": TileSource(
        name=Text("地理院タイル", "GSI tiles"),
        host="https://cyberjapandata.gsi.go.jp",
        path="/xyz/pale/{z}/{x}/{y}.png",
        highest_zoom=18,
        credit=Text("地理院タイル（国土地理院）", "GSI tiles (Geospatial Information Authority of Japan)"),
        terms="https://maps.gsi.go.jp/development/ichiran.html",
        referrer="no-referrer",
    ),
    "osm": TileSource(
        name=Text("OpenStreetMap", "OpenStreetMap"),
        host="https://tile.openstreetmap.org",
        path="/{z}/{x}/{y}.png",
        highest_zoom=19,
        credit=Text("© OpenStreetMap contributors", "© OpenStreetMap contributors"),
        terms="https://www.openstreetmap.org/copyright",
        # Its tile policy asks that a page says where it is; a page opened from a disk cannot, and is refused.
        referrer="strict-origin-when-cross-origin",
    ),
}
"""Tiles by the word that ``fmtool map --tiles`` takes."""


def add_tiles(page_map: folium.Map, source: TileSource) -> folium.TileLayer:
    """Put tiles into a map, hidden, and return them."""
    layer = folium.TileLayer(
        source.host + source.path,
        attr=source.credit.en,
        name="tiles",
        max_native_zoom=source.highest_zoom,
        max_zoom=HIGHEST_ZOOM,
        overlay=False,
        show=False,
        control=False,
    )
    layer.add_to(page_map)
    return layer
