"""How confidential a text is, by label, content and source, and why."""

import pytest

from workbench.privacy.classify import classify


@pytest.mark.parametrize(
    ("text", "label", "source", "level", "why"),
    [
        ("The canteen opens at noon.", "", "", "INTERNAL", "nothing says who may read it"),
        ("The canteen opens at noon.", "Public", "", "PUBLIC", "its label says 'Public'"),
        ("The canteen opens at noon.", "", "www/press-releases/2026", "PUBLIC", "its source"),
        ("The canteen opens at noon.", "strictly_confidential", "", "RESTRICTED", "its label"),
        ("The canteen opens at noon.", "Non-public", "", "INTERNAL", "its label"),
        ("The canteen opens at noon.", "blue", "", "INTERNAL", "none that is known"),
        ("The canteen opens at noon.", "", "HR/Letters", "CONFIDENTIAL", "its source"),
        ("The canteen opens at noon.", "public", "Board/Minutes", "RESTRICTED", "its source"),
        ("# Plan\n\nCONFIDENTIAL\n\nThe canteen moves.", "", "", "CONFIDENTIAL", "a line of it says 'CONFIDENTIAL'"),
        ("Classification: for internal use only\nThe canteen.", "", "website", "INTERNAL", "a line of it"),
        ("This is confidential in no way.", "", "website", "PUBLIC", "its source"),  # a word is no marking
        ("Her SSN is 536-90-4399.", "", "", "RESTRICTED", "it holds US_SSN"),
        ("password: hunter2024", "internal", "", "RESTRICTED", "it holds SECRET"),
        ("Anna Smith, born 1980-03-14", "", "", "CONFIDENTIAL", "date of birth"),
        ("Anna Smith has a diagnosis of asthma.", "", "", "RESTRICTED", "health of a person"),
        ("A diagnosis of asthma is common.", "public", "", "PUBLIC", "its label"),  # nobody's
        ("Write to anna@example.com.", "public", "", "INTERNAL", "an address"),
        (" ".join(f"u{n}@example.com" for n in range(5)), "", "", "CONFIDENTIAL", "5 addresses"),
        ("Her salary is 55,549 EUR a year.", "", "", "CONFIDENTIAL", "pay"),
    ],
)
def test_by_hand(text: str, label: str, source: str, level: str, why: str) -> None:
    found = classify(text, label, source)
    assert found.level == level
    assert any(why in reason for reason in found.reasons), found.reasons


def test_content_overrules_a_label_that_is_too_low_and_says_so() -> None:
    found = classify("card 4111 1111 1111 1111", "public")
    assert found.level == "RESTRICTED" and found.kinds == {"CREDIT_CARD": 1}
    assert found.reasons == ("it holds CREDIT_CARD", "its label says PUBLIC only, which is too low")


def test_a_label_is_never_lowered() -> None:
    assert classify("The canteen opens at noon.", "restricted", "website/blog").level == "RESTRICTED"


def test_a_company_names_its_own_sources() -> None:
    assert classify("x", source="lab/notes", sources={"lab": "RESTRICTED"}).level == "RESTRICTED"
    assert classify("x", source="board", sources={"lab": "RESTRICTED"}).level == "INTERNAL"


def test_what_was_found_before_is_not_looked_for_again() -> None:
    assert classify("SSN 536-90-4399", spans=[]).level == "INTERNAL"
