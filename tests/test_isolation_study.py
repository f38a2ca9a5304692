"""The whole study on a small world: the control and LangChain, in their processes, against numpy."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from typer.testing import CliRunner

from workbench import cli, lines
from workbench.errors import BadInput
from workbench.isolation import study, table
from workbench.isolation.corpus import Corpus
from workbench.isolation.tenants import Tenants
from workbench.records import Document, Question, Recipe, Tenant, Workload
from workbench.runs.progress import Silent

RULES = {
    "leave": "Employees have {} days of annual leave.",
    "trains": "Train tickets up to {} euros need no consent.",
    "badges": "A lost badge is reported within {} hours.",
    "audit": "The audit of the stores takes place every {} weeks.",
    "laptops": "Laptops are replaced after {} months.",
    "parking": "There are {} parking places behind the house.",
}
ASKED = {
    "leave": "How many days of leave are there?",
    "trains": "Up to how many euros is a train ticket free of consent?",
    "badges": "When is a lost badge reported?",
    "audit": "How often is the audit?",
    "laptops": "When is a laptop replaced?",
    "parking": "How many parking places are there?",
}
NAMES = ("bank", "clinic", "mill")

WORKLOAD = Workload(
    name="small",
    hash="0" * 64,
    tenants=tuple(Tenant(name, name.title()) for name in NAMES),
    documents=tuple(
        Document(f"{name}/{topic}", name, text.format(10 + place + 7 * number))
        for place, name in enumerate(NAMES)
        for number, (topic, text) in enumerate(RULES.items())
    ),
    questions=tuple(Question(topic, "bank", text) for topic, text in ASKED.items()),
)
K = 2


def options(out: Path, **given: Any) -> study.Options:
    settings: dict[str, Any] = {"backends": ("plain", "langchain"), "tenants": (2, 12), "sizes": ("equal",)}
    recipe = Recipe(model="local/echo", k=K)
    return study.Options(out, passages=6, trials=40, seconds=60.0, recipe=recipe, **{**settings, **given})


class Impatient(Silent):
    """Presses Ctrl-C after the second cell."""

    cells, counting = 0, False

    def stage(self, label: str, total: int) -> None:
        self.counting = label == "plain"

    def advance(self, steps: int = 1) -> None:
        self.cells += self.counting
        if self.cells == 2:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The study's folder and report: interrupted once, and gone on with."""
    out = tmp_path_factory.mktemp("study") / "out"
    with pytest.raises(KeyboardInterrupt):
        study.run(WORKLOAD, options(out), Impatient())
    (out.parent / "kept").write_bytes(orjson.dumps([one["key"] for one in lines.read(out / "cells.jsonl")]))
    yield out, study.run(WORKLOAD, options(out), Silent())


def row(report: dict[str, Any], backend: str, layout: str, tenants: int) -> dict[str, Any]:
    wanted = (backend, layout, tenants)
    (found,) = [one for one in report["rows"] if (one["backend"], one["layout"], one["tenants"]) == wanted]
    return found


def by_numpy(out: Path, tenants: int, fetched: int, filtered: bool) -> dict[str, float]:
    """What searching all tenants' vectors together and keeping the own ones of the first `fetched` must give."""
    (folder,) = (out / "corpus").iterdir()
    world = Tenants(Corpus.read(folder), tenants, "equal", 6, 0)
    everything = np.concatenate([world.vectors(tenant) for tenant in range(tenants)])
    owners = np.repeat(np.arange(tenants), 6)
    leaks = starved = foreign = 0
    recalls = []
    pairs = world.trials(40)
    for tenant, question in pairs:
        scores = everything @ world.corpus.asked[question]
        top = np.argsort(-scores)[:fetched]
        hits = ([one for one in top if owners[one] == tenant] if filtered else list(top))[:K]
        mine = [one for one in hits if owners[one] == tenant]
        best = np.flatnonzero(owners == tenant)[np.argsort(-scores[owners == tenant])[:K]]
        leaks += len(mine) < len(hits)
        foreign += len(hits) - len(mine)
        starved += len(mine) < K
        recalls.append(len(set(mine) & set(best)) / K)
    return {"queries": len(pairs), "leaks": leaks, "foreign": foreign, "starved": starved, "recall": np.mean(recalls)}


@pytest.mark.parametrize("backend", ["plain", "langchain"])
@pytest.mark.parametrize("tenants", [2, 12])
@pytest.mark.parametrize("layout", ["index_per_tenant", "shared_filtered", "shared_unfiltered"])
def test_figures_are_those_of_numpy(done: Any, backend: str, tenants: int, layout: str) -> None:
    out, report = done
    found = row(report, backend, layout, tenants)
    filtered = layout != "shared_unfiltered"
    # LangChain filters the best 20 of all; the selector and an index per tenant have every own passage before them.
    fetched = K if not filtered else 20 if (backend, layout) == ("langchain", "shared_filtered") else 12 * 6
    wanted = by_numpy(out, tenants, fetched, filtered)
    assert found["queries"] == wanted["queries"]
    assert found["leak_per_query"]["events"] == wanted["leaks"]
    assert found["leak_per_hit"]["events"] == wanted["foreign"]
    assert found["starved"]["events"] == wanted["starved"]
    assert found["recall"]["value"] == pytest.approx(wanted["recall"])
    assert found["corpus"] == ("own" if tenants == 2 else "derived")


