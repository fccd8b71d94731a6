"""A city's workspace: ``fmtool.toml``, ``facilities/``, ``models/``, ``maps/`` and ``results/``."""

from fmtool.workspace.config import CONFIG_NAME, Config, read_config
from fmtool.workspace.figures import Figure, Figures, read_figures
from fmtool.workspace.files import (
    Workspace,
    find_root,
    init_workspace,
    read_workspace,
    replacing_folder,
    starter_root,
    write_bytes,
    write_text,
)
from fmtool.workspace.lock import only_run

__all__ = [
    "CONFIG_NAME",
    "Config",
    "Figure",
    "Figures",
    "Workspace",
    "find_root",
    "init_workspace",
    "only_run",
    "read_config",
    "read_figures",
    "read_workspace",
    "replacing_folder",
    "starter_root",
    "write_bytes",
    "write_text",
]
