"""An experiment and a file's name in, one self-contained report out: what the app offers, without the app."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.api.words import in_python

if TYPE_CHECKING:
    from workbench.api.experiments import Experiment
    from workbench.planning.plan import Plan


@in_python
def report(experiment: Experiment | str | Path, path: str | Path, *, plan: Plan | None = None, track: str = "") -> Path:
    """Write one file to hand on: every figure with its table, sentence and source.

    Args:
        experiment: of `wb.run` or `wb.open`, or its folder.
        path: ends in .html (opens without a network; 5 MB), .md (without pictures) or .xlsx (a sheet for each table).
        plan: of `wb.simulate`: told at the end; None: no part of it.
        track: parity or native; empty: the first there is.

    Returns:
        The file.

    Raises:
        BadInput: another ending, nothing was run on the track, or the file cannot be written.

    Source: `workbench.exhibits.gallery.sections`, the parts of the app's own report.
    """
    from workbench.api.experiments import opened
    from workbench.api.figures import chosen_track
    from workbench.errors import BadInput
    from workbench.exhibits import forms, gallery
    from workbench.exhibits.document import Document

    one, file = opened(experiment), Path(path)
    forms.check(file.suffix.lstrip("."))
    about = one.saved.about()
    title = f"RAG workbench: {about['workload']['name']}, {about['started'][:10]}"
    parts = gallery.sections(one, chosen_track(one, track), plan)
    content = forms.made(Document(title, f"{forms.when()}.", parts), file.suffix.lstrip("."))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError as error:
        raise BadInput(f"{file}: cannot be written ({error.strerror})") from error
    return file
