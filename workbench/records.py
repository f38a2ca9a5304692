"""The shared words of the workbench as frozen dataclasses. No behaviour, no I/O: every other module speaks in these."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Track = Literal["parity", "native"]

TRACKS: tuple[Track, ...] = ("parity", "native")

Retrieval = Literal["dense", "bm25", "hybrid"]
"""How passages are found: by the embeddings' nearness, by words, or by both, joined by reciprocal rank fusion."""

RETRIEVALS: tuple[Retrieval, ...] = ("dense", "bm25", "hybrid")

CallKind = Literal["chat", "embeddings", "rerank"]
"""What a model is asked for at the gateway."""

INGESTION = "ingestion"
"""The attempt that calls made while indexing name: they belong to no question and are not lost either."""

RETRIEVAL_DEPTH = 10
"""Passages that every backend returns and that retrieval is scored to, whatever k is."""


# ---- workload: what is asked, of whom, and what is right -------------------------------------------------------------

Classification = Literal["PUBLIC", "INTERNAL", "CONFIDENTIAL", "RESTRICTED"]

Form = Literal["plain", "formatted", "evasive"]
"""How a planted value is written: as it is, with other separators, or disguised."""

CLASSIFICATIONS: tuple[Classification, ...] = ("PUBLIC", "INTERNAL", "CONFIDENTIAL", "RESTRICTED")
"""From anybody to almost nobody."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A business unit whose documents, users, policy and bill are its own."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page or a section of a document begins."""

    start: int
    page: int | None = None
    """From 1; None: the document has no pages."""
    section: str = ""
    """Its heading; empty: before the first."""


@dataclass(frozen=True, slots=True)
class Document:
    """One text of one tenant. Character offsets anywhere else count from the start of `text`."""

    id: str
    """Unique in the whole workload, so that a passage of a foreign tenant is recognised by its id."""
    tenant: str
    text: str
    title: str = ""
    kind: str = ""
    """The sort of document, such as `policy` or `ticket`."""
    source: str = ""
    """Where it was taken from: a folder, a file, an address."""
    classification: Classification | Literal[""] = ""
    """Who may read it; empty: not stated."""
    language: str = ""
    """ISO 639-1, such as `en`; empty: not stated."""
    date: str = ""
    """Of its contents, as YYYY-MM-DD; empty: not stated."""
    hostile: str = ""
    """What it tries, such as `exfiltrate`; empty: an honest document. Only a hostile one may be without text."""
    marks: tuple[Mark, ...] = ()
    """Pages and sections, sorted by where they start; empty: not known."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who asks."""

    id: str
    """Unique in the whole workload."""
    tenant: str
    roles: tuple[str, ...] = ()
    clearance: Classification = "INTERNAL"
    """The highest classification that the user may read."""
    personal_data: bool = False
    """May be told private facts of others, up to the clearance."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a backend is asked. It holds nothing of the gold: a backend cannot see what it is not given."""

    id: str
    tenant: str
    text: str
    user: str = ""
    """Who asks; empty: anybody of the tenant."""
    language: str = ""
    """ISO 639-1; empty: not stated."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence: a document and, where known, the places in it that hold the answer."""

    document: str
    spans: tuple[tuple[int, int], ...] = ()
    """Alternative places as [start, end) characters of the document; a passage that overlaps any of them holds this
    evidence. Empty: the whole document counts."""
    grade: int = 1
    """How relevant it is, 1 or more: the gain of nDCG. Recall and reciprocal rank count every grade alike."""
    also: tuple["Evidence", ...] = ()
    """Other documents that say the same: any one holds this evidence."""


@dataclass(frozen=True, slots=True)
class Gold:
    """What is right for one question."""

    question: str
    answers: tuple[str, ...] = ()
    """Accepted answers, any one suffices. Empty with `answerable`: the answer is not scored."""
    evidence: tuple[Evidence, ...] = ()
    """Everything that retrieval should find. Empty: retrieval is not scored."""
    answerable: bool = True
    """False: the question must be declined, because the tenant's documents hold no answer or the asker may not have
    it."""
    kind: str = ""
    """A name for the sort of difficulty, for tables by kind."""
    parts: tuple[tuple[str, ...], ...] = ()
    """Facts that a complete answer holds, each in its accepted wordings; then `answers` holds whole sentences. Empty:
    any one of `answers` is complete."""
    support: tuple[str, ...] = ()
    """Words of the evidence from which an answer follows that is not to be read there: a yes, a sum."""
    withheld: tuple[Evidence, ...] = ()
    """Where the answer stands that must not be given: in another tenant's documents, or above the asker's rights."""
    family: str = ""
    """Questions of one family ask the same and have the same gold."""
    near: tuple[str, ...] = ()
    """Questions that sound alike and have another answer: what a cache must not confuse."""
    drafted: bool = False
    """Written by a model and not yet reviewed by a person."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a planted value stands."""

    document: str
    start: int
    end: int
    form: Form = "plain"


@dataclass(frozen=True, slots=True)
class Planted:
    """One private value of an invented person, put into documents so that its leaking can be counted against truth."""

    id: str
    tenant: str
    kind: str
    """Such as `email`, `iban` or `salary`."""
    value: str
    """In its plain form."""
    places: tuple[Place, ...] = ()
    """All of them: the value stands nowhere else."""
    person: str = ""
    """Whose it is; values of one person share it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a question log: who asked what, and when."""

    id: str
    at: str
    """ISO 8601, UTC, to the second, such as 2026-10-01T08:15:30Z."""
    user: str
    text: str
    """As it was typed: a paraphrase of the question it names."""
    question: str
    """Whose gold answers it. Lines of one question, or of questions of one family, are the same question."""
    deferrable: bool = False
    """The answer may come hours later: work for a batch."""


