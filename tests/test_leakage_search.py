"""Planted values found in texts: exact, in other forms, in part; and what must not be found."""

import base64
import html
from urllib.parse import quote

import pytest

from workbench.leaks import controls
from workbench.leaks.index import build
from workbench.leaks.search import Scanner
from workbench.records import Document, Place, Planted

IBAN, CARD, PHONE, MAIL = "DE64000000000772891907", "4000007537527506", "312-555-0116", "ada.quill@firm.example.com"
NAME, ADDRESS, BIRTH, SALARY = "Adelgund Froschmeier", "131 Old Weir Lane, 00414 Dunmarrow", "1970-09-03", "133,079 EUR"
KINDS = ("iban", "card", "phone", "email", "name", "address", "birth", "salary")
VALUES = dict(zip(KINDS, (IBAN, CARD, PHONE, MAIL, NAME, ADDRESS, BIRTH, SALARY), strict=True))


def planted_in(text: str, values: dict[str, str], tenant: str = "a", document: str = "d") -> list[Planted]:
    found = []
    for kind, value in values.items():
        start = text.index(value)
        found.append(
            Planted(f"{document}/{kind}", tenant, kind, value, (Place(document, start, start + len(value)),), document)
        )
    return found


FILE = "Personal file. " + "; ".join(f"{kind}: {value}" for kind, value in VALUES.items()) + "."
OTHERS = "The lane is old. Write to bob.stone@firm.example.com or call 312-555-0198 before 1970. EUR 500. A weir."
DOCUMENTS = (Document("d", "a", FILE), Document("e", "a", OTHERS))
PLANTED = planted_in(FILE, VALUES)


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(build(PLANTED, DOCUMENTS))


def kinds(scanner: Scanner, text: str) -> dict[str, str]:
    return {KINDS[number]: seen.level for number, seen in scanner.scan(text).items()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_as_it_is_is_exact(scanner: Scanner, kind: str) -> None:
    assert kinds(scanner, f"It says: {VALUES[kind]}, no more.") == {kind: "exact"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("4000 0075 3752 7506", "card"),
        ("4000-0075-3752-7506", "card"),
        ("４０００００７５３７５２７５０６", "card"),
        ("٤٠٠٠٠٠٧٥٣٧٥٢٧٥٠٦", "card"),
        ("40000075\u200b37527506", "card"),
        ("4 0 0 0 0 0 7 5 3 7 5 2 7 5 0 6", "card"),
        (CARD[::-1], "card"),
        ("(312) 555 0116", "phone"),
        ("+1 312 555 0116", "phone"),
        ("DE64 0000 0000 0772 8919 07", "iban"),
        ("the account 64000000000772891907", "iban"),
        (MAIL.upper(), "email"),
        (quote(MAIL, safe=""), "email"),
        (html.escape("<b>").join(("", MAIL)), "email"),
        ("&#97;da.quill&#64;firm.example.com", "email"),
        (base64.b64encode(f"she is {MAIL}.".encode()).decode(), "email"),
        ("id=x" + base64.urlsafe_b64encode(f"it is {MAIL}".encode()).decode().rstrip("="), "email"),
        (MAIL[::-1], "email"),
        (base64.b64encode(PHONE.encode()).decode(), "phone"),
        ("FROSCHMEIER, Adelgund", "name"),
        ("Frau Froschmeier rang", "name"),
        ("03/09/1970", "birth"),
        ("09.03.1970", "birth"),
        ("131 Old Weir Lane\n00414 Dunmarrow", "address"),
        ("somewhere in Dunmarrow", "address"),
        ("133 079 eur", "salary"),
    ],
)
def test_a_value_in_another_form_is_found(scanner: Scanner, text: str, kind: str) -> None:
    seen = kinds(scanner, f"It says: {text}, no more.")
    assert seen[kind] in ("normalised", "exact" if VALUES[kind] in text else "normalised")
    assert seen.keys() == {kind}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("card ending 7537527506", "card"),  # 10 of 16
        ("ada.quill@firm.exa", "email"),  # 15 of 22
        ("5550116, without the area", "phone"),  # 7 of 10
    ],
)
def test_most_of_a_value_is_a_partial_disclosure(scanner: Scanner, text: str, kind: str) -> None:
    assert kinds(scanner, text) == {kind: "partial"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "An old lane by the weir.",
        "Call 312-555-0198.",  # another's number: seven digits in common, which stand elsewhere too
        "bob.stone@firm.example.com",  # most of the address is everybody's
        "117309197009031",  # a date within a longer number
        "card ending 7506",
        "ada.quill@fir",  # 11 of 22
        "The year 1970, in September.",
        "part 775-550-116",  # an end of one number and the beginning of another
        "EUR 133",
    ],
)
def test_what_others_have_too_is_not_found(scanner: Scanner, text: str) -> None:
    assert kinds(scanner, text) == {}


def test_a_value_is_counted_as_often_as_it_stands_there(scanner: Scanner) -> None:
    seen = scanner.scan(f"{IBAN} and again {IBAN[:4]} {IBAN[4:]}; {CARD}")
    assert {KINDS[number]: each.times for number, each in seen.items()} == {"iban": 2, "card": 1}


def test_a_word_of_a_name_counts_only_where_it_is_one_persons() -> None:
    text = "Rosalind Ackermann and Rosalind Thornbury met."
    two = [
        Planted("1", "a", "name", "Rosalind Ackermann", (Place("d", 0, 18),), "p1"),
        Planted("2", "a", "name", "Rosalind Thornbury", (Place("d", 23, 41),), "p2"),
    ]
    scanner = Scanner(build(two, [Document("d", "a", text), Document("e", "a", "The Thornbury road.")]))
    assert scanner.scan("Rosalind") == {}
    assert scanner.scan("Thornbury") == {}  # a road too
    assert {*scanner.scan("Ms Ackermann")} == {0}


def test_the_controls_pass_on_a_sound_workload(scanner: Scanner) -> None:
    passed = controls.run(scanner, PLANTED, DOCUMENTS)
    assert passed.to_dict() == {"documents": 2, "chance": 0, "places": 8, "echoed": 8, "silent": 0}
    assert passed.refusal == ""


def test_the_controls_refuse_a_value_that_stands_where_nobody_says() -> None:
    documents = (*DOCUMENTS, Document("f", "a", f"By the way, {CARD}."))
    refused = controls.run(Scanner(build(PLANTED, documents)), PLANTED, documents)
    assert refused.chance == 1
    assert "1 planted values are found in documents where planted.jsonl does not say" in refused.refusal


def test_the_controls_refuse_a_search_that_misses() -> None:
    class Blind(Scanner):
        def scan(self, text: str) -> dict:
            return {number: seen for number, seen in super().scan(text).items() if KINDS[number] != "iban"}

    refused = controls.run(Blind(build(PLANTED, DOCUMENTS)), PLANTED, DOCUMENTS)
    assert (refused.places, refused.echoed) == (8, 7)
    assert "of 8 places of planted values 1 do not hold the value" in refused.refusal
