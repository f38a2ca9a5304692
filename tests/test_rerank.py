"""Reranking: what the gateway sends and takes back, what a run makes of it, what is refused, and sweeps of it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import Metered, metered, without_judging
from scripted_upstream import EMBEDDER, MODEL, RERANKER, ScriptedUpstream

import workbench as wb
from workbench import comparison, tables
from workbench.errors import BadInput
from workbench.gateway.process import GatewayProcess
from workbench.gateway.settings import Account, Settings, Upstream
from workbench.records import Document, Evidence, Gold, Question, Recipe, Tenant, Workload
from workbench.runs import runner
from workbench.runs.dry_run import forecast
from workbench.runs.options import Options, check, fingerprint
from workbench.runs.progress import Silent
from workbench.runs.store import Experiment
from workbench.workload.identity import workload_of

BODY: dict[str, Any] = {"model": RERANKER, "query": "one two", "documents": ["three", "four five", "six"]}
KEY = "sk-a-key-to-pay-with-0"


# ---- at the gateway ----


class Saying(ScriptedUpstream):
    """Ranks as it is told to."""

    said: Any = None


@pytest.fixture(scope="module")
def saying() -> Iterator[Saying]:
    server = Saying()
    yield server
    server.end()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, saying: Saying) -> Iterator[Metered]:
    gateway = metered(tmp_path_factory.mktemp("rerank"), Upstream(saying.url, KEY, rerank_models=(RERANKER,)))
    yield gateway
    gateway.process.close()


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Tells the upstream what to answer a ranking with."""
    import scripted_upstream

    def tell(content: Any) -> None:
        monkeypatch.setattr(scripted_upstream, "ranking", lambda documents: content)

    return tell


def post(gateway: Metered, body: Mapping[str, Any], **headers: str) -> httpx.Response:
    named = {f"x-workbench-{name}": value for name, value in headers.items()}
    return httpx.post(f"{gateway.url}/rerank", json=body, headers={"authorization": f"Bearer {gateway.token}", **named})


def results(*scores: float) -> dict[str, Any]:
    return {"results": [{"index": place, "relevance_score": score} for place, score in enumerate(scores)]}


def test_a_ranking_is_stripped_sorted_counted_and_written_down(shared: Metered, saying: Saying) -> None:
    response = post(
        shared, {**BODY, "user": "somebody", "return_documents": True}, tenant="a", question="q", attempt="1-x"
    )
    # 1/3, 1/5 and 1/9 of the lengths of six, three and four five
    assert response.json()["results"] == [
        {"index": 2, "relevance_score": 1 / 3},
        {"index": 0, "relevance_score": 1 / 5},
        {"index": 1, "relevance_score": 1 / 9},
    ]
    assert saying.rankings[-1] == BODY
    call = shared.calls()[-1]
    assert (call["kind"], call["model"], call["status"]) == ("rerank", RERANKER, 200)
    assert (call["tenant"], call["question"], call["attempt"]) == ("a", "q", "1-x")
    assert (call["input_tokens"], call["output_tokens"], call["counted_by"]) == (30, 0, "upstream")
    assert (call["texts"], call["usd"], call["spent_usd"]) == (3, None, None)  # of no listed price, and not free
    assert call["seconds"] > 0
    assert shared.texts()[-1]["sent"] == ["one two", "three", "four five", "six"]


@pytest.mark.parametrize(
    ("more", "tokens", "counted_by"),
    [
        ({"meta": {"tokens": {"input_tokens": 17.0}}}, 17, "upstream"),
        ({"usage": {"prompt_tokens": 19}}, 19, "upstream"),
        # each word is one token here, and the query is read with each of three documents: 3 x 2 + 4
        ({"meta": {"billed_units": {"search_units": 1}}}, 10, "all-MiniLM-L6-v2 WordPiece"),
        ({"usage": {"total_tokens": 0}}, 10, "all-MiniLM-L6-v2 WordPiece"),
    ],
)
def test_who_says_what_it_came_to(
    shared: Metered, answered: Any, more: dict[str, Any], tokens: int, counted_by: str
) -> None:
    answered({**results(0.1, 0.9, 0.5), **more})
    assert [each["index"] for each in post(shared, BODY).json()["results"]] == [1, 2, 0]
    call = shared.calls()[-1]
    assert (call["input_tokens"], call["counted_by"]) == (tokens, counted_by)


