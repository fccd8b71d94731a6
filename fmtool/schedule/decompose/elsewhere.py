"""A multiple choice whose facilities are priced by workers: each holds some facilities and is told prices only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise, repeat

import numpy as np

from fmtool.schedule.decompose.choices import Choices, Floats, Indices
from fmtool.text import Text
from fmtool.workers import Shared, Workers

_PARTS_A_WORKER = 2
"""So that the plans of a worker that dies go to more than one of the others."""
_PRICING = Text("施設ごとに最も安い計画を選んでいます", "pricing the facilities")


@dataclass(frozen=True, slots=True, eq=False)
class ChoicesElsewhere(Choices):
    """Choices of which workers hold a copy, in parts, and answer for it."""

    workers: Workers
    parts: list[Shared[Choices]]

    def respond(self, prices: Floats) -> tuple[Floats, Indices]:
        """Return what :meth:`Choices.respond` returns, to the last bit: no facility's sum crosses a part's edge."""
        answers = self.workers.map(Choices.respond, self.parts, repeat(prices), label=_PRICING)
        begins = np.cumsum([0, *(len(part.value.cost) for part in self.parts)])
        return (
            np.concatenate([least for least, _ in answers]),
            np.concatenate([pick + begin for (_, pick), begin in zip(answers, begins, strict=False)]),
        )


@contextmanager
def held_by(workers: Workers | None, choices: Choices) -> Iterator[Choices]:
    """Give choices that workers hold and price while the block runs; without workers, the choices as they are.

    >>> from fmtool.workers import Here
    >>> table = Choices(np.array([5.0, 3.0, 1.0]), np.array([0, 2, 3]), np.array([[0.0], [4.0], [1.0]]))
    >>> with held_by(Here(), table) as held:
    ...     [each.tolist() for each in held.respond(np.array([1.0]))]
    [[5.0, 2.0], [0, 2]]
    """
    if workers is None:
        yield choices
        return
    even = np.linspace(0, len(choices.cost), _PARTS_A_WORKER * workers.count + 1)
    edges = np.unique(np.searchsorted(choices.first, even))
    runs = [np.arange(begin, end) for begin, end in pairwise(edges)]
    parts = workers.spread([choices.of(run) for run in runs])
    try:
        yield ChoicesElsewhere(choices.cost, choices.first, choices.use, workers, parts)
    finally:
        workers.release(parts)
