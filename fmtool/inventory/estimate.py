"""Estimate what a thin ledger lacks from facilities of the same kind, with the spread.

Kinds are tried in this order, and the first that has enough facilities with a known value is taken:

1. the city's own facilities of the same service, if there are ``inventory.estimate.fewest_facilities`` or more;
2. the reference distribution of the same service (``models/reference_stock.csv``);
3. the city's own facilities of the same use, likewise;
4. the reference distributions of the same use, then of all facilities.

The value is the median, the spread the lower and upper quartile (linear between facilities). Running cost and
capacity are estimated for each square metre, then multiplied by the floor area. Each service counts capacity in a unit
of its own, so the city's own facilities of another service do not tell it, and those of the same service do, however
few: then the spread is as wide as the reference's. Structures: see :mod:`fmtool.inventory.structures`. Nothing is drawn
at random: the same ledger gives the same estimates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fmtool.inventory.guess import Guesses
from fmtool.inventory.reference import FILE, Reference, References
from fmtool.inventory.structures import estimate_structures
from fmtool.text import Text
from fmtool.vocabulary import USES

NUMBERS = ("floor_area_m2", "built_year", "running_cost", "capacity")
"""Columns with quartiles, in the order in which they are estimated: what is counted by area comes after it."""

PER_M2 = frozenset({"running_cost", "capacity"})

REPEATED_FROM = 5
"""So many facilities of one service with the same running cost: a total repeated on each, nobody's own cost."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value for what is missing, its quartiles, and what it rests on."""

    low: float
    middle: float
    high: float
    count: int
    """Facilities that it rests on."""
    kind: Text
    """Which facilities those are."""
    has_assumed_spread: bool = False
    """Too few facilities for quartiles: ``low`` and ``high`` are assumed."""


def quartiles(values: ArrayLike) -> tuple[float, float, float]:
    """Return lower quartile, median and upper quartile, linear between the values.

    >>> quartiles([1960, 1970, 1980, 2000, 2010])
    (1970.0, 1980.0, 2000.0)
    >>> quartiles([100, 200])
    (125.0, 150.0, 175.0)
    """
    low, middle, high = np.quantile(np.asarray(values, dtype=float), [0.25, 0.5, 0.75])
    return float(low), float(middle), float(high)


def estimate_value(
    column: str,
    use: str,
    service: str,
    own: Mapping[tuple[str, str], np.ndarray],
    references: References,
    fewest: int,
    inhabitants: float | None = None,
) -> Estimate | None:
    """Estimate one column of a facility of this use and service; None where there is nothing to go by.

    Parameters
    ----------
    column
        One of ``NUMBERS``.
    use, service
        What the facility is; service "" where the ledger has no classes of its own.
    own
        Known values of the column by (use, service) and by (use, ""); for each square metre if in ``PER_M2``.
    references
        From ``models/reference_stock.csv``.
    fewest
        Facilities of one's own that a kind must have to be judged by.
    inhabitants
        Of the city; scales the area of what serves a whole city.

    Examples
    --------
    Five halls of one's own are enough; four are not, and without a reference nothing is left to go by:

    >>> areas = np.array([100.0, 200.0, 300.0, 400.0, 900.0])
    >>> found = estimate_value("floor_area_m2", "civic_culture", "", {("civic_culture", ""): areas}, {}, 5)
    >>> found.low, found.middle, found.high, found.count
    (200.0, 300.0, 400.0, 5)
    >>> estimate_value("floor_area_m2", "civic_culture", "", {("civic_culture", ""): areas[:4]}, {}, 5) is None
    True

    A city hall of 60,000 m2 in a city of 300,000 becomes 20,000 m2 in one of 100,000:

    >>> hall = Reference(1, 30_000.0, 60_000.0, 90_000.0, 300_000.0, True)
    >>> estimate_value("floor_area_m2", "administration", "hall", {},
    ...     {("floor_area_m2", "administration", "hall"): hall}, 5, 100_000.0).middle
    20000.0
    """
    name = USES[use]
    kinds = [(use, service, Text(f"同じ施設区分（{service}）", f"the same service ({service})"))] if service else []
    kinds.append((use, "", Text(f"同じ用途（{name.ja}）", f"the same use ({name.en})")))
    if column == "capacity":
        return _capacity(kinds, own, references, fewest)
    kinds.append(("", "", Text("全用途", "all uses")))
    for one, two, kind in kinds:
        known = own.get((one, two))
        if known is not None and len(known) >= fewest:
            return Estimate(*quartiles(known), len(known), Text(f"自市の{kind.ja}", f"the city's own, {kind.en}"))
        found = references.get((column, one, two))
        if found is not None:
            return _of_reference(found, column, kind, inhabitants)
    return None


def _capacity(
    kinds: list[tuple[str, str, Text]], own: Mapping[tuple[str, str], np.ndarray], references: References, fewest: int
) -> Estimate | None:
    """Estimate capacity for each square metre: the unit of the service's own facilities holds, however few they are."""
    given = (references.get(("capacity", use, service)) for use, service, _ in kinds)
    found = next(((each, kind) for each, (_, _, kind) in zip(given, kinds, strict=True) if each is not None), None)
    known = own.get(kinds[0][:2])
    if known is None:
        return None if found is None else _of_reference(found[0], "capacity", found[1], None)
    low, middle, high = quartiles(known)
    kind = Text(f"自市の{kinds[0][2].ja}", f"the city's own, {kinds[0][2].en}")
    is_few = len(known) < fewest
    if is_few and found is not None:
        reference = found[0]
        low, high = middle * reference.low / reference.middle, middle * reference.high / reference.middle
    return Estimate(low, middle, high, len(known), kind, is_few)


