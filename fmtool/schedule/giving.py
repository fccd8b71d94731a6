"""How limits give way when no schedule exists: which may, what that is worth in money, and how it is told.

A family has one limit for all its rows (works under way, a ratio), one for the years of an area (capacity), or one
for each row (a year's budget, a site's room). ``GIVING`` says it of every family that may give way; ``LAWS`` names those that never may:
identities of money, what a law or a programme says, and that a facility has one life. A new family must stand
in one of the two.

Weights are in millions, so that giving way is compared in money:

- budget, level: a million is a million; among years the later counts 0.1 % less, so that a shortage is told where
  money runs out;
- debt service ratio: the payments a year that the higher ratio allows, added up over the years;
- what is owed or held at a time (fund floor, future burden, bonds outstanding): the mean over the years;
- works under way: what a project costs in a year, for every year;
- closures, mergers, a facility within reach: what a facility costs over the horizon, in the mean;
- floor area, room and capacity: the same cost a square metre or a place;
- what residents would lose, capacity and a facility within reach, counts tenfold (assumed): a city gives way in
  its targets first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import sparse

from fmtool.schedule.families import FAMILIES, Family
from fmtool.schedule.inputs import Floats, ScheduleInputs
from fmtool.schedule.money import money_columns
from fmtool.schedule.rows import Rows
from fmtool.text import Text

Measure = Callable[[ScheduleInputs, Rows], Floats]

LAWS = frozenset({"one_life", "host", "fund", "funding", "bond_share", "spend", "peak"})
_SOONER = 1e-3
_RESIDENTS = 10.0
_EXACT = 1e-6
_WHOLE = 100.0
"""Money from here on is told without decimals."""


def _one(_inputs: ScheduleInputs, rows: Rows) -> Floats:
    return np.ones(len(rows))


@dataclass(frozen=True, slots=True)
class Giving:
    """How the limits of one family give way; a slack is in the unit of the limit."""

    worth: Measure
    """(R,) what a unit of slack counts in each row, millions."""
    unit: Text
    told_as: float = 1.0
    """Units told for each unit of slack: a share is told in per cent."""
    step: float | None = None
    """To what amounts are rounded up when told; None = whole from 100 on, else three digits."""
    is_short: bool = False
    """Whether something is missing rather than too much."""
    is_whole: bool = False
    """Whether it counts things that come whole."""
    one_for: Literal["row", "area", "all"] = "row"
    """Which rows have one limit: none, those of a group, or all; of these, what the rows count is added up."""
    gain: Measure = _one
    """(R,) what each row gains when its limit gives way by a unit."""
    limit: Measure | None = None
    """(R,) the limit as it is, told together with what it would have to be."""

    def rounded_up(self, slack: Floats) -> Floats:
        """Return slacks as they are told, still in the unit of the limit: never less than they are.

        >>> Giving(_one, Text("%", "%"), 100.0, 0.1).rounded_up(np.array([0.0, 0.00312])).round(6).tolist()
        [0.0, 0.004]
        >>> Giving(_one, Text("百万", "million")).rounded_up(np.array([0.12341, 239.2])).round(6).tolist()
        [0.124, 240.0]
        """
        told = np.maximum(np.asarray(slack, dtype=float) * self.told_as, 0.0)
        step = np.full(told.shape, self.step or 1.0)
        if self.step is None:
            small = (told > 0) & (told < _WHOLE)
            step[small] = 10.0 ** (np.floor(np.log10(told[small])) - 2)
        return np.asarray(np.where(told > _EXACT, np.ceil(told / step - _EXACT) * step, 0.0) / self.told_as)

    def number(self, slack: float) -> str:
        """Write a rounded slack, or a limit, in the unit told."""
        told = slack * self.told_as
        if self.step is not None and self.step < 1:
            return f"{told:,.1f}"
        return f"{told:,.0f}" if self.step is not None or told >= _WHOLE else f"{told:,.3g}"

    def say(self, slack: float, limit: float | None = None, *, is_most: bool = False) -> Text:
        """Say by how much a limit is missed, and what it would have to be.

        >>> Giving(_one, Text("件", "projects"), step=1.0).say(2.0, 1.0).en
        'over by 2 projects (limit 1, needed 3)'
        """
        most = Text("最大", "up to ") if is_most else Text("", "")
        size, unit = self.number(slack), self.unit
        if limit is None:
            if self.is_short:
                return Text(f"{most.ja}{size}{unit.ja} 足りません", f"short by {most.en}{size} {unit.en}")
            return Text(f"{most.ja}{size}{unit.ja} 超えます", f"over by {most.en}{size} {unit.en}")
        today, to = self.number(limit), self.number(limit + slack)
        if unit.en == "%":
            return Text(f"{to} % まで認める必要があります（上限 {today} %）", f"must reach {to} % (limit {today} %)")
        return Text(
            f"{most.ja}{size}{unit.ja} 超えます（上限 {today}{unit.ja}、必要 {to}{unit.ja}）",
            f"over by {most.en}{size} {unit.en} (limit {today}, needed {to})",
        )


def _mean(_inputs: ScheduleInputs, rows: Rows) -> Floats:
    return np.full(len(rows), 1.0 / max(len(rows), 1))


def _later_first(_inputs: ScheduleInputs, rows: Rows) -> Floats:
    count = len(rows)
    return 1.0 + _SOONER * np.arange(count - 1, -1, -1) / max(count, 1)


def _share(inputs: ScheduleInputs) -> Floats:
    """Return (N,) the mean choice: each life plan by an equal share of its facility."""
    return np.asarray(1.0 / np.bincount(inputs.facility, minlength=len(inputs.facility_ids))[inputs.facility])


def facility_cost(inputs: ScheduleInputs) -> float:
    """Return what a facility's works cost over the horizon, in the mean of its life plans; at least one million.

    >>> case = ScheduleInputs((1,), ("A", "B"), np.array([0, 0, 1], np.int32), np.zeros(3), np.array([[4.0], [2], [5]]))
    >>> facility_cost(case)  # ((4 + 2) / 2 + 5) / 2
    4.0
    """
    return max(float(inputs.outlay.sum(axis=1) @ _share(inputs)) / max(len(inputs.facility_ids), 1), 1.0)


def _a_facility(inputs: ScheduleInputs, rows: Rows) -> Floats:
    return np.full(len(rows), facility_cost(inputs))


def _a_group(inputs: ScheduleInputs, rows: Rows) -> Floats:
    """Return a facility's cost, shared by the rows of the same area."""
    group = np.arange(len(rows)) if rows.group is None else rows.group
    return np.asarray(_RESIDENTS * facility_cost(inputs) / np.bincount(group)[group])


