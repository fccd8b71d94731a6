"""The words by which cities call columns, uses and structures, from ``fmtool/synonyms.csv``.

A score tells how sure a match is: 1 is the column's own name, below ``LEAST`` is no match.
"""

from __future__ import annotations

import csv
import difflib
import functools
from importlib import resources

from fmtool.inventory.columns import BY_NAME, HEADERS, folded, folded_code
from fmtool.inventory.importing.units import split_unit, without_brackets

LEAST = 0.55
"""Score from which a header is taken for a column."""

_SIMILAR = 0.86
_IGNORED = str.maketrans("", "", "の・_-.:/、,*●■◆○※'\"|")


@functools.cache
def _table() -> dict[str, list[tuple[str, str, float]]]:
    text = (resources.files("fmtool") / "synonyms.csv").read_text(encoding="utf-8")
    made: dict[str, list[tuple[str, str, float]]] = {}
    for row in csv.DictReader(text.splitlines()):
        made.setdefault(row["kind"], []).append((row["target"], row["word"], float(row["score"])))
    return made


def plain(header: str) -> str:
    """Bring the spellings of a header together.

    >>> plain("施設の 名称"), plain("Year_Built")
    ('施設名称', 'yearbuilt')
    """
    return folded(header).translate(_IGNORED)


@functools.cache
def _headers() -> dict[str, tuple[str, float]]:
    """Plain word to column and score."""
    made: dict[str, tuple[str, float]] = {}
    for target, word, score in _table()["column"]:
        made.setdefault(plain(word), (target, score))
    for spelling, target in HEADERS.items():
        made[spelling.translate(_IGNORED)] = (target, 1.0)
    return made


@functools.cache
def _foreign() -> tuple[str, ...]:
    return tuple(plain(word) or word for _, word, _ in _table()["not"])


@functools.lru_cache(maxsize=20_000)
def header_scores(header: str) -> tuple[tuple[str, float], ...]:
    """Return the columns that a header may name, each with its score, best first.

    >>> header_scores("延べ床面積（㎡）")[0], header_scores("避難所面積平方メートル"), header_scores("電話番号")
    (('floor_area_m2', 1.0), (), ())
    """
    known = _headers()
    stem, _ = split_unit(header)
    forms = [form for form in dict.fromkeys((plain(header), plain(stem), plain(without_brackets(stem)))) if form]
    best: dict[str, float] = {}

    def note(target: str, score: float) -> None:
        best[target] = max(best.get(target, 0.0), round(score, 3))

    for form in forms:
        if form in known:
            note(*known[form])
    is_foreign = any(word in form for form in forms[:1] for word in _foreign())
    if not is_foreign and not any(score >= 1 for score in best.values()):
        for form in forms:
            for word, (target, score) in known.items():
                note(target, score * _likeness(form, word))
    made = [(target, score) for target, score in best.items() if score >= LEAST]
    return tuple(sorted(made, key=lambda item: -item[1]))


def _likeness(form: str, word: str) -> float:
    """Tell how alike two plain headers are: one within the other, cut short, or misspelt."""
    shortest, prefix, ascii_letters = 2, 3, 4
    if len(word) >= (ascii_letters if word.isascii() else shortest) and word in form:
        share = len(word) / len(form)
        return (0.6 if form.endswith(word) else 0.45) + 0.38 * share
    if len(form) >= prefix and word.startswith(form) and not form.isascii():
        return 0.8
    if abs(len(form) - len(word)) <= shortest and len(form) > ascii_letters:
        ratio = difflib.SequenceMatcher(None, form, word).ratio()
        return 0.9 * ratio if ratio >= _SIMILAR else 0.0
    return 0.0


def is_header(cell: object) -> float:
    """Return how surely a cell is a header: its best score, 0 for numbers and blanks."""
    if not isinstance(cell, str):
        return 0.0
    known = _headers()
    stem, _ = split_unit(cell)
    for form in (plain(cell), plain(stem), plain(without_brackets(stem))):
        if form in known:
            return known[form][1]
    return 0.0


@functools.lru_cache(maxsize=200_000)
def match_use(text: str) -> tuple[str | None, float]:
    """Return the use that a word or name tells, with its score.

    A Japanese name ends with what the thing is, so the word that ends last counts: 大富公民館図書室 is a
    reading room. What belongs to a school counts as school.

    >>> match_use("市営住宅"), match_use("老人福祉センター"), match_use("大富公民館図書室")[0], match_use("zzz")
    (('housing', 0.95), ('health_welfare', 0.95), 'social_education', (None, 0.0))
    >>> match_use("東小学校体育館")[0], match_use("児童センター（とまとぴあ）")[0]
    ('school', 'childcare')
    """
    word, code = folded(text), folded_code(text)
    for form in dict.fromkeys((word, code)):
        if form and form in _exact_uses():
            return _exact_uses()[form]
    for form in dict.fromkeys((without_brackets(word), word)):
        found = [(at, known) for known in _use_words() if (at := form.rfind(known)) >= 0]
        if found:
            at, known = max(found, key=lambda each: (each[0] + len(each[1]), len(each[1])))
            use, score = _exact_uses()[known]
            if use == "sports_recreation" and any(school in form for school in ("小学校", "中学校", "高等学校")):
                use = "school"
            return use, round(score * (0.65 + 0.25 * len(known) / len(form)), 3)
    return None, 0.0


@functools.cache
def _exact_uses() -> dict[str, tuple[str, float]]:
    """Folded word to use and score."""
    made = {folded(word): (target, score) for target, word, score in _table()["use"]}
    return made | {spelling: (code, 1.0) for spelling, code in BY_NAME["use"].synonyms.items()}


@functools.cache
def _use_words() -> tuple[str, ...]:
    """Words that tell a use from within a longer one."""
    least = {True: 3, False: 2}
    return tuple(
        word for word in _exact_uses() if len(word) >= least[word.isascii()] and word not in {"その他", "other"}
    )


@functools.lru_cache(maxsize=10_000)
def match_structure(text: str) -> str | None:
    """Return the structure that a word names; the first in a list of several.

    >>> match_structure("鉄骨鉄筋コンクリート造（一部RC）"), match_structure("木造瓦葺2階建"), match_structure("不燃")
    ('SRC', 'W', None)
    """
    word = folded(text)
    found = [
        (word.find(known), -len(known), target)
        for target, known in ((target, folded(known)) for target, known, _ in _table()["structure"])
        if known in word
    ]
    return min(found)[2] if found else None
