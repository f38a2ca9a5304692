"""A workload and the wishes of a run in; what that will come to, before anything is sent, out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.api.shown import Shown, frame, page
from workbench.api.words import in_python
from workbench.api.workloads import given

if TYPE_CHECKING:
    import pandas

    from workbench.records import Workload
    from workbench.runs.dry_run import Forecast


_NOTHING = {"calls": 0, "input_tokens": 0, "output_tokens": 0, "usd": "0", "most_usd": "0"}


class Estimate(Shown):
    """What a run will come to; nothing was sent.

    Source: `workbench.runs.estimate`, which says beside each figure what it rests on.
    """

    def __init__(self, forecast: Forecast, workload: Workload) -> None:
        self.forecast, self._workload = forecast, workload
        """As `workbench run --dry-run` makes it."""
        self._plain = forecast.to_dict()

    @property
    def calls(self) -> int:
        """Chat calls of models, judges included."""
        return int(self._plain["total"]["calls"])

    @property
    def tokens(self) -> int:
        """Input and output tokens of these calls."""
        return int(self._plain["total"]["tokens"])

    @property
    def texts(self) -> int:
        """Texts to embed, each once."""
        return int(self._plain["total"]["texts"])

    @property
    def usd(self) -> Decimal | None:
        """What is expected to be paid, in USD; 0: local models; None: a model has no listed price."""
        return _usd(self._plain["total"]["usd"])

    @property
    def most_usd(self) -> Decimal | None:
        """What may be paid at the most, in USD, unless calls fail and are tried again; None: unpriced."""
        return _usd(self._plain["total"]["most_usd"])

    @property
    def seconds(self) -> float:
        """Wall time."""
        return float(self._plain["total"]["seconds"])

    @property
    def df(self) -> pandas.DataFrame:
        """One row a cell (backend and track), then what all share.

        Columns: backend, track, calls, input_tokens, output_tokens, texts, embedded_tokens, rerank_calls,
        rerank_tokens, judge_calls, judge_tokens,
        usd, most_usd (both Decimal; None: unpriced).
        """
        return frame(self._rows())

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as `workbench run --dry-run --json` writes them."""
        return self._plain

    def _rows(self) -> Iterable[dict[str, Any]]:
        content = self._plain["estimate"]
        for name, cell in [*content["cells"].items(), ("shared", content["shared"])]:
            backend, _, track = name.rpartition("-")
            chat, texts = cell["chat"], cell["embeddings"]
            rerank, judge = cell.get("rerank", _NOTHING), cell.get("judge", _NOTHING)
            yield {
                "backend": backend or name,
                "track": track if backend else "",
                "calls": chat["calls"],
                "input_tokens": chat["input_tokens"],
                "output_tokens": chat["output_tokens"],
                "texts": texts["calls"],
                "embedded_tokens": texts["input_tokens"],
                "rerank_calls": rerank["calls"],
                "rerank_tokens": rerank["input_tokens"],
                "judge_calls": judge["calls"],
                "judge_tokens": judge["input_tokens"] + judge["output_tokens"],
                **{money: _sum(part[money] for part in (chat, texts, rerank, judge)) for money in ("usd", "most_usd")},
            }

    def _headline(self) -> str:
        from workbench.nouns import counted
        from workbench.runs.accounts import money

        if not self.forecast.estimate.cells:
            return "everything is answered already; nothing is left to ask"
        most = "" if self.most_usd == self.usd else f", at most {money(self.most_usd)}"
        return (
            f"{counted(self.calls, 'call')}, {self.tokens:,} tokens, {counted(self.texts, 'text')} to embed, "
            f"{money(self.usd)} USD{most}, about {self.seconds:,.0f} s; nothing was sent"
        )

    def _lines(self) -> Iterable[Any]:
        from workbench.runs import dry_run

        return dry_run.lines(self.forecast, self._workload)

    def _repr_html_(self) -> str:
        title = f"What it will come to: {self._workload.name}"
        return page(title, [self._headline()], list(self._rows()), "; ".join(self._plain["rests_on"]))


@in_python
def estimate(
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
) -> Estimate:
    """Say calls, tokens, USD and time of a run before it is started. Sends and writes nothing.

    What the run's folder holds already is not counted: it is not asked again.

    Args:
        workload: loaded, or its folder.
        backends: as all that follows, of `wb.run`, so that the same call can be estimated and then run.
        track: parity, native or both.
        questions: so many, spread evenly over the tenants; None: all.
        tenants: ids; none: all.
        k: passages in the prompt, 1 to 10.
        chunk_tokens: of a passage, in tokens of local/minilm; None: whole documents.
        overlap_tokens: of passages that follow each other; None: a fifth.
        retrieval: dense (vectors), bm25 (words) or hybrid (both, by reciprocal rank fusion).
        model: that answers.
        embedding_model: that embeds.
        reranker: a model of the upstream's that orders the passages found; plain alone has one; empty: none.
        upstream: address of an OpenAI-compatible server; empty: embedded models only.
        judge: a model that judges the answers; empty: none.
        price_as: price the tokens of local models as this model's; nothing is paid for them.
        privacy: off, redact or reject.
        rounds: ask everything so often.
        workers: questions at once.
        seed: of the questions' order and of sampling.
        deadline: seconds that a question may take.
        text: keep prompts, passages and answers.
        record: a file that every model call is added to.
        replay: a recording that answers.
        real_time: wait as long as the recorded calls took.
        budget_usd: what the run may cost.
        out: the experiment's folder; None: the one that `wb.run` would choose.

    Returns:
        `calls`, `tokens`, `usd`, `seconds`, and `df` by backend and track.

    Raises:
        BadInput: an option is wrong, or the folder holds something else.

    Source: `workbench.runs.dry_run.forecast`, as `workbench run --dry-run` shows it.
    """
    from workbench.runs import dry_run, wishes

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
    return Estimate(dry_run.forecast(chosen, wishes.placed(chosen, asked)), chosen)


def _usd(amount: Any) -> Decimal | None:
    return None if amount is None else Decimal(amount)


def _sum(amounts: Iterable[Any]) -> Decimal | None:
    from workbench.runs.amount import total_usd

    return total_usd(map(_usd, amounts))
