"""A sweep that was planned comes in, what it will come to at the most goes out. Nothing is sent or written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from rich.markup import escape

from workbench.nouns import counted
from workbench.prices import LOCAL
from workbench.runs.accounts import money
from workbench.runs.amount import Amount, together, total_usd
from workbench.runs.estimate import Estimate, Left, estimate
from workbench.sweeping.bench import chunking
from workbench.sweeping.race import SPREAD
from workbench.sweeping.sweep import Plan
from workbench.verdicts.wording import short


@dataclass(frozen=True, slots=True)
class Forecast:
    """One sweep, before anything is sent, as if no candidate were stopped."""

    candidates: int
    chunkings: int
    """That are embedded, each once."""
    picking: int
    held_out: int
    looks: tuple[int, ...]
    calls: int
    input_tokens: int
    output_tokens: int
    texts: int
    """Embedded: passages of each chunking, questions and answers, each once."""
    usd: Decimal | None
    """Expected; None: a model has no price."""
    most_usd: Decimal | None
    seconds: float
    detectable: float
    """True difference to the leader that the last look shows with a power of 80 %."""
    at: date

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {name: None if plain[name] is None else f"{plain[name]:f}" for name in ("usd", "most_usd")}


def forecast(asked: Plan) -> Forecast:
    """Say what a sweep will come to if nothing is stopped.

    Args:
        asked: of `workbench.sweeping.sweep.plan`.
    """
    at = datetime.now(UTC).date()
    picking, held_out = list(asked.split.picking), list(asked.split.held_out)
    chats: list[Amount] = []
    embeddings: list[Amount] = []
    seconds: dict[str, float] = {}
    costs: list[tuple[Estimate, list[Amount]]] = []
    seen: set[tuple[str, object]] = set()
    for place, each in enumerate(asked.found):
        options = asked.options[each.name]
        # Picked and baseline are asked the other half too: the first two stand for them.
        questions = [*picking, *(held_out if place < 2 else [])]
        name = f"{options.backends[0]}-{options.tracks[0]}"
        found = estimate(asked.workload, options, Left({name: questions}, {}))
        key = (each.recipe.embedding_model, chunking(each.recipe))
        shared = [] if key in seen or each.recipe.retrieval == "bm25" else [found.embeddings]
        own = [amount for cell in found.cells for amount in (cell.chat, cell.embeddings, cell.rerank)]
        chats += [amount for cell in found.cells for amount in (cell.chat, cell.rerank)]
        embeddings += [*shared, *(cell.embeddings for cell in found.cells)]
        costs.append((found, [*own, *shared]))
        for stage, took in found.seconds.items():
            once = stage in ("starting", "judging") or (stage == "embedding and indexing" and not shared)
            seconds[stage] = max(seconds.get(stage, 0.0), took) if once else seconds.get(stage, 0.0) + took
        seen.add(key)
    chat, texts = together(chats), together(embeddings)
    return Forecast(
        candidates=len(asked.found),
        chunkings=len({key for key in seen if key}),
        picking=len(picking),
        held_out=len(held_out),
        looks=tuple(asked.looks),
        calls=chat.calls,
        input_tokens=chat.input_tokens,
        output_tokens=chat.output_tokens,
        texts=texts.calls,
        usd=total_usd(found.paid(amounts, at) for found, amounts in costs),
        most_usd=total_usd(found.paid_at_most(amounts, at) for found, amounts in costs),
        seconds=sum(seconds.values()),
        detectable=asked.rule.detectable(len(picking)),
        at=at,
    )


def lines(found: Forecast, asked: Plan) -> Iterable[str]:
    """A forecast for a terminal.

    Args:
        found: of `forecast`.
        asked: the same plan.
    """
    options = next(iter(asked.options.values()))
    yield (
        f"[bold]{escape(asked.workload.name)}[/bold]  {counted(found.candidates, 'candidate')} of "
        f"{options.backends[0]}, looks after {', '.join(map(str, found.looks))} of {found.picking} questions, picked "
        f"confirmed on {found.held_out}; nothing was sent"
    )
    for each in asked.found:
        yield f"  {escape(each.name)}{' (baseline)' if each is asked.baseline else ''}"
    yield (
        f"at most   {counted(found.calls, 'call')}, {found.input_tokens:,} tokens in and {found.output_tokens:,} out, "
        f"{counted(found.texts, 'text')} embedded ({counted(found.chunkings, 'chunking')} once each)"
    )
    yield f"USD       {money(found.usd)} expected if none is stopped, {money(found.most_usd)} at the most"
    yield f"time      about {found.seconds:,.0f} s if none is stopped"
    yield tells(found.detectable, found.picking, asked.metric)
    if options.budget_usd is not None and found.usd is not None and found.usd > options.budget_usd:
        yield f"[bold]budget    less than is expected if none is stopped: {options.budget_usd:f} USD[/bold]"
    if all(each.recipe.model.startswith(LOCAL) for each in asked.found):
        yield "[dim]- local models are free[/dim]"


def tells(detectable: float, questions: int, metric: str) -> str:
    """What so many questions can show of a metric."""
    return (
        f"can tell  a true difference of {short(min(1.0, detectable))} in {metric} from the leader is shown by "
        f"{counted(questions, 'question')} with a power of 80 % (a spread of {short(SPREAD)} by question assumed)"
    )
