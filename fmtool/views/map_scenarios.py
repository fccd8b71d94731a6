"""The plans that the map can show beside a plan: the conventional way, and other scenarios that stand in ``results/``."""

from __future__ import annotations

from pathlib import Path

from fmtool.errors import WorkspaceError
from fmtool.inventory import Inventory
from fmtool.schedule.result import PlanResult
from fmtool.schedule.store import read_result
from fmtool.views.map_replace import replace_plan
from fmtool.views.scenarios import planned_names
from fmtool.workspace import Workspace

MOST_FACILITIES = 6_000
"""So many facilities, counted once in each other scenario, go into one page; it would grow too large to send."""


def plans_beside(result: PlanResult, inventory: Inventory, workspace: Workspace) -> list[PlanResult]:
    """Return the plans of the same facilities and years that stand beside one, the conventional way first."""
    conventional = replace_plan(result, inventory, workspace)
    others = other_plans(result, workspace.results.parent)
    return others if conventional is None else [conventional, *others]


def other_plans(result: PlanResult, results: Path) -> list[PlanResult]:
    """Read the other scenarios' plans; one that is damaged or of another stock is left out, for it is not asked for."""
    most = MOST_FACILITIES // max(1, len(result.facilities))
    found: list[PlanResult] = []
    for name in planned_names(results):
        if name == result.scenario or len(found) >= most:
            continue
        try:
            other = read_result(results / name)
        except WorkspaceError:
            continue
        if is_alike(result, other):
            found.append(other)
    return found


def is_alike(result: PlanResult, other: PlanResult) -> bool:
    """Tell whether two plans may share one map: the same facilities in the same order, years and currency."""
    return (
        result.years == other.years
        and result.currency == other.currency
        and result.facilities["facility_id"].astype(str).tolist()
        == other.facilities["facility_id"].astype(str).tolist()
    )
