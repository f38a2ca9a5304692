"""Marks of single replies and of a run of five questions, worked out by hand; refusals in four languages."""

import gzip
import json
import re
from pathlib import Path

import pytest

from workbench.backends.contract import REFUSAL
from workbench.records import Answer, Failure, Gold
from workbench.scores import answers as run_of_answers
from workbench.scores.answers import Marks, contains, exact_match, f1, mark, normalise
from workbench.scores.judgement import Judgement
from workbench.scores.reading import RunRecords, read
from workbench.scores.refusal import declined


def score(answers: list[Answer], marks: dict[str, Marks], gold: dict[str, Gold]) -> dict[str, dict[str, float]]:
    judgements = [Judgement(attempt, each) for attempt, each in marks.items()]
    return run_of_answers.score(read(RunRecords(answers, judgements=judgements), gold), gold)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The  Duke of\tNormandy.", "duke of normandy"),
        ("An apple a day, the end!", "apple day end"),
        ("Theatre Anne", "theatre anne"),  # articles are words, not beginnings of words
        ("U.S.A.", "usa"),
        ("twenty-one", "twentyone"),  # the official script removes hyphens without a space
        ("«Élan»", "«élan»"),  # and knows ASCII punctuation only
        ("The", "the"),
        (" + ", "+"),
        ("", ""),
    ],
)
def test_normalise(text: str, normal: str) -> None:
    assert normalise(text) == normal


@pytest.mark.parametrize(
    ("text", "answer", "exact", "overlap", "inside"),
    [
        ("the Duke", "Duke", 1, 1, 1),
        # words of the reply: duke of normandy; of the gold: duke. P 1/3, R 1
        ("The Duke of Normandy", "Duke", 0, 1 / 2, 1),
        # shared: in, 1066 of {in, october, 1066} and {in, year, 1066}: P = R = 2/3
        ("in October 1066", "in the year 1066", 0, 2 / 3, 0),
        # repetition counts: shared "new" twice and "york" of 4 and 3
        ("new new york state", "New York, new", 0, 2 * 3 / (4 + 3), 0),
        ("10660", "1066", 0, 0, 0),  # whole words only
        ("it was 1066.", "1066", 0, 1 / 2, 1),
        ("A", "a", 1, 1, 1),
        ("B", "a", 0, 0, 0),
        ("the", "a", 0, 0, 0),
        ("", "Duke", 0, 0, 0),
    ],
)
def test_exact_match_f1_and_containment(text: str, answer: str, exact: float, overlap: float, inside: float) -> None:
    assert (exact_match(text, answer), contains(text, answer)) == (exact, inside)
    assert f1(text, answer) == pytest.approx(overlap)
    assert f1(answer, text) == pytest.approx(overlap), "F1 is symmetric"


def test_the_best_of_several_answers_counts() -> None:
    gold = Gold("q", ("Duke William the Conqueror", "William"))
    # Against the first: {king, william} and {duke, william, conqueror} share one of 2 and 3; the second: 1 of 2 and 1.
    assert mark("King William", gold) == Marks(0.0, 2 / 3, 1.0, False)


def test_an_answer_in_parts_earns_the_share_of_them_that_it_holds() -> None:
    gold = Gold("q", ("Bank: 30 days, desk: 26.",), parts=(("30 days", "thirty days"), ("26", "26 days"), ("none",)))
    assert mark("Thirty days at the bank.", gold).contains == pytest.approx(1 / 3)
    assert mark("30 days, and 26 days at the desk", gold).contains == pytest.approx(2 / 3)
    assert mark("Bank: 30 days, desk: 26.", gold).contains == 1


@pytest.mark.parametrize(
    ("text", "answer", "inside"),
    [
        ("Hand it in within 7 days.", "7 %", 0.0),
        ("It falls by 7% a year.", "7 %", 1.0),
        ("It falls by 7 per cent.", "7%", 1.0),
        ("The fee is €280, paid once.", "280 euros", 1.0),
        ("EUR 1,280.50 a month", "1280.50 euro", 1.0),
        ("You pay 280 pounds.", "€280", 0.0),
        ("£95", "GBP 95", 1.0),
        ("95 dollars or less", "$95", 1.0),
        ("It rises by 1.5 %.", "15 %", 0.0),
        ("It rises by 1,5 %.", "1.5 per cent", 1.0),
        ("€1,200.00 at most", "1200 EUR", 1.0),
        ("It is 12.50 euros.", "EUR 12.50", 1.0),
        ("Come at 10:30.", "1030", 0.0),
        ("Pay 40 EUR 10 days before.", "40 EUR", 1.0),
        ("Pay 40 EUR 10 days before.", "10 EUR", 0.0),
        ("From €40 €50 are left", "50 euros", 1.0),
    ],
)
def test_a_number_is_contained_with_its_unit(text: str, answer: str, inside: float) -> None:
    assert contains(text, answer) == inside


