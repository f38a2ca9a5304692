"""CPU that the workbench adds to a question: runner, worker and gateway together, above bare loops of the same calls.

1,000 questions on `plain`, 16 at once, against an upstream that answers at once; start-up included. The bare loops make
one embeddings and one chat call a question with httpx and with aiohttp, and nothing else. All in one run.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from gateway import process

from workbench import workload as workloads
from workbench.records import Document, Question, Tenant, Workload
from workbench.workload.identity import workload_of

AIM_MS = 2.0

HTTPX = """
import asyncio, httpx, resource, sys
base, count, at_once = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
prompt = "word " * 800
async def main():
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        numbers = iter(range(count))
        async def ask():
            for number in numbers:
                got = await client.post(base + "/embeddings", json={"model": "instant", "input": [f"q {number}"]})
                got.json()
                got = await client.post(base + "/chat/completions", json={
                    "model": "instant", "messages": [{"role": "user", "content": prompt + str(number)}]})
                got.json()
        await asyncio.gather(*(ask() for _ in range(at_once)))
asyncio.run(main())
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime)
"""

AIOHTTP = """
import asyncio, aiohttp, resource, sys
base, count, at_once = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
prompt = "word " * 800
async def main():
    async with aiohttp.ClientSession() as client:
        numbers = iter(range(count))
        async def ask():
            for number in numbers:
                async with client.post(base + "/embeddings", json={"model": "instant", "input": [f"q{number}"]}) as got:
                    await got.json()
                async with client.post(base + "/chat/completions", json={
                    "model": "instant", "messages": [{"role": "user", "content": prompt + str(number)}]}) as got:
                    await got.json()
        await asyncio.gather(*(ask() for _ in range(at_once)))
asyncio.run(main())
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime)
"""

WHOLE = """
import resource, sys
from pathlib import Path
from workbench import workload
from workbench.records import Recipe
from workbench.runs import judging, runner
from workbench.runs.options import Options
from workbench.runs.progress import Silent
async def no_judging(*_): pass
judging.judge = no_judging  # ragas and presidio run once an experiment, after the last question, and are told apart
folder, base, out, at_once = sys.argv[1:5]
options = Options(out=Path(out), backends=("plain",), recipe=Recipe(model="instant", embedding_model="instant"),
                  upstream=base, in_flight=int(at_once))
outcome = runner.run(workload.load(Path(folder)), options, Silent())
assert outcome.asked == int(sys.argv[5]) and outcome.failed == 0, outcome
own = resource.getrusage(resource.RUSAGE_SELF)
others = resource.getrusage(resource.RUSAGE_CHILDREN)
print(own.ru_utime + own.ru_stime, others.ru_utime + others.ru_stime)
"""


def world(questions: int) -> Workload:
    """One tenant with 50 documents of about 150 tokens, and that many questions."""
    documents = tuple(
        Document(f"d{number}", "t", f"Rule {number}. " + f"The limit of rule {number} is {number * 7} units. " * 12)
        for number in range(50)
    )
    asked = tuple(Question(f"q{number}", "t", f"What is the limit of rule {number}?") for number in range(questions))
    return workload_of(name="harness", tenants=[Tenant("t", "T")], documents=documents, questions=asked)


def cpu(script: str, *given: str) -> list[float]:
    """CPU seconds that a script prints, start-up included."""
    done = subprocess.run([sys.executable, "-c", script, *given], stdout=subprocess.PIPE, check=True, text=True)
    return [float(word) for word in done.stdout.split()]


def main() -> int:
    """Print CPU milliseconds a question; 1 where the aim is not reached."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--questions", type=int, default=1000)
    options.add_argument("--at-once", type=int, default=16)
    options.add_argument(
        "--repeats", type=int, default=3, help="each is measured so often, interleaved; the median counts"
    )
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    count, at_once = str(given.questions), str(given.at_once)
    rows: dict[str, list[float]] = {
        "bare httpx": [],
        "bare aiohttp": [],
        "runner": [],
        "worker and gateway": [],
        "whole": [],
    }
    with process(str(Path(__file__).with_name("instant.py"))) as (port, _), tempfile.TemporaryDirectory() as scratch:
        base, folder = f"http://127.0.0.1:{port}/v1", Path(scratch, "workload")
        workloads.save(world(given.questions), folder)
        for repeat in range(given.repeats):
            rows["bare httpx"] += cpu(HTTPX, base, count, at_once)
            rows["bare aiohttp"] += cpu(AIOHTTP, base, count, at_once)
            own, others = cpu(WHOLE, str(folder), base, str(Path(scratch, f"out{repeat}")), at_once, count)
            rows["runner"].append(own)
            rows["worker and gateway"].append(others)
            rows["whole"].append(own + others)
    found = {name: sorted(values)[len(values) // 2] / given.questions * 1000 for name, values in rows.items()}
    for name, value in found.items():
        spread = [each / given.questions * 1000 for each in rows[name]]
        print(f"{name:20} {value:6.2f} ms CPU a question   {min(spread):.2f} to {max(spread):.2f} in {given.repeats}")
    above = {name: found["whole"] - found[name] for name in ("bare httpx", "bare aiohttp")}
    for name, value in above.items():
        print(f"above {name:14} {value:6.2f} ms")
    reached = above["bare httpx"] <= AIM_MS
    print(f"aim {AIM_MS:.1f} ms above bare httpx: {'reached' if reached else 'short of it'}")
    if given.json:
        given.json.write_text(json.dumps({"ms_per_question": found, "above": above, "repeats": rows}, indent=2))
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
