"""Derive the reference distributions of a stock from the sample's ledger.

    python bench/make_reference_stock.py WORKSPACE

Reads ``facilities/buildings.csv`` and ``facilities/population.csv`` of the workspace (豊橋市) and writes
``models/reference_stock.csv``: quartiles of year built, floor area and running cost per m2 by service, by use and
over all facilities that the city owns. The same ledger gives the same bytes. A service with fewer than ``FEWEST``
facilities has no quartiles worth the name: only its floor area is given, with an assumed spread, and with the number
of people of the city that it serves as a whole, by which the area is scaled.
"""

from __future__ import annotations

import argparse
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
    target = folder / "models" / "reference_stock.csv"
    pd.DataFrame(rows).to_csv(target, index=False, lineterminator="\n")
    print(f"{len(rows)} distributions written to {target}")


if __name__ == "__main__":
    main()
