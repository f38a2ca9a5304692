"""The page Overview: what was found and how sure it is, what would change it, what was compared, where to go next."""

from collections.abc import Callable, Sequence

import streamlit as st

from workbench.exhibits.cards import by_backend, cards
from workbench.exhibits.changes import changes
from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.finding import finding, stands_on, told
from workbench.exhibits.measures import tracks
from workbench.pages import compare, leakage, opened, plan, report
from workbench.pages.show import keep, plain, show, words

_GUIDE = """**New here?** The finding below says who is better, and how sure that is: brackets hold 95 % intervals, n
counts questions. To see what it costs, and what a cache would save, open Plan and move its controls."""

_NEXT = (
    (compare.page, "compare", "Compare the backends, down to single questions"),
    (leakage.page, "leakage", "See where planted private values went"),
    (plan.page, "plan", "Plan the cost for your number of people"),
    (report.page, "report", "Take it with you as a report"),
)


def page() -> None:
    """Show it."""
    st.title("Overview")
    _guide()
    one = opened.current()
    if one is None:
        return
    figures, verdicts = opened.report(one), opened.verdicts(one)
    _finding(told(figures, finding(figures, verdicts)))

    st.header("The four figures that matter", anchor="figures")
    there = tracks(figures)
    track = st.segmented_control("Track", there, key="track", default=there[0], required=True, bind="query-params")
    # Two and two: four abreast would cut the ranges short.
    places = [place for _ in range(2) for place in st.columns(2)]
    for place, card in zip(places, cards(figures, verdicts, track), strict=True):
        with place.container(border=True):
            st.metric(card.label, card.value, help=card.means)
            st.caption(plain(card.detail))
    with st.expander("By backend"):
        show(by_backend(figures, verdicts, track))

    words(changes(figures, verdicts))
    words(stands_on(figures))
    _next()


def _guide() -> None:
    if st.session_state.get("guide-seen"):
        return
    with st.container(border=True):
        st.markdown(_GUIDE)
        _links(_NEXT[-2::-1])
        st.button("Got it, hide this", key="guide-hide", on_click=_seen)


def _seen() -> None:
    st.session_state["guide-seen"] = True


def _finding(exhibit: Exhibit) -> None:
    keep(exhibit)
    st.header(exhibit.title, anchor="finding")
    for row in exhibit.table:
        if row["Weight"] == "Doubt":
            st.warning(plain(row["What was shown"]))
    with st.container(border=True):
        st.markdown(f"**{plain(exhibit.says)}**")
    for row in exhibit.table:
        if row["Weight"] != "Doubt":
            st.markdown(f"- {plain(row['What was shown'])}")
    st.caption(f"Source: {plain(exhibit.source)}")


def _next() -> None:
    st.header("Where to go next", anchor="next")
    _links(_NEXT)


def _links(places: Sequence[tuple[Callable[[], None], str, str]]) -> None:
    for show_page, path, label in places:
        st.page_link(st.Page(show_page, title=label, url_path=path), label=label, icon=":material/arrow_forward:")
