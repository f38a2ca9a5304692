"""A report in, tables and sentences for a terminal of 100 columns out."""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from workbench.backends import framework
from workbench.nouns import counted
from workbench.runs import accounts

TRACK_NOTES = {
    "parity": "same passages, vectors, k and prompt for all: what differs is the framework",
    "native": "each framework's own splitter, prompt and k: what a team gets out of the box",
}

POLICIES = {
    "redact": "redact: personal data that is detected in a chat goes out under pseudonyms and comes back in the answer",
    "reject": "reject: a chat in which personal data is detected is not sent; its question fails",
}


def lines(report: Mapping[str, Any]) -> Iterable[Any]:
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
            if any("leakage" in row for row in rows):
                yield ""
                yield _leaks(rows)
                yield f"[dim]{LEAK_LEGEND}[/dim]"
            if len(rows[0]["kinds"]) > 1:
                yield ""
                yield _by_kind(rows)
            if track == "parity" and (proof := report["parity"])["backends"] > 1:
                yield (
                    f"[dim]- all {proof['backends']}: byte-equal prompts in {proof['equal_prompts']} and the same "
                    f"passages in {proof['equal_passages']} of {counted(proof['questions'], 'question')}[/dim]"
                )
            if len({row["asked"] for row in rows}) > 1:
                yield "[bold]- so far the backends were asked different questions: compare when all are done[/bold]"
            yield from _caveats(rows)
    yield f"\n[dim]{LEGEND}[/dim]"


def unfinished(about: Mapping[str, Any]) -> Iterable[str]:
    """A line where an experiment was not asked to its end, none where it was."""
    if missing := about.get("unfinished"):
        yield (
            f"[bold]unfinished: {missing['answered']:,} of "
            f"{counted(missing['wanted'], 'answer is', 'answers are')} there; "
            "the command that began it goes on[/bold]"
        )


def _stands_on(report: Mapping[str, Any]) -> Iterable[str]:
    about, first = report["experiment"], next(iter(next(iter(report["backends"].values())).values()))
    workload, machine, chunk = about["workload"], about["machine"], first["chunk_tokens"]
    rounds = f", {first['rounds']} rounds" if first["rounds"] > 1 else ""
    yield from unfinished(about)
    yield (
        f"[bold]{workload['name']}[/bold]  {first['questions']} of "
        f"{counted(workload['questions'], 'question')}{rounds}, "
        f"{counted(workload['tenants'], 'tenant')}, {counted(workload['documents'], 'document')}, seed {about['seed']}"
    )
    yield (
        f"models    {first['model']}, {first['embedding_model']}; "
        f"{'whole documents' if chunk is None else f'passages of {chunk} tokens'}{_retrieval(first)}; "
        f"{'upstream ' + first['upstream'] if first['upstream'] else 'no upstream'}"
    )
    if replayed := about.get("replayed"):
        waited = "waited for" if replayed["real_time"] else "counted, not waited for"
        yield (
            f"replayed  {counted(replayed['calls'], 'call')} of {escape(replayed['file'])} "
            f"(sha256 {replayed['sha256'][:12]}), their times {waited}"
        )
    yield (
        f"machine   {machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"Python {machine['python']}, {about['started'][:10]}"
    )
    if policy := first.get("privacy"):
        yield f"privacy   {POLICIES[policy]}"
    versions = {
        part: found
        for name, tracks in report["backends"].items()
        for run in tracks.values()
        for part, found in run["versions"].items()
        if part in (framework(name, run["versions"]), "faiss-cpu")
    }
    yield "versions  " + ", ".join(f"{part} {found}" for part, found in versions.items())
    yield f"prices    {about['prices']}"
    if cost := accounts.line(about):
        yield f"cost      {cost}"
    yield f"folder    {escape(about['folder'])}"


def _retrieval(run: Mapping[str, Any]) -> str:
    found, reranker = run.get("found_by"), run.get("reranker")
    return (f", {found} retrieval" if found else "") + (f", ranked by {escape(reranker)}" if reranker else "")


def _quality(rows: list[Mapping[str, Any]]) -> Table:
    table = rows_of("n", "fail", "EM", "F1", "refuse", "simil", "recall@5", "nDCG", "PII")
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
    table = rows_of("k", "p50", "p95", "p99", "embed", "search", "model", "frame", "+CPU", "tokens", "USD")
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
    "worker beyond the control's on the same question. tokens: in+out of a question. USD: of 1,000 questions. By "
    "kind: recall@5, and the share of needed facts that the answer holds (what must be declined: was declined); "
    "intervals in --json."
)


