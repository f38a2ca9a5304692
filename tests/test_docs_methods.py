"""The page on methods has an entry for every figure that is printed: what the tables really say is looked up in it."""

import re
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from rich.table import Table
from saved_experiments import Asked, Done, saved

from workbench import tables
from workbench.api import plans
from workbench.attack.table import _table as attack_table
from workbench.exhibits import isolation
from workbench.gating import grid
from workbench.isolation import table as isolation_table
from workbench.planning import report as plan_report
from workbench.runs.store import Experiment
from workbench.scores import judge, leakage, retrieval, summary
from workbench.scores.latency import Latency
from workbench.verdicts import failures, leak_table, leaks, metrics, table
from workbench.verdicts.report import compare

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "workbench" / "docs" / "methods.md").read_text()
ENTRIES = {name for line in PAGE.splitlines() if line.startswith("#### ") for name in re.findall("`([^`]+)`", line)}
SHOWCASE = ROOT / "benchmarks" / "showcase"
NO_FIGURES = {"", "backend", "by kind", "cell"}


def heads(lines: Iterable[Any]) -> set[str]:
    """Of all tables among what a terminal is shown, without names of backends, runs and groups."""
    return {str(column.header) for line in lines if isinstance(line, Table) for column in line.columns} - NO_FIGURES


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Two backends, one of which is worse, so that every table has its rows."""
    questions = [Asked(f"q{number}", answerable=number % 3 > 0) for number in range(24)]
    runs = {
        (name, "parity"): [{one.id: Done(f1=f1, contains=f1, cpu_ms=cpu, declined=f1 < 1) for one in questions}]
        for name, f1, cpu in (("plain", 1.0, 2.0), ("haystack", 0.25, 4.0))
    }
    return compare([saved(tmp_path_factory.mktemp("compared"), questions, runs).folder])


def test_of_show_and_leakage() -> None:
    from workbench import comparison

    experiment = Experiment.open(SHOWCASE / "off")
    report = comparison.report(experiment)
    shown = heads(tables.lines(report)) - {*report["backends"], "sem_kernel", "all 6"}
    planted = next(name for name in shown if name.startswith("of "))
    assert int(planted.removeprefix("of ")) > 0
    assert shown - {planted} - ENTRIES == set()
    assert {"EM", "recall@5", "+CPU", "sent"} < shown
    told = heads(leak_table.lines(leaks.report([SHOWCASE / "off", SHOWCASE / "redact"]), "kind"))
    assert told - {*report["backends"], "sem_kernel"} - ENTRIES == set()
    assert {"sent|retr.", "refused", "documents"} < told


def test_of_compare(compared: dict[str, Any]) -> None:
    shown = heads(table.lines(compared))
    assert shown - ENTRIES - {"plain", "haystack"} == set()
    assert {"CPU x control", "USD/1000", "pair"} < shown


def test_of_isolation() -> None:
    shown = heads(isolation_table.lines(isolation.read(SHOWCASE / "isolation.json")))
    assert {"leaks", "starved"} < shown
    assert {name for name in shown if not re.fullmatch(r"[\d,]+ tenants?", name)} - ENTRIES - {"failed"} == set()


def test_of_attack() -> None:
    row = {"variant": "", "pairs": 0, "attack_events": 0, "twin_events": 0, "difference": None, "p_holm": None}
    row |= {"reached": 0, "refused": 1, "unanswered": 1, "backend": "plain", "track": "parity"}
    assert heads([attack_table([row])]) - ENTRIES == set()


def test_of_plan() -> None:
    scenario = plans.scenario("today", "tenants=sales:60%,legal:40%", "routing.share=20%")
    shown = heads(plan_report.lines(plans.simulate(scenario, months=3, draws=100)))
    assert {"waterfall, in this order", "swing", "share of queries"} <= shown
    assert shown - ENTRIES == set()


def test_of_lists() -> None:
    known = {name for one in (*metrics.MAIN, *metrics.LEAKS) for name in (one.name, one.path.removeprefix("answers."))}
    known = {name.removeprefix("retrieval.") for name in known}
    known |= {*retrieval.MEASURES, *summary.ANSWERS, *judge.OFFLINE_METRICS, *judge.JUDGE_METRICS}
    known |= {f"leakage.{name}" for name in leakage.EVENTS} | {*grid._ORDER}
    known |= {one.name for one in fields(Latency)} - {"wall_ms", "parts_ms", "comparable", "intervals"}
    assert known - ENTRIES == set()
    for cause in failures.CAUSES:
        assert f"| `{cause}` |" in PAGE


def test_the_table_of_contents_leads_to_every_section() -> None:
    sections = re.findall(r"^## (.+)$", PAGE, re.M)
    anchors = re.findall(r"^- \[.+?\]\(#(.+)\)$", PAGE, re.M)
    assert [re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-") for one in sections] == anchors
