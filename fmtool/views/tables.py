"""The plan as CSV: one row an action, and one row a year.

Written in UTF-8 with a byte-order mark, so that Excel opens Japanese text unharmed; text that Excel
would take for a formula is preceded by an apostrophe. Amounts are whole currency units, unrounded.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from fmtool.lifecycle.uncertainty import estimated_columns
from fmtool.schedule.result import SOURCES, PlanResult
from fmtool.views.estimates import outlay_on_estimates
from fmtool.views.fiscal import yearly_column
from fmtool.views.labels import is_missing, plain_text
from fmtool.workspace import write_bytes

SCHEDULE_COLUMNS = (
    "facility_id", "name", "use", "action", "start_year", "end_year", "cost", "host_id", *SOURCES, "programme",
    "estimated",
)  # fmt: skip
YEARLY_COLUMNS = (
    "outlay",
    "budget",
    "running",
    "income",
    "risk",
    "fund_draw",
    "fund_deposit",
    "fund_balance",
    "floor_area_m2",
    "floor_area_target_m2",
    "works_under_way",
    "works_limit",
)
FINANCE_COLUMNS = (
    *(name for name in SOURCES if name not in YEARLY_COLUMNS),
    "debt_service", "tax_grant", "own_burden", "bond_outstanding", "budget_size", "debt_service_ratio",
    "debt_service_ratio_3y", "future_burden_ratio",
)  # fmt: skip
"""What pays, what is owed and the ratios; a plan that says nothing of one leaves its cells empty."""
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def neutral_text(value: object) -> str:
    r"""Return text that a spreadsheet will not read as a formula.

    >>> neutral_text('=HYPERLINK("x")'), neutral_text("市民館"), neutral_text(None)
    ('\'=HYPERLINK("x")', '市民館', '')
    """
    text = plain_text(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA_SIGNS) else text


def number_text(value: object) -> str:
    """Write a number so that reading it gives the same number; whole ones without a point.

    >>> number_text(1200000.0), number_text(np.float64(0.5)), number_text(float("nan"))
    ('1200000', '0.5', '')
    """
    if is_missing(value):
        return ""
    number = float(value)  # type: ignore[arg-type]  # a cell of a frame
    return str(int(number)) if number.is_integer() else repr(number)


def write_schedule_csv(result: PlanResult, path: Path) -> None:
    """Write ``schedule.csv``: every dated action of the plan, in the order of the plan, and what of its facility is estimated."""
    texts = {"facility_id", "name", "use", "action", "host_id", "programme", "estimated"}
    told = estimated_columns(result.guesses)
    estimated = result.events["facility_id"].astype(str).map(lambda facility: ",".join(told.get(facility, [])))
    rows = (
        [
            neutral_text(record.get(name)) if name in texts else number_text(record.get(name))
            for name in SCHEDULE_COLUMNS
        ]
        for record in result.events.assign(estimated=estimated).to_dict("records")
    )
    _write(path, SCHEDULE_COLUMNS, rows)


def write_yearly_csv(result: PlanResult, path: Path) -> None:
    """Write ``yearly.csv``: money, floor area and works by year, the outlay by action, both baselines, and what rests on estimates."""
    yearly, spend = result.yearly, result.spend_by_action
    actions = [str(code) for code in spend.columns]
    baselines = {name: np.asarray(amounts, dtype=float) for name, amounts in result.baselines.items()}
    finance = {name: yearly_column(result, name) for name in FINANCE_COLUMNS}
    heads = (
        "year",
        *YEARLY_COLUMNS,
        *finance,
        *(f"outlay_{code}" for code in actions),
        *(f"need_{name}" for name in baselines),
        "estimated_outlay",
    )
    on_estimates = outlay_on_estimates(result)
    rows = (
        [
            str(year),
            *(number_text(yearly[name].iloc[at]) for name in YEARLY_COLUMNS),
            *(number_text(values[at]) for values in finance.values()),
            *(number_text(spend[code].iloc[at]) for code in actions),
            *(number_text(amounts[at]) for amounts in baselines.values()),
            number_text(on_estimates[at]),
        ]
        for at, year in enumerate(result.years)
    )
    _write(path, heads, rows)


def _write(path: Path, heads: Iterable[str], rows: Iterable[list[str]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows(rows)
    write_bytes(path, out.getvalue().encode("utf-8-sig"))


def write_changes_csv(changes: pd.DataFrame, path: Path) -> None:
    """Write the decisions that differ from the last plan: one row a facility."""
    rows = [
        [neutral_text(value) if isinstance(value, str) else number_text(value) for value in row]
        for row in changes.itertuples(index=False)
    ]
    _write(path, list(changes.columns), rows)
