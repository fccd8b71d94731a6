"""Why this action and not the next best, facility by facility, and what one more million would save, year by year.

A life plan's price is its own present value and what it uses of the limits that all facilities share, at the
prices those limits have in the relaxation (Lagrangian reduced cost). Amounts are whole currency units.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from fmtool.alternatives.lifeplans import ACTION_CODES
from fmtool.errors import WorkspaceError
from fmtool.lifecycle.uncertainty import estimated_columns
from fmtool.schedule.explain_words import excluded_words, facility_words, limit_words
from fmtool.schedule.families import FAMILIES
from fmtool.schedule.inputs import Floats
from fmtool.schedule.prepare import Case
from fmtool.schedule.solving import Solution
from fmtool.text import Text
from fmtool.units import MILLION
from fmtool.workspace import write_text

EXPLAIN = "explain.json"
_NOTHING = 1e-6
"""Millions under which a price is none."""
PER_MILLION = ("budget", "fund", "debt_service", "future_burden", "outstanding")
"""Families whose rows are in millions of the currency: a price is what one more million saves."""


@dataclass(frozen=True, slots=True)
class Option:
    """The best life plan of one facility that leads with an action."""

    action: str
    year: int | None
    host_id: str | None
    own_difference: float
    """Present value by itself, over that of the chosen life plan."""
    parts: dict[str, float]
    """Family to what it uses more of that family's limits than the chosen life plan, at their prices."""
    difference: float
    """The sum of both: how much dearer than the chosen life plan it is within the plan."""


@dataclass(frozen=True, slots=True)
class Excluded:
    """An action that a facility may not take, and why."""

    action: str
    ja: str
    en: str


@dataclass(frozen=True, slots=True)
class FacilityReasons:
    """All that is said of one facility."""

    facility_id: str
    action: str
    year: int | None
    host_id: str | None
    options: tuple[Option, ...]
    """Other actions, the next best first."""
    excluded: tuple[Excluded, ...]
    flip_share: float | None
    """Part of the next best action's works by which they would have to be cheaper to be chosen; None = none would do."""
    ja: str
    en: str
    estimated: tuple[str, ...] = ()
    """Columns of the facility whose value is an estimate."""


