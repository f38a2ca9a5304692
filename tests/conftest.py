"""What several tests need: a gateway with one account, and the folder of real data where it is there."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from workbench import cli, lines
from workbench.gateway.process import GatewayProcess
from workbench.gateway.settings import Account, Settings, Upstream
from workbench.runs import judging

# As in workers: each process that collects tests would compile its grammar for 5 s, and nothing here checks by it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

TOKEN = "test-run-token"
ACCOUNTS = 60


@dataclass
class Metered:
    """One account of a running gateway, and what the gateway wrote down for it."""

    process: GatewayProcess
    folder: Path
    token: str = TOKEN

    @property
    def url(self) -> str:
        return self.process.url

    def calls(self) -> list[dict]:
        return list(lines.read(self.folder / "calls.jsonl"))

    def texts(self) -> list[dict]:
        return list(lines.read(self.folder / "texts" / "calls.jsonl"))


def metered(folder: Path, upstream: Upstream | None = None, keep_text: bool = True) -> Metered:
    """A gateway with one account, which the caller closes."""
    return Metered(GatewayProcess(Settings((Account(TOKEN, str(folder), keep_text),), upstream)), folder)


def accounts_of_one_process(folder: Path, upstream: Upstream | None = None) -> Iterator[Metered]:
    """Accounts of one gateway, so that tests do not each wait for a process; ends it when closed."""
    accounts = {f"{TOKEN}-{number}": folder / str(number) for number in range(ACCOUNTS)}
    settings = Settings(tuple(Account(token, str(place)) for token, place in accounts.items()), upstream)
    with GatewayProcess(settings) as process:
        for token, place in accounts.items():
            yield Metered(process, place, token)


@pytest.fixture(scope="module")
def embedded_accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[Metered]]:
    accounts = accounts_of_one_process(tmp_path_factory.mktemp("gateway"))
    yield accounts
    accounts.close()  # type: ignore[attr-defined]


@pytest.fixture
def gateway(embedded_accounts: Iterator[Metered]) -> Metered:
    """A fresh account of a gateway with embedded models alone."""
    return next(embedded_accounts)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of public data to test on, which is not part of the project."""
    folder = Path(os.environ.get("WORKBENCH_REAL_DATA", Path(__file__).parents[1] / ".." / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no real data here: set WORKBENCH_REAL_DATA to the folder that holds squad/ and banking77/")
    return folder


@contextmanager
def without_judging() -> Iterator[None]:
    """Leave out the last step, which takes seconds of imports and has tests of its own."""

    async def nothing(*_: object) -> None:
        pass

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "judge", nothing)
        yield


@pytest.fixture
def unjudged() -> Iterator[None]:
    """`without_judging`, for a test."""
    with without_judging():
        yield


def type_(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str, str]:
    """Exit code, output and errors of `workbench WORDS`."""
    monkeypatch.setattr(sys, "argv", ["workbench", *words])
    try:
        cli.main()
        code = 0
    except SystemExit as left:
        code = int(left.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err
