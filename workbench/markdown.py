"""Words of somebody's data in, Markdown that shows them as they are out: no markup, link, picture or mention begins."""

import re
from collections.abc import Iterable, Iterator, Sequence

_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~])")
_REFERENCE = re.compile(r"(?<!\w)([@#]|GH-)(?=\w)", re.IGNORECASE)
"""What GitHub makes a mention or a link of, escaped or not."""
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def text(words: str) -> str:
    """Plain text that stays plain: nothing in it is markup, a mention or a link."""
    plain = _REFERENCE.sub("\\1\u200b", _UNSEEN.sub(" ", words))
    return _SPECIAL.sub(r"\\\1", plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def code(words: str) -> str:
    """Code on one line; what would end it is replaced."""
    plain = _UNSEEN.sub(" ", words).replace("`", "'").replace("|", "¦").strip()
    return f"`{plain[:200] or '?'}`"


def table(head: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The lines of a table; cells are plain text."""
    yield _row(head)
    yield f"| {' | '.join(['---'] * len(head))} |"
    yield from map(_row, rows)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(text, cells))} |"
