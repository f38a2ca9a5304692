"""Retrieval measures: worlds of a few passages by hand, and the standard measures by their formulas in numpy."""

import random

import numpy as np
import pytest

from workbench.records import Answer, Evidence, Failure, Gold, Hit
from workbench.scores.retrieval import MEASURES, holds, score


def hit(document: str, start: int = 0, end: int = 100) -> Hit:
    return Hit(f"{document}#{start}-{end}", document, start, end, 1.0)


def answer(question: str, *hits: Hit, round: int = 0) -> Answer:
    return Answer(question, "t", round, f"{question}-{round}", hits=hits)


def by_question(answers: list[Answer], gold: dict[str, Gold]) -> dict[str, dict[str, float]]:
    return {one.question: found for one, found in zip(answers, score(answers, gold), strict=True) if found}


def of(hits: list[Hit], evidence: list[Evidence]) -> dict[str, float]:
    return score([answer("q", *hits)], {"q": Gold("q", evidence=tuple(evidence))})[0]


def discount(rank: int) -> float:
    return float(1 / np.log2(rank + 1))


def test_a_passage_holds_what_it_overlaps_by_a_character() -> None:
    unit = Evidence("d", ((50, 60), (500, 510)))
    assert holds(hit("d", 0, 51), unit) and holds(hit("d", 59, 70), unit) and holds(hit("d", 505, 506), unit)
    assert not holds(hit("d", 0, 50), unit) and not holds(hit("d", 60, 500), unit)
    assert not holds(hit("other", 0, 1000), unit)
    assert holds(hit("d", 900, 901), Evidence("d")), "without spans the document counts"


def test_one_passage_is_one_document_by_the_formulas() -> None:
    """600 random rankings against recall, nDCG and reciprocal rank written out."""
    chance = random.Random(5)
    documents = [f"d{i}" for i in range(25)]
    answers, gold = [], {}
    for i in range(600):
        question = f"q{i}"
        ranking = chance.sample(documents, chance.choice([0, 3, 10, 10, 10]))
        answers.append(answer(question, *(hit(name) for name in ranking)))
        gold[question] = Gold(
            question, evidence=tuple(Evidence(n) for n in chance.sample(documents, chance.randint(1, 14)))
        )
    found = by_question(answers, gold)
    for each in answers:
        wanted = {unit.document for unit in gold[each.question].evidence}
        gains = np.array([one.document in wanted for one in each.hits], dtype=float)
        ideal = sum(discount(rank) for rank in range(1, min(10, len(wanted)) + 1))
        first = next((rank for rank, gain in enumerate(gains, 1) if gain), None)
        assert found[each.question] == pytest.approx(
            {
                "recall@5": gains[:5].sum() / len(wanted),
                "recall@10": gains[:10].sum() / len(wanted),
                "ndcg@10": sum(gain * discount(rank) for rank, gain in enumerate(gains, 1)) / ideal,
                "mrr@10": 1 / first if first else 0,
            },
            abs=1e-12,
        ), each


def test_a_second_passage_of_found_evidence_keeps_its_rank_and_is_not_relevant() -> None:
    # Two overlapping passages of the same evidence, then the other evidence at rank 3.
    found = of([hit("a", 0, 100), hit("a", 50, 150), hit("b")], [Evidence("a", ((60, 70),)), Evidence("b", ((0, 5),))])
    assert found["recall@5"] == 1
    assert found["ndcg@10"] == pytest.approx((discount(1) + discount(3)) / (discount(1) + discount(2)))


def test_a_cut_off_means_passages() -> None:
    # Five passages with the same evidence fill the first five places; the second evidence is the sixth passage.
    hits = [hit("a", start, start + 100) for start in range(5)] + [hit("b")]
    found = of(hits, [Evidence("a"), Evidence("b")])
    assert (found["recall@5"], found["recall@10"]) == (0.5, 1.0)


def test_a_passage_with_two_pieces_of_evidence_finds_both() -> None:
    units = [Evidence("a", ((0, 10),)), Evidence("a", ((20, 30),)), Evidence("b")]
    # rank 1 nothing, rank 2 both of a; told as a ranking: nothing, unit, unit -> gains at 2 and 3 of an ideal 1, 2, 3
    found = of([hit("x"), hit("a", 0, 40)], units)
    assert found["recall@5"] == pytest.approx(2 / 3)
    assert found["mrr@10"] == 0.5
    assert found["ndcg@10"] == pytest.approx((discount(2) + discount(3)) / (discount(1) + discount(2) + discount(3)))


def test_a_cut_by_passages_is_not_a_cut_by_evidence() -> None:
    # The fifth passage holds three pieces: all of them are found within five passages.
    units = [Evidence("a", ((start, start + 5),)) for start in (0, 10, 20)]
    hits = [hit(f"x{i}") for i in range(4)] + [hit("a", 0, 30)]
    assert of(hits, units)["recall@5"] == 1


def test_any_of_alternative_places_finds_the_evidence_once() -> None:
    unit = Evidence("a", ((0, 5), (200, 205)))
    found = of([hit("a", 150, 250), hit("a", 0, 100)], [unit])
    assert found == {"recall@5": 1, "recall@10": 1, "ndcg@10": 1, "mrr@10": 1}


def test_another_document_that_says_the_same_finds_the_evidence_once() -> None:
    unit = Evidence("a", ((0, 5),), also=(Evidence("b", ((50, 60),)),))
    assert of([hit("x"), hit("b", 40, 55), hit("a", 0, 5)], [unit])["mrr@10"] == 1 / 2
    assert of([hit("b", 0, 50)], [unit])["recall@5"] == 0
    assert of([hit("b", 40, 55), hit("a", 0, 5)], [unit, Evidence("c")])["recall@5"] == 1 / 2


def test_the_same_evidence_named_twice_is_one() -> None:
    assert of([hit("a")], [Evidence("a"), Evidence("a")])["recall@5"] == 1


def test_passages_beyond_the_depth_do_not_count() -> None:
    found = of([hit(f"x{i}") for i in range(10)] + [hit("a")], [Evidence("a")])
    assert found == dict.fromkeys(MEASURES, 0.0)


def test_failed_found_nothing_and_without_evidence_is_left_out() -> None:
    answers = [
        answer("found", hit("a")),
        Answer("failed", "t", 0, "x", failure=Failure("server", "500"), hits=(hit("a"),)),
        answer("empty"),
        answer("open", hit("a")),
        answer("stranger", hit("a")),
    ]
    gold = {name: Gold(name, evidence=(Evidence("a"),)) for name in ("found", "failed", "empty")} | {
        "open": Gold("open")
    }
    found = by_question(answers, gold)
    assert list(found) == ["found", "failed", "empty"]
    assert found["found"]["recall@5"] == 1
    assert found["failed"] == found["empty"] == dict.fromkeys(MEASURES, 0.0)
    assert score([], {}) == [] and score(answers[2:3], gold) == [dict.fromkeys(MEASURES, 0.0)]


def test_each_round_is_scored_on_its_own() -> None:
    gold = {"q": Gold("q", evidence=(Evidence("a"),))}
    found = score([answer("q", hit("a")), answer("q", hit("x"), hit("a"), round=1)], gold)
    assert [each["mrr@10"] for each in found] == [1, 0.5]
