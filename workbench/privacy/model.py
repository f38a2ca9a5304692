"""A text and the name of a spaCy model come in, the persons, organisations and places that the model sees go out.

None is a dependency: each is a download of its own. Where one is installed it finds what rules cannot.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from threading import Lock
from typing import Any

from workbench.errors import BadInput
from workbench.privacy.span import Span

MODELS = ("en_core_web_trf", "en_core_web_lg", "en_core_web_md", "en_core_web_sm", "xx_ent_wiki_sm")
"""Looked for in this order."""

_KINDS = {"PERSON": "PERSON", "PER": "PERSON", "ORG": "ORGANISATION", "FAC": "ADDRESS"}
_SCORE = 0.72
_LOADING = Lock()


def installed() -> str | None:
    """The best model that is there, without loading it."""
    return next((name for name in MODELS if find_spec(name)), None)


def told() -> str:
    """One sentence for beside a figure: how names are found, and what that costs."""
    if name := installed():
        return (
            f"Names can be found by the model {name} beside the rules; how many of yours it finds has to be measured."
        )
    return (
        "No spaCy model is installed: persons, organisations and addresses are found by rules alone, which miss about "
        "one person in four of presidio-research's texts, and more where names are in small letters; "
        "`python -m spacy download en_core_web_lg` installs one."
    )


def find(text: str, name: str, rules: Iterable[Span]) -> Iterator[Span]:
    """What the rules found, and what the model sees besides.

    Raises:
        BadInput: the model is not there.
    """
    yield from rules
    for entity in _pipeline(name)(text).ents:
        if kind := _KINDS.get(entity.label_):
            yield Span(entity.start_char, entity.end_char, kind, _SCORE, f"model {name}")


def _pipeline(name: str) -> Any:
    with _LOADING:
        return _load(name)


@cache
def _load(name: str) -> Any:
    import spacy

    try:
        return spacy.load(name, exclude=["parser", "lemmatizer", "attribute_ruler"])
    except OSError as missing:
        raise BadInput(
            f"spaCy's model {name} is not installed: `python -m spacy download {name}` installs it."
        ) from missing
