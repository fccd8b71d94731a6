"""A synthetic plan of an invented city, for every view: nothing in it is a real facility or a real cost.

``make_result`` and ``make_layers`` take the number of facilities, so that bench/ may measure the views with them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Polygon, box

from fmtool.schedule.result import SOURCES, STATE_CODES, PlanResult
from fmtool.text import Text
from fmtool.vocabulary import ACTIONS

WEST, SOUTH, WIDTH, HEIGHT = 136.90, 34.92, 0.15, 0.13
DISTRICTS = ("架空北", "架空東", "架空中央", "架空西", "架空南", "架空港")
HOSTILE_NAMES = ("<script>alert(1)</script>", '=HYPERLINK("x")')
_KINDS = (
    ("school", "小学校", 5_200, 6),
    ("school", "中学校", 6_400, 3),
    ("childcare", "保育所", 780, 8),
    ("civic_culture", "公民館", 620, 8),
    ("housing", "市営住宅", 2_100, 5),
    ("social_education", "図書館", 1_500, 1),
    ("sports_recreation", "体育館", 2_600, 2),
    ("health_welfare", "福祉センター", 1_300, 3),
    ("administration", "消防分団詰所", 90, 6),
    ("supply_processing", "処理場", 4_400, 1),
    ("industry", "産業会館", 1_100, 1),
)
_RATIOS = ["bond_outstanding", "budget_size", "debt_service_ratio", "debt_service_ratio_3y", "future_burden_ratio"]
"""What only a city that gives its finances has."""
_WORKS = {"repair": (1, 60), "renovate": (2, 250), "extend": (2, 330), "rebuild": (3, 430), "rebuild_smaller": (3, 340)}
_WORKS |= {"retrofit": (1, 50), "convert": (1, 120), "merge": (1, 70), "demolish": (1, 30), "sell": (1, 20)}
_WORKS |= {"lease": (1, 5)}
_AFTER = {"merge": "merged", "convert": "converted", "lease": "leased", "sell": "sold", "demolish": "demolished"}
_REASONS = {
    "keep": ("計画期間中に大規模な工事の時期が来ません。", "No major works fall due within the plan."),
    "repair": ("部位の劣化が進む前の修繕が最も安く済みます。", "Repair before the parts decay is cheapest."),
    "renovate": ("{y}年度の大規模改修で、建替えを計画期間の外へ延ばせます。", "Works in FY{y} put rebuilding off."),
    "extend": ("長寿命化により80年使え、建替えより生涯費用が小さくなります。", "Used for 80 years it costs less."),
    "rebuild": ("構造上、長寿命化に適さないため建て替えます。", "It does not qualify for life extension."),
    "rebuild_smaller": ("将来の需要に合わせて小さく建て替えます。", "Rebuilt smaller, to fit future demand."),
    "retrofit": ("{y}年度の耐震化期限までに補強します。", "Strengthened before the seismic deadline."),
    "merge": ("近くの{h}に余裕があり、集約により維持管理費が減ります。", "{h} nearby has room, so running cost falls."),
    "convert": ("地区内の需要が減るため、別の用途に転用します。", "Demand falls, so it serves another use."),
    "lease": ("市の利用を終え、民間に貸し付けて収入を得ます。", "No longer needed by the city; let for income."),
    "sell": ("利用者が少なく、近隣の施設で代わりが利くため売却します。", "Few users and others nearby; sold."),
    "demolish": ("安全に使える期限を過ぎるため除却します。", "Past its safe life; demolished."),
}


@dataclass
class _Tables:
    facilities: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)


def _facility_rows(count: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    weights = np.array([kind[3] for kind in _KINDS], float)
    rows = []
    for number in range(count):
        use, noun, area, _ = _KINDS[rng.choice(len(_KINDS), p=weights / weights.sum())]
        lat, lon = SOUTH + HEIGHT * rng.uniform(0.04, 0.96), WEST + WIDTH * rng.uniform(0.04, 0.96)
        exact = rng.random() < 0.6
        rows.append(
            {
                "facility_id": f"F{number + 1:05d}",
                "name": f"架空{noun}{number + 1}",
                "use": use,
                "service": noun,
                "district": DISTRICTS[_district(lat, lon)],
                "lat": round(lat, 5),
                "lon": round(lon, 5),
                "location_basis": "published point" if exact else "town centroid",
                "accuracy_m": 50.0 if exact else float(rng.integers(2, 6) * 100),
                "floor_area_m2": float(round(area * rng.lognormal(0, 0.4))),
                "built_year": int(rng.choice(np.arange(1955, 2020), p=_vintages())),
                "structure": str(rng.choice(["RC", "S", "W", "SRC"], p=[0.6, 0.25, 0.1, 0.05])),
                "is_costed": True,
                "not_costed_reason_ja": "",
                "not_costed_reason_en": "",
            }
        )
    return rows


def _vintages() -> np.ndarray:
    bell = np.exp(-(((np.arange(1955, 2020) - 1977) / 11.0) ** 2)) + 0.08
    return bell / bell.sum()


def _district(lat: float, lon: float) -> int:
    row = min(1, int((lat - SOUTH) / (HEIGHT / 2)))
    column = min(2, int((lon - WEST) / (WIDTH / 3)))
    return [3, 2, 1][column] if row else [4, 5, 0][column]


def _odd_rows(rows: list[dict[str, Any]]) -> None:
    for row, name in zip(rows, HOSTILE_NAMES, strict=False):
        row["name"] = name
    if len(rows) > 4:
        rows[2] |= {
            "name": "架空駅前窓口",
            "floor_area_m2": np.nan,
            "built_year": pd.NA,
            "is_costed": False,
            "not_costed_reason_ja": "賃借した部屋で、延べ床面積が台帳にありません。",
            "not_costed_reason_en": "A rented room whose floor area is not in the ledger.",
        }
        rows[3] |= {
            "name": "架空位置不明倉庫",
            "lat": np.nan,
            "lon": np.nan,
            "location_basis": None,
            "accuracy_m": np.nan,
        }


def _decide(rows: list[dict[str, Any]], years: tuple[int, ...], rng: np.random.Generator) -> None:
    share = {"keep": 12, "repair": 14, "renovate": 14, "extend": 20, "rebuild": 10, "rebuild_smaller": 5}
    share |= {"retrofit": 4, "merge": 10, "convert": 2, "lease": 3, "sell": 3, "demolish": 3}
    weights = np.array(list(share.values()), float) / sum(share.values())
    for row in rows:
        action = str(rng.choice(list(share), p=weights)) if row["is_costed"] else "keep"
        row["decision"], row["host_id"] = action, None
        last = max(1, len(years) - 4)
        row["decision_year"] = None if action == "keep" else int(years[int(rng.integers(0, last))])
    # One of every action when there is room, so that each view meets them all.
    for row, action in zip([*rows[4 : 4 + len(ACTIONS)], *rows[1:2]], [*ACTIONS, "extend"], strict=False):
        row["decision"] = action
        row["decision_year"] = None if action == "keep" else int(years[min(len(years) - 1, 3 + len(action))])
    stays = [row for row in rows if row["decision"] in ("extend", "renovate", "rebuild") and row["is_costed"]]
    where = np.array([[row["lat"], row["lon"]] for row in stays], float).reshape(-1, 2)
    for row in rows:
        if row["decision"] != "merge":
            continue
        if not stays:
            row["decision"] = "demolish"
            continue
        distance = np.hypot(where[:, 0] - row["lat"], where[:, 1] - row["lon"])
        distance[np.isnan(distance)] = np.inf
        row["host_id"] = stays[int(distance.argmin())]["facility_id"]


def _event_rows(rows: list[dict[str, Any]], years: tuple[int, ...]) -> list[dict[str, Any]]:
    events = []
    for row in rows:
        dated = [] if row["decision_year"] is None else [(row["decision"], row["decision_year"])]
        if dated and row["decision"] == "repair" and dated[0][1] + 20 <= years[-1]:
            dated.append(("renovate", dated[0][1] + 20))
        for action, start in dated:
            span, per_m2 = _WORKS[action]
            events.append(
                {
                    "facility_id": row["facility_id"],
                    "name": row["name"],
                    "use": row["use"],
                    "action": action,
                    "start_year": start,
                    "end_year": start + span - 1,
                    "cost": float(round(per_m2 * 1_000 * row["floor_area_m2"])),
                    "host_id": row["host_id"] if action == "merge" else None,
                }
            )
    return events


def _reason(row: dict[str, Any], names: dict[str, str]) -> tuple[str, str]:
    if not row["is_costed"]:
        return row["not_costed_reason_ja"], row["not_costed_reason_en"]
    slots = {"y": row["decision_year"], "h": names.get(row["host_id"] or "", "")}
    ja, en = _REASONS[row["decision"]]
    return ja.format(**slots), en.format(**slots)


def _paths(
    facilities: pd.DataFrame, events: pd.DataFrame, years: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Return outlay, condition and state by facility and year, and outlay by action."""
    count, span = len(facilities), len(years)
    outlay, state = np.zeros((count, span)), np.zeros((count, span), np.int8)
    age = np.asarray(years)[None, :] - facilities["built_year"].fillna(1970).to_numpy(int)[:, None]
    condition = np.clip(100.0 - 1.1 * age, 12.0, 100.0)
    by_action = {action: np.zeros(span) for action in ACTIONS}
    row_of = {name: row for row, name in enumerate(facilities["facility_id"])}
    for event in events.itertuples():
        row, start, stop = row_of[event.facility_id], event.start_year - years[0], event.end_year - years[0] + 1
        paid = event.cost / (stop - start)
        outlay[row, start:stop] += paid
        by_action[event.action][start:stop] += paid
        after = _AFTER.get(event.action)
        state[row, start:stop] = STATE_CODES.index("works")
        if after is not None:
            state[row, stop - 1 :] = STATE_CODES.index(after)
            if after in ("merged", "sold", "demolished"):
                condition[row, stop - 1 :] = np.nan
        else:
            later = np.arange(span - (stop - 1)) if stop <= span else np.zeros(0)
            start_at = {"repair": 70.0, "retrofit": 60.0}.get(event.action, 97.0)
            condition[row, stop - 1 :] = np.clip(start_at - 1.2 * later, 12.0, 100.0)
    condition[~facilities["is_costed"].to_numpy(bool)] = np.nan
    return outlay, condition, state, by_action


