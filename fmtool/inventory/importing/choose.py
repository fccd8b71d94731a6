"""Choose, of all the tables of a source, those that list facilities; the rows of the others are refused, not forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from fmtool.inventory.faults import refuse
from fmtool.inventory.importing.assign import Match, assign_columns
from fmtool.inventory.importing.cells import RawTable
from fmtool.inventory.importing.commas import lengths_of, rejoin
from fmtool.inventory.importing.headers import Header
from fmtool.inventory.importing.layouts import tables_within
from fmtool.inventory.importing.mapping import Mapping
from fmtool.text import Text, listing

NOT_TAKEN = Text(
    "施設の一覧ではないとみたシートの行（読むには --sheet）",
    "of a sheet not taken for a list of facilities (read it with --sheet)",
)
OTHER_TABLE = Text(
    "同じシートの中の、見出しの違う別の表の行（施設の一覧ではない。読むには別のシートに分けて --sheet で選ぶか、別のファイルにする）",
    "of another table in the same sheet, under other headers, that lists no facilities (to read it, split it into a sheet of its own and choose it with --sheet, or into a file)",
)
NO_HEADER = Text("見出しの見つからないシートの行", "of a sheet in which no header is found")
NOT_ASKED = Text("--sheet で選ばれなかったシートの行", "of a sheet that --sheet did not choose")

_ALIKE = 4
"""Columns that two sheets must share, the name among them, to be one list where one has more columns than the other."""


@dataclass(slots=True)
class Chosen:
    """The tables of one source."""

    taken: list[tuple[RawTable, Header, dict[str, Match]]] = field(default_factory=list)
    left: list[tuple[RawTable, Text]] = field(default_factory=list)
    """Tables that are not read, and why."""
    notices: list[Text] = field(default_factory=list)


def choose_tables(tables: list[RawTable], source: str, mapping: Mapping, sheets: Sequence[str] = ()) -> Chosen:
    """Keep the sheets asked for, else the table with the most known columns and the others that list the same.

    Raises
    ------
    InventoryError
        When none has a header that is known.
    """
    asked = [table for table in tables if not sheets or not table.sheet or table.sheet in sheets]
    read = []
    parts = {table.name: tables_within(table, mapping) for table in asked}
    for table, header in [each for within in parts.values() for each in within]:
        if header is not None:
            whole, matches = _understood(table, header, mapping)
            if ("name" in matches or "id" in matches) and (not table.part or _lists_facilities(matches)):
                read.append((whole, header, matches))
    if not read:
        raise _no_header(asked, source)
    best = max(read, key=lambda each: (len(each[2]), len(each[0].rows)))
    alike = [each for each in read if each is best or _is_alike(each[2], best[2])]
    beside, taken = {each[0].sheet for each in alike}, {each[0].name for each in alike}
    taken |= {each[0].name for each in read if sheets or (each[0].sheet in beside and _lists_facilities(each[2]))}
    made = Chosen([each for each in read if each[0].name in taken])
    for table in tables:
        if table.name not in parts:
            made.left.append((table, NOT_ASKED))
            continue
        within = [part for part, _ in parts[table.name]]
        has_more = any(part.name in taken for part in within) or len(within) > 1
        reason = OTHER_TABLE if has_more else NO_HEADER if sheets else NOT_TAKEN
        made.left += [(part, reason) for part in within if part.name not in taken]
    file = tables[0].file
    if left := [f"{table.rows[0]}–{table.rows[-1]}" for table, reason in made.left if reason == OTHER_TABLE]:
        made.notices.append(
            Text(
                f"{file}: {listing(left).ja}行目は見出しの違う別の表のため読みませんでした（読むには別のシートかファイルに分ける）",
                f"{file}: rows {listing(left).en} are another table under other headers and were not read (to read them, split them into a sheet or file of their own)",
            )
        )
    if left := [table.sheet for table, reason in made.left if reason == NOT_TAKEN]:
        made.notices.append(
            Text(
                f"{file}: シート {listing(left).ja} は施設の一覧ではないとみて読みませんでした（読むには --sheet）",
                f"{file}: sheets {listing(left).en} were not taken for lists of facilities (read them with --sheet)",
            )
        )
    if left := [table.sheet for table, reason in made.left if reason == NO_HEADER]:
        made.notices.append(
            Text(
                f"{file}: シート {listing(left).ja} には見出しの行が見つかりません",
                f"{file}: no header is found in sheets {listing(left).en}",
            )
        )
    return made


def _lists_facilities(matches: dict[str, Match]) -> bool:
    """Tell whether a table that stands below another is a ledger itself, not one that tells something else of facilities."""
    return "name" in matches and len(matches.keys() & {"use", "built_year", "floor_area_m2"}) > 1


def _understood(table: RawTable, header: Header, mapping: Mapping) -> tuple[RawTable, dict[str, Match]]:
    """Tell what the columns are, and put rows that a comma has cut together again."""
    lengths = lengths_of(table, header)
    if lengths is None:
        return table, assign_columns(table, header, mapping)
    fitting = np.flatnonzero(~lengths.is_long)
    whole = rejoin(table, header, assign_columns(table.chosen(fitting), header, mapping), lengths)
    kept = np.setdiff1d(np.arange(len(table.rows)), whole.shifted)
    return whole, assign_columns(whole.chosen(kept), header, mapping)


def _is_alike(matches: dict[str, Match], best: dict[str, Match]) -> bool:
    """Tell whether two tables list the same: the same columns, or most of them with some that one lacks altogether."""
    own, other = matches.keys(), best.keys()
    if "name" not in own or own == other:
        return "name" in own
    return (own <= other or own >= other) and len(own & other) >= _ALIKE


def _no_header(tables: list[RawTable], source: str) -> Exception:
    seen = next((table for table in tables if len(table.rows)), None)
    if seen is None:
        return refuse(
            source,
            Text("空です（施設の行がありません）", "empty (no facility rows)"),
            Text("見出し行の下に1行1施設で書いてください", "give a header row and one row a facility below it"),
        )
    first = [str(cell) for cell in (seen.headers or seen.line(0)) if cell is not None]
    return refuse(
        tables[0].file,
        Text(
            f"見出しの行が見つかりません（最初の行: {listing(first, 8).ja}）",
            f"no header is found (first row: {listing(first, 8).en})",
        ),
        Text(
            "「施設名」「用途」「建築年度」「延床面積」などの見出しを一行に書くか、facilities/mapping.toml に見出しの意味を書いてください",
            "head the columns with words such as name, use, year built, floor area, or say in facilities/mapping.toml what each header means",
        ),
    )
