"""Read, clean, check and complete a workspace's inventory.

Rows that cannot be used stop the run, every fault at once. What is blank and can be assumed is
filled and listed; what cannot be costed stays on the map with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from fmtool.inventory import guess
from fmtool.inventory.check import check, locked_decisions
from fmtool.inventory.clean import clean
from fmtool.inventory.columns import BY_NAME
from fmtool.inventory.estimate import NUMBERS, estimate_missing
from fmtool.inventory.faults import Faults
from fmtool.inventory.places import coordinates_from, find_districts, place_by_district, points, read_districts
from fmtool.inventory.population import drift_population, read_population
from fmtool.inventory.reference import read_reference
from fmtool.inventory.services import read_services
from fmtool.inventory.tables import Table, read_table
from fmtool.inventory.towns import place_by_town, read_towns
from fmtool.text import Text, listing
from fmtool.workspace import Workspace

NOT_COSTED = Text(
    "他の建物の一室（借用・入居）で延床面積がないため、費用は計算していない",
    "a tenant of another building without floor area of its own: not costed",
)

SUSPICIOUS_REPEATS = 5
"""Facilities of one service with the same running cost to the yen: no accident."""


@dataclass(frozen=True, slots=True, eq=False)
class Inventory:
    """What a city owns, cleaned and completed, with everything that was assumed."""

    buildings: gpd.GeoDataFrame
    """EPSG:4326; the columns of ``columns.csv``, then is_costed, not_costed_reason_ja, not_costed_reason_en, geometry."""
    districts: gpd.GeoDataFrame | None
    """Columns name, population (base census), geometry; None when the workspace has none."""
    population: pd.DataFrame | None
    """Every fiscal year of the plan; columns total, age_0_14, age_15_64, age_65_plus."""
    guesses: pd.DataFrame
    """facility_id, column, value, rule_ja, rule_en, basis (assumed or estimated), low, high (quartiles of an estimate), shares."""
    notices: list[Text]
    """What the user should know."""


def read_inventory(workspace: Workspace) -> Inventory:
    """Read the inventory of a workspace with its districts and population.

    Raises
    ------
    InventoryError
        With every fault of the first file that has any: file, row, column, value and remedy.
    """
    files, case = workspace.config.files, workspace.config.case
    table = read_table(workspace.path(files.buildings), files.buildings)
    notices = list(table.notices)
    guesses = guess.Guesses()
    buildings = _checked(table, workspace, guesses)
    districts = None
    if files.districts is not None:
        districts = read_districts(workspace.path(files.districts), files.districts, notices, case.bounds)
    if files.towns is not None:
        error = workspace.figures.number("inventory.location.town_accuracy_m")
        towns = read_towns(workspace.path(files.towns), files.towns, error)
        place_by_town(buildings, towns, guesses, notices)
    place_by_district(buildings, districts, case.crs, guesses)
    place = points(buildings)
    find_districts(buildings, place, districts, guesses, notices)
    guess.guess_accuracy(buildings, workspace.figures, guesses)
    guess.guess_structure(buildings, workspace.figures, guesses)
    guess.guess_seismic_status(buildings, workspace.figures, guesses)
    guess.guess_storeys(buildings, workspace.figures, guesses)
    _name_services(buildings, workspace, notices)
    _add_costed(buildings)
    population = None
    if files.population is not None:
        path = workspace.path(files.population)
        population = read_population(path, files.population, case.years, files.population_area, notices)
        population = drift_population(population, case.population_drift_rate)
    notices += _notices(buildings, guesses) + _estimated_notices(guesses, workspace)
    made = gpd.GeoDataFrame(buildings, geometry=place)
    return Inventory(made, districts, population, guesses.table(), notices)


def _checked(table: Table, workspace: Workspace, guesses: guess.Guesses) -> pd.DataFrame:
    faults = Faults(table.file)
    buildings = clean(table, faults)
    coordinates_from(buildings, table.geometry)
    guess.guess_tenure(buildings, workspace.figures, guesses)
    if workspace.config.inventory.estimate_missing:
        _estimate(buildings, workspace, faults, guesses)
    if not (buildings["floor_area_m2"].notna() & buildings["built_year"].notna()).any() and not faults.found:
        faults.add(
            None,
            "floor_area_m2",
            None,
            Text("費用を計算できる施設が一つもありません", "no facility can be costed"),
            Text("延床面積と建築年度を記入してください", "fill in `floor_area_m2` and `built_year`"),
        )
    check(buildings, table.rows, workspace.config, faults)
    buildings["locked"] = locked_decisions(buildings, table.rows, workspace.config, faults)
    faults.raise_any()
    return buildings


def _estimate(buildings: pd.DataFrame, workspace: Workspace, faults: Faults, guesses: guess.Guesses) -> None:
    """Fill what can be estimated; a column that the ledger lacks altogether is no fault then."""
    files, case, figures = workspace.config.files, workspace.config.case, workspace.figures
    people = None
    if files.population is not None:
        path = workspace.path(files.population)
        first = read_population(path, files.population, case.years[:1], files.population_area, [])
        people = float(first["total"].iloc[0])
    fewest = int(figures.number("inventory.estimate.fewest_facilities"))
    small = figures.number("inventory.structure.small_below_m2")
    estimate_missing(buildings, read_reference(workspace), fewest, case.start_year, people, small, guesses)
    faults.found = [fault for fault in faults.found if fault.row is not None or fault.column not in NUMBERS]


def _name_services(buildings: pd.DataFrame, workspace: Workspace, notices: list[Text]) -> None:
    """Fall back to the use where a row names no service, or one without a row in the services file."""
    known = read_services(workspace).index
    given = buildings["service"]
    unknown = sorted(set(given[given.notna() & ~given.isin(known)]))
    if unknown:
        file = workspace.config.files.services
        notices.append(
            Text(
                f"施設区分 {listing(unknown, 8).ja} は {file} に行がないため、用途分類の条件を使います",
                f"service classes {listing(unknown, 8).en} have no row in {file}: the rules of their use are taken",
            )
        )
    buildings["service"] = given.where(given.isin(known), buildings["use"]).astype(object)


def _add_costed(buildings: pd.DataFrame) -> None:
    costed = (buildings["floor_area_m2"].notna() & buildings["built_year"].notna()).to_numpy()
    buildings["is_costed"] = costed
    buildings["not_costed_reason_ja"] = np.where(costed, "", NOT_COSTED.ja).astype(object)
    buildings["not_costed_reason_en"] = np.where(costed, "", NOT_COSTED.en).astype(object)


def _notices(buildings: pd.DataFrame, guesses: guess.Guesses) -> list[Text]:
    said: list[Text] = []
    costed = buildings["is_costed"].to_numpy(dtype=bool)
    if count := int((~costed).sum()):
        said.append(
            Text(
                f"延床面積のない{count}施設（他の建物の一室）は地図に示し、費用の計算から除きました",
                f"{count} facilities without floor area (tenants of other buildings) are shown on the map and not costed",
            )
        )
    blank = int((costed & buildings["running_cost"].isna().to_numpy()).sum())
    if blank:
        said.append(
            Text(
                f"{blank}施設は維持管理費が空欄のため、用途別の単価を使います（理由は備考）",
                f"{blank} facilities have no running cost: a default per m2 by use is taken (see remarks)",
            )
        )
    said += _repeated_costs(buildings[~guesses.holds(buildings["id"], "running_cost")])
    rough = {"town": Text("町", "towns"), "district": Text("地区", "districts")}
    for basis, name in rough.items():
        chosen = (buildings["location_basis"] == basis).to_numpy(dtype=bool)
        if chosen.any():
            error = float(buildings.loc[chosen, "accuracy_m"].max())
            said.append(
                Text(
                    f"{int(chosen.sum())}施設は{name.ja}の代表点に置きました（誤差は最大{error:,.0f} m）",
                    f"{int(chosen.sum())} facilities stand at points of their {name.en} (error up to {error:,.0f} m)",
                )
            )
    if nowhere := int(buildings["lat"].isna().sum()):
        said.append(
            Text(
                f"座標のない{nowhere}施設は地図に示せず、距離の条件にも数えません",
                f"{nowhere} facilities without coordinates are not on the map and count in no distance rule",
            )
        )
    return said


def _estimated_notices(guesses: guess.Guesses, workspace: Workspace) -> list[Text]:
    """Say how many values are estimates, by column."""
    if not workspace.config.inventory.estimate_missing:
        return []
    table = guesses.table()
    counts = table.loc[table["basis"] == "estimated", "column"].value_counts(sort=False)
    if counts.empty:
        return []
    ja = "、".join(f"{BY_NAME[str(name)].title.ja} {count}施設" for name, count in counts.items())
    en = ", ".join(f"{BY_NAME[str(name)].title.en.lower()} of {count} facilities" for name, count in counts.items())
    return [
        Text(
            f"推定値を含みます（{ja}）。台帳にない値を同種の施設の中央値で補ったもので、実測ではありません",
            f"holds estimates ({en}): medians of facilities of the same kind where the ledger is blank, not surveyed",
        )
    ]


def _repeated_costs(buildings: pd.DataFrame) -> list[Text]:
    """Name services where one amount stands on many facilities: a total that was copied into every row."""
    paid = buildings.loc[buildings["running_cost"] > 0, ["service", "running_cost"]]
    counts = paid.value_counts(sort=False)
    repeated = counts[counts >= SUSPICIOUS_REPEATS]
    return [
        Text(
            f"施設区分 {service} の{count}施設の維持管理費が同額（{amount:,.0f}）です。全体の額の重複とみて使わず、用途別の単価を使います",
            f"{count} facilities of service class {service} have the same running cost ({amount:,.0f}): taken for a total repeated on every row and not used; a default per m2 by use is taken",
        )
        for service, amount, count in zip(
            repeated.index.get_level_values("service"),
            repeated.index.get_level_values("running_cost"),
            repeated,
            strict=True,
        )
    ]
