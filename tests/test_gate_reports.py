"""JUnit XML that every reader takes, and Markdown in which nobody's data is markup."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from gate_world import GOLD, accepted, gated, save
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from workbench.gating import grid, junit, markdown
from workbench.gating.outcome import RANK, Check, Result

# What Ant's schema and Jenkins' agree on: Ant is the stricter, and wants this order and these attributes.
SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:simpleType name="stamp"><xs:restriction base="xs:dateTime">
  <xs:pattern value="[0-9-]{10}T[0-9:]{8}"/></xs:restriction></xs:simpleType>
<xs:complexType name="told"><xs:simpleContent><xs:extension base="xs:string">
  <xs:attribute name="message" type="xs:string"/><xs:attribute name="type" type="xs:string" use="required"/>
</xs:extension></xs:simpleContent></xs:complexType>
<xs:element name="testsuites"><xs:complexType><xs:sequence>
 <xs:element name="testsuite" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
  <xs:element name="properties"><xs:complexType/></xs:element>
  <xs:element name="testcase" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
   <xs:choice minOccurs="0"><xs:element name="skipped" type="told"/><xs:element name="error" type="told"/>
    <xs:element name="failure" type="told"/></xs:choice>
   <xs:attribute name="name" type="xs:token" use="required"/>
   <xs:attribute name="classname" type="xs:token" use="required"/>
   <xs:attribute name="time" type="xs:decimal" use="required"/></xs:complexType></xs:element>
  <xs:element name="system-out" type="xs:string"/><xs:element name="system-err" type="xs:string"/></xs:sequence>
  <xs:attribute name="package" type="xs:token" use="required"/><xs:attribute name="id" type="xs:int" use="required"/>
  <xs:attribute name="name" type="xs:token" use="required"/>
  <xs:attribute name="timestamp" type="stamp" use="required"/>
  <xs:attribute name="hostname" type="xs:token" use="required"/>
  <xs:attribute name="tests" type="xs:int" use="required"/><xs:attribute name="failures" type="xs:int" use="required"/>
  <xs:attribute name="errors" type="xs:int" use="required"/><xs:attribute name="skipped" type="xs:int"/>
  <xs:attribute name="time" type="xs:decimal" use="required"/></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""

HOSTILE = "q|1`</code><script>alert(1)</script>\x00\x0b@team #12 [x](http://y) \ud800"


def result(*checks: Check, **given: Any) -> Result:
    return Result(
        **{
            "checks": checks,
            "notes": (),
            "folder": "runs/x",
            "baseline": "b.json",
            "workload": "made",
            "started": "2026-11-01T08:00:00+00:00",
        }
        | given
    )


def valid(content: bytes) -> ElementTree.Element:
    etree.XMLSchema(etree.XML(SCHEMA)).assertValid(etree.fromstring(content))
    return ElementTree.fromstring(content)


# ---- JUnit ----


def test_each_outcome_has_its_own_element() -> None:
    checks = [Check("a-parity", outcome, outcome, f"it is {outcome}") for outcome in RANK]
    (suite,) = valid(junit.render(result(*checks)))
    found = {case.attrib["name"]: [(each.tag, each.attrib["type"]) for each in case] for case in suite.iter("testcase")}
    assert found == {
        "mismatch": [("error", "mismatch")],
        "regression": [("failure", "regression")],
        "outdated": [("error", "outdated")],
        "infrastructure": [("error", "infrastructure")],
        "inconclusive": [("skipped", "inconclusive")],
        "pass": [],
    }
    said = {each.attrib["type"]: each.attrib["message"] for case in suite.iter("testcase") for each in case}
    assert said["inconclusive"] == "no verdict: it is inconclusive" and said["regression"] == "it is regression"
    assert [suite.attrib[name] for name in ("tests", "failures", "errors", "skipped")] == ["6", "1", "3", "1"]
    assert suite.attrib["timestamp"] == "2026-11-01T08:00:00"


def test_a_whole_gate_is_valid_and_has_a_suite_for_each_backend(tmp_path: Path) -> None:
    file = accepted(tmp_path)
    now = save(tmp_path / "now", text=lambda backend, number: "ten" if backend == "haystack" else GOLD)
    root = valid(junit.render(gated(file, now)))
    assert [suite.attrib["name"] for suite in root] == ["haystack-parity", "plain-parity"]
    (failure,) = root.findall(".//testcase[@name='answers.f1']/failure")
    assert failure.attrib["message"].startswith("F1 1.000 -> .000 (-1.000), 40 worse of 40 questions")
    assert "worse: q039" in (failure.text or "")


@given(st.text())
def test_no_text_makes_invalid_xml(text: str) -> None:
    found = valid(junit.render(result(Check("a-parity", "f1", "regression", text, worse=(text,)))))
    (case,) = found.iter("failure")
    assert case.attrib["type"] == "regression"


def test_characters_that_xml_cannot_hold_are_replaced() -> None:
    (told,) = valid(junit.render(result(Check("a-parity", "f1", "regression", HOSTILE, worse=(HOSTILE,))))).iter(
        "failure"
    )
    assert "<script>" in (told.text or "") and "\ufffd" in (told.text or "") and "\x0b" not in (told.text or "")


def test_a_result_without_checks_and_without_a_date_is_valid() -> None:
    assert len(valid(junit.render(result(started="")))) == 1


# ---- Markdown ----


def test_the_result_comes_first_then_a_table_then_the_rest_folded(tmp_path: Path) -> None:
    file = accepted(tmp_path)
    now = save(tmp_path / "now", text=lambda backend, number: "ten" if backend == "haystack" else GOLD)
    lines = markdown.render(gated(file, now)).splitlines()
    assert lines[0].startswith("**❌ regression, worse: haystack-parity answers.contains")
    assert lines[1] == "" and lines[2].startswith("| backend | retrieval | tokens | cost | answers | quality |")
    rows = lines[4:6]
    assert rows[0].startswith("| haystack-parity | same | same | same | 40 other | WORSE -40 | same |")
    assert rows[1].startswith("| plain-parity | same | same | same | same | same | same |")
    assert lines[7].startswith("<details><summary>What is not as before: ")
    text = "\n".join(lines)
    assert text.count("<details>") == text.count("</details>") == 2
    assert "`q000`" in text and "and 20 more" in text


def test_nobodys_data_is_markup() -> None:
    check = Check("a-parity", "answers.f1", "regression", f"it is {HOSTILE}", "x|y", (HOSTILE,))
    text = markdown.render(
        result(check, notes=(f"model {HOSTILE}",), workload=HOSTILE, folder=HOSTILE, baseline="``b``")
    )
    outside = re.sub(r"`[^`\n]*`", "", re.sub(r"\\.", "", text))
    assert "<script>" not in outside and "`" not in outside
    assert not re.search(r"<(?!/?(details|summary)>|br>)", outside)
    assert not re.search(r"(?<!\w)[@#]\w", outside), "nobody is called, no issue is linked"
    assert not re.search(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]", text)
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {3}
    text.encode()


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_markdown_is_one_line_a_thing_whatever_the_data(text: str) -> None:
    rendered = markdown.render(result(Check("a-parity", "f1", "regression", text, text, (text,)), notes=(text,)))
    rendered.encode()
    # 1 headline, head, rule, row; a check; a sentence on what was compared, a note; folds and empty lines.
    assert len(rendered.splitlines()) == 18


def test_a_comment_is_never_too_long_to_be_sent() -> None:
    many = tuple(f"question-{number:05}" * 10 for number in range(1000))
    checks = [Check(f"b{number}-parity", "answers.f1", "regression", "worse", "x", many) for number in range(200)]
    text = markdown.render(result(*checks))
    assert len(text) < 65_536 and "- and more: the JSON and JUnit files hold everything" in text


# ---- headline ----


@pytest.mark.parametrize(
    ("outcomes", "first", "code"),
    [
        (("pass", "inconclusive", "infrastructure", "outdated", "regression", "mismatch"), "not comparable", 2),
        (("pass", "inconclusive", "infrastructure", "outdated", "regression"), "regression, worse", 1),
        (("pass", "inconclusive", "infrastructure", "outdated"), "recording outdated", 3),
        (("pass", "inconclusive", "infrastructure"), "infrastructure", 3),
        (("pass", "inconclusive"), "inconclusive", 3),
        (("pass",), "pass", 0),
        ((), "pass", 0),
    ],
)
def test_the_worst_is_the_result(outcomes: tuple[Any, ...], first: str, code: int) -> None:
    found = result(*(Check("a-parity", f"figure {each}", each, "told") for each in outcomes))
    assert grid.headline(found).startswith(first) and found.exit_code == code


def test_a_figure_that_nobody_has_named_has_a_column() -> None:
    head, rows = grid.table(
        result(
            Check("a-parity", "starvation.share", "pass", "told"),
            Check("a-parity", "leakage.answers", "regression", "told", "-2"),
            Check("b-parity", "answered", "outdated", "told"),
        )
    )
    assert head == ["backend", "leakage", "starvation"]
    assert rows == [["a-parity", "WORSE -2", "same"], ["b-parity", "outdated", ""]]


def test_where_all_broke_down_the_table_says_so() -> None:
    head, rows = grid.table(result(Check("a-parity", "answered", "infrastructure", "told")))
    assert (head, rows) == (["backend", "answered"], [["a-parity", "broken"]])
