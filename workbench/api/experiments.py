"""A workload in, a saved experiment out, made now or opened again: its leaderboard, its answers, and all that is told.

Everything read from the folder is read once: open it again to see what was added since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.api.cases import row as case_row
from workbench.api.shown import Shown, frame, page
from workbench.api.words import in_python
from workbench.api.workloads import given

if TYPE_CHECKING:
    import pandas

    from workbench.records import Track, Workload
    from workbench.runs.progress import Progress
    from workbench.runs.runner import Outcome
    from workbench.runs.store import Experiment as Saved
    from workbench.verdicts.failures import Case

_COLUMNS = {
    "answers.contains": "right",
    "answers.f1": "f1",
    "retrieval.recall@5": "recall@5",
    "retrieval.ndcg@10": "ndcg@10",
    "answers.refusal_accuracy": "refusal",
    "tokens.input": "input_tokens",
    "usd": "usd",
}
"""Of the leaderboard, by the figure's path."""


class Experiment(Shown):
    """The folder of one run or several, opened.

    Source: `workbench.comparison.report` and `workbench.verdicts.report.compare`, as `workbench show` and `workbench
    compare` print them.
    """

    def __init__(self, saved: Saved, outcome: Outcome | None = None) -> None:
        self.saved = saved
        """The files."""
        self.outcome = outcome
        """How the run ended; None: it was opened."""

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self.saved.folder

    @cached_property
    def report(self) -> dict[str, Any]:
        """All figures as plain values, as `workbench show --json` writes them."""
        from workbench import comparison

        return comparison.report(self.saved)

    @cached_property
    def verdicts(self) -> dict[str, Any]:
        """Every pair of backends, as `workbench compare --json` writes it, without margins."""
        from workbench.verdicts.report import compare

        return compare([self.folder])

    @cached_property
    def leaks(self) -> dict[str, Any] | None:
        """Where planted values went, as `workbench leakage --json` writes it; None: nothing was planted."""
        from workbench.verdicts import leaks

        return leaks.report([self.folder]) if "leakage" in self.saved.about() else None

    @cached_property
    def isolation(self) -> Mapping[str, Any] | None:
        """The isolation study that lies in the folder or beside it; None: there is none."""
        from workbench.exhibits import isolation
        from workbench.location import beside

        path = beside(self.folder, "isolation.json")
        return isolation.read(path) if path else None

    @property
    def tracks(self) -> list[Track]:
        """That something was run on: parity, native or both."""
        from workbench.exhibits.measures import tracks

        return tracks(self.report)

    def failing(self, track: Track) -> Sequence[Case]:
        """Failing questions of a track, backend by backend; see `wb.failures`."""
        from workbench.verdicts.choosing import Choice, chosen

        return [case for cases in chosen(self.saved, Choice(track=track)).values() for case in cases]

    @property
    def df(self) -> pandas.DataFrame:
        """The leaderboard: one row a backend and track, best F1 first.

        Columns: backend, track, questions (asked), failed (answers), then of each figure its mean over questions,
        `_low` and `_high` of its 95 % interval (NaN: none) and `_n` (questions): right (share of needed facts), f1,
        recall@5, ndcg@10, refusal (all 0 to 1), input_tokens, usd (both a question); cpu_ratio (to the control on the
        same questions) with its interval; p50_ms, p95_ms (wall time, as if nothing had been cached).
        """
        return frame(map(_leader, self.verdicts["rows"]))

    @cached_property
    def answers(self) -> pandas.DataFrame:
        """One row a question, backend and track; of several rounds the last that went wrong, else the first.

        Columns: backend, track, question, tenant, kind, asked, gold, answer (texts; None: not kept), cause (empty:
        nothing is wrong), failure, rounds (that went wrong), f1, right (0 to 1; None: not scored), evidence and
        evidence_used (pieces, and those in the prompt), input_tokens, output_tokens, ms (wall time), usd (Decimal).
        """
        from workbench.verdicts.failures import failing

        questions = self.saved.tenants().keys()
        return frame(case_row(case) for run in self.saved.runs() for case in failing(self.saved, run, questions))

    def to_dict(self) -> dict[str, Any]:
        """Plain values: `report`."""
        return self.report

    def _headline(self) -> str:
        from workbench.exhibits.finding import finding
        from workbench.exhibits.measures import source

        found = finding(self.report, self.verdicts)
        return "\n".join([found.sentence, *found.doubts, f"({source(self.report)}; {self.folder})"])

    def _lines(self) -> Iterable[Any]:
        from workbench import tables

        return tables.lines(self.report)

    def _repr_html_(self) -> str:
        from workbench.exhibits.comparison import leaderboard
        from workbench.exhibits.finding import finding
        from workbench.exhibits.measures import source

        found = finding(self.report, self.verdicts)
        rows = [
            {"Track": track, **row}
            for track in self.tracks
            for row in leaderboard(self.report, self.verdicts, track).table
        ]
        title = f"{self.report['experiment']['workload']['name']}: {self.folder}"
        return page(title, [found.sentence, *found.doubts], rows, source(self.report))


