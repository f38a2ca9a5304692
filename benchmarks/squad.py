"""SQuAD's articles as tenants, 50 questions each, all backends on parity: none fails, retrieval is equal to numpy's.

The direct computation embeds the same passages with local/minilm, multiplies, sorts, and scores by its own few lines:
no framework, no FAISS, no gateway, no ir-measures.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from workbench import workload as workloads
from workbench.models.minilm import MiniLM
from workbench.records import Evidence, Passage, Workload
from workbench.runs import selection
from workbench.workload.passages import cut

DATA = Path(__file__).parents[1] / ".." / "shared" / "data"


def direct(workload: Workload, asked: set[str], tokens: int | None, overlap: int) -> dict[str, float]:
    """Retrieval scores by numpy alone: recall@5, recall@10, nDCG@10, MRR@10, means over questions with evidence."""
    model = MiniLM()
    by_tenant: dict[str, list[Passage]] = {}
    for passage in cut(workload.documents, tokens, overlap):
        by_tenant.setdefault(passage.tenant, []).append(passage)
    vectors = {tenant: model.embed([one.text for one in found])[0] for tenant, found in by_tenant.items()}
    rows = []
    for question in workload.questions:
        gold = workload.gold.get(question.id)
        if question.id not in asked or gold is None or not gold.evidence:
            continue
        wanted = model.embed([question.text])[0][0]
        order = np.argsort(-(vectors[question.tenant] @ wanted), kind="stable")[:10]
        rows.append(_scores([by_tenant[question.tenant][row] for row in order], list(gold.evidence)))
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def _scores(ranking: list[Passage], units: list[Evidence]) -> dict[str, float]:
    first: dict[int, int] = {}
    gains: list[int] = []  # linear, as trec_eval has them
    for rank, passage in enumerate(ranking):
        new = [index for index, unit in enumerate(units) if index not in first and _holds(passage, unit)]
        first.update(dict.fromkeys(new, rank))
        gains += [units[index].grade for index in new] or [0]
    best = sorted((unit.grade for unit in units), reverse=True)[:10]
    ideal = sum(grade / math.log2(rank + 2) for rank, grade in enumerate(best))
    return {
        "recall@5": sum(rank < 5 for rank in first.values()) / len(units),
        "recall@10": len(first) / len(units),
        "ndcg@10": sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains[:10])) / ideal,
        "mrr@10": next((1 / (rank + 1) for rank, gain in enumerate(gains[:10]) if gain), 0.0),
    }


def _holds(passage: Passage, unit: Evidence) -> bool:
    return passage.document == unit.document and (
        not unit.spans or any(passage.start < end and start < passage.end for start, end in unit.spans)
    )


def compare(report: Path, wanted: dict[str, float], backends: int) -> list[str]:
    """Print each backend's retrieval beside the direct one; returns what is wrong."""
    wrong = []
    found = json.loads(report.read_text())["backends"]
    print(f"{'':18}" + "".join(f"{name:>12}" for name in wanted) + f"{'questions':>12}{'failed':>8}")
    print(f"{'direct (numpy)':18}" + "".join(f"{value:12.6f}" for value in wanted.values()))
    for name, tracks in found.items():
        row = tracks["parity"]
        print(
            f"{name:18}" + "".join(f"{row['retrieval'][each]:12.6f}" for each in wanted)
            + f"{row['questions']:>12}{row['failed']:>8}"
        )  # fmt: skip
        if row["failed"]:
            wrong.append(f"{name}: {row['failed']} failed")
        wrong += [
            f"{name}: {each} {row['retrieval'][each]:.6f}, directly {value:.6f}"
            for each, value in wanted.items()
            if abs(row["retrieval"][each] - value) >= 0.0005
        ]
    if len(found) != backends:
        wrong.append(f"{len(found)} backends of {backends}")
    return wrong


def workbench(*words: str) -> None:
    """Type a command as a user would."""
    print("$ workbench", *words, flush=True)
    subprocess.run([sys.executable, "-m", "workbench.cli", *words], check=True)


def main() -> int:
    """Run and compare; 1 where something is not as it should be, 2 without data."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("file", nargs="?", type=Path, default=DATA / "squad" / "dev-v1.1.json.gz")
    options.add_argument("--each", type=int, default=50, help="questions of each tenant")
    options.add_argument("--json", type=Path, help="keep the report here")
    given = options.parse_args()
    if not given.file.is_file():
        print(f"{given.file}: not there; give a SQuAD file", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        folder, report = Path(scratch, "squad"), given.json or Path(scratch, "report.json")
        workbench("import", "squad", str(given.file), "--out", str(folder))
        loaded = workloads.load(folder)
        count = given.each * len(loaded.tenants)
        asked = {question.id for question in selection.order(loaded.questions, 0)[:count]}
        workbench(
            "run", str(folder), "--questions", str(count), "--out", str(Path(scratch, "run")), "--json", str(report)
        )
        wrong = compare(report, direct(loaded, asked, 200, 40), 6)
    print(
        "\n".join(wrong) if wrong else "all backends answer everything, and retrieve what the direct computation does"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
