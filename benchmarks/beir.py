"""A BEIR folder made of SQuAD files, one passage a document, k 10: nDCG@10 equals that of a direct computation.

Titles are joined to the texts as BEIR does, every article is a tenant by its metadata.
"""

import argparse
import gzip
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from squad import DATA, compare, direct, workbench

from workbench import workload as workloads

QUESTIONS = 225


def make(files: list[Path], folder: Path) -> tuple[int, int]:
    """Write corpus.jsonl, queries.jsonl and qrels/test.tsv; every n-th question so that there are 225."""
    (folder / "qrels").mkdir(parents=True)
    corpus, queries = [], []
    for file in files:
        for article in json.loads(gzip.decompress(file.read_bytes()))["data"]:
            metadata = {"tenant": article["title"].lower().replace("_", "-")}
            for paragraph in article["paragraphs"]:
                name = f"d{len(corpus)}"
                title = article["title"].replace("_", " ")
                corpus.append({"_id": name, "title": title, "text": paragraph["context"], "metadata": metadata})
                queries += [
                    ({"_id": question["id"], "text": question["question"], "metadata": metadata}, name)
                    for question in paragraph["qas"]
                    if not question.get("is_impossible")
                ]
    chosen = queries[:: len(queries) // QUESTIONS][:QUESTIONS]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in corpus))
    (folder / "queries.jsonl").write_text("".join(json.dumps(query) + "\n" for query, _ in chosen))
    rows = ["query-id\tcorpus-id\tscore\n", *(f"{query['_id']}\t{name}\t1\n" for query, name in chosen)]
    (folder / "qrels" / "test.tsv").write_text("".join(rows))
    return len(corpus), len(chosen)


def main() -> int:
    """Run and compare; 1 where something is not as it should be, 2 without data."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", nargs="*", type=Path, default=sorted((DATA / "squad").glob("*.json.gz")))
    options.add_argument("--backends", default="all")
    given = options.parse_args()
    if not given.files or not all(file.is_file() for file in given.files):
        print("no SQuAD files there; give some", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        source, folder, report = Path(scratch, "beir"), Path(scratch, "workload"), Path(scratch, "report.json")
        documents, questions = make(given.files, source)
        print(f"BEIR folder: {documents} documents, {questions} questions")
        workbench("import", "beir", str(source), "--out", str(folder))
        workbench(
            "run", str(folder), "--backends", given.backends, "--k", "10", "--chunk", "none",
            "--out", str(Path(scratch, "run")), "--json", str(report),
        )  # fmt: skip
        loaded = workloads.load(folder)
        wanted = direct(loaded, {question.id for question in loaded.questions}, None, 0)
        backends = 6 if given.backends == "all" else len(given.backends.split(","))
        wrong = compare(report, wanted, backends)
    print("\n".join(wrong) if wrong else "nDCG@10 equals the direct computation's")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
