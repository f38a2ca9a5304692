"""The text of a Markdown file in, its title and the places of its headings out; the text stays as it is."""

import re

from workbench.records import Mark

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_FRONT = re.compile(r"---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^title:(.*)$", re.MULTILINE)


def read(text: str) -> tuple[str, tuple[Mark, ...]]:
    """Find the headings that begin with `#`, outside of fenced code and front matter.

    Args:
        text: with line feeds as line ends.

    Returns:
        The title that the front matter names, else the first heading; and the headings' places.
    """
    front = _FRONT.match(text)
    named = _TITLE.search(front.group(1)) if front else None
    start = front.end() if front else 0
    marks: list[Mark] = []
    fence = ""
    for line in text[start:].split("\n"):
        if opened := _FENCE.match(line):
            if not fence:
                fence = opened.group(1)
            elif opened.group(1).startswith(fence) and not line.strip(" \t`~"):
                fence = ""
        elif not fence and (heading := _heading(line)):
            marks.append(Mark(start, section=heading))
        start += len(line) + 1
    title = named.group(1).strip().strip("\"'") if named else ""
    return title or (marks[0].section if marks else ""), tuple(marks)


def _heading(line: str) -> str:
    """The words of a heading; empty: the line is none."""
    # Not by a pattern: one would be held up by a line of countless blanks.
    bare = line.strip()
    words = bare.lstrip("#")
    level = len(bare) - len(words)
    if not 1 <= level <= 6 or not line.startswith(("#", " #", "  #", "   #")) or not words.startswith((" ", "\t")):
        return ""
    open = words.rstrip("#")
    return " ".join((open if open.endswith((" ", "\t")) else words).split())
