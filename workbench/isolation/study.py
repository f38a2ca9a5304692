"""A workload and options in, the study's folder and report out. The same call goes on where it ended.

Each backend's process imports its framework once; cells run in sequence, and every finished cell is a line in
`cells.jsonl`.
"""

import contextlib
import hashlib
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from workbench import lines
from workbench.backends import NAMES, versions
from workbench.errors import BadInput, Infrastructure
from workbench.gateway.process import GatewayProcess
from workbench.gateway.settings import Account, Settings
from workbench.isolation import corpus as corpora
from workbench.isolation import report
from workbench.isolation.corpus import Corpus, Vectors
from workbench.isolation.searching import LAYOUTS
from workbench.isolation.tenants import SIZES, Sizes
from workbench.records import Recipe, Workload
from workbench.runs import interrupting
from workbench.runs.failures import INFRASTRUCTURE
from workbench.runs.progress import Progress
from workbench.runs.workers import Failed, WorkerProcess

TENANTS = (2, 10, 50, 200, 1000)
OPERATION_SECONDS = 4 * 3600.0


@dataclass(frozen=True)
class Options:
    """What is studied."""

    out: Path
    backends: tuple[str, ...] = NAMES
    tenants: tuple[int, ...] = TENANTS
    sizes: tuple[Sizes, ...] = SIZES
    passages: int = 20
    """Of an average tenant."""
    trials: int = 3000
    """Questions of a cell at most, and of the answers part."""
    seconds: float = 60.0
    """After so long a shared layout's cell asks no further question; its row says how many it asked."""
    recipe: Recipe = Recipe(model="local/echo")


@dataclass(frozen=True)
class _Cell:
    backend: str
    operation: str
    given: dict[str, Any]

    @property
    def label(self) -> str:
        named = f"{self.given['tenants']} tenants" if "tenants" in self.given else "own tenants"
        return f"{self.backend}: {self.given.get('layout', self.operation)}, {named}"


def run(workload: Workload, options: Options, progress: Progress) -> dict[str, Any]:
    """Do what is not done yet, and report everything.

    Args:
        workload: two tenants or more, with questions.
        options: checked here.
        progress: told what goes on.

    Returns:
        `report.make`'s.

    Raises:
        BadInput: an option or the workload cannot be used.
        Infrastructure: a framework is not installed, or a process died.
    """
    check(options)
    _refuse_foreign(options.out)
    options.out.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = options.out / "corpus" / _fingerprint(workload.hash, options.recipe.chunk_tokens)
    if not (folder / "corpus.json").exists():
        _make_corpus(workload, options.recipe, folder, progress)
    corpus = Corpus.read(folder)
    failed = interrupting.run(_measure(options, folder, workload.hash, progress), progress)
    wanted = {_key(cell, workload.hash) for cell in _cells(options, folder)}
    done = [one for one in lines.read(options.out / "cells.jsonl") if one["key"] in wanted]
    return report.make(workload, options, corpus, {one["key"]: one for one in done}.values(), failed)


def placed(options: Options, out: Path) -> Options:
    """The same in another folder."""
    return replace(options, out=out)


def choose_sizes(named: str) -> tuple[Sizes, ...]:
    """Sizes of a comma-separated list.

    Raises:
        BadInput: an unknown name.
    """
    wanted = [name.strip() for name in named.split(",")]
    if unknown := [name for name in wanted if name not in SIZES]:
        raise BadInput(f"--sizes {', '.join(unknown)}: choose from {', '.join(SIZES)}")
    return tuple(name for name in SIZES if name in wanted)


def check(options: Options) -> None:
    """Refuse what cannot be studied.

    Raises:
        BadInput: says which option.
    """
    if foreign := ", ".join(name for name in options.backends if name not in NAMES):
        raise BadInput(f"--backends {foreign}: a plug-in; the study knows the stores of {', '.join(NAMES)} alone")
    if not options.tenants or min(options.tenants) < 2:
        raise BadInput("--tenants: give numbers from 2 up")
    if options.passages < 1 or options.trials < 1:
        raise BadInput("--passages and --trials: give 1 or more")


def _refuse_foreign(folder: Path) -> None:
    """A study writes beside what is there, so that must be a study's."""
    ours = ("corpus", "cells.jsonl", "scratch-*", "*.json")  # the last: a report that was asked for
    there = folder.iterdir() if folder.is_dir() else ()
    if folder.is_file() or not all(any(one.match(name) for name in ours) for one in there):
        raise BadInput(f"--out {folder}: exists and holds no isolation study; choose an empty or a new folder")


def _make_corpus(workload: Workload, recipe: Recipe, folder: Path, progress: Progress) -> None:
    from workbench.models.minilm import MiniLM

    model = MiniLM()

    def embed(texts: Any) -> Vectors:
        return model.embed(texts)[0]

    corpora.make(workload, recipe, embed, progress).write(folder)