@dataclass(frozen=True, slots=True)
class Workload:
    """Tenants, their documents, the questions and the gold. Made by `workbench.workload`."""

    name: str
    hash: str
    """SHA-256 over the canonical form of all records; two workloads with one hash give comparable runs."""
    tenants: tuple[Tenant, ...]
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]
    gold: dict[str, Gold] = field(default_factory=dict)
    """By question id. A question without an entry is asked and counted as unscored."""
    source: str = ""
    """Where the texts come from and under which licence, in a sentence."""
    users: tuple[User, ...] = ()
    planted: tuple[Planted, ...] = ()
    log: tuple[Asked, ...] = ()
    """In the order of time. Not part of `hash`: no run depends on it."""


# ---- recipe and backend: what every framework is given alike ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document that is embedded and retrieved as one."""

    id: str
    """`<document>#<start>-<end>`, unique in the workload for one chunking."""
    tenant: str
    document: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What every backend is given alike on the parity track."""

    model: str = "local/extractive"
    embedding_model: str = "local/minilm"
    embedding_dimensions: int = 384
    chunk_tokens: int | None = 200
    """Passage length in tokens of local/minilm; None: a document is one passage."""
    chunk_overlap: int = 40
    k: int = 5
    """Passages that go into the prompt, at most `RETRIEVAL_DEPTH`."""
    temperature: float = 0.0
    max_output_tokens: int = 256
    seed: int = 0
    # Not in the representation, which names the folders of experiments that were made before there was a choice.
    retrieval: Retrieval = field(default="dense", repr=False)
    """`workbench.backends.bm25` has the formulas. Parity: equal for all. Native: the framework's own BM25."""
    # As above.
    prompt: str = field(default="", repr=False)
    """Of the parity track, with `{context}` and `{question}`; empty: the one that all backends share."""
    # As above.
    reranker: str = field(default="", repr=False)
    """Model that puts the `RETRIEVAL_DEPTH` passages found first into its own order, of which the first k go into the
    prompt; empty: none does."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a backend's own OpenAI client finds the gateway."""

    base_url: str
    """Ends in /v1."""
    token: str
    """The run's bearer: the api_key of every client. It names the run even when every header is lost."""


@dataclass(frozen=True, slots=True)
class Source:
    """One retrieved passage, as the backend's framework returned it."""

    passage: Passage
    score: float
    """The framework's own score: cosine, inner product, 1/(1+L2²), BM25 or of ranks joined; the reranker's where there
    is one. Higher is better. Where it gives none: 1 / rank."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a backend answered."""

    text: str
    sources: tuple[Source, ...]
    """Best first, to `RETRIEVAL_DEPTH` where the tenant has that many passages, or that many that share a word."""
    used: int
    """How many of the sources, from the first, went into the prompt."""
    retrieval_seconds: float | None = None
    """Wall time of the search in the framework's stores, by vectors and by words, without embedding the question."""


# ---- run: what happened ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage as a run stores it: where it is, not what it says."""

    passage: str
    document: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a question has no answer."""

    kind: str
    """connection, refused, rate_limit, server, deadline, worker_died, worker_hung, collateral: infrastructure,
    tried again on resume. privacy: the gateway's policy refused the prompt; not tried again. recording_outdated:
    the recording that is replayed lacks a call; tried again too. backend: the framework raised; not tried again."""
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One question asked of one backend: the commit point of a run. Holds no text."""

    question: str
    tenant: str
    round: int
    attempt: str
    """The attempt that counts; calls with another attempt of the same question are spent, not scored."""
    failure: Failure | None = None
    hits: tuple[Hit, ...] = ()
    used: int = 0
    wall_seconds: float = 0.0
    """From the question reaching the backend to its reply, in the worker, as it really took."""
    cpu_seconds: float = 0.0
    """CPU of the worker process meanwhile, all threads."""
    retrieval_seconds: float | None = None
    in_flight: int = 1
    """Questions at once when it was asked; above 1 the times are not comparable."""
    position: int = 0
    """Place in the rotated order of backends for this question, 0 first."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request at the gateway."""

    id: str
    question: str
    """Empty: unattributed within the run (ingestion, or a framework that lost the headers)."""
    tenant: str
    attempt: str
    kind: CallKind
    model: str
    status: int
    """HTTP status that the backend was given."""
    error: str = ""
    retries: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    """Subset of input_tokens that the vendor served from its prefix cache."""
    output_tokens: int = 0
    reasoning_tokens: int = 0
    """Subset of output_tokens."""
    counted_by: str = ""
    """`upstream`, or the tokenizer that a local model was counted with."""
    texts: int = 0
    """Embeddings: texts in the request. Rerank: passages."""
    cache_hits: int = 0
    """Embeddings: texts that our cache answered; they are charged as if it had not."""
    truncated: int = 0
    """Embeddings: texts longer than the embedder reads."""
    seconds: float = 0.0
    """Charged: what the call takes with nothing of ours cached."""
    spent_seconds: float = 0.0
    """What it really took inside the gateway."""
    first_token_seconds: float | None = None
    """Streamed answers only: from the request's arrival to the first content."""
    usd: Decimal | None = Decimal(0)
    """Charged, as if uncached by us; None: unpriced."""
    spent_usd: Decimal | None = Decimal(0)
    finish: str = ""
    flags: tuple[str, ...] = ()
    """What the embedded reader wants known, such as `no_context`."""
    prompt_sha256: str = ""
    """Of the messages' text; equal on parity for all backends."""
    pii: dict[str, int] = field(default_factory=dict)
    """With --no-text only: kinds of PII seen in the prompt, counted by the gateway."""
