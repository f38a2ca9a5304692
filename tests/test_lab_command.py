"""`workbench lab`: where notebooks come from, what is refused, and what JupyterLab is told."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from watched_process import environment, wait_for

from workbench import lab_command, location
from workbench.errors import BadInput
from workbench.kernels import OwnKernel

ROOT = Path(__file__).parents[1]


def test_a_clone_s_own_notebooks_are_opened_where_they_are() -> None:
    assert lab_command.provided(None)[0] == ROOT / "notebooks"


def test_a_folder_gets_copies_and_keeps_what_is_there(tmp_path: Path) -> None:
    place = tmp_path / "mine"
    place.mkdir()
    (place / "01_compare_frameworks.ipynb").write_text("my own")
    others = len(list((ROOT / "notebooks").glob("*.ipynb"))) - 1
    found, told = lab_command.provided(place)
    assert found == place and told == f"{others} notebooks copied to {place}, what was there is kept"
    assert (place / "01_compare_frameworks.ipynb").read_text() == "my own"
    copied = place / "05_gate_it_in_ci.ipynb"
    assert copied.read_bytes() == (ROOT / "notebooks" / "05_gate_it_in_ci.ipynb").read_bytes()
    assert lab_command.provided(place)[1].startswith("0 notebooks copied")


def test_of_a_wheel_they_are_copied_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site" / "workbench"
    (package / "shipped" / "notebooks").mkdir(parents=True)
    (package / "shipped" / "notebooks" / "01_a.ipynb").write_text("{}")
    monkeypatch.setattr(location, "_PACKAGE", package)
    monkeypatch.chdir(tmp_path)
    assert lab_command.provided(None)[0] == Path("notebooks")
    assert (tmp_path / "notebooks" / "01_a.ipynb").read_text() == "{}"


def test_a_file_in_the_way_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match=r"file: cannot be written \(.+\); give another folder$"):
        lab_command.provided(tmp_path / "file")


def test_without_jupyterlab_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_command, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"^JupyterLab is not installed: pip install 'jupyterlab>=4\.6'$"):
        lab_command.lab(None, None, False)


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=rf"^--port {port}: in use; choose another with --port$"):
            lab_command.lab(None, port, False)


def test_the_kernel_is_this_interpreter_whatever_else_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = tmp_path / "kernels" / "python3"
    foreign.mkdir(parents=True)
    (foreign / "kernel.json").write_text('{"argv": ["/elsewhere/python"], "display_name": "x", "language": "python"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    kernels = OwnKernel()
    assert kernels.get_kernel_spec("python3").argv[0] == sys.executable
    assert set(kernels.find_kernel_specs()) == {"python3"}


def test_it_serves_on_this_machine_without_news_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "workbench.cli", "lab", str(tmp_path / "mine"), "--no-browser", "--port", str(port)],
        env={**environment(tmp_path), "HOME": str(tmp_path), "JUPYTER_TOKEN": "seen-by-the-test"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    url = f"http://127.0.0.1:{port}/lab?token=seen-by-the-test"
    wait_for(server, url)
    with urllib.request.urlopen(url) as answer:
        page = answer.read().decode()
    os.kill(server.pid, signal.SIGINT)
    said = server.communicate()[0]
    assert server.returncode == 0 and "Traceback" not in said, said
    assert '"news": {"disabled": true}' in page
    assert '"@jupyterlab/apputils-extension:announcements"' in page
    assert "notebooks copied to" in said
