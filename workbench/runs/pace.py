"""How long a command takes: what it has to do in, seconds by stage out.

Local work was measured on two cores of an AMD EPYC on 2026-11-22, with datasets/starter and SQuAD's dev-v1.1; other
machines differ in proportion. What a remote model takes is an assumption.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.models.minilm import MAX_CONTENT_TOKENS
from workbench.prices import LOCAL
from workbench.records import Track
from workbench.runs.options import Options

REMOTE_CHAT_SECONDS, REMOTE_EMBEDDING_SECONDS, REMOTE_RERANK_SECONDS = 1.5, 0.3, 0.3
"""Of one call to an upstream: assumed."""

START_SECONDS = 1.7
"""Of importing one framework, two at a time."""

EMBEDDING_SECONDS = 0.00024
"""Of local/minilm, per token that it reads, with two batches beside each other."""

ALONE_SECONDS = 0.007
"""Of local/minilm, per question: these are embedded one by one."""

INDEXING_SECONDS = 0.0012
"""Of a framework's store, per passage."""

READER_SECONDS = 0.0000063
"""Of local/extractive, per token of the prompt."""

FRAMEWORK_SECONDS: Mapping[tuple[str, Track], float] = {
    ("plain", "parity"): 0.002,
    ("haystack", "parity"): 0.016,
    ("llamaindex", "parity"): 0.011,
    ("dspy", "parity"): 0.008,
    ("langchain", "parity"): 0.010,
    ("semantic_kernel", "parity"): 0.008,
    ("plain", "native"): 0.002,
    ("haystack", "native"): 0.017,
    ("llamaindex", "native"): 0.011,
    ("dspy", "native"): 0.060,  # waits up to 100 ms to batch a question
    ("langchain", "native"): 0.010,
    ("semantic_kernel", "native"): 0.008,
}
"""Per question, without the model."""

UNMEASURED_SECONDS = 0.010
"""The same of a plug-in: as the frameworks that are here, most of the time."""

JUDGING_SECONDS, JUDGED_SECONDS = 4.5, 0.009
"""Of importing ragas and presidio, and per answer without a judge model."""

REPLAYED_SECONDS = 0.002
"""Of a call that a recording answers and nobody waits for."""

BATCH, LANES, JUDGED_AT_ONCE = 64, 2, 4


@dataclass(slots=True)
class Load:
    """What takes time."""

    questions: int = 0
    embedded: list[float] = field(default_factory=list)
    """Tokens of each passage that is embedded."""
    indexed: int = 0
    """Passages that frameworks store."""
    chat_calls: int = 0
    chat_tokens: int = 0
    rerank_calls: int = 0
    answers: int = 0
    judge_calls: int = 0
    framework_seconds: float = 0.0

    def framework(self, backend: str, track: Track, questions: int) -> None:
        """Add a cell's own share."""
        self.framework_seconds += questions * FRAMEWORK_SECONDS.get((backend, track), UNMEASURED_SECONDS)


def seconds(options: Options, load: Load) -> dict[str, float]:
    """Seconds by stage.

    Args:
        options: of the run.
        load: what it has to do.
    """
    replayed = options.replay is not None and not options.real_time
    recipe = options.recipe
    found = {"starting": START_SECONDS * len(options.backends)} if load.questions else {}
    if load.questions:
        asked = 0 if recipe.retrieval == "bm25" else load.questions
        found["embedding and indexing"] = _embedding(recipe.embedding_model, load, asked, replayed)
        if replayed:
            model = REPLAYED_SECONDS * load.chat_calls
        elif recipe.model.startswith(LOCAL):
            model = READER_SECONDS * load.chat_tokens
        else:
            model = REMOTE_CHAT_SECONDS * load.chat_calls / options.in_flight
        ranking = (REPLAYED_SECONDS if replayed else REMOTE_RERANK_SECONDS / options.in_flight) * load.rerank_calls
        found["asking"] = load.framework_seconds + model + ranking
    judge = REPLAYED_SECONDS if replayed or options.judge.startswith(LOCAL) else REMOTE_CHAT_SECONDS / JUDGED_AT_ONCE
    found["judging"] = JUDGING_SECONDS + JUDGED_SECONDS * load.answers + judge * load.judge_calls
    return found


def _embedding(model: str, load: Load, questions: int, replayed: bool) -> float:
    indexing = INDEXING_SECONDS * load.indexed
    if replayed:
        return indexing + REPLAYED_SECONDS * questions
    if model.startswith(LOCAL):
        read = sum(min(length, MAX_CONTENT_TOKENS) for length in load.embedded)
        return indexing + EMBEDDING_SECONDS * read + ALONE_SECONDS * questions
    requests = len(load.embedded) / BATCH / LANES + questions
    return indexing + REMOTE_EMBEDDING_SECONDS * requests
