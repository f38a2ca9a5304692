"""Saved experiments for the gate's tests, written by the store's own writers."""

import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from workbench.gateway.ledger import Ledger
from workbench.gateway.settings import Account
from workbench.gating import baseline
from workbench.gating.judging import judge
from workbench.gating.outcome import Result
from workbench.gating.taking import take
from workbench.records import Answer, Call, Evidence, Failure, Gold, Hit, Recipe
from workbench.runs.store import Experiment, Identity, Writer
from workbench.scores.answers import mark
from workbench.scores.judgement import Judgement

GOLD, LOCAL = "nine", Recipe()
BACKENDS = ("plain", "haystack")

Of = Callable[[str, int], Any]
"""Of a backend and a question's number."""


def never(backend: str, number: int) -> Any:
    return None


def names(count: int) -> list[str]:
    return [f"q{number:03}" for number in range(count)]


def save(
    folder: Path,
    *,
    backends: Sequence[str] = BACKENDS,
    questions: Sequence[str] = tuple(names(40)),
    rounds: int = 2,
    text: Of = lambda backend, number: GOLD,
    hits: Of = lambda backend, number: ("right", "other"),
    tokens: Of = lambda backend, number: 100,
    failure: Of = never,
    skip: Of = never,
    judged: bool = True,
    cpu: Callable[[str, int], float] = lambda backend, turn: 1.0,
    wall: float = 0.5,
    noise: float = 0.1,
    seed: int = 0,
    in_flight: int = 1,
    recipe: Recipe = LOCAL,
    workload: str = "w1",
    versions: dict[str, str] | None = None,
    keep_text: bool = True,
    recording: str = "",
    upstream: str = "",
    **about: Any,
) -> Path:
    """Write an experiment; `cpu` is a factor by backend and round, above 5 ms of plain and 50 ms of all others."""
    experiment, chance = Experiment(folder), random.Random(seed)
    gold = {name: Gold(name, (GOLD,), (Evidence("right"),)) for name in questions}
    experiment.begin(
        {"workload": {"name": "made", "hash": workload}, "started": "2026-11-01T08:00:00+00:00", "price_as": ""}
        | {"judge": "", "recorded": "", "prices": "a list", "workbench": "0", "machine": {"processor": "p"}}
        | about,
        [(name, "t", f"What is {name}?", gold[name]) for name in questions],
    )
    for backend in backends:
        run = experiment.run(backend, "parity")
        run.claim(
            Identity(
                workload,
                backend,
                "parity",
                recipe,
                upstream,
                versions or {backend: "1"},
                None,
                "",
                keep_text,
                recording,
            )
        )
        writer, ledger = Writer(run, keep_text=keep_text), Ledger(Account("t", str(run.folder), keep_text))
        for turn in range(1, rounds + 1):
            for number, name in enumerate(questions):
                if skip(backend, number):
                    continue
                attempt, said, failed = f"{turn}-{name}", text(backend, number), failure(backend, number)
                found = () if failed else tuple(Hit(f"{one}#0-9", one, 0, 9, 0.5) for one in hits(backend, number))
                spent = 0.005 if backend == "plain" else 0.05
                spent *= cpu(backend, turn) * chance.lognormvariate(0, noise)
                why = Failure(failed, "told") if failed else None
                answer = Answer(name, "t", turn, attempt, why, found, 1, wall, spent, None, in_flight)
                if not failed:
                    ledger.enter(
                        Call(
                            f"c{attempt}", name, "t", attempt, "chat", recipe.model, 200,
                            input_tokens=tokens(backend, number), output_tokens=5, usd=Decimal("0.001"),
                        ),
                        None,
                        "",
                    )  # fmt: skip
                    if judged:
                        writer.judgement(Judgement(attempt, mark(said, gold[name])).to_dict())
                writer.answer(answer, said if not failed else "", {})
        writer.close()
        ledger.close()
    return folder


def accepted(folder: Path, **given: Any) -> Path:
    """A baseline's file of such an experiment."""
    file = folder / "baseline.json"
    baseline.write(file, take(Experiment.open(save(folder / "accepted", **given))).snapshot)
    return file


def gated(file: Path, folder: Path, *, margin: Sequence[str] = (), policy: Any = "default") -> Result:
    """The gate's result of an experiment that is there."""
    now = take(Experiment.open(folder))
    return judge(now, baseline.read(file), folder=folder, baseline=file, margin=margin, policy=policy)
