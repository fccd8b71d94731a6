"""What the map page is given: columns of numbers and words, all computed here; the page only draws.

Money of yearly lines, actions and curves is in whole currency units; ``spend`` (facility, year, action) in thousands.
A year is an index into the plan's years; a facility, use, action or district is an index into its column or list.
Long tables are in the order of facilities and give each row's facility as the step from the row before (``f``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmtool.lifecycle.uncertainty import estimated_columns
from fmtool.schedule.result import SOURCES, STATE_CODES, STATES, PlanResult
from fmtool.text import Lang, Text
from fmtool.units import fiscal_year
from fmtool.views.cover import cover_columns, service_cover
from fmtool.views.fiscal import SOURCE_COLOURS, is_general
from fmtool.views.labels import STATUSES, STRUCTURES
from fmtool.views.map_encode import DIGITS, LEVELS, SCORES, facility_curves, scores_text
from fmtool.views.map_replace import REPLACE
from fmtool.views.map_tiles import TILES, Tiles, TileSource
from fmtool.views.map_words import WORDS
from fmtool.views.palette import ACTION_COLOURS, SERIES_COLOURS
from fmtool.vocabulary import ACTIONS, USES

SHAPES: dict[str, str] = {
    "keep": "circle",
    "repair": "pill",
    "renovate": "square",
    "extend": "triangle",
    "rebuild": "diamond",
    "rebuild_smaller": "diamond_dot",
    "retrofit": "house",
    "merge": "triangle_down",
    "convert": "pentagon",
    "lease": "hexagon",
    "sell": "star",
    "demolish": "cross",
}
"""Action code to the shape of its marker: no two actions share one, so a page in black and white can be read."""

CURVES = ("plan", "keep", "replace", "extend")
CLOSED_STATES = ("merged", "sold", "demolished")
THOUSAND = 1_000
MOST_EXPLAINED = 5_000
"""With more facilities the page gives each the short reason: explanations hardly pack, and would double the file."""

_ACTION_INDEX = {code: at for at, code in enumerate(ACTIONS)}


def payload(
    result: PlanResult,
    lang: Lang,
    base: Mapping[str, Any],
    *,
    tiles: Tiles | None = None,
    services: pd.DataFrame | None = None,
    others: Sequence[PlanResult] = (),
) -> dict[str, Any]:
    """Return the whole content of the page as plain lists and words.

    Parameters
    ----------
    result
        The plan.
    lang
        Language in which the page opens.
    base
        What :func:`fmtool.views.map_base.base_facts` says of the layers drawn under the facilities.
    tiles
        Which online tiles the page offers; none by default.
    services
        The services as ``read_services`` gives them: their English names, and what each may be converted to.
    others
        Plans of the same facilities and years that the reader can switch to.
    """
    facilities = result.facilities.reset_index(drop=True)
    index = {name: at for at, name in enumerate(facilities["facility_id"].astype(str))}
    columns = _facility_columns(facilities, index)
    columns["estimated"] = _estimated(result, index)
    columns["districts"] += [name for name in dict.fromkeys(base.get("areas", ())) if name not in columns["districts"]]
    targets: dict[str, str] = {}
    if services is not None:
        targets = dict(zip(services.index.astype(str), services["convert_to"].fillna("").astype(str), strict=True))
    columns["services"] += sorted({targets.get(name, "") for name in columns["services"]} - {"", *columns["services"]})
    centres = {name: (lat, lon) for name, lat, lon in base.get("labels", ())}

    def plan(one: PlanResult, *, is_own: bool) -> dict[str, Any]:
        cover = service_cover(one, columns["services"], columns["districts"], centres, targets)
        has_curves = is_own or one.scenario != REPLACE
        return {
            "meta": _meta(one),
            "yearly": _yearly(one),
            "choice": _choice_columns(one.facilities.reset_index(drop=True), index),
            "e": _event_columns(one, index),
            "o": _spend_columns(one, index),
            "state": _state_changes(one.state),
            "condition": scores_text(one.condition),
            "curves": _curves(one, list(index)) if has_curves else None,
            "cover": cover_columns(cover),
        }

    own, *rest = plan(result, is_own=True), *(plan(other, is_own=False) for other in others)
    columns["services"] = [[name, _english(name, services)] for name in columns["services"]]
    return {
        "lang": lang,
        "tiles": None if tiles is None else _tiles(TILES[tiles]),
        "digits": DIGITS,
        "scores": SCORES,
        "words": {key: list(text) for key, text in WORDS.items()},
        "base": dict(base),
        "actions": [[code, *ACTIONS[code], ACTION_COLOURS[code], SHAPES[code]] for code in ACTIONS],
        "states": [[code, *STATES[code], int(code in CLOSED_STATES)] for code in STATE_CODES],
        "sources": [[*SOURCES[code], SOURCE_COLOURS[code]] for code in SOURCES],
        "colours": SERIES_COLOURS,
        "years": [[year, fiscal_year(year, "ja"), fiscal_year(year, "ja", both=True)] for year in result.years],
        "f": columns,
        "plans": [own, *rest],
    }


def _tiles(source: TileSource) -> dict[str, Any]:
    return {"name": list(source.name), "credit": list(source.credit), "terms": source.terms}


def _english(service: str, services: pd.DataFrame | None) -> str:
    if services is None or service not in services.index:
        return service
    return str(services.loc[service, "service_en"]) or service


def _meta(result: PlanResult) -> dict[str, Any]:
    return {
        "title": list(result.case_name),
        "scenario": result.scenario,
        "is_replace": int(result.scenario == REPLACE),
        "currency": result.currency,
        "price_year": result.price_year,
        "discount_rate": result.discount_rate,
        "status": list(STATUSES[result.status]),
        "gap": _number(result.gap),
        "solver": result.solver,
    }


def _yearly(result: PlanResult) -> dict[str, Any]:
    lines = ("outlay", "budget", "income", "floor_area_m2", "floor_area_target_m2")
    spent = {_ACTION_INDEX[code]: column for code, column in result.spend_by_action.items() if code in _ACTION_INDEX}
    return {
        **{name: _whole(result.yearly[name]) for name in lines if name in result.yearly},
        "isGeneral": int(is_general(result)),
        "replace": _whole(result.baselines.get("replace", [])),
        "sources": _sources(result.yearly),
        "spend": [[at, _whole(column)] for at, column in sorted(spent.items()) if column.abs().sum() > 0],
    }


def _sources(yearly: pd.DataFrame) -> list[list[int | None]]:
    """Return what pays for the works of each year, source by source; empty where a source is not told."""
    if any(name not in yearly or yearly[name].isna().all() for name in SOURCES):
        return []
    return [_whole(yearly[name]) for name in SOURCES]


def _facility_columns(facilities: pd.DataFrame, index: Mapping[str, int]) -> dict[str, Any]:
    uses = [code for code in USES if (facilities["use"] == code).any()]
    uses += sorted(set(facilities["use"].dropna().astype(str)) - set(uses))
    structures, structure = _interned(facilities["structure"])
    services, service = _interned(facilities["service"])
    districts, district = _interned(facilities["district"])
    return {
        "uses": [[code, *USES.get(code, Text(code, code))] for code in uses],
        "structures": [[code, *STRUCTURES.get(code, Text(code, code))] for code in structures],
        "services": services,
        "districts": districts,
        "id": list(index),
        "name": _words(facilities["name"]),
        "use": [uses.index(str(code)) for code in facilities["use"]],
        "service": service,
        "district": district,
        "structure": structure,
        "lat": _rounded(facilities["lat"], 5),
        "lon": _rounded(facilities["lon"], 5),
        "accuracy": _whole(facilities["accuracy_m"]),
        "area": _whole(facilities["floor_area_m2"]),
        "built": _whole(facilities["built_year"]),
        "built_ja": {
            str(int(year)): fiscal_year(int(year), "ja", both=True)
            for year in facilities["built_year"].dropna().unique()
        },
        "costed": [int(flag) for flag in facilities["is_costed"].astype(bool)],
    }


def _estimated(result: PlanResult, index: Mapping[str, int]) -> dict[str, list[int]]:
    """Return, for each column that the card shows, the facilities whose value is an estimate: as steps."""
    told = estimated_columns(result.guesses)
    shown = {"area": "floor_area_m2", "built": "built_year", "structure": "structure"}
    return {
        key: _steps(np.array([at for name, at in index.items() if column in told.get(name, ())], dtype=int))
        for key, column in shown.items()
    }


def _choice_columns(facilities: pd.DataFrame, index: Mapping[str, int]) -> dict[str, Any]:
    """Return what a plan decides for each facility, and why: the explanation where there is one, else the reason."""
    tells_more = len(facilities) <= MOST_EXPLAINED
    said = [
        (explained if explained[0] and tells_more else reason) if is_costed else why
        for is_costed, explained, reason, why in zip(
            facilities["is_costed"].astype(bool),
            *(_pairs(facilities, name) for name in ("explain", "reason", "not_costed_reason")),
            strict=True,
        )
    ]
    distinct = {pair: at for at, pair in enumerate(dict.fromkeys(said))}
    return {
        "reasons": [list(pair) for pair in distinct],
        "reason": [distinct[pair] for pair in said],
        "decision": [_ACTION_INDEX.get(str(code), 0) for code in facilities["decision"]],
        "host": [index.get(str(host), -1) for host in facilities["host_id"]],
    }


def _pairs(facilities: pd.DataFrame, name: str) -> list[tuple[str, str]]:
    """Return a sentence's Japanese and English columns; empty where the plan has none."""
    if f"{name}_ja" not in facilities:
        return [("", "")] * len(facilities)
    return list(zip(_words(facilities[f"{name}_ja"]), _words(facilities[f"{name}_en"]), strict=True))


