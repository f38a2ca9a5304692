"""Values and the cluster of each come in, one total and size per cluster goes out, in an order of its own.

Questions on one document, or of one tenant, err together: then clusters are the observations, not questions.
"""

from collections.abc import Hashable, Sequence
from math import fsum

FEWEST = 20
"""Below, intervals over clusters cover less than they promise; with rare events or a few huge clusters they do so above
too: benchmarks/verdicts.py says how much."""


class TooFewClusters(ValueError):
    """Fewer clusters than an interval over clusters can stand on."""


def totals(
    values: Sequence[float], clusters: Sequence[Hashable], *, fewest: int = FEWEST
) -> tuple[list[float], list[int]]:
    """Sum and size of each cluster, ordered by them, so that neither names nor the order of questions matter.

    Args:
        values: one per question.
        clusters: the cluster of each value, in the same order.
        fewest: how many clusters there must be.

    Raises:
        ValueError: the two differ in length.
        TooFewClusters: fewer than `fewest`.
    """
    if len(values) != len(clusters):
        raise ValueError(f"{len(values)} values, but {len(clusters)} of them have a cluster")
    members: dict[Hashable, list[float]] = {}
    for value, cluster in zip(values, clusters, strict=True):
        members.setdefault(cluster, []).append(value)
    enough(len(members), fewest)
    ordered = sorted((fsum(group), len(group)) for group in members.values())
    return [each for each, _ in ordered], [size for _, size in ordered]


def enough(clusters: int, fewest: int = FEWEST) -> None:
    """Make sure that an interval can stand on so many clusters.

    Raises:
        TooFewClusters: it cannot.
    """
    if clusters < fewest:
        raise TooFewClusters(
            f"{clusters} clusters are too few for an interval, which would promise more than it holds: "
            f"needed are {fewest}; add clusters, or compare questions as if they were independent and say so"
        )
