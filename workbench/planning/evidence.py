"""The document check: what the reference document claims, what the arithmetic makes of it, and what others measured.

Corrections are reckoned here from the reference scenario by the formulas that everything else uses; evidence is cited.
"""

from dataclasses import dataclass
from decimal import Decimal

from workbench.planning.bill import Bill, bill
from workbench.planning.scenario import Scenario

LOW = {"response_cache": "30%", "routing": "20%", "batch": "10%", "prompt": "5%"}
HIGH = {"response_cache": "50%", "routing": "40%", "batch": "20%", "prompt": "15%"}
"""The document's claims for each lever."""


@dataclass(frozen=True, slots=True)
class Check:
    """One claim beside what is known of it."""

    topic: str
    claim: str
    """Of the reference document."""
    correction: str
    """By the cost model, on the reference scenario."""
    evidence: str
    """What others measured, with the source."""
    measured: str = ""
    """What the scenario at hand measured; empty: nothing yet."""

    def to_dict(self) -> dict[str, str]:
        """Plain values for JSON."""
        return {
            "topic": self.topic,
            "claim": self.claim,
            "correction": self.correction,
            "evidence": self.evidence,
            "measured": self.measured,
        }


def check(scenario: Scenario | None = None) -> tuple[Check, ...]:
    """The reference document's claims, each with its correction and the evidence.

    Args:
        scenario: the one at hand: inputs of it that were measured are quoted.
    """
    reference = Scenario.load("reference")
    plain = bill(reference)

    def quoted(*prefixes: str) -> str:
        return _measured(scenario, prefixes) if scenario else ""

    return (
        _together(reference, plain),
        Check(
            "the bill",
            "438K a month",
            f"{plain.llm_usd:,.2f} for the model and {plain.infrastructure_usd:,.2f} for the rest on 30 days; "
            f"{bill(reference.set('demand.days=365/12')).llm_usd:,.2f} for the model in the mean month",
            "the price is right for GPT-4, which its vendor switched off on 2026-10-23",
            quoted("tokens."),
        ),
        Check(
            "response cache",
            "30-50 %",
            _cache(reference),
            "61.6-68.8 % hits on four FAQ categories (arXiv 2411.05276); a vendor: about 20 % at 99 % accuracy. "
            "Measure it on your own question log, and count the wrong answers",
            quoted("response_cache."),
        ),
        Check(
            "routing",
            "20-40 %",
            _routing(reference, plain),
            "RouteLLM: 85 / 45 / 35 % cheaper at 95 % of the strong model's quality on MT-Bench / MMLU / GSM8K; "
            "LLMRouterBench: commercial routers can lose to one best model. Measure the share on the cache's misses",
            quoted("routing."),
        ),
        Check(
            "batch",
            "10-20 %",
            _batch(reference, plain),
            "vendors give 50 % off for a window of 24 hours",
            quoted("channels.", "batch."),
        ),
        Check(
            "prompt",
            "5-15 %",
            _prompt(reference, plain),
            "half of this bill is output, which a shorter prompt does not touch; LLMLingua's figures are for long "
            "contexts. Measure tokens against accuracy",
            quoted("prompt."),
        ),
        Check(
            "vendor's prefix cache",
            "nothing",
            _prefix(reference),
            "vendors cache from 1,024 tokens on (some newer models from 512, others from 4,096); writes cost 1 to 2 x, "
            "reads 0.05 to 0.5 x of input. It pays above a hit rate of (w-1)/(w-r)",
            quoted("prefix_cache."),
        ),
        Check(
            "another model",
            "nothing",
            _models(plain),
            "list prices of genai-prices 0.2.3; other lists differ. The model is the largest lever: choose it with "
            "its measured accuracy",
            ""
            if scenario is None or scenario.measured is None
            else f"{scenario.measured.run}: accuracy by workbench show",
        ),
    )


def break_even_hit_rate(write: Decimal, read: Decimal) -> Decimal:
    """The hit rate from which a prefix cache saves, where writes and reads cost so many times an input token.

    Raises:
        ValueError: reads cost as much as writes: no hit rate saves.
    """
    if read >= write:
        raise ValueError("a cache whose reads cost no less than its writes saves nothing")
    return max((write - 1) / (write - read), Decimal(0))


