"""A bill and its tenants come in, a row for each tenant goes out; the rows add up to the bill to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from workbench.planning.bill import PERCENTAGES, REQUESTS, Bill, Line
from workbench.planning.rounding import apportion
from workbench.planning.scenario import Tenant


@dataclass(frozen=True, slots=True)
class Share:
    """What one tenant owes of a month."""

    name: str
    model: str
    query_share: Decimal
    queries: Decimal
    llm_usd: Decimal
    """Its own tokens, at its own model's price."""
    shared_usd: Decimal
    """Its part of everything else, by the chosen key."""

    @property
    def total_usd(self) -> Decimal:
        """Both."""
        return self.llm_usd + self.shared_usd

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "name": self.name,
            "model": self.model,
            "share": float(self.query_share),
            "queries": round(float(self.queries), 2),
            "llm_usd": float(self.llm_usd),
            "infrastructure_usd": float(self.shared_usd),
            "total_usd": float(self.total_usd),
        }


def show_back(made: Bill) -> tuple[Share, ...]:
    """Split a bill over its tenants.

    Tokens go to who sent them: by share of the queries times the tenant's token multiplier, at its own model's price.
    Everything else goes by `control.showback_key`: queries, tokens, or equal parts.

    Returns:
        Empty where the scenario names no tenants, or the bill is unpriced.
    """
    scenario, total, llm_usd = made.scenario, made.total_usd, made.llm_usd
    tenants = scenario.everybody()
    if not tenants or total is None or llm_usd is None:
        return ()
    direct = apportion(_direct(made), llm_usd)
    rest = total - llm_usd
    shared = apportion([rest * part for part in _by_key(made, tenants)], rest)
    parts = _normal([each.share for each in tenants])
    return tuple(
        Share(each.name, each.model or scenario.strong, each.share, made.queries * part, own, other)
        for each, part, own, other in zip(tenants, parts, direct, shared, strict=True)
    )


def weights(made: Bill, line: Line) -> list[Decimal]:
    """Each tenant's part of one line, adding up to 1."""
    tenants = made.scenario.everybody()
    if line.group != "llm":
        return _by_key(made, tenants)
    if line.name == REQUESTS:
        return _normal([each.share for each in tenants])
    if line.name == PERCENTAGES:
        return _normal(_before_percentages(made))
    return _senders(made, tenants, line.model, line.weak)


def _by_key(made: Bill, tenants: Sequence[Tenant]) -> list[Decimal]:
    match made.scenario.values["control.showback_key"]:
        case "tokens":
            return _normal([each.share * each.token_multiplier for each in tenants])
        case "equal":
            return _normal([Decimal(1)] * len(tenants))
        case _:
            return _normal([each.share for each in tenants])


def _direct(made: Bill) -> list[Decimal]:
    """Each tenant's own LLM cost, exact; they add up to the bill's."""
    owed = _before_percentages(made)
    return [own + made.costs.quick_usd * part for own, part in zip(owed, _normal(owed), strict=True)]


def _before_percentages(made: Bill) -> list[Decimal]:
    """The same without what levers known as percentages take off: they take it off everybody's alike."""
    tenants = made.scenario.everybody()
    calls = _normal([each.share for each in tenants])
    owed = _tokens(made, tenants)
    return [own + made.costs.requests_usd * part for own, part in zip(owed, calls, strict=True)]


def _tokens(made: Bill, tenants: Sequence[Tenant]) -> list[Decimal]:
    owed = [Decimal(0)] * len(tenants)
    for term in made.costs.terms:
        parts = _senders(made, tenants, term.model, term.weak)
        owed = [so_far + term.usd * part for so_far, part in zip(owed, parts, strict=True)]
    return owed


def _senders(made: Bill, tenants: Sequence[Tenant], model: str, weak: bool) -> list[Decimal]:
    """Parts of a model's tokens: of the weak model's everybody's, of a strong one's those whose model it is."""
    strong = made.scenario.strong
    return _normal(
        [
            each.share * each.token_multiplier if weak or model in (name, f"{name} (self-hosted)") else Decimal(0)
            for each in tenants
            for name in [each.model or strong]
        ]
    )


def _normal(parts: Sequence[Decimal]) -> list[Decimal]:
    """Weights that add up to 1; equal ones where all are 0."""
    whole = sum(parts, Decimal(0))
    return [each / whole for each in parts] if whole else [Decimal(1) / len(parts)] * len(parts)
