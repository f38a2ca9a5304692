"""CI's gate in replay over all six backends: recorded once, replayed twice, accepted, gated; and what must be caught.

The workload is recorded with its embedded models and replayed into two new folders. The deterministic part of both
summaries must be byte-identical, with every answer, hit and judgement; `workbench accept` takes the first replay, and
`workbench gate` must pass the second with exit code 0. Then two bad changes are planted through the interpreter of one
backend's worker, WORKBENCH_PYTHON_<NAME>: one that loses the last word of its answers must end the gate with 1, and one
that words its prompt otherwise, on a small workload of a remote model, must be called an outdated recording, with 3.
Printed too: where the seconds of each run went, by stage and by backend.
"""

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import conditions
from gateway import process
from harness import world
from kills import compare

from workbench import workload as workloads
from workbench.backends import NAMES
from workbench.gating import drill
from workbench.runs.store import Experiment

ROOT = Path(__file__).parents[1]
AIM_SECONDS = 90.0
"""Of one replay of the whole enterprise workload as `workbench run` asks it by default, on two cores."""
PLANTED = "llamaindex"
"""The backend that is made worse."""
STAGE = re.compile(r"^  (?P<label>.+): \d+ of \d+, (?P<seconds>[\d.]+) s$", re.MULTILINE)

OTHER_PROMPT = 'contract.SHARED_PROMPT = contract.SHARED_PROMPT.replace("as briefly as possible", "briefly")'


@dataclass(frozen=True)
class Timed:
    """One command, and where its seconds went."""

    exit_code: int
    seconds: float
    cpu_seconds: float
    """Of all its processes."""
    stages: dict[str, float]
    """Wall seconds by stage, as its log tells them; `the rest` is what lies before, between and after them."""
    said: str
    """On both outputs."""


def workbench(*words: object, log: Path, environment: Mapping[str, str] | None = None) -> Timed:
    """Type a command as CI would; its words are kept in a file."""
    began, used = time.perf_counter(), _children()
    with log.open("w") as file:
        command = [sys.executable, "-m", "workbench.cli", *map(str, words)]
        code = subprocess.run(
            command, stdout=file, stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})}
        ).returncode
    seconds, said = time.perf_counter() - began, log.read_text()
    stages = {found["label"]: float(found["seconds"]) for found in STAGE.finditer(said)}
    stages["the rest"] = seconds - sum(stages.values())
    return Timed(code, seconds, _children() - used, stages, said)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def importing(names: Sequence[str]) -> dict[str, float]:
    """CPU seconds until a backend's worker could take its first question, each alone."""
    found = {}
    for name in names:
        before = _children()
        script = f"import workbench.runs.worker; from workbench import backends; backends.load({name!r})"
        subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)
        found[name] = _children() - before
    return found


def by_cell(folder: Path) -> dict[str, dict[str, float]]:
    """Seconds that each cell's worker spent indexing and answering, on the clock and on the CPU."""
    experiment = Experiment.open(folder)
    indexed, found = experiment.about().get("ingested", {}), {}
    for run in experiment.runs():
        answers = run.answers().values()
        found[run.cell] = {
            "passages": indexed[run.cell]["passages"],
            "indexing_seconds": indexed[run.cell]["wall_seconds"],
            "indexing_cpu_seconds": indexed[run.cell]["cpu_seconds"],
            "answers": len(answers),
            "failed": sum(answer.failure is not None for answer in answers),
            "answering_seconds": sum(answer.wall_seconds for answer in answers),
            "answering_cpu_seconds": sum(answer.cpu_seconds for answer in answers),
        }
    return found


def worse(words: Sequence[object], place: Path, baseline: Path) -> list[tuple[str, bool]]:
    """The second replay again, one backend's answers without their last word."""
    folder = place / "worse"
    shutil.copytree(place / "second", folder)
    for run in Experiment.open(folder).runs():
        if run.identity().backend == PLANTED:
            shutil.rmtree(run.folder)
    with drill.planted(PLANTED, "loses its last word"):
        again = workbench(*words, "--out", folder, log=place / "worse.log")
    code, outcome, cells = gate(folder, baseline, place)
    named = {cell.rpartition("-")[0] for cell in cells} == {PLANTED}
    return [
        (f"the planted run ended with {again.exit_code}, must be 0", again.exit_code == 0),
        (f"planted worse answers: gate ended with {code} ({outcome}), must be 1", (code, outcome) == (1, "regression")),
        (f"called worse: {', '.join(cells) or 'nothing'}; must be {PLANTED} alone", named),
    ]


