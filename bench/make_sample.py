"""Make the sample workspace's data of 豊橋市 from the collected public sources.

    python bench/make_sample.py SOURCE TARGET

SOURCE holds ``toyohashi/buildings.csv``, ``toyohashi/districts.geojson`` and
``population/ipss2023_population.csv``; TARGET is a workspace that already has
``facilities/use_classes.csv`` (the committed table of the city's classes). Written:
``facilities/buildings.csv``, ``facilities/districts.geojson``, ``facilities/population.csv`` and
``maps/layers/outline.geojson``. The same sources give the same bytes. What each column means and
what was estimated is said in ``facilities/README.md``.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

UPKEEP_LIMIT_PER_M2 = 20_000
"""Yearly expenditure per m2 above which it is the cost of the service (staff, purchases), not of the building."""

LISTED = {
    "公会堂": "国の登録有形文化財",
    "民俗資料収蔵室": "国の登録有形文化財",
    "二川宿本陣資料館": "本陣・清明屋が市の文化財",
    "商家「駒屋」": "市指定有形文化財",
}
"""Listed buildings known from public pages; not part of the white paper."""

BASIS = {"published point": "published", "school point": "school", "town centroid": "town"}
AREAS = ("豊橋市", "流山市")


def classified(source: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """Return use and service of every row: the first row of the table that fits class and name."""
    found = pd.DataFrame(index=source.index, columns=["use", "service"], dtype=object)
    for row in classes.itertuples():
        fits = (
            (source["施設分類_大分類"] == row.major)
            & (source["施設分類_小分類"] == row.minor)
            & source["施設名"].str.contains(row.name_pattern or ".", regex=True)
            & found["use"].isna()
        )
        found.loc[fits, ["use", "service"]] = [row.use, row.service]
    unmapped = source.loc[found["use"].isna(), "施設名"].tolist()
    if unmapped:
        raise SystemExit(f"no row of use_classes.csv fits {unmapped}")
    return found


def running_costs(source: pd.DataFrame) -> tuple[pd.Series, list[list[str]]]:
    """Return the yearly running cost where the expenditure can be taken for it, and the remarks."""
    area = pd.to_numeric(source["延べ床面積合計_m2"])
    spent = pd.to_numeric(source["支出2024_円"])
    housing = source["施設分類_小分類"] == "市営住宅"
    tenant = area.isna()
    service = ~housing & (spent > UPKEEP_LIMIT_PER_M2 * area)
    remarks: list[list[str]] = [[] for _ in source.index]
    for place, (amount, per_m2) in enumerate(zip(spent, spent / area, strict=True)):
        if housing.iloc[place]:
            remarks[place].append("支出は市営住宅全体の額が全団地に重複計上されているため維持管理費は空欄")
        elif tenant.iloc[place]:
            remarks[place].append(f"2024年度支出{amount:,.0f}円（面積がなく維持管理費とみなせるか判断できない）")
        elif service.iloc[place]:
            remarks[place].append(
                f"2024年度支出{amount:,.0f}円（{per_m2:,.0f}円/m2）は人件費・事業費を含むとみて維持管理費は空欄"
            )
    return spent.mask(housing | service | tenant), remarks


def buildings(source: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """Return the inventory in the columns of fmtool/columns.csv."""
    tenant = source["延べ床面積合計_m2"].isna()
    cost, remarks = running_costs(source)
    for place, name in enumerate(source["施設名"]):
        if tenant.iloc[place]:
            remarks[place].insert(0, "他の建物の一室。面積・建築年度は親施設に計上")
        if name in LISTED:
            remarks[place].append(f"文化財: {LISTED[name]}（公開ページによる）")
    made = pd.DataFrame(
        {
            "id": [f"T{number:03d}" for number in range(1, len(source) + 1)],
            "name": source["施設名"],
            **classified(source, classes),
            "district": source["小学校区"],
            "address": source["address"],
            "lat": source["lat"],
            "lon": source["lon"],
            "location_basis": source["location_basis"].map(BASIS),
            "accuracy_m": source["accuracy_m"],
            "built_year": source["建築年度_最古棟"].str.removesuffix(".0"),
            "floor_area_m2": source["延べ床面積合計_m2"],
            "running_cost": cost.map(lambda amount: "" if pd.isna(amount) else f"{amount:.0f}"),
            "users": source["利用者数2024_人"].str.removesuffix(".0"),
            "tenure": tenant.map({True: "leased_in", False: "owned"}),
            "is_listed": source["施設名"].isin(LISTED).map({True: "1", False: ""}),
            "remarks": ["。".join(said) for said in remarks],
        }
    )
    order = pd.read_csv(Path(__file__).parents[1] / "fmtool" / "columns.csv", encoding="utf-8")["name"]
    return made.reindex(columns=order)


def districts(path: Path) -> gpd.GeoDataFrame:
    """Return name, population and the approximate mark of every district."""
    read = gpd.read_file(path)
    return gpd.GeoDataFrame(
        {"name": read["name"], "population": read["population_2020"], "approximate": True},
        geometry=shapely.set_precision(read.geometry.array, 1e-5),
        crs=4326,
    )


def write_geojson(frame: gpd.GeoDataFrame, path: Path, attribution: str) -> None:
    """Write features one a line, coordinates rounded to five decimals (about one metre)."""
    lines = []
    for row in frame.itertuples(index=False):
        named = row._asdict()
        shape = shapely.geometry.mapping(named.pop("geometry"))
        shape["coordinates"] = rounded(shape["coordinates"])
        lines.append(
            json.dumps(
                {"type": "Feature", "properties": named, "geometry": shape}, ensure_ascii=False, separators=(",", ":")
            )
        )
    head = json.dumps({"attribution": attribution}, ensure_ascii=False)[1:-1]
    text = '{"type":"FeatureCollection",' + head + ',"features":[\n' + ",\n".join(lines) + "\n]}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def rounded(coordinates):
    """Round nested coordinates."""
    if isinstance(coordinates, float):
        return round(coordinates, 5)
    return [rounded(part) for part in coordinates]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    given = parser.parse_args()
    facilities = given.target / "facilities"
    source = pd.read_csv(given.source / "toyohashi" / "buildings.csv", dtype=str)
    classes = pd.read_csv(facilities / "use_classes.csv", dtype=str, keep_default_na=False)
    buildings(source, classes).to_csv(facilities / "buildings.csv", index=False, lineterminator="\n")

    attribution = "「令和2年国勢調査 小地域（町丁・字等別）境界データ」（総務省統計局、e-Stat）を加工して作成"
    shapes = districts(given.source / "toyohashi" / "districts.geojson")
    write_geojson(shapes, facilities / "districts.geojson", attribution)
    projected = shapes.to_crs(6675)
    whole = projected.geometry.buffer(20).union_all().buffer(-20).simplify(20)
    outline = gpd.GeoDataFrame({"name": [AREAS[0]]}, geometry=[whole], crs=6675).to_crs(4326)
    write_geojson(outline, given.target / "maps" / "layers" / "outline.geojson", attribution)

    people = pd.read_csv(given.source / "population" / "ipss2023_population.csv", dtype=str)
    people[people["municipality"].isin(AREAS)].to_csv(facilities / "population.csv", index=False, lineterminator="\n")
    print(re.sub(r"\s+", " ", f"{len(source)} facilities, {len(shapes)} districts written below {given.target}"))


if __name__ == "__main__":
    main()
