"""What is hidden, and that only who hid it brings it back, byte for byte."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.privacy.find import spans
from workbench.privacy.redact import HIDDEN, Pseudonyms, label, mask, together
from workbench.privacy.span import Span

KEY = b"0123456789abcdef"
TEXT = "Write to anna@example.com\nor bob@example.com, not anna@example.com."


def emails(text: str) -> list[Span]:
    return spans(text, ("EMAIL",))


def span(start: int, end: int, kind: str = "EMAIL") -> Span:
    return Span(start, end, kind, 1.0, "by hand")


def test_mask_keeps_every_place() -> None:
    assert mask(TEXT, emails(TEXT), "*") == ("Write to ****************\nor ***************, not ****************.")
    assert mask("a\nb", [span(0, 3)], "*") == "*\n*"


def test_label_says_what_stood_there() -> None:
    assert label(TEXT, emails(TEXT)) == "Write to [EMAIL]\nor [EMAIL], not [EMAIL]."


def test_nested_and_overlapping_spans_become_one_of_the_longest_kind() -> None:
    given_spans = [span(4, 6, "PHONE"), span(0, 3, "PERSON"), span(2, 8, "ADDRESS"), span(8, 9, "URL"), span(5, 5)]
    assert together(given_spans) == [(0, 8, "ADDRESS"), (8, 9, "URL")]
    assert label("abcdefghij", given_spans) == "[ADDRESS][URL]j"


def test_the_same_value_is_the_same_pseudonym_in_a_tenant_and_another_in_the_next() -> None:
    one, again, other, rekeyed = (
        Pseudonyms(KEY, "north"), Pseudonyms(KEY, "north"), Pseudonyms(KEY, "south"), Pseudonyms(KEY[::-1], "north"),
    )  # fmt: skip
    hidden = one.hide(TEXT, emails(TEXT))
    anna, bob, anna_again = re.findall(r"<EMAIL_[a-p]{16}>", hidden)
    assert anna == anna_again != bob
    assert hidden == again.hide(TEXT, emails(TEXT))
    assert not {anna, bob} & set(
        re.findall(r"<[^>]+>", other.hide(TEXT, emails(TEXT)) + rekeyed.hide(TEXT, emails(TEXT)))
    )


def test_the_kind_is_a_part_of_what_is_hidden() -> None:
    pseudonyms = Pseudonyms(KEY, "north")
    hidden = pseudonyms.hide("Paris Paris", [span(0, 5, "PERSON"), span(6, 11, "ADDRESS")])
    first, second = hidden.split()
    assert first[8:] != second[9:] and pseudonyms.restore(hidden) == "Paris Paris"


def test_an_answer_is_restored_and_only_with_what_this_request_issued() -> None:
    asked, of_another_day, foreign = Pseudonyms(KEY, "north"), Pseudonyms(KEY, "north"), Pseudonyms(KEY, "south")
    anna = asked.hide("anna@example.com", [span(0, 16)])
    bob = of_another_day.hide("bob@example.com", [span(0, 15)])
    carl = foreign.hide("carl@example.com", [span(0, 16)])
    answer = f"Ask {anna}, not {bob}, {carl} or <EMAIL_aaaaaaaaaaaaaaaa>."
    assert asked.restore(answer) == f"Ask anna@example.com, not {bob}, {carl} or <EMAIL_aaaaaaaaaaaaaaaa>."
    assert foreign.restore(answer).count("example.com") == 1


def test_a_pseudonym_that_a_user_types_comes_back_as_it_was_typed() -> None:
    """Even the very one that is issued in the same request: who typed it gets it back, not what it stands for."""
    token = Pseudonyms(KEY, "north").hide("anna@example.com", [span(0, 16)])
    asked = Pseudonyms(KEY, "north")
    text = f"anna@example.com or {token}?"
    hidden = asked.hide(text, [span(0, 16)])
    assert hidden.startswith(token) and hidden.count(token) == 1
    assert asked.restore(hidden) == text
    assert asked.restore(hidden.split()[2]) == f"{token}?"


def test_two_values_never_share_a_pseudonym(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the digest the same for both, the second is given another."""
    from workbench.privacy import redact

    real = redact.hmac.digest
    monkeypatch.setattr(
        redact.hmac, "digest", lambda key, said, how: bytes(32) if b"\0" + b"0\0" in said else real(key, said, how)
    )
    pseudonyms = Pseudonyms(KEY, "north")
    hidden = pseudonyms.hide("anna bob", [span(0, 4), span(5, 8)])
    assert hidden.split()[0] == "<EMAIL_aaaaaaaaaaaaaaaa>" != hidden.split()[1]
    assert pseudonyms.restore(hidden) == "anna bob"


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Pseudonyms(b"short", "north")


def test_a_pseudonym_is_no_personal_data_itself() -> None:
    pseudonyms = Pseudonyms(KEY, "north")
    for number in range(200):
        value = f"user{number}@example.com"
        hidden = pseudonyms.hide(f"mail {value} now", [span(5, 5 + len(value))])
        assert spans(hidden, HIDDEN) == [], hidden


ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=40)
PIECES = st.one_of(ANYTHING, st.from_regex(r"<(EMAIL|PHONE)_[a-p]{16}>", fullmatch=True), st.just("<EMAIL_"))


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = "".join(draw(st.lists(PIECES, max_size=6)))
    places = draw(st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text))), max_size=6))
    return text, [span(min(place), max(place), draw(st.sampled_from(["EMAIL", "PERSON"]))) for place in places]


@given(marked())
def test_what_was_hidden_comes_back_byte_for_byte(case: tuple[str, list[Span]]) -> None:
    text, places = case
    pseudonyms = Pseudonyms(KEY, "north")
    hidden = pseudonyms.hide(text, places)
    assert pseudonyms.restore(hidden) == text


@given(marked(), st.lists(st.integers(0, 400), max_size=30))
def test_a_stream_gives_what_the_whole_gives(case: tuple[str, list[Span]], cuts: list[int]) -> None:
    pseudonyms = Pseudonyms(KEY, "north")
    hidden = pseudonyms.hide(*case)
    edges = sorted({0, len(hidden), *(cut for cut in cuts if cut < len(hidden))})
    pieces = [hidden[start:end] for start, end in zip(edges, edges[1:], strict=False)]
    assert "".join(pseudonyms.restore_stream(pieces)) == pseudonyms.restore(hidden)
