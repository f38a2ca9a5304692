"""A saved run comes in, a scenario with its tokens, service time and model goes out, each with its sample size.

What is taken over is the mean per question; its uncertainty is the spread over questions divided by the square root of
their number, so that a bill on 20 questions shows a wide interval.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import fmean, stdev
from typing import NamedTuple

from workbench import nouns, prices, rates
from workbench.errors import BadInput
from workbench.planning.scenario import Input, Measured, Scenario
from workbench.planning.settings import resolved
from workbench.prices import Price
from workbench.records import Answer, Call, Track
from workbench.runs.store import Experiment, Run
from workbench.scores.latency import counted_calls
from workbench.scores.rounds import by_question

FEWEST = 2
"""Questions below which nothing is known about how sure a mean is."""


class Asked(NamedTuple):
    """One answer's use of models."""

    input_tokens: float
    output_tokens: float
    """Visible."""
    reasoning_tokens: float
    embedding_tokens: float
    seconds: float
    """Charged time of its chat calls."""
    usd: Decimal | None


def run_of(folder: Path, backend: str, track: Track = "parity") -> Run:
    """One run of an experiment's folder.

    Raises:
        BadInput: no experiment there, or no such run in it; names those that there are.
    """
    runs = {run.cell: run for run in Experiment.open(folder).runs()}
    wanted = f"{backend}-{track}"
    if wanted not in runs:
        known = ", ".join(f"{cell.rpartition('-')[0]} {cell.rpartition('-')[2]}" for cell in runs) or "none yet"
        raise BadInput(f"--from-run {folder}: no run of --backend {backend} --track {track}; there are: {known}")
    return runs[wanted]


def from_run(run: Run, *, base: Scenario | None = None, model: str = "") -> Scenario:
    """A scenario on what a run measured; demand, infrastructure and levers stay those of the base.

    Args:
        run: of one workload, backend and track.
        base: everything that a run cannot know; None: the shipped scenario `today`.
        model: whose list price the tokens get; empty: the run's own model, or for a local one the `--price-as` that
            the experiment was run with.

    Raises:
        BadInput: fewer than 2 answered questions, or a local model and no model to price its tokens as.
    """
    base = base or Scenario.load("today")
    identity, about = run.identity(), Experiment(run.folder.parents[1]).about()
    answers = tuple(run.answers().values())
    answered = [each for each in answers if not each.failure]
    calls = tuple(run.calls())
    named = model or _model(run, identity.recipe.model, str(about.get("price_as") or ""))
    price = prices.lookup(named)
    counted = counted_calls(answered, calls)
    used = [(each.question, _asked(counted[each.attempt], price)) for each in answered]
    questions = {name for name, _ in used}
    if len(questions) < FEWEST:
        few = nouns.counted(len(questions), "answered question says", "answered questions say")
        raise BadInput(f"{run.folder}: {few} nothing about how sure their mean is; run at least {FEWEST}, better 100")
    where = f"measured in {run.folder.parents[1].name} {identity.backend} {identity.track}"
    inputs = dict(base.inputs)
    for name, field in _TAKEN.items():
        values = list(by_question((question, getattr(each, field)) for question, each in used).values())
        inputs[name] = _input(values, f"{where} (n={len(values)})")
    whole_prompt = f"{where}: the prompt was counted whole"
    inputs["tokens.prefix"] = replace(inputs["tokens.prefix"], value=Decimal(0), cv=Decimal(0), source=whole_prompt)
    inputs["infrastructure.embedding_usd_per_mtok"] = _embedding_price(identity.recipe.embedding_model)
    costs = list(
        by_question((question, None if each.usd is None else float(each.usd)) for question, each in used).values()
    )
    whole = price is not None and len(costs) == len(questions)
    workload = about["workload"]["name"]
    return replace(
        base,
        name=f"{workload} {identity.backend} {identity.track}",
        title=f"tokens and times measured on {workload}; demand, infrastructure and levers of {base.name}",
        note="",
        historical=False,
        inputs=inputs,
        models={**base.models, named: resolved(named, base.start_month)},
        strong=named,
        measured=Measured(
            f"{run.folder.parents[1]} {run.cell}",
            workload,
            identity.backend,
            identity.track,
            len(questions),
            _decimal(fmean(costs)) if whole else None,
            _cv(costs) if whole else Decimal(0),
            named if price is None else f"{price.model} ({price.source}, {price.at})",
            (*_stand_in(identity.recipe.model, named), *_ranking(identity.recipe.reranker), *_warnings(answers, calls)),
        ),
    )