LEAK_LEGEND = (
    "Planted values, found by exact search. sent: share of questions with a value of the documents in what was sent to "
    "a model, times: how often each was; told: in the answer to somebody who may not know it; cross: another tenant's; "
    "class: sent or told above the asker's clearance; of no event its 95 % upper bound, by planted documents. "
    "of N: values sent/told of all planted. left: values in the framework's own files, its standard error, our logs."
)


def _leaks(rows: list[Mapping[str, Any]]) -> Table:
    """Where planted values went."""
    planted = next(row["leakage"]["planted"]["values"] for row in rows if "leakage" in row)
    table = rows_of("sent", "times", "told", "cross", "class", f"of {planted}", "left")
    for row in rows:
        found = row.get("leakage", {})
        if "questions" not in found:
            table.add_row(row["backend"], *["-"] * 7)
            continue
        shares, values, left = found["questions"], found["values"], found["sinks"]
        times = found["amplification"]
        table.add_row(
            row["backend"],
            _leak(shares["prompt"]),
            "-" if times is None else f"{times:.1f}",
            *(_leak(shares[name]) for name in ("answer", "cross", "class")),
            f"{values['prompt']}/{values['answer']}",
            "/".join(str(left[name]) for name in ("cache", "stderr", "log")),
        )
    return table


def _leak(found: Mapping[str, Any]) -> str:
    if not found["n"] or found["high"] is None:
        return "-"
    if not found["events"]:
        # Rounded up: a bound that is printed must hold.
        return f"0 ≤{_short(ceil(1000 * found['high']) / 1000, 3)}"
    return _share(found["share"], found)


def _judged(rows: list[Mapping[str, Any]]) -> Table:
    """What a judge model and ragas' id-based figures say, and what judging itself came to."""
    metrics = sorted({name for row in rows for name in row["judge"] if name != "bill"})
    ids = sorted({name for row in rows for name in row["ragas"]})
    table = rows_of(*(name.replace("_", " ") for name in (*metrics, *ids)), "judge calls", "judge USD")
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


def _by_kind(rows: list[Mapping[str, Any]]) -> Table:
    """Recall and right answers of every kind of question, backends side by side; one column where all are alike."""
    # Of a choice of questions some kinds may have none.
    kinds = [kind for kind in rows[0]["kinds"] if _asked(rows, kind)]
    columns = {row["backend"]: [_cell(row["kinds"].get(kind, {})) for kind in kinds] for row in rows}
    if len(columns) > 1 and len({tuple(cells) for cells in columns.values()}) == 1:
        columns = {f"all {len(columns)}": next(iter(columns.values()))}
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("recall@5 right", no_wrap=True)
    table.add_column("n", justify="right", no_wrap=True)
    for name in columns:
        table.add_column(_NARROW.get(name, name), justify="right", no_wrap=True)
    for place, kind in enumerate(kinds):
        table.add_row(kind.replace("_", " "), str(_asked(rows, kind)), *(cells[place] for cells in columns.values()))
    return table


def _asked(rows: list[Mapping[str, Any]], kind: str) -> int:
    """Questions of a kind that a figure rests on, in the run that has most of them."""
    return max((figure["n"] for row in rows for figure in row["kinds"].get(kind, {}).values() if figure), default=0)


def _cell(figures: Mapping[str, Any]) -> str:
    return " ".join(_point(figures.get(name)) for name in ("recall@5", "right"))


_NARROW = {"semantic_kernel": "sem_kernel"}
"""Names that a column of a table by kind has no room for."""


def _point(figure: Mapping[str, Any] | None) -> str:
    """0 to 1 in two digits; a bar where nothing is scored."""
    return "  -" if figure is None else ("1.0" if figure["value"] >= 0.995 else _short(figure["value"], 2))


def _caveats(rows: list[Mapping[str, Any]]) -> Iterable[str]:
    told = ((row["backend"], note) for row in rows for note in (*row["notes"], row["native_note"]) if note)
    return notes(told, len(rows))


def notes(told: Iterable[tuple[str, str]], rows: int) -> Iterable[str]:
    """Sentences, one that several rows share once.

    Args:
        told: whose, and the sentence.
        rows: how many there are.
    """
    by_note: dict[str, list[str]] = {}
    for name, note in told:
        by_note.setdefault(note, []).append(name)
    for note, names in by_note.items():
        whose = "all" if len(names) == rows else ", ".join(names)
        yield f"[dim]- {whose}: {escape(note)}[/dim]"


def rows_of(*heads: str, first: str = "backend") -> Table:
    """An empty table with a row's name to the left and numbers to the right."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(first, no_wrap=True)
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
    shown = f"{value:.{digits}f}"
    return shown.replace("0.", ".", 1) if abs(value) < 1 else shown


def _percent(seen: Mapping[str, Any] | None) -> str:
    return "-" if seen is None else f"{100 * seen['share']:.0f}"


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
