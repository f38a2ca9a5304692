"""Takes a question and the answer chosen for it, gives by name the reasons to doubt that the context holds one."""

from workbench.models.extractive import words
from workbench.models.extractive.answers import Choice
from workbench.models.extractive.questions import Question
from workbench.models.extractive.senses import OPPOSITE
from workbench.models.extractive.sentences import Sentence

LIMIT = 0.4
"""Doubt above which an answer is declined: higher answers more, and more that the context does not say."""
_WEIGHTS = {
    "negated": 1.0,
    "not denied": 2.5,
    "denied": 0.9,
    "opposite": 1.1,
    "undone": 1.7,
    "described otherwise": 0.6,
    "number missing": 0.6,
    "another year": 2.0,
    "name missing": 0.9,
    "elsewhere": 0.4,
    "thin": 5.5,
    "score": -0.12,
}
"""Rounded results of a logistic fit on half of the articles of SQuAD's two development files (CC BY-SA 4.0), with
questions put to another paragraph of their article among those that must be declined; `another year` is set higher."""
_THIN = 0.4
"""Share of the question's words in the sentence under which each missing one counts more."""
_PREFIXES = ("un", "non", "in", "im", "dis", "ir", "il", "anti", "de", "mis")
_NONE: frozenset[str] = frozenset()


def amount(question: Question, choice: Choice) -> float:
    """Say how much there is to doubt; no unit, from about -3 up."""
    return sum([_WEIGHTS[name] * value for name, value in reasons(question, choice).items()])


def reasons(question: Question, choice: Choice) -> dict[str, float]:
    """Say what is wrong with the choice; 0 where nothing is."""
    sentence = choice.sentence
    vocabulary = _NONE.union(*[other.bag for other in choice.context])
    missing = {stem for stem in question.weights if not _held(stem, sentence.bag)}
    elsewhere = {stem for stem in missing if _held(stem, vocabulary)}
    before = _NONE if sentence.opens else choice.context[choice.place - 1].bag
    names, numbers = question.names - question.numbers, question.numbers
    said = sentence.bag - question.stems
    even = choice.told["cover evenly"]
    return {
        "negated": float(question.negated),
        "not denied": float(question.negated and words.NEGATIONS.isdisjoint(sentence.lower)),
        "denied": float(not question.negated and _denies(sentence, question)),
        "opposite": float(any(not OPPOSITE.get(stem, _NONE).isdisjoint(said) for stem in missing)),
        "undone": float(any(_undone(stem, sentence.bag) for stem in missing)),
        "described otherwise": float(_otherwise(question, sentence, missing)),
        "number missing": float(not numbers.isdisjoint(missing)),
        "another year": float(_another_year(question, sentence)),
        "name missing": float(
            words.ANAPHORS.isdisjoint(sentence.lower) and any(not _held(stem, before) for stem in names & missing)
        ),
        "elsewhere": len(elsewhere) / (len(question.weights) or 1),
        "thin": max(0.0, _THIN - even),
        "score": choice.score,
    }


def _held(stem: str, bag: frozenset[str]) -> bool:
    """Whether a bag holds the stem or one that begins like it."""
    if stem in bag:
        return True
    if len(stem) < 4:
        return False
    head = stem[: max(4, len(stem) - 2)]
    return any([other.startswith(head) for other in bag])


def _denies(sentence: Sentence, question: Question) -> bool:
    """Whether the sentence denies what is asked: a negation just before a word of the question."""
    return any(
        word in words.NEGATIONS and any(stem in question.weights for stem in sentence.stems[place + 1 : place + 4])
        for place, word in enumerate(sentence.lower)
    )


def _otherwise(question: Question, sentence: Sentence, missing: set[str]) -> bool:
    """Whether a noun of the question is there, but described by another word than in the question."""
    for describing, noun in question.pairs:
        if describing in missing and noun in sentence.bag:
            place = sentence.stems.index(noun)
            if place and sentence.kinds[place - 1] in "KwNdg" and sentence.stems[place - 1] not in question.weights:
                return True
    return False


def _another_year(question: Question, sentence: Sentence) -> bool:
    """Whether the sentence speaks of a year, but of none that is asked about."""
    asked = [stem for stem in question.numbers if words.YEAR.match(stem)]
    return bool(asked) and sentence.bag.isdisjoint(asked) and any(words.YEAR.match(stem) for stem in sentence.bag)


def _undone(stem: str, bag: frozenset[str]) -> bool:
    """Whether the sentence holds the word with a negating prefix that the question's lacks, or the other way round."""
    if len(stem) < 4:
        return False
    bare = _bare(stem)
    if bare and any(other.startswith(bare) for other in bag):
        return True
    return any(_bare(other) == stem[:5] for other in bag)


def _bare(stem: str) -> str:
    for prefix in _PREFIXES:
        if stem.startswith(prefix) and len(stem) - len(prefix) >= 4:
            return stem[len(prefix) :].lstrip("-")[:5]
    return ""
