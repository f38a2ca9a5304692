"""A workload, options and what is left to do in; calls, tokens, USD and seconds out, before anything is sent.

Pure: no process, no network, no file. Nothing is retrieved, so what a prompt will hold is expected, not known; each
figure says what it rests on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from workbench.backends.contract import prompt_of
from workbench.models import minilm
from workbench.prices import LOCAL
from workbench.records import RETRIEVAL_DEPTH, Document, Question, Track, Workload
from workbench.runs import judge_estimate, pace
from workbench.runs.amount import Amount, together, total_usd
from workbench.runs.context import Corpus, Passages, by_tenant, counter
from workbench.runs.native import NATIVE
from workbench.runs.options import Options

TOKENIZER_MOST = 1.15
"""What an upstream may count where local/minilm counts 1. cl100k_base and o200k_base counted 1.00 to 1.05 over all
prompts of datasets/starter and of merrow-bank, 0.72 to 1.13 in single ones (2026-11-22); other languages may differ
more."""

LOCAL_OUTPUT = 6.0
"""Tokens of an answer of local/extractive: 3.8 to 7.7 on parity, by workload."""

LOCAL_NATIVE_OUTPUT: Mapping[str, float] = {"dspy": 52.0, "langchain": 4.7, "semantic_kernel": 4.0}
"""The same to native prompts, where it is another; dspy's asks for reasoning and marks its fields. Measured on
2026-11-22 in datasets/starter, in datasets/enterprise and in SQuAD's dev-v1.1."""

REMOTE_OUTPUT, REMOTE_REASONED = 40.0, 120.0
"""Tokens of an answer of any other model, and of one with its reasoning: assumed, not measured. The prompts ask for a
few words, or for three sentences at the most."""

PROBE = Amount("", 1, 8, 4, 1, 16, 16)
"""One call that sees whether a model is there."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a command has still to do, by cell."""

    asked: Mapping[str, Sequence[Question]]
    """A question once for each round."""
    judged: Mapping[str, Sequence[Question]]
    """Questions whose answers are there and not judged yet."""