_TAKEN = {
    "tokens.dynamic": "input_tokens",
    "tokens.output": "output_tokens",
    "tokens.reasoning": "reasoning_tokens",
    "infrastructure.embedding_tokens": "embedding_tokens",
    "load.service_seconds": "seconds",
}
"""Input -> what it is the mean of."""


def _model(run: Run, own: str, price_as: str) -> str:
    if not rates.local(own):
        return own
    if price_as and not rates.local(price_as):
        return price_as
    raise BadInput(
        f"{run.folder}: its model {own} is free of charge, and nobody would answer 9 million queries a month for free; "
        "name the model whose price stands for it by --set prices.model=MODEL, or run again with --price-as MODEL"
    )


def _stand_in(own: str, named: str) -> Sequence[str]:
    if own == named:
        return ()
    return (f"lengths of answers and service times are those of {own}, only the price is {named}'s",)


def _ranking(reranker: str) -> Sequence[str]:
    if not reranker:
        return ()
    return (
        f"the reranker {reranker} is in the measured USD per question and in no line of the bill: add what it costs",
    )


def _asked(calls: Sequence[Call], price: Price | None) -> Asked:
    chat = [call for call in calls if call.kind == "chat"]
    reasoning = sum(call.reasoning_tokens for call in chat)
    return Asked(
        sum(call.input_tokens for call in chat),
        sum(call.output_tokens for call in chat) - reasoning,
        reasoning,
        sum(call.input_tokens for call in calls if call.kind == "embeddings"),
        sum(call.seconds for call in chat),
        _usd(calls, price),
    )


def _usd(calls: Sequence[Call], price: Price | None) -> Decimal | None:
    total = Decimal(0)
    for call in calls:
        usd = call.usd
        if call.kind == "chat" and rates.local(call.model):
            usd = price.cost(call.input_tokens, call.output_tokens, call.cached_tokens) if price else None
        if usd is None:
            return None
        total += usd
    return total


def _input(values: Sequence[float], source: str) -> Input:
    return Input(_decimal(fmean(values)), source, _cv(values), n=len(values))


def _cv(values: Sequence[float]) -> Decimal:
    """Of the mean: the spread over questions by the square root of their number, over the mean."""
    mean = fmean(values)
    return _decimal(stdev(values) / len(values) ** 0.5 / mean) if mean else Decimal(0)


def _decimal(value: float) -> Decimal:
    # Nine digits are more than any sample can tell, and keep a scenario file readable.
    return Decimal(f"{value:.9g}") + 0


def _embedding_price(model: str) -> Input:
    if rates.local(model):
        return Input(Decimal(0), f"measured: {model} runs on one's own machines")
    price = prices.lookup(model)
    if price is None:
        return Input(Decimal(0), f"assumption: no price of {model} is known")
    return Input(price.input_usd_per_mtok, f"list price, {price.source}, looked up {datetime.now(UTC):%Y-%m-%d}")


def _warnings(answers: Sequence[Answer], calls: Sequence[Call]) -> Sequence[str]:
    failed = sum(each.failure is not None for each in answers)
    lost = sum(not call.question for call in calls)
    cached = sum(call.cached_tokens for call in calls)
    most = max((each.in_flight for each in answers), default=1)
    told = (
        (failed, f"{failed} of {nouns.counted(len(answers), 'answer')} failed: they are in no mean"),
        (
            lost,
            f"{nouns.counted(lost, 'call of the run names', 'calls of the run name')} no question (indexing, or a "
            "framework's own thread): they are in no mean",
        ),
        (
            cached,
            f"the vendor served {cached:,} input tokens from its prefix cache: the bill reckons without, unless set",
        ),
        (most > 1, f"up to {most} questions were asked at once: the service time holds for that load only"),
    )
    return [sentence for applies, sentence in told if applies]
