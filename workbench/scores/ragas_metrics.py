"""ragas' metrics as `judge` uses them. Importing this takes seconds: only `judge` does, and only when it is called."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import ragas._analytics
from numpy.typing import NDArray
from ragas.dataset_schema import SingleTurnSample
from ragas.embeddings.base import BaseRagasEmbedding
from ragas.llms.base import InstructorBaseRagasLLM, llm_factory
from ragas.metrics._context_precision import IDBasedContextPrecision
from ragas.metrics._context_recall import IDBasedContextRecall
from ragas.metrics.collections import (
    AnswerAccuracy,
    ContextPrecisionWithReference,
    Faithfulness,
    SemanticSimilarity,
)

if TYPE_CHECKING:
    from openai import AsyncOpenAI


def _no_user_folder(*_: object, **__: object) -> str:
    raise OSError("ragas writes an id of the user into the home folder, even when told not to track; not here")


ragas._analytics.user_data_dir = _no_user_folder


async def id_context_precision(retrieved: Sequence[str], wanted: Sequence[str]) -> float:
    """Share of the distinct retrieved documents that are gold; NaN when none was retrieved."""
    return await _of_ids(IDBasedContextPrecision(), retrieved, wanted)


async def id_context_recall(retrieved: Sequence[str], wanted: Sequence[str]) -> float:
    """Share of the distinct gold documents that were retrieved."""
    return await _of_ids(IDBasedContextRecall(), retrieved, wanted)


async def _of_ids(metric: Any, retrieved: Sequence[str], wanted: Sequence[str]) -> float:
    sample = SingleTurnSample(retrieved_context_ids=list(retrieved), reference_context_ids=list(wanted))
    # `single_turn_ascore` does this and reports to whatever tracing service the environment names.
    return float(await metric._single_turn_ascore(sample, callbacks=None))


async def semantic_similarity(reply: str, answers: Sequence[str], vectors: Mapping[str, NDArray[np.float64]]) -> float:
    """Cosine of the reply and the gold answer most similar to it; NaN when a vector has no length."""
    metric = SemanticSimilarity(embeddings=_Known(vectors))
    with np.errstate(invalid="ignore"):
        cosines = [float((await metric.ascore(reference=answer, response=reply)).value) for answer in answers]
    return max(cosines) if not np.isnan(cosines).any() else float("nan")


class _Known(BaseRagasEmbedding):  # type: ignore[misc]
    """Looks vectors up that were fetched before, in batches and each once."""

    def __init__(self, vectors: Mapping[str, NDArray[np.float64]]) -> None:
        super().__init__()
        self._vectors = vectors

    def embed_text(self, text: str, **_: Any) -> NDArray[np.float64]:
        return self._vectors[text]

    async def aembed_text(self, text: str, **_: Any) -> NDArray[np.float64]:
        return self._vectors[text]


class Judge(InstructorBaseRagasLLM):  # type: ignore[misc]
    """A model behind an OpenAI-compatible client that remembers its last error: some metrics turn errors into NaN."""

    def __init__(self, model: str, client: "AsyncOpenAI") -> None:
        """Ask `model` through `client`, always at temperature 0 where the model allows it."""
        self._model = llm_factory(model, client=client, temperature=0.0)
        self.error: Exception | None = None

    def generate(self, prompt: str, response_model: Any) -> Any:
        """Not used: ragas asks for it to be there.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError("judges are asked asynchronously")

    async def agenerate(self, prompt: str, response_model: Any) -> Any:
        """The model's answer as an instance of `response_model`.

        Raises:
            Exception: whatever the client raises, remembered as `error`.
        """
        try:
            return await self._model.agenerate(prompt, response_model)
        except Exception as error:
            self.error = error
            raise


async def faithfulness(judge: Judge, question: str, reply: str, contexts: Sequence[str]) -> float:
    """Share of the reply's claims that the contexts bear out; NaN when no claim was found in it."""
    found = await Faithfulness(llm=judge).ascore(user_input=question, response=reply, retrieved_contexts=list(contexts))
    return float(found.value)


async def context_precision(judge: Judge, question: str, answer: str, contexts: Sequence[str]) -> float:
    """Average precision of the ranking of contexts, relevant being what the judge finds useful for the gold answer."""
    metric = ContextPrecisionWithReference(llm=judge)
    found = await metric.ascore(user_input=question, reference=answer, retrieved_contexts=list(contexts))
    return float(found.value)


async def answer_accuracy(judge: Judge, question: str, reply: str, answer: str) -> float:
    """Agreement of the reply with the gold answer, asked twice with the roles exchanged: 0, 0.25, … 1."""
    # Retrying is the gateway's work; the client asks again by itself when an answer is not the JSON wanted.
    metric = AnswerAccuracy(llm=judge, max_retries=1)
    found = await metric.ascore(user_input=question, response=reply, reference=answer)
    return float(found.value)
