"""What a model may say: one sound draft, one fault at a time, and the reason each is rejected for."""

import json
from typing import Any

import pytest

from workbench.drafting.candidate import Chosen, key_of
from workbench.drafting.checking import Known, Rejected, read
from workbench.drafting.quotes import places
from workbench.records import Passage, Question

TEXT = "Leave.\n\nEverybody gets 31 days\nof leave. Part-timers get 19 days. Leave\u00a0is not paid out. Leave is good."
PASSAGE = Passage("leave#0-99", "acme", "leave", 0, len(TEXT), TEXT)
CHOSEN = Chosen(key_of(PASSAGE), PASSAGE, "number", "On leave")
SOUND = {"question": "How much holiday is there?", "answer": "31 days", "quote": "Everybody gets 31 days of leave"}


def said(**changed: Any) -> str:
    return json.dumps({**SOUND, **changed})


def test_a_sound_draft_is_kept_with_its_passage() -> None:
    made = read(said(), CHOSEN, "m", Known())
    assert (made.tenant, made.document, made.kind, made.model) == ("acme", "leave", "number", "m")
    assert (made.question, made.answer, made.quote) == tuple(SOUND.values())
    assert not made.derived
    assert made.id.startswith(f"{CHOSEN.key}-")


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "```json\n{}\n```",
        "Here you are: {} I hope it helps. {{}}",
        '<think>Perhaps {{"question": "no"}}?</think>\n{}',
    ],
)
def test_json_is_found_in_whatever_stands_around_it(around: str) -> None:
    assert read(around.replace("{{", "{").replace("}}", "}").replace("{}", said(), 1), CHOSEN, "m", Known()).answer


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("I cannot help with that.", "no JSON object in what the model said"),
        ("", "no JSON object in what the model said"),
        ("[1, 2]", "no JSON object in what the model said"),
        ('{"question": "How', "no JSON object in what the model said"),
        ("{" * 100_000, "no JSON object in what the model said"),
        ('{"none": "a heading only"}', "the model found nothing to ask"),
        (said(question=""), "question is empty"),
        (said(question=["How?"]), "question is empty"),
        (said(answer="  "), "answer is empty"),
        (said(quote=None), "quote is empty"),
        (said(question="How " * 101), "question longer than 400 characters"),
        (said(answer="31 days " * 40), "answer longer than 300 characters"),
        (said(quote="Everybody " * 101), "quote longer than 1000 characters"),
        (said(quote="Everybody has 31 days of leave"), "quote not in the passage"),
        (said(quote="everybody gets 31 days"), "quote not in the passage"),
        (said(answer="Leave is", quote="Leave is"), "quote stands in the passage more than once"),
        (said(answer="30 days"), "answer not in the quote and not declared derived"),
        (said(answer="1 days"), "answer not in the quote and not declared derived"),
        (said(answer="thirty-one", derived="yes"), "answer not in the quote and not declared derived"),
        (said(question="Who gets 31 days?"), "question holds its answer"),
        (said(question="Why 50 days?", answer="50 days", derived=True), "question holds its answer"),
        (said(answer="There is no information on that.", derived=True), "answer reads like a refusal"),
        (said(question="According to the passage, how much holiday is there?"), "question points at the passage"),
        (said(question="How much holiday is there in this document?"), "question points at the passage"),
        (said(question="What does the text say on holidays?"), "question points at the passage"),
        (said(question="HOW much holiday, is there"), "question asked already"),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_rejected_with_its_reason(words: str, reason: str) -> None:
    known = Known([Question("q1", "acme", "How much holiday is there?")] if "HOW" in words else [])
    with pytest.raises(Rejected) as rejected:
        read(words, CHOSEN, "m", known)
    assert str(rejected.value) == reason


def test_another_tenant_may_ask_the_same() -> None:
    assert read(said(), CHOSEN, "m", Known([Question("q1", "zeta", SOUND["question"])]))


def test_a_yes_or_a_no_is_derived_and_may_stand_in_the_question() -> None:
    made = read(
        said(question="Is there no pay for leave?", answer="No", quote="Leave is not paid out", derived=True),
        CHOSEN, "m", Known(),
    )  # fmt: skip
    assert made.derived


def test_what_stands_in_the_quote_is_not_derived_whatever_the_model_says() -> None:
    assert not read(said(derived=True), CHOSEN, "m", Known()).derived


def test_half_characters_do_not_get_through() -> None:
    made = read(said(question="How much holiday\ud800 is there?"), CHOSEN, "m", Known())
    assert made.question.encode()


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("31 days of", TEXT, [(23, 33)]),
        ("Leave is", TEXT, [(66, 74), (89, 97)]),
        ("aba", "ababa", [(0, 3), (2, 5)]),
        ("a.c", "abc a.c", [(4, 7)]),
        ("soft hyphen", "a soft\u00adhyphen", [(2, 13)]),
        (" ", "a b", []),
        ("", "a b", []),
    ],
)
def test_places_of_words_with_white_space_free(words: str, text: str, found: list[tuple[int, int]]) -> None:
    assert places(words, text) == found
    assert all(text[start:end].strip() == text[start:end] for start, end in found)
