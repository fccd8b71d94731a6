"""Calls for workers to make, in a module that their processes can import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np

from fmtool.errors import InfeasibleScheduleError
from fmtool.text import Text


def weigh(table, weights):
    return table @ weights


def weigh_late(table, weights, seconds):
    time.sleep(seconds)
    return float(np.sum(table) * weights), os.getpid()


def late(seconds, answer):
    time.sleep(seconds)
    return answer


def fail(number):
    if number == 2:
        raise InfeasibleScheduleError(
            Text("無理です", "it cannot be"), Text("直してください", "mend it"), relaxed=[{"year": 2030}]
        )
    return number


def die_once(mark, answer):
    """End this process as a full memory would, the first time."""
    if not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return answer


def die(_answer):
    os.kill(os.getpid(), signal.SIGKILL)
