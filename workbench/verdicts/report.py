"""Folders of experiments and settings come in, every verdict on their runs goes out as plain values for JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast, get_args

from workbench.comparison import CONTROL
from workbench.errors import BadInput
from workbench.stats.clusters import FEWEST
from workbench.verdicts import judged, sides, walls, wording
from workbench.verdicts import margins as margin_words
from workbench.verdicts.findings import ALPHA
from workbench.verdicts.judged import By, Findings, Settings
from workbench.verdicts.leaderboard import leaderboard
from workbench.verdicts.metrics import LEAKS, MAIN, metric
from workbench.verdicts.pairs import Clustered, Family, Pair, Row, clusters_of, families, rows
from workbench.verdicts.values import paired


def compare(
    folders: Sequence[Path],
    *,
    margins: Sequence[str] = (),
    against: str = "",
    by: By = "",
    clustered: Clustered = "none",
) -> dict[str, Any]:
    """Compare the runs of saved experiments, question by question.

    Args:
        folders: one experiment or several.
        margins: such as `F1=0.02` or `USD=5%`.
        against: a backend that all others are compared with; empty: all with all.
        by: judge groups of questions too.
        clustered: questions of one document or tenant err together and are drawn together.

    Returns:
        `folders`; `settings`; `notes`, what differs between them; `bugs`, where parity does not hold; `rows`, see
        `leaderboard`; `families`, each with `title`, `pairs` (`after`, `before`, `sentence`, whether it
        is `told`, `findings` by path, `wall_ms`) and, with `by`, `groups` (`group`, `n`, `pairs`).

    Raises:
        BadInput: a folder without an experiment, an unknown name, no question in common, or too few clusters.
    """
    opened = sides.read(folders)
    listed = rows(opened.sides)
    _check_clusters(listed, opened.common, clustered)
    measured = sorted({path for row in listed for path in row.cell.values})
    widths = margin_words.read(margins, measured)
    known = (*MAIN, *(leak for leak in LEAKS if leak.path in measured))
    figures = (*known, *(each for path in widths if (each := metric(path)) not in known))
    settings = Settings(figures, widths, opened.common, clustered, by, against or CONTROL)
    found = families(listed, against)
    told = [_family(family, settings) for family in found]
    return {
        "folders": [
            {
                "mark": side.mark,
                "folder": str(side.folder),
                "workload": side.about["workload"],
                "started": side.about["started"],
                "model": next(iter(side.cells.values())).identity.recipe.model,
                "seed": side.about["seed"],
            }
            for side in opened.sides
        ],
        "settings": {
            "alpha": ALPHA,
            "margins": {metric(path).name: str(width) for path, width in widths.items()},
            "against": against,
            "clusters": clustered,
            "by": by,
            "questions_in_common": None if opened.common is None else len(opened.common),
        },
        "notes": [*opened.notes, *_unequal(listed, opened.common)],
        "bugs": [sentence for family in told for pair in family["pairs"] for sentence in pair.pop("bugs")],
        "rows": leaderboard(listed, opened.common, clustered),
        "families": told,
    }


def choose_by(named: str) -> By:
    """What questions are grouped by.

    Raises:
        BadInput: an unknown name.
    """
    for known in get_args(By):
        if named == known:
            return cast(By, known)
    raise BadInput(f"--by {named}: give tenant or kind")


def choose_clusters(named: str) -> Clustered:
    """What questions err together by.

    Raises:
        BadInput: an unknown name.
    """
    for known in get_args(Clustered):
        if named == known:
            return cast(Clustered, known)
    raise BadInput(f"--cluster {named}: give none, document or tenant")


def _check_clusters(listed: Sequence[Row], among: frozenset[str] | None, clustered: Clustered) -> None:
    if clustered == "none":
        return
    count = max(
        len({label for name, label in clusters_of(row.cell, clustered).items() if among is None or name in among})
        for row in listed
    )
    if count < FEWEST:
        raise BadInput(
            f"--cluster {clustered}: {count} are too few for an interval, needed are {FEWEST}; "
            "leave it out, and read the intervals as if questions were independent, which is optimistic"
        )


def _unequal(listed: Sequence[Row], among: frozenset[str] | None) -> list[str]:
    asked = {sum(among is None or name in among for name in row.cell.questions) for row in listed}
    if len(asked) < 2:
        return []
    return [
        f"from {min(asked)} to {max(asked)} questions were asked: each row has its own, each pair those that both have"
    ]


def _family(family: Family, settings: Settings) -> dict[str, Any]:
    findings = judged.whole(family, settings)
    return {
        "kind": family.kind,
        "title": family.title,
        "parity": family.parity,
        "correction": f"Holm over {len(family.pairs)} pairs" if len(family.pairs) > 1 else "no correction: one pair",
        "pairs": [
            {**_pair(family, pair, found, settings), "told": _told(family, pair, settings)}
            for pair, found in zip(family.pairs, findings, strict=True)
        ],
        "groups": _groups(family, settings) if settings.by else [],
    }


def _told(family: Family, pair: Pair, settings: Settings) -> bool:
    """Whether a pair's sentence is printed: with the reference, of the two best, and where each has one partner."""
    if family.kind != "backends" or pair.before.cell.backend == settings.reference:
        return True
    return family.leaders is not None and {pair.after, pair.before} == {family.leaders.after, family.leaders.before}


