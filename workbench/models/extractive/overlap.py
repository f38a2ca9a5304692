"""Takes a question and the sentences of a context, gives how much of the question each sentence holds."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from math import log

from workbench.models.extractive import words
from workbench.models.extractive.questions import BE, Question
from workbench.models.extractive.senses import SIMILAR
from workbench.models.extractive.sentences import Sentence

_TERM_AHEAD = 6
"""Tokens into a sentence that "X is" may begin to make it one that tells what X is."""
_NONE: frozenset[str] = frozenset()
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
    weights, names = question.weights, question.names
    sums = _Sums(question, rare)
    hits = [weights.keys() & sentence.bag for sentence in sentences]
    alike = _likeness(question, sentences)
    present = frozenset().union(*hits) if hits else frozenset()
    rarest = max(present, key=lambda stem: (rare[stem], stem), default="")
    result: list[dict[str, float]] = []
    for place, (sentence, hit) in enumerate(zip(sentences, hits, strict=True)):
        bag, lower = sentence.bag, sentence.lower
        missing = weights.keys() - hit
        cover = sum([rare[stem] for stem in hit]) / sums.rare
        clue = {
            "cover": cover,
            "cover evenly": sum([weights[stem] for stem in hit]) / sums.weight,
            "cover by letters": sum([rare[stem] * min(len(stem), 9) for stem in hit]) / sums.letters,
            "cover but names": sum([rare[stem] for stem in hit if stem not in names]) / sums.common,
            "names": sum([rare[stem] for stem in hit if stem in names]) / sums.names,
            "lacks a name": float(not names.isdisjoint(present - hit)),
            "lacks the rarest": float(rarest not in hit),
            "alike in letters": sum([rare[stem] for stem in missing if not alike.get(stem, _NONE).isdisjoint(bag)]) / sums.rare,
            "alike in sense": sum([rare[stem] for stem in missing if not SIMILAR.get(stem, _NONE).isdisjoint(bag)]) / sums.rare,
            "pairs": min(1.0, sums.pairs(sentence)) if question.pairs and len(hit) > 1 else 0.0,
            "length": log(len(lower)),
            "anaphor": float(lower[0] in words.ANAPHORS),
            "negation differs": float(words.NEGATIONS.isdisjoint(lower) == question.negated),
            "opens": float(sentence.opens),
        }
        if not sentence.opens:
            before = hits[place - 1]
            inherited = sum([rare[stem] for stem in before - hit]) / sums.rare
            clue["before"] = sum([rare[stem] for stem in before]) / sums.rare
            clue["inherits"] = inherited
            clue["anaphor inherits"] = 0.0 if words.ANAPHORS.isdisjoint(lower[:4]) else inherited
        if place + 1 < len(sentences) and not sentences[place + 1].opens:
            clue["after"] = sum([rare[stem] for stem in hits[place + 1]]) / sums.rare
        if hit:
            _add_subject(question, sentence, clue)
        result.append(clue)
    return result


class _Sums:
    """What the shares of one question are shares of; never 0."""

    def __init__(self, question: Question, rare: dict[str, float]) -> None:
        self.rare = sum(rare.values()) or 1.0
        self.weight = sum(question.weights.values()) or 1.0
        self.letters = sum([value * min(len(stem), 9) for stem, value in rare.items()]) or 1.0
        self.names = sum([rare[stem] for stem in question.names]) or 1.0
        self.common = sum([value for stem, value in rare.items() if stem not in question.names]) or 1.0
        self._pairs = {pair: (rare[pair[0]] + rare[pair[1]]) / self.rare for pair in question.pairs}

    def pairs(self, sentence: Sentence) -> float:
        """Weight of the neighbouring words of the question that are neighbours in the sentence too."""
        stems = sentence.stems
        return sum([self._pairs.get(pair, 0.0) for pair in zip(stems, stems[1:], strict=False)])


def _add_subject(question: Question, sentence: Sentence, clue: dict[str, float]) -> None:
    """Whether the sentence begins with a word of the question, and whether it goes on to say what that is."""
    stems, lower, weights = sentence.stems, sentence.lower, question.weights
    begins = stems[0] in weights or (len(stems) > 1 and lower[0] in words.DETERMINERS and stems[1] in weights)
    reach = min(_TERM_AHEAD, len(stems) - 1)
    tells = any([lower[place + 1] in BE and stems[place] in weights for place in range(reach)])
    clue["begins"], clue["tells what"] = float(begins), float(tells)
    if question.asks in _SUBJECT_COUNTS:
        clue["begins." + question.asks], clue["tells what." + question.asks] = clue["begins"], clue["tells what"]


def _likeness(question: Question, sentences: Sequence[Sentence]) -> dict[str, frozenset[str]]:
    """For each stem of the question, those of the context that begin with all but its last two letters, four at least."""
    vocabulary = sorted(frozenset().union(*[sentence.bag for sentence in sentences]))
    alike: dict[str, frozenset[str]] = {}
    for stem in question.weights:
        if len(stem) < 4:
            continue
        head = stem[: max(4, len(stem) - 2)]
        first = last = bisect_left(vocabulary, head)
        while last < len(vocabulary) and vocabulary[last].startswith(head):
            last += 1
        alike[stem] = frozenset(vocabulary[first:last])
    return alike