def _a_place(inputs: ScheduleInputs, rows: Rows) -> Floats:
    """Return a facility's cost over the places that a facility of the area's service offers."""
    services = inputs.services
    if services is None:
        return _a_group(inputs, rows)
    area = np.array([int(name[name.index("(") + 1 :].split(",")[0]) for name in rows.names])
    mean = [
        max(float(services.capacity[services.service == each.service].mean()), _EXACT)
        if (services.service == each.service).any()
        else 1.0
        for each in services.areas
    ]
    return np.asarray(_a_group(inputs, rows) / np.array(mean)[area])


def _a_project(inputs: ScheduleInputs, rows: Rows) -> Floats:
    share = _share(inputs)
    under_way = 0.0 if inputs.works is None else float(inputs.works.sum(axis=1) @ share)
    spent = float(inputs.outlay.sum(axis=1) @ share)
    return np.full(len(rows), max(spent / under_way, _EXACT) if under_way and spent else 1.0)


def _a_thousand_m2(inputs: ScheduleInputs, rows: Rows) -> Floats:
    held = 0.0 if inputs.floor_m2 is None else float(inputs.floor_m2.mean(axis=1) @ _share(inputs)) / 1000
    return facility_cost(inputs) * len(inputs.facility_ids) / max(held, _EXACT) * _mean(inputs, rows)


def _a_moved_m2(inputs: ScheduleInputs, rows: Rows) -> Floats:
    hosting = inputs.hosting
    moved = np.zeros(0) if hosting is None else hosting.moved_floor_m2[hosting.moved_floor_m2 > 0]
    return np.full(len(rows), facility_cost(inputs) / (float(moved.mean()) if moved.size else 1.0))


def _rhs(_inputs: ScheduleInputs, rows: Rows) -> Floats:
    return rows.rhs


