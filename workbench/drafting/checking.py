"""What a model said of a passage in, a candidate or the reason to reject it out. Calls no model.

The same rules hold for what a person changed; only then a rejection is an error of the file.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from workbench.drafting.candidate import Candidate, Chosen, canonical, identify
from workbench.drafting.quotes import places, stands
from workbench.records import Question
from workbench.scores.answers import normalise
from workbench.scores.refusal import declined
from workbench.workload.foreign import plain

MOST_QUESTION, MOST_ANSWER, MOST_QUOTE = 400, 300, 1_000
"""Characters; what is longer is no question, no short answer and no quote."""

_YES_OR_NO = frozenset({"yes", "no", "ja", "nein", "oui", "non", "sí", "si"})

_POINTS = re.compile(
    r"\b(?:(?:the|this) (?:(?:given|above|provided|following) )?(?:passage|excerpt|text|document|table|paragraph)"
    r"(?: above| below| provided| given)?(?= ?(?:[?,.]|$|mention|stat|say|describ|list|show))|"
    r"according to (?:the|this) (?:passage|excerpt|text|document|table|paragraph)|mentioned above|"
    r"(?:im|laut|nach) (?:dem |der )?(?:text|textabschnitt|abschnitt|dokument|auszug|tabelle)(?= ?(?:[?,.]|$|genannt))|"
    r"(?:dans|selon) (?:le|ce) (?:passage|texte|document))",
    re.IGNORECASE,
)


class Rejected(Exception):
    """Why what was said is not kept: a few words, the same for all of one sort."""


class Known:
    """The questions that there are already, by tenant, compared by their words whatever their order."""

    def __init__(self, questions: Iterable[Question] = ()) -> None:
        self._seen: dict[tuple[str, frozenset[str]], str] = {}
        for question in questions:
            self.add(question.tenant, question.text, question.id)

    def add(self, tenant: str, text: str, id: str) -> None:
        """Take a question in."""
        self._seen.setdefault((tenant, _words(text)), id)

    def find(self, tenant: str, text: str) -> str:
        """The id of a question of the tenant that asks the same in the same words; empty: none."""
        return self._seen.get((tenant, _words(text)), "")


def read(said: str, chosen: Chosen, model: str, known: Known) -> Candidate:
    """Take what a model said, if it keeps to the rules.

    Args:
        said: the whole completion.
        chosen: the passage it was asked about.
        model: who said it.
        known: questions that may not be asked again.

    Raises:
        Rejected: it is not kept; says why.
    """
    values = _object(said)
    if "none" in values and not plain(values.get("question")).strip():
        raise Rejected("the model found nothing to ask")
    question, answer, quote = (canonical(plain(values.get(name))) for name in ("question", "answer", "quote"))
    passage, derived = chosen.passage, values.get("derived") is True
    check(question, answer, quote, derived)
    if len(found := places(quote, passage.text)) != 1:
        raise Rejected("quote stands in the passage more than once" if found else "quote not in the passage")
    if known.find(passage.tenant, question):
        raise Rejected("question asked already")
    derived = not stands(answer, quote)
    return Candidate(
        id=identify(chosen.key, question, answer, quote, derived),
        tenant=passage.tenant,
        document=passage.document,
        question=question,
        answer=answer,
        quote=quote,
        derived=derived,
        passage=canonical(passage.text),
        kind=chosen.kind,
        model=model,
    )


def check(question: str, answer: str, quote: str, derived: bool) -> None:
    """Refuse a question, an answer and a quote that do not fit each other, wherever the quote stands.

    Args:
        question: what is asked.
        answer: what is right.
        quote: from which it follows.
        derived: the answer need not stand in the quote.

    Raises:
        Rejected: says why.
    """
    for name, text, most in (
        ("question", question, MOST_QUESTION),
        ("answer", answer, MOST_ANSWER),
        ("quote", quote, MOST_QUOTE),
    ):
        if not normalise(text):
            raise Rejected(f"{name} is empty")
        if len(text) > most:
            raise Rejected(f"{name} longer than {most} characters")
    if declined(answer):
        raise Rejected("answer reads like a refusal")
    if not derived and not stands(answer, quote):
        raise Rejected("answer not in the quote and not declared derived")
    if stands(answer, question) and normalise(answer) not in _YES_OR_NO:
        raise Rejected("question holds its answer")
    if _POINTS.search(question):
        raise Rejected("question points at the passage")


def _object(said: str) -> Mapping[str, Any]:
    """The JSON object in a completion, also behind a model's thoughts or inside a fence."""
    decoder = json.JSONDecoder(strict=False)
    at = said.rfind("</think>") + 1
    while (at := said.find("{", at)) >= 0:
        try:
            values, _ = decoder.raw_decode(said, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        return dict(values)
    raise Rejected("no JSON object in what the model said")


def _words(text: str) -> frozenset[str]:
    return frozenset(normalise(text).split())