def outdated(place: Path) -> list[tuple[str, bool]]:
    """A remote model's recording, replayed by a control whose prompt has been changed since."""
    small, baseline, kept = place / "small", place / "small.json", place / "small.jsonl"
    workloads.save(world(20), small)
    words = ("run", small, "--backends", "plain", "--model", "instant")
    log = place / "small.log"
    with process(str(Path(__file__).with_name("instant.py"))) as (port, _):
        upstream = f"http://127.0.0.1:{port}/v1"
        asked = workbench(*words, "--upstream", upstream, "--record", kept, "--out", place / "small-asked", log=log)
    replay = (*words, "--replay", kept, "--out")
    first = workbench(*replay, place / "small-first", log=log)
    accepted = workbench("accept", place / "small-first", "--baseline", baseline, log=log)
    changed = {"WORKBENCH_PYTHON_PLAIN": str(drill.interpreter(place, OTHER_PROMPT))}
    late = workbench(*replay, place / "small-late", log=log, environment=changed)
    code, outcome, _ = gate(place / "small-late", baseline, place)
    prepared = [asked.exit_code, first.exit_code, accepted.exit_code]
    return [
        (f"a remote model recorded, replayed and accepted: {prepared}, must be 0", not any(prepared)),
        (f"replayed with another prompt: ended with {late.exit_code}, must be 3", late.exit_code == 3),
        (f"its gate ended with {code} ({outcome}), must be 3 (outdated)", (code, outcome) == (3, "outdated")),
    ]


def gate(folder: Path, baseline: Path, place: Path) -> tuple[int, str, list[str]]:
    """Exit code and outcome of a gate, and the cells that are worse."""
    report = place / "gate.json"
    report.unlink(missing_ok=True)
    code = workbench("gate", folder, "--baseline", baseline, "--json", report, log=place / "gate.log").exit_code
    if not report.exists():
        return code, (place / "gate.log").read_text().strip(), []
    content = json.loads(report.read_text())
    cells = {check["cell"] for check in content["checks"] if check["outcome"] == "regression"}
    return code, content["outcome"], sorted(cells)


