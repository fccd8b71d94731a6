"""The command line: parse, call, print. No arithmetic is done here."""

from fmtool.cli.app import build_app, main

__all__ = ["build_app", "main"]
