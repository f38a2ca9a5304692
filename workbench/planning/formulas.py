"""The cost model's formulas, written once: inputs and prices come in, one month's costs go out, term by term.

Numbers are `Decimal` for a bill and float64 arrays for a simulation. Every cost is a quantity times a price and no
quantity is counted twice: cached and batch tokens are parts of the input, reasoning is a part of the output.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from workbench.planning.arithmetic import Arithmetic, Number
from workbench.planning.capacity import SECONDS_PER_DAY, Target, peak_factor
from workbench.planning.inputs import LEVERS
from workbench.rates import Classes

HOURS_PER_DAY = 24
KB_PER_GB = 1_000_000
MTOK = 1_000_000


class Role(NamedTuple):
    """A model in the part it plays."""

    model: str
    weak: bool
    token_weight: Number
    """Part of the tokens that its tenants send; the strong models' weights add up to 1."""
    call_weight: Number
    """Part of the calls."""
    classes: Classes
    """In the numbers reckoned with."""
    min_prefix_tokens: Number


class Term(NamedTuple):
    """A quantity of one class and what it costs."""

    kind: str
    model: str
    weak: bool
    quantity: Number
    usd_per_mtok: Number

    @property
    def usd(self) -> Number:
        """Its cost."""
        return self.quantity * self.usd_per_mtok / MTOK


class Costs(NamedTuple):
    """One month."""

    queries: Number
    hits: Number
    """Answers from the response cache."""
    wrong_answers: Number
    interactive_calls: Number
    """Queries that a model answers while somebody waits."""
    terms: Sequence[Term]
    """Of the LLM bill, before quick levers."""
    requests_usd: Number
    """Per-call charges of vendor and router."""
    quick_usd: Number
    """What levers known as percentages take off: 0 or less."""
    infrastructure: Mapping[str, Number]
    cache: Number
    support: Number
    staff: Number

    @property
    def llm(self) -> Number:
        """C_llm."""
        return _sum(term.usd for term in self.terms) + self.requests_usd + self.quick_usd

    @property
    def infrastructure_usd(self) -> Number:
        """C_infrastructure."""
        return _sum(self.infrastructure.values())

    @property
    def total(self) -> Number:
        """C."""
        return self.llm + self.cache + self.infrastructure_usd + self.support + self.staff


def costs(values: Mapping[str, Any], roles: Sequence[Role], kit: Arithmetic) -> Costs:
    """One month's costs.

    Args:
        values: every input by name, numbers in the kit's kind.
        roles: strong models, and the weak one where anything is routed.
        kit: exact or in draws.
    """
    v, one = values, kit.number(Decimal(1))
    queries = v["demand.daily_users"] * v["demand.queries_per_user"] * v["demand.days"] * (one + v["demand.retry"])
    deferred = queries * v["channels.deferrable"]
    interactive = queries - deferred
    usable = v["response_cache.applicable"] * v["response_cache.hit_rate"]
    hits = interactive * usable
    asked_again = v["response_cache.false_hits"] * v["response_cache.reask"]
    calls = interactive * (one - usable * (one - asked_again))
    deferred_calls = deferred * (one - v["response_cache.batch_duplicates"])
    batched = deferred_calls * kit.share(v["batch.share"], v["channels.deferrable"])
    direct = calls + deferred_calls - batched
    terms = list(_terms(v, roles, direct, batched, kit))
    requests = (direct + batched) * v["routing.router_usd"]
    for role in roles:
        fee = role.classes.request
        if not kit.nothing(fee):
            requests = requests + (direct + batched) * _part(role, v) * role.call_weight * fee
    llm = _sum(term.usd for term in terms) + requests
    factor = one
    for lever in LEVERS:
        off = v[f"quick.{lever}"]
        if not kit.nothing(off):
            factor = factor * (one - v[f"quick.{lever}_applies"] * off)
    quick = llm * (factor - one)
    infrastructure = _infrastructure(v, queries, calls, kit)
    cache = v["infrastructure.cache_store"]
    charged = llm + quick + cache + _sum(infrastructure.values())
    return Costs(
        queries,
        hits,
        hits * v["response_cache.false_hits"],
        calls,
        terms,
        requests,
        quick,
        infrastructure,
        cache,
        v["support.flat"] + tiered(charged, v["support.tiers"], kit),
        v["staff.fte"] * v["staff.usd_per_fte"],
    )