def _event_columns(result: PlanResult, index: Mapping[str, int]) -> dict[str, Any]:
    first = result.years[0]
    facility = np.array([index[str(name)] for name in result.events["facility_id"]], dtype=int)
    order = np.lexsort((result.events["start_year"].to_numpy(int), facility))
    events = result.events.iloc[order]
    return {
        "f": _steps(facility[order]),
        "a": [_ACTION_INDEX[str(code)] for code in events["action"]],
        "from": [int(year) - first for year in events["start_year"]],
        "years": (events["end_year"] - events["start_year"] + 1).astype(int).tolist(),
        "cost": _whole(events["cost"]),
        "host": [index.get(str(host), -1) for host in events["host_id"]],
    }


def spend_by_facility(result: PlanResult) -> pd.DataFrame:
    """Split each facility's outlay of a year among the actions under way in it.

    In a year with several actions they share in proportion to their yearly cost; money paid outside every
    action (design before it begins, say) counts for the facility's nearest one.

    Returns
    -------
    pandas.DataFrame
        facility, year, action (indices) and amount; amounts of a facility and year add up to ``facility_outlay``.
    """
    index = {str(name): at for at, name in enumerate(result.facilities["facility_id"])}
    first, span = result.years[0], len(result.years)
    dated = result.events
    events = [
        (index[str(name)], int(start) - first, int(end) - first, _ACTION_INDEX[str(action)], float(cost))
        for name, start, end, action, cost in zip(
            *(dated[column].tolist() for column in ("facility_id", "start_year", "end_year", "action", "cost")),
            strict=True,
        )
    ]
    parts = [
        (facility, year, action, max(cost, 1.0) / (end - start + 1))
        for facility, start, end, action, cost in events
        for year in range(max(start, 0), min(end + 1, span))
    ]
    split = pd.DataFrame(parts, columns=["facility", "year", "action", "weight"])
    split = split.groupby(["facility", "year", "action"])["weight"].sum().reset_index()
    total = split.groupby(["facility", "year"])["weight"].transform("sum")
    at = (split["facility"].to_numpy(int), split["year"].to_numpy(int))
    split["amount"] = split["weight"] / total * result.facility_outlay[at]
    rest = result.facility_outlay.copy()
    rest[at] = 0.0
    nearest: dict[int, list[tuple[int, int]]] = {}
    for facility, start, _, action, _ in events:
        nearest.setdefault(facility, []).append((start, action))
    outside = [
        (facility, year, min((abs(start - year), action) for start, action in nearest.get(facility, [(0, 0)]))[1])
        for facility, year in zip(*(axis.tolist() for axis in np.nonzero(rest)), strict=True)
    ]
    added = pd.DataFrame(outside, columns=["facility", "year", "action"])
    added["amount"] = rest[np.nonzero(rest)]
    columns = ["facility", "year", "action", "amount"]
    both = pd.concat([frame[columns] for frame in (split, added) if len(frame)] or [split[columns]], ignore_index=True)
    return both[both["amount"] != 0].sort_values(columns[:3], ignore_index=True)


