"""A seed comes in; texts whose truth is known go out: log lines with nobody in them, disguised values, hostile strings.

Nothing here is taken from the finder: a log line is free of personal data because nothing personal was put in, and a
value is there because it was.
"""

import base64
import html
import random
import string
from collections.abc import Callable, Iterator
from urllib.parse import quote

HOSTILE = (
    "a.a.a.", ":", "www.", "1-1-1-", "((((", "+1+1", "&#&#", "\u200b", "a@", "QUJD", "4111 ", "%41",
    "http://", "A A ", "DE12", "one two ", "\n1", "Mr. A", "eyJ", "-----BEGIN ", "12 Elm ", "а1", "e\u0301",
    "key=", "passport ", "1.1.1.1.", "A, B and C, ", "Jan 1 ", "&amp;#64;", "(0", "\\u0041", "a dot b at ",
    "Aaa ", "a=b c=d ", "'", "[at]", "born ", "1 1 1 ",
)  # fmt: skip
"""Each is repeated to 10 kB."""


def log_lines(seed: int, count: int = 4_000) -> Iterator[str]:
    """Lines as programs write them: numbers of every length, and nobody's."""
    draw = random.Random(seed)
    kinds = (
        lambda: f"ts={draw.randrange(10**9, 2 * 10**9)} level=info msg=started worker={draw.randrange(99)}",
        lambda: (
            f"{draw.randrange(1_600_000_000_000, 1_900_000_000_000)} INFO cache warmed in {draw.randrange(9999)} ms"
        ),
        lambda: f"commit offset {draw.randrange(10**15, 2 * 10**15)} flushed to partition {draw.randrange(64)}",
        lambda: f"event at {draw.randrange(16 * 10**14, 19 * 10**14)} us handled by node-{draw.randrange(40)}",
        lambda: f"part {_digits(draw, 3)}-{_digits(draw, 2)}-{_digits(draw, 4)} moved to shelf {draw.randrange(900)}",
        lambda: (
            f"P/N {_digits(draw, 4)}-{_digits(draw, 3)}-{_digits(draw, 4)} rev {draw.choice('ABCDE')}, qty "
            f"{draw.randrange(500)}"
        ),
        lambda: f"item no. {_digits(draw, 3)}-{_digits(draw, 3)}-{_digits(draw, 4)} out of stock",
        lambda: f"request {_hex(draw, 32)} took {draw.randrange(9999)} ms",
        lambda: f"req_id={_digits(draw, 16)} route=/v1/items status={draw.choice((200, 404, 500))}",
        lambda: f"sha256:{_hex(draw, 64)} verified",
        lambda: f"build {_hex(draw, 7)} of {_digits(draw, 12)} is green",
        lambda: f"ISBN 978-{draw.randrange(10)}-{_digits(draw, 2)}-{_digits(draw, 6)}-{draw.randrange(10)} reordered",
        lambda: f"isbn13 978{_digits(draw, 10)} not in catalogue",
        lambda: f"order {_digits(draw, draw.randrange(8, 17))} shipped in {draw.randrange(9)} parcels",
        lambda: f"Order ID: {_digits(draw, 3)}-{_digits(draw, 7)}-{_digits(draw, 7)} confirmed",
        lambda: (
            f"version {draw.randrange(20)}.{draw.randrange(20)}.{draw.randrange(20)}.{draw.randrange(200)} deployed"
        ),
        lambda: f"upgraded agent v{draw.randrange(9)}.{draw.randrange(30)}.{draw.randrange(99)}-rc{draw.randrange(9)}",
        lambda: f"trace {_uuid(draw)} span {_hex(draw, 16)} sampled",
        lambda: f"job {_uuid(draw)} retried {draw.randrange(9)} times after {draw.randrange(10**7)} us",
        lambda: f"tracking {draw.choice(('1Z', 'JD', 'RR'))}{_digits(draw, 14)} handed over",
        lambda: (
            f"[{draw.randrange(99)}.{_digits(draw, 6)}] kernel: memory {_digits(draw, 10)}-{_digits(draw, 10)} reserved"
        ),
        lambda: f"invoice {_digits(draw, 10)} total {draw.randrange(10**6)}.{_digits(draw, 2)} EUR",
        lambda: f"0x{_hex(draw, 16)} freed {_digits(draw, 8)} bytes",
        lambda: f"rpc call {_digits(draw, 10)} finished in {draw.randrange(999)} ms",
        lambda: f"host-{draw.randrange(9)} sshd[{draw.randrange(9999)}]: session {_digits(draw, 9)} closed",
        lambda: f"unit {_digits(draw, 3)}-{_digits(draw, 2)}-{_digits(draw, 4)} replaced at bench {draw.randrange(30)}",
        lambda: f"{_digits(draw, 8)}-{_digits(draw, 4)} WARN queue depth {_digits(draw, 6)}",
        lambda: f"EAN {_digits(draw, 13)} scanned at till {draw.randrange(20)}",
    )
    for _ in range(count):
        yield draw.choice(kinds)()


