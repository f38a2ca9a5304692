import pytest

from workbench.workload import markdown


@pytest.mark.parametrize(
    ("text", "title", "marks"),
    [
        ("", "", []),
        ("no heading\n#neither\n    # nor code\n#\n####### seven\n", "", []),
        ("# One\ntext\n## Two ##\n", "One", [(0, "One"), (11, "Two")]),
        ("a\n   ###   C#   \n", "C#", [(2, "C#")]),
        ("```\n# code\n~~~\n```\n# One", "One", [(19, "One")]),
        ("~~~~ sh\n~~~\n# code\n~~~~~\n# One", "One", [(25, "One")]),
        ("---\ntitle: 'Named'\n# remark\n---\n# One\n", "Named", [(32, "One")]),
        ("## ##\n# a # b#\n", "a # b#", [(6, "a # b#")]),
        ("---\n\n# One\n", "One", [(5, "One")]),
    ],
)
def test_headings(text: str, title: str, marks: list[tuple[int, str]]) -> None:
    found, places = markdown.read(text)
    assert (found, [(mark.start, mark.section) for mark in places]) == (title, marks)
    assert all(mark.page is None for mark in places)


def test_line_of_countless_blanks() -> None:
    blanks = " " * 1_000_000
    assert markdown.read(f"---\ntitle: a{blanks}b\n---\n# a{blanks}b{blanks}\n")[1][0].section == "a b"
