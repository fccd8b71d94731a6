"""Work done elsewhere gives what it gives here, whatever becomes of those who do it."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading

import errands
import numpy as np
import pytest

from fmtool.errors import InfeasibleScheduleError, WorkersError
from fmtool.text import Text
from fmtool.workers import Here, cluster, open_workers

WORK = Text("仕事", "work")


@pytest.fixture(scope="module")
def two():
    with open_workers("local:2") as workers:
        yield workers


def test_results_come_in_the_order_of_the_rows(two):
    assert two.map(errands.late, [0.4, 0.0, 0.2, 0.0], "abcd", label=WORK) == list("abcd")


def test_the_share_done_is_told(two):
    told = []
    two.map(errands.late, [0.0] * 4, range(4), label=WORK, tell=lambda text, share: told.append((text, share)))
    assert told[-1] == (WORK, 1.0)
    assert Here().map(errands.late, [0.0], [1], label=WORK, tell=lambda text, share: told.append((text, share))) == [1]
    assert told[-1] == (WORK, 1.0)


def test_no_rows_give_no_results(two):
    assert two.map(errands.late, [], [], label=WORK) == Here().map(errands.late, [], [], label=WORK) == []


def test_shared_values_stand_for_themselves(two):
    rng = np.random.default_rng(1)
    table, prices = rng.random((300, 7)), [rng.random(7) for _ in range(5)]
    here = Here()
    expected = here.map(errands.weigh, [here.share(table)] * 5, prices, label=WORK)
    shared = two.share(table)
    assert np.array_equal(two.map(errands.weigh, [shared] * 5, prices, label=WORK), expected)
    parts = two.spread(np.array_split(table, 5))
    found = two.map(errands.weigh, parts, [prices[0]] * 5, label=WORK)
    assert np.array_equal(np.concatenate(found), np.concatenate([part.value @ prices[0] for part in parts]))
    two.release([shared, *parts])


def test_an_error_comes_back_as_it_was_raised(two):
    for workers in (Here(), two):
        with pytest.raises(InfeasibleScheduleError) as caught:
            workers.map(errands.fail, range(4), label=WORK)
        error = caught.value
        assert (error.message.ja, error.hint.en, error.relaxed) == ("無理です", "mend it", ({"year": 2030},))
    assert two.map(errands.fail, [0, 1], label=WORK) == [0, 1]


def test_every_error_survives_the_way_between_processes():
    error = pickle.loads(pickle.dumps(WorkersError(Text("甲", "a"), None, [Text("乙", "b")])))  # noqa: S301  - our own
    assert error.say("ja") == "甲\n  - 乙"


def test_a_worker_that_dies_over_a_call_costs_no_result(two, tmp_path):
    marks = [str(tmp_path / "died")] * 6
    assert two.map(errands.die_once, marks, range(6), label=WORK) == list(range(6))


def test_workers_killed_with_all_they_hold_cost_no_result(two):
    """Both are killed, so that no copy of the shared values is left anywhere but here."""
    parts = two.spread([np.full(9, number) for number in range(8)])
    expected = [9.0 * number * 2 for number in range(8)]

    def calls(seconds):
        return [value for value, _ in two.map(errands.weigh_late, parts, [2] * 8, [seconds] * 8, label=WORK)]

    assert calls(0.0) == expected
    processes = list(two.client.run(os.getpid).values())
    killer = threading.Timer(0.5, lambda: [os.kill(process, signal.SIGKILL) for process in processes])
    killer.start()
    assert calls(0.4) == expected
    killer.join()
    assert not set(two.client.run(os.getpid).values()) & set(processes)


def test_other_versions_are_told(two, monkeypatch):
    two.client.wait_for_workers(1, timeout=60)
    cluster._refuse_other_versions(two.client)
    ours = (("fmtool", "0.0.0"), *cluster.installed()[1:])
    monkeypatch.setattr(cluster, "installed", lambda: ours)
    with pytest.raises(WorkersError, match=r"fmtool \d.*\(here 0.0.0\)"):
        two.map(errands.fail, [0], label=WORK)


def test_a_call_that_ends_every_worker_is_told(two, monkeypatch):
    monkeypatch.setattr(cluster, "_MOST_LOSSES", 0)
    with pytest.raises(WorkersError, match="died 1 times over the same piece of work"):
        two.map(errands.die, [1], label=WORK)


@pytest.mark.parametrize("address", ["", "0", "-2", "local:", "many", "http://localhost:8786", "12345"])
def test_what_is_no_place_of_workers_is_refused(address):
    with pytest.raises(WorkersError, match="no such kind of workers"), open_workers(address):
        pass


def test_a_client_whose_thread_does_not_begin_is_told(monkeypatch):
    def never(*_arguments, **_options):
        raise AssertionError

    monkeypatch.setattr(cluster, "Client", never)
    with pytest.raises(WorkersError, match="no Dask scheduler answers at"), open_workers("tcp://127.0.0.1:9"):
        pytest.fail("there are no workers")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "tcp://127.0.0.1", "tcp://no-such-host.invalid:8786"])
def test_an_address_where_no_one_answers_is_told(address, monkeypatch):
    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 1)
    with pytest.raises(WorkersError, match="no Dask scheduler answers at"), open_workers(address):
        pass


def test_without_dask_one_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "fmtool.workers.cluster")
    with pytest.raises(WorkersError, match="pip install 'fmtool\\[distributed\\]'"), open_workers("2"):
        pass


def test_without_workers_dask_is_not_loaded():
    code = "import sys, fmtool.workers as w\nwith w.open_workers() as h: print(h.count, 'distributed' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["1", "False"]
