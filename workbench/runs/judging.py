"""The last step of a run: what needs a model, or seconds of imports, is found out about each answer and written down.

In a process of its own: ragas and presidio weigh half a gigabyte, which neither the runner nor the next question should
carry. `python -m workbench.runs.judging` takes the work as JSON on standard input and tells its steps on standard
output.
"""

import asyncio
import os
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from workbench.errors import Infrastructure
from workbench.gateway.purse import STOPPED_STATUS
from workbench.gateway.replay import OUTDATED_STATUS
from workbench.messages import text_of
from workbench.records import Answer, Endpoint, Gold
from workbench.runs.progress import Progress
from workbench.runs.store import Experiment, Run, Writer
from workbench.runs.workers import ENVIRONMENT, without_keys
from workbench.scores.answers import mark
from workbench.scores.judgement import Judgement

AT_A_TIME = 200
"""Answers judged before they are written down."""

_NOT_ANSWERED = "the gateway answered {}"

LATER = "not looked at yet"
"""Why an answer that has its marks lacks the rest."""


@dataclass(frozen=True, slots=True)
class Job:
    """One experiment with answers."""

    experiment: Experiment
    tokens: Mapping[str, str]
    """By cell, the gateway's bearers for judging."""
    embedding_model: str
    """For semantic similarity."""
    held: Mapping[str, Mapping[str, str]]
    """By cell and attempt, answers' texts that are not on disk."""


async def judge(jobs: Sequence[Job], base_url: str, model: str, progress: Progress) -> None:
    """Judge every answer of experiments that is not judged yet.

    Args:
        jobs: the experiments.
        base_url: of the gateway.
        model: the judge; empty: none.
        progress: told of each answer.

    Raises:
        Infrastructure: the process died; what was judged is kept.
    """
    left = [
        sum(len(unjudged(run, job.held.get(run.cell, {}))) for run in job.experiment.runs() if run.cell in job.tokens)
        for job in jobs
    ]
    if not sum(left):
        return
    progress.stage("judging answers" if model else "scoring answers", sum(left))
    work = {
        "base_url": base_url,
        "model": model,
        "jobs": [
            {
                "folder": str(job.experiment.folder),
                "embedding_model": job.embedding_model,
                "tokens": job.tokens,
                "held": job.held,
            }
            for job, number in zip(jobs, left, strict=True)
            if number
        ],
    }
    home = tempfile.TemporaryDirectory(prefix="workbench-judging-")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "workbench.runs.judging",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        env={**without_keys(), **ENVIRONMENT, "HOME": home.name},
    )
    assert process.stdin and process.stdout and process.stderr
    try:
        # Left open: its end tells the process that this one has died.
        process.stdin.write(orjson.dumps(work) + b"\n")
        words = asyncio.create_task(process.stderr.read())
        async for line in process.stdout:
            progress.advance(int(line))
        if await process.wait():
            last = (await words).decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise Infrastructure(f"judging the answers stopped: {last}; run the same command again to go on")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        home.cleanup()


def unjudged(run: Run, held: Mapping[str, str]) -> list[Answer]:
    """Answers that count, whose text is there, and of which not everything was found out yet.

    Args:
        run: with answers.
        held: texts by attempt that are not on disk; of them no more is known than their marks.
    """
    complete = (a for a, item in run.judgements().items() if not any(map(_passing, item["failures"].values())))
    known = {*complete} - held.keys()
    there = held.keys() | {item["attempt"] for item in run.answer_texts()}
    return [
        answer
        for answer in run.answers().values()
        if answer.failure is None and answer.attempt in there and answer.attempt not in known
    ]


def _passing(reason: str) -> bool:
    """It may be had another time: it was left, the recording did not hold the call, or the budget was used up."""
    return reason == LATER or any(
        _NOT_ANSWERED.format(status) in reason for status in (OUTDATED_STATUS, STOPPED_STATUS)
    )


def mark_now(run: Run, gold: Mapping[str, Gold | None]) -> None:
    """Write down what answers earn by their texts alone, which takes no model; `judge` finds out the rest later.

    Args:
        run: with answers, whose texts are kept.
        gold: by question id.
    """
    waiting = {answer.attempt: answer for answer in unjudged(run, {})}
    for attempt in run.judgements():
        waiting.pop(attempt, None)
    if not waiting:
        return
    writer = Writer(run, keep_text=False)
    try:
        for item in run.answer_texts():
            if answer := waiting.pop(item["attempt"], None):
                marks = mark(item["text"], gold.get(answer.question))
                later = Judgement(answer.attempt, marks, failures={"semantic_similarity": LATER})
                writer.judgement(later.to_dict())
    finally:
        writer.close()


