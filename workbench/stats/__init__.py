"""Numbers come in, figures with their intervals and verdicts go out. Knows nothing of retrieval, models or runs.

numpy and scipy are loaded by the first function that needs them, so that a command that prints a table starts at once.
"""

from workbench.stats.bootstrap import bootstrap_interval, share_of_clusters_interval, totals_ratio_interval
from workbench.stats.clusters import TooFewClusters
from workbench.stats.differences import MarginTest, ShareDifference, equivalence, estimate, large, noninferiority
from workbench.stats.interval import CONFIDENCE, Interval
from workbench.stats.means import Mean, mean, mean_interval
from workbench.stats.multiple import holm, holm_levels
from workbench.stats.paired import Tested, mcnemar, permutation_test, smallest_p
from workbench.stats.power import (
    Design,
    connor,
    detectable_mean,
    detectable_share,
    mean_power,
    questions_for_mean,
    questions_for_share,
    share_power,
)
from workbench.stats.quantiles import quantile, quantile_interval, quantile_shift_interval
from workbench.stats.ratios import Ratio, paired_ratio
from workbench.stats.shares import no_event_bound, share_interval, wilson
from workbench.stats.verdict import Outcome, Paired, Verdict, verdict, verdicts

__all__ = [
    "CONFIDENCE",
    "Design",
    "Interval",
    "MarginTest",
    "Mean",
    "Outcome",
    "Paired",
    "Ratio",
    "ShareDifference",
    "Tested",
    "TooFewClusters",
    "Verdict",
    "bootstrap_interval",
    "connor",
    "detectable_mean",
    "detectable_share",
    "equivalence",
    "estimate",
    "holm",
    "holm_levels",
    "large",
    "mcnemar",
    "mean",
    "mean_interval",
    "mean_power",
    "no_event_bound",
    "noninferiority",
    "paired_ratio",
    "permutation_test",
    "quantile",
    "quantile_interval",
    "quantile_shift_interval",
    "questions_for_mean",
    "questions_for_share",
    "share_interval",
    "share_of_clusters_interval",
    "share_power",
    "smallest_p",
    "totals_ratio_interval",
    "verdict",
    "verdicts",
    "wilson",
]
