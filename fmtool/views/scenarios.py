"""Several plans side by side, in the figures of their ``plan.json``; amounts are whole currency units."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from fmtool.errors import WorkspaceError
from fmtool.schedule.result import PlanResult
from fmtool.schedule.store import PLAN, plan_json
from fmtool.text import Text, listing
from fmtool.views.fiscal import RATIOS, Floats

SCENARIO_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5b3f95", "#5f6b7a")
"""Colours of the scenarios in their order; after the last they begin anew, dashed."""
MOST_SHOWN = 12
"""So many other scenarios stand in a plan's own workbook."""


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """What one plan comes to."""

    name: str
    status: str
    currency: str
    price_year: int
    discount_rate: float
    objective: float
    gap: float
    years: tuple[int, ...]
    spend: Floats
    own_burden: float
    """Sum over the plan; NaN where it is not told."""
    floor_end_m2: float
    ratios: dict[str, tuple[float, int]]
    """Each ratio that the plan has: its highest value and the year of it."""
    limits: dict[str, float | None]
    decisions: dict[str, tuple[tuple[str, int | None, str | None], ...]]
    """Facility id to its actions in order: action, first year, host."""

    @property
    def works_total(self) -> float:
        """Works over all years."""
        return float(self.spend.sum())

    @property
    def peak(self) -> float:
        """Works of the dearest year."""
        return float(self.spend.max())

    @property
    def peak_year(self) -> int:
        """The dearest year."""
        return self.years[int(self.spend.argmax())]


def scenario_of(plan: Mapping[str, Any]) -> Scenario:
    """Read a scenario's figures from what ``plan.json`` holds."""
    years = tuple(int(year) for year in plan["years"])
    indicators = plan["indicators"]
    own = _numbers(plan.get("own_burden"))
    ratios = {}
    for name in RATIOS:
        values = _numbers(indicators.get(name))
        if np.isfinite(values).any():
            at = int(np.nanargmax(values))
            ratios[name] = (float(values[at]), years[at])
    decisions: dict[str, list[tuple[str, int | None, str | None]]] = {}
    for item in plan["decisions"]:
        step = (str(item["action"]), item["start_year"], item["host_id"])
        decisions.setdefault(str(item["facility_id"]), []).append(step)
    return Scenario(
        name=str(plan["scenario"]),
        status=str(plan["status"]),
        currency=str(plan["currency"]),
        price_year=int(plan["price_year"]),
        discount_rate=float(plan["discount_rate"]),
        objective=float(plan["objective"]),
        gap=float(plan["gap"]),
        years=years,
        spend=_numbers(plan["spend"]),
        own_burden=float(np.nansum(own)) if np.isfinite(own).any() else math.nan,
        floor_end_m2=float(indicators["floor_area_m2"][-1]),
        ratios=ratios,
        limits=dict(plan.get("fiscal_limits", {})),
        decisions={name: tuple(sorted(steps, key=lambda step: step[1] or 0)) for name, steps in decisions.items()},
    )


def _numbers(values: Sequence[float | None] | None) -> Floats:
    return np.array([math.nan if value is None else value for value in values or ()], dtype=float)


def scenario_of_result(result: PlanResult) -> Scenario:
    """Read a scenario's figures from a plan in memory."""
    read = scenario_of(plan_json(result))
    return replace(read, spend=result.yearly["outlay"].to_numpy(float))


def read_scenario(folder: Path) -> Scenario:
    """Read a scenario from its results folder.

    Raises
    ------
    WorkspaceError
        When its ``plan.json`` is missing or damaged.
    """
    path = folder / PLAN
    try:
        return scenario_of(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise not_planned([folder.name]) from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise WorkspaceError(
            Text(f"{path} が壊れています（{error}）", f"{path} is damaged ({error})"),
            Text(
                f"`{command_of(folder.name)}` で作り直してください", f"make it again with `{command_of(folder.name)}`"
            ),
        ) from None


def not_planned(names: list[str]) -> WorkspaceError:
    """Say which scenarios have no plan yet, and which commands make them."""
    there, commands = listing(names), "\n".join(f"    {command_of(name)}" for name in names)
    return WorkspaceError(
        Text(f"計画がまだないシナリオがあります: {there.ja}", f"not planned yet: {there.en}"),
        Text(
            f"次を実行するか、`fmtool compare` に --plan を付けてください\n{commands}",
            f"run these, or give --plan to `fmtool compare`\n{commands}",
        ),
    )


def command_of(name: str) -> str:
    """Return the command that plans a scenario.

    >>> command_of("base"), command_of("low")
    ('fmtool plan', 'fmtool plan --scenario low')
    """
    return "fmtool plan" if name == "base" else f"fmtool plan --scenario {name}"


def planned_names(results: Path) -> list[str]:
    """Return the scenarios that have a plan, the base first."""
    names = sorted(path.parent.name for path in results.glob(f"*/{PLAN}") if not path.parent.name.startswith("."))
    return sorted(names, key=lambda name: name != "base")


def other_scenarios(results: Path, own: str) -> list[Scenario]:
    """Read the other scenarios found beside a plan; one that cannot be read is left out, for it is not asked for."""
    found = []
    for name in planned_names(results):
        if name != own:
            try:
                found.append(read_scenario(results / name))
            except WorkspaceError:
                continue
    return found[:MOST_SHOWN]


def scenario_look(order: int) -> tuple[str, bool]:
    """Return the colour of the scenario in that place, and whether it is dashed.

    >>> scenario_look(0), scenario_look(9)
    (('#0072B2', False), ('#D55E00', True))
    """
    return SCENARIO_COLOURS[order % len(SCENARIO_COLOURS)], order >= len(SCENARIO_COLOURS)
