"""The shipped enterprise workload is what its data card says, and what the builder makes of the written texts."""

import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from workbench.planning.inputs import FIELDS
from workbench.records import CLASSIFICATIONS, Workload
from workbench.soundness import files
from workbench.workload.authoring import written
from workbench.workload.authoring.build import build, differing
from workbench.workload.authoring.identities import KINDS

HOURLY = next([float(factor) for factor in field.default] for field in FIELDS if field.name == "load.hourly")
FOLDER = Path(__file__).parents[1] / "datasets" / "enterprise"
QUESTION_KINDS = {
    "single_fact", "few_shared_words", "several_sections", "several_documents", "constrained", "conflicting",
    "completeness", "misplaced", "high_level", "not_found", "table_lookup", "version_sensitive", "negation",
    "other_language", "ambiguous", "other_tenant", "asks_pii",
}  # fmt: skip


@pytest.fixture(scope="module")
def enterprise() -> Workload:
    """Loaded by `check`, which finds nothing at all wrong with it."""
    workload, found = files.check(FOLDER)
    assert found == []
    assert workload is not None
    return workload


@pytest.mark.bench
def test_it_is_to_the_byte_what_was_written(enterprise: Workload) -> None:
    made = build(FOLDER / "written")
    assert differing(made, FOLDER) == []
    assert made.hash == enterprise.hash


def test_every_tenant_is_as_large_as_its_data_card_says(enterprise: Workload) -> None:
    assert len(enterprise.tenants) == 4
    for tenant in enterprise.tenants:
        texts = written.read(FOLDER / "written" / tenant.id).documents
        words = [len(text.text.split()) for text in texts if not text.hostile]
        assert sum(120 <= count <= 900 for count in words) >= 60
        assert sum(3000 <= count <= 6000 for count in words) >= 3
        honest = [one for one in enterprise.documents if one.tenant == tenant.id and not one.hostile]
        assert len(honest) >= 150
        assert {one.language for one in honest} > {"en"}
        assert {one.classification for one in honest} == {*CLASSIFICATIONS}
        assert sum(one.tenant == tenant.id for one in enterprise.questions) >= 100


def test_every_kind_of_question_is_there_twenty_times(enterprise: Workload) -> None:
    counts = Counter(gold.kind for gold in enterprise.gold.values())
    assert counts.keys() == QUESTION_KINDS
    assert min(counts.values()) >= 20
    assert all(
        not enterprise.gold[one.id].answerable
        for one in enterprise.questions
        if enterprise.gold[one.id].kind in ("not_found", "other_tenant")
    )


def test_every_stratum_of_planted_values_is_filled(enterprise: Workload) -> None:
    classes = {document.id: document.classification for document in enterprise.documents}
    strata = Counter(
        (one.tenant, classes[place.document], one.kind, place.form)
        for one in enterprise.planted
        for place in one.places
    )
    wanted = {
        (tenant.id, class_, kind, form)
        for tenant in enterprise.tenants
        for class_ in CLASSIFICATIONS
        for kind in KINDS
        for form in ("plain", "formatted", "evasive")
    }
    assert wanted - strata.keys() == set()


def test_hostile_documents_try_what_the_data_card_lists(enterprise: Workload) -> None:
    hostile = {document.hostile: document for document in enterprise.documents if document.hostile}
    assert hostile.keys() >= {
        "override", "system-prompt", "exfiltrate-link", "markdown-image", "other-tenant", "blocker", "hidden-html",
        "unicode-tags", "white-text", "base64", "other-script", "poisoned-fact", "empty", "enormous",
    }  # fmt: skip
    assert not hostile["empty"].text.strip()
    assert len(hostile["enormous"].text) > 100_000
    letters = [character for character in hostile["other-script"].text if character.isalpha()]
    assert sum(ord(character) > 0x24F for character in letters) > len(letters) / 2


def test_the_log_is_a_month_with_repetition_paraphrases_and_a_share_that_may_wait(enterprise: Workload) -> None:
    log = enterprise.log
    times = [datetime.fromisoformat(line.at) for line in log]
    assert {(time.year, time.month) for time in times} == {(2026, 10)}
    assert {time.day for time in times} == set(range(1, 32))
    by_hour = Counter(time.hour for time in times)
    for hour, factor in enumerate(HOURLY):
        assert by_hour[hour] / len(log) == pytest.approx(factor / sum(HOURLY), abs=0.012)
    weekdays = sum(time.weekday() < 5 for time in times) / 22
    assert weekdays / (sum(time.weekday() >= 5 for time in times) / 9) == pytest.approx(1.76, rel=0.12)
    counts = sorted(Counter(line.question for line in log).values(), reverse=True)
    assert sum(counts[: len(counts) // 5]) > 0.4 * len(log)  # a fifth of the questions makes two fifths of the load
    texts: dict[str, set[str]] = {}
    for line in log:
        texts.setdefault(line.question, set()).add(line.text)
    assert sum(len(each) > 1 for each in texts.values()) > 0.6 * len(texts)
    assert 0.05 < sum(line.deferrable for line in log) / len(log) < 0.25


def test_a_family_of_questions_has_one_gold(enterprise: Workload) -> None:
    """Lines of the log share the gold of the question that they name; near questions have another."""
    known = {question.id for question in enterprise.questions}
    assert {line.question for line in enterprise.log} <= known
    near = [(gold, enterprise.gold[other]) for gold in enterprise.gold.values() for other in gold.near]
    assert len(near) >= 100
    for one, other in near:
        assert (one.answers, one.evidence, one.answerable) != (other.answers, other.evidence, other.answerable)


def test_no_private_value_is_written_by_hand(enterprise: Workload) -> None:
    planted = {
        (place.document, position)
        for one in enterprise.planted
        for place in one.places
        for position in range(place.start, place.end)
    }
    for document in enterprise.documents:
        if not document.hostile:
            for match in re.finditer(r"[\w.]+@[\w.]+\.\w+|\b[A-Z]{2}\d{20}\b|\b\d{3}-\d{2}-\d{4}\b", document.text):
                assert (document.id, match.start()) in planted, (document.id, match[0])
