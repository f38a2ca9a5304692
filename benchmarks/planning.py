"""How fast a bill, a simulation and the command answer: each repeated, with its spread, beside what it must reach.

One bill: the optimised scenario, total and cents, from its inputs. Simulation: 10,000 draws over 36 months with growth,
season and rollout, percentiles included. The command: `workbench plan reference` as a process of its own, start to end.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from workbench.planning import Scenario, bill, savings
from workbench.planning.months import steps
from workbench.planning.plan import plan
from workbench.planning.simulate import simulate

COMMAND = "import sys; sys.argv = ['workbench', 'plan', 'reference']; from workbench.cli import main; main()"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    optimised = Scenario.load("optimised")
    grown = optimised.set(
        "demand.growth=2%", "demand.rollout=10/25/50/100%", "demand.season=" + ",".join(["1", "0.9"] * 6)
    )
    months = steps(grown, 36)

    def simulated() -> None:
        found = simulate(grown, months)
        assert found is not None and found.percentiles and found.by_month

    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} before: other work makes wall time longer than CPU time")
    results = [
        measure("one bill", 1.0, options.repeats, lambda: bill(optimised).total_usd, inner=200),
        measure("levers of five (32 bills)", None, options.repeats, lambda: savings(optimised), inner=10),
        measure("10,000 draws x 36 months", 150.0, options.repeats, simulated),
        measure("a whole plan of 36 months", None, options.repeats, lambda: plan(grown, months_ahead=36).to_dict()),
        measure("workbench plan reference", 1500.0, options.repeats, command),
    ]
    for each in results:
        must = f"must be below {each['must_ms']:g}" if each["must_ms"] else ""
        print(
            f"{each['name']:28} median {each['median_ms']:9.3f} ms   {each['least_ms']:9.3f} to "
            f"{each['most_ms']:9.3f}   CPU {each['cpu_ms']:9.3f}   {must}"
        )
    if options.json:
        options.json.write_text(json.dumps({"load": load, "results": results}, indent=2) + "\n")
    if any(each["must_ms"] and each["median_ms"] >= each["must_ms"] for each in results):
        sys.exit(1)


def measure(name: str, must_ms: float | None, repeats: int, work: Callable[[], object], inner: int = 1) -> dict:
    """Median, least and most wall milliseconds of so many repeats, and the median CPU of process and children."""
    work()
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), used()
        for _ in range(inner):
            work()
        walls.append((time.perf_counter() - wall) / inner * 1000)
        cpus.append((used() - cpu) / inner * 1000)
    return {
        "name": name,
        "must_ms": must_ms,
        "repeats": repeats,
        "median_ms": statistics.median(walls),
        "least_ms": min(walls),
        "most_ms": max(walls),
        "cpu_ms": statistics.median(cpus),
    }


def used() -> float:
    """CPU seconds of this process and of its ended children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def command() -> None:
    """The command, as a shell starts it."""
    subprocess.run([sys.executable, "-c", COMMAND], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
