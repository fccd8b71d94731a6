"""One writing run at a time in a workspace.

The lock is the operating system's: it ends with its process, however that ends, so none is ever
stale. Who holds it is written beside it, for the sentence that the next run prints.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from fmtool.errors import WorkspaceError
from fmtool.text import Text
from fmtool.workspace.files import put_in_order, write_text

FOLDER = ".fmtool"
"""Folder of the workspace in which a run says that it is at work."""

_LOCK, _HOLDER = "lock", "holder.json"


@contextmanager
def only_run(root: Path) -> Iterator[None]:
    """Keep other runs from writing into the workspace; first clear away what a killed one left.

    Raises
    ------
    WorkspaceError
        When another run holds the workspace: which one, and since when.
    """
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    lock = FileLock(folder / _LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise _taken(root, folder / _HOLDER) from None
    try:
        put_in_order(root)
        since = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
        write_text(folder / _HOLDER, json.dumps({"pid": os.getpid(), "host": platform.node(), "since": since}))
        yield
    finally:
        (folder / _HOLDER).unlink(missing_ok=True)
        lock.release()


def _taken(root: Path, holder: Path) -> WorkspaceError:
    try:
        held = json.loads(holder.read_text(encoding="utf-8"))
        pid, host, since = int(held["pid"]), str(held["host"]), str(held["since"])
    except (OSError, ValueError, KeyError, TypeError):  # it has only just begun, or just ended
        by = Text("", "")
    else:
        by = Text(f"（プロセス番号 {pid}、PC名 {host}、開始 {since}）", f" (process {pid} on {host}, since {since})")
    return WorkspaceError(
        Text(f"{root} では別の fmtool が動いています{by.ja}", f"another fmtool is at work in {root}{by.en}"),
        Text(
            "終わるのを待って、もう一度実行してください。何も書き換えていません",
            "wait until it has ended and run again; nothing was changed",
        ),
    )
