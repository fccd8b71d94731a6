"""The door that all work for others goes through, and the simplest who stand behind it: this process itself."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fmtool.errors import WorkersError
from fmtool.text import Text

Progress = Callable[[Text, float | None], None]
"""Told what is being done, and the share of it that is done."""

_LOCAL = re.compile(r"(?:local:)?(?P<count>[1-9]\d{0,3})")
_CLUSTER = re.compile(r"(?:tcp|tls)://\S+")


@dataclass(frozen=True, eq=False)
class Shared[T]:
    """A value that workers hold; among the arguments of ``map`` it stands for the value itself."""

    value: T


class Workers(ABC):
    """Those who call functions for us. A worker that dies costs time, never a result."""

    count: int
    """Calls that run at the same time."""

    @abstractmethod
    def share[T](self, value: T) -> Shared[T]:
        """Give every worker a value once, for many calls; none may change it."""

    @abstractmethod
    def spread[T](self, values: Sequence[T]) -> list[Shared[T]]:
        """Give each value to one worker, in turn; calls on a value go to who holds it."""

    @abstractmethod
    def release(self, shared: Iterable[Shared[Any]]) -> None:
        """Have the workers forget values."""

    @abstractmethod
    def map[R](
        self, function: Callable[..., R], *columns: Iterable[Any], label: Text, tell: Progress | None = None
    ) -> list[R]:
        """Call ``function`` with one value of each column, row by row, as the builtin ``map`` does.

        Parameters
        ----------
        function
            Of a module, so that workers can import it. A call may run more than once, on several workers, if one
            dies; so calling it again must give the same and do no harm.
        columns
            Arguments; as many rows as the shortest column has. A :class:`Shared` stands for its value.
        label
            What is being done, for ``tell``.
        tell
            Told the share of the rows that is done.

        Returns
        -------
        list
            The results in the order of the rows, whatever the order in which they came.

        Raises
        ------
        WorkersError
            When the workers cannot be reached any more, or a call ends every worker that tries it.
        """


class Here(Workers):
    """The process itself: the calls one after the other."""

    count = 1

    def share[T](self, value: T) -> Shared[T]:
        """Return the value as it is."""
        return Shared(value)

    def spread[T](self, values: Sequence[T]) -> list[Shared[T]]:
        """Return the values as they are."""
        return [Shared(value) for value in values]

    def release(self, shared: Iterable[Shared[Any]]) -> None:
        """Do nothing: values end with who holds them."""

    def map[R](
        self, function: Callable[..., R], *columns: Iterable[Any], label: Text, tell: Progress | None = None
    ) -> list[R]:
        """Call ``function`` row by row.

        >>> Here().map(pow, [2, 3], [5, 2], label=Text("累乗", "powers"))
        [32, 9]
        """
        rows, results = list(zip(*columns, strict=False)), list[R]()
        for row in rows:
            results.append(function(*(each.value if isinstance(each, Shared) else each for each in row)))
            if tell is not None:
                tell(label, len(results) / len(rows))
        return results


@contextmanager
def open_workers(address: str | None = None) -> Iterator[Workers]:
    """Give workers while the block runs.

    Parameters
    ----------
    address
        None: this process. ``N`` or ``local:N``: N processes of this machine. ``tcp://HOST:PORT`` or ``tls://…``:
        the scheduler of a Dask cluster.

    Raises
    ------
    WorkersError
        When the address is none of these or no one answers there, Dask is not installed, or the workers have other
        versions than this process.
    """
    if address is None:
        yield Here()
        return
    local = _LOCAL.fullmatch(address.strip())
    if local is None and not _CLUSTER.fullmatch(address.strip()):
        raise WorkersError(
            Text(f"--workers {address}: 場所の書き方が違います", f"--workers {address}: no such kind of workers"),
            Text(
                "プロセスの数（例 4）か、Daskスケジューラーの場所（例 tcp://10.0.0.5:8786）を書きます",
                "give a number of processes (such as 4) or a Dask scheduler's address (such as tcp://10.0.0.5:8786)",
            ),
        )
    try:
        from fmtool.workers.cluster import on_cluster, on_this_machine  # noqa: PLC0415  - Dask is an extra
    except ModuleNotFoundError as error:
        raise _no_dask(error) from None
    opened = on_cluster(address.strip()) if local is None else on_this_machine(int(local["count"]))
    with opened as workers:
        yield workers


def _no_dask(error: ModuleNotFoundError) -> WorkersError:
    return WorkersError(
        Text(
            f"--workers にはDaskが要りますが、入っていません（{error.name}）",
            f"--workers needs Dask, which is not installed ({error.name})",
        ),
        Text("pip install 'fmtool[distributed]' で入ります", "pip install 'fmtool[distributed]' installs it"),
    )
