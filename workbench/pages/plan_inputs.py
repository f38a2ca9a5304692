"""What a visitor chose and moved in; the scenario to plan out. Every control stands in the address."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from workbench.errors import BadInput, WorkbenchError
from workbench.pages import opened
from workbench.pages.show import plain
from workbench.planning import Scenario, controls, files, names
from workbench.planning.controls import CACHE, CONTROLS, LEVERS, QUERIES, USERS, Control
from workbench.planning.plan import Plan
from workbench.planning.scenario import BY_HAND
from workbench.records import Track
from workbench.runs.store import Experiment

SHIPPED = {"today": "Today's models", "reference": "Reference (GPT-4)", "optimised": "Optimised"}
OWN = "own"
_FILE, _REFUSED, _KNOWN = "own-scenario", "own-refused", "known-inputs"
_AS_IS = "as in the scenario"
_ROLLOUTS = {_AS_IS: (), "10-25-50-100": ("demand.rollout=10/25/50/100%",)}
_MOST_USERS = 10**9


@dataclass(frozen=True)
class Choice:
    """What to plan."""

    base: Scenario
    settings: tuple[str, ...]
    """On top of it."""
    demand: tuple[str, ...]
    """Of these, what scenarios side by side share: users, questions, budget."""
    months: int

    def plan(self) -> Plan:
        """What it comes to.

        Raises:
            BadInput: an input is refused, or several do not fit together.
        """
        return Plan(self.base.set(*self.settings), self.months)


def choose(beside: DeltaGenerator, below: DeltaGenerator) -> Choice:
    """Show the controls.

    Args:
        beside: the place beside the answer, for what decides.
        below: the place for all others.
    """
    # What decides stands first; yet the scenario that it starts from must be known before.
    first, second = beside.container(), beside.container()
    row = below.columns(3)
    pairs = [below.columns(2) for _ in range(2)]
    with second:
        base = _scenario()
    with pairs[1][0].expander("Start from tokens that a run measured"):
        base = _measured(base)
    moved: dict[str, float] = {}
    with first:
        moved[USERS.key] = _count(USERS, base, step=10_000, most=_MOST_USERS)
        moved[CACHE.key] = _share(CACHE, base)
        _evidence(CACHE, base, moved[CACHE.key])
    with row[0]:
        moved[QUERIES.key] = _count(QUERIES, base, step=1, most=10_000)
    budget = row[1].number_input(
        "Budget (USD per month)", 0.0, None, _budget(base), 10_000.0, "%.0f", key="budget", bind="query-params",
        help="0: none",
    )  # fmt: skip
    months = row[2].number_input("Months to plan", 1, 120, 12, key="months", bind="query-params")
    with pairs[0][0].expander("More levers, each with its evidence"):
        for control in LEVERS:
            moved[control.key] = _share(control, base)
            _evidence(control, base, moved[control.key])
    with pairs[0][1].expander("Rollout, and any other input"):
        rollout = st.selectbox(
            "Rollout", list(_ROLLOUTS), key="rollout", bind="query-params", filter_mode=None,
            help="per cent of the users that have it, month by month",
        )  # fmt: skip
        more = tuple(_more(base))
    limit = (f"control.budget={budget or 'none'}",)
    shared = {key: moved[key] for key in (USERS.key, QUERIES.key)}
    demand = (*controls.settings(Scenario.load("reference"), shared), *limit)
    settings = (*controls.settings(base, moved), *limit, *_ROLLOUTS[rollout], *more)
    choice = Choice(base, settings, demand, int(months))
    with pairs[1][1].expander("Scenario as a file"):
        _file(choice)
    return choice


# ---- where it starts ----


def _scenario() -> Scenario:
    # Addresses hold what a list shows, so it shows the short names.
    name = st.selectbox(
        "Scenario", [*SHIPPED, OWN], key="scenario", on_change=_back, bind="query-params", filter_mode=None
    )
    if name == OWN and _FILE not in st.session_state:
        st.info("Load your file under “Scenario as a file”; until then this is the scenario today.")
    base = _named(name)
    st.caption(plain(base.title))
    return base


def _named(name: str) -> Scenario:
    if name != OWN:
        return Scenario.load(name)
    text = st.session_state.get(_FILE)
    return Scenario.load("today") if text is None else _parsed(text)


def _back() -> None:
    """Levers go to where the chosen scenario has them; an own file brings its demand too."""
    name = st.session_state["scenario"]
    base = _named(name)
    for control in CONTROLS if name == OWN else (CACHE, *LEVERS):
        at = controls.position(control, base)
        st.session_state[control.key] = int(at) if control is USERS and at == int(at) else at
    if name == OWN:
        st.session_state["budget"] = _budget(base)


def _budget(base: Scenario) -> float:
    """The scenario's, or for a shipped one without any the reference document's."""
    budget = base.budget
    if budget is None and st.session_state["scenario"] != OWN:
        budget = Scenario.load("reference").budget
    return 0.0 if budget is None else float(budget)


def _measured(base: Scenario) -> Scenario:
    one = opened.current()
    if one is None:
        return base
    cells = _cells(str(one.folder), one.stamp)
    cell = st.selectbox(
        "Backend and track", [_AS_IS, *cells], key="measured", bind="query-params", filter_mode=None,
        help=plain(f"of {one.title}: its tokens and times per question replace the scenario's assumptions"),
    )  # fmt: skip
    if cell not in cells:
        return base
    try:
        with opened.readable(f"{one.folder}: cannot be read as an experiment"):
            found = _from_run(str(one.folder), one.stamp, cell, base.to_toml())
    except WorkbenchError as error:
        st.warning(plain(str(error)))
        return base
    if found.measured:
        st.caption(plain(f"n = {found.measured.questions} questions, priced as {found.measured.priced_as}"))
    return found


@lru_cache(maxsize=8)
def _cells(folder: str, stamp: str) -> tuple[str, ...]:
    return tuple(run.cell for run in Experiment.open(Path(folder)).runs())


@lru_cache(maxsize=32)
def _from_run(folder: str, stamp: str, cell: str, base: str) -> Scenario:
    backend, _, track = cell.rpartition("-")
    scenario = files.parse(base)
    try:
        return Scenario.from_experiment(Path(folder), backend, cast("Track", track), base=scenario)
    except BadInput:
        # A local model is free: the scenario's own model stands for its price, and the plan's warnings say so.
        return Scenario.from_experiment(
            Path(folder), backend, cast("Track", track), base=scenario, model=scenario.strong
        )


@lru_cache(maxsize=32)
def _parsed(text: str) -> Scenario:
    return files.parse(text, "the file")


# ---- controls ----


def _count(control: Control, base: Scenario, *, step: int, most: int) -> float:
    at = controls.position(control, base)
    if at == int(at) and control is USERS:
        return st.number_input(
            control.label, 0, most, int(at), step, key=control.key, help=control.means, bind="query-params"
        )
    return st.number_input(
        control.label, 0.0, float(most), at, float(step), "%g", key=control.key, help=control.means, bind="query-params"
    )


def _share(control: Control, base: Scenario) -> float:
    at = controls.position(control, base)
    return st.slider(control.label, 0.0, 100.0, at, 1.0, "%g", key=control.key, help=control.means, bind="query-params")


def _evidence(control: Control, base: Scenario, at: float) -> None:
    check = controls.published()[control.topic]
    source = controls.held(base, control) if at == controls.position(control, base) else BY_HAND
    st.caption(
        plain(
            f"{control.label.removesuffix(' (%)')}: {source}. The document claims "
            f"{check.claim}. Published: {check.evidence}."
        )
    )


def _more(base: Scenario) -> Iterator[str]:
    """Settings of inputs chosen by name; one text field for each."""
    covered = {control.input for control in CONTROLS} | {"control.budget"}
    there = [name for name in names.all_names() if name not in covered]
    chosen = st.multiselect("Any other input", there, key="more", bind="query-params", filter_mode="contains")
    for name in chosen:
        known = controls.known(base, name)
        about = "; ".join(each for each in (known.meaning, known.unit, known.range) if each)
        _follow(name, known.value)
        value = st.text_input(name, known.value, key=name, help=plain(about), bind="query-params")
        st.caption(plain(f"{about}. {known.source}"))
        if value != known.value:
            yield f"{name}={value}"


def _follow(name: str, value: str) -> None:
    """A field that nobody touched goes along when the scenario below it changes: Streamlit keeps what it showed."""
    known = st.session_state.setdefault(_KNOWN, {})
    if name in known and st.session_state.get(name) == known[name]:
        st.session_state[name] = value
    known[name] = value


# ---- files ----


def _file(choice: Choice) -> None:
    st.file_uploader("Load a scenario (TOML)", ["toml"], key="upload", on_change=_load)
    if refused := st.session_state.get(_REFUSED):
        st.error(plain(refused))
    st.download_button(
        "Save this scenario",
        lambda: choice.plan().scenario.to_toml(),
        "scenario.toml",
        "application/toml",
        key="save",
        on_click="ignore",
    )
    st.caption(
        "The address holds what was moved since the file was loaded, and not the file: to share it, save it."
        if st.session_state["scenario"] == OWN
        else "The address of this page holds the scenario too: copy it to share."
    )


def _load() -> None:
    given = st.session_state["upload"]
    st.session_state.pop(_REFUSED, None)
    if given is None:
        return
    try:
        text = given.getvalue().decode("utf-8-sig")
        _parsed(text)
    except BadInput as error:
        st.session_state[_REFUSED] = str(error)
        return
    except UnicodeDecodeError:
        st.session_state[_REFUSED] = "the file: not UTF-8; give a file that workbench plan --save wrote"
        return
    st.session_state[_FILE] = text
    st.session_state["scenario"] = OWN
    _back()
