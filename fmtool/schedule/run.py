"""The main job: workspace in, certified plan out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fmtool.alternatives.lifeplans import ACTION_CODES
from fmtool.schedule.assemble import assemble
from fmtool.schedule.check import certify
from fmtool.schedule.deadline import refuse_missed_deadline
from fmtool.schedule.inputs import Ints
from fmtool.schedule.payments import payments_of
from fmtool.schedule.prepare import Case, prepare
from fmtool.schedule.problem import SolveOptions
from fmtool.schedule.replan import Again, change_charges, find_changes, read_last
from fmtool.schedule.result import PlanResult
from fmtool.schedule.solving import solve_schedule
from fmtool.schedule.timeline import Decision
from fmtool.text import Text
from fmtool.units import MILLION
from fmtool.workers import Workers
from fmtool.workspace import Workspace

Progress = Callable[[Text], None]


def plan_schedule(
    workspace: Workspace, progress: Progress | None = None, *, stability: float = 0.0, workers: Workers | None = None
) -> PlanResult:
    """Make the workspace's certified plan; where it is planned anew from a year, the rest of the last plan.

    Parameters
    ----------
    workspace
        Case, limits, assumptions and solver options.
    progress
        Is told each step.
    stability
        Charge on each facility whose decisions differ from the last plan's, in whole currency units; used when
        planning anew.
    workers
        Who solves the parts of a large case; None = processes of this machine, as many as the solver has threads.

    Raises
    ------
    InventoryError, WorkspaceError
        When an input cannot be used.
    InfeasibleScheduleError, SolverError
        When there is no schedule, or none was found in time.
    UncertifiedPlanError
        When the checker could not confirm the solver's schedule.
    """
    tell = progress or (lambda _text: None)
    tell(Text("台帳を読み、生涯計画を作っています", "reading the inventory, making life plans"))
    case = prepare(workspace)
    first, last = workspace.from_year, None if workspace.from_year is None else read_last(workspace)
    if first is not None and last is not None and stability:
        charges = change_charges(case.plans, last, first, stability)
        case = replace(case, inputs=replace(case.inputs, objective=case.inputs.objective + charges))
    refuse_missed_deadline(case, decisions_of(case, case.inputs.first_row[:-1]))
    solver = workspace.config.solver
    options = SolveOptions(solver.name, solver.gap, solver.time_limit_s, solver.threads, solver.seed, solver.method)
    tell(Text(f"{len(case.plans):,}件の生涯計画から選んでいます", f"choosing among {len(case.plans):,} life plans"))
    solution = solve_schedule(case.inputs, options, tell, workers=workers)
    tell(Text("計画を検算しています", "re-adding the plan"))
    decisions = decisions_of(case, solution.choice)
    payments = payments_of(case.inputs, solution.choice, solution.money, decisions)
    certificate = certify(case, decisions, case.plans.condition[solution.choice].astype(float), payments)
    result = assemble(case, solution, decisions, certificate, payments)
    if first is None or last is None:
        return result
    names = dict(zip(result.facilities["facility_id"], result.facilities["name"], strict=True))
    return replace(result, again=Again(first, stability, find_changes(last, decisions, names)))


def decisions_of(case: Case, choice: Ints) -> list[Decision]:
    """Write the chosen life plans as dated decisions, facility by facility, costs in whole currency units."""
    plans, years = case.plans, case.plans.years
    decisions = []
    for row in choice:
        name = plans.facility_ids[int(plans.facility[row])]
        host = int(plans.host[row])
        places = np.flatnonzero(plans.event_action[row] >= 0)
        if not places.size:
            decisions.append(Decision(name, "keep", None, None, 0.0))
        for place in places:
            action = ACTION_CODES[int(plans.event_action[row, place])]
            start = years[int(plans.event_year[row, place])]
            decisions.append(
                Decision(
                    name,
                    action,
                    start,
                    start + max(int(plans.event_years[row, place]), 1) - 1,
                    float(round(plans.event_cost[row, place] * MILLION)),
                    plans.facility_ids[host] if action == "merge" else None,
                )
            )
    return decisions
