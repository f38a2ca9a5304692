"""An experiment in; the questions that went wrong, and one question over all backends, out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.api.shown import Shown, frame, page
from workbench.api.words import in_python
from workbench.nouns import counted

if TYPE_CHECKING:
    import pandas

    from workbench.api.experiments import Experiment
    from workbench.runs.store import Experiment as Saved
    from workbench.verdicts.failures import Case

_CASE = ("backend", "track", "question", "tenant", "kind", "asked", "gold", "answer", "cause", "failure", "rounds")
_MARKS = ("f1", "right", "evidence", "evidence_used", "input_tokens", "output_tokens", "ms", "usd")


def row(case: Case) -> dict[str, Any]:
    """One question as one run answered it, as a row of a data frame; see `Failures.df`."""
    marks = case.marks or {}
    return {
        "backend": case.backend,
        "track": case.track,
        "question": case.question,
        "tenant": case.tenant,
        "kind": case.kind,
        "asked": case.text,
        "gold": None if case.gold is None else "; ".join(case.gold),
        "answer": case.answer,
        "cause": case.cause,
        "failure": case.failure,
        "rounds": case.rounds,
        "f1": marks.get("f1"),
        "right": marks.get("contains"),
        "evidence": case.evidence,
        "evidence_used": case.evidence_used,
        "input_tokens": case.input_tokens,
        "output_tokens": case.output_tokens,
        "ms": case.wall_ms,
        "usd": case.usd,
    }


class Failures(Shown):
    """Questions that went wrong, each with the likely cause.

    Source: `workbench.verdicts.failures`, as `workbench failures` lists them.
    """

    def __init__(
        self, cases: Mapping[tuple[str, str], Sequence[Case]], asked: Mapping[tuple[str, str], int], folder: Path
    ) -> None:
        self.cases, self.asked, self._folder = cases, asked, folder
        """By backend and track: the failing questions, and how many it was asked."""

    @property
    def _all(self) -> list[Case]:
        return [case for cases in self.cases.values() for case in cases]

    @property
    def df(self) -> pandas.DataFrame:
        """One row a failing question, backend and track.

        Columns: as `Experiment.answers`; `cause` is one of: failed, not retrieved, partly retrieved, retrieved but not
        answered, declined wrongly, answered what should be declined, wrong and no gold evidence tells why.
        """
        return frame(map(row, self._all), (*_CASE, *_MARKS))

    @property
    def causes(self) -> pandas.DataFrame:
        """One row a backend and track, one column a cause that there is, and `failing`: numbers of questions."""
        return frame(self._causes())

    @property
    def sides(self) -> pandas.DataFrame:
        """One row a backend, track and side: what would cure how many of the failing questions.

        Columns: backend, track, side (retrieval: not all evidence in the prompt; reading: all in it, and misread or
        declined; declining: it should have been; failed; unknown), failing, of (failing questions of the run), share,
        low, high (0 to 1, 95 %).
        """
        from workbench.verdicts.cures import sides

        return frame(
            {
                "backend": backend,
                "track": track,
                "side": side.name,
                "failing": side.failing,
                "of": side.of,
                "share": side.failing / side.of,
                "low": side.share.low,
                "high": side.share.high,
            }
            for (backend, track), cases in self.cases.items()
            for side in sides(cases)
        )

    @property
    def sentences(self) -> list[str]:
        """Of each backend and track, on which side it went wrong, with shares and their 95 % intervals."""
        from workbench.verdicts.cures import sentence

        return [
            f"{backend} ({track}): {sentence(cases, self.asked[backend, track])}"
            for (backend, track), cases in self.cases.items()
        ]

    def _causes(self) -> list[dict[str, Any]]:
        from workbench.verdicts.failures import CAUSES

        named = [cause for cause in CAUSES if any(case.cause == cause for case in self._all)]
        return [
            {
                "backend": backend,
                "track": track,
                "asked": self.asked[backend, track],
                "failing": len(cases),
                **{cause: sum(case.cause == cause for case in cases) for cause in named},
            }
            for (backend, track), cases in self.cases.items()
        ]

    def _headline(self) -> str:
        asked, counts = sum(self.asked.values()), Counter(case.cause for case in self._all)
        if not counts:
            return f"none of {counted(asked, 'answer')} is known to be wrong"
        told = ", ".join(f"{cause} {count:,}" for cause, count in counts.most_common())
        return f"{counts.total():,} of {counted(asked, 'answer')} went wrong: {told}"

    def _lines(self) -> Iterable[Any]:
        from workbench.verdicts import failure_table as table

        return table.lines(self.cases, self.asked, str(self._folder), table.LIMIT)

    def _repr_html_(self) -> str:
        return page("What went wrong", [self._headline()], self._causes())


class Explained(Shown):
    """One question as every backend answered it.

    Source: `workbench.verdicts.failures`, as `workbench failures --question` shows it.
    """

    def __init__(self, cases: Sequence[Case], folder: Path) -> None:
        self.cases, self._folder = tuple(cases), folder
        """One of each backend and track that was asked it."""

    @property
    def df(self) -> pandas.DataFrame:
        """One row a backend and track: what it answered, whether that is right, tokens, ms, USD.

        Columns: as `Experiment.answers`.
        """
        return frame(map(row, self.cases), (*_CASE, *_MARKS))

    @property
    def passages(self) -> pandas.DataFrame:
        """One row a passage that a backend retrieved, best first, to a depth of 10.

        Columns: backend, track, place (from 1), passage, document, score (the framework's own), gold (it holds
        evidence), used (it went into the prompt), text (its beginning; None: not kept).
        """
        return frame(
            {
                "backend": case.backend,
                "track": case.track,
                "place": place,
                "passage": each.passage,
                "document": each.document,
                "score": each.score,
                "gold": each.holds_evidence,
                "used": each.used,
                "text": each.text,
            }
            for case in self.cases
            for place, each in enumerate(case.passages, 1)
        )

    def _headline(self) -> str:
        from workbench.exhibits.questions import wanted

        first = self.cases[0]
        wrong = sum(bool(case.cause) for case in self.cases)
        return (
            f"{first.question}: {first.text or '(text not kept)'}\nright is: {wanted(first)}\n"
            f"{wrong} of {counted(len(self.cases), 'backend and track', 'backends and tracks')} went wrong"
        )

    def _lines(self) -> Iterable[Any]:
        from workbench.verdicts import failure_table as table

        yield from table.texts_note(self.cases, str(self._folder))
        yield from table.body(self.cases, side_by_side=True)
        yield table.FOOT

    def _repr_html_(self) -> str:
        from workbench.exhibits.questions import passages, side_by_side

        answers = [
            {"Backend": case.backend, "Track": case.track, **answered}
            for case, answered in zip(self.cases, side_by_side(self.cases, "").table, strict=True)
        ]
        retrieved = [
            {"Backend": case.backend, "Track": case.track, **each}
            for case in self.cases
            for each in passages(case)
            if each["In the prompt"] == "yes" or each["Holds evidence"] == "yes"
        ]
        title, *said = self._headline().split("\n")
        return page(title, said, answers) + (page("Passages", rows=retrieved) if retrieved else "")


@in_python
def failures(
    experiment: Experiment | str | Path,
    *,
    backend: str = "",
    track: str = "",
    kind: str = "",
    cause: str = "",
) -> Failures:
    """Questions that went wrong, with what was retrieved and said, and the likely cause. Calls no model.

    Args:
        experiment: of `wb.run` or `wb.open`, or its folder.
        backend: whose; empty: all.
        track: parity or native; empty: both.
        kind: only questions of this kind, as the workload names it.
        cause: only this one, such as `not retrieved`; `Failures.df` lists them.

    Raises:
        BadInput: a name that the experiment does not know.

    Source: `workbench.verdicts.failures.failing`.
    """
    from workbench.verdicts.choosing import Choice, asked, chosen

    saved = _saved(experiment)
    found = {
        (identity.backend, identity.track): (cases, asked(run))
        for run, cases in chosen(saved, Choice(backend, track, kind, cause)).items()
        if (identity := run.identity())
    }
    return Failures(
        {name: cases for name, (cases, _) in found.items()}, {name: n for name, (_, n) in found.items()}, saved.folder
    )


@in_python
def explain(experiment: Experiment | str | Path, question: str, *, backend: str = "", track: str = "") -> Explained:
    """One question over all backends: gold, answers, passages with the gold marked, tokens, ms, USD. Calls no model.

    Args:
        experiment: of `wb.run` or `wb.open`, or its folder.
        question: its id, as in `Failures.df`.
        backend: this one alone; empty: all.
        track: parity or native; empty: both.

    Raises:
        BadInput: the workload has no such question, or nobody was asked it yet.

    Source: `workbench.verdicts.failures.failing`.
    """
    from workbench.errors import BadInput
    from workbench.verdicts.choosing import Choice, chosen

    saved = _saved(experiment)
    found = chosen(saved, Choice(backend, track, question=question)).values()
    cases = [case for some in found for case in some]
    if not cases:
        raise BadInput(f"--question {question}: none of these backends was asked it yet")
    return Explained(cases, saved.folder)


def _saved(experiment: Experiment | str | Path) -> Saved:
    from workbench.api.experiments import opened

    return opened(experiment).saved
