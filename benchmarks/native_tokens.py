"""Prompt tokens that each framework's own prompt costs beyond question and passages, and beside the control's prompt.

All six backends answer on the native track, with each framework's own splitter, k and prompt, and the prompts are kept.
Of every call that counts, tokens of the question and of each passage that stands in it are taken off: what is left are
instructions, markers and metadata, added up over the calls of a question. A passage counts as standing in a prompt when
its text is found there, whatever the blanks, line ends and HTML escapes between its characters. Beside it: all chat
input tokens of a question, and those of the control's parity prompt with the same k, made of the passages that the
control found for the same question. Means over questions with Student's 95 % interval. Tokens are counted as the
gateway meters them; embeddings, and a schema that a framework sends beside its messages, are not in them.
Must reach: no failure, every used passage found in its prompt, and every metered count counted again alike.
"""

import argparse
import html
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import conditions
from squad import workbench

from workbench.backends.contract import PASSAGE_SEPARATOR, SHARED_PROMPT
from workbench.comparison import CONTROL
from workbench.messages import text_of
from workbench.models.minilm import TOKENIZER, count_tokens
from workbench.runs.store import Experiment, Run
from workbench.stats import mean_interval

ROOT = Path(__file__).parents[1]
OWN = count_tokens(SHARED_PROMPT.format(context="", question=""))
"""Tokens of the control's prompt beyond question and passages; line ends, which separate passages, are none."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One question's chat calls on one backend."""

    calls: int
    input_tokens: int
    own_tokens: int
    """Neither question nor passages."""
    passages_missing: int
    """Used by the framework's account, and in none of its prompts."""
    counted_otherwise: int
    """Calls of which the gateway metered another number than is counted here."""


def asked(run: Run, questions: Mapping[str, str]) -> dict[str, Asked]:
    """Each answered question's calls."""
    answers = {one.attempt: one for one in run.answers().values() if one.failure is None}
    metered = {call.id: call.input_tokens for call in run.calls() if call.kind == "chat" and call.status == 200}
    prompts: dict[str, list[tuple[str, int, int]]] = {attempt: [] for attempt in answers}
    for item in run.call_texts():
        if item["attempt"] in answers and item["call"] in metered:
            texts = [text_of(message) for message in item["sent"]]
            prompts[item["attempt"]].append(("\n".join(texts), metered[item["call"]], sum(map(count_tokens, texts))))
    passages, found = run.passage_texts(), {}
    for attempt, answer in answers.items():
        used = [passages[hit.passage] for hit in answer.hits[: answer.used]]
        found[answer.question] = _asked(prompts[attempt], questions[answer.question], used)
    return found


def _asked(prompts: Sequence[tuple[str, int, int]], question: str, used: Sequence[str]) -> Asked:
    squeezed, own = [_squeezed(text) for text in used], 0
    seen: set[int] = set()
    for prompt, tokens, _ in prompts:
        whole = _squeezed(prompt)
        there = {place for place, text in enumerate(squeezed) if text in whole}
        given = sum(count_tokens(used[place]) for place in there)
        own += tokens - given - (count_tokens(question) if _squeezed(question) in whole else 0)
        seen |= there
    return Asked(
        calls=len(prompts),
        input_tokens=sum(tokens for _, tokens, _ in prompts),
        own_tokens=own,
        passages_missing=len(used) - len(seen),
        counted_otherwise=sum(tokens != again for _, tokens, again in prompts),
    )


def _squeezed(text: str) -> str:
    return "".join(html.unescape(text).split())


def parity_tokens(control: Run, questions: Mapping[str, str], k: int) -> dict[str, int]:
    """Tokens of the control's parity prompt with so many of the passages that it found, by question."""
    passages, found = control.passage_texts(), {}
    for answer in control.answers().values():
        context = PASSAGE_SEPARATOR.join(passages[hit.passage] for hit in answer.hits[:k])
        found[answer.question] = count_tokens(
            SHARED_PROMPT.format(context=context, question=questions[answer.question])
        )
    return found


def compared(found: Mapping[str, Asked], parity: Mapping[str, int], k: int, failed: int) -> Row:
    """One backend's means over the questions that it and the control answered."""
    names = [name for name in found if name in parity]
    figures: dict[str, list[float]] = {
        "own_tokens": [found[name].own_tokens for name in names],
        "input_tokens": [found[name].input_tokens for name in names],
        "control_input_tokens": [parity[name] for name in names],
        "more_input_tokens": [found[name].input_tokens - parity[name] for name in names],
        "more_own_tokens": [found[name].own_tokens - OWN for name in names],
        "calls": [found[name].calls for name in names],
    }
    return {
        "n": len(names),
        "k": k,
        "failed": failed,
        **{name: fmean(values) for name, values in figures.items()},
        "own_share": sum(figures["own_tokens"]) / sum(figures["input_tokens"]),
        "intervals": {name: asdict(one) for name, values in figures.items() if (one := mean_interval(values))},
        "passages_missing": sum(found[name].passages_missing for name in names),
        "counted_otherwise": sum(found[name].counted_otherwise for name in names),
    }


