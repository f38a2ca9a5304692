"""Backends of other distributions: found by their entry points, meant only where they are named."""

from collections.abc import Iterator
from pathlib import Path

import example_backend
import pytest
from conftest import type_
from saved_experiments import Asked, Done, saved

from workbench import backends
from workbench.errors import BadInput, Infrastructure
from workbench.exhibits import theme
from workbench.runs.options import choose_backends


@pytest.fixture
def example(tmp_path: Path) -> Iterator[None]:
    with example_backend.offered(tmp_path / "offered"):
        yield


@pytest.mark.usefixtures("example")
def test_the_example_is_there_by_name_and_not_among_all() -> None:
    assert "pydantic_ai" in backends.known()
    assert choose_backends("pydantic_ai, plain") == ("plain", "pydantic_ai")
    assert choose_backends("all") == ("plain", "haystack", "llamaindex", "dspy", "langchain", "semantic_kernel")


@pytest.mark.usefixtures("example")
def test_a_plugin_is_made_of_its_framework_what_others_use_too_and_itself() -> None:
    versions = backends.versions("pydantic_ai")
    assert list(versions) == ["python", "pydantic-ai-slim", "openai", "faiss-cpu", "rag-workbench-pydantic-ai"]
    assert versions["rag-workbench-pydantic-ai"] == "0.1.0"
    assert backends.framework("pydantic_ai", versions) == "pydantic-ai-slim"
    assert backends.requirement("pydantic_ai") == "rag-workbench-pydantic-ai"


def test_the_example_is_as_short_as_the_page_promises() -> None:
    assert len((example_backend.FOLDER / "workbench_pydantic_ai.py").read_text().splitlines()) < 120


def test_a_plugin_that_cannot_be_used_is_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = {"other": "named_otherwise:Backend", "gone": "no_such_module:Backend", "half": "named_otherwise:Missing"}
    example_backend.distribution(tmp_path, "somebodys-backends", {**entries, "Not-A-Name": "x:Y", "plain": "x:Y"})
    (tmp_path / "named_otherwise.py").write_text("class Backend:\n    name = 'one'\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert not {"Not-A-Name"} & {*backends.known()}
    assert backends.known().count("plain") == 1
    assert backends.load("plain").__module__ == "workbench.backends.plain"
    with pytest.raises(BadInput, match=r"named_otherwise:Backend: its `name` must be 'other'"):
        backends.load("other")
    for name in ("gone", "half"):
        with pytest.raises(Infrastructure, match=f"^{name} cannot be imported.*pip install somebodys-backends$"):
            backends.load(name)


@pytest.mark.usefixtures("example")
def test_the_isolation_study_says_that_it_knows_no_store_of_a_plugin(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, said = type_(capsys, monkeypatch, "isolation", "datasets/starter", "--backends", "pydantic_ai")
    assert (code, "--backends pydantic_ai: a plug-in" in " ".join(said.split())) == (2, True)


@pytest.mark.usefixtures("example")
def test_a_run_of_a_plugin_is_estimated(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("run", "datasets/starter", "--backends", "pydantic_ai", "--track", "both", "--questions", "3", "--dry-run")
    code, said, _ = type_(capsys, monkeypatch, *words)
    assert code == 0
    assert "pydantic_ai-parity" in said
    assert "pydantic_ai-native" in said


def test_an_experiment_with_a_plugin_opens_where_it_is_not_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = [Asked(f"q{number}") for number in range(12)]
    done = [{one.id: Done() for one in questions}]
    made = saved(tmp_path, questions, {(name, "parity"): done for name in ("aardvark", "haystack", "plain")})
    assert "aardvark" not in backends.known()
    code, said, _ = type_(capsys, monkeypatch, "compare", str(made.folder))
    assert code == 0
    rows = [line.split()[0] for line in said.splitlines() if line.startswith(("plain ", "haystack ", "aardvark "))]
    assert rows[:3] == ["plain", "haystack", "aardvark"]
    code, said, _ = type_(capsys, monkeypatch, "failures", str(made.folder), "--question", "q3")
    assert (code, "aardvark" in said) == (0, True)


def test_a_plugin_has_a_colour_and_a_mark_that_no_other_has() -> None:
    for marks in (theme.COLOURS, theme.SYMBOLS):
        assert marks["aardvark"] not in [marks[name] for name in backends.NAMES]
