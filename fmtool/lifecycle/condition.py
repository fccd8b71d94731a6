"""Condition of the five parts of a building and its expected decay.

A part is in grade A, B, C or D and moves only downwards, one grade at a time. The chance of moving on in
a year is 1 / (expected years in the grade), so the years in a grade are geometric with that mean; D is
left only by works. This is the expected-value Markov chain of the Blockbuster model of the UK Department
for Education. The condition index (健全度) is the mean of the parts' expected scores, weighted by part,
as in the ministry of education's guide for schools: 100 = all A, 10 = all D.

A year index ``t`` stands for the end of that year: ``t + 1`` years of decay after the plan's start.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmtool.errors import CurveError
from fmtool.lifecycle.stock import GRADES, PARTS, Stock
from fmtool.text import Text
from fmtool.workspace import Figures

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KINDS = ("repair", "renovate", "extend", "rebuild")
"""Works that restore condition."""
D = GRADES.index("D")


def part_weights(figures: Figures) -> Floats:
    """Return the (5,) weights of the parts, scaled to sum to 1."""
    weights = np.array([figures.number(f"condition.weight.{part}") for part in PARTS])
    return np.asarray(weights / weights.sum())


def grade_scores(figures: Figures) -> Floats:
    """Return the (4,) scores of grades A to D."""
    return np.array([figures.number(f"condition.score.{grade}") for grade in GRADES])


def restored_shares(figures: Figures, kind: str) -> Floats:
    """Return the (5,) share of each part that ``kind`` of works makes new."""
    if kind not in KINDS:
        raise CurveError(
            Text(f"「{kind}」は状態を回復する工事ではありません", f"`{kind}` does not restore condition"),
            Text(f"使えるもの: {'、'.join(KINDS)}", f"use one of {', '.join(KINDS)}"),
        )
    return np.array([figures.number(f"condition.restored.{kind}.{part}") for part in PARTS])


def condition_index(grades: ArrayLike, weights: Floats, scores: Floats) -> Floats:
    """Score inspected grades (..., 5), 0 = A to 3 = D: sum over parts of weight * score of the grade.

    >>> weights, scores = np.array([5.1, 17.2, 22.4, 8.0, 7.3]) / 60, np.array([100.0, 75.0, 40.0, 10.0])
    >>> condition_index([[0] * 5, [1] * 5, [2] * 5, [3] * 5], weights, scores).round(9).tolist()
    [100.0, 75.0, 40.0, 10.0]
    >>> float(condition_index([3, 2, 1, 0, 0], weights, scores).round(4))  # (51 + 688 + 1680 + 800 + 730) / 60
    65.8167
    """
    return np.asarray(scores[np.asarray(grades, dtype=np.int64)] @ weights)


def transition_matrix(years_in_grade: ArrayLike) -> Floats:
    """Return the (4, 4) yearly chances of moving from grade to grade, from the (3,) mean years in A, B, C.

    >>> transition_matrix([10, 5, 2]).tolist()
    [[0.9, 0.1, 0.0, 0.0], [0.0, 0.8, 0.2, 0.0], [0.0, 0.0, 0.5, 0.5], [0.0, 0.0, 0.0, 1.0]]
    """
    years = np.asarray(years_in_grade, dtype=np.float64)
    if np.any(years < 1):
        raise CurveError(
            Text(
                "models/condition.toml: 評価にとどまる年数は1年以上です",
                "models/condition.toml: years in a grade must be 1 or more",
            )
        )
    leaving = 1.0 / years
    return np.asarray(np.diag(np.append(1.0 - leaving, 1.0)) + np.diag(leaving, k=1))


def grade_shares(matrix: Floats, years: int) -> Floats:
    """Return the (4, years + 1, 4) chances of being in each grade, by grade at the start and years since.

    >>> grade_shares(transition_matrix([10, 5, 2]), 2)[0].round(4).tolist()  # from A: 0.81, 0.09 + 0.08, 0.02, 0
    [[1.0, 0.0, 0.0, 0.0], [0.9, 0.1, 0.0, 0.0], [0.81, 0.17, 0.02, 0.0]]
    """
    shares = np.empty((4, years + 1, 4))
    shares[:, 0] = np.eye(4)
    for year in range(years):
        shares[:, year + 1] = shares[:, year] @ matrix
    return shares


def parts_without_works(stock: Stock, figures: Figures, horizon_years: int) -> tuple[Floats, Floats]:
    """Return each part's expected score and share in D, both (F, 5, Y), if nothing is done.

    A part with an inspected grade starts in it; another starts in the state expected after the whole
    years since the building was built or had major works.
    """
    since = np.maximum(stock.age_years + stock.built_year - stock.renewed_year, 0)
    known, years_row = np.unique(since, return_inverse=True)
    score = np.empty((len(stock), len(PARTS), horizon_years))
    share_d = np.empty_like(score)
    ahead = np.arange(1, horizon_years + 1)
    oldest = int(known.max(initial=0))
    for part, matrix in enumerate(_matrices(figures)):
        shares = grade_shares(matrix, oldest + horizon_years)
        # One row for each starting grade, then one for each number of years since works.
        paths = np.concatenate([shares[:, ahead], shares[0][known[:, np.newaxis] + ahead]])
        grade = stock.grades[:, part].astype(np.int64)
        row = np.where(grade >= 0, grade, len(GRADES) + years_row)
        score[:, part] = (paths @ grade_scores(figures))[row]
        share_d[:, part] = paths[..., D][row]
    return score, share_d


def condition_without_works(stock: Stock, figures: Figures, horizon_years: int) -> tuple[Floats, Floats]:
    """Return (index (F, Y), share_D (F, 5, Y)) at the end of each year, if nothing is done."""
    score, share_d = parts_without_works(stock, figures, horizon_years)
    return np.einsum("fpy,p->fy", score, part_weights(figures)), share_d


def parts_after_renewal(figures: Figures, horizon_years: int) -> tuple[Floats, Floats]:
    """Return a new part's expected score and share in D, both (5, Y + 1), by whole years since."""
    paths = np.stack([grade_shares(matrix, horizon_years)[0] for matrix in _matrices(figures)])
    return np.asarray(paths @ grade_scores(figures)), np.asarray(paths[..., D])


