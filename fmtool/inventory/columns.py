"""The columns of an inventory, read from ``fmtool/columns.csv``.

One table serves the reader, the checks, the data dictionary and the Excel template. A column of
type ``code`` lists its values as ``code=Japanese=English=synonym/synonym``; ``@uses`` stands for
the thirteen uses of :mod:`fmtool.vocabulary`.
"""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass
from importlib import resources
from typing import Literal, cast

from fmtool.text import Text
from fmtool.vocabulary import USES

Kind = Literal["text", "number", "integer", "year", "grade", "code", "flag"]

GRADES: tuple[str, ...] = ("A", "B", "C", "D")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the inventory."""

    name: str
    title: Text
    kind: Kind
    unit: str
    is_required: bool
    codes: dict[str, Text]
    """Code to its names; empty when the column holds no codes."""
    synonyms: dict[str, str]
    """Folded spelling to code: the code itself, its names and everyday variants."""
    minimum: float | None
    maximum: float | None
    weight: float
    """What the column counts in the data-quality score; 0 = not counted."""
    description: Text


def without_unseen(text: str) -> str:
    r"""Take out what no one sees: control characters, halves of signs, and marks that turn the direction or join.

    >>> without_unseen("図\x02書\u200b館\n本館")
    '図書館\n本館'
    """
    if text.isprintable():
        return text
    return "".join(sign for sign in text if sign.isspace() or unicodedata.category(sign) not in {"Cc", "Cf", "Cs"})


def folded(text: str) -> str:
    """Bring spelling variants together: NFKC, no spaces or brackets' differences, lower case, nothing unseen.

    >>> folded(" 延べ床　面積（㎡）"), folded("Floor\u200b Area")
    ('延べ床面積(m2)', 'floorarea')
    """
    if text.isascii() and text.isprintable():  # most cells: nothing to bring together but spaces and case
        return text.replace(" ", "").casefold()
    return "".join(unicodedata.normalize("NFKC", without_unseen(text)).split()).casefold()


def could_be(text: str, firsts: frozenset[str]) -> bool:
    """Tell by its first sign whether a text, once folded, could be a word that begins with one of ``firsts``.

    Folding leaves digits and Chinese signs as they are, and Latin letters where no other script follows.

    >>> [could_be(text, frozenset("n不")) for text in ("N/A", "不明", "第一小学校", "120", "Ｎ／Ａ", "A-7")]
    [True, True, False, False, True, False]
    """
    first = text[:1]
    if "0" <= first <= "9" or "一" <= first <= "龥" or (first.isalpha() and text.isascii()):
        return first.casefold() in firsts
    return True


def folded_code(text: str) -> str:
    """Fold a code or its name; the endings 造, 施設, 系 and 系施設 do not tell codes apart.

    >>> folded_code("ＲＣ造"), folded_code("学校教育系施設"), folded_code("鉄骨 造")
    ('rc', '学校教育', '鉄骨')
    """
    word = folded(text)
    for ending in ("造り", "造", "施設", "系"):
        if len(word) > len(ending):
            word = word.removesuffix(ending)
    return word


def read_columns() -> tuple[Column, ...]:
    """Read the packaged table."""
    text = (resources.files("fmtool") / "columns.csv").read_text(encoding="utf-8")
    return tuple(_column(row) for row in csv.DictReader(text.splitlines()))


def _column(row: dict[str, str]) -> Column:
    codes, synonyms = _codes(row["codes"])
    return Column(
        row["name"],
        Text(row["ja"], row["en"]),
        cast("Kind", row["type"]),
        row["unit"],
        row["required"] == "1",
        codes,
        synonyms,
        float(row["min"]) if row["min"] else None,
        float(row["max"]) if row["max"] else None,
        float(row["weight"] or 0),
        Text(row["description_ja"], row["description_en"]),
    )


def _codes(listed: str) -> tuple[dict[str, Text], dict[str, str]]:
    codes: dict[str, Text] = {}
    synonyms: dict[str, str] = {}
    entries = (
        [[code, name.ja, name.en] for code, name in USES.items()]
        if listed == "@uses"
        else [entry.split("=") for entry in listed.split("|") if entry]
    )
    for code, ja, en, *more in entries:
        codes[code] = Text(ja, en)
        for word in (code, ja, en, *(more[0].split("/") if more else ())):
            synonyms[folded_code(word)] = code
    return codes, synonyms


COLUMNS: tuple[Column, ...] = read_columns()
"""Every column, in file order."""

BY_NAME: dict[str, Column] = {column.name: column for column in COLUMNS}

HEADERS: dict[str, str] = {
    spelling: column.name
    for column in COLUMNS
    for spelling in (folded(column.name), folded(column.title.ja), folded(column.title.en))
}
"""Folded header to column name: English name, Japanese and English title."""


def column_of(header: str) -> str | None:
    """Return the column that a header names, tolerating a unit or note in brackets.

    >>> column_of("延床面積（㎡）"), column_of("built_year"), column_of("所管課")
    ('floor_area_m2', 'built_year', None)
    """
    spelling = folded(header)
    return HEADERS.get(spelling) or HEADERS.get(spelling.split("(", 1)[0].split("[", 1)[0])
