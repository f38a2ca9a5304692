"""A text comes in; e-mail addresses, URLs, URLs with a password, and IP addresses in it go out."""

import ipaddress
import re
from collections.abc import Iterator

from workbench.privacy.span import Span
from workbench.privacy.surroundings import before

# Everything is bounded and starts where a run of its characters starts: no text makes it look twice at a character.
_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w+%-][\w.+%'-]{0,63}+@(?:\w[\w-]{0,62}+\.){1,8}(?:xn--[a-z0-9-]{2,58}|[^\W\d_]{2,24})(?![\w-])"
)
_URL = re.compile(r"(?<![\w.])(?:(?:[a-z][a-z0-9+]{1,15}://)|www\.)[^\s<>\"'`|\\^{}\[\]]{3,2000}", re.IGNORECASE)
_USER = re.compile(r"[a-z][a-z0-9+]{1,15}://[^/\s:@?#]{0,64}:[^/\s@?#]{1,128}@", re.IGNORECASE)
_PARAMETER = re.compile(
    r"[?&#](?:access_?token|auth|token|api_?key|key|secret|client_secret|password|passwd|pwd|sig"
    r"|signature)=[^&#\s]{4,}",
    re.IGNORECASE,
)
_IPV4 = re.compile(r"(?<![\w.:-])(?<!\d,)(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?![\w-]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){3,8}(?![\w:])")
_VERSION = re.compile(r"(?:\bv|version|release|build|firmware|ver\.?|rev\.?)[\s:=#v.]{0,3}$|[a-z]{2,}[_/=-]v?$")


def find(text: str) -> Iterator[Span]:
    """All four, in no order; a URL may hold an address."""
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield Span(match.start(), match.end(), "EMAIL", 0.95, "shape of an address")
    if "://" in text or "www." in text or "WWW." in text:
        yield from _urls(text)
    if text.count(".") > 2:
        yield from _ipv4(text)
    if text.count(":") > 2:
        yield from _ipv6(text)


def _urls(text: str) -> Iterator[Span]:
    for match in _URL.finditer(text):
        address = match[0].rstrip(".,;:!?)*_")
        host = address.split("://", 1)[-1]
        if _USER.match(address) or _PARAMETER.search(address):
            yield Span(match.start(), match.start() + len(address), "URL_CREDENTIALS", 0.96, "password or key in a URL")
        elif "." in host or "/" in host or ":" in host:
            yield Span(match.start(), match.start() + len(address), "URL", 0.9, "shape of an address")


def _ipv4(text: str) -> Iterator[Span]:
    for match in _IPV4.finditer(text):
        octets = match[0].split("/")[0].split(".")
        if any(int(octet) > 255 or (len(octet) > 1 and octet[0] == "0") for octet in octets):
            continue
        if octets[0] == "0" or _VERSION.search(before(text, match.start(), 16)):
            continue
        yield Span(match.start(), match.end(), "IP_ADDRESS", 0.9, "four octets")


def _ipv6(text: str) -> Iterator[Span]:
    for match in _IPV6.finditer(text):
        value = match[0].rstrip(":") if match[0].endswith(":") and not match[0].endswith("::") else match[0]
        if sum(bool(group) for group in value.split(":")) < 3:
            continue
        try:
            ipaddress.IPv6Address(value)
        except ValueError:
            continue
        yield Span(match.start(), match.start() + len(value), "IP_ADDRESS", 0.9, "groups of IPv6")
