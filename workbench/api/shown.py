"""What every result of the front door can do: a data frame, a plain text, and a table that survives on GitHub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas

WIDTH = 100
"""Of a plain text, in characters, as a terminal's."""
ROWS = 40
"""Of a table in a notebook; `df` has them all."""


class Shown:
    """A result that shows itself.

    In a notebook it is plain HTML, without script or style, so that GitHub shows it too; `print` gives the text that
    the command line prints; its repr is a sentence or a few; `df` has its figures.
    """

    __slots__ = ()

    def _lines(self) -> Iterable[Any]:
        """What the command line prints, as rich's lines and tables."""
        raise NotImplementedError

    def _headline(self) -> str:
        """The result in a sentence or a few, on lines of their own."""
        raise NotImplementedError

    def _repr_html_(self) -> str:
        """Heading, sentences and a table."""
        raise NotImplementedError

    def __str__(self) -> str:
        return text(self._lines())

    def __repr__(self) -> str:
        return self._headline()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}


def text(lines: Iterable[Any]) -> str:
    """Rich's lines and tables as a terminal of 100 columns without colours has them."""
    import io

    from rich.console import Console

    out = io.StringIO()
    console = Console(file=out, width=WIDTH, highlight=False, force_jupyter=False, color_system=None)
    for line in lines:
        console.print(line)
    return out.getvalue().rstrip("\n")


def page(title: str, said: Sequence[str] = (), rows: Sequence[Mapping[str, Any]] = (), source: str = "") -> str:
    """One result as plain HTML.

    Args:
        title: of the result.
        said: sentences; several are a list.
        rows: of a table; the first `ROWS` are shown.
        source: where it comes from.
    """
    from workbench.exhibits import markup

    names = list(dict.fromkeys(name for row in rows for name in row))
    if len(said) > 1:
        sentences = "<ul>" + "".join(f"<li>{escape(each)}</li>" for each in said) + "</ul>"
    else:
        sentences = "".join(f"<p>{escape(each)}</p>" for each in said)
    origin = f"<p><small>{escape(source)}</small></p>" if source else ""
    return f"<h4>{escape(title)}</h4>{sentences}{markup.table(names, rows, ROWS)}{origin}"


def frame(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()) -> pandas.DataFrame:
    """Rows as pandas' data frame.

    Args:
        rows: values by column.
        columns: their names and order where there may be no row.
    """
    import pandas

    listed = [dict(row) for row in rows]
    return pandas.DataFrame(listed, columns=None if listed else list(columns))
