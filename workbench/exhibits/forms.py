"""A document and the ending of a file in, the file's content out: a web page, a workbook or Markdown."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from workbench import __version__
from workbench.errors import BadInput
from workbench.exhibits.document import Document, to_markdown
from workbench.exhibits.webpage import to_html
from workbench.exhibits.workbook import to_xlsx

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FORMS: Mapping[str, Callable[[Document], str | bytes]] = {"html": to_html, "md": to_markdown, "xlsx": to_xlsx}
"""By ending. A web page with a figure takes 5 MB."""


def made(document: Document, ending: str) -> bytes:
    """The file's bytes.

    Raises:
        BadInput: no such form.
    """
    check(ending)
    content = FORMS[ending](document)
    return content if isinstance(content, bytes) else content.encode()


def check(ending: str) -> None:
    """Refuse what is no ending of a report, before it is made.

    Raises:
        BadInput: no such form.
    """
    if ending not in FORMS:
        raise BadInput(f"a report cannot be a .{ending} file; name it .{', .'.join(FORMS)}")


def when() -> str:
    """When and by what a document is made, as the beginning of a sentence."""
    return f"Made {datetime.now(UTC):%Y-%m-%d %H:%M} UTC by workbench {__version__}"
