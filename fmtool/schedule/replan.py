"""Planning again: what the last plan decided, a charge on each change of it, and the difference of both."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fmtool.alternatives.lifeplans import ACTION_CODES, LifePlans
from fmtool.errors import WorkspaceError
from fmtool.schedule.inputs import Floats
from fmtool.schedule.store import PLAN
from fmtool.schedule.timeline import Decision
from fmtool.text import Text
from fmtool.units import MILLION, fiscal_year
from fmtool.vocabulary import ACTIONS
from fmtool.workspace import Workspace

Event = tuple[str, int, str | None]
"""Action, first year and host."""

CHANGE_COLUMNS = (
    "facility_id", "name", "before_ja", "after_ja", "before_en", "after_en", "before_cost", "after_cost",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LastPlan:
    """The decisions of the plan that stands in the results, by facility; costs in whole currency units."""

    events: Mapping[str, tuple[Event, ...]]
    cost: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Again:
    """How a plan was made again from an earlier one."""

    from_year: int
    stability: float
    """Charge on each facility whose decisions change, in whole currency units; part of the objective."""
    changes: pd.DataFrame
    """One row a facility whose decisions changed: the columns of ``CHANGE_COLUMNS``."""


def read_last(workspace: Workspace) -> LastPlan:
    """Read the last plan of the scenario.

    Raises
    ------
    WorkspaceError
        When there is none, or it is damaged.
    """
    path = workspace.results / PLAN
    if not path.is_file():
        raise WorkspaceError(
            Text(f"{workspace.results} に前回の計画がありません", f"no earlier plan in {workspace.results}"),
            Text("先に --from なしで `fmtool plan` を実行してください", "run `fmtool plan` without --from first"),
        )
    events: dict[str, list[Event]] = defaultdict(list)
    cost: dict[str, float] = defaultdict(float)
    try:
        for each in json.loads(path.read_text(encoding="utf-8"))["decisions"]:
            name = str(each["facility_id"])
            events[name] += [] if each["start_year"] is None else [_event(each)]
            cost[name] += float(each["cost"])
    except (KeyError, TypeError, ValueError) as error:
        raise WorkspaceError(
            Text(f"{path} が壊れています（{error}）", f"{path} is damaged ({error})"),
            Text("--from なしで作り直してください", "make it again without --from"),
        ) from None
    return LastPlan({name: tuple(sorted(own, key=lambda e: e[1])) for name, own in events.items()}, dict(cost))


def _event(each: Mapping[str, object]) -> Event:
    host = each["host_id"]
    return str(each["action"]), int(str(each["start_year"])), None if host is None else str(host)


def change_charges(plans: LifePlans, last: LastPlan, from_year: int, charge: float) -> Floats:
    """Return (N,) in millions: the charge on each life plan that differs from the last plan from a year on.

    Facilities that the last plan did not know are not charged.
    """
    charges = np.zeros(len(plans))
    known = {name: tuple(e for e in own if e[1] >= from_year) for name, own in last.events.items()}
    for row in range(len(plans)):
        name = plans.facility_ids[int(plans.facility[row])]
        if name in known and _events_of(plans, row, from_year) != known[name]:
            charges[row] = charge / MILLION
    return charges


def _events_of(plans: LifePlans, row: int, from_year: int) -> tuple[Event, ...]:
    found = []
    for place in np.flatnonzero(plans.event_action[row] >= 0):
        action = ACTION_CODES[int(plans.event_action[row, place])]
        year = plans.years[int(plans.event_year[row, place])]
        host = plans.facility_ids[int(plans.host[row])] if action == "merge" else None
        if year >= from_year:
            found.append((action, year, host))
    return tuple(sorted(found, key=lambda event: event[1]))


def find_changes(last: LastPlan, decisions: Sequence[Decision], names: Mapping[str, str]) -> pd.DataFrame:
    """Return one row a facility whose dated decisions differ between the last plan and the new one."""
    events: dict[str, list[Event]] = defaultdict(list)
    cost: dict[str, float] = defaultdict(float)
    for each in decisions:
        dated = [] if each.start_year is None else [(each.action, each.start_year, each.host_id)]
        events[each.facility_id] += dated
        cost[each.facility_id] += each.cost
    rows = []
    for name, own in events.items():
        before, after = last.events.get(name), tuple(sorted(own, key=lambda event: event[1]))
        if before is None or before == after:
            continue
        was, now = _said(before), _said(after)
        rows.append((name, names.get(name, name), was.ja, now.ja, was.en, now.en, last.cost[name], cost[name]))
    return pd.DataFrame(rows, columns=list(CHANGE_COLUMNS))


def _said(events: Sequence[Event]) -> Text:
    """Say a facility's decisions in a line."""
    if not events:
        return ACTIONS["keep"]
    ja, en = [], []
    for action, year, host in events:
        into = Text("", "") if host is None else Text(f"→{host}", f" into {host}")
        ja.append(f"{ACTIONS[action].ja}{into.ja}（{fiscal_year(year, 'ja')}）")
        en.append(f"{ACTIONS[action].en}{into.en} ({fiscal_year(year, 'en')})")
    return Text("、".join(ja), ", ".join(en))
