"""Funding programmes (財政措置) of ``models/funding.toml``: who may use them, and what they pay.

One table a programme, its name the code. Each entry is a figure with value, unit, source and basis:

scheme
    Name of the bond or grant scheme; its ``ja`` and ``en`` are the programme's names.
actions
    Codes of the actions it pays for.
uses
    Codes of the uses it is for; absent = every use.
floor_must_fall
    Whether floor area must become less; absent = no.
needs_plan
    Whether it asks for a facility plan (個別施設計画, 公共施設等総合管理計画); absent = no.
valid_from, valid_to
    First and last fiscal year of works it pays for; absent = no such year is known.
subsidy_rate, prefectural_subsidy_rate
    National and prefectural subsidy over the cost; absent = 0.
bond_share
    Bond over the cost less subsidies (充当率).
grant_rate
    Tax grant over the debt service (交付税措置率).
term_years, grace_years, interest_rate
    Of the bond; absent = as in the table ``terms``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from fmtool.errors import WorkspaceError
from fmtool.text import Text, listing
from fmtool.vocabulary import ACTIONS, USES
from fmtool.workspace import Figure, Workspace
from fmtool.workspace.figures import Basis

FILE = "models/funding.toml"

_TERMS = "terms"
_RATES = ("subsidy_rate", "prefectural_subsidy_rate", "bond_share", "grant_rate")
_OF_BOND = ("term_years", "grace_years", "interest_rate")
_CODES: dict[str, Mapping[str, Text]] = {"actions": ACTIONS, "uses": USES}
_FLAGS = ("floor_must_fall", "needs_plan")
_YEARS = ("valid_from", "valid_to")
_REQUIRED = ("scheme", "actions", "bond_share", "grant_rate")
_KNOWN = frozenset({"scheme", *_CODES, *_FLAGS, *_YEARS, *_RATES, *_OF_BOND})
_LONGEST_TERM = 60


@dataclass(frozen=True)
class Programme:
    """One programme: eligibility, what it pays, and its bond."""

    code: str
    name: Text
    actions: frozenset[str]
    """Codes of the actions it pays for."""
    uses: frozenset[str]
    """Codes of the uses it is for; empty = all."""
    floor_must_fall: bool
    needs_plan: bool
    valid_from: int | None
    valid_to: int | None
    """Last fiscal year of works it pays for, inclusive; None = no end is known."""
    subsidy_rate: float
    """National subsidy (国庫支出金) over the cost."""
    prefectural_subsidy_rate: float
    bond_share: float
    """Bond over the cost less subsidies (充当率)."""
    grant_rate: float
    """Tax grant over the debt service (交付税措置率)."""
    term_years: int
    """From issue to the last payment, grace included."""
    grace_years: int
    interest_rate: float
    basis: Basis
    """The weakest that any of its own figures rests on; the bond's terms apart where they are everyone's."""
    source: str
    end_basis: Basis | None = None
    """What the last year rests on; None = no end is known."""


def read_programmes(workspace: Workspace) -> tuple[Programme, ...]:
    """Return the programmes in file order; none when the workspace has no ``models/funding.toml``.

    Raises
    ------
    WorkspaceError
        With every fault of the file: entries missing or unknown, codes that do not exist, rates above 1.
    """
    tables: dict[str, dict[str, Figure]] = {}
    faults: list[Text] = []
    for key, figure in workspace.figures.under("funding").items():
        code, _, entry = key.partition(".")
        known = _OF_BOND if code == _TERMS else _KNOWN
        if entry in known:
            tables.setdefault(code, {})[entry] = figure
        else:
            faults.append(
                _fault(
                    key,
                    f"知らない項目です。使えるもの: {'、'.join(sorted(known))}",
                    f"is unknown; there are {', '.join(sorted(known))}",
                )
            )
    terms = tables.pop(_TERMS, {})
    faults += [fault for code, table in tables.items() for fault in _faults(code, {**terms, **table})]
    if faults:
        faults = list(dict.fromkeys(faults))
        raise WorkspaceError(
            Text(f"{FILE} に{len(faults)}件の誤りがあります", f"{FILE}: {len(faults)} to mend"),
            Text(
                "`fmtool init` が作る models/funding.toml を手本に直してください",
                "mend it after the models/funding.toml that `fmtool init` writes",
            ),
            faults,
        )
    return tuple(_programme(code, table, terms) for code, table in tables.items())


def expiring(programmes: Iterable[Programme], years: Sequence[int]) -> list[Text]:
    """Warn of each programme that ends before the plan does, soonest first.

    >>> expiring([], [2026, 2027])
    []
    """
    ending = [each for each in programmes if each.valid_to is not None and each.valid_to < years[-1]]
    warnings = []
    for each in sorted(ending, key=lambda one: one.valid_to or 0):
        assumed_ja, assumed_en = ("（終期は仮定）", " (an assumed end)") if each.end_basis == "assumed" else ("", "")
        if (each.valid_to or 0) < years[0]:
            ja, en = "計画には使いません", "it is not used in this plan"
        else:
            ja, en = "翌年度からは使いません", "it is not used from the next year on"
        warnings.append(
            Text(
                f"{FILE}: 「{each.name.ja}」は{each.valid_to}年度まで{assumed_ja}。{ja}。延長されたら valid_to を直してください",
                f"{FILE}: {each.name.en} ends with FY{each.valid_to}{assumed_en}; {en}. Change valid_to when it is extended",
            )
        )
    return warnings


def no_programmes(programmes: Sequence[Programme]) -> list[Text]:
    """Say that nothing is borrowed where a workspace has finances but no programme.

    >>> no_programmes([])[0].en
    'models/funding.toml: no funding programme; the plan has no subsidy and borrows nothing'
    """
    if programmes:
        return []
    return [
        Text(
            f"{FILE}: 財政措置が一つもないため、計画は補助を受けず、起債もしません",
            f"{FILE}: no funding programme; the plan has no subsidy and borrows nothing",
        )
    ]


def _fault(key: str, ja: str, en: str) -> Text:
    return Text(f"{FILE}: `{key}` は{ja}", f"{FILE}: `{key}` {en}")


def _faults(code: str, table: Mapping[str, Figure]) -> list[Text]:
    missing = [name for name in (*_REQUIRED, *_OF_BOND) if name not in table]
    faults = [_fault(f"{code}.{name}", "必須の項目です", "is missing") for name in missing]
    for name, figure in table.items():
        faults += _entry_faults(figure.key.removeprefix("funding."), name, figure)
    if faults:
        return faults
    if table["grace_years"].number >= table["term_years"].number:
        faults.append(_fault(f"{code}.grace_years", "償還期間より短くします", "must be shorter than the term"))
    if _rate(table, "subsidy_rate") + _rate(table, "prefectural_subsidy_rate") > 1:
        faults.append(
            _fault(
                f"{code}.subsidy_rate",
                "県の補助と合わせて1以下にします",
                "and the prefecture's must add up to 1 or less",
            )
        )
    first, last = (_year(table, name) for name in _YEARS)
    if first is not None and last is not None and first > last:
        faults.append(_fault(f"{code}.valid_to", "valid_from より前にできません", "must not lie before valid_from"))
    return faults


def _entry_faults(key: str, name: str, figure: Figure) -> list[Text]:
    """Find what an entry cannot be; its unit and source are the figures reader's care."""
    value = figure.value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if name in _CODES:
        known = _CODES[name]
        given = value if isinstance(value, list) else [value]
        unknown = [str(each) for each in given if each not in known]
        if unknown or not isinstance(value, list) or (name == "actions" and not value):
            there = listing(list(known), len(known))
            return [
                _fault(
                    key,
                    f"次のコードの一覧です: {there.ja}（{value!r}）",
                    f"must be a list of these codes: {there.en} (got {value!r})",
                )
            ]
    elif name in _FLAGS and not isinstance(value, bool):
        return [_fault(key, f"true か false です（{value!r}）", f"must be true or false (got {value!r})")]
    elif name in (*_RATES, "interest_rate") and not (is_number and 0 <= figure.number <= 1):
        return [
            _fault(
                key,
                f"0以上1以下の小数です。90%は0.9（{value!r}）",
                f"must be a fraction, 90 per cent is 0.9 (got {value!r})",
            )
        ]
    elif name in {"term_years", "grace_years"}:
        least = 1 if name == "term_years" else 0
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _LONGEST_TERM:
            return [
                _fault(
                    key,
                    f"{least}以上{_LONGEST_TERM}以下の整数です（{value!r}）",
                    f"must be a whole number from {least} to {_LONGEST_TERM} (got {value!r})",
                )
            ]
    elif name in _YEARS and (not isinstance(value, int) or isinstance(value, bool) or not 1950 <= value <= 2200):  # noqa: PLR2004  - as start_year
        return [_fault(key, f"西暦の年度です（{value!r}）", f"must be a fiscal year (got {value!r})")]
    return []


