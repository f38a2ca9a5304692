"""How often the gate catches a slow backend, and how often it cries wolf: the whole gate, all backends, by simulation.

CPU times are drawn anew for baseline and candidate: every backend's own level, every question's, the spread of single
answers as a saved experiment has it, and what moves a backend as a whole from run to run and from round to round, which
no interval over questions knows. With several experiments of the same command, every ordered pair of them is gated too,
as they are and with one backend slowed down. Must reach, with a baseline of four rounds and a run of three as
benchmarks/ci/rag-gate.yml has them: 15 % caught in at least 90 %, a false alarm in at most 5 % plus the binomial
margin.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np

from workbench.comparison import CONTROL
from workbench.errors import BadInput
from workbench.gating.judging import judge
from workbench.gating.outcome import SPEED, Result
from workbench.gating.snapshot import Cell, Snapshot
from workbench.gating.speed import TOLERANCE
from workbench.gating.taking import Taken, take
from workbench.runs.store import Experiment
from workbench.stats import wilson

REPEATS = 2_000
PLANTED = 0.15
ROUNDS, BASELINE_ROUNDS = 3, 4
"""What the workflow for users' repositories asks for."""
PLANTS = (0.05, 0.10, PLANTED, 0.20, 0.30)
MOST = 0.05 + 1.645 * (0.05 * 0.95 / REPEATS) ** 0.5

Row = dict[str, Any]


class Times:
    """CPU times like those of an experiment, drawn anew."""

    def __init__(self, snapshot: Snapshot, between_runs: float, between_rounds: float, seed: int) -> None:
        self._between, self._random = (between_runs, between_rounds), np.random.default_rng(seed)
        self._names, self._cells = list(snapshot.cells), list(snapshot.cells.values())
        self._questions = sorted(
            set.intersection(*({*by} for cell in snapshot.cells.values() for by in cell.cpu_ms.values()))
        )
        logs = np.array(
            [
                np.mean([[np.log(by[name]) for name in self._questions] for by in cell.cpu_ms.values()], axis=0)
                for cell in snapshot.cells.values()
            ]
        )
        self._level, self._question = logs.mean(axis=1), logs.mean(axis=0) - logs.mean()
        self._rest = logs - self._level[:, None] - self._question

    def spread(self) -> float:
        """Standard deviation of one answer's time on the log scale, its backend and question known."""
        return float(self._rest.std())

    def draw(self, rounds: int) -> dict[str, dict[int, dict[str, float]]]:
        """Times of one run, by cell, round and question."""
        found: dict[str, dict[int, dict[str, float]]] = {}
        count = len(self._questions)
        for place, name in enumerate(self._names):
            # What moves is the multiple of the control's time, so the control itself stays.
            between = (0.0, 0.0) if self._cells[place].backend == CONTROL else self._between
            run = self._random.normal(0, between[0])
            found[name] = {}
            for turn in range(1, rounds + 1):
                rest = self._random.choice(self._rest[place], count)
                shift = run + self._random.normal(0, between[1])
                times = np.exp(self._level[place] + self._question + rest + shift)
                found[name][turn] = dict(zip(self._questions, times.tolist(), strict=True))
        return found


def timed(snapshot: Snapshot, times: dict[str, dict[int, dict[str, float]]]) -> Snapshot:
    """The same experiment with other times."""
    return replace(snapshot, cells={name: replace(cell, cpu_ms=times[name]) for name, cell in snapshot.cells.items()})


def slowed(snapshot: Snapshot, name: str, share: float) -> Snapshot:
    """The same experiment with one backend slower in every round."""
    cell = snapshot.cells[name]
    slow: Cell = replace(
        cell,
        cpu_ms={turn: {key: value * (1 + share) for key, value in by.items()} for turn, by in cell.cpu_ms.items()},
    )
    return replace(snapshot, cells=snapshot.cells | {name: slow})


def gated(now: Snapshot, base: Snapshot, tolerance: float) -> Result:
    """The whole gate."""
    margin = [f"CPU={100 * tolerance:g}%"]
    return judge(Taken(now, {}), base, folder=Path(), baseline=Path(), margin=margin)


def caught(result: Result, name: str) -> bool:
    """Whether this backend was called slower."""
    return any(check.cell == name and check.name == SPEED for check in result.of("regression"))


def backends(snapshot: Snapshot) -> list[str]:
    """Cells that speed is gated of."""
    return [name for name, cell in snapshot.cells.items() if cell.backend != CONTROL]


