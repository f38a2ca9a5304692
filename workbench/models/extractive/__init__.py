"""`local/extractive`: takes the messages of a chat request, answers from the context they hold, or declines.

No neural network and nothing downloaded: sentences and the stretches in them are weighed by rules of grammar and by the
words they share with the question. The same request always gives the same reply, on any thread.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.models.extractive import answers, doubt, forms, prompts, questions
from workbench.models.extractive.answers import Choice
from workbench.models.extractive.prompts import Asked
from workbench.models.extractive.questions import Question

__all__ = ["Explained", "Reading", "explain", "read"]

_REFUSED = re.compile(
    r"(?i)(?:i (?:do not|don['’]t|cannot|can['’]t) |(?:the|this) (?:context|document|text|information) (?:does not"
    r"|doesn['’]t)"
    r"|not (?:found|mentioned|stated|enough)|unknown|don['’]t know|empty response|none\b|no (?:answer|information))"
)
"""How an earlier answer begins that is none."""
_SURE = 0.75
"""Share of a yes-or-no question's words that one sentence must hold before it is taken to say yes or no."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader replies."""

    text: str
    """The completion, in the form the prompt asked for: plain, DSPy's fields, XML or JSON."""
    sentence: str
    """The sentence of the context that the answer stands in; empty when declined."""
    flags: tuple[str, ...]
    """`declined`, with the reason where it lies in the prompt: `no_question`, `no_context`, `ambiguous`, `not_rag`;
    `kept` when an earlier answer was repeated; `unfilled` when a field asked for something that no reader finds."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A reading, and how it came about."""

    reading: Reading
    asked: Asked
    question: Question | None
    choice: Choice | None
    """The best answer found, also when it was then declined."""
    doubt: float
    """How much speaks against the choice; declined above `doubt.LIMIT`."""


def read(messages: Sequence[Mapping[str, Any]], response_format: Mapping[str, Any] | None = None) -> Reading:
    """Answer a chat request from the context in it.

    Args:
        messages: OpenAI chat messages; contents are texts or lists of text parts.
        response_format: the request's own, where it asks for JSON.
    """
    return explain(messages, response_format).reading


def explain(messages: Sequence[Mapping[str, Any]], response_format: Mapping[str, Any] | None = None) -> Explained:
    """Do what `read` does and show the steps."""
    asked = prompts.find(messages)
    form = forms.wanted(asked, response_format)
    question = choice = None
    answer, amount, flags = "", 0.0, asked.flags
    if not flags:
        question = questions.analyse(asked.question)
        choice = answers.choose(question, asked.context)
        if choice is not None:
            amount = doubt.amount(question, choice)
            answer = _answer(question, choice) if amount <= doubt.LIMIT else ""
    sentence = choice.sentence.text if choice is not None and answer else ""
    declined = forms.refusal(asked.instructions)
    if asked.earlier and not _is_refusal(asked.earlier, declined):
        answer, sentence, flags = asked.earlier, "", (*flags, "kept")
    elif not answer:
        flags = (*flags, "declined")
    text, full = forms.render(form, answer or declined, sentence, bool(answer))
    reading = Reading(text, sentence, flags if full else (*flags, "unfilled"))
    return Explained(reading, asked, question, choice, amount)


def _answer(question: Question, choice: Choice) -> str:
    """The answer's text; a question for yes or no is answered by whether the sentence says it all and denies none."""
    if question.asks != "POLAR":
        return choice.text
    told = choice.told
    if told["cover evenly"] + told["alike in letters"] < _SURE:
        return ""
    return "Yes" if told["negation differs"] == 0 else "No"


def _is_refusal(text: str, declined: str) -> bool:
    return not text.strip() or text.strip() == declined or _REFUSED.match(text.strip()) is not None
