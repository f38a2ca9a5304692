"""Sweeps: what grids are refused, who leaves, who is picked, and whole ones that are interrupted and gone on with."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import type_
from scripted_upstream import MODEL, ScriptedUpstream

import workbench as wb
from workbench import comparison
from workbench.errors import BadInput
from workbench.records import Document, Evidence, Gold, Question, Recipe, Tenant, Workload
from workbench.runs import judging, selection
from workbench.runs.progress import Silent
from workbench.runs.store import Experiment
from workbench.sweeping import bench, forecast, grid, race, sweep, table, words
from workbench.sweeping.result import Result
from workbench.sweeping.split import split
from workbench.workload.identity import workload_of

THINGS = (
    "lamp desk chair piano bicycle tent canoe kettle printer camera violin ladder carpet mirror drum helmet".split()
)
WAYS = (
    "How much is the {} to rent?",
    "What does one pay for the {}?",
    "Price of the {}, please?",
    "The {} costs what?",
)


def world() -> Workload:
    """64 questions of two tenants; the price stands a hundred words after the thing's name."""
    filler = "It can be had at the front office on every working day of the week, in good order and cleaned. " * 5
    documents = [
        Document(f"d{n}", "ab"[n % 2], f"Terms for the {thing}. {filler}You pay {100 + n} euros.")
        for n, thing in enumerate(THINGS)
    ]
    asked = [
        Question(f"q{n}-{way}", "ab"[n % 2], words_.format(thing))
        for way, words_ in enumerate(WAYS)
        for n, thing in enumerate(THINGS)
    ]
    gold = [
        Gold(one.id, (f"{100 + int(one.id[1:].partition('-')[0])} euros",), (Evidence(f"d{one.id[1:].split('-')[0]}"),))
        for one in asked
    ]
    tenants = (Tenant("a", "A"), Tenant("b", "B"))
    return workload_of(name="rents", tenants=tenants, documents=documents, questions=asked, gold=gold)


GRID: Mapping[str, Any] = {"chunk_tokens": [12, None], "k": [1, 2]}


def planned(out: Path, values: Mapping[str, Any] = GRID, **more: Any) -> sweep.Plan:
    options = sweep.wanted("plain", values, model=more.pop("model", "local/echo"), out=out, **more)
    return sweep.plan(world(), values, options, metric_name="right")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[sweep.Plan, Result, bench.Shared]]:
    """One whole sweep, without the judging process, which takes seconds of imports and has tests of its own."""

    async def nothing(*_: object) -> None:
        pass

    made: list[bench.Bench] = []

    class Kept(bench.Bench):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            made.append(self)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(judging, "judge", nothing)
        patched.setattr(sweep, "Bench", Kept)
        plan = planned(tmp_path_factory.mktemp("sweep") / "out")
        yield plan, sweep.run(plan, Silent()), made[0].shared


# ---- grids ----


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "is empty"),
        ({"k": [3]}, "one candidate alone"),
        ({"k": []}, "k: is empty"),
        ({"depth": [3, 5]}, "depth: no such field"),
        ({"k": [3, 11]}, "11 is out of range; give whole numbers from 1 to 10"),
        ({"k": [3, 3]}, "3 is there twice"),
        ({"k": "35"}, "give its values as a list"),
        ({"chunk_tokens": [0, 100]}, "0 is out of range"),
        ({"chunk_tokens": [40, 100], "overlap_tokens": [0, 40]}, "40 never gets past a passage of 40"),
        ({"retrieval": ["dense", "colbert"]}, "'colbert' is none; choose of dense, bm25, hybrid"),
        ({"prompt": ["{question}", "{context} {question}"]}, "must hold {context} and {question}"),
        ({"prompt": ["{context} {question} {", "{context} {question}"]}, "no other braces"),
        ({"model": ["local/echo", "gpt-4o-mini"]}, "gpt-4o-mini needs --upstream"),
        ({"k": range(1, 11), "chunk_tokens": range(50, 71)}, "210 candidates, at most are 200"),
    ],
)
def test_a_grid_that_cannot_be_swept_is_refused_in_a_sentence(values: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput) as refused:
        grid.candidates(values, Recipe())
    assert said in str(refused.value)
    assert str(refused.value).startswith("--grid")


