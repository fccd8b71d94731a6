"""What one city's plan comes to, or why there is none; the work that a worker does for one city.

Amounts are whole currency units of the city's own currency and price year.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from fmtool.errors import FmtoolError, InfeasibleScheduleError, SolverError, UncertifiedPlanError
from fmtool.inventory import read_inventory
from fmtool.portfolio.cities import City
from fmtool.schedule.result import PlanResult
from fmtool.schedule.run import plan_schedule
from fmtool.schedule.store import plan_json
from fmtool.text import Lang, Text, without_secrets
from fmtool.views.results import check_place, write_all, write_light
from fmtool.workspace import only_run, read_workspace

_log = logging.getLogger(__name__)
THREADS = 1
"""Of the solver, for every city and wherever it is planned: another number could give another plan."""

Kept = Literal["full", "light", "none"]
Status = Literal["optimal", "feasible", "infeasible", "not_found", "uncertified", "bad_input", "failed"]

STATUSES: dict[Status, Text] = {
    "optimal": Text("最適（求めた精度内）", "Optimal (within the gap asked for)"),
    "feasible": Text("実行可能（時間切れ）", "Feasible (time ran out)"),
    "infeasible": Text("解なし（制約が両立しない）", "No schedule (limits clash)"),
    "not_found": Text("時間内に見つからず", "None found in time"),
    "uncertified": Text("検算で確認できず", "Not confirmed by the check"),
    "bad_input": Text("入力の誤り", "Bad input"),
    "failed": Text("プログラムの誤り", "Fault of the program"),
}
"""How a city ended, the best first."""


@dataclass(frozen=True, slots=True)
class Options:
    """How every city is planned."""

    scenario: str | None = None
    lang: Lang = "ja"
    kept: Kept = "full"
    """Which files each city's ``results/`` get: those of ``fmtool plan``, plan and map only, or none."""
    gap: float | None = None
    """None: as each city's ``fmtool.toml`` says."""
    time_limit_s: float | None = None


@dataclass(frozen=True, slots=True)
class CityPlan:
    """One city of the portfolio."""

    id: str
    root: str
    status: Status
    exit_code: int
    said: Text | None
    """Why there is no plan."""
    name: Text
    scenario: str
    seconds: float
    facilities: int = 0
    life_plans: int = 0
    currency: str = ""
    price_year: int = 0
    discount_rate: float = math.nan
    years: tuple[int, ...] = ()
    objective: float = math.nan
    best_bound: float = math.nan
    gap: float = math.nan
    spend: tuple[float, ...] = ()
    budget: tuple[float, ...] = ()
    need_replace: float = math.nan
    need_extend: float = math.nan
    debt_service_ratio: tuple[float, int] | None = None
    """Highest single-year ratio and its year."""
    future_burden_ratio: tuple[float, int] | None = None
    floor_first_m2: float = math.nan
    floor_last_m2: float = math.nan
    decisions: dict[str, int] = field(default_factory=dict)
    """Action code to how often it is decided."""
    place: tuple[float, float] | None = None
    """Mean latitude and longitude of the facilities whose place is known."""
    map: str | None = None
    """The city's own map."""
    plan_sha256: str = ""
    """Of all that ``plan.json`` holds: two runs with the same one made the same plan."""

    @property
    def is_done(self) -> bool:
        """Whether there is a plan."""
        return self.exit_code == 0

    @property
    def works_total(self) -> float:
        """Works over all years."""
        return float(sum(self.spend)) if self.is_done else math.nan

    @property
    def saving(self) -> float:
        """Share of the need under `replace` that the plan does without."""
        return 1 - self.works_total / self.need_replace if self.need_replace > 0 else math.nan


def plan_city(city: City, options: Options) -> CityPlan:
    """Plan one city as ``fmtool plan`` does, and write its results; a fault becomes part of what is returned."""
    started = time.perf_counter()
    try:
        return _planned(city, options, started)
    except FmtoolError as error:
        said, code, status = Text(error.say("ja"), error.say("en")), error.exit_code, _status_of(error)
    except (OSError, MemoryError) as error:
        said = Text(f"読み書きできません: {error}", f"cannot be read or written: {error}")
        code, status = 1, "bad_input"
    except Exception as error:  # noqa: BLE001  - one city must not take the plans of the others
        _log.debug("%s", city.id, exc_info=True)
        what = without_secrets(f"{type(error).__name__}: {error}")
        said = Text(
            f"プログラムの誤りで計画できません（{what}）。この文と入力を添えて開発元へ知らせてください",
            f"a fault of the program, not of the data ({what}): report it with this sentence and the input",
        )
        code, status = 1, "failed"
    return CityPlan(
        city.id, str(city.root), status, min(code, 3), said, Text(city.id, city.id), options.scenario or "base",
        time.perf_counter() - started,
    )  # fmt: skip


def _status_of(error: FmtoolError) -> Status:
    if isinstance(error, InfeasibleScheduleError):
        return "infeasible"
    if isinstance(error, UncertifiedPlanError):
        return "uncertified"
    return "not_found" if isinstance(error, SolverError) else "bad_input"


def _planned(city: City, options: Options, started: float) -> CityPlan:
    workspace = read_workspace(city.root, options.scenario)
    workspace = workspace.with_solver(gap=options.gap, time_limit_s=options.time_limit_s, threads=THREADS)
    with only_run(city.root):
        if options.kept != "none":
            check_place(workspace)
        result = plan_schedule(workspace)
        if options.kept == "full":
            write_all(result, read_inventory(workspace), workspace, options.lang)
        elif options.kept == "light":
            write_light(result, read_inventory(workspace), workspace, options.lang)
    drawn = None if options.kept == "none" else str(workspace.results / "map.html")
    return read_city(city, result, drawn, time.perf_counter() - started)


def read_city(city: City, result: PlanResult, drawn: str | None, seconds: float) -> CityPlan:
    """Read a city's figures from its plan."""
    yearly, plan = result.yearly, plan_json(result)
    placed = result.facilities[["lat", "lon"]].dropna()
    counted = Counter(str(item["action"]) for item in plan["decisions"])
    digest = hashlib.sha256(json.dumps(plan, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    return CityPlan(
        id=city.id,
        root=str(city.root),
        status=result.status,
        exit_code=0,
        said=None,
        name=result.case_name,
        scenario=result.scenario,
        seconds=seconds,
        facilities=len(result.facilities),
        life_plans=result.life_plans,
        currency=result.currency,
        price_year=result.price_year,
        discount_rate=result.discount_rate,
        years=result.years,
        objective=result.objective,
        best_bound=result.best_bound,
        gap=result.gap,
        spend=tuple(yearly["outlay"].astype(float)),
        budget=tuple(yearly["budget"].astype(float)),
        need_replace=float(result.baselines["replace"].sum()),
        need_extend=float(result.baselines["extend"].sum()),
        debt_service_ratio=_worst(result, "debt_service_ratio"),
        future_burden_ratio=_worst(result, "future_burden_ratio"),
        floor_first_m2=float(yearly["floor_area_m2"].iloc[0]),
        floor_last_m2=float(yearly["floor_area_m2"].iloc[-1]),
        decisions=dict(counted),
        place=None if placed.empty else (float(placed["lat"].mean()), float(placed["lon"].mean())),
        map=drawn,
        plan_sha256=digest,
    )


def _worst(result: PlanResult, ratio: str) -> tuple[float, int] | None:
    if ratio not in result.yearly or not np.isfinite(result.yearly[ratio]).any():
        return None
    at = int(np.nanargmax(result.yearly[ratio]))
    return float(result.yearly[ratio].iloc[at]), result.years[at]
