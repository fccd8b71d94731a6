"""Which rows can be overstepped, against trying every choice."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from fmtool.schedule.rows import oversteppable


@given(seed=st.integers(0, 10**9))
@settings(max_examples=150, deadline=None)
def test_a_row_can_be_overstepped_exactly_where_some_choice_does(seed):
    rng = np.random.default_rng(seed)
    count = rng.integers(1, 4, rng.integers(1, 5))
    owner = np.repeat(np.arange(len(count)) * 2 + 1, count)  # numbers need not follow each other
    rows = int(rng.integers(1, 5))
    use = rng.integers(-3, 4, (rows, len(owner))) * (rng.random((rows, len(owner))) < 0.6)
    rhs = rng.integers(-4, 7, rows).astype(float)
    choices = itertools.product(*(np.flatnonzero(owner == each) for each in np.unique(owner)))
    most = np.max([use[:, list(choice)].sum(axis=1) for choice in choices], axis=0)
    found = oversteppable(sparse.csr_array(use.astype(float)), rhs, owner)
    assert found.tolist() == (most > rhs).tolist()
