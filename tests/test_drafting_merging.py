"""Reviewed rows and a workload of two documents in, questions with gold out; one thing wrong at a time."""

from dataclasses import replace

import pytest

from workbench.drafting.candidate import Candidate, Reviewed, Verdict, identify
from workbench.drafting.merging import merge
from workbench.errors import BadInput
from workbench.records import Document, Evidence, Gold, Question, Tenant, Workload
from workbench.workload.identity import workload_of

LEAVE = (
    "Everybody gets 31 days\nof leave.\n\nLeave is not paid out. Nobody at Acme may sell it.\n\nApprentices: 31 days."
)
PASSAGE = "Everybody gets 31 days of leave."


def world() -> Workload:
    return workload_of(
        name="w",
        tenants=[Tenant("acme", "Acme"), Tenant("zeta", "Zeta")],
        documents=[
            Document("leave", "acme", LEAVE, language="en"),
            Document("trap", "acme", LEAVE, hostile="override"),
            Document("canteen", "zeta", "Soup is served at noon."),
        ],
        questions=[Question("q1", "zeta", "When is there soup?")],
        gold=[Gold("q1", ("at noon",), (Evidence("canteen", ((15, 22),)),))],
        source="Written for a test.",
    )


def row(verdict: Verdict = "ok", number: int = 2, key: str = "draft-1", **changed: object) -> Reviewed:
    """A drafted row; what is changed was changed before it was drafted."""
    made = Candidate(
        id="", tenant="acme", document="leave", question="How much holiday is there?", answer="31 days",
        quote="gets 31 days of", derived=False, passage=PASSAGE, kind="single_fact", model="m",
    )  # fmt: skip
    made = replace(made, **changed)  # type: ignore[arg-type]
    id = made.id or identify(key, made.question, made.answer, made.quote, made.derived)
    return Reviewed(number, replace(made, id=id), verdict)


def touched(one: Reviewed, **changed: object) -> Reviewed:
    """The row after a person or a spreadsheet changed it."""
    return replace(one, candidate=replace(one.candidate, **changed))  # type: ignore[arg-type]


def test_ok_takes_the_row_as_it_was_drafted() -> None:
    one = row()
    made = merge(world(), [one], "d.csv")
    assert made.counts == {"reviewed, taken as drafted": 1}
    asked = Question(one.candidate.id, "acme", "How much holiday is there?", language="en")
    assert set(made.workload.questions) == {asked, *world().questions}
    # "Everybody " is 10 characters, "gets 31 days\nof" 15.
    assert made.workload.gold[asked.id] == Gold(
        asked.id, ("31 days",), (Evidence("leave", ((10, 25),)),), kind="single_fact"
    )
    assert made.workload.gold["q1"] == world().gold["q1"]
    assert (made.workload.name, made.workload.source) == ("w", "Written for a test.")


def test_the_place_is_the_one_in_the_passage_though_the_words_stand_elsewhere_too() -> None:
    made = merge(world(), [row(quote="31 days")], "d.csv")
    (gold,) = [gold for gold in made.workload.gold.values() if gold.question != "q1"]
    assert gold.evidence == (Evidence("leave", ((15, 22),)),)


def test_the_passage_may_stand_anywhere_and_more_than_once() -> None:
    made = merge(world(), [row(quote="31 days", passage="Apprentices: 31 days.")], "d.csv")
    (gold,) = [gold for gold in made.workload.gold.values() if gold.question != "q1"]
    start = LEAVE.index("31 days.")
    assert gold.evidence == (Evidence("leave", ((start, start + 7),)),)
    twice = workload_of(
        name="w",
        tenants=world().tenants[:1],
        documents=[Document("leave", "acme", f"{PASSAGE} {PASSAGE}")],
        questions=[],
    )
    (gold,) = merge(twice, [row(quote="31 days")], "d.csv").workload.gold.values()
    assert gold.evidence == (Evidence("leave", ((15, 22), (48, 55))),)


def test_a_derived_answer_names_what_it_rests_on() -> None:
    one = row(question="May leave be sold?", answer="No", quote="Leave is not paid out", derived=True, passage="")
    made = merge(world(), [one], "d.csv")
    assert made.workload.gold[one.candidate.id].support == ("Leave is not paid out",)


def test_edit_takes_what_the_person_wrote_with_a_quote_from_anywhere_in_the_document() -> None:
    one = touched(row("edit"), question="Who may sell leave?", answer="Nobody", quote="Nobody at Acme may sell it")
    made = merge(world(), [one], "d.csv")
    gold = made.workload.gold[one.candidate.id]
    start = LEAVE.index("Nobody")
    assert (gold.answers, gold.evidence) == (("Nobody",), (Evidence("leave", ((start, start + 26),)),))
    assert not gold.drafted
    assert made.counts == {"reviewed, taken as edited": 1}


