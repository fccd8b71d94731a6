"""The commands: each reads its words, calls the part that does the work, and prints what comes back.

Imports stand inside the commands, so that help appears at once and `init` needs no map library.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from fmtool.cli.session import Session
from fmtool.text import Lang, Text
from fmtool.workspace import Workspace, init_workspace, read_workspace
from fmtool.workspace.samples import DEFAULT, SAMPLES

if TYPE_CHECKING:
    from fmtool.schedule.result import PlanResult
    from fmtool.workers import Workers

Scenario = Annotated[str | None, typer.Option("--scenario", "-s", metavar="NAME")]
WorkersAt = Annotated[str | None, typer.Option("--workers", metavar="N|ADDRESS")]


def init(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(metavar="DIR")],
    sample: Annotated[
        Literal["toyohashi", "nagareyama", "seattle"], typer.Option("--sample", metavar="NAME")
    ] = DEFAULT,
) -> None:
    """Make a workspace."""
    from fmtool.inventory.template import TEMPLATE, write_template

    session: Session = context.obj
    made = [*init_workspace(target, sample), target / TEMPLATE]
    write_template(made[-1], session.out.lang, read_workspace(target).config.case.currency)
    session.out.data(
        workspace=target.resolve(), sample=sample, files=[path.relative_to(target).as_posix() for path in made]
    )
    title = SAMPLES[sample].title
    session.out.say(
        Text(
            f"{target} に作業フォルダーを作りました（{len(made)}ファイル、見本は{title.ja}）",
            f"made {target} with {len(made)} files (sample: {title.en})",
        )
    )
    session.out.say(
        Text(
            f"次は fmtool -C {target} check、そして fmtool -C {target} plan",
            f"next: fmtool -C {target} check, then fmtool -C {target} plan",
        )
    )
    session.out.finish()


def import_(
    context: typer.Context,
    sources: Annotated[list[str], typer.Argument(metavar="FILE...")],
    mapping: Annotated[Path | None, typer.Option("--mapping", metavar="TOML")] = None,
    sheets: Annotated[list[str] | None, typer.Option("--sheet", metavar="NAME")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
) -> None:
    """Make the inventory of a city's own ledgers."""
    from fmtool.cli.sheets import show_files
    from fmtool.cli.sheets_import import show_import
    from fmtool.inventory.importing import import_files, write_import

    session: Session = context.obj
    workspace = session.workspace()
    with session.out.progress() as tell:
        outcome = import_files(sources, workspace.root, mapping, sheets or (), tell)
        if not dry_run:
            tell(Text("施設台帳と取込報告を書いています", "writing inventory and report"))
            files = write_import(outcome, workspace.root, session.out.lang, mapping)
    show_import(outcome, session.out, is_dry=dry_run)
    if not dry_run:
        show_files(files, session.out)
    session.out.finish()


def check(context: typer.Context, scenario: Scenario = None) -> None:
    """Check the whole workspace."""
    from fmtool.cli.sheets import show_check
    from fmtool.views.check import check_workspace

    session: Session = context.obj
    with session.out.progress() as tell:
        tell(Text("作業フォルダーを読んでいます", "reading the workspace"))
        report = check_workspace(session.root, scenario)
    show_check(report, session.out)
    session.out.finish()
    report.raise_faults()


def costs(context: typer.Context, scenario: Scenario = None) -> None:
    """Show the renewal need before any choice."""
    from fmtool.cli.sheets import show_costs, show_files
    from fmtool.inventory import read_inventory
    from fmtool.lifecycle.costs import renewal_costs, yearly_budget
    from fmtool.lifecycle.stock import build_stock
    from fmtool.views.costs import write_costs
    from fmtool.views.estimates import estimates_words

    session: Session = context.obj
    workspace = session.workspace(scenario)
    with session.out.progress() as tell:
        tell(Text("施設台帳を読んでいます", "reading the inventory"))
        inventory = read_inventory(workspace)
        need = renewal_costs(build_stock(inventory, workspace), workspace)
    budget = yearly_budget(workspace.config, need.replace_total)
    told, case = estimates_words(inventory.guesses), workspace.config.case
    show_costs(need, budget, case, session.out, told)
    written = write_costs(
        need, budget, workspace.results, session.out.lang, case.currency, has_estimates=told is not None
    )
    show_files(written, session.out)
    session.out.finish()


