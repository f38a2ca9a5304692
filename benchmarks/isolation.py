"""The isolation study at full size: nothing crosses with an index per tenant, and nothing is lost by it.

`python benchmarks/isolation.py [WORKLOAD] [--out DIR] [--json FILE]`; WORKLOAD is datasets/enterprise unless given.
Runs `workbench isolation` with its defaults, 198 cells in some 35 minutes; the same command goes on where it was
interrupted. Must hold for each of the six backends: all trials were asked, no foreign passage and no foreign canary in
an answer, recall equal to a private exact search, in whole answers and in every cell of an index per tenant. What the
frameworks' own filters do is printed by the study and has no bound. Exit code: 0 all bounds are kept, 1 one is not, 2
or 3 the study did not end.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workbench.backends import NAMES

ROOT = Path(__file__).parents[1]
TRIALS = 3000


def broken(report: Mapping[str, Any], trials: int = TRIALS) -> Iterator[str]:
    """Sentences about what does not hold.

    Args:
        report: `workbench isolation --json` wrote it.
        trials: that each backend must have been asked for whole answers.
    """
    for sentence in report["about"]["failed"]:
        yield f"failed: {sentence}"
    answers = {row["backend"]: row for row in report["answers"] if row["queries"]}
    for name in NAMES:
        if name not in answers:
            yield f"{name}: no question was answered"
    for name, row in answers.items():
        if row["queries"] < trials:
            yield f"{name}: {row['queries']} of {trials} questions were answered"
        yield from _broken(row, f"{name}, whole answers", ("leak_per_query", "foreign_marks_in_answers"))
        if row["answers_with_own_marks"] < row["queries"]:
            yield f"{name}: answers without any passage prove nothing"
    apart = [row for row in report["rows"] if row["layout"] == "index_per_tenant"]
    scales = {(row["tenants"], row["sizes"]) for row in apart}
    if not scales:
        yield "no cell was measured"
    for name in NAMES:
        if missing := scales - {(row["tenants"], row["sizes"]) for row in apart if row["backend"] == name}:
            yield f"{name}: {len(missing)} of {len(scales)} cells with an index for each tenant are not there"
    for row in apart:
        where = f"{row['backend']}, an index for each of {row['tenants']} tenants, {row['sizes']}"
        yield from _broken(row, where, ("leak_per_query", "starved"))


def _broken(row: Mapping[str, Any], where: str, events: tuple[str, ...]) -> Iterator[str]:
    for event in events:
        if row[event]["events"] or not row[event]["n"]:
            yield f"{where}: {event} {row[event]['events']} of {row[event]['n']}"
    if row["recall"]["value"] != 1.0:
        yield f"{where}: recall {row['recall']['value']}"


def main() -> int:
    """Run the study, print it, and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload", nargs="?", type=Path, default=ROOT / "datasets" / "enterprise")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "runs" / "isolation")
    parser.add_argument("--json", type=Path, default=ROOT / "benchmarks" / "runs" / "isolation.json")
    given = parser.parse_args()
    given.json.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "workbench.cli", "isolation", str(given.workload)]
    code = subprocess.run([*command, "--out", str(given.out), "--json", str(given.json)]).returncode
    if code:
        return code
    found = list(broken(json.loads(given.json.read_text(encoding="utf-8"))))
    print("\n".join(found) or f"kept by all six backends: 0 of {TRIALS:,} crossed (at most 0.10 %), recall 1.000")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
