"""The budget office's workbook (``schedule.xlsx``): years, facilities, finances, levels, comparison, grounds.

Equal plans give equal bytes. Every total is a live formula that carries the engine's figure as its value.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fmtool.schedule.result import PlanResult
from fmtool.text import Lang
from fmtool.views.scenarios import Scenario
from fmtool.views.workbook_comparison import write_comparison
from fmtool.views.workbook_facilities import write_facilities
from fmtool.views.workbook_fiscal import write_fiscal
from fmtool.views.workbook_grounds import write_assumptions, write_checks, write_guesses
from fmtool.views.workbook_levels import write_levels
from fmtool.views.workbook_page import Book
from fmtool.views.workbook_yearly import write_yearly
from fmtool.workspace import write_bytes


def write_workbook(result: PlanResult, path: Path, lang: Lang, others: Sequence[Scenario] = ()) -> None:
    """Write the plan as a workbook in one language.

    Parameters
    ----------
    result
        The certified plan.
    path
        File to write; it appears whole or not at all.
    lang
        Language of the whole workbook, its sheet names among it.
    others
        Other scenarios, to stand beside this plan on the sheet 比較.
    """
    book = Book(result, lang)
    yearly = write_yearly(book)
    facilities = write_facilities(book)
    write_fiscal(book)
    write_levels(book)
    write_comparison(book, yearly, others)
    write_assumptions(book)
    write_guesses(book)
    write_checks(book, yearly, facilities)
    write_bytes(path, book.close())
