"""The app on a warm server: seconds until a page is first painted and until it is whole; memory with 20 visitors.

First painted is a page when its title can be read; whole, when its script has ended and its title is there. Every
visitor comes with an empty browser cache. Beside the wall time stand the server's CPU time of a page, and how long
Streamlit takes for a page with nothing but a title, in turn with the others: on a machine that does other work, these
tell what the app itself adds.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from workbench.pages.script import PAGES

AIM_SECONDS, AIM_MIB = 2.0, 1024.0
VISITORS, REPEATS = 20, 7
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
PATHS = ["", *(path for _, _, path in PAGES[1:])]
TITLE = "[data-testid='stApp'] h1"
WHOLE = "[data-testid='stApp'][data-test-script-state='notRunning'] h1"


APP = ("-m", "workbench.cli", "app", "--no-browser")
BARE = """
import sys, streamlit as st
from streamlit.web.cli import main
from workbench.app_command import _port
if st.runtime.exists():
    st.title("Nothing")
else:
    port = str(_port("127.0.0.1", None))
    print(f"http://localhost:{port}", flush=True)
    main(["run", sys.argv[0], "--server.port", port, "--server.headless", "true", "--server.address", "127.0.0.1",
          "--browser.serverAddress", "localhost", "--browser.gatherUsageStats", "false"])
"""


@contextmanager
def server(*words: str) -> Iterator[tuple[str, psutil.Process]]:
    """The app with the shipped experiments, as on a first visit; or a script."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "said").open("w+") as said:
        (Path(folder) / "bare.py").write_text(BARE)
        command = [sys.executable, *words]
        with subprocess.Popen(command, cwd=folder, stdout=said, stderr=said) as process:
            try:
                yield _answering(process, Path(said.name)), psutil.Process(process.pid)
            finally:
                process.terminate()


def _answering(process: subprocess.Popen[bytes], said: Path) -> str:
    while process.poll() is None:
        words = said.read_text().split()
        try:
            if words:
                urllib.request.urlopen(f"{words[0]}/_stcore/health").close()
                return words[0]
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"the app did not start: {said.read_text()}")


class Paint(NamedTuple):
    """Seconds until the title is there, until the page is whole, and CPU seconds of the server."""

    first: float
    whole: float
    cpu: float


def paint(browser: Any, url: str, process: psutil.Process) -> Paint:
    """What a visitor waits for who has never been there."""
    before = sum(process.cpu_times()[:2])
    context = browser.new_context()
    page = context.new_page()
    began = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_selector(TITLE, timeout=120_000)
    first = time.perf_counter() - began
    page.wait_for_selector(WHOLE, timeout=120_000)
    whole = time.perf_counter() - began
    context.close()
    return Paint(first, whole, sum(process.cpu_times()[:2]) - before)


def crowd(browser: Any, url: str, process: psutil.Process) -> float:
    """MiB of the server while all visitors have a page open, four of each of the five pages."""
    contexts = []
    for number in range(VISITORS):
        contexts.append(browser.new_context())
        contexts[-1].new_page().goto(f"{url}/{PATHS[number % len(PATHS)]}", wait_until="commit")
    for context in contexts:
        context.pages[0].wait_for_selector(WHOLE, timeout=120_000)
    held = process.memory_info().rss / 2**20
    for context in contexts:
        context.close()
    return float(held)


def main() -> int:
    """Print the figures; 1 where an aim is not reached."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("no Chromium: apt-get install chromium")
    with server("bare.py") as (empty, other), server(*APP) as (url, process), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        pages = {path or "overview": (f"{url}/{path}", process) for path in PATHS} | {"bare": (empty, other)}
        first = {name: paint(browser, *page).whole for name, page in pages.items()}
        warm: dict[str, list[Paint]] = {name: [] for name in pages}
        for _ in range(REPEATS):
            for name, page in pages.items():
                warm[name].append(paint(browser, *page))
        load = os.getloadavg()[0]
        mib = crowd(browser, url, process)
        browser.close()
    medians = {
        name: Paint(*(statistics.median(column) for column in zip(*taken, strict=True))) for name, taken in warm.items()
    }
    bare = medians.pop("bare")
    print(f"{'bare':9} {bare.first:5.2f} s, whole {bare.whole:.2f} s, {bare.cpu:.2f} s CPU of the server")
    for name, median in medians.items():
        print(
            f"{name:9} {median.first:5.2f} s ({median.first / bare.first:.2f} of bare), "
            f"whole {median.whole:.2f} s ({median.whole / bare.whole:.2f} of bare), "
            f"{median.cpu:.2f} s CPU of the server; first visit {first[name]:.2f} s"
        )
    slowest = max(medians, key=lambda name: medians[name].first)
    seconds = medians[slowest].first
    aims = (
        (f"first paint of {slowest} {seconds:.2f} s, aim {AIM_SECONDS:.0f} s", seconds < AIM_SECONDS),
        (f"{VISITORS} visitors at once {mib:.0f} MiB, aim {AIM_MIB:.0f} MiB", mib < AIM_MIB),
    )
    for what, reached in aims:
        print(f"{what}: {'reached' if reached else 'short of it'}")
    if given.json:
        content = {
            "load": load,
            "first_visit_seconds": first,
            "first_paint_seconds": {name: [each.first for each in taken] for name, taken in warm.items()},
            "whole_seconds": {name: [each.whole for each in taken] for name, taken in warm.items()},
            "cpu_seconds": {name: median.cpu for name, median in medians.items()},
            "of_bare": {name: median.whole / bare.whole for name, median in medians.items()},
            "visitors": VISITORS,
            "mib": mib,
        }
        given.json.write_text(json.dumps(content, indent=2))
    return 0 if all(reached for _, reached in aims) else 1


if __name__ == "__main__":
    sys.exit(main())
