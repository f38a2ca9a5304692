"""The page Leakage: where planted values went, what a policy costs, whether tenants are apart, and its limits."""

from typing import Any

import streamlit as st

from workbench.errors import BadInput
from workbench.exhibits import attack, isolation, leak_limits, leakage, policies
from workbench.exhibits.leak_counts import CHANNELS, GROUPS, PLANTED, counts, shown, tracks
from workbench.exhibits.leak_counts import policies as policies_of
from workbench.isolation.tenants import Sizes
from workbench.pages import opened
from workbench.pages.show import plain, show, words
from workbench.verdicts import leaks

_BY = {name: key for key, name in GROUPS.items()}
_SCORES = {score.name: path for path, score in policies.SCORES.items()}
_MEASURES: dict[str, isolation.Measure] = {
    "Foreign passages": "leak_per_query",
    "Too few passages": "starved",
    "Recall": "recall",
}
_SIZES: dict[str, Sizes] = {"All alike": "equal", "Zipf's law": "zipf"}


def page() -> None:
    """Show it."""
    st.title("Leakage")
    one = opened.current()
    if one is None:
        return
    found = _found(one)
    if found is None:
        _isolation(one)
        return
    st.markdown(PLANTED)
    there = tracks(found)
    track = st.segmented_control("Track", there, key="track", default=there[0], required=True, bind="query-params")
    policy = _policy(found, one, track)
    _channels(found, policy, track)
    _policies(found, track)
    _isolation(one)
    _attack(one, track)
    words(leak_limits.limits(found, policy, track))


def _found(one: opened.Opened) -> dict[str, Any] | None:
    """What was counted; None when nothing was, which has then been said."""
    try:
        return opened.leaks(one)
    except BadInput as error:
        st.warning(plain(str(error)))
        _way_on("A workload with planted values comes with the workbench:", "workbench run datasets/enterprise")
        return None


def _way_on(sentence: str, command: str) -> None:
    st.markdown(sentence)
    st.code(command, language=None)  # colours of code have too little contrast


def _policy(found: dict[str, Any], one: opened.Opened, track: str) -> str:
    """That the experiment was run under, unless the visitor chooses another of those beside it."""
    there = policies_of(found, track)
    own = next(each["policy"] for each in found["experiments"] if each["folder"] == str(one.folder))
    if st.session_state.get("leakage-of", one.name) != one.name:
        st.session_state["policy"] = own if own in there else there[0]
    st.session_state["leakage-of"] = one.name
    return str(
        st.segmented_control(
            "Policy of the gateway",
            there,
            format_func=plain,
            key="policy",
            default=own if own in there else there[0],
            required=True,
            bind="query-params",
            help="; ".join(f"{name}: {means}" for name, means in policies.MEANS.items()),
        )
    )


def _channels(found: dict[str, Any], policy: str, track: str) -> None:
    st.header("What leaks, and how", anchor="channels")
    if not counts(found, policy, track):
        st.warning(plain(leakage.channels(found, policy, track).says))
        for sentence in leaks.refusals(found):
            st.caption(plain(sentence))
        _way_on("Run it again with texts kept, on a workload that passes its check:", "workbench check WORKLOAD")
        return
    show(leakage.channels(found, policy, track), below=True)

    left, right = st.columns(2)
    ways = {CHANNELS[name].name: name for name in shown(found)}
    what = left.selectbox(
        "What", list(ways), index=list(ways.values()).index("prompt"), key="channel", bind="query-params",
        filter_mode=None,
    )  # fmt: skip
    by = right.selectbox("By", list(_BY), key="group", bind="query-params", filter_mode=None)
    show(leakage.by_group(found, policy, track, _BY[by], ways[what]), below=True)
    with st.expander("Who leaks more: every two backends"):
        show(leakage.differences(found, policy, track), below=True)


def _policies(found: dict[str, Any], track: str) -> None:
    st.header("What a privacy policy costs", anchor="policies")
    if len(policies_of(found, track)) < 2:
        _way_on(
            f"On {track} one policy alone was run, so that there is nothing to set it against. Run the same again "
            "under another policy, into a folder beside this experiment's:",
            f"workbench run WORKLOAD --track {track} --privacy redact --out FOLDER",
        )
        return
    left, right = st.columns(2)
    ways = {channel.name: name for name, channel in policies.leaks(found).items()}
    leak = left.selectbox("Leak", list(ways), key="leak", bind="query-params", filter_mode=None)
    score = right.selectbox("Against", list(_SCORES), key="accuracy", bind="query-params", filter_mode=None)
    show(policies.costs(found, track, ways[leak], _SCORES[score]), below=True)


def _isolation(one: opened.Opened) -> None:
    st.header("Are tenants kept apart", anchor="isolation")
    try:
        study = opened.isolation(one)
    except BadInput as error:
        st.warning(plain(str(error)))
        return
    if study is None:
        _way_on(
            "No isolation study lies beside this experiment. It tells what each framework's stores let through "
            "between tenants; put its report into the experiment's folder, or beside it:",
            "workbench isolation WORKLOAD --json isolation.json",
        )
        return
    left, right = st.columns(2)
    measure = left.selectbox("Measure", list(_MEASURES), key="isolation", bind="query-params", filter_mode=None)
    sizes = right.selectbox("Sizes of tenants", list(_SIZES), key="sizes", bind="query-params", filter_mode=None)
    try:
        with opened.readable("isolation.json: cannot be read as the isolation study"):
            exhibits = isolation.isolation(study, _MEASURES[measure], _SIZES[sizes]), isolation.erasure(study)
    except BadInput as error:
        st.warning(plain(str(error)))
        return
    for exhibit in exhibits:
        show(exhibit, below=True)


def _attack(one: opened.Opened, track: str) -> None:
    """Only where it was tried: the limits say how to."""
    try:
        tried = opened.attack(one)
    except BadInput as error:
        st.warning(plain(str(error)))
        return
    if tried is None:
        return
    st.header("What attacks bring", anchor="attacks")
    try:
        with opened.readable("attack.json: cannot be read as a report of attacks"):
            kinds = {title: family for family, title in attack.families(tried).items()}
            kind = st.selectbox("Attack", list(kinds), key="attack", bind="query-params", filter_mode=None)
            exhibit = attack.attack(tried, kinds[kind], track)
    except BadInput as error:
        st.warning(plain(str(error)))
        return
    show(exhibit, below=True)
