"""The costed facilities as arrays: what every formula of costs and life plans reads.

Row ``f`` of every array is facility ``facility_ids[f]``; only facilities that can be costed are in it, in
the order of the inventory. Amounts are whole currency units; costs per square metre are already
multiplied by the case's ``construction_price_factor``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from fmtool.errors import WorkspaceError
from fmtool.text import Text
from fmtool.vocabulary import USES
from fmtool.workspace import CONFIG_NAME, Figures, Workspace

if TYPE_CHECKING:
    from fmtool.inventory import Inventory

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

USE_CODES: tuple[str, ...] = tuple(USES)
"""Index of a use in ``Stock.use``."""

PARTS: tuple[str, ...] = ("roof", "exterior", "interior", "electrical", "mechanical")
"""The five parts of the condition score, in the order of every array with a part axis."""

GRADES = "ABCD"
"""Grade 0 is A (sound), 3 is D (act soon)."""

STRUCTURE_CODES: tuple[str, ...] = ("RC", "SRC", "S", "LS", "W", "CB", "other")

REPEATED_TOTAL_FROM = 5
"""So many facilities of one service with the very same running cost: a total repeated on each, not theirs."""


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """The costed facilities, as arrays of one row each."""

    facility_ids: tuple[str, ...]
    services: tuple[str, ...]
    """The services that occur, sorted; ``service`` points into it."""
    districts: tuple[str, ...]
    """The districts that occur or are drawn; ``district`` points into it."""
    use: Ints
    """(F,) index into ``USE_CODES``."""
    service: Ints
    """(F,) index into ``services``."""
    district: Ints
    """(F,) index into ``districts``; -1 = not known."""
    built_year: Ints
    """(F,) fiscal year in which the building was completed."""
    age_years: Ints
    """(F,) first plan year less ``built_year``."""
    renewed_year: Ints
    """(F,) fiscal year of the last major works, else ``built_year``."""
    floor_area_m2: Floats
    renovation_cost_per_m2: Floats
    """(F,) major renovation (大規模改修), the ministry's unit cost of the use."""
    rebuild_cost_per_m2: Floats
    """(F,) rebuilding (建替え), the ministry's unit cost of the use."""
    extension_cost_per_m2: Floats
    """(F,) long-life renovation (長寿命化改修)."""
    repair_cost_per_m2: Floats
    """(F,) mid-cycle repair (中規模修繕)."""
    demolition_cost_per_m2: Floats
    """(F,) taking down for good, by structure."""
    retrofit_cost_per_m2: Floats
    """(F,) seismic retrofit (耐震改修)."""
    design_life_years: Floats
    """(F,) years after which running cost begins to rise, by structure."""
    running_cost: Floats
    """(F,) yearly running cost at the start: the ledger's, else floor area times the use's default."""
    income: Floats
    """(F,) yearly income at the start; 0 where the ledger is blank."""
    capacity: Floats
    """(F,) what the facility offers; the floor area where the ledger is blank."""
    needs_retrofit: Flags
    """(F,) True for an unretrofitted building of the old seismic standard."""
    is_listed: Flags
    is_leased_in: Flags
    locked: tuple[str | None, ...]
    """(F,) decided already: action code, with ``:year`` where dated; None = free."""
    site_area_m2: Floats
    """(F,) land; estimated from the floor area where the ledger is blank (see ``guesses``)."""
    land_price_per_m2: Floats
    """(F,) the ledger's, else the workspace's default."""
    x_m: Floats
    """(F,) projected coordinate in metres (the case's ``crs``); NaN when the place is not known."""
    y_m: Floats
    """(F,) projected coordinate in metres; NaN when the place is not known."""
    grades: NDArray[np.int8]
    """(F, 5) grade 0-3 of each of ``PARTS``; -1 = not inspected."""
    guesses: pd.DataFrame
    """What was filled in here: facility_id, column, value, rule_ja, rule_en, basis, low, high, shares."""

    def __len__(self) -> int:
        """Count the facilities."""
        return len(self.facility_ids)

    def take(self, rows: Flags | Ints) -> Stock:
        """Return the chosen facilities, in order; ``services``, ``districts`` and ``guesses`` stay whole."""
        index = np.arange(len(self))[rows]
        chosen: dict[str, object] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray):
                chosen[item.name] = value[index]
            elif item.name in {"facility_ids", "locked"}:
                chosen[item.name] = tuple(value[row] for row in index)
            else:
                chosen[item.name] = value
        return Stock(**chosen)  # type: ignore[arg-type]


