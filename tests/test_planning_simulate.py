"""Draws against the exact bill and against distributions in closed form."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from scipy.stats import lognorm, triang

from workbench.errors import BadInput
from workbench.planning import Scenario, bill, tornado
from workbench.planning.months import schedule, steps
from workbench.planning.scenario import Input
from workbench.planning.simulate import sample, simulate

REFERENCE = Scenario.load("reference")
OPTIMISED = Scenario.load("optimised")
WORKED = (
    "tokens.prefix=1500", "tokens.reasoning=80", "prefix_cache.enabled=on", "prefix_cache.hit_rate=60%",
    "support.tiers=10000:10%,50000:7%,inf:3%", "support.flat=500", "staff.fte=1", "staff.usd_per_fte=9000",
    "infrastructure.observability=0.4", "load.nodes_follow_replicas=on", "tenants=a:40%:2,b:30%::gpt-6-luna",
    "quick.prompt=3%", "demand.retry=2%",
)  # fmt: skip


def only(name: str, cv: str, of: Scenario = REFERENCE) -> Scenario:
    bare = of.certain()
    return replace(bare, inputs={**bare.inputs, name: replace(bare.inputs[name], cv=Decimal(cv))})


@pytest.mark.parametrize(
    "scenario", [REFERENCE, OPTIMISED, OPTIMISED.set(*WORKED), REFERENCE.set("self_hosting.gpu_usd_per_hour=2",
     "self_hosting.tokens_per_second=900", "self_hosting.enabled=on", "self_hosting.spare_gpus=2")],
    ids=["reference", "optimised", "everything", "self-hosted"],
)  # fmt: skip
def test_without_uncertainty_every_draw_is_the_exact_bill(scenario: Scenario) -> None:
    certain = scenario.certain()
    found = simulate(certain, draws=200)
    assert found is not None
    assert found.totals.shape == (1, 200)
    assert np.unique(found.totals).size == 1
    assert found.totals[0, 0] == pytest.approx(float(bill(certain).costs.total), rel=1e-13)


def test_every_month_without_uncertainty_is_its_exact_bill() -> None:
    changing = OPTIMISED.set(*WORKED, "demand.rollout=10/50/100%", "demand.growth=3%").certain()
    found = simulate(changing, steps(changing, 8), draws=100)
    assert found is not None
    exact = [float(month.bill.costs.total) for month in schedule(changing, 8)]
    assert found.totals[:, 0] == pytest.approx(exact, rel=1e-12)


def test_demand_alone_is_lognormal_around_its_mean() -> None:
    found = simulate(only("demand.daily_users", "0.10"), draws=200_000)
    assert found is not None
    sigma = np.sqrt(np.log(1 + 0.1**2))
    spread = lognorm(sigma, scale=1 / np.sqrt(1 + 0.1**2))
    assert found.totals.mean() == pytest.approx(438_500, rel=1e-3)
    for share, value in zip((0.1, 0.5, 0.9), found.percentiles, strict=True):
        assert value == pytest.approx(6_500 + 432_000 * spread.ppf(share), rel=2e-3)
    assert found.over(Decimal(502_000)) == pytest.approx(spread.sf((502_000 - 6_500) / 432_000), abs=3e-3)


def test_a_range_is_triangular_with_the_value_as_its_mode() -> None:
    drawn = sample(Input(Decimal("0.4"), low=Decimal("0.3"), high=Decimal("0.6")), "routing.share", 100_000, 1)
    shape = triang((0.4 - 0.3) / 0.3, loc=0.3, scale=0.3)
    assert np.percentile(drawn, [10, 50, 90]) == pytest.approx(shape.ppf([0.1, 0.5, 0.9]), abs=3e-3)


def test_samples_of_a_measurement_are_drawn_again() -> None:
    given = Input(Decimal("0.2"), samples=tuple(map(Decimal, ("0.1", "0.2", "0.2", "0.5"))))
    drawn = sample(given, "response_cache.hit_rate", 40_000, 0)
    values, counts = np.unique(drawn, return_counts=True)
    assert values.tolist() == [0.1, 0.2, 0.5]
    assert counts / 40_000 == pytest.approx([0.25, 0.5, 0.25], abs=0.01)


def test_a_share_never_leaves_its_range() -> None:
    drawn = sample(Input(Decimal("0.95"), cv=Decimal("0.3")), "routing.share", 10_000, 0)
    assert 0 <= drawn.min() and drawn.max() == 1.0


def test_uncertain_batch_never_exceeds_what_may_wait() -> None:
    scenario = REFERENCE.certain().set("channels.deferrable=10%", "batch.share=5%..10%..60%")
    found = simulate(scenario, draws=1_000)
    assert found is not None
    # At most a tenth of the bill can be halved.
    assert found.totals.min() >= 432_000 * 0.95 + 6_500 - 1e-6


def test_a_seed_gives_the_same_draws_and_another_others() -> None:
    first, again, other = (simulate(REFERENCE, draws=500, seed=seed) for seed in (7, 7, 8))
    assert first is not None and again is not None and other is not None
    assert (first.totals == again.totals).all()
    assert not (first.totals == other.totals).any()


def test_scenarios_differ_by_what_they_differ_in_and_not_by_luck() -> None:
    plain, more = simulate(REFERENCE, draws=500), simulate(REFERENCE.set("routing.share=10%..20%..30%"), draws=500)
    cheaper = simulate(REFERENCE.set("infrastructure.monitoring=0"), draws=500)
    assert plain is not None and more is not None and cheaper is not None
    assert (plain.totals - cheaper.totals).ravel() == pytest.approx(np.full(500, 500.0))
    assert (more.totals < plain.totals).all()


def test_inputs_are_drawn_independently_of_each_other() -> None:
    first, second = (sample(REFERENCE.inputs[name], name, 20_000, 0) for name in ("tokens.dynamic", "tokens.output"))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03


def test_a_draw_is_the_same_in_all_months() -> None:
    found = simulate(REFERENCE, steps(REFERENCE, 3), draws=300)
    assert found is not None
    assert (found.totals[0] == found.totals[2]).all()
    assert found.sums == pytest.approx(3 * found.totals[0])


def test_tornado_of_the_mid_case() -> None:
    mid = REFERENCE.set(
        "quick.response_cache=30%..40%..50%", "quick.routing=20%..30%..40%", "quick.batch=10%..15%..20%",
        "quick.prompt=5%..10%..15%",
    )  # fmt: skip
    swings = {each.name: each.swing_usd for each in tornado(mid)}
    assert swings["quick.response_cache"] == Decimal("46267.20")
    assert swings["quick.routing"] == Decimal("39657.60")
    assert swings["quick.batch"] == Decimal("16329.60")
    assert swings["quick.prompt"] == Decimal("15422.40")
    assert list(swings.values()) == sorted(swings.values(), reverse=True)


def test_the_low_and_high_of_a_lognormal_are_its_p10_and_p90() -> None:
    (swing,) = tornado(only("demand.daily_users", "0.10"))
    spread = lognorm(np.sqrt(np.log(1.01)), scale=100_000 / np.sqrt(1.01))
    assert [float(swing.low), float(swing.high)] == pytest.approx(spread.ppf([0.1, 0.9]), rel=1e-9)


def test_an_unpriced_model_is_not_simulated() -> None:
    unknown = REFERENCE.set("prices.model=nobody/knows-this")
    assert simulate(unknown, draws=100) is None
    assert tornado(unknown) == ()


@pytest.mark.parametrize(
    ("draws", "seed", "option"), [(99, 0, "--draws 99"), (10**7, 0, "--draws"), (100, -1, "--seed -1")]
)
def test_draws_and_seed_have_a_range(draws: int, seed: int, option: str) -> None:
    with pytest.raises(BadInput, match=option):
        simulate(REFERENCE, draws=draws, seed=seed)
