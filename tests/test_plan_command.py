"""`workbench plan` as somebody types it."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from workbench.errors import BadInput
from workbench.plan_command import plan

app = typer.Typer(rich_markup_mode=None)
app.command()(plan)


@app.callback()
def _group() -> None:
    """Keeps `plan` a sub-command, as it is in the command line."""


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["plan", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def figures(tmp_path: Path, *words: str) -> dict:
    run(*words, "--json", str(tmp_path / "plan.json"))
    return json.loads((tmp_path / "plan.json").read_text())


def test_the_reference_is_printed_with_units_sources_and_dates() -> None:
    text = run("reference", "--check")
    for told in (
        "historical", "438,500.00", "4.3850 USD per user", "0.048722 USD per query", "USD per month",
        "genai-prices 0.2.3", "2026-11-22", "P10", "P50", "P90", "P(cost > budget of 502,000.00)",
        "62 slots", "16 replicas", "52.12%-79.60%",
        "not clamped", "retired since 2026-10-23", "arXiv 2411.05276",
    ):  # fmt: skip
        assert told in text, told
    assert max(map(len, text.splitlines())) <= 100


def test_the_document_check_is_shown_where_it_is_asked_for(tmp_path: Path) -> None:
    claims = len(figures(tmp_path, "reference")["document_check"])
    plain, full = run("reference"), run("reference", "--check")
    assert claims > 5 and plain.splitlines()[-1].strip() == (
        f"Document check: {claims} claims of the reference document, by --check"
    )
    assert "arXiv" not in plain and "arXiv" in full
    assert full.startswith(plain.partition("Document check")[0])


def test_without_a_name_it_is_the_reference() -> None:
    assert run() == run("reference")


def test_levers_are_shown_with_what_does_not_add_up() -> None:
    text = run("reference", "--set", "quick.cache=30%", "--set", "quick.routing=20%", "--set", "quick.batch=10%",
               "--set", "quick.prompt=5%")  # fmt: skip
    for told in ("129,600.00", "108,399.60", "68,367.60", "280,800.00 not additive", "213,341.60"):
        assert told in text


def test_json_holds_what_was_promised(tmp_path: Path) -> None:
    found = figures(tmp_path, "reference", "--set", "h=0.30", "--set", "f=0.038", "--set", "reask=1",
                    "--set", "tenants=a:50%,b:50%", "--months", "2")  # fmt: skip
    assert (found["queries"], found["llm_usd"], found["infrastructure_usd"]) == (9_000_000, 307_324.8, 6500.0)
    assert (found["total_usd"], found["wrong_answers"]) == (313_824.8, 102_600)
    assert found["usd_per_user"] == pytest.approx(3.138248)
    assert found["usd_per_query"] == pytest.approx(0.0348694, abs=1e-7)
    (cache, *others) = found["levers"]
    assert cache == {
        "name": "response_cache", "waterfall_usd": 124_675.2, "shapley_usd": 124_675.2, "alone_usd": 124_675.2
    }  # fmt: skip
    assert [each["waterfall_usd"] for each in others] == [0.0] * 4
    assert found["p10_usd"] < found["p50_usd"] < found["p90_usd"]
    assert found["tornado"][0]["name"] == "demand.daily_users"
    assert {key: found["capacity"][key] for key in ("replicas", "clamped")} == {"replicas": 12, "clamped": False}
    assert [each["month"] for each in found["months"]] == ["2026-01", "2026-02"]
    assert [each["total_usd"] for each in found["tenants"]] == [156_912.4, 156_912.4]


def test_the_stakeholders_question_is_one_command(tmp_path: Path) -> None:
    """250,000 users, answers half as long, 30 % of the questions to the small model, prices of next month."""
    found = figures(tmp_path, "today", "--set", "users=250,000", "--set", "prompt.cut_output=50%", "--set",
                    "routing.share=30%", "--date", "2026-12")  # fmt: skip
    # 22.5 M x (.7 x (800 x 4 + 200 x 20) + .3 x (800 x .1 + 200 x .5)) per million, and 6,500.
    assert (found["llm_usd"], found["total_usd"]) == (114_615.0, 121_115.0)
    assert found["capacity"]["clamped"] is True


def test_a_clamped_plan_says_so() -> None:
    assert "CLAMPED to the maximum" in run("today", "--set", "users=250000")


def test_months_show_budget_alerts_and_retirement() -> None:
    text = run("reference", "--date", "2026-09", "--months", "3", "--set", "control.budget=250000")
    for told in ("burn", "1.75", "2026-10 R", "exhausted on", "50% on"):
        assert told in text
    assert max(map(len, text.splitlines())) <= 100


def test_an_unpriced_model_is_said_to_be_unpriced(tmp_path: Path) -> None:
    found = figures(tmp_path, "today", "--set", "prices.model=nobody/knows-this")
    assert found["llm_usd"] is None and found["total_usd"] is None and found["p50_usd"] is None
    assert found["levers"] == [] and found["months"][0]["unpriced"] == ["nobody/knows-this"]
    told = " ".join(run("today", "--set", "prices.model=gpt-4o-mnii").partition("Bill")[0].split())
    assert "unpriced: the price list has no gpt-4o-mnii (nearest: gpt-4o-mini" in told
    own = ["--set", "prices.model=gpt-4o-mnii", "--set", "prices.input=1", "--set", "prices.output=2"]
    assert "unpriced" not in run("today", *own)


def test_a_saved_scenario_gives_the_same_bill(tmp_path: Path) -> None:
    saved = str(tmp_path / "mine.toml")
    before = figures(tmp_path, "optimised", "--set", "users=77777", "--save", saved)
    after = figures(tmp_path, saved)
    assert {**before, "inputs": {}} == {**after, "inputs": {}}


def test_the_same_seed_gives_the_same_draws(tmp_path: Path) -> None:
    one, again, other = (figures(tmp_path, "today", "--seed", seed, "--draws", "500") for seed in ("3", "3", "4"))
    assert one == again and one["p50_usd"] != other["p50_usd"]


def test_inputs_are_all_listed(tmp_path: Path) -> None:
    from workbench.planning.names import all_names

    text = run("--inputs", "--json", str(tmp_path / "inputs.json"))
    listed = json.loads((tmp_path / "inputs.json").read_text())
    assert {each["name"] for each in listed} == set(all_names())
    for each in listed:
        assert each["name"] in text and each["default"] and each["meaning"]


def test_another_currency_is_a_stated_rate() -> None:
    text = run("reference", "--set", "control.currency=EUR", "--set", "control.currency_rate=0.92")
    assert "total in EUR: 403,420.00 at a stated 0.92 EUR per USD" in text


def test_tables_are_written(tmp_path: Path) -> None:
    for name in ("a.csv", "a.xlsx", "a.focus.csv"):
        run("today", "--csv", str(tmp_path / name))
        assert (tmp_path / name).stat().st_size > 1000


def test_a_name_cannot_write_into_the_terminals_markup() -> None:
    assert "[red]x[/red]" in run("today", "--set", "tenants=[red]x[/red]:50%")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--set", "demand.daily_user=5"), "the nearest are demand.daily_users"),
        (("--set", "routing.share=2"), "routing.share=2: give 0 to 1"),
        (("--set", "batch.share=20%"), "at most channels.deferrable"),
        (("--date", "soon"), "--date=soon: give a month as YYYY-MM"),
        (("--months", "0"), "--months 0: give 1 to 120"),
        (("--draws", "1"), "--draws 1: give 100 to 1000000"),
        (("missing.toml",), "no such scenario or file"),
        (("--backend", "plain"), "needs --from-run DIR"),
        (("--from-run", "nowhere", "--backend", "plain"), "no such folder"),
        (("--from-run", "nowhere"), "name the run by --backend NAME"),
        (("--from-run", "nowhere", "--backend", "plain", "--track", "both"), "choose parity or native"),
        (("--csv", "plan.pdf"), "give a name that ends in"),
    ],
)
def test_bad_words_are_one_sentence(
    words: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput) as caught:
        run(*words)
    assert told in str(caught.value) and "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_nothing_heavy_is_imported_for_it() -> None:
    import subprocess
    import sys

    heavy = ("numpy", "pandas", "scipy", "genai_prices", "openpyxl", "rich")
    code = f"import sys, workbench.planning; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
