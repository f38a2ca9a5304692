"""A text and a place in it come in; what the words before that place say of it goes out: somebody's, or a machine's."""

import re

_LABEL_TAIL = r"(?:[ _-]?(?:no|nr|num|numbers?|id|ids|code|key|ref))?\.?[\s:=#\"'(\[/-]{0,4}$"

_NOBODYS = re.compile(
    r"(?:\b|_)(?:parts?|p/?n|skus?|items?|articles?|art|orders?|models?|serial|s/n|lots?|batch|ref|references?"
    r"|invoices?"
    r"|tickets?|cases?|reqs?|requests?|traces?|spans?|sessions?|builds?|versions?|ver|rev|revisions?|releases?"
    r"|isbn(?:-?1[03])?|issn|ean|gtin|upc|asin|doi|ts|time|timestamps?|epoch|uuid|guid|hash|sha\d*|md5|crc|etag|seq"
    r"|jobs?|tasks?|pid|tid|tracking|shipments?|parcels?|consignments?|po|rfc|iso|din|commits?|ids?|offset|bytes|size"
    r"|count|port|codes?|msg|messages?|events?|txn|transactions?|correlation|devices?|nodes?|hosts?|shards?|rows?"
    r"|lines?"
    r"|pages?|figures?|sections?|chapters?|products?|catalog(?:ue)?|drawings?|standard|nonce|cursor|checksum)"
    + _LABEL_TAIL
)
_MACHINE = re.compile(
    r"\b(?:INFO|WARN|WARNING|ERROR|DEBUG|TRACE|FATAL|CRITICAL|NOTICE)\b"
    r"|^[\[(]?(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d{10,19}\b)"
    r"|\b[a-z_.]{1,30}=\S{1,80} (?:[^ \n]{1,40} ){0,3}[a-z_.]{1,30}="
)


def before(text: str, start: int, width: int = 48) -> str:
    """The characters before a place, in lower case, the nearest last."""
    return text[max(0, start - width) : start].lower()


def of_nobody(text: str, start: int) -> bool:
    """Whether the label right before a number says that it counts things: an order, a part, a version."""
    return bool(_NOBODYS.search(before(text, start, 32)))


def of_machine(text: str, start: int) -> bool:
    """Whether the line looks like one that a program wrote for its operators."""
    begin = text.rfind("\n", max(0, start - 400), start) + 1
    end = text.find("\n", start, start + 200)
    return bool(_MACHINE.search(text[max(begin, start - 400) : end if end >= 0 else start + 200]))


def nearest(text: str, start: int, words: re.Pattern[str], width: int = 48) -> int:
    """How many characters before a place the last of some words ends; -1: none of them stands there."""
    window = before(text, start, width)
    last = -1
    for match in words.finditer(window):
        last = match.end()
    return -1 if last < 0 else len(window) - last
