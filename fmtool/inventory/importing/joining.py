"""Put the facilities of several tables together.

A facility of a later table that has the identifier of an earlier one and no other name, or its
name alone, is the same: it fills what is blank there. Where both state something, the earlier
table's holds. All others are added.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from fmtool.inventory.columns import BY_NAME, folded
from fmtool.inventory.importing.cells import Numbers, Truth, series
from fmtool.inventory.importing.mapping import OWN

FAR_DEGREES = 0.01
"""Two of one name that lie farther apart, about a kilometre, are two."""

_OWNER = re.compile(r"^.{1,5}?[都道府県市区町村]立(?=.{2})")


@dataclass(slots=True)
class Joined:
    """All facilities so far; ``id`` may still be blank or stand twice."""

    frame: pd.DataFrame
    conflicts: dict[str, int] = field(default_factory=dict)
    """Column to the number of facilities for which a later table says otherwise."""


def name_key(name: object) -> str:
    """Return a name as it is compared.

    >>> name_key("焼津市立 さつき幼稚園"), name_key(None)
    ('さつき幼稚園', '')
    """
    return "" if name is None else _OWNER.sub("", folded(str(name)))


def empty_joined() -> Joined:
    """Return no facilities."""
    return Joined(_whole(pd.DataFrame()))


_KINDS = {
    column.name: "float64" if column.kind in {"number", "integer", "year"} else object for column in BY_NAME.values()
} | dict.fromkeys(OWN, object)


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    made = {}
    for name, kind in _KINDS.items():
        if name in frame:
            made[name] = frame[name].astype("float64") if kind == "float64" else frame[name].astype(object)
        else:
            blank = np.nan if kind == "float64" else None
            made[name] = series(np.full(len(frame), blank, dtype=kind)).set_axis(frame.index)
    return pd.DataFrame(made)


def join(base: Joined, frame: pd.DataFrame, *, is_weak: bool) -> tuple[Joined, Numbers, Truth]:
    """Add a table's facilities to those there; return for each its place, and whether it was there before.

    Parameters
    ----------
    base
        The facilities of earlier tables.
    frame
        The facilities of this table.
    is_weak
        Whether its identifiers are but numbers of lines.
    """
    there, new = base.frame, _whole(frame)
    if there.empty:
        return Joined(new.reset_index(drop=True)), np.arange(len(new)), np.zeros(len(new), dtype=bool)
    place = _same(there, new, is_weak=is_weak)
    found = place >= 0
    added = new[~found]
    place[~found] = len(there) + np.arange(len(added))
    # Nameless rows of a table that only adds figures cannot make a facility of their own; the caller refuses them.
    made = pd.concat([there, added], ignore_index=True)
    conflicts = dict(base.conflicts)
    at, given = place[found], new[found].reset_index(drop=True)
    for name in made.columns:
        own, more = made[name].to_numpy(copy=True), given[name].to_numpy()
        blank = pd.isna(own[at])
        differs = ~blank & ~pd.isna(more) & (own[at] != more)
        if (
            name in BY_NAME
            and name not in {"lat", "lon"}
            and BY_NAME[name].kind in {"number", "integer", "year", "code"}
            and differs.any()
        ):
            conflicts[name] = conflicts.get(name, 0) + int(differs.sum())
        own[at[blank]] = more[blank]
        made[name] = series(own)
    return Joined(made, conflicts), place, found


def _same(there: pd.DataFrame, new: pd.DataFrame, *, is_weak: bool) -> Numbers:
    """Return for each new facility the place of the same one, or -1."""
    by_id = _unique(there["id"])
    names = there["name"].map(name_key)
    by_name = _unique(names.where(names != "", None))
    made = np.full(len(new), -1, dtype=np.int64)
    new_names = new["name"].map(name_key)
    twice = set(new_names[new_names.duplicated(keep=False)])
    taken: set[int] = set()
    for row, (own_id, name) in enumerate(zip(new["id"], new_names, strict=True)):
        found = by_id.get(own_id, -1) if own_id is not None else -1
        if found >= 0 and not (name in {"", names.iloc[found]} or not names.iloc[found]):
            found = -1
        if found < 0 and name and name not in twice:
            found = by_name.get(name, -1)
            if found >= 0 and (_is_far(there, new, found, row) or _differ(there, own_id, found, is_weak=is_weak)):
                found = -1
        if found >= 0 and found not in taken:
            made[row] = found
            taken.add(found)
    return made


def _differ(there: pd.DataFrame, own_id: object, found: int, *, is_weak: bool) -> bool:
    """Tell whether two of one name have identifiers of one scheme that differ: then they are two."""
    other = there["id"].iloc[found]
    if is_weak or own_id is None or other is None or own_id == other:
        return False
    return re.sub(r"\d", "0", str(own_id)) == re.sub(r"\d", "0", str(other))


def _is_far(there: pd.DataFrame, new: pd.DataFrame, found: int, row: int) -> bool:
    apart = [abs(there[name].iloc[found] - new[name].iloc[row]) for name in ("lat", "lon")]
    return any(distance > FAR_DEGREES for distance in apart)


def _unique(keys: pd.Series) -> dict[object, int]:
    counts = keys.value_counts()
    once = set(counts[counts == 1].index)
    return {key: place for place, key in enumerate(keys) if key is not None and key in once}


def number_facilities(ids: pd.Series) -> tuple[np.ndarray, int, int]:
    """Return identifiers that are there and differ; how many were made, and how many changed.

    >>> number_facilities(pd.Series(["7", np.nan, "7"], dtype=object))
    (array(['7', 'F0001', '7-2'], dtype=object), 1, 1)
    """
    made = ids.to_numpy(dtype=object, copy=True)
    made[pd.isna(made)] = None  # a frame put together of several may hold NaN instead
    given = {key for key in made if key is not None}
    seen: dict[object, int] = {}
    changed = created = 0
    used = set(given)
    width = max(4, len(str(len(made))))
    for place, key in enumerate(made):
        if key is None:
            created += 1
            while (new := f"F{created:0{width}d}") in used:
                created += 1
            made[place] = new
            used.add(new)
            continue
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:
            while (new := f"{key}-{seen[key]}") in used:
                seen[key] += 1
            made[place] = new
            used.add(new)
            changed += 1
    return made, int(ids.isna().sum()), changed
