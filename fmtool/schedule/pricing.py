"""What a decision should cost, worked out again from the unit costs, one decision at a time."""

from __future__ import annotations

from collections.abc import Sequence

from fmtool.lifecycle.stock import Stock
from fmtool.schedule.timeline import Decision, price_weights
from fmtool.workspace import Workspace


def price(facility: int, decisions: Sequence[Decision], place: int, stock: Stock, workspace: Workspace) -> float:
    """Return the whole cost of ``decisions[place]`` in whole currency units, also what falls past the horizon.

    works * (1 + design rate + relocation rate) * sum over years of share * price level;  works = area * unit cost, with
    the seismic retrofit of a building that needs one and has not been rebuilt, and the smaller area after a smaller
    rebuilding. Rebuilding adds its share of demolition; sales, leases and demolition have their own rules.
    """
    decision, before = decisions[place], [d.action for d in decisions[:place]]
    if decision.start_year is None:
        return 0.0
    return _at_first_prices(facility, decision.action, before, stock, workspace) * sum(
        price_weights(decision, workspace)
    )


def _at_first_prices(facility: int, action: str, before: Sequence[str], stock: Stock, workspace: Workspace) -> float:
    def figure(name: str) -> float:
        return workspace.figures.number(f"actions.{name}")

    area = float(stock.floor_area_m2[facility])
    land = float(stock.site_area_m2[facility] * stock.land_price_per_m2[facility]) * figure("sell.price_rate")
    clearing = area * float(stock.demolition_cost_per_m2[facility]) * (1 + figure("demolish.design_rate"))
    if action == "demolish":
        return clearing
    if action == "sell":
        return (land if "merge" in before else max(land - clearing, 0.0)) * figure("sell.cost_rate")
    if action == "lease":
        return area * float(stock.rebuild_cost_per_m2[facility]) * figure("lease.preparation_rate")
    is_new = "rebuild" in before or "rebuild_smaller" in before
    if "rebuild_smaller" in before:
        area *= 1 - figure("rebuild_smaller.floor_cut")
    unit = {
        "repair": stock.repair_cost_per_m2,
        "renovate": stock.renovation_cost_per_m2,
        "extend": stock.extension_cost_per_m2,
        "retrofit": stock.retrofit_cost_per_m2,
        "convert": stock.renovation_cost_per_m2,
    }.get(action, stock.rebuild_cost_per_m2)
    works = area * float(unit[facility])
    works *= {
        "merge": 1 - figure("merge.shared_space_saving"),
        "rebuild_smaller": 1 - figure("rebuild_smaller.floor_cut"),
        "convert": figure("convert.renovation_share"),
    }.get(action, 1.0)
    if action in {"renovate", "extend", "convert"} and stock.needs_retrofit[facility] and not is_new:
        works += area * float(stock.retrofit_cost_per_m2[facility])
    name = "rebuild" if action == "rebuild_smaller" else action
    cost = works * (1 + figure(f"{name}.design_rate") + figure(f"{name}.relocation_rate"))
    return cost + (clearing * figure("rebuild.demolition_share") if name == "rebuild" else 0.0)
