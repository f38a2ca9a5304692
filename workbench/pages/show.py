"""An exhibit in; heading, sentence, chart, table and source on the page, out; the Report page asks what was shown."""

import re

import pandas as pd
import streamlit as st

from workbench import markdown
from workbench.exhibits.exhibit import Exhibit

_BAR = {"displaylogo": False, "displayModeBar": False}
_SHOWN, _PAGE = "shown", "page"


def show(exhibit: Exhibit, key: str = "", *, below: bool = False) -> None:
    """Show an exhibit.

    Args:
        exhibit: what to show.
        key: tells two of the same name on one page apart.
        below: it stands below a heading of the page's second level.
    """
    again(exhibit, keep(exhibit, key), below=below)


def keep(exhibit: Exhibit, key: str = "") -> str:
    """Keep an exhibit for the report that a page shows in its own way; gives the name it is kept by."""
    name = f"{exhibit.name}-{key}" if key else exhibit.name
    page = st.session_state.get(_PAGE, "")
    st.session_state.setdefault(_SHOWN, {}).setdefault(page, {})[name] = exhibit
    return name


def again(exhibit: Exhibit, name: str, *, below: bool = False) -> None:
    """Show an exhibit without keeping it for the report.

    Args:
        exhibit: what to show.
        name: one of its own on the page.
        below: it stands below a heading of the page's second level.
    """
    heading = st.subheader if below else st.header
    heading(plain(exhibit.title), anchor=re.sub(r"\W+", "-", name))
    st.markdown(plain(exhibit.says))
    if exhibit.figure is not None:
        st.plotly_chart(exhibit.figure, key=f"figure-{name}", theme="streamlit", config=_BAR)
        with st.expander("The same as a table"):
            _table(exhibit, name)
    elif exhibit.table:
        _table(exhibit, name)
    for note in exhibit.notes:
        st.caption(plain(note))
    st.caption(f"Source: {plain(exhibit.source)}")


def words(exhibit: Exhibit, *, below: bool = False) -> None:
    """Show a table of sentences, each in full, and keep it for the report.

    Args:
        exhibit: its first column is told in bold, the last of three or more in italics.
        below: it stands below a heading of the page's second level.
    """
    name = keep(exhibit)
    heading = st.subheader if below else st.header
    heading(plain(exhibit.title), anchor=re.sub(r"\W+", "-", name))
    for row in exhibit.table:
        first, *rest = row.values()
        last = f" *{plain(rest.pop())}*" if len(rest) > 1 else ""
        st.markdown(f"- **{plain(first)}**: {plain(' '.join(rest))}{last}")


def plain(words: str) -> str:
    """Words as Streamlit shows them: none becomes markup, a formula, an icon or a picture from elsewhere."""
    return re.sub(r"([$:])", r"\\\1", markdown.text(words))


def begin(page: str) -> None:
    """From here on, what is shown is shown on this page, anew."""
    st.session_state[_PAGE] = page
    st.session_state.setdefault(_SHOWN, {})[page] = {}


def shown() -> dict[str, list[Exhibit]]:
    """What the visitor was shown last on each page, in the order of the visits."""
    return {page: list(exhibits.values()) for page, exhibits in st.session_state.get(_SHOWN, {}).items() if exhibits}


def forget() -> None:
    """What was shown belongs to another experiment."""
    st.session_state[_SHOWN] = {}


def _table(exhibit: Exhibit, name: str) -> None:
    frame = pd.DataFrame([dict(row) for row in exhibit.table], columns=exhibit.headings)
    st.dataframe(frame, hide_index=True, key=f"table-{name}")
