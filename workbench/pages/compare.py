"""The page Compare: leaderboard, cost, latency, groups of questions, and from a bar to the questions behind it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from workbench.backends import rank
from workbench.exhibits import questions
from workbench.exhibits.comparison import grouped, leaderboard
from workbench.exhibits.latency import latency
from workbench.exhibits.measures import GROUPED, MEASURES, runs, source, tracks
from workbench.exhibits.tradeoff import cost_axes, tradeoff
from workbench.nouns import counted
from workbench.pages import opened
from workbench.pages.show import keep, plain, show, table
from workbench.records import Track
from workbench.runs.store import Experiment
from workbench.verdicts.failures import CAUSES, Case, failing

ALL = "all"
_SCORES = {measure.name: measure for measure in MEASURES}
_GROUPS = {"kind of question": "kinds", "tenant": "tenants"}
_CHART = "chart-causes"


def page() -> None:
    """Show it."""
    st.title("Compare")
    one = opened.current()
    if one is None:
        return
    report = opened.report(one)
    there = tracks(report)
    track = st.segmented_control("Track", there, key="track", default=there[0], required=True, bind="query-params")
    if not runs(report, track):
        opened.leave_word("On this track no question was answered yet.")
        return

    # An address that names a question or its filters leads to it.
    if "part" not in st.session_state and "part" not in st.query_params:
        if any(key in st.query_params for key in ("backend", "kind", "cause", "question")):
            st.session_state["part"] = "Questions"
    tabs = st.tabs([*_PARTS, _ALL_PARTS], key="part", on_change="rerun", bind="query-params")
    for name, tab in zip([*_PARTS, _ALL_PARTS], tabs, strict=True):
        if tab.open:  # charts that nobody looks at take a second of a browser
            with tab:
                for part in _PARTS.values() if name == _ALL_PARTS else (_PARTS[name],):
                    part(one, report, track)


def _scores(one: opened.Opened, report: dict[str, Any], track: Track) -> None:
    st.header("Who is better", anchor="scores")
    score = st.selectbox("Score", list(_SCORES), key="score", bind="query-params", filter_mode=None)
    show(leaderboard(report, opened.verdicts(one), track, _SCORES[score]), below=True)


def _cost(one: opened.Opened, report: dict[str, Any], track: Track) -> None:
    st.header("At what cost", anchor="cost")
    axes = cost_axes(report, track)
    if not axes:
        st.info("Neither prices nor tokens were recorded on this track.")
        return
    cost = st.selectbox(
        "Set right answers against",
        list(axes),
        format_func=lambda key: axes[key].title,
        key="cost",
        bind="query-params",
        filter_mode=None,
    )
    show(tradeoff(report, opened.verdicts(one), track, cost), below=True)


def _latency(one: opened.Opened, report: dict[str, Any], track: Track) -> None:
    st.header("How fast", anchor="latency")
    show(latency(report, track), below=True)


def _groups(one: opened.Opened, report: dict[str, Any], track: Track) -> None:
    st.header("Better at what, and for whom", anchor="groups")
    left, right = st.columns(2)
    by = left.selectbox("By", list(_GROUPS), key="by", bind="query-params", filter_mode=None)
    name = right.selectbox(
        "What", list(GROUPED), format_func=lambda key: GROUPED[key].name, key="group-score", bind="query-params",
        filter_mode=None,
    )  # fmt: skip
    show(grouped(report, track, _GROUPS[by], name), below=True)


def _wrong(one: opened.Opened, report: dict[str, Any], track: Track) -> None:
    """From a bar to the questions behind it, and to one of them."""
    st.header("The questions behind it", anchor="questions")
    texts = opened.texts_shown(one)
    asked = {name: run["questions"] for name, run in runs(report, track).items()}
    cases = _failing(str(one.folder), one.stamp, track, texts)
    exhibit = questions.causes(cases, asked, track, source(report, track))
    if exhibit.figure is None:
        show(exhibit, below=True)
        return
    keep(exhibit)
    st.subheader(exhibit.title, anchor=exhibit.name)
    st.markdown(plain(exhibit.says))
    st.plotly_chart(
        exhibit.figure,
        key=_CHART,
        theme="streamlit",
        on_select=_chosen_bar,
        selection_mode="points",
        config={"displaylogo": False, "displayModeBar": False},
    )
    st.caption("Choose a bar, or choose below.")
    with st.expander("The same as a table"):
        table(exhibit.table, "table-causes")
    for note in (*exhibit.notes, f"Source: {exhibit.source}"):
        st.caption(plain(note))

    places = st.columns(3)
    backend = _one_of(places[0], "Backend", "backend", list(asked))
    kind = _one_of(places[1], "Kind of question", "kind", sorted({case.kind for case in cases if case.kind}))
    cause = _one_of(places[2], "Cause", "cause", [each for each in CAUSES if any(case.cause == each for case in cases)])
    found = questions.chosen(cases, backend, kind, cause)
    st.markdown(f"{len(found)} of {len(cases)} wrong answers")
    if found:
        table(questions.listing(found), "table-failing")
        _question(one, report, track, found)


def _one_of(place: Any, label: str, key: str, options: list[str]) -> str:
    """A choice whose first option chooses all, which is told as the empty word."""
    if st.session_state.get(key) not in (None, ALL, *options):
        del st.session_state[key]
    chosen = place.selectbox(
        label, [ALL, *options], key=key, format_func=lambda each: each.replace("_", " "), bind="query-params",
        filter_mode=None,
    )  # fmt: skip
    return "" if chosen == ALL else chosen


def _chosen_bar() -> None:
    """A bar that was clicked becomes the choice of the boxes below it."""
    points = st.session_state[_CHART].selection.points
    if points:
        st.session_state["backend"], st.session_state["cause"] = points[0]["customdata"]
        st.session_state["kind"] = ALL


def _question(one: opened.Opened, report: dict[str, Any], track: Track, found: list[Case]) -> None:
    """One question, as all backends answered it."""
    texts = opened.texts_shown(one)
    names = list(dict.fromkeys(case.question for case in found))
    if st.session_state.get("question") not in (None, *names):
        del st.session_state["question"]
    # Its id alone: addresses hold what a list shows, and texts are not for the history of a browser.
    name = st.selectbox("One question with the answers of all backends", names, key="question", bind="query-params")
    cases = _answers(str(one.folder), one.stamp, track, name, texts)
    exhibit = questions.side_by_side(cases, source(report, track))
    asked = cases[0].text or "(text not shown)"
    show(replace(exhibit, says=f"{exhibit.says} Asked: {asked} Right is: {questions.wanted(cases[0])}."), below=True)
    if not texts:
        st.info("Texts of this experiment are not there or not shown: numbers only.")
    tabs = st.tabs([case.backend for case in cases], key="in-full", on_change="rerun", bind="query-params")
    for case, tab in zip(cases, tabs, strict=True):
        if tab.open:
            with tab:
                _in_full(case)


def _in_full(case: Case) -> None:
    """Answer and passages without a word cut off."""
    st.markdown(f"**Answer:** {plain(questions.answer(case))}")
    rows = questions.passages(case)
    if not rows:
        st.caption("No passage was retrieved.")
    sent, rest = (
        [row for row in rows if row["In the prompt"] == "yes"],
        [row for row in rows if row["In the prompt"] == "no"],
    )
    for row in sent:
        _passage(row)
    if rest:
        with st.expander(f"{counted(len(rest), 'passage')} retrieved and not sent to the model"):
            for row in rest:
                _passage(row)


def _passage(row: Mapping[str, Any]) -> None:
    evidence = ", holds evidence" if row["Holds evidence"] == "yes" else ""
    with st.container(border=True):
        st.caption(plain(f"{row['Place']}. {row['Document']}, score {row['Score']:g}{evidence}"))
        st.markdown(plain(row["Text"]))


_PARTS: Mapping[str, Callable[[opened.Opened, dict[str, Any], Track], None]] = {
    "Scores": _scores,
    "Cost": _cost,
    "Latency": _latency,
    "Groups": _groups,
    "Questions": _wrong,
}
_ALL_PARTS = "All, to print"


@st.cache_resource(max_entries=16, show_spinner="Reading the questions …")
def _failing(folder: str, stamp: str, track: Track, texts: bool) -> list[Case]:
    # The list shows no passage, and those of all wrong answers are most of what a run holds.
    return [replace(case, passages=()) for case in _read(folder, track, (), texts)]


@st.cache_resource(max_entries=64, show_spinner=False)
def _answers(folder: str, stamp: str, track: Track, question: str, texts: bool) -> list[Case]:
    return _read(folder, track, (question,), texts)


def _read(folder: str, track: Track, wanted: tuple[str, ...], texts: bool) -> list[Case]:
    """Of all runs of the track; without a word where texts are hidden."""
    experiment = Experiment.open(Path(folder))
    begun = {(identity.backend, identity.track): run for run in experiment.runs() if (identity := run.identity())}
    some = [begun[each] for each in sorted(begun, key=lambda each: rank(each[0])) if each[1] == track]
    with opened.readable(f"{folder}: cannot be read as an experiment"):
        cases = [case for run in some for case in failing(experiment, run, wanted)]
    return cases if texts else questions.without_texts(cases)
