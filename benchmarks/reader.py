"""How well local/extractive reads, on any file of SQuAD's layout (v1.1 or v2.0, also .gz), by SQuAD's official rules.

Each question is put to its own paragraph in the parity prompt, through the whole reader: it finds question and context,
chooses a sentence, then the answer in it, then whether to decline. All figures are percentages, 0 to 100. Exit code: 0
measured, 2 no such file or not of that layout.
"""

import argparse
import gzip
import hashlib
import json
import sys
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from workbench.backends.contract import SHARED_PROMPT
from workbench.errors import BadInput
from workbench.models.extractive import explain
from workbench.scores.answers import exact_match, f1, normalise
from workbench.stats import Interval, mean_interval, wilson
from workbench.terminal import Bar


@dataclass(frozen=True, slots=True)
class Case:
    """One question with its paragraph."""

    context: str
    question: str
    answers: tuple[str, ...]
    """Empty: the paragraph does not answer it."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the reader made of one question; shares from 0 to 1."""

    answerable: bool
    declined: bool
    sentence: float
    """1 when the sentence chosen before the decision to decline holds a gold answer; 0 for an unanswerable question."""
    exact_match: float
    f1: float
    cpu_seconds: float


def load(path: Path) -> tuple[list[Case], str]:
    """The questions of a SQuAD file, and the SHA-256 of the file.

    Raises:
        BadInput: the file cannot be read, is no JSON, or has another layout; says where.
    """
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
        content = json.loads(text)
    except (OSError, EOFError, ValueError, RecursionError, zlib.error) as error:
        raise BadInput(
            f"{path} cannot be read as SQuAD JSON, plain or gzipped ({error}); name another file."
        ) from error
    where = "the file"
    cases = []
    try:
        for number, article in enumerate(content["data"]):
            for place, paragraph in enumerate(article["paragraphs"]):
                for turn, asked in enumerate(paragraph["qas"]):
                    where = f"article {number}, paragraph {place}, question {turn}"
                    answers = [] if asked.get("is_impossible", False) else asked["answers"]
                    texts = tuple(dict.fromkeys(str(answer["text"]) for answer in answers))
                    cases.append(Case(str(paragraph["context"]), str(asked["question"]), texts))
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"{path} is not of SQuAD's layout after {where} ({type(error).__name__}: {error}); name another file."
        ) from error
    if not cases:
        raise BadInput(f"{path} holds no question; name a SQuAD file.")
    return cases, hashlib.sha256(raw).hexdigest()


def ask(case: Case) -> Result:
    """Put one question to the reader. By SQuAD v2.0's rule a declined answer counts as the empty one."""
    prompt = SHARED_PROMPT.format(context=case.context, question=case.question)
    began = time.process_time()
    explained = explain([{"role": "user", "content": prompt}])
    seconds = time.process_time() - began
    declined = "declined" in explained.reading.flags
    reply = "" if declined else explained.reading.text
    gold = case.answers or ("",)
    chosen = normalise(explained.choice.sentence.text) if explained.choice else ""
    return Result(
        answerable=bool(case.answers),
        declined=declined,
        sentence=float(any(normalise(answer) in chosen for answer in case.answers)),
        exact_match=max(exact_match(reply, answer) for answer in gold),
        f1=max(f1(reply, answer) for answer in gold),
        cpu_seconds=seconds,
    )


def report(results: Sequence[Result]) -> dict[str, Any]:
    """The figures, as percentages; `intervals` holds the 95 % interval of each that has one."""
    answerable = [result for result in results if result.answerable]
    shares = {
        "sentence_accuracy": [result.sentence for result in answerable],
        "sentence_accuracy_if_declined_is_wrong": [result.sentence * (not result.declined) for result in answerable],
        "exact_match": [result.exact_match for result in results],
        "f1": [result.f1 for result in results],
        "answerable_accuracy": [float(result.declined != result.answerable) for result in results],
        "exact_match_answerable": [result.exact_match for result in answerable],
        "f1_answerable": [result.f1 for result in answerable],
        "declined_answerable": [float(result.declined) for result in answerable],
        "declined_unanswerable": [float(result.declined) for result in results if not result.answerable],
    }
    figures: dict[str, Any] = {"unit": "percent", "questions": len(results), "answerable_questions": len(answerable)}
    intervals = {}
    for name, values in shares.items():
        if not values:
            continue
        figures[name] = 100 * fmean(values)
        found = _interval(name, values)
        if found is not None:
            intervals[name] = {"low": 100 * found.low, "high": 100 * found.high, "n": found.n, "method": found.method}
    figures["cpu_ms_per_question"] = 1000 * fmean(result.cpu_seconds for result in results)
    return figures | {"intervals": intervals}


def _interval(name: str, values: Sequence[float]) -> Interval | None:
    return mean_interval(values) if name.startswith("f1") else wilson(sum(values), len(values))


_SHOWN = (
    ("sentence_accuracy", "right sentence, before declining"),
    ("sentence_accuracy_if_declined_is_wrong", "  the same, declined counted as wrong"),
    ("exact_match", "exact match, a declined answer empty"),
    ("f1", "F1, a declined answer empty"),
    ("answerable_accuracy", "answered or declined rightly"),
    ("exact_match_answerable", "  exact match, answerable alone"),
    ("f1_answerable", "  F1, answerable alone"),
    ("declined_answerable", "  answerable, declined"),
    ("declined_unanswerable", "  unanswerable, declined"),
)


def show(figures: dict[str, Any]) -> None:
    """Print a table of at most 100 columns."""
    print(f"local/extractive on {figures['file']}, sha256 {figures['sha256'][:16]}")
    print(f"{'percent':42}{'figure':>8}   95 % interval{'n':>8}")
    for name, label in _SHOWN:
        if name in figures:
            found = figures["intervals"].get(name)
            limits = f"{found['low']:5.1f} to {found['high']:5.1f}{found['n']:9,}" if found else ""
            print(f"{label:42}{figures[name]:8.1f}   {limits}")
    print(f"{figures['cpu_ms_per_question']:.2f} ms CPU per question")


def main() -> int:
    """Measure; 0 done, 2 with a sentence where the file is missing or broken."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("file", type=Path, help="SQuAD JSON, v1.1 or v2.0, plain or gzipped")
    options.add_argument("--json", type=Path, help="write the figures here")
    given = options.parse_args()
    try:
        cases, digest = load(given.file)
    except BadInput as error:
        print(error, file=sys.stderr)
        return error.exit_code
    results = []
    with Bar() as bar:
        bar.stage("reading", len(cases))
        for case in cases:
            results.append(ask(case))
            bar.advance()
    figures = {"file": given.file.name, "sha256": digest} | report(results)
    show(figures)
    if given.json:
        try:
            given.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            print(f"{given.json} cannot be written ({error}); name another file.", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
