"""Where facilities stand: points, districts and the district a point lies in."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from fmtool.inventory.columns import folded
from fmtool.inventory.faults import Faults, refuse
from fmtool.inventory.guess import Guesses
from fmtool.inventory.tables import read_shapes
from fmtool.text import Text, listing

_ENDINGS = ("小学校区", "中学校区", "校区", "学区", "地区", "小学校", "町内会")


def read_districts(
    path: Path, file: str, notices: list[Text], bounds: tuple[float, float, float, float] = (-180, -90, 180, 90)
) -> gpd.GeoDataFrame:
    """Read the districts: ``name``, ``population`` at the base census, polygons in EPSG:4326 within the bounds.

    Raises
    ------
    InventoryError
        With every fault: no name, a name twice, a population that is no number, a shape that is no area or
        lies elsewhere.
    """
    if not path.is_file():
        raise refuse(
            file,
            Text("ファイルがありません", "no such file"),
            Text(
                "地区を使わないなら fmtool.toml の [files] districts を消してください",
                "without districts, remove [files] districts from fmtool.toml",
            ),
        )
    read = read_shapes(path, file)
    if read.empty:
        raise refuse(
            file,
            Text("空です（地区がありません）", "empty (no districts)"),
            Text(
                "地区を使わないなら fmtool.toml の [files] districts を消してください",
                "without districts, remove [files] districts from fmtool.toml",
            ),
        )
    faults = Faults(file, is_of_ledger=False)
    for needed in ("name", "population"):
        if needed not in read.columns:
            faults.add(
                None,
                needed,
                None,
                Text("必須の属性がありません", "a required attribute is missing"),
                Text(f"各地区に `{needed}` を加えてください", f"give every district `{needed}`"),
            )
    faults.raise_any()
    rows = np.arange(1, len(read) + 1)
    names = read["name"].map(lambda name: "" if pd.isna(name) else str(name).strip())
    people = pd.to_numeric(read["population"], errors="coerce").astype("float64")
    _note(faults, rows, names == "", "name", read["name"], _NAMELESS)
    _note(faults, rows, names.duplicated(keep=False) & (names != ""), "name", names, _TWICE)
    _note(faults, rows, ~(people >= 0), "population", read["population"], _NO_PEOPLE)
    shapes = gpd.GeoSeries(shapely.make_valid(read.geometry.array), index=read.index, crs=4326)
    area = read.geometry.geom_type.isin(["Polygon", "MultiPolygon"]) & (shapely.area(shapes.array) > 0)
    _note(faults, rows, ~area, "geometry", read.geometry.geom_type, _NO_AREA)
    west, south, east, north = bounds
    edges = shapes.bounds
    inside = (edges["minx"] >= west) & (edges["miny"] >= south) & (edges["maxx"] <= east) & (edges["maxy"] <= north)
    _note(faults, rows, area & ~inside, "geometry", edges["minx"].map("{:.6g}".format), _ELSEWHERE)
    faults.raise_any()
    if "approximate" in read.columns and read["approximate"].fillna(value=False).astype(bool).any():
        notices.append(
            Text(
                f"{file}: 地区の境界と人口は概算です（公式の区域ではありません）",
                f"{file}: district boundaries and populations are approximate, not official",
            )
        )
    return gpd.GeoDataFrame({"name": names.astype(object), "population": people}, geometry=shapes, crs=4326)


_NAMELESS = (
    Text("名前がありません", "has no name"),
    Text("name に地区名を書いてください", "write its name under `name`"),
)
_TWICE = (
    Text("同じ名前の地区が2つ以上あります", "the name stands twice"),
    Text("名前を分けるか、一つの図形にまとめてください", "rename one, or join them into one shape"),
)
_NO_PEOPLE = (
    Text("人口が0以上の数ではありません", "population is not a number of 0 or more"),
    Text("国勢調査などの人口を書いてください", "write the census population"),
)
_ELSEWHERE = (
    Text("対象範囲の外に描かれています（最も西の座標）", "is drawn outside the case's bounds (its western edge)"),
    Text(
        "経度・緯度（JGD2011）で保存し直すか、fmtool.toml の [case] bounds を広げてください",
        "save it in longitude and latitude, or widen [case] bounds in fmtool.toml",
    ),
)
_NO_AREA = (Text("面の図形ではありません", "is not an area"), Text("ポリゴンで描いてください", "draw it as a polygon"))  # fmt: skip


def _note(
    faults: Faults, rows: np.ndarray, where: pd.Series, column: str, values: pd.Series, said: tuple[Text, Text]
) -> None:
    places = np.flatnonzero(where.to_numpy(dtype=bool))
    faults.add_each(rows[places], column, values.iloc[places], *said)


def points(buildings: pd.DataFrame) -> gpd.GeoSeries:
    """Return the points of the facilities; None where no coordinates are given."""
    known = buildings["lat"].notna() & buildings["lon"].notna()
    shapes = np.full(len(buildings), None, dtype=object)
    shapes[known.to_numpy()] = shapely.points(buildings.loc[known, "lon"], buildings.loc[known, "lat"])
    return gpd.GeoSeries(shapes, index=buildings.index, crs=4326)


def coordinates_from(buildings: pd.DataFrame, geometry: gpd.GeoSeries | None) -> None:
    """Take latitude and longitude from the file's own shapes where the columns are blank."""
    if geometry is None:
        return
    blank = (buildings["lat"].isna() & buildings["lon"].isna()).to_numpy() & ~(
        geometry.isna() | geometry.is_empty
    ).to_numpy()
    inside = geometry[blank].representative_point()
    buildings.loc[blank, "lat"] = inside.y.to_numpy()
    buildings.loc[blank, "lon"] = inside.x.to_numpy()