def test_the_world_is_one_in_which_something_can_be_seen(done: Any) -> None:
    _, report = done
    assert row(report, "plain", "shared_unfiltered", 12)["leak_per_query"]["events"] > 0
    assert row(report, "langchain", "shared_filtered", 12)["starved"]["events"] > 0


def test_whole_answers_hold_no_foreign_mark(done: Any) -> None:
    _, report = done
    assert [one["backend"] for one in report["answers"]] == ["plain", "langchain"]
    for one in report["answers"]:
        assert (one["queries"], one["failed"]) == (3 * 6, 0)  # each tenant is asked everything
        assert one["answers_with_own_marks"] == 18  # the echo shows the prompt: the check can see
        assert one["foreign_marks_in_answers"]["events"] == one["leak_per_query"]["events"] == 0
        assert one["foreign_marks_in_answers"]["high"] == pytest.approx(1 - 0.05 ** (1 / 18))
        assert one["recall"]["value"] == 1.0


def test_a_forgotten_document_is_nowhere(done: Any) -> None:
    _, report = done
    for one in report["erasure"]:
        assert one["forget"]["removed"] == 1
        assert one["forget"]["found_before"]["memory"] and one["forget"]["found_before"]["saved"]
        assert one["forget"]["left"] == [] and one["forget"]["erased"]
        assert one["delete"]["refused"] == "" and one["delete"]["erased"]
    pickled = {one["backend"]: one["delete"]["pickled"] for one in report["erasure"]}
    assert pickled == {"plain": [], "langchain": ["index.pkl"]}


def test_whole_backends_load_many_tenants(done: Any) -> None:
    _, report = done
    assert [(one["backend"], one["tenants"]) for one in report["loaded"]] == [
        ("plain", 2),
        ("plain", 12),
        ("langchain", 2),
        ("langchain", 12),
    ]
    assert all(one["load_seconds"] > 0 for one in report["loaded"])


def test_what_is_done_is_not_done_again(done: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    out, report = done

    def never(*arguments: Any) -> None:
        raise AssertionError("nothing is left to do")

    monkeypatch.setattr(study, "WorkerProcess", never)
    monkeypatch.setattr(study, "GatewayProcess", never)
    assert study.run(WORKLOAD, options(out), Silent()) == report
    fewer = study.run(WORKLOAD, options(out, backends=("plain",), tenants=(12,)), Silent())
    assert fewer["rows"] == [one for one in report["rows"] if (one["backend"], one["tenants"]) == ("plain", 12)]


def test_an_interrupted_study_went_on(done: Any) -> None:
    out, report = done
    keys = [one["key"] for one in lines.read(out / "cells.jsonl")]
    assert keys[:2] == orjson.loads((out.parent / "kept").read_bytes())
    # Of each of two backends: forget, delete, answers, and for each number of tenants loading and three layouts.
    assert len(keys) == len(set(keys)) == 2 * (3 + 2 * 4)
    assert len(report["rows"]) == 12
    assert not [path for path in out.iterdir() if path.name.startswith("scratch")]


def test_the_report_is_plain_and_fits_a_terminal(done: Any) -> None:
    from rich.console import Console

    _, report = done
    assert orjson.loads(orjson.dumps(report)) == report
    console = Console(width=100, record=True, file=io.StringIO())
    for line in table.lines(report):
        console.print(line)
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= 100
    assert "0 of 40 <=7.22%" in text  # 1 - 0.05^(1/40)
    assert "one index, the framework's own filter" in text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--tenants", "1"], "from 2 up"),
        (["--tenants", "ten"], "numbers with commas"),
        (["--sizes", "huge"], "choose from equal, zipf"),
        (["--trials", "0"], "1 or more"),
        (["--backends", "nobody"], "nobody"),
    ],
)
def test_bad_options_are_refused_before_anything_is_done(given: list[str], said: str, tmp_path: Path) -> None:
    outcome = CliRunner().invoke(cli.app, ["isolation", str(tmp_path), *given])
    assert isinstance(outcome.exception, BadInput)
    assert said in str(outcome.exception)


def test_a_cell_that_fails_does_not_end_the_others(done: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder,) = (done[0] / "corpus").iterdir()
    good = [cell for cell in study._cells(options(done[0], backends=("plain",), tenants=(2,)), folder)][-1]
    bad = study._Cell("plain", "search", {**good.given, "folder": str(tmp_path / "nowhere")})
    monkeypatch.setattr(study, "_cells", lambda options, folder: [bad, good])
    (tmp_path / "corpus").symlink_to(done[0] / "corpus")
    report = study.run(WORKLOAD, options(tmp_path), Silent())
    assert len(report["rows"]) == 1
    (sentence,) = report["about"]["failed"]
    assert sentence.startswith("plain: shared_unfiltered, 2 tenants: ") and "nowhere" in sentence
    assert any(sentence in str(line) for line in table.lines(report))


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "terms.md").write_text("The warranty lasts 24 months.")
    with pytest.raises(BadInput, match="holds no isolation study; choose an empty or a new folder"):
        study.run(WORKLOAD, options(tmp_path), Silent())
    assert [one.name for one in tmp_path.iterdir()] == ["terms.md"]
