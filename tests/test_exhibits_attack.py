"""The exhibit of attacks, on a report made by hand."""

from pathlib import Path

import pytest
from attack_rows import attacked

from workbench.errors import BadInput
from workbench.exhibits import attack


def test_the_most_successful_attack_stands_beside_its_twin() -> None:
    found = attack.attack(attacked(), "cross_tenant", "parity")
    assert found.says == (
        "Most succeed against haystack: 3 of 10 [10, 60 %], of their clean twins 0 of 10, at most 25.9 %; "
        "difference +30 points [-10, +60]."
    )
    assert [line.name for line in found.figure.data] == ["plain", "haystack"]
    assert [row["Attack"] for row in found.table] == ["0 of 10, at most 25.9 %", "3 of 10 [10, 60 %]"]
    assert found.notes == ("A caption.", "A note.") and "60 attacks" in found.source


def test_backends_that_fall_alike_are_drawn_and_named_once() -> None:
    found = attack.attack(attacked(), "encoding", "parity")
    assert found.says.startswith("Most succeed against both backends (base64): 2 of 10")
    (line,) = found.figure.data
    assert list(line.x) == [20, 0, 0, 0], "two ways of encoding, each with its twin"


def test_kinds_are_those_that_were_tried_and_a_track_without_them_says_so() -> None:
    assert list(attack.families(attacked())) == ["cross_tenant", "encoding"]
    found = attack.attack(attacked(), "encoding", "native")
    assert (found.figure, list(found.table)) == (None, []) and found.says.startswith("No attack")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"about": {}, "rows": []}', '{"about": 7, "rows": []}'])
def test_what_is_no_report_is_refused_by_name(content: str, tmp_path: Path) -> None:
    path = tmp_path / "attack.json"
    path.write_text(content)
    with pytest.raises(BadInput, match="attack.json"):
        attack.read(path)