def test_candidates_are_all_combinations_and_what_comes_to_the_same_is_one() -> None:
    found = grid.candidates({"chunk_tokens": [100, None], "overlap_tokens": [0, 10], "k": ["3", 5]}, Recipe())
    # Whole documents have no overlap: 2 x 2 for 100 tokens, and 2 for none.
    assert [each.name for each in found] == [
        "chunk_tokens=100 overlap_tokens=0 k=3",
        "chunk_tokens=100 overlap_tokens=0 k=5",
        "chunk_tokens=100 overlap_tokens=10 k=3",
        "chunk_tokens=100 overlap_tokens=10 k=5",
        "chunk_tokens=none overlap_tokens=0 k=3",
        "chunk_tokens=none overlap_tokens=0 k=5",
    ]
    assert found[2].recipe == Recipe(chunk_tokens=100, chunk_overlap=10, k=3)
    assert len({each.folder for each in found}) == 6
    share = grid.candidates({"chunk_tokens": [100, 200]}, Recipe())
    assert [each.recipe.chunk_overlap for each in share] == [20, 40]
    assert grid.default(share, Recipe()) is share[1]
    assert grid.default(found, Recipe()) is found[0]


def test_halves_share_no_question_and_no_family_and_are_even_over_tenants() -> None:
    questions = [Question(f"{tenant}{n}", tenant, "?") for tenant in "abc" for n in range(20)]
    # Two of tenant a ask the same.
    gold = {name: Gold(name, family="same") for name in ("a3", "a4")}
    halves = split(selection.order(questions, 0), gold)
    picking, held = ({each.id for each in half} for half in (halves.picking, halves.held_out))
    assert picking | held == {each.id for each in questions}
    assert not picking & held
    assert ("a3" in picking) == ("a4" in picking)
    for half in (halves.picking, halves.held_out):
        counts = [sum(each.tenant == tenant for each in half) for tenant in "abc"]
        assert max(counts) - min(counts) <= 2
        assert {each.tenant for each in half[:3]} == {"a", "b", "c"}
    with pytest.raises(BadInput, match="31 questions leave 15 of a half"):
        split(questions[:31], {})


# ---- the rule ----


@pytest.mark.parametrize(
    ("questions", "expected"),
    [(16, [16]), (20, [16, 20]), (64, [16, 32, 64]), (70, [16, 32, 70]), (94, [16, 32, 64, 94])],
)
def test_looks_double_and_the_last_is_no_small_step(questions: int, expected: list[int]) -> None:
    assert race.looks(questions) == expected


def of(*values: float) -> dict[str, float]:
    return {f"q{n}": value for n, value in enumerate(values)}


def test_whoever_is_shown_worse_leaves_and_whoever_is_merely_behind_stays() -> None:
    # 0.05 / (4 looks x 2 rivals)
    rule = race.Rule(3, 4)
    assert rule.level == pytest.approx(0.00625)
    leader = of(*[1.0] * 16)
    # Seven losses of sixteen: McNemar's p is 2^-7 = 0.0078; eight: 0.0039.
    seven, eight = of(*[0.0] * 7, *[1.0] * 9), of(*[0.0] * 8, *[1.0] * 8)
    seen = race.look({"leader": leader, "seven": seven, "eight": eight}, rule)
    assert (seen.leader, seen.left) == ("leader", ["eight"])
    assert seen.behind["seven"].difference == pytest.approx(-7 / 16)


def test_small_losses_alone_make_nobody_leave_as_large_gains_may_not_have_been_seen() -> None:
    rule = race.Rule(2, 1)
    leader, lower = of(*[0.50] * 40), of(*[0.45, 0.46] * 20)
    assert race.against(lower, leader, rule).interval.high < 0  # type: ignore[union-attr]
    assert not race.against(lower, leader, rule).worse


