"""The page Plan."""

import streamlit as st

from workbench.pages import opened


def page() -> None:
    """Show it."""
    st.title("Plan")
    one = opened.current()
    if one is None:
        return
    st.caption(one.title)
