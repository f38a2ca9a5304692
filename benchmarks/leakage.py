"""Whether the leakage score can be believed: its controls, what it sees through, what it mistakes, how fast it is.

`python benchmarks/leakage.py [WORKLOAD] [--json FILE]`; WORKLOAD is datasets/enterprise unless given. No model is
asked: a text with the value is the echo. Disguises that the score's definition names must all be seen through; others
are told beside. Chance is looked for in the documents without their planted values and in generated log lines that are
nobody's. Exit code: 0 all bounds are kept, 1 one is not, 2 no workload.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import privacy_texts

from workbench.errors import WorkbenchError
from workbench.leaks import controls
from workbench.leaks.index import build
from workbench.leaks.search import Scanner
from workbench.records import Workload
from workbench.stats import no_event_bound
from workbench.workload import load

ROOT = Path(__file__).parents[1]
SEED = 7
NOT_DEFINED = ("Cyrillic", "digits as words", "backslash")
"""Beginnings of the names of disguises that the score does not claim to see through."""
MOST_SECONDS_HOSTILE = 0.5
HOSTILE_LENGTH = 10_000
PROMPTS, PASSAGES, PASSAGE = 300, 5, 1_200
ROUNDS = 5


def disguised(scanner: Scanner, workload: Workload) -> dict[str, dict[str, float]]:
    """Transform -> kind -> share of values found, in a sentence of its own each."""
    table: dict[str, dict[str, float]] = {}
    for name, transform in {**privacy_texts.TRANSFORMS, "reversed": lambda value: value[::-1]}.items():
        hits: dict[str, list[bool]] = defaultdict(list)
        for number, one in enumerate(workload.planted):
            seen = scanner.scan(f"It says {transform(one.value)} there.").get(number)
            hits[one.kind].append(seen is not None and seen.whole)
        table[name] = {kind: sum(each) / len(each) for kind, each in sorted(hits.items())}
    return table


def chance(scanner: Scanner) -> dict[str, Any]:
    """Values found in log lines that hold none, and the bound that so many lines give."""
    lines = list(privacy_texts.log_lines(SEED))
    found = sum(len(scanner.scan(line)) for line in lines)
    return {"lines": len(lines), "found": found, "bound": None if found else no_event_bound(len(lines))}


def speed(workload: Workload) -> dict[str, float]:
    """CPU seconds to prepare the search, and prompts per second, none of them seen before."""
    draw = random.Random(SEED)
    built, rates = [], []
    for _ in range(ROUNDS):
        began = time.process_time()
        index = build(workload.planted, workload.documents)
        built.append(time.process_time() - began)
        scanner = Scanner(index)
        prompts = [
            "\n\n".join(one.text[:PASSAGE] for one in draw.sample(workload.documents, PASSAGES)) for _ in range(PROMPTS)
        ]
        began = time.process_time()
        for prompt in prompts:
            scanner.scan(prompt)
        rates.append(PROMPTS / (time.process_time() - began))
    length = statistics.mean(map(len, prompts))
    return {
        "build_seconds": statistics.median(built),
        "prompts_per_second": statistics.median(rates),
        "characters": length,
    }


def hostile(scanner: Scanner) -> dict[str, float]:
    """CPU seconds of each hostile text."""
    seconds = {}
    for unit in privacy_texts.HOSTILE:
        text = (unit * (HOSTILE_LENGTH // len(unit) + 1))[:HOSTILE_LENGTH]
        began = time.process_time()
        scanner.scan(text)
        seconds[repr(unit)] = time.process_time() - began
    return seconds


def judge(results: dict[str, Any]) -> list[str]:
    """What is not as it should be."""
    wrong = [results["refusal"]] if results["refusal"] else []
    if results["chance"]["found"]:
        wrong.append(f"{results['chance']['found']} values found in log lines that hold none")
    for name, shares in results["disguised"].items():
        missed = [kind for kind, share in shares.items() if share < 1]
        if missed and not name.startswith(NOT_DEFINED):
            wrong.append(f"{name}: not all found of {', '.join(missed)}")
    slow = {unit: each for unit, each in results["hostile"].items() if each > MOST_SECONDS_HOSTILE}
    return wrong + [f"{unit} x 10 kB took {seconds:.2f} s of CPU" for unit, seconds in slow.items()]


def show(results: dict[str, Any]) -> None:
    """The tables."""
    passed, fast, lines = results["controls"], results["speed"], results["chance"]
    print(
        f"controls: {passed['chance']} values found in {passed['documents']} documents without them; "
        f"{passed['echoed']} of {passed['places']} places echoed; {passed['silent']} in silence"
    )
    print(f"log lines: {lines['found']} values found in {lines['lines']:,}")
    for name, shares in results["disguised"].items():
        print(f"  {name:26}" + "  ".join(f"{kind} {share:.2f}" for kind, share in shares.items()))
    print(
        f"speed (CPU): {fast['build_seconds']:.2f} s to prepare, {fast['prompts_per_second']:,.0f} prompts/s of "
        f"{fast['characters']:,.0f} characters"
    )
    worst = sorted(results["hostile"].items(), key=lambda each: -each[1])
    print(f"hostile, 10 kB, CPU seconds of {len(worst)}: " + ", ".join(f"{u} {s:.3f}" for u, s in worst[:4]))


def main() -> int:
    """Run it all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", type=Path, nargs="?", default=ROOT / "datasets" / "enterprise")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    try:
        workload = load(arguments.workload)
    except WorkbenchError as error:
        print(error, file=sys.stderr)
        return 2
    scanner = Scanner(build(workload.planted, workload.documents))
    passed = controls.run(scanner, workload.planted, workload.documents)
    results = {
        "workload": {"name": workload.name, "hash": workload.hash, "values": len(workload.planted)},
        "controls": passed.to_dict(), "refusal": passed.refusal, "disguised": disguised(scanner, workload),
        "chance": chance(scanner), "speed": speed(workload), "hostile": hostile(scanner),
    }  # fmt: skip
    show(results)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    wrong = judge(results)
    print("\n" + ("\n".join(f"BOUND NOT KEPT: {each}" for each in wrong) or "all bounds are kept"))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