def tiered(amount: Number, tiers: Sequence[tuple[Decimal | None, Decimal]], kit: Arithmetic) -> Number:
    """Support at marginal tiers: each share is taken of the part of the amount that lies in its tier.

    Args:
        amount: USD.
        tiers: (upper end in USD, share), ascending; None: without end. Nothing is charged above the last end.
        kit: exact or in draws.
    """
    nothing = kit.number(Decimal(0))
    charge, floor = nothing, nothing
    for upto, share in tiers:
        top = amount if upto is None else kit.smaller(amount, kit.number(upto))
        charge = charge + kit.larger(top - floor, nothing) * kit.number(share)
        floor = amount if upto is None else kit.number(upto)
    return charge


def calls_per_second(values: Mapping[str, Any], interactive_calls: Number, kit: Arithmetic) -> Number:
    """Peak arrivals of the calls that somebody waits for."""
    if kit.nothing(values["demand.days"]):
        return interactive_calls * 0
    return interactive_calls / (values["demand.days"] * SECONDS_PER_DAY) * kit.number(Decimal(str(peak_factor(values))))


def _part(role: Role, v: Mapping[str, Any]) -> Number:
    """Calls of a role per cache miss: the routed ones for the weak model, the rest and the escalated for the strong."""
    routed = v["routing.share"]
    return routed if role.weak else 1 - routed + routed * v["routing.escalation"]


def _terms(
    v: Mapping[str, Any], roles: Sequence[Role], direct: Number, batched: Number, kit: Arithmetic
) -> Iterator[Term]:
    prefix = v["tokens.prefix"] * (1 - v["prompt.cut_prefix"])
    dynamic = v["tokens.dynamic"] * (1 - v["prompt.cut_dynamic"])
    output = v["tokens.output"] * (1 - v["prompt.cut_output"]) + v["tokens.reasoning"]
    for role in roles:
        part = _part(role, v)
        if kit.nothing(part):
            continue
        price = role.classes
        for kind, calls, rates in (
            ("", direct, (price.input, price.cached_read, price.cache_write, price.output)),
            ("batch ", batched, price[4:8]),
        ):
            if kit.nothing(calls):
                continue
            weighed = calls * part * role.token_weight
            given, read, write, made = rates
            plain = dynamic
            if not kit.nothing(prefix):
                cached = prefix * kit.at_least(prefix, role.min_prefix_tokens) if v["prefix_cache.enabled"] else 0
                plain = dynamic + prefix - cached
                if not kit.nothing(cached):
                    found = cached * v["prefix_cache.hit_rate"]
                    yield Term(f"{kind}cached input", role.model, role.weak, weighed * found, read)
                    yield Term(f"{kind}cache write", role.model, role.weak, weighed * (cached - found), write)
            yield Term(f"{kind}input", role.model, role.weak, weighed * plain, given)
            yield Term(f"{kind}output", role.model, role.weak, weighed * output, made)


def _infrastructure(v: Mapping[str, Any], queries: Number, calls: Number, kit: Arithmetic) -> dict[str, Number]:
    nodes = v["infrastructure.nodes"]
    if v["load.nodes_follow_replicas"]:
        nodes = kit.replicas(calls_per_second(v, calls, kit), Target.of(v))
    spare = v["self_hosting.spare_gpus"] * v["self_hosting.gpu_usd_per_hour"] * HOURS_PER_DAY * v["demand.days"]
    embedded = queries * v["infrastructure.embedding_tokens"] * v["infrastructure.embedding_usd_per_mtok"] / MTOK
    traffic = queries * v["infrastructure.egress_kb"] * v["infrastructure.egress_usd_per_gb"] / KB_PER_GB
    return {
        "nodes": nodes * v["infrastructure.node_usd"],
        "vector database": v["infrastructure.vector_database"],
        "monitoring": v["infrastructure.monitoring"],
        "embeddings": v["infrastructure.embeddings"] + embedded,
        "re-indexing": v["infrastructure.reindexing"],
        "observability": queries * v["infrastructure.observability"] / 1000,
        "egress": v["infrastructure.egress"] + traffic,
        "evaluation runs": v["infrastructure.evaluation"],
        "guardrails": v["infrastructure.guardrails"],
        "spare GPUs": spare if v["self_hosting.enabled"] else spare * 0,
    }


def _sum(numbers: Any) -> Number:
    total: Number = 0
    for each in numbers:
        total = total + each
    return total
