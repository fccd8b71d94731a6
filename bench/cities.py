"""Make many small workspaces to plan: made-up cities of 15 to 60 facilities, spread over Japan.

    python bench/cities.py FOLDER 200 --seed 1

Each is a folder of its own with all files that ``fmtool init`` gives, derived from the starter sample: classes and
running costs are those of its facilities, years built lie around 1975, floor areas are lognormal, four districts.
Nothing in them is a real place or figure. The same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
from pathlib import Path

import numpy as np

STARTER = Path(__file__).resolve().parents[1]
FACILITIES = (15, 60)
LARGEST_M2 = 8_000
"""Facilities of the starter city above it are no small city's: one alone would be half of what it owns."""
OPENING_PER_M2 = 60_000
"""Yen in the facilities fund when the first year begins."""
STARTER_AREA_M2 = 1_300_000
"""Floor area of the starter city, whose finances each city gets its share of."""
DISTRICTS = "北南東西"
_PLACES = (
    (43.1, 141.8), (40.6, 140.6), (39.7, 141.1), (38.3, 140.8), (36.9, 139.9), (36.2, 138.0), (35.1, 136.9),
    (34.8, 135.9), (34.7, 133.9), (34.1, 134.2), (33.6, 132.9), (33.3, 130.7), (32.0, 130.9),
)  # fmt: skip
_SPAN_DEGREES = 0.04
"""Half the side of a city."""

_CONFIG = """\
# A made-up city; see bench/cities.py.
[case]
name_ja = "架空市{number:03d}"
name_en = "Made-up city {number:03d}"
currency = "JPY"
price_year = 2016
start_year = 2026
horizon_years = {years}
discount_rate = 0.02
crs = "EPSG:{epsg}"

[files]
buildings = "facilities/buildings.csv"
districts = "facilities/districts.geojson"
population = "facilities/population.csv"
finance = "facilities/finance.csv"

[budget]
share_of_replace_mean = {share}

[fund]
opening = {opening}

[limits]
debt_service_ratio = 0.18
future_burden_ratio = 1.75
works_under_way = {works}
seismic_deadline_year = 2040

[solver]
gap = {gap}
time_limit_s = 600
threads = 1
"""


def make_cities(
    folder: Path,
    count: int,
    seed: int = 1,
    *,
    facilities: tuple[int, int] = FACILITIES,
    years: int = 20,
    gap: float = 0.02,
) -> list[Path]:
    """Make the workspaces ``city-001`` … in a folder; return them."""
    ledger = _rows(STARTER / "facilities" / "buildings.csv")
    ledger = [row for row in ledger if row["built_year"] and 0 < float(row["floor_area_m2"] or 0) <= LARGEST_M2]
    made = []
    for number in range(1, count + 1):
        rng = np.random.default_rng([seed, number])
        city = folder / f"city-{number:03d}"
        size = int(rng.integers(facilities[0], facilities[1] + 1))
        _make_city(city, number, rng, _buildings(rng, ledger, size, place := _place(rng)), place, years, gap)
        made.append(city)
    return made


def _place(rng: np.random.Generator) -> np.ndarray:
    return np.array(_PLACES[int(rng.integers(len(_PLACES)))]) + rng.uniform(-0.25, 0.25, 2)


def _make_city(
    city: Path,
    number: int,
    rng: np.random.Generator,
    rows: list[dict[str, str]],
    place: np.ndarray,
    years: int,
    gap: float,
) -> None:
    (city / "facilities").mkdir(parents=True)
    shutil.copytree(STARTER / "models", city / "models")
    _write(city / "facilities" / "buildings.csv", rows)
    people = 2_000 * len(rows)
    (city / "facilities" / "districts.geojson").write_text(_districts(place, people), encoding="utf-8")
    share = sum(float(row["floor_area_m2"]) for row in rows) / STARTER_AREA_M2
    finance = _rows(STARTER / "facilities" / "finance.csv")
    for row in finance:
        row |= {"value": f"{float(row['value']) * share:.1f}", "basis": "assumed", "source": "架空", "remarks": ""}
    _write(city / "facilities" / "finance.csv", finance)
    forecast = [row for row in _rows(STARTER / "facilities" / "population.csv") if row["municipality"] == "豊橋市"]
    whole = float(forecast[0]["total"])
    for row in forecast:
        row |= {"code": f"{number:05d}", "municipality": f"架空市{number:03d}"}
        row |= {key: f"{float(row[key]) * people / whole:.0f}" for key in row if key.startswith(("total", "age"))}
    _write(city / "facilities" / "population.csv", forecast)
    zone = int((place[1] + 180) // 6) + 1
    config = _CONFIG.format(
        number=number, years=years, epsg=6637 + zone, share=round(float(rng.uniform(0.6, 0.8)), 2),
        works=max(12, len(rows) // 2), gap=gap, opening=round(share * STARTER_AREA_M2 * OPENING_PER_M2),
    )  # fmt: skip
    (city / "fmtool.toml").write_text(config, encoding="utf-8")


def _buildings(
    rng: np.random.Generator, ledger: list[dict[str, str]], count: int, place: np.ndarray
) -> list[dict[str, str]]:
    rows = []
    for at, which in enumerate(rng.choice(len(ledger), count, replace=False)):
        like = ledger[int(which)]
        growth = float(np.clip(rng.lognormal(0, 0.4), 0.4, 3.0))
        north, east = rng.uniform(-1, 1, 2) * _SPAN_DEGREES * 0.95
        rows.append(
            {
                "id": f"F{at + 1:03d}",
                "name": f"{like['service']}{at + 1}",
                "use": like["use"],
                "service": like["service"],
                "district": _district(north, east),
                "lat": f"{place[0] + north:.6f}",
                "lon": f"{place[1] + east:.6f}",
                "built_year": str(int(np.clip(rng.normal(1975, 6), 1955, 2005))),
                "structure": like["structure"],
                "floor_area_m2": f"{float(like['floor_area_m2']) * growth:.1f}",
                "running_cost": f"{float(like['running_cost']) * growth:.0f}" if like["running_cost"] else "",
            }
        )
    return rows


def _district(north: float, east: float) -> str:
    if abs(north) >= abs(east):
        return DISTRICTS[0] if north >= 0 else DISTRICTS[1]
    return DISTRICTS[2] if east >= 0 else DISTRICTS[3]


def _districts(place: np.ndarray, people: int) -> str:
    lat, lon = (float(each) for each in place)
    corners = {
        "北": ((1, -1), (1, 1)), "南": ((-1, 1), (-1, -1)), "東": ((1, 1), (-1, 1)), "西": ((-1, -1), (1, -1))
    }  # fmt: skip
    features = []
    for name, ends in corners.items():
        ring = [[lon, lat], *([lon + east * _SPAN_DEGREES, lat + north * _SPAN_DEGREES] for north, east in ends)]
        ring = [[round(x, 6), round(y, 6)] for x, y in [*ring, ring[0]]]
        features.append(
            {
                "type": "Feature",
                "properties": {"name": name, "population": people // len(corners)},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(f"{len(make_cities(given.folder, given.count, given.seed))} workspaces in {given.folder}")


if __name__ == "__main__":
    main()
