"""Many samples at once come in, the bounds or p-values of all of them go out: `workbench.stats` for whole matrices.

A row is a sample. Each function is compared with the shipped one on the first rows whenever it is called.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtrit

from workbench import stats
from workbench.stats.paired import signs

Matrix = NDArray[np.float64]
Bounds = tuple[Matrix, Matrix]

COMPARED = 3
"""Rows that are given to the shipped function too."""


def by_t(values: Matrix) -> Bounds:
    """Student's interval of each row's mean."""
    n, middle = values.shape[1], values.mean(axis=1)
    half = stdtrit(n - 1, 0.975) * values.std(axis=1, ddof=1) / n**0.5
    _same(values, (middle - half, middle + half), stats.mean_interval)
    return middle - half, middle + half


def by_bca(values: Matrix, draws: int) -> Bounds:
    """BCa bootstrap of each row's mean."""
    ordered = np.sort(values, axis=1)
    found = _bca(ordered, np.ones_like(ordered), draws)
    _same(values, found, lambda row: stats.bootstrap_interval(row, draws=draws))
    return found


def by_clustered_t(sums: Matrix, sizes: Matrix) -> Bounds:
    """Student's interval over clusters of each row's mean of all values."""
    count, n = sums.shape[1], sizes.sum(axis=1)
    middle = sums.sum(axis=1) / n
    moved = (((sums - middle[:, None] * sizes) / (n[:, None] - sizes)) ** 2).sum(axis=1)
    half = stdtrit(count - 1, 0.975) * np.sqrt((count - 1) / count * moved)
    _same_clusters(sums, sizes, (middle - half, middle + half), stats.mean_interval)
    return middle - half, middle + half


def by_clustered_bca(sums: Matrix, sizes: Matrix, draws: int) -> Bounds:
    """BCa bootstrap over clusters of each row's mean of all values."""
    order = np.lexsort((sizes, sums))
    found = _bca(np.take_along_axis(sums, order, 1), np.take_along_axis(sizes, order, 1), draws)
    _same_clusters(
        sums, sizes, found, lambda row, *, clusters: stats.bootstrap_interval(row, clusters=clusters, draws=draws)
    )
    return found


def p_values(differences: Matrix, draws: int) -> Matrix:
    """Two-sided p of random sign flips of each row, which must hold more than 20 differences that are not zero."""
    sizes = -np.sort(-np.abs(differences), axis=1)
    flips = signs(np.random.default_rng(0), differences.shape[1], draws).astype(np.float64)
    found, total = np.empty(len(differences)), np.abs(differences.sum(axis=1))
    for start in range(0, len(differences), 500):
        part, seen = sizes[start : start + 500], total[start : start + 500, None]
        scale = part.sum(axis=1)[:, None]
        extreme = np.abs(2 * (part @ flips) - scale) >= seen - 1e-12 * scale
        found[start : start + 500] = (1 + extreme.sum(axis=1)) / (1 + draws)
    for row in range(COMPARED):
        assert stats.permutation_test(list(differences[row]), draws=draws).p == found[row]
    return found


def covered(bounds: Bounds, truth: float) -> float:
    """Share of rows whose interval holds the truth; a row that does not vary has none and counts as a miss."""
    low, high = bounds
    return float(((low <= truth) & (truth <= high) & (low < high)).mean())


def _bca(tops: Matrix, bottoms: Matrix, draws: int) -> Bounds:
    n = tops.shape[1]
    places = np.random.default_rng(0).integers(0, n, (draws, n))
    weights = np.zeros((draws, n))
    np.add.at(weights, (np.arange(draws)[:, None], places), 1)
    top, bottom = tops.sum(axis=1, keepdims=True), bottoms.sum(axis=1, keepdims=True)
    without = (top - tops) / (bottom - bottoms)
    pull = without.mean(axis=1, keepdims=True) - without
    drawn = np.sort((tops @ weights.T) / (bottoms @ weights.T), axis=1)
    # Sums in another order differ in the last digit; a draw equal to the whole must count as equal.
    close = 1e-12 * np.maximum(1e-300, np.abs(drawn).max(axis=1, keepdims=True))
    share = ((drawn < top / bottom - close).sum(axis=1) + (drawn <= top / bottom + close).sum(axis=1)) / (2 * draws)
    bias = ndtri(np.clip(share, 0.5 / draws, 1 - 0.5 / draws))
    with np.errstate(invalid="ignore", divide="ignore"):
        acceleration = np.nan_to_num((pull**3).sum(axis=1) / (6 * (pull**2).sum(axis=1) ** 1.5))
    ends = []
    for tail in (0.025, 0.975):
        shifted = bias + ndtri(tail)
        at = ndtr(bias + shifted / (1 - acceleration * shifted)) * (draws - 1)
        below = np.clip(np.floor(at).astype(int), 0, draws - 2)
        pair = np.take_along_axis(drawn, np.stack([below, below + 1], axis=1), 1)
        ends.append(pair[:, 0] + (at - below) * (pair[:, 1] - pair[:, 0]))
    return ends[0], ends[1]


def _same(values: Matrix, bounds: Bounds, shipped: object) -> None:
    for row in range(COMPARED):
        _compare(shipped(list(values[row])), bounds, row)  # type: ignore[operator]


def _same_clusters(sums: Matrix, sizes: Matrix, bounds: Bounds, shipped: object) -> None:
    """Only totals are known here: ones first where they are counts, else every member is the cluster's mean."""
    if sums.shape[1] < 20:
        return
    for row in range(COMPARED):
        counts = sizes[row].astype(int)
        clusters = np.repeat(np.arange(len(counts)), counts)
        if (sums[row] == np.floor(sums[row])).all():
            place = np.concatenate([np.arange(count) for count in counts])
            values = (place < np.repeat(sums[row], counts)).astype(float)
        else:
            values = np.repeat(sums[row] / sizes[row], counts)
        _compare(shipped(values.tolist(), clusters=clusters.tolist()), bounds, row)  # type: ignore[operator]


def _compare(found: stats.Interval | None, bounds: Bounds, row: int) -> None:
    low, high = bounds[0][row], bounds[1][row]
    same = found is None or max(abs(found.low - low), abs(found.high - high)) < 1e-9
    assert same, f"{found} is not {low} to {high}"
