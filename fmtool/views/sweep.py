"""Scenarios planned one beside the other, each into a results folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from pathlib import Path

from fmtool.inventory import read_inventory
from fmtool.schedule.run import plan_schedule
from fmtool.text import Lang, Text, listing
from fmtool.views.compare import missing_plans
from fmtool.views.results import check_place, write_all
from fmtool.workers import Workers
from fmtool.workspace import Workspace, read_workspace

Progress = Callable[[Text, float | None], None]


def plan_missing_scenarios(
    workspace: Workspace, names: Sequence[str], lang: Lang, workers: Workers, tell: Progress | None = None
) -> None:
    """Plan the scenarios that have no plan yet; the workspace is held by who calls.

    Every scenario is planned with the solver threads of ``fmtool.toml``, whoever plans it.
    """
    missing = missing_plans(workspace, names)
    if missing:
        said = listing(missing)
        label = Text(f"シナリオの計画を作っています: {said.ja}", f"planning scenarios: {said.en}")
        if tell is not None:
            tell(label, 0.0)
        workers.map(plan_scenario, repeat(str(workspace.root)), missing, repeat(lang), label=label, tell=tell)


def plan_scenario(root: str, name: str, lang: Lang) -> None:
    """Plan one scenario and write its results."""
    workspace = read_workspace(Path(root), name)
    check_place(workspace)
    write_all(plan_schedule(workspace), read_inventory(workspace), workspace, lang)