def place_by_district(buildings: pd.DataFrame, districts: gpd.GeoDataFrame | None, crs: str, guesses: Guesses) -> None:
    """Give facilities without coordinates a point inside the district that they name.

    Latitude, longitude, the basis (``district``) and a blank ``accuracy_m`` are filled in place; the error is the
    radius of a circle as large as the district.
    """
    if districts is None or districts.empty:
        return
    number = {_district_key(name): place for place, name in enumerate(districts["name"])}
    blank = buildings["lat"].isna() & buildings["lon"].isna() & buildings["district"].notna()
    named = buildings.loc[blank, "district"].map(lambda name: number.get(_district_key(str(name)))).dropna().astype(int)
    if named.empty:
        return
    inside = districts.geometry.representative_point().iloc[named.to_numpy()]
    radius = np.sqrt(districts.to_crs(crs).area.to_numpy() / np.pi)[named.to_numpy()]
    buildings.loc[named.index, "lat"] = inside.y.to_numpy()
    buildings.loc[named.index, "lon"] = inside.x.to_numpy()
    buildings.loc[named.index, "location_basis"] = "district"
    error = buildings.loc[named.index, "accuracy_m"].astype("float64")
    buildings.loc[named.index, "accuracy_m"] = np.where(error.isna(), radius.round(), error)
    where = buildings.index.isin(named.index)
    rule = Text("座標がないため、地区の中の代表点", "no coordinates: a point inside its district")
    for column in ("lat", "lon"):
        guesses.note(buildings, where, column, rule)


def find_districts(
    buildings: pd.DataFrame,
    place: gpd.GeoSeries,
    districts: gpd.GeoDataFrame | None,
    guesses: Guesses,
    notices: list[Text],
) -> None:
    """Match district names to the drawn districts; find blank ones from the coordinates."""
    if districts is None or districts.empty:
        return
    blank = buildings["district"].isna().to_numpy()
    spelled = {_district_key(name): name for name in districts["name"]}
    given = buildings.loc[~blank, "district"]
    matched = given.map({name: spelled.get(_district_key(name)) for name in set(given)}).astype(object)
    unknown = sorted(set(given[matched.isna()]))
    buildings.loc[~blank, "district"] = matched.where(matched.notna(), given).astype(object)
    if unknown:
        notices.append(
            Text(
                f"地区 {listing(unknown).ja} は地区の図にありません。その施設は地区ごとの条件に数えません",
                f"districts {listing(unknown).en} are not among those drawn; their facilities do not count in district rules",
            )
        )
    open_rows = np.flatnonzero(blank & ~place.isna().to_numpy())
    if len(open_rows):
        hit, shape = districts.sindex.query(place.iloc[open_rows].array, predicate="intersects")
        first, where = np.unique(hit, return_index=True)
        found = open_rows[first]
        buildings.loc[found, "district"] = districts["name"].to_numpy()[shape[where]]
        mask = np.zeros(len(buildings), dtype=bool)
        mask[found] = True
        guesses.note(
            buildings, mask, "district", Text("座標を含む地区とした", "the district that its coordinates lie in")
        )


def _district_key(name: str) -> str:
    key = folded(name)
    for ending in _ENDINGS:
        if len(key) > len(ending):
            key = key.removesuffix(ending)
    return key
