"""Make the data of the samples 流山市 and Seattle from the collected public sources.

    python bench/make_other_samples.py SOURCE CHECKOUT

SOURCE holds ``nagareyama/``, ``seattle/`` and ``population/``; CHECKOUT is the repository, which already has
``facilities/nagareyama/use_classes.csv`` and ``fmtool/samples/seattle/facilities/use_classes.csv``. Written:
``facilities/nagareyama/{buildings,towns,population}.csv``, ``maps/layers/nagareyama/outline.geojson`` and
``fmtool/samples/seattle/facilities/buildings.csv``. The same sources give the same bytes.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
from make_sample import write_geojson

M2_PER_SQUARE_FOOT = 0.09290304
PUBLIC = ("Nonresidential COS", "SPS-District K-12")
"""Building types of the city's own buildings and of its school district."""

BOUNDARY = "「国土数値情報（行政区域データ）」（国土交通省）を加工して作成"


def in_order(made: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of fmtool/columns.csv that hold anything, in its order."""
    order = pd.read_csv(Path(__file__).parents[1] / "fmtool" / "columns.csv", encoding="utf-8")["name"]
    return made[[name for name in order if name in made]]


NAMING_RIGHTS = {"おおたかの森ホール": 4_000_000, "サンコーテクノプラザ": 2_400_000}
"""Yen a year, FY2024: 第二期流山市経営改革プラン p.6; the two other places with such a contract are not in the source."""


def nagareyama(source: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """Return the ledger: names, classes and places; nothing is known of years, areas and costs."""
    found = source.merge(classes, on="use_category", how="left", suffixes=("", "_class"))
    unmapped = found.loc[found["use"].isna(), "use_category"].tolist()
    if unmapped:
        raise SystemExit(f"no row of use_classes.csv fits {unmapped}")
    rented = found["tenure"] == "leased_in"
    remarks = found["note"].where(~rented, found["owner_guess"].map("{}（市が建物を持たないとみた）".format))
    return in_order(
        pd.DataFrame(
            {
                "id": [f"N{number:02d}" for number in range(1, len(found) + 1)],
                "name": found["name"],
                "use": found["use"],
                "service": found["service"],
                "lat": found["lat"],
                "lon": found["lon"],
                "location_basis": "published",
                "built_year": "",
                "floor_area_m2": "",
                "income": [
                    next((str(fee) for word, fee in NAMING_RIGHTS.items() if word in name), "")
                    for name in found["name"]
                ],
                "tenure": found["tenure"],
                "remarks": [
                    "。".join(part for part in said if part)
                    for said in zip(remarks, found["city_page_url"], strict=True)
                ],
            }
        )
    )


def seattle(source: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """Return the ledger in square metres: the first class that fits building type, name and property type."""
    public = source[source["BuildingType"].isin(PUBLIC)].reset_index(drop=True)
    found = pd.DataFrame(index=public.index, columns=["use", "service"], dtype=object)
    for row in classes.itertuples():
        fits = (
            (public["BuildingType"] == row.building_type)
            & public["PropertyName"].str.contains(row.name_pattern or ".", regex=True)
            & public["PrimaryPropertyType"].str.contains(row.type_pattern or ".", regex=True)
            & found["use"].isna()
        )
        found.loc[fits, ["use", "service"]] = [row.use, row.service]
    area = pd.to_numeric(public["PropertyGFATotal"]) * M2_PER_SQUARE_FOOT
    storeys = pd.to_numeric(public["NumberofFloors"]).astype(int)
    return in_order(
        pd.DataFrame(
            {
                "id": "S" + public["OSEBuildingID"],
                "name": public["PropertyName"].str.strip(),
                **found,
                "address": public["Address"].str.strip() + ", Seattle, WA",
                "lat": public["Latitude"],
                "lon": public["Longitude"],
                "location_basis": "published",
                "built_year": public["YearBuilt"],
                "storeys": storeys.where(storeys > 0).astype("Int64"),
                "floor_area_m2": area.round(1),
                "tenure": "owned",
                "remarks": public["PropertyGFATotal"] + " sq ft",
            }
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("checkout", type=Path)
    given = parser.parse_args()
    read = {"dtype": str, "keep_default_na": False}

    folder, raw = given.checkout / "facilities" / "nagareyama", given.source / "nagareyama"
    places = pd.read_csv(raw / "nagareyama_facilities.csv", **read)
    ledger = nagareyama(places, pd.read_csv(folder / "use_classes.csv", **read).drop(columns="owner_guess"))
    ledger.to_csv(folder / "buildings.csv", index=False, lineterminator="\n")
    shutil.copyfile(raw / "nagareyama_towns.csv", folder / "towns.csv")
    people = pd.read_csv(given.source / "population" / "ipss2023_population.csv", dtype=str)
    people[people["municipality"] == "流山市"].to_csv(folder / "population.csv", index=False, lineterminator="\n")
    outline = gpd.read_file(raw / "nagareyama_12220_simplified.geojson").to_crs(4326)
    shape = gpd.GeoDataFrame({"name": ["流山市"]}, geometry=[outline.geometry.union_all()], crs=4326)
    write_geojson(shape, given.checkout / "maps" / "layers" / "nagareyama" / "outline.geojson", BOUNDARY)

    folder = given.checkout / "fmtool" / "samples" / "seattle" / "facilities"
    raw = given.source / "seattle" / "2016_Building_Energy_Benchmarking.csv"
    public = seattle(pd.read_csv(raw, **read), pd.read_csv(folder / "use_classes.csv", **read))
    public.to_csv(folder / "buildings.csv", index=False, lineterminator="\n")
    print(f"{len(ledger)} places of 流山市, {len(public)} buildings of Seattle written below {given.checkout}")


if __name__ == "__main__":
    main()
