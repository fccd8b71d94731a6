"""What ``fmtool plan --from`` prints of the difference to the last plan."""

from __future__ import annotations

from fmtool.cli.output import Output, Sheet
from fmtool.schedule.replan import Again
from fmtool.text import Text
from fmtool.units import MILLION, fiscal_year, money

_MOST = 30
"""Rows on screen; all of them stand in changes.csv."""


def show_changes(again: Again, currency: str, out: Output) -> None:
    """Print how many facilities' decisions changed against the last plan, and the first of them."""
    count = len(again.changes)
    charge = again.stability * count
    out.data(from_year=again.from_year, stability=again.stability, stability_charge=charge, changed=count)
    year = Text(fiscal_year(again.from_year, "ja"), fiscal_year(again.from_year, "en"))
    out.say(
        Text(
            f"{year.ja}から計画し直しました。前回の計画から変わった施設: {count}（変更の重み計 {money(charge, 'ja', currency)}、"
            "目的関数値に含む）。全件は changes.csv にあります",
            f"planned again from {year.en}; facilities that changed: {count} (charge on changes "
            f"{money(charge, 'en', currency)}, part of the objective). All stand in changes.csv",
        )
    )
    shown = again.changes if out.as_json else again.changes.head(_MOST)
    rows = [
        {
            "facility_id": row["facility_id"],
            "name": row["name"],
            "before": Text(row["before_ja"], row["before_en"]),
            "after": Text(row["after_ja"], row["after_en"]),
            "cost": (row["after_cost"] - row["before_cost"]) / MILLION,
        }
        for row in shown.to_dict("records")
    ]
    headers = {
        "facility_id": Text("施設ID", "Facility"),
        "name": Text("名称", "Name"),
        "before": Text("前回", "Before"),
        "after": Text("今回", "Now"),
        "cost": Text("事業費の差（百万）", "Cost difference (millions)"),
    }
    title = Text("変わった決定", "Decisions that changed")
    out.sheet(Sheet("changes", title, headers, rows, frozenset({"facility_id", "name", "before", "after"})))
