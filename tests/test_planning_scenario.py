"""Scenarios by name, file and settings; what is refused, and how it is said."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from workbench.errors import BadInput
from workbench.planning import Scenario, Tenant, bill, files
from workbench.planning.inputs import FIELDS
from workbench.planning.names import all_names, find
from workbench.planning.scenario import SHIPPED

REFERENCE = Scenario.load("reference")
RATE = '[[models]]\nname = "m"\n[[models.rates]]\ninput_usd_per_mtok = 1\n'


# ---- names ----


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("demand.daily_users", "demand.daily_users"), ("users", "demand.daily_users"),
        ("demand.users", "demand.daily_users"),
        ("P", "tokens.prefix"), ("tokens.Y", "tokens.dynamic"), ("O", "tokens.output"), ("R", "tokens.reasoning"),
        ("r", "routing.share"), ("h", "response_cache.hit_rate"), ("f", "response_cache.false_hits"),
        ("cache.hit_rate", "response_cache.hit_rate"), ("response-cache.hit-rate", "response_cache.hit_rate"),
        ("h_p", "prefix_cache.hit_rate"), ("prefix_cache.on", "prefix_cache.enabled"), ("x_out", "prompt.cut_output"),
        ("channels.d", "channels.deferrable"), ("batch.b", "batch.share"), ("budget", "control.budget"),
        ("infra.nodes", "infrastructure.nodes"), ("infrastructure.monitoring_usd", "infrastructure.monitoring"),
        ("quick.cache", "quick.response_cache"), ("input_tokens", "tokens.input"), ("model", "prices.model"),
        ("weak.input", "prices.weak_input"), ("prices.weak.output", "prices.weak_output"),
        ("routing.model", "prices.weak_model"),
        ("load.peak_factor", "load.peak"), ("self_hosting.utilization", "self_hosting.utilisation"),
        ("infrastructure.staff_fte", "staff.fte"), ("demand.retry_share", "demand.retry"),
    ],
)  # fmt: skip
def test_an_input_is_found_by_what_one_would_call_it(said: str, meant: str) -> None:
    assert find(said).names == (meant,)


def test_every_input_is_found_by_its_own_name() -> None:
    for name in all_names():
        assert find(name).names == (name,), name


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("demand.daily_user", "the nearest are demand.daily_users"),
        ("hit_rate", "hit_rate could be prefix_cache.hit_rate, response_cache.hit_rate"),
        ("share", "share could be batch.share, routing.share"),
        ("output", "output could be prices.output, tokens.output"),
        ("wibble", "workbench plan --inputs lists them all"),
    ],
)
def test_a_name_that_nobody_knows_gets_the_nearest(said: str, told: str) -> None:
    with pytest.raises(BadInput) as caught:
        find(said)
    assert told in str(caught.value)


# ---- values ----


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("250000", "250000"),
        ("250,000", "250000"),
        ("250_000", "250000"),
        ("250k", "250000"),
        ("1.5M", "1500000"),
        ("1e5", "100000"),
    ],
)
def test_numbers_as_people_write_them(text: str, value: str) -> None:
    assert REFERENCE.set(f"users={text}").number("demand.daily_users") == Decimal(value)


def test_shares_lists_ranges_and_switches() -> None:
    found = REFERENCE.set("routing.share=20%..30%..45%", "rollout=10/25/50/100 %", "prefix_cache.on=yes", "days=365/12",
                          "response_cache.hit_rate=0.1..0.3", "control.alerts=0.6,1")  # fmt: skip
    routed = found.inputs["routing.share"]
    assert (routed.low, routed.value, routed.high) == (Decimal("0.2"), Decimal("0.3"), Decimal("0.45"))
    assert found.number("response_cache.hit_rate") == Decimal("0.2")
    assert found.values["demand.rollout"] == tuple(map(Decimal, ("0.1", "0.25", "0.5", "1")))
    assert found.values["control.alerts"] == (Decimal("0.6"), Decimal(1))
    assert found.values["prefix_cache.enabled"] is True
    assert round(found.number("demand.days"), 4) == Decimal("30.4167")


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("demand.daily_users=-1", "demand.daily_users=-1: give 0 to 1000000000"),
        ("demand.daily_users=many", "demand.daily_users=many: give 0 to 1000000000"),
        ("demand.daily_users=nan", "demand.daily_users=nan: give 0"),
        ("demand.daily_users=inf", "demand.daily_users=inf: give 0"),
        ("demand.daily_users=1/0", "demand.daily_users=1/0: give 0"),
        ("infrastructure.monitoring=1e99", "infrastructure.monitoring=1e99: give 0 or more"),
        ("demand.daily_users=" + "9" * 5000, "give 0 to 1000000000"),
        ("routing.share=1.2", "routing.share=1.2: give 0 to 1"),
        ("routing.share=120%", "routing.share=120%: give 0 to 1"),
        ("response_cache.hit_rate=-0.1", "response_cache.hit_rate=-0.1: give 0 to 1"),
        ("response_cache.hit_rate=0.3..0.2..0.4", "LOW..VALUE..HIGH in ascending order"),
        ("prices.input=-3", "prices.input=-3: give 0 to 1000000"),
        ("prices.stack_rule=add", "prices.stack_rule=add: give multiply, cached_unchanged, no_cache"),
        ("prices.retires=soon", "prices.retires=soon: give a day as YYYY-MM-DD"),
        ("prices.model=local/extractive", "a local model's tokens are free"),
        ("demand.start_month=2026-13", "demand.start_month=2026-13: give a month as YYYY-MM"),
        ("demand.season=1,2,3", "give 12 values"),
        ("load.hourly=1", "give 24 values"),
        ("load.slots_per_replica=2.5", "a whole number"),
        ("load.slots_per_replica=0", "load.slots_per_replica=0: give 1 to"),
        ("load.min_replicas=21", "load.min_replicas=21: give at most load.max_replicas"),
        ("prefix_cache.enabled=perhaps", "prefix_cache.enabled=perhaps: give on or off"),
        ("control.order=prompt,prompt", "each of response_cache, prompt, routing, prefix_cache, batch once"),
        ("control.showback_key=heads", "give queries, tokens, equal"),
        ("support.tiers=500000:7%,150000:10%", "ascending LIMIT:SHARE pairs"),
        ("support.tiers=1000:120%", "ascending LIMIT:SHARE pairs"),
        ("tokens.prefix=800..900", ""),
        ("demand.daily_users.cv=-1", "demand.daily_users.cv=-1: give 0 to 10"),
        ("demand.daily_users.low=5", "a range needs both low and high"),
        ("tenants=a:0.7,b:0.6", "their shares add up to 1.3; give at most 1"),
        ("tenants=a:0.2,a:0.3", "a is named twice"),
        ("tenants=a", "NAME:SHARE"),
        ("tokens.input=lots", "tokens.input=lots: give 0 or more"),
        ("nothing", "give it as name=value"),
        ("=3", "give it as name=value"),
    ],
)
def test_a_wrong_value_is_refused_by_name_value_and_range(setting: str, told: str) -> None:
    if not told:
        REFERENCE.set(setting)
        return
    with pytest.raises(BadInput) as caught:
        REFERENCE.set(setting)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_settings_may_come_in_any_order() -> None:
    texts = (
        "tokens.input=2000",
        "tokens.prefix=1200",
        "prices.input=3",
        "prices.model=gpt-4o",
        "users.cv=0.3",
        "users=5k",
    )
    there, back = REFERENCE.set(*texts), REFERENCE.set(*reversed(texts))
    assert there == back
    ends = ("routing.share.low=0.1", "routing.share.high=0.5", "routing.share=0.3")
    assert REFERENCE.set(*ends) == REFERENCE.set(*reversed(ends))
    assert there.number("tokens.dynamic") == 800
    assert there.inputs["demand.daily_users"].cv == Decimal("0.3")
    assert there.models["gpt-4o"].rates[0].input_usd_per_mtok == 3


def test_a_value_by_hand_drops_a_range_that_no_longer_holds_it() -> None:
    given = Scenario.load("optimised").set("routing.share=0.9").inputs["routing.share"]
    assert (given.value, given.low, given.high, given.source) == (Decimal("0.9"), None, None, "set by hand")


def test_a_changed_price_carries_the_classes_that_hang_on_it_along() -> None:
    model = Scenario.load("today").set("prices.input=2").models["gpt-5.6-sol"]
    rate = model.rates[0]
    assert (rate.input_usd_per_mtok, rate.output_usd_per_mtok) == (2, 20)
    assert (rate.cached_read_usd_per_mtok, rate.batch_input_usd_per_mtok) == (Decimal("0.2"), 1)
    assert rate.source == "set by hand (negotiated or assumed price)"
    given = Scenario.load("today").set("prices.input=2", "prices.cached_read=1").models["gpt-5.6-sol"].rates[0]
    assert given.cached_read_usd_per_mtok == 1


def test_both_cuts_of_the_prompt_by_one_name() -> None:
    assert bill(REFERENCE.set("prompt.cut_input=15%")).llm_usd == Decimal("399600.00")


def test_another_model_is_no_history_any_more() -> None:
    assert REFERENCE.historical and REFERENCE.set("users=5").historical
    assert not REFERENCE.set("prices.model=gpt-6-luna").historical


def test_a_scenario_is_frozen() -> None:
    with pytest.raises(AttributeError):
        REFERENCE.name = "mine"  # type: ignore[misc]
    with pytest.raises(TypeError):
        REFERENCE.inputs["demand.daily_users"] = None  # type: ignore[index]
    changed = REFERENCE.set("users=5")
    assert (REFERENCE.number("demand.daily_users"), changed.number("demand.daily_users")) == (100_000, 5)


# ---- files ----


@pytest.mark.parametrize("name", SHIPPED)
def test_a_file_gives_the_same_scenario_and_bill(name: str, tmp_path: Path) -> None:
    scenario = Scenario.load(name).set(
        "users=123456", "support.tiers=1000:7%,inf:3%", "load.peak=none", "routing.share=10%..25%..40%",
        "tenants=a:0.5:2,b:0.2::gpt-6-luna", "tokens.prefix=1100", "prices.weak_cache_write=0.2", "control.budget=5000",
    )  # fmt: skip
    scenario.save(tmp_path / "mine.toml")
    again = Scenario.load(tmp_path / "mine.toml")
    assert again == scenario
    assert again.to_toml() == scenario.to_toml()
    assert bill(again).total_usd == bill(scenario).total_usd


def test_a_file_keeps_its_prices_whatever_the_list_says_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Scenario.load("today").set("prices.model=gpt-4o").save(tmp_path / "mine.toml")
    before = bill(Scenario.load(tmp_path / "mine.toml")).total_usd
    monkeypatch.setattr("workbench.prices.lookup", lambda *_, **__: None)
    assert bill(Scenario.load(tmp_path / "mine.toml")).total_usd == before
    assert bill(Scenario.load(tmp_path / "mine.toml").repriced()).total_usd is None


def test_looking_prices_up_again_keeps_ones_own() -> None:
    own = Scenario.load("today").set("prices.input=1").repriced()
    assert own.models["gpt-5.6-sol"].rates[0].input_usd_per_mtok == 1
    assert own.models["gpt-6-luna"].rates[0].effective_from == date(2026, 12, 1)


def test_a_short_file_is_the_reference_but_for_what_it_says() -> None:
    found = files.parse('[demand]\nusers = 250_000\n[prompt]\ncut_output = "50%"\n')
    assert bill(found).llm_usd == Decimal("810000.00")  # 22.5 M x (0.024 + 0.012)
    assert found.inputs["tokens.dynamic"].cv == Decimal("0.05")


def test_a_file_may_name_a_model_and_prices_of_its_own() -> None:
    found = files.parse('[prices]\nmodel = "gpt-4o"\ninput = 3\noutput = 15\n[tokens]\ncv = 0.2\n')
    assert bill(found).llm_usd == Decimal("75600.00")
    assert found.inputs["tokens.output"].cv == Decimal("0.2")


def test_a_model_without_prices_in_the_file_is_looked_up() -> None:
    found = files.parse('[prices]\nmodel = "gpt-4o"\n')
    assert bill(found).llm_usd == Decimal("54000.00")  # 9 M x (800 x 2.5 + 400 x 10) per million


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("schema = 2", "schema 2 is newer than 1"),
        ('schema = "x"', "is no version"),
        ("[demand]\ndaily_user = 5", "mine: demand.daily_user: no such input; the nearest are demand.daily_users"),
        ("[demand]\nusers = 5\ndaily_users = 6", "demand.daily_users is given twice"),
        ("[routing]\nshare = 2", "mine: routing.share=2: give 0 to 1"),
        ("[routing]\nshare = {value = 0.2, low = 0.3, high = 0.4}", "between its low 0.3 and its high 0.4"),
        ("[routing]\nshare = {mode = 0.2}", "routing.share: give value"),
        ("[routing]\nshare = {value = 0.2, samples = 3}", "samples is a list of numbers"),
        ("[routing]\nshare = {value = 0.2, n = 0}", "n a whole number of 1 or more"),
        ("demand = 5", "demand: no such section"),
        ("not toml", "mine: not TOML"),
        ("x = " + "[" * 5000, "mine: not TOML"),
        (RATE, "a rate needs input_usd_per_mtok and output"),
        (RATE.replace("= 1", "= -1") + "output_usd_per_mtok = 1\n", "input_usd_per_mtok=-1"),
        ('[[models]]\nname = "m"\nstack_rule = "add"', "give multiply, cached_unchanged, no_cache"),
        ('[[tenants]]\nname = "a"', "tenants.a: give name, share"),
        ("[measured]\nrun = 5", "measured: give run"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_name(text: str, told: str) -> None:
    with pytest.raises(BadInput) as caught:
        files.parse(text, "mine")
    assert told in str(caught.value)
    assert str(caught.value).startswith("mine: ")


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such scenario or file; give reference, today, optimised"):
        Scenario.load(tmp_path / "missing.toml")
    with pytest.raises(BadInput, match="cannot be read"):
        Scenario.load(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'name = "caf\xe9"')
    with pytest.raises(BadInput, match="cannot be read"):
        Scenario.load(tmp_path / "latin.toml")


def test_any_text_survives_a_file() -> None:
    odd = REFERENCE.set("tenants=a\"b\\c 'd' 😀 = [x]:50%")
    assert files.parse(odd.to_toml()).tenants == (Tenant("a\"b\\c 'd' 😀 = [x]", Decimal("0.5")),)


def test_every_input_says_what_it_is() -> None:
    for field in FIELDS:
        assert field.meaning and (field.unit or field.choices or field.kind == "word"), field.name
