"""The checker's book: every limit looked at, the room left, and what is overstepped."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fmtool.schedule.families import FAMILIES
from fmtool.text import Text
from fmtool.units import MILLION

_SCALES = {"budget": MILLION, "fund": MILLION, "floor": 1000.0}
"""What the families' units are of those that the book is kept in."""

_OTHERS = {
    "locked": (Text("決定済みの方針", "Locked decisions"), Text("件", "decisions")),
    "past": (Text("実施済・承認済の工事", "Works done or approved"), Text("件", "works")),
    "price": (Text("単価からの費用", "Costs from unit costs"), Text("円", "currency")),
    "seismic": (Text("耐震化期限", "Seismic deadline"), Text("施設", "facilities")),
}


@dataclass(frozen=True, slots=True)
class Breach:
    """One limit that the decisions overstep."""

    family: str
    text: Text


class Book:
    """Collects, for every family, how many limits were looked at and the tightest of them."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = defaultdict(int)
        self.slack: dict[str, float] = defaultdict(lambda: np.inf)
        self.breaches: list[Breach] = []

    def note(self, family: str, slack: float, tolerance: float, text: Text) -> None:
        """Enter one limit; ``slack`` is the room left, negative when overstepped."""
        self.rows[family] += 1
        self.slack[family] = min(self.slack[family], slack)
        if slack < -tolerance or np.isnan(slack):
            self.breaches.append(Breach(family, text))

    def table(self) -> pd.DataFrame:
        """Return one row a family that had limits to look at, as ``PlanResult.checks``."""
        known = {family.name: (family.title, family.unit) for family in FAMILIES} | _OTHERS
        broken = {breach.family for breach in self.breaches}
        rows = []
        for name, (title, unit) in known.items():
            if not self.rows[name]:
                continue
            slack = self.slack[name] / _SCALES.get(name, 1.0)
            rows.append(
                {
                    "family": name,
                    "title_ja": title.ja,
                    "title_en": title.en,
                    "rows": self.rows[name],
                    "worst_slack": float(slack) if np.isfinite(slack) else np.nan,
                    "unit": unit.en,
                    "is_met": name not in broken,
                }
            )
        return pd.DataFrame(rows)
