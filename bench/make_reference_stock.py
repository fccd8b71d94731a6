"""Derive the reference distributions of a stock from the sample's ledger.

    python bench/make_reference_stock.py WORKSPACE

Reads ``facilities/buildings.csv`` and ``facilities/population.csv`` of the workspace (豊橋市) and writes
``models/reference_stock.csv``: quartiles of year built, floor area and running cost per m2 by service, by use and
over all facilities that the city owns. The same ledger gives the same bytes. A service with fewer than ``FEWEST``
facilities has no quartiles worth the name: only its floor area is given, with an assumed spread, and with the number
of people of the city that it serves as a whole, by which the area is scaled.

The ledger states no capacity. Where its users are people who have a place of their own (pupils, households), floor area
for each of them is given as that of a place, marked as assumed; users of all else are visits a year. Other capacities,
and the structures that no ledger states, follow from ``bench/assumed_stock.csv`` as they stand there.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import pandas as pd

FEWEST = 4
"""Facilities from which quartiles are taken."""

ASSUMED_SHARE = 0.5
"""Spread of a service with fewer: half to one and a half times."""

CITY = "豊橋市"
SOURCE = "facilities/buildings.csv（豊橋市「公共施設白書2025」から作成）の市所有の施設"
UNITS = {"built_year": ("fiscal year", ""), "floor_area_m2": ("m2", ""), "running_cost": ("JPY/m2/year", "2024")}
DIGITS = {"built_year": 0, "floor_area_m2": 1, "running_cost": 0}
PLACES = {"小学校": "児童", "中学校": "生徒", "高等学校・専門学校等": "生徒", "市営住宅": "入居戸数"}
"""Services whose users have a place of their own, and what they are."""
ASSUMED = Path(__file__).with_name("assumed_stock.csv")


def distribution(values: pd.Series, column: str, people: int | None) -> dict[str, object]:
    """Return count, quartiles and basis of one column of one kind."""
    low, middle, high = (float(values.quantile(share)) for share in (0.25, 0.5, 0.75))
    few = len(values) < FEWEST
    if few:
        low, high = middle * (1 - ASSUMED_SHARE), middle * (1 + ASSUMED_SHARE)
    unit, price_year = UNITS[column]
    said = f"{SOURCE} {len(values)}件の中央値と四分位"
    if few:
        said = f"{SOURCE} {len(values)}件の中央値。数が少ないため幅は仮定（半分～1.5倍）"
    shown = {
        name: f"{round(value, DIGITS[column]):.12g}"
        for name, value in zip(("low", "middle", "high"), (low, middle, high), strict=True)
    }
    return {
        "unit": unit,
        "price_year": price_year,
        "count": len(values),
        **shown,
        "inhabitants": people if few and people else "",
        "basis": "assumed" if few else "seen",
        "source": said,
    }


def places(owned: pd.DataFrame) -> list[dict[str, object]]:
    """Return the floor area of a place by service, from the users that have one."""
    known = owned[owned["service"].isin(PLACES) & (owned["users"] > 0)]
    rows = []
    for (use, service), part in known.groupby(["use", "service"]):
        areas = (part["floor_area_m2"] / part["users"]).dropna()
        low, middle, high = (f"{round(float(areas.quantile(share)), 1):.12g}" for share in (0.25, 0.5, 0.75))
        said = f"{SOURCE} {len(areas)}件の{PLACES[service]}1あたり延床面積の中央値と四分位。空きがあるので定員はこれより多いことがあるが、今の{PLACES[service]}数を定員とみた仮定"
        rows.append({"use": use, "service": service, "column": "capacity", "unit": "m2/place", "price_year": "",
                     "count": len(areas), "low": low, "middle": middle, "high": high, "inhabitants": "",
                     "basis": "assumed", "source": said})  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    folder = parser.parse_args().workspace
    ledger = pd.read_csv(folder / "facilities" / "buildings.csv")
    people = pd.read_csv(folder / "facilities" / "population.csv")
    base = people[people["municipality"] == CITY].sort_values("year")["total"].iloc[0]
    owned = ledger[ledger["tenure"] == "owned"].copy()
    owned["running_cost"] = owned["running_cost"] / owned["floor_area_m2"]
    rows = []
    for column in UNITS:
        known = owned[owned[column].notna()]
        least = 1 if column == "floor_area_m2" else FEWEST
        kinds = [((use, name), part) for (use, name), part in known.groupby(["use", "service"]) if len(part) >= least]
        kinds += [((use, ""), part) for use, part in known.groupby("use") if len(part) >= FEWEST]
        kinds.append((("", ""), known))
        for (use, service), part in sorted(kinds, key=lambda kind: kind[0]):
            told = distribution(part[column], column, int(base) if service else None)
            rows.append({"use": use, "service": service, "column": column, **told})
    rows += places(owned)
    with ASSUMED.open(encoding="utf-8", newline="") as file:
        rows += csv.DictReader(file)
    target = folder / "models" / "reference_stock.csv"
    pd.DataFrame(rows).to_csv(target, index=False, lineterminator="\n")
    print(f"{len(rows)} distributions written to {target}")


if __name__ == "__main__":
    main()