def _spend_columns(result: PlanResult, index: Mapping[str, int]) -> dict[str, Any]:
    split = spend_by_facility(result) if len(index) else pd.DataFrame(columns=["facility", "year", "action", "amount"])
    return {
        "f": _steps(split["facility"].to_numpy(int)),
        "y": split["year"].astype(int).tolist(),
        "a": split["action"].astype(int).tolist(),
        "v": _whole(split["amount"] / THOUSAND),
    }


def _state_changes(state: NDArray[np.int8]) -> dict[str, list[int]]:
    """Return facility, year and new state wherever a state differs from the year before; all begin as state 0."""
    before = np.zeros_like(state)
    before[:, 1:] = state[:, :-1]
    facility, year = np.nonzero(state != before)
    return {"f": _steps(facility), "y": year.tolist(), "s": state[facility, year].tolist()}


def _curves(result: PlanResult, ids: list[str]) -> dict[str, Any]:
    found = facility_curves(ids, len(result.years), result.curves, CURVES)
    return {
        "low": _whole(found.low),
        "high": _whole(found.high),
        "levels": LEVELS,
        "labels": {label: [text.counts, text.points] for label, text in found.texts.items()},
    }


def _steps(ascending: NDArray[np.int_]) -> list[int]:
    return [int(step) for step in np.diff(ascending, prepend=0)]


def _words(column: pd.Series[Any]) -> list[str]:
    return ["" if value is None else str(value) for value in column.astype(object).where(column.notna(), None).tolist()]


def _interned(column: pd.Series[Any]) -> tuple[list[str], list[int]]:
    """Return the different words in order of appearance, and each row's index among them (-1 = none)."""
    words = _words(column)
    distinct = [word for word in dict.fromkeys(words) if word]
    at = {word: place for place, word in enumerate(distinct)}
    return distinct, [at.get(word, -1) for word in words]


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _rounded(values: Iterable[Any], places: int) -> list[float | None]:
    return [None if math.isnan(value) else round(value, places) for value in np.asarray(values, float).tolist()]


def _whole(values: Iterable[Any]) -> list[int | None]:
    numbers = np.rint(pd.to_numeric(pd.Series(values, dtype=object), errors="coerce").to_numpy(float, na_value=np.nan))
    return [None if missing else int(number) for number, missing in zip(numbers, np.isnan(numbers), strict=True)]
