"""The document check quotes what the formulas give."""

from decimal import Decimal

import pytest

from workbench.planning.evidence import break_even_hit_rate, check

CHECKS = {each.topic: each for each in check()}


@pytest.mark.parametrize(
    ("topic", "figures"),
    [
        ("all levers together", ("52.12%-79.60%", "206,841.60", "88,128.00", "213,341.60", "94,628.00")),
        ("the bill", ("432,000.00", "6,500.00", "438,000.00")),
        ("response cache", ("302,400.00", "307,324.80", "102,600")),
        ("routing", ("24.8%", "22.3%")),  # 324,810 and 335,610 of 432,000
        ("batch", ("10.0%",)),
        ("prompt", ("7.5%",)),
        ("vendor's prefix cache", ("saves 0.00", "21.7%")),
        ("another model", ("432,000.00", "100,800.00", "2,520.00")),
    ],
)
def test_corrections_hold_the_known_answers(topic: str, figures: tuple[str, ...]) -> None:
    for figure in figures:
        assert figure in CHECKS[topic].correction


def test_every_claim_has_evidence_and_nothing_is_called_measured_that_is_not() -> None:
    assert all(each.claim and each.evidence and not each.measured for each in CHECKS.values())


def test_break_even_hit_rate() -> None:
    assert round(break_even_hit_rate(Decimal("1.25"), Decimal("0.1")), 4) == Decimal("0.2174")  # .25 / 1.15
    assert round(break_even_hit_rate(Decimal(2), Decimal("0.1")), 4) == Decimal("0.5263")  # 1 / 1.9
    assert break_even_hit_rate(Decimal(1), Decimal("0.5")) == 0
    with pytest.raises(ValueError, match="saves nothing"):
        break_even_hit_rate(Decimal(1), Decimal(1))
