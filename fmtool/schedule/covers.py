"""Rows that every schedule keeps and fractions do not: what cannot all go together.

Where an area can lose 1.7 schools, the relaxation closes 1.7; a schedule can close one. A *cover* is a set of
facilities whose losses together overstep a row. Of them at least one keeps what it has, and what is larger than
several of them counts as several (Balas 1975; Wolsey, Integer Programming, 9.3). The rows found lift the
bound to where a search over whole life plans need not look far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from fmtool.schedule.decompose.choices import Indices
from fmtool.schedule.inputs import Bools, Floats, Ints
from fmtool.schedule.rows import Rows

FAMILY = {"coverage": "coverage_cover", "site_by_year": "site_cover"}
"""Family of rows to that of their covers."""
_CLEARLY = 1e-5
"""Part of a row by which a cover oversteps it at least; less is within the tolerance of rows."""
_EQUAL = 1e-9
_TIGHT = 0.6
"""Part of a row from which fractions may overstep one of its covers."""
_MASS = 1e-4
_LEAST_VIOLATION = 1e-3
_STEPS, _STEPS_A_FACILITY, _MOST_STEPS = 400, 24, 4000
_CELLS = 30_000_000


@dataclass(frozen=True, slots=True)
class _Entries:
    """Entries of the rows looked at, sorted by row, facility, and from the largest coefficient down."""

    row: Indices
    column: Indices
    """Life plan; -1 = all of the facility's that the row does not name."""
    group: Indices
    """A number for each pair of row and facility."""
    weight: Floats
    """Coefficient, shifted so that the least of each facility is zero."""


class Covers:
    """Finds covers of the rows of one family.

    Rows are read as knapsacks: sum over f of weight(f) <= room, where weight(f) = w[n] + shift[f] of the life plan n
    taken, shift[f] the size of the facility's most negative coefficient, and room = rhs + the sum of shifts.
    A host's room that only stands when the host stays is such a shift; where it fills the room alone
    the host is a *switch*: what its absence leaves is looked for among the others in proportion.
    """

    def __init__(self, rows: Rows, facility: Ints) -> None:
        self.rows = rows
        plans = rows.plans
        row = np.repeat(np.arange(plans.shape[0]), np.diff(plans.indptr))
        owner = facility[plans.indices].astype(np.int64)
        order = np.lexsort((owner, row))
        row, owner, value = row[order], owner[order], plans.data[order]
        column = plans.indices[order].astype(np.int64)
        begin = np.flatnonzero(np.diff(row * (int(facility.max(initial=0)) + 1) + owner, prepend=-1))
        self._shift = np.maximum(0.0, -np.minimum.reduceat(value, begin)) if begin.size else np.zeros(0)
        group = np.repeat(np.arange(begin.size), np.diff(begin, append=row.size))
        of_row = row[begin]
        self.room = rows.rhs + np.bincount(of_row, self._shift, minlength=len(rows))
        self._is_switch = (self._shift > 0) & (self._shift >= self.room[of_row] * (1 - _EQUAL))
        beside = np.flatnonzero(self._shift > 0)
        row, column = np.append(row, of_row[beside]), np.append(column, np.full(beside.size, -1))
        group = np.append(group, beside)
        weight = np.append(value, np.zeros(beside.size)) + self._shift[group]
        order = np.lexsort((-weight, group))
        self._all = _Entries(row[order], column[order], group[order], weight[order])
        self._groups = begin.size

    def separate(self, plans: Floats, number: int) -> Rows | None:
        """Return covers that the fractions overstep, at most one from each group of rows; named from ``number`` on.

        Parameters
        ----------
        plans
            (N,) parts in which life plans are chosen.
        number
            How many covers of the family there are already.
        """
        entries, mass = self._looked_at(plans)
        if not entries.row.size:
            return None
        knapsacks = _Knapsacks(entries, mass, self.room, self._is_switch)
        found = [cover for cover in knapsacks.found() if self.room[cover.row] > 0]
        names: list[str] = []
        columns: list[Indices] = []
        values: list[Floats] = []
        limits: list[float] = []
        sources: list[int] = []
        for cover in self._worst(found):
            column, value, limit = self._lifted(entries, cover)
            if value @ plans[column] <= limit + _LEAST_VIOLATION:
                continue
            names.append(f"{FAMILY[self.rows.family]}({number + len(names)},{self.rows.names[cover.row]})")
            columns.append(column)
            values.append(value)
            limits.append(limit)
            sources.append(cover.row)
        if not names:
            return None
        pointers = np.concatenate([[0], np.cumsum([len(each) for each in columns])])
        matrix = sparse.csr_array(
            (np.concatenate(values), np.concatenate(columns), pointers), shape=(len(names), len(plans))
        )
        group = None if self.rows.group is None else self.rows.group[sources]
        return Rows(FAMILY[self.rows.family], tuple(names), matrix, "<=", np.array(limits), group=group)

    def _looked_at(self, plans: Floats) -> tuple[_Entries, Floats]:
        """Choose the rows that fractions nearly fill, and return their entries with what is chosen of each."""
        every = self._all
        mass = np.where(every.column >= 0, plans[every.column], 0.0)
        named = np.bincount(every.group, mass, minlength=self._groups)
        mass = np.where(every.column >= 0, mass, np.maximum(1 - named[every.group], 0.0))
        load = np.bincount(every.row, mass * every.weight, minlength=len(self.rows))
        torn = np.bincount(every.row, (mass > _MASS) & (mass < 1 - _MASS), minlength=len(self.rows))
        chosen = ((load >= _TIGHT * self.room) & (torn > 0) & (self.room > 0))[every.row]
        part = np.flatnonzero(chosen)
        return _Entries(every.row[part], every.column[part], every.group[part], every.weight[part]), mass[part]

    def _worst(self, found: Sequence[_Cover]) -> list[_Cover]:
        """Return the cheapest cover of each group of rows."""
        group = np.arange(len(self.rows)) if self.rows.group is None else self.rows.group
        best: dict[int, _Cover] = {}
        for cover in found:
            key = int(group[cover.row])
            if key not in best or cover.cost < best[key].cost:
                best[key] = cover
        return list(best.values())

    def _lifted(self, entries: _Entries, cover: _Cover) -> tuple[Indices, Floats, float]:
        """Return columns, coefficients and right side of a cover, lifted.

        sum over members f of [weight(f) >= level(f)] + sum over f of lift(rest(f))  <=  members - 1

        with lift(w) the largest h for which w is at least the sum of the h largest levels, and rest(f) the weight
        beyond a member's level, or the weight of a facility that is no member.
        """
        part = slice(*np.searchsorted(entries.row, [cover.row, cover.row + 1]))
        column, weight, group = entries.column[part], entries.weight[part], entries.group[part]
        largest = np.cumsum(np.sort(cover.levels)[::-1])
        place = np.searchsorted(cover.groups, group)
        place[place == len(cover.groups)] = 0
        level = np.where(cover.groups[place] == group, cover.levels[place], 0.0)
        coefficient = _coefficient(weight, level, largest)
        base = _coefficient(self._shift[group], level, largest)
        _, first = np.unique(group, return_index=True)
        value = coefficient - base
        used = (column >= 0) & (value != 0)
        order = np.argsort(column[used], kind="stable")
        return column[used][order], value[used][order], len(cover.levels) - 1.0 - float(base[first].sum())


