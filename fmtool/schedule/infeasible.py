"""Why no schedule exists: the least that the limits would have to give way, in plain words, tried out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fmtool.errors import FmtoolError, InfeasibleScheduleError, SolverError
from fmtool.schedule.elastic import TOLERANCE, Elastic, Found, Relief, least_relief
from fmtool.schedule.families import Family
from fmtool.schedule.giving import RATIO_LIMITS, Giving
from fmtool.schedule.inputs import Bools, Floats, ScheduleInputs
from fmtool.schedule.limits import Limit
from fmtool.schedule.problem import SolveOptions
from fmtool.schedule.relaxed import admits
from fmtool.schedule.rows import Rows, facility_name
from fmtool.text import Text, listed_faults, listing

_MOST_SECONDS, _LEAST_SECONDS = 30.0, 10.0
_CONFIRMING = 0.25
"""Share of the time for solving again with the relaxed limits."""
_LINES, _NAMES, _SPANS = 12, 3, 4
_OF_ALL = {"host", "site", "merges", "level"}
"""Families whose facilities, districts or sides share one line."""
_SIDES = {"over": Text("多い年", "dear years"), "under": Text("少ない年", "cheap years")}
_FAR = 0.2
"""A sum that may lie further above the least is not said to be about the least."""
_MONEY, _DEBT = frozenset({"budget", "fund_floor"}), frozenset(RATIO_LIMITS)


def explain_infeasible(
    inputs: ScheduleInputs, options: SolveOptions, blocks: Sequence[Rows] = (), keep: Bools | None = None
) -> FmtoolError:
    """Find about the least sum of money by which limits would have to give way, try it out, and say it.

    The case is solved again with slack on each limit, so that an infeasibility claimed by a solver is confirmed by
    a positive least slack and not taken on its word; then it is solved with the limits relaxed as told. Where the
    slack's own bound proves nothing, the sentence says so. Rows of the case and the life plans that no other
    dominates are taken from ``blocks`` and ``keep`` where they are known.
    """
    seconds = _seconds(options)
    deadline = time.perf_counter() + seconds
    found = least_relief(inputs, options, seconds * (1 - _CONFIRMING), blocks, keep)
    if found is None:
        return _unexplained()
    if not found.is_any:
        return SolverError(
            Text(
                "ソルバーは「解なし」としましたが、確かめると解がありました",
                "the solver called the case infeasible, a second look found a schedule",
            ),
            Text("`[solver]` の name か gap を変えて試してください", "try the other solver `name`, or another `gap`"),
        )
    return _told(inputs, found, options, deadline)


def proven_infeasible(
    inputs: ScheduleInputs, options: SolveOptions, blocks: Sequence[Rows], keep: Bools
) -> FmtoolError | None:
    """Say the same where the elastic problem itself proves that there is no schedule; None where it does not."""
    seconds = _seconds(options)
    deadline = time.perf_counter() + seconds
    found = least_relief(inputs, options, seconds * (1 - _CONFIRMING), blocks, keep)
    return None if found is None or not found.elastic.is_proven else _told(inputs, found, options, deadline)


def _seconds(options: SolveOptions) -> float:
    return min(_MOST_SECONDS, max(options.time_limit_s, _LEAST_SECONDS))


def _told(inputs: ScheduleInputs, found: Found, options: SolveOptions, deadline: float) -> InfeasibleScheduleError:
    slack = rounded_up(found.elastic, found.slack)
    is_confirmed = (
        found.relief is not None
        and not found.is_lawless
        and admits(found, slack, options, max(deadline - time.perf_counter(), 1.0))
    )
    message = Text(
        "すべての制限を同時に守る計画はありません。次の制限が両立しません",
        "no schedule keeps every limit; these limits cannot be met together",
    )
    if not found.elastic.is_proven:
        message = Text(f"ソルバーによれば、{message.ja}", f"by the solver's word, {message.en}")
    return InfeasibleScheduleError(
        message,
        _way_out(found, is_confirmed=is_confirmed),
        [*listed_faults(sentences(inputs, found.elastic, slack), _LINES), *_instead(inputs, found)],
        relaxed=entries_of(inputs, found.elastic, slack),
        is_confirmed=is_confirmed,
    )


def rounded_up(elastic: Elastic, slacks: Sequence[Floats]) -> list[Floats]:
    """Return the slacks as they are told: never less than found."""
    return [
        slack if limit.giving is None else limit.giving.rounded_up(np.where(slack > TOLERANCE, slack, 0.0))
        for limit, slack in zip(elastic.limits, slacks, strict=True)
    ]


def _instead(inputs: ScheduleInputs, found: Found) -> list[Text]:
    """Say what more debt would do in place of more money, or the other way round, for the same life plans."""
    relief = instead(found)
    if relief is None:
        return []
    said = sentences(inputs, found.elastic, rounded_up(found.elastic, relief.slack))
    return [Text(f"または、{each.ja}", f"or: {each.en}") for each in listed_faults(said, _NAMES)]


def instead(found: Found) -> Relief | None:
    """Return the relief in which ratios of debt give way and no money is added, or money and no ratio."""
    if found.relief is None or found.is_lawless:
        return None
    names = {limit.family.name for limit in found.elastic.limits}
    used = {
        limit.family.name
        for limit, slack in zip(found.elastic.limits, found.slack, strict=True)
        if (slack > TOLERANCE).any()
    }
    for hard, other in ((_MONEY, _DEBT), (_DEBT, _MONEY)):
        if used & hard and names & other:
            return found.elastic.settle(found.relief.choice, hard)
    return None


def _unexplained() -> InfeasibleScheduleError:
    return InfeasibleScheduleError(
        Text(
            "すべての制限を同時に守る計画はありません（どの制限かは時間内に特定できませんでした）",
            "no schedule keeps every limit (which ones was not found in time)",
        ),
        Text(
            "予算・面積目標・耐震期限のいずれかを緩めてください",
            "relax the budget, the floor-area target or the seismic deadline",
        ),
    )


def _way_out(found: Found, *, is_confirmed: bool) -> Text:
    if found.is_lawless and found.relief is not None:
        return Text(
            "統合先の存続は緩められません。施設の選択肢（決定済みの方針、統合先）を見直してください",
            "no limit can mend a host that does not stay; review the facilities' choices (locked decisions, hosts)",
        )
    if found.relief is None:
        return Text(
            "これらの制限を緩めてください（時間内に分かった範囲で、確かめていません。この量では足りないことがあります）",
            "let these limits give way (as far as was found in time, not tried out; more than this may be needed)",
        )
    apart = f"{np.ceil(found.apart * 1000) / 10:.1f}"
    least = Text(
        f"お金に直した緩和量の合計は、最小との差が{apart} %以内です",
        f"the sum of what gives way, in money, is within {apart} % of the least",
    )
    if found.apart > _FAR:
        least = Text(
            "時間内に見つけた組合せで、もっと少なくて済むことがあります",
            "found in time; less may do",
        )
    if is_confirmed:
        return Text(
            f"上の量だけ制限を緩めると計画が立ちます（緩めた制限で解き直し、確かめました。{least.ja}）",
            f"let the limits give way by these amounts (confirmed by solving again with them; {least.en})",
        )
    return Text(
        f"上の量だけ制限を緩めてください（緩めた制限で解き直す時間がなく、確かめていません。{least.ja}）",
        f"let the limits give way by these amounts (not confirmed: no time to solve again with them; {least.en})",
    )


@dataclass(slots=True)
class _Line:
    """What is said at once of one family: years of one limit, areas of one service, or all facilities."""

    family: Family
    giving: Giving | None
    weight: float = 0.0
    most: float = 0.0
    limit: float | None = None
    rows: int = 0
    places: list[str] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)


def sentences(inputs: ScheduleInputs, elastic: Elastic, slacks: Sequence[Floats]) -> list[Text]:
    """Say what gives way, the dearest first: one line a limit, a service or a family of facilities."""
    lines: list[_Line] = []
    for limit, slack in zip(elastic.limits, slacks, strict=True):
        named: dict[str, _Line] = {}
        today = _today(inputs, limit)
        for place, rows in _rows_by_place(limit.family.name, limit.rows.names).items():
            hit = [(row, year) for row, year in rows if slack[row] > TOLERANCE]
            if not hit:
                continue
            line = named.setdefault(_shared(inputs, limit.family.name, place), _Line(limit.family, limit.giving))
            weights = [float(slack[row] * elastic.slack.price[limit.column[row]]) for row, _ in hit]
            is_one = limit.giving is not None and limit.giving.one_for != "row"
            line.weight = max(line.weight, *weights) if is_one else line.weight + sum(weights)
            worst = max((row for row, _ in hit), key=lambda row: float(slack[row]))
            if slack[worst] > line.most:
                line.most, line.limit = float(slack[worst]), None if today is None else float(today[worst])
            line.rows += len(hit)
            line.places += [place] if place else []
            line.spans += spans([year for _, year in rows if year], {year for _, year in hit})
        lines += named.values()
    return [_sentence(inputs, line) for line in sorted(lines, key=lambda line: -line.weight)]


def _today(inputs: ScheduleInputs, limit: Limit) -> Floats | None:
    """Return the limit as it is, for each row; None where it is not said."""
    if limit.giving is None or limit.giving.limit is None:
        return None
    return limit.giving.limit(inputs, limit.rows)


def entries_of(inputs: ScheduleInputs, elastic: Elastic, slacks: Sequence[Floats]) -> list[dict[str, Any]]:
    """List every row that gives way: family, place, year, amount and unit as told, and the sentence."""
    found: list[dict[str, Any]] = []
    for limit, slack in zip(elastic.limits, slacks, strict=True):
        today, giving = _today(inputs, limit), limit.giving
        for place, rows in _rows_by_place(limit.family.name, limit.rows.names).items():
            for row, year in rows:
                if slack[row] <= TOLERANCE:
                    continue
                was = None if today is None else float(today[row])
                line = _Line(limit.family, giving, most=float(slack[row]), limit=was, rows=1)
                line.places, line.spans = [place] if place else [], [(year, year)] if year else []
                said, where, scale = _sentence(inputs, line), _places(inputs, line), giving.told_as if giving else 1.0
                found.append(
                    {
                        "family": limit.family.name,
                        "place": where.ja or None,
                        "year": year or None,
                        "amount": round(float(slack[row]) * scale, 6),
                        "needed": None if was is None else round((was + float(slack[row])) * scale, 6),
                        "unit": giving.unit.en if giving else limit.family.unit.en,
                        "ja": said.ja,
                        "en": said.en,
                    }
                )
    return found


def _rows_by_place(family: str, names: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    """Group the rows of a family by what they are of, whatever the year: place to positions and years (0 = none)."""
    found: dict[str, list[tuple[int, int]]] = {}
    for row, name in enumerate(names):
        place, year = _place_and_year(family, name[name.index("(") + 1 : -1])
        found.setdefault(place, []).append((row, year))
    return found


def _place_and_year(family: str, inner: str) -> tuple[str, int]:
    if family in {"site", "one_life"}:
        return inner, 0
    place, _, year = inner.rpartition(",")
    return place, int(year)


def spans(years: Sequence[int], hit: set[int]) -> list[tuple[int, int]]:
    """Join years that follow each other in ``years`` and are all hit.

    >>> spans([2026, 2027, 2030, 2031], {2027, 2030})
    [(2027, 2030)]
    >>> spans([2026, 2027, 2028], {2026, 2028})
    [(2026, 2026), (2028, 2028)]
    """
    found: list[tuple[int, int]] = []
    is_open = False
    for year in years:
        if year in hit:
            found = [*found[:-1], (found[-1][0], year)] if is_open else [*found, (year, year)]
        is_open = year in hit
    return found


def _shared(inputs: ScheduleInputs, family: str, place: str) -> str:
    """Return what all places of one line have in common."""
    if family in {"coverage", "reach"} and inputs.services is not None:
        service, at, _ = inputs.services.areas[int(place)].name.partition("@")
        return service + at
    return "" if family in _OF_ALL else place


def _sentence(inputs: ScheduleInputs, line: _Line) -> Text:
    where, when = _places(inputs, line), _years(line.spans)
    title = line.family.title
    inside = Text("、".join(filter(None, (where.ja, when.ja))), ", ".join(filter(None, (where.en, when.en))))
    by = Text("守れません", "cannot be kept")
    if line.giving is not None:
        by = line.giving.say(line.most, line.limit, is_most=line.rows > 1 and line.giving.one_for != "all")
    return Text(f"{title.ja}（{inside.ja}）: {by.ja}", f"{title.en} ({inside.en}): {by.en}")


def _years(found: list[tuple[int, int]]) -> Text:
    """Say the years of all places together, years that meet as one range."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(found):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    if not joined:
        return Text("", "")
    if len(joined) > _SPANS:
        joined = [(joined[0][0], joined[-1][1])]
        among = Text("のうち", "some of ")
    else:
        among = Text("", "")
    ja = "、".join(f"{first}" if first == last else f"{first}～{last}" for first, last in joined)
    en = ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in joined)
    return Text(f"{ja}年度{among.ja}", f"{among.en}FY{en}")


