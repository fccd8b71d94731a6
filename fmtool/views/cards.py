"""施設カルテ: one small sheet a facility (``cards.html``), for the staff who look after it; prints three to a page.

Drawings are made here as plain SVG of a few hundred bytes, so that thousands of facilities fit one file.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup, escape
from numpy.typing import NDArray

from fmtool.inventory.columns import read_columns
from fmtool.schedule.result import SOURCES, STATE_CODES, PlanResult
from fmtool.text import Lang, Text
from fmtool.units import fiscal_year, money
from fmtool.views.labels import (
    MILLION,
    SHORT_SERIES,
    STRUCTURES,
    is_missing,
    million_unit,
    named,
    plain_text,
    short_years,
    why_text,
)
from fmtool.views.palette import ACTION_COLOURS, SERIES_COLOURS, ink_on
from fmtool.vocabulary import ACTIONS, USES
from fmtool.workspace import write_text

MOST_CARDS = 2_000
"""So many facilities have a card: a page of more is no longer a page. The dearest come first into the choice."""
_WIDTH, _HEIGHT, _STRIP = 360, 92, 12
_DASHES = {"replace": "5 3", "extend": "8 3 2 3", "keep": "2 3", "plan": ""}
_GONE = tuple(STATE_CODES.index(state) for state in ("merged", "sold", "demolished"))


def write_cards(result: PlanResult, path: Path, lang: Lang) -> None:
    """Write a card for each costed facility in one language.

    Parameters
    ----------
    result
        The certified plan.
    path
        File to write; it appears whole or not at all.
    lang
        Language of the page.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    costed = int(result.facilities["is_costed"].sum())
    cards = read_cards(result, lang)
    page = environment.get_template("cards.html.j2").render(
        lang=lang,
        t=lambda ja, en: Text(ja, en).say(lang),
        case_name=plain_text(result.case_name.say(lang)),
        result=result,
        years=f"{fiscal_year(result.years[0], lang, both=True)} – {fiscal_year(result.years[-1], lang, both=True)}",
        unit=million_unit(result.currency, lang),
        cards=cards,
        left_out=costed - len(cards),
        legend=Markup(_legend(lang)),  # noqa: S704  - our own words
    )
    write_text(path, page)


def read_cards(result: PlanResult, lang: Lang) -> list[dict[str, Any]]:
    """Return what stands on each card, in the order of the inventory."""
    totals = result.facility_outlay.sum(axis=1)
    costed = result.facilities["is_costed"].to_numpy(bool)
    shown = [int(row) for row in np.flatnonzero(costed)]
    if len(shown) > MOST_CARDS:
        shown = sorted(sorted(shown, key=lambda row: -totals[row])[:MOST_CARDS])
    records = result.facilities.to_dict("records")
    names = {record["facility_id"]: plain_text(record["name"]) for record in records}
    events: dict[Hashable, list[dict[Hashable, Any]]] = {}
    for event in result.events.sort_values("start_year", kind="stable").to_dict("records"):
        events.setdefault(event["facility_id"], []).append(event)
    guessed = _guesses(result.guesses, lang)
    return [
        _card(result, row, records[row], events.get(records[row]["facility_id"], []), names, guessed, lang)
        for row in shown
    ]


def _card(
    result: PlanResult,
    row: int,
    facility: Mapping[Hashable, Any],
    events: Sequence[Mapping[Hashable, Any]],
    names: Mapping[Any, str],
    guessed: Mapping[str, list[str]],
    lang: Lang,
) -> dict[str, Any]:
    identity = str(facility["facility_id"])
    host = facility["host_id"]
    facts = [
        named(USES, facility["use"], lang),
        plain_text(facility["district"]),
        "" if is_missing(facility["floor_area_m2"]) else f"{float(facility['floor_area_m2']):,.0f} m²",
        "" if is_missing(facility["built_year"]) else fiscal_year(int(facility["built_year"]), lang, both=True) + Text("建築", " built").say(lang),
        named(STRUCTURES, facility["structure"], lang),
    ]  # fmt: skip
    return {
        "id": identity,
        "name": names[facility["facility_id"]],
        "facts": [fact for fact in facts if fact],
        "action": named(ACTIONS, facility["decision"], lang),
        "colour": ACTION_COLOURS.get(str(facility["decision"]), "#77859a"),
        "ink": ink_on(ACTION_COLOURS.get(str(facility["decision"]), "#77859a")),
        "year": None if is_missing(facility["decision_year"]) else fiscal_year(int(facility["decision_year"]), lang, both=True),
        "host": "" if is_missing(host) else names.get(host, str(host)),
        "reason": why_text(facility, lang),
        "next": _next_best(facility, result.currency, lang),
        "events": [_event(event, lang) for event in events],
        "guessed": guessed.get(identity, []),
        "drawing": Markup(_drawing(result, row, identity, lang)),  # noqa: S704  - our own drawing; its label is escaped
    }  # fmt: skip


def _next_best(facility: Mapping[Hashable, Any], currency: str, lang: Lang) -> str:
    action, extra = facility["next_action"], facility["next_extra_cost"]
    if is_missing(action) or is_missing(extra):
        return ""
    year = "" if is_missing(facility["next_year"]) else f" {int(facility['next_year'])}"
    sign = "+" if float(extra) >= 0 else "−"  # below nothing where only whole plans make the difference
    more = f"{sign}{money(abs(float(extra)), lang, currency)}"
    name = named(ACTIONS, action, lang)
    return Text(f"次点: {name}{year}（{more}）", f"Next best: {name}{year} ({more})").say(lang)


