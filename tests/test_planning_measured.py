"""A scenario from a run: means, sample sizes and their uncertainty, worked out by hand."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from workbench.errors import BadInput
from workbench.lines import Lines
from workbench.planning import Scenario, bill, files
from workbench.planning.evidence import check
from workbench.planning.measured import run_of
from workbench.planning.simulate import simulate
from workbench.records import Answer, Call, Failure, Recipe
from workbench.runs.store import Experiment, Identity, Writer

CHAT = ((1000, 100), (2000, 300), (3000, 200))


def experiment(
    folder: Path,
    used: Sequence[tuple[int, int]] = CHAT,
    *,
    model: str = "gpt-4o-mini",
    price_as: str = "",
    rounds: int = 1,
    usd: str | None = "0.001",
    reasoning: int = 0,
    in_flight: int = 1,
) -> Path:
    """An experiment of `plain` on parity: (input, output) tokens of each question's answer."""
    made = Experiment(folder)
    made.begin({"workload": {"name": "desk", "hash": "h"}, "price_as": price_as}, [])
    run = made.run("plain", "parity")
    run.claim(Identity("h", "plain", "parity", Recipe(model=model), "", {}, None, "", False))
    writer, calls = Writer(run, keep_text=False), Lines(run.folder / "calls.jsonl")
    for turn in range(1, rounds + 1):
        for place, (given, output) in enumerate(used):
            attempt = f"a{turn}-{place}"
            writer.answer(Answer(f"q{place}", "t", turn, attempt, in_flight=in_flight), "", {})
            chat = Call(
                f"c{attempt}", f"q{place}", "t", attempt, "chat", model, 200, input_tokens=given, output_tokens=output,
                reasoning_tokens=reasoning, seconds=2.0 + place, usd=None if usd is None else Decimal(usd),
            )  # fmt: skip
            embedded = Call(
                f"e{attempt}", f"q{place}", "t", attempt, "embeddings", "local/minilm", 200, input_tokens=10 + place
            )
            for call in (chat, embedded):
                calls.append(orjson.dumps(call, default=str))
    writer.answer(Answer("failed", "t", 1, "f", Failure("server", "down")), "", {})
    stray = Call("s", "", "t", "", "chat", model, 200, input_tokens=9_999_999, output_tokens=9_999_999)
    calls.append(orjson.dumps(stray, default=str))
    calls.close()
    writer.close()
    return folder


def test_means_and_their_uncertainty_are_those_of_the_questions(tmp_path: Path) -> None:
    scenario = Scenario.from_run(run_of(experiment(tmp_path), "plain"))
    given = scenario.inputs["tokens.dynamic"]
    # Mean 2,000, standard deviation 1,000: 1,000 / sqrt(3) / 2,000 = 0.288675.
    assert given.value == 2000
    assert float(given.cv) == pytest.approx(0.288675, abs=1e-6)
    assert (given.n, given.source) == (3, f"measured in {tmp_path.name} plain parity (n=3)")
    output = scenario.inputs["tokens.output"]
    # Mean 200, standard deviation 100.
    assert (output.value, float(output.cv)) == (200, pytest.approx(0.288675, abs=1e-6))
    assert scenario.number("load.service_seconds") == 3
    assert scenario.number("infrastructure.embedding_tokens") == 11
    assert scenario.number("infrastructure.embedding_usd_per_mtok") == 0
    assert scenario.number("tokens.prefix") == 0


def test_the_bill_is_the_measured_tokens_at_the_runs_own_model(tmp_path: Path) -> None:
    scenario = Scenario.from_run(run_of(experiment(tmp_path), "plain"))
    assert scenario.strong == "gpt-4o-mini"
    # 9 M x (2,000 x 0.15 + 200 x 0.60) per million.
    assert bill(scenario).llm_usd == Decimal("3780.00")
    assert scenario.measured is not None
    assert (scenario.measured.questions, scenario.measured.usd_per_query) == (3, Decimal("0.001"))


