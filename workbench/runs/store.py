"""An experiment on disk: append-only files that survive the death of whoever writes them, and read back as records.

    DIR/experiment.json            workload, recipe, seed, machine, schema version; written once everything was checked
    DIR/questions.jsonl            gold without texts: what retrieval and refusal are scored by
    DIR/texts/questions.jsonl      questions and gold answers
    DIR/planted.jsonl              planted values as numbers, see `workbench.leaks.files`
    DIR/warmup/calls.jsonl         embeddings made before timing
    DIR/runs/<backend>-<track>/    run.json (identity), answers.jsonl, calls.jsonl, judgements.jsonl,
                                   leakage.jsonl, sinks.jsonl, texts/ (answers, passages, calls), judge/calls.jsonl

Everything below a folder called texts is mode 0600 and is what `purge` removes.
"""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from filelock import FileLock, Timeout

from workbench import lines
from workbench.errors import BadInput
from workbench.lines import Lines
from workbench.records import Answer, Call, Evidence, Failure, Gold, Hit, Recipe, Track, Workload
from workbench.runs import whole

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes two runs the same run: only then may one be continued with the other's answers."""

    workload_hash: str
    backend: str
    track: Track
    recipe: Recipe
    upstream: str
    """Address without credentials; empty: embedded models only."""
    versions: dict[str, str]
    """Of the framework, FAISS and Python."""
    native_k: int | None
    native_note: str
    keep_text: bool
    recording: str = ""
    """Id of the recording that answered in place of models; empty: they were asked."""
    schema: int = SCHEMA
    privacy: str = "off"
    """The gateway's policy for personal data in chats."""


class Run:
    """One run's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def cell(self) -> str:
        """`<backend>-<track>`."""
        return self.folder.name

    @property
    def experiment(self) -> "Experiment":
        """The experiment that it belongs to."""
        return Experiment(self.folder.parent.parent)

    def identity(self) -> Identity:
        """What the run was started as."""
        content = whole.read(self.folder / "run.json")
        return Identity(**{**content, "recipe": Recipe(**content["recipe"])})

    def agrees(self, identity: Identity) -> None:
        """Make sure that a run that has begun here is the one meant.

        Raises:
            BadInput: it was started as something else; names the first difference.
        """
        if not (self.folder / "run.json").exists():
            return
        before, now = asdict(self.identity()), asdict(identity)
        for name, value in now.items():
            if before[name] != value:
                raise BadInput(
                    f"{self.folder} was started with {name} {_brief(before[name], value)}; "
                    "choose another --out, or the same settings to continue it"
                )

    def claim(self, identity: Identity) -> None:
        """Write the identity of a run that begins."""
        if not (self.folder / "run.json").exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            whole.write(self.folder / "run.json", asdict(identity))

    def answers(self) -> dict[tuple[int, str], Answer]:
        """The latest answer of each (round, question)."""
        return {(answer.round, answer.question): answer for answer in self.attempts()}

    def attempts(self) -> Iterator[Answer]:
        """Every answer as it was written, in order: of one round and question the last counts."""
        return map(_answer, lines.read(self.folder / "answers.jsonl"))

    def kills(self) -> dict[str, int]:
        """How often each question has surely ended its worker: it hung, or was alone when the worker died."""
        found: dict[str, int] = {}
        for item in lines.read(self.folder / "answers.jsonl"):
            kind = item["failure"]["kind"] if item["failure"] else ""
            if kind == "worker_hung" or (kind == "worker_died" and item["in_flight"] == 1):
                found[item["question"]] = found.get(item["question"], 0) + 1
        return found

    def calls(self) -> Iterator[Call]:
        """Every call that the gateway wrote down for this run, in order."""
        return _calls(self.folder / "calls.jsonl")

    def judge_calls(self) -> Iterator[Call]:
        """Calls made to judge this run's answers."""
        return _calls(self.folder / "judge" / "calls.jsonl")

    def judge_call_texts(self) -> Iterator[dict[str, Any]]:
        """What was sent and received by each of them, as `call_texts`."""
        return lines.read(self.folder / "judge" / "texts" / "calls.jsonl")

    def judgements(self) -> dict[str, dict[str, Any]]:
        """The latest judgement of each attempt, as plain values."""
        return {item["attempt"]: item for item in self.judged()}

    def judged(self) -> Iterator[dict[str, Any]]:
        """Every judgement as it was written, in order: of one attempt the last counts."""
        return lines.read(self.folder / "judgements.jsonl")

    def answer_texts(self) -> Iterator[dict[str, Any]]:
        """{"attempt", "question", "text"}, of a failed one also "failure"; nothing where none is kept."""
        return lines.read(self.folder / "texts" / "answers.jsonl")

    def passage_texts(self) -> dict[str, str]:
        """Texts of retrieved passages by passage id."""
        return {item["id"]: item["text"] for item in lines.read(self.folder / "texts" / "passages.jsonl")}

    def call_texts(self) -> Iterator[dict[str, Any]]:
        """What was sent and received by call: {"call", "question", "tenant", "attempt", "sent", "received"}."""
        return lines.read(self.folder / "texts" / "calls.jsonl")


