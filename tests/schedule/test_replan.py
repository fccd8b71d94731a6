"""The charge on changes of an earlier plan, and the difference told, worked out by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from fmtool.alternatives.lifeplans import ACTION_CODES
from fmtool.schedule.replan import LastPlan, change_charges, find_changes
from fmtool.schedule.timeline import Decision

REPAIR, REBUILD, MERGE = (ACTION_CODES.index(code) for code in ("repair", "rebuild", "merge"))
LAST = LastPlan(
    {"A": (("repair", 2026, None), ("rebuild", 2030, None)), "B": (("merge", 2029, "A"),)}, {"A": 100.0, "B": 7.0}
)


class Plans(SimpleNamespace):
    """The part of life plans that is compared."""

    def __len__(self) -> int:
        return len(self.facility)


def plans() -> Plans:
    """Return four life plans of A, two of B and one of C, which the last plan did not know."""
    events = [
        [(REPAIR, 2026), (REBUILD, 2030)],  # A as before
        [(REBUILD, 2030)],  # A without the repair of 2026, which is over
        [(REPAIR, 2026), (REBUILD, 2031)],  # A a year later
        [],  # A kept
        [(MERGE, 2029)],  # B as before
        [(MERGE, 2029)],  # B into C
        [(REBUILD, 2028)],  # C
    ]
    action, year = np.full((7, 2), -1), np.full((7, 2), -1)
    for row, listed in enumerate(events):
        for place, (code, when) in enumerate(listed):
            action[row, place], year[row, place] = code, when - 2026
    return Plans(
        facility_ids=("A", "B", "C"),
        years=tuple(range(2026, 2036)),
        facility=np.array([0, 0, 0, 0, 1, 1, 2]),
        host=np.array([-1, -1, -1, -1, 0, 2, -1]),
        event_action=action,
        event_year=year,
    )


def test_only_what_differs_from_the_year_of_planning_on_is_charged():
    given = plans()
    charges = change_charges(given, LAST, 2028, 3_000_000.0)
    assert charges.tolist() == [0, 0, 3, 3, 0, 3, 0]
    # From 2026 on, leaving out the repair is a change too.
    assert change_charges(given, LAST, 2026, 3_000_000.0).tolist() == [0, 3, 3, 3, 0, 3, 0]


def test_the_difference_names_each_changed_facility_before_and_after():
    decisions = [
        Decision("A", "repair", 2026, 2026, 10.0),
        Decision("A", "rebuild", 2031, 2033, 95.0),
        Decision("B", "merge", 2029, 2030, 7.0, "A"),
        Decision("C", "keep", None, None, 0.0),
    ]
    found = find_changes(LAST, decisions, {"A": "東小学校"})
    assert found["facility_id"].tolist() == ["A"]
    row = found.iloc[0]
    assert (row["name"], row["before_cost"], row["after_cost"]) == ("東小学校", 100.0, 105.0)
    assert row["before_ja"] == "中規模修繕（2026年度）、建替え（2030年度）"
    assert row["after_en"] == "Repair (FY2026), Rebuild (FY2031)"
