"""Finding a workspace, and writing into it so that nothing is ever half-written."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from fmtool.errors import UsageError, WorkspaceError
from fmtool.text import Text, listing
from fmtool.workspace.config import CONFIG_NAME, Config, SolverConfig, read_config
from fmtool.workspace.figures import Figures, read_figures
from fmtool.workspace.samples import DEFAULT, SAMPLES, sample_parts
from fmtool.workspace.toml_faults import fault_text

STARTER_FOLDERS = ("facilities", "models", "maps/layers")

_NEW, _OLD = ".fmtool-new", ".fmtool-old"
"""How the names end of what is being made, and of what it replaces."""

_LEFT_OVER = re.compile(r"\.(?P<name>.+)-[a-z0-9_]{8}(?P<kind>\.fmtool-(?:new|old))")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A city's folder: its case under one scenario, and its assumptions."""

    root: Path
    scenario: str
    config: Config
    figures: Figures
    from_year: int | None = None
    """First fiscal year that is planned anew; what comes before it is fixed by the works done."""

    def planned_from(self, year: int) -> Workspace:
        """Return the workspace with the years before ``year`` fixed."""
        case = self.config.case
        if not case.start_year < year <= case.years[-1]:
            raise UsageError(
                Text(
                    f"--from {year}: {case.start_year + 1}〜{case.years[-1]} の年度を書きます",
                    f"--from {year}: give a year from {case.start_year + 1} to {case.years[-1]}",
                )
            )
        return replace(self, from_year=year)

    def with_solver(self, **options: float | str | None) -> Workspace:
        """Return the workspace with other solver options; None leaves one as the file has it."""
        given = {name: value for name, value in options.items() if value is not None}
        try:
            solver = SolverConfig.model_validate(self.config.solver.model_dump() | given)
        except ValidationError as error:
            raise UsageError(
                Text("ソルバーの指定に誤りがあります", "the solver cannot be run with these options"),
                Text("`fmtool plan --help` で使い方を見られます", "see `fmtool plan --help`"),
                [fault_text("", item) for item in error.errors()],
            ) from None
        return replace(self, config=self.config.model_copy(update={"solver": solver}))

    def path(self, relative: str) -> Path:
        """Return a file of the workspace."""
        return self.root / relative

    @property
    def results(self) -> Path:
        """The folder of this scenario's results."""
        return self.root / "results" / self.scenario


def find_root(start: Path, *, given: bool = False) -> Path:
    """Walk up from ``start`` to the folder that holds ``fmtool.toml``; with ``given``, look there only."""
    start = start.resolve()
    _refuse_unnameable(start)
    for folder in [start] if given else [start, *start.parents]:
        if (folder / CONFIG_NAME).is_file():
            return folder
    where = (
        Text(f"{start} に", f"in {start}")
        if given
        else Text(f"{start} とその上のどのフォルダーにも", f"in {start} or any folder above")
    )
    raise WorkspaceError(
        Text(f"{where.ja} {CONFIG_NAME} がありません", f"no {CONFIG_NAME} {where.en}"),
        Text(
            "`fmtool init フォルダー` で作るか、`-C フォルダー` で場所を指定してください",
            "make a workspace with `fmtool init DIR`, or name one with `-C DIR`",
        ),
    )


def _refuse_unnameable(folder: Path) -> None:
    """Refuse a folder whose name is no text: the libraries that read maps and databases cannot open it."""
    try:
        str(folder).encode("utf-8")
    except UnicodeEncodeError:
        raise WorkspaceError(
            Text(
                f"{folder}: フォルダー名に読めない文字があります",
                f"{folder}: the folder's name holds bytes that are no text",
            ),
            Text("フォルダー名を変えてください（UTF-8）", "rename the folder (in UTF-8)"),
        ) from None


def read_workspace(root: Path, scenario: str | None = None) -> Workspace:
    """Read configuration and assumptions of the workspace at ``root``."""
    return Workspace(root, scenario or "base", read_config(root / CONFIG_NAME, scenario), read_figures(root / "models"))


