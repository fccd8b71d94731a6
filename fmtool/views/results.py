"""The results folder of a scenario: all of its files, or none."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import platform
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fmtool import __version__
from fmtool.inventory import Inventory, read_services
from fmtool.lifecycle.costs import renewal_costs
from fmtool.lifecycle.stock import build_stock
from fmtool.schedule.result import PlanResult
from fmtool.schedule.store import write_results
from fmtool.text import Lang, Text
from fmtool.views.cards import write_cards
from fmtool.views.costs import write_costs
from fmtool.views.estimates import estimates_words
from fmtool.views.geodata import write_geojson, write_geopackage
from fmtool.views.map_base import read_layers
from fmtool.views.map_scenarios import plans_beside
from fmtool.views.map_tiles import Tiles
from fmtool.views.pdf import write_pdf
from fmtool.views.report import report_page, write_report
from fmtool.views.scenarios import Scenario, other_scenarios
from fmtool.views.slides import write_slides
from fmtool.views.tables import write_changes_csv, write_schedule_csv, write_yearly_csv
from fmtool.views.webmap import write_map
from fmtool.views.workbook import write_workbook
from fmtool.workspace import CONFIG_NAME, Workspace, replacing_folder, write_text

MAP, WORKBOOK, REPORT, PDF = "map.html", "schedule.xlsx", "report.html", "report.pdf"
CARDS = "cards.html"
SCHEDULE, YEARLY, CHANGES, GIS, RUN = "schedule.csv", "yearly.csv", "changes.csv", "plan.gpkg", "run.json"

MOST_PRINTED = 1_000
"""With more facilities than this the printed report leaves out their tables."""
_ENGINES = ("highspy", "pulp", "numpy", "pandas", "geopandas")


def check_place(workspace: Workspace) -> None:
    """See before a long solve that its results can be drawn and written.

    Raises
    ------
    InventoryError
        When a layer of the map is not readable.
    OSError
        When nothing can be written beside the scenario's results.
    """
    read_layers(workspace)
    beside = next(folder for folder in workspace.results.parents if folder.exists())
    if not beside.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(beside))
    Path(tempfile.mkdtemp(dir=beside, prefix=f".{workspace.results.name}-")).rmdir()


def write_all(
    result: PlanResult,
    inventory: Inventory,
    workspace: Workspace,
    lang: Lang,
    tell: Callable[[Text], None] = lambda _stage: None,
) -> None:
    """Write every file of the scenario's results beside the last run's, then take its place.

    Parameters
    ----------
    result
        The certified plan.
    inventory
        The facilities and districts it is of.
    workspace
        Where it goes: ``results/<scenario>/``.
    lang
        Language in which map, workbook and report open.
    tell
        Is told what is being written.
    """
    tell(Text("表を書いています", "writing the tables"))
    need = renewal_costs(build_stock(inventory, workspace), workspace)
    with replacing_folder(workspace.results) as folder:
        write_results(result, folder)
        write_schedule_csv(result, folder / SCHEDULE)
        write_yearly_csv(result, folder / YEARLY)
        if result.again is not None:
            write_changes_csv(result.again.changes, folder / CHANGES)
        has_estimates = estimates_words(result.guesses) is not None
        budget = result.yearly["budget"].to_numpy(float)
        write_costs(need, budget, folder, lang, result.currency, has_estimates=has_estimates)
        write_geopackage(result, inventory.districts, folder / GIS, lang)
        write_geojson(result, inventory.districts, folder, lang)
        write_text(folder / RUN, run_record(result, workspace))
        tell(Text("工程表を書いています", "writing the workbook"))
        write_workbook(result, folder / WORKBOOK, lang, other_scenarios(workspace.results.parent, result.scenario))
        tell(Text("地図を書いています", "writing the map"))
        _draw_map(result, inventory, workspace, folder / MAP, lang)
        tell(Text("報告書を書いています", "writing the report"))
        others = other_scenarios(workspace.results.parent, result.scenario)
        write_report(result, folder / REPORT, lang, others)
        write_cards(result, folder / CARDS, lang)
        tell(Text("報告書を印刷しています", "printing the report"))
        write_report_pdf(result, folder / PDF, lang, others)


def write_light(result: PlanResult, inventory: Inventory, workspace: Workspace, lang: Lang) -> None:
    """Write plan, tables and map only; `fmtool report` makes report and workbook of them, should anyone ask."""
    with replacing_folder(workspace.results) as folder:
        write_results(result, folder)
        write_schedule_csv(result, folder / SCHEDULE)
        write_yearly_csv(result, folder / YEARLY)
        write_text(folder / RUN, run_record(result, workspace))
        _draw_map(result, inventory, workspace, folder / MAP, lang)


def draw_map_again(
    result: PlanResult, inventory: Inventory, workspace: Workspace, lang: Lang, tiles: Tiles | None = None
) -> list[Path]:
    """Write map.html of a plan that stands in the results folder, with the online tiles it is to offer, if any."""
    _draw_map(result, inventory, workspace, workspace.results / MAP, lang, tiles)
    return [workspace.results / MAP]


def _draw_map(
    result: PlanResult, inventory: Inventory, workspace: Workspace, path: Path, lang: Lang, tiles: Tiles | None = None
) -> None:
    write_map(
        result,
        read_layers(workspace),
        path,
        lang,
        tiles=tiles,
        services=read_services(workspace),
        others=plans_beside(result, inventory, workspace),
    )


def draw_report_again(result: PlanResult, workspace: Workspace, lang: Lang) -> list[Path]:
    """Write report, cards and workbook of a plan that stands in the results folder."""
    others = other_scenarios(workspace.results.parent, result.scenario)
    write_report(result, workspace.results / REPORT, lang, others)
    write_workbook(result, workspace.results / WORKBOOK, lang, others)
    write_cards(result, workspace.results / CARDS, lang)
    is_printed = write_report_pdf(result, workspace.results / PDF, lang, others)
    made = [REPORT, CARDS, WORKBOOK, *([PDF] if is_printed else [])]
    return [workspace.results / name for name in made]


def draw_slides(result: PlanResult, workspace: Workspace) -> list[Path]:
    """Write every chart as PNG, in both languages, of a plan that stands in the results folder; return their folder."""
    others = tuple(other_scenarios(workspace.results.parent, result.scenario))
    return sorted({path.parent for path in write_slides(result, workspace.results, others)})


def write_report_pdf(result: PlanResult, path: Path, lang: Lang, others: Sequence[Scenario] = ()) -> bool:
    """Print the report; of a large city without its tables of facilities. Tell whether it could be printed."""
    return write_pdf(report_page(result, lang, others, is_whole=len(result.facilities) <= MOST_PRINTED), path)


def run_record(result: PlanResult, workspace: Workspace) -> str:
    """Return what the plan was made from and by, as JSON: the same record gives the same plan."""
    record = {
        "fmtool": __version__,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _ENGINES},
        "scenario": result.scenario,
        "solver": result.solver,
        "status": result.status,
        "solve_seconds": round(result.solve_seconds, 3),
        "solver_log": result.solver_log,
        "options": workspace.config.solver.model_dump(),
        "inputs": input_hashes(workspace),
    }
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def input_hashes(workspace: Workspace) -> dict[str, str]:
    """Return the SHA-256 of every input file, by its path inside the workspace."""
    files: dict[str, Any] = workspace.config.files.model_dump(exclude={"population_area"})
    named = [CONFIG_NAME, *workspace.figures.files, *(name for name in files.values() if name)]
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name in sorted(set(named))
        if (path := workspace.path(name)).is_file()
    }
