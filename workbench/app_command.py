"""`workbench app`: folders of experiments in, a server of the app for a browser on this machine out."""

import os
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from workbench import ports
from workbench.errors import BadInput

FIRST_PORT = 8501
_TRIED = 50
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_EVERYWHERE = ("0.0.0.0", "::")


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
    sign_in: Annotated[
        Path | None,
        typer.Option(help="visitors sign in by OpenID Connect as this TOML file says", metavar="SECRETS"),
    ] = None,
) -> None:
    """Show saved experiments and plans in a browser. Calls no model; nothing leaves this machine."""
    from workbench.terminal import say

    for folder in folders or ():
        if not folder.is_dir():
            raise BadInput(f"{folder}: no such folder; give the folder that `workbench run` wrote")
    if sign_in is not None:
        _check_secrets(sign_in)
    chosen = _port(host, port)
    words = [*map(str, folders or ()), *(["--hide-texts"] if hide_texts else []), *(["--sign-in"] if sign_in else [])]
    say(f"http://{_shown(host)}:{chosen}  (Ctrl-C ends it)")
    sys.exit(_serve([*_flags(host, chosen, _headless(browser), sign_in), "--", *words]))


def _serve(words: Sequence[str]) -> int:
    """Run Streamlit's own command in this process until Ctrl-C."""
    from click import Abort
    from streamlit.web.cli import main

    from workbench.location import shipped

    try:
        return int(main(["run", str(shipped("app.py")), *words], standalone_mode=False) or 0)
    except Abort:  # Ctrl-C is how it ends
        return 0


def _flags(host: str, port: int, headless: bool, secrets: Path | None) -> list[str]:
    options = {
        "server.address": host,
        "server.port": str(port),
        "server.headless": str(headless).lower(),
        "server.fileWatcherType": "none",
        "server.enableXsrfProtection": "true",
        "browser.serverAddress": _shown(host),
        "browser.gatherUsageStats": "false",
        "logger.hideWelcomeMessage": "true",
    }
    if not _loopback(host):
        options["server.allowedHosts"] = "*" if host in _EVERYWHERE else host
    if secrets is not None:
        options["secrets.files"] = str(secrets.absolute())
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def _check_secrets(path: Path) -> None:
    from importlib.util import find_spec

    from workbench.pages.sign_in import NEEDED, providers

    try:
        auth = tomllib.loads(path.read_text(encoding="utf-8")).get("auth")
    except (OSError, ValueError) as error:
        raise BadInput(f"--sign-in {path}: not readable as TOML ({error})") from error
    if not isinstance(auth, dict) or not {"redirect_uri", "cookie_secret"} <= auth.keys() or not providers(auth):
        raise BadInput(
            f"--sign-in {path}: needs a section [auth] with redirect_uri, cookie_secret and, there or in a table for "
            f"each provider, {', '.join(NEEDED)}"
        )
    if find_spec("authlib") is None:
        raise BadInput("--sign-in needs Authlib: pip install 'rag-workbench[sign-in]'")


def _port(host: str, given: int | None) -> int:
    return ports.free(host, given, FIRST_PORT, _TRIED)


def _loopback(host: str) -> bool:
    return host in LOOPBACK


def _shown(host: str) -> str:
    """What a visitor on this machine types."""
    return "localhost" if _loopback(host) or host in _EVERYWHERE else host


def _headless(browser: bool) -> bool:
    seen = sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return not (browser and seen)
