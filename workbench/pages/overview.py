"""The page Overview: what was found and how sure it is, what would change it, what was compared, where to go next."""

import streamlit as st

from workbench.exhibits.cards import by_backend, cards
from workbench.exhibits.changes import changes
from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.finding import finding, stands_on, told
from workbench.exhibits.measures import tracks
from workbench.pages import compare, leakage, opened, plan, report
from workbench.pages.show import keep, plain, show, words

_GUIDE = """**New here?** Three steps, one minute:

1. Read **the finding** below: who is better, and how sure that is. Brackets hold 95 % intervals; n counts questions.
2. Open **Compare** for cost, speed and the questions that went wrong; **Leakage** for where private values went.
3. Open **Plan** to see what it costs for 100,000 people, and move the levers, such as a cache."""

_NEXT = (
    (compare.page, "compare", "Compare the backends, down to single questions"),
    (leakage.page, "leakage", "See where planted private values went"),
    (plan.page, "plan", "Plan the cost for 100,000 people"),
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
    for show_page, path, label in _NEXT:
        st.page_link(st.Page(show_page, title=label, url_path=path), label=label, icon=":material/arrow_forward:")
