"""What each facility may not do, and the first reason why: kept for ``fmtool explain``.

Every (facility, action) pair without a life plan has exactly one exclusion.
"""

from __future__ import annotations

import numpy as np

from fmtool.alternatives.families import Rows
from fmtool.alternatives.lifeplans import ACTION_CODES, Exclusion
from fmtool.alternatives.rules import Flags, Rules, window_reason
from fmtool.text import Text
from fmtool.workspace import Workspace


def taken_actions(rows: Rows, facilities: int) -> Flags:
    """Return (F, A): the facility has a life plan led by the action."""
    taken = np.zeros((facilities, len(ACTION_CODES)), dtype=bool)
    taken[rows.facility, rows.kind] = True
    return taken


def find_exclusions(
    rules: Rules, possible: Flags, before_deadline: Flags, taken: Flags, workspace: Workspace
) -> tuple[Exclusion, ...]:
    """Give every pair that is not ``taken`` its reason, facilities ascending, actions in their order.

    Parameters
    ----------
    rules
        Rules in order of precedence; the first that blocks a pair is its reason.
    possible
        (F, A) pairs with a life plan before works done or approved fixed the past.
    before_deadline
        (F, A) pairs with a life plan before the seismic deadline was applied.
    taken
        (F, A) pairs with a life plan.
    workspace
        Limits and assumptions, which the reasons quote.
    """
    reasons: list[Text] = [rule.reason for rule in rules.rules]
    why = np.full(taken.shape, -1, dtype=np.int64)
    for at, rule in enumerate(rules.rules):
        for action in rule.actions:
            column = ACTION_CODES.index(action)
            why[rule.blocked & (why[:, column] < 0), column] = at
    why[possible & ~before_deadline] = len(reasons)
    reasons.append(_past_reason(workspace.from_year))
    # A pair that had life plans until the deadline took them is excluded for that alone.
    why[before_deadline & ~taken] = len(reasons)
    reasons.append(_deadline_reason(workspace.config.limits.seismic_deadline_year))
    for column, action in enumerate(ACTION_CODES):
        why[why[:, column] < 0, column] = len(reasons)
        reasons.append(window_reason(action, workspace.figures))
    facility, action_index = np.nonzero(~taken)
    pairs = zip(facility.tolist(), action_index.tolist(), why[facility, action_index].tolist(), strict=True)
    return tuple(Exclusion(row, ACTION_CODES[action], reasons[at]) for row, action, at in pairs)


def _past_reason(from_year: int | None) -> Text:
    if from_year is None:
        return Text("実施済・承認済の工事と両立しません", "works done or approved leave no room for it")
    return Text(
        f"実施済・承認済の工事と両立しないか、{from_year}年度より前にしか始められません",
        f"works done or approved leave no room for it, or it could begin only before {from_year}",
    )


def _deadline_reason(year: int | None) -> Text:
    return Text(
        f"耐震性のない建物は{year}年度を過ぎて使えません（耐震化の期限）",
        f"an unretrofitted building may not stay open after {year} (seismic deadline)",
    )
