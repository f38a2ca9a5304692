"""The benchmark of the leakage score: its bounds can be missed, and it says which."""

import sys
from pathlib import Path
from typing import Any

from leakage_world import world

from workbench.leaks.index import build
from workbench.leaks.search import Scanner

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import leakage as benchmark


def scanner() -> Scanner:
    return Scanner(build(world().planted, world().documents))


def results(**changed: Any) -> dict[str, Any]:
    kept = {"refusal": "", "chance": {"found": 0}, "disguised": {"base64": {"card": 1.0}}, "hostile": {"':'": 0.01}}
    return kept | changed


def test_every_bound_can_be_missed() -> None:
    assert benchmark.judge(results()) == []
    assert benchmark.judge(results(refusal="no")) == ["no"]
    assert benchmark.judge(results(chance={"found": 2})) == ["2 values found in log lines that hold none"]
    missed = {"base64": {"card": 0.9, "ssn": 1.0}, "Cyrillic look-alikes": {"name": 0.0}}
    assert benchmark.judge(results(disguised=missed)) == ["base64: not all found of card"]
    assert benchmark.judge(results(hostile={"':'": 0.6})) == ["':' x 10 kB took 0.60 s of CPU"]


def test_disguises_of_the_definition_are_seen_through_and_log_lines_are_nobodys() -> None:
    table = benchmark.disguised(scanner(), world())
    assert set(table["base64"]) == {"card", "phone", "name", "iban"}
    for name, shares in table.items():
        assert name.startswith(benchmark.NOT_DEFINED) or set(shares.values()) == {1.0}, name
    assert table["digits as words"]["card"] == 0.0, "what is not claimed is measured all the same"
    assert benchmark.chance(scanner())["found"] == 0
