"""The plan for a GIS: ``plan.gpkg`` with the facilities, their decisions, the districts and their look; GeoJSON."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from fmtool.lifecycle.uncertainty import estimated_columns
from fmtool.schedule.result import STATE_CODES, STATES, PlanResult
from fmtool.text import Lang
from fmtool.views.labels import is_missing, named
from fmtool.views.qgis import add_styles
from fmtool.vocabulary import ACTIONS, USES
from fmtool.workspace import write_bytes, write_text

WGS84 = "EPSG:4326"
GRID_DEGREES = 1e-6
"""Coordinates of GeoJSON are rounded to this: about 0.1 m."""


def facilities_frame(result: PlanResult, lang: Lang) -> gpd.GeoDataFrame:
    """Return one row a facility with its decision, cost, estimates, and state at the end; no point where no place is known."""
    facilities = result.facilities.reset_index(drop=True)
    names = dict(zip(facilities["facility_id"], facilities["name"], strict=True))
    hosts = [names.get(host, "") if not is_missing(host) else "" for host in facilities["host_id"]]
    told = estimated_columns(result.guesses)
    last = [STATE_CODES[code] for code in result.state[:, -1]]
    table = facilities.drop(columns=["reason_ja", "reason_en", "explain_ja", "explain_en"]).assign(
        use_name=[named(USES, code, lang) for code in facilities["use"]],
        decision_name=[named(ACTIONS, code, lang) for code in facilities["decision"]],
        decision_year=facilities["decision_year"].astype("Int64"),
        host_name=hosts,
        reason=facilities[f"reason_{lang}"],
        explanation=facilities[f"explain_{lang}"],
        estimated=[",".join(told.get(str(facility), ())) for facility in facilities["facility_id"]],
        outlay_total=result.facility_outlay.sum(axis=1),
        condition_first=result.condition[:, 0],
        condition_last=result.condition[:, -1],
        state_last=last,
        state_last_name=[STATES[code].say(lang) for code in last],
    )
    places = gpd.points_from_xy(table["lon"].astype(float), table["lat"].astype(float), crs=WGS84)
    known = table["lon"].notna() & table["lat"].notna()
    points = gpd.GeoSeries(places, index=table.index, crs=WGS84).where(known, None)
    return gpd.GeoDataFrame(table, geometry=points, crs=WGS84)


def districts_frame(result: PlanResult, districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the districts with the number of facilities, outlay, and floor area kept and given up in each."""
    facilities = result.facilities.reset_index(drop=True)
    gone = [STATE_CODES[code] in {"merged", "sold", "demolished"} for code in result.state[:, -1]]
    area = facilities["floor_area_m2"].astype(float).fillna(0.0)
    sums = pd.DataFrame(
        {
            "district": facilities["district"],
            "facilities": 1,
            "facilities_given_up": pd.Series(gone).astype(int),
            "floor_area_m2": area,
            "floor_area_given_up_m2": area * gone,
            "outlay_total": result.facility_outlay.sum(axis=1),
        }
    )
    by_district = sums.groupby("district").sum()
    found = by_district.reindex(districts["name"]).fillna(0.0).reset_index(drop=True)
    return gpd.GeoDataFrame(
        pd.concat([districts.reset_index(drop=True), found], axis=1), geometry="geometry", crs=districts.crs
    ).to_crs(WGS84)


def write_geopackage(result: PlanResult, districts: gpd.GeoDataFrame | None, path: Path, lang: Lang) -> None:
    """Write ``plan.gpkg``: layers `facilities` and, where districts are given, `districts`.

    Parameters
    ----------
    result
        The certified plan.
    districts
        Columns name and geometry, and any others; None leaves the layer out.
    path
        File to write; it appears whole or not at all.
    lang
        Language of the words beside the codes.
    """
    with tempfile.TemporaryDirectory() as folder, _fixed_date():
        made = Path(folder) / "plan.gpkg"
        _layer(facilities_frame(result, lang), made, "facilities", "Point")
        if districts is not None and len(districts):
            _layer(districts_frame(result, districts), made, "districts", "Unknown")
        add_styles(made, lang, [str(name) for name, _ in pyogrio.list_layers(made)])
        write_bytes(path, made.read_bytes())


def write_geojson(result: PlanResult, districts: gpd.GeoDataFrame | None, folder: Path, lang: Lang) -> list[Path]:
    """Write ``facilities.geojson`` and, where districts are given, ``districts.geojson`` (RFC 7946: WGS 84)."""
    frames = {"facilities": facilities_frame(result, lang)}
    if districts is not None and len(districts):
        frames["districts"] = districts_frame(result, districts)
    written = []
    for name, frame in frames.items():
        text = frame.set_geometry(frame.geometry.set_precision(GRID_DEGREES, mode="pointwise")).to_json(
            na="null", drop_id=True, ensure_ascii=False, separators=(",", ":")
        )
        collection = json.loads(text)
        collection.pop("crs", None)  # RFC 7946 knows WGS 84 alone
        written.append(folder / f"{name}.geojson")
        write_text(written[-1], json.dumps(collection, ensure_ascii=False, separators=(",", ":")) + "\n")
    return written


@contextmanager
def _fixed_date() -> Iterator[None]:
    """Keep the moment of writing out of the file, so that equal plans give equal bytes."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _layer(frame: gpd.GeoDataFrame, path: Path, layer: str, geometry_type: str) -> None:
    try:
        frame.to_file(path, layer=layer, driver="GPKG", engine="pyogrio", geometry_type=geometry_type)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        # The library has no class for a disk that is full.
        fault = errno.ENOSPC if "full" in str(error) else errno.EIO
        raise OSError(fault, os.strerror(fault), str(path)) from None
