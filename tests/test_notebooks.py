"""The committed notebooks: twins alike, one cell of parameters, question first, answer last, small and clean."""

import re
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
NAMES = [
    "01_compare_frameworks",
    "02_why_did_it_fail",
    "03_privacy_and_isolation",
    "04_what_will_it_cost",
    "05_gate_it_in_ci",
]
notebooks = pytest.mark.parametrize("name", NAMES)


def read(name: str) -> Any:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_five_and_each_has_its_twin() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == NAMES
    assert sorted(path.stem for path in FOLDER.glob("*.py")) == NAMES
    assert sum(path.stat().st_size for path in FOLDER.glob("*.ipynb")) < 1_000_000


@notebooks
def test_twins_say_the_same(name: str) -> None:
    def told(notebook: Any) -> list[tuple[str, str, tuple[str, ...]]]:
        return [(cell.cell_type, cell.source, tuple(cell.metadata.get("tags", ()))) for cell in notebook.cells]

    assert told(read(name)) == told(jupytext.read(FOLDER / f"{name}.py"))


@notebooks
def test_it_opens_with_its_question_and_has_one_cell_of_parameters(name: str) -> None:
    notebook = read(name)
    first = notebook.cells[0]
    assert first.cell_type == "markdown" and re.match(r"# .+\?\n", first.source)
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())]
    assert tagged == [code(notebook)[0]]
    assert re.search(r'^WORKLOAD = "datasets/\w+"', tagged[0].source, re.MULTILINE)
    assert re.search(r'^UPSTREAM = ""', tagged[0].source, re.MULTILINE)


@notebooks
def test_it_ends_with_its_answer_which_was_computed(name: str) -> None:
    notebook = read(name)
    assert notebook.cells[-2].source == "## Answer"
    last = notebook.cells[-1]
    said = "".join(output.text for output in last.outputs if output.output_type == "stream")
    assert re.search(r"Source: .*\d", said) and len(said) > 200
    assert not any(line in last.source for line in said.splitlines() if line)


@notebooks
def test_every_cell_was_run_in_order_and_nothing_is_red(name: str) -> None:
    cells = code(read(name))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert outputs and not [each for each in outputs if each.output_type == "error" or each.get("name") == "stderr"]


@notebooks
def test_it_is_small_and_names_no_place_of_a_machine(name: str) -> None:
    content = (FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    assert len(content.encode()) < 300_000
    assert not re.findall(r"(?:/home|/root|/tmp|/Users|/work|[A-Z]:\\\\)[/\w.-]*", content)


@notebooks
def test_what_needs_a_script_is_also_a_table_for_github(name: str) -> None:
    for cell in code(read(name)):
        for output in cell.get("outputs", ()):
            if "application/vnd.plotly.v1+json" in output.get("data", {}):
                assert "<table>" in output.data["text/html"]


@notebooks
def test_cells_are_short(name: str) -> None:
    assert max(len(cell.source.splitlines()) for cell in code(read(name))) <= 12
