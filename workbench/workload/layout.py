"""Characters of a page with their places in, its paragraphs and tables out, in the order of the characters.

Lengths are points (1/72 inch), x to the right and y upwards. No library is used here.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from workbench.workload.ruling import SOFT_HYPHEN, Grid

HYPHENS = ("\x02", "\ufffe")
"""What PDFium puts for a hyphen that only parts a word at the end of a line."""

_ITEM = re.compile(r"([•▪◦‣●○■□–—*\-\u2043\uf0b7]|\(?(\d{1,3}|[a-z])[.)])\s")
_BAND = 24.0
"""Lines whose left edges are so close belong to one column."""


@dataclass(frozen=True, slots=True)
class Char:
    """One character and where it stands; those that PDFium adds (blanks, line ends) may stand nowhere."""

    text: str
    left: float = 0.0
    right: float = 0.0
    baseline: float = 0.0
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """Characters on one baseline."""

    text: str
    left: float
    right: float
    baseline: float
    height: float
    """Of its letters, ascenders and descenders counted."""
    parted: bool = False
    """Its last word goes on in the next line."""
    section: str = ""
    """The heading that begins here; empty: none does."""
    goes_on: bool = False
    """Belongs to the heading of the line before."""


def lines(chars: Iterable[Char], grids: Sequence[Grid]) -> list[Line | Grid]:
    """Put characters together to lines; those inside a table go into its cells, and it stands where its first stood."""
    made: list[Line | Grid] = []
    taken: list[Char] = []
    inside: tuple[Grid, tuple[int, int]] | None = None

    def end(parted: bool = False) -> None:
        if line := _line(taken, parted):
            made.append(line)
        taken.clear()

    for char in chars:
        if char.text in ("\r", "\n", *HYPHENS):
            if inside is None:
                end(char.text in HYPHENS)
            elif char.text in HYPHENS:
                inside[0].put(inside[1], SOFT_HYPHEN)
            continue
        if char.text.strip():
            inside = _cell(char, grids)
        if inside is None:
            taken.append(char)
            continue
        end()
        grid, cell = inside
        if not any(grid is each for each in made):
            made.append(grid)
        grid.put(cell, char.text, char.baseline, char.height)
    end()
    return list(_merged(made))


def paragraphs(line_list: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """Section that begins (or nothing) and text of every paragraph."""
    leading = _leading(line_list)
    edges = _right_edges(line_list)
    block: list[Line] = []
    for line in line_list:
        if block and _parts(block, line, leading):
            yield block[0].section, _text(block, edges)
            block = []
        block.append(line)
    if block:
        yield block[0].section, _text(block, edges)


def _line(chars: Sequence[Char], parted: bool) -> Line | None:
    seen = [char for char in chars if char.text.strip()]
    if not seen:
        return None
    return Line(
        text=" ".join("".join(char.text for char in chars).split()),
        left=min(seen[0].left, seen[-1].left),
        right=max(seen[0].right, seen[-1].right),
        baseline=median(char.baseline for char in seen),
        height=max(median(char.height for char in seen), 1.0),
        parted=parted,
    )


def _cell(char: Char, grids: Sequence[Grid]) -> tuple[Grid, tuple[int, int]] | None:
    x, y = (char.left + char.right) / 2, char.baseline + char.height / 4
    for grid in grids:
        if grid.xs[0] <= x <= grid.xs[-1] and (cell := grid.cell(x, y)):
            return grid, cell
    return None


def _merged(made: Iterable[Line | Grid]) -> Iterator[Line | Grid]:
    """Pieces that stand beside each other on one height, as superscripts and columns by tabulators do, become one."""
    last: Line | Grid | None = None
    for line in made:
        if isinstance(last, Line) and isinstance(line, Line) and _beside(last, line):
            gap = "" if line.left - last.right < 0.15 * max(last.height, line.height) else " "
            larger = max(last, line, key=lambda each: (each.height, len(each.text)))
            last = replace(
                larger, text=last.text + gap + line.text, left=last.left, right=line.right, parted=line.parted
            )
            continue
        if last is not None:
            yield last
        last = line
    if last is not None:
        yield last


def _beside(last: Line, line: Line) -> bool:
    height = max(last.height, line.height)
    return abs(last.baseline - line.baseline) < 0.5 * height and -0.2 * height < line.left - last.right


def _leading(line_list: Sequence[Line]) -> float:
    """The usual distance of two baselines, by the height of the letters."""
    found = [
        (upper.baseline - lower.baseline) / upper.height
        for upper, lower in pairwise(line_list)
        if _alike(upper, lower) and 0.5 < (upper.baseline - lower.baseline) / upper.height < 2.5
    ]
    return median(found) if len(found) > 2 else 1.2


def _alike(one: Line, other: Line) -> bool:
    return 0.85 < one.height / other.height < 1.18


def _parts(block: Sequence[Line], line: Line, leading: float) -> bool:
    """Whether a line begins a new paragraph."""
    last = block[-1]
    if line.section or line.goes_on:
        return not line.goes_on
    if last.section or last.goes_on:
        return True
    if last.parted:
        return False
    down = (last.baseline - line.baseline) / last.height
    if not _alike(last, line) or not 0 < down < 1.25 * leading:
        return True
    if line.left > last.right or line.right < last.left:
        return True
    # The first line of a paragraph may be indented instead of set off.
    indent = line.left - min(each.left for each in block)
    return indent > 0.8 * line.height and last.text.endswith((".", ":", "!", "?", "”", '"', ")"))


def _right_edges(line_list: Sequence[Line]) -> Callable[[Line], float]:
    """Says for a line how far the lines of its column reach; one that reaches further alone does not count."""
    rights: dict[int, list[float]] = {}
    for line in line_list:
        rights.setdefault(int(line.left // _BAND), []).append(line.right)
    reach = {band: _reach(sorted(found, reverse=True)) for band, found in rights.items()}

    def edge(line: Line) -> float:
        band = int(line.left // _BAND)
        return max(reach.get(each, line.right) for each in (band - 1, band, band + 1))

    return edge


def _reach(falling: Sequence[float]) -> float:
    return next((upper for upper, lower in pairwise(falling) if upper - lower < _BAND), falling[0])


def _text(block: Sequence[Line], edge: Callable[[Line], float]) -> str:
    """The lines of a paragraph: where the next word would still have had room, the break was meant and stays."""
    text = block[0].text
    for upper, lower in pairwise(block):
        word = lower.text.split(" ", 1)[0]
        room = edge(upper) - upper.right
        needs = (len(word) + 1) * (lower.right - lower.left) / max(len(lower.text), 1)
        meant = _ITEM.match(lower.text) or (room > 1.3 * needs and not lower.goes_on)
        text += "" if upper.parted else "\n" if meant else " "
        text += lower.text
    return text
