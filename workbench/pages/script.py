"""Words after the script's name in, the app out: which experiments there are, which page is on, and what went wrong.

Streamlit runs this again, top to bottom, for every move of every visitor.
"""

from collections.abc import Sequence

import streamlit as st

from workbench.errors import WorkbenchError
from workbench.pages import compare, leakage, opened, overview, plan, report

PAGES = (
    (overview.page, "Overview", "overview"),
    (compare.page, "Compare", "compare"),
    (leakage.page, "Leakage", "leakage"),
    (plan.page, "Plan", "plan"),
    (report.page, "Report", "report"),
)


def main(arguments: Sequence[str] = ()) -> None:
    """Show the page that the address names.

    Args:
        arguments: folders of experiments, and `--hide-texts`.
    """
    st.set_page_config(page_title="RAG workbench", layout="wide")
    pages = [st.Page(page, title=title, url_path=path) for page, title, path in PAGES]
    chosen = st.navigation(pages)
    opened.offer(arguments)
    try:
        chosen.run()
    except WorkbenchError as error:
        opened.leave_word(str(error))
