"""``solve_arrays`` gives the same answer, to the last bit, whoever prices the facilities."""

from __future__ import annotations

import os
import signal
import threading

import numpy as np
import pytest
from scipy import sparse

from fmtool.schedule.arrays import solve_arrays
from fmtool.schedule.decompose.choices import Choices
from fmtool.schedule.decompose.elsewhere import held_by
from fmtool.schedule.inputs import FundInputs
from fmtool.workers import Here, open_workers

OPTIONS = {"gap": 0.002, "time_limit_s": 120.0, "fund": FundInputs(30.0, 5.0, 0.01)}


@pytest.fixture(scope="module")
def two():
    with open_workers("local:2") as workers:
        yield workers


def stock(dtype, facilities=300, most=30, years=12):
    rng = np.random.default_rng(5)
    facility = np.repeat(np.arange(facilities), rng.integers(2, most, facilities))
    outlay = np.where(rng.random((len(facility), years)) < 0.2, rng.uniform(1, 9, (len(facility), years)), 0.0)
    cost = 20.0 - outlay.sum(axis=1) * rng.uniform(0.5, 1, len(facility))
    return cost.astype(dtype), facility, outlay.astype(dtype), np.full(years, 0.5 * facilities)


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("choice", "objective", "bound", "duals", "draw", "deposit", "balance")
    )


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_workers_change_no_bit(two, form, dtype):
    cost, facility, outlay, budget = stock(dtype)
    alone = solve_arrays(cost, facility, form(outlay), budget, **OPTIONS)
    for workers in (Here(), two):
        assert same(solve_arrays(cost, facility, form(outlay), budget, workers=workers, **OPTIONS), alone)


def test_a_worker_killed_between_prices_changes_no_bit(two):
    cost, facility, outlay, budget = stock(np.float64)
    alone = solve_arrays(cost, facility, outlay, budget, **OPTIONS)
    processes = list(two.client.run(os.getpid).values())
    rounds = []

    def kill_once(*_told):
        if not rounds:
            os.kill(processes[0], signal.SIGKILL)
        rounds.append(None)

    found = solve_arrays(cost, facility, outlay, budget, workers=two, progress=kill_once, **OPTIONS)
    assert same(found, alone)
    assert rounds


def test_a_worker_killed_while_it_prices_changes_no_answer(two):
    cost, facility, outlay, _ = stock(np.float64, facilities=2000)
    first = np.searchsorted(facility, np.arange(2001))
    choices = Choices(cost, first, outlay)
    prices = np.random.default_rng(1).random((60, outlay.shape[1]))
    two.client.wait_for_workers(2, timeout=60)
    processes = list(two.client.run(os.getpid).values())
    killer = threading.Timer(0.1, os.kill, [processes[1], signal.SIGKILL])
    with held_by(two, choices) as held:
        killer.start()
        answers = [held.respond(each) for each in prices]
    killer.join()
    for (least, pick), each in zip(answers, prices, strict=True):
        expected = choices.respond(each)
        assert np.array_equal(least, expected[0])
        assert np.array_equal(pick, expected[1])
