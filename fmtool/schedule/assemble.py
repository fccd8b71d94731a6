"""The confirmed schedule as the result that views draw: whole currency units, tables and arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from fmtool.alternatives.lifeplans import ACTION_CODES
from fmtool.lifecycle.uncertainty import with_effects
from fmtool.schedule.check import Certificate
from fmtool.schedule.explain import Reasons, explain
from fmtool.schedule.families import FAMILIES
from fmtool.schedule.finances import FISCAL_LIMITS, bond_table, event_sources, yearly_finance
from fmtool.schedule.infeasible import place_of
from fmtool.schedule.inputs import Floats
from fmtool.schedule.payments import Payment
from fmtool.schedule.prepare import Case, floor_target_m2
from fmtool.schedule.reasons import reasons
from fmtool.schedule.result import STATE_CODES, PlanResult
from fmtool.schedule.solving import Solution
from fmtool.schedule.timeline import Decision, Timeline
from fmtool.units import MILLION
from fmtool.vocabulary import ACTIONS
from fmtool.workspace import CONFIG_NAME

_CURVES = {"keep": "keep", "replace": "rebuild", "extend": "extend"}
_LAWS = {"fund", "host", "one_life", "funding", "bond_share", "spend"}
"""Families that are no limits: the price of what must be so is not told."""
_GONE = {"lease": "leased", "sell": "sold", "demolish": "demolished", "merge": "merged", "convert": "converted"}


def assemble(
    case: Case,
    solution: Solution,
    decisions: Sequence[Decision],
    certificate: Certificate,
    payments: Sequence[Payment] = (),
) -> PlanResult:
    """Put everything that is shown of a plan into one result."""
    config, limits = case.workspace.config.case, case.workspace.config.limits
    spend = _spend(certificate.timelines)
    outlay_by_action = _by_action(case, decisions, spend)
    facility_outlay = np.stack([sum(parts.values(), np.zeros(len(case.plans.years))) for parts in spend])
    order = _inventory_rows(case)
    yearly = _yearly(case, solution, certificate, facility_outlay.sum(axis=0))
    yearly = pd.concat([yearly, yearly_finance(case, yearly, payments)], axis=1)
    why = explain(case, solution)
    state, condition = _states(case, solution, decisions, certificate.timelines)
    return PlanResult(
        scenario=case.workspace.scenario,
        case_name=config.name,
        currency=config.currency,
        price_year=config.price_year,
        discount_rate=config.discount_rate,
        status="optimal" if solution.is_optimal else "feasible",
        objective=solution.objective * MILLION,
        best_bound=solution.best_bound * MILLION,
        gap=solution.gap,
        solver=case.workspace.config.solver.name,
        solve_seconds=solution.seconds,
        years=case.plans.years,
        facilities=_facilities(case, solution, why),
        events=pd.concat([_events(case, decisions), event_sources(decisions, spend, payments, yearly)], axis=1),
        yearly=yearly,
        spend_by_action=outlay_by_action,
        facility_outlay=_over_inventory(facility_outlay, order, 0.0),
        condition=_over_inventory(condition, order, np.nan),
        state=_over_inventory(state, order, STATE_CODES.index("open")).astype(np.int8),
        baselines={"replace": case.costs.replace_total, "extend": case.costs.extend_total},
        curves=_curves(case, solution),
        assumptions=_assumptions(case),
        guesses=with_effects(
            pd.concat([case.inventory.guesses, case.stock.guesses], ignore_index=True), case.stock, case.workspace
        ),
        checks=certificate.checks,
        bonds=bond_table(case, payments),
        fiscal_limits={} if case.city is None else {name: getattr(limits, name) for name in FISCAL_LIMITS},
        binding=_binding(case, solution),
        life_plans=solution.life_plans,
        solver_log=solution.log,
        reasons=why,
    )


def _spend(lines: Sequence[Timeline]) -> list[dict[int, Floats]]:
    """Round each decision's outlay to whole currency units in every year."""
    return [{place: np.round(part) for place, part in line.spend.items()} for line in lines]