def _curves(
    facilities: pd.DataFrame, outlay: np.ndarray, running: np.ndarray, state: np.ndarray
) -> dict[str, dict[str, np.ndarray]]:
    span = outlay.shape[1]
    curves = {}
    ids, built_years = facilities["facility_id"].tolist(), facilities["built_year"].tolist()
    area = facilities["floor_area_m2"].fillna(0).to_numpy()
    closed = np.isin(state, [STATE_CODES.index(name) for name in ("merged", "sold", "demolished")])
    for row in np.flatnonzero(facilities["is_costed"].to_numpy(bool)):
        built = built_years[row]
        replace, extend = np.zeros(span), np.zeros(span)
        for at, amount in ((built + 30, 250_000), (built + 60, 430_000)):
            if 0 <= at - 2026 < span:
                replace[at - 2026] += amount * area[row]
        for at, amount in ((built + 40, 330_000), (built + 80, 430_000)):
            if 0 <= at - 2026 < span:
                extend[at - 2026] += amount * area[row]
        ageing = running[row] * (1.0 + 0.012 * np.arange(span))
        curves[ids[row]] = {
            "plan": np.cumsum(outlay[row] + running[row] * ~closed[row]),
            "keep": np.cumsum(ageing),
            "replace": np.cumsum(replace + running[row]),
            "extend": np.cumsum(extend + running[row]),
        }
    return curves


