"""Works done or approved: what they fix in the life plans of their facilities.

Every life plan of a facility with such works begins with them, in their years and at their actual cost, and goes
on with what may follow. Where planning starts again from a later year, nothing else begins before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmtool.alternatives.families import Rows
from fmtool.alternatives.lifeplans import ACTION_CODES
from fmtool.alternatives.steps import Step, Steps, numbers
from fmtool.errors import InventoryError
from fmtool.lifecycle.stock import Stock
from fmtool.text import Text, listing
from fmtool.workspace import Workspace

CLOSING = ("merge", "convert", "lease", "sell", "demolish")
_STEP_OF = {
    "repair": Step.REPAIR, "renovate": Step.RENOVATE, "extend": Step.EXTEND, "rebuild": Step.REBUILD,
    "rebuild_smaller": Step.REBUILD_SMALLER, "retrofit": Step.RETROFIT, "merge": Step.MERGE, "convert": Step.CONVERT,
    "lease": Step.LEASE, "sell": Step.SELL, "demolish": Step.DEMOLISH,
}  # fmt: skip
_RENEWING = (Step.REPAIR, Step.RENOVATE, Step.EXTEND, Step.REBUILD, Step.REBUILD_SMALLER)
WORK_ACTIONS: tuple[str, ...] = tuple(_STEP_OF)
"""Actions that may stand in a list of works."""


@dataclass(frozen=True, slots=True)
class Work:
    """One work done or approved."""

    facility: int
    action: str
    year: int
    """Year index in which it began, or is to begin."""
    cost: float | None = None
    """Whole actual cost in millions; None = by unit costs."""
    host: int = -1


def with_past(rows: Rows, past: Sequence[Work], stock: Stock, steps: Steps, workspace: Workspace) -> Rows:
    """Return the rows that agree with the past: works in place, nothing else before the year of planning again.

    Raises
    ------
    InventoryError
        When nothing is left to a facility.
    """
    case = workspace.config.case
    start = 0 if workspace.from_year is None else workspace.from_year - case.start_year
    if not past and start == 0:
        return rows
    of: dict[int, list[Work]] = defaultdict(list)
    for work in sorted(past, key=lambda each: each.year):
        of[work.facility].append(work)
    begins = np.where(rows.year[:, 0] >= 0, rows.year[:, 0], case.horizon_years)
    free = rows.take(~np.isin(rows.facility, list(of)) & (begins >= start))
    parts = [free]
    for facility, own in of.items():
        candidates = rows.take(np.flatnonzero(rows.facility == facility))
        parts.append(_of_facility(candidates, own, start, stock, steps, workspace))
    joined = _joined(parts)
    bare = np.setdiff1d(np.arange(len(stock)), joined.facility)
    if bare.size:
        names = listing([stock.facility_ids[f] for f in bare])
        raise InventoryError(
            Text(
                f"実施済の工事と両立する計画のない施設が{bare.size}件あります: {names.ja}",
                f"{bare.size} facilities have no plan that agrees with the works done: {names.en}",
            ),
            Text(
                "決定の列 `locked` の年度が過ぎていれば、works.csv に工事を書くか、決定を改めてください",
                "where a locked year has passed, enter the work in works.csv or change the lock",
            ),
        )
    return joined


def _of_facility(
    candidates: Rows, own: Sequence[Work], start: int, stock: Stock, steps: Steps, workspace: Workspace
) -> Rows:
    """Make one facility's rows: those generated that begin with its works, and its works with what may follow."""
    count, horizon = len(own), workspace.config.case.horizon_years
    done = _steps_of(own, stock)
    years = np.array([work.year for work in own], dtype=np.int32)
    host = next((work.host for work in own if work.action == "merge"), -1)
    sequences: dict[tuple[int, ...], tuple[list[int], list[int], int, int]] = {}

    def add(step: list[int], year: list[int], kind: int, at: int) -> None:
        inside = [place for place, when in enumerate(year) if place < count or when < horizon]
        step, year = [step[p] for p in inside], [year[p] for p in inside]
        sequences.setdefault((*step, -1, *year, at), (step, year, kind, at))

    end = int(years[-1] + steps.years[done[-1]])
    for n in range(len(candidates.facility)):
        used = candidates.step[n] >= 0
        step, year = candidates.step[n][used].tolist(), candidates.year[n][used].tolist()
        if step[:count] == done and year[:count] == years.tolist() and (host < 0 or candidates.host[n] == host):
            if all(when >= start for when in year[count:]):
                add(step, year, int(candidates.kind[n]), int(candidates.host[n]))
        elif own[-1].action not in CLOSING and _may_follow(own[-1].action, done, step, year, end, start, workspace):
            kind = int(candidates.kind[n]) if step else ACTION_CODES.index(own[-1].action)
            secured = [_after_securing(each, done, stock, own[0].facility) for each in step]
            add([*done, *secured], [*years.tolist(), *year], kind, int(candidates.host[n]))
    more: list[tuple[Step, int]] = []
    begin = end
    for code, gap in _tail(own[-1].action, done, stock, own[0].facility, workspace):
        more.append((code, max(begin + gap, start)))
        begin = more[-1][1] + int(steps.years[code])
    kind = ACTION_CODES.index("merge" if host >= 0 else own[-1].action)
    add([*done, *(int(code) for code, _ in more)], [*years.tolist(), *(when for _, when in more)], kind, host)
    return _rows_of(own, list(sequences.values()))


