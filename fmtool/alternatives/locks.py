"""Decisions taken already: the only life plans left to a locked facility.

A lock is an action code, with ``:year`` where the year is decided too. It overrides rules and windows,
but not what an action cannot do without: a merger needs a host, a conversion a service.
"""

from __future__ import annotations

import numpy as np

from fmtool.alternatives.hosts import Hosts
from fmtool.alternatives.rules import Rule, Rules
from fmtool.errors import InventoryError
from fmtool.lifecycle.stock import Stock
from fmtool.text import Text
from fmtool.vocabulary import ACTIONS

FREE = ""


def parse_lock(lock: str | None) -> tuple[str, int | None]:
    """Split a lock into action and year.

    >>> parse_lock("rebuild:2030"), parse_lock("keep"), parse_lock(None)
    (('rebuild', 2030), ('keep', None), ('', None))
    """
    action, _, year = (lock or FREE).strip().partition(":")
    return action, int(year) if year.strip().lstrip("-").isdecimal() else None


def apply_locks(stock: Stock, rules: Rules, hosts: Hosts, years: tuple[int, ...]) -> Rules:
    """Leave each locked facility only its decided action, in its decided year.

    Raises
    ------
    InventoryError
        With every lock that cannot be kept.
    """
    locked = [row for row, lock in enumerate(stock.locked) if lock]
    faults: list[Text] = []
    starts = {action: mask.copy() for action, mask in rules.starts.items()} if locked else rules.starts
    for row in locked:
        action, year = parse_lock(stock.locked[row])
        fault = _fault(stock, rules, hosts, years, row)
        if fault is not None:
            faults.append(fault)
            continue
        before = starts[action][row].copy()
        for mask in starts.values():
            mask[row] = False
        if action == "keep":
            starts[action][row, 0] = True
        elif year is not None:
            starts[action][row, year - years[0]] = True
        else:
            starts[action][row] = before if before.any() else True
    if faults:
        raise InventoryError(
            Text(f"守れない決定（locked）が{len(faults)}件あります", f"{len(faults)} locked decisions cannot be kept"),
            Text("決定の列 `locked` を直してください", "correct the column `locked`"),
            faults,
        )
    return Rules(starts, (*_reasons(stock), *rules.rules), rules.convert_to)


def _fault(stock: Stock, rules: Rules, hosts: Hosts, years: tuple[int, ...], row: int) -> Text | None:
    """Say why a lock cannot be kept; None where it can."""
    action, year = parse_lock(stock.locked[row])
    name = f"{stock.facility_ids[row]} `{stock.locked[row]}`"
    if action not in ACTIONS or (year is None and ":" in (stock.locked[row] or "")):
        return Text(
            f"{name}: 「行為コード」か「行為コード:年度」で書きます", f"{name}: write an action code or `code:year`"
        )
    if year is not None and action != "keep" and not years[0] <= year <= years[-1]:
        return Text(
            f"{name}: 年度は計画期間（{years[0]}～{years[-1]}）にありません",
            f"{name}: the year lies outside the plan ({years[0]} to {years[-1]})",
        )
    if action == "merge" and hosts.index[row].max(initial=-1) < 0:
        return Text(f"{name}: 集約先となる施設がありません", f"{name}: no facility could take it in")
    if action == "convert" and rules.convert_to[row] < 0:
        return Text(f"{name}: 転用先のサービスがありません", f"{name}: its service has nothing to convert to")
    if action == "retrofit" and not stock.needs_retrofit[row]:
        return Text(f"{name}: 耐震改修を要しない建物です", f"{name}: it needs no retrofit")
    return None


def _reasons(stock: Stock) -> list[Rule]:
    """Give one rule for each distinct lock: everything else is excluded."""
    locks = np.array([lock or FREE for lock in stock.locked], dtype=object)
    found = []
    for lock in sorted(set(locks.tolist()) - {FREE}):
        action, year = parse_lock(lock)
        when = Text(f"{year}年度に", f" in {year}") if year is not None else Text("", "")
        reason = Text(
            f"{when.ja}「{ACTIONS[action].ja}」と決まっています",
            f"decided already: {ACTIONS[action].en.lower()}{when.en}",
        )
        others = tuple(code for code in ACTIONS if code != action)
        found.append(Rule(others, np.asarray(locks == lock, dtype=bool), reason))
    return found