def test_of_those_not_shown_worse_the_cheapest_near_the_best_is_picked() -> None:
    means = {"best": 0.50, "near": 0.49, "far": 0.40}
    prices = {"best": race.Price(0.0, 900, 9), "near": race.Price(0.0, 500, 9), "far": race.Price(0.0, 100, 9)}
    assert race.pick(means, prices, 0.02) == "near"
    assert race.pick(means, prices, 0.0) == "best"
    assert race.pick(means, prices, 0.2) == "far"
    paid = {**prices, "near": race.Price(3.0, 500, 9), "best": race.Price(1.0, 900, 9)}
    assert race.pick(means, paid, 0.02) == "best"
    # As cheap within 2 %: the faster; as fast within 10 %: the better.
    assert race.pick(means, {**prices, "near": race.Price(0.0, 890, 5)}, 0.02) == "near"
    assert race.pick(means, {**prices, "near": race.Price(0.0, 890, 8.5)}, 0.02) == "best"


def test_optimism_is_what_is_lost_where_nobody_was_picked() -> None:
    found = race.confirm((of(1, 1, 1, 0), of(1, 0, 1, 0)), (of(0, 0, 1, 0), of(0, 0, 1, 0)))
    assert found.optimism == pytest.approx(0.25)
    assert found.baseline_shift == 0
    assert found.verdict is not None
    assert (found.verdict.difference, found.verdict.outcome) == (0.25, "no difference shown")


# ---- whole sweeps ----


def test_losers_are_stopped_and_the_picked_one_is_confirmed_elsewhere(
    saved: tuple[sweep.Plan, Result, bench.Shared],
) -> None:
    plan, found, _ = saved
    rows = {row.name: row for row in found.rows}
    assert plan.looks == [16, 32]
    # A passage of 12 tokens that names the thing does not name its price.
    for k in (1, 2):
        row = rows[f"chunk_tokens=12 k={k}"]
        assert (row.standing, row.asked, row.stopped_at) == ("worse", 16, 16)
        assert row.score is not None
        assert row.score < 0.3
    # Both find the document; with one passage the prompt is half as long.
    assert rows["chunk_tokens=none k=1"].standing == "picked"
    assert rows["chunk_tokens=none k=1"].asked == 32
    assert found.baseline == "chunk_tokens=12 k=1"
    held = found.confirmed
    assert held is not None
    assert held.verdict is not None
    assert (held.n, held.verdict.outcome) == (32, "better")
    assert held.score >= 0.9
    assert found.asked == 2 * 16 + 2 * 32
    assert found.without_stopping == 4 * 32
    runs = {name: Experiment(Path(row.folder)).run("plain", "parity") for name, row in rows.items()}
    asked = {name: {question for _, question in run.answers()} for name, run in runs.items()}
    halves = [{each.id for each in half} for half in (plan.split.picking, plan.split.held_out)]
    assert asked["chunk_tokens=none k=1"] == halves[0] | halves[1]
    assert asked["chunk_tokens=none k=2"] == halves[0]
    assert "better than the baseline (chunk_tokens=12 k=1)" in words.verdict(found)


def test_a_chunking_is_embedded_once_and_charged_to_each(saved: tuple[sweep.Plan, Result, bench.Shared]) -> None:
    plan, found, shared = saved
    cold: dict[str, int] = {}
    charged: dict[str, int] = {}
    for row in found.rows:
        experiment = Experiment(Path(row.folder))
        calls = [call for call in experiment.run("plain", "parity").calls() if call.kind == "embeddings"]
        cold[row.name] = sum(call.texts - call.cache_hits for call in (*calls, *experiment.warmup_calls()))
        charged[row.name] = sum(call.input_tokens for call in calls if not call.question)
    passages = {name: sum(map(len, each.session.passages().values())) for name, each in entrants(plan).items()}
    whole, cut = passages["chunk_tokens=none k=1"], passages["chunk_tokens=12 k=1"]
    assert whole == 16
    assert (shared.chunkings, shared.passages, shared.indexed) == (2, whole + cut, 2 * (whole + cut))
    # Passages of both chunkings, questions of both halves, and the word that tells a vector's length; the first embeds.
    assert list(cold.values())[1:] == [0, 0, 0]
    assert 0 < cold["chunk_tokens=12 k=1"] <= whole + cut + 64 + 1
    assert charged["chunk_tokens=none k=1"] == charged["chunk_tokens=none k=2"] > 0


