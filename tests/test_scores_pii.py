"""Aggregates over five texts, by hand."""

import pytest

from workbench.scores.pii import score
from workbench.stats import wilson


def test_five_texts_by_hand() -> None:
    found = score([{"EMAIL": 2, "PHONE": 1}, {}, {"EMAIL": 1}, {"PHONE": 0}, None])
    assert found is not None
    assert (found.texts, found.mean, found.share) == (4, 1.0, 0.5)  # the text that was not looked at is left out
    assert found.interval == wilson(2, 4)
    assert found.to_dict()["kinds"] == {
        "EMAIL": {"mean": 0.75, "share": 0.5},
        "PHONE": {"mean": 0.25, "share": 0.25},
    }


def test_nothing_found_is_not_nothing_looked_at() -> None:
    assert score([]) is None and score([None, None]) is None
    found = score([{}, {}, {}])
    assert found is not None and found.share == 0 and found.kinds == {}
    assert found.interval.high == pytest.approx(0.5615, abs=1e-4)  # three clean texts promise little
