"""Paired differences come in, the p-value of "it makes no difference" goes out."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING, Literal

from workbench.stats.clusters import totals
from workbench.stats.interval import finite

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Alternative = Literal["two-sided", "greater", "less"]

DRAWS = 10_000
ENUMERATED = 20
"""Up to so many differences that are not zero, all 2^20 signs are tried; above, some are drawn."""

_SAME = 1e-12
"""Two sums of the same numbers in another order differ by less than this share of their size."""


@dataclass(frozen=True, slots=True)
class Tested:
    """A p-value with what it is about."""

    p: float
    effect: float
    """Mean difference, in the unit of the differences; of 0/1 pairs the difference of the two shares."""
    n: int
    """Pairs, those without a difference included."""
    method: str
    alternative: Alternative = "two-sided"


def mcnemar(gained: int, lost: int, n: int, alternative: Alternative = "two-sided") -> Tested:
    """Exact McNemar test of paired 0/1: are gains and losses equally likely?

    Args:
        gained: pairs that went from 0 to 1.
        lost: pairs that went from 1 to 0.
        n: all pairs.
        alternative: "greater" asks for more gains than losses.

    Raises:
        ValueError: a negative count, or more discordant pairs than pairs.

    Source: binomial test of gains among discordant pairs at 1/2; McNemar, Psychometrika 12 (1947).
    """
    if min(gained, lost) < 0 or gained + lost > n or n < 1:
        raise ValueError(f"{gained} gains and {lost} losses do not fit into {n} pairs")
    return Tested(_binomial(gained, lost, alternative), (gained - lost) / n, n, "exact McNemar", alternative)


def permutation_test(
    differences: Sequence[float],
    *,
    clusters: Sequence[Hashable] | None = None,
    alternative: Alternative = "two-sided",
    draws: int = DRAWS,
    seed: int = 0,
) -> Tested:
    """Paired permutation test: if the two were exchangeable, every difference could as well have the other sign.

    Differences all of one size are counted as in McNemar's test, whatever their number. Else up to 20 that are not
    zero are enumerated; above, signs are drawn and p = (1 + as extreme) / (1 + draws), so that it is never zero.

    Args:
        differences: one per pair, any order.
        clusters: the cluster of each pair; then all differences of a cluster change sign together. Few clusters are
            no error here: the test stays exact, but with fewer than 6 it can show nothing.
        alternative: "greater" asks whether the mean difference is above zero.
        draws: how many assignments of signs are drawn.
        seed: of numpy's default generator.

    Raises:
        ValueError: no differences, one that is no number, or a length that differs.

    Source: Fisher, The Design of Experiments (1935), section 21; + 1: Phipson & Smyth, SAGMB 9 (2010).
    """
    differences = finite(differences)
    n = len(differences)
    if not n:
        raise ValueError("no pairs to test")
    units = differences if clusters is None else totals(differences, clusters, fewest=1)[0]
    over = "" if clusters is None else f" over {len(units)} clusters"
    total = fsum(units)
    largest = max(map(abs, units))
    sizes = sorted((abs(each) for each in units if abs(each) > _SAME * largest), reverse=True)
    if not sizes or sizes[0] - sizes[-1] <= _SAME * sizes[0]:
        positive = sum(each > _SAME * largest for each in units)
        p, method = _binomial(positive, len(sizes) - positive, alternative), f"exact sign flips{over}"
    elif len(sizes) <= ENUMERATED:
        p, method = _share_extreme(_every(sizes), total, fsum(sizes), alternative), f"exact sign flips{over}"
    else:
        share = _share_extreme(_drawn(sizes, draws, seed), total, fsum(sizes), alternative)
        p, method = (1 + round(share * draws)) / (1 + draws), f"{draws} random sign flips{over}"
    return Tested(p, total / n, n, method, alternative)


def smallest_p(units: int, alternative: Alternative = "two-sided") -> float:
    """The smallest p that so many pairs or clusters can give, all differing one way: 2^-units for each side."""
    return min(1.0, (2 if alternative == "two-sided" else 1) * 0.5**units)


def _binomial(gained: int, lost: int, alternative: Alternative) -> float:
    from scipy.special import bdtr

    count = gained + lost
    if not count:
        return 1.0
    if alternative == "two-sided":
        return min(1.0, 2 * float(bdtr(min(gained, lost), count, 0.5)))
    return float(bdtr(lost if alternative == "greater" else gained, count, 0.5))


def _every(sizes: list[float]) -> "NDArray[np.float64]":
    """All sums of the sizes under every assignment of signs."""
    import numpy as np

    sums = np.zeros(1)
    for size in sizes:
        sums = np.concatenate([sums + size, sums - size])
    return sums


def _drawn(sizes: list[float], draws: int, seed: int) -> "NDArray[np.float64]":
    """Sums under random signs."""
    import numpy as np

    random, positive = np.random.default_rng(seed), np.zeros(draws)
    for start in range(0, len(sizes), 64):
        part = np.array(sizes[start : start + 64])
        positive += part @ signs(random, len(part), draws).astype(float)
    return 2 * positive - fsum(sizes)


def signs(random: "np.random.Generator", rows: int, draws: int) -> "NDArray[np.uint8]":
    """Zeros and ones, a row for each difference and a column for each draw, so that further rows change none before."""
    import numpy as np

    raw = random.integers(0, 2**64 - 1, (rows, -(-draws // 64)), dtype=np.uint64, endpoint=True)
    return np.unpackbits(raw.astype("<u8").view(np.uint8), axis=1)[:, :draws]


def _share_extreme(sums: "NDArray[np.float64]", total: float, scale: float, alternative: Alternative) -> float:
    import numpy as np

    close = _SAME * scale
    if alternative == "two-sided":
        extreme = np.abs(sums) >= abs(total) - close
    else:
        extreme = sums >= total - close if alternative == "greater" else sums <= total + close
    return float(extreme.mean())