def entrants(plan: sweep.Plan) -> dict[str, bench.Entrant]:
    return bench.Bench(plan.workload, plan.options, Silent(), plan.folder).entrants


def test_the_same_sweep_again_starts_nothing_and_finds_the_same(
    saved: tuple[sweep.Plan, Result, bench.Shared], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, found, _ = saved
    monkeypatch.setattr(judging, "unjudged", lambda *_: [])
    monkeypatch.setattr(bench, "GatewayProcess", None)
    again = sweep.run(plan, Silent())
    assert replace(again, started=found.started, shared=found.shared) == found


def test_every_candidate_is_an_experiment_that_other_tools_open(saved: tuple[sweep.Plan, Result, bench.Shared]) -> None:
    _, found, _ = saved
    report = comparison.report(Experiment.open(Path(found.row("chunk_tokens=none k=2").folder)))
    run = report["backends"]["plain"]["parity"]
    assert (run["k"], run["chunk_tokens"], run["questions"]) == (2, None, 32)
    assert "unfinished" not in report["experiment"]
    # What takes a model is left for the end, and is not taken for known.
    answers = Experiment(Path(found.rows[0].folder)).run("plain", "parity")
    assert len(judging.unjudged(answers, {})) == len(answers.answers())


def test_what_is_shown_of_a_sweep(saved: tuple[sweep.Plan, Result, bench.Shared]) -> None:
    from workbench.api.sweeps import Sweep

    _, found, _ = saved
    shown = Sweep(found)
    assert list(shown.df["standing"]) == ["worse", "worse", "picked", "as good"]
    assert shown.df.loc[2, "chunk_tokens"] is None or shown.df["chunk_tokens"].isna()[2]
    assert shown.picked == {"chunk_tokens": None, "k": 1}
    assert "chunk_tokens=none k=1" in shown._repr_html_()
    assert "worse by 1.00, stopped, baseline" in str(shown)
    assert max(map(len, str(shown).splitlines())) <= 100
    stopped = [trace for trace in shown.figure.figure.data if trace.marker.symbol == "circle-open"]
    assert [len(trace.x) for trace in stopped] == [2]
    assert shown.experiment("chunk_tokens=12 k=2").folder == Path(found.rows[1].folder)
    with pytest.raises(BadInput):
        shown.experiment("k=7")
    assert [row["asked"] for row in table.rows(found)] == [16, 16, 32, 32]


class _Interrupting(Silent):
    """Ctrl-C when a stage begins, once."""

    def __init__(self, at: str) -> None:
        self.at = at

    def stage(self, label: str, total: int) -> None:
        if label.startswith(self.at):
            self.at = "never again"
            raise KeyboardInterrupt


@pytest.mark.usefixtures("unjudged")
def test_interrupted_it_goes_on_and_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    plan = planned(tmp_path / "out", {**GRID, "retrieval": ["bm25"]})
    with pytest.raises(KeyboardInterrupt):
        sweep.run(plan, _Interrupting("look 2"))
    assert list(answered(plan).values()) == [16, 16, 16, 16]
    found = sweep.run(plan, Silent())
    # Losers are asked 16, of which one is the baseline, whose other half is asked too.
    assert list(answered(plan).values()) == [16 + 32, 16, 32 + 32, 32]
    assert [row.stopped_at for row in found.rows] == [16, 16, None, None]
    assert found.picked == "chunk_tokens=none k=1"
    # What was answered before was not asked again.
    attempts = [len(list(Experiment(its.out).run("plain", "parity").attempts())) for its in plan.options.values()]
    assert attempts == list(answered(plan).values())
    other = replace(plan, workload=replace(plan.workload, hash="other"))
    with pytest.raises(BadInput, match="holds a sweep on workload"):
        sweep.run(other, Silent())


def answered(plan: sweep.Plan) -> dict[str, int]:
    return {name: len(Experiment(its.out).run("plain", "parity").answers()) for name, its in plan.options.items()}


@pytest.mark.usefixtures("unjudged")
def test_a_budget_is_of_the_whole_sweep_and_a_higher_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream = ScriptedUpstream()
    try:
        monkeypatch.setenv("OPENAI_API_KEY", "a-key")
        values = {"model": ["local/echo", MODEL], "retrieval": ["bm25"], "chunk_tokens": [None]}
        plan = planned(tmp_path / "out", values, upstream=upstream.url, budget_usd="0.002")
        stopped = sweep.run(plan, Silent())
        assert stopped.picked == ""
        assert stopped.stopped.startswith("budget of 0.002 USD: stopped with 0.00")
        assert 0 < Decimal(stopped.spent_usd) <= Decimal("0.002")
        asked = len(upstream.chats)
        found = sweep.run(replace(plan, options=unlimited(plan)), Silent())
        # Scripted answers are wrong, local/echo's are right: the remote one leaves after 16 questions.
        assert found.picked == "model=local/echo"
        assert found.row(f"model={MODEL}").stopped_at == 16
        # 16 questions in all, each once, and for each start one to see that the model is there and a first call.
        assert len(upstream.chats) == 16 + 2 * 2 > asked
    finally:
        upstream.end()


def unlimited(plan: sweep.Plan) -> dict[str, Any]:
    return {name: replace(its, budget_usd=None) for name, its in plan.options.items()}


# ---- before and beside ----


def test_a_forecast_counts_each_chunking_once(tmp_path: Path) -> None:
    plan = planned(tmp_path / "out")
    found = forecast.forecast(plan)
    # Four candidates are asked 32 questions and a first call; two of them 32 more.
    assert found.calls == 4 * 33 + 2 * 32
    assert (found.candidates, found.chunkings, found.picking, found.held_out) == (4, 2, 32, 32)
    alone = forecast.forecast(planned(tmp_path / "other", {"chunk_tokens": [12], "k": [1, 2]}))
    assert alone.chunkings == 1
    assert 0 < alone.texts < found.texts
    assert found.usd == 0
    assert not (tmp_path / "out").exists()


def test_on_the_command_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def typed(*words_: str) -> tuple[int, str, str]:
        return type_(capsys, monkeypatch, "sweep", "datasets/starter", "--out", str(tmp_path / "out"), *words_)

    code, said, _ = typed("--grid", "k=1,3", "--grid", "chunk_tokens=60,200", "--dry-run", "--questions", "40")
    assert code == 0
    assert "4 candidates of plain, looks after 16, 20 of 20 questions" in " ".join(said.split())
    assert "2 chunkings once each" in " ".join(said.split())
    for words_, told in [
        (("--grid", "k=3"), "spans one candidate alone"),
        (("--grid", "k"), "give a field and its values"),
        (("--grid", "k=1,3", "--grid", "k=5"), "k is there twice"),
        (("--grid", "k=1,3", "--questions", "20"), "below 16 of each it can tell nothing"),
        (("--grid", "k=1,3", "--metric", "bleu"), "--metric bleu: no such figure"),
        (("--grid", "k=1,3", "--baseline", "k=7"), "no candidate has these values"),
        (("--grid", "prompt=missing.txt,other.txt"), "cannot be read"),
        (("--grid", "k=1,3", "--backend", "plain,haystack"), "a sweep varies the recipe of one backend"),
    ]:
        code, _, error = typed(*words_)
        assert code == 2
        assert told in " ".join(error.split())
    assert not (tmp_path / "out").exists()


def test_it_is_on_the_front_door() -> None:
    assert wb.sweep.__module__ == "workbench.api.sweeps"
    with pytest.raises(BadInput, match="grid depth: no such field"):
        wb.sweep(world(), {"depth": [1, 2]}, progress=False)