def _of_reference(found: Reference, column: str, kind: Text, inhabitants: float | None) -> Estimate:
    scale = 1.0
    if column == "floor_area_m2" and found.inhabitants and inhabitants:
        scale = inhabitants / found.inhabitants
    said = Text(f"参照分布 {FILE} の{kind.ja}", f"reference distribution {FILE}, {kind.en}")
    if scale != 1.0:
        said = Text(f"{said.ja}、人口比 {scale:.2f} 倍", f"{said.en}, times {scale:.2f} for the number of people")
    low, middle, high = (value * scale for value in (found.low, found.middle, found.high))
    return Estimate(low, middle, high, found.count, said, found.has_assumed_spread)


def estimate_missing(
    buildings: pd.DataFrame,
    references: References,
    fewest: int,
    last_year: int,
    inhabitants: float | None,
    small_below_m2: float,
    guesses: Guesses,
) -> None:
    """Fill blank years, areas, structures, running costs and capacities of facilities that are not leased in.

    Capacities of those that are leased in too: a service is counted in one unit throughout.

    Parameters
    ----------
    buildings
        The cleaned ledger; filled in place.
    references, fewest, inhabitants
        As for :func:`estimate_value`.
    last_year
        No building is taken for younger.
    small_below_m2
        Floor area under which a building is small, for its structure.
    guesses
        Takes every filling, with its spread.
    """
    classes = buildings["service"].fillna("").astype(str)
    kinds = pd.DataFrame({"use": buildings["use"], "service": classes})
    ours = (kinds["use"].notna() & (buildings["tenure"] != "leased_in")).to_numpy(dtype=bool)
    measured = {column: _known(buildings, column, ours) for column in NUMBERS}  # before anything is filled in
    for column in NUMBERS:
        own = _by_kind(measured[column], kinds, has_whole_uses=column != "capacity")
        open_rows = (ours if column != "capacity" else kinds["use"].notna().to_numpy()) & buildings[
            column
        ].isna().to_numpy()
        if column in PER_M2:
            open_rows &= buildings["floor_area_m2"].notna().to_numpy()
        for (use, service), group in kinds[open_rows].groupby(["use", "service"], sort=True):
            found = estimate_value(column, str(use), str(service), own, references, fewest, inhabitants)
            if found is not None:
                _fill(buildings, group.index.to_numpy(), column, found, last_year, guesses)
    estimate_structures(buildings, kinds, ours, references, fewest, small_below_m2, guesses)


def _known(buildings: pd.DataFrame, column: str, ours: np.ndarray) -> pd.Series:
    """Return the values that can be judged by; for each square metre if in ``PER_M2``."""
    values = buildings[column].astype("float64").where(ours)
    area = buildings["floor_area_m2"].where(buildings["floor_area_m2"] > 0)
    if column == "running_cost":
        alike = buildings.groupby(["service", column], dropna=False)["id"].transform("size")
        values = values.where((alike < REPEATED_FROM) | (values == 0))
    if column in PER_M2:
        values = values / area
    return values.dropna()


def _by_kind(values: pd.Series, kinds: pd.DataFrame, *, has_whole_uses: bool) -> dict[tuple[str, str], np.ndarray]:
    """Return the values of each service, and of each use: of all its facilities, or of those without a service."""
    known = kinds.loc[values.index].assign(value=values)
    groups = known.groupby(["use", "service"], sort=False)
    made = {(str(use), str(service)): rows["value"].to_numpy() for (use, service), rows in groups}
    if has_whole_uses:
        made |= {(str(use), ""): rows["value"].to_numpy() for use, rows in known.groupby("use", sort=False)}
    return made


def _fill(
    buildings: pd.DataFrame, rows: np.ndarray, column: str, found: Estimate, last_year: int, guesses: Guesses
) -> None:
    times = buildings.loc[rows, "floor_area_m2"].to_numpy(dtype=float) if column in PER_M2 else np.ones(len(rows))
    spread = pd.DataFrame(
        {name: getattr(found, name) * times for name in ("low", "middle", "high")}, index=pd.Index(rows)
    )
    if column == "built_year":
        spread = spread.clip(upper=last_year).round()
        buildings.loc[rows, column] = spread["middle"].astype("Int64")
    else:
        spread = spread.round(1 if column == "floor_area_m2" else 0)
        if column == "capacity":  # a small place holds one at least
            spread = spread.mask((spread < 1) & (found.low > 0), 1.0)
        buildings.loc[rows, column] = spread["middle"]
    low, middle, high = (_shown(value) for value in (found.low, found.middle, found.high))
    each = Text("1 m2当たり", " per m2") if column in PER_M2 else Text("", "")
    spread_name = Text("幅は仮定", "assumed spread") if found.has_assumed_spread else Text("四分位", "quartiles")
    count = Text(f"{found.count}施設", f"{found.count} facilities" if found.count > 1 else "1 facility")
    if not found.count:
        count = Text("仮定", "an assumption")
    rule = Text(
        f"空欄のため{found.kind.ja}（{count.ja}）の{each.ja}中央値 {middle} とした（推定。{spread_name.ja} {low}～{high}）",
        f"blank: estimated as the median{each.en}, {middle}, of {count.en} ({found.kind.en}; {spread_name.en} {low} to {high})",
    )
    chosen = np.zeros(len(buildings), dtype=bool)
    chosen[rows] = True
    guesses.note_estimates(buildings, chosen, column, rule, spread.sort_index())


def _shown(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004  - three figures say enough
