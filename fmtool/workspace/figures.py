"""Assumptions of ``models/*.toml``: no figure without unit and source.

A figure is a TOML table with ``value``, ``unit``, ``source``, ``price_year`` and ``basis``
(``seen`` in its source, ``secondary``: read in a text that quotes it, ``assumed``: nobody's but ours);
a rate that ends also has ``valid_to``, its last fiscal year. Tables nest freely; a table that has
``value`` is a figure.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from fmtool.errors import WorkspaceError
from fmtool.text import Text
from fmtool.workspace.toml_faults import TOML_REMEDY, not_toml

Basis = Literal["seen", "secondary", "assumed"]
Value = float | int | str | bool | list[float]

_FIELDS = frozenset({"value", "unit", "source", "price_year", "valid_to", "basis", "ja", "en", "note"})


@dataclass(frozen=True, slots=True)
class Figure:
    """One assumption with its unit and source."""

    key: str
    value: Value
    unit: str
    source: str
    basis: Basis
    price_year: int | None
    label: Text
    file: str
    valid_to: int | None = None
    """Last fiscal year in which the figure holds; None = no end is known."""

    @property
    def number(self) -> float:
        """The value as a number; a text or list here is a fault of the file."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise WorkspaceError(
                Text(
                    f"{self.file}: `{self.key}` は数値でなければなりません（{self.value!r}）",
                    f"{self.file}: `{self.key}` must be a number (got {self.value!r})",
                ),
                Text("value に引用符のない数を書いてください", "write a number without quotes as its value"),
            )
        return float(self.value)


class Figures(Mapping[str, Figure]):
    """All figures of a workspace by dotted key, ``<file stem>.<table>.<name>``."""

    def __init__(self, figures: Mapping[str, Figure], files: Mapping[str, str]) -> None:
        self._figures = dict(figures)
        self.files = dict(files)

    def __getitem__(self, key: str) -> Figure:
        """Return the figure, or say which file lacks it."""
        try:
            return self._figures[key]
        except KeyError:
            stem = key.split(".", 1)[0]
            raise WorkspaceError(
                Text(
                    f"models/{stem}.toml: `{key.split('.', 1)[-1]}` がありません",
                    f"models/{stem}.toml: `{key.split('.', 1)[-1]}` is missing",
                ),
                Text(
                    "`fmtool init` が作る同名のファイルから写してください",
                    "copy it from the file of that name that `fmtool init` writes",
                ),
            ) from None

    def __contains__(self, key: object) -> bool:
        """Tell whether the figure exists."""
        return key in self._figures

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys in file order."""
        return iter(self._figures)

    def __len__(self) -> int:
        """Count the figures."""
        return len(self._figures)

    def number(self, key: str) -> float:
        """Return a figure's value as a number."""
        return self[key].number

    def past_end(self, year: int) -> list[Figure]:
        """Return the figures that no longer hold in ``year``."""
        return [figure for figure in self._figures.values() if figure.valid_to is not None and figure.valid_to < year]

    def under(self, prefix: str) -> dict[str, Figure]:
        """Return the figures below ``prefix``, keyed by what follows it."""
        return {key[len(prefix) + 1 :]: figure for key, figure in self._figures.items() if key.startswith(prefix + ".")}


def read_figures(folder: Path) -> Figures:
    """Read every TOML file of ``models/`` and check each figure.

    Raises
    ------
    WorkspaceError
        With every faulty figure of every file, not only the first.
    """
    figures: dict[str, Figure] = {}
    files: dict[str, str] = {}
    faults: list[Text] = []
    for path in sorted(folder.glob("*.toml")):
        name = f"models/{path.name}"
        try:
            text = path.read_text(encoding="utf-8-sig")
            table = tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            fault = not_toml(name, error)
            faults.append(Text(f"{fault.ja} → {TOML_REMEDY.ja}", f"{fault.en}; {TOML_REMEDY.en}"))
            continue
        files[name] = text
        figures.update(_walk(path.stem, table, name, faults))
    if not files and not faults:
        raise WorkspaceError(
            Text(f"{folder}: 前提条件のファイル（*.toml）がありません", f"{folder}: no assumption files (*.toml)"),
            Text(
                "`fmtool init` で作業フォルダーを作り、models/ を写してください",
                "make a workspace with `fmtool init` and copy its models/",
            ),
        )
    if faults:
        raise WorkspaceError(
            Text(f"models/ に{len(faults)}件の誤りがあります", f"models/: {len(faults)} to mend"),
            Text(
                '各数値に value, unit, source, basis を書いてください。根拠のない数値は basis = "assumed" とし、source に理由を書きます',
                'give each figure value, unit, source and basis; a figure without a published source takes basis = "assumed" and says why in source',
            ),
            faults,
        )
    return Figures(figures, files)