def _yearly(
    facilities: pd.DataFrame, years: tuple[int, ...], outlay: np.ndarray, state: np.ndarray, running: np.ndarray
) -> pd.DataFrame:
    closed = np.isin(state, [STATE_CODES.index(name) for name in ("merged", "sold", "demolished")])
    area = facilities["floor_area_m2"].fillna(0).to_numpy()
    floor = (area[:, None] * ~closed).sum(axis=0)
    spent = outlay.sum(axis=0)
    budget = np.full(len(years), round(spent.mean() * 1.15))
    balance = np.cumsum(budget - spent)
    opening = max(0.0, -float(balance.min())) if len(years) else 0.0
    target = np.full(len(years), np.nan)
    target[-1] = area.sum() * 0.9
    return pd.DataFrame(
        {
            "outlay": spent,
            "budget": budget,
            "running": (running * ~closed).sum(axis=0),
            "income": (area[:, None] * 400.0 * (state == STATE_CODES.index("leased"))).sum(axis=0),
            "risk": spent.mean() * 0.01,
            "fund_draw": np.maximum(spent - budget, 0.0),
            "fund_deposit": np.maximum(budget - spent, 0.0),
            "fund_balance": opening + balance,
            "floor_area_m2": floor,
            "floor_area_target_m2": target,
            "works_under_way": (state == STATE_CODES.index("works")).sum(axis=0),
            "works_limit": float(max(4, len(facilities) // 6)),
            **dict.fromkeys(["national_subsidy", "prefectural_subsidy", "bonds", "other_specific"], 0.0),
            "general_funds": np.minimum(spent, budget),
            **dict.fromkeys(["debt_service", "tax_grant"], 0.0),
            "own_burden": spent,
            **dict.fromkeys(_RATIOS, np.nan),
        },
        index=pd.Index(years, name="year"),
    )


def _assumptions() -> pd.DataFrame:
    columns = ["key", "label_ja", "label_en", "value", "unit", "basis", "source", "price_year", "file"]
    rows = [
        [
            "rebuild.school",
            "建替え単価（学校）",
            "Rebuilding, school",
            330_000,
            "JPY/m2",
            "assumed",
            "架空の例",
            2016,
            "x",
        ],
        ["renovate.school", "大規模改修単価", "Renovation", 170_000, "JPY/m2", "assumed", "架空の例", 2016, "x"],
        [
            "cycle.rebuild",
            "建替え周期",
            "Rebuilding cycle",
            60,
            "years",
            "seen",
            "架空の例",
            None,
            "models/cycles.toml",
        ],
    ]
    return pd.DataFrame(rows, columns=columns)


def _checks(yearly: pd.DataFrame) -> pd.DataFrame:
    columns = ["family", "title_ja", "title_en", "rows", "worst_slack", "unit", "is_met"]
    span = len(yearly)
    rows = [
        ["one_life", "一施設一計画", "One life plan each", span, 0.0, "", True],
        ["budget", "年度予算", "Yearly budget", span, float(yearly["fund_balance"].min()), "JPY", True],
        ["works", "同時工事数", "Works under way", span, 1.0, "", True],
    ]
    return pd.DataFrame(rows, columns=columns)


def make_result(count: int = 60, horizon_years: int = 40, seed: int = 7, case_name: Text | None = None) -> PlanResult:
    """Return a synthetic plan whose tables agree with one another; the same arguments give the same plan."""
    rng = np.random.default_rng(seed)
    years = tuple(range(2026, 2026 + horizon_years))
    rows = _facility_rows(count, rng)
    _odd_rows(rows)
    _decide(rows, years, rng)
    names = {row["facility_id"]: row["name"] for row in rows}
    for row in rows:
        row["reason_ja"], row["reason_en"] = _reason(row, names)
    facilities = pd.DataFrame(rows).assign(next_action="keep", next_year=None, next_extra_cost=1e6)
    facilities["explain_ja"], facilities["explain_en"] = facilities["reason_ja"], facilities["reason_en"]
    for name in ("decision_year", "built_year", "next_year"):
        facilities[name] = facilities[name].astype("Int64")
    columns = ["facility_id", "name", "use", "action", "start_year", "end_year", "cost", "host_id"]
    events = pd.DataFrame(_event_rows(rows, years), columns=columns)
    events = events.assign(**dict.fromkeys(SOURCES, 0.0), programme="")
    events["general_funds"] = events["cost"]
    outlay, condition, state, by_action = _paths(facilities, events, years)
    running = np.repeat((facilities["floor_area_m2"].fillna(0).to_numpy() * 6_000.0)[:, None], horizon_years, axis=1)
    yearly = _yearly(facilities, years, outlay, state, running)
    mean = float(yearly["outlay"].mean())
    wave = np.exp(-(((np.arange(horizon_years) - 11) / 7.0) ** 2)) * 2.6 + 0.7
    objective = float(yearly["outlay"].sum() * 0.7)
    rule = Text("建築年から推定", "estimated from the year built")
    return PlanResult(
        scenario="base",
        case_name=case_name or Text("架空市 公共施設（検査用の作り物）", "Imaginary City public buildings (synthetic)"),
        currency="JPY",
        price_year=2016,
        discount_rate=0.02,
        status="optimal",
        objective=objective,
        best_bound=objective * 0.997,
        gap=0.003,
        solver="highs",
        solve_seconds=3.2,
        years=years,
        facilities=facilities,
        events=events,
        yearly=yearly,
        spend_by_action=pd.DataFrame(by_action, index=yearly.index),
        facility_outlay=outlay,
        condition=condition,
        state=state,
        baselines={"replace": wave * mean * 1.2, "extend": wave[::-1] * mean * 0.9},
        curves=_curves(facilities, outlay, running, state),
        assumptions=_assumptions(),
        guesses=pd.DataFrame(
            [["F00005", "structure", "RC", rule.ja, rule.en]],
            columns=["facility_id", "column", "value", "rule_ja", "rule_en"],
        ),
        checks=_checks(yearly),
        binding=[{"family": "budget", "year": 2031, "ja": "2031年度の予算", "en": "The budget of FY2031"}],
        relaxed=[],
    )


def with_finances(result: PlanResult) -> PlanResult:
    """Return the plan of a city that gives its finances: subsidies, bonds, ratios against their limits.

    A fifth of each works' outlay is subsidised, half of it borrowed over twenty years, three tenths of the debt
    service returned; the city owes ten years' outlay from before. In some years the future burden is below zero.
    """
    yearly, count = result.yearly.copy(), len(result.years)
    outlay = yearly["outlay"].to_numpy(float)
    yearly["national_subsidy"] = np.round(outlay * 0.18)
    yearly["prefectural_subsidy"] = np.round(outlay * 0.02)
    yearly["bonds"] = np.round((outlay - yearly["fund_draw"].to_numpy(float)).clip(0) * 0.5)
    yearly["other_specific"] = 0.0
    yearly["general_funds"] = outlay - yearly[[name for name in SOURCES if name != "general_funds"]].sum(axis=1)
    issued = yearly["bonds"].to_numpy(float)
    since = np.arange(count)[None, :] - np.arange(count)[:, None]
    yearly["debt_service"] = np.round(issued @ np.where((since >= 1) & (since <= 20), 0.06, 0.0))
    yearly["tax_grant"] = np.round(yearly["debt_service"] * 0.3)
    yearly["own_burden"] = (
        yearly["general_funds"] + yearly["fund_draw"] + yearly["debt_service"] - yearly["tax_grant"] - yearly["income"]
    )
    size = float(outlay.mean()) * 20
    today = size * 0.5 * np.linspace(1.0, 0.0, count)
    yearly["bond_outstanding"] = np.round(issued @ np.where((since >= 0) & (since < 20), 1 - since / 20, 0.0) + today)
    yearly["budget_size"] = size
    single = 0.02 + yearly["debt_service"].to_numpy(float) / size
    before = np.concatenate([[0.0312, 0.0277], single])
    yearly["debt_service_ratio"] = single
    yearly["debt_service_ratio_3y"] = (before[2:] + before[1:-1] + before[:-2]) / 3
    yearly["future_burden_ratio"] = (
        yearly["bond_outstanding"].to_numpy(float) - yearly["fund_balance"]
    ) / size * 1.5 - 0.4
    events = result.events.assign(programme="")
    for name, share in zip(SOURCES, (0.18, 0.02, 0.4, 0.0, 0.0, 0.4), strict=True):
        events[name] = np.round(events["cost"].astype(float) * share)
    limits: dict[str, float | None] = {
        "debt_service_ratio": 0.125,
        "future_burden_ratio": 1.75,
        "outstanding_to_budget": 1.0,
    }
    return dataclasses.replace(result, yearly=yearly, events=events, fiscal_limits=limits)


def make_layers() -> dict[str, gpd.GeoDataFrame]:
    """Return the invented city's boundary and its six districts."""
    cells, names = [], []
    for row in (0, 1):
        for column in (0, 1, 2):
            west, south = WEST + column * WIDTH / 3, SOUTH + row * HEIGHT / 2
            cells.append(box(west, south, west + WIDTH / 3, south + HEIGHT / 2))
            names.append(DISTRICTS[_district(south + 1e-6, west + 1e-6)])
    corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
    outline = Polygon([(WEST + x * WIDTH, SOUTH + y * HEIGHT) for x, y in corners])
    return {
        "boundary": gpd.GeoDataFrame({"name": ["架空市"]}, geometry=[outline], crs="EPSG:4326"),
        "districts": gpd.GeoDataFrame(
            {"name": names, "population": [12_000.0, 9_000, 21_000, 8_000, 15_000, 4_000]},
            geometry=cells,
            crs="EPSG:4326",
        ),
    }


@pytest.fixture(scope="session")
def result_of() -> Callable[..., PlanResult]:
    """Make a synthetic plan of any size: ``result_of(count, horizon_years, seed)``."""
    return make_result


@pytest.fixture(scope="session")
def result() -> PlanResult:
    """Return a synthetic plan of sixty facilities over forty years, hostile names and odd rows among them."""
    return make_result()


@pytest.fixture(scope="session")
def financed(result: PlanResult) -> PlanResult:
    """Return the synthetic plan of a city that gives its finances."""
    return with_finances(result)


@pytest.fixture(scope="session")
def layers() -> dict[str, gpd.GeoDataFrame]:
    """Return the invented city's map layers."""
    return make_layers()
