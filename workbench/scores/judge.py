"""Answers and the gold come in, ragas' figures go out: the one door to ragas, which takes seconds to import.

Its models are asked through the gateway, so that what judging costs is seen. What cannot be judged is a failure with
its reason, never 0. Reasons name the error and hold no text of a reply.
"""

import asyncio
import logging
import math
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from workbench.records import Endpoint, Gold
from workbench.scores.refusal import declined

if TYPE_CHECKING:
    import httpx
    import numpy as np
    from numpy.typing import NDArray
    from openai import AsyncOpenAI

OFFLINE_METRICS = ("id_context_precision", "id_context_recall", "semantic_similarity")
JUDGE_METRICS = ("faithfulness", "context_precision", "answer_accuracy")
"""Are the answer's claims in the passages (a declined answer makes none and is left out); do the useful passages stand
first; does the answer say what the gold says. ragas' other measures of correctness break both texts into claims before
they compare, which a gold answer of two words does not survive."""

TEXTS_PER_CALL = 64


@dataclass(frozen=True, slots=True)
class Item:
    """One answer that did not fail."""

    attempt: str
    question: str
    """The question's text."""
    answer: str
    gold: Gold
    documents: tuple[str, ...] = ()
    """Documents of the passages that went into the prompt, best first."""
    contexts: tuple[str, ...] = ()
    """Texts of those passages; only a judge needs them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one item. A metric is in one of the two, or in neither where it does not apply."""

    values: dict[str, float] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    """Metric -> reason."""


def client(endpoint: Endpoint, http_client: "httpx.AsyncClient | None" = None) -> "AsyncOpenAI":
    """An OpenAI client for the gateway. The caller closes it, in the loop that used it.

    Args:
        endpoint: the gateway and the bearer that the calls are to be billed to.
        http_client: one that adds headers; None: a plain one that ignores the proxies of the environment.
    """
    import httpx
    from openai import AsyncOpenAI

    return AsyncOpenAI(
        base_url=endpoint.base_url,
        api_key=endpoint.token,
        max_retries=0,  # the gateway retries, and counts it
        http_client=http_client or httpx.AsyncClient(trust_env=False, timeout=600.0),
    )


async def offline(
    items: Sequence[Item], *, client: "AsyncOpenAI", embedding_model: str, at_once: int = 4
) -> dict[str, Verdict]:
    """Figures that need no judge, by attempt: `OFFLINE_METRICS`.

    Precision and recall (0 to 1) compare the gold documents with those that were used. Similarity is the cosine of the
    reply and the gold answer most similar to it. Unanswerable questions have an empty verdict.

    Args:
        items: any order.
        client: of `client`.
        embedding_model: as the gateway names it; each distinct text is embedded once.
        at_once: requests under way at the same time.
    """
    judged = [item for item in items if item.gold.answerable]
    texts = {text for item in judged if item.gold.answers for text in (_spoken(item), *item.gold.answers)}
    vectors, reasons = await _embed(sorted(texts), client, embedding_model, at_once)
    metrics = _metrics()
    verdicts = {item.attempt: Verdict() for item in items}
    for item in judged:
        verdict = verdicts[item.attempt]
        if item.gold.evidence:
            wanted = [evidence.document for evidence in item.gold.evidence]
            for name in ("id_context_precision", "id_context_recall"):
                await _settle(verdict, name, getattr(metrics, name)(item.documents, wanted))
        if item.gold.answers:
            missing = next((reasons[text] for text in (_spoken(item), *item.gold.answers) if text in reasons), None)
            if missing:
                verdict.failures["semantic_similarity"] = missing
            else:
                cosine = metrics.semantic_similarity(_spoken(item), tuple(dict.fromkeys(item.gold.answers)), vectors)
                await _settle(verdict, "semantic_similarity", cosine)
    return verdicts


async def judged(
    items: Sequence[Item],
    *,
    model: str,
    client: "AsyncOpenAI",
    at_once: int = 4,
    attribute: Callable[[Item], AbstractContextManager[Any]] = lambda _: nullcontext(),
) -> dict[str, Verdict]:
    """Figures of a judge model, by attempt: `JUDGE_METRICS`, each 0 to 1.

    Unanswerable questions and those without a gold answer have an empty verdict.

    Args:
        items: any order.
        model: the judge, as the gateway names it.
        client: of `client`.
        at_once: items under way at the same time.
        attribute: entered around each item's calls, so that the gateway can be told whose they are.
    """
    metrics, gate = _metrics(), asyncio.Semaphore(at_once)

    async def one(item: Item) -> Verdict:
        verdict = Verdict()
        if item.gold.answerable and item.gold.answers:
            async with gate:
                with attribute(item):
                    await _judge(item, verdict, metrics, model, client)
        return verdict

    verdicts = await asyncio.gather(*(one(item) for item in items))
    return {item.attempt: verdict for item, verdict in zip(items, verdicts, strict=True)}


