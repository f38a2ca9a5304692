"""What app, notebook and report show alike: a figure, its table, what to see in it, and where it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas

Rows = Sequence[Mapping[str, Any]]


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
    def df(self) -> "pandas.DataFrame":
        """The table as pandas' data frame."""
        import pandas

        return pandas.DataFrame(list(self.table))

    def _repr_html_(self) -> str:
        """Heading, sentence, table and source: what a notebook shows, and what is left of it where no script runs."""
        table = self.df.to_html(index=False, na_rep="", float_format="{:.4g}".format, border=0)
        said = "".join(f"<p>{escape(text)}</p>" for text in (self.says, *self.notes))
        return f"<h4>{escape(self.title)}</h4>{said}{table}<p><small>{escape(self.source)}</small></p>"