def curve(
    context: typer.Context,
    facility_id: Annotated[str, typer.Argument(metavar="ID")],
    scenario: Scenario = None,
) -> None:
    """Show one facility's lifecycle-cost curves."""
    from fmtool.cli.sheets import show_curves, show_files
    from fmtool.views.curve import read_curves, write_curves

    session: Session = context.obj
    workspace = session.workspace(scenario)
    with session.out.progress() as tell:
        curves = read_curves(workspace, facility_id, tell)
    show_curves(curves, session.out)
    show_files(write_curves(curves, workspace.results / "curves", session.out.lang), session.out)
    session.out.finish()


def plan(
    context: typer.Context,
    scenario: Scenario = None,
    time_limit_s: Annotated[float | None, typer.Option("--time-limit", metavar="SECONDS", min=0.1)] = None,
    gap: Annotated[float | None, typer.Option("--gap", metavar="SHARE", min=0.0, max=1.0)] = None,
    solver: Annotated[Literal["highs", "cbc"] | None, typer.Option("--solver", metavar="highs|cbc")] = None,
    method: Annotated[
        Literal["auto", "whole", "decompose"] | None, typer.Option("--method", metavar="auto|whole|decompose")
    ] = None,
    from_year: Annotated[int | None, typer.Option("--from", metavar="YEAR")] = None,
    stability: Annotated[float, typer.Option("--stability", metavar="AMOUNT", min=0.0)] = 0.0,
    workers_at: WorkersAt = None,
) -> None:
    """Make the certified schedule and write all results."""
    from fmtool.cli.sheets import show_plan
    from fmtool.cli.sheets_changes import show_changes
    from fmtool.workers import open_workers

    session: Session = context.obj
    workspace = session.workspace(scenario).with_solver(name=solver, gap=gap, time_limit_s=time_limit_s, method=method)
    workspace = workspace if from_year is None else workspace.planned_from(from_year)
    with nullcontext() if workers_at is None else open_workers(workers_at) as workers, session.out.progress() as tell:
        result = _plan_and_write(workspace, session.out.lang, tell, stability, workers)
    show_plan(result, workspace, session.out)
    if result.again is not None:
        show_changes(result.again, workspace.config.case.currency, session.out)
    session.out.finish()


def _plan_and_write(
    workspace: Workspace,
    lang: Lang,
    tell: Callable[[Text], None],
    stability: float = 0.0,
    workers: Workers | None = None,
) -> PlanResult:
    from fmtool.inventory import read_inventory
    from fmtool.schedule.run import plan_schedule
    from fmtool.views.results import check_place, write_all

    check_place(workspace)
    result = plan_schedule(workspace, progress=tell, stability=stability, workers=workers)
    write_all(result, read_inventory(workspace), workspace, lang, tell)
    return result


def draw_map(
    context: typer.Context,
    scenario: Scenario = None,
    tiles: Annotated[Literal["gsi", "osm"] | None, typer.Option("--tiles", metavar="gsi|osm")] = None,
) -> None:
    """Draw the map again from results."""
    from fmtool.cli.sheets import show_files
    from fmtool.inventory import read_inventory
    from fmtool.schedule.store import read_result
    from fmtool.views.results import draw_map_again

    session: Session = context.obj
    workspace = session.workspace(scenario)
    with session.out.progress() as tell:
        tell(Text("地図を書いています", "writing the map"))
        result = read_result(workspace.results)
        files = draw_map_again(result, read_inventory(workspace), workspace, session.out.lang, tiles)
    show_files(files, session.out)
    session.out.finish()


def report(
    context: typer.Context,
    scenario: Scenario = None,
    with_slides: Annotated[bool, typer.Option("--slides")] = False,
) -> None:
    """Make report and workbook again from results."""
    from fmtool.cli.sheets import show_files
    from fmtool.schedule.store import read_result
    from fmtool.views.results import draw_report_again, draw_slides

    session: Session = context.obj
    workspace = session.workspace(scenario)
    with session.out.progress() as tell:
        tell(Text("報告書と工程表を書いています", "writing report and workbook"))
        result = read_result(workspace.results)
        files = draw_report_again(result, workspace, session.out.lang)
        if with_slides:
            tell(Text("図を書いています", "drawing the charts"))
            files += draw_slides(result, workspace)
    show_files(files, session.out)
    session.out.finish()


