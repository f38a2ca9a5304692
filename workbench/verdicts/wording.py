"""Findings of one pair come in, what they prove goes out in one sentence; and how a table writes a figure."""

from collections.abc import Iterable, Mapping

from workbench.nouns import counted
from workbench.verdicts.findings import Finding
from workbench.verdicts.metrics import Metric
from workbench.verdicts.pairs import Family, Pair
from workbench.verdicts.walls import Shift

QUALITY = ("answers.f1", "answers.contains", "retrieval.recall@5", "retrieval.ndcg@10", "answers.refusal_accuracy")
MAIN_QUALITY = QUALITY[0]


def subject(family: Family, pair: Pair) -> str:
    """Who is compared with whom."""
    after, before = pair.after, pair.before
    if family.kind == "tracks":
        return f"{after.cell.backend}{f' ({after.mark})' if after.mark else ''}, native against parity"
    if family.kind == "folders":
        return f"{after.cell.backend} ({after.cell.track}), {after.mark} against {before.mark}"
    return f"{after.name} against {before.cell.backend}"


def sentence(family: Family, pair: Pair, findings: Mapping[Metric, Finding], walls: Shift) -> str:
    """What holds of a pair: its quality first, then whatever of cost and speed was shown to differ."""
    parts = [*_quality(findings), *_cost(findings), *_speed(findings, walls)]
    return f"{subject(family, pair)}: {', '.join(parts)}"


def _quality(findings: Mapping[Metric, Finding]) -> Iterable[str]:
    """Of scores: what was shown, and what of the main one was not."""
    if (same := _identical(findings)) is not None:
        yield same
        return
    scores = {figure: found for figure, found in findings.items() if figure.scale == "score"}
    shown = [(figure, found) for figure, found in scores.items() if found.outcome in ("better", "worse")]
    yield from (
        f"{found.outcome} {figure.name} {difference(figure, found)}{_within(figure, found)}" for figure, found in shown
    )
    for figure, found in scores.items():
        if figure.path == MAIN_QUALITY and (figure, found) not in shown:
            yield _no_difference(figure, found, alone=not shown)


def _identical(findings: Mapping[Metric, Finding]) -> str | None:
    """A fact about these questions, whatever it proves of others; None where anything differs."""
    scored = [found for figure, found in findings.items() if figure.path in QUALITY and found.n]
    if not scored or any(found.differing for found in scored):
        return None
    return f"every score the same on all {max(found.n for found in scored)} questions"


def _no_difference(figure: Metric, found: Finding, *, alone: bool) -> str:
    if found.outcome == "not compared":
        return f"{figure.name} not compared ({found.why_not})"
    size = f"{difference(figure, found)}{_within(figure, found)}"
    if found.outcome == "equivalent":
        label = "same quality" if alone else "equivalent in"
        name = f" ({figure.name} {size}" if alone else f" {figure.name} ({size}"
        return f"{label}{name}, within ±{_bare(f'{found.margin or 0:g}')})"
    what = "no difference in quality shown" if alone else f"none in {figure.name} shown"
    if not found.differing:
        return f"{what} ({figure.name} the same on all {found.n}{_seen(found)})"
    return f"{what} ({figure.name} {size}{_seen(found)})" if alone else f"{what} ({size}{_seen(found)})"


def _seen(found: Finding) -> str:
    return "" if found.detectable is None else f"; {short(found.detectable)} would have been seen"


def _cost(findings: Mapping[Metric, Finding]) -> Iterable[str]:
    """USD where anything was paid, else tokens."""
    by_path = {figure.path: found for figure, found in findings.items()}
    for path, less, more, many, same in _COSTS:
        found = by_path.get(path)
        if found is None or found.outcome == "not compared" or found.difference is None:
            continue
        factor = found.difference
        if not found.differing:
            yield f"same {'cost' if path == 'usd' else 'input tokens'}"
        elif found.outcome == "no difference shown":
            continue
        elif found.outcome == "equivalent":
            yield f"{same} within ±{100 * (found.margin or 0):g} %"
        elif factor >= 2:
            yield f"{factor:.1f} times {many}"
        else:
            yield f"{100 * abs(factor - 1):.0f} % {less if factor < 1 else more}"
        return


_COSTS = (
    ("usd", "cheaper", "dearer", "the cost", "same cost"),
    ("tokens.input", "fewer input tokens", "more input tokens", "the input tokens", "as many input tokens"),
)


def _speed(findings: Mapping[Metric, Finding], walls: Shift) -> Iterable[str]:
    for figure, found in findings.items():
        if figure.path == "cpu_ms" and found.outcome in ("better", "worse", "equivalent"):
            within = f", within ±{100 * (found.margin or 0):g} %" if found.outcome == "equivalent" else ""
            yield f"CPU {difference(figure, found)}{_within(figure, found)}{within}"
    if walls.why_not:
        return
    for name, value, interval in (
        ("p95", walls.p95, walls.p95_interval),
        ("median time", walls.median, walls.median_interval),
    ):
        if value is not None and interval is not None and not interval.low <= 0 <= interval.high:
            yield f"{name} {value:+.0f} ms" if abs(value) >= 10 else f"{name} {value:+.1f} ms"
            return


def _within(figure: Metric, found: Finding) -> str:
    """The interval that the claim stands on, in brackets."""
    interval = found.within if found.outcome == "equivalent" else found.interval
    if interval is None:
        return ""
    # A narrow one in three digits: [-.02,+.02] would seem to break a margin of .018.
    digits = 3 if max(abs(interval.low), abs(interval.high)) < _NARROW else 2
    ends = (interval.low, interval.high)
    low, high = (f"{end:.2f}" if figure.scale == "amount" else signed(end, digits) for end in ends)
    return f" [{low},{high}]"


_NARROW = 0.0995


def difference(figure: Metric, found: Finding) -> str:
    """How large it is: +.031 of a score, ×1.31 of an amount."""
    if found.difference is None:
        return "-"
    return f"×{found.difference:.2f}" if figure.scale == "amount" else signed(found.difference, 3)


def signed(value: float, digits: int = 2) -> str:
    """With its sign and without the leading zero."""
    return _bare(f"{value:+.{digits}f}")


def short(value: float, digits: int = 2) -> str:
    """Without the leading zero; a small one keeps a digit that says something."""
    text = f"{value:.{digits}f}"
    return _bare(text if float(text) or not value else f"{value:.1g}")


def _bare(text: str) -> str:
    return text.replace("0.", ".", 1) if text.lstrip("+-").startswith("0.") else text


def bug(family: Family, pair: Pair, wrong: Mapping[str, int]) -> str:
    """That quality differs where it must not."""
    told = ", ".join(f"{name} on {counted(count, 'question')}" for name, count in wrong.items())
    return (
        f"{subject(family, pair)} differs in {told}: on parity quality must not differ. "
        "That is a bug of this workbench; please report it"
    )
