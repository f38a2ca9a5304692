"""A backend that really becomes slower, in real runs: how often the gate catches it, and how often it blames another.

A workload is recorded and accepted in four rounds. Then it is replayed again and again in three rounds, as the workflow
benchmarks/ci/rag-gate.yml does; each time the worker of one backend, by turns, burns more CPU within each answer, by
the share that is planted. Every run is gated on the command line. Must reach: 15 % caught in at least 90 % of 20 runs
or more. The backends that were left alone tell of false alarms.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import conditions
from replay import workbench

from workbench.backends import NAMES
from workbench.comparison import CONTROL
from workbench.gating import drill
from workbench.gating.outcome import SPEED
from workbench.runs.store import Experiment
from workbench.stats import wilson

ROOT = Path(__file__).parents[1]
BASELINE_ROUNDS, ROUNDS = 4, 3
AIM = 0.9

SLOWER = """
import time
made = backends.load("{backend}")
right = made.answer
def answer(self, question):
    began = time.process_time()
    reply = right(self, question)
    until = time.process_time() + {share} * (time.process_time() - began)
    while time.process_time() < until:
        pass
    return reply
made.answer = answer
"""


def gated(folder: Path, baseline: Path, log: Path) -> tuple[int, dict[str, dict[str, Any]]]:
    """Exit code of the gate, and its checks of speed by backend."""
    report = folder / "gate.json"
    code = workbench("gate", folder, "--baseline", baseline, "--json", report, log=log).exit_code
    checks = json.loads(report.read_text())["checks"]
    return code, {check["cell"].rpartition("-")[0]: check for check in checks if check["name"] == SPEED}


def main() -> int:
    """Run, gate, print; 1 where too few were caught."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=20)
    options.add_argument("--share", type=float, default=0.15, help="of more CPU")
    options.add_argument("--workload", type=Path, default=ROOT / "datasets" / "starter")
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    victims = [name for name in NAMES if name != CONTROL]
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="workbench-slowdown-") as scratch:
        place = Path(scratch)
        kept, baseline, log = place / "kept.jsonl", place / "baseline.json", place / "log"
        recorded = workbench("run", given.workload, "--record", kept, "--out", place / "recorded", log=log)
        words = ("run", given.workload, "--replay", kept, "--rounds")
        first = workbench(*words, BASELINE_ROUNDS, "--out", place / "accepted", log=log)
        accepted = workbench("accept", place / "accepted", "--baseline", baseline, log=log)
        if recorded.exit_code or first.exit_code or accepted.exit_code:
            raise SystemExit(f"the baseline could not be made: {log.read_text().strip()[-400:]}")
        for number in range(given.runs):
            victim, folder = victims[number % len(victims)], place / f"run-{number}"
            slow = str(drill.interpreter(place, SLOWER.format(backend=victim, share=given.share)))
            changed = {f"WORKBENCH_PYTHON_{victim.upper()}": slow}
            run = workbench(*words, ROUNDS, "--out", folder, log=log, environment=changed)
            code, checks = gated(folder, baseline, log)
            slower = [name for name, check in checks.items() if check["outcome"] == "regression"]
            rows.append(
                {
                    "planted": victim,
                    "run_exit_code": run.exit_code,
                    "exit_code": code,
                    "called_slower": slower,
                    "ratios": {name: check["figures"]["ratio"] for name, check in checks.items() if check["figures"]},
                }
            )
            told = ", ".join(f"{name} {ratio:.2f}" for name, ratio in rows[-1]["ratios"].items())
            print(f"{number + 1:3} {victim:16} gate {code}, slower: {', '.join(slower) or 'none'} ({told})", flush=True)
        about = conditions.of(Experiment.open(place / "accepted"))
    caught = sum(row["planted"] in row["called_slower"] for row in rows)
    blamed = sum(name != row["planted"] for row in rows for name in row["called_slower"])
    quiet = len(rows) * (len(victims) - 1)
    seen, wrong = wilson(caught, len(rows)), wilson(blamed, quiet)
    reached = caught >= AIM * len(rows)
    print(
        f"{given.share:.0%} slower caught in {caught} of {len(rows)} runs [{seen.low:.2f}, {seen.high:.2f}], aim "
        f"{AIM:.0%}: {'reached' if reached else 'not reached'}; others blamed {blamed} of {quiet} times "
        f"[{wrong.low:.3f}, {wrong.high:.3f}]"
    )
    if given.json:
        content = {
            **about,
            "share": given.share,
            "runs": rows,
            "caught": caught,
            "interval": asdict(seen),
            "blamed": blamed,
            "of": quiet,
            "blamed_interval": asdict(wrong),
            "reached": reached,
        }
        given.json.write_text(json.dumps(content, indent=2) + "\n")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