def starter_root() -> Path:
    """Return the starter workspace: beside the installed package, else the checkout's root."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_starter", package.parent):
        if (folder / CONFIG_NAME).is_file():
            return folder
    raise WorkspaceError(
        Text(
            "ひな形が見つかりません。fmtool を入れ直してください",
            "the starter workspace is missing; install fmtool again",
        )
    )


def init_workspace(target: Path, sample: str = DEFAULT) -> list[Path]:
    """Copy a sample workspace into ``target``, which must not exist or be empty; return what was made."""
    if sample not in SAMPLES:
        raise UsageError(
            Text(f"見本「{sample}」はありません", f"no sample `{sample}`"),
            Text(f"あるもの: {listing(list(SAMPLES)).ja}", f"there are {listing(list(SAMPLES)).en}"),
        )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise WorkspaceError(
            Text(f"{target} は空ではありません", f"{target} is not empty"),
            Text("新しいフォルダー名を指定してください", "name a new folder"),
        )
    _refuse_unnameable(target)
    starter = starter_root()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fmtool-init-") as scratch:
        made = Path(scratch) / "workspace"
        try:
            made.mkdir()
            for source, place in sample_parts(sample, starter):
                if source.is_file():
                    shutil.copy(source, made / place)
                else:
                    _copy_folder(source, made / place, SAMPLES[sample].without)
        except OSError as error:
            error.filename, error.filename2 = str(target), None
            raise
        if target.exists():
            target.rmdir()
        made.rename(target)
    return sorted(path for path in target.rglob("*") if path.is_file())


def _copy_folder(source: Path, target: Path, without: frozenset[str]) -> None:
    """Copy a folder without what is hidden; `shutil.copytree` would wrap the system's error in a list of its own."""
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.iterdir()):
        if path.name.startswith(".") or path.name == "__pycache__" or path.name in without:
            continue
        if path.is_dir():
            _copy_folder(path, target / path.name, without)
        else:
            shutil.copy(path, target / path.name)


@contextmanager
def replacing_folder(target: Path) -> Iterator[Path]:
    """Give a scratch folder that takes ``target``'s place when the block ends without an error.

    A run killed at any moment leaves the old folder or the new one, whole; what it leaves beside
    them, `put_in_order` removes before the next run.
    """
    target = target.resolve()  # a link to another disk stays one
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-", suffix=_NEW))
    try:
        yield scratch
        scratch.chmod(0o755)
        for path in scratch.rglob("*"):
            _settle(path)
        _settle(scratch)
        _take_place(scratch, target)
        _settle(target.parent)
    except OSError as error:
        if isinstance(error.filename, str) and error.filename.startswith(str(scratch)):
            error.filename = str(target) + error.filename.removeprefix(str(scratch))
        raise
    finally:
        _remove(scratch)


def _take_place(scratch: Path, target: Path) -> None:
    """Put ``scratch`` where ``target`` is; what was there is removed, or put back when it fails."""
    if not target.exists():
        scratch.rename(target)
        return
    if _exchange(scratch, target):
        return
    old = scratch.with_name(scratch.name.removesuffix(_NEW) + _OLD)
    target.rename(old)
    try:
        scratch.rename(target)
    except OSError:
        old.rename(target)
        raise
    _remove(old)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two paths in one step where the system can, so that no moment is without either; tell whether it could."""
    if sys.platform != "linux":
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:  # an old C library
        return False
    here, swap = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of fcntl.h and stdio.h
    if renameat2(here, os.fsencode(one), here, os.fsencode(other), swap) == 0:
        return True
    fault = ctypes.get_errno()
    if fault in {errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP}:  # a file system without it, as on some network drives
        return False
    raise OSError(fault, os.strerror(fault), str(other))


def _settle(path: Path) -> None:
    """Have the disk hold a file or folder itself, so that a power cut after the rename finds it whole."""
    if path.is_dir() and sys.platform == "win32":
        return  # Windows opens no folder
    handle = os.open(path, os.O_RDONLY if sys.platform != "win32" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def put_in_order(root: Path) -> None:
    """Clear away what a killed run left half-made in a workspace; a folder it had moved aside goes back."""
    folders = [root, *(root / name for name in (".fmtool", "facilities", "models", "results"))]
    folders += [path for pattern in ("results/*", "results/*/curves") for path in root.glob(pattern)]
    for folder in folders:
        if not folder.is_dir():
            continue
        for path in sorted(folder.iterdir(), reverse=True):  # `-old` before `-new`
            found = _LEFT_OVER.fullmatch(path.name)
            if found is None:
                continue
            if found["kind"] == _OLD and not (folder / found["name"]).exists():
                path.rename(folder / found["name"])
            else:
                _remove(path)


def write_text(path: Path, text: str, encoding: str = "utf-8") -> None:
    """Write a file beside its place, then rename it over."""
    write_bytes(path, text.encode(encoding))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file beside its place, then rename it over."""
    path = path.resolve()  # a link to another disk stays one
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=_NEW)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        error.filename, error.filename2 = str(path), None  # a full disk names no file, and the one beside is no one's
        raise
    finally:
        Path(name).unlink(missing_ok=True)