def build_stock(inventory: Inventory, workspace: Workspace) -> Stock:
    """Turn the costed rows of the inventory into arrays, filling blanks from the workspace's figures.

    What was filled in is listed in ``guesses``: running cost, site area and land price.
    """
    rows = inventory.buildings.loc[inventory.buildings["is_costed"].to_numpy(dtype=bool)].reset_index(drop=True)
    case, figures = workspace.config.case, workspace.figures
    use = _codes(rows["use"], USE_CODES)
    structure = np.maximum(_codes(rows["structure"], STRUCTURE_CODES, missing=STRUCTURE_CODES.index("other")), 0)
    built_year = rows["built_year"].to_numpy(dtype=np.int64)
    floor_area = _floats(rows["floor_area_m2"])
    rebuild = _by_code(figures, "unit_costs.rebuild", USE_CODES)[use] * case.construction_price_factor
    services = tuple(sorted(set(rows["service"])))
    districts = _district_names(inventory)
    guesses = _Guesses(rows["id"])
    x_m, y_m = projected(_floats(rows["lon"]), _floats(rows["lat"]), case.crs)
    return Stock(
        facility_ids=tuple(rows["id"]),
        services=services,
        districts=districts,
        use=use,
        service=_codes(rows["service"], services),
        district=_codes(rows["district"], districts),
        built_year=built_year,
        age_years=case.start_year - built_year,
        renewed_year=np.maximum(built_year, rows["last_major_works_year"].fillna(0).to_numpy(dtype=np.int64)),
        floor_area_m2=floor_area,
        renovation_cost_per_m2=_by_code(figures, "unit_costs.renovate", USE_CODES)[use]
        * case.construction_price_factor,
        rebuild_cost_per_m2=rebuild,
        extension_cost_per_m2=rebuild * figures.number("unit_costs.extend.share_of_rebuild"),
        repair_cost_per_m2=rebuild * figures.number("unit_costs.repair.share_of_rebuild"),
        demolition_cost_per_m2=_by_code(figures, "unit_costs.demolish", STRUCTURE_CODES)[structure]
        * case.construction_price_factor,
        retrofit_cost_per_m2=np.full(
            len(rows), figures.number("unit_costs.retrofit.per_m2") * case.construction_price_factor
        ),
        design_life_years=_by_code(figures, "cycles.design_life", STRUCTURE_CODES)[structure],
        running_cost=_running_cost(rows, use, floor_area, figures, guesses, _estimated(inventory, rows["id"])),
        income=np.nan_to_num(_floats(rows["income"])),
        capacity=_first_known(_floats(rows["capacity"]), floor_area),
        needs_retrofit=(rows["seismic_status"] == "unretrofitted").to_numpy(dtype=bool),
        is_listed=rows["is_listed"].fillna(value=False).to_numpy(dtype=bool),
        is_leased_in=(rows["tenure"] == "leased_in").to_numpy(dtype=bool),
        locked=tuple(None if pd.isna(item) else str(item) for item in rows["locked"]),
        site_area_m2=_site_area(rows, floor_area, figures, guesses),
        land_price_per_m2=_land_price(rows, figures, guesses),
        x_m=x_m,
        y_m=y_m,
        grades=np.stack([_codes(rows[f"grade_{part}"], GRADES) for part in PARTS], axis=1).astype(np.int8),
        guesses=guesses.table(),
    )


def projected(lon: Floats, lat: Floats, crs: str) -> tuple[Floats, Floats]:
    """Project places to metres; NaN where a place is not known.

    >>> x, y = projected(np.array([137.166667, np.nan]), np.array([36.0, 35.0]), "EPSG:6675")
    >>> bool(abs(x[0]) < 1), bool(abs(y[0]) < 1), bool(np.isnan(x[1]))  # the origin of zone VII
    (True, True, True)
    """
    try:
        target = CRS.from_user_input(crs)
    except CRSError:
        target = None
    if target is None or not target.is_projected or {axis.unit_name for axis in target.axis_info} != {"metre"}:
        raise WorkspaceError(
            Text(
                f"{CONFIG_NAME}: `case.crs` は単位がメートルの投影座標系でなければなりません（{crs}）",
                f"{CONFIG_NAME}: `case.crs` must be a projected coordinate system in metres (got {crs})",
            ),
            Text("日本では平面直角座標系 EPSG:6669〜6687", "in Japan one of EPSG:6669 to 6687"),
        )
    x_m, y_m = Transformer.from_crs("EPSG:4326", target, always_xy=True).transform(lon, lat)
    known = np.isfinite(x_m) & np.isfinite(y_m)
    return np.where(known, x_m, np.nan), np.where(known, y_m, np.nan)


