"""How hard the enterprise workload is: the control's recall at k 5 by kind, and every question's difficulty.

Two searches that share nothing are asked: the control (`plain`, local/minilm, FAISS) and BM25 on the same passages. A
question is `easy` when both find all of its evidence among five passages, `medium` when one does, else `hard`.
Must reach: recall of all answerable questions between .55 and .85, at least five kinds below .60.
"""

import argparse
import json
import logging
import os
import sys
import tempfile
from pathlib import Path

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
sys.path.insert(0, str(Path(__file__).parent))
from squad import workbench

from workbench import workload as workloads
from workbench.records import RETRIEVAL_DEPTH, Answer, Hit, Passage, Recipe, Workload
from workbench.runs.store import Experiment
from workbench.scores import retrieval
from workbench.stats import share_interval
from workbench.workload.passages import cut

LOW, HIGH, BELOW, KINDS_BELOW = 0.55, 0.85, 0.60, 5
LEVELS = ("easy", "medium", "hard")


def dense(folder: Path, scratch: Path) -> list[Answer]:
    """The control's answers."""
    workbench("run", str(folder), "--backends", "plain", "--out", str(scratch / "run"))
    return list(Experiment.open(scratch / "run").run("plain", "parity").answers().values())


def lexical(workload: Workload) -> list[Answer]:
    """BM25 over the same passages, an index for each tenant, as answers without a reply."""
    from haystack import Document
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    logging.getLogger("haystack").setLevel(logging.ERROR)
    recipe = Recipe()
    passages = {one.id: one for one in cut(workload.documents, recipe.chunk_tokens, recipe.chunk_overlap)}
    answers = []
    for tenant in workload.tenants:
        store = InMemoryDocumentStore(bm25_algorithm="BM25Okapi", shared=False)
        store.write_documents(
            [Document(id=one.id, content=one.text) for one in passages.values() if one.tenant == tenant.id]
        )
        for question in workload.questions:
            if question.tenant == tenant.id:
                found = store.bm25_retrieval(question.text, top_k=RETRIEVAL_DEPTH)
                hits = tuple(_hit(passages[one.id], one.score or 0.0) for one in found)
                answers.append(Answer(question.id, tenant.id, 0, question.id, hits=hits))
    return answers


def _hit(passage: Passage, score: float) -> Hit:
    return Hit(passage.id, passage.document, passage.start, passage.end, score)


def main() -> int:
    """Measure, print, and write what was asked for; 1 where the workload is too easy or too hard."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("workload", nargs="?", type=Path, default=Path("datasets/enterprise"))
    options.add_argument("--difficulty", type=Path, help="write the difficulty of every question here, as JSONL")
    options.add_argument("--json", type=Path, help="write the figures here")
    given = options.parse_args()
    workload = workloads.load(given.workload)
    with tempfile.TemporaryDirectory() as scratch:
        by_search = {
            "dense": retrieval.score(dense(given.workload, Path(scratch)), workload.gold),
            "bm25": retrieval.score(lexical(workload), workload.gold),
        }
    recall = {name: {q: each["recall@5"] for q, each in found.items()} for name, found in by_search.items()}
    levels = {q: LEVELS[sum(recall[name][q] < 1 for name in recall)] for q in recall["dense"]}
    groups = {"all": list(levels)}
    for question in levels:
        groups.setdefault(workload.gold[question].kind, []).append(question)
    for tenant in workload.tenants:
        groups[f"tenant {tenant.id}"] = [q.id for q in workload.questions if q.tenant == tenant.id and q.id in levels]
    table = {name: _figures(asked, recall, levels) for name, asked in groups.items()}
    print(f"{workload.name}: recall@5, {len(levels)} answerable questions, {len(workload.documents)} documents")
    print(f"{'':30} {'n':>4}  {'control [95 %]':>18}  {'bm25':>5}  easy medium hard")
    for name, one in table.items():
        shares = " ".join(f"{one['levels'][level]:>{len(level)}}" for level in LEVELS)
        interval = f"{one['dense']:.3f} [{one['low']:.2f}, {one['high']:.2f}]"
        print(f"{name:30} {one['n']:>4}  {interval:>18}  {one['bm25']:.3f}  {shares}")
    kinds = [name for name in table if name != "all" and not name.startswith("tenant ")]
    below = [name for name in kinds if table[name]["dense"] < BELOW]
    right = LOW <= table["all"]["dense"] <= HIGH and len(below) >= KINDS_BELOW
    print(f"recall {table['all']['dense']:.3f} (wanted {LOW} to {HIGH}); below {BELOW}: {len(below)} kinds (5 or more)")
    if given.json:
        given.json.write_text(json.dumps({"workload": workload.hash, "recall@5": table}, indent=2) + "\n")
    if given.difficulty:
        rows = [
            {
                "question": q,
                "difficulty": levels[q],
                "dense": round(recall["dense"][q], 4),
                "bm25": round(recall["bm25"][q], 4),
            }
            for q in sorted(levels)
        ]
        given.difficulty.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return 0 if right else 1


def _figures(asked: list[str], recall: dict[str, dict[str, float]], levels: dict[str, str]) -> dict[str, object]:
    values = {name: [found[question] for question in asked] for name, found in recall.items()}
    interval = share_interval(values["dense"])
    assert interval
    return {
        "n": len(asked),
        **{name: sum(each) / len(each) for name, each in values.items()},
        "low": interval.low,
        "high": interval.high,
        "levels": {level: sum(levels[question] == level for question in asked) for level in LEVELS},
    }


if __name__ == "__main__":
    sys.exit(main())
