"""Make an inventory of whatever a city has: the whole of an import, without writing anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from fmtool.errors import FmtoolError, InventoryError
from fmtool.inventory.columns import BY_NAME
from fmtool.inventory.faults import refuse
from fmtool.inventory.importing import rows as sorting
from fmtool.inventory.importing.account import FACILITY, MERGED, REFUSED, USED, TableAccount
from fmtool.inventory.importing.assign import Match, entries_of, is_weak_id
from fmtool.inventory.importing.blocks import BLOCK, SAME, facility_keys, repeated_records, roll_blocks
from fmtool.inventory.importing.cells import RawTable, series
from fmtool.inventory.importing.choose import choose_tables
from fmtool.inventory.importing.halves import halves_of_numbers
from fmtool.inventory.importing.headers import NEEDED, Header
from fmtool.inventory.importing.joining import Joined, empty_joined, join, number_facilities
from fmtool.inventory.importing.mapping import (
    MAPPING_NAME,
    Found,
    Mapping,
    merged_mapping,
    read_mapping,
)
from fmtool.inventory.importing.plausible import make_plausible
from fmtool.inventory.importing.postgis import is_database
from fmtool.inventory.importing.reading import nameless_cells, read_records, rejoined_cells
from fmtool.inventory.importing.sources import read_source
from fmtool.text import Text, listing, without_secrets
from fmtool.workspace import Config, read_config

JOINED = Text("他の表の同じ施設に統合", "joined with the same facility of another table")
BUILDINGS_NAME = "facilities/buildings.csv"
NOWHERE = Text("施設名がなく、同じIDの施設もない", "has no name, and no facility has its identifier")

NO_TITLE = Text("見出しのない列", "columns without header")

Tell = Callable[[Text], None]


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """What one header of one table was taken for."""

    source: str
    match: Match


@dataclass(frozen=True, slots=True, eq=False)
class ImportOutcome:
    """What an import understood; nothing is written yet."""

    buildings: pd.DataFrame
    """One row a facility, the columns of ``columns.csv`` that hold anything; numbers float64, all else object."""
    account: pd.DataFrame
    """One line a source row: source, sheet, row, status, facility_id, reason_ja, reason_en."""
    mapping: Mapping
    """What was obeyed and what was found, as the next import will obey it."""
    notices: list[Text]
    tables: list[TableAccount]
    matches: list[ColumnMatch]
    found: Found = field(default_factory=Found)

    def counts(self) -> dict[str, int]:
        """Return how many source rows were used, merged and refused."""
        made = {USED: 0, MERGED: 0, REFUSED: 0}
        for table in self.tables:
            for status, count in table.counts().items():
                made[status] += count
        return made


@dataclass(slots=True)
class _Run:
    mapping: Mapping
    config: Config
    notices: list[Text] = field(default_factory=list)
    found: Found = field(default_factory=Found)
    tables: list[TableAccount] = field(default_factory=list)
    matches: list[ColumnMatch] = field(default_factory=list)
    joined: Joined = field(default_factory=empty_joined)
    left: list[tuple[RawTable, Text]] = field(default_factory=list)
    """Tables that are not read, and why."""


def import_files(
    sources: Sequence[str],
    workspace_root: Path,
    mapping: Path | None = None,
    sheets: Sequence[str] = (),
    tell: Tell = lambda stage: None,  # noqa: ARG005
) -> ImportOutcome:
    """Read ledgers of any form into one inventory.

    Parameters
    ----------
    sources
        Files, and databases as ``postgresql://…?table=…``; the first states what later ones only add to.
    workspace_root
        The workspace, whose case tells bounds and first year.
    mapping
        Mapping to obey instead of the workspace's.
    sheets
        Sheets or layers to read; without them, those that hold facilities.
    tell
        Told the stages.

    Raises
    ------
    InventoryError
        When a source cannot be read, or no row of any is a facility.
    """
    config = read_config(workspace_root / "fmtool.toml")
    obeyed = read_mapping(mapping or workspace_root / MAPPING_NAME, is_wanted=mapping is not None)
    run = _Run(obeyed, config)
    chosen = _tables(sources, sheets, run, tell)
    for table, header, matches in chosen:
        tell(Text(f"{table.name} を読み取っています", f"making sense of {table.name}"))
        _add_table(run, table, header, matches)
    for table, reason in run.left:
        account = TableAccount.of(table)
        account.set(table.filled_records(), REFUSED, reason)
        run.tables.append(account)
    return _outcome(run)


def _tables(
    sources: Sequence[str], sheets: Sequence[str], run: _Run, tell: Tell
) -> list[tuple[RawTable, Header, dict[str, Match]]]:
    """Read every source, and choose of each the tables that hold facilities."""
    made: list[tuple[RawTable, Header, dict[str, Match]]] = []
    faults: list[FmtoolError] = []
    for source in sources:
        try:
            name = without_secrets(source) if is_database(source) else Path(source).name
            tell(Text(f"{name} を開いています", f"opening {name}"))
            chosen = choose_tables(read_source(source, sheets), name, run.mapping, sheets)
            made += chosen.taken
            run.left += chosen.left
            run.notices += chosen.notices
        except InventoryError as error:
            faults.append(error)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise InventoryError(
            Text(f"{len(faults)}件のファイルが読めません", f"{len(faults)} sources cannot be read"),
            faults[0].hint,
            [each for fault in faults for each in (fault.message, *fault.faults)],
        )
    if not any("name" in matches for _, _, matches in made):
        raise refuse(
            made[0][0].name,
            Text("施設名の列が見つかりません", "no column of names is found"),
            _map_by_hand(made[0][1]),
        )
    return made


def _map_by_hand(header: Header) -> Text:
    names = listing([name for name in header.names if name], 12)
    return Text(
        f'facilities/mapping.toml に [[column]] header = "…" column = "name" のように書いて取り込み直してください（見出し: {names.ja}）',
        f'write [[column]] header = "…" column = "name" into facilities/mapping.toml and import again (headers: {names.en})',
    )


def _add_table(run: _Run, table: RawTable, header: Header, matches: dict[str, Match]) -> None:
    account = TableAccount.of(table)
    run.tables.append(account)
    run.matches += [ColumnMatch(table.name, match) for match in matches.values()]
    account.entries = entries_of(table, header, matches)
    run.found.columns += account.entries
    kept = sorting.sort_records(table, header, matches)
    for records, reason in kept.refused:
        account.set(records, REFUSED, reason)
    frame, account.remarks = read_records(table, kept, matches, run.mapping, run.found)
    account.remarks += nameless_cells(table, header.names, kept.records)
    account.remarks += rejoined_cells(table, header.names, matches, kept.records)
    account.remarks += halves_of_numbers(table, matches, kept.records)
    if frame.empty:
        return
    keys = facility_keys(frame, matches)
    repeated = repeated_records(table, kept.records, keys, matches)
    rolled, first = roll_blocks(frame, keys, repeated)
    order = np.argsort(first, kind="stable")  # facilities stand in the order of their first rows
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    rolled, first, keys = rolled.iloc[order].reset_index(drop=True), first[order], rank[keys]
    known = [key for key in frame["id"] if key is not None] if "id" in frame else []
    is_weak = is_weak_id(matches, known)
    if "name" not in matches:
        rolled["name"] = series(np.full(len(rolled), None, dtype=object))
    before = len(run.joined.frame)
    run.joined, place, was_there = join(run.joined, rolled, is_weak=is_weak)
    is_first = np.zeros(len(keys), dtype=bool)
    is_first[first] = True
    there = was_there[keys]
    lost = ~there & (run.joined.frame["name"].isna().to_numpy()[place])[keys]
    account.set(kept.records[is_first & ~there], USED, FACILITY)
    account.set(kept.records[~is_first], MERGED, BLOCK)
    account.set(kept.records[repeated], MERGED, SAME)
    account.set(kept.records[there], MERGED, JOINED)
    account.set(kept.records[lost], REFUSED, NOWHERE)
    account.facility[kept.records] = np.where(lost, -1, place[keys])
    if lost.any():
        _drop_nameless(run, before)


def _drop_nameless(run: _Run, before: int) -> None:
    """Take out again what a table without names has added, and renumber the places that stand after."""
    frame = run.joined.frame
    keep = frame["name"].notna().to_numpy() | (np.arange(len(frame)) < before)
    new = np.append(np.cumsum(keep) - 1, -1)
    run.joined.frame = frame[keep].reset_index(drop=True)
    account = run.tables[-1]
    account.facility = np.where(account.facility >= 0, new[account.facility], -1)


def _outcome(run: _Run) -> ImportOutcome:
    frame = run.joined.frame
    if frame.empty:
        raise refuse(
            listing([account.table.name for account in run.tables if account.entries]).en,
            Text("施設として読める行が一つもありません", "no row can be read as a facility"),
            Text("見出しの下に、施設名のある行が要ります", "rows below the header must name facilities"),
        )
    had_ids = frame["id"].notna().any()
    ids, created, changed = number_facilities(frame["id"])
    frame["id"] = series(ids)
    if run.config.files.buildings != BUILDINGS_NAME:
        run.notices.append(
            Text(
                f"fmtool.toml の [files] buildings は {run.config.files.buildings} です。取り込んだ {BUILDINGS_NAME} を使うにはそこを書き換えてください",
                f"[files] buildings of fmtool.toml names {run.config.files.buildings}: change it to use the imported {BUILDINGS_NAME}",
            )
        )
    if created:
        run.notices.append(
            Text(
                f"施設IDのない{created}施設に番号を付けました（F0001 など）"
                + ("" if had_ids else "。次の取り込みでも同じ順なら同じ番号になります"),
                f"{created} facilities without identifier were numbered (F0001 and so on)"
                + ("" if had_ids else "; the same order gives the same numbers next time"),
            )
        )
    if changed:
        run.notices.append(
            Text(
                f"施設IDが他の施設と同じ{changed}施設には「-2」などを付けました",
                f"{changed} facilities had another's identifier: `-2` or the like was added",
            )
        )
    run.notices += make_plausible(frame, run.config.case)
    run.notices += _remark_notices(run)
    run.notices += _thin_notices(frame, run.config)
    for name, count in run.joined.conflicts.items():
        title = BY_NAME[name].title
        run.notices.append(
            Text(
                f"{count}施設の{title.ja}が表によって違うため、先の表の値を採りました",
                f"{count} facilities: tables differ in {title.en.lower()}; the earlier one's value was taken",
            )
        )
    account = pd.concat([table.frame(ids) for table in run.tables], ignore_index=True)
    filled = [name for name in BY_NAME if name in NEEDED or frame[name].notna().any()]
    made = frame[filled].copy()
    for name in made.select_dtypes("object").columns:
        made[name] = made[name].where(made[name].notna(), None)  # joining tables leaves NaN among words
    return ImportOutcome(
        made,
        account,
        merged_mapping(run.mapping, run.found),
        run.notices,
        run.tables,
        run.matches,
        run.found,
    )


def _thin_notices(frame: pd.DataFrame, config: Config) -> list[Text]:
    """Say what stands in the way of a plan, and the way on, where years or areas are blank."""
    if config.inventory.estimate_missing:
        return []
    own = frame[frame["tenure"] != "leased_in"]  # a room of another building needs neither
    counts = {name: int(own[name].isna().sum()) for name in ("built_year", "floor_area_m2")}
    blank = {name: count for name, count in counts.items() if count}
    if not blank:
        return []
    ja = "、".join(f"{BY_NAME[name].title.ja} {count:,}施設" for name, count in blank.items())
    en = ", ".join(f"{BY_NAME[name].title.en.lower()} of {count:,}" for name, count in blank.items())
    return [
        Text(
            f"空欄: {ja}。計画には記入するか、fmtool.toml の [inventory] に estimate_missing = true と書いて推定してください",
            f"blank: {en} facilities; before a plan fill them in, or estimate them with estimate_missing = true under [inventory] of fmtool.toml",
        )
    ]


def _remark_notices(run: _Run) -> list[Text]:
    """Say how many cells were read only roughly, or not at all, by column."""
    counts: dict[tuple[str, Text], int] = {}
    for account in run.tables:
        for remark in account.remarks:
            key = (remark.column, remark.said)
            counts[key] = counts.get(key, 0) + len(remark.records)
    made = []
    for (column, said), count in counts.items():
        title = BY_NAME[column].title if column in BY_NAME else Text(column, column)
        if not column:
            title = NO_TITLE
        made.append(Text(f"{title.ja}: {count}セル {said.ja}", f"{title.en}: {count} cells: {said.en}"))
    return made