async def _judge_run(experiment: Experiment, run: Run, work: dict[str, Any]) -> None:
    from workbench.backends import attribution
    from workbench.scores import judge as ragas

    gold = experiment.gold()
    questions = {item["question"]: item["text"] for item in experiment.question_texts()}
    held = work["held"].get(run.cell, {})
    texts = held or {item["attempt"]: item["text"] for item in run.answer_texts()}
    waiting = unjudged(run, held)
    seen = _prompt_pii(run, {answer.attempt for answer in waiting}, kept=not held)
    passages = run.passage_texts() if work["model"] else {}
    writer = Writer(run, keep_text=False)
    endpoint = Endpoint(work["base_url"], work["tokens"][run.cell])
    client = ragas.client(endpoint, attribution.async_http_client())
    tenants = experiment.tenants()
    try:
        for some in _batches(waiting):
            items = [
                ragas.Item(
                    answer.attempt,
                    questions.get(answer.question, ""),
                    texts[answer.attempt],
                    gold[answer.question] or Gold(answer.question),
                    tuple(dict.fromkeys(hit.document for hit in answer.hits[: answer.used])),
                    tuple(passages[hit.passage] for hit in answer.hits[: answer.used] if hit.passage in passages),
                )
                for answer in some
            ]
            offline = await ragas.offline(items, client=client, embedding_model=work["embedding_model"])
            verdicts = {}
            if work["model"]:
                verdicts = await ragas.judged(
                    items,
                    model=work["model"],
                    client=client,
                    attribute=lambda item: attribution.calls_of(
                        tenant=tenants[item.gold.question], question=item.gold.question, attempt=item.attempt
                    ),
                )
            _still_there(work["base_url"])
            lost = _lost(endpoint, list(verdicts))
            for item in items:
                known = gold[item.gold.question]
                writer.judgement(_judgement(item, known, offline, verdicts, seen, lost).to_dict())
            os.write(work["told"], b"%d\n" % len(some))
    finally:
        writer.close()
        await client.close()


def _judgement(
    item: Any,
    gold: Gold | None,
    offline: Mapping[str, Any],
    verdicts: Mapping[str, Any],
    seen: Mapping[str, Any],
    lost: Mapping[str, str],
) -> Any:
    from workbench.privacy import find

    figures = dict(offline[item.attempt].values)
    failures = dict(offline[item.attempt].failures)
    judged = verdicts.get(item.attempt)
    if item.attempt in lost:
        # Whatever came of it: ragas makes a figure of one of accuracy's two calls where the other has failed.
        judged, failures = None, failures | {"judge": lost[item.attempt]}
    return Judgement(
        attempt=item.attempt,
        marks=mark(item.answer, gold),
        pii_prompt=seen.get(item.attempt),
        pii_answer=find.kinds(item.answer),
        similarity=figures.pop("semantic_similarity", None),
        ragas=figures,
        judge=dict(judged.values) if judged else {},
        failures=failures | (dict(judged.failures) if judged else {}),
    )


def _still_there(base_url: str) -> None:
    """Make sure that what was not found out is not so because the gateway has gone: that is no finding."""
    with urllib.request.urlopen(base_url.removesuffix("/v1") + "/health", timeout=10):
        pass


def _lost(endpoint: Endpoint, attempts: Sequence[str]) -> dict[str, str]:
    """Why, by attempt, calls of the judge were not answered that may be another time."""
    found = {}
    for path, count, status in (("recording", "missing", OUTDATED_STATUS), ("budget", "refused", STOPPED_STATUS)):
        if _ask(endpoint, path, "").get(count):
            for attempt in attempts:
                if _ask(endpoint, path, attempt)[f"{count}_in_attempt"]:
                    found[attempt] = _NOT_ANSWERED.format(status)
    return found


def _ask(endpoint: Endpoint, path: str, attempt: str) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {endpoint.token}", "x-workbench-attempt": attempt}
    request = urllib.request.Request(f"{endpoint.base_url}/{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=60) as said:
        content: dict[str, Any] = orjson.loads(said.read())
    return content


def _prompt_pii(run: Run, wanted: set[str], kept: bool) -> dict[str, dict[str, int]]:
    """Kinds of personal data by attempt, over all its chat prompts."""
    from workbench.privacy import find

    found: dict[str, dict[str, int]] = {}
    if kept:
        for item in run.call_texts():
            if item["attempt"] in wanted and isinstance(item["sent"][0], dict):
                prompt = "\n".join(text_of(message) for message in item["sent"])
                _add(found.setdefault(item["attempt"], {}), find.kinds(prompt))
    else:
        for call in run.calls():
            if call.kind == "chat":
                _add(found.setdefault(call.attempt, {}), call.pii)
    return found


def _add(into: dict[str, int], counts: Mapping[str, int]) -> None:
    for kind, count in counts.items():
        into[kind] = into.get(kind, 0) + count


def _batches(answers: Sequence[Answer]) -> Iterator[list[Answer]]:
    waiting = iter(answers)
    while some := list(islice(waiting, AT_A_TIME)):
        yield some


def _end_with_parent() -> None:
    while os.read(0, 65536):
        pass
    os._exit(1)


def _main() -> None:
    work = orjson.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Libraries print; the runner is told over a descriptor of its own.
    work["told"] = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    about = {name: work[name] for name in ("base_url", "model", "told")}

    async def all_runs() -> None:
        for job in work["jobs"]:
            experiment = Experiment(Path(job["folder"]))
            for run in experiment.runs():
                if run.cell in job["tokens"]:
                    await _judge_run(experiment, run, {**job, **about})

    asyncio.run(all_runs())


if __name__ == "__main__":
    _main()