RATIO_LIMITS = {
    "debt_service": "debt_service_limit",
    "future_burden": "future_burden_limit",
    "outstanding": "outstanding_limit",
}
"""Family to the attribute of :class:`Fiscal` that holds its limit."""


def ratio_limit(inputs: ScheduleInputs, rows: Rows) -> Floats:
    """Return the limit of a ratio for each of its rows."""
    return np.full(len(rows), float(getattr(inputs.fiscal, RATIO_LIMITS[rows.family])))


def with_ratio(inputs: ScheduleInputs, family: str, more: float) -> ScheduleInputs:
    """Return the case with the limit of a ratio raised."""
    if inputs.fiscal is None:
        return inputs
    name = RATIO_LIMITS[family]
    return replace(inputs, fiscal=replace(inputs.fiscal, **{name: getattr(inputs.fiscal, name) + more}))


def denominator(inputs: ScheduleInputs, rows: Rows, money: Floats | None = None) -> Floats:
    """Return what a ratio is taken of in each year, (R,): what its row gains when the limit rises by one.

    The tax grant on new bonds lowers it; without ``money`` there are none.
    """
    family = next(each for each in FAMILIES if each.name == rows.family)
    higher = family.rows(with_ratio(inputs, rows.family, 1.0))
    if higher is None:
        return np.ones(len(rows))
    gained = higher.rhs - rows.rhs
    if money is not None and higher.money is not None and rows.money is not None:
        gained = gained - (higher.money - rows.money) @ money
    return np.maximum(gained, _EXACT)


def _yearly_ratio(inputs: ScheduleInputs, rows: Rows) -> Floats:
    return denominator(inputs, rows)


def _standing_ratio(inputs: ScheduleInputs, rows: Rows) -> Floats:
    return denominator(inputs, rows) * _mean(inputs, rows)


def fund_floor(inputs: ScheduleInputs) -> Rows | None:
    """Keep the fund's floor, as rows that can give way rather than as bounds of the fund.

    For each year y:  fund[y]  >=  floor
    """
    if inputs.fund is None or inputs.budget is None or inputs.fund.floor <= 0:
        return None
    count = inputs.horizon
    money = money_columns(inputs).matrix(count, {"fund": -sparse.eye_array(count)})
    names = tuple(f"fund_floor({year})" for year in inputs.years)
    plans = sparse.csr_array((count, len(inputs.facility)))
    return Rows("fund_floor", names, plans, "<=", np.full(count, -inputs.fund.floor), money)


FUND_FLOOR = Family("fund_floor", Text("基金残高の下限", "Fund floor"), Text("百万", "million"), fund_floor)

_MILLIONS, _PER_CENT = Text("百万", "million"), Text("%", "%")
_RATIO_STEP = 0.1

GIVING: Mapping[str, Giving] = {
    "budget": Giving(_later_first, _MILLIONS, is_short=True),
    "fund_floor": Giving(_mean, _MILLIONS, is_short=True, one_for="all"),
    "debt_service": Giving(
        _yearly_ratio, _PER_CENT, 100.0, _RATIO_STEP, one_for="all", gain=_yearly_ratio, limit=ratio_limit
    ),
    "future_burden": Giving(
        _standing_ratio, _PER_CENT, 100.0, _RATIO_STEP, one_for="all", gain=_yearly_ratio, limit=ratio_limit
    ),
    "outstanding": Giving(
        _standing_ratio, _PER_CENT, 100.0, _RATIO_STEP, one_for="all", gain=_yearly_ratio, limit=ratio_limit
    ),
    "level": Giving(_one, _MILLIONS),
    "works": Giving(_a_project, Text("件", "projects"), step=1.0, is_whole=True, one_for="all", limit=_rhs),
    "merges": Giving(_a_facility, Text("件", "mergers"), step=1.0, is_whole=True, limit=_rhs),
    "closures": Giving(_a_facility, Text("施設", "facilities"), step=1.0, is_whole=True, one_for="all", limit=_rhs),
    "site": Giving(_a_moved_m2, Text("m²", "m2"), step=1.0),
    "coverage": Giving(_a_place, Text("定員・m²", "capacity"), one_for="area", is_short=True),
    "reach": Giving(_a_group, Text("施設", "facilities"), step=1.0, is_whole=True, one_for="area", is_short=True),
    "floor": Giving(_a_thousand_m2, Text("m²", "m2"), 1000.0, 1.0, one_for="all"),
}
