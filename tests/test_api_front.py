"""`import workbench as wb`: what it loads, what it offers, and that every name says what a reader needs."""

import inspect
import json
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench.api.words import worded
from workbench.exhibits.exhibit import Exhibit

HEAVY = ("pandas", "numpy", "scipy", "plotly", "rich", "faiss", "typer", "streamlit", "aiohttp", "orjson", "IPython")


def fresh(code: str) -> list[str]:
    """Modules that a fresh interpreter has loaded after some code."""
    words = f"import sys, json; {code}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_importing_it_and_asking_for_its_names_loads_nothing_heavy() -> None:
    loaded = fresh("import workbench as wb; dir(wb); wb.BadInput")
    assert not {name.partition(".")[0] for name in loaded} & set(HEAVY)
    assert [name for name in loaded if name.startswith("workbench")] == ["workbench", "workbench.errors"]


def test_a_saved_experiment_can_be_named_without_what_a_run_needs() -> None:
    loaded = fresh("import workbench as wb; wb.open, wb.run, wb.gate, wb.scenario, wb.figure")
    assert not {name.partition(".")[0] for name in loaded} & {"pandas", "scipy", "plotly", "faiss", "typer", "aiohttp"}


def test_every_name_is_listed_and_there() -> None:
    assert set(wb.__all__) == {*wb._HOMES, "__version__"}
    assert dir(wb) == sorted(wb.__all__)
    for name in wb._HOMES:
        assert getattr(wb, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        wb.lod  # noqa: B018


def test_editors_and_mypy_are_told_of_the_same_names() -> None:
    typed = inspect.getsource(wb).partition("if TYPE_CHECKING:")[2].partition("\n\n")[0]
    homes = {
        name.strip(): home for home, names in re.findall(r"from (\S+) import (.+)", typed) for name in names.split(",")
    }
    assert homes == wb._HOMES


def test_no_module_of_the_package_can_take_a_names_place() -> None:
    modules = {each.name for each in pkgutil.iter_modules(wb.__path__)}
    assert not modules & set(wb._HOMES)


FUNCTIONS = [name for name in wb._HOMES if name.islower()]
RESULTS = [name for name in wb._HOMES if not name.islower() and not issubclass(getattr(wb, name), Exception)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_documents_each_argument_its_errors_and_its_source(name: str) -> None:
    function = getattr(wb, name)
    told = inspect.getdoc(function) or ""
    for argument in inspect.signature(function).parameters:
        assert re.search(rf"^    {argument}: ", told, re.MULTILINE), argument
    assert "Raises:\n    BadInput: " in told
    assert re.search(r"^Source: `workbench\.", told, re.MULTILINE)
    assert inspect.signature(function).return_annotation is not inspect.Signature.empty


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_documents_what_it_offers(name: str) -> None:
    kind = getattr(wb, name)
    for what, value in vars(kind).items():
        if not what.startswith("_") and (callable(value) or isinstance(value, property | cached_property)):
            assert inspect.getdoc(value), what
    if kind is not wb.Figures:
        assert "df" in dir(kind)
    columns = inspect.getdoc(kind.df) if kind not in (wb.Figures, Exhibit) else "One row a"
    assert columns and ("One row" in columns or "one row" in columns)


def test_what_is_delivered_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert wb.load("datasets/starter").name == "starter"
    assert wb.open("benchmarks/showcase/off").saved.about()["workload"]["name"] == "enterprise"
    with pytest.raises(wb.BadInput, match="nowhere"):
        wb.load("nowhere")


def test_a_sentence_stands_where_a_notebook_would_show_a_traceback() -> None:
    assert wb.BadInput("no such folder")._render_traceback_() == ["BadInput: no such folder"]


def test_errors_name_arguments_as_python_does() -> None:
    with pytest.raises(wb.BadInput, match=r"^embedding_model text-embedding-3-small: needs upstream URL"):
        wb.estimate("datasets/starter", "plain", embedding_model="text-embedding-3-small")
    with pytest.raises(wb.BadInput, match=r"^chunk_tokens 0: give 1 or more"):
        wb.estimate("datasets/starter", "plain", chunk_tokens=0)
    assert worded("a--b: see `workbench run --out DIR`, not --no-text") == (
        "a--b: see `workbench run --out DIR`, not text=False"
    )


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ({"k": True}, "k True: give a whole number"),
        ({"k": 5.0}, "k 5.0: give a whole number"),
        ({"questions": "five"}, "questions 'five': give a whole number or None"),
        ({"model": None}, "model None: give a text"),
        ({"tenants": "harrow-bank"}, "tenants 'harrow-bank': give a list of texts"),
        ({"tenants": ["harrow-bank", 3]}, "tenants ('harrow-bank', 3): give a list of texts"),
        ({"text": "no"}, "text 'no': give True or False"),
        ({"deadline": "long"}, "deadline 'long': give a number"),
        ({"out": 3}, "out 3: give a text or a path or None"),
        ({"workload": 3}, "workload 3: give a Workload or a text or a path"),
        ({"backends": 3}, "backends 3: give a text or a list of texts"),
    ],
)
def test_a_wrong_type_is_named_before_any_work(call: dict[str, Any], said: str) -> None:
    with pytest.raises(wb.BadInput) as refused:
        wb.estimate(**({"workload": "datasets/starter"} | call))
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("function", "named", "said"),
    [
        (wb.compare, ("benchmarks/showcase/off", 3), "others 3: give an Experiment or a text or a path"),
        (wb.simulate, (np.arange(3),), "scenario array([0, 1, 2]): give a Scenario or"),
        (wb.load, ([],), r"path []: give a text or a path"),
        (wb.sweep, ("datasets/starter", [3]), "grid [3]: give lists of values by name"),
    ],
)
def test_every_function_checks_its_arguments(function: Callable[..., Any], named: Any, said: str) -> None:
    with pytest.raises(wb.BadInput) as refused:
        function(*named)
    assert str(refused.value).startswith(said)


def test_numbers_and_columns_of_numpy_and_pandas_are_taken() -> None:
    workload = wb.load("datasets/starter")
    tenants = workload.df["tenant"].unique()
    plain = wb.estimate(workload, ["plain"], k=3, questions=6, tenants=list(tenants))
    theirs = wb.estimate(workload, pd.Series(["plain"]), k=np.int64(3), questions=np.int32(6), tenants=tenants)
    assert theirs.to_dict() == plain.to_dict()


def test_whoever_tells_progress_itself_has_three_words_for_it() -> None:
    with pytest.raises(wb.BadInput, match="^progress 3: give True or False or a Progress"):
        wb.run("datasets/starter", "plain", progress=cast(Any, 3))
