"""The columns of one run and the gold come in, its figures with intervals and caveats go out, as plain values for JSON.

Everything was measured before: no model, no network, no clock. Shares are 0 to 1, times milliseconds, USD per 1,000
questions.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from math import isnan
from statistics import fmean
from typing import Any

from workbench.nouns import counted
from workbench.privacy.find import LIMITS
from workbench.records import Gold
from workbench.scores import groups, latency, leakage, pii, usage
from workbench.scores.columns import Columns, Cpu
from workbench.scores.figures import Figures, figures
from workbench.scores.retrieval import MEASURES
from workbench.stats import Interval, mean_interval, share_interval

ANSWERS = ("exact_match", "f1", "contains", "refusal_accuracy", "wrongly_declined", "semantic_similarity")


def summary(
    run: Columns,
    gold: Mapping[str, Gold],
    *,
    control: Cpu | None = None,
    tenants: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What a table, a page and `--json` show of one run.

    Args:
        run: its columns.
        gold: by question id.
        control: the CPU of `plain` on the same track; None: the framework's own CPU is not told.
        tenants: the tenant of each question; None: no figures by tenant.

    Returns:
        `questions`, `rounds`, `failed`, `failures` (kind -> questions), `unscored`, `drafted` (not yet reviewed);
        `retrieval`, `answers`, `ragas` and `judge` (figure -> mean over questions, None where nothing is scored);
        `wall_ms`, `parts_ms`, `cpu_ms`, `framework_cpu_ms`, `streaming`, `comparable`; `tokens` per question, `usd`,
        `usage`, `pii`; `leakage` where values were planted, see `leakage.score`; `intervals` (95 %, by dotted path,
        with `n` and `method`); `kinds` and `tenants` (group -> figure, see `groups.score`); `notes`, sentences that
        belong beside the figures.
    """
    scored, times, spent = figures(run, gold), latency.score(run, control), usage.score(run)
    leaks = leakage.score(run.leaked, scored.values, len(run.rows)) if run.leaked else None
    prompt, reply = pii.score(run.pii_prompt), pii.score(run.pii_answer)
    failed, asked = run.failed(), run.rows.questions
    drafted = sum(bool((known := gold.get(name)) and known.drafted) for name in asked)
    return {
        "questions": len(asked),
        "rounds": len({*run.rows.rounds}),
        "failed": len(failed),
        "failures": dict(sorted(Counter(failed.values()).items())),
        "unscored": len(scored.unscored),
        "drafted": drafted,
        "retrieval": {name: _mean(scored, f"retrieval.{name}") for name in MEASURES},
        "answers": {name: _mean(scored, f"answers.{name}") for name in ANSWERS},
        "ragas": _section(scored, "ragas"),
        "judge": _section(scored, "judge") | ({"bill": run.judge_bill.to_dict()} if run.judge_bill.calls else {}),
        "wall_ms": times.wall_ms,
        "parts_ms": times.parts_ms,
        "cpu_ms": times.cpu_ms,
        "framework_cpu_ms": times.framework_cpu_ms,
        "streaming": {
            "first_token_ms": times.first_token_ms,
            "output_tokens_per_second": times.output_tokens_per_second,
        },
        "comparable": times.comparable,
        "tokens": spent.tokens.to_dict() if spent.tokens else {"input": None, "output": None},
        "usd": _number(spent.usd_per_1000),
        "usage": _usage(spent),
        "pii": {"prompt": prompt.to_dict() if prompt else None, "answer": reply.to_dict() if reply else None},
        "intervals": {
            path: asdict(interval)
            for path, interval in {
                **_accuracy_intervals(scored),
                **(leakage.intervals(leaks) if leaks else {}),
                **times.intervals,
                **spent.intervals,
                **{
                    f"pii.{name}.share": seen.interval for name, seen in (("prompt", prompt), ("answer", reply)) if seen
                },
            }.items()
        },
        "kinds": groups.score(scored, {name: known.kind for name, known in gold.items()}),
        "tenants": groups.score(scored, tenants or {}),
        "notes": _notes(run, scored, times, spent, failed, pii_seen=bool(prompt or reply), drafted=drafted)
        + leakage.notes(leaks),
    } | ({} if leaks is None else {"leakage": leaks})


def _mean(scored: Figures, path: str) -> float | None:
    values = scored.values.get(path)
    return fmean(values.values()) if values else None


def _section(scored: Figures, name: str) -> dict[str, Any]:
    return {path.split(".", 1)[1]: _mean(scored, path) for path in scored.values if path.startswith(f"{name}.")}