def condition_after_works(figures: Figures, horizon_years: int, kind: str) -> tuple[Floats, Floats]:
    """Return (index (Y + 1,), share_D (5, Y + 1)) by whole years since completion of ``kind``.

    ``kind`` is one of repair, renovate, extend, rebuild; column 0 is the moment of completion. Of each part
    the share that the works make new starts in A; the rest goes on in the state expected when it has
    reached the age of the first mid-cycle repair (20 years) since it was new, for the building's own state is not
    known here. `condition_with_works` knows it.
    """
    restored = restored_shares(figures, kind)[:, np.newaxis]
    age = int(figures.number("cycles.extend.repair_age"))
    score, share_d = parts_after_renewal(figures, horizon_years + age)
    new, old = slice(0, horizon_years + 1), slice(age, horizon_years + age + 1)
    mixed_score = restored * score[:, new] + (1.0 - restored) * score[:, old]
    mixed_d = restored * share_d[:, new] + (1.0 - restored) * share_d[:, old]
    return part_weights(figures) @ mixed_score, mixed_d


def condition_with_works(
    stock: Stock, figures: Figures, horizon_years: int, kind: str, done_year_index: Ints
) -> tuple[Floats, Floats]:
    """Return (index (F, Y), share_D (F, 5, Y)) when works are completed at the end of a year.

    From completion on:  restored share * a new part + (1 - restored share) * the part as it would have been

    Parameters
    ----------
    stock, figures, horizon_years
        As for `condition_without_works`.
    kind
        One of repair, renovate, extend, rebuild.
    done_year_index
        (F,) year index of completion; the horizon or more = never.
    """
    score, share_d = parts_without_works(stock, figures, horizon_years)
    new_score, new_d = parts_after_renewal(figures, horizon_years)
    since = np.arange(horizon_years) - np.asarray(done_year_index)[:, np.newaxis]
    restored = np.where(since >= 0, 1.0, 0.0)[:, np.newaxis, :] * restored_shares(figures, kind)[:, np.newaxis]
    column = np.maximum(since, 0)
    score = restored * new_score[:, column].transpose(1, 0, 2) + (1.0 - restored) * score
    share_d = restored * new_d[:, column].transpose(1, 0, 2) + (1.0 - restored) * share_d
    return np.einsum("fpy,p->fy", score, part_weights(figures)), share_d


def _matrices(figures: Figures) -> list[Floats]:
    return [
        transition_matrix([figures.number(f"condition.years_in_grade.{part}.{grade}") for grade in "ABC"])
        for part in PARTS
    ]
