"""Why no schedule exists: the least that the limits would have to give way, in plain words."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from fmtool.errors import FmtoolError, InfeasibleScheduleError, SolverError
from fmtool.schedule.families import FAMILIES, Family
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.problem import SolveOptions, build, solve
from fmtool.schedule.rows import Rows, facility_name
from fmtool.text import Text

_MOST_SECONDS = 60.0
_TOLERANCE = 1e-5
_ROUNDS = 30
_WHOLE = 100.0
"""Amounts from here on are said without decimals."""


def explain_infeasible(inputs: ScheduleInputs, options: SolveOptions) -> FmtoolError:
    """Make every limit elastic, find the least sum of relative oversteps, and say which limits gave way.

    The whole model is solved again with slack on each row, so that an infeasibility claimed by a solver
    is confirmed by a positive least slack and not taken on its word.
    """
    families = [(family, rows) for family in FAMILIES if (rows := family.rows(inputs)) is not None]
    case = replace(inputs, objective=np.zeros(len(inputs.facility)))
    active = [np.full(len(rows), not family.is_lazy) for family, rows in families]
    deadline = time.perf_counter() + min(_MOST_SECONDS, max(options.time_limit_s, 10.0))
    slack: dict[str, float] = {}
    for _ in range(_ROUNDS):
        inside = [rows.take(chosen) for (_, rows), chosen in zip(families, active, strict=True)]
        penalties = [1.0 / np.maximum(1.0, np.abs(block.rhs)) for block in inside]
        model = build(case, inside, penalties=penalties)
        seconds = deadline - time.perf_counter()
        answer = solve(model, case, replace(options, gap=0.05), seconds=seconds) if seconds > 0 else None
        if answer is None or answer.plans is None or answer.slack is None:
            return _unexplained()
        slack = {v.name: value for v, value in zip(model.slack, answer.slack, strict=True) if value > _TOLERANCE}
        added = 0
        for (_, rows), chosen in zip(families, active, strict=True):
            over = (rows.excess(answer.plans, answer.money) > _TOLERANCE) & ~chosen
            chosen[over] = True
            added += int(over.sum())
        if not added:
            break
    if not slack:
        return SolverError(
            Text(
                "ソルバーは「解なし」としましたが、確かめると解がありました",
                "the solver called the case infeasible, a second look found a schedule",
            ),
            Text("`[solver]` の name か gap を変えて試してください", "try the other solver `name`, or another `gap`"),
        )
    faults = [sentence for family, rows in families for sentence in _sentences(inputs, family, rows, slack)]
    return InfeasibleScheduleError(
        Text(
            "すべての制限を同時に守る計画はありません。次の制限が両立しません",
            "no schedule keeps every limit; these limits cannot be met together",
        ),
        Text(
            "上の量だけ制限を緩めると計画が立ちます（各制限の緩和量の合計が最小になる組合せ）",
            "let the limits give way by these amounts (the least in sum of relative oversteps)",
        ),
        faults,
    )


def _unexplained() -> InfeasibleScheduleError:
    return InfeasibleScheduleError(
        Text(
            "すべての制限を同時に守る計画はありません（どの制限かは時間内に特定できませんでした）",
            "no schedule keeps every limit (which ones was not found in time)",
        ),
        Text(
            "予算・面積目標・耐震期限のいずれかを緩めてください",
            "relax the budget, the floor-area target or the seismic deadline",
        ),
    )


def _sentences(inputs: ScheduleInputs, family: Family, rows: Rows, slack: dict[str, float]) -> list[Text]:
    sentences = []
    for name in rows.names:
        amount = sum(slack.get(f"relax{way}({name})", 0.0) for way in ("", "_up"))
        if amount <= _TOLERANCE:
            continue
        where = place_of(inputs, family.name, name[name.index("(") + 1 : -1])
        by = _by(family, amount)
        sentences.append(Text(f"{family.title.ja}（{where.ja}）: {by.ja}", f"{family.title.en} ({where.en}): {by.en}"))
    return sentences


def _by(family: Family, amount: float) -> Text:
    """Say by how much a limit is missed, in the words that suit it."""
    if family.name == "host":
        return Text("守れません", "cannot be kept")
    if family.name == "floor":
        return Text(f"{amount * 1000:,.0f}m² 超えます", f"over by {amount * 1000:,.0f} m2")
    size = f"{amount:,.0f}" if amount >= _WHOLE else f"{amount:,.3g}"
    if family.name in {"works", "merges", "site"}:
        return Text(f"{size}{family.unit.ja} 超えます", f"over by {size} {family.unit.en}")
    return Text(f"{size}{family.unit.ja} 足りません", f"short by {size} {family.unit.en}")


def place_of(inputs: ScheduleInputs, family: str, inner: str) -> Text:
    """Say in words where a row applies: a year, a district, an area, a facility."""
    if family in {"coverage", "reach"} and inputs.services is not None:
        area, year = inner.rsplit(",", 1)
        name = inputs.services.areas[int(area)].name
        return Text(f"{name}、{year}年度", f"{name}, FY{year}")
    ids = {facility_name(inputs, f): name for f, name in enumerate(inputs.facility_ids)}
    if family == "host":
        guest, host, year = inner.rsplit(",", 2)
        guest, host = ids[guest], ids[host]
        return Text(f"{guest}→{host}、{year}年度", f"{guest} into {host}, FY{year}")
    if family == "merges":
        district, year = inner.rsplit(",", 1)
        return Text(f"地区{district}、{year}年度", f"district {district}, FY{year}")
    if inner.isdigit() and family != "site":
        return Text(f"{inner}年度", f"FY{inner}")
    inner = ids.get(inner, inner)
    return Text(inner, inner)
