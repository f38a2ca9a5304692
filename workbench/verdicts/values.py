"""A saved experiment comes in, one value per question for every figure of every run goes out: what comparisons pair.

Runs are read one after the other and kept as arrays, so that tens of thousands of cases need little memory.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isnan, nan
from typing import NamedTuple

from workbench import comparison
from workbench.prices import Price
from workbench.records import Gold, Track
from workbench.runs.store import Experiment, Identity, Run
from workbench.scores import latency
from workbench.scores.columns import Columns
from workbench.scores.figures import figures
from workbench.scores.rounds import by_question
from workbench.verdicts.metrics import deterministic


class Key(NamedTuple):
    """Which run of an experiment."""

    backend: str
    track: Track


@dataclass(frozen=True, slots=True)
class Cell:
    """One run by question. Every sequence and array below is in the order of `questions`; NaN: not measured."""

    backend: str
    track: Track
    identity: Identity
    questions: tuple[str, ...]
    """Asked, in the order of their ids."""
    rounds: tuple[int, ...]
    values: dict[str, "array[float]"]
    """Dotted path -> mean over the rounds of each question. `retrieval.*`, `answers.*`, `ragas.*`, `judge.*` as in
    `workbench.scores.figures`; `failed` (0 or 1); of answered questions alone `tokens.input`, `tokens.output`, `usd`
    (charged, NaN where a call has no price), `wall_ms` (charged), `cpu_ms` (NaN where several were in flight) and
    `framework_cpu_ms` (beyond the control, which itself has 0)."""
    by_round: dict[str, dict[int, "array[float]"]]
    """`wall_ms` and `cpu_ms`: round -> values, since times are paired by question and round."""
    tenants: tuple[str, ...]
    kinds: tuple[str, ...]
    """Empty: none stated."""
    documents: tuple[str, ...]
    """The first document of the gold evidence; empty: none stated."""
    deterministic: frozenset[str]
    """Paths of the figures that would come out the same again."""
    comparable: bool
    """False when more than one question was in flight at once: then times are not to be compared."""
    priced_as: str
    """The model whose price local tokens were given; empty: none, they are free."""
    failures: Mapping[str, str]
    """Question -> kind of its failure, of the last round that failed."""

    def of(self, path: str) -> dict[str, float]:
        """The figure by question, without those where it was not measured."""
        found = self.values.get(path, ())
        return {name: value for name, value in zip(self.questions, found, strict=False) if not isnan(value)}


def values(experiment: Experiment) -> dict[Key, Cell]:
    """Read a saved experiment.

    Returns:
        Each run that has begun and holds an answer, by name of backend and track.

    Raises:
        BadInput: a file is broken, or the price list no longer holds the model of --price-as.
    """
    about = experiment.about()
    gold = {name: known for name, known in experiment.gold().items() if known}
    tenants, price = experiment.tenants(), comparison.price_as_of(about)
    found: dict[Key, Cell] = {}
    for run in experiment.runs():
        identity = run.identity()
        cell = _cell(run, identity, gold, tenants, price, about.get("judge", ""))
        if cell.questions:
            found[Key(identity.backend, identity.track)] = cell
    for key, cell in found.items():
        control = found.get(Key(comparison.CONTROL, key.track))
        if control is not None:
            cell.values["framework_cpu_ms"] = _beyond(cell, control)
    return found


class Pairs(NamedTuple):
    """A figure of two runs on the same questions."""

    questions: list[str]
    after: list[float]
    before: list[float]


def paired(after: Cell, before: Cell, path: str, among: Callable[[str], bool] | None = None) -> Pairs:
    """A figure where both runs have it.

    Args:
        after: the run that is judged.
        before: the one it is compared with.
        path: of the figure.
        among: which questions count; None: all.
    """
    new, old = after.of(path), before.of(path)
    names = [name for name in new if name in old and (among is None or among(name))]
    return Pairs(names, [new[name] for name in names], [old[name] for name in names])


def _cell(
    run: Run,
    identity: Identity,
    gold: Mapping[str, Gold],
    tenants: Mapping[str, str],
    price: Price | None,
    judge: str,
) -> Cell:
    read = comparison.columns(run, gold, price)
    names = tuple(sorted(read.rows.questions))
    scored = {
        path: array("d", (each.get(name, nan) for name in names))
        for path, each in figures(read, gold).values.items()
        if each
    }
    by_round = _times(read, names)
    series = scored | _spent(read, names) | {path: _mean(each.values()) for path, each in by_round.items()}
    series["failed"] = _average(read, names, (float(bool(failure)) for failure in read.failures))
    known = [gold.get(name) for name in names]
    return Cell(
        identity.backend,
        identity.track,
        identity,
        names,
        tuple(sorted({*read.rows.rounds})),
        series,
        by_round,
        tenants=tuple(tenants.get(name, "") for name in names),
        kinds=tuple(each.kind if each else "" for each in known),
        documents=tuple(each.evidence[0].document if each and each.evidence else "" for each in known),
        deterministic=frozenset(path for path in series if deterministic(path, identity, judge)),
        comparable=all(many <= 1 for many in read.in_flight),
        priced_as=price.model if price else "",
        failures=read.failed(),
    )


def _spent(read: Columns, names: Sequence[str]) -> "dict[str, array[float]]":
    def figure(values: Iterable[Decimal | float | None]) -> "array[float]":
        known = zip(read.failures, values, strict=True)
        return _average(
            read, names, (None if failed else nan if value is None else float(value) for failed, value in known)
        )

    return {
        "tokens.input": figure(read.input_tokens),
        "tokens.output": figure(read.output_tokens),
        "usd": figure(read.usd),
    }


def _times(read: Columns, names: Sequence[str]) -> "dict[str, dict[int, array[float]]]":
    places, blank = {name: place for place, name in enumerate(names)}, [nan] * len(names)
    rounds = sorted({*read.rows.rounds})
    found = {path: {turn: array("d", blank) for turn in rounds} for path in ("wall_ms", "cpu_ms")}
    alone = read.cpu_alone().seconds
    for row, (name, turn) in enumerate(zip(read.rows.names(), read.rows.rounds, strict=True)):
        if not read.failures[row]:
            found["wall_ms"][turn][places[name]] = 1000 * latency.parts(read, row).wall
            found["cpu_ms"][turn][places[name]] = 1000 * alone[row]
    return found


def _beyond(cell: Cell, control: Cell) -> "array[float]":
    """CPU beyond the control's on the same question and round, averaged over rounds."""
    where = {name: place for place, name in enumerate(control.questions)}
    differences = []
    for turn, own in cell.by_round["cpu_ms"].items():
        base = control.by_round["cpu_ms"].get(turn)
        if base is not None:
            differences.append(
                array(
                    "d",
                    (
                        value - base[where[name]] if name in where else nan
                        for name, value in zip(cell.questions, own, strict=True)
                    ),
                )
            )
    return _mean(differences) if differences else array("d", [nan] * len(cell.questions))


def _mean(columns: "Iterable[array[float]]") -> "array[float]":
    """Place by place over what was measured."""
    found = array("d")
    for row in zip(*columns, strict=True):
        known = [value for value in row if not isnan(value)]
        found.append(sum(known) / len(known) if known else nan)
    return found


def _average(read: Columns, names: Sequence[str], values: Iterable[float | None]) -> "array[float]":
    """Over the rounds of each question, None passed over; one round that is NaN leaves the question without."""
    found = by_question(zip(read.rows.names(), values, strict=True))
    return array("d", (found.get(name, nan) for name in names))
