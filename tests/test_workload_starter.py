import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from workbench import workload
from workbench.records import Workload

STARTER = Path(__file__).parents[1] / "datasets" / "starter"


@pytest.fixture(scope="module")
def starter() -> Workload:
    return workload.load(STARTER)


def test_it_is_as_large_as_its_data_card_says(starter: Workload) -> None:
    assert (len(starter.tenants), len(starter.documents), len(starter.questions)) == (3, 36, 48)
    assert set(starter.gold) == {question.id for question in starter.questions}
    assert sum(not gold.answerable for gold in starter.gold.values()) == 6
    card = (STARTER / "README.md").read_text("utf-8")
    said = {kind: int(count) for kind, count in re.findall(r"^\| ([a-z-]+) \| (\d+) \|", card, re.MULTILINE)}
    assert said == Counter(gold.kind for gold in starter.gold.values())


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (STARTER / name).read_text("utf-8").split("\n") if line]


def test_every_gold_answer_stands_in_its_evidence() -> None:
    # Read without the package: the files themselves must be right.
    texts = {row["id"]: row["text"] for row in rows("documents.jsonl")}
    for gold in rows("gold.jsonl"):
        if not gold["answerable"]:
            continue
        pieces = [texts[piece["document"]][start:end] for piece in gold["evidence"] for start, end in piece["spans"]]
        assert gold["answers"]
        assert all(piece["spans"] for piece in gold["evidence"])
        for answer in gold["answers"]:
            assert any(answer in piece for piece in pieces), gold["question"]


def test_evidence_is_whole_words_without_blanks_around(starter: Workload) -> None:
    texts = {document.id: document.text for document in starter.documents}
    for gold in starter.gold.values():
        for evidence in gold.evidence:
            text = texts[evidence.document]
            for start, end in evidence.spans:
                assert text[start:end] == text[start:end].strip()
                assert start == 0 or not (text[start - 1].isalnum() and text[start].isalnum())
                assert end == len(text) or not (text[end - 1].isalnum() and text[end].isalnum())


def test_personal_data_in_it_is_nobodys(starter: Workload) -> None:
    everything = "\n".join(document.text for document in starter.documents)
    assert set(re.findall(r"@([\w.-]+\w)", everything)) == {"example.com"}
    assert all(number.startswith("212-555-01") for number in re.findall(r"\d{3}-\d{3}-\d{4}", everything))
    assert re.findall(r"\d{4} \d{4} \d{4} \d{4}", everything) == ["4111 1111 1111 1111"]
