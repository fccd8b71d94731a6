"""Renewal need before any choice, as tables and a picture."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from fmtool.lifecycle.costs import Floats, RenewalCosts
from fmtool.text import Lang, Text
from fmtool.views.charts import costs_chart
from fmtool.workspace import write_bytes, write_text

COSTS_CSV, COSTS_PNG = "costs.csv", "costs.png"

EXCEL_UTF8 = "utf-8-sig"
"""Excel reads Japanese in a CSV file only where it begins with this mark."""


def yearly_costs(costs: RenewalCosts, budget: Floats) -> pd.DataFrame:
    """Return one row a year: `replace` and `extend` by action and in all, and the money for works."""
    columns = {f"replace_{action}": amounts for action, amounts in costs.replace.items()}
    columns["replace"] = costs.replace_total
    columns |= {f"extend_{action}": amounts for action, amounts in costs.extend.items()}
    columns["extend"] = costs.extend_total
    columns["budget"] = budget
    return pd.DataFrame(columns, index=pd.Index(costs.years, name="year"))


def costs_by_use(costs: RenewalCosts) -> pd.DataFrame:
    """Return one row a use that has buildings: need over the whole horizon."""
    table = pd.DataFrame(
        {"replace": costs.replace_by_use.sum(axis=1), "extend": costs.extend_by_use.sum(axis=1)},
        index=pd.Index(costs.uses, name="use"),
    )
    return table.loc[(table > 0).any(axis=1)]


def write_costs(
    costs: RenewalCosts, budget: Floats, folder: Path, lang: Lang, currency: str, *, has_estimates: bool = False
) -> list[Path]:
    """Write the yearly table as CSV and the chart of `replace` against the budget as PNG, whose title tells of estimates."""
    table, picture = folder / COSTS_CSV, folder / COSTS_PNG
    write_text(table, yearly_costs(costs, budget).round().astype("int64").to_csv(lineterminator="\n"), EXCEL_UTF8)
    title = Text("更新費用の見込み（従来型）と予算", "Renewal need (replace) against the budget")
    if has_estimates:
        title = Text(f"{title.ja}（推定値を含む）", f"{title.en} (holds estimates)")
    write_bytes(
        picture,
        costs_chart(costs.years, costs.replace, budget, lang=lang, currency=currency, title=title, fmt="png"),
    )
    return [table, picture]
