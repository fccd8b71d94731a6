"""How much of the inventory is known, and which missing datum to collect first.

A column's share is weighted by floor area, since a blank matters as much as the building it stands for:

    score = 100 * sum over columns of  weight * area known / area costed  /  sum of weights

The weights stand in ``columns.csv``: 5 for what every cost depends on, 0 for what is optional by nature
(a locked decision, remarks). A guessed value is not known, except that a building of the new seismic
standard's years is, where its year is known. Tenants, which are not costed, do not count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fmtool.inventory.columns import COLUMNS
from fmtool.inventory.read import Inventory
from fmtool.text import Text

FORMULA = Text(
    "点数 = 100 × Σ（列の重み × 値が分かっている延床面積の割合）÷ Σ 列の重み。推定した値は「分かっている」に数えない",
    "score = 100 x sum of (column weight x share of floor area with a known value) / sum of weights; a guessed value is not known",
)


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """The data-quality score and what it is made of."""

    score: float
    """0-100."""
    columns: pd.DataFrame
    """By column name: ja, en, weight, given_rate, guessed_rate, missing_rate (shares of the costed facilities),
    known_area_rate (share of their floor area), gain (points the score would rise by if all were known);
    the column to collect first stands first."""
    formula: Text
    advice: Text


def quality(inventory: Inventory, more_guesses: pd.DataFrame | None = None) -> Quality:
    """Score the inventory by column.

    Parameters
    ----------
    inventory
        As read.
    more_guesses
        Guesses made elsewhere (facility_id, column, …), such as the stock's site areas.
    """
    buildings = inventory.buildings[inventory.buildings["is_costed"].to_numpy(dtype=bool)]
    guesses = inventory.guesses if more_guesses is None else pd.concat([inventory.guesses, more_guesses])
    area = buildings["floor_area_m2"].to_numpy(dtype=float)
    whole = float(area.sum())
    counted = [column for column in COLUMNS if column.weight > 0]
    weights = sum(column.weight for column in counted)
    rows = []
    for column in counted:
        listed = guesses.loc[guesses["column"] == column.name, "facility_id"]
        guessed = buildings["id"].isin(listed).to_numpy(dtype=bool) & ~_certain(buildings, column.name, guesses)
        known = buildings[column.name].notna().to_numpy(dtype=bool) & ~guessed
        share = float(area[known].sum()) / whole if whole else 0.0
        rows.append(
            {
                "column": column.name,
                "ja": column.title.ja,
                "en": column.title.en,
                "weight": column.weight,
                "given_rate": _rate(known),
                "guessed_rate": _rate(guessed),
                "missing_rate": _rate(~known & ~guessed),
                "known_area_rate": share,
                "gain": 100.0 * column.weight * (1.0 - share) / weights,
            }
        )
    table = pd.DataFrame(rows).sort_values(["gain", "column"], ascending=[False, True]).set_index("column")
    score = 100.0 - float(table["gain"].sum())
    return Quality(score, table, FORMULA, _advice(table))


def _certain(buildings: pd.DataFrame, column: str, guesses: pd.DataFrame) -> np.ndarray:
    """Tell guesses that are as good as known: the law makes a building of a known recent year one of the new standard."""
    if column != "seismic_status":
        return np.zeros(len(buildings), dtype=bool)
    of_unknown_year = buildings["id"].isin(guesses.loc[guesses["column"] == "built_year", "facility_id"])
    return ((buildings[column] == "new_standard") & ~of_unknown_year).to_numpy(dtype=bool)


def _rate(where: np.ndarray) -> float:
    return float(where.mean()) if where.size else 0.0


def _advice(table: pd.DataFrame) -> Text:
    first = table.iloc[0]
    if first["gain"] <= 0:
        return Text("評価に使う項目はすべて分かっています", "everything that counts is known")
    unknown = 100.0 * (1.0 - first["known_area_rate"])
    return Text(
        f"まず「{first['ja']}」を集めてください（延床面積の{unknown:.0f}%で未確認、集めると{first['gain']:.1f}点上がる）",
        f"collect `{table.index[0]}` first (not known for {unknown:.0f} % of the floor area; worth {first['gain']:.1f} points)",
    )
