"""Questions as runs answered them in; who went wrong where, and one question side by side, as exhibits out.

A text that must not be shown is taken out by `without_texts` before anything here sees it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.theme import SERIES, figure
from workbench.verdicts.failures import CAUSES, GOOD_F1, Case

_COLOURS = dict(zip(CAUSES, SERIES, strict=True))


def without_texts(cases: Iterable[Case]) -> list[Case]:
    """The same without a word of question, gold, answer and passages."""
    return [
        replace(
            case,
            text=None,
            gold=None,
            answer=None,
            passages=tuple(replace(shown, text=None) for shown in case.passages),
        )
        for case in cases
    ]


def causes(cases: Sequence[Case], asked: Mapping[str, int], track: str, source: str) -> Exhibit:
    """How many questions of each backend failed, and why. Bars carry backend and cause as `customdata`.

    Args:
        cases: the failing questions of a track.
        asked: by backend, how many questions it was asked.
        track: of all of them.
        source: line of origin.
    """
    counts = Counter((case.backend, case.cause) for case in cases)
    named = [cause for cause in CAUSES if any(counts[name, cause] for name in asked)]
    table = [
        {
            "Backend": name,
            "Failing": sum(counts[name, cause] for cause in named),
            "Asked": asked[name],
            **{cause.capitalize(): counts[name, cause] for cause in named},
        }
        for name in asked
    ]
    return Exhibit(
        name="causes",
        title=f"Questions that went wrong, {track}",
        says=_commonest(counts, named, len(cases), sum(asked.values())),
        table=table,
        source=source,
        figure=_bars(counts, named, list(asked)) if named else None,
        notes=(
            "Wrong: no answer came, what should be declined was answered, or no gold answer stands in what was said "
            f"and fewer than half of the words agree (F1 below {GOOD_F1:g}).",
        ),
    )


def _commonest(counts: Mapping[tuple[str, str], int], named: Sequence[str], wrong: int, asked: int) -> str:
    if not wrong:
        return f"None of {asked:,} answers is known to be wrong."
    totals = {cause: sum(count for (_, each), count in counts.items() if each == cause) for cause in named}
    most = max(named, key=totals.__getitem__)
    return f'{wrong:,} of {asked:,} answers are wrong; the commonest cause is "{most}", {totals[most]:,} times.'


def _bars(counts: Mapping[tuple[str, str], int], named: Sequence[str], names: Sequence[str]) -> Any:
    import plotly.graph_objects as go

    made = figure(x="Questions", height=170 + 40 * len(names))
    for cause in named:
        made.add_trace(
            go.Bar(
                x=[counts[name, cause] for name in names],
                y=list(names),
                name=cause,
                orientation="h",
                marker={"color": _COLOURS[cause], "line": {"width": 1, "color": "white"}},
                customdata=[[name, cause] for name in names],
                hovertemplate=f"%{{y}}, {cause}: %{{x}}<extra></extra>",
            )
        )
    made.update_layout(barmode="stack", yaxis={"autorange": "reversed", "title": ""}, legend={"traceorder": "normal"})
    return made


def chosen(cases: Iterable[Case], backend: str = "", kind: str = "", cause: str = "") -> list[Case]:
    """Those of a backend, kind and cause; an empty one chooses all."""
    wanted = (backend, kind, cause)
    return [
        case
        for case in cases
        if all(want in ("", has) for want, has in zip(wanted, (case.backend, case.kind, case.cause), strict=True))
    ]


def listing(cases: Iterable[Case]) -> list[dict[str, Any]]:
    """One row a failing question of a backend."""
    return [
        {
            "Question": case.question,
            "Backend": case.backend,
            "Kind": case.kind.replace("_", " "),
            "Cause": case.cause,
            "Tenant": case.tenant,
            "Asked": case.text or "(text not shown)",
        }
        for case in cases
    ]


def side_by_side(cases: Sequence[Case], source: str) -> Exhibit:
    """One question as each backend answered it.

    Args:
        cases: of one question, one of each backend; at least one.
        source: line of origin.
    """
    first = cases[0]
    wrong = sum(bool(case.cause) for case in cases)
    return Exhibit(
        name="question",
        title=f"Question {first.question}",
        says=f"{wrong} of {len(cases)} backends went wrong here ({first.tenant}, {first.kind.replace('_', ' ')}).",
        table=[_answered(case) for case in cases],
        source=source,
        notes=("Milliseconds and prices are as if nothing had been cached.",),
    )


def _answered(case: Case) -> dict[str, Any]:
    marks = case.marks or {}
    return {
        "Backend": case.backend,
        "Answer": answer(case),
        "Verdict": _verdict(case),
        "F1": marks.get("f1"),
        "Evidence in the prompt": f"{case.evidence_used} of {case.evidence}" if case.evidence else "-",
        "Input tokens": case.input_tokens,
        "Output tokens": case.output_tokens,
        "ms": None if case.wall_ms is None else round(case.wall_ms, 1),
        "USD": "unpriced" if case.usd is None else f"{case.usd:f}",
    }


def answer(case: Case) -> str:
    """What a backend said."""
    return "(text not shown)" if case.answer is None else case.answer or "(nothing)"


def _verdict(case: Case) -> str:
    if case.failure:
        return f"failed: {case.failure.replace('_', ' ')}"
    return case.cause or ("not scored" if case.marks is None or case.answerable is None else "right")


def wanted(case: Case) -> str:
    """What a right answer is."""
    if case.answerable is None:
        return "not known: the question has no gold answer"
    if not case.answerable:
        return "to decline: the answer is not there, or not for who asks"
    if case.gold is None:
        return "(text not shown)"
    return "; ".join(case.gold) or "(no answer to score by)"


def passages(case: Case) -> list[dict[str, Any]]:
    """What a backend retrieved, best first, and which of it holds evidence."""
    return [
        {
            "Place": place,
            "Holds evidence": "yes" if shown.holds_evidence else "no",
            "In the prompt": "yes" if shown.used else "no",
            "Document": shown.document,
            "Score": round(shown.score, 3),
            "Text": "(text not shown)" if shown.text is None else shown.text,
        }
        for place, shown in enumerate(case.passages, 1)
    ]
