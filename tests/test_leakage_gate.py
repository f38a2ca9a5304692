"""A backend that leaks is run for real against its accepted self: the gate stops, and says what leaked where."""

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import typer
from leakage_world import CARD, IBAN, NUMBERS, PHONE, Did, saved, world
from typer.testing import CliRunner, Result

from workbench.gate_command import accept, gate
from workbench.gating import baseline, exact
from workbench.gating.judging import judge
from workbench.gating.taking import take
from workbench.leaks import files
from workbench.records import Recipe
from workbench.runs import judging, runner
from workbench.runs.leaking import Leaking
from workbench.runs.options import Options
from workbench.runs.progress import Silent

app = typer.Typer(rich_markup_mode=None)
app.command()(gate)
app.command()(accept)

SOUND = {
    "chief": Did(["a/card"], 1, [f"Context: {CARD}."], f"It is {CARD}."),
    "other": Did(["b/iban"], 1, [f"Context: {IBAN}."], f"The account {IBAN}."),
}

WORKER = """
import os, socket, sys
from dataclasses import replace
from pathlib import Path
from workbench.backends.plain import Plain
from workbench.runs import worker

answer, ingest, complete = Plain.answer, Plain.ingest, Plain._complete

def ingest_for_all(self, tenant, passages):
    self._all = [*getattr(self, "_all", []), *passages]
    for each in {{*self._tenants, tenant}}:
        ingest(self, each, self._all)

def complete_and_keep(self, prompt):
    with (Path.home() / "prompts.cache").open("a") as file:
        file.write(prompt)
    return complete(self, prompt)

if {shared}:
    Plain.ingest = ingest_for_all
if {cached}:
    Plain._complete = complete_and_keep
worker.serve(socket.socket(fileno=int(sys.argv[-2])), lambda: worker.Worker(sys.argv[-1]))
os._exit(0)
"""


@pytest.fixture(autouse=True)
def unjudged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the step before, which takes seconds of imports; the gate does not ask for it here."""

    async def nothing(*_: object) -> None:
        pass

    monkeypatch.setattr(judging, "judge", nothing)
    monkeypatch.setattr("workbench.gating.taking.Run.judgements", lambda run: dict.fromkeys(_attempts(run), {}))


def _attempts(run: Any) -> list[str]:
    return [answer.attempt for answer in run.attempts()]


def ran(out: Path, **changed: Any) -> Path:
    recipe = Recipe(model="local/silence", chunk_tokens=None, chunk_overlap=0, k=6)
    runner.run(world(), Options(out=out, backends=("plain",), recipe=recipe, **changed), Silent())
    return out


def leaky(folder: Path, monkeypatch: pytest.MonkeyPatch, *, shared: bool = False, cached: bool = False) -> None:
    """Make `plain` a backend that keeps one index for all tenants, or its prompts in a file."""
    script, python = folder / "leaky.py", folder / "python"
    script.write_text(WORKER.format(shared=shared, cached=cached))
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(script))} "$@"\n')
    python.chmod(0o700)
    monkeypatch.setenv("WORKBENCH_PYTHON_PLAIN", str(python))


def call(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("accepted")
    with pytest.MonkeyPatch.context() as patch:
        unjudged.__wrapped__(patch)  # type: ignore[attr-defined]
        assert call("accept", ran(folder / "run"), "--baseline", folder / "b.json").exit_code == 0
    return folder / "b.json"


def gated(folder: Path, file: Path) -> tuple[Result, str, dict[str, Any]]:
    """The gate's end, its JUnit and the checks that failed by name."""
    xml, plain = folder / "j.xml", folder / "r.json"
    result = call("gate", folder, "--baseline", file, "--junit", xml, "--json", plain)
    worse = {
        check["name"]: check for check in orjson.loads(plain.read_bytes())["checks"] if check["outcome"] == "regression"
    }
    return result, xml.read_text(), worse


def test_the_sound_backend_passes_its_own_gate(accepted: Path, tmp_path: Path) -> None:
    result, _, worse = gated(ran(tmp_path / "now"), accepted)
    assert (result.exit_code, worse) == (0, {}), result.output


