"""A saved experiment comes in, its snapshot goes out, with what is missing in it."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from math import isnan
from typing import Any, Literal

from workbench.errors import BadInput
from workbench.gating.snapshot import ANSWER, PASSAGES, Cell, Snapshot
from workbench.leaks import files
from workbench.nouns import counted
from workbench.prices import LOCAL
from workbench.records import Answer, Failure, Recipe
from workbench.runs.failures import passing
from workbench.runs.recordings import is_outdated
from workbench.runs.store import Experiment, Identity, Run
from workbench.scores.leakage import WHERE
from workbench.verdicts.metrics import TIMES, deterministic
from workbench.verdicts.values import Cell as Values
from workbench.verdicts.values import Key, values

DIGITS = 10
"""Of a figure: the mean of three equal values can differ from them in the sixteenth."""

DIGEST_BYTES = 6


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell says nothing yet."""

    kind: Literal["outdated", "infrastructure"]
    sentence: str
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """An experiment as it is now."""

    snapshot: Snapshot
    faults: dict[str, Fault]
    """By cell."""
    refused: str = ""
    """Why planted values were not counted, though there are some; a sentence."""
    uncounted_by_choice: bool = False
    """By --no-text, not by controls that failed."""


def take(experiment: Experiment) -> Taken:
    """Read an experiment.

    Raises:
        BadInput: a file is broken, or no backend has begun.
    """
    about, runs, found = experiment.about(), experiment.runs(), values(experiment)
    if not runs:
        raise BadInput(f"{experiment.folder}: no backend has begun yet; run the same command again")
    secret, leakage = about["workload"]["hash"], about.get("leakage", {})
    asked = {run.cell: run.answers() for run in runs}
    everything = {key for answers in asked.values() for key in answers}
    cells, faults = {}, {}
    for run in runs:
        identity, answers = run.identity(), asked[run.cell]
        fault = _fault(run, answers, everything, about)
        if fault is not None:
            faults[run.cell] = fault
        measured = found.get(Key(identity.backend, identity.track))
        if measured is not None:
            cells[run.cell] = _cell(run, identity, measured, answers.values(), about, secret)
    return Taken(
        Snapshot(
            workload=about["workload"]["name"],
            workload_id=_digest(secret, "workload"),
            workbench=about.get("workbench", ""),
            prices=about.get("prices", ""),
            cells=cells,
            started=about.get("started", ""),
            machine=about.get("machine", {}),
        ),
        faults,
        leakage.get("refused", ""),
        leakage.get("controls") is None,
    )


def _cell(
    run: Run, identity: Identity, measured: Values, answers: Iterable[Answer], about: Mapping[str, Any], secret: str
) -> Cell:
    answered = [answer for answer in answers if answer.failure is None]
    said = {item["attempt"]: _digest(secret, item["text"]) for item in run.answer_texts()}
    found = ((one.question, _digest(secret, "\0".join(hit.passage for hit in one.hits))) for one in answered)
    settings = _settings(identity, about)
    # What was recorded comes out of the recording again.
    kept = replace(identity, recording=settings["recording"])
    left = files.sinks(run.folder).to_dict()
    paths = {**dict.fromkeys(measured.values), PASSAGES: "retrieval.", ANSWER: "answers."}
    return Cell(
        backend=identity.backend,
        track=identity.track,
        settings=settings,
        versions=dict(identity.versions),
        values={
            path: {name: _rounded(value) for name, value in of.items()}
            for path in sorted(measured.values)
            if path not in TIMES and (of := measured.of(path))
        },
        deterministic=frozenset(
            path for path, like in paths.items() if deterministic(like or path, kept, settings["judge"])
        ),
        passages=_by_question(secret, found),
        answers=_by_question(secret, ((one.question, said[one.attempt]) for one in answered if one.attempt in said)),
        failures=dict(measured.failures),
        cpu_ms={
            turn: {
                name: _rounded(value, 5)
                for name, value in zip(measured.questions, column, strict=True)
                if not isnan(value) and value > 0
            }
            for turn, column in measured.by_round["cpu_ms"].items()
        },
        sinks={where: len(left[where]) for where in WHERE} if _counts(about) else {},
    )


