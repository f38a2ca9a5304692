"""Rows in, a plain HTML table out: it reads the same where styles and scripts are stripped, as on GitHub."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from workbench.exhibits.cells import cell


def table(names: Sequence[str], rows: Sequence[Mapping[str, Any]], most: int | None = None) -> str:
    """An HTML table.

    Args:
        names: of the columns.
        rows: values by column; one that is missing is an empty cell.
        most: rows that are shown, and a last line says how many are not; None: all.
    """
    if not names:
        return ""
    shown = rows if most is None else rows[:most]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join("<tr>" + "".join(_cell(row.get(name)) for name in names) + "</tr>\n" for row in shown)
    left = len(rows) - len(shown)
    more = f'<tr><td colspan="{len(names)}">and {left:,} more</td></tr>\n' if left else ""
    return f"<table>\n<tr>{head}</tr>\n{body}{more}</table>"


def _cell(value: Any) -> str:
    words = escape(cell(value))
    # A notebook sets every cell to the right, which is for numbers.
    return (
        f'<td style="text-align: left">{words}</td>'
        if isinstance(value, str | bool)
        else f'<td class="number">{words}</td>'
    )
