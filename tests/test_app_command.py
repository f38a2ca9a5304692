"""`workbench app` and `streamlit run app.py`: what they refuse, how they end, that they are silent, and the wheel."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from watched_process import environment, reached, wait_for

from workbench import app_command
from workbench.errors import BadInput

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def refused(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", "workbench.cli", "app", *words], capture_output=True, text=True)
    assert done.returncode == 2 and "Traceback" not in done.stderr and done.stdout == ""
    return done.stderr


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    said = refused(str(tmp_path / "nowhere")).replace("\n", "")
    assert said.startswith("error: ") and said.endswith("no such folder; give the folder that `workbench run` wrote")


def test_a_port_in_use_is_named_and_without_one_the_next_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=rf"^--port {port}: in use; choose another with --port$"):
            app_command._port("127.0.0.1", port)
        monkeypatch.setattr(app_command, "FIRST_PORT", port)
        assert port < app_command._port("127.0.0.1", None) < port + 50
        monkeypatch.setattr(app_command, "_TRIED", 1)
        with pytest.raises(BadInput, match=rf"^ports {port} to {port} are in use; choose another with --port$"):
            app_command._port("127.0.0.1", None)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(BadInput, match=r"^--host 192\.0\.2\.1: no address of this machine"):
        app_command._port("192.0.2.1", free_port())


SECTION = '[auth]\nredirect_uri = "http://localhost:8501/oauth2callback"\ncookie_secret = "c"\n'
PROVIDER = 'client_id = "i"\nclient_secret = "s"\nserver_metadata_url = "https://id.example/.well-known/x"\n'


@pytest.mark.parametrize(
    "text", ["[auth", "", "[auth]\n" + PROVIDER, SECTION, SECTION + '[auth.work]\nclient_id = "i"\n']
)
def test_secrets_that_let_nobody_in_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=rf"^--sign-in {path}: (not readable as TOML|needs a section \[auth\])"):
        app_command._check_secrets(path)


@pytest.mark.parametrize("text", [SECTION + PROVIDER, SECTION + "[auth.work]\n" + PROVIDER])
def test_whole_secrets_need_authlib(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(text)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"pip install 'rag-workbench\[sign-in\]'"):
        app_command._check_secrets(path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    app_command._check_secrets(path)
    flags = app_command._flags("127.0.0.1", 8501, True, path)
    assert flags[flags.index("--secrets.files") + 1] == str(path)


def test_only_what_was_asked_for_may_knock() -> None:
    def value(host: str, name: str) -> str | None:
        flags = app_command._flags(host, 8501, True, None)
        return flags[flags.index(name) + 1] if name in flags else None

    assert value("127.0.0.1", "--server.allowedHosts") is None  # as the configuration beside app.py has it
    assert value("192.168.1.5", "--server.allowedHosts") == "192.168.1.5"
    assert value("0.0.0.0", "--server.allowedHosts") == "*"
    assert value("127.0.0.1", "--secrets.files") is None


def started(words: Sequence[str], folder: Path, port: int) -> subprocess.Popen[str]:
    """A server that answers."""
    server = subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=folder,
        env={**environment(folder), "HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    wait_for(server, f"http://localhost:{port}/_stcore/health")
    return server


def knock(port: int, host: str, origin: str = "http://localhost") -> str:
    """The first line of what a page of another site, or one under another name, is answered."""
    words = (
        f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {origin}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(words.encode())
        return line.recv(4096).decode().splitlines()[0]


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal")
@pytest.mark.parametrize("way", ["workbench app", "streamlit run"])
def test_both_ways_are_silent_and_end_at_once(tmp_path: Path, way: str, request: pytest.FixtureRequest) -> None:
    port = free_port()
    words = {
        "workbench app": ("workbench.cli", "app", "--port", str(port), "--no-browser"),
        "streamlit run": ("streamlit", "run", str(ROOT / "app.py"), "--server.port", str(port)),
    }[way]
    server = started(words, tmp_path, port)
    request.addfinalizer(server.kill)
    with urllib.request.urlopen(f"http://localhost:{port}/") as page:
        assert b"<title>" in page.read()
    assert " 403 " in knock(port, host="elsewhere.example")
    assert " 403 " in knock(port, host="localhost", origin="http://elsewhere.example")
    server.send_signal(signal.SIGINT)
    said, _ = server.communicate()
    assert server.returncode == {"workbench app": 0, "streamlit run": 1}[way] and "Traceback" not in said
    assert f"http://localhost:{port}" in said and "usage statistics" not in said
    assert reached(tmp_path) == []


def test_an_installed_wheel_has_the_app_its_settings_and_the_showcase(tmp_path: Path) -> None:
    [wheel] = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "installed")
    asked = (
        "from workbench.location import shipped; from workbench.pages.opened import find; "
        "app = shipped('app.py'); print(app, (app.parent / '.streamlit' / 'config.toml').is_file(), *find([]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        check=True,
    )
    place = tmp_path / "installed" / "workbench" / "shipped" / "app.py"
    assert done.stdout.split() == [str(place), "True", "showcase", "showcase-redact", "showcase-reject"]
    assert place.read_text() == (ROOT / "app.py").read_text()
