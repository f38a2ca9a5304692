"""Words and a text in, the places [start, end) where they stand in it out; white space is free."""

import re

from workbench.drafting.candidate import printed
from workbench.scores.answers import normalise
from workbench.workload.spans import Span


def places(words: str, text: str) -> list[Span]:
    """Every place of the words, in order, overlapping ones too; none for words that are blank.

    Characters that cannot be printed count as white space, since a spreadsheet loses them.
    """
    pattern = r"\s+".join(re.escape(word) for word in printed(words).split())
    # Looking ahead finds "aba" twice in "ababa".
    return [match.span(1) for match in re.finditer(f"(?=({pattern}))", printed(text))] if pattern else []


def stands(words: str, text: str) -> bool:
    """Whether the words stand in the text once both are normalised as answers are scored."""
    return f" {normalise(words)} " in f" {normalise(text)} "