def _accuracy_intervals(scored: Figures) -> dict[str, Interval]:
    found = {}
    for path, by_question in scored.values.items():
        if path.startswith("leakage."):
            continue  # not independent: `leakage.intervals`
        values = list(by_question.values())
        share = all(0 <= value <= 1 for value in values)  # a cosine may lie below 0
        if interval := share_interval(values) if share else mean_interval(values):
            found[path] = interval
    return found


def _usage(spent: usage.Usage) -> dict[str, Any]:
    return {
        "chat": spent.chat.to_dict() if spent.chat else None,
        "embeddings": spent.embeddings.to_dict() if spent.embeddings else None,
        **({"rerank": spent.rerank.to_dict()} if spent.rerank else {}),
        "spent_usd": _number(spent.spent_usd_per_1000),
        "priced_as": spent.priced_as,
        "counted": spent.counted.to_dict(),
        "not_scored": spent.not_scored.to_dict(),
        "ingestion": spent.ingestion.to_dict(),
        "unattributed": spent.unattributed.to_dict(),
        "retries": spent.retries,
        "failed_calls": spent.failed_calls,
        "truncated": spent.truncated,
        "flags": spent.flags,
        "counted_by": list(spent.counted_by),
    }


def _notes(
    run: Columns,
    scored: Figures,
    times: latency.Latency,
    spent: usage.Usage,
    failed: Mapping[str, str],
    pii_seen: bool,
    drafted: int,
) -> list[str]:
    """Sentences on whatever makes a figure mean less than it seems to."""
    asked = len(run.rows.questions)
    untimed = sum(isnan(run.retrieval_seconds[row]) for row in run.answered())
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(Counter(failed.values()).items()))
    reasons = Counter(pair for missed in run.missed for pair in missed.items())
    told = (
        (
            len(failed),
            f"{len(failed)} of {counted(asked, 'question')} failed ({kinds}): wrong in every score, left out of times.",
        ),
        (
            len(scored.unscored),
            f"{counted(len(scored.unscored), 'question has', 'questions have')} no gold answer: not scored.",
        ),
        (
            drafted,
            f"{drafted} of {counted(asked, 'question')} were drafted by a model and not reviewed: "
            "figures that rest on them are"
            " provisional.",
        ),
        (
            len(scored.without_evidence),
            f"{counted(len(scored.without_evidence), 'question has', 'questions have')} no gold "
            "evidence: retrieval not scored.",
        ),
        (
            len(scored.unjudged),
            f"{counted(len(scored.unjudged), 'question is', 'questions are')} answered and not judged "
            "yet: the same command again does the rest.",
        ),
        (not times.comparable, f"latency not comparable: up to {max(run.in_flight, default=1)} questions at once."),
        (
            untimed,
            f"retrieval was not timed apart in {counted(untimed, 'answer')}: there it is part of the framework's time.",
        ),
        (
            spent.counted.unpriced,
            f"{counted(spent.counted.unpriced, 'call has', 'calls have')} no price: USD is unknown, not 0.",
        ),
        (
            spent.priced_as,
            f"tokens of the local model are priced as {spent.priced_as}: an assumption, nothing was paid.",
        ),
        (
            spent.not_scored.calls,
            f"{counted(spent.not_scored.calls, 'call was', 'calls were')} spent and not scored "
            f"({_usd(spent.not_scored.spent_usd)}): a "
            "backend's first, before times are taken, and those of attempts that do not count.",
        ),
        (
            spent.unattributed.calls,
            f"{counted(spent.unattributed.calls, 'call names', 'calls name')} no question: "
            "unattributed within the run.",
        ),
        (spent.retries, f"the gateway tried {spent.retries} times again."),
        (spent.truncated, f"{spent.truncated} texts were longer than the embedder reads: cut."),
        (
            spent.flags,
            "the reader flagged: " + ", ".join(f"{flag} {count}" for flag, count in spent.flags.items()) + ".",
        ),
        *(
            (True, f"{metric} could not be had for {counted(count, 'answer')}: {reason}.")
            for (metric, reason), count in reasons.items()
        ),
        (pii_seen, LIMITS),
    )
    return [sentence for applies, sentence in told if applies]


def _number(usd: Decimal | None) -> float | None:
    return None if usd is None else float(usd)


def _usd(usd: Decimal | None) -> str:
    return "unpriced" if usd is None else f"{usd:f} USD"