def _settings(identity: Identity, about: Mapping[str, Any]) -> dict[str, Any]:
    recipe, judge = asdict(identity.recipe), about.get("judge", "")
    usual = Recipe()
    for name in ("retrieval", "prompt", "reranker"):  # as in baselines that were accepted before there was a choice
        if recipe[name] == getattr(usual, name):
            del recipe[name]
    remote = [
        name
        for name in (recipe["model"], recipe["embedding_model"], identity.recipe.reranker, judge)
        if name and not name.startswith(LOCAL)
    ]
    # A recording and what is replayed from it are the same answers; local models need neither.
    recording = (identity.recording or about.get("recorded", "")) if remote else ""
    return {
        **recipe,
        "upstream": identity.upstream if remote and not recording else "",
        "recording": recording,
        "judge": judge,
        "price_as": about.get("price_as", ""),
        **({} if identity.privacy == "off" else {"privacy": identity.privacy}),
    }


def _fault(
    run: Run, answers: Mapping[tuple[int, str], Answer], everything: set[tuple[int, str]], about: Mapping[str, Any]
) -> Fault | None:
    if not answers:
        return Fault("infrastructure", "no question was asked yet: run the same command again")
    failed = {name: one.failure for (_, name), one in answers.items() if one.failure is not None}
    outdated = tuple(sorted(name for name, failure in failed.items() if is_outdated(failure)))
    if outdated:
        return Fault(
            "outdated",
            f"recording outdated: {len(outdated)} of {counted(_count(answers), 'question')} need "
            "calls that it does not hold; "
            "record again with --record into the same file, and replay that",
            outdated,
        )
    passed = {name: failure for name, failure in failed.items() if passing(failure)}
    unasked = sorted({name for _, name in everything - answers.keys()})
    judged = run.judgements()
    unjudged = sorted({one.question for one in answers.values() if one.failure is None and one.attempt not in judged})
    unseen = _unseen(run, answers, about)
    told = [
        f"{len(passed)} of {counted(_count(answers), 'question')} failed ({_kinds(passed.values())})" if passed else "",
        f"{counted(len(unasked), 'question was', 'questions were')} not asked as often as of other backends"
        if unasked
        else "",
        f"{counted(len(unjudged), 'answer is', 'answers are')} not judged yet" if unjudged else "",
        f"around {counted(len(unseen), 'answer')} planted values were not looked for yet" if unseen else "",
    ]
    if not any(told):
        return None
    sentence = ", ".join(part for part in told if part)
    questions = tuple(dict.fromkeys((*sorted(passed), *unasked, *unjudged, *unseen)))
    return Fault("infrastructure", f"{sentence}: run the same command again", questions)


def _unseen(run: Run, answers: Mapping[tuple[int, str], Answer], about: Mapping[str, Any]) -> list[str]:
    """Questions that leak or not, nobody knows."""
    if not _counts(about):
        return []
    known = files.counted(run.folder)
    return sorted({one.question for one in answers.values() if one.attempt not in known})


def _counts(about: Mapping[str, Any]) -> bool:
    return "leakage" in about and not about["leakage"]["refused"]


def _kinds(failures: Iterable[Failure]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in sorted(Counter(each.kind for each in failures).items()))


def _count(answers: Iterable[tuple[int, str]]) -> int:
    return len({name for _, name in answers})


def _by_question(secret: str, digests: Iterable[tuple[str, str]]) -> dict[str, str]:
    """One digest per question: the one that all its rounds have, or one of all that they have."""
    found: dict[str, set[str]] = {}
    for name, digest in digests:
        found.setdefault(name, set()).add(digest)
    return {
        name: next(iter(each)) if len(each) == 1 else _digest(secret, "\0".join(sorted(each)))
        for name, each in sorted(found.items())
    }


def _digest(secret: str, text: str) -> str:
    """Keyed by the workload's hash, so that a short answer cannot be guessed from a baseline alone."""
    key = hashlib.sha256(secret.encode()).digest()
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES, key=key).hexdigest()


def _rounded(value: float, digits: int = DIGITS) -> float:
    return float(f"{value:.{digits}g}")
