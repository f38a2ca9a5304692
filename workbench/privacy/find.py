"""A text comes in, the kinds of personal data seen in it and how often go out: presidio's patterns, no trained model.

Nothing is downloaded and nothing is sent. Each stretch of text costs a bounded time: it is cut before a pattern can run
away, and URLs, whose pattern takes seconds on hostile text and which are seldom personal, are not looked for.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine, RecognizerResult

LIMITS = (
    "Personal data is found by patterns and check digits alone: names and postal addresses, which need a trained "
    "model, are not found, and numbers that merely look like a phone's are."
)
"""What a figure of this module does not tell; shown beside every one of them."""

KINDS = {
    "EMAIL_ADDRESS": "EMAIL",
    "PHONE_NUMBER": "PHONE",
    "CREDIT_CARD": "CREDIT_CARD",
    "IBAN_CODE": "IBAN",
    "IP_ADDRESS": "IP_ADDRESS",
    "CRYPTO": "CRYPTO_WALLET",
    "US_SSN": "US_SSN",
    "US_ITIN": "US_ITIN",
    "US_PASSPORT": "US_PASSPORT",
    "US_DRIVER_LICENSE": "US_DRIVER_LICENSE",
    "US_BANK_NUMBER": "US_BANK_ACCOUNT",
    "UK_NHS": "UK_NHS",
    "MEDICAL_LICENSE": "MEDICAL_LICENSE",
}
"""Presidio's names and ours."""

MINIMUM_SCORE = 0.35
"""A phone number without a word about phones around it has 0.4 in presidio; a threshold of 0.5 would drop them all."""

_LONGEST = 2_000
_OVERLAP = 100
_LONG_LINE = 200


def kinds(text: str, wanted: Sequence[str] = tuple(KINDS.values())) -> dict[str, int]:
    """How often each kind of personal data is seen in a text; a kind that is not seen has no entry.

    Args:
        text: any.
        wanted: values of `KINDS` to look for; fewer take less time.
    """
    seen: Counter[str] = Counter()
    entities = tuple(name for name, kind in KINDS.items() if kind in wanted)
    for paragraph in _paragraphs(text):
        seen.update(dict(_in_paragraph(paragraph, entities)))
    return dict(sorted(seen.items()))


def _paragraphs(text: str) -> Iterator[str]:
    """Cut where no value can run on: at blank lines and around long lines, which are not wrapped but whole.

    Prompts repeat passages; paragraphs are what repeats, so that each is looked at once.
    """
    wrapped: list[str] = []
    for line in text.splitlines():
        if line.strip() and len(line) < _LONG_LINE:
            wrapped.append(line)
            continue
        if wrapped:
            yield "\n".join(wrapped)
            wrapped = []
        if line.strip():
            yield line
    if wrapped:
        yield "\n".join(wrapped)


@lru_cache(maxsize=16_384)
def _in_paragraph(text: str, entities: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    end_of_last = 0
    for start, piece in _pieces(text):
        for hit in _apart(_engine().analyze(piece, language="en", entities=list(entities))):
            # The overlap is seen twice: what the piece before has counted is passed over.
            if start + hit.start >= end_of_last:
                counts[KINDS[hit.entity_type]] += 1
                end_of_last = start + hit.end
    return tuple(counts.items())


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Stretches that overlap, cut at white space where there is some, each with its place in the text."""
    start = 0
    while len(text) - start > _LONGEST:
        space = text.rfind(" ", start + _LONGEST // 2, start + _LONGEST)
        end = space if space > 0 else start + _LONGEST
        yield start, text[start:end]
        start = end - _OVERLAP
    yield start, text[start:]


def _apart(hits: "list[RecognizerResult]") -> "list[RecognizerResult]":
    """Where hits overlap the surest stays, then the longest; in the order of the text."""
    kept: list[RecognizerResult] = []
    for hit in sorted(hits, key=lambda each: (-each.score, each.start - each.end, each.start)):
        if all(hit.end <= other.start or other.end <= hit.start for other in kept):
            kept.append(hit)
    return sorted(kept, key=lambda each: each.start)


def _engine() -> "AnalyzerEngine":
    with _LOADING:  # two threads that find nothing loaded would both register the component below
        return _load()


_LOADING = Lock()


@cache
def _load() -> "AnalyzerEngine":
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer import predefined_recognizers as recognizers
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from spacy.language import Language
    from spacy.tokenizer import Tokenizer

    # Otherwise the first e-mail address seen fetches the list of domain suffixes; the bundled list serves.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    @Language.component("workbench_lemma")  # type: ignore[untyped-decorator]
    def lemma(document: Any) -> Any:
        # A blank pipeline has no lemmas, and without them presidio's context words never count.
        for token in document:
            token.lemma_ = token.lower_.strip(".,:;!?()[]\"'")
        return document

    class Blank(SpacyNlpEngine):  # type: ignore[misc]
        def load(self) -> None:
            pipeline = spacy.blank("en")
            # spaCy's own English rules take seconds on 10 kB of colons; words between spaces are all that is needed.
            pipeline.tokenizer = Tokenizer(pipeline.vocab)
            pipeline.add_pipe("workbench_lemma")
            self.nlp = {"en": pipeline}

    # Its values, and a failed check would otherwise print one of them, belong in no log.
    logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL)
    registry = RecognizerRegistry(
        recognizers=[
            recognizers.EmailRecognizer(),
            recognizers.PhoneRecognizer(),
            recognizers.CreditCardRecognizer(),
            recognizers.IbanRecognizer(regex_flags=re.DOTALL | re.MULTILINE | re.IGNORECASE),
            recognizers.IpRecognizer(),
            recognizers.CryptoRecognizer(),
            recognizers.UsSsnRecognizer(),
            recognizers.UsItinRecognizer(),
            recognizers.UsPassportRecognizer(),
            recognizers.UsLicenseRecognizer(),
            recognizers.UsBankRecognizer(),
            recognizers.NhsRecognizer(),
            recognizers.MedicalLicenseRecognizer(),
        ],
        supported_languages=["en"],
    )
    return AnalyzerEngine(registry=registry, nlp_engine=Blank(), default_score_threshold=MINIMUM_SCORE)
