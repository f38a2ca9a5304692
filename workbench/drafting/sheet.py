"""Candidates in, a CSV file for a person to review out, a row as each comes; and what the person made of it back in.

It opens in Excel and LibreOffice, and is read again however they saved it: other separators, quotes, line ends and
encodings, columns moved or added.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.drafting.candidate import Candidate, Reviewed, Verdict, canonical
from workbench.errors import BadInput
from workbench.lines import Lines
from workbench.planning.export import safe
from workbench.workload import foreign, ids
from workbench.workload.tally import Tally

COLUMNS = (
    "id", "tenant", "document", "question", "answer", "quote", "derived", "passage", "kind", "model", "verdict", "note",
)  # fmt: skip

_NEEDED = frozenset(COLUMNS) - {"passage", "kind", "model", "note", "derived"}

VERDICTS: Mapping[str, Verdict] = {
    "ok": "ok", "yes": "ok", "x": "ok", "1": "ok", "edit": "edit", "no": "no", "": "",
}  # fmt: skip

_MARK = b"\xef\xbb\xbf"
"""Without it Excel takes UTF-8 for the encoding of the machine."""

_WORD = re.compile(r"[^\W\d_]+")
_OF_A_NUMBER = re.compile(
    r"e|[ap]m?|(?:jan|feb|fév|fev|mar|mär|apr|avr|abr|mai|may|jun|jui|jul|aug|aoû|ago|sep|set|oct|okt|out|nov|dec|dez|"
    r"déc|dic)[^\W\d_]*",
    re.IGNORECASE,
)
"""Words that stand in numbers, times and dates as spreadsheets read them."""

_TRUTHS = frozenset({"true", "false", "wahr", "falsch", "vrai", "faux", "verdadero", "falso"})


def cell(text: str) -> str:
    """A text that a spreadsheet shows as it is: it runs no formula, and makes no number, date or truth of it.

    What it would make something of gets an apostrophe in front, as a person would type it.
    """
    held = canonical(text)
    return f"'{held}" if _guarded(held) else held


def text(held: str) -> str:
    """The inverse of `cell`, for a cell that may have been typed anew or lost its apostrophe."""
    held = canonical(held)
    return held[1:] if held.startswith("'") and _guarded(held[1:]) else held


def _guarded(held: str) -> bool:
    """Whether a spreadsheet may take it for a formula, a number, a date or a truth: `=1`, `0042`, `3 May 2026`."""
    bare = held.lstrip("'")
    figures = any(each.isdigit() for each in bare) and all(map(_OF_A_NUMBER.fullmatch, _WORD.findall(bare)))
    return safe(held) != held or figures or bare.casefold() in _TRUTHS


class Sheet:
    """A review file that rows are added to; begun with the first."""

    def __init__(self, path: Path) -> None:
        """Look at what is there.

        Raises:
            BadInput: the file is no review file, is not UTF-8, or cannot be read or written.
        """
        self.rows: list[Reviewed] = []
        self._path, self._form, self._end = path, _Form(), b""
        if path.is_dir():
            raise BadInput(f"--out {path}: is a folder; name a file, such as drafts.csv")
        if path.exists():
            raw = _bytes(path)
            try:
                raw.decode("utf-8")
            except UnicodeDecodeError as error:
                said = "is not UTF-8 any more, so no row can be added; save it as CSV UTF-8, or draft into a new file"
                raise BadInput(f"--out {path}: {said}") from error
            self._form, records = _records(raw, path)
            if not raw.endswith(b"\n"):
                if _torn(raw, records[-1:], self._form):
                    records.pop()
                else:
                    self._end = b"\n"
            self.rows = _reviewed(self._form, records, path, strict=False)
        self._lines = Lines(path)
        self._begun = path.exists()

    def add(self, candidate: Candidate) -> None:
        """Write one row down; it is safe when this returns.

        Raises:
            OSError: the disk is full or gone.
        """
        if self._end:
            with self._path.open("ab") as file:
                file.write(self._end)
            self._end = b""
        if not self._begun:
            self._lines.append(_MARK + self._form.line(COLUMNS))
            self._begun = True
        self._lines.append(self._form.line([_cells(candidate).get(name, "") for name in self._form.heads]))

    def close(self) -> None:
        """Close the file."""
        self._lines.close()


class _Form:
    """How the rows of one file are written."""

    def __init__(self, delimiter: str = ",", quote: str = '"', heads: Sequence[str] = COLUMNS) -> None:
        self.delimiter, self.quote, self.heads = delimiter, quote, tuple(heads)

    def line(self, cells: Sequence[str]) -> bytes:
        """A row, every cell quoted, with the half of its end that `Lines` does not write."""
        out = io.StringIO()
        csv.writer(
            out, delimiter=self.delimiter, quotechar=self.quote, quoting=csv.QUOTE_ALL, lineterminator="\r"
        ).writerow(cells)
        return out.getvalue().encode()


def read(path: Path) -> list[Reviewed]:
    """Read a reviewed file.

    Raises:
        BadInput: it is not there or no review file, or a row is wrong; names the row as a spreadsheet numbers it.
    """
    form, records = _records(_bytes(path), path)
    return _reviewed(form, records, path, strict=True)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInput(f"{path} is not there; name the file that `workbench ask-draft` wrote.") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); name a readable file.") from None


def _records(raw: bytes, path: Path) -> tuple[_Form, list[tuple[int, list[str]]]]:
    """How a file is written, and its rows but the heads with their numbers."""
    if raw.startswith(b"PK\x03\x04"):
        raise BadInput(f"{path} is a workbook; save it as CSV (UTF-8).")
    whole = foreign.decoded(raw, Tally(), path.name).removeprefix("\ufeff")
    before = 1
    if whole[:4].lower() == "sep=":  # Excel's own way to name the separator
        whole, before = whole.partition("\n")[2], 2
    first = re.split(r"[\r\n]", whole, maxsplit=1)[0]
    forms = [_Form(delimiter, quote) for delimiter in ",;\t|" for quote in "\"'"]
    form = max(forms, key=lambda one: len(set(_heads(one, first)) & set(COLUMNS)))
    form.heads = tuple(_heads(form, first))
    missing = [name for name in COLUMNS if name in _NEEDED and name not in form.heads]
    if missing:
        said = f"has no column {', '.join(missing)}; name a file that `workbench ask-draft` wrote"
        raise BadInput(f"{path} {said}, with its heads in the first row.")
    try:
        rows = list(csv.reader(io.StringIO(whole, newline=""), delimiter=form.delimiter, quotechar=form.quote))
    except csv.Error as error:
        raise BadInput(f"{path} is no CSV ({error}); save it again as CSV (UTF-8).") from None
    numbered = [(number, row) for number, row in enumerate(rows, before) if any(each.strip() for each in row)]
    return form, numbered[1:]


def _torn(raw: bytes, last: list[tuple[int, list[str]]], form: "_Form") -> bool:
    """Whether the file ends in half a row of ours, as after a power cut; `Lines` drops it before it adds another."""
    tail = raw[raw.rfind(b"\n") + 1 :]
    return b"\n" in raw and tail.startswith(b'"draft-') and any(len(row) < len(form.heads) for _, row in last)


def _heads(form: _Form, line: str) -> list[str]:
    try:
        (row,) = csv.reader([line], delimiter=form.delimiter, quotechar=form.quote)
    except (csv.Error, ValueError):
        return []
    return [each.strip().casefold() for each in row]


def _reviewed(form: _Form, records: list[tuple[int, list[str]]], path: Path, strict: bool) -> list[Reviewed]:
    """The rows; where not strict, verdicts are not looked at yet."""
    found: list[Reviewed] = []
    rows: dict[str, int] = {}
    for number, row in records:
        if any(each.strip() for each in row[len(form.heads) :]):
            said = "has more cells than the first row has heads; quote the cell that holds the separator"
            raise BadInput(f"{path}, row {number}: {said}.")
        values = dict(zip(form.heads, map(text, row), strict=False))
        said = values.get("verdict", "").casefold()
        if strict and said not in VERDICTS:
            shown = ids.shown(values["verdict"])
            raise BadInput(f"{path}, row {number}: the verdict is {shown}; write ok, edit or no, or leave it empty.")
        id = values.get("id", "")
        if fault := ids.fault(id):
            raise BadInput(f"{path}, row {number}: the id {fault}.")
        if id in rows:
            raise BadInput(f"{path}, row {number}: has the id of row {rows[id]}; remove one of the two.")
        rows[id] = number
        candidate = Candidate(
            **{name: values.get(name, "") for name in COLUMNS if name not in ("derived", "verdict", "note")},
            derived=values.get("derived", "").casefold() in ("yes", "x", "1", "true"),
        )
        found.append(Reviewed(number, candidate, VERDICTS.get(said, "")))
    return found


def _cells(candidate: Candidate) -> dict[str, str]:
    held = {name: getattr(candidate, name) for name in Candidate.__slots__}
    return {name: cell(value) for name, value in held.items() if isinstance(value, str)} | {
        "derived": "yes" if candidate.derived else ""
    }
