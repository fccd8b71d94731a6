"""The plan on disk: ``plan.json`` for people and programs, ``views.json`` for drawing it again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fmtool.errors import WorkspaceError
from fmtool.schedule.explain import EXPLAIN, read_reasons, write_reasons
from fmtool.schedule.result import SOURCES, PlanResult
from fmtool.text import Text
from fmtool.workspace import write_text

PLAN, VIEWS = "plan.json", "views.json"
_TABLES = ("facilities", "events", "yearly", "spend_by_action", "assumptions", "guesses", "checks", "bonds")
_ARRAYS = ("facility_outlay", "condition", "state")
_SCALARS = (
    "scenario", "currency", "price_year", "discount_rate", "status", "objective", "best_bound", "gap", "solver",
    "solve_seconds", "fiscal_limits", "binding", "relaxed", "solver_log",
)  # fmt: skip


def plan_json(result: PlanResult) -> dict[str, Any]:
    """Return the plan as promised in ``plan.json``; amounts in whole currency units."""
    yearly = result.yearly
    events = result.events.to_dict("records")
    kept = result.facilities.loc[result.facilities["is_costed"].astype(bool)]
    acting = set(result.events["facility_id"])
    decisions = [
        {
            "facility_id": event["facility_id"],
            "action": event["action"],
            "start_year": int(event["start_year"]),
            "end_year": int(event["end_year"]),
            "cost": round(event["cost"]),
            "host_id": None if pd.isna(event["host_id"]) else event["host_id"],
        }
        for event in events
    ] + [
        {"facility_id": name, "action": "keep", "start_year": None, "end_year": None, "cost": 0, "host_id": None}
        for name in kept["facility_id"]
        if name not in acting
    ]
    return {
        "scenario": result.scenario,
        "case": {"ja": result.case_name.ja, "en": result.case_name.en},
        "currency": result.currency,
        "price_year": result.price_year,
        "base_year": result.years[0],
        "discount_rate": result.discount_rate,
        "status": result.status,
        "objective": round(result.objective),
        "best_bound": round(result.best_bound),
        "gap": result.gap,
        "years": list(result.years),
        "spend": _whole(yearly["outlay"]),
        "budget": _whole(yearly["budget"]),
        "decisions": decisions,
        "indicators": {
            "fund_balance": _whole(yearly["fund_balance"]),
            "floor_area_m2": [round(float(value), 2) for value in yearly["floor_area_m2"]],
            "works_under_way": _whole(yearly["works_under_way"]),
            "bond_outstanding": _whole(yearly["bond_outstanding"]),
            "debt_service_ratio": _ratios(yearly["debt_service_ratio"]),
            "debt_service_ratio_3y": _ratios(yearly["debt_service_ratio_3y"]),
            "future_burden_ratio": _ratios(yearly["future_burden_ratio"]),
        },
        "sources": {name: _whole(yearly[name]) for name in SOURCES},
        "own_burden": _whole(yearly["own_burden"]),
        "debt_service": _whole(yearly["debt_service"]),
        "tax_grant": _whole(yearly["tax_grant"]),
        "bonds": json.loads(result.bonds.to_json(orient="records", double_precision=15)),
        "fiscal_limits": result.fiscal_limits,
        "baseline": {name: _whole(values) for name, values in result.baselines.items()},
        "binding": result.binding,
        "relaxed": result.relaxed,
    }


def _whole(values: Any) -> list[int | None]:  # noqa: ANN401  - a series or an array
    return [None if np.isnan(value) else round(float(value)) for value in values]


def _ratios(values: pd.Series) -> list[float | None]:
    """Round fractions to a thousandth of a per cent; None where the city gives no finances."""
    return [None if np.isnan(value) else round(float(value), 5) for value in values]


def write_results(result: PlanResult, folder: Path) -> None:
    """Write ``plan.json`` and ``views.json`` into ``folder``."""
    text = json.dumps(plan_json(result), ensure_ascii=False, indent=1, allow_nan=False)
    write_text(folder / PLAN, text + "\n")
    if result.reasons is not None:
        write_reasons(result.reasons, folder)
    stored: dict[str, Any] = {name: getattr(result, name) for name in _SCALARS}
    stored |= {"case_name": list(result.case_name), "years": list(result.years)}
    stored |= {name: json.loads(getattr(result, name).to_json(orient="split", double_precision=15)) for name in _TABLES}
    stored |= {name: _listed(getattr(result, name)) for name in _ARRAYS}
    stored["baselines"] = {name: _listed(values) for name, values in result.baselines.items()}
    stored["curves"] = {
        name: {label: _listed(np.round(values)) for label, values in lines.items()}
        for name, lines in result.curves.items()
    }
    write_text(folder / VIEWS, json.dumps(stored, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def _listed(values: Any) -> Any:  # noqa: ANN401  - nested lists of numbers, None for NaN
    array = np.asarray(values, dtype=float)
    listed = np.round(array, 4).astype(object)
    listed[np.isnan(array)] = None
    return listed.tolist()


def read_result(folder: Path) -> PlanResult:
    """Read a plan back for drawing.

    Raises
    ------
    WorkspaceError
        When there is no plan, or its file is damaged.
    """
    path = folder / VIEWS
    if not path.is_file():
        raise WorkspaceError(
            Text(f"{folder} に計画がありません", f"no plan in {folder}"),
            Text("先に `fmtool plan` を実行してください", "run `fmtool plan` first"),
        )
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        tables: dict[str, Any] = {name: _frame(stored[name]) for name in _TABLES}
        arrays = {name: np.array(stored[name], dtype=float) for name in _ARRAYS}
        for name in ("yearly", "spend_by_action"):
            tables[name] = tables[name].astype(float)  # a column of nothing else is read as objects
            tables[name].index.name = "year"
        tables["facilities"]["decision_year"] = tables["facilities"]["decision_year"].astype("Int64")
        tables["facilities"]["next_year"] = tables["facilities"]["next_year"].astype("Int64")
        tables["facilities"]["built_year"] = tables["facilities"]["built_year"].astype("Int64")
        return PlanResult(
            **{name: stored[name] for name in _SCALARS},
            case_name=Text(*stored["case_name"]),
            years=tuple(stored["years"]),
            **tables,
            reasons=read_reasons(folder) if (folder / EXPLAIN).is_file() else None,
            facility_outlay=arrays["facility_outlay"],
            condition=arrays["condition"],
            state=arrays["state"].astype(np.int8),
            baselines={name: np.array(values, dtype=float) for name, values in stored["baselines"].items()},
            curves={
                name: {label: np.array(values, dtype=float) for label, values in lines.items()}
                for name, lines in stored["curves"].items()
            },
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WorkspaceError(
            Text(f"{path} が壊れています（{error}）", f"{path} is damaged ({error})"),
            Text("`fmtool plan` で作り直してください", "make it again with `fmtool plan`"),
        ) from None


def _frame(stored: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(stored["data"], index=stored["index"], columns=stored["columns"])