def _walk(prefix: str, table: Mapping[str, Any], file: str, faults: list[Text]) -> Iterator[tuple[str, Figure]]:
    if "value" in table:
        figure = _figure(prefix, table, file, faults)
        if figure is not None:
            yield prefix, figure
        return
    for name, value in table.items():
        key = f"{prefix}.{name}"
        if isinstance(value, dict):
            yield from _walk(key, value, file, faults)
        elif name not in {"ja", "en", "note"}:
            faults.append(
                Text(
                    f"{file}: `{key}` は数値だけで、単位も出典もありません",
                    f"{file}: `{key}` is a bare value without unit and source",
                )
            )


def _figure(key: str, table: Mapping[str, Any], file: str, faults: list[Text]) -> Figure | None:
    short = key.split(".", 1)[1]
    before = len(faults)
    faults += [
        Text(f"{file}: `{short}` に {needed} がありません", f"{file}: `{short}` has no {needed}")
        for needed in ("unit", "source", "basis")
        if not str(table.get(needed, "")).strip()
    ]
    basis = table.get("basis")
    if basis and basis not in get_args(Basis):
        faults.append(
            Text(
                f"{file}: `{short}` の basis は seen / secondary / assumed のいずれかです（{basis!r}）",
                f"{file}: `{short}`: basis must be seen, secondary or assumed (got {basis!r})",
            )
        )
    unknown = sorted(set(table) - _FIELDS)
    if unknown:
        faults.append(
            Text(
                f"{file}: `{short}` に未知の項目 {', '.join(unknown)} があります",
                f"{file}: `{short}` has unknown fields {', '.join(unknown)}",
            )
        )
    faults += [
        Text(
            f"{file}: `{short}` の {name} は西暦の整数です（{table[name]!r}）",
            f"{file}: `{short}`: {name} must be a year (got {table[name]!r})",
        )
        for name in ("price_year", "valid_to")
        if name in table and (isinstance(table[name], bool) or not isinstance(table[name], int))
    ]
    price_year = table.get("price_year")
    if price_year is None and "JPY" in str(table.get("unit", "")):
        faults.append(
            Text(
                f"{file}: `{short}` は金額なので price_year が要ります",
                f"{file}: `{short}` is money and needs a price_year",
            )
        )
    faults += _value_faults(short, table["value"], str(table.get("unit", "")), file)
    if len(faults) > before:
        return None
    label = Text(str(table.get("ja", short)), str(table.get("en", short)))
    return Figure(
        key,
        table["value"],
        table["unit"],
        table["source"],
        table["basis"],
        price_year,
        label,
        file,
        table.get("valid_to"),
    )


_MOST_SHARE, _MOST_YEARS = 2.0, 1000.0
_DIVISORS = ("life_years", "interval_years", "floor_area_ratio")
"""Last words of the figures that something is divided by."""


def _value_faults(short: str, value: object, unit: str, file: str) -> list[Text]:
    """Find what no assumption can be: not finite, below zero, a share in per cent, ages beyond any building."""
    is_share = unit in {"fraction", "1/year"} or unit.startswith("share of")
    most = _MOST_SHARE if is_share else _MOST_YEARS if unit.startswith("years") else None
    faults = []
    for number in value if isinstance(value, list) else [value]:
        if isinstance(number, bool) or not isinstance(number, int | float):
            continue
        if not math.isfinite(number) or number < 0:
            ja, en = "0以上の有限の数にしてください", "must be a finite number of 0 or more"
        elif most is not None and number > most:
            ja, en = f"{most:g}以下にしてください", f"must be {most:g} or less"
            if is_share:
                ja, en = f"{ja}（60%は0.6と書きます）", f"{en} (60 per cent is 0.6)"
        elif number == 0 and short.endswith(_DIVISORS):
            ja, en = "0より大きくしてください", "must be more than 0"
        else:
            continue
        faults.append(Text(f"{file}: `{short}` は{ja}（{number!r}）", f"{file}: `{short}` {en} (got {number!r})"))
    return faults
