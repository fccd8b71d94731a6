"""The certified plan with all that views draw; money in whole currency units, F facilities, Y years."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmtool.schedule.explain import Reasons
from fmtool.text import Text

if TYPE_CHECKING:
    from fmtool.schedule.replan import Again

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

SOURCES: dict[str, Text] = {
    "national_subsidy": Text("国庫支出金", "National subsidy"),
    "prefectural_subsidy": Text("県支出金", "Prefectural subsidy"),
    "bonds": Text("地方債", "Local bonds"),
    "fund_draw": Text("基金", "Fund"),
    "other_specific": Text("その他特定財源", "Other earmarked"),
    "general_funds": Text("一般財源", "General funds"),
}
"""What pays for works (財源内訳)."""

BOND_COLUMNS: tuple[str, ...] = (
    "year", "programme", "name_ja", "name_en", "amount", "term_years", "grace_years", "interest_rate", "grant_rate",
    "subsidy",
)  # fmt: skip


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
    decision (action), decision_year, host_id, reason_ja/_en; next_action, next_year, next_extra_cost (what the next-best
    action costs more at the plan's prices; NaN = there is none), explain_ja/_en."""
    events: pd.DataFrame
    """One row an action: facility_id, name, use, action, start_year, end_year, cost, host_id; what pays its outlay
    within the horizon: the columns of ``SOURCES``; programme (codes joined by +)."""
    yearly: pd.DataFrame
    """Index year: outlay, budget, running, income, risk, fund_draw, fund_deposit, fund_balance, floor_area_m2,
    floor_area_target_m2 (NaN = none), works_under_way, works_limit (NaN = none); the columns of ``SOURCES``, which
    sum to the outlay; debt_service and tax_grant of the plan's bonds, own_burden; with the city's finances also
    bond_outstanding, budget_size, debt_service_ratio, debt_service_ratio_3y, future_burden_ratio (NaN without)."""
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
    """facility_id, column, value, rule_ja, rule_en, basis (assumed or estimated), low, high (quartiles of an estimate), shares,
    cost_low, cost_high, cost_effect (see `fmtool.lifecycle.uncertainty`); NaN where there is no spread."""
    checks: pd.DataFrame
    """One row a limit family: family, title_ja, title_en, rows, worst_slack, unit, is_met."""
    bonds: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(BOND_COLUMNS)))
    """One row a programme, term and year of issue: the columns of ``BOND_COLUMNS``."""
    fiscal_limits: dict[str, float | None] = field(default_factory=dict)
    """debt_service_ratio, future_burden_ratio, outstanding_to_budget; None = no limit."""
    binding: list[dict[str, Any]] = field(default_factory=list)
    """Limits with a price in the relaxation: {family, year or None, price, price_unit, ja, en}."""
    relaxed: list[dict[str, Any]] = field(default_factory=list)
    reasons: Reasons | None = None
    """Why each action and not the next best; None in results of older versions."""
    again: Again | None = None
    """How it differs from the plan before, where it was planned anew; kept in ``changes.csv`` only."""
    life_plans: int = 0
    """How many life plans were chosen among; 0 in a plan read back."""
    solver_log: list[dict[str, Any]] = field(default_factory=list)
    """One entry a step of the search; objective and bound in millions."""
