"""The look of ``plan.gpkg`` in QGIS: its table ``layer_styles``, from which QGIS takes a layer's style by itself.

The table is the one that QGIS makes when a style is saved in a GeoPackage; the style is QML, QGIS's own XML.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

from fmtool.text import Lang, Text
from fmtool.views.palette import ACTION_COLOURS
from fmtool.vocabulary import ACTIONS

WRITTEN = "2000-01-01T00:00:00.000Z"
"""The moment of writing is left out, so that equal plans give equal files."""
_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_SHAPES = {
    "keep": "circle", "repair": "asterisk_fill", "renovate": "square", "extend": "diamond", "rebuild": "star",
    "rebuild_smaller": "half_square", "retrofit": "pentagon", "merge": "triangle", "convert": "hexagon",
    "lease": "semi_circle", "sell": "cross_fill", "demolish": "cross2",
}  # fmt: skip
"""A shape an action, so that the map does not rely on colour alone."""
_LINES = ("cross2",)
"""Shapes of lines: QGIS draws them in the colour of the outline."""
_SIZE = 'coalesce(scale_linear(sqrt("floor_area_m2"), 0, 150, 2, 7), 2)'
"""Millimetres across, by floor area."""
_MIDDLE = {"half_square": "({} / 4) || ',0'", "semi_circle": "'0,' || ({} / 4)"}
"""Halves lie to the left of their point and above it: how far right or down the middle is put on the point."""
_BESIDE = {"placement": "6", "predefinedPositionOrder": "R,L,TR,BR,TL,BL", "offsetType": "1", "dist": "0.6"}
"""Names beside the symbol, as far off as it is large."""
_INSIDE = {"placement": "1"}
"""Names over the middle of their area."""
_TABLE = """
CREATE TABLE "layer_styles" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "f_table_catalog" TEXT(256), "f_table_schema" TEXT(256),
  "f_table_name" TEXT(256), "f_geometry_column" TEXT(256), "styleName" TEXT(30), "styleQML" TEXT, "styleSLD" TEXT,
  "useAsDefault" BOOLEAN, "description" TEXT, "owner" TEXT(30), "ui" TEXT(30),
  "update_time" DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))
