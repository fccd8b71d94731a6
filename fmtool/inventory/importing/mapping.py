"""Which header means which column, and which word which use: ``facilities/mapping.toml``.

What an import understood is written there; what stands there, the next import obeys.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fmtool.errors import WorkspaceError
from fmtool.inventory.columns import BY_NAME
from fmtool.inventory.importing.units import units_for
from fmtool.inventory.importing.words import plain
from fmtool.text import Text, listing
from fmtool.vocabulary import USES
from fmtool.workspace.toml_faults import TOML_REMEDY, fault_text, not_toml

MAPPING_NAME = "facilities/mapping.toml"

OWN = ("address", "block")
"""Columns that the import uses itself though the inventory has none of that name."""

Score = Annotated[float, Field(ge=0, le=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class ColumnEntry(_Entry):
    """What one header means."""

    header: str
    column: str = ""
    """Column of the inventory; empty: not used."""
    unit: str = ""
    """Unit of its numbers; empty: the column's own, unless cells name one."""
    file: str = ""
    """File in which this holds; empty: in every file."""
    score: Score = 1.0
    """How sure the match was; what people write is 1."""


class TableEntry(_Entry):
    """Where the header of one file or sheet stands."""

    file: str
    sheet: str = ""
    header_row: int | None = Field(None, ge=1)
    """Row of the header's last line."""


class Mapping(_Entry):
    """All of a mapping file."""

    column: tuple[ColumnEntry, ...] = ()
    table: tuple[TableEntry, ...] = ()
    uses: dict[str, str] = Field(default_factory=dict)

    def entry(self, file: str, header: str) -> ColumnEntry | None:
        """Return what is said of a header: of this file first, then of all, then of any."""
        same = [entry for entry in self.column if plain(entry.header) == plain(header)]
        for wanted in ((file,), ("",)):
            for entry in same:
                if entry.file in wanted:
                    return entry
        return same[0] if same else None

    def headers(self) -> frozenset[str]:
        """Return the headers that mean a column, plain."""
        return frozenset(plain(entry.header) for entry in self.column if entry.column)

    def header_row(self, file: str, sheet: str) -> int | None:
        """Return the row in which a table's header stands, where the mapping says so."""
        rows = [entry.header_row for entry in self.table if entry.file == file and entry.sheet in {"", sheet}]
        return rows[0] if rows else None


@dataclass(slots=True)
class Found:
    """What one import understood, to be laid over the mapping it obeyed."""

    columns: list[ColumnEntry] = field(default_factory=list)
    uses: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Word to code and score."""


def read_mapping(path: Path, *, is_wanted: bool = False) -> Mapping:
    """Read a mapping; a file that does not exist is an empty one unless it was asked for by name.

    Raises
    ------
    WorkspaceError
        With every entry that cannot be obeyed.
    """
    if not path.is_file():
        if is_wanted:
            raise WorkspaceError(
                Text(f"{path} がありません", f"no such file: {path}"),
                Text("--mapping の場所を確かめてください", "look at what follows --mapping"),
            )
        return Mapping()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WorkspaceError(not_toml(path.name, error), TOML_REMEDY) from None
    try:
        mapping = Mapping.model_validate(table)
    except ValidationError as error:
        faults = [fault_text(path.name, item) for item in error.errors()]
    else:
        faults = _faults(mapping, path.name)
        if not faults:
            return mapping
    raise WorkspaceError(
        Text(f"{path.name} に{len(faults)}件の誤りがあります", f"{path.name}: {len(faults)} to mend"),
        Text(
            "直すか、ファイルを消して取り込み直してください（見出しは自動で対応づけられます）",
            "mend it, or remove the file and import again: headers are then matched anew",
        ),
        faults,
    )


def _faults(mapping: Mapping, file: str) -> list[Text]:
    known = [*BY_NAME, *OWN]
    faults = []
    for entry in mapping.column:
        if entry.column and entry.column not in known:
            faults.append(
                Text(
                    f"{file}: 見出し「{entry.header}」の column「{entry.column}」という列はありません（{listing(known, 40).ja}）",
                    f"{file}: header `{entry.header}`: no column `{entry.column}` ({listing(known, 40).en})",
                )
            )
        elif entry.unit and entry.unit not in units_for(entry.column):
            there = listing(list(units_for(entry.column)), 40)
            faults.append(
                Text(
                    f"{file}: 見出し「{entry.header}」の unit「{entry.unit}」は使えません（{there.ja or 'なし'}）",
                    f"{file}: header `{entry.header}`: no unit `{entry.unit}` ({there.en or 'none'})",
                )
            )
    for word, code in mapping.uses.items():
        if code not in USES:
            faults.append(
                Text(
                    f"{file}: [uses]「{word}」の「{code}」は13分類にありません（{listing(list(USES), 13).ja}）",
                    f"{file}: [uses] `{word}`: `{code}` is not one of {listing(list(USES), 13).en}",
                )
            )
    return faults


def merged_mapping(base: Mapping, found: Found) -> Mapping:
    """Lay what was found under what already stood: nothing that people wrote is changed."""
    there = {(entry.file, plain(entry.header)) for entry in base.column}
    everywhere = {plain(entry.header) for entry in base.column if not entry.file}
    columns = list(base.column)
    for entry in found.columns:
        key = (entry.file, plain(entry.header))
        if key not in there and plain(entry.header) not in everywhere:
            there.add(key)
            columns.append(entry)
    uses = {word: code for word, (code, _) in found.uses.items()} | base.uses
    return Mapping(column=tuple(columns), table=base.table, uses=uses)


def mapping_text(mapping: Mapping, found: Found) -> str:
    """Return the file's text.

    >>> text = mapping_text(Mapping(column=(ColumnEntry(header="面積", column="floor_area_m2"),)), Found())
    >>> tomllib.loads(text)["column"]
    [{'header': '面積', 'column': 'floor_area_m2', 'score': 1.0}]
    """
    lines = [
        "# 見出しと列、用途の言葉と13分類の対応。fmtool import が書き、次の取り込みはこれに従う。",
        '# column = "" は使わない列。直したところは次の取り込みで守られる。',
        "# What each header means, and which of the 13 uses each word: written by `fmtool import`, obeyed by the next one.",
        '# column = "" leaves a header out. What you change is kept.',
    ]
    for table in mapping.table:
        lines += ["", "[[table]]", *_entries(table)]
    for column in mapping.column:
        lines += ["", "[[column]]", *_entries(column)]
    if mapping.uses:
        lines += ["", "[uses]"]
        for word, code in mapping.uses.items():
            score = found.uses.get(word, (code, 1.0))[1]
            lines.append(f"{_quoted(word)} = {_quoted(code)}" + ("" if score >= 1 else f"  # {score:.2f}"))
    return "\n".join(lines) + "\n"


def _entries(entry: _Entry) -> list[str]:
    given: dict[str, Any] = entry.model_dump(exclude_none=True)
    kept = {name: value for name, value in given.items() if value != "" or name == "column"}
    return [f"{name} = {_quoted(value) if isinstance(value, str) else value}" for name, value in kept.items()]


def _quoted(text: str) -> str:
    r"""Return a TOML string.

    >>> _quoted('a"b\\c\n')
    '"a\\"b\\\\c\\n"'
    """
    made = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(sign if sign.isprintable() or sign == "\u3000" else _escape(sign) for sign in made) + '"'


def _escape(sign: str) -> str:
    short = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return short.get(sign) or f"\\U{ord(sign):08X}"