def simulated(snapshot: Snapshot, times: Times, rounds: int, repeats: int, share: float, tolerance: float) -> Row:
    """Baseline and candidate drawn so often; one backend after the other is slowed down in the candidate."""
    names, hits, others, undecided = backends(snapshot), 0, 0, 0
    for repeat in range(repeats):
        base, now = (timed(snapshot, times.draw(turns)) for turns in (BASELINE_ROUNDS, rounds))
        name = names[repeat % len(names)]
        result = gated(slowed(now, name, share) if share else now, base, tolerance)
        worse = [check.cell for check in result.of("regression")]
        hits += caught(result, name) if share else bool(worse)
        others += bool(share) and any(cell != name for cell in worse)
        undecided += result.outcome == "inconclusive"
    found = wilson(hits, repeats)
    return {
        "planted": share,
        "rounds": rounds,
        "baseline_rounds": BASELINE_ROUNDS,
        "repeats": repeats,
        "share": hits / repeats,
        "interval": [found.low, found.high],
        "others": others / repeats,
        "inconclusive": undecided / repeats,
    }


def real(snapshots: list[Snapshot], share: float, tolerance: float) -> Row:
    """Every ordered pair of experiments; every backend is slowed down in the candidate, one at a time."""
    names, hits, tried = backends(snapshots[0]), dict.fromkeys(backends(snapshots[0]), 0), 0
    alarms = 0
    for base, now in permutations(snapshots, 2):
        tried += 1
        if share:
            found = {name: caught(gated(slowed(now, name, share), base, tolerance), name) for name in names}
        else:
            result = gated(now, base, tolerance)
            found = {name: caught(result, name) for name in names}
            alarms += result.outcome == "regression"
        hits = {name: hits[name] + found[name] for name in names}
    return {
        "planted": share,
        "experiments": len(snapshots),
        "pairs": tried,
        "share": sum(hits.values()) / tried / len(names) if share else alarms / tried,
        "by_backend": {name: count / tried for name, count in hits.items()},
    }


def told(rows: list[Row]) -> Iterator[str]:
    """Lines of text."""
    for row in rows:
        what = f"{row['planted']:.0%} slower caught" if row["planted"] else "unchanged, false alarm"
        detail = {name: value for name, value in row.items() if name not in ("planted", "share")}
        yield f"  {what:24} {row['share']:6.1%}   {json.dumps(detail)}"


def main() -> int:
    """Measure, print, and write what was asked for; 1 where it falls short."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folders", type=Path, nargs="+", help="a saved experiment, or several of one command")
    options.add_argument("--between-runs", type=float, default=0.015, help="of a multiple, on the log scale")
    options.add_argument("--between-rounds", type=float, default=0.03, help="the same within a run")
    options.add_argument("--tolerance", type=float, default=TOLERANCE.width, help="of the gate")
    options.add_argument("--track", default="parity")
    options.add_argument("--repeats", type=int, default=REPEATS)
    options.add_argument("--json", type=Path, help="write the figures here")
    given, started = options.parse_args(), time.process_time()
    try:
        snapshots = [take(Experiment.open(folder)).snapshot for folder in given.folders]
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    snapshots = [
        replace(one, cells={name: cell for name, cell in one.cells.items() if cell.track == given.track})
        for one in snapshots
    ]
    times = Times(snapshots[0], given.between_runs, given.between_rounds, seed=0)
    rows = [
        simulated(
            snapshots[0],
            times,
            rounds,
            given.repeats if share in (0, PLANTED) else given.repeats // 4,
            share,
            given.tolerance,
        )
        for rounds in (1, 2, ROUNDS)
        for share in (0.0, *PLANTS)
    ]
    pairs = [real(snapshots, share, given.tolerance) for share in (0.0, PLANTED)] if len(snapshots) > 1 else []
    found = {(row["rounds"], row["planted"]): row for row in rows}
    quiet, seen = found[ROUNDS, 0.0], found[ROUNDS, PLANTED]
    reached = quiet["share"] <= MOST and seen["share"] >= 0.9
    print(
        f"{len(snapshots[0].cells)} cells, spread of one answer {times.spread():.3f}, between runs "
        f"{given.between_runs}, between rounds {given.between_rounds} (log scale), tolerance {given.tolerance:g}"
    )
    print(*told(rows), sep="\n")
    if pairs:
        print("real runs", *told(pairs), sep="\n")
    print(
        f"15 % in {ROUNDS} rounds caught in 90 %, false alarms at most {MOST:.1%}: {'reached' if reached else 'short'}"
    )
    print(f"{time.process_time() - started:.0f} s of CPU")
    if given.json:
        content = {
            "reached": reached,
            "spread": times.spread(),
            "between_runs": given.between_runs,
            "between_rounds": given.between_rounds,
            "simulated": rows,
            "real": pairs,
        }
        given.json.write_text(json.dumps(content, indent=2) + "\n")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
