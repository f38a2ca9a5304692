"""A saved experiment in, its report out: the figures of every backend and track, and tables of them for a terminal."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from workbench import prices
from workbench.backends import DISTRIBUTIONS, NAMES
from workbench.errors import BadInput
from workbench.records import Gold
from workbench.runs.store import Experiment, Run
from workbench.scores import usage
from workbench.scores.figures import RunRecords
from workbench.scores.judgement import Judgement
from workbench.scores.summary import summary

CONTROL = "plain"

_SHOWN = frozenset(names[0] for names in DISTRIBUTIONS.values()) | {"faiss-cpu"}

TRACK_NOTES = {
    "parity": "same passages, vectors, k and prompt for all: what differs is the framework",
    "native": "each framework's own splitter, prompt and k: what a team gets out of the box",
}


def records(run: Run) -> RunRecords:
    """Everything that scores read of one run."""
    judgements = {attempt: Judgement.from_dict(item) for attempt, item in run.judgements().items()}
    return RunRecords(
        answers=tuple(run.answers().values()),
        calls=tuple(run.calls()),
        judgements=judgements,
        judge_calls=tuple(run.judge_calls()),
    )


def report(experiment: Experiment) -> dict[str, Any]:
    """All figures of an experiment as plain values for JSON.

    Returns:
        `experiment` (workload, machine, seed, start, prices); `warmup`, the calls made before timing; `parity`, the
        proof that all were asked alike; and
        `backends`: backend -> track -> figures as `workbench.scores.summary.summary` gives them, with the run's
        identity.

    Raises:
        BadInput: the experiment has no run yet.
    """
    about = experiment.about()
    found = {(identity.backend, identity.track): run for run in experiment.runs() for identity in [run.identity()]}
    if not found:
        raise BadInput(f"{experiment.folder}: no backend has begun yet; run the same command again")
    gold: dict[str, Gold] = {name: known for name, known in experiment.gold().items() if known}
    price_as = _price_as(about)
    controls = {track: tuple(run.answers().values()) for (name, track), run in found.items() if name == CONTROL}
    backends: dict[str, dict[str, Any]] = {}
    for (name, track), run in found.items():
        identity = run.identity()
        figures = summary(records(run), gold, control=controls.get(track), price_as=price_as)
        backends.setdefault(name, {})[track] = {
            "backend": name,
            "track": track,
            **figures,
            "asked": _asked(run),
            "k": _k(identity.native_k if track == "native" else None, identity.recipe.k),
            "versions": identity.versions,
            "native_note": identity.native_note if track == "native" else "",
            "model": identity.recipe.model,
            "embedding_model": identity.recipe.embedding_model,
            "chunk_tokens": identity.recipe.chunk_tokens,
            "upstream": identity.upstream,
            "ingested": about.get("ingested", {}).get(run.cell),
        }
    return {
        "experiment": {
            **about,
            "folder": str(experiment.folder),
        },
        "warmup": usage.bill(experiment.warmup_calls()).to_dict(),
        "parity": _parity([run for (_, track), run in found.items() if track == "parity"]),
        "backends": {name: backends[name] for name in sorted(backends, key=NAMES.index)},
    }


def _parity(runs: Sequence[Run]) -> dict[str, int]:
    """How many questions reached the model in the same words from every backend, and found the same passages."""
    prompts: dict[tuple[int, str], list[str]] = {}
    passages: dict[tuple[int, str], list[tuple[str, ...]]] = {}
    for run in runs:
        answers = run.answers()
        counted = {answer.attempt: key for key, answer in answers.items() if answer.failure is None}
        for call in run.calls():
            if call.kind == "chat" and call.attempt in counted:
                prompts.setdefault(counted[call.attempt], []).append(call.prompt_sha256)
        for key, answer in answers.items():
            if answer.failure is None:
                passages.setdefault(key, []).append(tuple(hit.passage for hit in answer.hits))
    common = [key for key, found in passages.items() if len(found) == len(runs)]
    return {
        "backends": len(runs),
        "questions": len(common),
        "equal_prompts": sum(len(prompts[key]) == len(runs) and len(set(prompts[key])) == 1 for key in common),
        "equal_passages": sum(len(set(passages[key])) == 1 for key in common),
    }


def tables(report: Mapping[str, Any]) -> Iterable[Any]:
    """The report for a terminal of 100 columns: what it stands on, a table and its caveats for each track."""
    yield from _stands_on(report)
    for track, sentence in TRACK_NOTES.items():
        rows = [tracks[track] for tracks in report["backends"].values() if track in tracks]
        if rows:
            yield f"\n[bold]{track}[/bold]: {sentence}"
            yield _quality(rows)
            yield ""
            yield _speed(rows)
            if report["experiment"].get("judge"):
                yield ""
                yield _judged(rows)
            if track == "parity" and (proof := report["parity"])["backends"] > 1:
                yield (
                    f"[dim]- all {proof['backends']}: byte-equal prompts in {proof['equal_prompts']} and the same "
                    f"passages in {proof['equal_passages']} of {proof['questions']} questions[/dim]"
                )
            if len({row["asked"] for row in rows}) > 1:
                yield "[bold]- so far the backends were asked different questions: compare when all are done[/bold]"
            yield from _caveats(rows)
    yield f"\n[dim]{LEGEND}[/dim]"


def _stands_on(report: Mapping[str, Any]) -> Iterable[str]:
    about, first = report["experiment"], next(iter(next(iter(report["backends"].values())).values()))
    workload, machine, chunk = about["workload"], about["machine"], first["chunk_tokens"]
    rounds = f", {first['rounds']} rounds" if first["rounds"] > 1 else ""
    yield (
        f"[bold]{workload['name']}[/bold]  {first['questions']} of {workload['questions']} questions{rounds}, "
        f"{workload['tenants']} tenants, {workload['documents']} documents, seed {about['seed']}"
    )
    yield (
        f"models    {first['model']}, {first['embedding_model']}; "
        f"{'whole documents' if chunk is None else f'passages of {chunk} tokens'}; "
        f"{'upstream ' + first['upstream'] if first['upstream'] else 'no upstream'}"
    )
    yield (
        f"machine   {machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"Python {machine['python']}, {about['started'][:10]}"
    )
    versions = {
        name: found
        for tracks in report["backends"].values()
        for run in tracks.values()
        for name, found in run["versions"].items()
    }
    yield "versions  " + ", ".join(f"{name} {found}" for name, found in versions.items() if name in _SHOWN)
    yield f"prices    {about['prices']}"
    yield f"folder    {escape(about['folder'])}"


def _quality(rows: list[Mapping[str, Any]]) -> Table:
    table = _table("n", "fail", "EM", "F1", "refuse", "simil", "recall@5", "nDCG", "PII")
    for row in rows:
        answers, retrieval, intervals = row["answers"], row["retrieval"], row["intervals"]
        table.add_row(
            row["backend"],
            str(row["questions"]),
            str(row["failed"]),
            _share(answers["exact_match"]),
            _share(answers["f1"], intervals.get("answers.f1")),
            _share(answers["refusal_accuracy"]),
            _share(answers["semantic_similarity"]),
            _share(retrieval["recall@5"], intervals.get("retrieval.recall@5")),
            _share(retrieval["ndcg@10"]),
            "/".join(_percent(row["pii"][where]) for where in ("prompt", "answer")),
        )
    return table


def _speed(rows: list[Mapping[str, Any]]) -> Table:
    table = _table("k", "p50", "p95", "p99", "embed", "search", "model", "frame", "+CPU", "tokens", "USD")
    for row in rows:
        wall, parts, mark = row["wall_ms"], row["parts_ms"], "" if row["comparable"] else "*"
        given, made = row["tokens"]["input"], row["tokens"]["output"]
        table.add_row(
            row["backend"],
            str(row["k"]),
            *(f"{_ms(wall[name])}{mark}" for name in ("p50", "p95", "p99")),
            *(_ms(parts[name]) for name in ("embedding", "retrieval", "model", "framework")),
            _ms(row["framework_cpu_ms"]),
            "-" if given is None or made is None else f"{given:,.0f}+{made:,.0f}",
            "unpriced" if row["usd"] is None else f"{row['usd']:.2f}",
        )
    return table


LEGEND = (
    "n: questions asked. EM, F1, simil(arity of meaning), recall@5, nDCG@10: 0 to 1, the 95 % interval in "
    "brackets. fail: no answer, wrong in every score. refuse: share of unanswerable questions that were "
    "declined. PII: % of prompts/answers with personal data. k: passages in the prompt. Times in ms, medians "
    "but p95 and p99, as if nothing had been cached; frame: what the framework itself took; +CPU: of the "
    "worker beyond the control's on the same question. tokens: in+out of a question. USD: of 1,000 questions."
)


def _judged(rows: list[Mapping[str, Any]]) -> Table:
    """What a judge model and ragas' id-based figures say, and what judging itself came to."""
    metrics = sorted({name for row in rows for name in row["judge"] if name != "bill"})
    ids = sorted({name for row in rows for name in row["ragas"]})
    table = _table(*(name.replace("_", " ") for name in (*metrics, *ids)), "judge calls", "judge USD")
    for row in rows:
        bill = row["judge"].get("bill") or {"calls": 0, "spent_usd": "0"}
        table.add_row(
            row["backend"],
            *(_share(row["judge"].get(name), row["intervals"].get(f"judge.{name}")) for name in metrics),
            *(_share(row["ragas"].get(name)) for name in ids),
            str(bill["calls"]),
            "unpriced" if bill["spent_usd"] is None else f"{float(bill['spent_usd']):.4f}",
        )
    return table


