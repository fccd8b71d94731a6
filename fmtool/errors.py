"""Every error a user may meet, and the exit code each ends with.

FmtoolError                 1
├── WorkspaceError          1  fmtool.toml, models/ or a missing file
├── InventoryError          1  rows of facilities/ that cannot be used (also a ValueError)
├── CurveError              1  a lifecycle figure outside its range (also a ValueError)
├── ScheduleInputsError     1  arrays given to the optimizer that it cannot use (also a ValueError)
├── WorkersError            1  workers cannot be reached, or have other versions
├── UsageError              2  a command used wrongly
├── InfeasibleScheduleError 3  proven: no schedule keeps every limit
├── SolverError             3  no schedule found in the time given, or the solver failed
└── UncertifiedPlanError    3  a solution the solver-free checker could not confirm

Each carries its sentence in Japanese and English, the single faults, and the way out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fmtool.text import Lang, Text


class FmtoolError(Exception):
    """Any fault that is told to the user in one sentence, without a traceback."""

    exit_code = 1

    def __init__(self, message: Text, hint: Text | None = None, faults: Sequence[Text] = ()) -> None:
        super().__init__(message.en)
        self.message = message
        self.hint = hint
        self.faults = tuple(faults)

    def say(self, lang: Lang) -> str:
        """Return message, faults and hint as printed, in ``lang``."""
        lines = [self.message.say(lang), *(f"  - {fault.say(lang)}" for fault in self.faults)]
        if self.hint is not None:
            lines += ["", Text("対処: ", "hint: ").say(lang) + self.hint.say(lang)]
        return "\n".join(lines)

    def __str__(self) -> str:
        """Return the English wording."""
        return self.say("en")

    def __reduce__(self) -> tuple[object, ...]:
        """Say how it is made again in another process, with both languages."""
        return type(self), (self.message, self.hint, self.faults), self.__dict__


class WorkspaceError(FmtoolError):
    """A workspace, its configuration or its assumptions cannot be used."""


class InventoryError(FmtoolError, ValueError):
    """Rows of the inventory cannot be used."""


class CurveError(FmtoolError, ValueError):
    """A lifecycle figure lies outside its range."""


class ScheduleInputsError(FmtoolError, ValueError):
    """Arrays given to the optimizer have a wrong shape or hold no numbers."""


class WorkersError(FmtoolError):
    """Workers cannot be reached, have other versions, or died over the same piece of work again and again."""


class UsageError(FmtoolError):
    """A command was given something it cannot act on."""

    exit_code = 2


class InfeasibleScheduleError(FmtoolError):
    """No schedule keeps every limit; proven."""

    exit_code = 3

    def __init__(
        self,
        message: Text,
        hint: Text | None = None,
        faults: Sequence[Text] = (),
        *,
        relaxed: Sequence[Mapping[str, object]] = (),
        is_confirmed: bool = False,
    ) -> None:
        super().__init__(message, hint, faults)
        self.relaxed = tuple(relaxed)
        """Every limit that would have to give way, with the amount: for programs, printed by ``--json``."""
        self.is_confirmed = is_confirmed
        """Whether a schedule came out when it was solved again with these limits relaxed."""


class SolverError(FmtoolError):
    """No schedule was found in the time given, or the solver failed."""

    exit_code = 3


class UncertifiedPlanError(FmtoolError):
    """The checker could not confirm what the solver returned; nothing is written."""

    exit_code = 3
