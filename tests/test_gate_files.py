"""The baseline's file, and the two commands as somebody types them."""

import json
import re
from pathlib import Path
from typing import Any

import orjson
import pytest
import typer
from gate_world import GOLD, accepted, gated, names, save
from typer.testing import CliRunner, Result

from workbench.errors import BadInput
from workbench.gate_command import accept, gate
from workbench.gating import baseline
from workbench.gating.taking import take
from workbench.runs.store import Experiment

app = typer.Typer(rich_markup_mode=None)
app.command()(gate)
app.command()(accept)


def run(*words: object) -> Result:
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def snapshot(folder: Path, **given: Any) -> Any:
    return take(Experiment.open(save(folder, **given))).snapshot


# ---- the file ----


def test_a_baseline_comes_back_as_it_went(tmp_path: Path) -> None:
    given = snapshot(tmp_path / "x", text=lambda backend, number: f"{GOLD} {number}")
    baseline.write(tmp_path / "b.json", given)
    assert baseline.read(tmp_path / "b.json") == given
    assert baseline.encode(baseline.read(tmp_path / "b.json")) == (tmp_path / "b.json").read_bytes()


def test_everything_but_times_is_the_same_bytes_again(tmp_path: Path) -> None:
    """However often the questions were asked: a mean of three thirds is not a third to the last digit."""
    tenth = {"text": lambda backend, number: "nine of ten and more words than were asked for"}
    first, second = (
        baseline.encode(snapshot(tmp_path / str(rounds), rounds=rounds, seed=rounds, **tenth)) for rounds in (1, 3)
    )
    assert first != second

    def kept(content: bytes) -> list[bytes]:
        before = content.split(b'"measured":')[0].splitlines()
        return [line for line in before if not line.startswith(b'"measured_digest"')]

    assert kept(first) == kept(second) and len(kept(first)) == 8
    assert json.loads(first)["digest"] == json.loads(second)["digest"]


def test_a_baseline_holds_no_text_and_no_plain_digest_of_one(tmp_path: Path) -> None:
    words = {"text": lambda backend, number: "IBAN DE02 1203 0000"}
    one, other = (baseline.encode(snapshot(tmp_path / each, workload=each, **words)) for each in ("w1", "w2"))
    assert b"IBAN" not in one and b"What is" not in one and b'"w1"' not in one

    def digests(content: bytes) -> set[str]:
        return set(json.loads(content)["cells"]["haystack-parity"]["answers"])

    assert len(digests(one)) == len(digests(other)) == 1
    assert digests(one) != digests(other), "keyed by the workload's hash, which the file does not hold"


def test_a_newer_schema_is_refused_with_what_to_do(tmp_path: Path) -> None:
    file = accepted(tmp_path)
    file.write_bytes(file.read_bytes().replace(b'{"workbench_baseline":1', b'{"workbench_baseline":2'))
    with pytest.raises(BadInput, match="schema 2 is newer than 1, which this workbench reads; update it"):
        baseline.read(file)
    with pytest.raises(BadInput, match="newer"):
        run("accept", tmp_path / "accepted", "--baseline", file)


def test_a_schema_that_never_was_is_broken(tmp_path: Path) -> None:
    file = accepted(tmp_path)
    for given in (b"0", b"-3", b'"x"'):
        file.write_bytes(file.read_bytes().replace(file.read_bytes()[:23], b'{"workbench_baseline":' + given, 1))
        with pytest.raises(baseline.Broken, match="is broken"):
            baseline.read(file)
        file = accepted(tmp_path / given.hex())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda content: content[:-200], "is broken"),
        (lambda content: content.replace(b'"haystack"', b'"plain"', 1), "its digest does not fit"),
        (lambda content: content.replace(b'"answers.f1":[1.0', b'"answers.f1":[0.0', 1), "its digest does not fit"),
        (lambda content: content.replace(b'"questions":', b'"question":', 1), "field 'questions' is missing"),
        (lambda content: b'{"workbench_baseline":1}', "field 'about' is missing"),
        (lambda content: b'{"workbench_baseline":1,"about":3,"questions":[],"cells":{},"measured":[]}', "is broken"),
        (lambda content: b"", "is no baseline"),
        (lambda content: b"\xff\xfe", "is no baseline"),
        (lambda content: b"[1, 2]", "is no baseline"),
    ],
)
def test_a_broken_baseline_is_refused(tmp_path: Path, change: Any, told: str) -> None:
    file = accepted(tmp_path)
    changed = change(file.read_bytes())
    assert changed != file.read_bytes()
    file.write_bytes(changed)
    with pytest.raises(BadInput, match=told):
        baseline.read(file)