def test_of_the_best_alone_there_are_as_many_as_were_asked_for(shared: Metered, answered: Any) -> None:
    answered({"results": [{"index": 1, "relevance_score": 3}, {"index": 0, "relevance_score": -2.5}]})
    assert post(shared, {**BODY, "top_n": 2}).json()["results"] == [
        {"index": 1, "relevance_score": 3},
        {"index": 0, "relevance_score": -2.5},
    ]
    assert post(shared, BODY).status_code == 502  # of all three that were wanted


@pytest.mark.parametrize(
    "content",
    [
        {"results": []},
        results(0.1, 0.2),
        results(0.1, 0.2, 0.3, 0.4),
        {"results": [{"index": 0, "relevance_score": 0.1}] * 3},
        {"results": [{"index": place, "relevance_score": "high"} for place in range(3)]},
        {"results": [{"index": place, "relevance_score": True} for place in range(3)]},
        {"results": [{"index": float(place), "relevance_score": 0.1} for place in range(3)]},
        {"results": [{"index": place, "score": 0.1} for place in range(3)]},
        {"scores": [0.1, 0.2, 0.3]},
        [0.1, 0.2, 0.3],
    ],
)
def test_what_is_no_ranking_is_a_failed_call_that_may_be_billed(shared: Metered, answered: Any, content: Any) -> None:
    answered(content)
    response = post(shared, BODY)
    assert (response.status_code, response.json()["error"]["code"]) == (502, "upstream_not_a_ranking")
    call = shared.calls()[-1]
    assert (call["kind"], call["error"], call["usd"], call["spent_usd"]) == (
        "rerank",
        "upstream_not_a_ranking",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"query": None}, "query"),
        ({"documents": "three"}, "documents"),
        ({"documents": []}, "documents"),
        ({"documents": ["three", {"text": "four"}]}, "documents"),
        ({"top_n": 0}, "top_n"),
        ({"top_n": True}, "top_n"),
    ],
)
def test_a_body_without_texts_is_refused(shared: Metered, change: dict[str, Any], code: str) -> None:
    response = post(shared, {**BODY, **change})
    assert (response.status_code, response.json()["error"]["code"]) == (400, code)
    assert (shared.calls()[-1]["kind"], shared.calls()[-1]["error"]) == ("rerank", code)


def test_passages_go_to_the_named_reranker_alone(shared: Metered, saying: Saying, gateway: Metered) -> None:
    asked = saying.asked
    response = post(shared, {**BODY, "model": "another"})
    assert response.status_code == 404 and f"texts may be ranked by {RERANKER} alone" in response.text
    assert saying.asked == asked
    assert post(gateway, BODY).status_code == 404  # without an upstream


def test_personal_data_is_hidden_or_not_sent(tmp_path: Path, saying: Saying) -> None:
    mail = "ada.quill@merrow.example.com"
    body = {**BODY, "query": f"Who is {mail}?", "documents": [f"Write to {mail}.", "A garden."]}
    accounts = tuple(Account(f"token-of-{mode}", str(tmp_path / mode), privacy=mode) for mode in ("redact", "reject"))
    settings = Settings(accounts, Upstream(saying.url, KEY, rerank_models=(RERANKER,)), privacy_key="k" * 16)
    with GatewayProcess(settings) as process:
        asked = len(saying.rankings)
        refused = post(Metered(process, tmp_path / "reject", "token-of-reject"), body, tenant="a")
        assert (refused.status_code, refused.json()["error"]["code"]) == (451, "privacy")
        assert len(saying.rankings) == asked
        hidden = post(Metered(process, tmp_path / "redact", "token-of-redact"), body, tenant="a")
        assert [each["index"] for each in hidden.json()["results"]] == [1, 0]
    sent = saying.rankings[-1]
    pseudonym = sent["query"].removeprefix("Who is ").removesuffix("?")
    assert pseudonym.startswith("<EMAIL_") and sent["documents"] == [f"Write to {pseudonym}.", "A garden."]


# ---- in a run ----

THINGS = ("parking permit", "locker key", "gym pass", "shuttle bus ticket")


