"""A text and a place in it come in; what the words before that place say of it goes out: somebody's, or a machine's."""

import re

_LABEL_TAIL = r"(?:[ _-]?(?:no|nr|num|numbers?|id|ids|code|key|ref))?\.?[\s:=#\"'(\[/-]{0,4}$"

_NOBODYS = re.compile(
    r"(?:\b|_)(?:"
    r"parts?|p/?n|skus?|items?|articles?|art|orders?|models?|serial|s/n|lots?|batch|ref|references?|invoices?"
    r"|tickets?|cases?|reqs?|requests?|traces?|spans?|sessions?|builds?|versions?|ver|rev|revisions?|releases?"
    r"|isbn(?:-?1[03])?|issn|ean|gtin|upc|asin|doi|ts|time|timestamps?|epoch|uuid|guid|hash|sha\d*|md5|crc|etag"
    r"|seq|jobs?|tasks?|pid|tid|tracking|shipments?|parcels?|consignments?|po|rfc|iso|din|commits?|ids?|offset"
    r"|bytes|size|count|port|codes?|msg|messages?|events?|txn|transactions?|correlation|devices?|nodes?|hosts?"
    r"|shards?|rows?|lines?|shelf|bin|rack|slot|units?|components?|assembl(?:y|ies)|materials?|stock|assets?"
    r"|inventory|equipment|machines?|tools?|spares?|pallets?|mpn|partno|partnumber|articleno|firmware|threads?"
    r"|process|workers?|keys?|records?|blocks?|chunks?|pages?|figures?|sections?|chapters?|products?"
    r"|catalog(?:ue)?|drawings?|standard|nonce|cursor|checksum"
    r")" + _LABEL_TAIL
)
_COUNTED = re.compile(r" ?(?:rev|qty|pcs|pieces|units?|ea|in stock|out of stock|bytes|ms|us|ns|rows?)\b", re.IGNORECASE)
_MACHINE = re.compile(
    r"\b(?:INFO|WARN|WARNING|ERROR|DEBUG|TRACE|FATAL|CRITICAL|NOTICE)\b"
    r"|^[\[(]?(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d{10,19}\b|\d\d:\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)"
    r"|\b[a-z_.]{2,30}=[\w\"']|\b[a-z_-]{2,20}\[\d{1,7}\]:"
    r"|\b\d{1,9} ?(?:ms|us|ns|µs|bytes|[kMG]i?B)\b"
)


def before(text: str, start: int, width: int = 48) -> str:
    """The characters before a place, in lower case, the nearest last."""
    return text[max(0, start - width) : start].lower()


def of_nobody(text: str, start: int, end: int) -> bool:
    """Whether the word right before or behind a number says that it counts things: an order, a part, a version."""
    return bool(_NOBODYS.search(before(text, start, 32)) or _COUNTED.match(text, end))


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
