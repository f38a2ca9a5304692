"""An estimate: by hand on small worlds, beside what was measured on the shipped one, and without touching anything."""

import json
import shlex
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import type_
from scripted_upstream import EMBEDDER, MODEL, ScriptedUpstream

from workbench import backends, tables
from workbench import workload as workloads
from workbench.models.minilm import count_tokens
from workbench.records import Document, Gold, Question, Recipe, Tenant, Workload
from workbench.runs import accounts, dry_run, runner, selection
from workbench.runs.amount import Amount, together
from workbench.runs.context import Corpus
from workbench.runs.estimate import CellEstimate, Estimate, estimate, everything
from workbench.runs.native import NATIVE, pieces
from workbench.runs.options import Options
from workbench.runs.progress import Silent
from workbench.runs.store import Experiment
from workbench.workload.identity import workload_of

STARTER = Path(__file__).parents[1] / "datasets" / "starter"
DAY = date(2026, 11, 22)
WHOLE = Recipe(chunk_tokens=None, chunk_overlap=0, k=2)
PROMPT = 50
"""Tokens of the parity prompt without passages and question, as recorded prompts have them."""


def world() -> Workload:
    """Documents of 4, 4 and 12 tokens and questions of 3: each word here is one token."""
    documents = (
        Document("d1", "t", "the house is red"),
        Document("d2", "t", "the house is big"),
        Document("d3", "t", "one two three four five six seven eight nine ten red house"),
    )
    asked = [Question(f"q{number}", "t", "is it red") for number in range(4)]
    gold = [Gold("q0", ("red",)), Gold("q1", ("the house",)), Gold("q2", answerable=False)]
    return workload_of(name="world", tenants=(Tenant("t", "T"),), documents=documents, questions=asked, gold=gold)


def options(**changed: object) -> Options:
    return replace(Options(out=Path("unused"), backends=("plain",), recipe=WHOLE), **changed)  # type: ignore[arg-type]


def made(workload: Workload, wanted: Options) -> Estimate:
    asked = selection.order(workload.questions, wanted.recipe.seed)[: wanted.questions]
    return estimate(workload, wanted, everything(wanted, asked))


def only(workload: Workload, wanted: Options) -> CellEstimate:
    (cell,) = made(workload, wanted).cells
    return cell


# ---- tokens by hand ----


def test_the_small_world_has_the_tokens_that_its_words_are() -> None:
    assert [count_tokens(document.text) for document in world().documents] == [4, 4, 12]
    assert count_tokens("is it red") == 3


def test_parity_is_k_passages_the_prompt_and_the_question_for_each_question_and_a_first_call() -> None:
    chat = only(world(), options()).chat
    # mean 20/3, weighted by length (16 + 16 + 144)/20 = 8.8; two of them, two fifths of the way from one to the other
    context = 2 * (20 / 3 + 0.4 * (8.8 - 20 / 3))
    assert (chat.calls, chat.input_tokens) == (5, round(5 * (PROMPT + 3 + context)))
    assert chat.input_tokens == 340
    # at most the two longest, 12 and 4; output: the limit of each call
    assert (chat.most_input_tokens, chat.most_output_tokens) == (5 * (PROMPT + 3 + 16), 5 * 256)
    assert chat.output_tokens == 30


def test_where_all_passages_go_into_the_prompt_their_tokens_are_exact() -> None:
    chat = only(world(), options(recipe=replace(WHOLE, k=10))).chat
    assert chat.input_tokens == chat.most_input_tokens == 5 * (PROMPT + 3 + 20)


def test_rounds_questions_and_an_upstreams_own_tokenizer() -> None:
    remote = options(recipe=replace(WHOLE, k=10, model=MODEL), rounds=3, questions=2, upstream="http://h/v1")
    chat = only(world(), remote).chat
    assert (chat.calls, chat.input_tokens) == (7, 7 * 73)
    assert chat.most_input_tokens == round(7 * 73 * 1.15)
    assert chat.output_tokens == 7 * 40


