"""Help pages in the language chosen, laid out so that Japanese columns stand straight."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Literal
from typer.core import TyperCommand, TyperGroup

from fmtool.cli.words import COMMANDS, EVERYWHERE, GROUP, HEADINGS, HELP_OPTION, CommandWords
from fmtool.text import Lang, Text

WIDTH = 100
"""Pages are never wider than this, so that they read the same in the docs and in most windows."""


class BilingualCommand(TyperCommand):
    """A command whose page is written from :data:`fmtool.cli.words.COMMANDS`."""

    lang: Lang = "en"

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401  - typer's own class, private there
        """Write the page."""
        formatter.write(_page(COMMANDS[str(self.name)], self, ctx, self.lang))


class BilingualGroup(TyperGroup):
    """The page of ``fmtool`` itself."""

    lang: Lang = "en"

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401  - typer's own class, private there
        """Write the page."""
        formatter.write(_page(GROUP, self, ctx, self.lang, commands=self.list_commands(ctx)))


def _page(words: CommandWords, command: Any, ctx: Any, lang: Lang, commands: Iterable[str] = ()) -> str:  # noqa: ANN401
    console = Console(file=io.StringIO(), width=min(WIDTH, formatter_width(ctx)), highlight=False, no_color=True)
    parameters = command.get_params(ctx)
    arguments = [each for each in parameters if each.param_type_name == "argument"]
    options = [each for each in parameters if each.param_type_name == "option"]

    def section(heading: str, rows: Iterable[tuple[str, str]]) -> None:
        console.print()
        console.print(HEADINGS[heading].say(lang) + ":", markup=False)
        console.print(_columns(rows))

    console.print(f"{HEADINGS['usage'].say(lang)}: {_usage(ctx, arguments, commands, lang)}", markup=False)
    for paragraph in (words.summary, words.detail, *([EVERYWHERE] if commands else [])):
        console.print()
        # A Japanese sentence a line: a window's edge would break it before its full stop.
        lines = paragraph.ja.replace("。", "。\n").rstrip() if lang == "ja" else paragraph.en
        console.print(Padding(Literal(lines), (0, 0, 0, 2)))
    if arguments:
        section("arguments", [(_name(each), _told(words, each, lang)) for each in arguments])
    section("options", [(_name(each), _told(words, each, lang)) for each in options])
    if commands:
        section("commands", [(name, COMMANDS[name].summary.say(lang)) for name in commands])
    console.print()
    console.print(HEADINGS["examples"].say(lang) + ":", markup=False)
    for example in words.examples:
        console.print(f"  {example}", markup=False)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def formatter_width(ctx: Any) -> int:  # noqa: ANN401  - typer's own class, private there
    """Return the width that the context asks for, else that of the window."""
    return ctx.max_content_width or ctx.terminal_width or Console().width


def _columns(rows: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0), pad_edge=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for name, told in rows:
        table.add_row(Literal(f"  {name}"), Literal(told))
    return table


def _usage(ctx: Any, arguments: list[Any], commands: Iterable[str], lang: Lang) -> str:  # noqa: ANN401
    options, command = HEADINGS["some_options"].say(lang), HEADINGS["a_command"].say(lang)
    return " ".join([ctx.command_path, options, *map(_name, arguments), *([command] if commands else [])])


def _name(parameter: Any) -> str:  # noqa: ANN401
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    names = ", ".join(sorted([*parameter.opts, *parameter.secondary_opts], key=len))  # the parser keeps a set
    return f"{names} {parameter.metavar}" if parameter.metavar else names


def _told(words: CommandWords, parameter: Any, lang: Lang) -> str:  # noqa: ANN401
    return told(words, str(parameter.name)).say(lang)


def told(words: CommandWords, parameter: str) -> Text:
    """Return what is said of a parameter; a parameter without words is a fault of the program."""
    return HELP_OPTION if parameter == "help" else words.parameters[parameter]
