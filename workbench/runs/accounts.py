"""An estimate, or the calls of an experiment, in; plain values of one shape out, so that both stand beside each other.

    {"cells": {<backend>-<track>: {"chat": ACCOUNT, "embeddings": ACCOUNT, "judge": ACCOUNT}},
     "shared": {"chat": ACCOUNT, "embeddings": ACCOUNT}, "seconds": number}

A cell with a reranker has "rerank" too. ACCOUNT holds `calls` (of embeddings: texts, each once), `input_tokens`,
`output_tokens` and `usd` (text, None where a call has no price); in an estimate also `most_usd`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any

from workbench.nouns import counted
from workbench.records import Call, CallKind
from workbench.runs.amount import Amount, total_usd
from workbench.runs.estimate import Estimate
from workbench.runs.store import Experiment


def of_estimate(estimate: Estimate, at: date) -> dict[str, Any]:
    """What is expected, as plain values.

    Args:
        estimate: of a whole experiment, or of what is left.
        at: the day of the prices.
    """

    def account(*amounts: Amount) -> dict[str, Any]:
        return {
            "calls": sum(amount.calls for amount in amounts),
            "input_tokens": sum(amount.input_tokens for amount in amounts),
            "output_tokens": sum(amount.output_tokens for amount in amounts),
            "usd": _text(estimate.paid(amounts, at)),
            "most_usd": _text(estimate.paid_at_most(amounts, at)),
        }

    return {
        "cells": {
            cell.name: {
                "chat": account(cell.chat),
                "embeddings": account(cell.embeddings),
                "judge": account(cell.judge),
                **({"rerank": account(cell.rerank)} if cell.rerank.calls else {}),
            }
            for cell in estimate.cells
        },
        "shared": {"chat": account(*estimate.probes), "embeddings": account(estimate.embeddings)},
        "seconds": round(sum(estimate.seconds.values()), 1),
    }


def of_experiment(experiment: Experiment, seconds: float) -> dict[str, Any]:
    """What it really came to, attempts that do not count included.

    Args:
        experiment: of which no call is under way.
        seconds: that all commands took which ended by themselves.
    """
    warmup = list(experiment.warmup_calls())
    return {
        "cells": {
            run.cell: {
                "chat": _account(_of(run.calls(), "chat")),
                "embeddings": _account(_of(chain(run.calls(), run.judge_calls()), "embeddings")),
                "judge": _account(_of(run.judge_calls(), "chat")),
                **({"rerank": ranked} if (ranked := _account(_of(run.calls(), "rerank")))["calls"] else {}),
            }
            for run in experiment.runs()
        },
        "shared": {
            "chat": _account(chain(_of(warmup, "chat"), _of(warmup, "rerank"))),
            "embeddings": _account(_of(warmup, "embeddings")),
        },
        "seconds": round(seconds, 1),
    }


def merged(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> dict[str, Any]:
    """An experiment's estimate after one more command: that of its own cells is new, the other cells keep theirs."""
    kept = {} if before is None else {name: cell for name, cell in before["cells"].items() if name not in now["cells"]}
    return {**now, "cells": {**kept, **now["cells"]}}


def totals(content: Mapping[str, Any]) -> dict[str, Any]:
    """Sums over all cells: `calls` and `tokens` of chats and judges, `texts` embedded, `usd`, `most_usd`, `seconds`."""
    parts = [*content["cells"].values(), content["shared"]]
    asked = [account for part in parts for name, account in part.items() if name != "embeddings"]
    embedded = [part["embeddings"] for part in parts]
    found = {
        "calls": sum(account["calls"] for account in asked),
        "tokens": sum(account["input_tokens"] + account["output_tokens"] for account in asked),
        "texts": sum(account["calls"] for account in embedded),
        "seconds": content["seconds"],
    }
    for money in ("usd", "most_usd"):
        amounts = [account.get(money) for account in (*asked, *embedded)]
        found[money] = total_usd(None if amount is None else Decimal(amount) for amount in amounts)
    return found


def line(about: Mapping[str, Any]) -> str:
    """One line on an experiment: what was estimated, and what it came to; empty where nothing was estimated."""
    if not about.get("estimate"):
        return ""
    expected = totals(about["estimate"])
    said = (
        f"estimated {counted(expected['calls'], 'call')}, {_millions(expected)} M tokens, "
        f"{money(expected['usd'])} USD, "
        f"{expected['seconds']:,.0f} s"
    )
    if not about.get("actual"):
        return said
    real = totals(about["actual"])
    return f"{said}; actual {real['calls']:,}, {_millions(real)}, {money(real['usd'])}, {real['seconds']:,.0f}"


def money(usd: Decimal | None) -> str:
    """USD to read: cents, and of less than a tenth of a dollar more digits."""
    if usd is None:
        return "unpriced"
    return f"{usd:,.2f}" if usd == 0 or usd >= Decimal("0.1") else f"{usd:.6f}"


def _millions(sums: Mapping[str, Any]) -> str:
    return f"{sums['tokens'] / 1e6:,.2f}"


def _of(calls: Iterable[Call], kind: CallKind) -> Iterator[Call]:
    return (call for call in calls if call.kind == kind)


def _account(calls: Iterable[Call]) -> dict[str, Any]:
    """Calls added up; of embeddings, the texts that were really embedded, and their share of the tokens."""
    count = given = made = 0
    tokens = 0.0
    spent: list[Decimal | None] = []
    for call in calls:
        if call.kind != "embeddings":
            count, given, made = count + 1, given + call.input_tokens, made + call.output_tokens
        else:
            cold = call.texts - call.cache_hits
            count, tokens = count + cold, tokens + call.input_tokens * cold / max(1, call.texts)
        spent.append(call.spent_usd)
    return {
        "calls": count,
        "input_tokens": given + round(tokens),
        "output_tokens": made,
        "usd": _text(total_usd(spent)),
    }


def _text(usd: Decimal | None) -> str | None:
    return None if usd is None else f"{usd:f}"
