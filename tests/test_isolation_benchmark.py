"""The benchmark of the isolation study: the committed study keeps its bounds, and each bound can be missed."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import isolation as benchmark


@pytest.fixture
def study() -> dict[str, Any]:
    report: dict[str, Any] = json.loads((benchmark.ROOT / "benchmarks" / "results" / "isolation.json").read_bytes())
    return report


def test_the_committed_study_keeps_every_bound(study: dict[str, Any]) -> None:
    assert list(benchmark.broken(study)) == []


def test_every_bound_can_be_missed(study: dict[str, Any]) -> None:
    answers = {row["backend"]: row for row in study["answers"]}
    answers["dspy"]["leak_per_query"]["events"] = 1
    answers["haystack"]["queries"] = 0
    answers["plain"]["recall"]["value"] = 0.9999
    answers["langchain"]["queries"] = 2999
    answers["semantic_kernel"]["answers_with_own_marks"] = 2999
    cell = next(row for row in study["rows"] if row["layout"] == "index_per_tenant" and row["backend"] == "llamaindex")
    cell["starved"]["events"] = 4
    study["about"]["failed"] = ["dspy: load, 2 tenants: boom"]
    assert set(benchmark.broken(study)) == {
        "failed: dspy: load, 2 tenants: boom",
        "haystack: no question was answered",
        "dspy, whole answers: leak_per_query 1 of 3000",
        "plain, whole answers: recall 0.9999",
        "langchain: 2999 of 3000 questions were answered",
        "semantic_kernel: answers without any passage prove nothing",
        "llamaindex, an index for each of 2 tenants, equal: starved 4 of 1512",
    }


def test_cells_that_are_not_there_prove_nothing(study: dict[str, Any]) -> None:
    apart = [row for row in study["rows"] if row["layout"] == "index_per_tenant" and row["backend"] == "dspy"]
    study["rows"].remove(apart[0])
    said = f"dspy: 1 of {len(apart)} cells with an index for each tenant are not there"
    assert list(benchmark.broken(study)) == [said]
    study["rows"] = []
    assert list(benchmark.broken(study)) == ["no cell was measured"]
