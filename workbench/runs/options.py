"""What a run is asked to do, checked by name, value and allowed range before anything starts."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from workbench import backends, prices
from workbench.errors import BadInput
from workbench.gateway.settings import PRIVACY
from workbench.records import RETRIEVAL_DEPTH, RETRIEVALS, TRACKS, Recipe, Retrieval, Track

LEAST_USD, MOST_USD = Decimal("0.000001"), Decimal(1_000_000_000)
"""Of a budget. A typing slip such as 1e999 would be as long in every sentence on it."""


@dataclass(frozen=True, slots=True)
class Options:
    """One `workbench run`."""

    out: Path
    backends: tuple[str, ...] = backends.NAMES
    tracks: tuple[Track, ...] = ("parity",)
    recipe: Recipe = Recipe()
    questions: int | None = None
    """A seeded prefix, spread evenly over the tenants; None: all."""
    rounds: int = 1
    in_flight: int = 1
    """Questions at once; above 1 the latencies are not comparable."""
    upstream: str = ""
    """Base address of an OpenAI-compatible server; empty: embedded models only."""
    upstream_key: str = field(default="", repr=False)
    judge: str = ""
    price_as: str = ""
    keep_text: bool = True
    deadline_seconds: float = 120.0
    """A worker that has not answered by then is replaced."""
    record: Path | None = None
    """Every model call and its answer is added to this file."""
    replay: Path | None = None
    """A file that `record` wrote, which answers in place of remote models; nothing is sent anywhere."""
    real_time: bool = False
    """Wait as long for a replayed call as it took; else its time is only counted."""
    privacy: str = "off"
    """What the gateway does with personal data that it detects in chats: off, redact or reject."""
    budget_usd: Decimal | None = None
    """What the experiment may cost, earlier calls of it included; the run stops before it is passed. None: anything."""


def choose_backends(named: str) -> tuple[str, ...]:
    """Backends of a comma-separated list, or `all`, the control first.

    Raises:
        BadInput: an unknown or empty name.
    """
    wanted = [name.strip() for name in named.split(",")]
    if wanted == ["all"]:
        return backends.NAMES
    known = backends.known()
    for name in wanted:
        if name not in known:
            raise BadInput(f"--backends {named}: unknown backend {name!r}; choose from {', '.join(known)}, all")
    return tuple(name for name in known if name in wanted)


def choose_tracks(named: str) -> tuple[Track, ...]:
    """One track or `both`.

    Raises:
        BadInput: an unknown name.
    """
    if named == "both":
        return TRACKS
    for track in TRACKS:
        if named == track:
            return (track,)
    raise BadInput(f"--track {named}: unknown track; choose parity, native or both")


def choose_chunk(named: str) -> int | None:
    """Tokens of a passage, or None for `none`.

    Raises:
        BadInput: neither `none` nor a whole number of 1 or more.
    """
    if named == "none":
        return None
    try:
        tokens = int(named)
    except ValueError:
        tokens = 0
    if tokens < 1:
        raise BadInput(f"--chunk {named}: give a number of tokens of 1 or more, or none for whole documents")
    return tokens


def choose_overlap(tokens: int | None, chunk: int | None) -> int:
    """Tokens that two passages which follow each other share.

    Args:
        tokens: None: a fifth of the passage, the default's share, 40 of 200.
        chunk: of the passage; None: whole documents, which share none.

    Raises:
        BadInput: negative, or as long as the passage.
    """
    if chunk is None:
        return 0
    if tokens is None:
        return chunk // 5
    if not 0 <= tokens < max(1, chunk):
        raise BadInput(f"--overlap {tokens}: give 0 or more, and less than the {chunk} tokens of a passage")
    return tokens


def choose_retrieval(named: str) -> Retrieval:
    """How passages are found.

    Raises:
        BadInput: an unknown name.
    """
    for retrieval in RETRIEVALS:
        if named == retrieval:
            return retrieval
    raise BadInput(f"--retrieval {named}: unknown; choose {', '.join(RETRIEVALS)}")


def choose_budget(named: str) -> Decimal:
    """USD of a text.

    Raises:
        BadInput: no amount, or none that anybody means.
    """
    try:
        usd = Decimal(named)
    except ArithmeticError:
        usd = Decimal(0)
    if not usd.is_finite() or not LEAST_USD <= usd <= MOST_USD:
        raise BadInput(f"--budget-usd {named}: give {LEAST_USD:f} to {MOST_USD:f} USD, such as 5.00")
    return usd


def check(options: Options) -> None:
    """Refuse values out of range.

    Raises:
        BadInput: names the option, its value and what is allowed.
    """
    recipe = options.recipe
    if not 1 <= recipe.k <= RETRIEVAL_DEPTH:
        raise BadInput(f"--k {recipe.k}: give 1 to {RETRIEVAL_DEPTH}, the depth that retrieval is scored to")
    at_least: Sequence[tuple[str, int | None]] = (
        ("--chunk", recipe.chunk_tokens),
        ("--questions", options.questions),
        ("--rounds", options.rounds),
        ("--workers", options.in_flight),
    )
    for name, value in at_least:
        if value is not None and value < 1:
            raise BadInput(f"{name} {value}: give 1 or more")
    if options.privacy not in PRIVACY:
        raise BadInput(f"--privacy {options.privacy}: unknown; choose {', '.join(PRIVACY)}")
    if not 0 < options.deadline_seconds < float("inf"):
        raise BadInput(f"--deadline {options.deadline_seconds:g}: give seconds above 0")
    _check_retrieval(options)
    _check_reranker(options)
    _check_recording(options)
    _check_models(options)
    _check_budget(options)


def _check_retrieval(options: Options) -> None:
    retrieval = choose_retrieval(options.recipe.retrieval)
    without = [name for name in options.backends if name not in backends.BY_WORDS]
    if retrieval != "dense" and without:
        raise BadInput(
            f"--retrieval {retrieval}: {' and '.join(without)} cannot find passages by words; give "
            f"--backends {','.join(backends.BY_WORDS)}, or some of them"
        )


def _check_reranker(options: Options) -> None:
    reranker = options.recipe.reranker
    if not reranker:
        return
    without = [name for name in options.backends if name not in backends.RERANKS]
    if without:
        raise BadInput(
            f"--reranker {reranker}: {' and '.join(without)} cannot rerank; give "
            f"--backends {','.join(backends.RERANKS)}"
        )
    if reranker.startswith("local/") or not reranker.strip():
        raise BadInput(f"--reranker {reranker}: none is embedded; name one that the --upstream serves, or leave it out")


def _check_recording(options: Options) -> None:
    record, replay = options.record, options.replay
    if record and replay:
        raise BadInput(f"--record {record}: what is replayed from {replay} is recorded already; leave one of them out")
    if replay and options.upstream:
        raise BadInput(f"--replay {replay}: asks no --upstream; leave one of them out")
    if options.real_time and not replay:
        raise BadInput("--real-time: waits as long as a recording says; give it as --replay FILE")
    if record and not options.keep_text:
        raise BadInput(f"--record {record}: keeps the models' answers, which --no-text forbids; leave one of them out")


def _check_models(options: Options) -> None:
    upstream, recipe = options.upstream, options.recipe
    if upstream:
        try:
            address = urlsplit(upstream)
        except ValueError:
            address = urlsplit("")
        if address.scheme not in ("http", "https") or not address.hostname:
            raise BadInput(f"--upstream {upstream}: give an address such as https://api.openai.com/v1")
        if address.username or address.password:
            raise BadInput("--upstream: an address may hold no password; put the key into OPENAI_API_KEY")
        models = (recipe.model, recipe.embedding_model, recipe.reranker, options.judge)
        if not any(model and not model.startswith("local/") for model in models):
            raise BadInput(f"--upstream {upstream}: no model to ask there; name it by --model")
    for option, model in (("--model", recipe.model), ("--embedding-model", recipe.embedding_model)):
        if not model.strip():
            raise BadInput(f"{option}: is empty; name a model, or leave the option out")
    for option, model in (
        ("--model", recipe.model),
        ("--embedding-model", recipe.embedding_model),
        ("--reranker", recipe.reranker),
        ("--judge", options.judge),
    ):
        if model and not model.startswith("local/") and not upstream and not options.replay:
            raise BadInput(f"{option} {model}: needs --upstream URL; without it only local/ models are there")
    price = prices.lookup(options.price_as) if options.price_as else None
    if options.price_as and (price is None or price.output_usd_per_mtok is None):
        raise BadInput(f"--price-as {options.price_as}: no chat model of the price list; name one such as gpt-4o-mini")
    if options.judge and not options.keep_text:
        raise BadInput("--judge: needs the answers' texts, which --no-text does not keep")


def _check_budget(options: Options) -> None:
    """What cannot be counted cannot be limited; what is replayed costs nothing."""
    usd, recipe = options.budget_usd, options.recipe
    if usd is None or options.replay:
        return
    for model in (recipe.model, recipe.embedding_model, recipe.reranker, options.judge):
        if model and prices.lookup(model) is None:
            raise BadInput(
                f"--budget-usd {usd:f}: {prices.unknown(model)}, so that nobody can count what it spends; "
                "leave --budget-usd out, or name a model that is listed"
            )


def placed(options: Options, folder: Path) -> Options:
    """The same options with another folder."""
    return replace(options, out=folder)


def fingerprint(workload_hash: str, options: Options) -> str:
    """Names the default folder, so that the same command finds its experiment again and another command another."""
    settings: tuple[Any, ...] = (
        workload_hash,
        options.recipe,
        options.upstream,
        options.judge,
        options.keep_text,
    )
    if options.record or options.replay:
        settings = (*settings, str(options.record), str(options.replay))
    if options.privacy != "off":
        settings = (*settings, options.privacy)
    if options.recipe.retrieval != "dense":
        settings = (*settings, options.recipe.retrieval)
    if options.recipe.reranker:
        settings = (*settings, "reranker", options.recipe.reranker)
    return hashlib.sha256(repr(settings).encode()).hexdigest()[:8]