"""


def facilities_qml(lang: Lang) -> str:
    """Return the style of the facilities: a colour and a shape an action, as large as the floor area, with names."""
    root = _root()
    symbols = {code: _marker(ACTION_COLOURS[code], _SHAPES[code]) for code in ACTIONS}
    _categories(root, "decision", {code: label.say(lang) for code, label in ACTIONS.items()}, symbols)
    _labels(root, "name", _BESIDE, scale=25_000)
    return _text(root)


def districts_qml() -> str:
    """Return the style of the districts: an outline under the facilities, with names."""
    root = _root()
    renderer = ET.SubElement(root, "renderer-v2", {"type": "singleSymbol", "symbollevels": "0", "enableorderby": "0"})
    fill = _symbol("fill", "SimpleFill", {
        "color": "238,243,249,120", "style": "solid", "outline_color": "139,155,173,255", "outline_style": "solid",
        "outline_width": "0.3", "outline_width_unit": "MM",
    })  # fmt: skip
    fill.set("name", "0")
    ET.SubElement(renderer, "symbols").append(fill)
    _labels(root, "name", _INSIDE, scale=200_000)
    return _text(root)


def add_styles(path: Path, lang: Lang, layers: Sequence[str]) -> None:
    """Write into a GeoPackage the styles that QGIS takes by itself."""
    known = {"facilities": facilities_qml(lang), "districts": districts_qml()}
    title = Text("施策別", "By action").say(lang)
    with closing(sqlite3.connect(path)) as base, base:
        geometry = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        base.execute(_TABLE)
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
            (WRITTEN,),
        )
        base.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
            "VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', NULL, ?)",
            [(layer, geometry[layer], layer, known[layer], title, WRITTEN) for layer in layers],
        )


def _root() -> ET.Element:
    attributes = {"version": "3.22.0", "styleCategories": "Symbology|Labeling", "labelsEnabled": "1"}
    return ET.Element("qgis", attributes)


def _categories(root: ET.Element, column: str, labels: Mapping[str, str], symbols: Mapping[str, ET.Element]) -> None:
    renderer = ET.SubElement(
        root,
        "renderer-v2",
        {"type": "categorizedSymbol", "attr": column, "symbollevels": "0", "enableorderby": "1", "forceraster": "0"},
    )
    categories, drawn = ET.SubElement(renderer, "categories"), ET.SubElement(renderer, "symbols")
    for order, (code, label) in enumerate(labels.items()):
        given = {"value": code, "symbol": str(order), "label": label, "render": "true", "type": "string"}
        ET.SubElement(categories, "category", given)
        symbols[code].set("name", str(order))
        drawn.append(symbols[code])
    order_by = ET.SubElement(ET.SubElement(renderer, "orderby"), "orderByClause", {"asc": "0", "nullsFirst": "0"})
    order_by.text = '"floor_area_m2"'  # the small stand on the large


def _marker(colour: str, shape: str) -> ET.Element:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    own_colour = f"{red},{green},{blue},255"
    outline, width = (own_colour, "0.8") if shape in _LINES else ("255,255,255,255", "0.2")
    symbol = _symbol("marker", "SimpleMarker", {
        "name": shape, "color": own_colour, "outline_color": outline,
        "outline_style": "solid", "outline_width": width, "outline_width_unit": "MM", "size": "3", "size_unit": "MM",
        "scale_method": "diameter",
    })  # fmt: skip
    layer = symbol.find("layer")
    assert layer is not None  # noqa: S101  - made a line above
    own = ET.SubElement(ET.SubElement(layer, "data_defined_properties"), "Option", {"type": "Map"})
    ET.SubElement(own, "Option", {"name": "name", "type": "QString", "value": ""})
    properties = ET.SubElement(own, "Option", {"name": "properties", "type": "Map"})
    computed = {"size": _SIZE} | ({"offset": _MIDDLE[shape].format(_SIZE)} if shape in _MIDDLE else {})
    for name, expression in computed.items():
        given = ET.SubElement(properties, "Option", {"name": name, "type": "Map"})
        ET.SubElement(given, "Option", {"name": "active", "type": "bool", "value": "true"})
        ET.SubElement(given, "Option", {"name": "expression", "type": "QString", "value": expression})
        ET.SubElement(given, "Option", {"name": "type", "type": "int", "value": "3"})
    ET.SubElement(own, "Option", {"name": "type", "type": "QString", "value": "collection"})
    return symbol


def _symbol(kind: str, layer_class: str, properties: Mapping[str, str]) -> ET.Element:
    symbol = ET.Element("symbol", {"type": kind, "alpha": "1", "clip_to_extent": "1", "force_rhr": "0"})
    layer = ET.SubElement(symbol, "layer", {"class": layer_class, "enabled": "1", "locked": "0", "pass": "0"})
    options = ET.SubElement(layer, "Option", {"type": "Map"})
    for name, value in properties.items():
        ET.SubElement(options, "Option", {"name": name, "type": "QString", "value": value})
    for name, value in properties.items():  # read by QGIS before 3.26
        ET.SubElement(layer, "prop", {"k": name, "v": value})
    return symbol


def _labels(root: ET.Element, column: str, placement: Mapping[str, str], *, scale: int) -> None:
    """Name the features, from a scale on at which the names have room."""
    labeling = ET.SubElement(root, "labeling", {"type": "simple"})
    settings = ET.SubElement(labeling, "settings", {"calloutType": "simple"})
    style = ET.SubElement(
        settings,
        "text-style",
        {
            "fieldName": column,
            "isExpression": "0",
            "fontSize": "8",
            "fontSizeUnit": "Point",
            "textColor": "31,42,55,255",
        },
    )
    buffer = {"bufferDraw": "1", "bufferSize": "0.7", "bufferSizeUnits": "MM", "bufferColor": "255,255,255,255"}
    ET.SubElement(style, "text-buffer", buffer)
    ET.SubElement(settings, "placement", dict(placement))
    is_obstacle = str(int(placement is _BESIDE))  # names leave other symbols free, but may cross areas
    visible = {"scaleVisibility": "1", "scaleMin": "1", "scaleMax": str(scale), "obstacle": is_obstacle}  # denominators
    ET.SubElement(settings, "rendering", visible)


def _text(root: ET.Element) -> str:
    ET.indent(root, " ")
    return _DOCTYPE + ET.tostring(root, encoding="unicode") + "\n"
