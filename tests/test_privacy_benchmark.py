"""The benchmark's own arithmetic by hand, and small samples of what it measures."""

import sys
from pathlib import Path

import pytest

from workbench.privacy.find import spans
from workbench.privacy.span import Span

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import privacy as benchmark
import privacy_texts


def span(start: int, end: int, kind: str) -> Span:
    return Span(start, end, kind, 1.0, "by hand")


def test_a_find_matches_a_label_of_its_kind_that_it_touches() -> None:
    labels = [(0, 5, "PERSON"), (10, 15, "PERSON"), (20, 25, "EMAIL")]
    finds = [span(4, 12, "PERSON"), span(5, 10, "PERSON"), span(20, 25, "PHONE")]
    assert dict(benchmark.matches(labels, finds)) == {
        "PERSON": [2, 2, 2, 1],  # one find touches both labels, the other lies between them
        "EMAIL": [1, 0, 0, 0],
        "PHONE": [0, 0, 1, 0],
    }


def test_f1_is_of_recall_and_precision_each_counted_on_its_side() -> None:
    assert benchmark.f1([[2, 2, 1, 1], [2, 1, 4, 2]]) == pytest.approx(2 * 0.6 * 0.75 / (0.6 + 0.75))
    assert benchmark.f1([[3, 0, 0, 0]]) == 0


def test_lines_of_programs_hold_almost_nobody() -> None:
    lines = list(privacy_texts.log_lines(3, 800))
    assert lines == list(privacy_texts.log_lines(3, 800))
    assert sum(len(spans(line)) for line in lines) <= 16


@pytest.mark.parametrize("name", sorted(set(privacy_texts.TRANSFORMS) - {"digits as words"}))
def test_disguised_values_are_found(name: str) -> None:
    for kind, values in privacy_texts.values(5, 6).items():
        for value in values:
            text = privacy_texts.SENTENCES[kind].format(privacy_texts.TRANSFORMS[name](value))
            assert kind in {span.kind for span in spans(text)}, text


def test_cards_and_numbers_are_made_as_issuers_make_them() -> None:
    made = privacy_texts.values(1, 50)
    for number in made["CREDIT_CARD"]:
        digits = [int(digit) for digit in number if digit.isdigit()]
        doubled = [sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits)]
        assert len(digits) == 16 and sum(doubled) % 10 == 0
    assert not any(number.startswith(("000", "666", "9")) for number in made["US_SSN"])
