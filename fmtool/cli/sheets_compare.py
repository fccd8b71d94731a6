"""What ``fmtool compare`` prints."""

from __future__ import annotations

import math
from typing import Any

from fmtool.cli.output import Output, Sheet
from fmtool.text import Text
from fmtool.units import MILLION
from fmtool.views.compare import Change, Comparison, table_rows
from fmtool.views.fiscal import LIMIT_OF, RATIOS, ratio_text
from fmtool.views.labels import STATUSES, million_unit, share_text
from fmtool.views.scenarios import Scenario
from fmtool.vocabulary import ACTIONS

CHANGES_SHOWN = 20
"""So many facilities are printed; the files hold all."""


def show_comparison(comparison: Comparison, out: Output) -> None:
    """Print scenarios as columns of figures, then the facilities that they treat differently."""
    if out.as_json:
        out.data(
            scenarios=table_rows(comparison),
            facilities=comparison.facilities,
            other_actions=comparison.other_actions,
            changes=[_change(change, comparison.names) for change in comparison.changes],
            remarks=comparison.remarks,
            estimates={name: each.fields() for name, each in zip(comparison.names, comparison.estimates, strict=True)},
        )
        return
    _show_figures(comparison, out)
    for remark in comparison.remarks:
        out.say(Text(f"注意: {remark.ja}", f"note: {remark.en}"))
    _show_changes(comparison, out)


def _show_figures(comparison: Comparison, out: Output) -> None:
    unit = Text(*(million_unit(comparison.first.currency, lang) for lang in ("ja", "en")))
    columns = [_figures(scenario, out) for scenario in comparison.scenarios]
    labels = {
        "status": Text("計算状態", "status"),
        "objective": Text(f"目的関数値（{unit.ja}）", f"objective ({unit.en})"),
        "own_burden": Text(f"実質負担（{unit.ja}）", f"own burden ({unit.en})"),
        "works_total": Text(f"工事費等（{unit.ja}）", f"works ({unit.en})"),
        "gap": Text("ギャップ", "gap"),
        "peak": Text(f"最大の年度（{unit.ja}）", f"dearest year ({unit.en})"),
        "floor": Text("最終年度の延床面積（m²）", "floor area, last year (m2)"),
        **{name: Text(f"{label.ja}の最大", f"{label.en}, highest") for name, label in RATIOS.items()},
    }
    rows = [
        {"figure": label, **{scenario: column[key] for scenario, column in zip(comparison.names, columns, strict=True)}}
        for key, label in labels.items()
        if any(column[key] for column in columns)
    ]
    headers = {"figure": Text("", ""), **{name: Text(name, name) for name in comparison.names}}
    out.sheet(
        Sheet("scenarios", Text("シナリオの比較", "Scenarios side by side"), headers, rows, frozenset({"figure"}))
    )


def _figures(scenario: Scenario, out: Output) -> dict[str, str]:
    def millions(amount: float) -> str:
        return "" if math.isnan(amount) else f"{amount / MILLION:,.0f}"

    said = {
        "status": STATUSES[scenario.status].say(out.lang).split("（")[0].split(" (")[0],
        "objective": millions(scenario.objective),
        "own_burden": millions(scenario.own_burden),
        "works_total": millions(scenario.works_total),
        "gap": share_text(scenario.gap, 2),
        "peak": f"{millions(scenario.peak)} ({scenario.peak_year})",
        "floor": f"{scenario.floor_end_m2:,.0f}",
    }
    for name in RATIOS:
        value, year = scenario.ratios.get(name, (math.nan, 0))
        limit = scenario.limits.get(LIMIT_OF[name])
        over = " !" if limit is not None and value > limit else ""
        said[name] = "" if math.isnan(value) else f"{ratio_text(value, name, out.lang)} ({year}){over}"
    return said


def _show_changes(comparison: Comparison, out: Output) -> None:
    alike = comparison.facilities - len(comparison.changes)
    years = len(comparison.changes) - comparison.other_actions
    title = Text(
        f"\n決定の違い: {comparison.facilities}施設のうち、対策か統合先が違うもの{comparison.other_actions}、"
        f"年度だけ違うもの{years}、同じもの{alike}",
        f"\nDecisions: of {comparison.facilities} facilities, {comparison.other_actions} meet another action or host, "
        f"{years} another year only, {alike} are decided alike",
    )
    if not comparison.changes:
        out.say(title)
        return
    rows = [
        {
            "facility_id": change.facility_id,
            "name": change.name,
            **{name: _decided(each) for name, each in zip(comparison.names, change.decided, strict=True)},
        }
        for change in comparison.changes[:CHANGES_SHOWN]
    ]
    headers = {"facility_id": Text("施設", "facility"), "name": Text("施設名", "name")}
    headers |= {name: Text(name, name) for name in comparison.names}
    out.sheet(Sheet("changes", title, headers, rows, frozenset(headers)))
    rest = len(comparison.changes) - len(rows)
    if rest:
        out.say(Text(f"ほか{rest}施設は changes.csv にあります", f"{rest} more stand in changes.csv"))


def _decided(each: tuple[str, int | None, str | None]) -> Text:
    action, year, host = each
    if not action:
        return Text("計画なし", "not in plan")
    when, where = "" if year is None else f" {year}", "" if host is None else f" → {host}"
    return Text(f"{ACTIONS[action].ja}{when}{where}", f"{ACTIONS[action].en}{when}{where}")


def _change(change: Change, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "facility_id": change.facility_id,
        "name": change.name,
        "differs": "action" if change.is_other_action else "year",
        "decided": {
            name: {"action": action or None, "year": year, "host_id": host}
            for name, (action, year, host) in zip(names, change.decided, strict=True)
        },
    }
