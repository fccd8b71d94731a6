"""The table of what missing data cost."""

from __future__ import annotations

from typing import Any

from fmtool.cli.output import Output, Sheet
from fmtool.inventory import BY_NAME
from fmtool.text import Text
from fmtool.units import money
from fmtool.views.check import CheckReport
from fmtool.views.estimates import MEANING


def show_estimates(report: CheckReport, out: Output) -> None:
    """Rank the estimated columns by what their spread means in money; nothing where nothing is estimated."""
    if report.collect_first is None or report.collect_first.empty or report.config is None:
        return
    currency = report.config.case.currency
    rows: list[dict[str, Any]] = []
    for column, effect, facilities, first_id, first_effect in zip(
        report.collect_first.index,
        report.collect_first["effect"],
        report.collect_first["facilities"],
        report.collect_first["first_id"],
        report.collect_first["first_effect"],
        strict=True,
    ):
        amounts = {"effect": effect, "first_effect": first_effect}
        rows.append(
            {
                "column": column if out.as_json else BY_NAME[column].title,
                "facilities": int(facilities),
                "first_id": first_id,
                **{
                    name: float(amount) if out.as_json else _money(amount, currency) for name, amount in amounts.items()
                },
            }
        )
    headers = {
        "column": Text("列", "column"),
        "facilities": Text("推定した施設", "facilities"),
        "effect": Text("費用への影響", "effect on cost"),
        "first_id": Text("最も大きい施設", "most at"),
        "first_effect": Text("その影響", "its effect"),
    }
    title = Text(
        "\n推定値の幅が費用に及ぼす影響（上から順に集める）",
        "\nWhat the spread of the estimates costs (collect from the top)",
    )
    out.sheet(Sheet("collect_first", title, headers, rows, frozenset({"column", "first_id"})))
    out.say(MEANING)


def _money(amount: float, currency: str) -> Text:
    return Text(money(amount, "ja", currency), money(amount, "en", currency))
