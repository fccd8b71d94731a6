"""Rows of the report's tables, gathered so that a city fits a few pages."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from fmtool.schedule.result import PlanResult
from fmtool.text import Lang, Text
from fmtool.views.labels import (
    assumption_name,
    coded_words,
    is_missing,
    named,
    plain_text,
    short_eras,
    short_years,
    unit_word,
    why_text,
)
from fmtool.vocabulary import ACTIONS

GIVEN_UP = ("merge", "convert", "lease", "sell", "demolish")
"""Decisions told one by one, each with its reason."""
KEPT_UP = ("rebuild", "rebuild_smaller", "extend", "renovate", "retrofit", "repair")
"""Decisions listed in short, their reasons gathered."""
REASONS_SHOWN = 4
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def decision_table(result: PlanResult, decision: str, lang: Lang) -> list[dict[str, Any]]:
    """List the facilities of a decision: what, where, when, into which host, for how much, what follows, and why."""
    names = dict(zip(result.facilities["facility_id"], result.facilities["name"], strict=True))
    of_facility: dict[Hashable, list[dict[Hashable, Any]]] = {}
    for event in result.events.sort_values(["start_year", "facility_id"], kind="stable").to_dict("records"):
        of_facility.setdefault(event["facility_id"], []).append(event)
    rows = []
    for facility in result.facilities.to_dict("records"):
        events = of_facility.get(facility["facility_id"], [])
        if facility["decision"] != decision or not events:
            continue
        lead = next((event for event in events if event["action"] == decision), events[0])
        rows.append(
            {
                "id": facility["facility_id"],
                "name": facility["name"],
                "use": facility["use"],
                "district": facility["district"],
                "floor_area_m2": facility["floor_area_m2"],
                "start_year": int(lead["start_year"]),
                "when": years_of(lead, lang),
                "short_when": short_years(int(lead["start_year"]), int(lead["end_year"])),
                "then": [_step(event, lang) for event in events if event is not lead],
                "cost": sum(float(event["cost"]) for event in events),
                "host": None if is_missing(lead["host_id"]) else names.get(lead["host_id"], lead["host_id"]),
                # Reasons to gather are short; where each stands by itself it is the sentence of `fmtool explain`.
                "reason": plain_text(facility[f"reason_{lang}"]) if decision in KEPT_UP else why_text(facility, lang),
            }
        )
    return sorted(rows, key=lambda row: (row["start_year"], str(row["id"])))


def _step(event: Mapping[Hashable, Any], lang: Lang) -> str:
    years = short_years(int(event["start_year"]), int(event["end_year"]))
    return f"{named(ACTIONS, event['action'], lang)} {years}"


def years_of(event: Mapping[Hashable, Any], lang: Lang) -> str:
    """Write the years of an action, in Japanese in both calendars.

    >>> years_of({"start_year": 2028, "end_year": 2029}, "ja"), years_of({"start_year": 2028, "end_year": 2028}, "en")
    ('2028–29（R10–11）', '2028')
    """
    first, last = int(event["start_year"]), int(event["end_year"])
    return f"{short_years(first, last)}（{short_eras(first, last)}）" if lang == "ja" else short_years(first, last)


def reason_patterns(reasons: Iterable[str], lang: Lang) -> list[tuple[str, int]]:
    """Gather reasons that differ in their numbers only: the words with the numbers' ranges, and how many say so.

    >>> reason_patterns(["saves 1,200 by 2030", "saves 35 by 2030", "listed"], "en")
    [('saves 35–1,200 by 2030', 2), ('listed', 1)]
    """
    groups: dict[str, list[list[str]]] = {}
    for reason in reasons:
        if reason:
            groups.setdefault(_NUMBER.sub("\0", reason), []).append(_NUMBER.findall(reason))
    told = [(_with_ranges(words, numbers, lang), len(numbers)) for words, numbers in groups.items()]
    return sorted(told, key=lambda each: -each[1])


def _with_ranges(words: str, numbers: Sequence[Sequence[str]], lang: Lang) -> str:
    parts, dash = words.split("\0"), "〜" if lang == "ja" else "–"
    said = [parts[0]]
    for place, after in enumerate(parts[1:]):
        values = sorted({row[place] for row in numbers}, key=lambda number: float(number.replace(",", "")))
        said += [values[0] if len(values) == 1 else f"{values[0]}{dash}{values[-1]}", after]
    return "".join(said)


def uncosted_groups(result: PlanResult, lang: Lang) -> list[tuple[str, list[str]]]:
    """Gather the facilities without costs by the reason."""
    groups: dict[str, list[str]] = {}
    for row in result.facilities[~result.facilities["is_costed"].astype(bool)].to_dict("records"):
        groups.setdefault(plain_text(row[f"not_costed_reason_{lang}"]), []).append(plain_text(row["name"]))
    return list(groups.items())


def assumption_groups(frame: pd.DataFrame, lang: Lang) -> list[dict[str, Any]]:
    """Gather the assumptions of one basis, source and price year; those without a published source come first."""
    groups: dict[tuple[str, str, str], list[tuple[str, str, str]]] = {}
    for row in frame.to_dict("records"):
        year = "" if is_missing(row["price_year"]) else str(int(row["price_year"]))
        item = (
            assumption_name(row["key"], row[f"label_{lang}"], lang),
            value_text(coded_words(row["value"], row["unit"], lang)),
            unit_word(row["unit"], lang),
        )
        groups.setdefault((str(row["basis"]), plain_text(row["source"]), year), []).append(item)
    told = [
        {"basis": basis, "source": source, "price_year": year, "items": items}
        for (basis, source, year), items in groups.items()
    ]
    return sorted(told, key=lambda group: ("assumed", "given").index(group["basis"]) if group["basis"] in ("assumed", "given") else 2)  # fmt: skip


def value_text(value: object) -> str:
    """Write an assumption's value.

    >>> value_text(280000), value_text(0.02), value_text([1, 2]), value_text("steel")
    ('280,000', '0.02', '1, 2', 'steel')
    """
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return plain_text(value)
    return f"{value:,.10g}" if abs(value) >= 10_000 else f"{value:.10g}"  # noqa: PLR2004  - a year keeps no comma


def guess_groups(result: PlanResult, titles: Mapping[str, Text], lang: Lang) -> list[dict[str, Any]]:
    """Count the filled-in values by column, with the rules in short."""
    groups: dict[str, list[str]] = {}
    for row in result.guesses.to_dict("records"):
        groups.setdefault(str(row["column"]), []).append(plain_text(row[f"rule_{lang}"]))
    return [
        {
            "column": titles[column].say(lang) if column in titles else column,
            "count": len(rules),
            "rules": _rules(rules, lang),
        }
        for column, rules in groups.items()
    ]


def _rules(rules: list[str], lang: Lang) -> str:
    """Name the rules most used, and count the others."""
    counted = sorted(((rules.count(rule), rule) for rule in dict.fromkeys(rules)), key=lambda each: -each[0])
    shown = [f"{rule}{f' ({count:,})' if len(counted) > 1 else ''}" for count, rule in counted[:REASONS_SHOWN]]
    rest = sum(count for count, _ in counted[REASONS_SHOWN:])
    if rest:
        shown.append(
            Text(f"ほか{rest}件（ワークブックの「補完値」）", f"{rest} more (sheet “Filled-in values”)").say(lang)
        )
    return ("；" if lang == "ja" else "; ").join(shown)
