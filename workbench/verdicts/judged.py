"""Pairs of runs come in, the findings on every figure go out, pairs by pairs or group of questions by group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from workbench.nouns import counted
from workbench.verdicts.findings import Finding, Observed, judge
from workbench.verdicts.margins import JUDGED_TIME, Margin
from workbench.verdicts.metrics import Metric
from workbench.verdicts.pairs import Clustered, Family, Pair, observe

By = Literal["", "tenant", "kind"]

FEWEST = 20
"""Questions of a group; below, its verdict would nearly always be "no difference shown", whatever is true."""

Findings = dict[Metric, Finding]


@dataclass(frozen=True, slots=True)
class Settings:
    """What all comparisons of a report share."""

    figures: tuple[Metric, ...]
    margins: Mapping[str, Margin]
    """By dotted path."""
    among: frozenset[str] | None
    """Questions that count; None: all."""
    clustered: Clustered
    by: By
    reference: str
    """The backend that groups are compared with."""


def whole(family: Family, settings: Settings) -> list[Findings]:
    """The findings of every pair of a family, in its order; of one figure, its pairs are corrected for together."""
    return _judged([(pair, settings.among) for pair in family.pairs], family, settings, fewest=0)


def grouped(family: Family, settings: Settings) -> list[tuple[str, int, Pair, Findings]]:
    """Pairs with the reference alone, in every group of questions; without CPU.

    Returns:
        Group, questions in it, pair, findings; of one figure, all groups and pairs are corrected for together. A group
        that is too small for a verdict is described.
    """
    chosen = [
        pair for pair in family.pairs if family.kind != "backends" or pair.before.cell.backend == settings.reference
    ]
    members = _members(chosen, settings)
    keys = [(group, pair) for group in members for pair in chosen]
    # How fast a framework is does not hang on the sort of question; what it is asked does.
    figures = tuple(figure for figure in settings.figures if figure.path != JUDGED_TIME)
    some = replace(settings, figures=figures)
    found = _judged([(pair, members[group]) for group, pair in keys], family, some, fewest=FEWEST)
    return [(group, len(members[group]), pair, each) for (group, pair), each in zip(keys, found, strict=True)]


def _members(pairs: Sequence[Pair], settings: Settings) -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for cell in (pair.before.cell for pair in pairs):
        labels = cell.tenants if settings.by == "tenant" else cell.kinds
        for name, label in zip(cell.questions, labels, strict=True):
            if label and (settings.among is None or name in settings.among):
                groups.setdefault(label, set()).add(name)
    return {label: frozenset(groups[label]) for label in sorted(groups)}


def _judged(
    chosen: Sequence[tuple[Pair, frozenset[str] | None]], family: Family, settings: Settings, fewest: int
) -> list[Findings]:
    found: list[Findings] = [{} for _ in chosen]
    for figure in settings.figures:
        seen = [
            _enough(observe(pair, figure.path, among, settings.clustered, family.kind != "folders"), fewest)
            for pair, among in chosen
        ]
        for place, finding in enumerate(judge(figure, seen, settings.margins.get(figure.path))):
            found[place][figure] = finding
    return found


def _enough(seen: Observed, fewest: int) -> Observed:
    if seen.why_not or len(seen.after) >= fewest:
        return seen
    return replace(seen, why_not=f"{counted(len(seen.after), 'question is', 'questions are')} too few")


def plain(findings: Findings) -> dict[str, Any]:
    """Plain values for JSON, by dotted path."""
    return {figure.path: {"name": figure.name, **found.to_dict()} for figure, found in findings.items()}