def test_numbers_that_are_none_are_refused_even_with_a_fitting_digest(tmp_path: Path) -> None:
    plain = orjson.loads(accepted(tmp_path).read_bytes())
    plain["cells"]["haystack-parity"]["values"]["answers.f1"][0] = "one"
    plain["digest"] = baseline._digests(plain["about"], plain["questions"], plain["cells"], plain["measured"])[0]
    (tmp_path / "b.json").write_bytes(b'{"workbench_baseline":1,' + orjson.dumps(plain)[1:])
    with pytest.raises(BadInput, match=r"answers\.f1 holds something that is no number"):
        baseline.read(tmp_path / "b.json")


def test_a_missing_baseline_is_told_how_to_make(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no such file; `workbench accept DIR --baseline .*` makes it"):
        baseline.read(tmp_path / "none.json")
    with pytest.raises(BadInput, match="cannot be read"):
        baseline.read(tmp_path)


# ---- accept ----


def test_accept_makes_what_gate_passes(tmp_path: Path) -> None:
    folder, file = save(tmp_path / "x"), tmp_path / "deep" / "b.json"
    said = run("accept", folder, "--baseline", file)
    assert said.exit_code == 0 and "2 backends, 40 questions, 2 rounds accepted" in said.output
    assert run("gate", folder, "--baseline", file).exit_code == 0


def test_accept_says_what_it_changes(tmp_path: Path) -> None:
    file = accepted(tmp_path)
    now = save(tmp_path / "now", text=lambda backend, number: "ten" if number < 3 else GOLD, backends=("plain",))
    said = run("accept", now, "--baseline", file).output
    assert "plain-parity answers.f1: F1 1.000 -> .925 (-.075), 3 worse of 40 questions" in said
    assert "haystack-parity is no longer gated" in said
    assert "changed against what was accepted before: nothing" in run("accept", now, "--baseline", file).output
    assert gated(file, now).outcome == "pass"


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ({"failure": lambda backend, number: "connection" if number == 1 else None}, "1 of 40 questions failed"),
        ({"skip": lambda backend, number: backend == "plain" and number > 20}, "19 questions were not asked as often"),
        ({"judged": False}, "40 answers are not judged yet"),
        ({"failure": lambda backend, number: "recording_outdated"}, "recording outdated: 40 of 40"),
    ],
)
def test_accept_refuses_what_is_not_complete(tmp_path: Path, broken: dict[str, Any], told: str) -> None:
    folder, file = save(tmp_path / "x", **broken), tmp_path / "b.json"
    with pytest.raises(BadInput, match=f"{told}.*--partial accepts it as it is"):
        run("accept", folder, "--baseline", file)
    assert not file.exists()
    said = run("accept", folder, "--baseline", file, "--partial")
    assert said.exit_code == 0 and told in said.output and file.exists()


def test_accept_overwrites_no_other_file_and_mends_a_broken_one(tmp_path: Path) -> None:
    folder, file = save(tmp_path / "x"), tmp_path / "b.json"
    file.write_text("a thesis")
    with pytest.raises(BadInput, match="is no baseline, and is left as it is"):
        run("accept", folder, "--baseline", file)
    assert file.read_text() == "a thesis"
    run("accept", folder, "--baseline", tmp_path / "good.json")
    file.write_bytes((tmp_path / "good.json").read_bytes()[:500])
    assert "cannot be compared" in run("accept", folder, "--baseline", file).output
    assert file.read_bytes() == (tmp_path / "good.json").read_bytes()


def test_accept_where_no_file_can_be_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, thesis = save(tmp_path / "x"), tmp_path / "thesis"
    thesis.write_text("a thesis")
    with pytest.raises(BadInput, match="thesis/b.json: cannot be written"):
        run("accept", folder, "--baseline", thesis / "b.json")
    with pytest.raises(BadInput, match="File name too long"):
        run("accept", folder, "--baseline", tmp_path / ("b" * 300))
    with pytest.raises(BadInput, match="is no baseline, and is left as it is"):
        run("accept", folder, "--baseline", tmp_path)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # whoever runs the tests may be allowed everything
    with pytest.raises(BadInput, match=r"cannot be read \(Permission denied\); choose another file"):
        baseline.replaces(tmp_path / "b.json")


