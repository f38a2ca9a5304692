"""Straight lines drawn on a page in, the tables that they rule out: where each cell is, and into which a place falls.

Lengths are points (1/72 inch), x to the right and y upwards.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

NEAR = 2.5
"""Lines that are so close are one, or meet; thicker ones are boxes."""
MOST_PAIRS = 1_000_000
"""Of lines that may cross; above, a page is a drawing and is not searched for tables."""
MOST_COLUMNS = 60
MOST_ROWS = 300
"""Above, it is squared paper."""

SOFT_HYPHEN = "\xad"

_LINES_OF_ROWS = 3
"""So many lines in every cell between two rules are rows that no rule parts; two may be words that did not fit."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A line at `at`, from `start` to `end`: at a height for a level one, at an x for an upright one."""

    at: float
    start: float
    end: float

    def covers(self, place: float, slack: float = NEAR) -> bool:
        """Whether it reaches over a place of its length."""
        return self.start - slack <= place <= self.end + slack


@dataclass(slots=True)
class Grid:
    """One ruled table, filled character by character."""

    xs: list[float]
    """Edges of the columns, from the left."""
    ys: list[float]
    """Edges of the rows, from the top down."""
    owners: dict[tuple[int, int], tuple[int, int]]
    """For each row and column the cell that it belongs to, itself unless cells are joined."""
    texts: dict[tuple[int, int], list[tuple[str, float, float]]] = field(default_factory=dict)
    """By cell its lines, each with its baseline and the height of its first letter."""

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """The cell at a place; None: outside."""
        column = bisect_right(self.xs, x) - 1
        row = bisect_right([-edge for edge in self.ys], -y) - 1
        return self.owners.get((row, column))

    def put(self, cell: tuple[int, int], text: str, baseline: float = 0.0, height: float = 0.0) -> None:
        """Add to the text of a cell; blanks stand nowhere, and neither does a soft hyphen, which parts a word."""
        written = self.texts.setdefault(cell, [])
        last, at, tall = written[-1] if written else ("", 0.0, 0.0)
        goes_on = text.isspace() or text == SOFT_HYPHEN or abs(at - baseline) < 0.6 * max(tall, height)
        if written and goes_on:
            written[-1] = last + text, at, tall
        elif not text.isspace():
            written.append((text, baseline, height))

    def rows(self) -> list[list[str]]:
        """The text of every cell that is its own, row by row; one that spans rows stands in the first of them."""
        made: list[list[str]] = []
        for row in range(len(self.ys) - 1):
            cells = [[text for text, _, _ in self.texts.get((row, column), ())] for column in self._columns(row)]
            counts = {len(cell) for cell in cells if cell}
            if len(cells) > 1 and len(counts) == 1 and max(counts) >= _LINES_OF_ROWS:
                made.extend([cell[line] if cell else "" for cell in cells] for line in range(max(counts)))
            else:
                made.append([" ".join(cell).replace(f"{SOFT_HYPHEN} ", "") for cell in cells])
        return made

    def _columns(self, row: int) -> list[int]:
        # One that is joined to the row above is there and empty; one that is joined to its left is not there.
        return [column for column in range(len(self.xs) - 1) if self.owners[row, column][1] == column]


def grids(level: Iterable[Rule], upright: Iterable[Rule]) -> list[Grid]:
    """The tables of two rows and two columns or more that lines rule."""
    across, down = _joined(level), _joined(upright)
    if len(across) * len(down) > MOST_PAIRS:
        return []
    found = (_grid([across[i] for i in rows], [down[i] for i in columns]) for rows, columns in _connected(across, down))
    return [grid for grid in found if grid]


def _joined(rules: Iterable[Rule]) -> list[Rule]:
    """Pieces of one line put together: a table is often drawn cell by cell."""
    # By tenths of the tolerance: pieces of one line differ by less, and have to be sorted along it.
    made: list[Rule] = []
    for rule in sorted(rules, key=lambda each: (round(each.at / NEAR), each.start)):
        last = made[-1] if made else None
        if last and abs(last.at - rule.at) <= NEAR and rule.start <= last.end + NEAR:
            made[-1] = Rule(last.at, last.start, max(last.end, rule.end))
        else:
            made.append(rule)
    return made


def _connected(across: Sequence[Rule], down: Sequence[Rule]) -> list[tuple[list[int], list[int]]]:
    """Groups of lines that cross one another, directly or by others, as places in both lists."""
    meets = {i: [j for j, v in enumerate(down) if h.covers(v.at) and v.covers(h.at)] for i, h in enumerate(across)}
    met: dict[int, list[int]] = {}
    for i, others in meets.items():
        for j in others:
            met.setdefault(j, []).append(i)
    groups: list[tuple[list[int], list[int]]] = []
    left = set(meets)
    while left:
        rows, columns, waiting = set[int](), set[int](), [min(left)]
        while waiting:
            i = waiting.pop()
            if i in rows:
                continue
            rows.add(i)
            for j in meets[i]:
                if j not in columns:
                    columns.add(j)
                    waiting.extend(met[j])
        left -= rows
        groups.append((sorted(rows), sorted(columns)))
    return groups


def _grid(across: Sequence[Rule], down: Sequence[Rule]) -> Grid | None:
    xs = _edges(rule.at for rule in down)
    ys = _edges(rule.at for rule in across)[::-1]
    if not 3 <= len(xs) <= MOST_COLUMNS + 1 or not 3 <= len(ys) <= MOST_ROWS + 1:
        return None
    owners: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(len(ys) - 1):
        middle = (ys[row] + ys[row + 1]) / 2
        for column in range(len(xs) - 1):
            center = (xs[column] + xs[column + 1]) / 2
            owners[row, column] = row, column
            if column and not any(abs(v.at - xs[column]) <= NEAR and v.covers(middle, 0) for v in down):
                owners[row, column] = owners[row, column - 1]
            elif row and not any(abs(h.at - ys[row]) <= NEAR and h.covers(center, 0) for h in across):
                owners[row, column] = owners[row - 1, column]
    return Grid(xs, ys, owners)


def _edges(places: Iterable[float]) -> list[float]:
    edges: list[float] = []
    for place in sorted(places):
        if not edges or place - edges[-1] > NEAR:
            edges.append(place)
    return edges
