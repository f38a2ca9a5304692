"""Folders that the server was started with in; which experiment the visitor looks at, and its reports, out.

The address names an experiment by a short name of that list, never by a path.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from workbench import comparison
from workbench.errors import BadInput, WorkbenchError
from workbench.exhibits import attack as attacks
from workbench.exhibits import isolation as study
from workbench.location import beside, shipped
from workbench.pages import show
from workbench.runs.store import Experiment
from workbench.verdicts import leaks as leaking
from workbench.verdicts.report import compare

HIDE_TEXTS = "--hide-texts"
_RUNS = Path("runs")
_STATE, _TEXTS, _TOLD, _EXPERIMENT = "opened", "opened-texts", "opened-told", "experiment"
_KEPT = 8
"""Reports kept in memory; the one unused for longest goes first."""

UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError)
"""What files of another program, or changed by hand, lead to."""


@dataclass(frozen=True)
class Opened:
    """An experiment that can be looked at."""

    name: str
    """In the address and in the list."""
    folder: Path
    title: str
    """Workload and day."""
    stamp: str
    """Changes with any of its files."""
    hide_texts: bool
    """The server was started so."""
    unfinished: bool
    """It is being written, or was interrupted."""


# ---- which there are ----


def find(folders: Sequence[Path]) -> dict[str, Path]:
    """Experiments by short name: a folder that is one, or those that a folder holds, newest first.

    Without folders: the shipped ones, then those in `runs`. A folder that holds none is listed too, so that it can be
    said what is wrong with it.
    """
    if not folders:
        found = {"showcase" if each.name == "off" else f"showcase-{each.name}": each for each in _showcase()}
        folders = (_RUNS,) if _held(_RUNS) else ()
    else:
        found = {}
    for folder in folders:
        for each in [folder] if _is_one(folder) else _held(folder) or [folder]:
            found[_free(_short(each), found)] = each
    return found


@st.cache_resource(max_entries=1, show_spinner=False)  # within it, nothing spins: nobody would see that
def warm(arguments: Sequence[str]) -> None:
    """Read what a first visit shows, before anybody asks: who then asks waits for less.

    Args:
        arguments: as of `offer`.
    """
    there = find(_folders(arguments))
    try:
        some = [_open(name, folder, HIDE_TEXTS in arguments) for name, folder in there.items()]
        for one in some[:1]:
            report(one)
            verdicts(one)
            _leaks_of(one, [each for each in some[1:] if each.folder.parent == one.folder.parent])
    except WorkbenchError:
        return  # the page says so, to whoever opens it


def offer(arguments: Sequence[str]) -> None:
    """Let the visitor choose in the sidebar; every page then asks `current`.

    Args:
        arguments: folders, and `--hide-texts`.
    """
    there = find(_folders(arguments))
    if not there:
        st.session_state[_STATE] = None
        return
    name = _chosen(list(there))
    before = st.session_state.get(_STATE)
    if before is not None and before[0] != name:
        show.forget()
    st.session_state[_STATE] = (name, there, HIDE_TEXTS in arguments)


def _chosen(names: Sequence[str]) -> str:
    """The visitor's choice, which the address tells, unless it is the first.

    Streamlit's own binding of a widget to the address loses it at every second change of pages, where the widget stays.
    """
    told = st.query_params.get(_EXPERIMENT)
    if told in names and told != st.session_state.get(_TOLD):
        st.session_state[_EXPERIMENT] = told
    name: str = st.sidebar.selectbox("Experiment", names, key=_EXPERIMENT, filter_mode=None)
    tells = name if name != names[0] else None
    if tells is None:
        st.query_params.pop(_EXPERIMENT, None)
    elif tells != told:
        st.query_params[_EXPERIMENT] = tells
    st.session_state[_TOLD] = tells
    return name


def current() -> Opened | None:
    """The experiment that was chosen; None when there is none or it cannot be opened, which has then been said."""
    state = st.session_state.get(_STATE)
    if state is None:
        leave_word("There is no experiment yet.")
        return None
    name, there, hide = state
    try:
        one = _open(name, there[name], hide)
    except WorkbenchError as error:
        leave_word(str(error))
        return None
    told, st.session_state[_TEXTS] = st.session_state.get(_TEXTS), (name, texts_shown(one))
    if told == (name, True) and not st.session_state[_TEXTS][1]:
        show.forget()  # the texts were purged meanwhile
    if one.unfinished:
        st.info("This experiment is being written or was interrupted: what follows is of the answers so far.")
    return one


def others_beside(one: Opened) -> list[Opened]:
    """Others of the list that lie in the same folder: the same questions under another policy, for example."""
    state = st.session_state.get(_STATE)
    others = []
    for name, folder in (state[1] if state else {}).items():
        if folder != one.folder and folder.parent == one.folder.parent:
            try:
                others.append(_open(name, folder, one.hide_texts))
            except (WorkbenchError, OSError):
                continue
    return others


def leave_word(sentence: str) -> None:
    """Say what is wrong, and how to go on."""
    st.warning(show.plain(sentence))
    st.markdown(
        "Choose another experiment in the sidebar, or make one: `workbench run datasets/starter`, then "
        "`workbench app runs`. The page Plan needs none."
    )


# ---- what they hold ----


def report(one: Opened) -> dict[str, Any]:
    """All figures, as `workbench.comparison.report` gives them. Shared by all visitors: not to be changed."""
    return _report(str(one.folder), one.stamp)


def verdicts(one: Opened) -> dict[str, Any]:
    """Who is better, as `workbench.verdicts.report.compare` gives it. Shared by all visitors: not to be changed."""
    return _verdicts(str(one.folder), one.stamp)


def leaks(one: Opened) -> dict[str, Any]:
    """Where planted values went, here and in those beside it that differ in the policy alone.

    As `workbench.verdicts.leaks.report` gives it. Shared by all visitors: not to be changed.

    Raises:
        BadInput: it has no planted values.
    """
    return _leaks_of(one, others_beside(one))


def _leaks_of(one: Opened, others: Sequence[Opened]) -> dict[str, Any]:
    return _leaks(str(one.folder), tuple(str(each.folder) for each in others), one.stamp, *(e.stamp for e in others))


def isolation(one: Opened) -> dict[str, Any] | None:
    """The isolation study that lies in the experiment's folder or beside it, as `workbench isolation --json` wrote it.

    Raises:
        BadInput: it is none, or not readable.
    """
    path = beside(one.folder, "isolation.json")
    return study.read(path) if path else None


def attack(one: Opened) -> dict[str, Any] | None:
    """The report of attacks that lies in the experiment's folder or beside it, as `workbench attack --json` wrote it.

    Raises:
        BadInput: it is none, or not readable.
    """
    path = beside(one.folder, "attack.json")
    return attacks.read(path) if path else None


def texts_shown(one: Opened) -> bool:
    """Whether questions, passages and answers may be shown: they are there, and the server does not hide them."""
    return not one.hide_texts and next(Experiment(one.folder).question_texts(), None) is not None


@st.cache_resource(max_entries=_KEPT, show_spinner="Reading the experiment …")
def _report(folder: str, stamp: str) -> dict[str, Any]:
    return _read(folder, lambda place: comparison.report(Experiment.open(place)))


@st.cache_resource(max_entries=_KEPT, show_spinner="Comparing …")
def _verdicts(folder: str, stamp: str) -> dict[str, Any]:
    return _read(folder, lambda place: compare([place]))


@st.cache_resource(max_entries=_KEPT, show_spinner="Looking for planted values …")
def _leaks(folder: str, others: tuple[str, ...], *stamps: str) -> dict[str, Any]:
    return _read(folder, lambda place: leaking.report(leaking.comparable(place, [Path(each) for each in others])))


def _read(folder: str, how: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    with readable(f"{folder}: cannot be read as an experiment"):
        return how(Path(folder))


@contextmanager
def readable(otherwise: str) -> Iterator[None]:
    """Files of another program, or changed by hand, are told by a sentence.

    Args:
        otherwise: it, to which what went wrong is added.

    Raises:
        BadInput: whatever a file of another shape leads to.
    """
    try:
        yield
    except UNREADABLE as error:
        raise BadInput(f"{otherwise} ({type(error).__name__}: {error})") from error


def _open(name: str, folder: Path, hide: bool) -> Opened:
    about = Experiment.open(folder).about()
    try:
        title = f"{about['workload']['name']}, {about['started'][:10]}"
    except KeyError as error:
        raise BadInput(
            f"{folder}/experiment.json: {error} is missing; give the folder that `workbench run` wrote"
        ) from error
    except TypeError as error:
        raise BadInput(f"{folder}/experiment.json: is of another program; give what `workbench run` wrote") from error
    unfinished = "estimate" in about and "actual" not in about
    return Opened(name, folder, title, _stamp(folder), hide, unfinished)


def _stamp(folder: Path) -> str:
    seen = hashlib.sha256()
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            try:
                status = os.stat(os.path.join(place, name))
            except OSError:  # written anew at this moment
                continue
            seen.update(f"{place}/{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return seen.hexdigest()[:16]


def _folders(arguments: Sequence[str]) -> list[Path]:
    return [Path(each) for each in arguments if not each.startswith("--")]


def _showcase() -> list[Path]:
    place = shipped("benchmarks/showcase")
    return [place / name for name in ("off", "redact", "reject") if _is_one(place / name)]


def _is_one(folder: Path) -> bool:
    return (folder / "experiment.json").is_file()


def _held(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    ones = [each for each in folder.iterdir() if _is_one(each)]
    return sorted(ones, key=lambda each: ((each / "experiment.json").stat().st_mtime, each.name), reverse=True)


def _short(folder: Path) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name).strip("-") or "experiment"


def _free(name: str, taken: dict[str, Path]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free
