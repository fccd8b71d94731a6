"""One computed sentence a facility: what its life plan saves against keeping it, or why it must cost more."""

from __future__ import annotations

import numpy as np

from fmtool.alternatives.lifeplans import ACTION_CODES
from fmtool.schedule.prepare import Case
from fmtool.schedule.solving import Solution
from fmtool.text import Text
from fmtool.units import MILLION, money
from fmtool.vocabulary import ACTIONS


def reasons(case: Case, solution: Solution) -> dict[str, Text]:
    """Return a sentence for each costed facility, by id.

    The chosen life plan is compared with the cheapest one that leads with another action, at present value. Where
    that one is cheaper by itself, a limit that the facilities share (budget, service, floor area …) stands against it.
    """
    first, objective = case.inputs.first_row, case.inputs.objective
    found: dict[str, Text] = {}
    for f, name in enumerate(case.plans.facility_ids):
        rows = np.arange(first[f], first[f + 1])
        chosen = int(solution.choice[f])
        others = rows[case.plans.kind[rows] != case.plans.kind[chosen]]
        if not others.size:
            found[name] = Text("ほかに選べる対策がありません", "no other action is possible")
            continue
        rival = int(others[np.argmin(objective[others])])
        found[name] = _sentence(case, rival, float(objective[rival] - objective[chosen]))
    return found


def _sentence(case: Case, rival: int, saving: float) -> Text:
    currency = case.workspace.config.case.currency
    other = ACTIONS[ACTION_CODES[int(case.plans.kind[rival])]]
    apart = Text(money(abs(saving) * MILLION, "ja", currency), money(abs(saving) * MILLION, "en", currency))
    if saving >= 0:
        return Text(
            f"次善の「{other.ja}」より現在価値で{apart.ja}安く済みます",
            f"costs {apart.en} less at present value than the next best, {other.en.lower()}",
        )
    return Text(
        f"「{other.ja}」のほうが単独では{apart.ja}安いものの、全施設で共有する制限を守る組合せの中で選ばれた",
        f"{other.en} alone would cost {apart.en} less, but this was chosen within the limits that all facilities share",
    )
