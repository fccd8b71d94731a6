"""The commands: each reads its words, calls the part that does the work, and prints what comes back.

Imports stand inside the commands, so that help appears at once and `init` needs no map library.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

from fmtool.cli.session import Session
from fmtool.text import Text
from fmtool.workspace import init_workspace

Scenario = Annotated[str | None, typer.Option("--scenario", "-s", metavar="NAME")]


def init(context: typer.Context, target: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """Make a workspace."""
    from fmtool.inventory.template import write_template

    session: Session = context.obj
    made = [*init_workspace(target), target / "facilities" / "template.xlsx"]
    write_template(made[-1], session.out.lang)
    session.out.data(workspace=target.resolve(), files=[path.relative_to(target).as_posix() for path in made])
    session.out.say(
        Text(f"{target} に作業フォルダーを作りました（{len(made)}ファイル）", f"made {target} with {len(made)} files")
    )
    session.out.say(
        Text(
            f"次は fmtool -C {target} check、そして fmtool -C {target} plan",
            f"next: fmtool -C {target} check, then fmtool -C {target} plan",
        )
    )
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

    session: Session = context.obj
    workspace = session.workspace(scenario)
    with session.out.progress() as tell:
        tell(Text("施設台帳を読んでいます", "reading the inventory"))
        need = renewal_costs(build_stock(read_inventory(workspace), workspace), workspace)
    budget = yearly_budget(workspace.config, need.replace_total)
    show_costs(need, budget, workspace.config.case, session.out)
    written = write_costs(need, budget, workspace.results, session.out.lang, workspace.config.case.currency)
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
) -> None:
    """Make the certified schedule and write all results."""
    from fmtool.cli.sheets import show_plan
    from fmtool.inventory import read_inventory
    from fmtool.schedule.run import plan_schedule
    from fmtool.views.results import check_place, write_all

    session: Session = context.obj
    workspace = session.workspace(scenario).with_solver(name=solver, gap=gap, time_limit_s=time_limit_s)
    with session.out.progress() as tell:
        check_place(workspace)
        result = plan_schedule(workspace, progress=tell)
        write_all(result, read_inventory(workspace), workspace, session.out.lang, tell)
    show_plan(result, workspace, session.out)
    session.out.finish()


def draw_map(context: typer.Context, scenario: Scenario = None) -> None:
    """Draw the map again from results."""
    from fmtool.cli.sheets import show_files
    from fmtool.schedule.store import read_result
    from fmtool.views.results import draw_map_again

    session: Session = context.obj
    workspace = session.workspace(scenario)
    with session.out.progress() as tell:
        tell(Text("地図を書いています", "writing the map"))
        files = draw_map_again(read_result(workspace.results), workspace, session.out.lang)
    show_files(files, session.out)
    session.out.finish()


def report(context: typer.Context, scenario: Scenario = None) -> None:
    """Make report and workbook again from results."""
    from fmtool.cli.sheets import show_files
    from fmtool.schedule.store import read_result
    from fmtool.views.results import draw_report_again

    session: Session = context.obj
    workspace = session.workspace(scenario)
    with session.out.progress() as tell:
        tell(Text("報告書と工程表を書いています", "writing report and workbook"))
        files = draw_report_again(read_result(workspace.results), workspace, session.out.lang)
    show_files(files, session.out)
    session.out.finish()


COMMANDS: dict[str, Callable[..., None]] = {
    "init": init,
    "check": check,
    "costs": costs,
    "curve": curve,
    "plan": plan,
    "map": draw_map,
    "report": report,
}
"""Command name to its function, in the order of the help page."""
