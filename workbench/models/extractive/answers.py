"""Takes a question and a context, gives the best-supported sentence and the stretch of it that answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log

from workbench.models.extractive import clues, overlap, sentences, spans
from workbench.models.extractive.questions import Question
from workbench.models.extractive.sentences import Sentence
from workbench.models.extractive.weights import WEIGHTS

FINALISTS = 3
"""Sentences whose stretches are weighed: of a SQuAD paragraph, three hold the answer to 98 questions of 100."""
_SENTENCE = {name.removeprefix("sentence."): value for name, value in WEIGHTS.items() if name.startswith("sentence.")}


@dataclass(frozen=True, slots=True)
class Choice:
    """The sentence and the stretch of it that answer best, with what is needed to doubt them."""

    text: str
    """The answer, in the words of the sentence."""
    score: float
    """What speaks for sentence and answer together; no unit, on SQuAD mostly between 3 and 14."""
    place: int
    """Of the sentence in the context."""
    context: tuple[Sentence, ...]
    told: dict[str, float]
    """The clues of the sentence, by name."""

    @property
    def sentence(self) -> Sentence:
        """The chosen sentence."""
        return self.context[self.place]


def choose(question: Question, text: str) -> Choice | None:
    """Pick sentence and answer; None when no sentence holds anything that could be one."""
    context = tuple(sentences.read(text))
    rare = overlap.rarity(question, context)
    share = 1 / (sum(rare.values()) or 1.0)
    told = overlap.clues(question, context, rare)
    scores = [sum([_SENTENCE.get(name, 0.0) * value for name, value in clue.items()]) for clue in told]
    finalists = sorted(range(len(context)), key=lambda place: (-scores[place], place))[:FINALISTS]
    best: Choice | None = None
    most = 0.0
    for place in finalists:
        sentence = context[place]
        weighed = _weigh_stretches(question, sentence, rare, share)
        if not weighed:
            continue
        (start, end), top = max(weighed.items(), key=lambda item: item[1])
        # A sentence is worth all its answers together, not its best one alone.
        worth = scores[place] + top + log(sum([exp(score - top) for score in weighed.values()]))
        if best is None or worth > most:
            best = Choice(sentence.part(start, end), scores[place] + top, place, context, told[place])
            most = worth
    return best


def _weigh_stretches(
    question: Question, sentence: Sentence, rare: dict[str, float], share: float
) -> dict[tuple[int, int], float]:
    stretches = spans.candidates(sentence)
    found = clues.matched(sentence, rare)
    starts, ends = {start for start, _ in stretches}, {end for _, end in stretches}
    ahead = {start: _weigh(clues.before(question, sentence, found, share, start)) for start in starts}
    behind = {end: _weigh(clues.after(question, sentence, found, share, end)) for end in ends}
    tokens, kinds, count, content, asks = sentence.tokens, sentence.kinds, found.count, found.content, question.asks
    weighed: dict[tuple[int, int], float] = {}
    for start, end in stretches:
        marked = start and end < len(tokens) and kinds[start - 1] == "," == kinds[end]
        weighed[start, end] = (
            ahead[start]
            + behind[end]
            + _weigh_inside(
                asks,
                spans.shape(sentence, start, end),
                end - start,
                count[end] - count[start],
                content[end] - content[start],
                tokens[start - 1] + tokens[end] if marked else "",
            )
        )
    return weighed


@lru_cache(maxsize=8192)
def _weigh_inside(asks: str, shape: str, length: int, repeated: int, content: int, around: str) -> float:
    return _weigh(clues.inside(asks, shape, length, repeated, content, around))


def _weigh(found: Iterable[clues.Clue]) -> float:
    get = WEIGHTS.get
    return sum([get(name, 0.0) * value for name, value in found])