def test_unanswerable_is_right_when_declined_and_only_then() -> None:
    gold = Gold("q", answerable=False)
    assert mark(REFUSAL, gold) == Marks(1.0, 1.0, 1.0, True)
    assert mark("", gold) == Marks(1.0, 1.0, 1.0, True)
    assert mark("Rollo", gold) == Marks(0.0, 0.0, 0.0, False)


def test_declining_an_answerable_question_scores_nothing_even_where_words_are_shared() -> None:
    gold = Gold("q", ("enough information",))
    assert mark(REFUSAL, gold) == Marks(0.0, 0.0, 0.0, True)


def test_a_gold_answer_that_reads_like_a_refusal_is_an_answer() -> None:
    assert mark("Unknown.", Gold("q", ("unknown",))) == Marks(1.0, 1.0, 1.0, False)


@pytest.mark.parametrize("gold", [None, Gold("q"), Gold("q", (), answerable=True)])
def test_without_gold_answers_nothing_is_scored(gold: Gold | None) -> None:
    assert mark("Rollo", gold) == Marks(None, None, None, False)
    assert mark("I don't know", gold).declined


def test_marks_survive_a_round_trip() -> None:
    marks = mark("King William", Gold("q", ("William",)))
    assert Marks.from_dict(json.loads(json.dumps(marks.to_dict() | {"later": 1}))) == marks


def test_five_questions_by_hand() -> None:
    """Right, half right, failed, rightly declined, unscored."""
    gold = {
        "right": Gold("right", ("Rollo",)),
        "half": Gold("half", ("10th century",)),
        "failed": Gold("failed", ("Rollo",)),
        "none": Gold("none", answerable=False),
        "open": Gold("open"),
    }
    replies = {"right": "Rollo", "half": "the 9th century", "none": REFUSAL, "open": "whatever"}
    marks = {f"a-{question}": mark(text, gold[question]) for question, text in replies.items()}
    answers = [Answer(question, "t", 0, f"a-{question}") for question in ("right", "half", "none", "open")]
    answers.insert(2, Answer("failed", "t", 0, "a-failed", failure=Failure("deadline", "late")))

    found = score(answers, marks, gold)
    assert found["exact_match"] == {"right": 1, "half": 0, "failed": 0, "none": 1}
    assert found["f1"] == pytest.approx({"right": 1, "half": 0.5, "failed": 0, "none": 1})
    assert found["contains"] == {"right": 1, "half": 0, "failed": 0, "none": 1}
    assert found["refusal_accuracy"] == {"none": 1}
    assert found["wrongly_declined"] == {"right": 0, "half": 0, "failed": 0, "open": 0}


def test_a_failed_unanswerable_question_is_no_refusal() -> None:
    answers = [Answer("none", "t", 0, "a", failure=Failure("server", "500"))]
    found = score(answers, {}, {"none": Gold("none", answerable=False)})
    assert (found["exact_match"], found["refusal_accuracy"]) == ({"none": 0}, {"none": 0})


def test_rounds_are_averaged_by_question() -> None:
    gold = {"q": Gold("q", ("Rollo",))}
    answers = [Answer("q", "t", 0, "a"), Answer("q", "t", 1, "b", failure=Failure("server", "500"))]
    assert score(answers, {"a": mark("Rollo", gold["q"])}, gold)["exact_match"] == {"q": 0.5}


def test_an_answer_without_marks_is_in_no_figure_and_not_a_zero() -> None:
    found = score([Answer("q", "t", 0, "a")], {}, {"q": Gold("q", ("Rollo",))})
    assert found["exact_match"] == found["wrongly_declined"] == {}