@dataclass(frozen=True, slots=True)
class LimitPrice:
    """A limit whose price is not nothing: what one more unit of it would save."""

    family: str
    year: int | None
    unit: str
    saving: float
    """Whole currency units of present value saved by one more unit of the limit (a million where it is money)."""
    ja: str
    en: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why the plan is as it is."""

    facilities: tuple[FacilityReasons, ...]
    limits: tuple[LimitPrice, ...]

    def of(self, facility_id: str) -> FacilityReasons | None:
        """Return what is said of a facility; None where the plan has none of that id."""
        return next((each for each in self.facilities if each.facility_id == facility_id), None)


def explain(case: Case, solution: Solution) -> Reasons:
    """Compare every facility's chosen life plan with its best of every other action, at the plan's prices."""
    objective = case.inputs.objective
    families = list(solution.at_prices)
    parts = np.stack([solution.at_prices[name] for name in families]) if families else np.zeros((0, len(objective)))
    total = objective + parts.sum(axis=0)
    best, exists = _best_of_action(case, total)
    excluded: dict[int, list[Excluded]] = {}
    for each in case.plans.exclusions:
        excluded.setdefault(each.facility, []).append(Excluded(each.action, each.reason.ja, each.reason.en))
    ledger = case.inventory.buildings
    names = dict(zip(ledger["id"], ledger["name"], strict=True))
    found = []
    for f, chosen in enumerate(solution.choice.tolist()):
        kind = int(case.plans.kind[chosen])
        options = [
            _option(case, chosen, int(best[f, action]), families, parts, total)
            for action in range(len(ACTION_CODES))
            if action != kind and best[f, action] >= 0
        ]
        options.sort(key=lambda option: option.difference)
        beaten = [
            Excluded(ACTION_CODES[action], *excluded_words())
            for action in np.flatnonzero(exists[f] & (best[f] < 0))
            if action != kind
        ]
        found.append(_facility(case, f, chosen, options, [*excluded.get(f, []), *beaten], best[f], names))
    told = estimated_columns(case.inventory.guesses)
    found = [replace(each, estimated=tuple(told.get(each.facility_id, ()))) for each in found]
    return Reasons(tuple(found), tuple(_limits(case, solution)))


def _best_of_action(case: Case, total: Floats) -> tuple[np.ndarray, np.ndarray]:
    """Return (F, A) the row of the best life plan left of each action, -1 = none; and where there was any at all."""
    plans, shape = case.plans, (len(case.plans.facility_ids), len(ACTION_CODES))
    key = plans.facility.astype(np.int64) * shape[1] + plans.kind
    exists = np.zeros(shape[0] * shape[1], dtype=bool)
    exists[key] = True
    order = np.lexsort((np.where(np.isnan(total), np.inf, total), key))
    first = order[np.flatnonzero(np.diff(key[order], prepend=-1))]
    best = np.full(shape[0] * shape[1], -1, dtype=np.int64)
    kept = first[~np.isnan(total[first])]
    best[key[kept]] = kept
    return best.reshape(shape), exists.reshape(shape)


def _option(case: Case, chosen: int, row: int, families: list[str], parts: Floats, total: Floats) -> Option:
    action, year, host = case.plans.label(row)
    differences = parts[:, row] - parts[:, chosen]
    return Option(
        action=action,
        year=year,
        host_id=host,
        own_difference=float(case.inputs.objective[row] - case.inputs.objective[chosen]) * MILLION,
        parts={
            name: float(value) * MILLION
            for name, value in zip(families, differences, strict=True)
            if abs(value) > _NOTHING
        },
        difference=float(total[row] - total[chosen]) * MILLION,
    )


def _facility(
    case: Case,
    f: int,
    chosen: int,
    options: list[Option],
    excluded: list[Excluded],
    best: np.ndarray,
    names: Mapping[str, str],
) -> FacilityReasons:
    action, year, host = case.plans.label(chosen)
    share = None
    if options and options[0].difference > 0:
        # Works of the next best, as present value: that much cheaper by which it would draw level.
        row = int(best[ACTION_CODES.index(options[0].action)])
        factors = (1 + case.workspace.config.case.discount_rate) ** -np.arange(1.0, len(case.plans.years) + 1)
        works = float(case.plans.outlay[row] @ factors) * MILLION
        share = options[0].difference / works if works > options[0].difference else None
    currency = case.workspace.config.case.currency
    words = facility_words(action, year, host, options[0] if options else None, share, currency, names)
    name = case.plans.facility_ids[f]
    return FacilityReasons(name, action, year, host, tuple(options), tuple(excluded), share, words.ja, words.en)


def _limits(case: Case, solution: Solution) -> list[LimitPrice]:
    known = {family.name: family for family in FAMILIES}
    currency = case.workspace.config.case.currency
    found = []
    for row, price in sorted(solution.duals.items(), key=lambda item: item[1]):
        family, inner = row.split("(", 1)
        last = inner[:-1].rsplit(",", 1)[-1]
        if family not in known or family in {"fund", "host", "funding", "bond_share", "spend"} or price > -_NOTHING:
            continue
        year = int(last) if last.isdigit() and family != "site" else None
        place = inner[:-1] if year is None else inner[:-1].rpartition(",")[0]
        text = limit_words(case.inputs, known[family], place, year, -price * MILLION, currency)
        found.append(LimitPrice(family, year, known[family].unit.en, -price * MILLION, text.ja, text.en))
    return found


def write_reasons(reasons: Reasons, folder: Path) -> None:
    """Write ``explain.json`` into ``folder``; amounts whole."""

    def whole(value: Any) -> Any:  # noqa: ANN401  - nested lists and tables
        if isinstance(value, dict):
            return {name: (each if name == "flip_share" else whole(each)) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [whole(each) for each in value]
        return round(value) if isinstance(value, float) else value

    stored = {
        "facilities": [asdict(each) for each in reasons.facilities],
        "limits": [asdict(e) for e in reasons.limits],
    }
    write_text(folder / EXPLAIN, json.dumps(whole(stored), ensure_ascii=False, separators=(",", ":")) + "\n")


def read_reasons(folder: Path) -> Reasons:
    """Read ``explain.json`` back.

    Raises
    ------
    WorkspaceError
        When there is none, or it is damaged.
    """
    path = folder / EXPLAIN
    if not path.is_file():
        raise WorkspaceError(
            Text(f"{folder} に説明の記録がありません", f"no reasons in {folder}"),
            Text("先に `fmtool plan` を実行してください", "run `fmtool plan` first"),
        )
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        facilities = tuple(
            FacilityReasons(
                **each
                | {
                    "options": tuple(Option(**option) for option in each["options"]),
                    "excluded": tuple(Excluded(**one) for one in each["excluded"]),
                    "estimated": tuple(each.get("estimated", ())),
                }
            )
            for each in stored["facilities"]
        )
        return Reasons(facilities, tuple(LimitPrice(**each) for each in stored["limits"]))
    except (KeyError, TypeError, ValueError) as error:
        raise WorkspaceError(
            Text(f"{path} が壊れています（{error}）", f"{path} is damaged ({error})"),
            Text("`fmtool plan` で作り直してください", "make it again with `fmtool plan`"),
        ) from None
