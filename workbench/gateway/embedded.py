"""The models that live in the gateway: name and texts in, completion or vectors and token counts out. No network."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from workbench.gateway.vectors import Vector
from workbench.messages import text_of

Messages = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Completion:
    """What an embedded chat model answered, with its own token counts."""

    text: str
    input_tokens: int
    output_tokens: int
    counted_by: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatModel:
    """One embedded chat model."""

    about: str
    complete: Callable[[Messages, Mapping[str, Any] | None], Completion]
    instant: bool
    """True: cheap enough to run on the event loop; else it gets a thread."""


def _extractive(messages: Messages, response_format: Mapping[str, Any] | None) -> Completion:
    from workbench.models import minilm
    from workbench.models.extractive import read

    reading = read(messages, response_format)
    tokens = sum(minilm.count_tokens(text_of(message)) for message in messages)
    return Completion(reading.text, tokens, minilm.count_tokens(reading.text), minilm.TOKENIZER, reading.flags)


BY_SPACES = "spaces between words"
"""How the control models count tokens: a tokenizer would cost more than everything else that they do."""


def _words(text: str) -> int:
    return text.count(" ") + 1 if text else 0


def _echo(messages: Messages, response_format: Mapping[str, Any] | None) -> Completion:
    text = "\n".join(text_of(message) for message in messages)
    words = _words(text)
    return Completion(text, words, words, BY_SPACES)


def _silence(messages: Messages, response_format: Mapping[str, Any] | None) -> Completion:
    return Completion("", sum(_words(text_of(message)) for message in messages), 0, BY_SPACES)


CHAT: dict[str, ChatModel] = {
    "local/extractive": ChatModel("deterministic extractive reader, no neural network: weak", _extractive, False),
    "local/echo": ChatModel("answers with its whole prompt: a control for leakage scores and speed", _echo, True),
    "local/silence": ChatModel("answers nothing: a control", _silence, True),
}

EMBEDDING = ("local/minilm",)


@cache
def _minilm() -> Any:
    from workbench.models.minilm import MiniLM

    return MiniLM()


def tokenizer() -> str:
    """The name of the tokenizer that counts for local/minilm."""
    from workbench.models.minilm import TOKENIZER

    return TOKENIZER


def embed(texts: Sequence[str], clock: Callable[[], float]) -> list[Vector]:
    """Embed with local/minilm. A text is charged its share, by tokens, of the time that all took together."""
    from workbench.models.minilm import MAX_CONTENT_TOKENS

    began = clock()
    vectors, counts = _minilm().embed(texts)
    seconds = clock() - began
    whole = sum(counts) or 1
    return [
        Vector(
            vectors[row],
            seconds * count / whole if sum(counts) else seconds / len(texts),
            count,
            count > MAX_CONTENT_TOKENS,
        )
        for row, count in enumerate(counts)
    ]
