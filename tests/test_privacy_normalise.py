"""Disguises seen through, and the way back to the text as it was."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.privacy.find import spans
from workbench.privacy.normalise import View, decoded, fold, joined


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("a\u200bn\u00adn\u2060a", "anna"),
        ("４１１１", "4111"),
        ("\u0664\u0661\u0661", "411"),
        ("555\u20110142", "555-0142"),
        ("a\u00a0b", "a b"),
        ("anna@exаmple.com", "anna@example.com"),  # one Cyrillic letter
        ("&#97;nn&#x61;&commat;x", "anna@x"),
        ("&amp;#64;", "@"),  # escaped twice
        ("anna%40example", "anna@example"),
        ("\\u0040 \\x40", "@ @"),
        ("e\u0301", "e"),
        ("Россия Москва", "Россия Москва"),  # a word of one script is what it seems
        ("50% of &nothing; \\u12", "50% of &nothing; \\u12"),
        ("%0A%00", "%0A%00"),  # what cannot be seen is not made of it
    ],
)
def test_folding(disguised: str, plain: str) -> None:
    assert fold(disguised).text == plain


def test_what_is_plain_stays_the_very_same() -> None:
    view = fold("Größe 42, naïve café")
    assert view == View("Größe 42, naïve café") and view.place(3, 5) == (3, 5)


@pytest.mark.parametrize(
    ("text", "kind", "stretch"),
    [
        ("to &#97;nna@example.com now", "EMAIL", "&#97;nna@example.com"),
        ("to an\u200bna@example.com\u200b now", "EMAIL", "an\u200bna@example.com"),
        ("to YW5uYUBleGFtcGxlLmNvbQ== now", "EMAIL", "YW5uYUBleGFtcGxlLmNvbQ=="),
        ("to anna at example dot com now", "EMAIL", "anna at example dot com"),
        ("to anna [at] example.com now", "EMAIL", "anna [at] example.com"),
        ("a n n a @ e x . c o m", "EMAIL", "a n n a @ e x . c o m"),
        ("my card 4111111\n111111111 please", "CREDIT_CARD", "4111111\n111111111"),
        ("ssn 536-90\n-4399 please", "US_SSN", "536-90\n-4399"),
        ("to anna@exam\r\nple.com now", "EMAIL", "anna@exam\r\nple.com"),
        (
            "my SSN is five three six nine zero four three nine nine, yes",
            "US_SSN",
            "five three six nine zero four three nine nine",
        ),
    ],
)
def test_a_find_covers_the_disguise_from_end_to_end(text: str, kind: str, stretch: str) -> None:
    assert [(span.kind, text[span.start : span.end]) for span in spans(text, (kind,))] == [(kind, stretch)]


@pytest.mark.parametrize(
    "text",
    [
        "meet at example.com at noon",
        "one, two and three of the four",
        "a b c d e f g h",
        "1200\n3400\n5600\n7800",  # a column of numbers is no card
        "41111111\n11111111",  # two numbers, unless a word says card
        "aGVsbG8gd29ybGQhIQ==",
        "DEADBEEFDEADBEEF",
    ],
)
def test_nothing_is_made_of_what_is_nothing(text: str) -> None:
    assert spans(text, ("EMAIL", "CREDIT_CARD", "US_SSN", "PHONE", "IBAN")) == []


def test_lines_are_joined_only_where_a_value_may_go_on() -> None:
    assert joined(View("the end\nThe start")) is None
    assert joined(View("5\n6")) == (View("56", [0, 2], [1, 3]), [1])
    assert decoded(View("nothing in here")) is None


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_every_character_of_a_view_has_its_place(text: str) -> None:
    view = fold(text)
    for one in (view, decoded(view) or view, (joined(view) or (view, []))[0]):
        places = [one.place(at, at + 1) for at in range(len(one.text))]
        assert all(0 <= start < end <= len(text) for start, end in places)
        assert places == sorted(places), "in the order of the text"


DISGUISES = {
    "zero-width": lambda c: c + "\u200b",
    "wide": lambda c: chr(ord(c) + 0xFEE0),
    "entity": lambda c: f"&#{ord(c)};",
    "url": lambda c: f"%{ord(c):02x}",
    "backslash": lambda c: f"\\u{ord(c):04x}",
    "none": lambda c: c,
}


@given(
    st.from_regex(r"[a-z]{3,8}\.[a-z]{3,8}@[a-z]{3,8}\.example", fullmatch=True),
    st.lists(st.sampled_from(sorted(DISGUISES)), min_size=40, max_size=40),
    st.text("abc xyz,.", max_size=20),
)
def test_any_mixture_of_disguises_is_seen_through(address: str, disguises: list[str], before: str) -> None:
    hidden = "".join(DISGUISES[name](c) for c, name in zip(address, disguises, strict=False))
    text = f"{before} {hidden} end"
    (span,) = spans(text, ("EMAIL",))
    assert fold(text[span.start : span.end]).text == address
    assert text[span.start : span.end] == hidden.rstrip("\u200b")


@given(st.binary(min_size=8, max_size=60))
def test_any_encoded_bytes_are_borne(content: bytes) -> None:
    text = f"x {base64.b64encode(content).decode()} y"
    for span in spans(text):
        assert 0 <= span.start < span.end <= len(text)
