"""Words after the script's name in, the app out: which experiments there are, which page is on, and what went wrong.

Streamlit runs this again, top to bottom, for every move of every visitor.
"""

import logging
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from threading import Thread

import streamlit as st

from workbench.errors import WorkbenchError
from workbench.pages import compare, leakage, opened, overview, plan, report, show, sign_in

PAGES = (
    (overview.page, "Overview", "overview"),
    (compare.page, "Compare", "compare"),
    (leakage.page, "Leakage", "leakage"),
    (plan.page, "Plan", "plan"),
    (report.page, "Report", "report"),
)

_PRINTED = """<style>@media print {
[data-testid="stSidebar"], [data-testid="stHeader"] { display: none }
[data-testid="stPlotlyChart"], [data-testid="stTable"] tr { break-inside: avoid }
h1, h2, h3 { break-after: avoid }
}</style>"""


def main(arguments: Sequence[str] = ()) -> None:
    """Show the page that the address names, to those who may see it.

    Args:
        arguments: folders of experiments, `--hide-texts`, `--sign-in`.
    """
    st.set_page_config(page_title="RAG workbench", layout="wide")
    unknown = [each for each in arguments if each.startswith("--") and each not in (opened.HIDE_TEXTS, sign_in.SIGN_IN)]
    if unknown:  # half of an option that hides or locks must not open everything
        st.error(f"{show.plain(' '.join(unknown))}: no such option; give {opened.HIDE_TEXTS} or {sign_in.SIGN_IN}.")
        return
    st.html(_PRINTED)
    if not sign_in.passed(arguments):
        return
    chosen = st.navigation([st.Page(page, title=title, url_path=path) for page, title, path in PAGES])
    show.begin(chosen.title)
    try:
        opened.offer(arguments)
        chosen.run()
    except WorkbenchError as error:
        opened.leave_word(str(error))
    except opened.UNREADABLE as error:
        logging.getLogger(__name__).exception("page %s", chosen.title)
        opened.leave_word(
            f"This experiment cannot be shown: its files lack something ({type(error).__name__}: {error})."
        )


@asynccontextmanager
async def warmed(app: st.App) -> AsyncIterator[None]:
    """While the server starts, what its first visitor will see is read."""
    Thread(target=_warm, daemon=True).start()
    yield


def _warm() -> None:
    opened.warm(sys.argv[1:])
    plan.warm()


if __name__ == "__main__":
    main(sys.argv[1:])
