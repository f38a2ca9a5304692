import pytest

from workbench.workload.layout import Char, Line, lines, paragraphs
from workbench.workload.ruling import Grid, Rule, grids


def typed(text: str, left: float, baseline: float, height: float = 10) -> list[Char]:
    """Letters of width 5, with the line end that PDFium adds."""
    made = [Char(each, left + 5 * at, left + 5 * at + 5, baseline, height) for at, each in enumerate(text)]
    return [*made, Char("\r"), Char("\n")]


def line(text: str, left: float, baseline: float, height: float = 10, **more: object) -> Line:
    return Line(text, left, left + 5 * len(text), baseline, height, **more)  # type: ignore[arg-type]


def texts(*given: Line) -> list[str]:
    return [text for _, text in paragraphs(given)]


def test_lines_are_parted_where_pdfium_says_so() -> None:
    found = lines([*typed("one", 0, 100), *typed("  two  ", 0, 88)], [])
    assert [(each.text, each.left, each.right) for each in found if isinstance(each, Line)] == [
        ("one", 0, 15),
        ("two", 10, 25),
    ]


@pytest.mark.parametrize(
    ("left", "baseline", "height", "expected"),
    [
        (15, 104, 6, ["m2"]),  # a superscript right behind
        (80, 100, 10, ["m 2"]),  # at a tabulator
        (15, 88, 10, ["m", "2"]),  # the next line
        (0, 100, 10, ["m", "2"]),  # printed over it
    ],
)
def test_pieces_beside_each_other(left: float, baseline: float, height: float, expected: list[str]) -> None:
    found = lines([*typed("m", 10, 100), *typed("2", left, baseline, height)], [])
    assert [each.text for each in found if isinstance(each, Line)] == expected


@pytest.mark.parametrize(
    ("second", "together"),
    [
        (line("goes on here", 0, 88), True),
        (line("far below", 0, 76), False),
        (line("in larger letters", 0, 88, 14), False),
        (line("above", 0, 300), False),
        (line("beyond", 400, 88), False),
    ],
)
def test_what_makes_a_paragraph(second: Line, together: bool) -> None:
    assert (len(texts(line("this is a first line", 0, 100), second)) == 1) is together


def test_wide_leading_is_no_gap_where_the_whole_page_has_it() -> None:
    doubled = [line("double spaced text", 0, 200 - 24 * number) for number in range(5)]
    assert len(texts(*doubled)) == 1


def test_indented_first_line_begins_a_paragraph_after_a_full_stop_only() -> None:
    assert len(texts(line("It ends here.", 0, 100), line("Next", 15, 88))) == 2
    assert len(texts(line("• It does not end", 0, 100), line("yet", 15, 88))) == 1


def test_break_stays_where_the_next_word_had_room() -> None:
    wide = "a line that is as wide as its whole column"
    given = [line(wide, 0, 148), line(wide, 0, 136), line("short", 0, 124), line("word", 0, 112)]
    assert texts(*given) == [f"{wide} {wide} short\nword"]


def test_heading_is_a_paragraph_of_its_own() -> None:
    given = [line("before", 0, 112), line("Head", 0, 100, section="Head"), line("after", 0, 88)]
    assert list(paragraphs(given)) == [("", "before"), ("Head", "Head"), ("", "after")]


def square(xs: list[float], ys: list[float]) -> tuple[list[Rule], list[Rule]]:
    return [Rule(y, xs[0], xs[-1]) for y in ys], [Rule(x, ys[0], ys[-1]) for x in xs]


def test_grid_of_whole_lines() -> None:
    (found,) = grids(*square([0, 50, 100], [0, 20, 40]))
    assert (found.xs, found.ys) == ([0, 50, 100], [40, 20, 0])
    assert [found.cell(*place) for place in ((10, 30), (60, 30), (10, 10), (60, 10))] == [
        (0, 0),
        (0, 1),
        (1, 0),
        (1, 1),
    ]
    assert found.cell(150, 30) is None
    assert found.cell(10, 50) is None


