"""Which facilities may change together when a schedule is bettered piece by piece."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fmtool.schedule.inputs import Bools, Ints

_PART = 0.3
"""Part of the facilities that is free at once."""
_ROUNDS = 8


def neighbourhoods(service: Ints, seed: int) -> Iterator[Bools]:
    """Yield sets of facilities (F,): whole services in a random order, until a part of all facilities is free.

    Facilities of a service share its capacity; which close, and in which order, is decided among them.

    >>> [free.tolist() for free in neighbourhoods(np.array([0, 1, 1, 0], dtype=np.int32), 0)][0]
    [False, True, True, False]
    """
    rng = np.random.default_rng(seed)
    services, counts = np.unique(service, return_counts=True)
    left: list[int] = []
    for _ in range(_ROUNDS):
        taken: list[int] = []
        size = 0
        while size < _PART * len(service):
            left = left or rng.permutation(len(services)).tolist()
            taken.append(left.pop())
            size += int(counts[taken[-1]])
        yield np.isin(service, services[taken])