def test_rows_without_a_verdict_are_left_out_or_kept_as_drafted() -> None:
    one = row("")
    made = merge(world(), [one], "d.csv")
    assert (made.workload.hash, made.counts) == (world().hash, {"without a verdict, left out": 1})
    made = merge(world(), [one], "d.csv", keep_drafted=True)
    assert made.workload.gold[one.candidate.id].drafted
    assert made.counts == {"kept as drafted, not reviewed": 1}


def test_taken_twice_it_is_there_once() -> None:
    rows = [row(), row("edit", 3, "draft-2", question="Who may sell leave?", answer="Nobody", quote="Nobody at Acme")]
    once = merge(world(), rows, "d.csv").workload
    twice = merge(once, rows, "d.csv")
    assert twice.workload.hash == once.hash
    assert twice.counts == {"there already": 2}


def test_reviewed_later_it_replaces_what_was_kept_as_drafted() -> None:
    kept = merge(world(), [row("")], "d.csv", keep_drafted=True).workload
    reviewed = merge(kept, [row("ok")], "d.csv").workload
    assert reviewed.hash == merge(world(), [row("ok")], "d.csv").workload.hash
    edited = merge(kept, [touched(row("edit"), question="How long is leave?")], "d.csv").workload
    assert {question.text for question in edited.questions} == {"How long is leave?", "When is there soup?"}
    dropped = merge(kept, [row("no")], "d.csv")
    assert dropped.workload.hash == world().hash
    assert dropped.counts == {"taken before without a review, now removed": 1}
    assert merge(kept, [row("")], "d.csv", keep_drafted=True).counts == {"there already": 1}


def test_no_drops_a_row_whatever_is_in_it_and_never_a_reviewed_question() -> None:
    assert merge(world(), [touched(row("no"), quote="nonsense", document="?")], "d.csv").counts == {"dropped": 1}
    taken = merge(world(), [row()], "d.csv").workload
    assert merge(taken, [row("no")], "d.csv").workload.hash == taken.hash


def test_a_question_that_is_asked_already_is_left_out() -> None:
    rows = [row(), row("ok", 3, "draft-2"), row("ok", 4, "draft-3", tenant="zeta", document="canteen", passage="",
            question="When there is soup", answer="at noon", quote="at noon")]  # fmt: skip
    made = merge(world(), rows, "d.csv")
    assert made.counts == {"reviewed, taken as drafted": 1, "asked already by another question, left out": 2}
    assert len(made.workload.questions) == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (touched(row(), answer="30 days"), "is not as it was drafted (a spreadsheet may have changed it)"),
        (touched(row(), question="How much leave?"), "is not as it was drafted"),
        (touched(row("edit"), quote="gets 31 weeks"), 'the quote "gets 31 weeks" stands 0 times in "leave"'),
        (touched(row("edit"), passage="", quote="31 days"), 'the quote "31 days" stands 2 times in "leave"'),
        (touched(row("edit"), answer="30 days"), "answer not in the quote and not declared derived"),
        (touched(row("edit"), question=""), "question is empty"),
        (touched(row("edit"), question="Who gets 31 days?"), "question holds its answer"),
        (row(document="trap"), '"trap" is no honest document of tenant "acme"'),
        (row(document="canteen"), '"canteen" is no honest document of tenant "acme"'),
        (row(tenant="nobody"), '"leave" is no honest document of tenant "nobody"'),
    ],
)
def test_a_row_that_cannot_be_taken_is_told_and_nothing_is_made(wrong: Reviewed, said: str) -> None:
    with pytest.raises(BadInput) as told:
        merge(world(), [row("ok", 2, "draft-0", question="What is there to be had?"), replace(wrong, row=7)], "d.csv")
    assert str(told.value).startswith("d.csv, row 7: ")
    assert said in str(told.value)


def test_all_wrong_rows_are_named() -> None:
    rows = [touched(row("edit", number, f"draft-{number}"), quote="nonsense") for number in (3, 5, 8)]
    with pytest.raises(BadInput, match=r"d\.csv, row 3: .*\(also wrong: rows 5, 8\)"):
        merge(world(), rows, "d.csv")


def test_an_id_that_no_cell_can_hold_is_found_by_what_can() -> None:
    documents = [Document("a  b\u00a0c", "acme", "Soup is served at noon."), Document("d", "zeta", "Nothing here.")]
    made = workload_of(name="w", tenants=world().tenants, documents=documents, questions=[])
    one = row(document="a b c", passage="", question="When is there soup?", answer="at noon", quote="at noon")
    (gold,) = merge(made, [one], "d.csv").workload.gold.values()
    assert gold.evidence == (Evidence("a  b\u00a0c", ((15, 22),)),)
