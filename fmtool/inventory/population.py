"""The population of every fiscal year of the plan, from a forecast at census years."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from fmtool.inventory.faults import Faults, refuse
from fmtool.inventory.tables import decoded
from fmtool.inventory.values import number, year
from fmtool.text import Text, listing

GROUPS = ("total", "age_0_14", "age_15_64", "age_65_plus")


def read_population(
    path: Path, file: str, years: tuple[int, ...], area: str | None, notices: list[Text]
) -> pd.DataFrame:
    """Read a forecast and fill the years between its points.

    Linear between points; before the first and after the last point that point's value is held.

    Parameters
    ----------
    path, file
        A CSV file with ``year``, ``total``, ``age_0_14``, ``age_15_64``, ``age_65_plus``, and how it is named.
    years
        Fiscal years wanted.
    area
        Value of ``municipality`` to take where the file holds several areas.
    notices
        Takes what the user should know.

    Raises
    ------
    InventoryError
        With every fault of the file.
    """
    if not path.is_file():
        raise refuse(
            file,
            Text("ファイルがありません", "no such file"),
            Text(
                "将来人口を使わないなら fmtool.toml の [files] population を消してください",
                "without a forecast, remove [files] population from fmtool.toml",
            ),
        )
    points = _points(path, file, area)
    wanted = np.asarray(years)
    first, last = int(points.index[0]), int(points.index[-1])
    made = {name: np.interp(wanted, points.index, points[name].to_numpy(dtype=float)) for name in GROUPS}
    if wanted[-1] > last:
        notices.append(
            Text(
                f"{file}: 将来人口は{last}年まで。以後は{last}年の値のまま据え置きました",
                f"{file}: the forecast ends in {last}; later years keep its value",
            )
        )
    if wanted[0] < first:
        notices.append(
            Text(
                f"{file}: 将来人口は{first}年から。それ以前は{first}年の値としました",
                f"{file}: the forecast begins in {first}; earlier years take its value",
            )
        )
    return pd.DataFrame(made, index=pd.Index(wanted, name="year"))


def drift_population(population: pd.DataFrame, rate: float) -> pd.DataFrame:
    """Let a forecast drift from its path: every group times (1 + rate) ** years since the plan's first year.

    >>> one = pd.DataFrame({"total": [100.0, 100.0, 100.0]}, index=[2026, 2027, 2028])
    >>> drift_population(one, -0.01)["total"].round(2).tolist()
    [100.0, 99.0, 98.01]
    """
    since = np.asarray(population.index) - population.index[0]
    return population.mul((1 + rate) ** since, axis=0)


def _points(path: Path, file: str, area: str | None) -> pd.DataFrame:
    lines = list(csv.reader(StringIO(decoded(path.read_bytes(), file), newline=""))) or [[]]
    names = [name.strip() for name in lines[0]]
    faults = _header_faults(names, file)
    faults.raise_any()
    cells = {row: [*line, *[""] * len(names)][: len(names)] for row, line in enumerate(lines[1:], start=2) if any(line)}
    read = pd.DataFrame.from_dict(cells, orient="index", columns=names, dtype=object)
    read = _of_area(read, file, area)
    numbers = pd.DataFrame(index=read.index)
    for name, (understand, least, problem, remedy) in _RULES.items():
        numbers[name] = read[name].map(understand).astype("float64")
        for row in read.index[~(numbers[name] >= least)]:
            faults.add(int(row), name, read.loc[row, name], problem, remedy)
    for row in read.index[numbers["year"].duplicated(keep=False) & numbers["year"].notna()]:
        faults.add(
            int(row),
            "year",
            read.loc[row, "year"],
            Text("同じ年が2行以上あります", "the year stands in more than one row"),
            Text(
                "1年1行にするか、fmtool.toml の [files] population_area で地域を選んでください",
                "keep one row a year, or choose the area with [files] population_area in fmtool.toml",
            ),
        )
    faults.raise_any()
    return numbers.astype({"year": int}).set_index("year").sort_index()


_COUNT = (
    Text("0以上の数ではありません", "is not a number of 0 or more"),
    Text("半角の数字で書いてください", "write digits"),
)
_RULES: dict[str, tuple[Callable[[object], float | None], int, Text, Text]] = {
    "year": (
        year,
        1,
        Text("年として読めません", "is not a year"),
        Text("西暦4桁か和暦で書いてください", "write a four-digit year, such as 2030"),
    ),
    "total": (
        number,
        1,
        Text("1以上の数ではありません", "is not a number of 1 or more"),
        Text("総人口を半角の数字で書いてください", "write the total population in digits"),
    ),
    **dict.fromkeys(GROUPS[1:], (number, 0, *_COUNT)),
}
"""How each column is read, and the least it may hold."""


def _header_faults(names: list[str], file: str) -> Faults:
    faults = Faults(file)
    for name in _RULES:
        if names and name not in names:
            faults.add(
                None,
                name,
                None,
                Text("必須の列がありません", "a required column is missing"),
                Text(f"`{name}` の列を加えてください", f"add the column `{name}`"),
            )
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        faults.add(
            None,
            name,
            None,
            Text("同じ列が2つ以上あります", "the column stands there more than once"),
            Text("一つを残して消してください", "keep one"),
        )
    return faults


def _of_area(read: pd.DataFrame, file: str, area: str | None) -> pd.DataFrame:
    chosen = read
    if area is not None and "municipality" in read.columns:
        chosen = read[read["municipality"].str.strip() == area]
        if chosen.empty:
            there = listing(sorted(set(read["municipality"])))
            raise refuse(
                file,
                Text(f"「{area}」の行がありません", f"no rows of `{area}`"),
                Text(
                    f"fmtool.toml の [files] population_area をあるものにしてください: {there.ja}",
                    f"set [files] population_area in fmtool.toml to one of {there.en}",
                ),
            )
    if chosen.empty:
        raise refuse(
            file,
            Text("空です（人口の行がありません）", "empty (no population rows)"),
            Text("年ごとに1行で書いてください", "give one row a year"),
        )
    return chosen
