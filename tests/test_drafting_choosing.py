"""Which passages are chosen: even over tenants and documents, long and short, none twice, none hostile."""

from collections import Counter

import pytest

from workbench.drafting.candidate import KINDS
from workbench.drafting.choosing import choose
from workbench.records import Document, Tenant, Workload
from workbench.workload.identity import workload_of


def workload(*documents: Document) -> Workload:
    tenants = [Tenant(id, id) for id in sorted({document.tenant for document in documents})]
    return workload_of(name="w", tenants=tenants, documents=documents, questions=[])


def prose(name: str, sentences: int) -> str:
    return " ".join(f"Sentence {number} of {name} speaks of {name} at length." for number in range(sentences))


def world(documents: int = 9) -> Workload:
    """Two tenants; documents of three lengths in equal number: 1, 40 and 120 sentences."""
    lengths = {0: 1, 1: 40, 2: 120}
    return workload(
        *(
            Document(f"{tenant}/{number}", tenant, prose(f"{tenant}{number}", lengths[number % 3]))
            for tenant in ("acme", "zeta")
            for number in range(documents)
        )
    )


def test_every_document_has_its_turn_before_one_has_a_second() -> None:
    chosen = choose(world(), 12, seed=0)
    for tenant in ("acme", "zeta"):
        documents = [one.passage.document for one in chosen if one.passage.tenant == tenant]
        assert len(set(documents[:9])) == 9
        # One third has one sentence and so one passage: the three more are of long documents, each another.
        assert max(Counter(documents).values()) == 2
        assert len(documents) == 12


def test_tenants_take_turns_and_so_do_long_middling_and_short_documents() -> None:
    chosen = choose(world(), 3, seed=0)
    assert [one.passage.tenant for one in chosen] == ["acme", "zeta"] * 3
    for tenant in ("acme", "zeta"):
        lengths = {int(one.passage.document.rpartition("/")[2]) % 3 for one in chosen if one.passage.tenant == tenant}
        assert lengths == {0, 1, 2}


def test_the_same_seed_chooses_the_same_and_more_contain_the_fewer() -> None:
    few, many, other = choose(world(), 4, seed=1), choose(world(), 8, seed=1), choose(world(), 4, seed=2)
    assert few == choose(world(), 4, seed=1)
    assert many[: len(few)] == few
    assert {one.key for one in other} != {one.key for one in few}


def test_another_seed_chooses_other_documents() -> None:
    made = workload(*(Document(f"{number}", "acme", prose(f"n{number}", 1)) for number in range(30)))
    chosen = [{one.passage.document for one in choose(made, 3, seed)} for seed in range(5)]
    assert len(set(map(frozenset, chosen))) == 5


def test_no_passage_overlaps_another_or_says_the_same() -> None:
    twin = prose("twin", 3)
    made = workload(
        Document("a", "acme", prose("acme", 60)),
        Document("b", "acme", twin),
        Document("c", "acme", twin.replace(" ", "\n").upper()),
    )
    chosen = [one.passage for one in choose(made, 100, seed=0)]
    assert len({one.document for one in chosen if one.document in "bc"}) == 1
    long = sorted((one.start, one.end) for one in chosen if one.document == "a")
    assert len(long) > 2
    assert all(first[1] <= second[0] for first, second in zip(long, long[1:], strict=False))


def test_hostile_documents_and_mere_headings_are_passed_over() -> None:
    made = workload(
        Document("trap", "acme", prose("trap", 5), hostile="override"),
        Document("heading", "acme", "# Valves"),
        Document("honest", "acme", prose("honest", 5)),
        Document("blob", "acme", "x" * 9_000),
    )
    assert {one.passage.document for one in choose(made, 20, seed=0)} == {"honest"}


def test_of_the_kinds_that_a_passage_is_fit_for_the_rarest_is_asked_for() -> None:
    table = (
        "| part | price |\n| --- | --- |\n| valve | ten |\n| pump | twelve |\nThese are the prices of all our parts."
    )
    texts = {
        "plain": "The canteen serves soup and bread to everybody who asks for them.",
        "table": table,
        "denies": "Leave is not paid out, whatever was agreed upon with anybody else.",
        "figures": "Everybody gets 31 days of leave in a year of service with the firm.",
    }
    fit = {
        "plain": ["single_fact"] * 4,
        "table": ["table_lookup", "single_fact"] * 2,
        "denies": ["negation", "single_fact"] * 2,
        "figures": ["number", "single_fact"] * 2,
    }
    for name, kinds in fit.items():
        documents = [Document(f"{number}", "acme", f"{texts[name]} ({'x' * number})") for number in range(1, 5)]
        assert [one.kind for one in choose(workload(*documents), 4, seed=0)] == kinds
    everything = f"{table}\nNothing is sold below 5 euro, and never on Sundays."
    documents = [Document(f"{number}", "acme", f"{everything} ({'x' * number})") for number in range(1, 9)]
    assert [one.kind for one in choose(workload(*documents), 8, seed=0)] == list(KINDS) * 2


def test_a_passage_is_known_by_its_text_and_place() -> None:
    (first,) = choose(workload(Document("a", "acme", prose("acme", 2))), 1, seed=0)
    (same,) = choose(
        workload(Document("a", "acme", prose("acme", 2), title="T", classification="RESTRICTED")), 1, seed=9
    )
    (changed,) = choose(workload(Document("a", "acme", prose("acne", 2))), 1, seed=0)
    assert same.key == first.key != changed.key
    assert (first.confidential, same.confidential, same.title) == (False, True, "T")


@pytest.mark.parametrize("count", [1, 2, 4])
def test_few_documents_are_all_chosen(count: int) -> None:
    made = workload(*(Document(f"{number}", "acme", prose(f"n{number}", number + 1)) for number in range(count)))
    assert {one.passage.document for one in choose(made, 50, seed=0)} == {f"{number}" for number in range(count)}
