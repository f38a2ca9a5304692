"""Experiments in, what was shown of their runs, pair by pair, out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.api.shown import Shown, frame, page
from workbench.api.words import in_python

if TYPE_CHECKING:
    import pandas

    from workbench.api.experiments import Experiment


class Comparison(Shown):
    """Verdicts on every two runs: better, worse, equivalent within a margin, or no difference shown.

    Source: `workbench.verdicts.report.compare`, as `workbench compare` prints it; the tests are named in `df`.
    """

    def __init__(self, report: dict[str, Any]) -> None:
        self.report = report
        """As `workbench compare --json` writes it."""

    @property
    def sentences(self) -> list[str]:
        """The verdicts to read: of each pair with the reference, and of the two best."""
        told = [pair["sentence"] for family in self.report["families"] for pair in family["pairs"] if pair["told"]]
        return [*self.report["bugs"], *told]

    @property
    def notes(self) -> list[str]:
        """What differs between the experiments beside what is compared."""
        return list(self.report["notes"])

    @property
    def df(self) -> pandas.DataFrame:
        """One row a finding: a figure of a pair, with `by` also of each group of questions.

        Columns: family (what is compared: the track, or tracks or folders), after, before (the two runs), group (empty:
        all questions), figure, outcome (better, worse, equivalent, no difference shown, not compared), difference
        (after less before; of tokens, USD and CPU their ratio), low, high (of the verdict, at its level after Holm's
        correction; None: none), n (questions), p, p_holm, test, detectable (the least difference that would have been
        seen in 4 of 5 cases), margin, why_not (where not compared).
        """
        return frame(self._findings())

    def to_dict(self) -> dict[str, Any]:
        """Plain values: `report`."""
        return self.report

    def _findings(self) -> Iterable[dict[str, Any]]:
        for family in self.report["families"]:
            yield from (row for pair in family["pairs"] for row in _rows(family["title"], pair, ""))
            for group in family["groups"]:
                yield from (row for pair in group["pairs"] for row in _rows(family["title"], pair, group["group"]))

    def _headline(self) -> str:
        return "\n".join(self.sentences or ["one run: nothing to compare it with; run a second backend"])

    def _lines(self) -> Iterable[Any]:
        from workbench.verdicts import table

        return table.lines(self.report)

    def _repr_html_(self) -> str:
        from workbench.verdicts.table import MARKS

        table: dict[tuple[str, str], dict[str, Any]] = {}
        for found in self._findings():
            if not found["group"]:
                label = f"{found['after']} / {found['before']}"
                row = table.setdefault((found["family"], label), {"Compared": found["family"], "Pair": label})
                row[found["figure"]] = MARKS.get(found["outcome"], "-")
        legend = "; ".join(f"{mark} {outcome}" for outcome, mark in MARKS.items())
        names = ", ".join(folder["folder"] for folder in self.report["folders"])
        return page(
            "Who is better", self._headline().split("\n"), list(table.values()), f"{names}; {legend}; - not compared"
        )


def _rows(family: str, pair: dict[str, Any], group: str) -> Iterable[dict[str, Any]]:
    for found in pair["findings"].values():
        interval = found.get("interval") or {}
        yield {
            "family": family,
            "after": pair["after"],
            "before": pair["before"],
            "group": group,
            "figure": found["name"],
            "outcome": found["outcome"],
            "difference": found["difference"],
            "low": interval.get("low"),
            "high": interval.get("high"),
            **{name: found.get(name) for name in ("n", "p", "p_holm", "test", "detectable", "margin", "why_not")},
        }


@in_python
def compare(
    experiment: Experiment | str | Path,
    *others: Experiment | str | Path,
    margins: Sequence[str] = (),
    against: str = "",
    by: str = "",
    cluster: str = "none",
) -> Comparison:
    """Say which run is better, worse or equivalent, question by question, and what could not be told. Calls no model.

    Args:
        experiment: of `wb.run` or `wb.open`, or its folder.
        others: to compare it with, backend by backend.
        margins: differences that do not matter, such as `F1=0.02` or `USD=5%`; without one nothing is equivalent.
        against: a backend that all others are compared with; empty: all with all.
        by: tenant or kind: judge groups of questions too.
        cluster: none, document or tenant: questions that err together are taken together.

    Raises:
        BadInput: a folder without an experiment, an unknown name, no question in common, or too few clusters.

    Source: `workbench.verdicts.report.compare`; figures and tests are explained in the page on methods.
    """
    from workbench.api.experiments import opened
    from workbench.verdicts.report import choose_by, choose_clusters
    from workbench.verdicts.report import compare as judge

    group, clustered = choose_by(by), choose_clusters(cluster)
    every = [opened(each) for each in (experiment, *others)]
    if not (others or margins or against or by) and clustered == "none":
        return Comparison(every[0].verdicts)  # the same, and made but once
    folders = [each.folder for each in every]
    return Comparison(judge(folders, margins=margins, against=against, by=group, clustered=clustered))
