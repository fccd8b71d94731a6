"""The certified plan with all that views draw; money in whole currency units, F facilities, Y years."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmtool.text import Text

STATES: dict[str, Text] = {
    "open": Text("供用中", "Open"),
    "works": Text("工事中", "Works under way"),
    "merged": Text("統合済み", "Merged away"),
    "converted": Text("転用済み", "Converted"),
    "leased": Text("貸付中", "Leased out"),
    "sold": Text("売却済み", "Sold"),
    "demolished": Text("除却済み", "Demolished"),
}
STATE_CODES: tuple[str, ...] = tuple(STATES)


@dataclass(frozen=True, slots=True, eq=False)
class PlanResult:
    """A plan that the solver-free checker has confirmed."""

    scenario: str
    case_name: Text
    currency: str
    price_year: int
    discount_rate: float
    status: Literal["optimal", "feasible"]
    """optimal: gap within the one asked for; feasible: the time limit came first."""
    objective: float
    best_bound: float
    gap: float
    solver: str
    solve_seconds: float
    years: tuple[int, ...]
    facilities: pd.DataFrame
    """One row a facility of the inventory, uncosted ones too: facility_id, name, use, service, district, lat, lon,
    location_basis, accuracy_m, floor_area_m2, built_year, structure, is_costed, not_costed_reason_ja/_en,
    decision (action), decision_year, host_id, reason_ja/_en."""
    events: pd.DataFrame
    """One row an action: facility_id, name, use, action, start_year, end_year, cost, host_id."""
    yearly: pd.DataFrame
    """Index year: outlay, budget, running, income, risk, fund_draw, fund_deposit, fund_balance, floor_area_m2,
    floor_area_target_m2 (NaN = none), works_under_way, works_limit (NaN = none)."""
    spend_by_action: pd.DataFrame
    """Index year, one column an action (codes): outlay; rows sum to ``yearly.outlay``."""
    facility_outlay: NDArray[np.float64]
    """(F, Y) outlay of each facility, rows as in ``facilities``."""
    condition: NDArray[np.float64]
    """(F, Y) condition index 0-100; NaN once disposed of, or not costed."""
    state: NDArray[np.int8]
    """(F, Y) index into STATE_CODES, at the end of the year."""
    baselines: dict[str, NDArray[np.float64]]
    """`replace` and `extend` to their yearly renewal need."""
    curves: dict[str, dict[str, NDArray[np.float64]]]
    """Facility id to {label: cumulative undiscounted cost (Y,)}; labels `plan`, `keep`, and where they exist
    `replace`, `extend`."""
    assumptions: pd.DataFrame
    """key, label_ja, label_en, value, unit, basis, source, price_year, file."""
    guesses: pd.DataFrame
    """facility_id, column, value, rule_ja, rule_en."""
    checks: pd.DataFrame
    """One row a limit family: family, title_ja, title_en, rows, worst_slack, unit, is_met."""
    binding: list[dict[str, Any]] = field(default_factory=list)
    """Limits met with equality: {family, year or None, ja, en}."""
    relaxed: list[dict[str, Any]] = field(default_factory=list)
    solver_log: list[dict[str, Any]] = field(default_factory=list)
    """One entry a step of the search; objective and bound in millions."""