def _cells(options: Options, folder: Path) -> Iterator[_Cell]:
    recipe = asdict(options.recipe)
    for backend in options.backends:
        yield _Cell(backend, "forget", {"folder": str(folder), "recipe": recipe})
        yield _Cell(backend, "delete", {"folder": str(folder), "seed": options.recipe.seed})
        trials = {"trials": options.trials, "seed": options.recipe.seed}
        yield _Cell(backend, "answers", {"folder": str(folder), "recipe": recipe, **trials})
        for tenants in options.tenants:
            yield _Cell(
                backend,
                "load",
                {"folder": str(folder), "recipe": recipe, "tenants": tenants, "passages": options.passages},
            )
            for sizes in options.sizes:
                for layout in LAYOUTS:
                    kind = {"layout": layout, "tenants": tenants, "sizes": sizes, "passages": options.passages}
                    limits = {**trials, "k": options.recipe.k, "limit_seconds": options.seconds}
                    yield _Cell(backend, "search", {"folder": str(folder), **kind, **limits})


def _key(cell: _Cell, workload: str) -> str:
    """Names a cell by everything that its figures depend on, but not by where the corpus lies."""
    given = {name: value for name, value in cell.given.items() if name != "folder"}
    settings = orjson.dumps(given, option=orjson.OPT_SORT_KEYS)
    return _fingerprint(workload, cell.backend, versions(cell.backend), cell.operation, settings)


async def _measure(options: Options, folder: Path, workload: str, progress: Progress) -> list[str]:
    """Do what is missing; sentences about what a framework could not do."""
    path = options.out / "cells.jsonl"
    done = {one["key"] for one in lines.read(path)}
    cells = list(_cells(options, folder))
    missing = [cell for cell in cells if _key(cell, workload) not in done]
    if not missing:
        return []
    failed: list[str] = []
    if len(missing) < len(cells):
        progress.note(f"{len(cells) - len(missing)} of {len(cells)} cells were done before; going on")
    with _gateway(options) as endpoint, contextlib.closing(lines.Lines(path)) as out:
        for backend in options.backends:
            mine = [cell for cell in missing if cell.backend == backend]
            if mine:
                progress.stage(backend, len(mine))
                failed += await _measure_one(backend, mine, endpoint, options, workload, out, progress)
    return failed


async def _measure_one(
    backend: str,
    cells: list[_Cell],
    endpoint: Mapping[str, str],
    options: Options,
    workload: str,
    out: lines.Lines,
    progress: Progress,
) -> list[str]:
    failed: list[str] = []
    worker = WorkerProcess(backend, "workbench.isolation.worker")
    try:
        about = await worker.ready()
        for cell in cells:
            began = time.monotonic()
            try:
                outcome = await _do(worker, cell, endpoint, options.out)
            except Failed as failure:
                if failure.failure.kind in INFRASTRUCTURE:
                    raise Infrastructure(f"{cell.label}: {failure}; the same command goes on") from failure
                failed.append(f"{cell.label}: {failure}")
                progress.note(failed[-1])
                continue
            line = {
                "key": _key(cell, workload),
                "backend": backend,
                "operation": cell.operation,
                "given": {name: value for name, value in cell.given.items() if name != "folder"},
                "versions": about["versions"],
                "seconds": time.monotonic() - began,
                "outcome": report.condensed(cell.operation, outcome, cell.given),
            }
            out.append(orjson.dumps(line))
            progress.advance()
    finally:
        await worker.close(kill=True)
    return failed


async def _do(worker: WorkerProcess, cell: _Cell, endpoint: Mapping[str, str], out: Path) -> dict[str, Any]:
    given = dict(cell.given)
    if cell.operation in ("forget", "answers", "load"):
        given["endpoint"] = dict(endpoint)
    with _scratch(out) as scratch:
        if cell.operation in ("forget", "delete", "load"):
            given["scratch"] = str(scratch)
        outcome: dict[str, Any] = await worker.call(cell.operation, OPERATION_SECONDS, **given)
        return outcome


@contextlib.contextmanager
def _gateway(options: Options) -> Iterator[dict[str, str]]:
    """A gateway with the embedded models alone, whose account is thrown away with its folder."""
    token = secrets.token_urlsafe(24)
    with (
        _scratch(options.out) as folder,
        GatewayProcess(Settings((Account(token, str(folder), keep_text=True),))) as process,
    ):
        yield {"base_url": process.url, "token": token}


@contextlib.contextmanager
def _scratch(out: Path) -> Iterator[Path]:
    folder = out.absolute() / f"scratch-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fingerprint(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
