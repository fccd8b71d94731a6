"""What ``fmtool check`` finds in a whole workspace, every part read even where another has faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol, get_args

import pandas as pd

from fmtool.alternatives import life_plans
from fmtool.errors import FmtoolError, InventoryError, WorkspaceError
from fmtool.finance.city import CityFinance, read_city_finance
from fmtool.finance.outlook import limits_without_finances, outlook
from fmtool.finance.programmes import Programme, expiring, no_programmes, read_programmes
from fmtool.inventory import Inventory, read_inventory, read_services
from fmtool.inventory.quality import Quality, quality
from fmtool.lifecycle.costs import renewal_costs, yearly_budget
from fmtool.lifecycle.stock import build_stock
from fmtool.lifecycle.uncertainty import collect_first, with_effects
from fmtool.text import Text
from fmtool.views.map_base import read_layers
from fmtool.workspace import CONFIG_NAME, Config, Figure, Figures, Workspace, read_config, read_figures
from fmtool.workspace.figures import Basis


class Attempt(Protocol):
    """Calls what it is given, and keeps the error where one is raised."""

    def __call__[T](self, read: Callable[[], T]) -> T | None:
        """Return what was read, or None."""


@dataclass(slots=True)
class CheckReport:
    """The parts that could be read, and the errors of those that could not."""

    config: Config | None = None
    figures: Figures | None = None
    inventory: Inventory | None = None
    quality: Quality | None = None
    collect_first: pd.DataFrame | None = None
    """Estimated columns by what their spread means in money, see `fmtool.lifecycle.uncertainty`."""
    city: CityFinance | None = None
    programmes: tuple[Programme, ...] = ()
    errors: list[FmtoolError] = field(default_factory=list)

    @property
    def by_basis(self) -> dict[Basis, int]:
        """Count the assumptions by what they rest on."""
        counts = Counter(figure.basis for figure in (self.figures or {}).values())
        return {basis: counts[basis] for basis in get_args(Basis)}

    @property
    def notices(self) -> list[Text]:
        """Return what the user should know, though nothing is to be mended."""
        of_config = self.config.years_without_effect() if self.config is not None else []
        return of_config + (self.inventory.notices if self.inventory is not None else []) + self._finance_notices

    @property
    def _finance_notices(self) -> list[Text]:
        if self.config is None:
            return []
        if self.city is None:
            return limits_without_finances(self.config)  # nor is any programme used
        ending = expiring(self.programmes, self.config.case.years)
        return [*self.city.notices, *outlook(self.city, self.config), *(ending or no_programmes(self.programmes))]

    @property
    def past_end(self) -> list[Figure]:
        """Return the assumptions that end before the plan begins."""
        if self.config is None or self.figures is None:
            return []
        return self.figures.past_end(self.config.case.start_year)

    @property
    def faults(self) -> list[Text]:
        """Return every single fault; an error without a list is a fault of its own."""
        return [fault for error in self.errors for fault in (error.faults or (error.message,))]

    def raise_faults(self) -> None:
        """Raise all errors as one, each under its own heading with its way out.

        Raises
        ------
        WorkspaceError
            When anything is to be mended.
        """
        if len(self.errors) == 1:
            raise self.errors[0]
        if self.errors:
            count = len(self.faults)
            raise WorkspaceError(
                Text(f"直すところが{count}件あります", f"{count} things to mend"),
                faults=[Text(_below(error.say("ja")), _below(error.say("en"))) for error in self.errors],
            )


def check_workspace(root: Path, scenario: str | None = None) -> CheckReport:
    """Read configuration, assumptions, services, finances and inventory of the workspace at ``root``."""
    report = CheckReport()

    def attempt[T](read: Callable[[], T]) -> T | None:
        try:
            return read()
        except FmtoolError as error:
            if error.message not in {known.message for known in report.errors}:
                report.errors.append(error)
            return None

    report.config = attempt(lambda: read_config(root / CONFIG_NAME, scenario))
    report.figures = attempt(lambda: read_figures(root / "models"))
    for name in report.config.scenario if report.config is not None and scenario is None else ():
        attempt(partial(read_config, root / CONFIG_NAME, name))
    if report.config is not None and report.figures is not None:
        workspace = Workspace(root, scenario or "base", report.config, report.figures)
        attempt(lambda: read_services(workspace))
        report.programmes = attempt(lambda: read_programmes(workspace)) or ()
        report.city = attempt(lambda: read_city_finance(workspace, workspace.config.case.years))
        report.inventory = attempt(lambda: read_inventory(workspace))
        attempt(lambda: read_layers(workspace))
        if report.inventory is not None:
            _check_use(report, report.inventory, workspace, attempt)
    elif report.config is not None:
        # Faulty assumptions are told already; the faults of ledger and finances come before any assumption is needed.
        workspace = Workspace(root, scenario or "base", report.config, Figures({}, {}))
        report.city = attempt(lambda: read_city_finance(workspace, workspace.config.case.years))
        try:
            read_inventory(workspace)
        except InventoryError as error:
            report.errors.append(error)
        except WorkspaceError:
            pass
    return report


def _check_use(report: CheckReport, inventory: Inventory, workspace: Workspace, attempt: Attempt) -> None:
    """Work everything out that a plan needs before it is solved: an assumption that lacks is met here."""
    stock = attempt(lambda: build_stock(inventory, workspace))
    if stock is None:
        return
    report.quality = quality(inventory, stock.guesses)
    report.collect_first = attempt(lambda: collect_first(with_effects(inventory.guesses, stock, workspace)))
    need = attempt(lambda: renewal_costs(stock, workspace))
    if need is not None:
        attempt(lambda: yearly_budget(workspace.config, need.replace_total))
    services = attempt(lambda: read_services(workspace))
    if services is not None:
        attempt(lambda: life_plans(stock, services, workspace))


def _below(said: str) -> str:
    first, *rest = said.splitlines()
    return "\n".join([first, *(f"    {line}" if line else "" for line in rest)])