def test_controls_are_counted_as_they_count_themselves() -> None:
    cell = only(world(), options(recipe=replace(WHOLE, k=10, model="local/echo")))
    # by blanks: 62 words of the prompt with an empty context and question, as it is written; answers are the prompt
    assert cell.chat.output_tokens == cell.chat.input_tokens
    assert only(world(), options(recipe=replace(WHOLE, model="local/silence"))).chat.output_tokens == 0


def test_texts_are_embedded_once_whoever_asks_for_them() -> None:
    both = made(world(), options(tracks=("parity", "native"), backends=("plain", "dspy")))
    # the call that tells a vector's length; 3 passages of 20 tokens; one text of 3, which all questions have; "red" and
    # "the house"
    assert (both.embeddings.calls, both.embeddings.input_tokens) == (1 + 3 + 1 + 2, 1 + 20 + 3 + 3)
    # dspy's whole documents are these passages; two answers of each cell are compared with the gold
    assert [(cell.name, cell.embeddings.calls) for cell in both.cells] == [
        ("plain-parity", 2), ("dspy-parity", 2), ("plain-native", 2), ("dspy-native", 2)
    ]  # fmt: skip
    native = made(world(), options(tracks=("native",), backends=("plain", "dspy")))
    assert native.embeddings.calls == 1 + 1 + 2
    assert [cell.embeddings.calls for cell in native.cells] == [3 + 2, 2]


@pytest.mark.parametrize(
    ("backend", "text", "tokens", "wanted"),
    [
        # 450 words in pieces of 200, 200 and 50
        ("haystack", "w " * 449 + "w", 450, [200, 200, 50]),
        # 2,600 tokens in windows of 1,000 that share 200: 0-1000, 800-1800, 1600-2600
        ("llamaindex", "x", 2600, [1000, 1000, 1000]),
        ("llamaindex", "x", 1001, [1000, 201]),
        # 12,000 characters of 3,000 tokens, cut off after 6,000
        ("dspy", "x" * 12000, 3000, [1500]),
        # 1,700 characters of 425 tokens: 0-900 and 800-1700
        ("langchain", "x" * 1700, 425, [225, 225]),
        # 1,000 characters of 250 tokens: 456, 456 and 88 characters
        ("semantic_kernel", "x" * 1000, 250, [114, 114, 22]),
        ("haystack", " \n ", 0, None),
    ],
)
def test_native_pieces(backend: str, text: str, tokens: int, wanted: list[float] | None) -> None:
    found = pieces(NATIVE[backend], [Document("d", "t", text)], {"d": tokens})
    assert found.get("d") == (None if wanted is None else pytest.approx(wanted))


def test_a_native_prompt_has_the_frameworks_own_k_and_words() -> None:
    short = [Document(f"d{number}", "t", "the house is red") for number in range(12)]
    asked = [Question("q", "t", "is it red")]
    workload = workload_of(name="w", tenants=(Tenant("t", "T"),), documents=short, questions=asked)
    for backend, k, words in (
        ("haystack", 10, 15), ("llamaindex", 2, 141), ("dspy", 5, 271), ("langchain", 4, 79), ("semantic_kernel", 5, 59)
    ):  # fmt: skip
        chat = only(workload, options(tracks=("native",), backends=(backend,))).chat
        assert (chat.calls, chat.input_tokens) == (2, 2 * (words + 3 + 4 * k)), backend
        tries = 2 if backend == "dspy" else 1  # JSONAdapter asks again where ChatAdapter finds no fields
        assert (chat.most_calls, chat.most_input_tokens) == (2 * tries, tries * chat.input_tokens)


def test_every_framework_has_its_defaults() -> None:
    assert set(NATIVE) == set(backends.NAMES) - {"plain"}


def test_no_documents_are_no_context() -> None:
    assert Corpus([], WHOLE, count_tokens).passages("haystack", "native").context(10) == 0


