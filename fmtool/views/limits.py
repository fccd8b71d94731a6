"""The limits that a plan is held back by, gathered by family for people.

A price is what one more unit of the limit would save, in millions at present value, in the relaxation (the same
problem with parts of life plans allowed). Units differ between families, so prices compare within one only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fmtool.schedule.result import PlanResult
from fmtool.text import Lang, Text
from fmtool.views.labels import is_missing, million_unit, plain_text, unit_word

STRONGEST = 3
"""So many limits of a family are named one by one."""

PRICE_NOTE = Text(
    "価格は、その制約を1単位緩めたときに減る費用の現在価値（{unit}）で、一施設の計画を分割できるとした緩和問題で計算した目安です。単位が違うため、制約の種類どうしでは比べられません。",
    "A price is what one more unit of the limit would save at present value ({unit}), reckoned in the relaxation, where parts of life plans are allowed. Units differ, so prices compare within one kind of limit only.",
)


@dataclass(frozen=True, slots=True)
class LimitGroup:
    """The binding limits of one family."""

    family: str
    title: str
    count: int
    years: str
    """Years in which they bind, as ranges; nothing where the family has none."""
    unit: str
    strongest: tuple[tuple[str, float], ...]
    """The ones with the highest price: where, and the price (0 = not known)."""

    @property
    def rest(self) -> int:
        """How many are not named."""
        return self.count - len(self.strongest)


def price_note(result: PlanResult, lang: Lang) -> str:
    """Say what a price is."""
    return PRICE_NOTE.say(lang).replace("{unit}", million_unit(result.currency, lang))


def binding_groups(result: PlanResult, lang: Lang) -> list[LimitGroup]:
    """Gather the binding limits by family, the one with the highest price first."""
    titles = {
        row["family"]: (plain_text(row[f"title_{lang}"]), row["unit"]) for row in result.checks.to_dict("records")
    }
    names = dict(zip(result.facilities["facility_id"].astype(str), result.facilities["name"], strict=True))
    families: dict[str, list[Mapping[str, Any]]] = {}
    for item in result.binding:
        families.setdefault(str(item.get("family")), []).append(item)
    groups = []
    for family, items in families.items():
        title, unit = titles.get(family, ("", None))
        ordered = sorted(items, key=lambda item: -price_of(item))
        strongest = tuple((_where(item, title, names, lang), price_of(item)) for item in ordered[:STRONGEST])
        years = [int(item["year"]) for item in items if not is_missing(item.get("year"))]
        groups.append(
            LimitGroup(
                family,
                title or family,
                len(items),
                year_ranges(years),
                unit_word(unit, lang, result.currency),
                strongest,
            )
        )
    return sorted(groups, key=lambda group: -group.strongest[0][1])


def named_limit(item: Mapping[str, Any], result: PlanResult, lang: Lang) -> str:
    """Say a limit with the facility's name where it tells only the id."""
    said = plain_text(item.get(lang))
    names = dict(zip(result.facilities["facility_id"].astype(str), result.facilities["name"], strict=True))
    inside = re.search(r"[（(]([^（()）]+)[）)]$", said)
    name = names.get(inside[1]) if inside else None
    return (
        said
        if inside is None or name is None
        else f"{said[: inside.start(1)]}{inside[1]} {plain_text(name)}{said[inside.end(1) :]}"
    )


def price_of(item: Mapping[str, Any]) -> float:
    """Return what one more unit of a limit saves.

    >>> price_of({"price": -12.5}), price_of({})
    (12.5, 0.0)
    """
    price = item.get("price")
    return 0.0 if is_missing(price) else abs(float(price))  # type: ignore[arg-type]  # a number when not missing


def _where(item: Mapping[str, Any], title: str, names: Mapping[str, Any], lang: Lang) -> str:
    """Return the place within the family: the words in brackets after its title."""
    said = plain_text(item.get(lang))
    inside = re.fullmatch(r"\s*[（(](.*)[）)]", said.removeprefix(title), re.DOTALL) if title else None
    place = inside[1] if inside else said
    return plain_text(names.get(place, place))


def year_ranges(years: Iterable[int]) -> str:
    """Write years as ranges.

    >>> year_ranges([2030, 2026, 2027, 2028, 2030])
    '2026–2028, 2030'
    """
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and year == runs[-1][1] + 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
