"""Quotes in, their places in the documents out; and whether an answer is to be read in what was quoted."""

import re
from collections.abc import Callable, Mapping

from workbench.errors import BadInput
from workbench.records import Evidence
from workbench.workload import ids
from workbench.workload.authoring.written import Quote


def locate(quote: Quote, tenant: str, texts: Mapping[tuple[str, str], str], fill: Callable[[str], str]) -> Evidence:
    """Find the place of a quote.

    Args:
        quote: its words stand exactly once in its document; white space is free.
        tenant: of the document.
        texts: by (tenant, slug).
        fill: puts values into the quote's placeholders.

    Raises:
        BadInput: there is no such document, or the words stand in it never or more than once.
    """
    text = texts.get((tenant, quote.document))
    if text is None:
        raise BadInput(f"{ids.shown(quote.document)} is no document of {tenant}; mend the name.")
    words = fill(quote.words)
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    found = [match.span() for match in re.finditer(pattern, text)]
    if len(found) != 1:
        said = f"{ids.shown(words)} stands {len(found)} times in {tenant}/{quote.document}"
        raise BadInput(f"{said}; quote words that stand there once.")
    also = tuple(locate(other, tenant, texts, fill) for other in quote.also)
    return Evidence(f"{tenant}/{quote.document}", (found[0],), also=also)