def _coefficient(weight: Floats, level: Floats, largest: Floats) -> Floats:
    is_member = (level > 0) & (weight >= level * (1 - _EQUAL))
    rest = np.where(is_member, weight - level, np.where(level > 0, 0.0, weight))
    return np.asarray(is_member + np.searchsorted(largest * (1 - 1e-12), rest, side="right"), dtype=float)


@dataclass(frozen=True, slots=True)
class _Cover:
    row: int
    groups: Indices
    """Pairs of row and facility that are members, ascending."""
    levels: Floats
    cost: float
    """How much of the members is not chosen; below 1 the cover is overstepped."""


class _Knapsacks:
    """Rows with what of each facility is chosen at each level of loss, as items of a knapsack."""

    def __init__(self, entries: _Entries, mass: Floats, room: Floats, is_switch: Bools) -> None:
        group, weight = entries.group, entries.weight
        begin = np.append(True, np.diff(group) != 0)
        running = np.cumsum(mass)
        place = np.cumsum(begin) - 1
        reached = running - (running - mass)[begin][place]
        is_last = np.append((np.diff(group) != 0) | (weight[1:] < weight[:-1] * (1 - _EQUAL)), True)
        stays = np.ones(len(room))
        switch = np.flatnonzero(is_last & is_switch[group] & (weight >= room[entries.row] * (1 - _EQUAL)))
        stays[entries.row[switch]] = 1 - reached[switch]
        stays = np.where(stays > _MASS, stays, np.nan)
        part = np.minimum(reached / stays[entries.row], 1.0)
        item = np.flatnonzero(is_last & (weight > 0) & ~is_switch[group] & (part > _MASS))
        self.row, self.group = entries.row[item], group[item]
        self.weight, self.part = weight[item], part[item]
        self.room = room
        # The largest level that is reached whole: a member that costs nothing, taken before the search.
        self.is_sure = np.zeros(item.size, dtype=bool)
        whole = np.flatnonzero(self.part >= 1 - _MASS)
        self.is_sure[whole[np.append(True, np.diff(self.group[whole]) != 0)[: whole.size]]] = True
        self.sure = np.zeros(int(group.max(initial=0)) + 1)
        self.sure[self.group[self.is_sure]] = self.weight[self.is_sure]
        self.is_open = ~self.is_sure & (self.weight > self.sure[self.group])

    def found(self) -> list[_Cover]:
        """Return for each row its cheapest cover, where the fractions overstep it."""
        opened = np.flatnonzero(self.is_open)
        rows, which = np.unique(self.row[opened], return_inverse=True)
        if not rows.size:
            return []
        taken = np.bincount(self.row[self.is_sure], self.weight[self.is_sure], minlength=len(self.room))
        left = self.room + _CLEARLY * np.maximum(1.0, self.room) - taken
        groups, begin, of = np.unique(self.group[opened], return_index=True, return_inverse=True)
        row_of = which[begin]
        slot = (np.arange(groups.size) - np.searchsorted(row_of, row_of))[of]
        level = np.arange(of.size) - begin[of]
        covers: list[_Cover] = []
        for run in _runs(np.bincount(row_of, minlength=rows.size)):
            inside = np.flatnonzero((which >= run.start) & (which < run.stop))
            chosen = self._search(
                left[rows[run]], opened[inside], which[inside] - run.start, slot[inside], level[inside]
            )
            covers += [self._least(int(rows[run][place]), members) for place, members in chosen]
        return covers

    def _search(
        self, left: Floats, items: Indices, which: Indices, slot: Indices, level: Indices
    ) -> list[tuple[int, list[int]]]:
        """Fill each row's knapsack to overflowing at the least cost, in steps of weight rounded down."""
        slots, levels, count = int(slot.max()) + 1, int(level.max()) + 1, len(left)
        steps = _steps(slots)
        size = np.zeros((slots, levels, count), dtype=np.int64)
        cost = np.full((slots, levels, count), np.inf)
        item = np.zeros((slots, levels, count), dtype=np.int64)
        weight = self.weight[items] - self.sure[self.group[items]]
        unit = np.maximum(left, 1e-9)[which] / steps
        size[slot, level, which] = np.minimum(np.floor(weight / unit * (1 - 1e-12)), steps).astype(np.int64)
        cost[slot, level, which], item[slot, level, which] = 1 - self.part[items], items
        best = np.full((count, steps + 1), np.inf)
        best[:, 0] = 0.0
        taken = np.full((slots, count, steps + 1), -1, dtype=np.int8)
        grid = np.arange(steps + 1)
        for at in range(slots):
            before = best.copy()
            for rank in range(levels):
                some = np.flatnonzero(np.isfinite(cost[at, rank]))
                if some.size:
                    reach = np.maximum(grid - size[at, rank, some][:, None], 0)
                    new = np.take_along_axis(before[some], reach, 1) + cost[at, rank, some][:, None]
                    row, step = np.nonzero(new < best[some] - 1e-12)
                    best[some[row], step] = new[row, step]
                    taken[at, some[row], step] = rank
        end = np.where(left > 0, steps, 0)
        found = []
        for place in np.flatnonzero(best[np.arange(count), end] < 1 - _LEAST_VIOLATION):
            members, step = [], int(end[place])
            for at in range(slots - 1, -1, -1):
                rank = int(taken[at, place, step])
                if rank >= 0:
                    members.append(int(item[at, rank, place]))
                    step = max(step - int(size[at, rank, place]), 0)
            found.append((int(place), members))
        return found

    def _least(self, row: int, members: list[int]) -> _Cover:
        """Join the sure members, and leave out those without which the rest still oversteps the row, the dearest first."""
        begin, end = np.searchsorted(self.row, [row, row + 1])
        raised = set(self.group[members].tolist())
        sure = [at for at in np.flatnonzero(self.is_sure[begin:end]) + begin if int(self.group[at]) not in raised]
        members = [*members, *sure]
        total, full = float(self.weight[members].sum()), float(self.room[row] + _CLEARLY * max(1.0, self.room[row]))
        for member in sorted(members, key=lambda each: (float(self.part[each]), -float(self.weight[each]))):
            if total - self.weight[member] >= full:
                total -= float(self.weight[member])
                members.remove(member)
        kept = np.array(sorted(members, key=lambda each: int(self.group[each])), dtype=np.int64)
        return _Cover(row, self.group[kept], self.weight[kept], float((1 - self.part[kept]).sum()))


def _steps(slots: int) -> int:
    return int(np.clip(_STEPS_A_FACILITY * slots, _STEPS, _MOST_STEPS))


def _runs(slots: Indices) -> list[slice]:
    """Split rows into runs whose tables fit the memory set aside."""
    runs, begin = [], 0
    while begin < len(slots):
        end, most = begin, 0
        while end < len(slots):
            most = max(most, int(slots[end]))
            if end > begin and (end + 1 - begin) * most * _steps(most) > _CELLS:
                break
            end += 1
        runs.append(slice(begin, end))
        begin = end
    return runs