def test_grid_drawn_cell_by_cell() -> None:
    level = [Rule(y + 0.3 * x / 50, x, x + 50) for y in (0, 20, 40) for x in (0, 50)]
    upright = [Rule(x, y, y + 20) for x in (0, 50, 100) for y in (0, 20)]
    (found,) = grids(level, upright)
    assert set(found.owners.values()) == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_squared_paper_is_no_table() -> None:
    assert len(grids(*square([5.0 * number for number in range(61)], [0, 20, 40]))) == 1
    assert grids(*square([5.0 * number for number in range(62)], [0, 20, 40])) == []


@pytest.mark.parametrize(("xs", "ys"), [([0.0, 50.0], [0.0, 20.0, 40.0]), ([0.0, 50.0, 100.0], [0.0, 20.0])])
def test_box_and_single_row_are_no_table(xs: list[float], ys: list[float]) -> None:
    assert grids(*square(xs, ys)) == []


def test_two_tables_stay_apart() -> None:
    one, other = square([0, 50, 100], [0, 20, 40]), square([0, 50, 100], [200, 220, 240])
    assert [grid.ys for grid in grids(one[0] + other[0], one[1] + other[1])] == [[40, 20, 0], [240, 220, 200]]


def test_cells_joined_across_and_down() -> None:
    level = [Rule(0, 0, 100), Rule(40, 0, 100), Rule(60, 0, 100), Rule(20, 50, 100)]
    upright = [Rule(0, 0, 60), Rule(100, 0, 60), Rule(50, 0, 40)]
    (grid,) = grids(level, upright)
    chars = [*typed("wide", 40, 50), *typed("tall", 5, 18), *typed("a", 60, 30), *typed("b", 60, 10)]
    (found,) = lines(chars, [grid])
    assert isinstance(found, Grid)
    assert [[cell.strip() for cell in row] for row in found.rows()] == [["wide"], ["tall", "a"], ["", "b"]]


def test_rows_that_no_rule_parts() -> None:
    xs, ys = [0.0, 50.0, 100.0, 150.0], [0.0, 60.0, 80.0]
    for lines_each, expected in (
        (3, [["a0", "b0", ""], ["a1", "b1", ""], ["a2", "b2", ""]]),
        (2, [["a0 a1", "b0 b1", ""]]),
    ):
        (grid,) = grids(*square(xs, ys))
        body = [
            typed(f"{name}{n}", left, 45 - 14 * n) for left, name in ((5, "a"), (60, "b")) for n in range(lines_each)
        ]
        lines([*typed("head", 5, 65), *(char for one in body for char in one)], [grid])
        assert [[cell.strip() for cell in row] for row in grid.rows()[1:]] == expected


def test_superscript_in_a_cell_is_no_line_of_its_own() -> None:
    (grid,) = grids(*square([0, 50, 100], [0, 20, 40]))
    lines([*typed("m", 5, 25), *typed("2", 10, 29, 6)], [grid])
    assert grid.rows()[0] == ["m2", ""]


def test_word_parted_in_a_cell() -> None:
    (grid,) = grids(*square([0, 100, 200], [0, 20, 60]))
    lines([*typed("entitle", 5, 45)[:-2], Char("\x02"), *typed("ment", 5, 30)], [grid])
    assert grid.rows()[0] == ["entitlement", ""]


def test_table_stands_where_it_begins() -> None:
    (grid,) = grids(*square([0, 50, 100], [0, 20, 40]))
    found = lines([*typed("above", 0, 60), *typed("x", 5, 25), *typed("below", 0, -20)], [grid])
    assert [each.text if isinstance(each, Line) else "table" for each in found] == ["above", "table", "below"]


def test_drawing_of_countless_lines_is_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.workload.ruling.MOST_PAIRS", 8)
    assert grids(*square([0, 50, 100], [0, 20, 40])) == []
