"""A Python process whose every attempt to reach a machine is written down, by name or address."""

import os
import subprocess
import urllib.request
from pathlib import Path

_HOOK = """
import os, sys

def _watch(event, found):
    if event in ("socket.connect", "socket.sendto"):
        asked = found[1]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        asked = found[0]
    else:
        return
    if isinstance(asked, tuple):
        asked = asked[0]
    if asked not in (None, "", "localhost", "127.0.0.1", "::1") and not str(asked).startswith(("/", "\\0")):
        with open(os.environ["WATCHED"], "a") as file:
            file.write(f"{event} {asked}\\n")

sys.addaudithook(_watch)
"""


def environment(folder: Path) -> dict[str, str]:
    """Of a process to be watched; `folder` is there and takes two files."""
    (folder / "sitecustomize.py").write_text(_HOOK)
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "WATCHED": str(folder / "watched.txt")}


def wait_for(server: "subprocess.Popen[str]", url: str) -> None:
    """Return when a server answers at an address, or has ended."""
    while True:
        try:
            urllib.request.urlopen(url).close()
            return
        except OSError:
            pass
        try:
            server.wait(0.05)  # rather than ask without end: it needs the core that asking would take
            return
        except subprocess.TimeoutExpired:
            pass


def reached(folder: Path) -> list[str]:
    """What it tried to reach beyond this machine."""
    path = folder / "watched.txt"
    return path.read_text().splitlines() if path.exists() else []
