"""The inputs of the cost model as a table: name, unit, default (the reference), allowed range, meaning, other names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Tiers = tuple[tuple[Decimal | None, Decimal], ...]
"""(up to so many USD, share of the part below it); None: without limit."""

Value = Decimal | bool | str | date | None | tuple[Decimal, ...] | tuple[str, ...] | Tiers

Kind = Literal["number", "count", "share", "switch", "month", "word", "words", "numbers", "shares", "tiers"]

LEVERS = ("response_cache", "prompt", "routing", "prefix_cache", "batch")
"""The levers in the order in which they act unless told otherwise."""

SHOWBACK_KEYS = ("queries", "tokens", "equal")


@dataclass(frozen=True, slots=True)
class Field:
    """One input: what it is called, what it is measured in, what it may be, and what it means."""

    name: str
    default: Value
    unit: str
    meaning: str
    kind: Kind = "number"
    low: Decimal | None = Decimal(0)
    high: Decimal | None = None
    cv: Decimal = Decimal(0)
    """Default uncertainty: standard deviation of the mean over the mean."""
    also: tuple[str, ...] = ()
    """Other names: within the group, or with a dot for another group's."""
    length: int | None = None
    """Of a list that must have so many members."""
    optional: bool = False
    """May be `none`."""
    choices: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """What stands before the dot."""
        return self.name.partition(".")[0]

    @property
    def uncertain(self) -> bool:
        """Whether it may carry an uncertainty."""
        return self.kind in ("number", "count", "share") and not self.optional

    @property
    def range(self) -> str:
        """What it may be, in words."""
        if self.choices:
            return ", ".join(self.choices)
        if self.kind in ("share", "shares"):
            low, high = Decimal(0), Decimal(1)
        elif self.kind in ("number", "count", "numbers"):
            low, high = self.low or Decimal(0), self.high  # type: ignore[assignment]
        else:
            return {"switch": "on or off", "month": "YYYY-MM", "tiers": "LIMIT:SHARE,..."}.get(self.kind, "text")
        text = f"{low:f} or more" if high is None else f"{low:f} to {high:f}"
        if self.length:
            text = f"{self.length} values, each {text}"
        return f"{text}, or none" if self.optional else text


def _number(name: str, default: float | str, unit: str, meaning: str, *also: str, **rest: object) -> Field:
    return Field(name, Decimal(str(default)), unit, meaning, also=also, **rest)  # type: ignore[arg-type]


def _share(name: str, default: float | str, meaning: str, *also: str, unit: str = "share") -> Field:
    return Field(name, Decimal(str(default)), unit, meaning, "share", Decimal(0), Decimal(1), also=also)


def _usd(name: str, default: int, meaning: str, *also: str, unit: str = "USD per month") -> Field:
    return Field(name, Decimal(default), unit, meaning, also=also)


_MOST_USERS = Decimal(10**9)
_HOURLY = ".88 .97 .96 .80 .80 .87 1.00 1.08 1.11 1.08 .98 1.02 1.14 1.27 1.34 1.25 1.14 1.09 1.08 1.02 .93 .78 .70 .72"
_ONE = Decimal(1)
_ASSUMED_CV = Decimal("0.05")


def _quick(lever: str, *also: str) -> tuple[Field, Field]:
    words = lever.replace("_", " ")
    return (
        _share(f"quick.{lever}", 0, f"what {words} takes off the LLM bill where only a percentage is known", *also),
        _share(f"quick.{lever}_applies", 1, f"part of the bill that this percentage is taken off for {words}"),
    )