def _leader(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {"backend": row["backend"], "track": row["track"], "questions": row["questions"]}
    failed = row["figures"]["failed"]
    found["failed"] = None if failed is None else round(failed["value"] * failed["n"])
    for path, name in _COLUMNS.items():
        found |= _figure(name, row["figures"][path])
    found |= _figure("cpu_ratio", row["cpu_ratio"])
    walls = row["wall_ms"] or {}
    return found | {"p50_ms": walls.get("p50"), "p95_ms": walls.get("p95")}


def _figure(name: str, figure: Mapping[str, Any] | None) -> dict[str, Any]:
    known = figure or {}
    interval = known.get("interval") or {}
    return {
        name: known.get("value", nan),
        f"{name}_low": interval.get("low", nan),
        f"{name}_high": interval.get("high", nan),
        f"{name}_n": known.get("n", 0),
    }


@in_python
def run(
    workload: Workload | str | Path,
    backends: str | Sequence[str] = "all",
    track: str = "parity",
    *,
    questions: int | None = None,
    tenants: Sequence[str] = (),
    k: int = 5,
    chunk_tokens: int | None = 200,
    overlap_tokens: int | None = None,
    retrieval: str = "dense",
    model: str = "local/extractive",
    embedding_model: str = "local/minilm",
    reranker: str = "",
    upstream: str = "",
    judge: str = "",
    price_as: str = "",
    privacy: str = "off",
    rounds: int = 1,
    workers: int = 1,
    seed: int = 0,
    deadline: float = 120.0,
    text: bool = True,
    record: str | Path | None = None,
    replay: str | Path | None = None,
    real_time: bool = False,
    budget_usd: str | float | Decimal | None = None,
    out: str | Path | None = None,
    progress: bool | Progress = True,
) -> Experiment:
    """Ask every backend the workload's questions and save what came of it; the same call again goes on where it ended.

    What is answered already is not asked again: a second call of a finished run returns at once.

    Args:
        workload: loaded, or its folder.
        backends: names in a sequence, or one text of them with commas: plain, haystack, llamaindex, dspy, langchain,
            semantic_kernel, or all.
        track: parity (same passages, vectors, k and prompt for all), native (each framework's defaults) or both.
        questions: so many, spread evenly over the tenants, the same for the same seed; None: all.
        tenants: ids; the others' documents are left out; none: all.
        k: passages in the prompt, 1 to 10.
        chunk_tokens: of a passage, in tokens of local/minilm; None: whole documents.
        overlap_tokens: of passages that follow each other; None: a fifth of `chunk_tokens`, 40 of 200.
        retrieval: dense (vectors), bm25 (words) or hybrid (both, by reciprocal rank fusion).
        model: that answers; local/ models need no upstream.
        embedding_model: that embeds.
        reranker: a model of the upstream's that orders the passages found; plain alone has one; empty: none.
        upstream: address of an OpenAI-compatible server, its key from the environment (WORKBENCH_UPSTREAM_KEY or
            OPENAI_API_KEY); empty: nothing leaves this machine.
        judge: a model that judges the answers at the end; empty: none.
        price_as: price the tokens of local models as this model's; nothing is paid for them.
        privacy: of personal data in prompts: off, redact (pseudonyms, back in the answer) or reject.
        rounds: ask everything so often.
        workers: questions at once; above 1 latencies are not comparable.
        seed: of the questions' order and of sampling.
        deadline: seconds that a question may take.
        text: keep prompts, passages and answers, for `failures`, `explain` and `leakage`.
        record: add every model call to this file.
        replay: answer from this recording: no network, no key, no cost.
        real_time: wait as long as the replayed calls took.
        budget_usd: stop before the experiment has cost more, with everything saved.
        out: the experiment's folder; None: `runs/<workload>-<settings>` below the working directory, the same for the
            same settings, as the command line has it.
        progress: True: a line in a notebook, a bar in a terminal, plain lines in a log; False: nothing; or an object
            with `stage`, `advance` and `note`.

    Returns:
        The experiment; answers that failed are in it as such, and counted.

    Raises:
        BadInput: an option is wrong, a framework's folder holds something else, or the workload has no questions.
        Infrastructure: upstream, key, gateway, worker or disk; also a budget that is used up and a recording that
            lacks calls. What was answered is kept.
        KeyboardInterrupt: interrupted; what was answered is kept, and the same call goes on.

    Source: `workbench.runs.runner.run`, as `workbench run` calls it.
    """
    from workbench.api import progress as telling
    from workbench.errors import Stopped
    from workbench.runs import endings, wishes
    from workbench.runs.store import Experiment as Saved

    chosen = given(workload, tenants)
    asked = wishes.options(
        backends,
        track,
        questions=questions,
        k=k,
        chunk_tokens=chunk_tokens,
        overlap_tokens=overlap_tokens,
        retrieval=retrieval,
        out=out,
        upstream=upstream,
        model=model,
        embedding_model=embedding_model,
        reranker=reranker,
        judge=judge,
        price_as=price_as,
        rounds=rounds,
        workers=workers,
        seed=seed,
        deadline=deadline,
        text=text,
        record=record,
        replay=replay,
        real_time=real_time,
        privacy=privacy,
        budget_usd=budget_usd,
    )
    placed = wishes.placed(chosen, asked)
    try:
        with telling.chosen(progress) as told:
            outcome = endings.carry_out(chosen, placed, told)
            if failed := endings.failed(outcome):
                told.note(f"{failed}; {endings.another_try(outcome, 'the same call')}")
    except KeyboardInterrupt as error:
        raise Stopped(f"interrupted; run it again, and it goes on from what {placed.out} holds") from error
    endings.refuse(outcome)
    return Experiment(Saved.open(placed.out), outcome)


@in_python
def open(folder: str | Path) -> Experiment:
    """Open a saved experiment. Calls no model.

    Args:
        folder: that `wb.run` or `workbench run` wrote; what comes with the workbench is found from anywhere, such as
            `benchmarks/showcase/off`.

    Raises:
        BadInput: no experiment there, broken, or written by a newer workbench.

    Source: `workbench.runs.store.Experiment.open`.
    """
    from workbench.location import found
    from workbench.runs.store import Experiment as Saved

    return Experiment(Saved.open(found(folder)))


def opened(experiment: Experiment | str | Path) -> Experiment:
    """An experiment, or that of a folder."""
    return experiment if isinstance(experiment, Experiment) else open(experiment)
