"""Estimate a missing structure from the shares that structures have among facilities of the same kind.

Kinds are tried in this order, and the first that is known is taken:

1. the city's own facilities of the same service, if there are ``inventory.estimate.fewest_facilities`` or more;
2. the reference shares of the same service (``models/reference_stock.csv``);
3. the city's own facilities of the same use, likewise;
4. the reference shares of small buildings, where the floor area is below ``inventory.structure.small_below_m2``;
5. the reference shares of the same use, then of all facilities.

The value is the structure with the largest share; the shares are its spread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fmtool.inventory.columns import BY_NAME
from fmtool.inventory.guess import Guesses
from fmtool.inventory.reference import FILE, References, shares_of
from fmtool.text import Text
from fmtool.vocabulary import USES

type Shares = dict[str, float]
"""Code of ``structure`` to its share."""


def own_shares(codes: Sequence[str]) -> Shares:
    """Return the share of each code, the largest first; of equal ones the first of the data dictionary.

    >>> own_shares(["S", "RC", "RC", "S", "W"])
    {'RC': 0.4, 'S': 0.4, 'W': 0.2}
    """
    counts = {code: list(codes).count(code) for code in BY_NAME["structure"].codes}
    return _ordered({code: count / len(codes) for code, count in counts.items() if count})


def _ordered(shares: Mapping[str, float]) -> Shares:
    order = list(BY_NAME["structure"].codes)
    return dict(sorted(shares.items(), key=lambda each: (-each[1], order.index(each[0]))))


def shares_text(shares: Mapping[str, float]) -> str:
    """Write shares as they stand in tables.

    >>> shares_text({"RC": 0.65, "S": 0.35})
    'RC 65%, S 35%'
    """
    return ", ".join(f"{code} {share:.0%}" for code, share in shares.items())


def estimate_structures(
    buildings: pd.DataFrame,
    kinds: pd.DataFrame,
    ours: np.ndarray,
    references: References,
    fewest: int,
    small_below_m2: float,
    guesses: Guesses,
) -> None:
    """Fill blank structures in place; areas that are estimated must be there already.

    Parameters
    ----------
    buildings
        The cleaned ledger.
    kinds
        Its ``use`` and ``service``.
    ours
        Which rows count; the others are filled where they have a floor area.
    references, fewest
        As for the other columns.
    small_below_m2
        Floor area under which a building is small.
    guesses
        Takes every filling, with its shares.
    """
    blank = buildings["structure"].isna().to_numpy()
    known = kinds.assign(value=buildings["structure"])[ours & ~blank]
    small = (buildings["floor_area_m2"] < small_below_m2).fillna(value=False).to_numpy(dtype=bool)
    # A tenant is judged by no more than it states, but where it states an area it has a structure.
    housed = (kinds["use"].notna() & buildings["floor_area_m2"].notna()).to_numpy(dtype=bool)
    open_ = kinds.assign(small=small)[(ours | housed) & blank]
    for (use, service, is_small), group in open_.groupby(["use", "service", "small"], sort=True):
        found = _find(known, str(use), str(service), references, fewest, is_small=bool(is_small))
        if found is None:
            continue
        shares, said = found
        code = next(iter(shares))
        chosen = np.zeros(len(buildings), dtype=bool)
        chosen[group.index] = True
        buildings.loc[chosen, "structure"] = code
        name, spread = BY_NAME["structure"].codes[code], shares_text(shares)
        rule = Text(
            f"空欄のため{said.ja}で最も多い{name.ja}とした（推定。構造の割合 {spread}）",
            f"blank: estimated as the most frequent structure of {said.en} (shares: {spread})",
        )
        guesses.note_estimates(buildings, chosen, "structure", rule, None, spread)


def _find(
    known: pd.DataFrame, use: str, service: str, references: References, fewest: int, *, is_small: bool
) -> tuple[Shares, Text] | None:
    """Return the shares of a kind and which kind that is."""
    name = USES[use]
    same = Text(f"同じ施設区分（{service}）", f"the same service ({service})")
    alike = Text(f"同じ用途（{name.ja}）", f"the same use ({name.en})")
    of_use = known[known["use"] == use]
    of_service = of_use[of_use["service"] == service]
    if service and len(of_service) >= fewest:
        return _own(of_service, same)
    if service and (shares := shares_of(references, "structure", use, service)):
        return _reference(shares, same)
    if len(of_use) >= fewest:
        return _own(of_use, alike)
    if is_small:
        little = Text("小規模な建物", "small buildings")
        for one in (use, ""):
            if shares := shares_of(references, "structure_small", one, ""):
                return _reference(shares, little)
    for one, kind in ((use, alike), ("", Text("全用途", "all uses"))):
        if shares := shares_of(references, "structure", one, ""):
            return _reference(shares, kind)
    return None


def _own(rows: pd.DataFrame, kind: Text) -> tuple[Shares, Text]:
    said = Text(f"自市の{kind.ja}の{len(rows)}施設", f"the city's own {len(rows)} facilities of {kind.en}")
    return own_shares(rows["value"].tolist()), said


def _reference(shares: Mapping[str, float], kind: Text) -> tuple[Shares, Text]:
    return _ordered(shares), Text(f"参照分布 {FILE} の{kind.ja}", f"reference distribution {FILE}, {kind.en}")