def _steps_of(own: Sequence[Work], stock: Stock) -> list[int]:
    """Return the steps of works: after a rebuilding or a securing, a renovation holds no retrofit."""
    found: list[int] = []
    for work in own:
        step = _STEP_OF[work.action]
        if work.action == "sell" and Step.MERGE in found:
            step = Step.SELL_LAND
        found.append(int(_after_securing(int(step), found, stock, work.facility)))
    return found


def _after_securing(step: int, before: Sequence[int], stock: Stock, facility: int) -> int:
    """Return the renovation without a retrofit where one has been done, else the step itself."""
    if step != Step.RENOVATE or not before:
        return step
    if Step.REBUILD_SMALLER in before:
        return int(Step.RENOVATE_SMALLER)
    is_safe = {Step.RETROFIT, Step.RENOVATE, Step.EXTEND, Step.REBUILD} & {Step(each) for each in before}
    return int(Step.RENOVATE_NEW) if is_safe or not stock.needs_retrofit[facility] else step


def _may_follow(
    last: str, done: Sequence[int], step: Sequence[int], year: Sequence[int], end: int, start: int, workspace: Workspace
) -> bool:
    """Tell whether a sequence may follow works done: not at once again, and rebuilding only when they are used up."""
    if not step:
        return last not in {"rebuild", "rebuild_smaller"}
    figures, first, wait = workspace.figures, Step(step[0]), year[0] - end
    if year[0] < max(end, start) or last in {"rebuild", "rebuild_smaller"}:
        return False
    if first == Step.RETROFIT:
        return last == "repair" and Step.RETROFIT not in done
    if last == "repair" and first == Step.REPAIR:
        return wait >= int(figures.number("actions.repair.interval_years")) - 1
    if last in {"renovate", "extend"} and first in _RENEWING:
        is_new = first in {Step.REBUILD, Step.REBUILD_SMALLER}
        return is_new and wait >= int(min(numbers(figures, f"actions.{last}.rebuild_after_years")))
    return True


def _tail(last: str, done: Sequence[int], stock: Stock, facility: int, workspace: Workspace) -> list[tuple[Step, int]]:
    """Return what follows of itself: the first renovation of a new building, the clearing of a merged one."""
    figures = workspace.figures
    if last in {"rebuild", "rebuild_smaller"}:
        gap = int(figures.number("actions.rebuild.renovate_after_years"))
        return [(Step.RENOVATE_NEW if last == "rebuild" else Step.RENOVATE_SMALLER, gap)]
    if last == "merge" and not stock.is_leased_in[facility]:
        is_priced = np.isfinite(stock.land_price_per_m2[facility] * stock.site_area_m2[facility])
        return [(Step.DEMOLISH, 0), *([(Step.SELL_LAND, 0)] if is_priced else [])]
    if last == "demolish" and Step.MERGE in done:
        is_priced = np.isfinite(stock.land_price_per_m2[facility] * stock.site_area_m2[facility])
        return [(Step.SELL_LAND, 0)] if is_priced else []
    return []


def _rows_of(own: Sequence[Work], sequences: Sequence[tuple[list[int], list[int], int, int]]) -> Rows:
    width = max(len(step) for step, *_ in sequences)
    step = np.full((len(sequences), width), -1, dtype=np.int32)
    year = np.full_like(step, -1)
    cost = np.full(step.shape, np.nan)
    for n, (steps, years, _, _) in enumerate(sequences):
        step[n, : len(steps)], year[n, : len(years)] = steps, years
    for place, work in enumerate(own):
        cost[:, place] = np.nan if work.cost is None else work.cost
    return Rows(
        np.full(len(sequences), own[0].facility, dtype=np.int32),
        np.array([kind for _, _, kind, _ in sequences], dtype=np.int32),
        step,
        year,
        np.array([host for *_, host in sequences], dtype=np.int32),
        cost,
    )


def _joined(parts: Sequence[Rows]) -> Rows:
    width = max(part.step.shape[1] for part in parts)

    def padded[T: np.generic](values: NDArray[T], blank: float) -> NDArray[T]:
        return np.pad(values, ((0, 0), (0, width - values.shape[1])), constant_values=blank)

    cost = [np.full(part.step.shape, np.nan) if part.cost is None else part.cost for part in parts]
    joined = Rows(
        np.concatenate([part.facility for part in parts]),
        np.concatenate([part.kind for part in parts]),
        np.concatenate([padded(part.step, -1) for part in parts]),
        np.concatenate([padded(part.year, -1) for part in parts]),
        np.concatenate([part.host for part in parts]),
        np.concatenate([padded(each, np.nan) for each in cost]),
    )
    return joined.take(np.lexsort((joined.year[:, 0], joined.kind, joined.facility)))
