"""`workbench app`: folders of experiments in, a server of the app for a browser on this machine out."""

import errno
import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from workbench.errors import BadInput

FIRST_PORT = 8501
_TRIED = 50
_IN_USE = (errno.EADDRINUSE,)


def app(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="experiments, or folders that hold some; without, the shipped ones", metavar="[DIR]..."),
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="listen here; without it, the first free from 8501 on", min=1, max=65535)
    ] = None,
    host: Annotated[str, typer.Option(help="listen on this address of the machine")] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="open a browser")] = True,
    hide_texts: Annotated[bool, typer.Option("--hide-texts", help="show no question, passage or answer")] = False,
) -> None:
    """Show saved experiments and plans in a browser. Calls no model; nothing leaves this machine."""
    from workbench.pages.opened import HIDE_TEXTS
    from workbench.terminal import say

    for folder in folders or ():
        if not folder.is_dir():
            raise BadInput(f"{folder}: no such folder; give the folder that `workbench run` wrote")
    chosen = _port(host, port)
    words = [str(folder) for folder in folders or ()] + ([HIDE_TEXTS] if hide_texts else [])
    say(f"http://{'localhost' if _loopback(host) else host}:{chosen}  (Ctrl-C ends it)")
    sys.exit(_serve(host, chosen, _headless(browser), words))


def _serve(host: str, port: int, headless: bool, words: list[str]) -> int:
    """Run Streamlit's own command in this process until Ctrl-C."""
    from streamlit import net_util
    from streamlit.web.cli import main

    from workbench.location import shipped

    # Asked for its own address, when a page of another site knocks, Streamlit would ask a machine on the internet.
    net_util.get_external_ip = lambda: None
    options = {
        "server.address": host,
        "server.port": port,
        "server.headless": headless,
        "server.fileWatcherType": "none",
        "server.enableXsrfProtection": True,
        "browser.serverAddress": "localhost" if _loopback(host) else host,
        "browser.gatherUsageStats": False,
        "logger.hideWelcomeMessage": True,
        **({} if _loopback(host) else {"server.allowedHosts": "*" if host in ("0.0.0.0", "::") else host}),
    }
    flags = [
        word
        for name, value in options.items()
        for word in (f"--{name}", str(value).lower() if isinstance(value, bool) else str(value))
    ]
    result = main(["run", str(shipped("app.py")), *flags, "--", *words], standalone_mode=False)
    return int(result or 0)


def _port(host: str, given: int | None) -> int:
    for port in [given] if given else range(FIRST_PORT, FIRST_PORT + _TRIED):
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            with socket.socket(family) as tried:
                if os.name == "posix":
                    tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                tried.bind((host, port))
            return port
        except PermissionError as error:
            raise BadInput(f"--port {port}: this user may not listen there; choose one above 1023") from error
        except OSError as error:
            if isinstance(error, socket.gaierror) or error.errno not in _IN_USE:
                raise BadInput(f"--host {host}: no address of this machine ({error.strerror})") from error
    what = f"--port {given}: in use" if given else f"ports {FIRST_PORT} to {FIRST_PORT + _TRIED - 1} are in use"
    raise BadInput(f"{what}; choose another with --port")


def _loopback(host: str) -> bool:
    return host in ("127.0.0.1", "localhost", "::1")


def _headless(browser: bool) -> bool:
    seen = sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return not (browser and seen)