DECLINED = [
    "",
    " \n",
    "...",
    REFUSAL,
    REFUSAL.replace("'", "\u2019"),
    f'"{REFUSAL}"',
    "**I don't know.**",
    "Answer: I don't know",
    "I do not know the answer to that question.",
    "I'm sorry, but I don't know.",
    "Sorry. I cannot answer this.",
    "Based on the provided context, I cannot determine the year.",
    "The context does not mention the founder.",
    "The provided context doesn't contain information about that.",
    "The passage provides no information about the author.",
    "Not enough information.",
    "No information",
    "No information about the king is available in the context.",
    "There is no information in the context about this.",
    "There is not enough information to answer the question.",
    "There is no mention of a treaty in the given context.",
    "Cannot answer",
    "I am unable to find the answer.",
    "It cannot be determined from the context.",
    "This question cannot be answered from the documents.",
    "The year is not mentioned in the context.",
    "Not provided in the context.",
    "It is not stated.",
    "Empty Response",
    "Unanswerable",
    "N/A",
    "I'm not sure.",
    "The context does not give the date, but it mentions that Rollo was a Viking.",
    "I don't have enough information to answer. The context discusses the Normans.",
    "Ich weiß es nicht.",
    "Ich habe nicht genügend Informationen, um zu antworten.",
    "Der Kontext enthält keine Informationen dazu.",
    "Diese Frage kann ich leider nicht beantworten.",
    "Keine Angaben",
    "Das wird nicht im Kontext erwähnt.",
    "Im Text steht dazu nichts.",
    "Je ne sais pas.",
    "Je n'ai pas assez d'informations pour répondre.",
    "Le contexte ne mentionne pas cette date.",
    "Aucune information disponible.",
    "No lo sé.",
    "No tengo suficiente información para responder.",
    "El contexto no menciona esa fecha.",
    "No hay información suficiente.",
]

ANSWERED = [
    "Rollo",
    "No",
    "none",
    "not guilty",
    "information theory",
    "Unknown Pleasures",
    "The city had no information office until 1990.",
    "No information was released by the government until 1990.",
    "There is no evidence of life on Mars",
    "There was no mention of slavery in the constitution of 1787.",
    "He replied 'I don't know' when he was asked about it.",
    "The treaty was signed in 1648. The context does not mention the place.",
    "The treaty was signed in 1648; I don't know where.",
    "I don't know the exact year, but it was built by the Normans.",
    "The context does not give a date; however, Rollo lived in the 10th century.",
    "I don't know. The answer is Paris.",
    "I cannot tell a lie",
    "The document does not exist.",
    "No answer was given by Luther at the Diet",
    "Insufficient funding",
    "Not enough food",
    "The Information",
    "It is not known for its food.",
    "The author is not mentioned in the text of the treaty of Paris",
    "Data is not available before 1900.",
    "In the context of war, soldiers could not vote.",
    "Das Rauchen ist nicht erlaubt.",
    "Le texte ne fut publié qu'en 1920",
    "No se puede fumar",
    "no hay agua en la luna",
]


@pytest.mark.parametrize("text", DECLINED)
def test_refusals_are_seen(text: str) -> None:
    assert declined(text)


@pytest.mark.parametrize("text", ANSWERED)
def test_answers_with_such_words_are_no_refusals(text: str) -> None:
    assert not declined(text)


def test_no_gold_answer_and_no_sentence_of_real_articles_is_taken_for_a_refusal(real_data: Path) -> None:
    files = sorted((real_data / "squad").glob("*.json.gz"))
    texts: set[str] = set()
    for file in files:
        for article in json.loads(gzip.decompress(file.read_bytes()))["data"]:
            for paragraph in article["paragraphs"]:
                texts.update(re.split(r"(?<=[.!?])\s+", paragraph["context"]), [paragraph["context"]])
                texts.update(answer["text"] for question in paragraph["qas"] for answer in question["answers"])
    wrong = [text for text in texts if declined(text) and text.strip(" .")]
    assert len(texts) > 10_000
    # "unknown" is a gold answer of the set, which `mark` tells from a refusal.
    assert set(wrong) <= {"unknown"}


@pytest.mark.parametrize("text", ["is " * 5000 + "not", "the provided given above " * 2000, "im text steht " * 2000])
def test_long_texts_do_not_make_the_rule_slow(text: str) -> None:
    assert not declined(text)
