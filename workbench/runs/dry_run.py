"""A command comes in, what it will come to goes out, as lines of 100 columns and as plain values. Nothing is sent.

Only reads: a folder that holds the experiment already is looked at for what is left to do.
"""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from workbench import prices
from workbench.errors import BadInput
from workbench.gateway import key
from workbench.models.minilm import TOKENIZER
from workbench.nouns import counted
from workbench.prices import LOCAL
from workbench.records import RETRIEVAL_DEPTH, Workload
from workbench.runs import accounts, pace, recordings, resuming, selection
from workbench.runs.accounts import money
from workbench.runs.amount import Amount, together
from workbench.runs.budget import spent
from workbench.runs.estimate import REMOTE_OUTPUT, REMOTE_REASONED, TOKENIZER_MOST, Estimate, estimate
from workbench.runs.options import Options, check
from workbench.runs.reckoning import warning
from workbench.runs.store import Experiment


@dataclass(frozen=True, slots=True)
class Forecast:
    """One command, before anything is sent."""

    estimate: Estimate
    """Of what is left to do."""
    options: Options
    at: date
    questions: int
    wanted: int
    """Questions, each counted once for every backend, track and round."""
    answered: int
    unjudged: int
    """Answers of an earlier command that are not judged yet."""
    spent_usd: Decimal
    """By earlier commands on the same experiment."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        content = accounts.of_estimate(self.estimate, self.at)
        sums = accounts.totals(content)
        return {
            "estimate": content | {"stages": dict(self.estimate.seconds)},
            "total": sums | {name: None if sums[name] is None else f"{sums[name]:f}" for name in ("usd", "most_usd")},
            "wanted": self.wanted,
            "answered": self.answered,
            "unjudged": self.unjudged,
            "spent_usd": f"{self.spent_usd:f}",
            "rests_on": list(_rests_on(self)),
        }


def forecast(workload: Workload, options: Options) -> Forecast:
    """Say what a command will come to.

    Args:
        workload: loaded and checked.
        options: what to do; what `out` holds already is not done again.

    Raises:
        BadInput: as `runner.run` would raise it.
    """
    check(options)
    if not workload.questions:
        raise BadInput(f"workload {workload.name} has no questions; add questions.jsonl and gold.jsonl")
    experiment = Experiment(options.out)
    resuming.refuse_foreign(experiment, workload, options, recordings.tie(options))
    questions = selection.order(workload.questions, options.recipe.seed)[: options.questions]
    left = resuming.left(experiment, options, questions)
    wanted = len(options.tracks) * len(options.backends) * len(questions) * options.rounds
    return Forecast(
        estimate=estimate(workload, options, left),
        options=options,
        at=datetime.now(UTC).date(),
        questions=len(questions),
        wanted=wanted,
        answered=wanted - sum(map(len, left.asked.values())),
        unjudged=sum(map(len, left.judged.values())),
        spent_usd=spent(experiment),
    )


def lines(forecast: Forecast, workload: Workload) -> Iterable[Any]:
    """A forecast for a terminal of 100 columns: a table, and what it rests on.

    Args:
        forecast: of `forecast`.
        workload: the same.
    """
    options, left = forecast.options, forecast.wanted - forecast.answered
    yield (
        f"[bold]{escape(workload.name)}[/bold]  {forecast.questions} of "
        f"{counted(len(workload.questions), 'question')}, "
        f"{left} of {forecast.wanted} still to ask"
        + (f", {counted(forecast.unjudged, 'answer')} to judge" if forecast.unjudged else "")
        + "; nothing was sent"
    )
    named = (options.recipe.model, options.recipe.embedding_model, options.recipe.reranker, options.judge)
    models = [model for model in dict.fromkeys(named) if model]
    yield f"models    {', '.join(models)}"
    for model in models:
        if not options.replay and prices.lookup(model, at=forecast.at) is None:
            said = f"{prices.unknown(model)}: what it costs cannot be told, nor limited by a budget"
            yield f"[bold]unpriced  {escape(said)}[/bold]"
    if options.upstream and not options.upstream_key:
        yield f"[bold]key       {key.MISSING}[/bold]"
    if not forecast.estimate.cells:
        yield "everything is answered already: the same command without --dry-run shows it and asks nothing"
        return
    yield ""
    yield _table(forecast)
    stages = ", ".join(f"{name} {seconds:.0f}" for name, seconds in forecast.estimate.seconds.items())
    yield f"\ntime      about {_duration(sum(forecast.estimate.seconds.values()))} ({stages} s)"
    if forecast.spent_usd:
        yield f"spent     {money(forecast.spent_usd)} USD so far, by earlier commands on this experiment"
    limit = options.budget_usd
    if limit is not None and (said := warning(forecast.estimate, limit, forecast.spent_usd)):
        yield f"[bold]budget    {said}[/bold]"
    for sentence in _rests_on(forecast):
        yield f"[dim]- {escape(sentence)}[/dim]"


def next_command(forecast: Forecast, words: Sequence[str]) -> str:
    """The command that does it, with a budget that will do where it costs something and names none.

    Args:
        forecast: of `forecast`.
        words: of the command, its program included.
    """
    wanted = [word for word in words if word != "--dry-run"]
    usd = forecast.estimate.paid_at_most(forecast.estimate.amounts, forecast.at)
    if usd and forecast.options.budget_usd is None:
        wanted += ["--budget-usd", f"{_proposed(forecast.spent_usd + usd)}"]
    return shlex.join(wanted)


def _table(forecast: Forecast) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("cell", no_wrap=True)
    more = {"ranked": forecast.options.recipe.reranker, "judge": forecast.options.judge}
    heads = ["calls", "in", "out", "texts", "tokens"]
    heads += [head for name, model in more.items() if model for head in (name, "tokens")]
    for head in (*heads, "USD", "at most"):
        table.add_column(head, justify="right", no_wrap=True)
    found = forecast.estimate
    rows = [(cell.name, cell.chat, cell.embeddings, cell.rerank, cell.judge) for cell in found.cells]
    rows.append(("shared", together(found.probes), found.embeddings, Amount(""), Amount("")))
    for name, *amounts in rows:
        table.add_row(name, *_row(forecast, *([each] for each in amounts)))
    table.add_section()
    columns = list(zip(*(amounts for _, *amounts in rows), strict=True))
    # Chats of the probes are of two models: their money is added up apart from the others'.
    columns[0] = (*(cell.chat for cell in found.cells), *found.probes)
    table.add_row("total", *_row(forecast, *columns))
    return table


def _row(
    forecast: Forecast,
    chat: Iterable[Amount],
    embeddings: Iterable[Amount],
    rerank: Iterable[Amount],
    judge: Iterable[Amount],
) -> list[str]:
    kinds = [list(amounts) for amounts in (chat, embeddings, rerank, judge)]
    amounts, price_as = [amount for each in kinds for amount in each], forecast.options.price_as
    asked, embedded, ranked, ruled = map(together, kinds)
    usd = forecast.estimate.paid(amounts, forecast.at, price_as)
    most = forecast.estimate.paid_at_most(amounts, forecast.at, price_as)
    figures = [asked.calls, asked.input_tokens, asked.output_tokens, embedded.calls, embedded.input_tokens]
    if forecast.options.recipe.reranker:
        figures += [ranked.calls, ranked.input_tokens]
    if forecast.options.judge:
        figures += [ruled.calls, ruled.input_tokens + ruled.output_tokens]
    return [*map(_count, figures), money(usd), money(most)]


def _rests_on(forecast: Forecast) -> Iterable[str]:
    options, recipe = forecast.options, forecast.options.recipe
    remote = [
        model
        for model in (recipe.model, recipe.embedding_model, recipe.reranker, options.judge)
        if model and not model.startswith(LOCAL)
    ]
    embedded = "answers" if recipe.retrieval == "bm25" else "passages, questions and answers"
    yield (
        "calls: one for each question, one more a cell before the first, one to see that the model is there; texts: "
        f"{embedded} to embed, each once"
    )
    yield (
        f"input: k passages of the length that they have here, prompt and question, in tokens of {TOKENIZER}; measured "
        "on four workloads it was right to 14 % for each backend"
    )
    if remote:
        yield (
            "an upstream's own tokenizer counts differently: cl100k_base and o200k_base 0 to 5 % more over a whole "
            "run, 28 % less to 13 % more in one prompt; at most: the longest passages there are, and "
            f"{TOKENIZER_MOST:.2f} times the count"
        )
    if recipe.model not in remote:
        yield "output: as local/extractive answered on three workloads"
    else:
        yield (
            f"output: assumed {REMOTE_OUTPUT:.0f} tokens an answer, {REMOTE_REASONED:.0f} with dspy's reasoning; at "
            f"most: {recipe.max_output_tokens}, the limit that each call names"
        )
    if recipe.reranker:
        yield f"ranked: the question with each of the {RETRIEVAL_DEPTH} passages found, one call a question"
    if options.judge:
        yield "judge: ragas' prompts as counted, replies assumed; at most 1,024 tokens each"
    if "native" in options.tracks:
        yield "native: each framework's documented splitter, prompt and k on these documents"
    if options.replay:
        yield "a recording answers: nothing is sent and nothing is paid"
    elif options.price_as:
        yield f"USD: tokens of the local model priced as {options.price_as}: nothing is paid for them"
    elif remote:
        yield "USD: list prices without caches of the vendor; calls that fail and are tried again are not in it"
    else:
        yield "USD: local models are free"
    yield (
        "time: local work as measured on two cores"
        + (f"; an upstream's {pace.REMOTE_CHAT_SECONDS} s a call is assumed" if remote and not options.replay else "")
    )


def _count(number: int) -> str:
    if number < 10_000:
        return f"{number:,}"
    return f"{number / 1e3:,.0f} k" if number < 1_000_000 else f"{number / 1e6:,.1f} M"


def _proposed(usd: Decimal) -> Decimal:
    """The next amount of two digits: 0.0123 gives 0.013."""
    return usd.quantize(Decimal(1).scaleb(usd.adjusted() - 1), ROUND_CEILING).normalize() + 0


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"
