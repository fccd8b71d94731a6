"""Facilities that no life plan makes safe by the seismic deadline: told before anything is solved."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from fmtool.alternatives.rules import convert_targets
from fmtool.errors import InfeasibleScheduleError
from fmtool.schedule.prepare import Case
from fmtool.schedule.timeline import Decision, timeline
from fmtool.text import Text, listed_faults


def refuse_missed_deadline(case: Case, earliest: Sequence[Decision]) -> None:
    """Refuse a case in which some facility stays open unsafe past the deadline, whatever is done.

    Where no life plan keeps the deadline, a facility is given those that make it safe first, all in one year;
    so any one of its life plans tells.

    Parameters
    ----------
    case
        The workspace made ready.
    earliest
        The decisions of one life plan of each facility, in the order of facilities.

    Raises
    ------
    InfeasibleScheduleError
        With each facility, its earliest year and the locked decision that may be the cause.
    """
    stock, years = case.stock, case.plans.years
    deadline = case.workspace.config.limits.seismic_deadline_year
    if deadline is None or deadline >= years[-1]:
        return
    targets = convert_targets(stock, case.services)
    late: list[Text] = []
    for name, decisions in groupby(earliest, lambda decision: decision.facility_id):
        facility = stock.facility_ids.index(name)
        if not stock.needs_retrofit[facility]:
            continue
        line = timeline(facility, list(decisions), stock, int(targets[facility]), case.workspace)
        if years[0] + line.safe_from > deadline:
            late.append(_lateness(name, line.safe_from, years, stock.locked[facility]))
    if late:
        raise InfeasibleScheduleError(
            Text(
                f"{len(late)}施設は、どうしても{deadline}年度までに耐震化できません",
                f"{len(late)} facilities cannot be made safe by FY{deadline}, whatever is done",
            ),
            Text(
                "fmtool.toml の [limits] seismic_deadline_year を延ばすか、台帳の「決定済みの方針」か「耐震性」を直してください",
                "put off seismic_deadline_year under [limits], or correct `locked` or `seismic_status` in the ledger",
            ),
            listed_faults(late),
        )


def _lateness(name: str, safe_from: int, years: tuple[int, ...], lock: str | None) -> Text:
    ja, en = ("計画期間には耐震化されません", "is never made safe")
    if safe_from < len(years):
        ja, en = (f"最も早くて{years[safe_from]}年度です", f"is safe in FY{years[safe_from]} at the earliest")
    because = Text(f"（決定済み: {lock}）", f" (locked: {lock})") if lock else Text("", "")
    return Text(f"{name}: {ja}{because.ja}", f"{name} {en}{because.en}")
