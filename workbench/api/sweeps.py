"""A workload and a grid in; the best recipe, confirmed on questions that it was not picked on, out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.api.shown import Shown, frame, page
from workbench.api.words import in_python
from workbench.api.workloads import given

if TYPE_CHECKING:
    import pandas

    from workbench.api.experiments import Experiment
    from workbench.exhibits.exhibit import Exhibit
    from workbench.records import Workload
    from workbench.runs.progress import Progress
    from workbench.sweeping.result import Result


class Sweep(Shown):
    """Every candidate of a grid, who was picked, and what held on questions not picked on.

    Source: `workbench.sweeping`, as `workbench sweep` prints it.
    """

    def __init__(self, result: Result) -> None:
        self.result = result
        """All figures as a dataclass."""

    @property
    def picked(self) -> Mapping[str, Any]:
        """The picked candidate's values of the grid's fields; empty: a budget ended the sweep before."""
        return self.result.row(self.result.picked).settings if self.result.picked else {}

    @property
    def verdict(self) -> str:
        """What came out, in one sentence."""
        from workbench.sweeping import words

        return words.verdict(self.result)

    @property
    def df(self) -> pandas.DataFrame:
        """One row a candidate, in the grid's order, on the questions that candidates are picked on.

        Columns: candidate, one for each field of the grid, standing (picked, as good, behind, worse), baseline, asked
        (questions), stopped_at (questions; NaN: it stayed), score (of the sweep's metric, 0 to 1) with `_low` and
        `_high` of its 95 % interval, recall@5, difference (to the leader of its last look) with its ends at the
        rule's level, tokens (in and out of a question), usd_per_1000, p50_ms, failed, folder.
        """
        from workbench.sweeping import table

        return frame(table.rows(self.result))

    @property
    def figure(self) -> Exhibit:
        """Score against cost; who was stopped is hollow."""
        from workbench.exhibits.sweep import sweep as drawn

        return drawn(self.to_dict(), self.verdict)

    def experiment(self, candidate: str = "") -> Experiment:
        """One candidate's answers, as `wb.open` gives them.

        Args:
            candidate: its name, as in `df`; empty: the picked one.

        Raises:
            BadInput: no candidate has that name.
        """
        from workbench.api.experiments import open
        from workbench.errors import BadInput

        name = candidate or self.result.picked
        for row in self.result.rows:
            if row.name == name:
                return open(row.folder)
        raise BadInput(f"--candidate {name!r}: none has that name; `df` has them")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as `workbench sweep --json` writes them."""
        return self.result.to_dict()

    def _headline(self) -> str:
        return self.verdict

    def _lines(self) -> Iterable[Any]:
        from workbench.sweeping import table

        return table.lines(self.result)

    def _repr_html_(self) -> str:
        from workbench.sweeping import table, words

        shown = self.figure
        return page(
            f"{self.result.workload}: {len(self.result.rows)} candidates",
            [self.verdict, *words.besides(self.result)],
            table.brief(self.result),
            shown.source,
        )


@in_python
def sweep(
    workload: Workload | str | Path,
    grid: Mapping[str, Sequence[Any]],
    *,
    backend: str = "plain",
    metric: str = "f1",
    baseline: Mapping[str, Any] | None = None,
    margin: float = 0.02,
    questions: int | None = None,
    tenants: Sequence[str] = (),
    model: str = "local/extractive",
    embedding_model: str = "local/minilm",
    reranker: str = "",
    upstream: str = "",
    price_as: str = "",
    workers: int = 1,
    seed: int = 0,
    deadline: float = 120.0,
    budget_usd: str | float | Decimal | None = None,
    out: str | Path | None = None,
    progress: bool | Progress = True,
) -> Sweep:
    """Find the best recipe of a grid; the same call again goes on where it ended.

    Candidates share one gateway and one worker: a chunking is embedded once for all of them, though each is charged
    what its calls cost cold. After 16, 32, 64 and so on questions whoever is shown worse than the leader leaves. The
    picked one is compared with the baseline on a half of the questions that nobody was picked on.

    Args:
        workload: loaded, or its folder.
        grid: values by field: chunk_tokens (None: whole documents), overlap_tokens, k, retrieval (dense, bm25,
            hybrid), prompt (texts with {context} and {question}); with an upstream also model, embedding_model and
            reranker (None: none); a column of pandas or numpy will do.
        backend: whose recipe is varied.
        metric: f1, right, exact_match, recall@5, recall@10, ndcg@10 or mrr@10.
        baseline: values of the candidate to beat; None: the defaults of `wb.run` where the grid holds them, else its
            first.
        margin: of the metric: how far behind the best a cheaper one may be measured, of those not shown worse.
        questions: so many, half to pick and half to confirm on, 32 or more; None: all.
        tenants: ids; none: all.
        model: that answers, unless the grid varies it.
        embedding_model: that embeds, unless the grid varies it.
        reranker: a model of the upstream's that orders the passages found, unless the grid varies it; empty: none.
        upstream: address of an OpenAI-compatible server; empty: nothing leaves this machine.
        price_as: price the tokens of local models as this model's.
        workers: questions at once; above 1 latencies are not comparable.
        seed: of the questions' order, of the halves and of sampling.
        deadline: seconds that a question may take.
        budget_usd: stop before the sweep has cost more, with everything saved.
        out: the sweep's folder, below which each candidate is an experiment; None: one that the same call finds again.
        progress: as of `wb.run`.

    Returns:
        The sweep: `verdict`, `picked`, `df`, `figure`, `experiment(name)`.

    Raises:
        BadInput: the grid or an option is wrong, the questions are too few, or the folder holds something else.
        Infrastructure: upstream, key, gateway, worker or disk, or a budget that is used up; what was answered is kept.
        KeyboardInterrupt: interrupted; the same call goes on.

    Source: `workbench.sweeping.sweep.run`; the rule is told in `workbench.sweeping.race`.
    """
    from workbench.api import progress as telling
    from workbench.errors import Stopped
    from workbench.runs.budget import Reached
    from workbench.sweeping import sweep as sweeping

    grid = {name: values.tolist() if hasattr(values, "tolist") else values for name, values in grid.items()}
    asked = sweeping.wanted(
        backend,
        grid,
        model=model,
        embedding_model=embedding_model,
        reranker=reranker,
        questions=questions,
        out=out,
        upstream=upstream,
        price_as=price_as,
        workers=workers,
        seed=seed,
        deadline=deadline,
        budget_usd=budget_usd,
    )
    plan = sweeping.plan(given(workload, tenants), grid, asked, metric_name=metric, baseline=baseline, margin=margin)
    try:
        with telling.chosen(progress) as told:
            found = sweeping.run(plan, told)
    except KeyboardInterrupt as error:
        raise Stopped(f"interrupted; run it again, and it goes on from what {plan.folder} holds") from error
    if found.stopped:
        raise Reached(found.stopped)
    return Sweep(found)