def test_a_judge_is_asked_once_a_passage_and_four_times_an_answer_that_has_a_gold_answer() -> None:
    cell = only(world(), options(judge="gpt-4o", upstream="http://h/v1", rounds=2))
    assert cell.judge.calls == 2 * 2 * (4 + 2)
    assert cell.judge.most_output_tokens == 24 * 1024
    assert only(world(), options()).judge == Amount("")


# ---- money by hand ----


def test_usd_is_the_list_price_of_calls_that_are_alike() -> None:
    amount = Amount(MODEL, 7, 1001, 31, 7, 2000, 700)
    # gpt-4o-mini: 0.15 and 0.60 USD per million
    assert amount.usd(DAY) == Decimal("0.00015015") + Decimal("0.0000186")
    assert amount.most_usd(DAY) == Decimal("0.0003") + Decimal("0.00042")
    assert Amount(EMBEDDER, 3, 1000).usd(DAY) == Decimal("0.00002")


def test_a_price_that_depends_on_length_looks_at_one_call() -> None:
    # gemini-2.5-pro: 1.25 and 10 USD per million, twice the input's price above 200,000 tokens in one call
    assert Amount("gemini-2.5-pro", 100, 1_000_000, 1000).usd(DAY) == Decimal("1.25") + Decimal("0.01")


def test_unpriced_is_not_0_and_local_is() -> None:
    assert Amount("our-own-model", 1, 10, 10).usd(DAY) is None
    assert Amount("our-own-model").usd(DAY) == 0
    assert Amount("local/extractive", 1, 10, 10, 1, 10, 10).usd(DAY) == 0
    assert Amount("local/extractive", 1, 1_000_000, 0, 1, 10, 10).usd(DAY, MODEL) == Decimal("0.15")
    # no chat model: nothing of it is ever priced as one
    assert Amount("local/minilm", 1, 1_000_000, 0, 1, 10).usd(DAY, MODEL) == 0
    assert Amount(EMBEDDER, 1, 10, 10).usd(DAY) is None


def test_one_unpriced_model_makes_the_sum_unpriced_and_a_replay_is_free() -> None:
    unknown = made(world(), options(recipe=replace(WHOLE, model="our-own-model"), upstream="http://h/v1"))
    assert unknown.paid(unknown.amounts, DAY) is None
    free = made(world(), options(recipe=replace(WHOLE, model=MODEL), replay=Path("kept.jsonl")))
    assert free.paid(free.amounts, DAY) == free.paid_at_most(free.amounts, DAY) == 0


def test_amounts_add_up() -> None:
    assert together([Amount("a", 1, 2, 3, 4, 5, 6), Amount("b", 10, 20, 30, 40, 50, 60)]) == Amount(
        "a", 11, 22, 33, 44, 55, 66
    )
    assert together([]) == Amount("")


# ---- seconds ----


def test_an_upstreams_seconds_are_shared_by_the_questions_at_once() -> None:
    remote = options(recipe=replace(WHOLE, model=MODEL), upstream="http://h/v1")
    one, four = (made(world(), replace(remote, in_flight=number)).seconds["asking"] for number in (1, 4))
    # five calls of 1.5 s
    assert one - four == pytest.approx(7.5 * 3 / 4)


# ---- beside what was measured ----

MEASURED = {
    "plain-parity": 44993, "haystack-parity": 44993, "llamaindex-parity": 44993, "dspy-parity": 44993,
    "langchain-parity": 44993, "semantic_kernel-parity": 44993, "plain-native": 44993, "haystack-native": 97743,
    "llamaindex-native": 38190, "dspy-native": 91011, "langchain-native": 39815, "semantic_kernel-native": 27245,
}  # fmt: skip
"""Input tokens of chats of a run of datasets/starter on both tracks, 2026-11-22."""


