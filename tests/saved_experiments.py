"""A saved experiment made by hand: what each backend did with each question in, a folder as a run leaves it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from workbench.records import Answer, Call, Evidence, Failure, Gold, Hit, Recipe
from workbench.runs.store import Experiment, Identity, Writer
from workbench.scores.answers import Marks
from workbench.scores.judgement import Judgement


@dataclass(frozen=True)
class Done:
    """What became of one question in one round."""

    f1: float = 1.0
    contains: float = 1.0
    declined: bool = False
    found: bool = True
    """Its first passage holds the evidence."""
    failure: str = ""
    wall_ms: float = 20.0
    cpu_ms: float = 2.0
    tokens: int = 100
    usd: str | None = "0.001"
    in_flight: int = 1
    text: str = "an answer"


@dataclass(frozen=True)
class Asked:
    """One question with its gold."""

    id: str
    kind: str = "fact"
    tenant: str = "t"
    answerable: bool = True
    document: str = "d1"
    answers: tuple[str, ...] = ("nine",)

    @property
    def gold(self) -> Gold:
        evidence = (Evidence(self.document, ((0, 10),)),) if self.answerable else ()
        answers = self.answers if self.answerable else ()
        return Gold(self.id, answers, evidence, self.answerable, self.kind)


Runs = Mapping[tuple[str, str], Sequence[Mapping[str, Done]]]
"""(backend, track) -> round by round what was done with each question."""


def saved(folder: Path, questions: Sequence[Asked], runs: Runs, **settings: Any) -> Experiment:
    """Write it. Settings: `hash`, `seed`, `model`, `documents`, `recording`, `keep_text`."""
    given = {"hash": "h", "seed": 0, "model": "local/extractive", "documents": 3, "recording": "", **settings}
    experiment = Experiment(folder)
    workload = {"name": "w", "hash": given["hash"], "documents": given["documents"], "questions": len(questions)}
    about = {"workload": {**workload, "tenants": 1}, "seed": given["seed"], "started": "2026-11-01T10:00:00+00:00"}
    experiment.begin(
        {**about, "price_as": ""}, [(one.id, one.tenant, f"What of {one.id}?", one.gold) for one in questions]
    )
    recipe = Recipe(model=given["model"], seed=given["seed"])
    for (backend, track), rounds in runs.items():
        run = experiment.run(backend, track)  # type: ignore[arg-type]
        run.claim(Identity(given["hash"], backend, track, recipe, "", {}, None, "", True, given["recording"]))  # type: ignore[arg-type]
        writer = Writer(run, keep_text=given.get("keep_text", True))
        calls = []
        for turn, done in enumerate(rounds, 1):
            for one in questions:
                if one.id in done:
                    answer, judgement, call = _records(one, done[one.id], turn)
                    writer.answer(answer, done[one.id].text, {f"{one.document}#0-50": f"[b]Passage[/b] of {one.id}"})
                    if not answer.failure:
                        writer.judgement(judgement.to_dict())
                    calls.append(call)
        writer.close()
        (run.folder / "calls.jsonl").write_bytes(b"".join(orjson.dumps(call, default=str) + b"\n" for call in calls))
    return experiment


def _records(one: Asked, done: Done, turn: int) -> tuple[Answer, Judgement, Call]:
    attempt = f"{turn}-{one.id}"
    document = one.document if done.found else "elsewhere"
    hits = (Hit(f"{document}#0-50", document, 0, 50, 0.9), Hit("other#0-50", "other", 0, 50, 0.5))
    answer = Answer(
        one.id,
        one.tenant,
        turn,
        attempt,
        hits=hits,
        used=1,
        wall_seconds=done.wall_ms / 1000,
        cpu_seconds=done.cpu_ms / 1000,
        in_flight=done.in_flight,
    )
    if done.failure:
        answer = replace(answer, failure=Failure(done.failure, "it broke"), hits=(), used=0)
    usd = None if done.usd is None else Decimal(done.usd)
    call = Call(f"c-{attempt}", one.id, one.tenant, attempt, "chat", "m", 200, input_tokens=done.tokens, usd=usd)
    marks = Marks(float(done.f1 == 1), done.f1, done.contains, done.declined)
    return answer, Judgement(attempt, marks), replace(call, output_tokens=5, spent_usd=usd)
