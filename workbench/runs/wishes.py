"""What a user asks of a run, in the words that command line and notebook share, in; its checked options out."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from workbench.gateway import key
from workbench.records import Recipe, Workload
from workbench.runs import options as choices
from workbench.runs.options import Options

DEFAULTS = Recipe()


def options(
    backends: str | Sequence[str] = "all",
    track: str = "parity",
    *,
    questions: int | None = None,
    k: int = DEFAULTS.k,
    chunk_tokens: int | None = DEFAULTS.chunk_tokens,
    overlap_tokens: int | None = None,
    retrieval: str = DEFAULTS.retrieval,
    out: str | Path | None = None,
    upstream: str = "",
    model: str = DEFAULTS.model,
    embedding_model: str = DEFAULTS.embedding_model,
    reranker: str = DEFAULTS.reranker,
    judge: str = "",
    price_as: str = "",
    rounds: int = 1,
    workers: int = 1,
    seed: int = 0,
    deadline: float = 120.0,
    text: bool = True,
    record: str | Path | None = None,
    replay: str | Path | None = None,
    real_time: bool = False,
    privacy: str = "off",
    budget_usd: str | float | Decimal | None = None,
) -> Options:
    """Options of a run, checked.

    Args:
        backends: names, or one text of them with commas; `all`.
        track: parity, native or both.
        questions: of `Options`, as is what has the same name there.
        k: passages in the prompt.
        chunk_tokens: of a passage; None: whole documents.
        overlap_tokens: of two passages that follow each other; None: a fifth, the default's share.
        retrieval: dense, bm25 or hybrid.
        out: the experiment's folder; None: `placed` chooses one.
        upstream: its key is the shell's, see `workbench.gateway.key`.
        model: that answers.
        embedding_model: that embeds.
        reranker: that orders the passages found; empty: none.
        judge: a model that judges the answers; empty: none.
        price_as: a model whose price tokens of local ones are given.
        rounds: ask everything so often.
        workers: questions at once.
        seed: of the questions' order and of sampling.
        deadline: seconds that a question may take.
        text: keep prompts, passages and answers.
        record: a file that every model call is added to.
        replay: a file that `record` wrote.
        real_time: wait as long as the replayed calls took.
        privacy: off, redact or reject.
        budget_usd: what the experiment may cost.

    Raises:
        BadInput: names the option, its value and what is allowed.
    """
    asked = Options(
        out=Path(out) if out is not None else Path(),
        backends=choices.choose_backends(backends if isinstance(backends, str) else ",".join(backends)),
        tracks=choices.choose_tracks(track),
        recipe=Recipe(
            model=model,
            embedding_model=embedding_model,
            chunk_tokens=chunk_tokens,
            chunk_overlap=choices.choose_overlap(overlap_tokens, chunk_tokens),
            k=k,
            seed=seed,
            retrieval=choices.choose_retrieval(retrieval),
            reranker=reranker,
        ),
        questions=questions,
        rounds=rounds,
        in_flight=workers,
        upstream=upstream,
        upstream_key=key.from_environment(),
        judge=judge,
        price_as=price_as,
        keep_text=text,
        deadline_seconds=deadline,
        record=_path(record),
        replay=_path(replay),
        real_time=real_time,
        privacy=privacy,
        budget_usd=choices.choose_budget(str(budget_usd)) if budget_usd is not None else None,
    )
    choices.check(asked)
    return asked


def placed(workload: Workload, asked: Options) -> Options:
    """The same options with a folder: without one, `runs/<workload>-<settings>`, which the same wishes find again."""
    if asked.out != Path():
        return asked
    name = f"{workload.name}-{choices.fingerprint(workload.hash, asked)}"
    return choices.placed(asked, Path("runs", name))


def _path(named: str | Path | None) -> Path | None:
    return None if named is None else Path(named)
