"""Ranked passages and the gold evidence come in, recall, nDCG and reciprocal rank go out, by ir-measures.

The unit of gold is one piece of evidence, the unit of retrieval is a passage, and the two need not fit: a passage can
hold several pieces of evidence, and several passages can hold the same one. A ranking of passages is therefore first
told as a ranking of evidence. Where a passage is a document, nothing changes by that: the measures are the usual ones.
"""

from collections.abc import Mapping, Sequence

from workbench.records import RETRIEVAL_DEPTH, Answer, Evidence, Gold, Hit

MEASURES = ("recall@5", "recall@10", "ndcg@10", "mrr@10")


def score(answers: Sequence[Answer], gold: Mapping[str, Gold]) -> list[dict[str, float]]:
    """Measures of each answer: measure -> 0..1; nothing where the question has no evidence.

    A failed question found nothing: 0.

    Args:
        answers: in any order, hits best first.
        gold: by question id.
    """
    units = [_units(gold.get(answer.question)) for answer in answers]
    wanted = [each for each in units if each]
    rankings = [
        () if answer.failure else rank(answer.hits, each) for answer, each in zip(answers, units, strict=True) if each
    ]
    flat = [_first(ranking, RETRIEVAL_DEPTH) for ranking in rankings]
    measured = zip(
        _measure("SetR", [_first(ranking, 5) for ranking in rankings], wanted),
        _measure("SetR", flat, wanted),
        _measure("nDCG@10", flat, wanted),
        _measure("RR", [each[:RETRIEVAL_DEPTH] for each in flat], wanted),
        strict=True,
    )
    return [dict(zip(MEASURES, next(measured), strict=True)) if each else {} for each in units]


def rank(hits: Sequence[Hit], units: Sequence[Evidence]) -> tuple[tuple[int | None, ...], ...]:
    """What each passage of a ranking stands for.

    Returns:
        Per passage, best first: the indexes of the units that it is the first to hold, or `(None,)`, an entry that
        is not relevant but keeps its rank, because it holds none or only what was found before.
    """
    found: set[int] = set()
    ranking: list[tuple[int | None, ...]] = []
    for hit in hits[:RETRIEVAL_DEPTH]:
        new = tuple(index for index, unit in enumerate(units) if index not in found and holds(hit, unit))
        found.update(new)
        ranking.append(new or (None,))
    return tuple(ranking)


def holds(hit: Hit, unit: Evidence) -> bool:
    """True when the passage shares a character with any of the unit's places, or the document where none is named.

    So it does with a place in another document that says the same.
    """
    if hit.document == unit.document and (not unit.spans or any(hit.start < e and s < hit.end for s, e in unit.spans)):
        return True
    return any(holds(hit, other) for other in unit.also)


def _units(gold: Gold | None) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(gold.evidence)) if gold else ()


def _first(ranking: Sequence[tuple[int | None, ...]], passages: int) -> list[int | None]:
    return [unit for entry in ranking[:passages] for unit in entry]


def _measure(
    name: str, rankings: Sequence[Sequence[int | None]], wanted: Sequence[tuple[Evidence, ...]]
) -> list[float]:
    """One value per ranking. Recall is of a set, since the list has been cut by passages before."""
    import ir_measures

    qrels = [
        ir_measures.Qrel(str(i), f"unit {number}", unit.grade)
        for i, units in enumerate(wanted)
        for number, unit in enumerate(units)
    ]
    run = [
        # Scores fall by one per entry: no ties, so the order cannot be broken by the entries' names.
        ir_measures.ScoredDoc(str(i), f"entry {place}" if unit is None else f"unit {unit}", float(-place))
        for i, ranking in enumerate(rankings)
        for place, unit in enumerate(ranking)
    ]
    values = [0.0] * len(rankings)
    if run:
        for metric in ir_measures.iter_calc([ir_measures.parse_measure(name)], qrels, run):
            values[int(metric.query_id)] = float(metric.value)
    return values