def compare(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="SCENARIO...")] = None,
    plan_missing: Annotated[bool, typer.Option("--plan")] = False,
    workers_at: WorkersAt = None,
) -> None:
    """Put scenarios side by side."""
    from fmtool.cli.sheets import show_files
    from fmtool.cli.sheets_compare import show_comparison
    from fmtool.views.compare import choose_names, compare_scenarios, write_comparison_files
    from fmtool.views.sweep import plan_missing_scenarios
    from fmtool.workers import open_workers

    session: Session = context.obj
    workspace = session.workspace()
    chosen = choose_names(workspace, names or ())
    with session.out.progress() as tell:
        if plan_missing:
            with open_workers(workers_at) as workers:
                plan_missing_scenarios(workspace, chosen, session.out.lang, workers, tell)
        comparison = compare_scenarios(workspace, chosen)
        tell(Text("比較を書いています", "writing the comparison"))
        files = write_comparison_files(comparison, workspace.results.parent, session.out.lang)
    show_comparison(comparison, session.out)
    show_files(files, session.out)
    session.out.finish()


def portfolio(
    context: typer.Context,
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...")],
    scenario: Scenario = None,
    workers_at: WorkersAt = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR")] = Path("portfolio"),
    kept: Annotated[Literal["full", "light", "none"], typer.Option("--results", metavar="full|light|none")] = "full",
    time_limit_s: Annotated[float | None, typer.Option("--time-limit", metavar="SECONDS", min=0.1)] = None,
    gap: Annotated[float | None, typer.Option("--gap", metavar="SHARE", min=0.0, max=1.0)] = None,
) -> None:
    """Plan many cities, with one national table and map."""
    from fmtool.cli.sheets import show_files
    from fmtool.cli.sheets_portfolio import show_national
    from fmtool.portfolio import Options, check_out, find_cities, plan_cities, write_national
    from fmtool.workers import open_workers

    session: Session = context.obj
    cities = find_cities(folders)
    check_out(out)
    options = Options(scenario, session.out.lang, kept, gap, time_limit_s)
    with open_workers(workers_at) as workers, session.out.progress() as tell:
        national = plan_cities(cities, options, workers, tell)
    show_national(national, session.out)
    show_files(write_national(national, out, session.out.lang), session.out)
    session.out.finish()
    national.raise_faults()


def explain(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(metavar="ID|YEAR")],
    verify: Annotated[bool, typer.Option("--verify")] = False,
    amount: Annotated[float, typer.Option("--amount", metavar="AMOUNT", min=1.0)] = 1_000_000.0,
    scenario: Scenario = None,
) -> None:
    """Say why an action was chosen, or which limits bind in a year."""
    from fmtool.cli.sheets_explain import pick, show_facility, show_verified, show_year
    from fmtool.schedule.explain import read_reasons
    from fmtool.schedule.store import read_result
    from fmtool.schedule.verify import verify_year

    session: Session = context.obj
    workspace = session.workspace(scenario)
    case = workspace.config.case
    reasons = read_reasons(workspace.results)
    chosen = pick(subject, reasons, case.years, is_year_asked=verify)
    if isinstance(chosen, int):
        show_year(chosen, reasons, read_result(workspace.results), session.out)
        if verify:
            with session.out.progress() as tell:
                found = verify_year(workspace, chosen, amount, tell)
            show_verified(found, case.currency, session.out)
    else:
        show_facility(chosen, session.out)
    session.out.finish()


COMMANDS: dict[str, Callable[..., None]] = {
    "init": init,
    "import": import_,
    "check": check,
    "costs": costs,
    "curve": curve,
    "plan": plan,
    "compare": compare,
    "portfolio": portfolio,
    "explain": explain,
    "map": draw_map,
    "report": report,
}
"""Command name to its function, in the order of the help page."""