def _rate(table: Mapping[str, Figure], name: str) -> float:
    return table[name].number if name in table else 0.0


def _year(table: Mapping[str, Figure], name: str) -> int | None:
    return int(table[name].number) if name in table else None


def _codes(table: Mapping[str, Figure], name: str) -> frozenset[str]:
    value = table[name].value if name in table else []
    return frozenset(str(each) for each in value) if isinstance(value, list) else frozenset()


def _programme(code: str, own: Mapping[str, Figure], terms: Mapping[str, Figure]) -> Programme:
    order, table = get_args(Basis), {**terms, **own}
    return Programme(
        code=code,
        name=table["scheme"].label,
        actions=_codes(table, "actions"),
        uses=_codes(table, "uses"),
        floor_must_fall="floor_must_fall" in table and bool(table["floor_must_fall"].value),
        needs_plan="needs_plan" in table and bool(table["needs_plan"].value),
        valid_from=_year(table, "valid_from"),
        valid_to=_year(table, "valid_to"),
        subsidy_rate=_rate(table, "subsidy_rate"),
        prefectural_subsidy_rate=_rate(table, "prefectural_subsidy_rate"),
        bond_share=_rate(table, "bond_share"),
        grant_rate=_rate(table, "grant_rate"),
        term_years=int(table["term_years"].number),
        grace_years=int(table["grace_years"].number),
        interest_rate=table["interest_rate"].number,
        basis=max((figure.basis for figure in own.values()), key=order.index),
        source=own["scheme"].source,
        end_basis=own["valid_to"].basis if "valid_to" in own else None,
    )
