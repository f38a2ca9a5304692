"""What a user types wrong gets one sentence and the right exit code, and never a traceback."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from conftest import type_
from scripted_upstream import MODEL, ScriptedUpstream

from workbench import cli
from workbench.backends import NAMES
from workbench.runs.store import SCHEMA

ROOT = Path(__file__).parents[1]
STARTER = str(ROOT / "datasets" / "starter")


def test_a_fault_of_the_workbench_is_not_told_as_a_regression(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("what nobody thought of")

    monkeypatch.setattr(cli, "app", broken)
    code, _, said = type_(capsys, monkeypatch, "gate")
    assert code == 3 and "what nobody thought of" in said and "Traceback" in said


class Interrupting:
    """Ctrl-C while one module is being imported."""

    def __init__(self, name: str) -> None:
        self.name = name

    def find_spec(self, name: str, *_: object) -> None:
        if name == self.name:
            raise KeyboardInterrupt


@pytest.mark.parametrize("module", ["workbench.cli", "workbench.runs.runner"])
def test_ctrl_c_while_modules_are_imported_is_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    import workbench.runs
    from workbench.__main__ import main

    monkeypatch.delattr(workbench, "cli")
    monkeypatch.delattr(workbench.runs, "runner", raising=False)
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupting(module), *sys.meta_path])
    monkeypatch.setattr(sys, "argv", ["workbench", "run", STARTER, "--dry-run"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 130
    assert capsys.readouterr().err == "error: interrupted; the same command begins again\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", STARTER, "--backends", "haystak"], "unknown backend 'haystak'"),
        (["run", STARTER, "--backends", ""], "unknown backend ''"),
        (["run", STARTER, "--track", "sideways"], "unknown track"),
        (["run", STARTER, "--k", "0"], "--k 0: give 1 to 10"),
        (["run", STARTER, "--k", "11"], "--k 11: give 1 to 10"),
        (["run", STARTER, "--k", "two"], "integer"),
        (["run", STARTER, "--chunk", "0"], "--chunk 0"),
        (["run", STARTER, "--chunk", "big"], "--chunk big"),
        (["run", STARTER, "--questions", "0"], "--questions 0"),
        (["run", STARTER, "--rounds", "0"], "--rounds 0"),
        (["run", STARTER, "--workers", "-1"], "--workers -1"),
        (["run", STARTER, "--deadline", "0"], "--deadline 0"),
        (["run", STARTER, "--deadline", "nan"], "--deadline nan"),
        (["run", STARTER, "--model", "gpt-4o"], "needs --upstream"),
        (["run", STARTER, "--embedding-model", "text-embedding-3-small"], "needs --upstream"),
        (["run", STARTER, "--judge", "gpt-4o"], "needs --upstream"),
        (["run", STARTER, "--upstream", "localhost:8000", "--model", "m"], "--upstream"),
        (["run", STARTER, "--upstream", "http://[::1", "--model", "m"], "--upstream"),
        (["run", STARTER, "--model", ""], "--model: is empty"),
        (["run", STARTER, "--json", "/"], "--json /"),
        (["run", STARTER, "--upstream", "http://me:secret@host/v1", "--model", "m"], "no password"),
        (["run", STARTER, "--upstream", "http://127.0.0.1:9/v1"], "name it by --model"),
        (["run", STARTER, "--price-as", "model-of-nobody"], "--price-as model-of-nobody"),
        (["run", "/no/such/workload"], "/no/such/workload"),
        (["run", STARTER, "--out", STARTER], "holds no experiment"),
        (["check", "/no/such/workload"], "/no/such/workload"),
        (["check", STARTER + "/.."], "holds no workload.toml"),
        (["run"], "Missing argument"),
        (["run", STARTER, "--frobnicate"], "No such option"),
        (["frobnicate"], "No such command"),
        (["show", "/no/such/folder"], "no such folder"),
        (["show", STARTER], "no experiment.json"),
        (["purge", STARTER], "no experiment.json"),
        (["import", "csv", STARTER, "--out", "x"], "csv"),
        (["import", "squad", "/no/such/file", "--out", "x"], "/no/such/file"),
        (["import", "squad", STARTER + "/README.md", "--out", "x"], "README.md"),
        (["import", "jsonl", STARTER, "--out", STARTER], "starter"),
        (["import", "jsonl", STARTER, "--out", "x", "--limit", "0"], "--limit"),
    ],
)
def test_what_is_typed_wrong_is_told_in_a_sentence(
    words: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, errors = type_(capsys, monkeypatch, *words)
    assert code == 2
    assert said in " ".join(errors.split())
    assert "Traceback" not in out + errors
    assert list(tmp_path.iterdir()) == []  # nothing half-done is left


def test_a_newer_experiment_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "experiment.json").write_bytes(orjson.dumps({"schema": SCHEMA + 1}))
    for words in (["show", str(tmp_path)], ["run", STARTER, "--out", str(tmp_path)]):
        code, _, errors = type_(capsys, monkeypatch, *words)
        assert code == 2
        assert "newer" in errors


def test_an_upstream_that_is_not_there_is_infrastructure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-somebodys-key")
    out = tmp_path / "out"
    code, _, errors = type_(
        capsys, monkeypatch, "run", STARTER, "--upstream", "http://127.0.0.1:9/v1", "--model", "m", "--out", str(out)
    )
    assert code == 3
    assert "the upstream is not there" in " ".join(errors.split())
    assert "sk-somebodys-key" not in errors
    assert not (out / "experiment.json").exists()


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("", "the upstream wants a key and none is set: export WORKBENCH_UPSTREAM_KEY or OPENAI_API_KEY"),
        ("OPENAI_API_KEY", "the upstream refuses the key: check WORKBENCH_UPSTREAM_KEY or OPENAI_API_KEY"),
    ],
)
def test_an_upstream_that_wants_a_key_is_told_apart_from_one_that_refuses_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, told: str
) -> None:
    for name in ("WORKBENCH_UPSTREAM_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, "sk-somebodys-key")
    upstream = ScriptedUpstream()
    words = ["run", STARTER, "--upstream", upstream.url, "--model", MODEL, "--out", str(tmp_path / "out")]
    said = type_(capsys, monkeypatch, *words, "--dry-run")[1]
    assert ("none is set: if the upstream wants one, export WORKBENCH_UPSTREAM_KEY" in said) is not bool(variable)
    upstream.statuses = [401]
    code, _, errors = type_(capsys, monkeypatch, *words)
    upstream.end()
    assert code == 3 and told in " ".join(errors.split())


def test_a_pipe_that_is_closed_early_is_no_error_and_hides_none(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(STARTER, broken)
    (broken / "gold.jsonl").write_text("{}\n")
    for words, code in ((["--help"], 0), (["check", STARTER], 0), (["check", str(broken)], 1)):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run([sys.executable, "-m", "workbench", *words], stdout=writing, stderr=subprocess.PIPE)
        os.close(writing)
        assert (done.returncode, done.stderr) == (code, b""), words


def test_import_says_what_it_met_and_what_is_next(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    docs = tmp_path / "docs"
    (docs / "sales").mkdir(parents=True)
    (docs / "sales" / "terms.md").write_text("The warranty lasts 24 months from delivery.")
    (docs / "sales" / "empty.txt").write_text("")
    asked = {
        "tenant": "sales",
        "text": "How long is the warranty?",
        "answers": ["24 months"],
        "documents": ["sales/terms.md"],
    }
    (docs / "questions.jsonl").write_text(json.dumps(asked) + "\n")
    code, out, _ = type_(capsys, monkeypatch, "import", "folder", str(docs), "--out", str(tmp_path / "mine"))
    assert code == 0
    assert "1 tenant, 1 document, 1 question" in out
    assert "empty" in out
    assert f"next: workbench check {tmp_path / 'mine'}" in out
    assert 'name = "mine"' in (tmp_path / "mine" / "workload.toml").read_text()
    code, out, _ = type_(capsys, monkeypatch, "check", str(tmp_path / "mine"))
    assert (code, out.splitlines()[-1]) == (0, f"next: workbench run {tmp_path / 'mine'}")
    gold = tmp_path / "mine" / "gold.jsonl"
    gold.write_text(gold.read_text().replace("24 months", "25 months"))  # which the document does not say
    code, out, _ = type_(capsys, monkeypatch, "check", str(tmp_path / "mine"))
    assert (code, "next:" in out) == (1, False)


def test_doctor_names_every_backend(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = type_(capsys, monkeypatch, "doctor")
    assert code == 0
    for name in NAMES:
        assert name in out
    assert "NOT READY" not in out


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = "import sys, workbench; print([n for n in sys.modules if n.split('.')[0] in sys.argv[1:]])"
    heavy = ["numpy", "faiss", "haystack", "llama_index", "dspy", "langchain", "semantic_kernel", "openai", "pandas",
             "ragas", "httpx", "aiohttp", "rich", "typer", "onnxruntime", "presidio_analyzer", "streamlit"]  # fmt: skip
    said = subprocess.run([sys.executable, "-c", script, *heavy], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
