"""The page Report: what the visitor was shown, as one file to hand on."""

from functools import partial

import streamlit as st

from workbench.exhibits.document import Document, Section
from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.forms import EXCEL, made, when
from workbench.exhibits.gallery import overview
from workbench.pages import opened, show

_FORMS: tuple[tuple[str, str, str, str], ...] = (
    ("Web page", "html", "text/html", "One file that opens without a network; print it from there."),
    ("Excel", "xlsx", EXCEL, "A sheet for each table."),
    ("Markdown", "md", "text/markdown", "Sentences and tables, for a wiki or a pull request."),
)


def page() -> None:
    """Choose the parts, then the form."""
    st.title("Report")
    one = opened.current()
    there = _parts(one)
    if not there:
        st.info("A report holds what you have looked at: open another page first, then come back.")
        return
    st.markdown("It holds what you have looked at, as you left it: open a page first to have it here.")
    parts = st.pills("Parts", list(there), selection_mode="multi", default=list(there), key="parts")
    document = Document(
        f"RAG workbench: {one.title}" if one else "RAG workbench",
        f"{when()}; it holds what was on the screen.",
        [Section(part, there[part]) for part in parts],
    )
    if not parts:
        st.info("Choose a part.")
        return
    _downloads(document, one.name if one else "plan")
    for section in document.sections:
        st.header(section.title, divider=True)
        for number, exhibit in enumerate(section.exhibits):
            show.again(exhibit, f"{section.title}-{number}-{exhibit.name}", below=True)


def _parts(one: opened.Opened | None) -> dict[str, list[Exhibit]]:
    """What was shown, by page in the order of the pages; the overview also to those who begin here."""
    there = show.shown()
    if one is not None and "Overview" not in there:
        figures, verdicts = opened.report(one), opened.verdicts(one)
        there["Overview"] = overview(figures, verdicts)
    order = {"Overview": 0, "Compare": 1, "Leakage": 2, "Plan": 3}
    return dict(sorted(there.items(), key=lambda item: order.get(item[0], len(order))))


def _downloads(document: Document, name: str) -> None:
    for column, (form, ending, kind, words) in zip(st.columns(len(_FORMS)), _FORMS, strict=True):
        with column:
            st.download_button(
                form,
                partial(made, document, ending),  # made when it is asked for: a web page takes 5 MB
                f"report-{name}.{ending}",
                kind,
                key=f"download-{ending}",
                on_click="ignore",
                width="stretch",
            )
            st.caption(words)
