"""Places from town names: the point of the 町丁目 or 大字 that an address begins with.

The table of towns lies in the workspace (``files.towns``): CSV with ``town``, ``lat``, ``lng`` (or ``lon``), and where
they are known ``koaza`` and ``accuracy_m``; the open address data of Geolonia have this form. No address leaves the
machine. An address without its 丁目 gets the mean of all of them, and an error that reaches the farthest.
"""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fmtool.inventory.faults import Faults, refuse
from fmtool.inventory.guess import Guesses
from fmtool.inventory.tables import decoded
from fmtool.inventory.values import number
from fmtool.text import Text, listing

_METRES_PER_DEGREE = 111_320.0

_DIGITS = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"零": 0}
_NUMBERED = re.compile(r"([〇零一二三四五六七八九十]+)(?=丁目|番|号|-|$)")
_PREFECTURE = re.compile(r"^(?:東京都|北海道|京都府|大阪府|.{2,3}県)")
_CITY = re.compile(r"^[^市区町村]+?郡[^町村]+?[町村]|^[^市]+?市(?:[^区]{1,4}区)?|^[^区]{1,4}区|^[^町村]{1,5}?[町村]")
_PARTICLE = re.compile(r"(?<=[一-龥々])(?:[ヶケがガ])(?=[一-龥々])")
_OF = re.compile(r"(?<=[一-龥々])[ノの之](?=[一-龥々])")
_CHOME = re.compile(r"^(.+?)(\d+)丁目$")


@dataclass(frozen=True, slots=True)
class TownPoint:
    """Where a town is, and how far off a facility in it may be."""

    name: str
    lat: float
    lon: float
    accuracy_m: float


def town_key(name: str) -> str:
    """Bring the spellings of a town's name together.

    Full-width signs, kanji numerals, 大字 and 字 at the beginning, ケ and ヶ, ノ and の do not tell towns apart.

    >>> town_key("大字三輪野山"), town_key("江戸川台東　四丁目"), town_key("おおたかの森西１－２")
    ('三輪野山', '江戸川台東4丁目', 'おおたかの森西1-2')
    >>> town_key("鰭ヶ崎") == town_key("鰭ケ崎"), town_key("西初石二十三丁目")
    (True, '西初石23丁目')
    """
    plain = "".join(unicodedata.normalize("NFKC", name).split()).casefold()
    plain = re.sub(r"[‐‑–—−ー](?=\d)", "-", plain)
    plain = re.sub(r"^大字|^字|(?<=[市町村区])大字", "", plain)
    plain = _OF.sub("ノ", _PARTICLE.sub("ケ", plain))
    return _NUMBERED.sub(lambda found: str(_kanji_number(found[1])), plain)


def _kanji_number(signs: str) -> int:
    """Read a number below a hundred.

    >>> _kanji_number("十"), _kanji_number("二十三"), _kanji_number("一〇")
    (10, 23, 10)
    """
    if "十" not in signs:
        return int("".join(str(_DIGITS[sign]) for sign in signs))
    tens, _, ones = signs.partition("十")
    return 10 * (_DIGITS[tens] if tens else 1) + _DIGITS.get(ones, 0)


def read_towns(path: Path, file: str, accuracy_m: float) -> dict[str, TownPoint]:
    """Read the table of towns by the key of every spelling under which a town may be written.

    Parameters
    ----------
    path, file
        The table, and how it is named.
    accuracy_m
        Error of a point whose row gives none.

    Raises
    ------
    InventoryError
        With every fault: a column missing, a place that is no number.
    """
    if not path.is_file():
        raise refuse(
            file,
            Text("ファイルがありません", "no such file"),
            Text("使わないなら fmtool.toml の [files] towns を消してください", "without it, remove [files] towns from fmtool.toml"),
        )  # fmt: skip
    reader = csv.DictReader(io.StringIO(decoded(path.read_bytes(), file), newline=""))
    header = [name.strip() for name in reader.fieldnames or []]
    lon = "lng" if "lng" in header else "lon"
    faults = Faults(file, is_of_ledger=False)
    for name in ("town", "lat", lon):
        if name not in header:
            faults.add(None, name, None, Text("必須の列がありません", "a required column is missing"), Text(f"`{name}` の列を加えてください", f"add the column `{name}`"))  # fmt: skip
    faults.raise_any()
    points: list[TownPoint] = []
    for row, line in enumerate(reader, start=2):
        place = [number(line[name]) for name in ("lat", lon)]
        if not (line["town"] or "").strip() or None in place:
            faults.add(row, "town", line["town"], Text("町の名前か座標が読めません", "has no name or no coordinates that can be read"), Text("町名と緯度・経度を書いてください", "write the town, its latitude and longitude"))  # fmt: skip
            continue
        given = number(line.get("accuracy_m") or "")
        full = line["town"].strip() + (line.get("koaza") or "").strip()
        points.append(TownPoint(full, float(place[0] or 0), float(place[1] or 0), given or accuracy_m))
    faults.raise_any()
    return _by_key(points)


