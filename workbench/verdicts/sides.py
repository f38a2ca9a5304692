"""Folders of experiments come in, what of them can be compared and in what they differ goes out."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import orjson

from workbench.errors import BadInput
from workbench.nouns import counted
from workbench.records import Gold
from workbench.runs.store import Experiment
from workbench.verdicts.values import Cell, Key, values


@dataclass(frozen=True, slots=True)
class Side:
    """One experiment."""

    mark: str
    """A letter where there are several, else empty."""
    folder: Path
    about: dict[str, Any]
    cells: dict[Key, Cell]

    @property
    def workload_hash(self) -> str:
        """Of what was asked."""
        return str(self.about["workload"]["hash"])


@dataclass(frozen=True, slots=True)
class Compared:
    """Experiments side by side."""

    sides: tuple[Side, ...]
    common: frozenset[str] | None
    """Questions that all have by id and gold; None: they are of one workload, so all of them are."""
    notes: tuple[str, ...]
    """What differs, and what is left out for it."""


def read(folders: Sequence[Path]) -> Compared:
    """Open saved experiments.

    Raises:
        BadInput: no experiment there, one named twice, one that nothing was asked in, or none of the questions shared.
    """
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise BadInput("the same folder is named twice; give different experiments")
    if len(folders) > len(ascii_uppercase):
        raise BadInput(f"{len(folders)} folders: at most {len(ascii_uppercase)} are compared at once")
    experiments = [Experiment.open(folder) for folder in folders]
    marks = ascii_uppercase if len(folders) > 1 else [""]
    sides = tuple(
        Side(mark, experiment.folder, experiment.about(), values(experiment))
        for mark, experiment in zip(marks, experiments, strict=False)
    )
    for side in sides:
        if not side.cells:
            raise BadInput(f"{side.folder}: no backend has answered yet; run the same command again")
    common, notes = _common(sides, experiments)
    return Compared(sides, common, (*notes, *_differences(sides)))


def _common(sides: Sequence[Side], experiments: Sequence[Experiment]) -> tuple[frozenset[str] | None, list[str]]:
    if len({side.workload_hash for side in sides}) == 1:
        return None, []
    with_texts = all(next(experiment.question_texts(), None) for experiment in experiments)
    digests = [
        {name: _digest(known, with_texts) for name, known in experiment.gold().items()} for experiment in experiments
    ]
    shared = frozenset(
        name for name, digest in digests[0].items() if all(other.get(name) == digest for other in digests[1:])
    )
    marks = _list(f"{side.mark} {side.workload_hash[:8]}" for side in sides)
    if not shared:
        raise BadInput(f"workloads {marks} have no question in common by id and gold: there is nothing to pair")
    documents = [side.about["workload"]["documents"] for side in sides]
    notes = [
        f"different workloads ({marks}): compared on the {counted(len(shared), 'question')} with the same id and gold"
        + ("" if with_texts else " (evidence alone: the gold answers' texts are gone)")
    ]
    if len(set(documents)) > 1:
        told = _list(f"{side.mark} {number}" for side, number in zip(sides, documents, strict=True))
        notes.append(f"documents searched: {told}; among more of them evidence is harder to find")
    return shared, notes


def _digest(known: Gold | None, with_texts: bool) -> bytes:
    if known is None:
        return b""
    plain = {**asdict(known), "kind": "", "drafted": False, "answers": sorted(known.answers) if with_texts else []}
    if not with_texts:
        plain["parts"] = []
    return hashlib.sha256(orjson.dumps(plain)).digest()


def _differences(sides: Sequence[Side]) -> list[str]:
    if len(sides) < 2:
        return []
    first = _settings(sides[0])
    told = []
    for side in sides[1:]:
        now = _settings(side)
        changed = [
            f"{name} {now.get(name, 'none')} (was {first.get(name, 'none')})"
            for name in {**first, **now}
            if first.get(name) != now.get(name) and (name in first and name in now or not name.startswith("version "))
        ]
        told.append(
            f"{side.mark} differs from {sides[0].mark}: {', '.join(changed).replace('version ', '')}"
            if changed
            else f"{side.mark} and {sides[0].mark} have the same recipe, model, seed and versions"
        )
    return told


def _settings(side: Side) -> dict[str, Any]:
    """Everything that may explain a difference, by name."""
    identity = next(iter(side.cells.values())).identity
    about, machine = side.about, side.about.get("machine", {})
    found: dict[str, Any] = {**asdict(identity.recipe)}
    found["upstream"] = identity.upstream or "none"
    found["recording"] = identity.recording or "none"
    found["judge"] = about.get("judge") or "none"
    if identity.privacy != "off":
        found["privacy"] = identity.privacy
    found["prices"] = about.get("price_as") or about.get("prices", "")
    found["processor"] = f"{machine.get('processor', '')}, {machine.get('cores', '')} cores"
    found["rounds"] = len(next(iter(side.cells.values())).rounds)
    found["questions at once"] = "one" if all(cell.comparable for cell in side.cells.values()) else "several"
    for cell in side.cells.values():
        found |= {f"version {name}": version for name, version in cell.identity.versions.items()}
    return found


def _list(parts: Iterable[str]) -> str:
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last
