"""Types what the README says, as a new user would, and reads what comes out."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from workbench import cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def workbench(*words: str, folder: Path, code: int = 0) -> str:
    """Run a command in a folder, with somebody's key in the shell; gives what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "workbench.cli", *words],
        cwd=folder,
        env={**os.environ, "OPENAI_API_KEY": "sk-of-somebody", "COLUMNS": "100"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_from_a_folder_of_documents_to_a_comparison(tmp_path: Path) -> None:
    docs = tmp_path / "DOCS"
    (docs / "sales").mkdir(parents=True)
    (docs / "sales" / "terms.md").write_text("# Terms\n\nThe warranty lasts 24 months from the day of delivery.\n")
    (docs / "sales" / "returns.md").write_text("Goods may be returned within 14 days. Write to help@example.com.\n")
    example = re.search(r'`(\{"tenant": "sales".*?\})`', README)
    assert example, "the README shows a line of questions.jsonl"
    (docs / "questions.jsonl").write_text(example.group(1) + "\n")

    typed = re.findall(r"`workbench (import folder [^`]*)`", README)
    assert typed == ["import folder DOCS --out mine"]
    workbench(*typed[0].split(), folder=tmp_path)
    assert "workbench check mine" in README
    checked = workbench("check", "mine", folder=tmp_path)
    assert "0 errors" in checked
    assert "warning: unplanted-personal-data, 1" in checked  # help@example.com, which nobody planted
    run = ["run", "mine", "--backends", "plain,llamaindex", "--track", "both", "--out", "out", "--json", "out.json"]
    table = workbench(*run, folder=tmp_path)
    assert all(len(line) <= 100 for line in table.splitlines())
    for word in ("parity", "native", "plain", "llamaindex", "byte-equal prompts in 1", "genai-prices", "Python 3."):
        assert word in table

    report = json.loads((tmp_path / "out.json").read_text())
    for name in ("plain", "llamaindex"):
        for track in ("parity", "native"):
            row = report["backends"][name][track]
            assert (row["questions"], row["failed"], row["unscored"]) == (1, 0, 0)
            assert row["retrieval"]["recall@5"] == 1.0
            assert {"recall@5", "recall@10", "ndcg@10", "mrr@10"} <= row["retrieval"].keys()
            assert row["answers"]["contains"] == 1.0
            assert {"exact_match", "f1", "refusal_accuracy", "semantic_similarity"} <= row["answers"].keys()
            assert {"p50", "p95", "p99"} <= row["wall_ms"].keys()
            assert {"embedding", "retrieval", "model", "framework"} <= row["parts_ms"].keys()
            assert row["tokens"]["input"] > 10
            assert row["usd"] == 0
            assert row["pii"]["prompt"]["kinds"]["EMAIL"]["share"] == 1.0
            assert row["intervals"]["retrieval.recall@5"]["n"] == 1
    assert report["backends"]["llamaindex"]["parity"]["framework_cpu_ms"] > 0

    answers = tmp_path / "out" / "runs" / "plain-parity" / "answers.jsonl"
    before = answers.read_bytes()
    workbench(*run, folder=tmp_path)  # the same command repeats nothing that is answered
    assert answers.read_bytes() == before

    shown = workbench("show", "out", folder=tmp_path)
    workbench("purge", "out", folder=tmp_path)
    assert workbench("show", "out", folder=tmp_path) == shown
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file() and b"warranty" in path.read_bytes()]


def test_what_it_shows_in_python_runs() -> None:
    """The run itself is typed above, as a command; a saved one stands in for it."""
    block = re.search(r"In Python:\n\n((?:    .*\n)+)", README)
    assert block, "the README shows the front door"
    lines = [line.strip() for line in block[1].splitlines()]
    ran = [place for place, line in enumerate(lines) if line.startswith("experiment = wb.run(workload,")]
    lines[ran[0]] = 'experiment = wb.open("benchmarks/showcase/off")'
    made: dict[str, Any] = {}
    exec("\n".join(lines), made)
    assert made["plan"].p10 < made["plan"].p50 < made["plan"].p90


def test_every_option_and_command_of_the_readme_is_there() -> None:
    names = ("import", "build", "check", "ask-draft", "run", "show", "purge", "plan", "doctor")
    names += ("compare", "failures", "leakage", "accept", "gate", "isolation", "attack", "sweep", "app", "lab")
    helps = {name: CliRunner().invoke(cli.app, [name, "--help"], env={"COLUMNS": "100"}).stdout for name in names}
    assert all(f" {name} " in said for name, said in helps.items())
    for command in re.findall(r"`workbench ([\w-]+)", README):
        assert command in helps
    for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README)):
        known = any(option in text for text in helps.values())
        assert known or option in ("--no-deps", "--no-build-isolation"), option


def test_the_page_on_statistics_says_what_was_measured(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    subprocess.run([sys.executable, ROOT / "benchmarks" / "statistics_page.py", "--out", page], check=True)
    assert page.read_text() == (ROOT / "benchmarks" / "statistics.md").read_text()
    drop = json.loads((ROOT / "benchmarks" / "results" / "statistics.json").read_text())["drop"]["simulated"]
    assert f"{drop * 100:.1f}%" in page.read_text()
