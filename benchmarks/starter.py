"""The main job from an installed environment: seconds and the memory of its largest process; and `import workbench`."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
AIM_SECONDS, AIM_MIB, AIM_IMPORT_SECONDS = 120.0, 1024.0, 0.3


def watched(command: list[str]) -> tuple[float, dict[str, float]]:
    """Seconds of a command, and peak resident MiB of each of its processes by what it runs."""
    began = time.perf_counter()
    peaks: dict[str, float] = {}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        parent = psutil.Process(process.pid)
        while process.poll() is None:
            for each in _family(parent):
                try:
                    name = " ".join(word for word in each.cmdline()[1:5] if not word.isdigit()).replace("-m ", "")
                    peaks[name] = max(peaks.get(name, 0.0), each.memory_info().rss / 2**20)
                except psutil.Error:
                    continue
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
    if process.returncode:
        raise SystemExit(f"the command failed with exit code {process.returncode}")
    return time.perf_counter() - began, peaks


def _family(parent: psutil.Process) -> list[psutil.Process]:
    try:
        return [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return []


def import_seconds(repeats: int = 5) -> float:
    """Median wall time of `import workbench` in a fresh interpreter, without the interpreter's own start."""
    script = "import time; t = time.perf_counter(); import workbench; print(time.perf_counter() - t)"
    times = [
        float(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)
        for _ in range(repeats)
    ]
    return statistics.median(times)


def main() -> int:
    """Print the figures; 1 where an aim is not reached."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        workload = str(ROOT / "datasets" / "starter")
        seconds, peaks = watched(
            [sys.executable, "-m", "workbench.cli", "run", workload, "--track", "both", "--out", scratch]
        )
    loading = import_seconds()
    for name, mib in sorted(peaks.items(), key=lambda item: -item[1]):
        print(f"{mib:7.0f} MiB  {name[:80]}")
    largest = max(peaks.values())
    aims = (
        (f"main job {seconds:.1f} s, aim {AIM_SECONDS:.0f} s", seconds < AIM_SECONDS),
        (f"largest process {largest:.0f} MiB, aim {AIM_MIB:.0f} MiB", largest < AIM_MIB),
        (f"import workbench {loading:.3f} s, aim {AIM_IMPORT_SECONDS} s", loading < AIM_IMPORT_SECONDS),
    )
    for what, reached in aims:
        print(f"{what}: {'reached' if reached else 'short of it'}")
    if given.json:
        given.json.write_text(json.dumps({"seconds": seconds, "import_seconds": loading, "peak_mib": peaks}, indent=2))
    return 0 if all(reached for _, reached in aims) else 1


if __name__ == "__main__":
    sys.exit(main())
