"""Makes what the app opens with: real runs, left with what it reads, packed and small; attacks; isolation study."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from workbench import lines

ROOT = Path(__file__).parents[1]
TENANTS, QUESTIONS, PRICED_AS = "caldervale-hospitals,merrow-bank", "60", "gpt-4o-mini"
WORKLOAD = ("datasets/enterprise", "--tenants", TENANTS, "--questions", QUESTIONS, "--price-as", PRICED_AS)
EXPERIMENTS = {
    "off": ("--track", "both"),
    "redact": ("--track", "parity", "--privacy", "redact"),
    "reject": ("--track", "parity", "--privacy", "reject"),
}
"""By folder: what is asked for beyond the workload. All six backends, texts kept."""

AIM_FILE_MB, AIM_MB = 1.0, 6.0
_NOT_READ = ("calls.jsonl",)
"""In folders called texts: what was sent and received. A judge and a recount of leaks read it, the app does not; the
store takes what is not there for not kept."""


def run(name: str, folder: Path) -> None:
    """Make one experiment; a folder that is there already is gone on with."""
    command = [sys.executable, "-m", "workbench.cli", "run", *WORKLOAD, *EXPERIMENTS[name], "--out", str(folder)]
    code = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL).returncode
    # What the policy refuses fails, as it must, and the command says so by 3.
    if code != 0 and (code, name) != (3, "reject"):
        raise SystemExit(f"{name}: the run ended with exit code {code}")


def studies(made: Path, showcase: Path) -> None:
    """Attacks, tried on all tenants, and the isolation study as benchmarks/isolation.py left it."""
    report = made / "attack.json"
    if not report.exists():
        command = [sys.executable, "-m", "workbench.cli", "attack", WORKLOAD[0], "--track", "both"]
        out = ("--out", str(made / "attack"), "--json", str(report))
        if code := subprocess.run([*command, *out], cwd=ROOT, stdout=subprocess.DEVNULL).returncode:
            raise SystemExit(f"attack: the run ended with exit code {code}")
    content = json.loads(report.read_bytes())
    content["about"]["folder"] = "runs/attack"
    (showcase / "attack.json").write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
    shutil.copyfile(ROOT / "benchmarks" / "results" / "isolation.json", showcase / "isolation.json")


def keep(made: Path, place: Path) -> None:
    """Copy an experiment to where it is committed, without what the app does not read, each file of lines packed."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(made, place, ignore=shutil.ignore_patterns(".lock"))
    for texts in place.glob("**/texts"):
        for name in _NOT_READ:
            (texts / name).unlink(missing_ok=True)
    for path in sorted(place.glob("**/*.jsonl")):
        lines.pack(path)


def main() -> int:
    """Print the sizes; 1 where an aim is not reached."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--made", type=Path, metavar="DIR", help="runs are made, or found, in this folder")
    given = options.parse_args()
    showcase = ROOT / "benchmarks" / "showcase"
    with tempfile.TemporaryDirectory() as scratch:
        for name in EXPERIMENTS:
            made = (given.made or Path(scratch)) / name
            run(name, made)
            keep(made, showcase / name)
        studies(given.made or Path(scratch), showcase)
    sizes = {path: path.stat().st_size / 1e6 for path in showcase.rglob("*") if path.is_file()}
    largest = max(sizes, key=lambda path: sizes[path])
    aims = (
        (f"largest file {largest.relative_to(showcase)} {sizes[largest]:.2f} MB", sizes[largest] < AIM_FILE_MB),
        (f"all {len(sizes)} files {sum(sizes.values()):.2f} MB", sum(sizes.values()) < AIM_MB),
    )
    for what, reached in aims:
        print(f"{what}: {'reached' if reached else 'short of it'}")
    return 0 if all(reached for _, reached in aims) else 1


if __name__ == "__main__":
    sys.exit(main())
