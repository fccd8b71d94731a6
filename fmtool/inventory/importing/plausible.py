"""Mend or blank what reads well but cannot be: swapped coordinates, places and years outside the case."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fmtool.inventory.check import parse_locked
from fmtool.inventory.importing.cells import series
from fmtool.text import Text
from fmtool.workspace.config import CaseConfig


def make_plausible(frame: pd.DataFrame, case: CaseConfig) -> list[Text]:
    """Mend a table of facilities in place; return what was done, each with its count."""
    said = [*_places(frame, case), *_years(frame, case)]
    bad = np.array(
        [given is not None and parse_locked(str(given), case.years)[2] is not None for given in frame["locked"]],
        dtype=bool,
    )
    if bad.any():
        frame["remarks"] = series(_moved(frame["remarks"], frame["locked"], bad))
        frame["locked"] = series(_blanked(frame["locked"], bad))
        said.append(
            Text(
                f"決定済みの方針として読めない{int(bad.sum())}施設の記載は備考に移しました",
                f"{int(bad.sum())} locked decisions could not be read and were moved to the remarks",
            )
        )
    return said


def _blanked(words: pd.Series, where: np.ndarray) -> np.ndarray:
    made = words.to_numpy(dtype=object, copy=True)
    made[where] = None
    return made


def _moved(remarks: pd.Series, locked: pd.Series, where: np.ndarray) -> np.ndarray:
    made = remarks.to_numpy(dtype=object, copy=True)
    for place in np.flatnonzero(where):
        made[place] = "／".join(str(word) for word in (made[place], locked.iloc[place]) if word is not None)
    return made


def _places(frame: pd.DataFrame, case: CaseConfig) -> list[Text]:
    said: list[Text] = []
    west, south, east, north = case.bounds
    lat, lon = frame["lat"].to_numpy(copy=True), frame["lon"].to_numpy(copy=True)
    with np.errstate(invalid="ignore"):
        swapped = (lat >= west) & (lat <= east) & (lon >= south) & (lon <= north)
        swapped &= ~((lat >= south) & (lat <= north) & (lon >= west) & (lon <= east))
    if swapped.any():
        lat[swapped], lon[swapped] = lon[swapped], lat[swapped]
        said.append(
            Text(
                f"{int(swapped.sum())}施設は緯度と経度が逆だったため入れ替えました",
                f"{int(swapped.sum())} facilities had latitude and longitude swapped: exchanged",
            )
        )
    given = ~np.isnan(lat) | ~np.isnan(lon)
    with np.errstate(invalid="ignore"):
        inside = (lat >= south) & (lat <= north) & (lon >= west) & (lon <= east)
        on_earth = (np.abs(lat) <= 90) & (np.abs(lon) <= 180) & ~((lat == 0) & (lon == 0))  # noqa: PLR2004
    outside = given & ~inside
    if outside.sum() * 2 > given.sum() and (given & on_earth).any():
        said.append(
            Text(
                f"{int(outside.sum())}施設の座標が対象範囲の外です。fmtool.toml の [case] bounds をこの市に合わせてください",
                f"{int(outside.sum())} facilities lie outside the case's bounds; set [case] bounds in fmtool.toml to this city",
            )
        )
        outside = given & ~on_earth
    if outside.any():
        lat[outside] = lon[outside] = np.nan
        said.append(
            Text(
                f"{int(outside.sum())}施設は座標が一方しかないか対象範囲の外のため、座標を空欄にしました",
                f"{int(outside.sum())} facilities have half a coordinate or one outside the case's bounds: left blank",
            )
        )
    frame["lat"], frame["lon"] = lat, lon
    return said


def _years(frame: pd.DataFrame, case: CaseConfig) -> list[Text]:
    said: list[Text] = []
    for column in ("built_year", "last_major_works_year"):
        late = (frame[column] > case.start_year).to_numpy()
        if late.any():
            frame.loc[late, column] = np.nan
            said.append(
                Text(
                    f"{int(late.sum())}施設の {column} は計画の初年度（{case.start_year}年度）より後のため空欄にしました",
                    f"{int(late.sum())} facilities have a {column} after the plan's first year ({case.start_year}): left blank",
                )
            )
    early = (frame["last_major_works_year"] < frame["built_year"]).to_numpy()
    if early.any():
        frame.loc[early, "last_major_works_year"] = np.nan
        said.append(
            Text(
                f"{int(early.sum())}施設の改修年度は建築年度より前のため空欄にしました",
                f"{int(early.sum())} facilities have works before the year built: the works' year was left blank",
            )
        )
    return said
