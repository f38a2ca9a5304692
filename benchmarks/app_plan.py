"""CPU of one move of a control on the page Plan, at the median and at the 95th of 100, beside what it must reach.

The page runs in Streamlit's own test runner, whose work around the script is counted too; each move is another value of
the cache's lever, so that nothing of the plan was reckoned before, with all 10,000 draws. The second row has every
section open, as for printing.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

from streamlit.testing.v1 import AppTest

MUST_MS = {"a move, 10,000 draws": 50.0, "a move, every section open": 250.0}
SECTIONS = {"a move, 10,000 draws": "", "a move, every section open": "All, to print"}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=100)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} before")
    results = [measure(name, options.moves) for name in SECTIONS]
    for each in results:
        print(
            f"{each['name']:28} median {each['median_ms']:6.1f} ms   p95 {each['p95_ms']:6.1f} ms   must be at most "
            f"{each['must_ms']:g}   ratio {each['ratio']:.2f}"
        )
    if options.json:
        options.json.write_text(json.dumps({"load": load, "results": results}, indent=2) + "\n")
    if any(each["ratio"] > 1 for each in results):
        sys.exit(1)


def measure(name: str, moves: int) -> dict:
    """CPU milliseconds of this process over so many moves, after five that warm it up."""
    app = AppTest.from_function(script, default_timeout=120)
    if SECTIONS[name]:
        app.query_params["show"] = SECTIONS[name]
    app.run()
    spent = []
    for move in range(moves + 5):
        lever = app.slider(key="cache").set_value(float(1 + move % 99))
        before = time.process_time()
        lever.run()
        spent.append((time.process_time() - before) * 1000)
        assert not app.exception, app.exception
    median = statistics.median(spent[5:])
    return {
        "name": name,
        "must_ms": MUST_MS[name],
        "moves": moves,
        "median_ms": median,
        "p95_ms": statistics.quantiles(spent[5:], n=20)[-1],
        "ratio": median / MUST_MS[name],
    }


def script() -> None:
    """The page with the shipped experiments."""
    from workbench.pages import opened, plan, show

    opened.offer(())
    show.begin("Plan")
    plan.page()


if __name__ == "__main__":
    main()
