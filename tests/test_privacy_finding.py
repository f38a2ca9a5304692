"""Where what stands: by hand, in each family, and what only looks like it."""

import pytest

from workbench.privacy.find import spans
from workbench.privacy.span import ALL, Span, apart


def found(text: str, *wanted: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in spans(text, wanted or ALL)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail o'brien+x@mail.example.co.uk.", "o'brien+x@mail.example.co.uk"),
        ("<anna@xn--80ak6aa92e.example>", "anna@xn--80ak6aa92e.example"),
        ("anna@corp.example, please", "anna@corp.example"),  # no public suffix, and still an address
    ],
)
def test_addresses_end_where_they_end(text: str, expected: str) -> None:
    assert found(text) == [("EMAIL", expected)]


@pytest.mark.parametrize("text", ["user@host", "a@b", "@anna", "anna@", "x@1.2", "5 items @ 3.50 each"])
def test_an_at_sign_is_no_address(text: str) -> None:
    assert found(text, "EMAIL") == []


@pytest.mark.parametrize(
    "number",
    [
        "501864667909",  # 12 digits, Maestro
        "4222222222222",  # 13, Visa
        "30569309025904",  # 14, Diners
        "378282246310005",  # 15, American Express
        "2223003122003222",  # 16, Mastercard of the newer range
        "6304 0000 0000 0000",
        "3782 822463 10005",
        "4000-0000-0000-0002",
        "4000000000000000006",  # 19, Visa
    ],
)
def test_cards_of_every_length(number: str) -> None:
    assert found(f"It was paid by card {number}, thank you.", "CREDIT_CARD") == [("CREDIT_CARD", number)]


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",  # the check digit is wrong
        "1712345678901231 started",  # a time in microseconds, whatever its check digit: no issuer begins with 1
        "order 4111111111111111",  # the word before it says that it is an order
        "0000 0000 0000 0000",
        "7f3a4111111111111111",  # in a hash
        "4111111111111111-1",
    ],
)
def test_numbers_that_are_no_cards(text: str) -> None:
    assert found(text, "CREDIT_CARD") == []


def test_a_card_is_found_beside_other_numbers_of_the_same_grouping() -> None:
    text = "rows 1200 4111 1111 1111 1111 2026"
    assert found(text, "CREDIT_CARD") == [("CREDIT_CARD", "4111 1111 1111 1111")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SSN 536-90-4399", [("US_SSN", "536-90-4399")]),
        ("536-90-4399", [("US_SSN", "536-90-4399")]),
        ("my social security number is 536904399", [("US_SSN", "536904399")]),
        ("part 536-90-4399", []),
        ("ITIN 912-70-1234", [("US_ITIN", "912-70-1234")]),
        ("ts=5 level=info ref=536-90-4399", []),
        ("536-90-43991", []),
        ("000-12-3456", []),
    ],
)
def test_social_security(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text, "US_SSN", "US_ITIN") == expected


@pytest.mark.parametrize(
    "number",
    ["+1-984-182-0190", "+46 (0)8 928 571 38", "(37) 788-063", "345-899-3560x4587", "212.555.0142", "0490 75 40 81"],
)
def test_telephones_by_their_shape(number: str) -> None:
    assert found(f"That is {number} then", "PHONE") == [("PHONE", number)]


@pytest.mark.parametrize("number", ["467 3395", "9498777106", "60-56-85-91", "99 668472"])
def test_telephones_by_the_words_before(number: str) -> None:
    assert found(f"Call me at {number}.", "PHONE") == [("PHONE", number)]
    assert found(f"There were {number}.", "PHONE") == []


@pytest.mark.parametrize(
    "text",
    [
        "1712345678 INFO started",
        "ISBN 978-3-16-148410-0",
        "call order 212-555-0142",  # the nearest word says what it is
        "from 2019 2020 to 2023",
        "on 2026-03-14 and 14.03.2026",
        "version 10.20.30.40",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    ],
)
def test_numbers_that_are_no_telephones(text: str) -> None:
    assert found(text, "PHONE") == []