class Writer:
    """Appends one run's answers. The runner's side; the gateway writes its calls apart."""

    def __init__(self, run: Run, *, keep_text: bool) -> None:
        run.folder.mkdir(parents=True, exist_ok=True)
        self._answers = Lines(run.folder / "answers.jsonl")
        self._judgements = Lines(run.folder / "judgements.jsonl")
        texts = run.folder / "texts"
        self._texts = Lines(texts / "answers.jsonl") if keep_text else None
        self._passages = Lines(texts / "passages.jsonl") if keep_text else None
        self._known = set(run.passage_texts()) if keep_text else set()

    def answer(self, answer: Answer, text: str, passages: dict[str, str]) -> None:
        """Store an answer: its texts first, so that the answer, the commit point, never stands without them."""
        self.passages(passages)
        said = {"attempt": answer.attempt, "question": answer.question, "text": text}
        if answer.failure is not None:
            # A framework's or an upstream's words may quote a prompt; what comes before them is ours.
            said["failure"] = answer.failure.message
            ours = answer.failure.message.partition(":")[0]
            answer = replace(answer, failure=Failure(answer.failure.kind, ours))
        if self._texts is not None:
            self._texts.append(orjson.dumps(said))
        self._answers.append(orjson.dumps(answer))

    def passages(self, passages: dict[str, str]) -> None:
        """Store texts of passages by id, each once; none where no text is kept."""
        if self._passages is not None:
            for name, passage in passages.items():
                if name not in self._known:
                    self._passages.append(orjson.dumps({"id": name, "text": passage}))
                    self._known.add(name)

    def judgement(self, judgement: dict[str, Any]) -> None:
        """Store what was found out about one answer."""
        self._judgements.append(orjson.dumps(judgement))

    def close(self) -> None:
        """Close the files."""
        for file in (self._answers, self._judgements, self._texts, self._passages):
            if file is not None:
                file.close()


