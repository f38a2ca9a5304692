"""Kinds of personal data in texts: by hand, on labelled texts, on hostile ones, and without a network."""

import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from workbench.privacy import find
from workbench.privacy.find import LIMITS, kinds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("The Normans were in Normandy, a region in France, from 911 to 1066.", {}),
        ("Write to anna.smith@example.com or bob@mail.example.org.", {"EMAIL": 2}),
        ("Call (212) 555-0142 or +44 20 7946 0958.", {"PHONE": 2}),
        ("SSN 536-90-4399", {"US_SSN": 1}),
        ("SSN 666-90-4399", {}),  # never issued
        ("card 4111 1111 1111 1111", {"CREDIT_CARD": 1}),
        ("card 4111 1111 1111 1112", {}),  # wrong check digit
        ("IBAN GB29 NWBK 6016 1331 9268 19 and gb29nwbk60161331926819", {"IBAN": 2}),
        ("IBAN GB29 NWBK 6016 1331 9268 18", {}),
        ("from 192.168.4.77 to 2001:db8::8a2e:370:7334", {"IP_ADDRESS": 2}),
        ("driver's licence: A1234567", {"US_DRIVER_LICENSE": 1}),  # a word of context decides
        ("part: A1234567", {}),
        ("see https://www.example.com/a?b=c", {}),  # URLs are not looked for
        ("Anna Smith lives in 12 Elm Street, Springfield.", {}),  # LIMITS says so
    ],
)
def test_kinds_by_hand(text: str, expected: dict[str, int]) -> None:
    assert kinds(text) == expected


def test_limits_are_told() -> None:
    assert "names" in LIMITS and "not found" in LIMITS and LIMITS.endswith(".")


def test_labelled_texts_are_found_as_measured_before(real_data: Path) -> None:
    """Recall by kind on presidio-research's synthetic set, by text; presidio has .772 and .587 for the last two."""
    file = real_data / "presidio_research_pii/synth_dataset_v2.json.gz"
    ours = {"EMAIL_ADDRESS": "EMAIL", "PHONE_NUMBER": "PHONE", "IBAN_CODE": "IBAN"}
    gold: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for row in json.loads(gzip.decompress(file.read_bytes())):
        labels = Counter(ours.get(span["entity_type"], span["entity_type"]) for span in row["spans"])
        found = kinds(row["full_text"])
        gold.update(labels)
        seen.update({kind: min(count, found.get(kind, 0)) for kind, count in labels.items()})
    recall = {
        kind: seen[kind] / gold[kind] for kind in ("EMAIL", "US_SSN", "IBAN", "IP_ADDRESS", "CREDIT_CARD", "PHONE")
    }
    assert {kind: round(share, 3) for kind, share in recall.items()} == {
        "EMAIL": 1.0,
        "US_SSN": 1.0,
        "IBAN": 1.0,
        "IP_ADDRESS": 1.0,
        "CREDIT_CARD": pytest.approx(1, abs=0.05),
        "PHONE": pytest.approx(1, abs=0.15),
    }


def test_values_are_counted_once_wherever_the_text_is_cut() -> None:
    """One long line, a card every 173 characters, so that every place of a cut is met."""
    filler = "lorem ipsum dolor sit amet " * 6
    for shift in (0, 13, 40):
        text = "x " * shift + "".join(f"{filler[:150]} 4111 1111 1111 1111 " for _ in range(600))
        assert len(text) > 5 * find._LONGEST
        assert kinds(text) == {"CREDIT_CARD": 600}, shift


def test_wrapped_lines_are_read_together_and_long_lines_alone() -> None:
    assert kinds("driver's licence:\nA1234567") == {"US_DRIVER_LICENSE": 1}, "context may stand a line above"
    long = "word " * 60
    assert list(find._paragraphs(f"a\nb\n\n  \nc\n{long}\nd")) == ["a\nb", "c", long, "d"]


def test_repeated_paragraphs_are_looked_at_once() -> None:
    passage = "Ask for Mr. 007 at " + "bond@example.com " * 20
    before = find._in_paragraph.cache_info().misses
    first = kinds(f"Context:\n\n{passage}\n\nQuestion: who?")
    after = find._in_paragraph.cache_info().misses
    assert kinds(f"Context:\n\n{passage}\n\nQuestion: where?") == first == {"EMAIL": 20}
    assert after - before == 3 and find._in_paragraph.cache_info().misses - after == 1


@pytest.mark.parametrize("unit", ["a.a.a.", ":", "'", "www.", "a@", "\u00e9"])
def test_hostile_text_is_cut_before_a_pattern_runs_away(unit: str) -> None:
    """Presidio as it comes takes 11 s of CPU for each of the first two; that it ends here is what is tested."""
    assert kinds(unit * (40_000 // len(unit))) == {}


def test_nothing_goes_out_and_nothing_is_written_home(tmp_path: Path) -> None:
    script = """
import socket
tried = []
def refuse(*arguments, **_):
    tried.append(arguments)
    raise OSError("no network")
socket.getaddrinfo = socket.create_connection = socket.socket.connect = socket.socket.connect_ex = refuse
from concurrent.futures import ThreadPoolExecutor
from workbench.privacy.find import kinds
texts = [f"Write to anna{i}@example.com or call (212) 555-0142" for i in range(40)]
with ThreadPoolExecutor(4) as threads:
    assert list(threads.map(kinds, texts)) == [{"EMAIL": 1, "PHONE": 1}] * 40
print(tried)
"""
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | home, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]" and done.stderr == ""
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_presidio_is_imported_only_when_a_text_is_looked_at() -> None:
    script = "import sys, workbench.privacy.find; assert not {'presidio_analyzer', 'spacy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
