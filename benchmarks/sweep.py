"""What a sweep's rule holds: simulated candidates whose true scores are known are raced, picked and confirmed.

    python benchmarks/sweep.py --json FILE

Every question is as hard for all candidates, so that their scores hang together as real ones do; a candidate answers
it right with its own chance, and what is right is graded. The goals: the truly best is stopped in at most 5 % of
sweeps, and at most 5 % say "better than the baseline" of what is not. Calls no model; some minutes.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import numpy as np
import orjson
from numpy.typing import NDArray

from workbench.stats import wilson
from workbench.sweeping import race

CANDIDATES, PICKING, HELD_OUT, SWEEPS = 12, 96, 96, 400
TOGETHER = 0.6
"""Chance that a candidate meets a question as the others do, not by a luck of its own."""
CLOSE = 0.01
GOAL = 0.05

LEVEL = 0.45
"""Chance of a right answer, of a candidate without an advantage."""

WORLDS: dict[str, tuple[str, Sequence[float]]] = {
    "all alike": ("graded", [0.0] * CANDIDATES),
    "a point apart": ("graded", [0.01 * place for place in range(CANDIDATES)]),
    "three points apart": ("graded", [0.03 * place for place in range(CANDIDATES)]),
    "one is ten points better": ("graded", [0.0] * (CANDIDATES - 1) + [0.1]),
    "half are twenty points worse": ("graded", [0.0] * (CANDIDATES // 2) + [-0.2] * (CANDIDATES // 2)),
    "right or wrong, five points apart": ("binary", [0.05 * (place % 6) for place in range(CANDIDATES)]),
    "the best is rarely much better and else a little worse": ("rare", [0.0] * (CANDIDATES - 1) + [0.02]),
}
"""What scores are like, and each candidate's advantage; the first is the baseline."""


def scores(kind: str, advantages: Sequence[float], random: np.random.Generator) -> NDArray[np.float64]:
    """A row for each candidate, a column for each question."""
    n = PICKING + HELD_OUT
    shared = random.random(n)
    own = random.random((len(advantages), n))
    luck = np.where(random.random((len(advantages), n)) < TOGETHER, shared, own)
    if kind == "rare":
        found = np.where(luck < LEVEL, 0.9, 0.1)
        # One question in twenty gains 0.8 and the others lose a little: a mean gain of 0.02.
        gains = np.where(random.random(n) < 1 / 20, 0.8, -0.02 / 0.95)
        found[-1] = np.clip(np.where(shared < LEVEL, 0.9, 0.1) + gains, 0, 1)
        found[:-1] = np.where(shared < LEVEL, 0.9, 0.1)
        return found
    right = luck < LEVEL + np.array(advantages)[:, None]
    if kind == "binary":
        return right.astype(float)
    return np.where(right, 1 - 0.5 * random.random((len(advantages), n)), 0.0)


def true_scores(kind: str, advantages: Sequence[float]) -> list[float]:
    """What each candidate scores over endless questions."""
    if kind == "rare":
        # The gain is cut off at 1: of what scores 0.9, 0.1 is left of 0.8, and of 0.1 the loss is whole.
        gained = (LEVEL * 0.1 + (1 - LEVEL) * 0.8) / 20 - 0.02
        base = LEVEL * 0.9 + (1 - LEVEL) * 0.1
        return [base] * (len(advantages) - 1) + [base + gained]
    worth = 1.0 if kind == "binary" else 0.75
    return [worth * (LEVEL + each) for each in advantages]


def raced(drawn: NDArray[np.float64], truth: Sequence[float]) -> dict[str, float]:
    """One sweep, as `workbench.sweeping.sweep` makes it."""
    names = [str(place) for place in range(len(truth))]
    looks = race.looks(PICKING)
    rule, alive, asked = race.Rule(len(names), len(looks)), list(names), 0
    done = 0
    for upto in looks:
        asked += len(alive) * (upto - done)
        done = upto
        some = {name: dict(zip(map(str, range(upto)), drawn[int(name), :upto], strict=True)) for name in alive}
        alive = [name for name in alive if name not in race.look(some, rule).left]
        if len(alive) == 1:
            break
    best = max(truth)
    means = {name: fmean(drawn[int(name), :PICKING]) for name in alive}
    prices = {name: race.Price(0.0, 100.0 + int(name), 1.0) for name in alive}
    picked = int(race.pick(means, prices, 0.02))
    halves = (slice(0, PICKING), slice(PICKING, None))
    both = [tuple(dict(enumerate(map(float, drawn[which, half]))) for half in halves) for which in (picked, 0)]
    found = race.confirm(both[0], None if picked == 0 else both[1])  # type: ignore[arg-type]
    better = found.verdict is not None and found.verdict.outcome == "better"
    return {
        "best_stopped": float(not any(truth[int(name)] >= best - 1e-12 for name in alive)),
        "close_stopped": float(not any(truth[int(name)] >= best - CLOSE for name in alive)),
        "falsely_better": float(better and truth[picked] <= truth[0] + 1e-12),
        "better": float(better),
        "stopped": (len(names) - len(alive)) / len(names),
        "saved": 1 - asked / (len(names) * PICKING),
        "regret": best - truth[picked],
        "optimism": found.optimism,
        "held_out_error": fmean(drawn[picked, PICKING:]) - truth[picked],
    }


def main() -> None:
    """Race, tell, and end with 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sweeps", type=int, default=SWEEPS)
    given = parser.parse_args()
    worlds, missed = {}, []
    for place, (name, (kind, advantages)) in enumerate(WORLDS.items()):
        random, truth = np.random.default_rng([2026, place]), true_scores(kind, advantages)
        found = [raced(scores(kind, advantages, random), truth) for _ in range(given.sweeps)]
        means = {key: fmean(each[key] for each in found) for key in found[0]}
        worlds[name] = means
        print(f"{name}: " + ", ".join(f"{key} {value:.3f}" for key, value in means.items()), flush=True)
        for key in ("best_stopped", "falsely_better"):
            # Missed is what chance does not explain.
            if wilson(means[key] * given.sweeps, given.sweeps).low > GOAL:
                missed.append(f"{name}: {key} {means[key]:.3f}")
    content = {
        "candidates": CANDIDATES,
        "picking": PICKING,
        "held_out": HELD_OUT,
        "sweeps": given.sweeps,
        "looks": race.looks(PICKING),
        "goal": GOAL,
        "worlds": worlds,
        "missed": missed,
    }
    if given.json:
        given.json.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
    print("\n".join(missed) or "all goals reached")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
