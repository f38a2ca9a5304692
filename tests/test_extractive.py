"""local/extractive reads a small invented town; what is right was written down by hand before the reader was asked."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.backends.contract import REFUSAL, SHARED_PROMPT
from workbench.models.extractive import Reading, explain, read

TOWN = """\
Aldwick Harbour was opened in 1871 by the engineer Mary Penrose. It was built because the old quay in Sallow Bay had \
silted up. The harbour wall is 840 metres long and cost £92,000.

The ferry company Northline runs boats from Aldwick to the island of Sorn. In 2019 it carried 41,300 passengers, of \
whom 62 percent were tourists. Tickets are sold at the red kiosk beside the lighthouse.

Aldwick's lighthouse, designed by Tom Arkwell, uses a rotating lens. The lighthouse is not open to visitors. On 4 May \
1932 a storm destroyed its first lamp, which was known as Old Betsy. The museum shows ropes, anchors and charts."""


def ask(question: str, context: str = TOWN) -> Reading:
    return read([{"role": "user", "content": SHARED_PROMPT.format(context=context, question=question)}])


@pytest.mark.parametrize(
    ("question", "answer", "sentence"),
    [
        ("Who opened Aldwick Harbour?", "Mary Penrose", "Aldwick Harbour was opened"),
        ("who opened the harbour", "Mary Penrose", "Aldwick Harbour was opened"),
        ("When was Aldwick Harbour opened?", "1871", "Aldwick Harbour was opened"),
        ("How long is the harbour wall?", "840 metres", "The harbour wall is"),
        ("How much did the harbour wall cost?", "£92,000", "The harbour wall is"),
        ("How many passengers did Northline carry in 2019?", "41,300", "In 2019"),
        ("What percentage of the passengers were tourists?", "62 percent", "In 2019"),
        ("Where are tickets sold?", "red kiosk", "Tickets are sold"),
        ("Who designed the lighthouse?", "Tom Arkwell", "Aldwick's lighthouse"),
        ("What type of lens does the lighthouse use?", "rotating", "Aldwick's lighthouse"),
        ("To which island does the ferry company run boats?", "Sorn", "The ferry company"),
        ("When did a storm destroy the first lamp?", "4 May 1932", "On 4 May 1932"),
        ("What was the first lamp known as?", "Old Betsy", "On 4 May 1932"),
        ("What does the museum show?", "ropes, anchors and charts", "The museum shows"),
        ("Was Aldwick Harbour opened in 1871?", "Yes", "Aldwick Harbour was opened"),
        ("Is the lighthouse open to visitors?", "No", "The lighthouse is not open"),
    ],
)
def test_the_answer_and_its_sentence(question: str, answer: str, sentence: str) -> None:
    reading = ask(question)
    assert reading.text == answer
    assert reading.sentence.startswith(sentence)
    assert reading.sentence in TOWN
    assert reading.flags == ()


def test_a_reason_is_told_in_the_words_of_the_context() -> None:
    assert ask("Why was the harbour built?").text.startswith("old quay in Sallow Bay")


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",  # nothing of it is here
        "Who is the mayor of Vienna?",
        "Who closed Aldwick Harbour in 1950?",  # another year
        "How many passengers did Northline carry in 1987?",
        "What did the storm not destroy?",  # the sentence denies nothing
        "Does the harbour wall cost a fortune in Spain?",
    ],
)
def test_what_the_context_does_not_support_is_declined(question: str) -> None:
    assert ask(question) == Reading(REFUSAL, "", ("declined",))


def test_without_a_context_it_declines() -> None:
    assert ask("Who opened Aldwick Harbour?", context=" \n ") == Reading(REFUSAL, "", ("no_context", "declined"))


def test_the_same_request_gets_the_same_reply_on_every_thread() -> None:
    questions = ["Who opened Aldwick Harbour?", "Where are tickets sold?", "What is the capital of France?"] * 20
    alone = [ask(question) for question in questions]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, questions)) == alone