def test_accept_says_that_speed_will_not_be_gated(tmp_path: Path) -> None:
    said = run("accept", save(tmp_path / "x", in_flight=4), "--baseline", tmp_path / "b.json").output
    assert "note: speed of haystack-parity is not gated" in said and "--rounds 4" not in said


def test_accept_of_a_run_without_answers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no backend has answered yet"):
        run("accept", save(tmp_path / "x", questions=[]), "--baseline", tmp_path / "b.json")
    with pytest.raises(BadInput, match="no such folder"):
        run("accept", tmp_path / "nothing", "--baseline", tmp_path / "b.json")


# ---- gate ----


def test_gate_writes_every_report_and_leaves_with_its_code(tmp_path: Path) -> None:
    file = accepted(tmp_path)
    now = save(tmp_path / "now", text=lambda backend, number: "ten" if backend == "haystack" else GOLD)
    outputs = {name: tmp_path / "out" / f"gate.{name}" for name in ("junit", "markdown", "json")}
    said = run("gate", now, "--baseline", file, *(word for name in outputs for word in (f"--{name}", outputs[name])))
    assert said.exit_code == 1
    assert "gate: regression, worse: haystack-parity answers.contains" in said.output
    assert max(map(len, said.output.splitlines())) <= 100
    assert outputs["junit"].read_text().count("<failure") == 3
    assert outputs["markdown"].read_text().startswith("**❌ regression")
    plain = json.loads(outputs["json"].read_text())
    assert (plain["outcome"], plain["exit_code"]) == ("regression", 1)
    assert {check["outcome"] for check in plain["checks"]} == {"pass", "regression"}


def test_gate_leaves_reports_also_when_nothing_can_be_compared(tmp_path: Path) -> None:
    file, now = accepted(tmp_path), save(tmp_path / "now", workload="w2")
    said = run("gate", now, "--baseline", file, "--junit", tmp_path / "j.xml", "--inconclusive", "pass")
    assert said.exit_code == 2 and "not comparable" in said.output
    assert "<error" in (tmp_path / "j.xml").read_text()


def test_gate_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    file = accepted(tmp_path)
    with pytest.raises(BadInput, match="--inconclusive maybe: choose default, pass, fail"):
        run("gate", tmp_path / "accepted", "--baseline", file, "--inconclusive", "maybe")
    with pytest.raises(BadInput, match="--junit .*: cannot be written"):
        run("gate", tmp_path / "accepted", "--baseline", file, "--junit", tmp_path)


def test_many_changes_are_cut_for_the_terminal_alone(tmp_path: Path) -> None:
    file = accepted(tmp_path, backends=("plain", "haystack", "dspy", "langchain"))
    now = save(
        tmp_path / "now",
        backends=("plain", "haystack", "dspy", "langchain"),
        text=lambda backend, number: "ten",
        hits=lambda backend, number: ("other",),
        tokens=lambda backend, number: 200,
        questions=names(40),
    )
    said = run("gate", now, "--baseline", file, "--json", tmp_path / "x.json").output
    assert "more: --json FILE holds everything" in said
    told = [check for check in json.loads((tmp_path / "x.json").read_text())["checks"] if check["outcome"] != "pass"]
    assert len(told) > 30


def test_the_workflow_asks_for_what_there_is() -> None:
    """Its three lines name options of the commands, and the job may write nothing."""
    text = (Path(__file__).parents[1] / "benchmarks" / "ci" / "rag-gate.yml").read_text()
    (asked,) = [line for line in text.splitlines() if line.lstrip().startswith("workbench gate")]
    known = {option for command in app.registered_commands for option in _options(command.callback)}
    (asking,) = [line for line in text.splitlines() if line.lstrip().startswith("workbench run")]
    assert asking.endswith("|| test $? -eq 3 || exit 2"), "what the run refuses is not told as a regression"
    assert set(re.findall(r"--[a-z-]+", asked)) <= known and "--junit" in known
    (permissions,) = re.findall(r"^permissions:\n((?:  .*\n)+)", text, re.MULTILINE)
    assert permissions == "  contents: read\n" and "secrets" not in text


def _options(command: Any) -> set[str]:
    return {f"--{name.replace('_', '-')}" for name in command.__annotations__}
