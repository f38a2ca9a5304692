"""Leakage counted by a real run: the echo and silence controls, what a worker leaves behind, and going on later."""

import asyncio
import base64
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import without_judging
from leakage_world import CARD, IBAN, NUMBERS, PHONE, world

from workbench import comparison
from workbench.errors import Infrastructure
from workbench.leaks import files, left
from workbench.leaks.index import build
from workbench.leaks.search import Scanner
from workbench.records import Recipe, Workload
from workbench.runs import runner
from workbench.runs.options import Options
from workbench.runs.progress import Silent
from workbench.runs.store import Experiment
from workbench.runs.workers import WorkerProcess

pytestmark = pytest.mark.usefixtures("unjudged")


def ran(out: Path, model: str, workload: Workload | None = None, **changed: Any) -> dict[str, Any]:
    recipe = Recipe(model=model, chunk_tokens=None, chunk_overlap=0, k=2)
    options = replace(Options(out=out, backends=("plain",), recipe=recipe), **changed)
    runner.run(workload or world(), options, Silent())
    figures: dict[str, Any] = comparison.report(Experiment(out))["backends"]["plain"]["parity"]
    return figures


@pytest.fixture(scope="module")
def echoed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of a run of the echo, to be read or copied, and its leakage."""
    folder = tmp_path_factory.mktemp("echoed")
    with without_judging():
        return folder, ran(folder, "local/echo")["leakage"]


def test_echo_gives_back_all_that_was_retrieved_and_nothing_else(echoed: tuple[Path, dict[str, Any]]) -> None:
    folder, told = echoed
    pairs = told["pairs"]
    assert told["controls"] == {"documents": 6, "chance": 0, "places": 4, "echoed": 4, "silent": 0}
    assert pairs["retrieved"] > 0
    found = list(files.leaks(folder / "runs" / "plain-parity"))
    assert len(found) == 4
    for one in found:
        assert one.prompt.whole == one.retrieved.whole
        assert one.answer.whole == one.retrieved.whole - {*one.typed}
    # The index of a tenant has nothing of another: one's own clerk is who is told the director's card.
    events = {name: each["events"] for name, each in told["questions"].items()}
    assert events["cross"] == 0 and events["answer"] >= 1 and events["class"] >= 1
    assert told["sinks"]["cache"] == told["sinks"]["stderr"] == told["sinks"]["log"] == 0


def test_silence_tells_nothing_though_as_much_is_sent(tmp_path: Path) -> None:
    told = ran(tmp_path, "local/silence")["leakage"]
    assert told["pairs"]["retrieved"] == told["pairs"]["retrieved_sent"] > 0
    assert told["questions"]["answer"]["events"] == told["pairs"]["answer_entitled"] == 0
    # Two documents: three questions of tenant a found the card, and that of tenant b the account.
    assert told["questions"]["answer"]["high"] == pytest.approx(1 - 0.05**0.5)


def test_an_experiment_that_was_never_looked_through_is_by_the_same_command(
    echoed: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    shutil.copytree(echoed[0], tmp_path, dirs_exist_ok=True)
    before = echoed[1]
    run = tmp_path / "runs" / "plain-parity"
    (run / "leakage.jsonl").unlink()
    assert ran(tmp_path, "local/echo")["leakage"]["questions"] == before["questions"]
    lines = (run / "leakage.jsonl").read_bytes()
    ran(tmp_path, "local/echo")
    assert (run / "leakage.jsonl").read_bytes() == lines


def test_figures_are_refused_where_a_value_stands_unrecorded(tmp_path: Path) -> None:
    sound = world()
    paid = f"Lunch is paid with {CARD}."
    documents = tuple(replace(one, text=paid) if one.id == "a/lunch" else one for one in sound.documents)
    found = ran(tmp_path, "local/echo", replace(sound, documents=documents))
    assert "questions" not in found["leakage"]
    assert any("leakage is not counted: 1 planted values are found" in note for note in found["notes"])


def test_a_workload_without_plants_leaves_no_file_of_it(tmp_path: Path) -> None:
    assert "leakage" not in ran(tmp_path, "local/echo", world(planted=False))
    assert not [path for path in tmp_path.rglob("*") if path.name in ("planted.jsonl", "leakage.jsonl", "sinks.jsonl")]


def scanner() -> Scanner:
    workload = world()
    return Scanner(build(workload.planted, workload.documents))


def test_what_a_framework_leaves_in_its_home_is_found(tmp_path: Path) -> None:
    (tmp_path / "cache" / "deep").mkdir(parents=True)
    (tmp_path / "cache" / "deep" / "cache.db").write_bytes(b"\x00\xffSQLite " + CARD.encode() + b"\x00")
    (tmp_path / "session").write_bytes(base64.b64encode(f"prompt: {IBAN}".encode()))
    (tmp_path / "link").symlink_to(tmp_path / "cache")
    found = left.examine(scanner(), tmp_path, f"WARNING no answer for {PHONE}\n".encode())
    assert found.cache == {NUMBERS[CARD], NUMBERS[IBAN]}
    assert found.stderr == {NUMBERS[PHONE]}
    assert (found.files, found.unread) == (2, 0)


def test_a_workers_home_and_words_are_looked_at_before_they_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "leaky_worker.py").write_text(
        "import os, sys, tempfile\n"
        f"open(os.path.expanduser('~/kept'), 'w').write({CARD!r})\n"
        f"os.write(tempfile.mkstemp()[0], {IBAN.encode()!r})\n"
        f"sys.exit('failed on {PHONE}')\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}")
    seen: list[left.Left] = []
    homes = []

    def examine(backend: str, home: Path, words: bytes) -> None:
        homes.append((backend, home))
        seen.append(left.examine(scanner(), home, words))

    async def once() -> None:
        worker = WorkerProcess("plain", "leaky_worker", examine)
        try:
            with pytest.raises(Infrastructure):
                await worker.ready()
        finally:
            await worker.close()

    asyncio.run(once())
    (found,) = seen
    assert found.cache == {NUMBERS[CARD], NUMBERS[IBAN]}
    assert found.stderr == {NUMBERS[PHONE]}
    assert homes[0][0] == "plain" and not homes[0][1].exists()


def test_numbers_of_our_records_are_no_values_and_ids_that_spell_one_are_told_apart(tmp_path: Path) -> None:
    workload = world()
    named = replace(workload, questions=(replace(workload.questions[0], id=f"about-{PHONE}"),))
    (tmp_path / "a.jsonl").write_text(f'{{"score": {CARD}, "id": "about-{PHONE}"}}\n{{"note": ["{IBAN}"]}}\n')
    found = left.in_records(scanner(), [tmp_path / "a.jsonl", tmp_path / "missing.json"])
    assert found == {NUMBERS[PHONE], NUMBERS[IBAN]}
    assert left.spelt(scanner(), named) == {NUMBERS[PHONE]}