def test_how_strings_are_hashed_changes_nothing() -> None:
    code = (
        "import sys; from workbench.models.extractive import explain;"
        "e = explain([{'role': 'user', 'content': sys.stdin.read()}]); print(e.reading, repr(e.doubt), e.choice.told)"
    )
    prompt = SHARED_PROMPT.format(context=TOWN, question="Which company carried passengers from Aldwick to Sorn?")
    said = {
        subprocess.run(
            [sys.executable, "-c", code], input=prompt, text=True, capture_output=True, check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(said) == 1


def test_the_choice_is_shown_also_when_it_was_declined() -> None:
    prompt = SHARED_PROMPT.format(context=TOWN, question="Who closed Aldwick Harbour in 1950?")
    explained = explain([{"role": "user", "content": prompt}])
    assert explained.reading.sentence == ""
    assert explained.choice is not None
    assert explained.choice.sentence.text.startswith("Aldwick Harbour was opened")


def test_loading_it_imports_nothing_heavy() -> None:
    heavy = {"numpy", "torch", "onnxruntime", "pandas", "scipy", "sklearn", "nltk", "spacy"}
    code = "import sys, workbench.models.extractive; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert heavy.isdisjoint(loaded)


# ---- whatever comes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "piece",
    [
        ".", "?", "-", " ", "\n", "\n ", "a", "A.", "A. ", '"', "'", "n't", "(", "1", "1,", "word ", "Word ", "a and ",
        "Context: ", "Question: why?\n", "Answer: x\n", "User: x\n", "<context>", "</context>", "the following ", "«",
        "---\n", "# h\n", "東京は大きい。", "\ud800", "a\u200b", "😀", ".[1]", ".,A", "[[ ## question ## ]]\n",
        'say "x" ',
        "Name: x\nValue: y\n---\n", "The harbour was opened in 1871 by Mary Penrose. ",
    ],
)  # fmt: skip
def test_a_long_context_of_any_kind_is_read_to_its_end(piece: str) -> None:
    # A pattern that looks back and forth over such a text would take hours, not a second.
    context = piece * (100_000 // len(piece)) + "x"
    assert ask("Who opened the harbour in 1871?", context).text.encode("utf-8")


def test_work_grows_no_faster_than_the_context() -> None:
    def calls(paragraphs: int) -> int:
        count = 0

        def tally(frame: Any, event: str, argument: Any) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        context = "\n\n".join(f"Paragraph {number}. {TOWN}" for number in range(paragraphs))
        messages = [{"role": "user", "content": SHARED_PROMPT.format(context=context, question="Who opened it?")}]
        read(messages)
        sys.setprofile(tally)
        try:
            read(messages)
        finally:
            sys.setprofile(None)
        return count

    assert calls(80) < 2.2 * calls(40)


_PIECES = st.sampled_from(
    [
        "Context:", "\n", "Question: ", "Answer:", "<context>", "</context>", "<question>", "---\n", "Who opened it? ",
        "The harbour opened in 1871. ", "[[ ## question ## ]]\n", "[[ ## context ## ]]\n", "Respond with ", "JSON",
        "Your input fields are:\n1. `context` (str):\n2. `question` (str):\nYour output fields are:\n1. `a` (str):\n",
        "\ud800", "\u200b", "“", "«", "[1] «", "User: ", "Value: ", "Link: x\n", "\t", "$5",
        "say 'no idea' if you cannot", " refine ", "Original Answer: x\n", "New Context: y\n",
    ]
)  # fmt: skip
_CONTENTS = st.one_of(
    st.lists(_PIECES, max_size=20).map("".join),
    st.text(max_size=80),
    st.none(),
    st.lists(st.fixed_dictionaries({"type": st.just("text"), "text": st.text(max_size=20)}), max_size=3),
)
_MESSAGES = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant", "tool"]), "content": _CONTENTS}),
    max_size=4,
)
_FORMATS = st.sampled_from(
    [None, {}, {"type": "json_object"}, {"type": "json_schema"}, {"type": "json_schema", "json_schema": {"schema": 1}}]
)


@settings(max_examples=300, deadline=None)
@given(_MESSAGES, _FORMATS)
def test_no_request_makes_it_raise(messages: list[dict[str, Any]], response_format: dict[str, Any] | None) -> None:
    reading = read(messages, response_format)
    reading.text.encode("utf-8")
    assert ("declined" in reading.flags) <= (reading.sentence == "")
