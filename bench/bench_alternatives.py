"""Time the making of 100,000 life plans over 40 years: the sample's facilities, repeated with places moved apart.

Run: python bench/bench_alternatives.py [life plans]
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from fmtool.alternatives import life_plans, objective
from fmtool.inventory import read_inventory, read_services
from fmtool.lifecycle.stock import Stock, build_stock
from fmtool.workspace import read_workspace

RUNS = 3


def repeated(stock: Stock, facilities: int) -> Stock:
    """Repeat facilities up to a number, each repeat 100 km further east, so that hosts stay within one."""
    rows = np.arange(facilities)
    many = stock.take(rows % len(stock))
    copies = rows // len(stock)
    names = tuple(f"{name}-{copy}" for name, copy in zip(many.facility_ids, copies, strict=True))
    return replace(many, facility_ids=names, x_m=many.x_m + 100_000.0 * copies)


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    workspace = read_workspace(Path(__file__).resolve().parents[1])
    services = read_services(workspace)
    stock = build_stock(read_inventory(workspace), workspace)
    each = len(life_plans(stock, services, workspace)) / len(stock)
    many = repeated(stock, round(wanted / each))
    for _ in range(RUNS):
        begin, used = time.perf_counter(), time.process_time()
        plans = life_plans(many, services, workspace)
        made, used = time.perf_counter(), time.process_time() - used
        objective(plans, 0.02)
        end = time.perf_counter()
        print(
            f"{len(many):,} facilities, {len(plans):,} life plans x {len(plans.years)} years: "
            f"life_plans {made - begin:.2f} s ({used:.2f} s of processor), objective {end - made:.3f} s"
        )


if __name__ == "__main__":
    main()
