"""`workbench lab`: a folder in, JupyterLab on the notebooks in it for a browser on this machine out."""

import os
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from workbench import ports
from workbench.errors import BadInput
from workbench.nouns import counted

FIRST_PORT = 8888
_TRIED = 50
_HOST = "127.0.0.1"


def lab(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="put the notebooks there; without, a clone's own are opened, and else ./notebooks", metavar="[DIR]"
        ),
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="listen here; without it, the first free from 8888 on", min=1, max=65535)
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="open a browser")] = True,
) -> None:
    """Open the notebooks in JupyterLab, on this interpreter. Nothing leaves this machine."""
    from workbench.terminal import say

    if find_spec("jupyterlab") is None:
        raise BadInput("JupyterLab is not installed: pip install 'jupyterlab>=4.6'")
    chosen = ports.free(_HOST, port, FIRST_PORT, _TRIED)
    place, told = provided(folder)
    say(f"{told}  (Ctrl-C ends it)")
    sys.exit(_serve(place, chosen, browser))


def provided(folder: Path | None) -> tuple[Path, str]:
    """Where the notebooks are, copied there if need be, and what was done. A file that is there stays as it is.

    Args:
        folder: where they shall be; None: in a clone where they are, else `notebooks` below the working directory.

    Raises:
        BadInput: it cannot be written.
    """
    from workbench.location import shipped

    source = shipped("notebooks")
    if folder is None and "shipped" not in source.parts[-2:]:
        return source, f"notebooks of {source}"
    place = Path("notebooks") if folder is None else folder
    there = [path for path in sorted(source.glob("*.ipynb")) if not (place / path.name).exists()]
    try:
        place.mkdir(parents=True, exist_ok=True)
        for path in there:
            shutil.copyfile(path, place / path.name)
    except OSError as error:
        raise BadInput(f"{place}: cannot be written ({error.strerror}); give another folder") from error
    return place, f"{counted(len(there), 'notebook')} copied to {place}, what was there is kept"


def _serve(folder: Path, port: int, browser: bool) -> int:
    """JupyterLab's own command in this process until Ctrl-C. What is set here wins over the user's configuration."""
    # It would check addresses in schemas that hold none, and compiles its grammar first: half of all the time until
    # JupyterLab is there.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from jupyterlab.labapp import main

    options = {
        "ServerApp.root_dir": str(folder.absolute()),
        "ServerApp.ip": _HOST,
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.open_browser": browser,
        "ServerApp.answer_yes": True,  # Ctrl-C ends it without a question
        "ServerApp.kernel_spec_manager_class": "workbench.kernels.OwnKernel",
        "ServerApp.allow_root": True,  # a container's user; only this machine is listened to, with a token
        "Application.log_level": "WARN",
        # What would ask servers elsewhere: news, updates, extensions to install.
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
    }
    with tempfile.TemporaryDirectory(prefix="workbench-lab-") as scratch:
        # Without its plugin nobody is asked whether they want news either.
        page = Path(scratch, "labconfig", "page_config.json")
        page.parent.mkdir()
        page.write_text('{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}')
        searched = filter(None, (scratch, os.environ.get("JUPYTER_CONFIG_PATH")))
        os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(searched)
        return int(main([f"--{name}={value}" for name, value in options.items()]) or 0)