def test_few_questions_give_a_wide_interval_and_many_a_narrow_one(tmp_path: Path) -> None:
    def spread(folder: Path, repeats: int) -> float:
        scenario = Scenario.from_run(run_of(experiment(folder, CHAT * repeats), "plain"))
        found = simulate(scenario.set("demand.cv=0", "infrastructure.nodes=0"), draws=4000)
        assert found is not None
        low, middle, high = found.percentiles
        return (high - low) / middle

    few, many = spread(tmp_path / "few", 1), spread(tmp_path / "many", 100)
    assert few > 0.2
    assert few / many == pytest.approx(10 * 1.22, rel=0.25)  # sqrt(100), and n-1 = 2 instead of 299 in the deviation


def test_a_round_repeats_a_question_and_is_no_new_one(tmp_path: Path) -> None:
    scenario = Scenario.from_run(run_of(experiment(tmp_path, rounds=3), "plain"))
    assert scenario.inputs["tokens.dynamic"].n == 3


def test_reasoning_is_a_part_of_the_output(tmp_path: Path) -> None:
    scenario = Scenario.from_run(run_of(experiment(tmp_path, reasoning=50), "plain"))
    assert (scenario.number("tokens.output"), scenario.number("tokens.reasoning")) == (150, 50)
    assert bill(scenario).llm_usd == Decimal("3780.00")


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    scenario = Scenario.from_run(run_of(experiment(tmp_path, in_flight=4), "plain"))
    assert scenario.measured is not None
    told = " | ".join(scenario.measured.warnings)
    assert "1 of 4 answers failed" in told
    assert "1 call of the run names no question" in told
    assert "up to 4 questions were asked at once" in told


def test_a_local_model_is_never_taken_for_free(tmp_path: Path) -> None:
    run = run_of(experiment(tmp_path, model="local/extractive", usd="0"), "plain")
    with pytest.raises(
        BadInput, match=r"local/extractive is free of charge.*--set prices.model=MODEL.*--price-as MODEL"
    ):
        Scenario.from_run(run)


def test_a_local_models_tokens_are_priced_as_the_model_named(tmp_path: Path) -> None:
    stored = experiment(tmp_path / "stored", model="local/extractive", usd="0", price_as="gpt-6-luna")
    by_experiment = Scenario.from_run(run_of(stored, "plain"))
    assert by_experiment.strong == "gpt-6-luna"
    assert bill(by_experiment).llm_usd == Decimal("2700.00")  # 9 M x (2,000 x 0.1 + 200 x 0.5) per million
    assert by_experiment.measured is not None
    assert by_experiment.measured.usd_per_query == Decimal("0.0003")
    assert any("only the price is gpt-6-luna's" in each for each in by_experiment.measured.warnings)
    by_hand = Scenario.from_run(run_of(stored, "plain"), model="gpt-4o-mini")
    assert by_hand.strong == "gpt-4o-mini"


def test_a_call_without_a_price_leaves_the_cost_per_query_unknown(tmp_path: Path) -> None:
    scenario = Scenario.from_run(run_of(experiment(tmp_path, model="nobody/knows-this", usd=None), "plain"))
    assert scenario.measured is not None and scenario.measured.usd_per_query is None
    assert bill(scenario).total_usd is None


def test_one_question_says_nothing_of_its_uncertainty(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="1 answered question says nothing"):
        Scenario.from_run(run_of(experiment(tmp_path, CHAT[:1]), "plain"))


def test_a_run_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no run of --backend dspy --track native; there are: plain parity"):
        run_of(experiment(tmp_path), "dspy", "native")


def test_demand_and_levers_stay_those_of_the_base(tmp_path: Path) -> None:
    base = Scenario.load("optimised").set("users=5000")
    scenario = Scenario.from_run(run_of(experiment(tmp_path), "plain"), base=base)
    assert scenario.number("demand.daily_users") == 5000
    assert scenario.inputs["routing.share"] == base.inputs["routing.share"]


def test_a_measured_scenario_survives_a_file_and_is_quoted(tmp_path: Path) -> None:
    scenario = Scenario.from_run(run_of(experiment(tmp_path), "plain"))
    assert files.parse(scenario.to_toml()) == scenario
    quoted = {each.topic: each.measured for each in check(scenario)}
    assert quoted["the bill"].startswith("dynamic 2000, output 200") and quoted["the bill"].endswith("(n=3)")
    assert quoted["routing"] == ""
