"""What ``fmtool portfolio`` prints."""

from __future__ import annotations

import math
from typing import Any

from fmtool.cli.output import Output, Sheet
from fmtool.portfolio import National
from fmtool.portfolio.outcome import STATUSES
from fmtool.text import Text
from fmtool.units import MILLION
from fmtool.views.labels import share_text

_HEADS = {
    "city": Text("都市", "city"),
    "status": Text("計算状態", "status"),
    "facilities": Text("施設", "facilities"),
    "money": Text("通貨・価格年", "money"),
    "works": Text("工事費等（百万）", "works (million)"),
    "saving": Text("従来型からの削減率", "saving against replace"),
    "debt_service_ratio": Text("実質公債費比率の最大", "debt service, highest"),
    "gap": Text("差", "gap"),
    "seconds": Text("秒", "seconds"),
}


def show_national(national: National, out: Output) -> None:
    """Print one row a city and the totals, or the whole table for programs."""
    rows, total = national.rows(), national.total()
    if out.as_json:
        out.data(cities=rows, total=total, yearly=national.yearly(), remarks=national.remarks())
        return
    shown = [_shown(row) for row in rows]
    if total is not None:
        shown.append(_shown({**total, "city": Text("合計", "total"), "status": None}))
    title = Text(f"{len(rows)}都市の計画", f"plans of {len(rows)} cities")
    out.sheet(Sheet("cities", title, _HEADS, shown, frozenset({"city", "status", "money"})))
    for remark in national.remarks():
        out.say(Text(f"注意: {remark.ja}", f"note: {remark.en}"))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    debt, year = row["debt_service_ratio"], row["debt_service_ratio_year"]
    return {
        "city": row["city"],
        "status": None if row["status"] is None else STATUSES[row["status"]],
        "facilities": row["facilities"],
        "money": f"{row['currency']} {row['price_year']}" if row["currency"] else "",
        "works": row["works_total"] / MILLION,
        "saving": _share(row["saving"], 1),
        "debt_service_ratio": f"{_share(debt, 1)} ({year})" if _share(debt, 1) else "",
        "gap": _share(row["gap"], 2),
        "seconds": row["seconds"],
    }


def _share(value: float | None, digits: int) -> str:
    return "" if value is None or math.isnan(value) else share_text(value, digits)
