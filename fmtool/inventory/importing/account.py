"""The account of an import: what became of every row that held anything, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from fmtool.inventory.importing.cells import Numbers, RawTable
from fmtool.inventory.importing.mapping import ColumnEntry
from fmtool.inventory.importing.reading import Remark
from fmtool.text import Text

USED, MERGED, REFUSED = "used", "merged", "refused"
STATUSES: dict[str, Text] = {
    USED: Text("採用", "used"),
    MERGED: Text("統合", "merged"),
    REFUSED: Text("除外", "refused"),
}
FACILITY = Text("施設として採用", "a facility")


@dataclass(slots=True)
class TableAccount:
    """What became of one table's rows."""

    table: RawTable
    status: np.ndarray
    """used, merged, refused, or "" for a blank record; one a record of the table."""
    reason: np.ndarray
    """Number of the reason in ``reasons``."""
    facility: np.ndarray
    """Place of the facility, or -1."""
    reasons: list[Text] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    entries: list[ColumnEntry] = field(default_factory=list)
    """What its headers were taken for; none where the table was not read."""

    @classmethod
    def of(cls, table: RawTable) -> TableAccount:
        """Return an account in which nothing stands yet."""
        count = len(table.rows)
        return cls(
            table,
            np.full(count, "", dtype=object),
            np.zeros(count, dtype=np.int64),
            np.full(count, -1, dtype=np.int64),
        )

    def set(self, records: Numbers, status: str, reason: Text) -> None:
        """Say what became of records."""
        if reason not in self.reasons:
            self.reasons.append(reason)
        self.status[records] = status
        self.reason[records] = self.reasons.index(reason)

    def counts(self) -> dict[str, int]:
        """Return how many rows are used, merged and refused."""
        there = Counter(self.status.tolist())
        return {status: there.get(status, 0) for status in STATUSES}

    def by_reason(self) -> list[tuple[str, Text, int]]:
        """Return status, reason and number of rows, the most first."""
        filled = self.status != ""
        pairs = Counter(zip(self.status[filled].tolist(), self.reason[filled].tolist(), strict=True))
        return [(status, self.reasons[reason], count) for (status, reason), count in pairs.most_common()]

    def frame(self, ids: np.ndarray) -> pd.DataFrame:
        """Return one line a row: source, sheet, row, status, facility_id, reason_ja, reason_en."""
        filled = np.flatnonzero(self.status != "")
        ja = np.array([reason.ja for reason in self.reasons] or [""], dtype=object)
        en = np.array([reason.en for reason in self.reasons] or [""], dtype=object)
        known = np.append(ids, "").astype(object)
        return pd.DataFrame(
            {
                "source": self.table.file,
                "sheet": self.table.sheet,
                "row": self.table.rows[filled],
                "status": self.status[filled],
                "facility_id": known[self.facility[filled]],
                "reason_ja": ja[self.reason[filled]],
                "reason_en": en[self.reason[filled]],
            }
        )
