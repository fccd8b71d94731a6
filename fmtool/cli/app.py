"""The program: its commands put together for a language, and the one place where faults end."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.main import get_command

from fmtool import __version__
from fmtool.cli import commands
from fmtool.cli.help import WIDTH, BilingualCommand, BilingualGroup
from fmtool.cli.language import choose_language, globals_first
from fmtool.cli.output import Output
from fmtool.cli.refused import refused
from fmtool.cli.session import Session
from fmtool.errors import FmtoolError, InfeasibleScheduleError
from fmtool.text import Lang, Text, without_secrets

INTERRUPTED = 130
WRONG_USAGE = 2


def build_app(lang: Lang) -> Any:  # noqa: ANN401  - typer's command class is private to it
    """Return the program whose help and output are in ``lang``."""
    app = typer.Typer(
        cls=BilingualGroup,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH},
    )

    @app.callback(invoke_without_command=True)
    def start(
        context: typer.Context,
        folder: Annotated[Path | None, typer.Option("-C", metavar="DIR")] = None,
        lang: Annotated[Lang, typer.Option("--lang", metavar="ja|en")] = lang,
        as_json: Annotated[bool, typer.Option("--json")] = False,
        version: Annotated[bool, typer.Option("--version")] = False,
    ) -> None:
        if version:
            typer.echo(f"fmtool {__version__}")
            raise typer.Exit
        if context.invoked_subcommand is None:
            typer.echo(context.get_help(), nl=False)
            raise typer.Exit
        context.obj = Session(Output(lang, as_json), folder, context.with_resource)

    for name, command in commands.COMMANDS.items():
        app.command(name, cls=BilingualCommand)(command)
    group = get_command(app)
    for each in (group, *group.commands.values()):  # type: ignore[attr-defined]
        each.lang = lang
    return group


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``fmtool`` with ``arguments``, else those of the command line; return its exit code."""
    _print_any_sign()
    words = globals_first(sys.argv[1:] if arguments is None else arguments)
    lang = choose_language(words, os.environ, Path.cwd())
    try:
        code = build_app(lang).main(words, prog_name="fmtool", standalone_mode=False)
    except FmtoolError as error:
        if isinstance(error, InfeasibleScheduleError) and "--json" in words:
            out = Output(lang, as_json=True)
            out.data(error=error.message, hint=error.hint, relaxed=error.relaxed, is_confirmed=error.is_confirmed)
            out.finish()
        return _end(error.say(lang), error.exit_code, lang)
    except typer.TyperException as error:
        return _end(_wrong_usage(error).say(lang), WRONG_USAGE, lang)
    except (OSError, MemoryError) as error:
        return (
            _end_quietly() if getattr(error, "errno", None) == errno.EPIPE else _end(refused(error).say(lang), 1, lang)
        )
    except typer.Abort:
        code = INTERRUPTED
    if code == INTERRUPTED:  # Ctrl-C, which the parser turns into this code
        return _end(Text("中断しました", "interrupted").say(lang), INTERRUPTED, lang)
    return code if isinstance(code, int) else 0


def _print_any_sign() -> None:
    """Have what the window or pipe cannot hold printed as `?`, and what no one reads go nowhere; neither ends a run."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by who called
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  - to the end
        elif isinstance(stream, io.TextIOWrapper) and stream.errors in {"strict", "surrogateescape"}:
            is_utf8 = stream.encoding.lower().replace("-", "") == "utf8"
            stream.reconfigure(errors="surrogateescape" if is_utf8 else "replace")


def _end(said: str, code: int, lang: Lang) -> int:
    print(f"{Text('エラー', 'error').say(lang)}: {without_secrets(said)}", file=sys.stderr)  # noqa: T201
    return code


def _end_quietly() -> int:
    # The reader of the pipe, such as `head`, has gone; keep Python from complaining of it at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _wrong_usage(error: typer.TyperException) -> Text:
    """Return the parser's sentence; it speaks English only, so Japanese names the kind of fault first."""
    said = error.format_message()
    kind = {
        "NoSuchOption": "オプションがありません",
        "MissingParameter": "引数が足りません",
        "BadOptionUsage": "オプションに値がありません",
        "BadParameter": "値が正しくありません",
        "BadArgumentUsage": "引数の数が違います",
    }.get(type(error).__name__, "使い方が違います")
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "fmtool"
    return Text(
        f"{kind}（{said}）\n\n対処: `{command} --help` で使い方を見られます", f"{said}\n\nhint: see `{command} --help`"
    )
