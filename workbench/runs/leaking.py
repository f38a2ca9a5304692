"""A workload's planted values and an experiment's texts come in, counts of what leaked are written down beside them."""

import contextlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from workbench.leaks import controls, files, left, overredaction
from workbench.leaks.index import build
from workbench.leaks.rights import Rights, lowest
from workbench.leaks.search import Scanner
from workbench.leaks.texts import Sent, Typed, leak, sent
from workbench.records import Answer, Call, Workload
from workbench.runs.progress import Progress
from workbench.runs.store import Experiment, Run

NO_TEXT = "leakage is not counted: --no-text keeps nothing in which planted values could be looked for"


class Leaking:
    """Counts for one experiment. Does nothing where the workload has no planted values."""

    def __init__(self, workload: Workload, experiment: Experiment, *, keep_text: bool, redacts: bool = False) -> None:
        self._workload, self._experiment, self._keep_text, self._redacts = workload, experiment, keep_text, redacts

    @cached_property
    def _scanner(self) -> Scanner:
        return Scanner(build(self._workload.planted, self._workload.documents))

    def examine(self, backend: str, home: Path, words: bytes) -> None:
        """Look at what a backend's worker leaves behind, and write it down: the call of `run` may yet be interrupted.

        Args:
            backend: whose worker it is.
            home: its temporary home, which is about to go.
            words: what it wrote to standard error.
        """
        if self._workload.planted and self._keep_text:
            behind = left.examine(self._scanner, home, words)
            found = files.Sinks(
                cache=tuple(sorted(behind.cache)),
                stderr=tuple(sorted(behind.stderr)),
                files=behind.files,
                unread=behind.unread,
            )
            for run in self._experiment.runs():
                if run.identity().backend == backend:
                    files.add_sinks(run.folder, found)

    def uncounted(self, run: Run) -> list[Answer]:
        """Answers that count, whose text is there, and around which nothing was looked for yet."""
        if not self._workload.planted or self._refused():
            return []
        known = files.counted(run.folder)
        there = {item["attempt"] for item in run.answer_texts()}
        return [one for one in run.answers().values() if one.attempt in there and one.attempt not in known]

    def count(self, runs: Iterable[Run], progress: Progress) -> None:
        """Look around every answer that was not looked around yet, and write down what is there.

        Args:
            runs: of the experiment.
            progress: told of each answer.
        """
        if not self._workload.planted:
            return
        self._describe()
        waiting = [(run, answers) for run in runs if (answers := self.uncounted(run))]
        if not waiting:
            return
        progress.stage("looking for planted values", sum(len(answers) for _, answers in waiting))
        rights = Rights(self._workload, self._scanner)
        typed = {one.id: Typed(one.text, frozenset(self._scanner.scan(one.text))) for one in self._workload.questions}
        for run, answers in waiting:
            self._count(run, answers, rights, typed, progress)

    def _refused(self) -> bool:
        return bool(self._experiment.about().get("leakage", {}).get("refused"))

    def _describe(self) -> None:
        """Write down what is planted and how the controls came out, once."""
        if "leakage" in self._experiment.about():
            return
        planted, documents = self._workload.planted, self._workload.documents
        passed = controls.run(self._scanner, planted, documents) if self._keep_text else None
        classes = {document.id: document.classification for document in documents}
        places: dict[str, int] = {}
        values = [
            files.Value(
                one.tenant,
                one.kind,
                lowest(one, classes),
                tuple(sorted({places.setdefault(place.document, len(places)) for place in one.places})),
            )
            for one in planted
        ]
        files.write_planted(self._experiment.folder, values)
        self._experiment.update(
            leakage={
                "values": len(planted),
                "documents": len(places),
                "controls": passed.to_dict() if passed else None,
                "refused": passed.refusal if passed else NO_TEXT,
                **({"redaction": overredaction.count(planted, documents)} if self._redacts else {}),
            }
        )

    def _count(
        self, run: Run, waiting: list[Answer], rights: Rights, typed: Mapping[str, Typed], progress: Progress
    ) -> None:
        scan = self._scanner.scan
        passages = {name: seen for name, text in run.passage_texts().items() if (seen := scan(text))}
        attempts = {answer.attempt for answer in run.answers().values()}
        prompts = self._sent(run.call_texts(), run.calls(), attempts, typed)
        judged = self._sent(run.judge_call_texts(), run.judge_calls(), attempts, typed)
        wanted = {answer.attempt for answer in waiting}
        said = {item["attempt"]: item["text"] for item in run.answer_texts() if item["attempt"] in wanted}
        self._sinks(run, prompts, judged)  # first: what is counted is not looked at again
        with contextlib.closing(files.leak_lines(run.folder)) as file:
            for answer in waiting:
                found = leak(
                    answer,
                    said[answer.attempt] if answer.failure is None else "",
                    scanner=self._scanner,
                    rights=rights,
                    typed=typed[answer.question].values,
                    prompts=prompts,
                    judged=judged,
                    passages=passages,
                )
                file.append(orjson.dumps(found.to_dict()))
                progress.advance()

    def _sent(
        self,
        texts: Iterable[Mapping[str, Any]],
        calls: Iterable[Call],
        attempts: set[str],
        typed: Mapping[str, Typed],
    ) -> Sent:
        retries = {call.id: call.retries for call in calls if call.retries}
        tenants = [one.tenant for one in self._workload.planted]
        return sent(self._scanner, texts, attempts, retries=retries, tenants=tenants, typed=typed)

    def _sinks(self, run: Run, prompts: Sent, judged: Sent) -> None:
        shared = [self._experiment.folder / name for name in ("experiment.json", "questions.jsonl")]
        own = [path for folder in (run.folder, run.folder / "judge") for path in sorted(folder.glob("*.json*"))]
        logged, spelt = left.in_records(self._scanner, [*shared, *own]), left.spelt(self._scanner, self._workload)
        found = files.Sinks(
            elsewhere=tuple(sorted(prompts.elsewhere | judged.elsewhere)),
            crossing=tuple(sorted(prompts.crossing | judged.crossing)),
            log=tuple(sorted(logged - spelt)),
            spelt=len(spelt),
        )
        files.add_sinks(run.folder, found)
