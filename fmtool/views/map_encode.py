"""Yearly numbers of many facilities as short text.

A page of 20,000 facilities over 40 years has 800,000 condition values and 3.2 million curve points. Written as
JSON numbers they would weigh tens of megabytes. Here one printable character is one digit in base 91: a
condition takes one character, a point of a curve three (year, and its share of the facility's largest cost in two).
"""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DIGITS = "".join(chr(code) for code in range(33, 127) if chr(code) not in '"\\<')
"""The 91 digits: printable, never escaped in JSON, never the start of a tag."""

BASE = len(DIGITS)
LEVELS = 2_000
"""Heights a point of a curve can have: a twentieth of a per cent of its picture, far finer than it is drawn."""

SCORES = DIGITS + "".join(chr(code) for code in range(0xC0, 0xCA))
"""One character for each whole condition index 0 to 100; a space is no condition."""

NEVER_STRAIGHT_OVER_YEARS = 8
SLOPE_TOLERANCE = 0.001
"""A point is kept where a curve's yearly rise changes by more than this share of its facility's largest cost."""


def scores_text(condition: NDArray[np.float64]) -> str:
    """Return an (F, Y) condition index as one character a facility and year, row after row.

    >>> scores_text(np.array([[0.0, 1.4, np.nan, 100.0]]))
    '!# É'
    """
    missing = np.isnan(condition)
    whole = np.clip(np.rint(np.where(missing, 0.0, condition)), 0, 100).astype(int)
    signs = np.array([*SCORES, " "])
    return "".join(signs[np.where(missing, len(SCORES), whole)].ravel().tolist())


def number_text(values: NDArray[np.int64], width: int) -> str:
    """Return whole numbers as ``width`` digits each, the highest first.

    >>> number_text(np.array([0, 1, 91]), 2)
    '!!!##!'
    """
    digits = np.array(list(DIGITS))
    places = [values // BASE**place % BASE for place in range(width - 1, -1, -1)]
    return "".join(digits[np.stack(places, axis=1)].ravel().tolist())


@dataclass(frozen=True, slots=True)
class CurveText:
    """Curves of one label: how many points each facility has (one digit each), then the points."""

    counts: str
    points: str


def curve_text(values: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> CurveText:
    """Return (F, Y) cumulative costs as broken lines; a row of NaN has no points.

    Parameters
    ----------
    values
        Cumulative cost of each facility at the end of each year.
    low
        (F,) the cost at the foot of the facility's picture: zero, or below where income outweighs cost.
    high
        (F,) the cost at its top.
    """
    count, span = values.shape
    share = (values - low[:, None]) / np.where(high > low, high - low, 1.0)[:, None]
    given = ~np.isnan(share).any(axis=1)
    keep = np.zeros((count, span), bool)
    keep[:, [0, span - 1]] = True
    keep[:, ::NEVER_STRAIGHT_OVER_YEARS] = True
    if span > 2:  # noqa: PLR2004  - a second difference needs three points
        keep[:, 1:-1] |= np.abs(np.diff(share, n=2, axis=1)) > SLOPE_TOLERANCE
    keep &= given[:, None]
    _, year = np.nonzero(keep)
    height = np.clip(np.rint(share[keep] * LEVELS), 0, LEVELS).astype(np.int64)
    digits = np.array(list(DIGITS))
    points = np.stack([digits[year], digits[height // BASE], digits[height % BASE]], axis=1)
    return CurveText(number_text(keep.sum(axis=1), 1), "".join(points.ravel().tolist()))


@dataclass(frozen=True, slots=True)
class FacilityCurves:
    """Foot and top of each facility's picture, and the curves of every label that any facility has."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    texts: dict[str, CurveText]


def facility_curves(
    ids: Sequence[str], years: int, curves: Mapping[str, Mapping[str, NDArray[np.float64]]], labels: Sequence[str]
) -> FacilityCurves:
    """Write the curves of all facilities, in the order of ``ids``."""
    nothing = np.full(years, np.nan)
    stacks = {label: np.array([curves.get(name, {}).get(label, nothing) for name in ids]) for label in labels}
    stacks = {label: stack for label, stack in stacks.items() if stack.size and not np.isnan(stack).all()}
    low, high = np.zeros(len(ids)), np.zeros(len(ids))
    for stack in stacks.values():
        known = np.nan_to_num(stack)
        low, high = np.minimum(low, known.min(axis=1)), np.maximum(high, known.max(axis=1))
    return FacilityCurves(low, high, {label: curve_text(stack, low, high) for label, stack in stacks.items()})


def page_json(value: object) -> str:
    """Return JSON that may stand inside a page: no ``<``, so no tag begins or ends in it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def packed(text: str) -> str:
    """Return gzip + base64 of a text; the same text gives the same result."""
    return b64encode(gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0)).decode("ascii")
