"""Rules that a row, or the rows together, must keep; every breach is noted, none raises by itself."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from fmtool.inventory.columns import COLUMNS, Column
from fmtool.inventory.faults import Faults
from fmtool.inventory.values import year as read_year
from fmtool.text import Text, listing
from fmtool.vocabulary import ACTIONS
from fmtool.workspace import Config

Rows = np.ndarray[tuple[int], np.dtype[np.int64]]


def check(buildings: pd.DataFrame, rows: Rows, config: Config, faults: Faults) -> None:
    """Note every breach: required values, ranges, years, coordinates, identifiers, locked decisions."""
    absent = {fault.column for fault in faults.found if fault.row is None}
    unread = {(fault.row, fault.column) for fault in faults.found}
    _check_required(buildings, rows, faults, absent, unread)
    for column in COLUMNS:
        _check_range(buildings, rows, column, faults)
    _check_ids(buildings, rows, faults)
    _check_years(buildings, rows, config, faults)
    _check_places(buildings, rows, config, faults)


def _check_required(
    buildings: pd.DataFrame,
    rows: Rows,
    faults: Faults,
    absent: set[str | None],
    unread: set[tuple[int | None, str | None]],
) -> None:
    tenant = (buildings["tenure"] == "leased_in").to_numpy(dtype=bool)
    for column in COLUMNS:
        if not column.is_required or column.name in absent:
            continue
        blank = buildings[column.name].isna().to_numpy()
        remedy = Text(f"{column.title.ja}を記入してください", f"fill in `{column.name}`")
        if column.name in {"floor_area_m2", "built_year"}:
            blank = blank & ~tenant
            remedy = Text(
                f"{column.title.ja}を記入するか、他の建物の一室なら保有形態 `tenure` に「借用」（leased_in）と書いてください",
                f"fill in `{column.name}`, or write leased_in under `tenure` if it is a room of another building",
            )
        for row in rows[blank]:
            if (int(row), column.name) not in unread:
                faults.add(
                    int(row), column.name, "", Text("必須の値がありません", "a required value is missing"), remedy
                )


def _check_range(buildings: pd.DataFrame, rows: Rows, column: Column, faults: Faults) -> None:
    if column.minimum is None and column.maximum is None:
        return
    given = buildings[column.name].astype("float64").to_numpy()
    low, high = column.minimum, column.maximum
    if low is not None:
        _note(
            given < low,
            rows,
            buildings,
            column.name,
            faults,
            Text(f"{low:,.12g}より小さい値です", f"is below {low:,.12g}"),
            Text(f"{low:,.12g}以上の値を書いてください", f"write {low:,.12g} or more"),
        )
    if high is not None:
        _note(
            given > high,
            rows,
            buildings,
            column.name,
            faults,
            Text(f"{high:,.12g}より大きい値です", f"is above {high:,.12g}"),
            Text(f"{high:,.12g}以下の値を書いてください", f"write {high:,.12g} or less"),
        )


def _note(
    where: Iterable[bool], rows: Rows, buildings: pd.DataFrame, column: str, faults: Faults, problem: Text, remedy: Text
) -> None:
    places = np.flatnonzero(np.asarray(where))
    shown = [
        f"{value:.12g}" if isinstance(value, float) else value for value in buildings[column].iloc[places].tolist()
    ]
    faults.add_each(rows[places], column, shown, problem, remedy)


def _check_ids(buildings: pd.DataFrame, rows: Rows, faults: Faults) -> None:
    ids = buildings["id"]
    twice = ids.duplicated(keep=False) & ids.notna()
    for name, group in buildings[twice].groupby("id", sort=False):
        places = [str(row) for row in rows[group.index]]
        for row in rows[group.index]:
            others = listing([place for place in places if place != str(row)])
            faults.add(
                int(row),
                "id",
                name,
                Text(f"施設IDが重複しています（{others.ja}行目と同じ）", f"duplicate id (also row {others.en})"),
                Text("施設ごとに違うIDにしてください", "give every facility its own id"),
            )


def _check_years(buildings: pd.DataFrame, rows: Rows, config: Config, faults: Faults) -> None:
    start = config.case.start_year
    for column in ("built_year", "last_major_works_year"):
        _note(
            buildings[column].astype("float64") > start,
            rows,
            buildings,
            column,
            faults,
            Text(f"計画の初年度（{start}年度）より後です", f"lies after the plan's first year ({start})"),
            Text(
                f"{start}年度以前の年度に直すか、まだない施設なら行を除いてください",
                f"correct it to {start} or earlier, or remove a facility that does not stand yet",
            ),
        )
    _note(
        buildings["last_major_works_year"].astype("float64") < buildings["built_year"].astype("float64"),
        rows,
        buildings,
        "last_major_works_year",
        faults,
        Text("建築年度より前です", "lies before the year built"),
        Text("建築年度か改修年度を直してください", "correct `built_year` or `last_major_works_year`"),
    )


def _check_places(buildings: pd.DataFrame, rows: Rows, config: Config, faults: Faults) -> None:
    west, south, east, north = config.case.bounds
    lat, lon = buildings["lat"].to_numpy(), buildings["lon"].to_numpy()
    swapped = (lat >= west) & (lat <= east) & (lon >= south) & (lon <= north)
    bounds = {"lat": (lat, south, north), "lon": (lon, west, east)}
    for column, (given, low, high) in bounds.items():
        outside = ((given < low) | (given > high)) & (np.abs(given) <= (90 if column == "lat" else 180))
        for remedied, remedy in (
            (
                swapped,
                Text("緯度と経度が逆です。入れ替えてください", "latitude and longitude are swapped; exchange them"),
            ),
            (
                ~swapped,
                Text(
                    f"{low:g}～{high:g}の範囲に直すか、fmtool.toml の [case] bounds を広げてください",
                    f"correct it to {low:g} to {high:g}, or widen [case] bounds in fmtool.toml",
                ),
            ),
        ):
            _note(
                outside & remedied,
                rows,
                buildings,
                column,
                faults,
                Text("座標が対象範囲の外です", "the coordinate lies outside the case's bounds"),
                remedy,
            )
    for column, other in (("lat", "lon"), ("lon", "lat")):
        unread = {fault.row for fault in faults.found if fault.column == column}
        alone = buildings[column].isna().to_numpy() & buildings[other].notna().to_numpy()
        for row in rows[alone]:
            if int(row) not in unread:
                faults.add(
                    int(row),
                    column,
                    "",
                    Text("緯度・経度の一方だけがあります", "only one of latitude and longitude is given"),
                    Text("両方を書くか、両方を空欄にしてください", "give both, or leave both blank"),
                )


def locked_decisions(buildings: pd.DataFrame, rows: Rows, config: Config, faults: Faults) -> pd.Series:
    """Return locked decisions as ``action`` or ``action:year``; what does not parse is a fault."""
    made = np.full(len(buildings), None, dtype=object)
    years = config.case.years
    for place in np.flatnonzero(buildings["locked"].notna().to_numpy()):
        given = str(buildings["locked"].iloc[place])
        action, year, problem = parse_locked(given, years)
        if problem is None:
            made[place] = action if year is None else f"{action}:{year}"
            continue
        names = [f"{code}（{name.ja}）" for code, name in ACTIONS.items()]
        codes = listing(list(ACTIONS), 20)
        faults.add(
            int(rows[place]),
            "locked",
            given,
            problem,
            Text(
                f"「建替え:{years[0]}」のように、対策と{years[0]}～{years[-1]}年度の年度をコロンでつないでください。対策: {listing(names, 20).ja}",
                f"write action or action:year, such as rebuild:{years[0]}, with a year of {years[0]} to {years[-1]}; actions: {codes.en}",
            ),
        )
    return pd.Series(made, index=buildings.index, dtype=object)


def parse_locked(given: str, years: tuple[int, ...]) -> tuple[str | None, int | None, Text | None]:
    """Read a locked decision; the third value tells what is wrong with it.

    >>> parse_locked("建替え:2030", (2026, 2027, 2028, 2029, 2030))
    ('rebuild', 2030, None)
    >>> parse_locked("keep", (2026,)), parse_locked("除却：令和8年度", (2026,))
    (('keep', None, None), ('demolish', 2026, None))
    """
    word, _, when = given.replace("：", ":").partition(":")
    plain = word.strip().casefold()
    action = next((code for code, name in ACTIONS.items() if plain in {code, name.ja, name.en.casefold()}), None)
    if action is None:
        return None, None, Text("決定済みの方針として読めません", "is not a decision that can be read")
    if not when.strip():
        return action, None, None
    year = read_year(when.strip())
    if year is None:
        return action, None, Text("年度として読めません", "its year cannot be read")
    if year not in years:
        return action, None, Text("年度が計画期間の外です", "its year lies outside the plan")
    return action, year, None