class Experiment:
    """The folder of one `workbench run`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def open(cls, folder: Path) -> "Experiment":
        """Open a saved experiment for reading.

        Raises:
            BadInput: no experiment there, broken, or of a newer schema.
        """
        experiment = cls(folder)
        if not folder.is_dir():
            raise BadInput(f"{folder}: no such folder; `workbench run` makes one")
        if not (folder / "experiment.json").is_file():
            if (folder / ".lock").is_file():
                raise BadInput(f"{folder}: the run ended before a question was asked; run the same command again")
            raise BadInput(f"{folder}: no experiment.json there; give the folder that `workbench run` wrote")
        experiment.about()
        return experiment

    def exists(self) -> bool:
        """Whether an experiment was begun here."""
        return (self.folder / "experiment.json").is_file()

    def lock(self) -> FileLock:
        """Hold the folder for writing; released with the process.

        Raises:
            BadInput: another process holds it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise BadInput(
                f"{self.folder}: another workbench is writing there; wait for it or choose another --out"
            ) from error
        return lock

    def about(self) -> dict[str, Any]:
        """What the experiment was started as.

        Raises:
            BadInput: not readable, or written by a newer workbench.
        """
        path = self.folder / "experiment.json"
        content = whole.read(path)
        schema = content.get("schema")
        if not isinstance(schema, int):
            raise BadInput(f"{path}: field schema is {schema!r}, not a number; this is no experiment")
        if schema > SCHEMA:
            raise BadInput(f"{path}: schema {schema} is newer than {SCHEMA}, which this workbench reads; update it")
        return content

    def begin(self, about: dict[str, Any], gold: Iterable[tuple[str, str, str, Gold | None]]) -> None:
        """Write down what the experiment is. Everything that can be refused has been checked by now.

        Args:
            about: plain values; `schema` is added.
            gold: (question id, tenant, question text, gold) of every question of the workload.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        figures, texts = [], []
        for question, tenant, text, known in gold:
            figures.append(
                {
                    "question": question,
                    "tenant": tenant,
                    "kind": known.kind if known else "",
                    "answerable": known.answerable if known else None,
                    "has_answers": bool(known and known.answers),
                    "drafted": bool(known and known.drafted),
                    "evidence": [asdict(item) for item in known.evidence] if known else [],
                }
            )
            texts.append(_texts(question, text, known))
        whole.write_lines(self.folder / "questions.jsonl", figures)
        (self.folder / "texts").mkdir(exist_ok=True, mode=0o700)
        whole.write_lines(self.folder / "texts" / "questions.jsonl", texts)
        whole.write(self.folder / "experiment.json", {"schema": SCHEMA, **about})

    def restore_texts(self, workload: Workload) -> None:
        """Write the questions' texts where a purge removed them: what is asked next is judged by them."""
        path = self.folder / "texts" / "questions.jsonl"
        if not path.exists():
            path.parent.mkdir(exist_ok=True, mode=0o700)
            whole.write_lines(path, (_texts(one.id, one.text, workload.gold.get(one.id)) for one in workload.questions))

    def update(self, **fields: Any) -> None:
        """Change fields of experiment.json, atomically."""
        whole.write(self.folder / "experiment.json", {**self.about(), **fields})

    def gold(self) -> dict[str, Gold | None]:
        """Gold by question id. Answers are empty where the texts were purged."""
        texts = {
            item["question"]: (tuple(item["answers"]), tuple(tuple(part) for part in item.get("parts", ())))
            for item in self.question_texts()
        }
        found: dict[str, Gold | None] = {}
        for item in lines.read(self.folder / "questions.jsonl"):
            name = item["question"]
            if item["answerable"] is None:
                found[name] = None
                continue
            known, parts = texts.get(name, ((), ()))
            # After a purge the texts are gone; that there was an answer to score by is not.
            kept = known or (("",) if item["has_answers"] else ())
            evidence = tuple(_evidence(one) for one in item["evidence"])
            drafted = item.get("drafted", False)
            found[name] = Gold(name, kept, evidence, item["answerable"], item["kind"], parts, drafted=drafted)
        return found

    def tenants(self) -> dict[str, str]:
        """Tenant by question id."""
        return {item["question"]: item["tenant"] for item in lines.read(self.folder / "questions.jsonl")}

    def question_texts(self) -> Iterator[dict[str, Any]]:
        """{"question", "text", "answers", "parts"} of every question; nothing after a purge."""
        return lines.read(self.folder / "texts" / "questions.jsonl")

    def run(self, backend: str, track: Track) -> Run:
        """The folder of one cell, whether it is there yet or not."""
        return Run(self.folder / "runs" / f"{backend}-{track}")

    def runs(self) -> list[Run]:
        """All runs that have begun, by name."""
        return [Run(path.parent) for path in sorted((self.folder / "runs").glob("*/run.json"))]

    def warmup_calls(self) -> Iterator[Call]:
        """Calls made before timing."""
        return _calls(self.folder / "warmup" / "calls.jsonl")

    def purge(self) -> int:
        """Remove the texts of all runs and of the questions; the figures stay.

        Returns:
            Files removed.
        """
        folders = [path for path in self.folder.glob("**/texts") if path.is_dir()]
        removed = 0
        for folder in folders:
            removed += sum(path.is_file() for path in folder.rglob("*"))
            shutil.rmtree(folder)
        return removed


def _texts(question: str, text: str, gold: Gold | None) -> dict[str, Any]:
    answers, parts = (gold.answers, gold.parts) if gold else ((), ())
    return {"question": question, "text": text, "answers": answers, "parts": parts}


def _evidence(item: dict[str, Any]) -> Evidence:
    spans = tuple((start, end) for start, end in item["spans"])
    return Evidence(item["document"], spans, item["grade"], tuple(_evidence(one) for one in item.get("also", ())))


def _calls(path: Path) -> Iterator[Call]:
    names = {field.name for field in fields(Call)}
    for item in lines.read(path):
        known = {name: value for name, value in item.items() if name in names}
        for money in ("usd", "spent_usd"):
            known[money] = None if known.get(money) is None else Decimal(known[money])
        known["flags"] = tuple(known.get("flags", ()))
        yield Call(**known)


def _answer(item: dict[str, Any]) -> Answer:
    names = {field.name for field in fields(Answer)}
    known = {name: value for name, value in item.items() if name in names}
    known["failure"] = Failure(**known["failure"]) if known.get("failure") else None
    known["hits"] = tuple(Hit(**hit) for hit in known.get("hits", ()))
    return Answer(**known)


def _brief(before: Any, now: Any) -> str:
    if isinstance(before, dict) and isinstance(now, dict):
        for name in {**before, **now}:
            if before.get(name) != now.get(name):
                return f"{name} {before.get(name)!r}, now {now.get(name)!r}"
    return f"{before!r}, now {now!r}"