def test_the_starters_tokens_are_told_to_15_percent_in_every_cell() -> None:
    wanted = Options(out=Path("unused"), tracks=("parity", "native"))
    found = made(workloads.load(STARTER), wanted)
    assert {cell.name for cell in found.cells} == set(MEASURED)
    for cell in found.cells:
        assert cell.chat.calls == 49
        assert abs(cell.chat.input_tokens / MEASURED[cell.name] - 1) < 0.15, cell.name
        assert cell.chat.most_input_tokens > MEASURED[cell.name]
    # the warm-up of that run: 78 passages, 48 questions and one word, of 13,724 tokens; and gold answers since
    assert found.embeddings.calls >= 127 and abs(found.embeddings.input_tokens / 13724 - 1) < 0.05


def test_a_run_keeps_its_estimate_and_what_it_came_to(tmp_path: Path) -> None:
    wanted = options(out=tmp_path / "out", recipe=replace(WHOLE, k=10))
    runner.run(world(), wanted, Silent())
    about = Experiment(tmp_path / "out").about()
    for kind in ("estimate", "actual"):
        cell, shared = about[kind]["cells"]["plain-parity"], about[kind]["shared"]
        # all passages are in each prompt, so that the input is known: 4 questions and a first call
        assert (cell["chat"]["calls"], cell["chat"]["input_tokens"]) == (5, 5 * 73), kind
        assert (cell["judge"]["calls"], shared["chat"]["calls"], Decimal(cell["chat"]["usd"])) == (0, 1, 0), kind
        assert about[kind]["seconds"] > 0
    # the word, 3 passages and one text of all four questions; the gold answers are embedded when answers are judged
    assert about["actual"]["shared"]["embeddings"]["calls"] == 5
    (line,) = [line for line in tables._stands_on(_report(tmp_path / "out")) if line.startswith("cost")]
    assert line.startswith("cost      estimated 6 calls, 0.00 M tokens, 0.00 USD, ") and "; actual 6, 0.00" in line


def _report(folder: Path) -> dict[str, Any]:
    from workbench import comparison

    return comparison.report(Experiment.open(folder))


@pytest.mark.usefixtures("unjudged")
def test_an_experiment_that_grows_keeps_the_other_cells_estimate_and_adds_its_seconds(tmp_path: Path) -> None:
    wanted, out = options(out=tmp_path / "out", questions=2), Experiment(tmp_path / "out")
    runner.run(world(), wanted, Silent())
    first = out.about()["actual"]["seconds"]
    runner.run(world(), replace(wanted, tracks=("native",), questions=4), Silent())
    about = out.about()
    assert {name: cell["chat"]["calls"] for name, cell in about["estimate"]["cells"].items()} == {
        "plain-parity": 3, "plain-native": 5
    }  # fmt: skip
    assert about["actual"]["seconds"] > first
    assert accounts.totals(about["actual"])["calls"] == 3 + 5 + 2


# ---- without touching anything ----


