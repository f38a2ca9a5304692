"""One document, three files: what stands in them is what was given, and nobody's data is acted on."""

import html
import io
import json
import re
from decimal import Decimal
from math import nan

import openpyxl
import plotly.graph_objects as go

from workbench.exhibits.cells import cell
from workbench.exhibits.document import Document, Section, to_markdown
from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.webpage import to_html
from workbench.exhibits.workbook import to_xlsx

HOSTILE = '=HYPERLINK("http://x.example","<img src=//x.example/a>")'

PLAIN = Exhibit(
    "accuracy",
    "Accuracy",
    "haystack is right in 0.5 [0.4, 0.6] of 60.",
    [{"backend": "plain", "right": 0.5, "n": 60}, {"backend": HOSTILE, "right": None, "USD": Decimal("1234567.8")}],
    "run off, 2026-11-23, n = 60",
    go.Figure(go.Bar(x=["plain", "</script><script>alert(1)</script>"], y=[0.5, 0.25])),
    ("A limit.",),
)
TABLE = Exhibit("accuracy", "Costs & <b>more</b>", "Only a table.", [{"USD": -3.0, "unpriced": True}], "nowhere")


def document(*exhibits: Exhibit) -> Document:
    return Document("What we found", "Made today.", [Section("Compare", exhibits), Section("Plan", [TABLE])])


def test_markdown_has_every_word_and_number_and_no_markup_of_the_data() -> None:
    text = to_markdown(document(PLAIN))
    assert "### Accuracy\n\nhaystack is right in 0.5 \\[0.4, 0.6\\] of 60.\n" in text
    assert "| backend | right | n | USD |\n| --- | --- | --- | --- |\n| plain | 0.5 | 60 |  |\n" in text
    assert '&lt;img src=//x.example/a&gt;")' in text and "|  |  | 1,234,568 |" in text
    assert "- A limit.\n\nSource: run off, 2026-11-23, n = 60\n" in text
    assert "### Costs &amp; &lt;b&gt;more&lt;/b&gt;\n" in text and "| -3 | yes |" in text


def test_the_web_page_asks_for_nothing_and_holds_figure_and_table() -> None:
    page = to_html(document(PLAIN))
    assert page.count("plotly.js v") == 1 and "default-src 'none'" in page
    assert not re.search(r"<(link|img|iframe|script)[^>]+(src|href)=", page)
    figures = re.findall(r'<script type="application/json">(.*?)</script>', page)
    assert [list(json.loads(one)["data"][0]["y"]) for one in figures] == [[0.5, 0.25]]
    assert json.loads(figures[0])["data"][0]["x"][1] == "</script><script>alert(1)</script>"
    assert f"<td>{html.escape(HOSTILE)}</td>" in page and "<b>more" not in page
    assert '<td class="number">1,234,568</td>' in page
    assert 'aria-label="Table: Accuracy"' in page and "Source: run off, 2026-11-23, n = 60" in page


def test_a_web_page_without_a_figure_carries_no_plotly() -> None:
    assert len(to_html(document())) < 10_000


def test_the_workbook_has_a_sheet_for_each_table_and_no_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(document(PLAIN))))
    assert book.sheetnames == ["contents", "accuracy", "accuracy-2"]
    assert [[each.value for each in row] for row in book["accuracy"]] == [
        ["backend", "right", "n", "USD"],
        ["plain", 0.5, 60, None],
        [f"'{HOSTILE}", None, None, 1234567.8],
    ]
    assert "f" not in {each.data_type for sheet in book for row in sheet for each in row}
    listed = [each.value for each in book["contents"][4]]
    assert listed == ["accuracy", "Compare", "Accuracy", PLAIN.says, PLAIN.source, "A limit."]


def test_names_that_excel_refuses_are_changed_and_stay_different() -> None:
    long = [Exhibit(f"by tenant: {'x' * 40}/{n}", "t", "s", [{"a": nan}], "") for n in range(2)]
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(document(*long))))
    assert len({name.lower() for name in book.sheetnames}) == 4
    assert all(len(name) <= 31 and ":" not in name for name in book.sheetnames)
    assert book[book.sheetnames[1]]["A2"].value is None


def test_cells_are_read_by_people() -> None:
    assert [cell(each) for each in (None, nan, True, 12345, 0.12345, 1234.5, Decimal("0.5"), "a", -0.00001)] == [
        "", "", "yes", "12,345", "0.1235", "1,234", "0.5", "a", "-1e-05",
    ]  # fmt: skip
