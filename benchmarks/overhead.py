"""What a framework costs on top of the control: extra CPU milliseconds a question, paired, with 95 % intervals.

Protocol. 100 questions of one tenant of the enterprise workload, asked 5 times, are put to all six backends by one
`workbench run --rounds 5` on the parity track: the same passages, vectors, k and prompts, embedded models, one question
at a time, the order of backends rotated from question to question and from round to round. Measured is CPU of the
backend's own worker process, all threads, from the question's arrival to its reply: search, prompt and client are in
it; the models, which run in the gateway's process, are not. Each backend's CPU less the control's (`plain`: FAISS and
an HTTP client) on the same question in the same round is one observation; the mean's interval is Student's over
questions as clusters, since repeats are no new questions, and the ratio is the geometric mean of backend / control.
`framework_cpu_ms` is the same as `workbench run` tells it: the median over questions. Wall time is secondary, for it
depends on what else the machine does: it is what lies outside model calls, as charged, less the control's, at the 50th
and 95th percentile of all pairs, with percentile bootstraps that draw whole questions. What moves a backend as a whole
from round to round no interval over questions tells; so each round's own mean is given too.
Must reach: no failure, byte-equal prompts throughout, and each interval within 10 % of its overhead.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))
import conditions
from squad import workbench

from workbench import comparison
from workbench.records import Answer
from workbench.runs.store import Experiment, Run
from workbench.scores import latency
from workbench.stats import Interval, mean_interval, paired_ratio
from workbench.stats.clusters import FEWEST

ROOT = Path(__file__).parents[1]
QUESTIONS, REPEATS = 100, 5
WITHIN = 0.10
"""Half of an interval, as a share of the overhead."""
DRAWS = 2_000

Key = tuple[int, str]
"""Round and question."""
Row = dict[str, Any]


def outside_calls(run: Run) -> dict[Key, float]:
    """Seconds of each answer that lie outside its calls of models: search and what the backend does around both."""
    answers = run.answers()
    counted = latency.counted_calls(answers.values(), run.calls())
    found = {}
    for key, answer in answers.items():
        if answer.failure is None:
            parts = latency.split(answer, counted[answer.attempt])
            found[key] = parts.framework + (parts.retrieval or 0.0)
    return found


def compared(run: Run, control: Run, rounds: int) -> Row:
    """One backend beside the control, over questions that both answered in every round."""
    after, before = run.answers(), control.answers()
    turns = range(1, rounds + 1)
    names = sorted(
        {name for _, name in after if all(_answered(of, turn, name) for of in (after, before) for turn in turns)}
    )
    keys = [(turn, name) for turn in turns for name in names]
    clusters = [name for _, name in keys]
    new, old = ([1000 * of[key].cpu_seconds for key in keys] for of in (after, before))
    extra = [a - b for a, b in zip(new, old, strict=True)]
    interval, ratio = mean_interval(extra, clusters=clusters), paired_ratio(new, old, clusters=clusters)
    by_round = {turn: float(np.mean(extra[at * len(names) : (at + 1) * len(names)])) for at, turn in enumerate(turns)}
    wall_after, wall_before = outside_calls(run), outside_calls(control)
    walls = np.array([[1000 * (wall_after[turn, name] - wall_before[turn, name]) for turn in turns] for name in names])
    return {
        "questions": len(names),
        "rounds": rounds,
        "pairs": len(keys),
        "failed": sum(answer.failure is not None for answer in after.values()),
        "positions": dict(sorted(Counter(answer.position for answer in after.values()).items())),
        "cpu_ms": float(np.mean(new)),
        "control_cpu_ms": float(np.mean(old)),
        "extra_cpu_ms": float(np.mean(extra)),
        "extra_cpu_ms_interval": interval and asdict(interval),
        "extra_cpu_ms_by_round": by_round,
        "cpu_ratio": ratio.value,
        "cpu_ratio_interval": asdict(ratio.interval),
        "extra_wall_ms": {f"p{100 * share:.0f}": float(np.quantile(walls, share)) for share in (0.5, 0.95)},
        "extra_wall_ms_intervals": {f"p{100 * share:.0f}": asdict(drawn(walls, share)) for share in (0.5, 0.95)},
    }


def _answered(answers: Mapping[Key, Answer], turn: int, name: str) -> bool:
    return (turn, name) in answers and answers[turn, name].failure is None


def drawn(values: NDArray[np.float64], share: float) -> Interval:
    """Percentile bootstrap of a quantile of all values, rows drawn whole. Source: Efron & Tibshirani (1993), 13.3."""
    random = np.random.default_rng(0)
    ends = [np.quantile(values[random.integers(0, len(values), len(values))], share) for _ in range(DRAWS)]
    low, high = np.quantile(ends, (0.025, 0.975))
    return Interval(
        float(low), float(high), values.size, f"percentile bootstrap of {DRAWS} over {len(values)} clusters"
    )


def measured(experiment: Experiment, rounds: int) -> tuple[dict[str, Row], dict[str, int]]:
    """Each backend beside the control, and whether all were asked alike."""
    report = comparison.report(experiment)
    control, found = experiment.run(comparison.CONTROL, "parity"), {}
    for name, tracks in report["backends"].items():
        if name != comparison.CONTROL:
            found[name] = compared(experiment.run(name, "parity"), control, rounds)
            found[name]["framework_cpu_ms"] = tracks["parity"]["framework_cpu_ms"]
    return found, report["parity"]


def short(rows: Mapping[str, Row], parity: Mapping[str, int], questions: int, rounds: int) -> list[str]:
    """What is not as it must be."""
    found = []
    if not parity["equal_prompts"] == parity["equal_passages"] == parity["questions"] == questions * rounds:
        found.append(f"not all were asked alike: {dict(parity)}")
    for name, row in rows.items():
        if row["failed"] or row["pairs"] < questions * rounds:
            found.append(f"{name}: {row['failed']} failed, {row['pairs']} pairs of {questions * rounds}")
        interval = row["extra_cpu_ms_interval"]
        half = (interval["high"] - interval["low"]) / 2 if interval else 0.0
        if half > WITHIN * abs(row["extra_cpu_ms"]):
            found.append(f"{name}: {row['extra_cpu_ms']:.2f} ms is known to within {half:.2f} ms only")
    return found


def told(rows: Mapping[str, Row]) -> Iterator[str]:
    """Lines of the table."""
    first = next(iter(rows.values()))
    yield f"control: {first['control_cpu_ms']:.2f} ms of CPU a question; beyond it, milliseconds a question:"
    heads = (
        ("", 16),
        (" pairs", 8),
        ("CPU [95 %]", 22),
        ("by round", 14),
        ("ratio [95 %]", 20),
        ("wall p50 [95 %]", 21),
    )
    yield "".join(f"{head:{width}}" for head, width in heads) + "wall p95 [95 %]"
    for name, row in rows.items():
        turns = row["extra_cpu_ms_by_round"].values()
        cpu, ratio = row["extra_cpu_ms_interval"], row["cpu_ratio_interval"]
        walls = [
            f"{row['extra_wall_ms'][p]:.1f} [{row['extra_wall_ms_intervals'][p]['low']:.1f}, "
            f"{row['extra_wall_ms_intervals'][p]['high']:.1f}]"
            for p in ("p50", "p95")
        ]
        spread = f"[{cpu['low']:.2f}, {cpu['high']:.2f}]" if cpu else "no spread"
        between = f"{row['cpu_ratio']:.2f} [{ratio['low']:.2f}, {ratio['high']:.2f}]"
        by_round = f"{min(turns):.1f} to {max(turns):.1f}"
        yield (
            f"{name:16}{row['pairs']:6}  {row['extra_cpu_ms']:5.2f} {spread:16}{by_round:14}"
            f"{between:22}{walls[0]:21}{walls[1]}"
        )


def main() -> int:
    """Measure, print, and write what was asked for; 1 where it falls short."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("workload", nargs="?", type=Path, default=ROOT / "datasets" / "enterprise")
    options.add_argument("--tenants", default="merrow-bank", help="all, or ids with commas")
    options.add_argument("--questions", type=int, default=QUESTIONS, help=f"{FEWEST} or more")
    options.add_argument("--repeats", type=int, default=REPEATS)
    options.add_argument("--out", type=Path, help="keep the experiment here, and go on with it; else it is removed")
    options.add_argument("--json", type=Path, help="write the figures here")
    given = options.parse_args()
    if given.questions < FEWEST:
        options.error(f"--questions {given.questions}: an interval over questions needs {FEWEST} or more")
    with tempfile.TemporaryDirectory() as scratch:
        out = given.out or Path(scratch, "run")
        words = ("--tenants", given.tenants, "--questions", str(given.questions), "--rounds", str(given.repeats))
        workbench("run", str(given.workload), *words, "--track", "parity", "--out", str(out))
        experiment = Experiment.open(out)
        rows, parity = measured(experiment, given.repeats)
        about = conditions.of(experiment)
    missing = short(rows, parity, given.questions, given.repeats)
    machine = about["machine"]
    print(f"\n{given.questions} questions x {given.repeats} repeats, {machine['processor']}, {machine['cores']} cores")
    print(*told(rows), sep="\n")
    print(*missing, sep="\n", end="\n" if missing else "")
    print(f"overhead of {len(rows)} frameworks to within {WITHIN:.0%}: {'short of it' if missing else 'reached'}")
    if given.json:
        content = {
            "protocol": __doc__,
            "full_protocol": (given.questions, given.repeats) == (QUESTIONS, REPEATS),
            **about,
            "tenants": given.tenants,
            "parity": parity,
            "reached": not missing,
            "short_of": missing,
            "backends": rows,
        }
        given.json.write_text(json.dumps(content, indent=2) + "\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
