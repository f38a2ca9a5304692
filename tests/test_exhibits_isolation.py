"""The isolation study as an exhibit: what the committed study says, and a study made by hand."""

from pathlib import Path
from typing import Any

import pytest

from workbench.errors import BadInput
from workbench.exhibits import isolation

STUDY = Path(__file__).parents[1] / "benchmarks" / "results" / "isolation.json"


def share(events: int, n: int, low: float, high: float) -> dict[str, Any]:
    return {"events": events, "n": n, "value": events / n, "low": low, "high": high, "method": "given"}


def row(backend: str, layout: str, tenants: int, leaks: int, starved: int, **more: Any) -> dict[str, Any]:
    return {
        "backend": backend,
        "layout": layout,
        "tenants": tenants,
        "sizes": "equal",
        "refused": "",
        "queries": 40,
        "leak_per_query": share(leaks, 40, 0.0, 0.0722),
        "starved": share(starved, 40, 0.1, 0.4),
        "recall": {"n": 40, "value": 1.0, "low": 0.9, "high": 1.0},
        "p95_ms": {"value": 0.5},
        "megabytes_per_tenant": 0.25,
        **more,
    }


def study() -> dict[str, Any]:
    refused = {"refused": "TypeError: no filter", "queries": 0}
    return {
        "about": {
            "workload": {"name": "mine"},
            "corpus": {"passages": 1200, "questions": 40},
            "machine": {"processor": "p"},
            "trials": 40,
            "k": 5,
            "seed": 0,
            "derived": "Derived.",
        },
        "rows": [
            *(row("plain", "index_per_tenant", tenants, 0, 0) for tenants in (2, 12)),
            row("plain", "shared_filtered", 12, 0, 0),
            row("haystack", "index_per_tenant", 2, 0, 0),
            row("haystack", "shared_filtered", 12, 0, 30),
            row("dspy", "shared_filtered", 12, 0, 0, **refused),
        ],
        "answers": [row("plain", "index_per_tenant", 2, 0, 0)],
    }


def test_it_says_what_crossed_who_starves_and_who_refuses() -> None:
    found = isolation.isolation(study())
    # Three cells and the whole answers, 40 queries each.
    assert found.says == (
        "With an index for each tenant 0 of 160 queries got a foreign passage (at most 7.22% for each backend's whole "
        "answers); at 12 tenants a shared index with the framework's own filter leaves queries short: haystack 75%; "
        "dspy refuses to filter."
    )
    assert 'dspy refuses the filter: "TypeError: no filter"' in found.notes
    assert "1,200 passages" in found.source


def test_its_figure_has_a_line_for_each_backend_and_layout_and_its_table_the_numbers() -> None:
    found = isolation.isolation(study(), "starved")
    assert len(found.figure.data) == 9, "three backends, three layouts"
    assert [list(line.y) for line in found.figure.data if len(line.y)] == [[0, 0], [0], [0], [0.75]]
    one = found.df[(found.df.backend == "haystack") & (found.df.tenants == 12)].iloc[0]
    assert (one.starved, one["starved, low"], one["starved, high"], one["p95 (ms)"]) == (0.75, 0.1, 0.4, 0.5)
    assert len(found.df) == 6
    assert "<table" in found._repr_html_() and "haystack 75%" in found._repr_html_()


def test_a_deletion_is_told_by_layout_and_a_refusal_is_quoted() -> None:
    gone = {"erased": True, "left": []}
    erased = [
        {"backend": "plain", "forget": gone, "delete": {**gone, "pickled": ["index.pkl"]}},
        {"backend": "dspy", "forget": gone, "delete": {"erased": False, "left": ["memory: a list"], "refused": "No."}},
    ]
    found = isolation.erasure({**study(), "erasure": erased})
    assert found.says == (
        "A document was deleted: from an index for each tenant, it is gone with 2 of 2 backends; from one index, the "
        "framework's own delete, it is gone with 1 of 2 backends; dspy refuses to."
    )
    assert 'dspy refuses to delete: "No."' in found.notes
    table = {(row["backend"], row["layout"]): row for row in found.table}
    shared = "one index, the framework's own delete"
    assert table["plain", shared]["what is to be known"] == "saves by pickle (index.pkl)"
    assert (table["dspy", shared]["gone"], table["dspy", "an index for each tenant"]["gone"]) == ("no", "yes")
    assert table["dspy", shared]["what is to be known"] == "refused: No.; left in memory: a list"


def test_a_study_without_deletions_says_so() -> None:
    found = isolation.erasure(study())
    assert (found.says, list(found.table)) == ("The study tried no deletion.", [])


def test_lines_that_coincide_stand_beside_each_other() -> None:
    lines = isolation.isolation(study()).figure.data
    assert lines[0].x[0] != lines[1].x[0]


@pytest.mark.parametrize("sizes", ["equal", "zipf"])
@pytest.mark.parametrize("measure", list(isolation.MEASURES))
def test_the_committed_study_can_be_shown(measure: isolation.Measure, sizes: Any) -> None:
    found = isolation.isolation(isolation.read(STUDY), measure, sizes)
    assert found.says.startswith("With an index for each tenant 0 of ")
    assert len(found.table) == 6 * 3 * 5


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"about": 1}'])
def test_what_is_no_study_is_refused_by_name(content: str, tmp_path: Path) -> None:
    path = tmp_path / "study.json"
    path.write_text(content)
    with pytest.raises(BadInput, match="study.json"):
        isolation.read(path)
