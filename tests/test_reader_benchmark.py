"""benchmarks/reader.py: figures worked out by hand on five questions, files that it refuses, and the real files."""

import gzip
import hashlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCHMARK = Path(__file__).parents[1] / "benchmarks" / "reader.py"
CONTEXT = "Aldwick Harbour was opened in 1871 by the engineer Mary Penrose. The harbour wall is 840 metres long."
OPENED, LENGTH = "Who opened Aldwick Harbour?", "How long is the harbour wall?"


@pytest.fixture(scope="module")
def reader() -> ModuleType:
    """The benchmark as a module; benchmarks/ is no package."""
    spec = importlib.util.spec_from_file_location("reader_benchmark", BENCHMARK)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def run(reader: ModuleType, monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    monkeypatch.setattr(sys, "argv", ["reader.py", *map(str, words)])
    code: int = reader.main()
    return code


def asked(question: str, *answers: str, impossible: bool | None = None) -> dict[str, Any]:
    found = {"id": question, "question": question, "answers": [{"text": text, "answer_start": 0} for text in answers]}
    return found if impossible is None else found | {"is_impossible": impossible}


def squad(folder: Path, *questions: dict[str, Any]) -> Path:
    path = folder / "small.json"
    article = {"title": "Aldwick", "paragraphs": [{"context": CONTEXT, "qas": list(questions)}]}
    path.write_text(json.dumps({"version": "v2.0", "data": [article]}))
    return path


def test_figures_are_those_of_squads_rules(tmp_path: Path) -> None:
    path = squad(
        tmp_path,
        asked(OPENED, "The Mary Penrose!", "nobody", impossible=False),  # exact, once articles and marks are gone
        asked(LENGTH, "840 metres", impossible=False),  # answered "840 metres long": precision 2/3, recall 1, F1 0.8
        asked("What is the capital of France?", "Mary Penrose", impossible=False),  # declined wrongly: 0
        asked("What is the capital of Spain?", "a plausible one", impossible=True),  # declined rightly: 1
        asked("When was Aldwick Harbour opened?", impossible=True),  # answered wrongly: 0
    )
    out = tmp_path / "out.json"
    command = [sys.executable, str(BENCHMARK), str(path), "--json", str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    figures = json.loads(out.read_text())
    assert figures["unit"] == "percent"
    assert (figures["questions"], figures["answerable_questions"]) == (5, 3)
    assert figures["file"] == "small.json"
    assert figures["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert figures["exact_match"] == pytest.approx(100 * 2 / 5)
    assert figures["f1"] == pytest.approx(100 * (1 + 0.8 + 0 + 1 + 0) / 5)
    assert figures["answerable_accuracy"] == pytest.approx(100 * 3 / 5)
    assert figures["exact_match_answerable"] == pytest.approx(100 / 3)
    assert figures["f1_answerable"] == pytest.approx(100 * 1.8 / 3)
    assert figures["declined_answerable"] == pytest.approx(100 / 3)
    assert figures["declined_unanswerable"] == pytest.approx(50)
    # Two answers were given from the right sentence; whichever was chosen for France, it was declined.
    assert figures["sentence_accuracy_if_declined_is_wrong"] == pytest.approx(100 * 2 / 3)
    assert figures["sentence_accuracy"] >= figures["sentence_accuracy_if_declined_is_wrong"]
    # Wilson for 2 of 5, worked out with z = 1.959964.
    assert figures["intervals"]["exact_match"]["low"] == pytest.approx(11.762, abs=0.001)
    assert figures["intervals"]["exact_match"]["high"] == pytest.approx(76.928, abs=0.001)
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert "percent" in done.stdout


def test_the_layout_of_v1_has_no_unanswerable_question(
    reader: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = squad(tmp_path, asked(OPENED, "Mary Penrose"), asked("When was Aldwick Harbour opened?", "1871"))
    packed = tmp_path / "small.json.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    out = tmp_path / "out.json"
    assert run(reader, monkeypatch, packed, "--json", out) == 0
    figures = json.loads(out.read_text())
    for name in ("sentence_accuracy", "f1", "exact_match", "answerable_accuracy"):
        assert figures[name] == 100
    assert "declined_unanswerable" not in figures


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("missing.json", None, "No such file"),
        ("prose.json", b"Dear reader,", "cannot be read as SQuAD JSON"),
        ("torn.json.gz", gzip.compress(b'{"data": []}', mtime=0)[:-9], "cannot be read as SQuAD JSON"),
        ("latin.json", b'{"data": "\xe9"}', "cannot be read as SQuAD JSON"),
        ("list.json", b"[]", "not of SQuAD's layout"),
        ("hole.json", b'{"data": [{"paragraphs": [{"context": "A.", "qas": [{"question": "B?"}]}]}]}', "question 0"),
        ("empty.json", b'{"data": []}', "holds no question"),
    ],
)
def test_a_bad_file_gets_one_sentence(
    reader: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes | None,
    part: str,
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert run(reader, monkeypatch, path) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert part in line
    assert str(path) in line


def test_an_output_that_cannot_be_written_gets_one_sentence(
    reader: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = squad(tmp_path, asked(OPENED, "Mary Penrose"))
    assert run(reader, monkeypatch, path, "--json", tmp_path / "no" / "out.json") == 2
    assert "cannot be written" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("name", ["dev-v1.1.json.gz", "dev-v2.0.json.gz"])
def test_real_questions_reach_what_was_set(reader: ModuleType, real_data: Path, name: str) -> None:
    # Every sixth question is enough to see a change for the worse; the benchmark itself takes them all.
    cases, _ = reader.load(real_data / "squad" / name)
    figures = reader.report([reader.ask(case) for case in cases[::6]])
    assert figures["answerable_accuracy"] >= 60
    assert figures["sentence_accuracy"] >= 85
    assert figures["f1_answerable"] >= 38
    assert figures["exact_match_answerable"] >= 28