def world() -> Workload:
    documents = [
        Document(f"d{place}", "a", f"A {thing} costs {place + 2} euros.") for place, thing in enumerate(THINGS)
    ]
    asked = [Question(f"q{place}", "a", f"How much is a {thing}?") for place, thing in enumerate(THINGS)]
    gold = [Gold(f"q{place}", (f"{place + 2} euros",), (Evidence(f"d{place}"),)) for place in range(len(THINGS))]
    return workload_of(name="world", tenants=[Tenant("a", "A")], documents=documents, questions=asked, gold=gold)


RANKED = Recipe(model=MODEL, chunk_tokens=None, chunk_overlap=0, k=1, reranker=RERANKER)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, ScriptedUpstream]]:
    """A run with a reranker, recorded; its upstream is dead."""
    folder, server = tmp_path_factory.mktemp("ranked"), ScriptedUpstream()
    with without_judging():
        done = runner.run(world(), options(folder / "out", upstream=server.url, record=folder / "kept.jsonl"), Silent())
    server.end()
    assert (done.asked, done.failed) == (4, 0)
    yield folder, server


def options(out: Path, **changed: Any) -> Options:
    return replace(Options(out=out, backends=("plain",), recipe=RANKED), **changed)


def test_the_best_ranked_passages_go_into_the_prompt(recorded: tuple[Path, ScriptedUpstream]) -> None:
    folder, server = recorded
    asked = [body for body in server.rankings if len(body["documents"]) == 4]
    # whichever question it is, the reranker is given all four and calls the shortest the best
    assert {body["query"] for body in asked} >= {f"How much is a {thing}?" for thing in THINGS}
    prompts = [body["messages"][0]["content"] for body in server.chats if "How much" in str(body)]
    assert prompts and all("A gym pass costs 4 euros." in prompt for prompt in prompts)
    assert not any("A parking permit costs" in prompt for prompt in prompts)
    (run,) = Experiment(folder / "out").runs()
    for answer in run.answers().values():
        assert [hit.document for hit in answer.hits] == ["d2", "d1", "d0", "d3"]
        assert answer.hits[0].score == pytest.approx(1 / len("A gym pass costs 4 euros."))
        assert answer.retrieval_seconds is not None
        calls = [call for call in run.calls() if call.attempt == answer.attempt]
        assert [call.kind for call in calls] == ["embeddings", "rerank", "chat"]


def test_a_report_says_who_ranked_and_what_that_took(recorded: tuple[Path, ScriptedUpstream]) -> None:
    experiment = Experiment(recorded[0] / "out")
    found = comparison.report(experiment)
    row = found["backends"]["plain"]["parity"]
    assert row["reranker"] == RERANKER
    assert row["usage"]["rerank"] == {"input": 40.0, "output": 0.0}  # 10 tokens a document, as the upstream said
    assert row["usd"] is None  # nobody knows the price
    # the document of each question is among four; the third is the first for all of them
    assert row["retrieval"]["recall@5"] == 1.0
    assert row["retrieval"]["mrr@10"] == pytest.approx((1 / 3 + 1 / 2 + 1 + 1 / 4) / 4)
    (run,) = experiment.runs()
    ranked = min(call.seconds for call in run.calls() if call.kind == "rerank" and call.question)
    assert row["parts_ms"]["retrieval"] >= 1000 * ranked
    told = "\n".join(map(str, tables.lines(found)))
    assert f"ranked by {RERANKER}" in told


def test_it_is_replayed_with_the_upstream_dead(recorded: tuple[Path, ScriptedUpstream], tmp_path: Path) -> None:
    folder, _ = recorded
    with without_judging():
        again = runner.run(world(), options(tmp_path / "again", replay=folder / "kept.jsonl"), Silent())
    assert (again.asked, again.failed, again.outdated) == (4, 0, "")
    asked, after = (
        {question: (answer.hits, answer.used) for (_, question), answer in run.answers().items()}
        for out in (folder / "out", tmp_path / "again")
        for run in Experiment(out).runs()
    )
    assert asked == after
    (run,) = Experiment(tmp_path / "again").runs()
    assert {call.spent_usd for call in run.calls()} == {Decimal(0)}
    before = {call.seconds for call in Experiment(folder / "out").runs()[0].calls() if call.kind == "rerank"}
    assert {call.seconds for call in run.calls() if call.kind == "rerank"} == before


