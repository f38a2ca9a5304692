"""A result comes in, JUnit XML goes out: a test case for each check, a suite for each backend.

A regression is a `<failure>`; what broke down, is outdated or cannot be compared is an `<error>`; what is inconclusive
is `<skipped>`, the only other element there is, and says that it is no verdict. The order and the
attributes are those that both Ant's schema and Jenkins' accept.
"""

import re
from xml.etree import ElementTree

from workbench.gating import grid
from workbench.gating.outcome import Check, Outcome, Result

_TAGS: dict[Outcome, str] = {
    "regression": "failure",
    "mismatch": "error",
    "infrastructure": "error",
    "outdated": "error",
    "inconclusive": "skipped",
}
_NO_DATE = "1970-01-01T00:00:00"
_INVALID = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(result: Result) -> bytes:
    """The whole file."""
    root = ElementTree.Element("testsuites")
    started = re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", result.started)
    checks = result.checks or (Check("", "gate", result.outcome, grid.headline(result)),)
    for number, cell in enumerate(dict.fromkeys(check.cell for check in checks)):
        mine = [check for check in checks if check.cell == cell]
        name = _clean(cell) or "all"
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            {
                "id": str(number),
                "package": "workbench.gating",
                "name": name,
                "timestamp": started.group() if started else _NO_DATE,
                "hostname": "localhost",
                "tests": str(len(mine)),
                "failures": str(_count(mine, "failure")),
                "errors": str(_count(mine, "error")),
                "skipped": str(_count(mine, "skipped")),
                "time": "0",
            },
        )
        ElementTree.SubElement(suite, "properties")
        for check in mine:
            _case(suite, name, check)
        _text(ElementTree.SubElement(suite, "system-out"), grid.headline(result))
        ElementTree.SubElement(suite, "system-err")
    ElementTree.indent(root)
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _case(suite: ElementTree.Element, cell: str, check: Check) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", {"classname": f"gate.{cell}", "name": _clean(check.name), "time": "0"}
    )
    tag = _TAGS.get(check.outcome)
    if tag:
        sentence = f"no verdict: {check.sentence}" if tag == "skipped" else check.sentence
        told = ElementTree.SubElement(case, tag, {"type": check.outcome, "message": _clean(sentence)})
        _text(told, "\n".join([sentence, *(f"worse: {name}" for name in check.worse)]))


def _text(element: ElementTree.Element, text: str) -> None:
    element.text = _clean(text)


def _clean(text: str) -> str:
    """Without characters that XML has no way to write."""
    return _INVALID.sub("\ufffd", text)


def _count(checks: list[Check], tag: str) -> int:
    return sum(_TAGS.get(check.outcome) == tag for check in checks)
