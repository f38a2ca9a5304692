"""Foreign files in, lines and JSON objects out: gzipped or not, in any encoding, with what was odd counted."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from workbench.errors import BadInput
from workbench.workload.tally import Tally

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def whole(path: Path) -> bytes:
    """All bytes of a file, unzipped where it is gzipped, whatever it is called.

    Raises:
        BadInput: it is not there, cannot be read, or its gzip is broken.
    """
    return b"".join(_chunks(path))


def lines(path: Path, tally: Tally) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, without their ends, with their numbers from 1.

    A line ends at a line feed and nowhere else: a carriage return or U+2028 inside a text must not tear it.

    Raises:
        BadInput: the file is not there, cannot be read, its gzip is broken, or it is UTF-16.
    """
    for number, raw in enumerate(_chunks(path), 1):
        where = f"{path.name}:{number}"
        if number == 1 and raw.startswith(_UTF16_MARKS):
            raise BadInput(f"{path} is UTF-16; save it as UTF-8.")
        line = decoded(raw, tally, where).rstrip("\r\n")
        if line.strip():
            yield number, line
        else:
            tally.add("blank lines, skipped", where)


def objects(path: Path, tally: Tally) -> Iterator[tuple[int, dict[str, Any]]]:
    """The JSON objects of a JSONL file with their line numbers; a line that holds none is counted and skipped.

    Raises:
        BadInput: as `lines`.
    """
    for number, line in lines(path, tally):
        try:
            # Control characters inside strings are against the standard and common all the same.
            value = json.loads(line, strict=False)
        except (ValueError, RecursionError):
            tally.add("lines that are not JSON, skipped", f"{path.name}:{number}")
            continue
        if isinstance(value, dict):
            yield number, value
        else:
            tally.add("lines that are not an object, skipped", f"{path.name}:{number}")


def decoded(raw: bytes, tally: Tally, where: str) -> str:
    """Text of bytes: UTF-8, else UTF-16 where a mark says so, else Windows-1252, else Latin-1, which takes any byte."""
    if raw.startswith(_UTF8_MARK):
        tally.add("byte order marks, removed", where)
        raw = raw.removeprefix(_UTF8_MARK)
    if raw.startswith(_UTF16_MARKS):
        tally.add("texts in UTF-16, converted", where)
        return raw.decode("utf-16", "replace")
    for encoding in ("utf-8", "cp1252", "latin-1"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "utf-8":
            tally.add("texts that are not UTF-8, read as Windows-1252 or Latin-1", where)
        return text
    raise AssertionError("Latin-1 takes any byte")


def plain(value: object) -> str:
    """A foreign value as text: numbers as written, half characters (lone surrogates) replaced, anything else empty."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _chunks(path: Path) -> Iterator[bytes]:
    """Lines with their ends, unzipped."""
    try:
        with path.open("rb") as file:
            zipped = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            stream: IO[bytes] = gzip.GzipFile(fileobj=file) if zipped else file  # type: ignore[assignment]
            yield from stream
    except FileNotFoundError:
        raise BadInput(f"{path} is not there; name a file that is.") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadInput(f"{path} is a broken gzip file ({error}); fetch it again.") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); name a readable file.") from None