def _together(reference: Scenario, plain: Bill) -> Check:
    low, high = (bill(_quick(reference, levers)) for levers in (LOW, HIGH))
    saved = [1 - (each.llm_usd or Decimal(0)) / (plain.llm_usd or Decimal(1)) for each in (low, high)]
    return Check(
        "all levers together",
        "65-125 %, so 175K-285K a month instead of 438K",
        f"they compound to {saved[0]:.2%}-{saved[1]:.2%}: {low.llm_usd:,.2f} to {high.llm_usd:,.2f} for the model, "
        f"{low.total_usd:,.2f} to {high.total_usd:,.2f} in all",
        "a lever acts on what the others left; no sum of savings passes 100 %",
    )


def _quick(reference: Scenario, levers: dict[str, str]) -> Scenario:
    return reference.set(*(f"quick.{name}={share}" for name, share in levers.items()))


def _cache(reference: Scenario) -> str:
    right = bill(reference.set("response_cache.hit_rate=30%"))
    wrong = bill(
        reference.set("response_cache.hit_rate=30%", "response_cache.false_hits=3.8%", "response_cache.reask=100%")
    )
    return (
        f"30 % hits leave {right.llm_usd:,.2f}; with 3.8 % false hits and everybody asking again {wrong.llm_usd:,.2f}, "
        f"and {wrong.wrong_answers:,.0f} answers a month are wrong"
    )


def _routing(reference: Scenario, plain: Bill) -> str:
    routed = bill(reference.set("routing.share=25%"))
    back = bill(reference.set("routing.share=25%", "routing.escalation=10%"))
    return (
        f"a quarter to {reference.weak} takes off {_off(routed, plain)}; {_off(back, plain)} where a tenth of it "
        "comes back"
    )


def _batch(reference: Scenario, plain: Bill) -> str:
    half = bill(reference.set("channels.deferrable=20%", "batch.share=20%"))
    return (
        f"a fifth of the questions in batch jobs takes off {_off(half, plain)}: 10-20 % of the bill needs 20-40 % of "
        "the questions to wait for a day"
    )


def _prompt(reference: Scenario, plain: Bill) -> str:
    cut = bill(reference.set("prompt.cut_input=15%"))
    return f"15 % less input takes off {_off(cut, plain)}"


def _prefix(reference: Scenario) -> str:
    on = bill(
        reference.set("tokens.prefix=800", "tokens.dynamic=0", "prefix_cache.enabled=on", "prefix_cache.hit_rate=80%")
    )
    off = bill(reference.set("tokens.prefix=800", "tokens.dynamic=0"))
    saved = (off.llm_usd or Decimal(0)) - (on.llm_usd or Decimal(0))
    pays = break_even_hit_rate(Decimal("1.25"), Decimal("0.1"))
    return (
        f"saves {saved:,.2f} on an 800-token prompt; written at 1.25 x and read at 0.1 x it pays above {pays:.1%} hits"
    )


def _models(plain: Bill) -> str:
    today = Scenario.load("today")
    small = today.set(f"prices.model={today.weak}")
    return (
        f"the same work costs {plain.llm_usd:,.2f} on {plain.scenario.strong}, {bill(today).llm_usd:,.2f} on "
        f"{today.strong} and {bill(small).llm_usd:,.2f} on {today.weak}"
    )


def _off(made: Bill, plain: Bill) -> str:
    return f"{1 - (made.llm_usd or Decimal(0)) / (plain.llm_usd or Decimal(1)):.1%}"


def _measured(scenario: Scenario, prefixes: tuple[str, ...]) -> str:
    found = [
        f"{name.partition('.')[2]} {float(each.value):.4g}"  # type: ignore[arg-type]
        for name, each in scenario.inputs.items()
        if name.startswith(prefixes) and each.source.startswith("measured") and each.n
    ]
    sample = next((each.n for name, each in scenario.inputs.items() if name.startswith(prefixes) and each.n), None)
    return f"{', '.join(found)} (n={sample})" if found else ""
