"""Tell the rows that are facilities or blocks from titles, headers, subtotals and notes.

Blank cells that stand for the cell above (〃, 同上, merged cells, a block below its facility) are filled.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from fmtool.inventory.columns import could_be, folded
from fmtool.inventory.importing import spellings
from fmtool.inventory.importing.assign import Match
from fmtool.inventory.importing.cells import Coded, Numbers, RawTable, Truth
from fmtool.inventory.importing.headers import Header
from fmtool.inventory.importing.words import match_use, plain
from fmtool.text import Text
from fmtool.vocabulary import USES

TITLE = Text("見出しより上の行（表題など）", "above the header: a title or the like")
HEADER = Text("見出しの行", "the header")
REPEATED = Text("繰り返された見出し", "the header repeated")
NUMBERED = Text("列の番号だけの行", "numbers of the columns only")
SUBTOTAL = Text("小計・合計の行", "a subtotal or total")
NOTE = Text("注記・区切りの行（他の列が空）", "a note or heading: all other columns are blank")
SHIFTED = Text(
    "見出しよりセルが多い行（引用符のない桁区切りのコンマなどで列がずれ、元の形が一つに決まらない。値を引用符で囲むか桁区切りを消して取り込み直す）",
    "more cells than the header (a comma without quotes has shifted the row, and how is not certain): put quotes around the value, or leave out the comma, and import again",
)
NO_NAME = Text("施設名がない", "no name of a facility")

_TOTAL = re.compile(
    r"(?:.*[\s(（・:：])?(?:小計|合計|総計|累計|中計|総合計|計|小 計|合 計)(?:[\s(（:：].*)?|.+(?:小計|合計|総計)|.*(?:施設|系|棟)計"
    r"|(?:.*[\s(])?(?:sub|grand)?[ -]?totals?[)]?:?",
    re.IGNORECASE,
)
_DITTO = frozenset({"〃", '"', "''", "″", "”", "“", "々", "仝", "同上", "同", "ditto", "do.", "〃〃", "|", "↑"})
_DITTO_SIGNS = frozenset(word[:1] for word in _DITTO)
_NOTE_MARK = re.compile(r"^(?:[※*＊注☆★●]|\(?注|備考|資料|出典|出所|note|source|\()", re.IGNORECASE)
_COLUMN_NUMBER = re.compile(r"[(\[]?(\d{1,3})[)\].]?(?:\.0)?")
_CARRIED = ("id", "name", "use", "service", "district", "address")


@dataclass(slots=True)
class Records:
    """The records of a table that are facilities or blocks, and why the others are not."""

    records: Numbers
    """Their numbers in the table."""
    cells: dict[str, Coded]
    """Column to its cells, blank ones filled."""
    refused: list[tuple[Numbers, Text]] = field(default_factory=list)
    section: np.ndarray | None = None
    """Use that a heading above states, or None, by record."""
    written: Truth = field(default_factory=lambda: np.zeros(0, dtype=bool))
    """Whether a record stands as an import wrote it, by record."""


def sort_records(table: RawTable, header: Header, matches: dict[str, Match]) -> Records:
    """Sort the records of a table; blank ones are left out altogether."""
    count = len(table.rows)
    filled = np.zeros(count, dtype=np.int64)
    for column in table.columns:
        filled += column.is_filled
    place = np.arange(count)
    rest = np.zeros(count, dtype=bool)
    rest[table.filled_records()] = True
    rest &= place > header.last
    made = Records(np.empty(0, dtype=np.int64), {})
    made.refused += [
        (np.flatnonzero((filled > 0) & (place < header.first)), TITLE),
        (np.flatnonzero((filled > 0) & (place >= header.first) & (place <= header.last)), HEADER),
    ]

    shifted = np.zeros(count, dtype=bool)
    shifted[table.shifted] = True
    made.refused.append((np.flatnonzero(shifted & rest), SHIFTED))
    rest &= ~shifted
    written = as_written(table, header, matches)

    def refuse(where: Truth, reason: Text) -> None:
        nonlocal rest
        where = where & ~written
        made.refused.append((np.flatnonzero(where & rest), reason))
        rest = rest & ~where

    if table.headers is None:
        refuse(repeats_header(table, header) & rest, REPEATED)
        refuse(_numbers_columns(table, header, filled) & rest, NUMBERED)
    refuse(_is_total(table, matches, rest), SUBTOTAL)
    notes, section = _notes(table, matches, filled, rest)
    refuse(notes, NOTE)
    kept = np.flatnonzero(rest)
    made.cells = {
        name: _ditto_filled(table.columns[match.place].take(kept), written[kept]) for name, match in matches.items()
    }
    made.section = section[kept]
    _carry(made.cells, _merged_records(table, matches, kept))
    nameless = _nameless(made.cells, len(kept))
    made.refused.append((kept[nameless], NO_NAME))
    made.records = kept[~nameless]
    made.cells = {name: cells.take(np.flatnonzero(~nameless)) for name, cells in made.cells.items()}
    made.section = made.section[~nameless]
    made.written = written[made.records]
    return made


def as_written(table: RawTable, header: Header, matches: dict[str, Match]) -> Truth:
    """Find the records of an import's own inventory that hold what it always writes: identifier, name and a code of use.

    They are what they say, were a facility called 合計; a line put below by hand has not all three.
    """
    made = np.full(len(table.rows), header.is_own and {"id", "name", "use"} <= matches.keys())
    if not made.any():
        return made
    for name in ("id", "name"):
        made &= _known(table.columns[matches[name].place])
    made &= table.columns[matches["use"].place].holds(lambda word: word in USES)
    made[: header.last + 1] = False
    return made


def repeats_header(table: RawTable, header: Header) -> Truth:
    """Find records most of whose cells say what their header says."""
    filled = np.sum([column.is_filled for column in table.columns], axis=0)
    alike = np.zeros(len(table.rows), dtype=np.int64)
    for place, column in enumerate(table.columns):
        own = {plain(header.names[place])} if place < len(header.names) else set()
        own |= {plain(str(column.at(record))) for record in range(header.first, header.last + 1)}
        own -= {"", "none"}
        if own:
            longest = max(map(len, own)) * 2 + 6
            alike += column.holds(_says_one_of(own, longest))
    least = 2
    return (alike >= least) & (alike * 10 >= filled * 6)


def _says_one_of(headers: set[str], longest: int) -> Callable[[object], bool]:
    firsts = frozenset(header[:1] for header in headers)
    return lambda word: (
        isinstance(word, str) and len(word) <= longest and could_be(word, firsts) and plain(word) in headers
    )


def _numbers_columns(table: RawTable, header: Header, filled: Numbers) -> Truth:
    """Find the line below the header that numbers the columns, as in (1), (2), (3)."""
    made = np.zeros(len(table.rows), dtype=bool)
    least = 3
    for record in range(header.last + 1, min(header.last + 3, len(table.rows))):
        words = [word for word in table.line(record) if word is not None]
        found = [_COLUMN_NUMBER.fullmatch(folded(str(word))) for word in words]
        numbers = [int(each[1]) for each in found if each is not None]
        is_run = len(numbers) == len(words) == filled[record] >= least
        made[record] = is_run and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return made


def _is_total(table: RawTable, matches: dict[str, Match], rest: Truth) -> Truth:
    """Find records that add up others: a word for it in a text column, and no year built."""
    said = np.zeros(len(table.rows), dtype=bool)
    for column in table.columns:
        said |= column.holds(_says_total)
    said &= rest
    built = matches.get("built_year")
    if built is not None:
        said &= ~table.columns[built.place].holds(
            lambda word: word is not None and spellings.read_year(word).value is not None, said
        )
    remarks = matches.get("remarks")
    if remarks is not None:  # a remark may well speak of totals
        other = np.zeros(len(said), dtype=bool)
        for place, column in enumerate(table.columns):
            if place != remarks.place:
                other |= column.holds(_says_total, said)
        said &= other
    return said


def _says_total(word: object) -> bool:
    """Tell whether a cell says total.

    >>> [_says_total(word) for word in ("小　計", "学校教育系施設 小計", "合計", "総合計量検査所", "小計野公民館", "Grand Total")]
    [True, True, True, False, False, True]
    """
    if not isinstance(word, str) or len(word) > 60 or not ("計" in word or "otal" in word or "OTAL" in word):  # noqa: PLR2004
        return False
    spaced = " ".join(word.replace("\u3000", " ").split())
    return _TOTAL.fullmatch(spaced) is not None or _TOTAL.fullmatch("".join(spaced.split())) is not None


def _notes(table: RawTable, matches: dict[str, Match], filled: Numbers, rest: Truth) -> tuple[Truth, np.ndarray]:
    """Find records with one filled cell where others hold several; one that names a use heads what follows."""
    section = np.full(len(table.rows), None, dtype=object)
    lone = rest & (filled == 1)
    usual = 3
    if not lone.any() or np.median(filled[rest]) < usual:
        return np.zeros(len(table.rows), dtype=bool), section
    notes = lone.copy()
    named = matches.get("name")
    for record in map(int, np.flatnonzero(lone)):
        word = next(str(word) for word in table.line(record) if word is not None)
        code, score = match_use(word.strip("【】〔〕[]■●◆○◇□<>＜＞ 0123456789.．、"))
        if code is not None and score >= 0.95 and not _NOTE_MARK.match(word.strip("●")):  # noqa: PLR2004
            section[record] = code
        elif named is not None and table.columns[named.place].at(record) is not None and not _NOTE_MARK.match(word):
            notes[record] = len(word) > 40  # noqa: PLR2004  - a name without anything known of it
    heads = np.array([code is not None for code in section], dtype=bool)
    last = np.maximum.accumulate(np.where(heads, np.arange(len(section)), -1))
    made = section[np.maximum(last, 0)]
    made[last < 0] = None
    return notes, made


def _ditto_filled(cells: Coded, written: Truth) -> Coded:
    """Put for 〃 and 同上 what stands above."""
    longest = 20  # with the spaces that may stand around it
    same = cells.holds(
        lambda word: (
            isinstance(word, str) and len(word) <= longest and could_be(word, _DITTO_SIGNS) and folded(word) in _DITTO
        )
    )
    same &= ~written
    if not same.any():
        return cells
    return _from_above(cells, same)


def _from_above(cells: Coded, where: Truth) -> Coded:
    source = np.maximum.accumulate(np.where(where, -1, np.arange(len(cells.codes))))
    return Coded(np.where(source >= 0, cells.codes[np.maximum(source, 0)], cells.codes), cells.words)


def _merged_records(table: RawTable, matches: dict[str, Match], kept: Numbers) -> Truth:
    """Find records whose name lies in a cell merged downwards, but for its first."""
    below = np.zeros(len(table.rows), dtype=bool)
    named = matches.get("name")
    for first, left, last, right in table.merged:
        if named is not None and left <= named.place <= right and last > first:
            below[first + 1 : last + 1] = True
    return below[kept]


def _carry(cells: dict[str, Coded], merged: Truth) -> None:
    """Give blocks without a name of their own the facility's above them, or the one of the same identifier."""
    named = cells.get("name")
    if named is None or not len(merged):
        return
    blank = ~_known(named)
    block = cells.get("block")
    below = blank & (merged if block is None else merged | _known(block))
    if not below.any():
        return
    ids = cells.get("id")
    if ids is not None:  # a block with an identifier that is not the facility's stays for itself
        above = _from_above(ids, blank)
        below &= ~_known(ids) | (ids.codes == above.codes) | (block is not None)
    for name in _CARRIED:
        if name in cells:
            own = cells[name]
            empty = below & ~_known(own)
            cells[name] = _from_above(own, empty)


def _known(cells: Coded) -> Truth:
    return cells.holds(lambda word: word is not None and not spellings.is_blank(word))


def _nameless(cells: dict[str, Coded], count: int) -> Truth:
    """Find records that name no facility: neither name nor, where a file has no names, identifier."""
    if "name" in cells:
        return ~_known(cells["name"])
    return ~_known(cells["id"]) if "id" in cells else np.ones(count, dtype=bool)
