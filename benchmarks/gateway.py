"""Requests per second of the gateway, every call metered, beside bare forwarders and LiteLLM's proxy.

One process each on a core of its own, client and instant upstream on the other, 4 KB bodies. All in one run, since the
machine's speed is part of every figure; the ratios are what carries over.
"""

import argparse
import asyncio
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import instant
import psutil

from workbench.gateway.process import GatewayProcess
from workbench.gateway.settings import Account, Settings, Upstream

TOKEN = "benchmark-token"
BODY_BYTES = 4096
AIMS = {"gateway, embedded": 5000.0, "gateway, forwarding": 2000.0}

AIOHTTP = """
import aiohttp, asyncio, json, os, socket, sys, threading
from aiohttp import web
async def main(upstream):
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    async def forward(request):
        async with session.post(upstream + request.path, data=await request.read(),
                                headers={"content-type": "application/json"}) as got:
            return web.Response(body=await got.read(), content_type="application/json")
    app = web.Application(); app.router.add_post("/{path:.*}", forward)
    runner = web.AppRunner(app, access_log=None); await runner.setup()
    s = socket.socket(); s.bind(("127.0.0.1", 0)); await web.SockSite(runner, s).start()
    print(json.dumps({"port": s.getsockname()[1]}), flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    await asyncio.Event().wait()
import uvloop; uvloop.run(main(sys.argv[1]))
"""

HTTPX = """
import httpx, json, os, socket, sys, threading, uvicorn
client = httpx.AsyncClient(limits=httpx.Limits(max_connections=None), trust_env=False, timeout=60)
upstream = sys.argv[1]
async def app(scope, receive, send):
    if scope["type"] != "http": return
    body = b""
    while True:
        message = await receive(); body += message.get("body", b"")
        if not message.get("more_body"): break
    got = await client.post(upstream + scope["path"], content=body, headers={"content-type": "application/json"})
    raw = got.content
    await send({"type": "http.response.start", "status": got.status_code, "headers": [
        (b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]})
    await send({"type": "http.response.body", "body": raw})
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(1024)
print(json.dumps({"port": s.getsockname()[1]}), flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, lifespan="off")).run(sockets=[s])
"""


@contextlib.contextmanager
def process(*command: str) -> Iterator[tuple[int, int]]:
    """A server that prints its port as JSON and ends with its standard input; gives port and pid."""
    with subprocess.Popen([sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin and child.stdout
        try:
            yield json.loads(child.stdout.readline())["port"], child.pid
        finally:
            child.stdin.close()
            child.wait(10)


def pin(pid: int, core: int) -> None:
    """Keep a process with all its threads on one core."""
    for thread in psutil.Process(pid).threads():
        with contextlib.suppress(OSError):
            os.sched_setaffinity(thread.id, {core})


def measure(name: str, port: int, pid: int, path: str, model: str, seconds: float, repeats: int) -> dict[str, object]:
    """Repeat short loads; the median counts, the spread is shown."""
    pin(pid, 1)
    words = ("word " * (BODY_BYTES // 5))[: BODY_BYTES - 90]
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": words}], "temperature": 0}).encode()
    request = instant.post(path, port, body, TOKEN)
    trial = instant.load(port, request, 200, 8)
    count = max(300, int(trial.per_second * seconds))
    rates, errors = [], trial.errors
    for _ in range(repeats):
        load = instant.load(port, request, count, 32)
        rates.append(load.per_second)
        errors += load.errors
    found = {
        "name": name,
        "requests_per_second": statistics.median(rates),
        "low": min(rates),
        "high": max(rates),
        "repeats": repeats,
        "requests": count * repeats,
        "body_bytes": len(body),
        "errors": errors,
    }
    print(
        f"{name:24} {found['requests_per_second']:>9,.0f}/s   {min(rates):,.0f} to {max(rates):,.0f} in {repeats} "
        f"loads of {count:,}; body {len(body)} B; errors {errors}",
        flush=True,
    )
    return found


@contextlib.contextmanager
def litellm(executable: str, upstream: str) -> Iterator[tuple[int, int]]:
    """LiteLLM's proxy on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "model_list": [
            {
                "model_name": "instant",
                "litellm_params": {"model": "openai/instant", "api_base": f"{upstream}/v1", "api_key": "none"},
            }
        ],
        "litellm_settings": {"telemetry": False},
    }
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "config.yaml")
        config.write_text(json.dumps(settings))
        environment = {
            **os.environ,
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_TELEMETRY": "False",
            "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",  # on loopback, for this benchmark
        }
        child = subprocess.Popen(
            [executable, "--config", str(config), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            for _ in range(240):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                if child.poll() is not None:
                    raise SystemExit(f"{executable} did not start; the rows above stand")
                time.sleep(0.5)
            yield port, child.pid
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, 15)
            child.wait(20)


def main() -> int:
    """Print all rates; 1 where an aim is not reached."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=3.0, help="length of one load (default 3)")
    options.add_argument("--repeats", type=int, default=5, help="loads per server, the median counts (default 5)")
    options.add_argument("--litellm", default="", help="path of a litellm executable that has its proxy installed")
    options.add_argument("--json", type=Path, help="write the figures here")
    given = options.parse_args()
    os.sched_setaffinity(0, {0})
    asyncio.set_event_loop_policy(None)
    rows: list[dict[str, object]] = []

    def row(name: str, port: int, pid: int, path: str, model: str) -> None:
        rows.append(measure(name, port, pid, path, model, given.seconds, given.repeats))

    here: Callable[[str], str] = lambda name: str(Path(__file__).with_name(name))  # noqa: E731
    with process(here("instant.py")) as (upstream_port, upstream_pid), tempfile.TemporaryDirectory() as folder:
        pin(upstream_pid, 0)
        upstream = f"http://127.0.0.1:{upstream_port}"
        settings = Settings((Account(TOKEN, folder),), Upstream(f"{upstream}/v1"))
        with GatewayProcess(settings) as gateway:
            row("gateway, embedded", gateway.port, gateway.pid, "/v1/chat/completions", "local/echo")
            row("gateway, forwarding", gateway.port, gateway.pid, "/v1/chat/completions", "instant")
            metered = sum(1 for _ in Path(folder, "calls.jsonl").open("rb"))
        expected = sum(int(str(found["requests"])) + 200 for found in rows)
        print(f"{'calls written down':24} {metered:>9,}     of {expected:,} sent")
        with process("-c", AIOHTTP, upstream) as (port, pid):
            row("bare aiohttp", port, pid, "/v1/chat/completions", "instant")
        with process("-c", HTTPX, upstream) as (port, pid):
            row("bare httpx", port, pid, "/v1/chat/completions", "instant")
        if given.litellm:
            with litellm(given.litellm, upstream) as (port, pid):
                row("LiteLLM proxy", port, pid, "/v1/chat/completions", "instant")
        else:
            print("LiteLLM proxy            not measured: give its executable as --litellm")
    short = [
        name for name, aim in AIMS.items() if any(r["name"] == name and r["requests_per_second"] < aim for r in rows)
    ]  # type: ignore[operator]
    for name, aim in AIMS.items():
        print(f"aim {name} {aim:,.0f}/s: {'short of it' if name in short else 'reached'}")
    if metered != expected:
        print("calls are missing from the ledger")
    if given.json:
        given.json.write_text(json.dumps({"rows": rows, "metered": metered, "sent": expected}, indent=2))
    return 1 if short or metered != expected else 0


if __name__ == "__main__":
    sys.exit(main())
