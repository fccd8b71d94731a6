"""Fill what the ledger leaves blank, by rules of ``models/inventory.toml``, and list every filling.

A guess never replaces a given value. Each is named by facility, column and value, with the rule in
both languages, and is carried to every output.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from fmtool.errors import WorkspaceError
from fmtool.inventory.columns import BY_NAME
from fmtool.text import Text
from fmtool.vocabulary import USES
from fmtool.workspace import Figures

COLUMNS = ("facility_id", "column", "value", "rule_ja", "rule_en", "basis", "low", "high", "shares")
"""basis: assumed = by a rule of ours; estimated = from facilities of the same kind, with quartiles ``low`` and ``high``, or,
of a structure, with the ``shares`` that structures have there ("" = none)."""

_NO_REASON = Text("", "")

TENANT_WORDS = "他の建物の一室|入居|間借り|借上|賃借|テナント|tenant"
"""Remarks that tell a tenant."""


@dataclass(slots=True)
class Guesses:
    """Guesses gathered while the inventory is read."""

    parts: list[pd.DataFrame] = field(default_factory=list)

    def note(self, buildings: pd.DataFrame, where: np.ndarray, column: str, rule: Text) -> None:
        """List the values that ``column`` now holds in the rows ``where`` as guessed by ``rule``."""
        self._add(buildings, where, column, rule, "assumed", None)

    def note_estimates(
        self,
        buildings: pd.DataFrame,
        where: np.ndarray,
        column: str,
        rule: Text,
        spread: pd.DataFrame | None,
        shares: str = "",
    ) -> None:
        """List values as estimated; ``spread`` has ``low`` and ``high`` for each of the rows, in their order."""
        self._add(buildings, where, column, rule, "estimated", spread, shares)

    def _add(
        self,
        buildings: pd.DataFrame,
        where: np.ndarray,
        column: str,
        rule: Text,
        basis: str,
        spread: pd.DataFrame | None,
        shares: str = "",
    ) -> None:
        if not where.any():
            return
        chosen = buildings.loc[where]
        self.parts.append(
            pd.DataFrame(
                {
                    "facility_id": chosen["id"].astype(object),
                    "column": column,
                    "value": chosen[column].map(_shown).astype(object),
                    "rule_ja": rule.ja,
                    "rule_en": rule.en,
                    "basis": basis,
                    "low": np.nan if spread is None else spread["low"].to_numpy(dtype=float),
                    "high": np.nan if spread is None else spread["high"].to_numpy(dtype=float),
                    "shares": shares,
                }
            )
        )

    def holds(self, ids: pd.Series, column: str) -> np.ndarray:
        """Tell which facilities have their value of ``column`` from a guess."""
        table = self.table()
        return ids.isin(table.loc[table["column"] == column, "facility_id"]).to_numpy(dtype=bool)

    def table(self) -> pd.DataFrame:
        """Return every guess, in the order of the rules."""
        if not self.parts:
            return pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
        made = pd.concat(self.parts, ignore_index=True).astype(object)
        return made.astype({"low": float, "high": float})


def _shown(value: object) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def guess_tenure(buildings: pd.DataFrame, figures: Figures, guesses: Guesses) -> None:
    """Take a facility whose remarks say so for a tenant, any other blank for the default."""
    blank = buildings["tenure"].isna().to_numpy()
    said = blank & buildings["remarks"].fillna("").astype(str).str.contains(TENANT_WORDS, case=False).to_numpy(
        dtype=bool
    )
    buildings.loc[said, "tenure"] = "leased_in"
    guesses.note(
        buildings,
        said,
        "tenure",
        Text("備考に入居・借用とあるため借用とみなした", "taken for a tenant because the remarks say so"),
    )
    rest = blank & ~said
    if rest.any():
        buildings.loc[rest, "tenure"] = str(figures["inventory.tenure.default"].value)
        guesses.note(
            buildings,
            rest,
            "tenure",
            Text("保有形態の記載がないため既定値とした（仮定）", "not stated: the default is assumed"),
        )


def guess_accuracy(buildings: pd.DataFrame, figures: Figures, guesses: Guesses) -> None:
    """Give coordinates of unknown accuracy the assumed error."""
    blank = (buildings["accuracy_m"].isna() & buildings["lat"].notna()).to_numpy()
    if blank.any():
        buildings.loc[blank, "accuracy_m"] = figures.number("inventory.location.accuracy_m")
        guesses.note(
            buildings,
            blank,
            "accuracy_m",
            Text("座標の誤差の記載がないため仮定値とした", "accuracy not stated: assumed"),
        )


def guess_structure(buildings: pd.DataFrame, figures: Figures, guesses: Guesses) -> None:
    """Assume the structure from floor area and use."""
    blank = (buildings["structure"].isna() & buildings["floor_area_m2"].notna()).to_numpy()
    if not blank.any():
        return
    limit = figures.number("inventory.structure.small_below_m2")
    small = blank & (buildings["floor_area_m2"] < limit).to_numpy()
    _fill_codes(
        buildings, small, "structure", figures, "inventory.structure.small", guesses,
        Text(f"延床面積{limit:g}m2未満のため", f"floor area below {limit:g} m2:"),
    )  # fmt: skip
    _fill_by_use(buildings, blank & ~small, "structure", figures, "inventory.structure", guesses)


def guess_seismic_status(buildings: pd.DataFrame, figures: Figures, guesses: Guesses) -> None:
    """Assume the new standard from its first year built on, before it a status by use."""
    blank = (buildings["seismic_status"].isna() & buildings["built_year"].notna()).to_numpy()
    if not blank.any():
        return
    first = int(figures.number("inventory.seismic.new_standard_from"))
    new = blank & (buildings["built_year"] >= first).fillna(value=False).to_numpy(dtype=bool)
    buildings.loc[new, "seismic_status"] = "new_standard"
    guesses.note(
        buildings,
        new,
        "seismic_status",
        Text(
            f"{first}年度以降の建築のため新耐震基準とみなした（仮定）",
            f"built in {first} or later: the new seismic standard is assumed",
        ),
    )
    _fill_by_use(
        buildings, blank & ~new, "seismic_status", figures, "inventory.seismic.older", guesses,
        Text(f"{first}年度より前の建築で資料がなく、", f"built before {first}, no record;"),
    )  # fmt: skip


def guess_storeys(buildings: pd.DataFrame, figures: Figures, guesses: Guesses) -> None:
    """Assume the storeys from the floor area."""
    blank = (buildings["storeys"].isna() & buildings["floor_area_m2"].notna()).to_numpy()
    if not blank.any():
        return
    limits = figures["inventory.storeys.floor_area_from_m2"].value
    steps = np.asarray(limits, dtype=float)
    count = np.searchsorted(steps, buildings.loc[blank, "floor_area_m2"].to_numpy(), side="right")
    buildings.loc[blank, "storeys"] = pd.array(np.maximum(count, 1), dtype="Int64")
    guesses.note(buildings, blank, "storeys", Text("延床面積から階数を仮定した", "storeys assumed from the floor area"))


def _fill_by_use(
    buildings: pd.DataFrame,
    where: np.ndarray,
    column: str,
    figures: Figures,
    prefix: str,
    guesses: Guesses,
    reason: Text = _NO_REASON,
) -> None:
    for use, name in USES.items():
        chosen = where & (buildings["use"] == use).to_numpy(dtype=bool)
        if chosen.any():
            key = f"{prefix}.{use}" if f"{prefix}.{use}" in figures else f"{prefix}.default"
            said = Text(f"{reason.ja}用途（{name.ja}）から", f"{reason.en} by its use ({name.en}):".strip())
            _fill_codes(buildings, chosen, column, figures, key, guesses, said)


def _fill_codes(
    buildings: pd.DataFrame,
    where: np.ndarray,
    column: str,
    figures: Figures,
    key: str,
    guesses: Guesses,
    reason: Text,
) -> None:
    code = str(figures[key].value)
    names = BY_NAME[column].codes
    if code not in names:
        raise WorkspaceError(
            Text(
                f"{figures[key].file}: `{key}` の値「{code}」は{BY_NAME[column].title.ja}の区分にありません",
                f"{figures[key].file}: `{key}`: '{code}' is not a code of `{column}`",
            ),
            Text(f"次のいずれかにしてください: {', '.join(names)}", f"use one of {', '.join(names)}"),
        )
    buildings.loc[where, column] = code
    name = names[code]
    guesses.note(
        buildings,
        where,
        column,
        Text(f"{reason.ja}{name.ja}とみなした（仮定）", f"{reason.en} {name.en.lower()} is assumed"),
    )
