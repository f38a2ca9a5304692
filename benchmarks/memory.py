"""Memory of summarising and comparing many stored answers: a made-up experiment in, resident memory and seconds out.

Two sizes: 21,420 cases (questions x backends and tracks) are held under 350 MB by `comparison.report` and by
`compare`; 500,000 stored answers (25 rounds of 2,000 questions) are summarised with under 60 MB growth. Each is read
in a process of its own; growth is its peak less what it held after the same work on an experiment of two questions.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import orjson

from workbench.backends import NAMES
from workbench.records import TRACKS, Evidence, Gold, Recipe
from workbench.runs.store import Experiment, Identity

DOCUMENTS = 300


def main() -> None:
    """Make experiments, read each in a process of its own, print and check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=500_000, help="of the large one; 0: leave it out")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--read", nargs=3, metavar=("WORK", "SMALL", "DIR"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        _read(*options.read)
        return
    results = []
    with tempfile.TemporaryDirectory(prefix="workbench-memory-") as scratch:
        small = make(Path(scratch, "small"), questions=2, rounds=1, backends=2)
        cases = make(Path(scratch, "cases"), questions=1_785, rounds=1, backends=6)
        results += [measured(work, small, cases, 21_420, {"peak_mb": 350}) for work in ("report", "compare")]
        if options.answers:
            rounds = max(1, options.answers // 20_000)
            large = make(Path(scratch, "large"), questions=2_000, rounds=rounds, backends=5)
            results.append(measured("report", small, large, rounds * 20_000, {"growth_mb": 60}))
    for each in results:
        print(
            f"{each['work']:8} {each['answers']:8,} answers: peak {each['peak_mb']:5.0f} MB, growth "
            f"{each['growth_mb']:5.0f} MB, {each['seconds']:5.1f} s, CPU {each['cpu_seconds']:5.1f} s  "
            + ", ".join(f"({name} under {most}: {each['reached']})" for name, most in each["limits"].items())
        )
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    sys.exit(not all(each["reached"] for each in results))


def measured(work: str, small: Path, folder: Path, answers: int, limits: dict[str, int]) -> dict:
    """Peak, growth and seconds of one piece of work in a process of its own, and whether it stayed under its limits."""
    command = [sys.executable, __file__, "--read", work, str(small), str(folder)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    figures = json.loads(found.stdout.splitlines()[-1])
    reached = all(figures[name] < most for name, most in limits.items())
    return {"work": work, "answers": answers, **figures, "limits": limits, "reached": reached}


def _read(work: str, small: str, folder: str) -> None:
    from workbench import comparison
    from workbench.verdicts.report import compare

    def run(path: str) -> None:
        if work == "compare":
            compare([Path(path)])
        else:
            comparison.report(Experiment.open(Path(path)))

    run(small)
    before, began, worked = _peak_mb(), time.perf_counter(), time.process_time()
    run(folder)
    spent = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - worked}
    print(json.dumps({"peak_mb": _peak_mb(), "growth_mb": _peak_mb() - before, **spent}))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def make(folder: Path, *, questions: int, rounds: int, backends: int) -> Path:
    """An experiment of both tracks: 10 passages, two calls and a judgement for each answer, figures drawn at random."""
    experiment = Experiment(folder)
    names = [f"tenant-{number % 4}/question-{number:05}" for number in range(questions)]
    gold = {
        name: Gold(
            name,
            ("the answer", "an answer in other words"),
            (Evidence(_document(name, 0), ((100, 180),)),),
            answerable=number % 8 > 0,
            kind=f"kind {number % 12}",
        )
        for number, name in enumerate(names)
    }
    about = {
        "workload": {"name": "made up", "hash": "0" * 64, "source": "", "tenants": 4, "documents": DOCUMENTS}
        | {"questions": questions},
        "seed": 0,
        "judge": "",
        "machine": {},
        "prices": "",
        "price_as": "",
        "started": "2026-11-01T00:00:00+00:00",
    }
    experiment.begin(about, ((name, name.partition("/")[0], "Which? " * 12, gold[name]) for name in names))
    for backend in NAMES[:backends]:
        for track in TRACKS:
            run = experiment.run(backend, track)
            run.claim(Identity("0" * 64, backend, track, Recipe(), "", {}, None, "", True))
            draw = random.Random(f"{backend} {track}")
            with (
                (run.folder / "answers.jsonl").open("wb") as answers,
                (run.folder / "calls.jsonl").open("wb") as calls,
                (run.folder / "judgements.jsonl").open("wb") as judgements,
            ):
                for answer, two, judgement in _asked(names, rounds, draw):
                    answers.write(orjson.dumps(answer) + b"\n")
                    calls.writelines(orjson.dumps(call) + b"\n" for call in two)
                    judgements.write(orjson.dumps(judgement) + b"\n")
    return folder


def _asked(names: list[str], rounds: int, draw: random.Random) -> Iterator[tuple[dict, list[dict], dict]]:
    for turn in range(1, rounds + 1):
        for name in names:
            attempt, tenant = f"{turn}-{draw.getrandbits(128):032x}", name.partition("/")[0]
            hits = [_hit(name, rank, draw) for rank in range(10)]
            whose = {"question": name, "tenant": tenant, "attempt": attempt}
            spent = {"wall_seconds": draw.uniform(0.01, 0.2), "cpu_seconds": draw.uniform(0.001, 0.02)}
            answer = {**whose, "round": turn, "failure": None, "hits": hits, "used": 5, **spent, "position": 0}
            right = float(draw.random() < 0.6)
            marks = {"exact_match": right, "f1": draw.random(), "contains": right, "declined": False}
            judgement = {
                "attempt": attempt,
                "marks": marks,
                "pii_prompt": {},
                "pii_answer": {},
                "similarity": draw.random(),
                "ragas": {"id_context_precision": draw.random(), "id_context_recall": right},
                "judge": {},
                "failures": {},
            }
            yield answer, [_call(whose, kind, draw) for kind in ("embeddings", "chat")], judgement


def _hit(name: str, rank: int, draw: random.Random) -> dict:
    document, start = _document(name, rank if draw.random() < 0.7 else rank + 20), 80 * draw.randrange(8)
    passage = f"{document}#{start}-{start + 800}"
    return {"passage": passage, "document": document, "start": start, "end": start + 800, "score": draw.random()}


def _document(name: str, rank: int) -> str:
    return f"{name.partition('/')[0]}/document-{(int(name[-5:]) * 7 + rank) % DOCUMENTS:03}"


def _call(whose: dict, kind: str, draw: random.Random) -> dict:
    usd = f"{draw.randrange(100, 900) / 1e6:.6f}"
    return {
        "id": f"{draw.getrandbits(128):032x}",
        **whose,
        "kind": kind,
        "model": f"local/{kind}",
        "status": 200,
        "input_tokens": draw.randrange(500, 2_000),
        "output_tokens": draw.randrange(1, 60) if kind == "chat" else 0,
        "counted_by": "upstream",
        "texts": 1,
        "seconds": 0.005,
        "spent_seconds": 0.005,
        "usd": usd,
        "spent_usd": usd,
        "prompt_sha256": f"{draw.getrandbits(256):064x}",
    }


if __name__ == "__main__":
    main()