def _digits(draw: random.Random, count: int) -> str:
    return "".join(draw.choice(string.digits) for _ in range(count))


def _hex(draw: random.Random, count: int) -> str:
    return "".join(draw.choice("0123456789abcdef") for _ in range(count))


def _uuid(draw: random.Random) -> str:
    return "-".join(_hex(draw, length) for length in (8, 4, 4, 4, 12))


def values(seed: int, count: int = 200) -> dict[str, list[str]]:
    """Values of four kinds, each of a form that it is commonly written in."""
    draw = random.Random(seed)
    first = ("anna", "bruno", "carla", "dmitri", "eva", "farid", "greta", "hugo", "ines", "jonas")
    last = ("okafor", "lindqvist", "moreau", "tanaka", "weiss", "novak", "castro", "byrne", "haddad", "olsen")
    hosts = ("example.com", "example.org", "mail.example.net", "corp-mail.example.com")

    def email() -> str:
        between, behind = draw.choice((".", "_", "")), draw.choice(("", "7", "1984"))
        return f"{draw.choice(first)}{between}{draw.choice(last)}{behind}@{draw.choice(hosts)}"

    def phone() -> str:
        area, line = draw.randrange(201, 990), f"555-{draw.randrange(100, 9999):04d}"
        return draw.choice((f"{area}-{line}", f"({area}) {line}", f"+1 {area} {line.replace('-', ' ')}"))

    def ssn() -> str:
        return f"{draw.randrange(1, 660):03d}-{draw.randrange(1, 100):02d}-{draw.randrange(1, 10_000):04d}"

    def card() -> str:
        body = draw.choice(("4", "51", "6011")) + _digits(draw, 15)
        body = body[:15]
        total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(body))
        number = f"{body}{-total % 10}"
        return draw.choice((number, " ".join(number[at : at + 4] for at in range(0, 16, 4))))

    makers: dict[str, Callable[[], str]] = {"EMAIL": email, "PHONE": phone, "US_SSN": ssn, "CREDIT_CARD": card}
    return {kind: [make() for _ in range(count)] for kind, make in makers.items()}


SENTENCES = {
    "EMAIL": "Please write to {} before Friday.",
    "PHONE": "Please call me at {} before Friday.",
    "US_SSN": "My social security number is {} as you asked.",
    "CREDIT_CARD": "Please charge my card {} for the order.",
}
_NAMES = dict(zip("0123456789", "zero one two three four five six seven eight nine".split(), strict=True))
_CYRILLIC = str.maketrans("aeopcyxABEKMHOPCTX", "аеорсухАВЕКМНОРСТХ")


def _middle(character: str) -> Callable[[str], str]:
    return lambda value: value[: len(value) // 2] + character + value[len(value) // 2 :]


TRANSFORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda value: value,
    "zero-width between all": "\u200b".join,
    "one zero-width space": _middle("\u200b"),
    "one soft hyphen": _middle("\u00ad"),
    "non-breaking hyphens": lambda value: value.replace("-", "\u2011").replace(".", "\u2024"),
    "no-break spaces": lambda value: value.replace(" ", "\u00a0").replace("-", "\u2013"),
    "line break in the middle": _middle("\n"),
    "Cyrillic look-alikes": lambda value: value.translate(_CYRILLIC),
    "full-width": lambda value: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value),
    "Arabic-Indic digits": lambda value: "".join(chr(0x660 + int(c)) if c.isdigit() else c for c in value),
    "HTML entities": lambda value: "".join(f"&#{ord(c)};" for c in value),
    "HTML entities in part": lambda value: html.escape(value).replace("@", "&commat;").replace("-", "&#x2d;"),
    "URL encoding": lambda value: "".join(f"%{ord(c):02X}" for c in value),
    "URL encoding in part": lambda value: quote(value, safe=""),
    "backslash escapes": lambda value: "".join(f"\\u{ord(c):04x}" for c in value),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "digits as words": lambda value: "".join(f" {_NAMES[c]} " if c.isdigit() else c for c in value),
}
"""Name -> what is done to a value; the truth is that the value is still to be read by somebody who wants to."""
