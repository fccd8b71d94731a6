"""The language of a call, known before its words are parsed: help and faults are told in it too."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from fmtool.errors import WorkspaceError
from fmtool.text import Lang
from fmtool.workspace import CONFIG_NAME, find_root

_WITH_VALUE = {"-C", "--lang"}
_FLAGS = {"--json"}


def globals_first(arguments: Sequence[str]) -> list[str]:
    """Move the global options before the command, where the parser expects them.

    >>> globals_first(["plan", "--json", "-C", "city", "--scenario", "tight"])
    ['--json', '-C', 'city', 'plan', '--scenario', 'tight']
    >>> globals_first(["init", "--", "--json"])
    ['init', '--', '--json']
    >>> globals_first(["plan", "-C"])  # no folder named: left for the parser to refuse
    ['-C']
    """
    moved: list[str] = []
    kept: list[str] = []
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "--":
            kept += [word, *rest]
            break
        if word in _WITH_VALUE and not rest:
            return [*moved, word]
        if word in _WITH_VALUE:
            moved += [word, *rest[:1]]
            rest = rest[1:]
        elif word in _FLAGS or word.startswith("--lang="):
            moved.append(word)
        else:
            kept.append(word)
    return moved + kept


def choose_language(arguments: Sequence[str], environment: Mapping[str, str], here: Path) -> Lang:
    """Return the language of ``--lang``, else of the workspace's configuration, else of ``LANG``.

    >>> choose_language(["--lang", "en", "plan"], {"LANG": "ja_JP.UTF-8"}, Path("/"))
    'en'
    >>> choose_language(["init", "x"], {"LANG": "ja_JP.UTF-8"}, Path("/"))
    'ja'
    """
    given = _value_of("--lang", arguments)
    if given in {"ja", "en"}:
        return "ja" if given == "ja" else "en"
    written = _configured(_value_of("-C", arguments), here)
    if written is not None:
        return written
    spoken = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "ja" if spoken.lower().startswith("ja") else "en"


def _value_of(option: str, arguments: Sequence[str]) -> str | None:
    for at, word in enumerate(arguments):
        if word == option:
            return arguments[at + 1] if at + 1 < len(arguments) else None
        if word.startswith(option + "="):
            return word.partition("=")[2]
    return None


def _configured(folder: str | None, here: Path) -> Lang | None:
    # A fault in the file is told later, by the command that reads it.
    try:
        root = find_root(Path(folder) if folder else here, given=folder is not None)
        case = tomllib.loads((root / CONFIG_NAME).read_text(encoding="utf-8-sig")).get("case")
    except (WorkspaceError, OSError, ValueError, RecursionError):
        return None
    lang = case.get("lang") if isinstance(case, dict) else None
    return lang if lang in {"ja", "en"} else None