def test_a_dry_run_sends_and_writes_nothing_and_says_the_next_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    upstream = ScriptedUpstream()
    workloads.save(world(), tmp_path / "a workload")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)

    def none_started(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr("subprocess.Popen", none_started)
    common = ["../a workload", "--track", "both", "--upstream", upstream.url, "--model", MODEL, "--judge", "gpt-4o"]
    code, told, errors = type_(capsys, monkeypatch, "run", *common, "--dry-run", "--json", str(tmp_path / "f.json"))
    upstream.end()
    assert (code, errors, upstream.asked, list(here.iterdir())) == (0, "", 0, [])
    assert all(len(line) <= 100 for line in told.splitlines()[:-1])
    assert "4 of 4 questions, 48 of 48 still to ask; nothing was sent" in told
    content = json.loads((tmp_path / "f.json").read_text())
    assert content["total"]["calls"] == sum(
        part["calls"]
        for cell in (*content["estimate"]["cells"].values(), content["estimate"]["shared"])
        for name, part in cell.items()
        if name != "embeddings"
    )
    usd, most = (Decimal(content["total"][name]) for name in ("usd", "most_usd"))
    assert 0 < usd < most
    assert (content["wanted"], content["answered"], content["spent_usd"]) == (48, 0, "0")
    words = shlex.split(told.splitlines()[-1].removeprefix("next: "))
    assert words[:-1] == [
        "workbench", "run", *common, "--json", str(tmp_path / "f.json"), "--budget-usd"
    ]  # fmt: skip
    assert most <= Decimal(words[-1]) <= most * Decimal("1.1")  # what may be needed, rounded up


def test_a_dry_run_says_which_model_has_no_price_and_which_names_are_near() -> None:
    remote = options(recipe=replace(WHOLE, model="gpt-4o-mnii"), upstream="http://h/v1", judge="our-own-judge")
    forecast = dry_run.forecast(world(), remote)
    said = [str(line) for line in dry_run.lines(forecast, world()) if "unpriced  " in str(line)]
    assert len(said) == 2
    assert "the price list has no gpt-4o-mnii (nearest: gpt-4o-mini" in said[0]
    assert "the price list has no our-own-judge: what it costs cannot be told, nor limited by a budget" in said[1]
    assert dry_run.next_command(forecast, ["workbench", "--dry-run", "x"]) == "workbench x"


def test_a_dry_run_of_what_is_there_says_what_is_left_and_a_done_one_that_nothing_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    workloads.save(world(), tmp_path / "workload")
    monkeypatch.chdir(tmp_path)
    common = ["workload", "--backends", "plain", "--chunk", "none", "--out", "out"]
    assert type_(capsys, monkeypatch, "run", *common, "--questions", "3")[0] == 0
    before = {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}
    code, told, _ = type_(capsys, monkeypatch, "run", *common, "--dry-run", "--json", "f.json")
    assert code == 0 and "4 of 4 questions, 1 of 4 still to ask; nothing was sent" in told
    content = json.loads(Path("f.json").read_text())
    assert content["estimate"]["cells"]["plain-parity"]["chat"]["calls"] == 2
    code, told, _ = type_(capsys, monkeypatch, "run", *common, "--questions", "3", "--dry-run")
    assert code == 0 and "everything is answered already" in told
    code, _, errors = type_(capsys, monkeypatch, "run", *common, "--k", "3", "--seed", "4", "--dry-run")
    assert code == 2 and "was started with seed 0, now 4" in errors
    assert {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()} == before


def test_a_dry_run_says_where_the_budget_will_hardly_do() -> None:
    remote = options(recipe=replace(WHOLE, model=MODEL), upstream="http://h/v1", budget_usd=Decimal("0.000001"))
    workload = world()
    told = dry_run.forecast(workload, remote)
    assert any("is more than --budget-usd 0.000001" in str(line) for line in dry_run.lines(told, workload))
    assert dry_run.next_command(told, ["workbench", "--dry-run", "x"]) == "workbench x"


def test_prices_as_another_models_are_shown_and_not_paid() -> None:
    forecast = dry_run.forecast(world(), options(price_as=MODEL))
    assert any("nothing is paid for them" in str(line) for line in dry_run.lines(forecast, world()))
    assert Decimal(forecast.to_dict()["total"]["usd"]) == 0
    assert forecast.estimate.paid(forecast.estimate.amounts, DAY, MODEL) == Decimal("0.15e-6") * (340 + 8) + Decimal(
        "0.60e-6"
    ) * (30 + 4)


def test_words_need_no_embedding_of_passages_and_questions() -> None:
    dense, hybrid, words = (
        made(world(), options(recipe=replace(WHOLE, retrieval=each))) for each in ("dense", "hybrid", "bm25")
    )
    assert dense == hybrid
    # Three passages and a question, asked four times, less; two gold answers and the length of a vector are left.
    assert (dense.embeddings.calls, words.embeddings.calls) == (7, 3)
    assert words.cells == dense.cells
    assert words.seconds["embedding and indexing"] == pytest.approx(3 * 0.0012)