@dataclass(frozen=True, slots=True)
class CellEstimate:
    """One backend on one track."""

    name: str
    chat: Amount
    """With the first call, which is not scored."""
    embeddings: Amount
    """Passages of its own and its answers, where these are compared with the gold."""
    rerank: Amount
    """Of no call where the recipe has no reranker."""
    judge: Amount
    answers: int

    @property
    def amounts(self) -> tuple[Amount, ...]:
        """All of them."""
        return (self.chat, self.embeddings, self.rerank, self.judge)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a command will come to."""

    cells: tuple[CellEstimate, ...]
    probes: tuple[Amount, ...]
    embeddings: Amount
    """Shared passages, questions and gold answers, each text once."""
    seconds: Mapping[str, float]
    """By stage, as a run tells them."""

    replayed: bool = False
    """A recording answers: nothing is paid."""

    @property
    def amounts(self) -> tuple[Amount, ...]:
        """All of them."""
        own = (amount for cell in self.cells for amount in cell.amounts)
        return (*own, *self.probes, self.embeddings)

    def paid(self, amounts: Iterable[Amount], at: date, price_as: str = "") -> Decimal | None:
        """USD that some of the amounts are expected to cost; None: a model has no price."""
        return Decimal(0) if self.replayed else total_usd(amount.usd(at, price_as) for amount in amounts)

    def paid_at_most(self, amounts: Iterable[Amount], at: date, price_as: str = "") -> Decimal | None:
        """USD that some of the amounts may cost at the most; None: a model has no price."""
        return Decimal(0) if self.replayed else total_usd(amount.most_usd(at, price_as) for amount in amounts)


def estimate(workload: Workload, options: Options, left: Left) -> Estimate:
    """Say what a command will come to.

    Args:
        workload: what is asked.
        options: checked.
        left: of `everything`, or what an experiment lacks.
    """
    names = [(backend, track) for track in options.tracks for backend in options.backends]
    world = _World(workload, options, left)
    if not any(left.asked.values()) and not any(left.judged.values()):
        return Estimate((), (), Amount(options.recipe.embedding_model), {})
    embeddings = world.shared_embeddings()  # before the cells: it is these texts that they need not embed again
    cells = tuple(world.cell(backend, track) for backend, track in names)
    return Estimate(
        cells=cells,
        probes=tuple(replace(PROBE, model=model) for model in _probed(options)),
        embeddings=embeddings,
        seconds=pace.seconds(options, world.load(cells)),
        replayed=options.replay is not None,
    )


def everything(options: Options, questions: Sequence[Question]) -> Left:
    """What a command has to do that starts afresh.

    Args:
        options: of the run.
        questions: those that will be asked, in their order.
    """
    asked = [question for _ in range(options.rounds) for question in questions]
    return Left({f"{backend}-{track}": asked for track in options.tracks for backend in options.backends}, {})


def _probed(options: Options) -> list[str]:
    judge = options.judge
    return [options.recipe.model, *([judge] if judge and not judge.startswith(LOCAL) else [])]


class _World:
    """The tenants that are asked of, counted, and what has been embedded so far."""

    def __init__(self, workload: Workload, options: Options, left: Left) -> None:
        self._options, self._recipe, self._left, self._gold = options, options.recipe, left, workload.gold
        self._by_vectors = options.recipe.retrieval != "bm25"
        self._count = counter(options.recipe.model)
        self._questions = {each.id: each for asked in left.asked.values() for each in asked}
        self._judged = {each.id: each for judged in left.judged.values() for each in judged}
        documents = _documents(workload, {one.tenant for one in (*self._questions.values(), *self._judged.values())})
        self._corpora = {tenant: Corpus(its, self._recipe, self._count) for tenant, its in documents.items()}
        same = self._count is minilm.count_tokens
        self._embedded_corpora = (
            self._corpora
            if same
            else {tenant: Corpus(its, self._recipe, minilm.count_tokens) for tenant, its in documents.items()}
        )
        self._seen: set[tuple[str, str]] = set()
        self._tokens: dict[str, int] = {}
        self._work = pace.Load()

    def cell(self, backend: str, track: Track) -> CellEstimate:
        """One cell's amounts. The shared passages count as embedded already where a cell is on parity."""
        name = f"{backend}-{track}"
        asked = self._left.asked.get(name, ())
        chat = self._chat(backend, track, asked) if self._questions else Amount(self._recipe.model)
        answers = [*asked, *self._left.judged.get(name, ())]
        said = self._output(backend, "parity")  # without what a native prompt asks for beside the answer
        judge = Amount(self._options.judge)
        if self._options.judge:
            judge = together(
                [judge, *(self._judging(backend, track, each, said) for each in answers if self._is_judged(each))]
            )
        own = Amount(self._recipe.embedding_model)
        if self._questions and track == "native":
            own = self._embedding(self._pieces(backend, track))
        compared = sum(self._is_judged(each) for each in answers)
        own = together([own, self._texts([said] * compared)])
        self._work.framework(backend, track, len(asked))
        ranked = self._ranking(backend, track, asked) if self._recipe.reranker and self._questions else Amount("")
        return CellEstimate(name, chat, own, ranked, judge, len(answers))

    def shared_embeddings(self) -> Amount:
        """Passages of the parity track, each question, each gold answer, and the call that tells a vector's length."""
        found = [self._texts([1.0])]
        if self._questions:
            if "parity" in self._options.tracks:
                found.append(self._embedding(self._pieces("plain", "parity")))
            asked = self._questions.values() if self._by_vectors else ()
            texts = {(each.tenant, each.text) for each in asked}
            found.append(self._texts([float(minilm.count_tokens(text)) for _, text in sorted(texts)]))
        answers = {text for name in {**self._questions, **self._judged} for text in self._answers(name)}
        found.append(self._texts([float(minilm.count_tokens(text)) for text in sorted(answers)]))
        return together(found)

    def load(self, cells: Sequence[CellEstimate]) -> pace.Load:
        """What takes time."""
        self._work.questions = len(self._questions)
        self._work.chat_calls = sum(cell.chat.calls for cell in cells)
        self._work.chat_tokens = sum(cell.chat.input_tokens for cell in cells)
        self._work.rerank_calls = sum(cell.rerank.calls for cell in cells)
        self._work.answers = sum(cell.answers for cell in cells)
        self._work.judge_calls = sum(cell.judge.calls for cell in cells)
        return self._work

    # ---- one cell ----

    def _chat(self, backend: str, track: Track, asked: Sequence[Question]) -> Amount:
        native = NATIVE.get(backend) if track == "native" else None
        k, tries = (native.k, native.most_calls) if native else (self._recipe.k, 1)
        prompt = (
            native.prompt_tokens if native else self._count(prompt_of(self._recipe).format(context="", question=""))
        )
        first = next(iter(self._questions.values()))
        tokens = most = 0.0
        for tenant, questions in by_tenant([first, *asked]).items():
            passages = self._corpora[tenant].passages(backend, track)
            own = sum(self._length(question) for question in questions)
            tokens += own + len(questions) * (prompt + passages.context(k))
            most += own + len(questions) * (prompt + passages.longest_context(k))
        calls, model = len(asked) + 1, self._recipe.model
        output = tokens / calls if model == "local/echo" else self._output(backend, track)
        return Amount(
            model,
            calls,
            round(tokens),
            round(calls * output),
            calls * tries,
            round(most * tries * self._beyond(model)),
            calls * tries * (round(output) if model == "local/echo" else self._recipe.max_output_tokens),
        )

    def _ranking(self, backend: str, track: Track, asked: Sequence[Question]) -> Amount:
        """The question is read with each passage. One call more before the first question, as of chats."""
        first = next(iter(self._questions.values()))
        tokens = most = 0.0
        for tenant, questions in by_tenant([first, *asked]).items():
            passages = self._corpora[tenant].passages(backend, track)
            own = sum(self._length(question) for question in questions) * min(RETRIEVAL_DEPTH, len(passages.lengths))
            tokens += own + len(questions) * passages.context(RETRIEVAL_DEPTH)
            most += own + len(questions) * passages.longest_context(RETRIEVAL_DEPTH)
        calls, model = len(asked) + 1, self._recipe.reranker
        return Amount(model, calls, round(tokens), 0, calls, round(most * self._beyond(model)))

    def _judging(self, backend: str, track: Track, question: Question, output: float) -> Amount:
        k = NATIVE[backend].k if track == "native" and backend in NATIVE else self._recipe.k
        passages = self._corpora[question.tenant].passages(backend, track)
        return judge_estimate.of_answer(
            self._options.judge,
            passages=min(k, len(passages.lengths)),
            context=passages.context(k),
            longest=passages.longest_context(k),
            question=self._length(question),
            answer=output,
            gold=max(map(minilm.count_tokens, self._answers(question.id)), default=0),
            most_answer=self._recipe.max_output_tokens,
            beyond=self._beyond(self._options.judge),
        )

    def _output(self, backend: str, track: Track) -> float:
        model = self._recipe.model
        if model == "local/silence":
            return 0.0
        if model.startswith(LOCAL):
            expected = LOCAL_NATIVE_OUTPUT.get(backend, LOCAL_OUTPUT) if track == "native" else LOCAL_OUTPUT
        else:
            expected = REMOTE_REASONED if (backend, track) == ("dspy", "native") else REMOTE_OUTPUT
        return min(expected, self._recipe.max_output_tokens)

    # ---- embeddings ----

    def _pieces(self, backend: str, track: Track) -> dict[str, Passages]:
        return {tenant: corpus.passages(backend, track) for tenant, corpus in self._embedded_corpora.items()}

    def _embedding(self, by_tenant: Mapping[str, Passages]) -> Amount:
        """Of passages, without those that were embedded for another cell; of none where words find them."""
        fresh: list[float] = []
        for tenant, passages in by_tenant.items():
            self._work.indexed += len(passages.lengths)
            if not self._by_vectors:
                continue
            for length, text in zip(passages.lengths, passages.texts, strict=True):
                if text is None or (tenant, text) not in self._seen:
                    fresh.append(length)
                if text is not None:
                    self._seen.add((tenant, text))
        self._work.embedded.extend(fresh)
        return self._texts(fresh)

    def _texts(self, lengths: Sequence[float]) -> Amount:
        model, tokens = self._recipe.embedding_model, round(sum(lengths))
        return Amount(model, len(lengths), tokens, 0, len(lengths), round(tokens * self._beyond(model)))

    # ---- counts ----

    def _length(self, question: Question) -> int:
        if question.id not in self._tokens:
            self._tokens[question.id] = self._count(question.text)
        return self._tokens[question.id]

    def _answers(self, question: str) -> tuple[str, ...]:
        gold = self._gold.get(question)
        return gold.answers if gold and gold.answerable else ()

    def _is_judged(self, question: Question) -> bool:
        return bool(self._answers(question.id))

    def _beyond(self, model: str) -> float:
        return 1.0 if model.startswith(LOCAL) else TOKENIZER_MOST


def _documents(workload: Workload, tenants: set[str]) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {tenant.id: [] for tenant in workload.tenants if tenant.id in tenants}
    for document in workload.documents:
        if document.tenant in found:
            found[document.tenant].append(document)
    return found