def _by_action(case: Case, decisions: Sequence[Decision], spend: list[dict[int, Floats]]) -> pd.DataFrame:
    years = pd.Index(case.plans.years, name="year")
    table = pd.DataFrame(0.0, index=years, columns=list(ACTIONS))
    own: dict[str, list[Decision]] = {name: [] for name in case.plans.facility_ids}
    for decision in decisions:
        own[decision.facility_id].append(decision)
    for parts, listed in zip(spend, own.values(), strict=True):
        for place, part in parts.items():
            table[listed[place].action] += part
    return table


def _inventory_rows(case: Case) -> np.ndarray:
    """Return, for each row of the inventory, its place in the stock; -1 = not costed."""
    place = {name: at for at, name in enumerate(case.stock.facility_ids)}
    return np.array([place.get(name, -1) for name in case.inventory.buildings["id"]])


def _over_inventory(values: np.ndarray, order: np.ndarray, blank: float) -> Floats:
    full = np.full((len(order), values.shape[1]), blank, dtype=float)
    full[order >= 0] = values[order[order >= 0]]
    return full


def _states(
    case: Case, solution: Solution, decisions: Sequence[Decision], lines: Sequence[Timeline]
) -> tuple[np.ndarray, Floats]:
    horizon = len(case.plans.years)
    state = np.full((len(lines), horizon), STATE_CODES.index("open"))
    ends: dict[str, str] = {}
    for decision in decisions:
        if decision.action in _GONE:
            ends.setdefault(decision.facility_id, _GONE[decision.action])
    for line in lines:
        state[line.facility, np.array(line.works)] = STATE_CODES.index("works")
        if line.leave < horizon:
            end = ends[case.stock.facility_ids[line.facility]]
            state[line.facility, line.leave :] = STATE_CODES.index(end)
    return state, case.plans.condition[solution.choice].astype(float)


def _facilities(case: Case, solution: Solution, why: Reasons) -> pd.DataFrame:
    columns = ["id", "name", "use", "service", "district", "lat", "lon", "location_basis", "accuracy_m"]
    columns += ["floor_area_m2", "built_year", "structure", "is_costed", "not_costed_reason_ja", "not_costed_reason_en"]
    table = pd.DataFrame(case.inventory.buildings[columns]).rename(columns={"id": "facility_id"})
    said = reasons(case, solution)
    chosen: dict[str, dict[str, Any]] = {}
    for each in why.facilities:
        rival = each.options[0] if each.options else None
        chosen[each.facility_id] = {
            "decision": each.action,
            "decision_year": each.year,
            "host_id": each.host_id,
            "reason_ja": said[each.facility_id].ja,
            "reason_en": said[each.facility_id].en,
            "next_action": None if rival is None else rival.action,
            "next_year": None if rival is None else rival.year,
            "next_extra_cost": np.nan if rival is None else rival.difference,
            "explain_ja": each.ja,
            "explain_en": each.en,
        }
    blank = {"decision": "keep", "reason_ja": "", "reason_en": "", "explain_ja": "", "explain_en": ""}
    names = list(next(iter(chosen.values()), blank))
    more = pd.DataFrame([chosen.get(name, blank) for name in table["facility_id"]], index=table.index, columns=names)
    for name in {"decision_year", "next_year"} & set(names):
        more[name] = more[name].astype("Int64")
    more = more.astype(dict.fromkeys({"host_id", "next_action"} & set(names), object))
    more = more.where(more.notna() | more.columns.isin(["decision_year", "next_year", "next_extra_cost"]), None)
    return pd.concat([table, more], axis=1).reset_index(drop=True)


def _events(case: Case, decisions: Sequence[Decision]) -> pd.DataFrame:
    known = case.inventory.buildings.set_index("id")
    rows = [
        {
            "facility_id": d.facility_id,
            "name": known.loc[d.facility_id, "name"],
            "use": known.loc[d.facility_id, "use"],
            "action": d.action,
            "start_year": d.start_year,
            "end_year": d.end_year,
            "cost": d.cost,
            "host_id": d.host_id,
        }
        for d in decisions
        if d.start_year is not None
    ]
    names = ["facility_id", "name", "use", "action", "start_year", "end_year", "cost", "host_id"]
    return pd.DataFrame(rows, columns=names)


