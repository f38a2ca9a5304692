"""An exhibit in; heading, sentence, chart, table and source on the page, out."""

import pandas as pd
import streamlit as st

from workbench.exhibits.exhibit import Exhibit

_BAR = {"displaylogo": False, "displayModeBar": False}


def show(exhibit: Exhibit, key: str = "") -> None:
    """Show an exhibit.

    Args:
        exhibit: what to show.
        key: tells two of the same name on one page apart.
    """
    name = f"{exhibit.name}-{key}" if key else exhibit.name
    st.subheader(exhibit.title, anchor=exhibit.name)
    st.write(exhibit.says)
    frame = pd.DataFrame(list(exhibit.table))
    if exhibit.figure is not None:
        st.plotly_chart(exhibit.figure, key=f"figure-{name}", theme="streamlit", config=_BAR)
        with st.expander(f"The numbers: {exhibit.title}"):
            st.dataframe(frame, hide_index=True, key=f"table-{name}")
    else:
        st.dataframe(frame, hide_index=True, key=f"table-{name}")
    for note in exhibit.notes:
        st.caption(note)
    st.caption(f"Source: {exhibit.source}")
