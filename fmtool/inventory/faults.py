"""Faults of an input file, gathered so that all are told at once.

A fault names file, row, column and value, what is wrong, and the way out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from fmtool.errors import InventoryError
from fmtool.inventory.columns import BY_NAME
from fmtool.text import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that stops a run."""

    file: str
    row: int | None
    """Row as a spreadsheet numbers it, the header included; feature number in a geographic file."""
    column: str | None
    value: str | None
    problem: Text
    remedy: Text
    is_of_ledger: bool = True
    """Whether its columns have the ledger's Japanese titles."""

    def text(self) -> Text:
        """Return the fault in one sentence."""
        return Text(self._say("ja"), self._say("en"))

    def _say(self, lang: str) -> str:
        ja = lang == "ja"
        where = [self.file]
        if self.row is not None:
            where.append(f"{self.row}行目" if ja else f"row {self.row}")
        if self.column is not None:
            title = BY_NAME[self.column].title.ja if ja and self.is_of_ledger and self.column in BY_NAME else ""
            where.append(f"{title} `{self.column}`" if title else f"`{self.column}`")
        problem = self.problem.ja if ja else self.problem.en
        remedy = self.remedy.ja if ja else self.remedy.en
        value = "" if self.value is None else (f"「{self.value}」" if ja else f" '{self.value}'")
        return (
            f"{' '.join(where)}{value}: {problem} → {remedy}"
            if ja
            else f"{', '.join(where)}{value}: {problem}; {remedy}"
        )


@dataclass(slots=True)
class Faults:
    """The faults of one file, in the order in which its rows stand."""

    file: str
    found: list[Fault] = field(default_factory=list)
    is_of_ledger: bool = True

    def add(self, row: int | None, column: str | None, value: object, problem: Text, remedy: Text) -> None:
        """Note one fault."""
        shown = None if value is None else str(value)
        self.found.append(Fault(self.file, row, column, shown, problem, remedy, self.is_of_ledger))

    def add_each(self, rows: Iterable[int], column: str, values: Iterable[object], problem: Text, remedy: Text) -> None:
        """Note the same fault in several rows."""
        for row, value in zip(rows, values, strict=True):
            self.add(int(row), column, value, problem, remedy)

    def raise_any(self) -> None:
        """Raise one error that lists every fault, or return when there is none.

        Raises
        ------
        InventoryError
            With the faults by row, those of the whole file first.
        """
        if not self.found:
            return
        order = {name: place for place, name in enumerate(BY_NAME)}
        listed = sorted(self.found, key=lambda fault: (fault.row or 0, order.get(fault.column or "", -1)))
        count = len(listed)
        raise InventoryError(
            Text(
                f"{self.file}: {count}件の誤りがあり、計画を作れません",
                f"{self.file}: {count} fault{'s' if count != 1 else ''}; no plan can be made",
            ),
            Text(
                "上の各行を直して、もう一度実行してください（前回の結果はそのまま残っています）",
                "mend the rows above and run again (earlier results are untouched)",
            ),
            [fault.text() for fault in listed],
        )


def refuse(file: str, problem: Text, remedy: Text) -> InventoryError:
    """Return the error of a file that cannot be read at all."""
    return InventoryError(Text(f"{file}: {problem.ja}", f"{file}: {problem.en}"), remedy)
