"""The page Leakage."""

import streamlit as st

from workbench.pages import opened


def page() -> None:
    """Show it."""
    st.title("Leakage")
    one = opened.current()
    if one is None:
        return
    st.caption(one.title)