class _Guesses:
    """Collects what was filled in."""

    def __init__(self, ids: pd.Series[str]) -> None:
        self._ids = ids.to_numpy()
        self._parts: list[pd.DataFrame] = []

    def add(self, column: str, rows: Flags, values: Floats, rule: Text) -> None:
        """Note that ``column`` of ``rows`` was filled by ``rule``."""
        if rows.any():
            ids, filled = self._ids[rows], np.asarray(values[rows]).round().astype(np.int64)
            self._parts.append(
                pd.DataFrame(
                    {
                        "facility_id": ids,
                        "column": column,
                        "value": filled,
                        "rule_ja": rule.ja,
                        "rule_en": rule.en,
                        "basis": "assumed",
                        "low": np.nan,
                        "high": np.nan,
                        "shares": "",
                    }
                )
            )

    def table(self) -> pd.DataFrame:
        """Return all of it."""
        columns = ["facility_id", "column", "value", "rule_ja", "rule_en", "basis", "low", "high", "shares"]
        return pd.concat(self._parts, ignore_index=True) if self._parts else pd.DataFrame(columns=columns)


def _estimated(inventory: Inventory, ids: pd.Series[str]) -> Flags:
    """Tell whose running cost is an estimate of the inventory's: alike because it is, not a repeated total."""
    listed = inventory.guesses.loc[inventory.guesses["column"] == "running_cost", "facility_id"]
    return ids.isin(listed).to_numpy(dtype=bool)


def _running_cost(
    rows: pd.DataFrame, use: Ints, floor_area_m2: Floats, figures: Figures, guesses: _Guesses, estimated: Flags
) -> Floats:
    given = _floats(rows["running_cost"])
    default = _by_code(figures, "running.per_m2", USE_CODES)[use] * floor_area_m2
    alike = rows.groupby(["service", "running_cost"])["id"].transform("size").fillna(0).to_numpy(dtype=np.int64)
    repeated = (alike >= REPEATED_TOTAL_FROM) & (given > 0) & ~estimated
    blank = np.isnan(given)
    guesses.add(
        "running_cost",
        blank,
        default,
        Text("空欄のため、用途別の標準単価×延床面積", "blank: the use's default per m2 times floor area"),
    )
    guesses.add(
        "running_cost",
        repeated,
        default,
        Text(
            "同じ分類の施設に同額が並び合計額の繰り返しとみられるため、用途別の標準単価×延床面積",
            "the same amount on many facilities of the service looks like a repeated total: default per m2 times floor area",
        ),
    )
    return np.where(blank | repeated, default, given)


def _site_area(rows: pd.DataFrame, floor_area_m2: Floats, figures: Figures, guesses: _Guesses) -> Floats:
    given = _floats(rows["site_area_m2"])
    estimate = floor_area_m2 / figures.number("unit_costs.land.floor_area_ratio")
    guesses.add(
        "site_area_m2",
        np.isnan(given),
        estimate,
        Text("空欄のため、延床面積÷仮定の容積", "blank: floor area over the assumed floor-area ratio"),
    )
    return _first_known(given, estimate)


def _land_price(rows: pd.DataFrame, figures: Figures, guesses: _Guesses) -> Floats:
    given = _floats(rows["land_price_per_m2"])
    default = np.full(given.size, figures.number("unit_costs.land.price_per_m2"))
    guesses.add(
        "land_price_per_m2", np.isnan(given), default, Text("空欄のため、標準の地価", "blank: the default price")
    )
    return _first_known(given, default)


def _district_names(inventory: Inventory) -> tuple[str, ...]:
    drawn = [] if inventory.districts is None else [str(name) for name in inventory.districts["name"]]
    named = {str(name) for name in inventory.buildings["district"].dropna()}
    return (*dict.fromkeys(drawn), *sorted(named - set(drawn)))


def _codes(column: pd.Series[str], order: Sequence[str], missing: int = -1) -> Ints:
    """Index of each value in ``order``; ``missing`` where blank or unknown."""
    place = {code: index for index, code in enumerate(order)}
    return np.asarray(column.map(place).fillna(missing), dtype=np.int64)


def _by_code(figures: Figures, prefix: str, order: Sequence[str]) -> Floats:
    return np.array([figures.number(f"{prefix}.{code}") for code in order])


def _floats(column: pd.Series[float]) -> Floats:
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


def _first_known(given: Floats, default: Floats) -> Floats:
    return np.where(np.isnan(given), default, given)