async def _judge(item: Item, verdict: Verdict, metrics: ModuleType, model: str, client: "AsyncOpenAI") -> None:
    # SQuAD names an answer as often as annotators gave it: the most frequent one is the reference.
    (reference, _), *_ = Counter(item.gold.answers).most_common(1)

    async def ask(name: str, *arguments: object) -> None:
        judge = metrics.Judge(model, client)
        await _settle(verdict, name, getattr(metrics, name)(judge, item.question, *arguments), judge)

    if not item.contexts:
        reason = "no passage in the prompt, or its text was not kept"
        verdict.failures.update(faithfulness=reason, context_precision=reason)
    else:
        if not declined(item.answer):
            await ask("faithfulness", item.answer, item.contexts)
        await ask("context_precision", reference, item.contexts)
    if item.answer.strip():
        await ask("answer_accuracy", item.answer, reference)
    else:
        verdict.values["answer_accuracy"] = 0.0  # nothing said is wrong, whoever judges


async def _settle(verdict: Verdict, name: str, figure: Awaitable[float], judge: Any = None) -> None:
    """Await a figure and file it under the verdict's values or failures."""
    try:
        value = await figure
    except Exception as error:
        verdict.failures[name] = _reason(error)
        return
    if -1.001 <= value <= 1.001:  # a judge can name a verdict of 5; cosines pass 1 by rounding
        verdict.values[name] = value
    elif judge is not None and judge.error is not None:
        verdict.failures[name] = _reason(judge.error)
    elif math.isnan(value):
        verdict.failures[name] = "ragas found nothing to judge (NaN)"
    else:
        verdict.failures[name] = "the judge gave a verdict outside its scale"


async def _embed(
    texts: Sequence[str], client: "AsyncOpenAI", model: str, at_once: int
) -> "tuple[Mapping[str, NDArray[np.float64]], Mapping[str, str]]":
    """Vectors by text, and for texts that got none the reason."""
    import numpy as np

    vectors: dict[str, NDArray[np.float64]] = {}
    reasons: dict[str, str] = {}
    gate = asyncio.Semaphore(at_once)

    async def batch(part: Sequence[str]) -> None:
        async with gate:
            try:
                # Packed, as the client asks for by itself: of numbers in JSON it makes an object each, for seconds.
                reply = await client.embeddings.create(input=list(part), model=model)
                data = sorted(reply.data, key=lambda each: each.index)
                vectors.update((text, np.asarray(one.embedding)) for text, one in zip(part, data, strict=True))
            except Exception as error:
                reasons.update((text, _reason(error)) for text in part)

    parts = (texts[start : start + TEXTS_PER_CALL] for start in range(0, len(texts), TEXTS_PER_CALL))
    await asyncio.gather(*(batch(part) for part in parts))
    return vectors, reasons


def _spoken(item: Item) -> str:
    """What is embedded for a reply: ragas puts a space for an empty one, since endpoints refuse empty texts."""
    return item.answer or " "


def _reason(error: BaseException) -> str:
    """The error in a few words, without the text that it may quote."""
    from openai import APIConnectionError, APIStatusError

    attempts = getattr(error, "failed_attempts", None)  # instructor's account of its retries
    if attempts:
        error = attempts[-1].exception
    elif error.__cause__ is not None and not isinstance(error, APIConnectionError):
        error = error.__cause__
    if isinstance(error, APIStatusError):
        return f"the gateway answered {error.status_code}"
    if isinstance(error, APIConnectionError):
        return "the gateway could not be reached"
    if type(error).__name__ in ("ValidationError", "JSONDecodeError"):
        return "the judge did not answer with the JSON asked for"
    return type(error).__name__


@cache
def _metrics() -> ModuleType:
    os.environ["RAGAS_DO_NOT_TRACK"] = "true"  # read once, when ragas first looks
    for name in ("ragas", "instructor"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # their warnings come back as reasons
    from workbench.scores import ragas_metrics

    return ragas_metrics