def _yearly(case: Case, solution: Solution, certificate: Certificate, outlay: Floats) -> pd.DataFrame:
    plans, limits, horizon = case.plans, case.workspace.config.limits, len(case.plans.years)
    lines, years = certificate.timelines, certificate.years
    target = floor_target_m2(case.stock, case.workspace)
    table = {
        "outlay": outlay,
        "budget": case.budget,
        "running": plans.running[solution.choice].sum(axis=0) * MILLION,
        "income": plans.income[solution.choice].sum(axis=0) * MILLION,
        "risk": plans.risk[solution.choice].sum(axis=0) * MILLION,
        "fund_draw": years.fund_draw,
        "fund_deposit": years.fund_deposit,
        "fund_balance": years.fund_balance,
        "floor_area_m2": np.sum([line.floor_m2 for line in lines], axis=0),
        "floor_area_target_m2": np.full(horizon, np.nan)
        if target is None
        else np.where(np.isfinite(target), target, np.nan),
        "works_under_way": np.sum([line.works for line in lines], axis=0),
        "works_limit": np.full(horizon, np.nan if limits.works_under_way is None else float(limits.works_under_way)),
    }
    return pd.DataFrame(table, index=pd.Index(plans.years, name="year"))


def _curves(case: Case, solution: Solution) -> dict[str, dict[str, Floats]]:
    plans = case.plans
    cumulative = np.cumsum(plans.outlay + plans.running + plans.risk - plans.income, axis=1) * MILLION
    first = case.inputs.first_row
    curves: dict[str, dict[str, Floats]] = {}
    for f, name in enumerate(plans.facility_ids):
        curves[name] = {"plan": cumulative[solution.choice[f]]}
        rows = np.arange(first[f], first[f + 1])
        for label, action in _CURVES.items():
            of_kind = rows[plans.kind[rows] == ACTION_CODES.index(action)]
            if of_kind.size:
                curves[name][label] = cumulative[of_kind[np.argmin(case.inputs.objective[of_kind])]]
    return curves


def _assumptions(case: Case) -> pd.DataFrame:
    rows = [
        {
            "key": f.key, "label_ja": f.label.ja, "label_en": f.label.en, "value": f.value, "unit": f.unit,
            "basis": f.basis, "source": f.source, "price_year": f.price_year, "file": f.file,
        }
        for f in case.workspace.figures.values()
    ]  # fmt: skip
    dumped = case.workspace.config.model_dump(exclude={"scenario", "files", "solver"})
    for table, entries in dumped.items():
        for name, value in (entries or {}).items():
            if value is not None and name not in {"name_ja", "name_en", "lang"}:
                label = f"{table}.{name}"
                rows.append(
                    {
                        "key": label, "label_ja": label, "label_en": label, "value": value, "unit": "",
                        "basis": "given", "source": CONFIG_NAME, "price_year": None, "file": CONFIG_NAME,
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def _binding(case: Case, solution: Solution) -> list[dict[str, Any]]:
    """Name the limits whose price in the relaxation is not zero: more room there would lower the cost."""
    titles = {family.name: family.title for family in FAMILIES}
    found = []
    for row, price in sorted(solution.duals.items(), key=lambda item: item[1]):
        family, inner = row.split("(", 1)
        if family in _LAWS or abs(price) < 1e-6:  # noqa: PLR2004  - a price of nothing
            continue
        where = place_of(case.inputs, family, inner[:-1])
        year = inner[:-1].rsplit(",", 1)[-1]
        found.append(
            {
                "family": family,
                "year": int(year) if year.isdigit() and family != "site" else None,
                "price": float(price),
                "price_unit": f"million {case.workspace.config.case.currency}",
                "ja": f"{titles[family].ja}（{where.ja}）",
                "en": f"{titles[family].en} ({where.en})",
            }
        )
    return found
