"""What is drawn under the facilities: boundary, districts and further layers, from the workspace's own files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from fmtool.inventory.tables import read_shapes
from fmtool.text import Text
from fmtool.workspace import Workspace

SIMPLIFY_DEGREES = 2e-4
"""About twenty metres: a pixel at the scale of a city."""

DECIMALS = 5
PANE = "fmBase"

STYLES: dict[str, dict[str, Any]] = {
    "boundary": {"color": "#4a5a6a", "weight": 2.2, "fillColor": "#fdfcf8", "fillOpacity": 1},
    "districts": {"color": "#b4bec8", "weight": 0.9, "fillColor": "#fdfcf8", "fillOpacity": 0},
    "water": {"color": "#8fc1e3", "weight": 3, "fillColor": "#cfe5f4", "fillOpacity": 1},
    "railways": {"color": "#7b8794", "weight": 2, "dashArray": "7 4", "fillOpacity": 0},
    "roads": {"color": "#d9d2c3", "weight": 1.5, "fillOpacity": 0},
}
"""Style of a layer by its name; a name not listed is drawn as a thin grey line."""

_OTHER_STYLE = {"color": "#9aa5b1", "weight": 1.2, "fillOpacity": 0}
_ORDER = ("boundary", "water", "districts", "roads", "railways")


@dataclass(frozen=True, slots=True)
class BaseLayer:
    """One layer ready to draw: geometries without any property."""

    name: str
    geojson: dict[str, Any]
    style: dict[str, Any]


LAYER_ENDINGS = frozenset({".geojson", ".gpkg"})


def read_layers(workspace: Workspace) -> dict[str, gpd.GeoDataFrame]:
    """Return what the workspace has to draw under the facilities: the layers' folder by file name, and the districts.

    The districts are read from their own file, because it alone says whose they are and whether they are approximate.
    """
    folder = workspace.path(workspace.config.files.layers)
    files = {path.stem: path for path in sorted(folder.glob("*")) if path.suffix in LAYER_ENDINGS}
    districts = workspace.config.files.districts
    if districts is not None and workspace.path(districts).is_file():
        files["districts"] = workspace.path(districts)
    return {name: read_layer(path) for name, path in files.items()}


def read_layer(path: Path) -> gpd.GeoDataFrame:
    """Read a file of ``maps/layers/``; a GeoJSON's own ``attribution`` goes along as ``attrs["attribution"]``.

    Raises
    ------
    InventoryError
        When it is not readable as geographic data.
    """
    frame = read_shapes(path, f"{path.parent.name}/{path.name}")
    if path.suffix == ".geojson":
        said = json.loads(path.read_text(encoding="utf-8")).get("attribution")
        if isinstance(said, str):
            frame.attrs["attribution"] = said
    return frame


def base_layers(layers: Mapping[str, gpd.GeoDataFrame]) -> list[BaseLayer]:
    """Return the layers in drawing order, in degrees, simplified, without their columns."""
    layers = _by_known_name(layers)
    named = [name for name in _ORDER if name in layers] + sorted(set(layers) - set(_ORDER))
    drawn = []
    for name in named:
        shapes = _drawable(_degrees(layers[name])).geometry.to_numpy()
        if not len(shapes):
            continue
        rounded = shapely.transform(_simplified(shapes), lambda points: np.round(points, DECIMALS))
        features = [
            {"type": "Feature", "properties": {}, "geometry": json.loads(text)} for text in shapely.to_geojson(rounded)
        ]
        style = {**STYLES.get(name, _OTHER_STYLE)}
        drawn.append(BaseLayer(name, {"type": "FeatureCollection", "features": features}, style))
    return drawn


def _drawable(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows that have a line or an area to draw."""
    shapes = frame.geometry
    return frame[shapes.notna() & ~shapes.is_empty & (shapes.geom_type != "Point")]


def _simplified(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Thin the vertices; polygons that share borders keep sharing them."""
    is_coverage = bool(np.isin(shapely.get_type_id(shapes), (3, 6)).all()) and shapely.coverage_is_valid(shapes)
    thinned = shapely.coverage_simplify if is_coverage else shapely.simplify
    return np.asarray(thinned(shapes, SIMPLIFY_DEGREES))


def base_facts(layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, Any]:
    """Return what the page says of the layers: extent, names to write on the map, sources, and their honesty.

    A layer's ``attrs["attribution"]`` (a sentence or a ``Text``) is shown as its source; a column ``approximate``
    that holds True makes the page say that the borders are approximate. ``areas`` are the districts' names in the
    order in which they are drawn, ``people`` their residents where the column ``population`` says so.
    """
    layers = _by_known_name(layers)
    extent = next((_extent(layers[name]) for name in ("boundary", "districts") if name in layers), None)
    districts = _drawable(_degrees(layers["districts"])) if "districts" in layers else None
    labels, areas, people = [], [], {}
    if districts is not None and "name" in districts:
        areas = [name if isinstance(name, str) else "" for name in districts["name"]]
        for name, shape in zip(areas, districts.geometry, strict=True):
            point = shape.representative_point()
            labels.append([name, round(point.y, DECIMALS), round(point.x, DECIMALS)])
        if "population" in districts:
            counts = pd.to_numeric(districts["population"], errors="coerce").groupby(areas).sum(min_count=1)
            people = {str(name): int(count) for name, count in counts.dropna().items()}
    approximate = districts is not None and "approximate" in districts and bool(districts["approximate"].any())
    return {
        "extent": extent,
        "labels": [label for label in labels if label[0]],
        "areas": areas,
        "people": people,
        "approximate": approximate,
        "sources": [list(source) for source in dict.fromkeys(_sources(layers))],
    }


def add_base(page_map: folium.Map, layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, folium.GeoJson]:
    """Draw the layers in a pane of their own, under tiles and facilities; return them by name."""
    drawn = {}
    folium.map.CustomPane(PANE, z_index=150, pointer_events=False).add_to(page_map)
    for layer in base_layers(layers):
        drawn[layer.name] = folium.GeoJson(
            layer.geojson,
            name=layer.name,
            control=False,
            pane=PANE,
            interactive=False,
            style=layer.style,
            smooth_factor=0.5,
        )
        drawn[layer.name].add_to(page_map)
    return drawn


def _by_known_name(layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers with the city's outline under the name ``boundary``."""
    return {"boundary" if name == "outline" and "boundary" not in layers else name: it for name, it in layers.items()}


def _degrees(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame if frame.crs is None else frame.to_crs("EPSG:4326")


def _extent(frame: gpd.GeoDataFrame) -> list[list[float]]:
    west, south, east, north = (round(float(edge), DECIMALS) for edge in _degrees(frame).total_bounds)
    return [[south, west], [north, east]]


def _sources(layers: Mapping[str, gpd.GeoDataFrame]) -> list[Text]:
    said = (frame.attrs.get("attribution") for frame in layers.values())
    return [source if isinstance(source, Text) else Text(str(source), str(source)) for source in said if source]