def _caveats(rows: list[Mapping[str, Any]]) -> Iterable[str]:
    """The notes of all rows, those that several share once."""
    by_note: dict[str, list[str]] = {}
    for row in rows:
        for note in (*row["notes"], *([row["native_note"]] if row["native_note"] else [])):
            by_note.setdefault(note, []).append(row["backend"])
    for note, names in by_note.items():
        whose = "all" if len(names) == len(rows) else ", ".join(names)
        yield f"[dim]- {whose}: {escape(note)}[/dim]"


def _table(*heads: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("backend", no_wrap=True)
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    return table


def _share(value: float | None, interval: Mapping[str, Any] | None = None) -> str:
    """0 to 1 without the leading zero, its 95 % interval in brackets."""
    if value is None:
        return "-"
    within = f" [{_short(interval['low'], 2)},{_short(interval['high'], 2)}]" if interval else ""
    return _short(value, 3) + within


def _short(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace("0.", ".", 1)


def _percent(seen: Mapping[str, Any] | None) -> str:
    return "-" if seen is None else f"{100 * seen['share']:.0f}"


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _price_as(about: Mapping[str, Any]) -> prices.Price | None:
    """The price that local tokens are to be counted at, as it was on the day of the run: a report does not change."""
    model = about.get("price_as")
    if not model:
        return None
    price = prices.lookup(model, at=date.fromisoformat(about["started"][:10]))
    if price is None:
        raise BadInput(f"--price-as {model}: the installed price list no longer holds it; run again with another")
    return price


def _asked(run: Run) -> str:
    """A digest of which questions a run has asked, to tell whether two were asked the same."""
    return hashlib.sha256("\0".join(sorted(name for _, name in run.answers())).encode()).hexdigest()[:12]


def _k(own: int | None, given: int) -> int:
    return given if own is None else own
