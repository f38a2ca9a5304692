"""The p-values of one family of comparisons come in, what is left of them after Holm's correction goes out."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given: reject where one is at most alpha, and one false alarm in the whole family
    is at most as likely as alpha, however the comparisons hang together.

    Raises:
        ValueError: one outside 0..1.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979): the i-th smallest of m, i from 0, times m - i.
    """
    order, adjusted, floor = _ascending(p_values), [0.0] * len(p_values), 0.0
    for place, index in enumerate(order):
        floor = max(floor, min(1.0, (len(order) - place) * p_values[index]))
        adjusted[index] = floor
    return adjusted


def holm_levels(p_values: Sequence[float], alpha: float = 0.05) -> list[float]:
    """The level at which each comparison is judged on its own, in the order given: p <= level where holm(p) <= alpha.

    From the first that is not rejected on, all share one level. An interval of confidence 1 - level belongs to each.

    Raises:
        ValueError: a p-value outside 0..1.
    """
    order, levels, stopped = _ascending(p_values), [0.0] * len(p_values), 0.0
    for place, index in enumerate(order):
        levels[index] = stopped or alpha / (len(order) - place)
        if p_values[index] > levels[index]:
            stopped = levels[index]
    return levels


def _ascending(p_values: Sequence[float]) -> list[int]:
    if not all(0 <= p <= 1 for p in p_values):
        raise ValueError(f"not all p-values lie between 0 and 1: {min(p_values)} to {max(p_values)}")
    return sorted(range(len(p_values)), key=lambda index: p_values[index])
