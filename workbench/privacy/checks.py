"""A candidate comes in, whether its check digits hold goes out: presidio's validators, called without its engine.

The library takes two seconds to import: it is loaded when the first candidate is seen, never for a text without.
"""

import logging
from functools import cache
from threading import Lock
from typing import Any

_LOADING = Lock()


def luhn(digits: str) -> bool:
    """Whether a number of digits alone passes the check of ISO/IEC 7812-1."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = ord(digit) - 48
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def iban(value: str) -> bool:
    """Whether check digits and the country's length and form hold; separators and small letters are borne with."""
    return _presidio("IbanRecognizer").validate_result("".join(value.split()).upper()) is True


def ssn(value: str) -> bool:
    """Whether the number could have been issued, as far as its groups tell."""
    return not _presidio("UsSsnRecognizer").invalidate_result(value)


def wallet(value: str) -> bool:
    """Whether it is a Bitcoin address, by its checksum."""
    return bool(_presidio("CryptoRecognizer").validate_result(value))


def nhs(value: str) -> bool:
    """Whether the check digit of a number of the British health service holds."""
    return bool(_presidio("NhsRecognizer").validate_result(value))


def prescriber(value: str) -> bool:
    """Whether the check digit of a number of the US Drug Enforcement Administration holds."""
    return bool(_presidio("MedicalLicenseRecognizer").validate_result(value))


def _presidio(name: str) -> Any:
    with _LOADING:  # two threads that find nothing loaded would both import
        return _load(name)


@cache
def _load(name: str) -> Any:
    from presidio_analyzer import predefined_recognizers

    # Its values, and a failed check would otherwise print one of them, belong in no log.
    logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL)
    return getattr(predefined_recognizers, name)()
