import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.workload import extraction, webpage
from workbench.workload.extracted import Extracted, Unreadable
from workbench.workload.extraction import Extraction


def page(folder: Path, name: str = "a.html") -> Path:
    path = folder / name
    path.write_text("<p>text")
    return path


def test_process_reads_one_file_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "no.pdf").write_bytes(b"%PDF")
    with Extraction() as reader:
        assert reader.read(page(tmp_path)) == Extracted("text\n")
        with pytest.raises(Unreadable, match="broken PDFs"):
            reader.read(tmp_path / "no.pdf")
        first = reader._process
        assert reader.read(page(tmp_path, "line\nfeed ä.htm")) == Extracted("text\n")
        assert reader._process is first
    assert first is not None and first.poll() is not None


def test_file_that_never_ends(tmp_path: Path) -> None:
    # Opening a pipe into which nobody writes waits for ever.
    os.mkfifo(tmp_path / "endless.html")
    with Extraction(seconds=0.05) as reader, pytest.raises(Unreadable, match="longer than 0.05 s"):
        reader.read(tmp_path / "endless.html")


def test_after_the_process_died_another_reads(tmp_path: Path) -> None:
    with Extraction() as reader:
        reader.read(page(tmp_path))
        assert reader._process is not None
        reader._process.kill()
        reader._process.wait()
        assert reader.read(page(tmp_path)).text == "text\n"


def test_process_that_dies_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dying() -> subprocess.Popen[bytes]:
        code = "import sys; sys.stdin.buffer.readline(); sys.stdout.write('{')"
        return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    with Extraction() as reader:
        with monkeypatch.context() as patch:
            patch.setattr(extraction, "_started", dying)
            with pytest.raises(Unreadable, match="at which the reader died"):
                reader.read(page(tmp_path))
        assert reader.read(page(tmp_path)).text == "text\n"


def test_process_knows_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "SECRET")
    given: list[dict[str, str]] = []
    real = subprocess.Popen

    def seen(*args: object, **more: dict[str, str]) -> "subprocess.Popen[bytes]":
        given.append(more["env"])
        return real(*args, **more)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(subprocess, "Popen", seen)
    with Extraction() as reader:
        reader.read(page(tmp_path))
    assert len(given) == 1
    assert "SECRET" not in given[0].values()


def test_nothing_is_imported_from_the_folder_of_the_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bs4.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)
    with Extraction() as reader:
        assert reader.read(page(tmp_path)).text == "text\n"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RecursionError(), "cannot be read, skipped .RecursionError"),
        (ValueError("half a page of words"), "cannot be read, skipped .ValueError"),
        (PermissionError(), "files that cannot be read, skipped$"),
        (MemoryError(), "more than 2000 MB of memory"),
        (ImportError(name="lxml"), "install lxml"),
    ],
)
def test_whatever_a_library_raises_becomes_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def failing(path: Path) -> Extracted:
        raise error

    monkeypatch.setattr(webpage, "extract", failing)
    found = extraction.result(page(tmp_path))
    assert list(found) == ["unreadable"]
    with pytest.raises(Unreadable, match=said):
        raise Unreadable(found["unreadable"])


def test_importing_the_workload_imports_no_reader() -> None:
    code = "import json, sys, workbench.workload.folder; print(json.dumps(sorted(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    assert not {"bs4", "lxml", "pypdfium2"} & set(json.loads(said))