def test_a_recording_of_no_ranking_is_refused(recorded: tuple[Path, ScriptedUpstream], tmp_path: Path) -> None:
    lines = (recorded[0] / "kept.jsonl").read_bytes().replace(b'"results":[', b'"results":[7,', 1)
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(lines)
    with pytest.raises(BadInput, match="no kept call"):
        runner.run(world(), options(tmp_path / "out", replay=broken), Silent())


def test_a_dry_run_counts_it_and_says_that_it_has_no_price(tmp_path: Path) -> None:
    made = forecast(world(), options(tmp_path / "out", upstream="http://127.0.0.1:1"))
    (cell,) = made.estimate.cells
    # each question and one first call
    assert (cell.rerank.calls, cell.rerank.model) == (5, RERANKER)
    plain = made.to_dict()
    assert plain["estimate"]["cells"]["plain-parity"]["rerank"]["calls"] == 5
    assert plain["total"]["usd"] is None
    from workbench.runs.dry_run import lines

    told = "\n".join(map(str, lines(made, world())))
    assert f"the price list has no {RERANKER}" in told


# ---- what is refused, and what stays as it was ----


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"upstream": "", "recipe": replace(RANKED, model="local/echo")},
            f"--reranker {RERANKER}: needs --upstream URL",
        ),
        ({"backends": ("plain", "haystack")}, "haystack cannot rerank; give --backends plain"),
        ({"recipe": replace(RANKED, reranker="local/minilm")}, "--reranker local/minilm: none is embedded"),
        ({"recipe": replace(RANKED, reranker=" ")}, "none is embedded"),
        ({"budget_usd": Decimal(1)}, f"--budget-usd 1: the price list has no {RERANKER}"),
    ],
)
def test_what_cannot_be_ranked_is_refused_in_a_sentence(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput) as refused:
        check(options(tmp_path, **{"upstream": "http://127.0.0.1:1", **changed}))
    assert said in str(refused.value)


def test_experiments_without_one_are_named_as_before() -> None:
    assert fingerprint("abc", Options(out=Path())) == "79352fb7"
    assert fingerprint("abc", Options(out=Path(), recipe=Recipe(reranker=RERANKER))) != "79352fb7"
    assert "reranker" not in repr(Recipe(reranker=RERANKER))


# ---- sweeps ----


def test_embedding_model_and_reranker_are_swept(tmp_path: Path, unjudged: None) -> None:
    server = ScriptedUpstream()
    things = [f"{colour} {thing}" for colour in ("red", "blue", "green", "white") for thing in THINGS]
    documents = [Document(f"d{n}", "a", f"A {thing} costs {n + 2} euros.") for n, thing in enumerate(things)]
    asked = [
        Question(f"q{n}-{way}", "a", f"How much is a {things[n]}{way * '?'}") for n in range(16) for way in (1, 2, 3)
    ]
    gold = [Gold(one.id, ("x",), (Evidence(f"d{one.id[1:].split('-')[0]}"),)) for one in asked]
    workload = workload_of(name="w", tenants=[Tenant("a", "A")], documents=documents, questions=asked, gold=gold)
    found = wb.sweep(
        workload,
        {"embedding_model": ["local/minilm", EMBEDDER], "reranker": [None, RERANKER]},
        metric="recall@5",
        model="local/echo",
        upstream=server.url,
        out=tmp_path / "sweep",
        progress=False,
    )
    rows = found.df.set_index(["embedding_model", "reranker"])
    assert len(rows) == 4
    # random directions find a passage of sixteen by luck, words' meanings find it always; the reranker orders ten
    assert rows.loc[("local/minilm", ""), "recall@5"] > rows.loc[(EMBEDDER, ""), "recall@5"]
    assert len(server.rankings) >= 2 * 16 and all(len(body["documents"]) in (2, 10) for body in server.rankings)
    embedded = [text for batch in server.batches for text in batch if text.startswith("A ")]
    assert len(embedded) == len(set(embedded)) == 16  # each passage once, though two candidates use it
    server.end()
