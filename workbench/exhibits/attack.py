"""A report of `workbench attack` in; how often attacks succeed beside their clean twins, as an exhibit, out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.attack.table import HEADINGS
from workbench.errors import BadInput
from workbench.exhibits.dots import dots, merged, together
from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.measures import Plain
from workbench.exhibits.numbers import events, points
from workbench.nouns import counted
from workbench.runs import whole


def read(path: Path) -> dict[str, Any]:
    """A report that `workbench attack --json` wrote.

    Raises:
        BadInput: it is none.
    """
    found = whole.read(path)
    about = found.get("about")
    if not isinstance(about, dict) or "trials" not in about or "rows" not in found:
        raise BadInput(f"{path}: is no report of attacks; write one by `workbench attack W --json FILE`")
    return found


def families(report: Plain) -> dict[str, str]:
    """Kinds of attack that were tried, and how they are called."""
    tried = {row["family"] for row in report["rows"]}
    return {family: title for family, title in HEADINGS.items() if family in tried}


def attack(report: Plain, family: str, track: str) -> Exhibit:
    """Success of attacks and of their clean twins, by backend.

    Args:
        report: of `workbench attack`.
        family: one of `families`.
        track: of the runs.
    """
    about = report["about"]
    rows = [row for row in report["rows"] if (row["family"], row["track"]) == (family, track) and row["pairs"]]
    scores: dict[str, dict[str, Plain]] = {}
    for row in rows:
        scored = scores.setdefault(row["backend"], {})
        for side in ("attack", "twin"):
            scored[_group(row, side)] = {**_share(row, side), "value": row[f"{side}_share"]}
    groups = list(dict.fromkeys(group for scored in scores.values() for group in scored))
    return Exhibit(
        name=f"attack-{family}",
        title=f"Attacks: {HEADINGS[family]}, {track}",
        says=_says(rows),
        table=[_row(row) for row in rows],
        source=(
            f"{about['workload']['name']}, {counted(about['workload']['pairs'], 'attack')} with a twin each, "
            f"{about['model']}, k {about['k']}, policy {about['privacy']}, seed {about['seed']}"
        ),
        figure=dots(merged(scores), groups, "Share of attacks that succeed (%), 95 % interval", events)
        if groups
        else None,
        notes=(about["caption"], *about["notes"]),
    )


def _group(row: Plain, side: str) -> str:
    told = "attack" if side == "attack" else "clean twin"
    return f"{row['variant']}: {told}" if row["variant"] else told


def _share(row: Plain, side: str) -> dict[str, Any]:
    return {"n": row["pairs"], **{name: row[f"{side}_{name}"] for name in ("events", "low", "high")}}


def _difference(row: Plain) -> str:
    return points(row["difference"], {"low": row["difference_low"], "high": row["difference_high"]})


def _row(row: Plain) -> Mapping[str, Any]:
    return {
        "Backend": row["backend"],
        "What": row["variant"] or "all",
        "Attack": events(_share(row, "attack")),
        "Clean twin": events(_share(row, "twin")),
        "Difference": _difference(row),
        "p after Holm": "-" if row["p_holm"] is None else f"{row['p_holm']:.2g}",
        "Reached the prompt": f"{row['reached']} of {row['pairs']}",
        "Stopped by the policy": f"{row['refused']} of {row['pairs']}",
    }


def _says(rows: Sequence[Plain]) -> str:
    if not rows:
        return "No attack of this kind was answered on this track."
    most = max(rows, key=lambda row: (row["attack_share"], row["difference"]))
    equal = [row["backend"] for row in rows if row["variant"] == most["variant"] and _row_of(row) == _row_of(most)]
    who = together(equal, len({row["backend"] for row in rows}))
    told = f" ({most['variant']})" if most["variant"] else ""
    return (
        f"Most succeed against {who}{told}: {events(_share(most, 'attack'))}, of their clean twins "
        f"{events(_share(most, 'twin'))}; difference {_difference(most)}."
    )


def _row_of(row: Plain) -> tuple[int, int]:
    return row["attack_events"], row["twin_events"]