def _event(event: Mapping[Hashable, Any], lang: Lang) -> dict[str, str]:
    paid = [
        f"{label.say(lang)} {float(event[name]) / MILLION:,.1f}"
        for name, label in SOURCES.items()
        if not is_missing(event[name]) and abs(float(event[name])) >= 1
    ]
    return {
        "when": short_years(int(event["start_year"]), int(event["end_year"])),
        "what": named(ACTIONS, event["action"], lang),
        "cost": f"{float(event['cost']) / MILLION:,.1f}",
        "paid": Text("、", ", ").say(lang).join(paid),
    }


def _guesses(frame: pd.DataFrame, lang: Lang) -> dict[str, list[str]]:
    titles = {column.name: column.title.say(lang) for column in read_columns()}
    found: dict[str, list[str]] = {}
    for identity, column in zip(frame["facility_id"].tolist(), frame["column"].tolist(), strict=True):
        found.setdefault(str(identity), []).append(titles.get(str(column), str(column)))
    return found


def _drawing(result: PlanResult, row: int, identity: str, lang: Lang) -> str:
    """Draw the curves of cumulative cost, the condition under this plan, and a strip of the works' years."""
    lines = result.curves.get(identity, {})
    top = max((float(np.nanmax(np.abs(values))) for values in lines.values() if len(values)), default=0.0) or 1.0
    parts = [
        f'<path d="{_path(np.asarray(values, dtype=float) / top)}" stroke="{SERIES_COLOURS[label]}"'
        f"{_dash(label)}{' stroke-width="2.2"' if label == 'plan' else ''}/>"
        for label, values in lines.items()
        if label in SERIES_COLOURS
    ]
    parts.append(f'<path d="{_path(result.condition[row] / 100)}" stroke="#b9c2cd" stroke-width="1"/>')
    parts += _strip(result, row)
    name = escape(Text("累計費用と健全度", "Cumulative cost and condition").say(lang))
    end = f"{top / MILLION:,.0f}"
    return (
        f'<svg role="img" aria-label="{name}" viewBox="0 0 {_WIDTH + 44} {_HEIGHT + _STRIP + 14}">'
        f'<g fill="none" stroke-width="1.3">{"".join(parts)}</g>'
        f'<text x="{_WIDTH + 4}" y="10">{end}</text><text x="{_WIDTH + 4}" y="{_HEIGHT}">0</text>'
        f'<text x="0" y="{_HEIGHT + _STRIP + 12}">{result.years[0]}</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT + _STRIP + 12}" text-anchor="end">{result.years[-1]}</text></svg>'
    )


def _dash(label: str) -> str:
    return f' stroke-dasharray="{_DASHES[label]}"' if _DASHES.get(label) else ""


def _path(shares: NDArray[np.float64]) -> str:
    """Return a line over the years, from shares of the drawing's height; a gap where a share is missing.

    >>> _path(np.array([0.0, 0.5, float("nan"), 1.0]))
    'M0,92 120,46M360,0'
    """
    step, parts, is_down = _WIDTH / max(len(shares) - 1, 1), [], False
    for at, share in enumerate(shares):
        if math.isnan(share):
            is_down = False
            continue
        parts.append(f"{' ' if is_down else 'M'}{at * step:.4g},{_HEIGHT * (1 - max(share, 0.0)):.3g}")
        is_down = True
    return "".join(parts)


def _strip(result: PlanResult, row: int) -> list[str]:
    """Draw the years of works in the colours of their actions, and grey from when the building is given up."""
    count, identity = len(result.years), result.facilities["facility_id"].iloc[row]
    wide, top = _WIDTH / count, _HEIGHT + 2
    gone = np.flatnonzero(np.isin(result.state[row], _GONE))
    drawn = [_box(0, _WIDTH, top, "#eef3f9")]
    if gone.size:
        drawn.append(_box(gone[0] * wide, _WIDTH - gone[0] * wide, top, "#c4ccd6"))
    own = result.events[result.events["facility_id"] == identity]
    columns = (own[name].tolist() for name in ("action", "start_year", "end_year"))
    for action, start, end in zip(*columns, strict=True):
        first, last = max(int(start) - result.years[0], 0), min(int(end) - result.years[0], count - 1)
        if first < count and last >= 0:
            drawn.append(_box(first * wide, (last - first + 1) * wide, top, ACTION_COLOURS.get(str(action), "#77859a")))
    return drawn


def _box(left: float, wide: float, top: float, colour: str) -> str:
    return f'<path d="M{left:.4g},{top}h{wide:.4g}v{_STRIP}h-{wide:.4g}z" fill="{colour}"/>'


def _legend(lang: Lang) -> str:
    lines = "".join(
        f'<span><svg viewBox="0 0 30 8"><path d="M0,4h30" fill="none" stroke="{SERIES_COLOURS[label]}" '
        f'stroke-width="2"{_dash(label)}/></svg>{escape(SHORT_SERIES[label].say(lang))}</span>'
        for label in ("plan", "replace", "extend", "keep")
    )
    condition = escape(Text("健全度（上端100）", "condition (top = 100)").say(lang))
    grey = '<span><svg viewBox="0 0 30 8"><path d="M0,4h30" fill="none" stroke="#b9c2cd" stroke-width="2"/></svg>'
    return f"{lines}{grey}{condition}</span>"
