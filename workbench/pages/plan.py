"""The page Plan: a scenario and its controls on the left, what it costs beside them, figures by section below."""

from collections.abc import Callable, Mapping
from functools import lru_cache

import streamlit as st

from workbench.errors import BadInput
from workbench.exhibits.capacity import capacity
from workbench.exhibits.claims import claims
from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.levers import tornado, waterfall
from workbench.exhibits.plan import answer, side_by_side
from workbench.exhibits.schedule import monthly, rollout
from workbench.exhibits.tenants import tenants
from workbench.pages import plan_inputs
from workbench.pages.show import keep, plain, show
from workbench.planning import Scenario
from workbench.planning.plan import Plan

_BY_SECTION: Mapping[str, tuple[Callable[[Plan], Exhibit], ...]] = {
    "Levers": (waterfall,),
    "Months": (monthly, rollout),
    "Risk": (tornado,),
    "Load": (capacity,),
    "Tenants": (tenants,),
    "Document check": (claims,),
}
_BESIDE, _ALL = "Scenarios", "All, to print"


def page() -> None:
    """Show it."""
    st.title("Plan")
    left, right = st.columns([2, 3], gap="large")
    chosen = plan_inputs.choose(left, st.container())
    try:
        made = chosen.plan()
    except BadInput as error:
        right.error(plain(str(error)))
        return
    with right:
        _answer(answer(made))
    sections = [_BESIDE, *_BY_SECTION, _ALL]
    tabs = st.tabs(sections, key="show", on_change="rerun", bind="query-params")
    for name, tab in zip(sections, tabs, strict=True):
        if tab.open:  # what nobody looks at is not reckoned
            with tab:
                _section(name, chosen, made)


def warm() -> None:
    """Load, before anybody asks, what the first plan needs."""
    side_by_side(_shipped(()))


def _answer(exhibit: Exhibit) -> None:
    keep(exhibit)
    first, *rest = exhibit.table
    with st.container(border=True):
        st.metric(plain(first["Figure"]), first["Value"])
        st.caption(plain(first["Detail"]))
        for pair in (rest[:2], rest[2:4]):
            for place, row in zip(st.columns(2), pair, strict=True):
                place.markdown(f"{plain(row['Figure'])}  \n**{plain(row['Value'])}**")
                place.caption(plain(row["Detail"]))
        last = rest[-1]
        st.caption(f"{plain(last['Figure'])}: {plain(last['Value'])}; {plain(last['Detail'])}.")
    for note in exhibit.notes:
        st.warning(plain(note))
    st.caption(f"Source: {plain(exhibit.source)}")


def _section(name: str, chosen: plan_inputs.Choice, made: Plan) -> None:
    if name in (_BESIDE, _ALL):
        show(side_by_side({**_shipped(chosen.demand), "This plan": made}))
    for section, exhibits in _BY_SECTION.items():
        if name in (section, _ALL):
            for exhibit in exhibits:
                (_words if exhibit is claims else show)(exhibit(made))


def _words(exhibit: Exhibit) -> None:
    """A table whose cells are sentences, each in full."""
    keep(exhibit)
    st.header(exhibit.title, anchor=exhibit.name)
    st.markdown(plain(exhibit.says))
    for row in exhibit.table:
        first, *rest = row.items()
        st.markdown(f"**{plain(first[1])}**")
        st.markdown("\n".join(f"- {plain(name)}: {plain(words)}" for name, words in rest))
    st.caption(f"Source: {plain(exhibit.source)}")


@lru_cache(maxsize=32)
def _shipped(demand: tuple[str, ...]) -> Mapping[str, Plan]:
    """The shipped scenarios at the same demand and budget: the same for every move of a lever."""
    return {title: Plan(Scenario.load(name).set(*demand)) for name, title in plan_inputs.SHIPPED.items()}