FIELDS: tuple[Field, ...] = (
    # demand
    Field("demand.start_month", date(2026, 1, 1), "month", "first month; its first day decides the price", "month",
          also=("start", "date", "month")),
    _number("demand.daily_users", 100_000, "users", "active users per day", "users", "daily_active_users", "dau",
            "active_users", high=_MOST_USERS, cv=Decimal("0.10")),
    _number("demand.queries_per_user", 3, "queries per user and day", "questions that a user asks per day", "queries",
            "queries_per_user_per_day", "queries_per_day", "per_user", high=Decimal(10_000)),
    _number("demand.days", 30, "days", "days of a month; 365/12 for the mean month", "days_per_month", "month_days",
            high=Decimal(366)),
    _number("demand.growth", 0, "share per month", "growth of users from month to month", "growth_per_month",
            "monthly_growth", low=Decimal("-1"), high=Decimal(10)),
    Field("demand.season", (_ONE,) * 12, "factor", "demand by calendar month, January first", "numbers", length=12,
          also=("seasons", "seasonality")),
    Field("demand.rollout", (_ONE,), "share of users", "users that have the assistant, month by month; the last stays",
          "shares", also=("rollout_share", "rollout_per_month", "rollout_share_per_month", "rollout_shares")),
    _share("demand.retry", 0, "calls that are made again and billed again", "retries", "retry_share", "billed_retry",
           "billed_retry_share", "billed_retries"),
    # tokens of a query
    _number("tokens.prefix", 0, "tokens per query", "shared beginning of every prompt (P)", "P", "shared_prefix",
            "prefix_tokens", "system_prompt", high=Decimal(10**7)),
    _number("tokens.dynamic", 800, "tokens per query", "rest of the prompt: passages, question (Y)", "Y",
            "dynamic_part", "dynamic_tokens", high=Decimal(10**7), cv=_ASSUMED_CV),
    _number("tokens.output", 400, "tokens per query", "answer that the user sees (O)", "O", "visible_output",
            "output_tokens", "answer", high=Decimal(10**7), cv=_ASSUMED_CV),
    _number("tokens.reasoning", 0, "tokens per query", "thinking, billed as output (R); completion is O + R", "R",
            "reasoning_tokens", "thinking", high=Decimal(10**7), cv=_ASSUMED_CV),
    # channels
    _share("channels.deferrable", 0, "queries that may wait up to 24 h (d)", "d", "deferrable_share"),
    # response cache
    _share("response_cache.applicable", 1, "interactive queries that may be answered from the cache (a_c)", "a_c",
           "applicable_share", "applies"),
    _share("response_cache.hit_rate", 0, "of those, queries that hit (h)", "h", "hits", "hit"),
    _share("response_cache.false_hits", 0, "hits that get a wrong answer (f)", "f", "false_hit_share", "false_hit",
           "false_hit_rate", "false_share", "wrong"),
    _share("response_cache.reask", 0, "users with a wrong answer who ask again", "re_ask", "re_ask_share",
           "reask_share", "re_asks"),
    _share("response_cache.batch_duplicates", 0, "deferrable queries that are exact duplicates (h_d)", "h_d",
           "duplicate_hits", "duplicates", "batch_hits", "batch_hit_rate"),
    # prompt
    _share("prompt.cut_prefix", 0, "taken off the shared prefix (x_prefix)", "x_prefix", "prefix", "prefix_cut"),
    _share("prompt.cut_dynamic", 0, "taken off the rest of the prompt (x_dyn)", "x_dyn", "x_dynamic", "dynamic",
           "dynamic_cut"),
    _share("prompt.cut_output", 0, "taken off the visible answer: 0.5 is answers half as long (x_out)", "x_out",
           "output", "output_cut", "x_output"),
    # routing
    _share("routing.share", 0, "cache misses that go to the weak model first (r)", "r", "weak_share"),
    _share("routing.escalation", 0, "of those, queries that the strong model answers after all (e)", "e",
           "escalation_share", "escalate"),
    _number("routing.router_usd", 0, "USD per call", "cost of deciding", "router_cost", "router", "cost",
            "cost_per_call", "router_cost_per_call"),
    # vendor's prefix cache
    Field("prefix_cache.enabled", False, "on or off", "whether the vendor's prefix cache is used", "switch",
          also=("on", "enable")),
    _share("prefix_cache.hit_rate", 0, "calls that find the prefix cached (h_p)", "h_p", "hits", "hit"),
    # batch
    _share("batch.share", 0, "of all queries, sent as batch jobs; at most the deferrable ones (b)", "b",
           "batch_share"),
    # infrastructure
    _number("infrastructure.nodes", 10, "nodes", "machines", "node_count", high=Decimal(10**6)),
    _usd("infrastructure.node_usd", 400, "one machine", "usd_per_node", "nodes_usd", "node_price", "node_cost",
         "cost_per_node", unit="USD per node and month"),
    _usd("infrastructure.vector_database", 2000, "vector database", "vector_db", "vectors"),
    _usd("infrastructure.monitoring", 500, "monitoring"),
    _usd("infrastructure.cache_store", 0, "store of the response cache; falls away with that lever",
         "response_cache.store", "cache"),
    _usd("infrastructure.embeddings", 0, "embeddings, as a flat sum", "embedding"),
    _number("infrastructure.embedding_tokens", 20, "tokens per query", "tokens of a question that are embedded"),
    _number("infrastructure.embedding_usd_per_mtok", 0, "USD per million tokens", "price of embedding them",
            "embedding_price"),
    _usd("infrastructure.reindexing", 0, "indexing documents again", "re_indexing", "reindex", "re_index"),
    _usd("infrastructure.observability", 0, "traces and logs, per unit", "observability_per_unit",
         "observability_usd_per_1000", unit="USD per 1,000 queries"),
    _usd("infrastructure.egress", 0, "traffic, as a flat sum"),
    _number("infrastructure.egress_kb", 0, "KB per query", "traffic that leaves per query"),
    _usd("infrastructure.egress_usd_per_gb", 0, "price of that traffic", "egress_price", unit="USD per GB"),
    _usd("infrastructure.evaluation", 0, "evaluation runs", "evaluation_runs", "evaluations"),
    _usd("infrastructure.guardrails", 0, "guardrails", "guardrail"),
    _usd("support.flat", 0, "support, as a flat sum", "infrastructure.support", "support.usd", "flat_usd"),
    Field("support.tiers", (), "USD:share", "support as a share of LLM, cache and infrastructure, tier by tier",
          "tiers", also=("infrastructure.support_tiers", "tiered")),
    _number("staff.fte", 0, "FTE", "people who run it", "infrastructure.staff", "infrastructure.fte",
            "infrastructure.staff_fte", "people", "count"),
    _usd("staff.usd_per_fte", 0, "one of them", "rate", "infrastructure.staff_rate", "infrastructure.fte_rate",
         "infrastructure.staff_usd_per_fte", unit="USD per FTE and month"),
    # load
    Field("load.hourly", tuple(Decimal(each) for each in _HOURLY.split()), "factor",
          "load by hour of a weekday, UTC; scaled to mean 1", "numbers", length=24,
          also=("hourly_factors", "hours", "factors")),
    _number("load.weekday_over_weekend", "1.76", "factor", "a weekday's load over a weekend day's", "weekday_weekend",
            "weekday", low=Decimal("0.01"), high=Decimal(1000)),
    _number("load.peak", "1.9", "factor",
            "peak over mean; 3.5 for office hours or code; none: the hourly table decides", "peak_factor",
            optional=True, low=Decimal("0.01"), high=Decimal(1000)),
    _number("load.service_seconds", 8, "seconds per call", "how long a call keeps a slot", "service", "service_s",
            "service_time", "seconds_per_call", high=Decimal(86_400)),
    _number("load.slots_per_replica", 4, "calls at once", "what one replica serves at the same time", "slots",
            kind="count", low=_ONE, high=Decimal(10**6)),
    _number("load.min_replicas", 3, "replicas", "at least", "replicas_min", kind="count", high=Decimal(10**6)),
    _number("load.max_replicas", 20, "replicas", "at most", "replicas_max", kind="count", high=Decimal(10**6)),
    _share("load.target_share", ".95", "calls that must start in time", "target"),
    _number("load.target_seconds", 1, "seconds", "what in time means", "target_wait", "within_seconds",
            "wait_seconds", "target_wait_seconds", high=Decimal(86_400)),
    Field("load.nodes_follow_replicas", False, "on or off", "pay one node per replica instead of the stated nodes",
          "switch", also=("nodes_follow", "follow_replicas")),
    # self-hosting
    Field("self_hosting.enabled", False, "on or off", "the strong model on GPUs of one's own", "switch",
          also=("on", "use", "enable")),
    _usd("self_hosting.gpu_usd_per_hour", 0, "one GPU", "gpu_hour", "usd_per_gpu_hour", "usd_per_hour", "gpu_cost",
         unit="USD per GPU and hour"),
    _number("self_hosting.tokens_per_second", 0, "tokens per second and GPU", "input and output together",
            "tokens_per_second_per_gpu", "throughput"),
    _share("self_hosting.utilisation", ".5", "part of the time that a GPU works", "utilization"),
    _number("self_hosting.spare_gpus", 0, "GPUs", "kept for failures and peaks", "spare", kind="count",
            high=Decimal(10**6)),
    # control
    Field("control.budget", None, "USD per month", "what may be spent; a plan's budget is this times its months",
          also=("monthly_budget", "budget_usd"), optional=True),
    Field("control.alerts", (Decimal("0.5"), Decimal("0.8"), _ONE), "share of the budget", "levels that raise an alert",
          "shares", also=("alert_levels", "alert")),
    Field("control.order", LEVERS, "levers", "order of the waterfall", "words", also=("lever_order", "levers"),
          choices=LEVERS),
    Field("control.showback_key", "queries", "", "what tenants share everything but their tokens by", "word",
          also=("showback", "key"), choices=SHOWBACK_KEYS),
    Field("control.currency", "USD", "", "currency shown beside USD", "word"),
    _number("control.currency_rate", 1, "units per USD", "stated rate of that currency", "rate", "exchange_rate",
            low=Decimal("0.000001")),
    # quick mode
    *_quick("response_cache", "cache", "caching"),
    *_quick("prompt"),
    *_quick("routing"),
    *_quick("prefix_cache", "prefix"),
    *_quick("batch", "batching"),
)  # fmt: skip

BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}


@dataclass(frozen=True, slots=True)
class PriceField:
    """A price or term of a model that can be set like an input; `weak_` before the last part means the weak model's."""

    name: str
    attribute: str
    """Of `rates.Rate`, or of `rates.Model`."""
    unit: str
    meaning: str
    also: tuple[str, ...] = ()


_MTOK = "USD per million tokens"

PRICE_FIELDS: tuple[PriceField, ...] = (
    PriceField("model", "name", "", "model that answers, priced from the list", ("strong_model", "strong")),
    PriceField("input", "input_usd_per_mtok", _MTOK, "input", ("in", "input_usd_per_mtok")),
    PriceField("output", "output_usd_per_mtok", _MTOK, "output", ("out", "output_usd_per_mtok")),
    PriceField("cached_read", "cached_read_usd_per_mtok", _MTOK, "input read from the vendor's prefix cache",
               ("read", "cached", "cache_read")),
    PriceField("cache_write", "cache_write_usd_per_mtok", _MTOK, "input written into it; none: as input",
               ("write", "cached_write")),
    PriceField("batch_input", "batch_input_usd_per_mtok", _MTOK, "input of batch jobs; none: as input",
               ("batch_in",)),
    PriceField("batch_output", "batch_output_usd_per_mtok", _MTOK, "output of batch jobs; none: as output",
               ("batch_out",)),
    PriceField("request", "usd_per_request", "USD per call", "charged per call beside the tokens",
               ("usd_per_request", "per_request")),
    PriceField("stack_rule", "stack_rule", "", "cached tokens in batch jobs: multiply, cached_unchanged or no_cache",
               ("stack",)),
    PriceField("min_prefix", "min_prefix_tokens", "tokens", "shortest prefix that the vendor caches",
               ("minimum_prefix", "min_cacheable_prefix", "minimum_cacheable_prefix", "min_prefix_tokens",
                "prefix_minimum")),
    PriceField("retires", "retires", "day", "when the vendor switches the model off; none: not announced",
               ("retirement", "retirement_date")),
)  # fmt: skip