def measured(experiment: Experiment) -> dict[str, Row]:
    """Each backend beside the control's prompt with the same k."""
    questions = {item["question"]: item["text"] for item in experiment.question_texts()}
    control, found = experiment.run(CONTROL, "native"), {}
    native = [(run, identity) for run in experiment.runs() if (identity := run.identity()).track == "native"]
    for run, identity in native:
        k = identity.native_k or identity.recipe.k
        failed = sum(answer.failure is not None for answer in run.answers().values())
        parity = parity_tokens(control, questions, k)
        found[identity.backend] = compared(asked(run, questions), parity, k, failed)
    return dict(sorted(found.items(), key=lambda item: (item[0] != CONTROL, item[0])))


def short(rows: Mapping[str, Row], questions: int) -> list[str]:
    """What is not as it must be."""
    found = []
    for name, row in rows.items():
        if row["failed"] or row["n"] != questions:
            found.append(f"{name}: {row['failed']} failed, {row['n']} of {questions} questions counted")
        if row["passages_missing"]:
            found.append(f"{name}: {row['passages_missing']} passages that it used are in none of its prompts")
        if row["counted_otherwise"]:
            found.append(f"{name}: {row['counted_otherwise']} calls were metered otherwise than counted here")
    if rows[CONTROL]["more_input_tokens"] or rows[CONTROL]["more_own_tokens"]:
        found.append(f"the control's own prompt is told {rows[CONTROL]['more_input_tokens']} tokens from what it sent")
    return found


def told(rows: Mapping[str, Row]) -> Iterator[str]:
    """Lines of the table."""
    what = f"{'neither question nor passages':31}{'all input':26}{'control, same k':18}more"
    yield f"{'':16}{'n':>4}{'k':>4}{'calls':>7}  {what}"
    for name, row in rows.items():
        cells = [_cell(row, each) for each in ("own_tokens", "input_tokens", "control_input_tokens")]
        more = _cell(row, "more_input_tokens", "+")
        share = f"{cells[0]}, {row['own_share']:.1%}"
        yield (
            f"{name:16}{row['n']:4}{row['k']:4}{row['calls']:7.2f}  {share:31}{cells[1]:26}"
            f"{row['control_input_tokens']:<18,.0f}{more}"
        )


def _cell(row: Row, name: str, sign: str = "") -> str:
    interval = row["intervals"].get(name)
    spread = f" [{interval['low']:,.0f}, {interval['high']:,.0f}]" if interval else ""
    return f"{row[name]:{sign},.0f}{spread}"


def main() -> int:
    """Measure, print, and write what was asked for; 1 where something is not as it must be."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("workload", nargs="?", type=Path, default=ROOT / "datasets" / "enterprise")
    options.add_argument("--tenants", default="merrow-bank", help="all, or ids with commas")
    options.add_argument("--questions", type=int, default=100)
    options.add_argument("--out", type=Path, help="keep the experiment here, and go on with it; else it is removed")
    options.add_argument("--json", type=Path, help="write the figures here")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        out = given.out or Path(scratch, "run")
        words = ("--tenants", given.tenants, "--questions", str(given.questions))
        workbench("run", str(given.workload), *words, "--track", "native", "--out", str(out))
        experiment = Experiment.open(out)
        rows, about = measured(experiment), conditions.of(experiment)
    missing = short(rows, given.questions)
    print(f"\nchat input tokens a question, counted by {TOKENIZER}; means over questions [95 %]")
    print(*told(rows), sep="\n")
    print(f"the control's prompt has {OWN} tokens that are neither question nor passages")
    print(*missing, sep="\n", end="\n" if missing else "")
    print(f"tokens of {len(rows)} native prompts accounted for: {'short of it' if missing else 'reached'}")
    if given.json:
        content = {
            **about,
            "tenants": given.tenants,
            "track": "native",
            "tokenizer": TOKENIZER,
            "control_own_tokens": OWN,
            "reached": not missing,
            "short_of": missing,
            "backends": rows,
        }
        given.json.write_text(json.dumps(content, indent=2) + "\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
