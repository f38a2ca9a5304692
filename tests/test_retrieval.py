"""How passages are found, as a setting of a run: what is refused, what keeps its name, what is told apart."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from gate_world import save

from workbench.backends import BY_WORDS, NAMES, versions
from workbench.errors import BadInput
from workbench.records import Document, Question, Recipe, Tenant
from workbench.runs import options as choices
from workbench.runs import runner
from workbench.runs.dry_run import forecast
from workbench.runs.options import Options, fingerprint
from workbench.runs.progress import Silent
from workbench.verdicts import sides
from workbench.workload.identity import workload_of

BOTH: tuple[Any, ...] = ("bm25", "hybrid")


def test_a_backend_without_words_is_refused_before_anything_starts(tmp_path: Path) -> None:
    asked = workload_of(
        name="w",
        tenants=(Tenant("t", "T"),),
        documents=(Document("d", "t", "A red house."),),
        questions=[Question("q", "t", "Which house?")],
    )
    words = Recipe(retrieval="bm25")
    wanted = Options(out=tmp_path / "out", backends=("plain", "dspy", "semantic_kernel"), recipe=words)
    told = (
        "--retrieval bm25: dspy and semantic_kernel cannot find passages by words; give "
        "--backends plain,haystack,llamaindex,langchain"
    )
    for start in (lambda: runner.run(asked, wanted, Silent()), lambda: forecast(asked, wanted)):
        with pytest.raises(BadInput) as refused:
            start()
        assert str(refused.value).startswith(told)
    assert not (tmp_path / "out").exists()
    choices.check(replace(wanted, backends=tuple(BY_WORDS)))
    choices.check(replace(wanted, recipe=Recipe(), backends=NAMES))
    with pytest.raises(BadInput, match="--retrieval sparse: unknown; choose dense, bm25, hybrid"):
        choices.choose_retrieval("sparse")


def test_dense_runs_keep_the_names_that_they_had_before_there_was_a_choice() -> None:
    # As the version before gave it.
    assert fingerprint("abc", Options(out=Path())) == "79352fb7"
    others = {fingerprint("abc", Options(out=Path(), recipe=replace(Recipe(), retrieval=each))) for each in BOTH}
    assert len(others | {"79352fb7"}) == 3
    before = {name: value for name, value in asdict(Recipe()).items() if name != "retrieval"}
    assert Recipe(**before) == Recipe(retrieval="dense")
    assert "rank_bm25" not in versions("langchain") and versions("langchain", "bm25")["rank_bm25"]


def test_experiments_that_found_otherwise_are_told_apart(tmp_path: Path) -> None:
    save(tmp_path / "a", recipe=Recipe())
    save(tmp_path / "b", recipe=Recipe(retrieval="hybrid"))
    assert any("retrieval hybrid (was dense)" in note for note in sides.read([tmp_path / "a", tmp_path / "b"]).notes)
