"""What app, notebook and report show alike: a figure, its table, what to see in it, and where it came from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from workbench.exhibits import markup

if TYPE_CHECKING:
    import pandas

Rows = Sequence[Mapping[str, Any]]

ROWS = 40
"""Of a table in a notebook, which is to stay small."""

PLOTLY = "application/vnd.plotly.v1+json"
"""What JupyterLab draws a figure from."""


@dataclass(frozen=True, repr=False)
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

    def __repr__(self) -> str:
        return f"{self.title}: {self.says}"

    def __str__(self) -> str:
        """What it says and its table, for a terminal."""
        table = self.df.to_string(index=False, na_rep="") if self.table else ""
        return "\n".join(filter(None, (self.title, self.says, "", table, *self.notes, f"Source: {self.source}")))

    def _repr_html_(self) -> str:
        """Heading, sentence, table and source: what is left in a notebook where no script runs."""
        return self._words() + self._rows()

    def _ipython_display_(self) -> None:
        """In a notebook: the words, then the figure, in whose place GitHub, which runs no script, shows the table."""
        from IPython.display import display

        if self.figure is None:
            display({"text/html": self._repr_html_(), "text/plain": repr(self)}, raw=True)  # type: ignore[no-untyped-call]
            return
        display({"text/html": self._words(), "text/plain": repr(self)}, raw=True)  # type: ignore[no-untyped-call]
        drawn = json.loads(self.figure.to_json())
        bundle = {PLOTLY: drawn, "text/html": self._rows(), "text/plain": self.df.to_string(index=False, na_rep="")}
        display(bundle, raw=True)  # type: ignore[no-untyped-call]

    def _words(self) -> str:
        said = "".join(f"<p>{escape(text)}</p>" for text in (self.says, *self.notes))
        return f"<h4>{escape(self.title)}</h4>{said}<p><small>{escape(self.source)}</small></p>"

    def _rows(self) -> str:
        return markup.table(self.headings, self.table, ROWS)
