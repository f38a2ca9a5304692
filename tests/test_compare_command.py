"""`workbench compare` and `failures` as they are typed."""

from pathlib import Path

import orjson
import pytest
import typer
from saved_experiments import Asked, Done, saved
from typer.testing import CliRunner

from workbench.compare_command import compare, failures
from workbench.errors import BadInput
from workbench.terminal import WIDTH, console

app = typer.Typer()
app.command()(compare)
app.command()(failures)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    questions = [
        *(Asked(f"q{number:02}", kind="a long name of a kind" if number % 2 else "fact") for number in range(48)),
        Asked("z-open", answerable=False, kind="none"),
    ]
    runs = {}
    for place, name in enumerate(("plain", "haystack", "llamaindex", "dspy", "langchain", "semantic_kernel")):
        same = {one.id: Done(cpu_ms=2 + place, wall_ms=20 + 2 * place) for one in questions}
        own = {}
        for number, one in enumerate(questions):
            right = float(number % (place + 2) > 0)
            own[one.id] = Done(right, right, found=number % 5 > 0, tokens=12_345 * (place + 1), wall_ms=1_000 + number)
        runs[name, "parity"], runs[name, "native"] = [same], [own]
    return saved(tmp_path_factory.mktemp("saved") / "experiment", questions, runs).folder


def type_(*words: str) -> str:
    with console.capture() as captured:
        result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return captured.get()


@pytest.mark.parametrize(
    "more", [(), ("--by", "kind", "--margin", "F1=0.05", "--margin", "tokens=5%", "--against", "dspy")]
)
def test_the_comparison_fits_and_begins_with_what_was_shown(folder: Path, more: tuple[str, ...]) -> None:
    said = type_("compare", str(folder), *more)
    lines = said.splitlines()
    assert max(map(len, lines)) <= WIDTH
    against = "dspy" if more else "plain"
    assert said.index(f"haystack (parity) against {against}: every score the same on all 49") < said.index(
        "leaderboard"
    )
    assert "▼" in said and "▲ better, ▼ worse" in said
    assert "the same on every question in all of them: F1, contains" in said.replace("\n", " ")
    if more:
        assert "F1 within ±.05, tokens within ±5 %" in said
        assert "too few questions for a verdict: none (1)" in said
        assert "native by kind" in said
    else:
        assert "none given, so that nothing is called equivalent" in said


def test_everything_is_in_the_json(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "verdicts.json"
    type_("compare", str(folder), "--json", str(out))
    report = orjson.loads(out.read_bytes())
    found = report["families"][1]["pairs"][0]["findings"]["answers.f1"]
    assert found["n"] == 49
    assert found["test"]
    assert found["p"] <= found["p_holm"]
    assert found["interval"]["low"] < found["difference"] < found["interval"]["high"]
    assert found["interval"]["method"]
    assert report["settings"]["alpha"] == 0.05
    assert all(pair["sentence"] for family in report["families"] for pair in family["pairs"])


def test_one_run_is_shown_and_not_compared(tmp_path: Path) -> None:
    made = saved(tmp_path, [Asked("q")], {("plain", "parity"): [{"q": Done()}]})
    assert "one run: nothing to compare it with" in type_("compare", str(made.folder))


def test_failing_questions_are_counted_then_listed(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "failures.json"
    said = type_("failures", str(folder), "--backend", "plain", "--track", "native", "--limit", "2", "--json", str(out))
    # Of 48 answerable ones every second is wrong (0, 2, ... 46), of them every tenth (0, 10, ...) was not found; and
    # what must be declined was answered.
    assert "plain (native): 25 of 49 questions failing" in said
    assert said.index("25 of 49") < said.index("q00 (t, fact)") < said.index("q02 (t, fact)")
    assert "q04" not in said
    assert "23 more: --limit 25" in said
    assert max(map(len, said.splitlines())) <= WIDTH
    found = orjson.loads(out.read_bytes())["cases"]
    assert len(found) == 25
    causes = [case["cause"] for case in found]
    assert causes.count("not retrieved") == 5
    assert causes.count("retrieved but not answered") == 19
    assert causes.count("answered what should be declined") == 1


def test_failures_are_chosen_by_cause_and_kind(folder: Path) -> None:
    said = type_("failures", str(folder), "--backend", "plain", "--track", "native", "--cause", "not retrieved")
    assert "5 of 49 questions failing" in said
    assert "retrieved but not" not in said
    said = type_("failures", str(folder), "--backend", "plain", "--track", "native", "--kind", "none")
    assert "1 of 49 questions failing" in said
    assert "(to be declined)" in said


def test_one_question_over_all_backends(folder: Path) -> None:
    said = type_("failures", str(folder), "--question", "q03", "--track", "native")
    assert said.count("What of q03?") == 1
    assert "plain (native)  right" in said  # 3 is odd
    assert "haystack (native)  retrieved but not answered" in said  # 3 divides by 3
    assert said.count("said ") == 6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["compare", "DIR", "--by", "sort"], "--by sort: give tenant or kind"),
        (["compare", "DIR", "--cluster", "user"], "--cluster user: give none, document or tenant"),
        (["compare", "DIR", "--margin", "F2=1"], "--margin F2=1: no figure 'F2'"),
        (["compare", "/no/such"], "no such folder"),
        (["failures", "DIR"], "name one of"),
        (["failures", "DIR", "--backend", "ray"], "--backend ray: was not run"),
        (["failures", "DIR", "--backend", "plain", "--track", "up"], "--track up: unknown track"),
        (["failures", "DIR", "--backend", "plain", "--kind", "x"], "there are a long name of a kind, fact, none"),
        (["failures", "DIR", "--backend", "plain", "--cause", "x"], "there are failed, not retrieved"),
        (["failures", "DIR", "--question", "x"], "--question x: the workload has no such question"),
    ],
)
def test_what_is_typed_wrong_is_told_in_a_sentence(words: list[str], said: str, folder: Path) -> None:
    given = [str(folder) if word == "DIR" else word for word in words]
    with pytest.raises(BadInput) as refused:
        CliRunner().invoke(app, given, catch_exceptions=False)
    assert said in str(refused.value)