def _pair(family: Family, pair: Pair, findings: Findings, settings: Settings) -> dict[str, Any]:
    shift = walls.shift(pair.after.cell, pair.before.cell, settings.among, family.kind != "folders")
    wrong = _wrong(pair, findings, settings.among) if family.parity and _blamed(family, pair, settings) else {}
    return {
        **_names(pair),
        "sentence": wording.sentence(family, pair, findings, shift),
        "findings": judged.plain(findings),
        "wall_ms": shift.to_dict(),
        "bugs": [wording.bug(family, pair, wrong)] if wrong else [],
    }


def _blamed(family: Family, pair: Pair, settings: Settings) -> bool:
    """One backend that is off differs from all others: it is named once, against the reference."""
    references = {each.before.cell.backend for each in family.pairs} & {settings.reference}
    return not references or pair.before.cell.backend in references


def _names(pair: Pair) -> dict[str, str]:
    return {
        "after": pair.after.name,
        "before": pair.before.name,
        "label": f"{pair.after.cell.backend} / {pair.before.cell.backend}"
        if pair.after.cell.backend != pair.before.cell.backend
        else f"{pair.after.cell.backend}{f' {pair.after.cell.track}' if pair.after.mark != pair.before.mark else ''}",
    }


def _wrong(pair: Pair, findings: Findings, among: frozenset[str] | None) -> dict[str, int]:
    """Figures of quality that differ on parity, where neither failed: by name, on how many questions."""
    after, before = pair.after.cell, pair.before.cell
    failed = after.failures.keys() | before.failures.keys()
    found = {}
    for figure, finding in findings.items():
        if figure.path in wording.QUALITY:
            _, new, old = paired(after, before, figure.path, lambda name: name not in failed and _in(name, among))
            differing = sum(a != b for a, b in zip(new, old, strict=True))
            exact = figure.path in after.deterministic & before.deterministic
            if differing and (exact or (finding.outcome in ("better", "worse") and not failed)):
                found[figure.name] = differing
    return found


def _in(name: str, among: frozenset[str] | None) -> bool:
    return among is None or name in among


def _groups(family: Family, settings: Settings) -> list[dict[str, Any]]:
    groups: dict[str, dict[str, Any]] = {}
    for group, n, pair, findings in judged.grouped(family, settings):
        entry = groups.setdefault(group, {"group": group, "n": n, "pairs": []})
        entry["pairs"].append({**_names(pair), "findings": judged.plain(findings)})
    return list(groups.values())
