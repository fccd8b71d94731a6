"""Workers of a Dask cluster: on this machine, or wherever its scheduler's address leads.

Dask runs again what a dead worker had begun. What it cannot do is told here: values shared with workers that are gone
are sent anew, and so are the calls that were waiting for them.
"""

from __future__ import annotations

import logging
import platform
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import cache, partial
from importlib.metadata import version
from queue import Empty, SimpleQueue
from typing import Any

import dask
from distributed import Client, Future, KilledWorker, LocalCluster

from fmtool import __version__
from fmtool.errors import WorkersError
from fmtool.text import Text, listed_faults
from fmtool.workers.door import Progress, Shared, Workers

_CONNECT_SECONDS = 15
_LOOK_SECONDS = 5.0
"""So often a call that waits looks whether there is still a worker."""
_ALONE_SECONDS = 60.0
"""So long without any worker a call waits for one to come back."""
_MOST_LOSSES = 5
"""So often a call is sent anew after its worker or its shared values were lost."""
_DECIDING = ("dask", "distributed", "highspy", "numpy", "pandas", "pulp", "scipy")
"""Packages that must be of one version everywhere: those that carry the work, and those that the numbers come from."""


@contextmanager
def on_this_machine(count: int) -> Iterator[Workers]:
    """Give ``count`` processes of one thread each; they end with the block."""
    with (
        # A worker that dies is begun again; one that is just then being begun must not be given up.
        dask.config.set({"distributed.deploy.lost-worker-timeout": "24h"}),
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # any free port, seen from this machine only
            security=True,  # a certificate of its own: who else works on this machine cannot send calls
            memory_limit=0,  # as a run without workers: the system's own limit
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        client.wait_for_workers(count, timeout=_ALONE_SECONDS)
        yield OnCluster(client)


@contextmanager
def on_cluster(address: str) -> Iterator[Workers]:
    """Give the workers of the scheduler at ``address``."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions, which are told in a sentence below
            client = Client(address, set_as_default=False, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError, TypeError, AssertionError) as error:
        # distributed asserts that its own thread begins within ten seconds, which an overloaded machine may not grant it.
        raise WorkersError(
            Text(
                f"{address} のDaskスケジューラーにつながりません（{type(error).__name__}）",
                f"no Dask scheduler answers at {address} ({type(error).__name__})",
            ),
            Text(
                "`dask scheduler` が動いているか、場所とポートを確かめてください",
                "see that `dask scheduler` runs there, and look at host and port",
            ),
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=_ALONE_SECONDS)
        except TimeoutError:
            raise _no_worker() from None
        _refuse_other_versions(client)
        yield OnCluster(client)


class OnCluster(Workers):
    """Those behind a Dask client."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.count = sum(client.nthreads().values())
        self._held: dict[Shared[Any], tuple[Future, bool]] = {}
        """Where each shared value is, and whether every worker is to have it."""

    def share[T](self, value: T) -> Shared[T]:
        """Send a value to every worker."""
        return self._send([value], everywhere=True)[0]

    def spread[T](self, values: Sequence[T]) -> list[Shared[T]]:
        """Send each value to one worker, in turn."""
        return self._send(values, everywhere=False)

    def release(self, shared: Iterable[Shared[Any]]) -> None:
        """Have the workers forget values."""
        for each in shared:
            self._held.pop(each, None)

    def map[R](
        self, function: Callable[..., R], *columns: Iterable[Any], label: Text, tell: Progress | None = None
    ) -> list[R]:
        """Call ``function`` row by row on whoever is free."""
        rows = list(zip(*columns, strict=False))
        results: dict[int, R] = {}
        losses = dict.fromkeys(range(len(rows)), 0)
        waiting: dict[Future, int] = {}
        ended: SimpleQueue[Future] = SimpleQueue()
        try:
            self._submit(function, rows, range(len(rows)), waiting, ended)
            while waiting:
                found, lost = self._results(self._finished(ended))
                results |= {waiting.pop(future): result for future, result in found.items()}
                for future, error in lost.items():
                    at = waiting.pop(future)
                    losses[at] += 1
                    self._refuse_if_hopeless(error, losses[at])
                    self._submit(function, rows, [at], waiting, ended)
                if tell is not None:
                    tell(label, len(results) / len(rows))
        except ModuleNotFoundError as error:
            raise _not_there(error) from None
        finally:
            if waiting:
                self.client.cancel(list(waiting))
        return [results[at] for at in range(len(rows))]

    def _send[T](self, values: Sequence[T], *, everywhere: bool) -> list[Shared[T]]:
        shared = [Shared(value) for value in values]
        futures = self._scatter([each.value for each in shared], everywhere=everywhere)
        self._held |= {each: (future, everywhere) for each, future in zip(shared, futures, strict=True)}
        return shared

    def _scatter(self, values: list[Any], *, everywhere: bool) -> list[Future]:
        try:
            return list(self.client.scatter(values, broadcast=everywhere, hash=False, timeout=_ALONE_SECONDS))
        except (TimeoutError, CancelledError, OSError, ValueError):
            raise self._gone() from None

    def _submit(
        self,
        function: Callable[..., Any],
        rows: Sequence[tuple[Any, ...]],
        places: Sequence[int],
        waiting: dict[Future, int],
        ended: SimpleQueue[Future],
    ) -> None:
        """Send some rows' calls, with the shared values they need that no worker holds any more."""
        if not places:
            return
        for each in {each for at in places for each in rows[at] if isinstance(each, Shared)}:
            future, everywhere = self._held[each]
            if future.status in {"cancelled", "lost"}:
                self._held[each] = self._scatter([each.value], everywhere=everywhere)[0], everywhere
        given = [[self._held[each][0] if isinstance(each, Shared) else each for each in rows[at]] for at in places]
        call = partial(_call, installed(), function)
        futures = self.client.map(call, *zip(*given, strict=True), key=function.__name__, pure=False)
        waiting |= dict(zip(futures, places, strict=True))
        for future in futures:
            future.add_done_callback(ended.put)

    def _finished(self, ended: SimpleQueue[Future]) -> list[Future]:
        """Wait for calls to end, and see meanwhile that there is someone to end them."""
        alone_since: float | None = None
        while True:
            try:
                batch = [ended.get(timeout=_LOOK_SECONDS)]
            except Empty:
                alone_since = None if self._has_worker() else alone_since or time.monotonic()
                if alone_since is not None and time.monotonic() - alone_since > _ALONE_SECONDS:
                    raise _no_worker() from None
            else:
                while not ended.empty():
                    batch.append(ended.get())
                return batch

    def _results(self, futures: list[Future]) -> tuple[dict[Future, Any], dict[Future, BaseException]]:
        """Return what calls gave, and those whose results were lost with why; raise what a call raised."""
        finished = [future for future in futures if future.status == "finished"]
        try:
            # All in one message; if one of them is lost meanwhile, each is asked for by itself.
            found = dict(zip(finished, self.client.gather(finished), strict=True))
        except (CancelledError, KilledWorker):
            found = {}
        lost: dict[Future, BaseException] = {}
        for future in futures:
            if future not in found:
                try:
                    found[future] = future.result()
                except (CancelledError, KilledWorker) as error:
                    lost[future] = error
        return found, lost

    def _has_worker(self) -> bool:
        if self.client.status != "running":
            raise self._gone()
        try:
            return bool(self.client.nthreads())
        except OSError:
            raise self._gone() from None

    def _refuse_if_hopeless(self, error: BaseException, losses: int) -> None:
        if self.client.status != "running" or getattr(error, "reason", "") == "scheduler-connection-lost":
            raise self._gone() from None
        if losses > _MOST_LOSSES:
            raise WorkersError(
                Text(
                    f"同じ仕事の途中でワーカーが{losses}回落ちました",
                    f"workers died {losses} times over the same piece of work",
                ),
                Text(
                    "メモリーが足りているか、ワーカーのログを見てください",
                    "look at the workers' logs, and whether their memory suffices",
                ),
            ) from None

    def _gone(self) -> WorkersError:
        return WorkersError(
            Text("Daskスケジューラーとの接続が切れました", "the connection with the Dask scheduler was lost"),
            Text("スケジューラーを確かめて、もう一度実行してください", "look at the scheduler and run again"),
        )


@cache
def installed() -> tuple[tuple[str, str], ...]:
    """Return the versions of what decides a result."""
    python = ".".join(platform.python_version_tuple()[:2])
    return (("fmtool", __version__), ("python", python), *((name, version(name)) for name in _DECIDING))


def _call[R](wanted: tuple[tuple[str, str], ...], function: Callable[..., R], *arguments: Any) -> R:  # noqa: ANN401
    """Call a function on a worker, which may have joined only after the others were looked at."""
    if installed() != wanted:
        raise _other_versions(dict(wanted), {platform.node(): dict(installed())})
    return function(*arguments)


def _refuse_other_versions(client: Client) -> None:
    try:
        theirs: dict[str, tuple[tuple[str, str], ...]] = client.run(installed)
    except ModuleNotFoundError as error:
        raise _not_there(error) from None
    others = {where: dict(found) for where, found in theirs.items() if found != installed()}
    if others:
        raise _other_versions(dict(installed()), others)


def _other_versions(ours: dict[str, str], others: dict[str, dict[str, str]]) -> WorkersError:
    faults = [
        Text(f"{where}: {name} {found}（こちらは {ours[name]}）", f"{where}: {name} {found} (here {ours[name]})")
        for where, versions in others.items()
        for name, found in versions.items()
        if found != ours.get(name, found)
    ]
    return WorkersError(
        Text("ワーカーと版が違います", "the workers have other versions than this machine"),
        Text(
            "同じ版を入れてください（constraints.txt が使えます）",
            "install the same versions everywhere (constraints.txt helps)",
        ),
        listed_faults(faults),
    )


def _not_there(error: ModuleNotFoundError) -> WorkersError:
    return WorkersError(
        Text(f"ワーカーに {error.name} が入っていません", f"{error.name} is not installed on the workers"),
        Text(
            "どのワーカーにも pip install 'fmtool[distributed]' で入れてください",
            "install it on every worker with pip install 'fmtool[distributed]'",
        ),
    )


def _no_worker() -> WorkersError:
    return WorkersError(
        Text("Daskクラスターにワーカーがいません", "the Dask cluster has no worker"),
        Text("`dask worker 場所 --nthreads 1` で加えてください", "add some with `dask worker ADDRESS --nthreads 1`"),
    )
