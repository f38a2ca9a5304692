"""Experiments in; where planted values went, who leaks more and what a privacy policy costs, out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.api.shown import Shown, frame, page
from workbench.api.words import in_python

if TYPE_CHECKING:
    import pandas

    from workbench.api.experiments import Experiment


class Leakage(Shown):
    """Where planted values went: made-up private values that are counted by exact search, no detector judges.

    Source: `workbench.verdicts.leaks`, as `workbench leakage` prints it; of no event the exact one-sided 95 % bound
    1 - 0.05^(1/n), n documents (Hanley and Lippman-Hand, JAMA 249, 1983).
    """

    def __init__(self, report: dict[str, Any], by: str) -> None:
        self.report, self._by = report, by
        """As `workbench leakage --json` writes it."""

    @property
    def refused(self) -> list[str]:
        """Why figures are not shown, by experiment: a control failed; empty: all are."""
        from workbench.verdicts import leaks

        return leaks.refusals(self.report)

    @property
    def df(self) -> pandas.DataFrame:
        """One row a backend, track, policy and channel.

        Columns: policy, backend, track, channel (retrieved, prompt: sent to a model, answer: told to somebody who may
        not know, cross: another tenant's, class: above the asker's clearance), events and n (planted documents), share
        (0 to 1), low, high (95 %; of no event high is the bound).
        """
        return frame(self._rows(), ("policy", "backend", "track", "channel", "events", "n", "share", "low", "high"))

    def to_dict(self) -> dict[str, Any]:
        """Plain values: `report`."""
        return self.report

    def _rows(self) -> Iterable[dict[str, Any]]:
        from workbench.exhibits.leak_counts import CHANNELS, counts, shown, tracks

        for one in self.report["experiments"]:
            for track in tracks(self.report):
                for backend, found in counts(self.report, one["policy"], track).items():
                    for channel in CHANNELS:
                        if channel in shown(self.report):
                            leaks = found["documents"]["all"]["all"][channel]
                            yield {
                                "policy": one["policy"],
                                "backend": backend,
                                "track": track,
                                "channel": channel,
                                **{name: leaks[name] for name in ("events", "n", "share", "low", "high")},
                            }

    def _exhibits(self) -> list[Any]:
        from workbench.exhibits.leak_counts import policies, tracks
        from workbench.exhibits.leakage import channels

        return [
            channels(self.report, policy, track)
            for track in tracks(self.report)
            for policy in policies(self.report, track)
        ]

    def _headline(self) -> str:
        if self.refused:
            return "\n".join(self.refused)
        made = self._exhibits()
        if len(made) == 1:
            return str(made[0].says)
        # Several say the same of other runs: the policy and the track that a title ends with tell them apart.
        return "\n".join(f"{exhibit.title.partition(', ')[2]}: {exhibit.says}" for exhibit in made)

    def _lines(self) -> Iterable[Any]:
        from workbench.verdicts import leak_table as table

        return table.lines(self.report, self._by)

    def _repr_html_(self) -> str:
        if self.refused:
            return page("Where planted values went", self.refused)
        return "".join(exhibit._repr_html_() for exhibit in self._exhibits())


@in_python
def leakage(experiment: Experiment | str | Path, *others: Experiment | str | Path, by: str = "") -> Leakage:
    """Say where planted values went, which backend leaks more, and what a privacy policy costs. Calls no model.

    Args:
        experiment: of `wb.run` or `wb.open`, or its folder.
        others: the same questions under other values of `privacy`, one of each.
        by: tenant, kind or classification: `print` has a table by that too; empty: none.

    Raises:
        BadInput: nothing was planted, two of one policy, or experiments that differ in more.

    Source: `workbench.verdicts.leaks.report`.
    """
    from workbench.api.experiments import opened
    from workbench.verdicts import leaks
    from workbench.verdicts.leak_table import choose_group

    choose_group(by)
    return Leakage(leaks.report([opened(each).folder for each in (experiment, *others)]), by)
