"""The last step of a run: what needs a model, or seconds of imports, is found out about each answer and written down.

In a process of its own: ragas and presidio weigh half a gigabyte, which neither the runner nor the next question should
carry. `python -m workbench.runs.judging` takes the work as JSON on standard input and tells its steps on standard
output.
"""

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from workbench.errors import Infrastructure
from workbench.messages import text_of
from workbench.records import Answer, Endpoint, Gold
from workbench.runs.progress import Progress
from workbench.runs.store import Experiment, Run, Writer
from workbench.runs.workers import ENVIRONMENT

AT_A_TIME = 200
"""Answers judged before they are written down."""


async def judge(
    experiment: Experiment,
    tokens: Mapping[str, str],
    base_url: str,
    embedding_model: str,
    model: str,
    held: Mapping[str, Mapping[str, str]],
    progress: Progress,
) -> None:
    """Judge every answer of an experiment that is not judged yet.

    Args:
        experiment: with answers.
        tokens: by cell, the gateway's bearers for judging.
        base_url: of the gateway.
        embedding_model: for semantic similarity.
        model: the judge; empty: none.
        held: by cell and attempt, answers' texts that are not on disk.
        progress: told of each answer.

    Raises:
        Infrastructure: the process died; what was judged is kept.
    """
    runs = [run for run in experiment.runs() if run.cell in tokens]
    open_answers = sum(len(unjudged(run)) for run in runs)
    if not open_answers:
        return
    progress.stage("judging answers", open_answers)
    work = {
        "folder": str(experiment.folder),
        "base_url": base_url,
        "embedding_model": embedding_model,
        "model": model,
        "tokens": tokens,
        "held": held,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "workbench.runs.judging",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, **ENVIRONMENT},
    )
    assert process.stdin and process.stdout and process.stderr
    try:
        process.stdin.write(orjson.dumps(work))
        process.stdin.write_eof()
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


def unjudged(run: Run) -> list[Answer]:
    """Answers that count and of which nothing was found out yet."""
    known = run.judgements()
    return [answer for answer in run.answers().values() if answer.failure is None and answer.attempt not in known]


async def _judge_run(experiment: Experiment, run: Run, work: dict[str, Any]) -> None:
    from workbench.backends import attribution
    from workbench.scores import judge as ragas

    gold = experiment.gold()
    questions = {item["question"]: item["text"] for item in experiment.question_texts()}
    held = work["held"].get(run.cell, {})
    texts = held or {item["attempt"]: item["text"] for item in run.answer_texts()}
    seen = _prompt_pii(run, kept=not held)
    passages = run.passage_texts() if work["model"] else {}
    writer = Writer(run, keep_text=False)
    endpoint = Endpoint(work["base_url"], work["tokens"][run.cell])
    client = ragas.client(endpoint, attribution.async_http_client())
    tenants = experiment.tenants()
    try:
        for some in _batches(unjudged(run)):
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
                if answer.attempt in texts
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
            for item in items:
                writer.judgement(_judgement(item, gold[item.gold.question], offline, verdicts, seen).to_dict())
            print(len(some), flush=True)
    finally:
        writer.close()
        await client.close()


def _judgement(
    item: Any, gold: Gold | None, offline: Mapping[str, Any], verdicts: Mapping[str, Any], seen: Mapping[str, Any]
) -> Any:
    from workbench.privacy import find
    from workbench.scores.answers import mark
    from workbench.scores.judgement import Judgement

    figures = dict(offline[item.attempt].values)
    failures = dict(offline[item.attempt].failures)
    judged = verdicts.get(item.attempt)
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


def _prompt_pii(run: Run, kept: bool) -> dict[str, dict[str, int]]:
    """Kinds of personal data by attempt, over all its chat prompts."""
    from workbench.privacy import find

    found: dict[str, dict[str, int]] = {}
    if kept:
        wanted = {answer.attempt for answer in unjudged(run)}
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


def _main() -> None:
    work = orjson.loads(sys.stdin.buffer.read())
    experiment = Experiment(Path(work["folder"]))

    async def all_runs() -> None:
        for run in experiment.runs():
            if run.cell in work["tokens"]:
                await _judge_run(experiment, run, work)

    asyncio.run(all_runs())


if __name__ == "__main__":
    _main()
