"""Takes a question and the sentences of a context, gives how much of the question each sentence holds."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from workbench.models.extractive import words
from workbench.models.extractive.questions import Question
from workbench.models.extractive.senses import SIMILAR
from workbench.models.extractive.sentences import Sentence

_LETTERS = 9
"""Letters of a word that make it count more; longer ones count as this."""
_ROUNDING = 1e-9
_SUBJECT_COUNTS = frozenset({"MEANING", "BEING", "PERSON", "OBJECT", "NOUN"})


def rarity(question: Question, sentences: Sequence[Sentence]) -> dict[str, float]:
    """Weigh each stem of the question by how few sentences hold it, as BM25 does.

    Source: Robertson & Zaragoza, The Probabilistic Relevance Framework (2009), equation 3.3 with the usual 1 added.
    """
    held = Counter(stem for sentence in sentences for stem in question.weights.keys() & sentence.bag)
    count = len(sentences)
    return {
        stem: weight * log(1 + (count - held[stem] + 0.5) / (held[stem] + 0.5))
        for stem, weight in question.weights.items()
    }


def clues(question: Question, sentences: Sequence[Sentence], rare: dict[str, float]) -> list[dict[str, float]]:
    """Say for each sentence, by name, what speaks for it; shares lie between 0 and 1."""
    sought = _sought(question, sentences, rare)
    rarest = max((one for one in sought if one.present), key=lambda one: (one.rare, one.stem), default=None)
    pairs = {pair: rare[pair[0]] + rare[pair[1]] for pair in question.pairs}
    result: list[dict[str, float]] = []
    held: list[list[_Sought]] = []
    for sentence in sentences:
        # In the question's order, never a set's: sums must not depend on how strings are hashed.
        hits = [one for one in sought if one.stem in sentence.bag]
        clue = _shares(sought, hits, sentence)
        lower, stems = sentence.lower, sentence.stems
        clue["lacks the rarest"] = float(rarest not in hits)
        clue["length"] = log(len(lower))
        clue["anaphor"] = float(lower[0] in words.ANAPHORS)
        clue["negation differs"] = float(words.NEGATIONS.isdisjoint(lower) == question.negated)
        clue["opens"] = float(sentence.opens)
        if len(hits) > 1 and pairs:
            found = sum([pairs.get(pair, 0.0) for pair in zip(stems, stems[1:], strict=False)])
            clue["pairs"] = min(1.0, found / sought[0].total)
        if hits and _begins(question, sentence):
            clue["begins"] = clue["begins." + question.asks] = 1.0
        if result and not sentence.opens:
            inherited = sum([one.rare for one in held[-1] if one not in hits]) / sought[0].total if sought else 0.0
            clue["inherits"] = inherited
            clue["anaphor inherits"] = 0.0 if words.ANAPHORS.isdisjoint(lower[:4]) else inherited
            result[-1]["after"] = clue["cover"]
        result.append(clue)
        held.append(hits)
    return result


@dataclass(frozen=True, slots=True, eq=False)
class _Sought:
    """One word of the question."""

    stem: str
    rare: float
    weight: float
    letters: float
    name: bool
    present: bool
    alike: frozenset[str]
    """Stems of the context that begin like it."""
    similar: frozenset[str]
    """Stems that can stand for it."""
    total: float
    """What all words of the question weigh; never 0."""


def _sought(question: Question, sentences: Sequence[Sentence], rare: dict[str, float]) -> list[_Sought]:
    vocabulary = sorted(frozenset().union(*[sentence.bag for sentence in sentences]))
    held = frozenset(vocabulary)
    total = sum(rare.values()) or 1.0
    return [
        _Sought(
            stem=stem,
            rare=rare[stem],
            weight=weight,
            letters=rare[stem] * min(len(stem), _LETTERS),
            name=stem in question.names,
            present=stem in held,
            alike=_alike(stem, vocabulary),
            similar=SIMILAR.get(stem, frozenset()),
            total=total,
        )
        for stem, weight in question.weights.items()
    ]


def _alike(stem: str, vocabulary: Sequence[str]) -> frozenset[str]:
    """Those of sorted stems that begin with all but the last two letters of one, four at least."""
    if len(stem) < 4:
        return frozenset()
    head = stem[: max(4, len(stem) - 2)]
    first = last = bisect_left(vocabulary, head)
    while last < len(vocabulary) and vocabulary[last].startswith(head):
        last += 1
    return frozenset(vocabulary[first:last])


def _shares(sought: Sequence[_Sought], hits: Sequence[_Sought], sentence: Sentence) -> dict[str, float]:
    """How much of the question a sentence holds, counted in several ways."""
    cover = evenly = letters = common = alike = similar = 0.0
    all_evenly = all_letters = all_common = 0.0
    for one in sought:
        all_evenly += one.weight
        all_letters += one.letters
        all_common += 0.0 if one.name else one.rare
        if one.stem not in sentence.bag:
            alike += one.rare if not one.alike.isdisjoint(sentence.bag) else 0.0
            similar += one.rare if not one.similar.isdisjoint(sentence.bag) else 0.0
    for one in hits:
        cover += one.rare
        evenly += one.weight
        letters += one.letters
        common += 0.0 if one.name else one.rare
    total = sought[0].total if sought else 1.0
    names, all_names = cover - common, total - all_common
    return {
        "cover": cover / total,
        "cover evenly": evenly / (all_evenly or 1.0),
        "cover by letters": letters / (all_letters or 1.0),
        "cover but names": common / (all_common or 1.0),
        "names": names / all_names if all_names > _ROUNDING else 0.0,
        "alike in letters": alike / total,
        "alike in sense": similar / total,
    }


def _begins(question: Question, sentence: Sentence) -> bool:
    """Whether the sentence begins with a word of the question."""
    stems, weights = sentence.stems, question.weights
    return stems[0] in weights or (len(stems) > 1 and sentence.lower[0] in words.DETERMINERS and stems[1] in weights)
