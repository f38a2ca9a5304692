"""Erlang C against its textbook sum, and the reference's slots."""

from decimal import Decimal
from math import exp, factorial

import numpy as np
import pytest

from workbench.planning import Scenario, bill
from workbench.planning.arithmetic import Draws
from workbench.planning.capacity import Target, by_hour, erlang_c, hourly_factors, in_time, size, slots_for

REFERENCE = Scenario.load("reference")
LOAD = 9_000_000 / (30 * 86_400) * 1.9 * 8


def textbook(slots: int, load: float) -> float:
    """Without recursion: the queueing term over all terms."""
    queueing = load**slots / factorial(slots) * slots / (slots - load)
    return queueing / (sum(load**k / factorial(k) for k in range(slots)) + queueing)


def test_known_values() -> None:
    assert erlang_c(1, 0.5) == pytest.approx(0.5, abs=1e-12)
    assert erlang_c(2, 1) == pytest.approx(1 / 3, abs=1e-12)
    assert erlang_c(14, 10) == pytest.approx(0.1741319335, abs=1e-10)
    assert erlang_c(3, 3) == erlang_c(3, 5) == 1.0


@pytest.mark.parametrize(("slots", "load"), [(1, 0.1), (5, 4.9), (30, 22.5), (62, LOAD)])
def test_erlang_c_is_the_textbook_sum(slots: int, load: float) -> None:
    assert erlang_c(slots, load) == pytest.approx(textbook(slots, load), rel=1e-9)


def test_slots_of_the_reference() -> None:
    assert pytest.approx(52.78, abs=0.005) == LOAD
    assert [slots_for(LOAD, *target, 8) for target in ((0.80, 0), (0.95, 1), (0.99, 2))] == [61, 62, 63]
    found = bill(REFERENCE).capacity
    assert (found.slots, found.replicas, found.clamped) == (62, 16, "")


def test_the_fewest_slots_are_just_above_the_load() -> None:
    assert slots_for(0.5, 0.5, 0, 8) == 1  # C(1, .5) = .5: half of the calls start at once
    assert slots_for(0.5, 0.51, 0, 8) == 2
    assert slots_for(3.0, 0.0, 0, 8) == 4  # with 3 the queue grows for ever


def test_one_slot_less_misses_the_target() -> None:
    for share, seconds in ((0.80, 0), (0.95, 1), (0.99, 2)):
        slots = slots_for(LOAD, share, seconds, 8)
        late = [textbook(each, LOAD) * exp(-(each - LOAD) * seconds / 8) for each in (slots, slots - 1)]
        assert 1 - late[0] >= share > 1 - late[1]
        assert in_time(slots, LOAD, seconds, 8) == pytest.approx(1 - late[0])


def test_replicas_are_clamped_and_say_so() -> None:
    target = Target(8, 0.95, 1, 4, 3, 20)
    assert size(0.01, target).clamped == "min"
    assert size(0.01, target).replicas == 3
    heavy = size(40.0, target)
    assert (heavy.clamped, heavy.replicas) == ("max", 20)
    assert heavy.slots > 80
    assert size(0.0, target).slots == 0


def test_cached_and_deferrable_queries_wait_for_nobody() -> None:
    plain = bill(REFERENCE).capacity.calls_per_second
    half = bill(REFERENCE.set("response_cache.hit_rate=50%")).capacity.calls_per_second
    patient = bill(REFERENCE.set("channels.deferrable=25%")).capacity.calls_per_second
    assert (half / plain, patient / plain) == (pytest.approx(0.5), pytest.approx(0.75))


def test_without_a_peak_factor_the_hourly_table_decides() -> None:
    found = bill(REFERENCE.set("load.peak=none")).capacity.calls_per_second
    # The busiest hour 1.34 of a table whose mean is 24.01 / 24, on a weekday: 7 * 1.76 / (5 * 1.76 + 2).
    assert found == pytest.approx(9e6 / (30 * 86_400) * 1.34 / (24.01 / 24) * 7 * 1.76 / 10.8)


def test_hours_of_a_week_average_to_one() -> None:
    week = [hourly_factors(REFERENCE.values)] * 5 + [hourly_factors(REFERENCE.values, weekend=True)] * 2
    assert sum(map(sum, week)) / (7 * 24) == pytest.approx(1)
    assert week[0][0] / week[6][0] == pytest.approx(1.76)


def test_a_peak_factor_multiplies_each_hour() -> None:
    calls = 300_000.0
    plain = by_hour(calls, REFERENCE.set("load.peak=none").values)
    peaked = by_hour(calls, REFERENCE.set("load.peak=2").values)
    assert len(plain) == 24
    assert [each.calls_per_second / 2 for each in peaked] == pytest.approx([each.calls_per_second for each in plain])


def test_a_bill_shows_the_hours_of_a_weekday() -> None:
    hours = bill(REFERENCE).hours
    assert len(hours) == 24
    # The hour of 1.34 at 300,000 calls a day, on a weekday, times the peak factor.
    busiest = 300_000 / 86_400 * 1.34 / (24.01 / 24) * 7 * 1.76 / 10.8 * 1.9
    assert max(each.calls_per_second for each in hours) == pytest.approx(busiest)


def test_replicas_of_many_loads_are_those_of_each() -> None:
    target = Target.of(REFERENCE.values)
    loads = np.linspace(0, 12, 400)
    assert list(Draws().replicas(loads, target)) == [size(float(each), target).replicas for each in loads]


def test_nothing_asked_needs_nothing() -> None:
    assert bill(REFERENCE.set("demand.daily_users=0")).capacity.slots == 0
    assert bill(REFERENCE.set("demand.days=0")).total_usd == Decimal("6500.00")
