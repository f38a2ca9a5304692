"""The page Overview: what was compared, what was found, what would change it, and where to go next."""

import streamlit as st

from workbench.exhibits.cards import by_backend, cards
from workbench.exhibits.changes import changes
from workbench.exhibits.finding import finding, stands_on
from workbench.exhibits.measures import source, tracks
from workbench.pages import opened
from workbench.pages.show import show

_GUIDE = """**New here?** Three steps, one minute:

1. Read **the finding** below: who is better, and how sure that is. Brackets hold 95 % intervals; n counts questions.
2. Open **Compare** for cost, speed and the questions that went wrong; **Leakage** for where private values went.
3. Open **Plan** to see what it costs for 100,000 people, and move the levers, such as a cache."""

_NEXT = (
    ("compare", "Compare the backends, down to single questions"),
    ("leakage", "See where planted private values went"),
    ("plan", "Plan the cost for 100,000 people"),
    ("report", "Take it with you as a report"),
)


def page() -> None:
    """Show it."""
    st.title("Overview")
    _guide()
    one = opened.current()
    if one is None:
        return
    report, verdicts = opened.report(one), opened.verdicts(one)
    found = finding(report, verdicts)
    st.header("The finding", anchor="finding")
    for doubt in found.doubts:
        st.warning(doubt)
    st.markdown(f"**{_plain(found.sentence)}**")
    for sentence in found.besides:
        st.markdown(f"- {_plain(sentence)}")
    st.caption(f"Source: {source(report)}")

    st.header("The four figures that matter", anchor="figures")
    track = st.segmented_control(
        "Track", tracks(report), key="overview-track", default=tracks(report)[0], required=True
    )
    for place, card in zip(st.columns(4), cards(report, verdicts, track), strict=True):
        with place.container(border=True):
            st.metric(card.label, card.value, help=card.means)
            st.caption(card.detail)
    with st.expander("The four figures by backend"):
        show(by_backend(report, verdicts, track))

    show(changes(report, verdicts))
    show(stands_on(report))
    _next()


def _guide() -> None:
    if st.session_state.get("guide-seen"):
        return
    with st.container(border=True):
        st.markdown(_GUIDE)
        st.button("Got it, hide this", key="guide-hide", on_click=_seen)


def _seen() -> None:
    st.session_state["guide-seen"] = True


def _next() -> None:
    """Where to go from here."""
    from workbench.pages import script

    st.header("Where to go next", anchor="next")
    for path, label in _NEXT:
        script.link(path, label)


def _plain(sentence: str) -> str:
    """Brackets of an interval are no link, and a dollar sign no formula."""
    return sentence.replace("[", "\\[").replace("$", "\\$")