def _by_key(points: list[TownPoint]) -> dict[str, TownPoint]:
    found = {town_key(point.name): point for point in points}
    wholes: dict[str, list[TownPoint]] = {}
    for key, point in list(found.items()):
        if chome := _CHOME.match(key):
            wholes.setdefault(chome[1], []).append(point)
            found.setdefault(chome[1] + chome[2], point)  # 江戸川台東4-2
    for key, parts in wholes.items():
        found.setdefault(key, _middle(key, parts))
    return found


def _middle(name: str, parts: list[TownPoint]) -> TownPoint:
    """Return the mean of some points, with an error that reaches the farthest.

    >>> two = [TownPoint("a", 35.0, 139.0, 100.0), TownPoint("b", 35.01, 139.0, 100.0)]
    >>> point = _middle("a and b", two)
    >>> round(point.lat, 3), round(point.accuracy_m)  # half of 0.01 degrees is 557 m
    (35.005, 657)
    """
    lat, lon = (float(np.mean([getattr(part, axis) for part in parts])) for axis in ("lat", "lon"))
    east = math.cos(math.radians(lat))
    reach = max(
        math.hypot(part.lat - lat, (part.lon - lon) * east) * _METRES_PER_DEGREE + part.accuracy_m for part in parts
    )
    return TownPoint(name, lat, lon, reach)


def find_town(address: str, towns: Mapping[str, TownPoint]) -> TownPoint | None:
    """Return the town with the longest name that the address begins with, once prefecture and city are taken off.

    >>> towns = _by_key([TownPoint("市野谷", 35.87, 139.92, 300.0), TownPoint("江戸川台東一丁目", 35.9, 139.9, 300.0),
    ...     TownPoint("大字加", 35.86, 139.9, 300.0), TownPoint("大字流山", 35.85, 139.9, 300.0)])
    >>> [find_town(text, towns).name for text in ("千葉県流山市市野谷123", "大字市野谷", "江戸川台東１－２０", "流山市加9")]
    ['市野谷', '市野谷', '江戸川台東一丁目', '大字加']
    >>> find_town("流山市江戸川台東12-3", towns).name, find_town("柏市柏", towns)
    ('江戸川台東', None)
    """
    whole = _PREFECTURE.sub("", town_key(address))
    rest = _CITY.sub("", whole)
    for start in (rest, rest.removeprefix("市"), whole):  # 四日市市 has two of its last sign
        for length in range(len(start), 0, -1):
            cuts_number = start[length - 1].isdigit() and start[length : length + 1].isdigit()
            if start[:length] in towns and not cuts_number:
                return towns[start[:length]]
    return None


def place_by_town(
    buildings: pd.DataFrame, towns: Mapping[str, TownPoint], guesses: Guesses, notices: list[Text]
) -> None:
    """Give facilities without coordinates the point of the town that their address names.

    Latitude, longitude, the basis (``town``) and a blank ``accuracy_m`` are filled in place.
    """
    blank = (buildings["lat"].isna() & buildings["lon"].isna() & buildings["address"].notna()).to_numpy()
    addresses = [str(address) for address in buildings.loc[blank, "address"]]
    distinct = {address: find_town(address, towns) for address in dict.fromkeys(addresses)}
    astray = [address for address, point in distinct.items() if point is None]
    if astray:
        notices.append(
            Text(
                f"所在地 {listing(astray).ja} の町は町の表になく、座標を求められません",
                f"the towns of {listing(astray).en} are not in the table of towns: no coordinates are found",
            )
        )
    points = [distinct[address] for address in addresses]
    rows = np.flatnonzero(blank)[[point is not None for point in points]]
    if not rows.size:
        return
    placed = [point for point in points if point is not None]
    where = np.zeros(len(buildings), dtype=bool)
    where[rows] = True
    buildings.loc[where, "lat"] = [point.lat for point in placed]
    buildings.loc[where, "lon"] = [point.lon for point in placed]
    buildings.loc[where, "location_basis"] = "town"
    error = buildings.loc[where, "accuracy_m"].to_numpy(dtype=float)
    buildings.loc[where, "accuracy_m"] = np.where(np.isnan(error), [round(point.accuracy_m) for point in placed], error)
    rule = Text("所在地の町丁目・大字の代表点", "the point of the town that its address names")
    for column in ("lat", "lon"):
        guesses.note(buildings, where, column, rule)
