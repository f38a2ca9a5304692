"""Kills runner, worker or gateway of a replayed run at random moments, goes on with the same command, and compares.

The deterministic part of the summary must be byte-identical to that of an undisturbed run, and so must each answer with
its hits and its judgement; attempts that were spent and not scored are counted.
"""

import argparse
import hashlib
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
import psutil

from workbench import comparison, deterministic
from workbench.runs.store import Experiment

ROOT = Path(__file__).parents[1]
VICTIMS = {"gateway": "workbench.gateway", "worker": "workbench.runs.worker", "judging": "workbench.runs.judging"}
MOST_RUNS = 6
"""Times that the same command may be needed to end well."""


@dataclass(frozen=True)
class Moment:
    """One kill, and what came of it."""

    second: float
    wanted: str
    killed: str
    """As wanted where such a process was there, else the runner; empty: the run was over."""
    stage: str
    exit_codes: tuple[int, ...]
    """Of the killed command and of those after it, the last one 0 if it ended well."""
    spent_not_scored: int
    """Calls of attempts that do not count."""
    indexed_again: int
    """Calls made while indexing beyond those of the undisturbed run."""
    differences: tuple[str, ...]


def main() -> int:
    """Print a line for each moment; 1 where anything differs."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--moments", type=int, default=30)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--workload", type=Path, default=ROOT / "datasets" / "starter")
    options.add_argument("--backends", default="plain,llamaindex,haystack")
    options.add_argument("--workers", default="1")
    options.add_argument("--between", default="0,1", help="parts of the run's duration, such as 0.4,0.7")
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        words = [str(given.workload), "--backends", given.backends, "--track", "both", "--workers", given.workers]
        recorded = [*words, "--out", str(place / "asked"), "--record", str(place / "kept.jsonl")]
        if code := wait(start(recorded, place / "asked.log")):
            raise SystemExit(f"the recorded run ended with {code}: {last_line(place / 'asked.log')}")
        replayed = [*words, "--replay", str(place / "kept.jsonl")]
        clock = time.perf_counter()
        if code := wait(start([*replayed, "--out", str(place / "undisturbed")], place / "undisturbed.log")):
            raise SystemExit(f"the undisturbed replay ended with {code}: {last_line(place / 'undisturbed.log')}")
        whole = time.perf_counter() - clock
        usual = sum(bill["calls"] for bill in usage(place / "undisturbed", "not_scored"))
        print(
            f"an undisturbed replay takes {whole:.1f} s and spends {usual} calls on what is not scored; "
            f"{given.moments} moments of it, seed {given.seed}"
        )
        print(f"{'#':>3} {'second':>6}  {'killed':8} {'stage':32} {'exit codes':12} {'not scored':>10}  differences")
        chance, moments = random.Random(given.seed), []
        earliest, latest = map(float, given.between.split(","))
        victims = [("runner", "worker", "gateway")[number % 3] for number in range(given.moments)]
        chance.shuffle(victims)
        for number, wanted in enumerate(victims):
            part = earliest + (latest - earliest) * (number + chance.random()) / given.moments
            for attempt in range(MOST_RUNS):  # a run may be over sooner than the undisturbed one was
                folder = place / f"killed-{number}-{attempt}"
                command = [*replayed, "--out", str(folder)]
                found = disturbed(command, folder, whole * part, wanted, chance, place / "undisturbed")
                part *= 0.9
                if found.killed:
                    break
            moments.append(found)
            codes = " ".join(map(str, found.exit_codes))
            print(
                f"{number:3} {found.second:6.1f}  {found.killed:8} {found.stage[:32]:32} {codes:12} "
                f"{found.spent_not_scored:10}  {'; '.join(found.differences) or 'none'}",
                flush=True,
            )
    seconds = time.perf_counter() - began
    different = sum(bool(each.differences) for each in moments)
    killed = Counter(each.killed or "nothing: it was over" for each in moments)
    print(", ".join(f"{name} {count}" for name, count in sorted(killed.items())))
    print(f"{len(moments) - different} of {len(moments)} came out byte-identical; {seconds:.0f} s")
    if given.json:
        content = {"undisturbed_seconds": whole, "seconds": seconds, "moments": [asdict(each) for each in moments]}
        given.json.write_text(json.dumps(content, indent=2) + "\n")
    return 1 if different else 0


def disturbed(
    words: list[str], folder: Path, second: float, wanted: str, chance: random.Random, undisturbed: Path
) -> Moment:
    """Kill one process of a run at a moment, go on until it ends well, and compare.

    Args:
        words: of the run.
        folder: its experiment's.
        second: after its start.
        wanted: `runner`, `worker` (or what judges) or `gateway`.
        chance: chooses among several workers.
        undisturbed: the folder to compare with.
    """
    log = folder.with_suffix(".log")
    run = start(words, log)
    try:
        run.wait(second)
    except subprocess.TimeoutExpired:
        killed = kill(run, wanted, chance)
    else:
        killed = ""
    stage = last_line(log)
    codes = [wait(run)]
    while codes[-1] and len(codes) < MOST_RUNS:
        codes.append(wait(start(words, log)))
    differences = [] if codes[-1] == 0 else [f"did not end well: {last_line(log)}"]
    if not differences:
        differences = list(compare(undisturbed, folder))
    spent = {name: sum(each["calls"] for each in usage(folder, name)) for name in ("not_scored", "ingestion")}
    again = spent["ingestion"] - sum(each["calls"] for each in usage(undisturbed, "ingestion"))
    return Moment(second, wanted, killed, stage, tuple(codes), spent["not_scored"], again, tuple(differences))


def start(words: list[str], log: Path) -> "subprocess.Popen[bytes]":
    """Start `workbench run`."""
    with log.open("ab") as file:
        command = [sys.executable, "-m", "workbench.cli", "run", *words]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=file, start_new_session=True)


def wait(run: "subprocess.Popen[bytes]") -> int:
    """Its exit code."""
    return run.wait(600)


def kill(run: "subprocess.Popen[bytes]", wanted: str, chance: random.Random) -> str:
    """End the wanted process, or the runner where there is none; says which."""
    found: dict[str, list[psutil.Process]] = {"runner": [psutil.Process(run.pid)]}
    for child in psutil.Process(run.pid).children(recursive=True):
        try:
            command = child.cmdline()
        except psutil.Error:
            continue
        for name, module in VICTIMS.items():
            if module in command:
                found.setdefault(name, []).append(child)
    if wanted == "worker" and "worker" not in found and "judging" in found:
        wanted = "judging"
    victim = wanted if wanted in found else "runner"
    chance.choice(sorted(found[victim], key=lambda process: process.pid)).send_signal(signal.SIGKILL)
    return victim


def compare(one: Path, other: Path) -> list[str]:
    """What differs between two experiments, as paths of the report; and answers, hits and judgements by cell."""
    reports = [deterministic.part(comparison.report(Experiment.open(folder))) for folder in (one, other)]
    first, second = (orjson.dumps(report, option=orjson.OPT_SORT_KEYS) for report in reports)
    found = [] if first == second else differing(reports[0], reports[1]) or ["bytes of the summary"]
    before, after = (settled(folder) for folder in (one, other))
    return found + [f"answers of {cell}" for cell in sorted({**before, **after}) if before.get(cell) != after.get(cell)]


def differing(one: object, other: object, path: str = "") -> list[str]:
    """Dotted paths at which two plain values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            found
            for name in {**one, **other}
            for found in differing(one.get(name), other.get(name), f"{path}.{name}".lstrip("."))
        ]
    return [] if one == other else [f"{path}: {one!r:.60}, now {other!r:.60}"]


def settled(folder: Path) -> dict[str, str]:
    """By cell, a digest of each question's answer, hits, failure and judgement, without attempts and times."""
    found = {}
    for run in Experiment.open(folder).runs():
        texts = {item["attempt"]: item["text"] for item in run.answer_texts()}
        judged = run.judgements()
        rows = [
            (turn, question, texts.get(answer.attempt), answer.hits, answer.used, answer.failure,
             {name: value for name, value in judged.get(answer.attempt, {}).items() if name != "attempt"})
            for (turn, question), answer in sorted(run.answers().items())
        ]  # fmt: skip
        found[run.cell] = hashlib.sha256(orjson.dumps(rows)).hexdigest()
    return found


def usage(folder: Path, name: str) -> list[dict[str, Any]]:
    """A bill of every cell's usage."""
    report = comparison.report(Experiment.open(folder))
    return [figures["usage"][name] for tracks in report["backends"].values() for figures in tracks.values()]


def last_line(log: Path) -> str:
    """What a run said last."""
    return log.read_text(errors="replace").strip().rpartition("\n")[2].strip()


if __name__ == "__main__":
    sys.exit(main())