def _places(inputs: ScheduleInputs, line: _Line) -> Text:
    """Name facilities, districts or areas, the first of them only."""
    family = line.family.name
    if not line.places:
        return Text("", "")
    if family in {"coverage", "reach"} and inputs.services is not None:
        return _areas([inputs.services.areas[int(place)].name for place in line.places])
    named = [place_of(inputs, family, place, has_year=False) for place in line.places]
    return Text(listing([name.ja for name in named], _NAMES).ja, listing([name.en for name in named], _NAMES).en)


def _areas(names: list[str]) -> Text:
    """Name the service and its districts; ``service@district+2`` stands for three districts.

    >>> _areas(["図書館@東+2", "図書館@西"])
    Text(ja='図書館、東など4地区', en='図書館, 東 and 3 more districts')
    """
    service, _, first = names[0].partition("@")
    if not first:
        return Text(service, service)
    more = sum(1 + int(name.partition("@")[2].partition("+")[2] or 0) for name in names) - 1
    first = first.partition("+")[0]
    if not more:
        return Text(f"{service}、{first}", f"{service}, {first}")
    return Text(f"{service}、{first}など{more + 1}地区", f"{service}, {first} and {more} more districts")


def place_of(inputs: ScheduleInputs, family: str, inner: str, *, has_year: bool = True) -> Text:
    """Say in words where a row applies: a year, a district, an area, a facility."""
    place, year = _place_and_year(family, inner) if has_year else (inner, 0)
    when = Text(f"{year}年度", f"FY{year}") if year else Text("", "")
    ids = {facility_name(inputs, f): name for f, name in enumerate(inputs.facility_ids)}
    if family in {"coverage", "reach"} and inputs.services is not None:
        name = inputs.services.areas[int(place)].name
        where = Text(name, name)
    elif family == "host":
        guest, host = (ids[name] for name in place.split(","))
        where = Text(f"{guest}→{host}", f"{guest} into {host}")
    elif family == "merges" and inputs.district is not None:
        one = ids[facility_name(inputs, inputs.district.tolist().index(int(place)))]
        where = Text(f"{one}のある地区", f"the district of {one}")
    elif family == "level":
        where = _SIDES.get(place, Text(place, place))
    else:
        where = Text(ids.get(place, place), ids.get(place, place))
    return Text("、".join(filter(None, (where.ja, when.ja))), ", ".join(filter(None, (where.en, when.en))))