def told(name: str, timed: Timed, cells: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Lines of where the seconds went."""
    yield f"{name}: {timed.seconds:.1f} s, {timed.cpu_seconds:.1f} s of CPU in all processes"
    for label, seconds in timed.stages.items():
        yield f"  {label:34} {seconds:7.1f} s"
    answering = sum(cell["answering_seconds"] for cell in cells.values())
    if "asking" in timed.stages:
        count = sum(int(cell["answers"]) for cell in cells.values())
        between = timed.stages["asking"] - answering
        yield f"  of asking {answering:.1f} s in workers, {between:.1f} s between them ({count:,} answers)"


def table(cells: Mapping[str, Mapping[str, float]], imports: Mapping[str, float]) -> Iterator[str]:
    """Lines of the workers' seconds."""
    yield " " * 25 + "import  passages  indexing    CPU  answers  answering    CPU    each"
    for name, cell in cells.items():
        each = 1000 * cell["answering_seconds"] / max(1, cell["answers"])
        yield (
            f"{name:23}{imports[name.rpartition('-')[0]]:8.1f}{cell['passages']:10,.0f}{cell['indexing_seconds']:10.1f}"
            f"{cell['indexing_cpu_seconds']:7.1f}{cell['answers']:9,}{cell['answering_seconds']:11.1f}"
            f"{cell['answering_cpu_seconds']:7.1f}{each:5.1f} ms"
        )


def measure(given: argparse.Namespace, place: Path) -> tuple[list[tuple[str, bool]], dict[str, Any]]:
    """Record, replay twice, accept, gate, plant; what was found, each with whether it is as it must be."""
    words: list[object] = ["run", given.workload, "--track", given.track, "--tenants", given.tenants]
    words += ["--questions", given.questions] if given.questions else []
    kept, baseline = place / "kept.jsonl", place / "baseline.json"
    runs, cells = {}, {}
    for name in ("record", "first", "second"):
        how = ("--record" if name == "record" else "--replay", kept)
        runs[name] = workbench(*words, *how, "--out", place / name, log=place / f"{name}.log")
        if runs[name].exit_code:
            raise SystemExit(f"{name} ended with {runs[name].exit_code}: {runs[name].said.strip()[-400:]}")
        cells[name] = by_cell(place / name)
        print(*told(name, runs[name], cells[name]), sep="\n", flush=True)
    imports = importing(NAMES)
    print("\nsecond replay, seconds of each worker (import: CPU of a process of its own)")
    print(*table(cells["second"], imports), sep="\n", flush=True)
    differences = compare(place / "first", place / "second")
    accepted = workbench("accept", place / "first", "--baseline", baseline, log=place / "accept.log")
    code, outcome, _ = gate(place / "second", baseline, place)
    slower = max(runs["first"].seconds, runs["second"].seconds)
    count = sum(int(cell["answers"]) for cell in cells["second"].values())
    failed = sum(int(cell["failed"]) for cell in cells["second"].values())
    whole = given.tenants == "all" and given.questions is None and given.track == "parity"
    took = f"the slower replay of {count:,} answers took {slower:.1f} s"
    if not whole:
        print(f"{took}; the aim of {given.aim:.0f} s is for the whole workload on parity")
    found = [
        *([(f"{took}, aim {given.aim:.0f} s", slower < given.aim)] if whole else []),
        (f"{failed} answers failed", not failed),
        (f"two replays differ in: {'; '.join(differences) or 'nothing'}", not differences),
        (f"accept ended with {accepted.exit_code}, must be 0", accepted.exit_code == 0),
        (f"unchanged: gate ended with {code} ({outcome}), must be 0", code == 0),
        *worse([*words, "--replay", kept], place, baseline),
        *outdated(place),
    ]
    content = {
        **conditions.of(Experiment.open(place / "second")),
        "track": given.track,
        "tenants": given.tenants,
        "whole": whole,
        "answers": count,
        "recording_mb": kept.stat().st_size / 1e6,
        "runs": {name: {k: v for k, v in asdict(one).items() if k != "said"} for name, one in runs.items()},
        "import_cpu_seconds": imports,
        "cells": cells,
        "checks": [{"what": what, "reached": reached} for what, reached in found],
    }
    return found, content


def main() -> int:
    """Measure, print, and write what was asked for; 1 where something is not as it must be."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("workload", nargs="?", type=Path, default=ROOT / "datasets" / "enterprise")
    options.add_argument("--tenants", default="all", help="all, or ids with commas")
    options.add_argument(
        "--questions", type=int, help="only so many; below 80 the gate has too few to call answers worse"
    )
    options.add_argument("--track", default="parity", help="both: twice the answers, and native prompts")
    options.add_argument("--aim", type=float, default=AIM_SECONDS, help="seconds that a replay may take")
    options.add_argument("--keep", type=Path, help="an empty folder for experiments and logs; else they are removed")
    options.add_argument("--json", type=Path, help="write the figures here")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        place = given.keep or Path(scratch)
        place.mkdir(parents=True, exist_ok=True)
        if any(place.iterdir()):
            raise SystemExit(f"--keep {place}: is not empty; give another folder")
        found, content = measure(given, place)
    for what, reached in found:
        print(f"{what}: {'reached' if reached else 'short of it'}")
    print(f"replay as CI's gate: {'reached' if all(reached for _, reached in found) else 'short of it'}")
    if given.json:
        given.json.write_text(json.dumps(content, indent=2) + "\n")
    return 0 if all(reached for _, reached in found) else 1


if __name__ == "__main__":
    sys.exit(main())
