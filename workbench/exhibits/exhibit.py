"""What app, notebook and report show alike: a figure, its table, what to see in it, and where it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from workbench.exhibits import markup

if TYPE_CHECKING:
    import pandas

Rows = Sequence[Mapping[str, Any]]

_ROWS = 40
"""Of a table in a notebook, which is to stay small."""


@dataclass(frozen=True)
class Exhibit:
    """One thing to look at. Pure: made from reports, without a model, a framework or Streamlit."""

    name: str
    """Stable and short, such as `accuracy`: file names, anchors and widget keys are made of it."""
    title: str
    says: str
    """One sentence: what to see, with the interval where there is one."""
    table: Rows
    """The numbers of the figure; keys are headings with their unit. Never empty when a figure is there."""
    source: str
    """Run, date, prices and sample size."""
    figure: Any = None
    """A plotly `go.Figure`; None where the table alone tells."""
    notes: Sequence[str] = ()
    """Limits that a reader must know."""

    @property
    def headings(self) -> list[str]:
        """Of the table's columns: those of the first row, then those that only later rows have."""
        return list(dict.fromkeys(name for row in self.table for name in row))

    @property
    def df(self) -> "pandas.DataFrame":
        """The table as pandas' data frame."""
        import pandas

        return pandas.DataFrame([dict(row) for row in self.table], columns=self.headings)

    def __str__(self) -> str:
        """What it says and its table, for a terminal."""
        table = self.df.to_string(index=False, na_rep="") if self.table else ""
        return "\n".join(filter(None, (self.title, self.says, "", table, *self.notes, f"Source: {self.source}")))

    def _repr_html_(self) -> str:
        """Heading, sentence, table and source: what is left in a notebook where no script runs."""
        said = "".join(f"<p>{escape(text)}</p>" for text in (self.says, *self.notes))
        shown = markup.table(self.headings, self.table, _ROWS)
        return f"<h4>{escape(self.title)}</h4>{said}{shown}<p><small>{escape(self.source)}</small></p>"