def test_urls_and_what_is_secret_in_them() -> None:
    assert found("see https://example.com/a?b=c.") == [("URL", "https://example.com/a?b=c")]
    for secret in ("postgres://admin:hunter2@db.example.com/x", "https://example.com/f?api_key=abcd1234"):
        assert found(f"({secret})") == [("URL_CREDENTIALS", secret)]


def test_addresses_of_machines_are_no_versions() -> None:
    assert found("from 192.168.4.77 and 2001:db8::8a2e:370:7334") == [
        ("IP_ADDRESS", "192.168.4.77"),
        ("IP_ADDRESS", "2001:db8::8a2e:370:7334"),
    ]
    assert found("version 1.2.3.4, v1.2.3.4, 1.2.3.4.5, 300.1.1.1, 12:30:45:10", "IP_ADDRESS") == []


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Passport no. C01X00T47", "PASSPORT", "C01X00T47"),
        ("passport number: 340020013", "US_PASSPORT", "340020013"),
        ("my driver's license number is 2270-66-1551", "US_DRIVER_LICENSE", "2270-66-1551"),
        ("MRN: 00482913", "MEDICAL_RECORD", "00482913"),
        ("account number 123456789012", "US_BANK_ACCOUNT", "123456789012"),
        ("NHS number 943 476 5919", "UK_NHS", "943 476 5919"),
        ("DEA AB1234563", "MEDICAL_LICENSE", "AB1234563"),
        ("pay 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "CRYPTO_WALLET", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        ("password: hunter2024", "SECRET", "hunter2024"),
        ("key AKIAIOSFODNN7EXAMPLE", "SECRET", "AKIAIOSFODNN7EXAMPLE"),
        ("born on 14 March 1980", "DATE_OF_BIRTH", "14 March 1980"),
    ],
)
def test_what_the_words_before_tell(text: str, kind: str, value: str) -> None:
    assert (kind, value) in found(text)


@pytest.mark.parametrize(
    "text", ["the passport office", "password policy", "a password is needed", "the record number"]
)
def test_words_alone_are_nothing(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "date",
    ["2026-03-14", "2000-04-16 11:34:35", "2/8/1935", "14.03.26", "March 14, 2026", "14. März 2026", "le 3 août"],
)
def test_dates(date: str) -> None:
    assert [kind for kind, _ in found(f"It was {date}.")] == ["DATE"]


def test_addresses_of_houses() -> None:
    text = "Send it to 131 Old Weir Lane, 00414 Dunmarrow, or to PSC 0413, Box 8144\nAPO AA 42323."
    assert found(text, "ADDRESS") == [
        ("ADDRESS", "131 Old Weir Lane, 00414 Dunmarrow"),
        ("ADDRESS", "PSC 0413, Box 8144\nAPO AA 42323"),
    ]


def test_only_what_is_wanted_is_looked_for() -> None:
    text = "Anna Smith, anna@example.com, (212) 555-0142"
    assert found(text, "PHONE") == [("PHONE", "(212) 555-0142")]
    assert found(text, "EMAIL", "PERSON") == [("PERSON", "Anna Smith"), ("EMAIL", "anna@example.com")]


def test_the_surest_of_overlapping_finds_stays_then_the_longest() -> None:
    weak, sure, long = Span(0, 9, "PHONE", 0.4, ""), Span(5, 12, "US_SSN", 0.9, ""), Span(11, 30, "URL", 0.9, "")
    assert apart([weak, sure]) == [sure]
    assert apart([weak, sure, long]) == [weak, long], "the longer of the two surest, and what that leaves free"
    assert apart([Span(0, 3, "A", 0.5, ""), Span(3, 6, "B", 0.5, "")]) == [
        Span(0, 3, "A", 0.5, ""),
        Span(3, 6, "B", 0.5, ""),
    ]


def test_a_long_text_gives_the_places_that_its_parts_give() -> None:
    line = "nothing to see here, really nothing; "
    text = "".join(line * 9 + f"mail user{number}@example.com now; " for number in range(400))
    given = spans(text, ("EMAIL",))
    assert [text[span.start : span.end] for span in given] == [f"user{number}@example.com" for number in range(400)]