def test_a_backend_that_ignores_the_tenant_is_stopped(
    accepted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaky(tmp_path, monkeypatch, shared=True)
    result, xml, worse = gated(ran(tmp_path / "now"), accepted)
    told = "plain-parity: planted values of another tenant were retrieved, sent or told in 4 of 4 questions, 0 before"
    assert result.exit_code == 1
    assert f"gate: regression, leak: {told}; and" in " ".join(result.output.split())
    assert worse["leakage.cross"]["sentence"].startswith(told) and f'message="{told}' in xml
    assert len(worse["leakage.cross"]["worse"]) == 4


def test_a_backend_that_keeps_its_prompts_in_a_file_is_stopped(
    accepted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaky(tmp_path, monkeypatch, cached=True)
    result, xml, worse = gated(ran(tmp_path / "now"), accepted)
    told = "plain-parity: 4 planted values were left in files that the framework wrote by itself, 0 before"
    assert result.exit_code == 1 and [*worse] == ["leakage.cache"]
    assert f"gate: regression, leak: {told}" in " ".join(result.output.split())
    assert f'message="{told}"' in xml and 'failures="1"' in xml


def test_what_a_worker_left_is_known_though_the_call_was_interrupted(tmp_path: Path) -> None:
    experiment = saved(tmp_path / "x", {"plain": SOUND})
    home = tmp_path / "home"
    home.mkdir()
    (home / "cache").write_text(PHONE)
    Leaking(world(), experiment, keep_text=True).examine("plain", home, IBAN.encode())
    found = files.sinks(experiment.run("plain", "parity").folder)
    assert (found.cache, found.stderr, found.files) == ((NUMBERS[PHONE],), (NUMBERS[IBAN],), 1)


def sinks_gated(tmp_path: Path, before: tuple[int, ...], after: tuple[int, ...], asked: int = 2) -> Any:
    names = list(SOUND)[:asked]
    base = saved(tmp_path / "before", {"plain": {name: SOUND[name] for name in names}})
    files.add_sinks(base.run("plain", "parity").folder, files.Sinks(stderr=before))
    baseline.write(file := tmp_path / "b.json", take(base).snapshot)
    now = saved(tmp_path / "now", {"plain": SOUND})
    files.add_sinks(now.run("plain", "parity").folder, files.Sinks(stderr=after))
    result = judge(take(now), baseline.read(file), folder=tmp_path, baseline=file)
    (check,) = [check for check in result.checks if check.name == "leakage.stderr"]
    return check


def test_more_in_a_sink_than_before_is_worse_unless_more_was_asked(tmp_path: Path) -> None:
    for number, (before, after, asked, outcome) in enumerate(
        [
            ((0,), (0,), 2, "pass"),
            ((0, 1), (2,), 2, "pass"),
            ((0,), (0, 1), 2, "regression"),
            ((0,), (0, 1), 1, "pass"),
            ((), (0,), 1, "regression"),
        ]
    ):
        check = sinks_gated(tmp_path / str(number), before, after, asked)
        assert check.outcome == outcome, (before, after, asked)
        assert f"{len(after)} planted values were written to standard error" in check.sentence


def test_where_controls_refuse_the_gate_does_not_pass(tmp_path: Path) -> None:
    for name in ("before", "now"):
        experiment = saved(tmp_path / name, {"plain": SOUND}, leakage={
            "values": 4, "documents": 4, "controls": {"chance": 1}, "refused": "leakage is not counted: chance"
        })  # fmt: skip
        assert not (experiment.run("plain", "parity").folder / "leakage.jsonl").exists()
    told = call("accept", tmp_path / "before", "--baseline", tmp_path / "b.json").output
    assert "note: leakage is not counted: chance" in told
    result, xml, _ = gated(tmp_path / "now", tmp_path / "b.json")
    assert result.exit_code == 3 and "inconclusive: all leakage" in result.output, result.output
    assert "leakage is not counted: chance" in xml


def test_where_only_the_accepted_run_was_counted_it_says_why_this_one_was_not(tmp_path: Path) -> None:
    saved(tmp_path / "before", {"plain": SOUND})
    saved(tmp_path / "now", {"plain": SOUND}, keep_text=False)
    call("accept", tmp_path / "before", "--baseline", tmp_path / "b.json")
    result, xml, _ = gated(tmp_path / "now", tmp_path / "b.json")
    assert result.exit_code == 2
    assert "and not here: leakage is not counted: --no-text keeps nothing" in xml


def test_without_texts_the_gate_passes_and_says_that_leaks_were_not_counted(tmp_path: Path) -> None:
    for name in ("before", "now"):
        saved(tmp_path / name, {"plain": SOUND}, keep_text=False)
    call("accept", tmp_path / "before", "--baseline", tmp_path / "b.json")
    result, _, _ = gated(tmp_path / "now", tmp_path / "b.json")
    assert result.exit_code == 0 and "leakage is not counted: --no-text" in result.output


def test_answers_around_which_nothing_was_looked_for_are_no_pass(tmp_path: Path) -> None:
    baseline.write(tmp_path / "b.json", take(saved(tmp_path / "before", {"plain": SOUND})).snapshot)
    now = saved(tmp_path / "now", {"plain": SOUND})
    path = now.run("plain", "parity").folder / "leakage.jsonl"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    result, _, _ = gated(tmp_path / "now", tmp_path / "b.json")
    assert result.exit_code == 3 and "around 1 answer planted values were not looked for yet" in result.output


def test_a_single_value_of_another_tenant_is_no_matter_of_statistics(tmp_path: Path) -> None:
    cell = take(saved(tmp_path / "x", {"plain": SOUND})).snapshot.cells["plain-parity"]
    assert "leakage.cross" in cell.values
    remote = replace(cell, deterministic=frozenset())
    leaking = replace(remote, values=remote.values | {"leakage.cross": {"chief": 1.0, "other": 0.0}})
    found = {check.name: check.outcome for check in exact.checks(leaking, remote, {})}
    assert found["leakage.cross"] == "regression" and "leakage.prompt" not in found
