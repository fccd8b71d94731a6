"""Groups of tied facilities are cut where the rows across are cheapest, and none is lost on the way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from tied_city import city, rows_of

from fmtool.schedule.decompose import parting
from fmtool.schedule.decompose.parting import in_a_row, parted, strength_of
from fmtool.schedule.decompose.tied import LOCAL
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.schedule.rows import Rows, entries

WAYS = {"dense": {}, "eigenvectors": {"_DENSE": 2}, "walk": {"_DENSE": 0, "_MOST_SPECTRAL": 0}}


def pairs(weights: dict[tuple[int, int], float], count: int) -> sparse.csr_array:
    there = np.zeros((count, count))
    for (one, other), weight in weights.items():
        there[one, other] = there[other, one] = weight
    return sparse.csr_array(there)


def chain_of_clusters(sizes: list[int], between: float, seed: int) -> tuple[sparse.csr_array, list[set[int]]]:
    """Return clusters with strong ties in a row, each tied weakly to the next, numbered at random; and who is in which."""
    count = sum(sizes)
    number = np.random.default_rng(seed).permutation(count)
    weights, clusters, begin = {}, [], 0
    for size in sizes:
        members = number[begin : begin + size].tolist()
        weights |= {(one, other): 10.0 for at, one in enumerate(members) for other in members[at + 1 :]}
        if begin:
            weights[int(number[begin - 1]), members[0]] = between
        clusters.append(set(members))
        begin += size
    return pairs(weights, count), clusters


@pytest.mark.parametrize("way", WAYS)
@given(seed=st.integers(0, 10**6), most=st.integers(1, 9))
@settings(max_examples=25, deadline=None)
def test_every_facility_is_in_one_group_none_too_large_and_none_torn_without_need(way, seed, most):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 30))
    linked = np.triu(rng.random((count, count)) < 0.1, 1)
    ties = sparse.csr_array((linked + linked.T) * (0.1 + rng.random((count, count))))
    ties = sparse.csr_array(ties + ties.T)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in WAYS[way].items():
            patch.setattr(parting, name, value)
        groups = parted(ties, most)
    assert sorted(np.concatenate(groups).tolist()) == list(range(count))
    assert max(map(len, groups)) <= most
    whole = parted(ties, count)
    assert {frozenset(each.tolist()) for each in whole if len(each) <= most} <= {
        frozenset(each.tolist()) for each in groups
    }


@pytest.mark.parametrize("way", ["dense", "eigenvectors"])
@pytest.mark.parametrize("seed", range(3))
def test_a_group_is_cut_where_its_ties_are_cheapest(monkeypatch, way, seed):
    for name, value in WAYS[way].items():
        monkeypatch.setattr(parting, name, value)
    strength, clusters = chain_of_clusters([11, 9], 0.5, seed)
    assert {frozenset(each.tolist()) for each in parted(strength, 15)} == set(map(frozenset, clusters))


def test_neither_half_is_too_small_however_cheap_the_cut_would_be():
    strength, _ = chain_of_clusters([19, 1], 0.01, seed=0)
    assert sorted(map(len, parted(strength, 12))) >= [8, 12]


@pytest.mark.parametrize("seed", range(4))
def test_groups_cut_apart_last_stand_beside_each_other(seed):
    strength, clusters = chain_of_clusters([5, 5, 5, 5], 1.0, seed)
    found = [set(each.tolist()) for each in parted(strength, 5)]
    halves = [clusters[0] | clusters[1], clusters[2] | clusters[3]]
    assert [found[0] | found[1], found[2] | found[3]] in (halves, halves[::-1])


def test_the_facilities_of_a_dear_row_hold_nearly_all_of_the_weight():
    case = city(0, facilities=4)
    blocks = [block for block in rows_of(case) if block.family in LOCAL and len(block)]
    alike = strength_of(case, blocks)
    assert (alike.toarray() == alike.toarray().T).all()
    assert not alike.diagonal().any()
    assert (strength_of(case, blocks, [np.zeros(len(block)) for block in blocks]) != alike).nnz == 0
    for chosen in range(len(blocks)):
        priced = [np.full(len(block), -float(at == chosen)) for at, block in enumerate(blocks)]
        dear = strength_of(case, blocks, priced).toarray()
        named = np.zeros(len(case.facility_ids), dtype=bool)
        named[case.facility[blocks[chosen].plans.indices]] = True
        assert dear[np.ix_(named, named)].sum() == pytest.approx(1.0, abs=0.01)


def test_those_without_ties_are_dealt_out_evenly_among_those_with():
    case = ScheduleInputs((1,), tuple("ABCDEF"), np.arange(6, dtype=np.int32), np.zeros(6), np.zeros((6, 1)))
    row = Rows("reach", ("reach(0)",), entries(np.array([0, 0]), np.array([1, 4]), 1.0, (1, 6)), "<=", np.ones(1))
    order = in_a_row(case, [row])
    assert [each in {1, 4} for each in order.tolist()] == [False, True, False, False, True, False]
    assert sorted(order.tolist()) == list(range(6))
    assert sorted(in_a_row(case, []).tolist()) == list(range(6))
